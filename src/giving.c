/*
 * giving.c
 *		Rows that are given away: they need not be seen afterwards.
 *
 * PostgreSQL wants the new row of an UPDATE with a WHERE clause to be seen.
 * The policy of SELECT says "or _given_away()" on tables with a rule that
 * looks at the old row alone.  The planner makes "false" of that where rows
 * are looked for, so that indexes serve as before, and a question where a new
 * row is checked: whether the row that the guard has let pass just now was
 * given away.
 */
#include "postgres.h"
#include "compat.h"

#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/pathnodes.h"
#include "nodes/supportnodes.h"
#include "parser/parsetree.h"
#include "utils/builtins.h"
#include "utils/syscache.h"

#include "catalog.h"
#include "giving.h"
#include "plans.h"

/* the row that the guard let pass last: its table, and the query at work */
static Oid	given_table = InvalidOid;
static const QueryDesc *given_query = NULL;

PG_FUNCTION_INFO_V1(ambit_given_away);
PG_FUNCTION_INFO_V1(ambit_given_away_support);
PG_FUNCTION_INFO_V1(ambit_given_away_now);

void
giving_note(Oid relid)
{
	given_query = plans_running();
	given_table = relid;
}

void
giving_forget(void)
{
	given_table = InvalidOid;
}

/*
 * _given_away(relation regclass) returns boolean
 *		False: what the planner did not replace permits nothing.
 */
Datum
ambit_given_away(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(false);
}

/*
 * _given_away_now(relation regclass) returns boolean
 *		Whether the row that the guard let pass just now was given away.
 */
Datum
ambit_given_away_now(PG_FUNCTION_ARGS)
{
	bool		given = OidIsValid(given_table) && given_table == PG_GETARG_OID(0) &&
		given_query == plans_running();

	given_table = InvalidOid;
	PG_RETURN_BOOL(given);
}

static bool
calls_function(Node *node, void *function)
{
	if (node == NULL)
		return false;
	if (IsA(node, FuncExpr) && ((FuncExpr *) node)->funcid == *(Oid *) function)
		return true;
	return expression_tree_walker(node, calls_function, function);
}

/*
 * Whether the call is part of a check of new rows that is being planned now:
 * until a check has been simplified it still has the call in it, and conditions
 * that rows are looked for with are simplified after all checks.
 */
static bool
checks_new_row(PlannerInfo *root, FuncExpr *call)
{
	const Query *query = root->parse;
	Node	   *arg = linitial(call->args);
	ListCell   *lc;

	if (query->commandType != CMD_UPDATE || query->returningList != NIL || !IsA(arg, Const) ||
		((Const *) arg)->constisnull ||
		rt_fetch(query->resultRelation, query->rtable)->relid !=
		DatumGetObjectId(((Const *) arg)->constvalue))
		return false;
	foreach(lc, query->withCheckOptions)
		if (calls_function(lfirst_node(WithCheckOption, lc)->qual, &call->funcid))
			return true;
	return false;
}

/*
 * _given_away_support(internal) returns internal
 */
Datum
ambit_given_away_support(PG_FUNCTION_ARGS)
{
	Node	   *request = (Node *) PG_GETARG_POINTER(0);
	SupportRequestSimplify *simplify;
	Oid			types[] = {REGCLASSOID};
	Oid			now;

	if (!IsA(request, SupportRequestSimplify))
		PG_RETURN_POINTER(NULL);
	simplify = (SupportRequestSimplify *) request;
	if (simplify->root == NULL || !checks_new_row(simplify->root, simplify->fcall))
		PG_RETURN_POINTER(makeBoolConst(false, false));
	now = GetSysCacheOid3(PROCNAMEARGSNSP, Anum_pg_proc_oid, CStringGetDatum("_given_away_now"),
						  PointerGetDatum(buildoidvector(types, 1)),
						  ObjectIdGetDatum(catalog_schema()));
	if (!OidIsValid(now))
		PG_RETURN_POINTER(makeBoolConst(false, false));
	PG_RETURN_POINTER(makeFuncExpr(now, BOOLOID, copyObject(simplify->fcall->args),
								   InvalidOid, InvalidOid, COERCE_EXPLICIT_CALL));
}
