/*
 * planner_place.c
 *		Planner support: where a call stands, and what is asked there anyway.
 *
 * Several policies hold a row at a time: an UPDATE those of UPDATE and of
 * SELECT.  What an earlier one has asked is not asked again, so that it is
 * neither evaluated nor counted twice in the estimates.
 */
#include "postgres.h"
#include "compat.h"

#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/supportnodes.h"
#include "parser/parsetree.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "functions.h"
#include "permits.h"
#include "planner.h"
#include "planner_place.h"
#include "policy.h"
#include "rights.h"

PG_FUNCTION_INFO_V1(ambit_seen_support);
PG_FUNCTION_INFO_V1(ambit_implied_support);

/*
 * The table that the bound columns belong to; NULL: there is none.
 */
static const RangeTblEntry *
table_of(PlannerInfo *root, List *args)
{
	ListCell   *lc;

	foreach(lc, args)
	{
		const Node *arg = lfirst(lc);

		while (IsA(arg, RelabelType))
			arg = (const Node *) ((const RelabelType *) arg)->arg;
		if (IsA(arg, Var) && ((const Var *) arg)->varlevelsup == 0)
		{
			const RangeTblEntry *rte = rt_fetch(((const Var *) arg)->varno, root->parse->rtable);

			return rte->rtekind == RTE_RELATION ? rte : NULL;
		}
	}
	return NULL;
}

/*
 * The policy that a call stands in, of the table that its bound columns belong
 * to, if one is at work: the server simplifies the policies of a table one after
 * the other, each into a list, so that the first that is none is this one.
 * *asked are the conditions in the lists before it.  NULL: this is no policy,
 * or one that *asked says nothing about.
 */
Node *
planner_policy_at_work(PlannerInfo *root, List *args, List **asked)
{
	const RangeTblEntry *rte = table_of(root, args);
	ListCell   *lc;

	*asked = NIL;
	if (rte == NULL)
		return NULL;
	foreach(lc, rte->securityQuals)
	{
		Node	   *policy = lfirst(lc);

		if (policy != NULL && !IsA(policy, List))
			return policy;
		*asked = list_concat(*asked, (List *) policy);
	}
	return NULL;
}

/*
 * What such a call in a policy comes to; NIL: it is none.
 */
static List *
conditions_of(const Node *node, const FuncExpr *call, const Specialize *s)
{
	const FuncExpr *other = (const FuncExpr *) node;
	const Const *permission;
	Specialize	asked = {s->rights, NIL};

	if (!IsA(other, FuncExpr) || other->funcid != call->funcid ||
		list_length(other->args) != PERMITS_NARGS)
		return NIL;
	permission = linitial(other->args);
	if (!IsA(permission, Const) || permission->constisnull)
		return NIL;
	asked.args = other->args;
	return specialize(&asked, TextDatumGetCString(permission->constvalue));
}

/*
 * Leaves out of a condition of a SELECT what the policies of the table ask of
 * its rows anyway.  The first condition stays, about the tenant: rows that an
 * outer join makes up do not meet it.  A statement that writes may ask about a
 * new row, which no policy has seen.
 */
List *
planner_without_policies(PlannerInfo *root, const FuncExpr *call, const Specialize *s,
						 List *conditions)
{
	const RangeTblEntry *rte = table_of(root, call->args);
	List	   *asked = NIL;
	ListCell   *policy,
			   *lc;

	if (rte == NULL || list_length(conditions) == 1 ||
		root->parse->commandType != CMD_SELECT || root->parse->withCheckOptions != NIL)
		return conditions;
	foreach(policy, rte->securityQuals)
		if (!IsA(lfirst(policy), List))
			foreach(lc, make_ands_implicit(lfirst(policy)))
				asked = list_concat(asked, conditions_of(lfirst(lc), call, s));
	return lcons(linitial(conditions), list_difference(list_delete_first(list_copy(conditions)), asked));
}

/* Conditions that rows are looked for with, and calls of a function in them. */
typedef struct SeenSearch
{
	Oid			function;
	List	   *quals;
	int			calls;
} SeenSearch;

/*
 * Whether a call is about something else than one of the conditions.
 */
