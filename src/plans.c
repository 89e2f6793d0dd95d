/*
 * plans.c
 *		Plans and running queries belong to one identity.
 *
 * Three locks hold a plan that was made from somebody's rights to those
 * rights.  The plan records a dependency on a function that stands in such
 * plans only (ambit._key), and a change of the shape of the rights, by
 * identity or by invalidation, drops the plans that depend on it.  A plan
 * that got away is caught when it runs: every function that it calls compares
 * the fingerprint it was made for with the one in force, and raises 40001.
 *
 * Values, as opposed to the shape, are read when a scan starts.  So a query
 * that has started belongs to the identity that started it: the executor
 * hooks below stamp it, refuse to fetch more for another identity, and refuse
 * a change of identity while it is at work.
 */
#include "postgres.h"
#include "compat.h"

#include "access/xact.h"
#include "executor/executor.h"
#include "lib/ilist.h"
#include "miscadmin.h"
#include "optimizer/planmain.h"
#include "optimizer/planner.h"
#include "tcop/pquery.h"
#include "tcop/utility.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/portal.h"
#include "utils/syscache.h"

#include "catalog.h"
#include "guard.h"
#include "identity.h"
#include "plan_items.h"
#include "planner_parent.h"
#include "plans.h"
#include "plans_kept.h"
#include "prune.h"
#include "rights.h"

/* A started query that shows what somebody's rights reach. */
typedef struct Stamp
{
	dlist_node	node;
	QueryDesc  *query;
	char	   *identity;
	int64		fingerprint;
	int64		values;
	uint64		contents;		/* of the sets that it has looked keys up in */
	MemoryContextCallback callback;
} Stamp;

/* The queries that are at work now, the innermost first. */
typedef struct Frame
{
	QueryDesc  *query;
	struct Frame *outer;
	bool		planning;		/* it runs while a plan is being made */
} Frame;

/* A portal that was filled once with such rows and hands them out. */
typedef struct FilledPortal
{
	dlist_node	node;
	Portal		portal;
	char	   *name;
	TimestampTz created;
} FilledPortal;

/* the rights that cached plans were made from, if there are any */
static bool any_plans = false;
static int64 plans_fingerprint;
static char *plans_identity = NULL;
static int	plans_slot = -1;	/* of the tenant of plans_identity */
static int	accepted_slot = -1; /* of the tenant that they were found good for last */
static bool token_known = false;
static uint32 token_hash;

static dlist_head stamps = DLIST_STATIC_INIT(stamps);
static Frame *frames = NULL;
static bool planning = false;
static int	plans_in_the_making = 0;
static bool ever_made = false;	/* a plan by make_plan() */
static bool unprepared = false; /* before, one that it did not begin */
static dlist_head results = DLIST_STATIC_INIT(results); /* of this transaction */
int			plans_at_work = 0;	/* stamped queries */
bool		plans_being_forgotten = false;

static planner_hook_type previous_planner = NULL;
static ExecutorStart_hook_type previous_start = NULL;
static ExecutorRun_hook_type previous_run = NULL;
static ExecutorFinish_hook_type previous_finish = NULL;
static ProcessUtility_hook_type previous_utility = NULL;

/*
 * Drops every cached plan that was made from somebody's rights.  It only marks
 * plans.  One that is being made is in none of the server's lists yet: it goes
 * the next time, so there are plans then, whatever is dropped now.
 */
static void
drop_plans(void)
{
	if (plans_in_the_making == 0)
		any_plans = false;
	if (!token_known)
		return;
	plans_being_forgotten = true;
	CallSyscacheCallbacks(PROCOID, token_hash);
	plans_being_forgotten = false;
}

/*
 * The same, where there may be any.  May be called in an invalidation callback,
 * so it comes with every change of a template, and the server looks through all
 * saved plans, those that have nothing to do with rights among them.
 *
 * It is safe to ask first.  A plan depends on rights by plans_depend(), or is
 * the copy of one that does, and both say that there are plans.  Only
 * drop_plans() says that there are none, and what it has marked stays marked,
 * also when the transaction is rolled back; a savepoint that goes takes no plan
 * with it.  Nothing is accepted from other sessions between the end of
 * make_plan() and the moment when the server has the plan in its lists, but for
 * other statements of the same query being planned.  A plan that got away all
 * the same is caught when it starts.
 */
void
plans_forget(void)
{
	if (any_plans)
		drop_plans();
}

