/*
 * planner.c
 *		Policies become plain predicates: planner support.
 *
 * permits() in a policy is replaced by the predicate that the rights of the
 * identity in force come to (specialize.c).  What makes that safe is in
 * plans.c.  What is asked in another place anyway: planner_place.c; sets of
 * keys: planner_reach.c.
 */
#include "postgres.h"
#include "compat.h"

#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/pathnodes.h"
#include "nodes/supportnodes.h"
#include "optimizer/clauses.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/paths.h"
#include "optimizer/plancat.h"
#include "optimizer/planner.h"
#include "parser/parsetree.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/selfuncs.h"

#include "permits.h"
#include "planner.h"
#include "planner_check.h"
#include "planner_place.h"
#include "plans.h"
#include "relationship.h"
#include "rights.h"
#include "specialize.h"

static bool specialize_plans = true;
static get_relation_info_hook_type previous_info = NULL;
static set_rel_pathlist_hook_type previous_pathlist = NULL;
static create_upper_paths_hook_type previous_upper = NULL;

PG_FUNCTION_INFO_V1(ambit_permits_support);
PG_FUNCTION_INFO_V1(ambit_holds_support);
PG_FUNCTION_INFO_V1(ambit_bound_support);
PG_FUNCTION_INFO_V1(ambit_guarded_support);

/*
 * Whether the policies of a table have come to "false".
 */
static bool
is_closed(const RangeTblEntry *rte)
{
	ListCell   *policy,
			   *lc;

	foreach(policy, rte->securityQuals)
		foreach(lc, castNode(List, lfirst(policy)))
		{
			const Const *condition = lfirst(lc);

			if (IsA(condition, Const) &&
				(condition->constisnull || !DatumGetBool(condition->constvalue)))
				return true;
		}
	return false;
}

/*
 * Of a table that is closed nobody needs to consider the indexes.
 */
static void
complete_info(PlannerInfo *root, Oid relid, bool inhparent, RelOptInfo *rel)
{
	if (previous_info)
		previous_info(root, relid, inhparent, rel);
	if (is_closed(planner_rt_fetch(rel->relid, root)))
		rel->indexlist = NIL;
}

/*
 * What the server does not do for policies by itself.  A relation that they
 * close has no rows: it sees that only where the query has no condition of its
 * own, and else would compare each row with "false".
 */
static void
complete_paths(PlannerInfo *root, RelOptInfo *rel, Index rti, RangeTblEntry *rte)
{
	if (previous_pathlist)
		previous_pathlist(root, rel, rti, rte);
	if (rel->rtekind != RTE_RELATION || IS_DUMMY_REL(rel) || rel->baserestrictinfo == NIL)
		return;
	if (is_closed(rte))
		mark_dummy_rel(rel);
	planner_reach_paths(root, rel);
}

static void
complete_upper(PlannerInfo *root, UpperRelationKind stage, RelOptInfo *input, RelOptInfo *output,
			   void *extra)
{
	if (previous_upper)
		previous_upper(root, stage, input, output, extra);
	if (stage == UPPERREL_FINAL)
		planner_check_paths(root, output);
}

bool
planner_specializes(void)
{
	return specialize_plans;
}

bool
planner_decides_alone(void)
{
	return get_relation_info_hook == complete_info && previous_info == NULL &&
		set_rel_pathlist_hook == complete_paths && previous_pathlist == NULL &&
		set_join_pathlist_hook == NULL && join_search_hook == NULL &&
		create_upper_paths_hook == complete_upper && previous_upper == NULL &&
		get_relation_stats_hook == NULL && get_index_stats_hook == NULL;
}

void
planner_init(void)
{
	previous_info = get_relation_info_hook;
	get_relation_info_hook = complete_info;
	previous_pathlist = set_rel_pathlist_hook;
	set_rel_pathlist_hook = complete_paths;
	previous_upper = create_upper_paths_hook;
	create_upper_paths_hook = complete_upper;
	DefineCustomBoolVariable("ambit.specialize_plans",
							 "Lets the planner turn policies into plain predicates.",
							 "Off: the policies are evaluated for each row. The rows are the same.",
							 &specialize_plans, true,
							 PGC_USERSET, GUC_EXPLAIN, NULL, NULL, NULL);
}

/*
 * The permission that such a call asks for, if it may be answered for the plan
 * that is being made; the plan depends on *rights from then on, and on no
 * others: they are what it is to be answered from, as asked again they could
 * be others already.
 */
char *
planner_permission(SupportRequestSimplify *simplify, int nargs, Rights **rights)
{
	List	   *args = simplify->fcall->args;
	Const	   *permission;
	Oid			token;

	/* without a plan to depend on the rights nothing may be made from them */
	if (simplify->root == NULL || relationship_running() ||
		list_length(args) != nargs || !IsA(linitial(args), Const))
		return NULL;
	token = functions_find(FUNCTION_KEY);
	permission = linitial(args);
	if (!OidIsValid(token) || permission->constisnull)
		return NULL;
	*rights = rights_current();
	plans_depend(simplify->root, token, rights_fingerprint(*rights));
	return specialize_plans ? TextDatumGetCString(permission->constvalue) : NULL;
}

/*
 * The predicate that a call of permits() would be replaced by; false when that
 * cannot be told.
 */
static bool
would_be(List *args, Specialize *s, List **conditions)
{
	const Const *permission;

	if (relationship_running() || list_length(args) != PERMITS_NARGS ||
		!OidIsValid(functions_find(FUNCTION_KEY)))
		return false;
	permission = linitial(args);
	if (!IsA(permission, Const))
		return false;
	s->args = args;
	s->rights = rights_current();
	*conditions = s->rights == NULL || permission->constisnull ?
		list_make1(makeBoolConst(false, false)) :
		specialize(s, TextDatumGetCString(permission->constvalue));
	return true;
}

