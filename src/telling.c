/*
 * telling.c
 *		What a statement may tell of rows before its joins.
 *
 * Policies are evaluated before a row comes to anything that could show it:
 * a function of the one who asks, an error, a lock.  A policy that is joined
 * is not (planner_parent.c).  So it is looked at what else may be evaluated
 * early, or not at all if no such row is found, and anything that is not known
 * to be silent tells:
 *
 * - functions and operators, unless they are the server's own, leakproof and of
 *	 types and collations none of whose comparisons raises an error, or say what
 *	 time it is;
 * - subqueries in conditions, unless they only look whether rows are there;
 * - aggregates, windows and limits that may be at fault, in a query that is run
 *	 for the rows that another one finds, or only if it finds some: each but the
 *	 outermost, and what that alone reads from;
 * - what is sorted by, as rows may be sorted before they are joined;
 * - tables of somebody else than the owner of the protected one: he may have put
 *	 policies, conditions of indexes or locks there, to learn when they are read;
 * - foreign tables, locks, writes in WITH, and whatever is not known here.
 *
 * What a statement returns comes after its joins, and so do the arguments of
 * its aggregates.  Parameters are evaluated before it starts
 * (plans_params.c).
 */
#include "postgres.h"
#include "compat.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "access/transam.h"
#include "catalog/pg_class.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "rewrite/rewriteManip.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#include "functions.h"
#include "policy.h"
#include "steady.h"
#include "telling.h"

/* intervals that any time of ours can be moved by, and how many times */
#define MANY_MONTHS 10000
#define MANY_DAYS 100000
#define MANY_MOVES 3

/* Where an expression stands. */
typedef struct Telling
{
	Oid			owner;			/* of the protected table */
	ParamListInfo params;		/* that are known */
	bool		driven;			/* in a query that is run for rows of another one */
} Telling;

static bool tells(Node *node, void *context);
static bool query_tells(Query *query, bool returned, bool driven, const Telling *around);
static bool telling_policy(Node *condition, const RangeTblEntry *rte);

/*
 * Whether the value of an expression may depend on a row.
 */
static bool
has_columns(Node *node, void *context)
{
	if (node == NULL)
		return false;
	switch (nodeTag(node))
	{
		case T_Var:
		case T_CaseTestExpr:
		case T_Aggref:
		case T_GroupingFunc:
		case T_WindowFunc:
		case T_SubLink:
			return true;
		case T_Param:
			return ((Param *) node)->paramkind == PARAM_SUBLINK;
		default:
			return expression_tree_walker(node, has_columns, context);
	}
}

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

/*
 * Whether values may not be compared under a collation, or with a warning.
 */
static bool
collation_tells(Oid type, Oid collation)
{
	return type_is_collatable(type) && collation != DEFAULT_COLLATION_OID &&
		collation != C_COLLATION_OID && collation != POSIX_COLLATION_OID;
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
 * Of what is evaluated after all joins of its query: what may be before, in
 * the queries in it.
 */
static bool
tells_inside(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, Query))
		return query_tells((Query *) node, true, false, context);
	if (IsA(node, Aggref))
		return tells(node, context);
	return expression_tree_walker(node, tells_inside, context);
}

/*
 * An aggregate of a query that is not driven: its arguments are evaluated after
 * the joins, but rows may be put in the order that it wants before.
 */
static bool
aggregate_tells(Aggref *aggregate, void *context)
{
	ListCell   *lc;

	if (aggregate->aggorder == NIL && aggregate->aggdistinct == NIL)
		return expression_tree_walker((Node *) aggregate, tells_inside, context);
	foreach(lc, aggregate->args)
	{
		Node	   *argument = (Node *) lfirst_node(TargetEntry, lc)->expr;

		if (tells(argument, context) || comparison_tells(argument))
			return true;
	}
	return tells((Node *) aggregate->aggfilter, context) ||
		tells((Node *) aggregate->aggdirectargs, context);
}

