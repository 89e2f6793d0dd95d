/*
 * triggers.c
 *		Which triggers fire beside the guard.
 */
#include "postgres.h"
#include "compat.h"

#include "access/relation.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_trigger.h"
#include "commands/trigger.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "functions.h"
#include "policy.h"
#include "ruleset.h"
#include "triggers.h"

/*
 * No BEFORE trigger may change the row after the guard has looked at it.
 */
void
triggers_check_order(Relation rel, const Trigger *guard)
{
	const TriggerDesc *triggers = rel->trigdesc;
	int			i = 0;

	while (i < triggers->numtriggers && triggers->triggers[i].tgoid != guard->tgoid)
		i++;
	for (i++; i < triggers->numtriggers; i++)
	{
		const Trigger *later = &triggers->triggers[i];

		if (TRIGGER_FOR_ROW(later->tgtype) && TRIGGER_FOR_BEFORE(later->tgtype) &&
			TRIGGER_FOR_UPDATE(later->tgtype) && later->tgenabled != TRIGGER_DISABLED)
			ereport(ERROR,
					(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					 errmsg("cannot update protected table \"%s\"", RelationGetRelationName(rel)),
					 errdetail("Trigger \"%s\" fires after ambit's, which could not check what it changes.",
							   later->tgname),
					 errhint("Rename it, so that it comes before \"%s\" in the order of names.",
							 guard->tgname)));
	}
}

/*
 * Whether this function, always, is all that fires before an event.
 */
static bool
is_alone(const TriggerDesc *triggers, Oid function, int16 level, int16 event)
{
	int			found = 0;

	for (int i = 0; triggers != NULL && i < triggers->numtriggers; i++)
	{
		const Trigger *trigger = &triggers->triggers[i];

		if (!TRIGGER_TYPE_MATCHES(trigger->tgtype, level, TRIGGER_TYPE_BEFORE, event) ||
			trigger->tgenabled == TRIGGER_DISABLED)
			continue;
		if (trigger->tgfoid != function || trigger->tgenabled != TRIGGER_FIRES_ALWAYS ||
			trigger->tgqual != NULL)
			return false;
		found++;
	}
	return found == 1;
}

bool
triggers_guard_is_alone(const TriggerDesc *triggers, Oid guard)
{
	return is_alone(triggers, guard, TRIGGER_TYPE_ROW, TRIGGER_TYPE_UPDATE);
}

bool
triggers_identity_is_alone(const TriggerDesc *triggers, int16 event)
{
	return is_alone(triggers, functions_find(FUNCTION_REQUIRE_IDENTITY), TRIGGER_TYPE_STATEMENT, event);
}

static bool
has_insert_triggers(Relation rel)
{
	for (int i = 0; rel->trigdesc != NULL && i < rel->trigdesc->numtriggers; i++)
	{
		const Trigger *trigger = &rel->trigdesc->triggers[i];

		if (TRIGGER_FOR_ROW(trigger->tgtype) && TRIGGER_FOR_BEFORE(trigger->tgtype) &&
			TRIGGER_FOR_INSERT(trigger->tgtype) && trigger->tgenabled != TRIGGER_DISABLED)
			return true;
	}
	return false;
}

/*
 * A row that moves to another partition is inserted there, after the guard:
 * triggers of the application could change it once more.
 */
void
triggers_check_move(Oid root)
{
	ListCell   *lc;

	foreach(lc, find_all_inheritors(root, AccessShareLock, NULL))
	{
		Relation	part = relation_open(lfirst_oid(lc), NoLock);

		if (has_insert_triggers(part))
			ereport(ERROR,
					(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					 errmsg("cannot move rows between partitions of protected table \"%s\"",
							get_rel_name(root)),
					 errdetail("\"%s\" has BEFORE INSERT triggers, and ambit could not check what they change.",
							   RelationGetRelationName(part)),
					 errhint("Delete the row and insert it again.")));
		relation_close(part, NoLock);
	}
}

static bool
has_guard(Relation rel, Oid function)
{
	for (int i = 0; rel->trigdesc != NULL && i < rel->trigdesc->numtriggers; i++)
	{
		const Trigger *trigger = &rel->trigdesc->triggers[i];

		if (trigger->tgfoid == function && trigger->tgenabled == TRIGGER_FIRES_ALWAYS &&
			trigger->tgqual == NULL)
			return true;
	}
	return false;
}

void
triggers_check_parts(Relation rel)
{
	Oid			function = functions_find(FUNCTION_GUARD);
	uint64		now = ruleset_invalidations();
	RuleSet    *set;
	ListCell   *lc;

	if (!rel->rd_rel->relhassubclass)
		return;
	set = ruleset_find(RelationGetRelid(rel));
	if (set->guarded == now)
		return;
	foreach(lc, find_all_inheritors(RelationGetRelid(rel), AccessShareLock, NULL))
	{
		Relation	part = relation_open(lfirst_oid(lc), NoLock);

		if (!has_guard(part, function))
			ereport(ERROR,
					(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					 errmsg("cannot update protected table \"%s\"", RelationGetRelationName(rel)),
					 errdetail("Its part \"%s\" does not have trigger \"%s\", enabled always.",
							   RelationGetRelationName(part), GUARD_TRIGGER),
					 errhint("Call ambit.unprotect() and ambit.protect(), and add the rules again.")));
		relation_close(part, NoLock);
	}
	set->guarded = now;
}
