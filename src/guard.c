/*
 * guard.c
 *		Which columns of a row an UPDATE may change: the write guard.
 *
 * The policies decide which rows an UPDATE finds.  The guard is a row trigger
 * that compares the old row with the new one and wants, for every column that
 * changed, a rule that covers it and permits the rows that it has to permit.
 * It fires last of all BEFORE triggers, so that what it looks at is what will
 * be stored; where a trigger would come after it nothing may be written.
 *
 * The rules are read back from the policies (policy.c) and kept for the
 * session; what depends on the statement is kept at its trigger.
 */
#include "postgres.h"
#include "compat.h"

#include "access/attmap.h"
#include "access/relation.h"
#include "catalog/partition.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_trigger.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/executor.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "nodes/makefuncs.h"
#include "optimizer/optimizer.h"
#include "rewrite/rewriteManip.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/rls.h"
#include "utils/typcache.h"

#include "giving.h"
#include "guard.h"
#include "parent.h"
#include "permits.h"
#include "policy.h"

/* A rule of UPDATE, ready to be asked. */
typedef struct GuardRule
{
	char	   *permission;
	int			same_as;		/* the first rule with this permission */
	PermitsSite *site;			/* of that rule */
	bool		old;
	bool		new;
	Expr	   *condition;		/* NULL: none */
	bool		any_column;
	Bitmapset  *columns;
	List	   *values;			/* GuardValues; NIL: any value */
} GuardRule;

/* What a column may become. */
typedef struct GuardValue
{
	AttrNumber	column;
	Datum		value;
	Oid			collation;
	FmgrInfo	equal;
} GuardValue;

/* The rules of a protected table. */
typedef struct Guard
{
	Oid			relid;			/* hash key */
	uint64		serial;			/* never used twice */
	bool		stale;
	MemoryContext context;
	AttrNumber	bound[PERMITS_NARGS];	/* 0: not bound by the table itself */
	AttrNumber	parent_key;		/* 0: no parent */
	Parent	   *parent;
	int			nrules;
	GuardRule  *rules;
	bool		gives;			/* a rule looks at the old row alone */
} Guard;

/* What a statement's trigger keeps from row to row. */
typedef struct GuardCall
{
	bool		held;			/* row-level security holds the role */
	Oid			root;			/* the protected table */
	uint64		serial;			/* of its guard when the rest was made */
	MemoryContext context;
	AttrNumber *from_root;		/* columns of the part by those of the root; NULL: the same */
	AttrNumber *to_root;
	ExprState **conditions;		/* by rule; made when first asked */
	ExprContext *econtext;
	ParentRow	parent_row;		/* the last one that was asked for */
} GuardCall;

/* One of the two rows, and what is known of it. */
typedef struct GuardRow
{
	TupleTableSlot *slot;
	bool		bound;			/* the next two are there */
	bool		reachable;		/* false: its parent is not seen */
	Datum		values[PERMITS_NARGS];
	bool		nulls[PERMITS_NARGS];
	signed char *reached;		/* by rule: -1 not asked yet */
	signed char *permitted;		/* the same, with the condition */
} GuardRow;

static HTAB *guards = NULL;
static uint64 last_serial = 0;
static uint64 invalidations = 0;

/*
 * Relcache callback: the policies of a table may have changed, or a parent.
 */
static void
forget_guard(Datum arg, Oid relid)
{
	HASH_SEQ_STATUS seq;
	Guard	   *guard;

	invalidations++;
	if (guards == NULL)
		return;
	hash_seq_init(&seq, guards);
	while ((guard = hash_seq_search(&seq)) != NULL)
		if (!OidIsValid(relid) || guard->relid == relid ||
			(guard->parent && parent_is_about(guard->parent, relid)))
			guard->stale = true;
}

void
guard_init(void)
{
	CacheRegisterRelcacheCallback(forget_guard, (Datum) 0);
}

pg_noreturn static void raise_damaged(Relation rel);

static void
raise_damaged(Relation rel)
{
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("cannot update protected table \"%s\"", RelationGetRelationName(rel)),
			 errdetail("Its rules cannot be read from its policies."),
			 errhint("Call ambit.unprotect() and ambit.protect(), and add the rules again.")));
}

static void
make_values(GuardRule *to, const Rule *from)
{
	ListCell   *column,
			   *value;

	forboth(column, from->columns, value, from->values)
	{
		const Var  *var = lfirst(column);
		const Const *constant = lfirst(value);
		GuardValue *made = palloc0(sizeof(GuardValue));
		TypeCacheEntry *type = lookup_type_cache(getBaseType(var->vartype), TYPECACHE_EQ_OPR_FINFO);

		made->column = var->varattno;
		made->collation = var->varcollid;
		made->value = datumCopy(constant->constvalue, constant->constbyval, constant->constlen);
		fmgr_info_copy(&made->equal, &type->eq_opr_finfo, CurrentMemoryContext);
		to->values = lappend(to->values, made);
	}
}

