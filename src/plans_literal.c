/*
 * plans_literal.c
 *		Statements that differ in the key of their row alone.
 *
 * Drivers that put values into the text themselves send a text of its own for
 * each row: "... WHERE id = 4711".  The plan is the same for all of them where
 * it looks for that key in the index of the primary key: the server expects one
 * row of whatever key.  So these are one statement, and what is kept of it gets
 * the key of the day.
 *
 * The plan may depend on the key in no other way.  Nothing else may be derived
 * from it: no other condition may be about the column, as the server leaves out
 * what follows from "id = 4711".  ambit.permits() may, since what is made of it
 * calls functions that are not immutable, of which nothing is said to follow.
 * And the literal may have come to stand in no other place of the plan.
 */
#include "postgres.h"
#include "compat.h"

#include "access/htup_details.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "catalog/pg_class.h"
#include "catalog/pg_index.h"
#include "catalog/pg_opfamily.h"
#include "catalog/pg_type.h"
#include "nodes/nodeFuncs.h"
#include "parser/parsetree.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/relcache.h"
#include "utils/syscache.h"

#include "functions.h"
#include "plan_walk.h"
#include "plans_literal.h"

/* a longer one is no integer */
#define MAX_LENGTH 19

/*
 * The index of the primary key of a table if that is one column.
 */
static Oid
primary_key(Oid relid, AttrNumber *column)
{
	Relation	rel = table_open(relid, NoLock);
	Oid			result;
	HeapTuple	tuple;

	list_free(RelationGetIndexList(rel));
	result = rel->rd_pkindex;
	table_close(rel, NoLock);
	if (!OidIsValid(result))
		return InvalidOid;
	tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(result));
	if (!HeapTupleIsValid(tuple))
		return InvalidOid;
	if (((Form_pg_index) GETSTRUCT(tuple))->indnkeyatts == 1)
		*column = ((Form_pg_index) GETSTRUCT(tuple))->indkey.values[0];
	else
		result = InvalidOid;
	ReleaseSysCache(tuple);
	return result;
}

static inline bool
is_integer(Oid type)
{
	return type == INT2OID || type == INT4OID || type == INT8OID;
}

/*
 * Whether a condition is "column = literal", of integers.
 */
static bool
is_comparison(Node *node, int relation)
{
	const OpExpr *comparison = (const OpExpr *) node;
	const Var  *var;
	const Const *literal;

	if (!IsA(node, OpExpr) || list_length(comparison->args) != 2 ||
		!IsA(linitial(comparison->args), Var) || !IsA(lsecond(comparison->args), Const))
		return false;
	var = linitial(comparison->args);
	literal = lsecond(comparison->args);
	return var->varno == relation && var->varlevelsup == 0 && var->varattno > 0 &&
		is_integer(var->vartype) && is_integer(literal->consttype) && !literal->constisnull &&
		literal->constbyval && literal->location >= 0 &&
		get_op_opfamily_strategy(comparison->opno, INTEGER_BTREE_FAM_OID) == BTEqualStrategyNumber;
}

/*
 * How long the number at a place of the text is; 0: there is none by itself.
 */
