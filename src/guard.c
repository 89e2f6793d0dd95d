/*
 * guard.c
 *		Which columns of a row an UPDATE may change: the write guard.
 *
 * The policies decide which rows an UPDATE finds.  The guard is a row trigger
 * that compares the old row with the new one and wants, for every column that
 * changed, a rule that covers it and permits the rows that it has to permit.
 * It fires last of all BEFORE triggers, so that what it looks at is what will
 * be stored; where a trigger would come after it nothing may be written.
 * Where no other trigger fires the executor calls it without one, and looks
 * itself whether there is an identity, for which there is a statement trigger.
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
#include "optimizer/optimizer.h"
#include "rewrite/rewriteHandler.h"
#include "rewrite/rewriteManip.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/rls.h"

#include "conflict.h"
#include "functions.h"
#include "giving.h"
#include "guard.h"
#include "parent.h"
#include "permits.h"
#include "plans.h"
#include "policy.h"
#include "prune.h"
#include "recheck.h"
#include "ruleset.h"
#include "triggers.h"

/* What is kept from row to row of a table in one statement. */
typedef struct GuardCall
{
	Relation	rel;
	bool		held;			/* row-level security holds the role */
	Oid			root;			/* the protected table; InvalidOid: not known */
	const Bitmapset *assigned;	/* columns of the table in SET, as privileges number them */
	uint64		serial;			/* of the rules when the rest was made */
	MemoryContext context;
	AttrNumber *from_root;		/* columns of the part by those of the root; NULL: the same */
	AttrNumber *to_root;
	ExprState **conditions;		/* by rule; made when first asked */
	ExprContext *econtext;
	ExprState **generated;		/* by column; NULL: no column is */
	bool		any_virtual;	/* one of them is not stored */
	TupleTableSlot *computed[2];	/* the old and the new row with them */
	Bitmapset  *partition_key;	/* columns that say which partition a row is in */
	bool		may_move;		/* nothing at other partitions is in the way */
	ParentScan *parents;		/* NULL: no parent was asked for yet */
	ParentRow	parent_rows[2]; /* of the old and the new row: those asked for last */
} GuardCall;

/* One of the two rows, and what is known of it. */
typedef struct GuardRow
{
	TupleTableSlot *slot;
	ParentRow  *parent;			/* holds what it takes from its parent */
	bool		bound;			/* the next two are there */
	bool		reachable;		/* false: its parent is not seen */
	Datum		values[PERMITS_NARGS];
	bool		nulls[PERMITS_NARGS];
	signed char *reached;		/* by rule: -1 not asked yet */
	signed char *permitted;		/* the same, with the condition */
} GuardRow;

/*
 * The protected table of which this one is a part, or itself; InvalidOid when
 * there is none, or more than one and it is not known which is written to.
 */
