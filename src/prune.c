/*
 * prune.c
 *		Conditions of policies that hold anyway are left out before a statement
 *		is planned.
 *
 * What planner support makes "true" of is taken away, and so is not simplified
 * first, once for each place where a policy stands.  So is a check of the new
 * row that the old row has passed, where nothing that it looks at changes.  The
 * plan depends on the table, and so on its policies and triggers, as ever.
 *
 * All tables of a statement have it done, in subqueries as well: the server
 * counts the policies of a table, and gives a condition that comes late in that
 * order to no index once a condition from another table comes earlier.
 */
#include "postgres.h"
#include "compat.h"

#include "access/table.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parsetree.h"
#include "utils/rel.h"

#include "functions.h"
#include "policy.h"
#include "prune.h"
#include "steady.h"
#include "triggers.h"

/*
 * Whether a condition is one of ambit's that says nothing about rows, and
 * holds: see _bound_support() and _intact_support().
 */
static bool
holds_anyway(Node *node)
{
	const FuncExpr *call = (const FuncExpr *) node;
	const Const *relation;

	if (is_andclause(node) || is_orclause(node))
	{
		bool		all = is_andclause(node);
		ListCell   *lc;

		foreach(lc, ((BoolExpr *) node)->args)
			if (holds_anyway(lfirst(lc)) != all)
				return !all;
		return all;
	}
	if (node == NULL || !IsA(node, FuncExpr))
		return false;
	if (call->funcid == functions_find(FUNCTION_OPEN) ||
		call->funcid == functions_find(FUNCTION_BOUND) ||
		call->funcid == functions_find(FUNCTION_RULE))
		return true;
	if (call->funcid != functions_find(FUNCTION_INTACT))
		return false;
	relation = linitial(call->args);
	return IsA(relation, Const) && !relation->constisnull &&
		policy_is_intact(DatumGetObjectId(relation->constvalue));
}

/*
 * A condition in a form that comes cheaper.  _seen() goes where what it asks
 * is one of the conditions itself.  _implied(..., permitted) becomes
 * _implied(..., false) OR permitted: nobody looks at the latter once the former
 * has come to "true".
 */
static Node *
lighten(Node *node, List *conditions)
{
	FuncExpr   *call = (FuncExpr *) node;
	ListCell   *lc;

	if (is_andclause(node) || is_orclause(node))
	{
		BoolExpr   *clause = (BoolExpr *) node;
		List	   *args = NIL;

		foreach(lc, clause->args)
		{
			FuncExpr   *arg = lfirst(lc);

			if (clause->boolop == OR_EXPR || !IsA(arg, FuncExpr) ||
				arg->funcid != functions_find(FUNCTION_SEEN) ||
				!list_member(conditions, linitial(arg->args)))
				args = lappend(args, lighten((Node *) arg, conditions));
		}
		return clause->boolop == OR_EXPR ? (Node *) make_orclause(args) :
			(Node *) make_ands_explicit(args);
	}
	if (IsA(node, FuncExpr) && list_length(call->args) == 3 &&
		call->funcid == functions_find(FUNCTION_IMPLIED))
	{
		Node	   *permitted = lthird(call->args);

		lthird(call->args) = makeBoolConst(false, false);
		return (Node *) make_orclause(list_make2(call, permitted));
	}
	return node;
}

static List *
prune_conditions(List *conditions, bool of_written)
{
	List	   *result = NIL;
	ListCell   *lc;

	foreach(lc, conditions)
		if (!holds_anyway(lfirst(lc)))
			result = lappend(result, lfirst(lc));
	if (of_written)
		foreach(lc, result)
			lfirst(lc) = lighten(lfirst(lc), result);
	return result;
}

/*
 * The columns that an UPDATE assigns.
 */
static Bitmapset *
assigned_columns(const Query *query)
{
	Bitmapset  *result = NULL;
	ListCell   *lc;

	foreach(lc, query->targetList)
	{
		const TargetEntry *entry = lfirst_node(TargetEntry, lc);

		if (!entry->resjunk)
			result = bms_add_member(result, entry->resno);
	}
	return result;
}

/*
 * Whether these columns hold in the new row of an UPDATE what they hold in the
 * old one, whatever it assigns: nothing but the guard comes between.
 */
static bool
columns_stay(const Query *query, List *columns)
{
	const RangeTblEntry *rte = rt_fetch(query->resultRelation, query->rtable);
	Relation	rel = table_open(rte->relid, NoLock);
	Bitmapset  *assigned = assigned_columns(query);
	bool		result;
	ListCell   *lc;

	/* parts have triggers of their own, and rows move between partitions */
	result = rel->rd_rel->relkind == RELKIND_RELATION && !rel->rd_rel->relispartition &&
		!rel->rd_rel->relhassubclass && triggers_guard_is_alone(rel->trigdesc);
	foreach(lc, columns)
	{
		const Var  *var = lfirst_node(Var, lc);

		if (var->varno != query->resultRelation || var->varattno <= 0 ||
			TupleDescAttr(RelationGetDescr(rel), var->varattno - 1)->attgenerated ||
			bms_is_member(var->varattno, assigned))
			result = false;
	}
	table_close(rel, NoLock);
	return result;
}

/*
 * Whether a check of new rows is one that the old row has passed, as it is seen
 * by the same policy, and about columns that stay as they are.
 */
static bool
passed_before(const Query *query, const WithCheckOption *check)
{
	return query->commandType == CMD_UPDATE && check->kind == WCO_RLS_UPDATE_CHECK &&
		check->polname != NULL && policy_is_ours(check->polname) &&
		list_member(rt_fetch(query->resultRelation, query->rtable)->securityQuals, check->qual) &&
		columns_stay(query, pull_vars_of_level(check->qual, 0)) &&
		steady_expression(NIL, check->qual, true);
}

static bool
prune_subqueries(Node *node, void *arg)
{
	if (node == NULL)
		return false;
	if (IsA(node, Query))
	{
		prune_query((Query *) node);
		return false;
	}
	return expression_tree_walker(node, prune_subqueries, arg);
}

/*
 * Leaves them out of a statement that is about to be planned.
 */
void
prune_query(Query *query)
{
	List	   *checks = NIL;
	ListCell   *lc;
	int			i = 0;

	check_stack_depth();
	foreach(lc, query->rtable)
	{
		RangeTblEntry *rte = lfirst_node(RangeTblEntry, lc);

		i++;
		if (rte->rtekind == RTE_SUBQUERY)
			prune_query(rte->subquery);
		if (rte->securityQuals != NIL)
			rte->securityQuals =
				prune_conditions(rte->securityQuals,
								 i == query->resultRelation &&
								 (query->commandType == CMD_UPDATE || query->commandType == CMD_DELETE));
	}
	foreach(lc, query->cteList)
		if (IsA(lfirst_node(CommonTableExpr, lc)->ctequery, Query))
			prune_query((Query *) lfirst_node(CommonTableExpr, lc)->ctequery);
	foreach(lc, query->withCheckOptions)
		if (!holds_anyway(lfirst_node(WithCheckOption, lc)->qual) &&
			!passed_before(query, lfirst(lc)))
			checks = lappend(checks, lfirst(lc));
	query->withCheckOptions = checks;
	if (query->hasSubLinks)
		query_tree_walker(query, prune_subqueries, NULL,
						  QTW_IGNORE_RT_SUBQUERIES | QTW_IGNORE_CTE_SUBQUERIES);
}