static int
number_length(const char *text, int location)
{
	int			length;
	char		next;

	if (text == NULL || (int) strnlen(text, location) < location)
		return 0;
	text += location;
	for (length = 0; length <= MAX_LENGTH && text[length] >= '0' && text[length] <= '9';)
		length++;
	next = length <= MAX_LENGTH ? text[length] : '.';
	if (next == '.' || next == '_' || next == '$' || IS_HIGHBIT_SET(next) ||
		(next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z'))
		return 0;
	return length;
}

/* A column of a statement, for a search. */
typedef struct Column
{
	int			relation;
	AttrNumber	column;
	int			levels;			/* of queries around the node */
	Oid			permits;
} Column;

/*
 * Whether something is about the column, beside ambit.permits().
 */
static bool
mentions(Node *node, void *context)
{
	Column	   *column = context;

	if (node == NULL)
		return false;
	if (IsA(node, Var))
	{
		const Var  *var = (const Var *) node;

		return var->varno == column->relation && (int) var->varlevelsup == column->levels &&
			(var->varattno == column->column || var->varattno <= 0);
	}
	if (IsA(node, FuncExpr) && ((FuncExpr *) node)->funcid == column->permits)
		return false;
	if (IsA(node, Query))
	{
		bool		result;

		column->levels++;
		result = query_tree_walker((Query *) node, mentions, context, 0);
		column->levels--;
		return result;
	}
	return expression_tree_walker(node, mentions, context);
}

static bool
any_mentions(List *nodes, const Node *comparison, Column *column)
{
	ListCell   *lc;

	foreach(lc, nodes)
		if (lfirst(lc) != comparison && mentions(lfirst(lc), column))
			return true;
	return false;
}

/*
 * Looks for the literal of a statement on one protected table.
 */
void
plans_literal_find(const Query *parse, const char *query_string, KeyLiteral *literal)
{
	const RangeTblEntry *rte;
	Node	   *comparison = NULL;
	List	   *conditions;
	Column		column = {0};
	ListCell   *lc;

	literal->node = NULL;
	if ((parse->commandType != CMD_SELECT && parse->commandType != CMD_UPDATE &&
		 parse->commandType != CMD_DELETE) || list_length(parse->rtable) != 1 ||
		list_length(parse->jointree->fromlist) != 1 ||
		!IsA(linitial(parse->jointree->fromlist), RangeTblRef) ||
		parse->jointree->quals == NULL || parse->setOperations != NULL ||
		/* HAVING may become one of the conditions */
		parse->groupClause != NIL || parse->havingQual != NULL)
		return;
	rte = linitial_node(RangeTblEntry, parse->rtable);
	if (rte->rtekind != RTE_RELATION || rte->relkind != RELKIND_RELATION ||
		rte->securityQuals == NIL)
		return;
	column.relation = linitial_node(RangeTblRef, parse->jointree->fromlist)->rtindex;
	conditions = is_andclause(parse->jointree->quals) ?
		((BoolExpr *) parse->jointree->quals)->args : list_make1(parse->jointree->quals);
	foreach(lc, conditions)
	{
		const Var  *var;

		if (!is_comparison(lfirst(lc), column.relation))
			continue;
		if (column.column == 0)
			literal->index = primary_key(rte->relid, &column.column);
		if (!OidIsValid(literal->index))
			return;
		var = linitial(((OpExpr *) lfirst(lc))->args);
		if (var->varattno == column.column)
			comparison = lfirst(lc);
	}
	if (comparison == NULL)
		return;
	column.permits = functions_find(FUNCTION_PERMITS);
	if (any_mentions(conditions, comparison, &column) ||
		any_mentions(rte->securityQuals, NULL, &column))
		return;
	literal->node = lsecond(((OpExpr *) comparison)->args);
	literal->location = literal->node->location;
	literal->length = number_length(query_string, literal->location);
	if (literal->length == 0)
		literal->node = NULL;
}

static bool
has_literal(Node *node, void *location)
{
	if (node == NULL)
		return false;
	if (IsA(node, Const) && ((Const *) node)->location == *(int *) location)
		return true;
	return expression_tree_walker(node, has_literal, location);
}

/*
 * The literal of that place among the conditions of an index: NULL unless there
 * is one, by itself on the right.
 */
static Const *
compared(List *conditions, int location)
{
	Const	   *found = NULL;
	ListCell   *lc;

	foreach(lc, conditions)
	{
		const OpExpr *comparison = lfirst(lc);

		if (!has_literal((Node *) comparison, &location))
			continue;
		if (found != NULL || !IsA(comparison, OpExpr) || list_length(comparison->args) != 2 ||
			has_literal(linitial(comparison->args), &location) ||
			!IsA(lsecond(comparison->args), Const))
			return NULL;
		found = lsecond(comparison->args);
	}
	return found;
}

/*
 * The plan below which there is nothing but a scan.
 */
static inline Plan *
below(const Plan *plan)
{
	return IsA(plan, ModifyTable) || IsA(plan, Limit) || IsA(plan, Result) ? outerPlan(plan) : NULL;
}

static IndexScan *
scan_of(const PlannedStmt *stmt)
{
	Plan	   *plan = stmt->planTree;

	while (plan != NULL && below(plan) != NULL)
		plan = below(plan);
	return plan != NULL && IsA(plan, IndexScan) ? (IndexScan *) plan : NULL;
}

static bool
plan_has_literal(Plan *plan, List *expressions, void *location)
{
	return has_literal((Node *) expressions, location);
}

/*
 * Whether the node itself has the literal, the conditions of its index aside.
 */
static bool
node_has_literal(const Plan *plan, int *location)
{
	List	   *more = NIL;

	if (IsA(plan, Limit))
		more = list_make2(((Limit *) plan)->limitOffset, ((Limit *) plan)->limitCount);
	else if (IsA(plan, Result))
		more = list_make1(((Result *) plan)->resconstantqual);
	else if (IsA(plan, ModifyTable))
		more = list_make2(((ModifyTable *) plan)->withCheckOptionLists,
						  ((ModifyTable *) plan)->returningLists);
	else if (IsA(plan, IndexScan))
		more = list_make2(((IndexScan *) plan)->indexorderby, ((IndexScan *) plan)->indexorderbyorig);
	return has_literal((Node *) plan->targetlist, location) ||
		has_literal((Node *) plan->qual, location) ||
		has_literal((Node *) plan->initPlan, location) ||
		has_literal((Node *) more, location);
}

bool
plans_literal_stays(const PlannedStmt *stmt, const KeyLiteral *literal)
{
	const IndexScan *scan = scan_of(stmt);
	int			location = literal->location;
	ListCell   *lc;

	if (scan == NULL || scan->indexid != literal->index ||
		compared(scan->indexqual, location) == NULL ||
		compared(scan->indexqualorig, location) == NULL)
		return false;
	for (const Plan *plan = stmt->planTree; plan != NULL; plan = below(plan))
		if (node_has_literal(plan, &location))
			return false;
	foreach(lc, stmt->subplans)
		if (plan_has(lfirst(lc), plan_has_literal, &location))
			return false;
	return true;
}

void
plans_literal_put(PlannedStmt *stmt, int location, Datum value)
{
	const IndexScan *scan = scan_of(stmt);

	compared(scan->indexqual, location)->constvalue = value;
	compared(scan->indexqualorig, location)->constvalue = value;
}