/*
 * Drops them if the tenant of the identity in force may have changed.  Plans
 * are shared by all identities of one shape, also in other tenants: those have
 * their shape compared when they come into force.
 */
void
plans_forget_tenant(int slot)
{
	if (slot == plans_slot || slot == accepted_slot)
		plans_forget();
}

/*
 * Where the changes of the tenant of the identity in force are counted.
 */
static int
current_slot(void)
{
	const Identity *identity = identity_current();

	return identity ? catalog_slot(identity->tenant) : -1;
}

/*
 * There will be plans that are made from rights with this fingerprint (0: no
 * identity).
 */
static void
expect_plans(int64 fingerprint)
{
	const char *identity = identity_string();

	if (plans_fingerprint != fingerprint)
		plans_forget();
	if (plans_identity == NULL || strcmp(plans_identity, identity) != 0)
	{
		char	   *copy = MemoryContextStrdup(TopMemoryContext, identity);

		if (plans_identity)
			pfree(plans_identity);
		plans_identity = copy;
	}
	plans_slot = current_slot();
	plans_fingerprint = fingerprint;
	any_plans = true;
}

/*
 * The plan under way is made from rights with this fingerprint.  token is a
 * function that stands in no query, only in plans.
 */
void
plans_depend(PlannerInfo *root, Oid token, int64 fingerprint)
{
	PlanInvalItem *item = makeNode(PlanInvalItem);

	record_plan_function_dependency(root, token);
	/* for start_query() */
	item->cacheId = FINGERPRINT_ITEM;
	item->hashValue = (uint32) fingerprint;
	root->glob->invalItems = lappend(root->glob->invalItems, item);
	token_hash = GetSysCacheHashValue1(PROCOID, ObjectIdGetDatum(token));
	token_known = true;
	expect_plans(fingerprint);
	unprepared = !ever_made;
}

/*
 * The identity in force has rights of this shape: plans of another one go.
 * The slot is its tenant's.
 */
void
plans_accept(int64 fingerprint, int slot)
{
	if (plans_fingerprint != fingerprint)
		plans_forget();
	accepted_slot = slot;
}

/*
 * The server puts an earlier identity back (end of a transaction or savepoint,
 * of a function with a SET clause).  It cannot be looked up here, so plans
 * stay only if they were made for this very identity, or if there is none
 * now, who may run them all and finds nothing.  NULL: not known.
 */
void
plans_identity_restored(const char *identity)
{
	if (any_plans && (identity == NULL || (identity[0] != '\0' &&
		(plans_identity == NULL || strcmp(plans_identity, identity) != 0))))
		plans_forget();
}

/*
 * Whether a portal other than the one at work still has rows to hand out.
 */
static bool
results_pending(void)
{
	dlist_mutable_iter iter;

	dlist_foreach_modify(iter, &results)
	{
		FilledPortal *result = dlist_container(FilledPortal, node, iter.cur);
		Portal		portal = GetPortalByName(result->name);

		if (portal != result->portal || portal->creation_time != result->created)
			dlist_delete(&result->node);
		else if (portal != ActivePortal && portal->holdStore != NULL && !portal->atEnd)
			return true;
	}
	return false;
}

const char *
plans_in_the_way(const char **hint)
{
	if (plans_at_work > 0)
	{
		*hint = "Do it in a statement of its own.";
		return "a query on protected tables is running";
	}
	if (results_pending())
	{
		*hint = "Fetch all rows, or close the portal, first.";
		return "rows of protected tables are being fetched";
	}
	return NULL;
}

void
plans_refuse_while_running(const char *what)
{
	const char *hint;
	const char *message = plans_in_the_way(&hint);

	if (message)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_IN_USE),
				 errmsg("cannot %s while %s", what, message),
				 errhint("%s", hint)));
}

void
plans_raise_stale(void)
{
	drop_plans();
	/* wherever it came from */
	plans_kept_forget();
	ereport(ERROR,
			(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
			 errmsg("could not run a plan that was made for other rights"),
			 errhint("The transaction might succeed if retried.")));
}

/*
 * Whether a plan depends on rights: specialised, or calling permits().
 */
static bool
depends_on_rights(const PlannedStmt *stmt)
{
	ListCell   *lc;

	if (!token_known)
		return false;
	foreach(lc, stmt->invalItems)
	{
		const PlanInvalItem *item = lfirst(lc);

		if (item->cacheId == PROCOID && item->hashValue == token_hash)
			return true;
	}
	return false;
}

