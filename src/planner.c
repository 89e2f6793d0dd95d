/*
 * planner.c
 *		Policies become plain predicates: planner support.
 *
 * permits() in a policy is replaced by what an expert would have written for
 * this user: the tenant, and an OR of the arms, each an AND of comparisons.
 * The values of the comparisons are stable functions of the identity
 * (permits.c), so the plan holds the shape of the rights and never a key.
 * What makes that safe is in plans.c.
 *
 * A set of keys is asked by _in_reach(), a hash probe; as the condition of an
 * index it becomes column = ANY (_reach()).  A set of which the shape of the
 * rights says that it is one key is compared with as a key is.
 *
 * Several policies hold a row at a time: an UPDATE those of UPDATE and of
 * SELECT.  What an earlier one has asked is not asked again, so that it is
 * neither evaluated nor counted twice in the estimates.
 */
#include "postgres.h"
#include "compat.h"

#include "access/stratnum.h"
#include "catalog/pg_am.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/pathnodes.h"
#include "nodes/supportnodes.h"
#include "optimizer/clauses.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/paths.h"
#include "optimizer/plancat.h"
#include "parser/parsetree.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/selfuncs.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

#include "catalog.h"
#include "permits.h"
#include "planner.h"
#include "plans.h"
#include "policy.h"
#include "relationship.h"
#include "rights.h"

static bool specialize_plans = true;
static bool conditions_given = false;	/* for a column of an index behind the first */
static bool conditions_withheld = false;
static get_relation_info_hook_type previous_info = NULL;
static set_rel_pathlist_hook_type previous_pathlist = NULL;

/* One permits() on its way to a predicate. */
typedef struct Specialize
{
	Rights	   *rights;
	List	   *args;
} Specialize;

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
 * own, and else would compare each row with "false".  And where a set limits a
 * column of an index behind the first, the scan for a row of another table may
 * do without the set, and filter by it: the server tries both with arrays that
 * stand in the query, but not with those that come by
 * SupportRequestIndexCondition.
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
	else if (conditions_given && (rel->joininfo != NIL || rel->has_eclass_joins))
	{
		conditions_withheld = true;
		PG_TRY();
		{
			create_index_paths(root, rel);
		}
		PG_FINALLY();
		{
			conditions_withheld = false;
		}
		PG_END_TRY();
	}
	conditions_given = false;
}

void
planner_init(void)
{
	previous_info = get_relation_info_hook;
	get_relation_info_hook = complete_info;
	previous_pathlist = set_rel_pathlist_hook;
	set_rel_pathlist_hook = complete_paths;
	DefineCustomBoolVariable("ambit.specialize_plans",
							 "Lets the planner turn policies into plain predicates.",
							 "Off: the policies are evaluated for each row. The rows are the same.",
							 &specialize_plans, true,
							 PGC_USERSET, GUC_EXPLAIN, NULL, NULL, NULL);
}

/*
 * The OID of one of ambit's functions for plans; InvalidOid if it is gone.
 * Found in ambit's own schema whatever the caller may look up.
 */
static Oid
plan_function(const char *name, Oid last_arg)
{
	Oid			types[3] = {INT8OID, INT4OID, last_arg};
	oidvector  *args = buildoidvector(types, OidIsValid(last_arg) ? 3 : 1);

	return GetSysCacheOid3(PROCNAMEARGSNSP, Anum_pg_proc_oid, CStringGetDatum(name),
						   PointerGetDatum(args), ObjectIdGetDatum(catalog_schema()));
}

static Const *
int8_const(int64 value)
{
	return makeConst(INT8OID, -1, InvalidOid, sizeof(int64), Int64GetDatum(value),
					 false, FLOAT8PASSBYVAL);
}

static Const *
int4_const(int32 value)
{
	return makeConst(INT4OID, -1, InvalidOid, sizeof(int32), Int32GetDatum(value), false, true);
}

/*
 * The type that an index on such a column compares; the base type, and text
 * for varchar.
 */
static Oid
compared_type(const KeyType *type)
{
	return type->class == KEY_TEXT ? TEXTOID : type->base;
}

static Node *
relabel(Node *node, Oid type)
{
	if (exprType(node) == type)
		return node;
	return (Node *) makeRelabelType((Expr *) node, type, -1, exprCollation(node),
									COERCE_IMPLICIT_CAST);
}

