/*
 * prune.c
 *		Conditions of policies that hold anyway are left out before a statement
 *		is planned.
 *
 * What planner support makes "true" of is taken away, and so is not simplified
 * first, once for each place where a policy stands.  So is a check of the new
 * row that the old row has passed, where nothing that it looks at changes; should
 * the identity end in between, a row that changes is the guard's.
 *
 * The plan depends on the table, and so on its policies and triggers, as ever.
 * But a statement may make a trigger when the next one has been planned, so what
 * was left out for the triggers that there are is noted in the plan, and looked
 * at once more when a statement that writes starts.
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
#include "plan_items.h"
#include "policy.h"
#include "prune.h"
#include "steady.h"
#include "triggers.h"

/*
 * Whether a condition is one of ambit's that says nothing about rows, and
 * holds: see _bound_support() and _intact_support().
 */
static bool
holds_anyway(Node *node, Pruned *pruned)
{
	const FuncExpr *call = (const FuncExpr *) node;
	const Const *relation;

	if (is_andclause(node) || is_orclause(node))
	{
		bool		all = is_andclause(node);
		ListCell   *lc;

		foreach(lc, ((BoolExpr *) node)->args)
			if (holds_anyway(lfirst(lc), pruned) != all)
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
	if (!IsA(relation, Const) || relation->constisnull ||
		!policy_is_intact(DatumGetObjectId(relation->constvalue)))
		return false;
	pruned->intact = list_append_unique_oid(pruned->intact,
											DatumGetObjectId(relation->constvalue));
	return true;
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
prune_conditions(List *conditions, bool of_written, Pruned *pruned)
{
	List	   *result = NIL;
	ListCell   *lc;

	foreach(lc, conditions)
		if (!holds_anyway(lfirst(lc), pruned))
			result = lappend(result, lfirst(lc));
	if (of_written)
		foreach(lc, result)
			lfirst(lc) = lighten(lfirst(lc), result);
	return result;
}

/*
 * Whether these columns hold in the new row of an UPDATE what they hold in the
 * old one, whatever it assigns: nothing but the guard comes between.
 */
static bool
columns_stay(const Query *query, List *columns)
{
	Oid			guard = functions_find(FUNCTION_GUARD);
	Relation	rel = table_open(rt_fetch(query->resultRelation, query->rtable)->relid, NoLock);
	bool		result;
	ListCell   *lc;

	/* parts have triggers of their own, and rows move between partitions */
	result = rel->rd_rel->relkind == RELKIND_RELATION && !rel->rd_rel->relhassubclass &&
		triggers_guard_is_alone(rel->trigdesc, guard);
	foreach(lc, columns)
	{
		const Var  *var = lfirst_node(Var, lc);

		if (var->varno != query->resultRelation || var->varattno <= 0 ||
			TupleDescAttr(RelationGetDescr(rel), var->varattno - 1)->attgenerated ||
			get_tle_by_resno(query->targetList, var->varattno) != NULL)
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
passed_before(const Query *query, const WithCheckOption *check, Pruned *pruned)
{
	const RangeTblEntry *rte;

	if (query->commandType != CMD_UPDATE || check->kind != WCO_RLS_UPDATE_CHECK ||
		check->polname == NULL || !policy_is_ours(check->polname))
		return false;
	rte = rt_fetch(query->resultRelation, query->rtable);
	if (!list_member(rte->securityQuals, check->qual) ||
		!columns_stay(query, pull_vars_of_level(check->qual, 0)) ||
		!steady_expression(NIL, check->qual, false))
		return false;
	pruned->seen = list_append_unique_oid(pruned->seen, rte->relid);
	return true;
}

static bool
prune_subqueries(Node *node, void *pruned)
{
	if (node == NULL)
		return false;
	if (IsA(node, Query))
	{
		prune_query((Query *) node, pruned);
		return false;
	}
	return expression_tree_walker(node, prune_subqueries, pruned);
}

/*
 * Leaves them out of a statement that is about to be planned.
 */
void
prune_query(Query *query, Pruned *pruned)
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
			prune_query(rte->subquery, pruned);
		if (rte->securityQuals != NIL)
			rte->securityQuals =
				prune_conditions(rte->securityQuals,
								 i == query->resultRelation &&
								 (query->commandType == CMD_UPDATE || query->commandType == CMD_DELETE),
								 pruned);
	}
	foreach(lc, query->cteList)
		if (IsA(lfirst_node(CommonTableExpr, lc)->ctequery, Query))
			prune_query((Query *) lfirst_node(CommonTableExpr, lc)->ctequery, pruned);
	foreach(lc, query->withCheckOptions)
		if (!holds_anyway(lfirst_node(WithCheckOption, lc)->qual, pruned) &&
			!passed_before(query, lfirst(lc), pruned))
			checks = lappend(checks, lfirst(lc));
	query->withCheckOptions = checks;
	if (query->hasSubLinks)
		query_tree_walker(query, prune_subqueries, pruned,
						  QTW_IGNORE_RT_SUBQUERIES | QTW_IGNORE_CTE_SUBQUERIES);
}

static void
note(PlannedStmt *stmt, int item_id, List *relids)
{
	ListCell   *lc;

	foreach(lc, relids)
	{
		PlanInvalItem *item = makeNode(PlanInvalItem);

		item->cacheId = item_id;
		item->hashValue = lfirst_oid(lc);
		stmt->invalItems = lappend(stmt->invalItems, item);
	}
}

/*
 * Notes in a plan what was left out of its query.
 */
void
prune_note(PlannedStmt *stmt, const Pruned *pruned)
{
	if (stmt->resultRelations == NIL)
		return;
	note(stmt, INTACT_ITEM, pruned->intact);
	note(stmt, SEEN_ITEM, pruned->seen);
}

/*
 * Whether it may be left out still.
 */
bool
prune_holds(const PlannedStmt *stmt)
{
	ListCell   *lc;

	foreach(lc, stmt->invalItems)
	{
		const PlanInvalItem *item = lfirst(lc);

		if (item->cacheId == INTACT_ITEM && !policy_is_intact(item->hashValue))
			return false;
		if (item->cacheId == SEEN_ITEM)
		{
			Oid			guard = functions_find(FUNCTION_GUARD);
			Relation	rel = table_open(item->hashValue, NoLock);
			bool		alone = triggers_guard_is_alone(rel->trigdesc, guard);

			table_close(rel, NoLock);
			if (!alone)
				return false;
		}
	}
	return true;
}
