/*
 * planner_check.c
 *		Planner support: how checks of many new rows look for parents.
 *
 * A check of a new row looks for its parent by EXISTS.  The server plans that
 * in two ways, a probe for each row and one hash table of all parents that are
 * seen, and chooses as for a single row.  Here the rows to be written count.
 * What a volatile function has a say in is asked for each row.
 */
#include "postgres.h"
#include "compat.h"

#include "nodes/nodeFuncs.h"
#include "nodes/pathnodes.h"
#include "parser/parsetree.h"
#include "utils/float.h"
#include "utils/lsyscache.h"

#include "planner_check.h"
#include "policy.h"
#include "steady.h"

/* for fewer rows the server's choice stands */
#define MANY_ROWS 1000

/* a probe of an index whose pages are in memory is said to cost so much more
 * than it does, beside reading all; of fewer parents than rows reading all may
 * be probes as well, of their own parents */
#define OVERESTIMATED 32
#define OVERESTIMATED_FEW 4

typedef struct Choice
{
	PlannerInfo *root;
	double		rows;			/* to be written; 0: the server's choice stands */
} Choice;

/*
 * The server takes the way that costs least.  The other may cost what is said
 * to be disabled.
 */
static void
discard(SubPlan *way)
{
	way->startup_cost = get_float8_infinity();
}

/*
 * Whether to read all parents once.
 */
static bool
hashing_pays(const Choice *choice, const SubPlan *probe, const SubPlan *hashed, const Plan *all)
{
	int			factor = all->plan_rows <= choice->rows ? OVERESTIMATED_FEW : OVERESTIMATED;

	return hashed->startup_cost * factor < choice->rows * probe->per_call_cost;
}

static bool
choose(Node *node, void *context)
{
	const Choice *choice = context;
	List	   *subplans = choice->root->glob->subplans;
	SubPlan    *probe;
	SubPlan    *hashed;
	Plan	   *all;

	if (node == NULL)
		return false;
	if (!IsA(node, AlternativeSubPlan))
		return expression_tree_walker(node, choose, context);
	probe = linitial_node(SubPlan, ((AlternativeSubPlan *) node)->subplans);
	hashed = llast_node(SubPlan, ((AlternativeSubPlan *) node)->subplans);
	if (probe->useHashTable || !hashed->useHashTable)
		return false;
	all = list_nth(subplans, hashed->plan_id - 1);
	if (!steady_plan(subplans, all))
		discard(hashed);
	else if (hashing_pays(choice, probe, hashed, all))
		discard(probe);
	return false;
}

/*
 * How many rows the checks are about, where a hash table would do for all:
 * each partition has the checks of its own.  MERGE is not looked after by
 * recheck.c.
 */
static double
rows_of(const PlannerInfo *root, const ModifyTablePath *path)
{
	const RangeTblEntry *rte;

	if ((path->operation != CMD_INSERT && path->operation != CMD_UPDATE) ||
		list_length(path->resultRelations) != 1 || path->subpath->rows < MANY_ROWS)
		return 0;
	rte = rt_fetch(linitial_int(path->resultRelations), root->parse->rtable);
	return get_rel_relkind(rte->relid) == RELKIND_RELATION ? path->subpath->rows : 0;
}

/*
 * The paths of a statement are complete, and one of them is made a plan next.
 */
void
planner_check_paths(PlannerInfo *root, RelOptInfo *final)
{
	ListCell   *lc;

	if (root->parse->withCheckOptions == NIL || !root->hasAlternativeSubPlans)
		return;
	foreach(lc, final->pathlist)
	{
		const ModifyTablePath *path = lfirst(lc);
		Choice		choice = {root};
		ListCell   *checks,
				   *check;

		if (!IsA(path, ModifyTablePath))
			continue;
		choice.rows = rows_of(root, path);
		foreach(checks, path->withCheckOptionLists)
			foreach(check, (List *) lfirst(checks))
			{
				WithCheckOption *option = lfirst(check);

				if (option->polname != NULL && policy_is_ours(option->polname))
					(void) choose(option->qual, &choice);
			}
	}
}
