/*
 * planner_reach.c
 *		Planner support: sets of keys.
 *
 * A set is asked by _in_reach(), a hash probe; as the condition of an index it
 * becomes column = ANY (_reach()).
 */
#include "postgres.h"
#include "compat.h"

#include "access/stratnum.h"
#include "catalog/pg_am.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/pathnodes.h"
#include "nodes/supportnodes.h"
#include "optimizer/clauses.h"
#include "optimizer/optimizer.h"
#include "optimizer/paths.h"
#include "optimizer/restrictinfo.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/selfuncs.h"
#include "utils/typcache.h"

#include "functions.h"
#include "permits.h"
#include "planner.h"
#include "rights.h"
#include "specialize.h"

/*
 * The rows of a set of related keys may all be in one place of what is read,
 * which has half of the other rows before it: taken for one chance in five.
 */
#define PASSED_OVER 0.1

static bool conditions_given = false;	/* for a column of an index behind the first */
static bool conditions_withheld = false;

PG_FUNCTION_INFO_V1(ambit_in_reach_support);

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
 * column = ANY (values)
 */
static Expr *
any_of(Node *column, Oid compared, Oid operator, Oid collation, Node *values)
{
	ScalarArrayOpExpr *result = makeNode(ScalarArrayOpExpr);

	result->opno = operator;
	result->opfuncid = get_opcode(operator);
	result->useOr = true;
	result->inputcollid = collation;
	result->args = list_make2(specialize_relabel(column, compared), values);
	result->location = -1;
	return (Expr *) result;
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
	Expr	   *result;

	if (conditions_withheld || !leading_columns_pinned(request) ||
		!IsA(call, FuncExpr) || list_length(call->args) != 3 || request->indexarg != 2 ||
		request->index->relam != BTREE_AM_OID || !specialize_bytewise(request->indexcollation))
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
	compared = specialize_type(&type);
	operator = get_opfamily_member(request->opfamily, compared, compared, BTEqualStrategyNumber);
	array_type = get_array_type(compared);
	if (!OidIsValid(operator) || !OidIsValid(array_type) || too_many_keys(request, call->args))
		return NIL;

	result = any_of(column, compared, operator, request->indexcollation,
					specialize_call(DatumGetInt64(fingerprint->constvalue), FUNCTION_REACH,
									DatumGetInt32(reach->constvalue), compared, array_type,
									request->indexcollation));
	request->lossy = false;
	conditions_given |= (request->indexcol > 0);
	return list_make1(result);
}

/*
 * The conditions of the column's table that say column = value, where the table
 * has extended statistics: these may tell that who is in the set is in the
 * tenant anyway.  The server does not ask them about a function.
 */
static List *
related_conditions(PlannerInfo *root, Node *column)
{
	List	   *result = NIL;
	const Var  *var;
	const RelOptInfo *rel;
	ListCell   *lc;

	while (IsA(column, RelabelType))
		column = (Node *) ((RelabelType *) column)->arg;
	var = (const Var *) column;
	if (!IsA(var, Var) || var->varlevelsup > 0 || root->simple_rel_array == NULL ||
		var->varno >= root->simple_rel_array_size)
		return NIL;
	rel = root->simple_rel_array[var->varno];
	if (rel == NULL || rel->statlist == NIL)
		return NIL;
	foreach(lc, rel->baserestrictinfo)
	{
		RestrictInfo *condition = lfirst_node(RestrictInfo, lc);
		const OpExpr *clause = (const OpExpr *) condition->clause;

		if (IsA(clause, OpExpr) && !condition->pseudoconstant &&
			get_oprrest(clause->opno) == F_EQSEL)
			result = lappend(result, condition);
	}
	return result;
}

/*
 * The share of the rows that meet a condition, of those that meet others.
 */
static double
share_among(SupportRequestSelectivity *request, List *others, Expr *condition)
{
	double		among = clauselist_selectivity(request->root, others, request->varRelid,
											   JOIN_INNER, NULL);
	List	   *both = lappend(list_copy(others),
							   make_simple_restrictinfo(request->root, condition));

	if (among <= 0.0)
		return 0.0;
	return clauselist_selectivity(request->root, both, request->varRelid, JOIN_INNER, NULL) /
		among;
}

/*
 * The share of the rows whose column is in the set: for each key what the
 * server would say of column = key, among the rows that meet the other
 * conditions.
 */