/*
 * A plan that was made for other rights and got away: one that has become
 * "false" calls no function that would tell.  Without an identity it may run,
 * and finds nothing.
 */
static void
check_fingerprint(const PlannedStmt *stmt)
{
	Rights	   *rights = rights_current();
	ListCell   *lc;

	foreach(lc, stmt->invalItems)
	{
		const PlanInvalItem *item = lfirst(lc);

		if (item->cacheId == FINGERPRINT_ITEM && rights != NULL &&
			item->hashValue != (uint32) rights->fingerprint)
			plans_raise_stale();
	}
}

static void
remove_stamp(void *arg)
{
	dlist_delete(&((Stamp *) arg)->node);
}

static Stamp *
find_stamp(const QueryDesc *query)
{
	dlist_iter	iter;

	dlist_foreach(iter, &stamps)
	{
		Stamp	   *stamp = dlist_container(Stamp, node, iter.cur);

		if (stamp->query == query)
			return stamp;
	}
	return NULL;
}

/*
 * Stamps a query with the identity in force, once.
 */
static void
stamp_query(QueryDesc *query)
{
	MemoryContext old;
	Rights	   *rights;
	Stamp	   *stamp;

	if (find_stamp(query) != NULL)
		return;
	rights = rights_current();
	old = MemoryContextSwitchTo(query->estate->es_query_cxt);
	stamp = palloc0(sizeof(Stamp));
	stamp->query = query;
	stamp->identity = pstrdup(identity_string());
	stamp->fingerprint = rights_fingerprint(rights);
	stamp->values = rights ? rights->values : 0;
	stamp->contents = rights ? rights->contents : 0;
	stamp->callback.func = remove_stamp;
	stamp->callback.arg = stamp;
	dlist_push_head(&stamps, &stamp->node);
	MemoryContextRegisterResetCallback(query->estate->es_query_cxt, &stamp->callback);
	MemoryContextSwitchTo(old);
}

/*
 * Remembers the portal at work if it is one that is filled at once, in the place
 * of one that had its name.
 */
static void
note_result(void)
{
	MemoryContext old;
	FilledPortal *result;
	dlist_mutable_iter iter;

	if (ActivePortal == NULL || ActivePortal->strategy == PORTAL_ONE_SELECT ||
		ActivePortal->strategy == PORTAL_MULTI_QUERY)
		return;
	dlist_foreach_modify(iter, &results)
	{
		result = dlist_container(FilledPortal, node, iter.cur);
		if (strcmp(result->name, ActivePortal->name) == 0)
		{
			result->portal = ActivePortal;
			result->created = ActivePortal->creation_time;
			return;
		}
		if (GetPortalByName(result->name) == NULL)
			dlist_delete(&result->node);
	}
	old = MemoryContextSwitchTo(TopTransactionContext);
	result = palloc(sizeof(FilledPortal));
	result->portal = ActivePortal;
	result->name = pstrdup(ActivePortal->name);
	result->created = ActivePortal->creation_time;
	dlist_push_head(&results, &result->node);
	MemoryContextSwitchTo(old);
}

/*
 * The queries around a stamped one may show what it finds.
 */
static void
stamp_outer_queries(void)
{
	for (Frame *frame = frames; frame != NULL; frame = frame->outer)
		stamp_query(frame->query);
	note_result();
}

const QueryDesc *
plans_running(void)
{
	return frames ? frames->query : NULL;
}

/*
 * Takes notice of what others have committed, and of time, so that plans made
 * for other rights are dropped before one of them is chosen.  The server does
 * that only where it takes a lock that the transaction does not hold yet.
 */
static void
catch_up(void)
{
	Rights	   *rights;

	if (!any_plans || !IsTransactionState())
		return;
	rights = rights_current();
	/* the rights of a plan may have gone while it was being made */
	if (rights && rights->fingerprint != plans_fingerprint)
		plans_forget();
}

bool
plans_being_made(void)
{
	return planning;
}

/*
 * Whether a plan was made from rights, and (*only) from those of one
 * fingerprint alone.
 */
bool
plans_made_from_rights(const PlannedStmt *stmt, int64 fingerprint, bool *only)
{
	bool		found = false;
	ListCell   *lc;

	*only = true;
	foreach(lc, stmt->invalItems)
	{
		const PlanInvalItem *item = lfirst(lc);

		if (item->cacheId != FINGERPRINT_ITEM)
			continue;
		found = true;
		if (item->hashValue != (uint32) fingerprint)
			*only = false;
	}
	return found;
}

