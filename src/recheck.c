/*
 * recheck.c
 *		Checks of new rows that need not be made for each of them.
 *
 * Of a table with a parent ambit's policies look for the parent's row.  The
 * answer depends on the columns that the policy looks at, and on nothing else
 * within one statement: a new row of an UPDATE that has the old values there is
 * seen as the old one was, and new rows with values that passed before pass.
 * Others are checked as ever, and so are all where a function in the policy,
 * or in those of the parent, is volatile, and once the rights are not those
 * that the statement began with.  Parents that are in a hash table are those of
 * the rights that it began with: nothing is written under others.
 */
#include "postgres.h"
#include "compat.h"

#include "access/htup_details.h"
#include "executor/executor.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "utils/datum.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "kept.h"
#include "plans.h"
#include "policy.h"
#include "recheck.h"
#include "rights.h"
#include "steady.h"

/* policies that look at more columns are left alone */
#define MAX_COLUMNS 8

typedef struct Recheck
{
	ExprState  *check;
	ResultRelInfo *result;		/* its row before was seen; NULL: it does not count */
	Kept	   *passed;			/* values that passed; NULL: none are kept */
	bool		hashed;			/* parents are looked for in a hash table */
	uint64		rights;			/* their serial when the statement began; 0: none */
	MemoryContext context;		/* of one row */
	TupleDesc	desc;			/* of these columns */
	int			ncolumns;
	AttrNumber	columns[MAX_COLUMNS];
} Recheck;

static bool
same_as_before(const Recheck *recheck, TupleTableSlot *new)
{
	TupleTableSlot *old = recheck->result->ri_oldTupleSlot;

	for (int i = 0; i < recheck->ncolumns; i++)
	{
		Form_pg_attribute att = TupleDescAttr(recheck->desc, i);
		bool		nulls[2];
		Datum		before = slot_getattr(old, recheck->columns[i], &nulls[0]);
		Datum		now = slot_getattr(new, recheck->columns[i], &nulls[1]);

		if (nulls[0] != nulls[1] ||
			(!nulls[0] && !datum_image_eq(before, now, att->attbyval, att->attlen)))
			return false;
	}
	return true;
}

/*
 * The columns of a row as one.
 */
static MinimalTuple
columns_of(const Recheck *recheck, TupleTableSlot *slot)
{
	MemoryContext old = MemoryContextSwitchTo(recheck->context);
	Datum		values[MAX_COLUMNS];
	bool		nulls[MAX_COLUMNS];
	MinimalTuple row;

	for (int i = 0; i < recheck->ncolumns; i++)
		values[i] = slot_getattr(slot, recheck->columns[i], &nulls[i]);
	row = form_minimal_tuple(recheck->desc, values, nulls);
	MemoryContextSwitchTo(old);
	return row;
}

static uint64
rights_serial(const Rights *rights)
{
	return rights ? rights->serial : 0;
}

/*
 * In place of the check.
 */
static Datum
check_again(ExprState *state, ExprContext *econtext, bool *isnull)
{
	Recheck    *recheck = state->evalfunc_private;
	TupleTableSlot *new = econtext->ecxt_scantuple;
	MinimalTuple row = NULL;
	bool		passes;
	Size		size;

	*isnull = false;
	if (rights_serial(rights_of_query()) != recheck->rights)
	{
		if (recheck->hashed)
			plans_check_running();
		return BoolGetDatum(ExecQual(recheck->check, econtext));
	}
	if (recheck->result && same_as_before(recheck, new))
		return BoolGetDatum(true);
	if (recheck->passed)
	{
		MemoryContextReset(recheck->context);
		row = columns_of(recheck, new);
		if (kept_find(recheck->passed, row, row->t_len, &size))
			return BoolGetDatum(true);
	}
	passes = ExecQual(recheck->check, econtext);
	if (passes && row)
		kept_add(recheck->passed, row, row->t_len, NULL, 0);
	return BoolGetDatum(passes);
}

/* Which subplans a check has. */
typedef struct Subplans
{
	bool		hashed;			/* run once */
	bool		unhashed;		/* run for each row */
} Subplans;