static bool
asks_more(Node *node, void *context)
{
	SeenSearch *search = context;

	if (node == NULL)
		return false;
	if (IsA(node, FuncExpr) && ((FuncExpr *) node)->funcid == search->function)
	{
		search->calls++;
		return !list_member(search->quals, linitial(((FuncExpr *) node)->args));
	}
	return expression_tree_walker(node, asks_more, context);
}

/*
 * Whether the rows that an UPDATE or DELETE looks for meet the condition that
 * such a call is about by a policy of their own.  Calls stand in the policies
 * of the table that is written to only.  Policies are simplified one after the
 * other, those for SELECT last: until then both are as they were written.
 */
static bool
seen_anyway(const Query *query, Oid function)
{
	SeenSearch	search = {.function = function};
	ListCell   *lc;

	if (query->commandType != CMD_UPDATE && query->commandType != CMD_DELETE)
		return false;
	search.quals = rt_fetch(query->resultRelation, query->rtable)->securityQuals;
	foreach(lc, search.quals)
		if (asks_more(lfirst(lc), &search))
			return false;
	return search.calls > 0;
}

/*
 * Whether a tree has calls of a function that are still to be simplified.
 */
static bool
calls(Node *node, void *function)
{
	if (node == NULL)
		return false;
	if (IsA(node, FuncExpr) && ((FuncExpr *) node)->funcid == *(Oid *) function &&
		IsA(linitial(((FuncExpr *) node)->args), Const))
		return true;
	return expression_tree_walker(node, calls, function);
}

/*
 * Whether one of them stands where a condition asks for its value.
 */
static bool
asks_value(Node *node, Oid *function)
{
	List	   *args = NIL;
	ListCell   *lc;

	if (node == NULL)
		return false;
	if (is_andclause(node) || is_orclause(node))
		args = ((BoolExpr *) node)->args;
	else if (IsA(node, List))
		args = (List *) node;
	else if (!IsA(node, FuncExpr))
		return calls(node, function);
	else if (((FuncExpr *) node)->funcid == *function)
		return false;
	else if (((FuncExpr *) node)->funcid == functions_find(FUNCTION_SEEN) ||
			 ((FuncExpr *) node)->funcid == functions_find(FUNCTION_IMPLIED) ||
			 ((FuncExpr *) node)->funcid == functions_find(FUNCTION_GUARDED))
		args = ((FuncExpr *) node)->args;
	else
		return calls(node, function);
	foreach(lc, args)
		if (asks_value(lfirst(lc), function))
			return true;
	return false;
}

static void
add_conditions(Node *node, List **conditions)
{
	ListCell   *lc;

	if (IsA(node, FromExpr))
	{
		foreach(lc, ((FromExpr *) node)->fromlist)
			add_conditions(lfirst(lc), conditions);
		*conditions = lappend(*conditions, ((FromExpr *) node)->quals);
	}
	else if (IsA(node, JoinExpr))
	{
		add_conditions(((JoinExpr *) node)->larg, conditions);
		add_conditions(((JoinExpr *) node)->rarg, conditions);
		*conditions = lappend(*conditions, ((JoinExpr *) node)->quals);
	}
}

/*
 * Where a call stands.  The server simplifies the policies after all else, so
 * that other calls are gone by then.  Where it is not known: PLACE_VALUE.
 */
Place
planner_place_of(const Query *query, FuncExpr *call, Node *policy)
{
	List	   *conditions = list_make1(query->havingQual);
	ListCell   *lc;

	/* these come first of all */
	foreach(lc, query->rtable)
		if (calls((Node *) lfirst_node(RangeTblEntry, lc)->functions, &call->funcid))
			return PLACE_VALUE;
	if (calls((Node *) query->targetList, &call->funcid) ||
		calls((Node *) query->returningList, &call->funcid) ||
		calls((Node *) query->onConflict, &call->funcid) ||
		calls((Node *) query->mergeActionList, &call->funcid))
		return PLACE_VALUE;
	foreach(lc, query->withCheckOptions)
		conditions = lappend(conditions, lfirst_node(WithCheckOption, lc)->qual);
	add_conditions((Node *) query->jointree, &conditions);
	if (calls((Node *) conditions, &call->funcid))
		return asks_value((Node *) conditions, &call->funcid) ? PLACE_VALUE : PLACE_CONDITION;
	foreach(lc, query->rtable)
		if (calls((Node *) lfirst_node(RangeTblEntry, lc)->values_lists, &call->funcid) ||
			calls((Node *) lfirst_node(RangeTblEntry, lc)->tablesample, &call->funcid))
			return PLACE_VALUE;
	return policy == NULL || !calls(policy, &call->funcid) || asks_value(policy, &call->funcid) ?
		PLACE_VALUE : PLACE_POLICY;
}