/*
 * Estimates for permits() where it is evaluated for each row: it lets through
 * what its predicate would, and compares as much.
 */
static bool
permits_selectivity(SupportRequestSelectivity *request)
{
	Specialize	s;
	List	   *conditions;

	if (request->is_join || !would_be(request->args, &s, &conditions))
		return false;
	request->selectivity = clauselist_selectivity(request->root, conditions, request->varRelid,
												  request->jointype, request->sjinfo);
	return true;
}

static bool
permits_cost(SupportRequestCost *request)
{
	Specialize	s;
	List	   *conditions;
	QualCost	cost;

	if (request->node == NULL || !IsA(request->node, FuncExpr) ||
		!would_be(((FuncExpr *) request->node)->args, &s, &conditions))
		return false;
	cost_qual_eval(&cost, conditions, request->root);
	request->startup = cost.startup;
	/* and reads the columns */
	request->per_tuple = cost.per_tuple + PERMITS_NARGS * cpu_operator_cost;
	return true;
}

/*
 * permits_support(internal) returns internal
 *		Replaces permits() by the predicate of the identity's arms; where that
 *		is not wanted, estimates.
 */
Datum
ambit_permits_support(PG_FUNCTION_ARGS)
{
	Node	   *request = (Node *) PG_GETARG_POINTER(0);
	SupportRequestSimplify *simplify = (SupportRequestSimplify *) request;
	Specialize	s;
	char	   *permission;
	Node	   *policy;
	List	   *asked;
	List	   *conditions;

	if (IsA(request, SupportRequestSelectivity) &&
		permits_selectivity((SupportRequestSelectivity *) request))
		PG_RETURN_POINTER(request);
	if (IsA(request, SupportRequestCost) && permits_cost((SupportRequestCost *) request))
		PG_RETURN_POINTER(request);
	if (!IsA(request, SupportRequestSimplify))
		PG_RETURN_POINTER(NULL);
	permission = planner_permission(simplify, PERMITS_NARGS, &s.rights);
	if (permission == NULL)
		PG_RETURN_POINTER(NULL);
	s.args = simplify->fcall->args;
	if (s.rights == NULL)
		PG_RETURN_POINTER(makeBoolConst(false, false));
	conditions = specialize(&s, permission);
	if (IsA(linitial(conditions), Const))
		PG_RETURN_POINTER(linitial(conditions));
	policy = planner_policy_at_work(simplify->root, s.args, &asked);
	switch (planner_place_of(simplify->root->parse, simplify->fcall, policy))
	{
		case PLACE_POLICY:
			conditions = planner_without_repetition(simplify->root, simplify->fcall, &s,
													policy, asked, conditions);
			break;
		case PLACE_CONDITION:
			conditions = planner_without_policies(simplify->root, simplify->fcall, &s, conditions);
			break;
		case PLACE_VALUE:
			{
				BooleanTest *test = makeNode(BooleanTest);

				test->arg = (Expr *) make_ands_explicit(conditions);
				test->booltesttype = IS_TRUE;
				test->location = -1;
				PG_RETURN_POINTER(test);
			}
	}
	PG_RETURN_POINTER(make_ands_explicit(conditions));
}

/*
 * _holds_support(internal) returns internal
 *		Which permissions are held belongs to the shape of the rights.
 */
Datum
ambit_holds_support(PG_FUNCTION_ARGS)
{
	Node	   *request = (Node *) PG_GETARG_POINTER(0);
	Rights	   *rights;
	char	   *permission;

	if (!IsA(request, SupportRequestSimplify))
		PG_RETURN_POINTER(NULL);
	permission = planner_permission((SupportRequestSimplify *) request, 1, &rights);
	if (permission == NULL)
		PG_RETURN_POINTER(NULL);
	PG_RETURN_POINTER(makeBoolConst(rights_holds(rights, permission_lookup(permission)), false));
}

/*
 * _bound_support(internal) returns internal
 *		The permissive policy says yes; the arguments are for ambit to read.
 */
Datum
ambit_bound_support(PG_FUNCTION_ARGS)
{
	Node	   *request = (Node *) PG_GETARG_POINTER(0);

	if (IsA(request, SupportRequestSimplify))
		PG_RETURN_POINTER(makeBoolConst(true, false));
	PG_RETURN_POINTER(NULL);
}

/*
 * _guarded_support(internal) returns internal
 *		The condition of a rule: as it is where none of its functions can leak,
 *		else in a CASE, which is evaluated only once the row is permitted.
 */
Datum
ambit_guarded_support(PG_FUNCTION_ARGS)
{
	Node	   *request = (Node *) PG_GETARG_POINTER(0);
	FuncExpr   *call;
	CaseExpr   *guard;
	CaseWhen   *when;

	if (!IsA(request, SupportRequestSimplify))
		PG_RETURN_POINTER(NULL);
	call = ((SupportRequestSimplify *) request)->fcall;
	if (list_length(call->args) != 3)
		PG_RETURN_POINTER(NULL);
	if (!contain_leaked_vars(lthird(call->args)))
		PG_RETURN_POINTER(lthird(call->args));
	when = makeNode(CaseWhen);
	when->expr = lsecond(call->args);
	when->result = lthird(call->args);
	when->location = -1;
	guard = makeNode(CaseExpr);
	guard->casetype = BOOLOID;
	guard->args = list_make1(when);
	guard->defresult = (Expr *) makeBoolConst(false, false);
	guard->location = -1;
	PG_RETURN_POINTER(guard);
}
