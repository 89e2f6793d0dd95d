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
 * What the query asks may be evaluated before the join then, on rows that are
 * not to be seen.  Therefore it is done only where nothing in the query could
 * tell of them (telling.c).  And the table stands alone: beside others, whether
 * these are read at all would depend on such rows, and that can be told by many
 * means.  So it is a query on one table, and queries around it may only read
 * from it alone, since it may be put into them.  Elsewhere policies stay what
 * they are.
 */
#include "postgres.h"
#include "compat.h"

#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "parser/parsetree.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"

#include "planner.h"
#include "planner_parent.h"
#include "policy.h"
#include "telling.h"

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
 * Takes the conditions about parents out of the policies of a table.
 */
static List *
take_parents(RangeTblEntry *rte)
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

			if (parent != NULL)
				parents = lappend(parents, parent);
			else
				rest = lappend(rest, lfirst(lc));
		}
		if (rest != NIL)
			policies = lappend(policies, make_ands_explicit(rest));
	}
	if (parents != NIL)
		rte->securityQuals = policies;
	return parents;
}

/*
 * Joins the parents of a parent: what its own policies ask of them, and what
 * those of the row ask.
 */
static bool
join_above(Node *node, void *context)
{
	Query	   *query = (Query *) node;
	List	   *conditions;
	ListCell   *parent,
			   *lc;

	if (node == NULL)
		return false;
	if (!IsA(node, Query))
		return expression_tree_walker(node, join_above, context);
	/* of a policy that somebody wrote */
	if (list_length(query->rtable) != 1)
		return false;
	conditions = make_ands_implicit((Expr *) query->jointree->quals);
	foreach(parent, take_parents(linitial(query->rtable)))
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
	return join_above(query->jointree->quals, context);
}

/* Queries, from the innermost, and whether something was joined in one. */
typedef struct Joining
{
	List	   *around;
	bool		joined;
} Joining;

static void join_parents(Query *query, bool returned, Joining *joining);

/*
 * The queries in what a query returns are run for its rows, after all joins.
 */
static bool
join_in_result(Node *node, void *joining)
{
	if (node == NULL)
		return false;
	if (IsA(node, Query))
	{
		join_parents((Query *) node, true, joining);
		return false;
	}
	return expression_tree_walker(node, join_in_result, joining);
}

/*
 * Joins the parents of what a query reads from alone.
 */
static void
join_from(Query *query, Joining *joining)
{
	Node	   *from = NULL;
	RangeTblEntry *rte;
	List	   *parents;
	ListCell   *lc;

	if (query->setOperations != NULL)
		foreach(lc, query->rtable)
			if (lfirst_node(RangeTblEntry, lc)->rtekind == RTE_SUBQUERY)
				join_parents(lfirst_node(RangeTblEntry, lc)->subquery, false, joining);
	if (list_length(query->jointree->fromlist) == 1)
		from = linitial(query->jointree->fromlist);
	if (from == NULL || !IsA(from, RangeTblRef))
		return;
	rte = rt_fetch(((RangeTblRef *) from)->rtindex, query->rtable);
	if (rte->rtekind == RTE_SUBQUERY)
		join_parents(rte->subquery, false, joining);
	if (rte->rtekind != RTE_RELATION || rte->securityQuals == NIL || telling_table(rte))
		return;
	parents = take_parents(rte);
	if (parents == NIL)
		return;
	(void) join_above((Node *) parents, NULL);
	from = (Node *) makeFromExpr(list_make1(from), (Node *) make_ands_explicit(parents));
	linitial(query->jointree->fromlist) = from;
	joining->joined = true;
}

/*
 * returned: what the query returns is not evaluated in a query around it.
 */
static void
join_parents(Query *query, bool returned, Joining *joining)
{
	List	   *around = joining->around;

	check_stack_depth();
	joining->around = lcons(query, list_copy(around));
	if (query->hasSubLinks)
		(void) join_in_result((Node *) query->targetList, joining);
	if (!telling_query(query, returned, around))
		join_from(query, joining);
	joining->around = around;
}

/*
 * A cursor's statement is left alone, as WHERE CURRENT OF asks for a plan with
 * one scan of its table.  And while sorts are traced: a join sorts below itself,
 * or does not, by rows that are not to be seen.
 */
bool
planner_join_parents(Query *statement, int cursor_options)
{
	Joining		joining = {NIL, false};

	if (planner_specializes() && (cursor_options & CURSOR_OPT_FAST_PLAN) == 0 && !trace_sort)
		join_parents(statement, true, &joining);
	return joining.joined;
}
