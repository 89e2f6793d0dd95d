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

#include "plan_walk.h"
#include "policy.h"
#include "steady.h"

typedef struct Search
{
	List	   *subplans;		/* of the statement */
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
	if (IsA(node, Query))
		return query_tree_walker((Query *) node, any_volatile, context, 0);
	if (IsA(node, NextValueExpr) || check_functions_in_node(node, function_is_volatile, search))
		return true;
	if (IsA(node, SubPlan) &&
		plan_has(list_nth(search->subplans, ((SubPlan *) node)->plan_id - 1), plan_volatile, search))
		return true;
	return expression_tree_walker(node, any_volatile, context);
}

bool
steady_expression(List *subplans, Node *expression, bool gives)
{
	Search		search = {subplans, gives};

	return !any_volatile(expression, &search);
}

bool
steady_plan(List *subplans, Plan *plan)
{
	Search		search = {subplans, false};

	return !plan_has(plan, plan_volatile, &search);
}
