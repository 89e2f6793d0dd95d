/*
 * policy_bound.c
 *		Which tables are protected, what protect() bound, and whether all that
 *		holds them is there.
 *
 * Every plan and every UPDATE on a protected table wants to know, so the
 * answers are kept for the session.  Invalidation source: relcache
 * invalidations of the table, which policies and triggers belong to, and
 * changes of any function.  That something is missing is not kept.
 */
#include "postgres.h"
#include "compat.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/pg_policy.h"
#include "catalog/pg_trigger.h"
#include "nodes/primnodes.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "catalog.h"
#include "functions.h"
#include "plans.h"
#include "policy.h"

/* the functions of the triggers without which a table is not intact */
static const OwnFunction intact_triggers[] = {
	FUNCTION_GUARD, FUNCTION_REFUSE_TRUNCATE, FUNCTION_REQUIRE_IDENTITY
};

typedef struct BoundEntry
{
	Oid			relid;			/* hash key */
	bool		known;
	MemoryContext context;		/* of call */
	FuncExpr   *call;			/* NULL: not protected */
	bool		intact;			/* all is there; false: not known */
	Oid			triggers[lengthof(intact_triggers)];	/* by these functions */
} BoundEntry;

static HTAB *entries = NULL;
static uint64 changes = 1;		/* of relations */
static uint64 invalidations = 0;	/* of anything */

/*
 * Whether the table has ambit's trigger.  Anybody may write a policy that
 * looks like ambit's on a table of their own, but nobody else may make a
 * trigger of this function.
 */
static bool
has_trigger(Oid relid)
{
	Oid			function = functions_find(FUNCTION_REFUSE_TRUNCATE);
	Relation	triggers;
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;
	bool		found = false;

	if (!OidIsValid(function))
		return false;
	triggers = table_open(TriggerRelationId, AccessShareLock);
	ScanKeyInit(&key, Anum_pg_trigger_tgrelid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(relid));
	scan = systable_beginscan(triggers, TriggerRelidNameIndexId, true, NULL, 1, &key);
	while (!found && (tuple = systable_getnext(scan)) != NULL)
		found = ((Form_pg_trigger) GETSTRUCT(tuple))->tgfoid == function;
	systable_endscan(scan);
	table_close(triggers, AccessShareLock);
	return found;
}

/*
 * Whether a whole row or a system column is among the arguments: protect() and
 * add_rule() name none, but the owner of a table may write any policy.
 */
bool
policy_names_no_column(List *args)
{
	ListCell   *lc;

	foreach(lc, args)
		if (IsA(lfirst(lc), Var) && ((Var *) lfirst(lc))->varattno <= 0)
			return true;
	return false;
}

/*
 * Reads the call of ambit._bound() in the check of the permissive policy of a
 * table; NULL when the table is not protected.
 */
static FuncExpr *
read_call(Oid relid)
{
	Relation	policies = table_open(PolicyRelationId, AccessShareLock);
	ScanKeyData keys[2];
	SysScanDesc scan;
	HeapTuple	tuple;
	FuncExpr   *call = NULL;

	ScanKeyInit(&keys[0], Anum_pg_policy_polrelid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(relid));
	ScanKeyInit(&keys[1], Anum_pg_policy_polname, BTEqualStrategyNumber, F_NAMEEQ,
				CStringGetDatum("ambit"));
	scan = systable_beginscan(policies, PolicyPolrelidPolnameIndexId, true, NULL, 2, keys);
	if ((tuple = systable_getnext(scan)) != NULL)
	{
		bool		isnull;
		Datum		check = heap_getattr(tuple, Anum_pg_policy_polwithcheck,
										 RelationGetDescr(policies), &isnull);
		Node	   *node = isnull ? NULL : stringToNode(TextDatumGetCString(check));

		if (node && IsA(node, FuncExpr))
		{
			FuncExpr   *found = (FuncExpr *) node;

			if (found->funcid == functions_find(FUNCTION_BOUND) &&
				!policy_names_no_column(found->args))
				call = found;
		}
	}
	systable_endscan(scan);
	table_close(policies, AccessShareLock);
	return call != NULL && has_trigger(relid) ? call : NULL;
}

/*
 * Forgets what is known of a table, or, InvalidOid, of all.  In callbacks, so it
 * frees nothing: somebody may be copying.
 */
