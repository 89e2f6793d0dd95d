/*
 * steady.c
 *		Whether what is asked again within a statement is answered the same.
 *
 * Functions that are not volatile see the statement's own snapshot, so that an
 * answer may be kept for the statement.  A volatile one, in a policy that
 * somebody has on a parent, say, is to be asked each time.
 */
#include "postgres.h"
#include "compat.h"

#include "catalog/pg_proc.h"
#include "nodes/nodeFuncs.h"
#include "utils/lsyscache.h"

#include "policy.h"
#include "steady.h"

typedef struct Search
{
	const PlannedStmt *stmt;
	bool		gives;
} Search;

static bool any_volatile(Node *node, void *context);
static bool plans_volatile(List *plans, Search *search);

static bool
function_is_volatile(Oid function, void *context)
{
	const Search *search = context;

	return func_volatile(function) == PROVOLATILE_VOLATILE &&
	/* an error, or nothing */
		!policy_is_ambits(function, "_insert_refused") &&
		!(search->gives && policy_is_ambits(function, "_given_away_now"));
}

/*
 * Nodes that are not known here count as volatile.
 */
static bool
plan_volatile(Plan *plan, Search *search)
{
	List	   *expressions = NIL;
	List	   *plans = NIL;

	if (plan == NULL)
		return false;
	switch (nodeTag(plan))
	{
		case T_SeqScan:
		case T_Material:
		case T_Sort:
		case T_IncrementalSort:
		case T_Unique:
			break;
		case T_Result:
			expressions = list_make1(((Result *) plan)->resconstantqual);
			break;
		case T_Limit:
			expressions = list_make2(((Limit *) plan)->limitOffset, ((Limit *) plan)->limitCount);
			break;
		case T_IndexScan:
			expressions = list_make1(((IndexScan *) plan)->indexqual);
			break;
		case T_IndexOnlyScan:
			expressions = list_make1(((IndexOnlyScan *) plan)->indexqual);
			break;
		case T_BitmapIndexScan:
			expressions = list_make1(((BitmapIndexScan *) plan)->indexqual);
			break;
		case T_BitmapHeapScan:
			expressions = list_make1(((BitmapHeapScan *) plan)->bitmapqualorig);
			break;
		case T_NestLoop:
			expressions = list_make1(((Join *) plan)->joinqual);
			break;
		case T_MergeJoin:
			expressions = list_make2(((Join *) plan)->joinqual, ((MergeJoin *) plan)->mergeclauses);
			break;
		case T_HashJoin:
			expressions = list_make2(((Join *) plan)->joinqual, ((HashJoin *) plan)->hashclauses);
			break;
		case T_Hash:
			expressions = list_make1(((Hash *) plan)->hashkeys);
			break;
		case T_Memoize:
			expressions = list_make1(((Memoize *) plan)->param_exprs);
			break;
		case T_BitmapAnd:
			plans = ((BitmapAnd *) plan)->bitmapplans;
			break;
		case T_BitmapOr:
			plans = ((BitmapOr *) plan)->bitmapplans;
			break;
		case T_Append:
			plans = ((Append *) plan)->appendplans;
			break;
		case T_MergeAppend:
			plans = ((MergeAppend *) plan)->mergeplans;
			break;
		case T_SubqueryScan:
			plans = list_make1(((SubqueryScan *) plan)->subplan);
			break;
		default:
			return true;
	}
	return any_volatile((Node *) expressions, search) ||
		any_volatile((Node *) plan->targetlist, search) ||
		any_volatile((Node *) plan->qual, search) ||
		any_volatile((Node *) plan->initPlan, search) ||
		plans_volatile(plans, search) ||
		plan_volatile(plan->lefttree, search) ||
		plan_volatile(plan->righttree, search);
}

static bool
plans_volatile(List *plans, Search *search)
{
	ListCell   *lc;

	foreach(lc, plans)
		if (plan_volatile(lfirst(lc), search))
			return true;
	return false;
}

static bool
any_volatile(Node *node, void *context)
{
	Search	   *search = context;

	if (node == NULL)
		return false;
	if (IsA(node, NextValueExpr) || check_functions_in_node(node, function_is_volatile, search))
		return true;
	if (IsA(node, SubPlan) &&
		plan_volatile(list_nth(search->stmt->subplans, ((SubPlan *) node)->plan_id - 1), search))
		return true;
	return expression_tree_walker(node, any_volatile, context);
}

bool
steady_expression(const PlannedStmt *stmt, Node *expression, bool gives)
{
	Search		search = {stmt, gives};

	return !any_volatile(expression, &search);
}

bool
steady_plan(const PlannedStmt *stmt, Plan *plan)
{
	Search		search = {stmt, false};

	return !plan_volatile(plan, &search);
}