static Oid
find_root(Relation rel)
{
	Oid			relid = RelationGetRelid(rel);
	Oid			root = InvalidOid;
	ListCell   *lc;

	if (policy_is_protected(relid))
		return relid;
	foreach(lc, policy_ancestors(relid))
	{
		if (!policy_is_protected(lfirst_oid(lc)))
			continue;
		if (OidIsValid(root))
			return InvalidOid;
		root = lfirst_oid(lc);
	}
	return root;
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
 * The guard of a table in one statement: who writes, and to what.  held: a table
 * to whose policies the role is known to be held; InvalidOid: none.
 */
static GuardCall *
make_call(MemoryContext context, Relation rel, Oid held)
{
	GuardCall  *call = MemoryContextAllocZero(context, sizeof(GuardCall));
	Oid			table;

	call->rel = rel;
	call->root = find_root(rel);
	table = OidIsValid(call->root) ? call->root : RelationGetRelid(rel);
	call->held = table == held || check_enable_rls(table, InvalidOid, true) == RLS_ENABLED;
	call->context = AllocSetContextCreate(context, "ambit guard call", ALLOCSET_SMALL_SIZES);
	return call;
}

/*
 * Expressions of generated columns.
 */
static void
prepare_generated(GuardCall *call)
{
	TupleDesc	desc = RelationGetDescr(call->rel);

	for (int i = 0; i < desc->natts; i++)
	{
		Expr	   *expression;

		if (TupleDescAttr(desc, i)->attisdropped || !TupleDescAttr(desc, i)->attgenerated)
			continue;
		if (call->generated == NULL)
		{
			call->generated = palloc0(sizeof(ExprState *) * desc->natts);
			for (int k = 0; k < 2; k++)
				call->computed[k] = MakeSingleTupleTableSlot(CreateTupleDescCopy(desc),
															 &TTSOpsVirtual);
		}
		call->any_virtual |= TupleDescAttr(desc, i)->attgenerated != ATTRIBUTE_GENERATED_STORED;
		expression = (Expr *) generation_expression(call->rel, i + 1);
		call->generated[i] = ExecInitExpr(expression_planner(expression), NULL);
	}
	if (call->generated != NULL)
		call->econtext = CreateStandaloneExprContext();
}

/*
 * The row with its generated columns: triggers fire before the stored ones of
 * a new row are computed, and virtual ones are never there.
 */
static TupleTableSlot *
compute_generated(GuardCall *call, int which, TupleTableSlot *slot, bool stored)
{
	TupleDesc	desc = RelationGetDescr(call->rel);
	TupleTableSlot *computed = call->computed[which];

	ExecClearTuple(computed);
	memcpy(computed->tts_values, slot->tts_values, sizeof(Datum) * desc->natts);
	memcpy(computed->tts_isnull, slot->tts_isnull, sizeof(bool) * desc->natts);
	computed->tts_tid = slot->tts_tid;
	slot->tts_tableOid = computed->tts_tableOid = RelationGetRelid(call->rel);
	call->econtext->ecxt_scantuple = slot;
	/* in the memory of the row: the values are looked at until it has passed */
	for (int i = 0; i < desc->natts; i++)
		if (call->generated[i] != NULL &&
			(stored || TupleDescAttr(desc, i)->attgenerated != ATTRIBUTE_GENERATED_STORED))
			computed->tts_values[i] = ExecEvalExpr(call->generated[i], call->econtext,
												   &computed->tts_isnull[i]);
	return ExecStoreVirtualTuple(computed);
}

/*
 * The columns that say which partition a row is in.
 */
static void
note_partition_key(GuardCall *call)
{
	TupleDesc	desc = RelationGetDescr(call->rel);
	ListCell   *lc;

	if (!call->rel->rd_rel->relispartition)
		return;
	foreach(lc, get_partition_ancestors(RelationGetRelid(call->rel)))
	{
		Relation	above = relation_open(lfirst_oid(lc), AccessShareLock);

		for (int i = 0; i < desc->natts; i++)
		{
			Form_pg_attribute att = TupleDescAttr(desc, i);
			AttrNumber	column = att->attisdropped ? InvalidAttrNumber :
				get_attnum(lfirst_oid(lc), NameStr(att->attname));
			bool		in_expression;

			if (AttributeNumberIsValid(column) &&
				has_partition_attrs(above,
									bms_make_singleton(column - FirstLowInvalidHeapAttributeNumber),
									&in_expression))
				call->partition_key = bms_add_member(call->partition_key, i + 1);
		}
		relation_close(above, AccessShareLock);
	}
}

/*
 * What the statement keeps was made for other rules.
 */
static void
renew_call(GuardCall *call, const RuleSet *set)
{
	MemoryContext old;

	call->serial = 0;
	MemoryContextReset(call->context);
	if (call->parents)
		parent_close(call->parents);
	else if (set->parent)
		call->parents = parent_scan(MemoryContextGetParent(call->context));
	call->from_root = call->to_root = NULL;
	call->econtext = NULL;
	call->generated = NULL;
	call->any_virtual = false;
	call->partition_key = NULL;
	call->may_move = false;
	old = MemoryContextSwitchTo(call->context);
	if (call->root != RelationGetRelid(call->rel))
	{
		Relation	root = relation_open(call->root, AccessShareLock);

		map_columns(call, call->rel, root);
		relation_close(root, AccessShareLock);
	}
	call->conditions = palloc0(sizeof(ExprState *) * Max(set->nrules, 1));
	prepare_generated(call);
	note_partition_key(call);
	MemoryContextSwitchTo(old);
	call->serial = set->serial;
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
bind_row(const RuleSet *set, GuardCall *call, GuardRow *row)
{
	if (row->bound)
		return row->reachable;
	row->bound = true;
	for (int i = PERMITS_TENANT; i < PERMITS_NARGS; i++)
	{
		row->nulls[i] = true;
		row->values[i] = (Datum) 0;
		if (set->bound[i] != 0)
			row->values[i] = slot_getattr(row->slot, from_root(call, set->bound[i]),
										  &row->nulls[i]);
	}
	row->reachable = true;
	if (set->parent)
	{
		bool		isnull;
		Datum		key = slot_getattr(row->slot, from_root(call, set->parent_key), &isnull);

		row->reachable = !isnull && parent_fetch(set->parent, call->parents, row->parent, key);
		for (int i = PERMITS_TENANT; row->reachable && i < PERMITS_NARGS; i++)
			if (set->bound[i] == 0)
			{
				row->values[i] = row->parent->values[i];
				row->nulls[i] = row->parent->nulls[i];
			}
	}
	return row->reachable;
}

/*
 * The condition of a rule, compiled for the columns of the table at hand.
 */
static ExprState *
condition_state(const RuleSet *set, GuardCall *call, int i)
{
	MemoryContext old;
	Expr	   *condition;

	if (call->conditions[i] != NULL)
		return call->conditions[i];
	old = MemoryContextSwitchTo(call->context);
	condition = copyObject(set->rules[i].condition);
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
												 RelationGetForm(call->rel)->reltype, &whole_row);
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
permits(const RuleSet *set, GuardCall *call, GuardRow *row, int i)
{
	const SetRule *rule = &set->rules[i];

	if (row->permitted[i] >= 0)
		return row->permitted[i];
	if (row->reached[rule->same_as] < 0)
		row->reached[rule->same_as] = bind_row(set, call, row) &&
			permits_row(rule->site, rule->permission, row->values, row->nulls, false);
	row->permitted[i] = row->reached[rule->same_as];
	if (row->permitted[i] && rule->condition != NULL)
	{
		ExprState  *state = condition_state(set, call, i);
		bool		isnull;
		Datum		holds;

		call->econtext->ecxt_scantuple = row->slot;
		holds = ExecEvalExprSwitchContext(state, call->econtext, &isnull);
		row->permitted[i] = !isnull && DatumGetBool(holds);
		ResetExprContext(call->econtext);
	}
	return row->permitted[i];
}

static bool
same_value(Form_pg_attribute att, Datum a, Datum b)
{
	if (att->attbyval)
		return a == b;
	if (DatumGetPointer(a) == DatumGetPointer(b))
		return true;
	/* as it is stored: what did not change is not fetched and uncompressed */
	if (att->attlen == -1 && VARSIZE_ANY(DatumGetPointer(a)) == VARSIZE_ANY(DatumGetPointer(b)) &&
		memcmp(DatumGetPointer(a), DatumGetPointer(b), VARSIZE_ANY(DatumGetPointer(a))) == 0)
		return true;
	return datum_image_eq(a, b, false, att->attlen);
}

/*
 * Notes that a column may not change, and who could have changed it.
 */
static void
note_refused(const RuleSet *set, AttrNumber column, Form_pg_attribute att, Datum value,
			 bool isnull, List **columns, List **permissions)
{
	*columns = lappend(*columns, NameStr(att->attname));
	for (int i = 0; i < set->nrules; i++)
		if (ruleset_covers(&set->rules[i], column, value, isnull))
			*permissions = list_append_unique(*permissions,
											  makeString(set->rules[set->rules[i].same_as].permission));
}

pg_noreturn static void raise_refused(Relation rel, List *columns, List *permissions);

static void
raise_refused(Relation rel, List *columns, List *permissions)
{
	StringInfoData names;
	StringInfoData needed;
	ListCell   *lc;

	plans_check_running();
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
same_column(Form_pg_attribute att, const GuardRow *rows, int i)
{
	bool		isnull = rows[1].slot->tts_isnull[i];

	return isnull == rows[0].slot->tts_isnull[i] &&
		(isnull || same_value(att, rows[0].slot->tts_values[i], rows[1].slot->tts_values[i]));
}

/*
 * Masked columns that are not open to the user in either row.  A field that
 * tenants mark may not be written then.  Others are written as the rules say,
 * but an assignment counts as a change whatever the value is: nobody finds out
 * by guessing.  Returns those that are assigned.
 */
static Bitmapset *
check_masks(const RuleSet *set, GuardCall *call, GuardRow *rows)
{
	Bitmapset  *blind = NULL;

	for (int k = 0; k < set->nmasks; k++)
	{
		const SetMask *mask = &set->masks[k];
		AttrNumber	column = from_root(call, mask->column);
		Form_pg_attribute att = TupleDescAttr(RelationGetDescr(call->rel), column - 1);
		bool		open = true;

		if (att->attgenerated ||
			(!bms_is_member(column - FirstLowInvalidHeapAttributeNumber, call->assigned) &&
			 same_column(att, rows, column - 1)))
			continue;
		for (int i = 0; open && i < 2; i++)
			open = bind_row(set, call, &rows[i]) &&
				mask_site_unmasks(mask->site, rows[i].values, rows[i].nulls);
		if (open)
			continue;
		if (mask_site_is_field(mask->site))
			ereport(ERROR,
					(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					 errmsg("permission denied to write column \"%s\" of table \"%s\"",
							NameStr(att->attname), RelationGetRelationName(call->rel)),
					 errdetail("The column is masked: permission \"%s\" does not open it in the row.",
							   mask->permission)));
		blind = bms_add_member(blind, column);
	}
	return blind;
}

/*
 * Compares the rows column by column; an error if a change is not permitted.
 * Returns whether the row is given away: each change is permitted by a rule
 * that looks at the old row alone.  generated: whether the new row has its stored
 * generated columns.
 */
static bool
check_changes(const RuleSet *set, GuardCall *call, TupleTableSlot *old, TupleTableSlot *new,
			  bool generated)
{
	Relation	rel = call->rel;
	TupleDesc	desc = RelationGetDescr(rel);
	GuardRow	rows[2] = {{.slot = old}, {.slot = new}};
	signed char *asked = palloc(4 * Max(set->nrules, 1));
	bool		given = set->gives;
	bool		changed = false;
	bool		moves = false;
	Bitmapset  *blind = NULL;
	List	   *refused = NIL;
	List	   *permissions = NIL;

	memset(asked, -1, 4 * Max(set->nrules, 1));
	for (int i = 0; i < 2; i++)
	{
		slot_getallattrs(rows[i].slot);
		if (call->generated != NULL && (call->any_virtual || (i == 1 && !generated)))
			rows[i].slot = compute_generated(call, i, rows[i].slot, i == 1 && !generated);
		rows[i].reached = asked + 2 * i * set->nrules;
		rows[i].permitted = asked + (2 * i + 1) * set->nrules;
		rows[i].parent = &call->parent_rows[i];
	}
	/* one question will do; of two parents each row keeps its own */
	if (set->parent)
	{
		int			key = from_root(call, set->parent_key) - 1;

		if (same_column(TupleDescAttr(desc, key), rows, key))
			rows[1].parent = rows[0].parent;
	}
	if (set->nmasks > 0)
		blind = check_masks(set, call, rows);
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);
		AttrNumber	column;
		Datum		value = rows[1].slot->tts_values[i];
		bool		isnull = rows[1].slot->tts_isnull[i];
		bool		is_tenant;
		bool		is_parent_key;
		bool		permitted = false;
		bool		by_old = false;

		if (att->attisdropped)
			continue;
		column = to_root(call, i + 1);
		is_tenant = column != 0 && column == set->bound[PERMITS_TENANT];
		is_parent_key = set->parent && column == set->parent_key;
		/* others change with the columns that they are computed from */
		if (att->attgenerated && !is_tenant && !is_parent_key)
			continue;
		if (same_column(att, rows, i) && !bms_is_member(i + 1, blind))
			continue;
		if (is_tenant)
			ereport(ERROR,
					(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					 errmsg("permission denied to change column \"%s\" of table \"%s\"",
							NameStr(att->attname), RelationGetRelationName(rel)),
					 errdetail("The tenant of a row never changes.")));
		/* under a parent that is not seen the row could be another tenant's */
		if (is_parent_key && !bind_row(set, call, &rows[1]))
		{
			note_refused(set, column, att, value, isnull, &refused, &permissions);
			continue;
		}
		if (att->attgenerated)
			continue;
		changed = true;
		moves |= bms_is_member(i + 1, call->partition_key);
		for (int k = 0; k < set->nrules && !(permitted && (by_old || !given)); k++)
		{
			const SetRule *rule = &set->rules[k];

			if (!ruleset_covers(rule, column, value, isnull) ||
				(rule->old && !permits(set, call, &rows[0], k)) ||
				(rule->new && !permits(set, call, &rows[1], k)))
				continue;
			permitted = true;
			by_old |= !rule->new;
		}
		given &= by_old;
		if (!permitted)
			note_refused(set, column, att, value, isnull, &refused, &permissions);
	}
	if (refused != NIL)
		raise_refused(rel, refused, permissions);
	if (moves && !call->may_move)
		triggers_check_move(call->root);
	call->may_move |= moves;
	return changed && given;
}

/*
 * Lets an UPDATE of a row pass, or raises an error.
 */
static void
check_update(GuardCall *call, TupleTableSlot *old, TupleTableSlot *new, bool generated)
{
	RuleSet    *set;

	giving_forget();
	if (!OidIsValid(call->root))
		ruleset_damaged(call->rel);
	set = ruleset_find(call->root);
	if (call->serial != set->serial)
		renew_call(call, set);
	if (check_changes(set, call, old, new, generated))
		giving_note(call->root);
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

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_BEFORE(trigger->tg_event) ||
		!TRIGGER_FIRED_FOR_ROW(trigger->tg_event) || !TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function \"%s\" was not called by trigger manager", "ambit._guard")));
	call = fcinfo->flinfo->fn_extra;
	if (call == NULL)
	{
		call = make_call(fcinfo->flinfo->fn_mcxt, trigger->tg_relation, InvalidOid);
		if (call->held)
			triggers_check_order(trigger->tg_relation, trigger->tg_trigger);
		fcinfo->flinfo->fn_extra = call;
	}
	call->assigned = trigger->tg_updatedcols;
	if (call->held)
		check_update(call, trigger->tg_trigslot, trigger->tg_newslot, false);
	return PointerGetDatum(trigger->tg_newtuple);
}