/*
 * Reads the rules of a table, in its own memory context.
 */
static void
make_guard(Guard *guard, Relation rel)
{
	FuncExpr   *bound = policy_bound_call(RelationGetRelid(rel));
	Oid			types[PERMITS_NARGS];
	List	   *rules;
	ListCell   *lc;

	if (bound == NULL || !policy_rules(rel, &rules))
		raise_damaged(rel);
	for (int i = PERMITS_TENANT; i < PERMITS_NARGS; i++)
	{
		Node	   *arg = list_nth(bound->args, i - PERMITS_TENANT);

		types[i] = IsA(arg, Var) ? ((Var *) arg)->vartype : UNKNOWNOID;
		guard->bound[i] = IsA(arg, Var) ? ((Var *) arg)->varattno : 0;
	}
	if (IsA(list_nth(bound->args, BOUND_PARENT_KEY), Var))
	{
		guard->parent_key = ((Var *) list_nth(bound->args, BOUND_PARENT_KEY))->varattno;
		guard->parent = parent_create(bound, types);
	}
	guard->rules = palloc0(sizeof(GuardRule) * Max(list_length(rules), 1));
	foreach(lc, rules)
	{
		const Rule *rule = lfirst(lc);
		GuardRule  *made = &guard->rules[guard->nrules];
		ListCell   *column;

		if (strcmp(rule->command, "update") != 0)
			continue;
		made->permission = pstrdup(rule->permission);
		made->old = rule->old;
		made->new = rule->new;
		made->condition = copyObject(rule->condition);
		made->any_column = rule->any_column;
		foreach(column, rule->columns)
			made->columns = bms_add_member(made->columns, ((Var *) lfirst(column))->varattno);
		if (rule->values != NIL)
			make_values(made, rule);
		for (made->same_as = 0;
			 strcmp(guard->rules[made->same_as].permission, made->permission) != 0;
			 made->same_as++);
		made->site = made->same_as == guard->nrules ?
			permits_site(types, CurrentMemoryContext) : guard->rules[made->same_as].site;
		guard->gives |= !made->new;
		guard->nrules++;
	}
}

/*
 * The guard of a protected table, as its policies are now.
 */
static Guard *
find_guard(Oid relid)
{
	Guard	   *guard;
	Guard		made = {0};
	Relation	rel;
	MemoryContext old;
	uint64		seen;

	if (guards == NULL)
	{
		HASHCTL		ctl = {0};

		ctl.keysize = sizeof(Oid);
		ctl.entrysize = sizeof(Guard);
		guards = hash_create("ambit guards", 16, &ctl, HASH_ELEM | HASH_BLOBS);
	}
	guard = hash_search(guards, &relid, HASH_FIND, NULL);
	if (guard && !guard->stale)
		return guard;
	if (guard)
	{
		/* a row may be in the midst of being looked at */
		MemoryContextSetParent(guard->context, TopTransactionContext);
		hash_search(guards, &relid, HASH_REMOVE, NULL);
	}

	seen = invalidations;
	rel = relation_open(relid, AccessShareLock);
	made.relid = relid;
	made.serial = ++last_serial;
	made.context = AllocSetContextCreate(CurrentMemoryContext, "ambit guard",
										 ALLOCSET_SMALL_SIZES);
	old = MemoryContextSwitchTo(made.context);
	make_guard(&made, rel);
	MemoryContextSwitchTo(old);
	relation_close(rel, AccessShareLock);
	/* complete it first, publish it last */
	guard = hash_search(guards, &relid, HASH_ENTER, NULL);
	*guard = made;
	guard->stale = (invalidations != seen);
	MemoryContextSetParent(guard->context, CacheMemoryContext);
	return guard;
}

/*
 * The protected table of which this one is a part, or itself.
 */
static Oid
find_root(Relation rel)
{
	Oid			relid = RelationGetRelid(rel);
	Oid			root = InvalidOid;
	List	   *above;
	ListCell   *lc;

	if (policy_bound_call(relid) != NULL)
		return relid;
	above = policy_ancestors(relid);
	foreach(lc, above)
	{
		if (policy_bound_call(lfirst_oid(lc)) == NULL)
			continue;
		/* which of two was written to is not known here */
		if (OidIsValid(root))
			raise_damaged(rel);
		root = lfirst_oid(lc);
	}
	if (!OidIsValid(root))
		raise_damaged(rel);
	return root;
}

