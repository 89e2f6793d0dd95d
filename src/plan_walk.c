/*
 * plan_walk.c
 *		What is asked of every node of a plan.
 *
 * Nodes that are not known here get the answer that is safe.
 */
#include "postgres.h"
#include "compat.h"

#include "plan_walk.h"

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
			/* partitions are left out once and for all, by the first key */
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

bool
plan_stops_early(Plan *plan)
{
	/* what can be read again from the start has put no rows aside */
	return IsA(plan, Limit) && plan_reads_again(outerPlan(plan));
}