/* The guard of a result relation, in place of the trigger. */
typedef struct Attached
{
	ResultRelInfo *result;
	GuardCall  *call;
} Attached;

/*
 * The check of a new row by the executor: an ExprState that needs no
 * expression.
 */
static Datum
check_new_row(ExprState *state, ExprContext *econtext, bool *isnull)
{
	Attached   *attached = state->evalfunc_private;

	check_update(attached->call, attached->result->ri_oldTupleSlot, econtext->ecxt_scantuple, true);
	*isnull = false;
	return BoolGetDatum(true);
}

/*
 * The executor checks new rows against the policies once all triggers have
 * fired, and has the old row at hand: there the guard costs less than as a
 * trigger, for which each row is locked, and that is logged.
 */
static void
attach(EState *estate, ResultRelInfo *result, Oid held)
{
	MemoryContext old = MemoryContextSwitchTo(estate->es_query_cxt);
	GuardCall  *call = make_call(estate->es_query_cxt, result->ri_RelationDesc, held);

	if (call->held)
	{
		Attached   *attached = palloc0(sizeof(Attached));
		WithCheckOption *option = makeNode(WithCheckOption);
		ExprState  *state = makeNode(ExprState);

		call->assigned = ExecGetUpdatedCols(result, estate);
		attached->result = result;
		attached->call = call;
		option->kind = WCO_RLS_UPDATE_CHECK;
		option->relname = pstrdup(RelationGetRelationName(result->ri_RelationDesc));
		option->polname = pstrdup(GUARD_TRIGGER);
		state->flags = EEO_FLAG_IS_QUAL;
		state->evalfunc = check_new_row;
		state->evalfunc_private = attached;
		/* before the policies: they ask what is given away */
		result->ri_WithCheckOptions = lcons(option, list_copy(result->ri_WithCheckOptions));
		result->ri_WithCheckOptionExprs = lcons(state, list_copy(result->ri_WithCheckOptionExprs));
	}
	/* the executor's own copy */
	result->ri_TrigDesc->trig_update_before_row = false;
	MemoryContextSwitchTo(old);
}