static bool
reach_selectivity(SupportRequestSelectivity *request)
{
	VariableStatData vardata;
	KeyType		type;
	KeySet	   *keys;
	Oid			equality = InvalidOid;
	double		selectivity;
	double		size;
	bool		isdefault;

	if (request->is_join || !asked_set(request->args, &type, &keys, &size))
		return false;
	if (keys == NULL || size == 0)
	{
		request->selectivity = 0.0;
		return true;
	}
	if (key_class_indexable(type.class))
		equality = lookup_type_cache(specialize_type(&type), TYPECACHE_EQ_OPR)->eq_opr;
	if (OidIsValid(equality))
	{
		Node	   *column = lthird(request->args);
		Oid			compared = specialize_type(&type);
		Oid			collation = exprCollation(column);
		int			n = Min(key_set_size(keys), PLAN_SAMPLE);
		ArrayType  *sample = key_set_array(keys, &type, n);
		Const	   *values = makeConst(get_array_type(compared), -1, collation, -1,
									   PointerGetDatum(sample), false, false);

		selectivity = share_among(request, related_conditions(request->root, column),
								  any_of(column, compared, equality, collation,
										 (Node *) values)) * size / Max(n, 1);
	}
	else
	{
		examine_variable(request->root, lthird(request->args), request->varRelid, &vardata);
		selectivity = size / Max(get_variable_numdistinct(&vardata, &isdefault), 1.0);
		ReleaseVariableStats(vardata);
	}
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
 * Whether a condition is about a set of related keys, and these are so few that
 * the server sees all of them when it says what looking them up costs.
 */
static bool
asks_few_related(const Expr *condition)
{
	const FuncExpr *call = (const FuncExpr *) condition;
	KeyType		type;
	KeySet	   *keys;
	double		size;

	return IsA(condition, FuncExpr) && call->funcid == functions_find(FUNCTION_IN_REACH) &&
		asked_set(call->args, &type, &keys, &size) && size <= PLAN_SAMPLE &&
		reach_is_related(rights_current(),
						 DatumGetInt32(((Const *) lsecond(call->args))->constvalue));
}

/*
 * Whether a path reads only the rows that meet a condition.
 */
static bool
looks_up(const Path *path, const RestrictInfo *condition)
{
	ListCell   *lc;

	switch (nodeTag(path))
	{
		case T_IndexPath:
			foreach(lc, ((const IndexPath *) path)->indexclauses)
				if (lfirst_node(IndexClause, lc)->rinfo == condition)
					return true;
			return false;
		case T_BitmapHeapPath:
			return looks_up(((const BitmapHeapPath *) path)->bitmapqual, condition);
		case T_BitmapAndPath:
			foreach(lc, ((const BitmapAndPath *) path)->bitmapquals)
				if (looks_up(lfirst(lc), condition))
					return true;
			return false;
		case T_BitmapOrPath:
			foreach(lc, ((const BitmapOrPath *) path)->bitmapquals)
				if (!looks_up(lfirst(lc), condition))
					return false;
			return true;
		default:
			return false;
	}
}

/*
 * Has those of the paths that filter by a set begin with rows that are passed
 * over.
 */
static void
pass_over(PlannerInfo *root, List *paths, RestrictInfo *condition)
{
	double		others = 1.0 - clause_selectivity(root, (Node *) condition, 0, JOIN_INNER, NULL);
	ListCell   *lc;

	foreach(lc, paths)
	{
		Path	   *path = lfirst(lc);

		if (path->param_info == NULL && !looks_up(path, condition) &&
			(path->pathtype == T_SeqScan || path->pathtype == T_IndexScan ||
			 path->pathtype == T_IndexOnlyScan || path->pathtype == T_BitmapHeapScan))
			path->startup_cost += PASSED_OVER * others * (path->total_cost - path->startup_cost);
	}
}

/*
 * For a LIMIT the server takes the rows that pass a filter to be spread evenly.
 * Those that somebody is related to are not: clients served of late have their
 * appointments late, and a page of the first ones would read all of the others
 * before.  Where an index looks the keys up, what is read is bounded, and that
 * is worth some rows more.
 */
static void
expect_late_rows(PlannerInfo *root, RelOptInfo *rel)
{
	ListCell   *lc,
			   *path;

	if (root->tuple_fraction <= 0.0)
		return;
	foreach(lc, rel->baserestrictinfo)
	{
		RestrictInfo *condition = lfirst(lc);
		bool		bounded = false;

		if (!asks_few_related(condition->clause))
			continue;
		foreach(path, rel->pathlist)
			bounded |= (((Path *) lfirst(path))->param_info == NULL &&
						looks_up(lfirst(path), condition));
		if (!bounded)
			continue;
		pass_over(root, rel->pathlist, condition);
		pass_over(root, rel->partial_pathlist, condition);
	}
}

/*
 * Where a set limits a column of an index behind the first, the scan for a row
 * of another table may do without the set, and filter by it: the server tries
 * both with arrays that stand in the query, but not with those that come by
 * SupportRequestIndexCondition.
 */
void
planner_reach_paths(PlannerInfo *root, RelOptInfo *rel)
{
	if (conditions_given && !IS_DUMMY_REL(rel) &&
		(rel->joininfo != NIL || rel->has_eclass_joins))
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
	if (!IS_DUMMY_REL(rel))
		expect_late_rows(root, rel);
}