static bool
bytewise_collation(Oid collation)
{
	return !OidIsValid(collation) || get_collation_isdeterministic(collation);
}

/*
 * The argument for a bound column; NULL when the column is not bound.
 */
static Node *
bound_column(Specialize *s, PermitsArg column, KeyType *type)
{
	Node	   *arg = list_nth(s->args, column);

	if (IsA(arg, Const) && ((Const *) arg)->constisnull)
		return NULL;
	key_type_init(type, exprType(arg), CurrentMemoryContext);
	/* a copy: it may come to stand in several places */
	return key_class_holds_keys(type->class) ? copyObject(arg) : NULL;
}

/*
 * A call of _matches or _in_reach on a column.
 */
static Node *
call_on_column(Specialize *s, const char *function, int32 number, Node *column)
{
	return (Node *) makeFuncExpr(plan_function(function, ANYOID), BOOLOID,
								 list_make3(int8_const(s->rights->fingerprint),
											int4_const(number), column),
								 InvalidOid, InvalidOid, COERCE_EXPLICIT_CALL);
}

/*
 * A call of _key or _reach, whose result takes its type from the last argument.
 */
static Node *
call_for_type(int64 fingerprint, const char *function, int32 number, Oid type, Oid result,
			  Oid collation)
{
	return (Node *) makeFuncExpr(plan_function(function, ANYELEMENTOID), result,
								 list_make3(int8_const(fingerprint), int4_const(number),
											makeNullConst(type, -1, get_typcollation(type))),
								 collation, InvalidOid, COERCE_EXPLICIT_CALL);
}

/*
 * column = one of my own keys.  NULL when the column is not bound.
 */
static Node *
column_is(Specialize *s, PermitsArg column, PlanKey which)
{
	KeyType		type;
	Node	   *arg = bound_column(s, column, &type);
	Oid			compared,
				operator,
				collation;
	Expr	   *result;

	if (arg == NULL)
		return NULL;
	collation = exprCollation(arg);
	compared = compared_type(&type);
	operator = key_class_indexable(type.class) && bytewise_collation(collation) ?
		lookup_type_cache(compared, TYPECACHE_EQ_OPR)->eq_opr : InvalidOid;
	if (!OidIsValid(operator))
		return call_on_column(s, "_matches", which, arg);
	result = make_opclause(operator, BOOLOID, false,
						   (Expr *) relabel(arg, compared),
						   (Expr *) call_for_type(s->rights->fingerprint, "_key", which,
												  compared, compared, collation),
						   InvalidOid, collation);
	set_opfuncid((OpExpr *) result);
	return (Node *) result;
}

/*
 * column is in a set.  NULL when the column is not bound.
 */
static Node *
column_in(Specialize *s, PermitsArg column, int reach)
{
	KeyType		type;
	Node	   *arg;

	if (s->rights->reaches[reach].single)
		return column_is(s, column, PLAN_KEY_REACH + reach);
	arg = bound_column(s, column, &type);
	return arg == NULL ? NULL : call_on_column(s, "_in_reach", reach, arg);
}

/*
 * Either of two conditions of which one may not apply.
 */
static Node *
either(Node *a, Node *b)
{
	if (a == NULL || b == NULL)
		return a ? a : b;
	return (Node *) make_orclause(list_make2(a, b));
}

/*
 * The conditions of an arm, appended to *conditions; false when it reaches
 * nothing in this table.
 */