static void
note_joined(PlannedStmt *stmt)
{
	PlanInvalItem *item = makeNode(PlanInvalItem);

	item->cacheId = JOINED_ITEM;
	stmt->invalItems = lappend(stmt->invalItems, item);
}

/*
 * What a join sorts below itself is not for the eyes of the one who asks: see
 * planner_join_parents(), for plans that were made before sorts were traced.
 */
static void
refuse_traces(const PlannedStmt *stmt)
{
	ListCell   *lc;

	foreach(lc, stmt->invalItems)
		if (lfirst_node(PlanInvalItem, lc)->cacheId == JOINED_ITEM)
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("sorts of a statement that is prepared on protected tables cannot be traced"),
					 errhint("Set \"trace_sort\" before it is prepared.")));
}

/*
 * Hands out a plan that is kept.  Where one is made: notes that what is
 * evaluated is for estimates, until a query runs.
 */
static PlannedStmt *
make_plan(Query *parse, const char *query_string, int options, ParamListInfo params)
{
	bool		outer = planning;
	PlannedStmt *volatile result = NULL;
	KeptSearch	search;
	Pruned		pruned = {NIL, NIL};
	bool		joined;

	ever_made = true;
	plans_in_the_making++;
	PG_TRY();
	{
		result = plans_kept_find(parse, query_string, options, params, &search);
		if (result)
			expect_plans(search.fingerprint);
		else
		{
			planning = true;
			prune_query(parse, &pruned);
			joined = planner_join_parents(parse, options);
			result = previous_planner ? previous_planner(parse, query_string, options, params) :
				standard_planner(parse, query_string, options, params);
			planning = outer;
			prune_note(result, &pruned);
			if (joined)
				note_joined(result);
			plans_kept_add(&search, result);
		}
	}
	PG_FINALLY();
	{
		planning = outer;
		plans_in_the_making--;
	}
	PG_END_TRY();
	return result;
}

/*
 * ExecutorStart: stamps a query that depends on rights.
 */
static void
start_query(QueryDesc *query, int eflags)
{
	if (previous_start)
		previous_start(query, eflags);
	else
		standard_ExecutorStart(query, eflags);

	if (trace_sort)
		refuse_traces(query->plannedstmt);
	if ((eflags & EXEC_FLAG_EXPLAIN_ONLY) == 0)
		guard_start(query);
	/* before functions in it choose plans of their own */
	if (frames == NULL)
		catch_up();
	/* the first plan of a session loads this library: it is good, not the best */
	if (unprepared)
	{
		unprepared = false;
		drop_plans();
	}
	if (depends_on_rights(query->plannedstmt))
	{
		if ((eflags & EXEC_FLAG_EXPLAIN_ONLY) == 0)
			check_fingerprint(query->plannedstmt);
		stamp_query(query);
		stamp_outer_queries();
	}
}

/*
 * Whether the rows of the query are being put aside for after the end of its
 * transaction (WITH HOLD, or a loop in a procedure that commits).
 */
static bool
is_being_held(const QueryDesc *query)
{
	return ActivePortal != NULL && ActivePortal->queryDesc == query &&
		ActivePortal->strategy == PORTAL_ONE_SELECT &&
		ActivePortal->holdStore != NULL && ActivePortal->holdContext != NULL;
}

static void
refuse_holding(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("rows of protected tables cannot be held beyond their transaction"),
			 errhint("Declare the cursor WITHOUT HOLD, or fetch its rows before the transaction ends.")));
}

/*
 * A stamped query goes on for those only who started it.
 */
static void
check_stamp(const Stamp *stamp)
{
	Rights	   *rights = rights_current();

	if (strcmp(stamp->identity, identity_string()) != 0 ||
		stamp->fingerprint != rights_fingerprint(rights) ||
		stamp->values != (rights ? rights->values : 0) ||
		stamp->contents != (rights ? rights->contents : 0))
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("could not go on with a query that was started under other rights"),
				 errhint("The transaction might succeed if retried.")));
}

void
plans_check_running(void)
{
	const Stamp *stamp = frames ? find_stamp(frames->query) : NULL;

	if (stamp)
		check_stamp(stamp);
}

/*
 * ExecutorRun: a stamped query yields rows to its own identity only.
 */
