/*
 * telling.c
 *		What a query on one table may tell of rows before they are joined.
 *
 * Policies are evaluated before a row comes to anything that could show it:
 * a function of the one who asks, an error, a lock.  A policy that is joined
 * is not (planner_parent.c).  The measure is what the server itself evaluates
 * before a policy: conditions that are leakproof.  Nothing else may be:
 *
 * - conditions are the server's own leakproof functions of types and collations
 *	 none of whose comparisons raises an error, or say what time it is;
 * - what is sorted by is that, too: rows may be sorted before they are joined;
 * - no subquery stands in a condition, as it would be run for such rows, and so
 *	 would what it reads; nor does a column of a query around it, unless it is one
 *	 of a table: what the query around it computes may come to stand there;
 * - parameters, which a procedural language may fail to give, stand where the
 *	 server evaluates them as early: in conditions that are not long;
 * - nothing is locked or written, and anything that is not known here tells.
 *
 * What a query returns comes after its joins, and so do the arguments of its
 * aggregates.
 */
#include "postgres.h"
#include "compat.h"

#include "access/table.h"
#include "access/transam.h"
#include "catalog/pg_class.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "parser/parsetree.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

#include "functions.h"
#include "policy.h"
#include "steady.h"
#include "telling.h"

/* intervals that any time of ours can be moved by, and how many times */
#define MANY_MONTHS 10000
#define MANY_DAYS 100000
#define MANY_MOVES 3

/* of conditions that the server may evaluate before a policy, with parameters */
#define MANY_OPERATORS 10
#define MANY_ELEMENTS 16

static bool tells(Node *node, void *context);
static bool telling_policy(Node *condition, const RangeTblEntry *rte);

static bool
not_leakproof(Oid function, void *context)
{
	return !get_func_leakproof(function);
}

static bool
is_short(const Node *node)
{
	const Const *value = (const Const *) node;
	const Interval *interval;

	if (!IsA(node, Const) || value->constisnull || value->consttype != INTERVALOID)
		return false;
	interval = DatumGetIntervalP(value->constvalue);
	return interval->month >= -MANY_MONTHS && interval->month <= MANY_MONTHS &&
		interval->day >= -MANY_DAYS && interval->day <= MANY_DAYS &&
		interval->time >= -MANY_DAYS * USECS_PER_DAY && interval->time <= MANY_DAYS * USECS_PER_DAY;
}

static bool
is_unit(const Node *node)
{
	static const char *const units[] = {"minute", "hour", "day", "week", "month", "quarter", "year"};
	const Const *value = (const Const *) node;

	if (!IsA(node, Const) || value->constisnull || value->consttype != TEXTOID)
		return false;
	for (int i = 0; i < lengthof(units); i++)
		if (strcmp(TextDatumGetCString(value->constvalue), units[i]) == 0)
			return true;
	return false;
}

/*
 * Whether an expression is a time not far from now: it raises no error.
 */
static bool
is_time(const Node *node, int moves)
{
	const FuncExpr *call = (const FuncExpr *) node;
	const OpExpr *op = (const OpExpr *) node;

	if (IsA(node, OpExpr))
		return moves > 0 && op->opno < FirstNormalObjectId &&
			(op->opfuncid == F_TIMESTAMPTZ_PL_INTERVAL || op->opfuncid == F_TIMESTAMPTZ_MI_INTERVAL) &&
			is_time(linitial(op->args), moves - 1) && is_short(lsecond(op->args));
	if (!IsA(node, FuncExpr))
		return false;
	switch (call->funcid)
	{
		case F_NOW:
		case F_TRANSACTION_TIMESTAMP:
		case F_STATEMENT_TIMESTAMP:
			return true;
		case F_DATE_TIMESTAMPTZ:
			return is_time(linitial(call->args), moves);
		case F_DATE_TRUNC_TEXT_TIMESTAMPTZ:
			return is_unit(linitial(call->args)) && is_time(lsecond(call->args), moves);
		default:
			return false;
	}
}