/*
 * No BEFORE trigger may change the row after the guard has looked at it.
 */
static void
check_order(Relation rel, const Trigger *guard)
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
 * How the columns of a part and of the protected table correspond.
 */
static void
map_columns(GuardCall *call, Relation rel, Relation root)
{
	TupleDesc	mine = RelationGetDescr(rel);
	TupleDesc	theirs = RelationGetDescr(root);

	call->from_root = MemoryContextAllocZero(call->context,
											 sizeof(AttrNumber) * (theirs->natts + 1));
	call->to_root = MemoryContextAllocZero(call->context,
										   sizeof(AttrNumber) * (mine->natts + 1));
	for (int i = 1; i <= mine->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(mine, i - 1);

		if (att->attisdropped)
			continue;
		call->to_root[i] = get_attnum(RelationGetRelid(root), NameStr(att->attname));
		if (AttributeNumberIsValid(call->to_root[i]))
			call->from_root[call->to_root[i]] = i;
	}
}

/*
 * The first row of a statement: who writes, and to what.
 */
static GuardCall *
start_call(FmgrInfo *flinfo, TriggerData *trigger)
{
	Relation	rel = trigger->tg_relation;
	GuardCall  *call = MemoryContextAllocZero(flinfo->fn_mcxt, sizeof(GuardCall));

	call->root = find_root(rel);
	call->held = check_enable_rls(call->root, InvalidOid, true) == RLS_ENABLED;
	call->context = AllocSetContextCreate(flinfo->fn_mcxt, "ambit guard call",
										  ALLOCSET_SMALL_SIZES);
	if (call->held)
		check_order(rel, trigger->tg_trigger);
	flinfo->fn_extra = call;
	return call;
}

/*
 * What the statement keeps was made for other rules.
 */
static void
renew_call(GuardCall *call, const Guard *guard, Relation rel)
{
	MemoryContext old;

	call->serial = 0;
	MemoryContextReset(call->context);
	memset(&call->parent_row, 0, sizeof(ParentRow));
	call->parent_row.context = call->context;
	call->from_root = call->to_root = NULL;
	call->econtext = NULL;
	old = MemoryContextSwitchTo(call->context);
	if (call->root != RelationGetRelid(rel))
	{
		Relation	root = relation_open(call->root, AccessShareLock);

		map_columns(call, rel, root);
		relation_close(root, AccessShareLock);
	}
	call->conditions = palloc0(sizeof(ExprState *) * Max(guard->nrules, 1));
	MemoryContextSwitchTo(old);
	call->serial = guard->serial;
}

static inline AttrNumber
from_root(const GuardCall *call, AttrNumber column)
{
	return call->from_root ? call->from_root[column] : column;
}

static inline AttrNumber
to_root(const GuardCall *call, AttrNumber column)
{
	return call->to_root ? call->to_root[column] : column;
}

/*
 * The bound columns of a row; false when its parent is not seen.
 */
static bool
bind_row(const Guard *guard, GuardCall *call, GuardRow *row)
{
	if (row->bound)
		return row->reachable;
	row->bound = true;
	for (int i = PERMITS_TENANT; i < PERMITS_NARGS; i++)
	{
		row->nulls[i] = true;
		row->values[i] = (Datum) 0;
		if (guard->bound[i] != 0)
			row->values[i] = slot_getattr(row->slot, from_root(call, guard->bound[i]),
										  &row->nulls[i]);
	}
	row->reachable = true;
	if (guard->parent)
	{
		bool		isnull;
		Datum		key = slot_getattr(row->slot, from_root(call, guard->parent_key), &isnull);

		row->reachable = !isnull && parent_fetch(guard->parent, &call->parent_row, key);
		for (int i = PERMITS_TENANT; row->reachable && i < PERMITS_NARGS; i++)
			if (guard->bound[i] == 0)
			{
				row->values[i] = call->parent_row.values[i];
				row->nulls[i] = call->parent_row.nulls[i];
			}
	}
	return row->reachable;
}

/*
 * The condition of a rule, compiled for the columns of the table at hand.
 */