static void
run_query(EXECUTOR_RUN_PARAMS)
{
	Stamp	   *stamp = find_stamp(query);
	volatile bool stamped = (stamp != NULL);
	Frame		frame = {query, frames, planning};

	if (stamp)
	{
		check_stamp(stamp);
		if (is_being_held(query))
			refuse_holding();
		stamp_outer_queries();
		plans_at_work++;
	}
	frames = &frame;
	planning = false;
	PG_TRY();
	{
		if (previous_run)
			previous_run(EXECUTOR_RUN_ARGS);
		else
			standard_ExecutorRun(EXECUTOR_RUN_ARGS);
	}
	PG_FINALLY();
	{
		frames = frame.outer;
		planning = frame.planning;
		if (stamped)
			plans_at_work--;
	}
	PG_END_TRY();
	/* a function in it may have shown rows only now */
	if (!stamped && is_being_held(query) && find_stamp(query) != NULL)
		refuse_holding();
}

/*
 * ExecutorFinish: what is left of a writing query belongs to its identity.
 */
static void
finish_query(QueryDesc *query)
{
	const Stamp *stamp = find_stamp(query);
	volatile bool stamped = (stamp != NULL);
	Frame		frame = {query, frames, planning};

	/* what a query in WITH writes that nobody reads is written now */
	if (stamp && query->estate->es_auxmodifytables != NIL)
		check_stamp(stamp);
	if (stamped)
		plans_at_work++;
	frames = &frame;
	planning = false;
	PG_TRY();
	{
		if (previous_finish)
			previous_finish(query);
		else
			standard_ExecutorFinish(query);
	}
	PG_FINALLY();
	{
		frames = frame.outer;
		planning = frame.planning;
		if (stamped)
			plans_at_work--;
	}
	PG_END_TRY();
}

/*
 * Whether a statement gives the session another role, and with it perhaps
 * another identity, of which no setting of ours tells.
 */
static bool
changes_session_role(const Node *statement)
{
	const VariableSetStmt *set = (const VariableSetStmt *) statement;

	return IsA(statement, VariableSetStmt) && set->name != NULL &&
		strcmp(set->name, "session_authorization") == 0;
}

/*
 * Whether a statement throws plans away.
 */
static bool
discards_plans(const Node *statement)
{
	const DiscardStmt *discard = (const DiscardStmt *) statement;

	return IsA(statement, DiscardStmt) &&
		(discard->target == DISCARD_ALL || discard->target == DISCARD_PLANS);
}

/*
 * ProcessUtility: the statements that run cached plans, before, and those that
 * may have put another identity in force or are about all plans, after.
 */
static void
run_utility(PlannedStmt *pstmt, const char *queryString, bool readOnlyTree,
			ProcessUtilityContext context, ParamListInfo params,
			QueryEnvironment *queryEnv, DestReceiver *dest, QueryCompletion *qc)
{
	/* the node may be gone afterwards */
	bool		other_role = changes_session_role(pstmt->utilityStmt);
	bool		no_plans = discards_plans(pstmt->utilityStmt);

	switch (nodeTag(pstmt->utilityStmt))
	{
		case T_ExecuteStmt:
		case T_ExplainStmt:
		case T_CreateTableAsStmt:
		case T_DoStmt:
		case T_CallStmt:
			catch_up();
			break;
		default:
			break;
	}
	if (previous_utility)
		previous_utility(pstmt, queryString, readOnlyTree, context, params, queryEnv, dest, qc);
	else
		standard_ProcessUtility(pstmt, queryString, readOnlyTree, context, params, queryEnv,
								dest, qc);
	if (other_role)
		catch_up();
	if (no_plans)
		plans_kept_forget();
}

/*
 * Portals that were filled go with their transaction.
 */
static void
at_transaction_end(XactEvent event, void *arg)
{
	if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_ABORT || event == XACT_EVENT_PREPARE)
		dlist_init(&results);
}

/*
 * Installs the hooks.  From _PG_init.
 */
void
plans_init(void)
{
	plans_kept_init();
	previous_planner = planner_hook;
	planner_hook = make_plan;
	previous_start = ExecutorStart_hook;
	ExecutorStart_hook = start_query;
	previous_run = ExecutorRun_hook;
	ExecutorRun_hook = run_query;
	previous_finish = ExecutorFinish_hook;
	ExecutorFinish_hook = finish_query;
	previous_utility = ProcessUtility_hook;
	ProcessUtility_hook = run_utility;
	RegisterXactCallback(at_transaction_end, NULL);
}
