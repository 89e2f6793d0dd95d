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
#include "nodes/nodeFuncs.h"
#include "nodes/pathnodes.h"
#include "nodes/supportnodes.h"
#include "optimizer/clauses.h"
#include "optimizer/optimizer.h"
#include "optimizer/paths.h"
#include "utils/lsyscache.h"
#include "utils/selfuncs.h"
#include "utils/typcache.h"

#include "permits.h"
#include "planner.h"
#include "rights.h"
#include "specialize.h"

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

	result = makeNode(ScalarArrayOpExpr);
	result->opno = operator;
	result->opfuncid = get_opcode(operator);
	result->useOr = true;
	result->inputcollid = request->indexcollation;
	result->args = list_make2(specialize_relabel(column, compared),
							  specialize_call(DatumGetInt64(fingerprint->constvalue), FUNCTION_REACH,
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
		equality = lookup_type_cache(specialize_type(&type), TYPECACHE_EQ_OPR)->eq_opr;
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
}