static bool
specialize_arm(Specialize *s, const Arm *arm, List **conditions)
{
	Node	   *node = NULL;

	*conditions = NIL;
	if (arm->locations >= 0)
	{
		if ((node = column_in(s, PERMITS_LOCATION, arm->locations)) == NULL)
			return false;
		*conditions = lappend(*conditions, node);
	}
	switch (arm->scope)
	{
		case SCOPE_ALL:
			break;
		case SCOPE_OWN:
			node = column_is(s, PERMITS_OWNER, PLAN_KEY_STAFF);
			break;
		case SCOPE_ASSIGNEE:
			node = column_is(s, PERMITS_ASSIGNEE, PLAN_KEY_STAFF);
			break;
		case SCOPE_TEAM:
			node = either(column_in(s, PERMITS_TEAM, arm->scope_reach),
						  column_in(s, PERMITS_OWNER, arm->scope_staff));
			break;
		case SCOPE_SELF:
		case SCOPE_RELATIONSHIP:
			node = column_in(s, PERMITS_CLIENT, arm->scope_reach);
			break;
	}
	if (arm->scope != SCOPE_ALL)
	{
		if (node == NULL)
			return false;
		*conditions = lappend(*conditions, node);
	}
	if (arm->groups >= 0)
	{
		node = either(column_in(s, PERMITS_TEAM, arm->groups),
					  column_in(s, PERMITS_OWNER, arm->group_staff));
		if (node == NULL)
			return false;
		*conditions = lappend(*conditions, node);
	}
	if (arm->only_self && arm->scope != SCOPE_OWN)
	{
		if ((node = column_is(s, PERMITS_OWNER, PLAN_KEY_STAFF)) == NULL)
			return false;
		*conditions = lappend(*conditions, node);
	}
	if (arm->target_staff >= 0)
	{
		if ((node = column_in(s, PERMITS_OWNER, arm->target_staff)) == NULL)
			return false;
		*conditions = lappend(*conditions, node);
	}
	return true;
}

/*
 * The row is the tenant's.  NULL: it cannot be.
 */
static Node *
specialize_tenant(Specialize *s)
{
	Node	   *arg = list_nth(s->args, PERMITS_TENANT);

	if (exprType(arg) != UNKNOWNOID)
		return column_is(s, PERMITS_TENANT, PLAN_KEY_TENANT);
	if (!s->rights->sole_tenant)
		return NULL;
	return (Node *) makeFuncExpr(plan_function("_sole_tenant", InvalidOid), BOOLOID,
								 list_make1(int8_const(s->rights->fingerprint)),
								 InvalidOid, InvalidOid, COERCE_EXPLICIT_CALL);
}

/*
 * The predicate for the rights, as a fresh list of conditions that all have to
 * hold; NIL is no condition of the row's.
 */
static List *
specialize(Specialize *s, const char *permission)
{
	const RightsPermission *held = rights_permission(s->rights, permission_lookup(permission));
	Node	   *tenant;
	List	   *arms = NIL;

	if (held == NULL || (tenant = specialize_tenant(s)) == NULL)
		return list_make1(makeBoolConst(false, false));
	for (int i = 0; i < held->n; i++)
	{
		List	   *conditions;

		if (!specialize_arm(s, &s->rights->arms[held->first + i], &conditions))
			continue;
		if (conditions == NIL)
			return list_make1(tenant);	/* all of the tenant's */
		arms = lappend(arms, make_ands_explicit(conditions));
	}
	if (arms == NIL)
		return list_make1(makeBoolConst(false, false));
	if (list_length(arms) > 1)
		return list_make2(tenant, make_orclause(arms));
	return lcons(tenant, make_ands_implicit(linitial(arms)));
}

/*
 * The table that the bound columns of a call belong to, if this is one of its
 * policies at work: the server simplifies the policies of a table one after
 * the other, each into a list, so that the first that is none is this one.
 * *asked are the conditions in the lists before it.  NULL: this is no policy,
 * or one that *asked says nothing about.
 */