/*
 * Leaves out the conditions that the policies before this one ask, or the same
 * policy in front of the call.
 */
List *
planner_without_repetition(PlannerInfo *root, const FuncExpr *call, Specialize *s, Node *policy,
						   List *asked, List *conditions)
{
	ListCell   *lc;

	if (is_andclause(policy) && list_member(((BoolExpr *) policy)->args, call))
		foreach(lc, ((BoolExpr *) policy)->args)
		{
			const FuncExpr *before = lfirst(lc);

			if (equal(before, call))
				break;
			/* the condition of SELECT, if it is asked here */
			if (IsA(before, FuncExpr) && before->funcid == functions_find(FUNCTION_SEEN) &&
				!seen_anyway(root->parse, before->funcid))
				before = linitial(before->args);
			asked = list_concat(asked, conditions_of((const Node *) before, call, s));
		}
	return list_difference(conditions, asked);
}

/*
 * _seen_support(internal) returns internal
 *		The condition of SELECT, once.
 */
Datum
ambit_seen_support(PG_FUNCTION_ARGS)
{
	Node	   *request = (Node *) PG_GETARG_POINTER(0);
	SupportRequestSimplify *simplify;

	if (!IsA(request, SupportRequestSimplify))
		PG_RETURN_POINTER(NULL);
	simplify = (SupportRequestSimplify *) request;
	if (simplify->root != NULL && seen_anyway(simplify->root->parse, simplify->fcall->funcid))
		PG_RETURN_POINTER(makeBoolConst(true, false));
	PG_RETURN_POINTER(linitial(simplify->fcall->args));
}

/*
 * Whether two arms reach the same rows.  What is compared belongs to the shape
 * of the rights.
 */
static bool
same_arm(const Arm *a, const Arm *b)
{
	return a->scope == b->scope && a->scope_reach == b->scope_reach &&
		a->scope_staff == b->scope_staff && a->locations == b->locations &&
		a->groups == b->groups && a->group_staff == b->group_staff &&
		a->only_self == b->only_self && a->target_staff == b->target_staff;
}

/*
 * Whether a permission reaches every row that another one reaches, arm by arm.
 */
static bool
reaches_all(const Rights *rights, const RightsPermission *held, const RightsPermission *other)
{
	for (int i = 0; other != NULL && i < other->n; i++)
	{
		bool		found = false;

		for (int k = 0; held != NULL && k < held->n && !found; k++)
			found = same_arm(&rights->arms[other->first + i], &rights->arms[held->first + k]);
		if (!found)
			return false;
	}
	return true;
}

/*
 * _implied_support(internal) returns internal
 *		True where the permissions of SELECT reach no more than this one does.
 *		A row that is not seen is not written to, whatever stands here.
 */
Datum
ambit_implied_support(PG_FUNCTION_ARGS)
{
	Node	   *request = (Node *) PG_GETARG_POINTER(0);
	List	   *args;
	Const	   *seeing;
	Rights	   *rights;
	char	   *permission;
	Datum	   *others;
	int			n;

	if (!IsA(request, SupportRequestSimplify))
		PG_RETURN_POINTER(NULL);
	permission = planner_permission((SupportRequestSimplify *) request, 3, &rights);
	args = ((SupportRequestSimplify *) request)->fcall->args;
	if (list_length(args) != 3)
		PG_RETURN_POINTER(NULL);
	seeing = lsecond(args);
	if (permission == NULL || rights == NULL || !IsA(seeing, Const) || seeing->constisnull)
		PG_RETURN_POINTER(lthird(args));
	deconstruct_array(DatumGetArrayTypeP(seeing->constvalue), TEXTOID, -1, false, TYPALIGN_INT,
					  &others, NULL, &n);
	for (int i = 0; i < n; i++)
		if (!reaches_all(rights, rights_permission(rights, permission_lookup(permission)),
						 rights_permission(rights,
										   permission_lookup(TextDatumGetCString(others[i])))))
			PG_RETURN_POINTER(lthird(args));
	PG_RETURN_POINTER(makeBoolConst(true, false));
}