/*
 * What the statement trigger of a protected table checks is checked now, where no
 * other one fires before the statement, and costs no call of a trigger.  The
 * table if row-level security holds the role; InvalidOid if it does not, or if
 * the trigger is left to check it.
 */
static Oid
check_statement(EState *estate, const ModifyTableState *modify)
{
	ResultRelInfo *target = modify->rootResultRelInfo;
	TriggerDesc *triggers = target->ri_TrigDesc;
	bool	   *fires;
	int16		event;

	if (triggers == NULL)
		return InvalidOid;
	switch (modify->operation)
	{
		case CMD_INSERT:
			fires = &triggers->trig_insert_before_statement;
			event = TRIGGER_TYPE_INSERT;
			break;
		case CMD_UPDATE:
			fires = &triggers->trig_update_before_statement;
			event = TRIGGER_TYPE_UPDATE;
			break;
		case CMD_DELETE:
			fires = &triggers->trig_delete_before_statement;
			event = TRIGGER_TYPE_DELETE;
			break;
		default:
			return InvalidOid;
	}
	if (!*fires || !triggers_identity_is_alone(triggers, event))
		return InvalidOid;
	/* the executor's own copy */
	*fires = false;
	return policy_check_write(estate->es_plannedstmt, target->ri_RelationDesc,
							  modify->operation == CMD_UPDATE) ?
		RelationGetRelid(target->ri_RelationDesc) : InvalidOid;
}

