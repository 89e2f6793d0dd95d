/*
 * steady.c
 *		Whether what is asked again within a statement is answered the same.
 *
 * Functions that are not volatile see the statement's own snapshot, so that an
 * answer may be kept for the statement.  A volatile one, in a policy that
 * somebody has on a parent, say, is to be asked each time.  Here is as well what
 * else is to be known of a plan that is read again and again.
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

static bool
function_is_volatile(Oid function, void *context)
{
	const Search *search = context;

	return func_volatile(function) == PROVOLATILE_VOLATILE &&
	/* an error, or nothing */
		!policy_is_ambits(function, "_insert_refused") &&
		!(search->gives && policy_is_ambits(function, "_given_away_now"));
}

static bool
any_plan_has(List *plans, PlanTest test, void *context)
{
	ListCell   *lc;

	foreach(lc, plans)
		if (plan_has(lfirst(lc), test, context))
			return true;
	return false;
}

bool
plan_has(Plan *plan, PlanTest test, void *context)
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
			/* as they are checked again on the row, the columns of indexes on expressions spelled out */
			expressions = list_make3(((IndexScan *) plan)->indexqual,
									 ((IndexScan *) plan)->indexqualorig,
									 ((IndexScan *) plan)->indexorderbyorig);
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
	return test(plan, list_make4(expressions, plan->targetlist, plan->qual, plan->initPlan), context) ||
		any_plan_has(plans, test, context) ||
		plan_has(plan->lefttree, test, context) ||
		plan_has(plan->righttree, test, context);
}

static bool
plan_volatile(Plan *plan, List *expressions, void *context)
{
	return any_volatile((Node *) expressions, context);
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
		plan_has(list_nth(search->stmt->subplans, ((SubPlan *) node)->plan_id - 1), plan_volatile,
				 search))
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

	return !plan_has(plan, plan_volatile, &search);
}

/*
 * Whether partitions are left out once and for all by the first key.
 */
static bool
append_prunes(const Append *append)
{
#if PG_VERSION_NUM >= 180000
	return append->part_prune_index >= 0;
#else
	return append->part_prune_info != NULL;
#endif
}

bool
plan_reads_again(Plan *plan)
{
	List	   *more = NIL;
	ListCell   *lc;

	if (plan == NULL)
		return true;
	switch (nodeTag(plan))
	{
		case T_SeqScan:
		case T_IndexScan:
		case T_IndexOnlyScan:
		case T_BitmapIndexScan:
		case T_BitmapHeapScan:
		case T_Result:
		case T_NestLoop:
			break;
		case T_BitmapAnd:
			more = ((BitmapAnd *) plan)->bitmapplans;
			break;
		case T_BitmapOr:
			more = ((BitmapOr *) plan)->bitmapplans;
			break;
		case T_Append:
			if (append_prunes((Append *) plan))
				return false;
			more = ((Append *) plan)->appendplans;
			break;
		case T_SubqueryScan:
			more = list_make1(((SubqueryScan *) plan)->subplan);
			break;
		default:
			return false;
	}
	foreach(lc, more)
		if (!plan_reads_again(lfirst(lc)))
			return false;
	return plan_reads_again(plan->lefttree) && plan_reads_again(plan->righttree);
}