static bool
note_subplans(Node *node, void *context)
{
	Subplans   *subplans = context;

	if (node == NULL)
		return false;
	if (IsA(node, SubPlan))
	{
		if (((SubPlan *) node)->useHashTable)
			subplans->hashed = true;
		else
			subplans->unhashed = true;
	}
	return expression_tree_walker(node, note_subplans, context);
}

/*
 * The columns of the new row that a check looks at; false when it looks at the
 * whole of it, at none, or at too many.
 */
static bool
note_columns(Recheck *recheck, Node *check, TupleDesc desc)
{
	ListCell   *lc;
	Bitmapset  *columns = NULL;
	int			column = -1;

	foreach(lc, pull_var_clause(check, PVC_RECURSE_PLACEHOLDERS))
	{
		const Var  *var = lfirst(lc);

		if (var->varattno <= 0)
			return false;
		columns = bms_add_member(columns, var->varattno);
	}
	recheck->ncolumns = bms_num_members(columns);
	if (recheck->ncolumns == 0 || recheck->ncolumns > MAX_COLUMNS)
		return false;
	recheck->desc = CreateTemplateTupleDesc(recheck->ncolumns);
	for (int i = 0; (column = bms_next_member(columns, column)) >= 0; i++)
	{
		recheck->columns[i] = column;
		TupleDescCopyEntry(recheck->desc, i + 1, desc, column);
	}
	return true;
}

void
recheck_attach(EState *estate, ResultRelInfo *result, CmdType operation)
{
	MemoryContext old;
	Relation	root = result->ri_RootResultRelInfo ?
		result->ri_RootResultRelInfo->ri_RelationDesc : result->ri_RelationDesc;
	List	   *states = NIL;
	bool		any = false;
	ListCell   *option;
	ListCell   *lc;

	if (estate->es_plannedstmt->subplans == NIL)
		return;
	old = MemoryContextSwitchTo(estate->es_query_cxt);
	forboth(option, result->ri_WithCheckOptions, lc, result->ri_WithCheckOptionExprs)
	{
		const WithCheckOption *wco = lfirst(option);
		ExprState  *state = lfirst(lc);
		Subplans	subplans = {0};
		Recheck    *recheck;
		bool		keeps;

		states = lappend(states, state);
		if (wco->polname == NULL || !policy_is_ours(wco->polname))
			continue;
		(void) note_subplans(wco->qual, &subplans);
		if (!(subplans.hashed || subplans.unhashed) ||
			!policy_is_protected(RelationGetRelid(root)))
			continue;
		recheck = palloc0(sizeof(Recheck));
		recheck->hashed = subplans.hashed;
		keeps = note_columns(recheck, wco->qual, RelationGetDescr(result->ri_RelationDesc));
		/* the old row was found by the same policy; not one of another partition */
		if (keeps && operation == CMD_UPDATE && strcmp(wco->polname, "ambit_select") == 0 &&
			!result->ri_RelationDesc->rd_rel->relispartition &&
			steady_expression(estate->es_plannedstmt->subplans, wco->qual, true))
			recheck->result = result;
		/* a hash table is no slower than what is kept */
		if (keeps && subplans.unhashed &&
			steady_expression(estate->es_plannedstmt->subplans, wco->qual, false))
		{
			recheck->passed = kept_create(CurrentMemoryContext);
			recheck->context = AllocSetContextCreate(CurrentMemoryContext, "ambit recheck",
													 ALLOCSET_SMALL_SIZES);
		}
		if (recheck->result == NULL && recheck->passed == NULL && !recheck->hashed)
			continue;
		recheck->rights = rights_serial(rights_current());
		recheck->check = state;
		state = makeNode(ExprState);
		state->flags = EEO_FLAG_IS_QUAL;
		state->evalfunc = check_again;
		state->evalfunc_private = recheck;
		llast(states) = state;
		any = true;
	}
	if (any)
		result->ri_WithCheckOptionExprs = states;
	MemoryContextSwitchTo(old);
}