static void
forget(Oid relid)
{
	BoundEntry *entry;
	HASH_SEQ_STATUS seq;

	invalidations++;
	if (OidIsValid(relid))
	{
		if ((entry = hash_search(entries, &relid, HASH_FIND, NULL)) != NULL)
			entry->known = entry->intact = false;
		return;
	}
	hash_seq_init(&seq, entries);
	while ((entry = hash_seq_search(&seq)) != NULL)
		entry->known = entry->intact = false;
}

/*
 * Relcache callback.
 */
static void
relation_changed(Datum arg, Oid relid)
{
	changes++;
	forget(relid);
}

/*
 * Syscache callback.  Any function may stand in a policy.
 */
static void
function_changed(Datum arg, int cacheid, uint32 hashvalue)
{
	if (!plans_being_forgotten)
		forget(InvalidOid);
}

static void
make_entries(void)
{
	HASHCTL		ctl = {0};

	ctl.keysize = sizeof(Oid);
	ctl.entrysize = sizeof(BoundEntry);
	entries = hash_create("ambit bound columns", 16, &ctl, HASH_ELEM | HASH_BLOBS);
	CacheRegisterRelcacheCallback(relation_changed, (Datum) 0);
	CacheRegisterSyscacheCallback(PROCOID, function_changed, (Datum) 0);
}

/*
 * The entry of a table; a new one says nothing.
 */
static BoundEntry *
enter(Oid relid)
{
	bool		found;
	BoundEntry *entry = hash_search(entries, &relid, HASH_ENTER, &found);

	if (!found)
	{
		entry->known = entry->intact = false;
		entry->context = NULL;
		entry->call = NULL;
	}
	return entry;
}

uint64
policy_changes(void)
{
	if (entries == NULL)
		make_entries();
	return changes;
}

/*
 * What is known of a table; NULL: nothing.
 */
static const BoundEntry *
find(Oid relid)
{
	const BoundEntry *entry;

	if (entries == NULL)
		make_entries();
	/* as reading them would: an ancestor of the table written to may not be locked */
	AcceptInvalidationMessages();
	entry = hash_search(entries, &relid, HASH_FIND, NULL);
	return entry != NULL && entry->known ? entry : NULL;
}

bool
policy_is_protected(Oid relid)
{
	const BoundEntry *known = find(relid);

	return known ? known->call != NULL : policy_bound_call(relid) != NULL;
}

/*
 * The call of ambit._bound() in the permissive policy of a table, as a fresh
 * node tree; NULL when the table is not protected.
 */
FuncExpr *
policy_bound_call(Oid relid)
{
	const BoundEntry *known = find(relid);
	BoundEntry *entry;
	MemoryContext context = NULL,
				old;
	FuncExpr   *call;
	FuncExpr   *kept = NULL;
	uint64		seen;

	if (known)
		return copyObject(known->call);

	seen = invalidations;
	call = read_call(relid);
	if (call != NULL)
	{
		context = AllocSetContextCreate(CurrentMemoryContext, "ambit bound columns",
										ALLOCSET_SMALL_SIZES);
		old = MemoryContextSwitchTo(context);
		kept = copyObject(call);
		MemoryContextSwitchTo(old);
	}
	/* complete it first, publish it last */
	entry = enter(relid);
	if (entry->context != NULL)
		MemoryContextDelete(entry->context);
	if (context != NULL)
		MemoryContextSetParent(context, CacheMemoryContext);
	entry->context = context;
	entry->call = kept;
	entry->known = (invalidations == seen);
	return call;
}

bool
policy_is_intact(Oid relid)
{
	BoundEntry *entry;
	Oid			triggers[lengthof(intact_triggers)];
	uint64		seen;

	if (entries == NULL)
		make_entries();
	AcceptInvalidationMessages();
	for (int i = 0; i < lengthof(intact_triggers); i++)
		triggers[i] = functions_find(intact_triggers[i]);
	entry = hash_search(entries, &relid, HASH_FIND, NULL);
	if (entry != NULL && entry->intact && memcmp(entry->triggers, triggers, sizeof(triggers)) == 0)
		return true;

	seen = invalidations;
	if (!policy_look_intact(relid))
		return false;
	entry = enter(relid);
	memcpy(entry->triggers, triggers, sizeof(triggers));
	entry->intact = (invalidations == seen);
	return true;
}