static bool
sublink_tells(SubLink *link, const Telling *place)
{
	Query	   *query = (Query *) link->subselect;

	if ((link->subLinkType != EXISTS_SUBLINK && link->subLinkType != ANY_SUBLINK) ||
		!is_plain(query))
		return true;
	return tells(link->testexpr, unconstify(Telling *, place)) ||
		query_tells(query, false, true, place);
}

/*
 * Whether it is put in the plan as a constant.
 */
static bool
is_known(const Node *node, ParamListInfo params)
{
	const Param *param = (const Param *) node;

	if (!IsA(node, Param))
		return IsA(node, Const);
	return param->paramkind == PARAM_EXTERN && params != NULL && params->paramFetch == NULL &&
		param->paramid > 0 && param->paramid <= params->numParams &&
		(params->params[param->paramid - 1].pflags & PARAM_FLAG_CONST) != 0;
}

/*
 * An array may become too large, and arrays of arrays may not fit together.
 */
static bool
array_tells(const ArrayExpr *array, Telling *place)
{
	ListCell   *lc;

	if (array->multidims)
		return true;
	foreach(lc, array->elements)
		if (!is_known(lfirst(lc), place->params) &&
			(get_typlen(array->element_typeid) <= 0 || tells(lfirst(lc), place)))
			return true;
	return false;
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
		case T_NullTest:
		case T_BooleanTest:
		case T_RelabelType:
		case T_CollateExpr:
		case T_CoalesceExpr:
		case T_SQLValueFunction:
		case T_List:
		case T_TargetEntry:
		case T_FromExpr:
		case T_JoinExpr:
		case T_RangeTblRef:
			return true;
		default:
			return false;
	}
}

/*
 * Whether an expression that may be evaluated before the joins may tell of
 * the columns in it.
 */