static ExprState *
condition_state(const Guard *guard, GuardCall *call, int i, Relation rel)
{
	MemoryContext old;
	Expr	   *condition;

	if (call->conditions[i] != NULL)
		return call->conditions[i];
	old = MemoryContextSwitchTo(call->context);
	condition = copyObject(guard->rules[i].condition);
	if (call->from_root)
	{
		Relation	root = relation_open(call->root, AccessShareLock);
		int			natts = RelationGetDescr(root)->natts;
		AttrMap    *map = make_attrmap(natts);
		bool		whole_row;

		relation_close(root, AccessShareLock);
		for (int column = 1; column <= natts; column++)
			map->attnums[column - 1] = call->from_root[column];
		condition = (Expr *) map_variable_attnos((Node *) condition, 1, 0, map,
												 RelationGetForm(rel)->reltype, &whole_row);
	}
	if (call->econtext == NULL)
		call->econtext = CreateStandaloneExprContext();
	call->conditions[i] = ExecInitExpr(expression_planner(condition), NULL);
	MemoryContextSwitchTo(old);
	return call->conditions[i];
}

/*
 * Whether a rule permits a row: its permission reaches it, and its condition
 * holds.
 */
static bool
permits(const Guard *guard, GuardCall *call, GuardRow *row, int i, Relation rel)
{
	const GuardRule *rule = &guard->rules[i];

	if (row->permitted[i] >= 0)
		return row->permitted[i];
	if (row->reached[rule->same_as] < 0)
		row->reached[rule->same_as] = bind_row(guard, call, row) &&
			permits_row(rule->site, rule->permission, row->values, row->nulls, false);
	row->permitted[i] = row->reached[rule->same_as];
	if (row->permitted[i] && rule->condition != NULL)
	{
		ExprState  *state = condition_state(guard, call, i, rel);
		bool		isnull;
		Datum		holds;

		call->econtext->ecxt_scantuple = row->slot;
		holds = ExecEvalExprSwitchContext(state, call->econtext, &isnull);
		row->permitted[i] = !isnull && DatumGetBool(holds);
		ResetExprContext(call->econtext);
	}
	return row->permitted[i];
}

/*
 * Whether a rule is about such a change of a column.
 */
static bool
covers(const GuardRule *rule, AttrNumber column, Datum value, bool isnull)
{
	ListCell   *lc;

	if (rule->any_column)
		return true;
	if (!bms_is_member(column, rule->columns))
		return false;
	if (rule->values == NIL)
		return true;
	foreach(lc, rule->values)
	{
		GuardValue *wanted = lfirst(lc);

		if (wanted->column == column)
			return !isnull && DatumGetBool(FunctionCall2Coll(&wanted->equal, wanted->collation,
															 value, wanted->value));
	}
	return false;
}

static bool
same_value(Form_pg_attribute att, Datum a, Datum b)
{
	if (att->attbyval)
		return a == b;
	if (DatumGetPointer(a) == DatumGetPointer(b))
		return true;
	return datum_image_eq(a, b, false, att->attlen);
}

/*
 * Notes that a column may not change, and who could have changed it.
 */
static void
note_refused(const Guard *guard, AttrNumber column, Form_pg_attribute att, Datum value,
			 bool isnull, List **columns, List **permissions)
{
	*columns = lappend(*columns, NameStr(att->attname));
	for (int i = 0; i < guard->nrules; i++)
		if (covers(&guard->rules[i], column, value, isnull))
			*permissions = list_append_unique(*permissions,
											  makeString(guard->rules[guard->rules[i].same_as].permission));
}

pg_noreturn static void raise_refused(Relation rel, List *columns, List *permissions);

static void
raise_refused(Relation rel, List *columns, List *permissions)
{
	StringInfoData names;
	StringInfoData needed;
	ListCell   *lc;

	initStringInfo(&names);
	foreach(lc, columns)
		appendStringInfo(&names, "%s\"%s\"", names.len ? ", " : "", (char *) lfirst(lc));
	initStringInfo(&needed);
	foreach(lc, permissions)
		appendStringInfo(&needed, "%s%s", needed.len ? ", " : "", strVal(lfirst(lc)));
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg_plural("permission denied to change column %s of table \"%s\"",
						   "permission denied to change columns %s of table \"%s\"",
						   list_length(columns), names.data, RelationGetRelationName(rel)),
			 permissions == NIL ? errdetail("No rule covers such a change.") :
			 errdetail_plural("Such a change needs permission %s for the row.",
							  "Such a change needs one of the permissions %s for the row.",
							  list_length(permissions), needed.data)));
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
static void
check_move(const GuardCall *call, Relation rel, List *changed)
{
	bool		moves = false;
	ListCell   *lc;

	foreach(lc, get_partition_ancestors(RelationGetRelid(rel)))
	{
		Relation	above = relation_open(lfirst_oid(lc), AccessShareLock);
		Bitmapset  *columns = NULL;
		bool		in_expression;
		ListCell   *name;

		foreach(name, changed)
			columns = bms_add_member(columns,
									 get_attnum(lfirst_oid(lc), lfirst(name)) -
									 FirstLowInvalidHeapAttributeNumber);
		moves |= has_partition_attrs(above, columns, &in_expression);
		relation_close(above, AccessShareLock);
	}
	if (!moves)
		return;
	foreach(lc, find_all_inheritors(call->root, AccessShareLock, NULL))
	{
		Relation	part = relation_open(lfirst_oid(lc), NoLock);

		if (has_insert_triggers(part))
			ereport(ERROR,
					(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					 errmsg("cannot move rows between partitions of protected table \"%s\"",
							get_rel_name(call->root)),
					 errdetail("\"%s\" has BEFORE INSERT triggers, and ambit could not check what they change.",
							   RelationGetRelationName(part)),
					 errhint("Delete the row and insert it again.")));
		relation_close(part, NoLock);
	}
}