static bool
is_near_now(const Node *node)
{
	return is_time(node, MANY_MOVES);
}

/*
 * Whether a function or operator may tell of what it is given.
 */
static bool
call_tells(Node *node)
{
	ListCell   *lc;

	switch (nodeTag(node))
	{
		case T_OpExpr:
		case T_DistinctExpr:
		case T_NullIfExpr:
			if (((OpExpr *) node)->opno >= FirstNormalObjectId)
				return true;
			break;
		case T_ScalarArrayOpExpr:
			if (((ScalarArrayOpExpr *) node)->opno >= FirstNormalObjectId)
				return true;
			break;
		case T_RowCompareExpr:
			foreach(lc, ((RowCompareExpr *) node)->opnos)
				if (lfirst_oid(lc) >= FirstNormalObjectId)
					return true;
			break;
		default:
			break;
	}
	return check_functions_in_node(node, not_leakproof, NULL);
}

/*
 * Whether a subquery only looks for rows.
 */
static bool
is_plain(const Query *query)
{
	ListCell   *lc;

	if (query->commandType != CMD_SELECT || query->hasAggs || query->hasWindowFuncs ||
		query->hasTargetSRFs || query->hasModifyingCTE || query->rowMarks != NIL ||
		query->groupClause != NIL || query->groupingSets != NIL || query->havingQual != NULL ||
		query->distinctClause != NIL || query->setOperations != NULL || query->cteList != NIL ||
		query->limitOffset != NULL || query->limitCount != NULL)
		return false;
	foreach(lc, query->rtable)
	{
		const RangeTblEntry *rte = lfirst(lc);

		if (rte->rtekind != RTE_RELATION && rte->rtekind != RTE_JOIN &&
			(rte->rtekind != RTE_SUBQUERY || !is_plain(rte->subquery)))
			return false;
	}
	return true;
}

static bool
has_params(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, Param))
		return ((Param *) node)->paramkind == PARAM_EXTERN;
	return expression_tree_walker(node, has_params, context);
}

/*
 * Whether values may not be compared under a collation, or with a warning.
 */
static bool
collation_tells(Oid type, Oid collation)
{
	return type_is_collatable(type) && collation != DEFAULT_COLLATION_OID &&
		collation != C_COLLATION_OID;
}

/*
 * Whether sorting by a value may raise an error.
 */
static bool
comparison_tells(const Node *value)
{
	Oid			type = exprType(value);
	char		kind = get_typtype(type);

	return collation_tells(type, exprCollation(value)) ||
		(kind != TYPTYPE_ENUM &&
		 (kind != TYPTYPE_BASE || type >= FirstNormalObjectId || OidIsValid(get_element_type(type))));
}

/*
 * Whether a function that is leakproof raises no error about values of a type:
 * some do, about circles, say.
 */
static bool
is_silent_type(Oid type)
{
	switch (type)
	{
		case BOOLOID:
		case CHAROID:
		case INT2OID:
		case INT4OID:
		case INT8OID:
		case OIDOID:
		case FLOAT4OID:
		case FLOAT8OID:
		case TEXTOID:
		case VARCHAROID:
		case BPCHAROID:
		case NAMEOID:
		case BYTEAOID:
		case UUIDOID:
		case DATEOID:
		case TIMEOID:
		case TIMESTAMPOID:
		case TIMESTAMPTZOID:
		case INTERVALOID:
			return true;
		default:
			return get_typtype(type) == TYPTYPE_ENUM;
	}
}

static bool
arguments_tell(List *args, Oid collation)
{
	ListCell   *lc;

	foreach(lc, args)
	{
		Oid			type = exprType(lfirst(lc));
		Oid			element = get_element_type(type);

		if (!is_silent_type(OidIsValid(element) ? element : type) || collation_tells(type, collation))
			return true;
	}
	return false;
}

