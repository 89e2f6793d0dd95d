/*
 * conflict.c
 *		Rows in the way of new ones.
 *
 * INSERT ... ON CONFLICT DO UPDATE checks the row in the way against the
 * policies, and minor versions of the server before November 2026 do so after
 * the command's own WHERE: whether that raised an error told what is in a row
 * that is not permitted.  Here the policies come first, on every version.
 */
#include "postgres.h"
#include "compat.h"

#include "executor/executor.h"
#include "nodes/plannodes.h"
#include "utils/rel.h"

#include "conflict.h"

typedef struct Conflict
{
	EState	   *estate;
	ResultRelInfo *result;
	ExprState  *where;			/* of the command */
} Conflict;

/*
 * In place of the WHERE.
 */
static Datum
check_first(ExprState *state, ExprContext *econtext, bool *isnull)
{
	Conflict   *conflict = state->evalfunc_private;

	ExecWithCheckOptions(WCO_RLS_CONFLICT_CHECK, conflict->result, econtext->ecxt_scantuple,
						 conflict->estate);
	*isnull = false;
	return BoolGetDatum(ExecQual(conflict->where, econtext));
}

void
conflict_attach(EState *estate, ModifyTableState *modify, ResultRelInfo *result)
{
	MemoryContext old;
	List	   *checks = NIL;
	Conflict   *conflict;
	ExprState  *state;
	ListCell   *lc;

	if (result->ri_onConflict == NULL || result->ri_onConflict->oc_WhereClause == NULL)
		return;
	old = MemoryContextSwitchTo(estate->es_query_cxt);
	foreach(lc, result->ri_WithCheckOptions)
	{
		const WithCheckOption *wco = lfirst(lc);

		if (wco->kind == WCO_RLS_CONFLICT_CHECK)
			checks = list_concat_copy(checks, (List *) wco->qual);
	}
	if (checks != NIL)
	{
		conflict = palloc(sizeof(Conflict));
		conflict->estate = estate;
		conflict->result = result;
		conflict->where = result->ri_onConflict->oc_WhereClause;
		state = makeNode(ExprState);
		state->flags = EEO_FLAG_IS_QUAL;
		state->evalfunc = check_first;
		state->evalfunc_private = conflict;
		result->ri_onConflict->oc_WhereClause = state;

		/* a partition with columns in another order makes a WHERE of its own from the plan's */
		if (result->ri_RelationDesc->rd_rel->relkind == RELKIND_PARTITIONED_TABLE)
		{
			ModifyTable *plan = palloc(sizeof(ModifyTable));

			memcpy(plan, modify->ps.plan, sizeof(ModifyTable));
			plan->onConflictWhere = (Node *) list_concat(checks, (List *) plan->onConflictWhere);
			modify->ps.plan = (Plan *) plan;
		}
	}
	MemoryContextSwitchTo(old);
}