/*
 * Compares the rows column by column; an error if a change is not permitted.
 * Returns whether the row is given away: each change is permitted by a rule
 * that looks at the old row alone.
 */
static bool
check_changes(const Guard *guard, GuardCall *call, TriggerData *trigger)
{
	Relation	rel = trigger->tg_relation;
	TupleDesc	desc = RelationGetDescr(rel);
	GuardRow	rows[2] = {{.slot = trigger->tg_trigslot}, {.slot = trigger->tg_newslot}};
	signed char *asked = palloc(4 * Max(guard->nrules, 1));
	bool		given = guard->gives;
	List	   *changed = NIL;
	List	   *refused = NIL;
	List	   *permissions = NIL;

	memset(asked, -1, 4 * Max(guard->nrules, 1));
	for (int i = 0; i < 2; i++)
	{
		slot_getallattrs(rows[i].slot);
		rows[i].reached = asked + 2 * i * guard->nrules;
		rows[i].permitted = asked + (2 * i + 1) * guard->nrules;
	}
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);
		AttrNumber	column;
		Datum		value = rows[1].slot->tts_values[i];
		bool		isnull = rows[1].slot->tts_isnull[i];
		bool		permitted = false;
		bool		by_old = false;

		if (att->attisdropped || att->attgenerated)
			continue;
		if (isnull == rows[0].slot->tts_isnull[i] &&
			(isnull || same_value(att, rows[0].slot->tts_values[i], value)))
			continue;
		changed = lappend(changed, NameStr(att->attname));
		column = to_root(call, i + 1);
		if (column != 0 && column == guard->bound[PERMITS_TENANT])
			ereport(ERROR,
					(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					 errmsg("permission denied to change column \"%s\" of table \"%s\"",
							NameStr(att->attname), RelationGetRelationName(rel)),
					 errdetail("The tenant of a row never changes.")));
		/* under a parent that is not seen the row could be another tenant's */
		if (guard->parent && column == guard->parent_key && !bind_row(guard, call, &rows[1]))
		{
			note_refused(guard, column, att, value, isnull, &refused, &permissions);
			continue;
		}
		for (int k = 0; k < guard->nrules && !(permitted && (by_old || !given)); k++)
		{
			const GuardRule *rule = &guard->rules[k];

			if (!covers(rule, column, value, isnull) ||
				(rule->old && !permits(guard, call, &rows[0], k, rel)) ||
				(rule->new && !permits(guard, call, &rows[1], k, rel)))
				continue;
			permitted = true;
			by_old |= !rule->new;
		}
		given &= by_old;
		if (!permitted)
			note_refused(guard, column, att, value, isnull, &refused, &permissions);
	}
	if (refused != NIL)
		raise_refused(rel, refused, permissions);
	if (rel->rd_rel->relispartition && changed != NIL)
		check_move(call, rel, changed);
	return changed != NIL && given;
}

PG_FUNCTION_INFO_V1(ambit_guard);

/*
 * _guard() returns trigger
 */
Datum
ambit_guard(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	GuardCall  *call;
	Guard	   *guard;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_BEFORE(trigger->tg_event) ||
		!TRIGGER_FIRED_FOR_ROW(trigger->tg_event) || !TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function \"%s\" was not called by trigger manager", "ambit._guard")));
	giving_forget();
	call = fcinfo->flinfo->fn_extra;
	if (call == NULL)
		call = start_call(fcinfo->flinfo, trigger);
	if (!call->held)
		return PointerGetDatum(trigger->tg_newtuple);
	guard = find_guard(call->root);
	if (call->serial != guard->serial)
		renew_call(call, guard, trigger->tg_relation);
	if (check_changes(guard, call, trigger))
		giving_note(call->root);
	return PointerGetDatum(trigger->tg_newtuple);
}