/*
 * Whether a function or operator of a statement may tell of what it is given.
 */
static bool
statement_call_tells(Node *node)
{
	const RowCompareExpr *rows = (const RowCompareExpr *) node;
	ListCell   *left,
			   *right,
			   *collation;

	if (call_tells(node))
		return true;
	switch (nodeTag(node))
	{
		case T_FuncExpr:
			return ((FuncExpr *) node)->funcid >= FirstNormalObjectId ||
				arguments_tell(((FuncExpr *) node)->args, exprInputCollation(node));
		case T_ScalarArrayOpExpr:
			return arguments_tell(((ScalarArrayOpExpr *) node)->args, exprInputCollation(node));
		case T_RowCompareExpr:
			forthree(left, rows->largs, right, rows->rargs, collation, rows->inputcollids)
				if (arguments_tell(list_make2(lfirst(left), lfirst(right)), lfirst_oid(collation)))
					return true;
			return false;
		default:
			return arguments_tell(((OpExpr *) node)->args, exprInputCollation(node));
	}
}

/*
 * Whether another server is asked for the rows of a table, or of a part of it,
 * or the server puts expressions in the place of its columns, later.
 */
static bool
table_tells(const RangeTblEntry *rte)
{
	Relation	rel = table_open(rte->relid, NoLock);
	bool		result = desc_has_virtual_columns(RelationGetDescr(rel));
	ListCell   *lc;

	table_close(rel, NoLock);
	if (rte->tablesample != NULL || rte->relkind == RELKIND_FOREIGN_TABLE)
		return true;
	if (!result && rte->inh && has_subclass(rte->relid))
		foreach(lc, find_all_inheritors(rte->relid, NoLock, NULL))
			if (get_rel_relkind(lfirst_oid(lc)) == RELKIND_FOREIGN_TABLE)
				return true;
	return result;
}

/*
 * Whether a column is one of a table.  around: the queries around this one.
 */
static bool
is_stored(const Var *var, List *around)
{
	const Query *query;
	const RangeTblEntry *rte;

	if (var->varlevelsup == 0)
		return true;
	if ((int) var->varlevelsup > list_length(around))
		return false;
	query = list_nth(around, var->varlevelsup - 1);
	rte = rt_fetch(var->varno, query->rtable);
	return rte->rtekind == RTE_RELATION && !table_tells(rte);
}

/*
 * The arguments of an aggregate are evaluated after the joins, but rows may be
 * put in the order that it wants before.
 */
static bool
aggregate_tells(Aggref *aggregate, List *around)
{
	ListCell   *lc;

	if (aggregate->aggorder == NIL && aggregate->aggdistinct == NIL)
		return false;
	foreach(lc, aggregate->args)
	{
		Node	   *argument = (Node *) lfirst_node(TargetEntry, lc)->expr;

		if (tells(argument, around) || has_params(argument, NULL) || comparison_tells(argument))
			return true;
	}
	return tells((Node *) aggregate->aggfilter, around) ||
		tells((Node *) aggregate->aggdirectargs, around);
}

/*
 * Of what is evaluated after all joins of its query: the aggregates, also in a
 * query in it, as they may be this one's.
 */
static bool
result_tells(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, Query))
		return query_tree_walker((Query *) node, result_tells, NIL, 0);
	if (IsA(node, Aggref) && aggregate_tells((Aggref *) node, context))
		return true;
	return expression_tree_walker(node, result_tells, context);
}

/*
 * An array may become too large, and arrays of arrays may not fit together.
 */
static bool
array_tells(const ArrayExpr *array)
{
	bool		known = true;
	ListCell   *lc;

	foreach(lc, array->elements)
		known = known && IsA(lfirst(lc), Const);
	return array->multidims ||
		(!known && get_typlen(array->element_typeid) <= 0 &&
		 list_length(array->elements) > MANY_ELEMENTS);
}

