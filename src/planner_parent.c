/*
 * planner_parent.c
 *		Planner support: the parents of rows are joined, as they would be by hand.
 *
 * The policy of a table with a parent looks for the row's parent by EXISTS.
 * The server evaluates policies where a table is scanned, row after row: it
 * cannot begin with the few parents that are seen and come to their rows by an
 * index.  An EXISTS in the place of a condition it can join.  So that is where
 * it goes, at the side of the table in FROM, before the statement is planned.
 *
 * What the statement asks may be evaluated before the join then, on rows that
 * are not to be seen.  Therefore it is done only where nothing in the statement
 * could tell of them (telling.c).  Elsewhere policies stay what they are.
 */
#include "postgres.h"
#include "compat.h"

#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "parser/parsetree.h"
#include "utils/lsyscache.h"

#include "planner.h"
#include "planner_parent.h"
#include "policy.h"
#include "telling.h"

typedef struct Joining
{
	Query	   *statement;
	ParamListInfo params;
	Oid			owner;			/* of protected tables, of which it is known ... */
	bool		tells;			/* ... whether it tells before its joins */
	bool		joined;			/* a parent */
} Joining;

/*
 * Whether a condition is the one of a policy by which the rows of a table follow
 * their parents.
 */
static bool
is_parent(Node *node, Oid relid)
{
	const SubLink *exists = (const SubLink *) node;
	const FuncExpr *bound;
	const Const *parent;
	Query	   *query;

	if (!IsA(node, SubLink) || exists->subLinkType != EXISTS_SUBLINK)
		return false;
	query = (Query *) exists->subselect;
	bound = policy_bound_call(relid);
	if (bound == NULL || list_length(query->rtable) != 1 ||
		linitial_node(RangeTblEntry, query->rtable)->rtekind != RTE_RELATION)
		return false;
	parent = list_nth(bound->args, BOUND_PARENT);
	return IsA(parent, Const) && !parent->constisnull &&
		linitial_node(RangeTblEntry, query->rtable)->relid == DatumGetObjectId(parent->constvalue);
}

static Query *
parent_query(Node *exists)
{
	return (Query *) castNode(SubLink, exists)->subselect;
}

/*
 * Whether one of the conditions says which row of the parent it is, of which
 * there is one at most: the key is unique by equality of bytes.
 */
static bool
name_one_row(List *conditions, const RangeTblEntry *parent)
{
	ListCell   *lc;

	if (get_rel_relkind(parent->relid) != RELKIND_PARTITIONED_TABLE && has_subclass(parent->relid))
		return false;
	foreach(lc, conditions)
	{
		const OpExpr *join = lfirst(lc);
		const Var  *key;
		const Var  *column;

		if (!IsA(join, OpExpr) || list_length(join->args) != 2)
			continue;
		key = linitial(join->args);
		column = lsecond(join->args);
		if (IsA(key, Var) && key->varlevelsup == 0 &&
			key->varattno == policy_primary_key(parent->relid) &&
			IsA(column, Var) && column->varlevelsup == 1 &&
			op_mergejoinable(join->opno, key->vartype) &&
			(!OidIsValid(join->inputcollid) || get_collation_isdeterministic(join->inputcollid)))
			return true;
	}
	return false;
}

/*
 * Looks for a parent once where two conditions do, if both mean the same row:
 * the first becomes what they come to together.
 */
static bool
unite(Node *exists, Node *other, BoolExprType how)
{
	Query	   *query = parent_query(exists);
	List	   *conditions = make_ands_implicit((Expr *) query->jointree->quals);
	List	   *others = make_ands_implicit((Expr *) parent_query(other)->jointree->quals);
	List	   *common = list_intersection(conditions, others);
	const RangeTblEntry *parent = linitial(query->rtable);

	if (parent->relid != linitial_node(RangeTblEntry, parent_query(other)->rtable)->relid ||
		!name_one_row(common, parent))
		return false;
	if (how == AND_EXPR)
		conditions = list_union(conditions, others);
	else
	{
		Expr	   *either = make_orclause(list_make2(make_ands_explicit(list_difference(conditions, common)),
													  make_ands_explicit(list_difference(others, common))));

		conditions = lappend(common, either);
	}
	query->jointree->quals = (Node *) make_ands_explicit(conditions);
	return true;
}

/*
 * The condition about the parent that a condition of a policy is, or that
 * several rules of which one is enough come to; NULL: it is something else.
 */
static Node *
as_parent(Node *condition, Oid relid)
{
	Node	   *parent = NULL;
	ListCell   *lc;

	if (!is_orclause(condition))
		return is_parent(condition, relid) ? condition : NULL;
	foreach(lc, ((BoolExpr *) condition)->args)
	{
		if (!is_parent(lfirst(lc), relid))
			return NULL;
		if (parent == NULL)
			parent = copyObject(lfirst(lc));
		else if (!unite(parent, lfirst(lc), OR_EXPR))
			return NULL;
	}
	return parent;
}

/*
 * Whether the statement tells of rows of a table before its joins.  Looked at
 * once, as long as nothing is joined: tables of a second owner stay as they are.
 */
static bool
tells(Joining *joining, Oid relid)
{
	Oid			owner = telling_owner(relid);

	if (!OidIsValid(joining->owner))
	{
		joining->owner = owner;
		joining->tells = telling_statement(joining->statement, owner, joining->params);
	}
	return joining->tells || owner != joining->owner;
}