static Node *
policy_at_work(PlannerInfo *root, List *args, List **asked)
{
	const RangeTblEntry *rte = NULL;
	ListCell   *lc;

	*asked = NIL;
	foreach(lc, args)
	{
		const Node *arg = lfirst(lc);

		while (IsA(arg, RelabelType))
			arg = (const Node *) ((const RelabelType *) arg)->arg;
		if (IsA(arg, Var) && ((const Var *) arg)->varlevelsup == 0)
		{
			rte = rt_fetch(((const Var *) arg)->varno, root->parse->rtable);
			break;
		}
	}
	if (rte == NULL || rte->rtekind != RTE_RELATION)
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
asks_more(Node *node, SeenSearch *search)
{
	if (node == NULL)
		return false;
	if (IsA(node, FuncExpr) && ((FuncExpr *) node)->funcid == search->function)
	{
		search->calls++;
		return !list_member(search->quals, linitial(((FuncExpr *) node)->args));
	}
	return expression_tree_walker(node, asks_more, search);
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

/* Where a call stands that is being simplified. */
typedef enum Place
{
	PLACE_POLICY,				/* in a policy that holds the row it is about */
	PLACE_CONDITION,			/* in another condition */
	PLACE_VALUE					/* where NULL would not be as good as false */
} Place;

/*
 * Whether a tree has calls of a function that are still to be simplified.
 */
static bool
calls(Node *node, Oid *function)
{
	if (node == NULL)
		return false;
	if (IsA(node, FuncExpr) && ((FuncExpr *) node)->funcid == *function &&
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
	else if (policy_is_ambits(((FuncExpr *) node)->funcid, "_seen") ||
			 policy_is_ambits(((FuncExpr *) node)->funcid, "_implied") ||
			 policy_is_ambits(((FuncExpr *) node)->funcid, "_guarded"))
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
static Place
place_of(const Query *query, FuncExpr *call, Node *policy)
{
	List	   *conditions = list_make1(query->havingQual);
	ListCell   *lc;

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
	return policy == NULL || !calls(policy, &call->funcid) || asks_value(policy, &call->funcid) ?
		PLACE_VALUE : PLACE_POLICY;
}

/*
 * Leaves out the conditions that the policies before this one ask, or the same
 * policy in front of the call.
 */
static List *
without_repetition(PlannerInfo *root, const FuncExpr *call, Specialize *s, Node *policy,
				   List *asked, List *conditions)
{
	ListCell   *lc;

	if (is_andclause(policy) && list_member(((BoolExpr *) policy)->args, call))
		foreach(lc, ((BoolExpr *) policy)->args)
		{
			const FuncExpr *before = lfirst(lc);
			const Const *permission;
			Specialize	other = {s->rights, NIL};

			if (equal(before, call))
				break;
			/* the condition of SELECT, if it is asked here */
			if (IsA(before, FuncExpr) && policy_is_ambits(before->funcid, "_seen") &&
				!seen_anyway(root->parse, before->funcid))
				before = linitial(before->args);
			if (!IsA(before, FuncExpr) || before->funcid != call->funcid ||
				list_length(before->args) != PERMITS_NARGS)
				continue;
			permission = linitial(before->args);
			if (!IsA(permission, Const) || permission->constisnull)
				continue;
			other.args = before->args;
			asked = list_concat(asked, specialize(&other,
												  TextDatumGetCString(permission->constvalue)));
		}
	return list_difference(conditions, asked);
}

PG_FUNCTION_INFO_V1(ambit_permits_support);
PG_FUNCTION_INFO_V1(ambit_holds_support);
PG_FUNCTION_INFO_V1(ambit_in_reach_support);
PG_FUNCTION_INFO_V1(ambit_bound_support);
PG_FUNCTION_INFO_V1(ambit_guarded_support);
PG_FUNCTION_INFO_V1(ambit_seen_support);
PG_FUNCTION_INFO_V1(ambit_implied_support);

/*
 * The permission that such a call asks for, if it may be answered for the plan
 * that is being made; the plan depends on the rights from then on.
 */
static char *
planned_permission(SupportRequestSimplify *simplify, int nargs)
{
	List	   *args = simplify->fcall->args;
	Const	   *permission;
	Oid			token;

	/* without a plan to depend on the rights nothing may be made from them */
	if (simplify->root == NULL || relationship_running() ||
		list_length(args) != nargs || !IsA(linitial(args), Const))
		return NULL;
	token = plan_function("_key", ANYELEMENTOID);
	permission = linitial(args);
	if (!OidIsValid(token) || permission->constisnull)
		return NULL;
	plans_depend(simplify->root, token, rights_fingerprint(rights_current()));
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
		!OidIsValid(plan_function("_key", ANYELEMENTOID)))
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
	permission = planned_permission(simplify, PERMITS_NARGS);
	if (permission == NULL)
		PG_RETURN_POINTER(NULL);
	s.args = simplify->fcall->args;
	s.rights = rights_current();
	if (s.rights == NULL)
		PG_RETURN_POINTER(makeBoolConst(false, false));
	conditions = specialize(&s, permission);
	if (IsA(linitial(conditions), Const))
		PG_RETURN_POINTER(linitial(conditions));
	policy = policy_at_work(simplify->root, s.args, &asked);
	switch (place_of(simplify->root->parse, simplify->fcall, policy))
	{
		case PLACE_POLICY:
			conditions = without_repetition(simplify->root, simplify->fcall, &s, policy, asked,
											conditions);
			break;
		case PLACE_CONDITION:
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
	char	   *permission;

	if (!IsA(request, SupportRequestSimplify))
		PG_RETURN_POINTER(NULL);
	permission = planned_permission((SupportRequestSimplify *) request, 1);
	if (permission == NULL)
		PG_RETURN_POINTER(NULL);
	PG_RETURN_POINTER(makeBoolConst(rights_holds(rights_current(), permission_lookup(permission)),
									false));
}

/*
 * The set that a call of _in_reach() asks, or some of it, and its size, if it is
 * about the rights in force.
 */
static bool
asked_set(List *args, KeyType *type, KeySet **keys, double *size)
{
	Rights	   *rights = rights_current();
	const Const *fingerprint;
	const Const *reach;

	if (rights == NULL || list_length(args) != 3)
		return false;
	fingerprint = linitial(args);
	reach = lsecond(args);
	if (!IsA(fingerprint, Const) || fingerprint->constisnull ||
		!IsA(reach, Const) || reach->constisnull ||
		DatumGetInt64(fingerprint->constvalue) != rights->fingerprint)
		return false;
	key_type_init(type, exprType(lthird(args)), CurrentMemoryContext);
	*keys = reach_sample(rights, DatumGetInt32(reach->constvalue), type, size);
	return true;
}

/*
 * Whether to look up each key of a set in an index would take longer than to
 * probe the set with each row that the other conditions leave.  The server
 * cannot tell: it takes every such array for one of ten keys.
 */
static bool
too_many_keys(SupportRequestIndexCondition *request, List *args)
{
	VariableStatData vardata;
	KeyType		type;
	KeySet	   *keys;
	double		rows = request->index->rel->tuples;
	double		size;
	double		distinct;
	bool		isdefault;
	ListCell   *lc;

	if (!asked_set(args, &type, &keys, &size) || keys == NULL || size <= PLAN_SAMPLE)
		return false;
	examine_variable(request->root, lthird(args), 0, &vardata);
	distinct = get_variable_numdistinct(&vardata, &isdefault);
	ReleaseVariableStats(vardata);
	foreach(lc, request->index->rel->baserestrictinfo)
	{
		RestrictInfo *condition = lfirst(lc);

		if (condition->orclause == NULL && !equal(condition->clause, request->node))
			rows *= clause_selectivity(request->root, (Node *) condition, 0, JOIN_INNER, NULL);
	}
	/* to look up a key takes as long as to probe for four rows or so */
	return size * (4.0 + request->index->rel->tuples / Max(distinct, 1.0)) > rows;
}

/*
 * Whether the columns of the index before the one in question are each
 * compared with one value, by the index's own equality.  If not, a scan for an
 * array does not yield rows in the order of the index, and the server would
 * take them for ordered.
 */
static bool
leading_columns_pinned(SupportRequestIndexCondition *request)
{
	IndexOptInfo *index = request->index;

	for (int i = 0; i < request->indexcol; i++)
	{
		bool		pinned = false;
		ListCell   *lc;

		foreach(lc, index->rel->baserestrictinfo)
		{
			const OpExpr *clause = (const OpExpr *) lfirst_node(RestrictInfo, lc)->clause;

			if (IsA(clause, OpExpr) && list_length(clause->args) == 2 &&
				((match_index_to_operand(linitial(clause->args), i, index) &&
				  is_pseudo_constant_clause(lsecond(clause->args))) ||
				 (match_index_to_operand(lsecond(clause->args), i, index) &&
				  is_pseudo_constant_clause(linitial(clause->args)))) &&
				(!OidIsValid(index->indexcollations[i]) ||
				 clause->inputcollid == index->indexcollations[i]) &&
				get_op_opfamily_strategy(clause->opno, index->opfamily[i]) == BTEqualStrategyNumber)
				pinned = true;
		}
		if (!pinned)
			return false;
	}
	return true;
}

/*
 * _in_reach(fingerprint, reach, column) as column = ANY (_reach(...)).
 */
static List *
reach_index_condition(SupportRequestIndexCondition *request)
{
	FuncExpr   *call = (FuncExpr *) request->node;
	Const	   *fingerprint;
	Const	   *reach;
	Node	   *column;
	KeyType		type;
	Oid			compared,
				operator,
				array_type;
	ScalarArrayOpExpr *result;

	if (conditions_withheld || !leading_columns_pinned(request) ||
		!IsA(call, FuncExpr) || list_length(call->args) != 3 || request->indexarg != 2 ||
		request->index->relam != BTREE_AM_OID || !bytewise_collation(request->indexcollation))
		return NIL;
	fingerprint = linitial(call->args);
	reach = lsecond(call->args);
	column = lthird(call->args);
	if (!IsA(fingerprint, Const) || fingerprint->constisnull ||
		!IsA(reach, Const) || reach->constisnull)
		return NIL;
	key_type_init(&type, exprType(column), CurrentMemoryContext);
	if (!key_class_indexable(type.class))
		return NIL;
	compared = compared_type(&type);
	operator = get_opfamily_member(request->opfamily, compared, compared, BTEqualStrategyNumber);
	array_type = get_array_type(compared);
	if (!OidIsValid(operator) || !OidIsValid(array_type) || too_many_keys(request, call->args))
		return NIL;

	result = makeNode(ScalarArrayOpExpr);
	result->opno = operator;
	result->opfuncid = get_opcode(operator);
	result->useOr = true;
	result->inputcollid = request->indexcollation;
	result->args = list_make2(relabel(column, compared),
							  call_for_type(DatumGetInt64(fingerprint->constvalue), "_reach",
											DatumGetInt32(reach->constvalue), compared,
											array_type, request->indexcollation));
	result->location = -1;
	request->lossy = false;
	conditions_given |= (request->indexcol > 0);
	return list_make1(result);
}

/*
 * The share of the rows whose column is in the set: for each key what the
 * server would say of column = key.
 */
static bool
reach_selectivity(SupportRequestSelectivity *request)
{
	VariableStatData vardata;
	KeyType		type;
	KeySet	   *keys;
	Oid			equality = InvalidOid;
	double		selectivity = 0.0;
	double		size;
	bool		isdefault;

	if (request->is_join || !asked_set(request->args, &type, &keys, &size))
		return false;
	if (keys == NULL || size == 0)
	{
		request->selectivity = 0.0;
		return true;
	}
	examine_variable(request->root, lthird(request->args), request->varRelid, &vardata);
	if (key_class_indexable(type.class))
		equality = lookup_type_cache(compared_type(&type), TYPECACHE_EQ_OPR)->eq_opr;
	if (OidIsValid(equality))
	{
		Datum		sample[PLAN_SAMPLE];
		int			n = key_set_values(keys, &type, sample, PLAN_SAMPLE);

		for (int i = 0; i < n; i++)
			selectivity += var_eq_const(&vardata, equality, exprCollation(lthird(request->args)),
										sample[i], false, true, false);
		if (n > 0)
			selectivity *= size / n;
	}
	else
		selectivity = size / Max(get_variable_numdistinct(&vardata, &isdefault), 1.0);
	ReleaseVariableStats(vardata);
	CLAMP_PROBABILITY(selectivity);
	request->selectivity = selectivity;
	return true;
}

/*
 * _in_reach_support(internal) returns internal
 *		An index condition and an estimate for _in_reach().
 */
Datum
ambit_in_reach_support(PG_FUNCTION_ARGS)
{
	Node	   *request = (Node *) PG_GETARG_POINTER(0);

	if (IsA(request, SupportRequestIndexCondition))
		PG_RETURN_POINTER(reach_index_condition((SupportRequestIndexCondition *) request));
	if (IsA(request, SupportRequestSelectivity) &&
		reach_selectivity((SupportRequestSelectivity *) request))
		PG_RETURN_POINTER(request);
	PG_RETURN_POINTER(NULL);
}

/*
 * _bound_support(internal) returns internal
 *		The permissive policy says yes; its arguments are for ambit to read.
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
	permission = planned_permission((SupportRequestSimplify *) request, 3);
	args = ((SupportRequestSimplify *) request)->fcall->args;
	if (list_length(args) != 3)
		PG_RETURN_POINTER(NULL);
	seeing = lsecond(args);
	rights = rights_current();
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