/*
 * Whether a node by itself is silent: what is in it is looked at next.
 */
static bool
is_silent(const Node *node)
{
	switch (nodeTag(node))
	{
		case T_Var:
		case T_Const:
		case T_Param:
		case T_BoolExpr:
		case T_BooleanTest:
		case T_RelabelType:
		case T_CollateExpr:
		case T_List:
		case T_FromExpr:
		case T_RangeTblRef:
			return true;
		case T_NullTest:
			return !((const NullTest *) node)->argisrow;
		case T_SQLValueFunction:
			return ((const SQLValueFunction *) node)->op != SVFOP_CURRENT_SCHEMA;
		case T_ArrayExpr:
			return !array_tells((const ArrayExpr *) node);
		default:
			return false;
	}
}

/*
 * Whether an expression that may be evaluated before the joins may tell of
 * the columns in it.  context: the queries around its own.
 */
static bool
tells(Node *node, void *context)
{
	if (node == NULL)
		return false;
	switch (nodeTag(node))
	{
		case T_Var:
			return !is_stored((Var *) node, context);
		case T_Aggref:
			return aggregate_tells((Aggref *) node, context);
		case T_WindowFunc:
			return false;
		case T_FuncExpr:
		case T_OpExpr:
		case T_DistinctExpr:
		case T_NullIfExpr:
		case T_ScalarArrayOpExpr:
		case T_RowCompareExpr:
			if (is_near_now(node))
				return false;
			if (statement_call_tells(node))
				return true;
			break;
		default:
			if (!is_silent(node))
				return true;
			break;
	}
	return expression_tree_walker(node, tells, context);
}

/*
 * Counts operators as the server's costs do: an array is of ten elements unless
 * they are there, of which half are compared.
 */
static bool
count_operators(Node *node, void *context)
{
	int		   *number = context;
	const Node *array;

	if (node == NULL || IsA(node, Aggref) || IsA(node, WindowFunc))
		return false;
	switch (nodeTag(node))
	{
		case T_OpExpr:
		case T_FuncExpr:
		case T_DistinctExpr:
		case T_NullIfExpr:
			*number += 1;
			break;
		case T_ScalarArrayOpExpr:
			array = lsecond(((ScalarArrayOpExpr *) node)->args);
			*number += IsA(array, ArrayExpr) ? list_length(((ArrayExpr *) array)->elements) / 2 + 1 : 5;
			break;
		case T_RowCompareExpr:
			*number += list_length(((RowCompareExpr *) node)->opnos);
			break;
		default:
			break;
	}
	return expression_tree_walker(node, count_operators, context);
}

/*
 * Of a condition: the server evaluates it before a policy if it is leakproof and
 * not long.
 */
static bool
condition_tells(Node *condition, List *around)
{
	ListCell   *lc;

	if (tells(condition, around))
		return true;
	foreach(lc, make_ands_implicit((Expr *) condition))
	{
		int			operators = 0;

		(void) count_operators(lfirst(lc), &operators);
		if (operators >= MANY_OPERATORS && has_params(lfirst(lc), NULL))
			return true;
	}
	return false;
}

/*
 * Of what rows are sorted by, perhaps before they are joined.
 */
static bool
key_tells(Node *key, List *around)
{
	return tells(key, around) || has_params(key, NULL);
}

/*
 * Of a column of a query in another one's FROM, whose conditions it may come to
 * stand in: it makes none of them longer.
 */
static bool
column_tells(Node *column, List *around)
{
	int			operators = 0;

	(void) count_operators(column, &operators);
	return operators > 0 || key_tells(column, around);
}