/*
 * Takes the conditions about parents out of the policies of a table.
 */
static List *
take_parents(RangeTblEntry *rte, Joining *joining)
{
	List	   *parents = NIL;
	List	   *policies = NIL;
	ListCell   *policy,
			   *lc;

	if (rte->rtekind != RTE_RELATION)
		return NIL;
	foreach(policy, rte->securityQuals)
	{
		List	   *rest = NIL;

		foreach(lc, make_ands_implicit(lfirst(policy)))
		{
			Node	   *parent = as_parent(lfirst(lc), rte->relid);

			if (parent != NULL && !tells(joining, rte->relid))
				parents = lappend(parents, parent);
			else
				rest = lappend(rest, lfirst(lc));
		}
		if (rest != NIL)
			policies = lappend(policies, make_ands_explicit(rest));
	}
	if (parents != NIL)
	{
		rte->securityQuals = policies;
		joining->joined = true;
	}
	return parents;
}

/*
 * Joins the parents of a parent: what its own policies ask of them, and what
 * those of the row ask.
 */
static bool
join_above(Node *node, void *joining)
{
	Query	   *query = (Query *) node;
	List	   *conditions;
	ListCell   *parent,
			   *lc;

	if (node == NULL)
		return false;
	if (!IsA(node, Query))
		return expression_tree_walker(node, join_above, joining);
	conditions = make_ands_implicit((Expr *) query->jointree->quals);
	foreach(parent, take_parents(linitial(query->rtable), joining))
	{
		bool		united = false;

		foreach(lc, conditions)
			if (!united && IsA(lfirst(lc), SubLink))
				united = unite(lfirst(lc), lfirst(parent), AND_EXPR);
		if (!united)
			conditions = lappend(conditions, lfirst(parent));
		query->hasSubLinks = true;
	}
	query->jointree->quals = (Node *) make_ands_explicit(conditions);
	return join_above(query->jointree->quals, joining);
}

/*
 * Joins the parents of the tables in a part of FROM, which is changed in its
 * place or replaced by what is returned.
 */
static Node *
place(Query *query, Node *node, Joining *joining)
{
	if (IsA(node, FromExpr))
	{
		ListCell   *lc;

		foreach(lc, ((FromExpr *) node)->fromlist)
			lfirst(lc) = place(query, lfirst(lc), joining);
	}
	else if (IsA(node, JoinExpr))
	{
		JoinExpr   *join = (JoinExpr *) node;

		join->larg = place(query, join->larg, joining);
		join->rarg = place(query, join->rarg, joining);
	}
	else
	{
		List	   *parents = take_parents(rt_fetch(castNode(RangeTblRef, node)->rtindex,
													query->rtable), joining);

		if (parents != NIL)
		{
			(void) join_above((Node *) parents, joining);
			return (Node *) makeFromExpr(list_make1(node), (Node *) make_ands_explicit(parents));
		}
	}
	return node;
}

static void join_parents(Query *query, Joining *joining);

static bool
join_in_subqueries(Node *node, void *joining)
{
	if (node == NULL)
		return false;
	if (IsA(node, Query))
	{
		join_parents((Query *) node, joining);
		return false;
	}
	return expression_tree_walker(node, join_in_subqueries, joining);
}

static void
join_parents(Query *query, Joining *joining)
{
	ListCell   *lc;

	check_stack_depth();
	foreach(lc, query->rtable)
		if (lfirst_node(RangeTblEntry, lc)->rtekind == RTE_SUBQUERY)
			join_parents(lfirst_node(RangeTblEntry, lc)->subquery, joining);
	foreach(lc, query->cteList)
		(void) join_in_subqueries(lfirst_node(CommonTableExpr, lc)->ctequery, joining);
	if (!query->hasSubLinks)
		return;
	/* of the statement; those of policies are their own affair */
	(void) join_in_subqueries((Node *) query->targetList, joining);
	(void) join_in_subqueries((Node *) query->jointree, joining);
	(void) join_in_subqueries(query->havingQual, joining);
	if (query->commandType == CMD_SELECT && query->rowMarks == NIL)
		(void) place(query, (Node *) query->jointree, joining);
}

/*
 * Adds the parameters of an expression to a list, each once.
 */
static bool
add_params(Node *node, void *params)
{
	if (node == NULL)
		return false;
	if (IsA(node, Query))
		return query_tree_walker((Query *) node, add_params, params, 0);
	if (IsA(node, Param))
	{
		if (((Param *) node)->paramkind == PARAM_EXTERN)
			*(List **) params = list_append_unique(*(List **) params, node);
		return false;
	}
	return expression_tree_walker(node, add_params, params);
}

/*
 * A cursor's statement is left alone, as WHERE CURRENT OF asks for a plan with
 * one scan of its table.
 */
List *
planner_join_parents(Query *statement, int cursor_options, ParamListInfo params)
{
	Joining		joining = {.statement = statement,.params = params};
	List	   *result = NIL;

	if (planner_specializes() && (cursor_options & CURSOR_OPT_FAST_PLAN) == 0)
		join_parents(statement, &joining);
	if (joining.joined)
		(void) add_params((Node *) statement, &result);
	return result;
}