static bool
tells(Node *node, void *context)
{
	Telling    *place = context;

	if (node == NULL)
		return false;
	switch (nodeTag(node))
	{
		case T_SubLink:
			return sublink_tells((SubLink *) node, place);
		case T_Aggref:
			return place->driven || aggregate_tells((Aggref *) node, context);
		case T_WindowFunc:
			return place->driven || expression_tree_walker(node, tells_inside, context);
		case T_ArrayExpr:
			return array_tells((ArrayExpr *) node, place);
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

static bool
sorting_tells(const Query *query)
{
	List	   *clauses = list_concat_copy(query->sortClause, query->groupClause);
	ListCell   *lc;

	clauses = list_concat(clauses, query->distinctClause);
	foreach(lc, query->windowClause)
	{
		const WindowClause *window = lfirst(lc);

		if (has_columns(window->startOffset, NULL) || has_columns(window->endOffset, NULL))
			return true;
		clauses = list_concat(clauses, window->partitionClause);
		clauses = list_concat(clauses, window->orderClause);
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

Oid
telling_owner(Oid relid)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	Oid			owner = InvalidOid;

	if (HeapTupleIsValid(tuple))
	{
		owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
		ReleaseSysCache(tuple);
	}
	return owner;
}

/*
 * Whether somebody else may have a say in what happens when a table, or a part
 * of it, is read.
 */
static bool
belongs_elsewhere(const RangeTblEntry *rte, Oid owner)
{
	List	   *relations = list_make1_oid(rte->relid);
	ListCell   *lc;

	if (rte->relkind == RELKIND_VIEW)
		return false;			/* stands for what is privileged; read is what is in it */
	if (rte->inh && has_subclass(rte->relid))
		relations = find_all_inheritors(rte->relid, NoLock, NULL);
	foreach(lc, relations)
	{
		Oid			whose = telling_owner(lfirst_oid(lc));

		if (whose != owner && !superuser_arg(whose))
			return true;
	}
	return false;
}

/*
 * Whether it is the elements of an array that was given.
 */
static bool
is_unnest(Node *node)
{
	const FuncExpr *call = (const FuncExpr *) node;

	return IsA(node, FuncExpr) && call->funcid == F_UNNEST_ANYARRAY &&
		(IsA(linitial(call->args), Const) || IsA(linitial(call->args), Param));
}

static bool
relation_tells(const RangeTblEntry *rte, bool driven, Telling *place)
{
	ListCell   *lc;

	switch (rte->rtekind)
	{
		case RTE_RELATION:
			if (table_tells(rte) || belongs_elsewhere(rte, place->owner))
				return true;
			break;
		case RTE_SUBQUERY:
			if (query_tells(rte->subquery, false, driven, place))
				return true;
			break;
		case RTE_JOIN:
			return tells((Node *) rte->joinaliasvars, place);
		case RTE_FUNCTION:
			foreach(lc, rte->functions)
				if (!is_unnest(lfirst_node(RangeTblFunction, lc)->funcexpr) &&
					tells(lfirst_node(RangeTblFunction, lc)->funcexpr, place))
					return true;
			break;
		case RTE_VALUES:
			return tells((Node *) rte->values_lists, place);
		case RTE_CTE:
		case RTE_RESULT:
			break;
		default:
			return !rte_is_grouped(rte) || tells((Node *) rte_grouped(rte), place);
	}
	foreach(lc, rte->securityQuals)
		if (telling_policy(lfirst(lc), rte))
			return true;
	return false;
}

/*
 * Whether a query reads from one thing, or from one after the other, and looks
 * for nothing else that could keep it from that.
 */
static bool
reads_alone(const Query *query)
{
	return query->setOperations != NULL ||
		(list_length(query->jointree->fromlist) == 1 &&
		 IsA(linitial(query->jointree->fromlist), RangeTblRef) &&
		 !checkExprHasSubLink(query->jointree->quals));
}

/*
 * Whether a number of rows may turn out to be impossible when the query runs.
 */
static bool
limit_tells(Node *limit, Telling *place)
{
	const Const *value = (const Const *) limit;

	if (limit == NULL)
		return false;
	if (!place->driven)
		return has_columns(limit, NULL) || tells(limit, place);
	if (IsA(limit, FuncExpr) && ((FuncExpr *) limit)->funcid == F_INT8_INT4)
		value = linitial(((FuncExpr *) limit)->args);
	if (!IsA(value, Const))
		return true;
	return !value->constisnull &&
		(value->consttype == INT4OID ? DatumGetInt32(value->constvalue) : DatumGetInt64(value->constvalue)) < 0;
}

/*
 * Whether something in a query may be evaluated before its joins and tell of
 * what they would take away.  returned: its columns come after all joins.
 * driven: it is run for rows that others find, or if they find some.
 */
static bool
query_tells(Query *query, bool returned, bool driven, const Telling *around)
{
	Telling		place = {around->owner, around->params, driven || around->driven};
	bool		alone = reads_alone(query);
	ListCell   *lc;

	check_stack_depth();
	if (query->rowMarks != NIL || query->hasModifyingCTE ||
		(query->commandType != CMD_SELECT && query->commandType != CMD_INSERT))
		return true;
	foreach(lc, query->targetList)
	{
		const TargetEntry *entry = lfirst(lc);

		if (returned && entry->ressortgroupref == 0 ?
			tells_inside((Node *) entry->expr, &place) : tells((Node *) entry->expr, &place))
			return true;
	}
	if (tells((Node *) query->jointree, &place) || tells(query->havingQual, &place) ||
		limit_tells(query->limitOffset, &place) || limit_tells(query->limitCount, &place) ||
		sorting_tells(query))
		return true;
	foreach(lc, query->rtable)
		if (relation_tells(lfirst(lc), !alone, &place))
			return true;
	foreach(lc, query->cteList)
	{
		const CommonTableExpr *cte = lfirst(lc);

		if (cte->cterecursive || !IsA(cte->ctequery, Query) ||
			query_tells((Query *) cte->ctequery, false,
						!alone || list_length(query->rtable) > 1, &place))
			return true;
	}
	return false;
}

bool
telling_statement(Query *statement, Oid owner, ParamListInfo params)
{
	const Telling place = {owner, params, false};

	return query_tells(statement, true, false, &place);
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