/*
 * A query is about to run: the guard takes the place of its trigger where that
 * fires alone, and checks that repeat themselves are left out.  Not for
 * partitions: a row that leaves one is checked as a new row of another.
 */
static void
attach_to(EState *estate, PlanState *node)
{
	ModifyTableState *modify = (ModifyTableState *) node;
	Oid			held;

	if (node == NULL || !IsA(node, ModifyTableState))
		return;
	held = check_statement(estate, modify);
	if (modify->operation != CMD_UPDATE && modify->operation != CMD_INSERT)
		return;
	for (int i = 0; i < modify->mt_nrels; i++)
	{
		ResultRelInfo *result = &modify->resultRelInfo[i];

		recheck_attach(estate, result, modify->operation);
		conflict_attach(estate, modify, result);
		if (modify->operation == CMD_UPDATE &&
			result->ri_TrigDesc != NULL && result->ri_TrigDesc->trig_update_before_row &&
			result->ri_RelationDesc->rd_rel->relkind == RELKIND_RELATION &&
			!result->ri_RelationDesc->rd_rel->relispartition &&
			triggers_guard_is_alone(result->ri_TrigDesc, functions_find(FUNCTION_GUARD)))
			attach(estate, result, held);
	}
}

void
guard_start(QueryDesc *query)
{
	ListCell   *lc;

	if (query->plannedstmt->resultRelations == NIL)
		return;
	if (!prune_holds(query->plannedstmt))
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("could not run a plan that was made for other triggers"),
				 errhint("The transaction might succeed if retried.")));
	/* of a row that nobody asked about */
	giving_forget();
	attach_to(query->estate, query->planstate);
	foreach(lc, query->estate->es_auxmodifytables)
		if (lfirst(lc) != query->planstate)
			attach_to(query->estate, lfirst(lc));
}