static bool
sorting_tells(const Query *query)
{
	List	   *clauses = list_concat_copy(query->sortClause, query->groupClause);
	ListCell   *lc;

	clauses = list_concat(clauses, query->distinctClause);
	foreach(lc, query->windowClause)
	{
		clauses = list_concat(clauses, lfirst_node(WindowClause, lc)->partitionClause);
		clauses = list_concat(clauses, lfirst_node(WindowClause, lc)->orderClause);
	}
	foreach(lc, query->targetList)
	{
		const TargetEntry *entry = lfirst(lc);
		ListCell   *clause;

		/* a set operation may compare whatever it puts together */
		if (query->setOperations != NULL && comparison_tells((Node *) entry->expr))
			return true;
		foreach(clause, clauses)
			if (entry->ressortgroupref == lfirst_node(SortGroupClause, clause)->tleSortGroupRef &&
				comparison_tells((Node *) entry->expr))
				return true;
	}
	return false;
}

bool
telling_query(const Query *query, bool returned, List *around)
{
	ListCell   *lc;

	if (query->rowMarks != NIL || query->hasModifyingCTE ||
		(query->commandType != CMD_SELECT && query->commandType != CMD_INSERT))
		return true;
	foreach(lc, query->targetList)
	{
		const TargetEntry *entry = lfirst(lc);

		if (!returned ? column_tells((Node *) entry->expr, around) :
			entry->ressortgroupref != 0 ? key_tells((Node *) entry->expr, around) :
			result_tells((Node *) entry->expr, around))
			return true;
	}
	foreach(lc, query->rtable)
		if (rte_is_grouped(lfirst_node(RangeTblEntry, lc)) &&
			key_tells((Node *) rte_grouped(lfirst_node(RangeTblEntry, lc)), around))
			return true;
	return condition_tells(query->jointree->quals, around) ||
		condition_tells(query->havingQual, around) || sorting_tells(query);
}

/*
 * Of the conditions of a policy of a table: what permits() comes to is silent,
 * and so is the condition of a rule until the row is permitted.  Parents are
 * looked at with their own policies.
 */
static bool
policy_tells(Node *node, void *context)
{
	const RangeTblEntry *table = context;
	const FuncExpr *call = (const FuncExpr *) node;
	ListCell   *lc;

	if (node == NULL)
		return false;
	switch (nodeTag(node))
	{
		case T_SubLink:
			{
				Query	   *query = (Query *) ((SubLink *) node)->subselect;

				if (((SubLink *) node)->subLinkType != EXISTS_SUBLINK || !is_plain(query) ||
					policy_tells((Node *) query->jointree, context))
					return true;
				foreach(lc, query->rtable)
				{
					const RangeTblEntry *rte = lfirst(lc);
					ListCell   *policy;

					if (rte->rtekind != RTE_RELATION || table_tells(rte))
						return true;
					foreach(policy, rte->securityQuals)
						if (telling_policy(lfirst(policy), rte))
							return true;
				}
				return false;
			}
		case T_FuncExpr:
			if (call->funcid == functions_find(FUNCTION_PERMITS))
				return expression_tree_walker(node, policy_tells, context);
			if (call->funcid == functions_find(FUNCTION_GUARDED) &&
				policy_is_protected(table->relid))
				return false;
			/* FALLTHROUGH */
		case T_OpExpr:
		case T_DistinctExpr:
		case T_NullIfExpr:
		case T_ScalarArrayOpExpr:
			if (is_near_now(node))
				return false;
			if (call_tells(node))
				return true;
			break;
		default:
			if (!is_silent(node))
				return true;
			break;
	}
	return expression_tree_walker(node, policy_tells, context);
}

static bool
telling_policy(Node *condition, const RangeTblEntry *rte)
{
	check_stack_depth();
	return policy_tells(condition, unconstify(RangeTblEntry *, rte)) || !steady_expression(NIL, condition, false);
}

bool
telling_table(const RangeTblEntry *rte)
{
	ListCell   *lc;

	if (table_tells(rte))
		return true;
	foreach(lc, rte->securityQuals)
		if (telling_policy(lfirst(lc), rte))
			return true;
	return false;
}
