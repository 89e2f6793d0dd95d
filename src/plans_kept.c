/*
 * plans_kept.c
 *		Plans kept by the shape of the rights that they were made for.
 *
 * The server has one plan of a prepared statement, and it goes when the rights
 * in force are of another shape (plans.c).  A connection that serves all kinds
 * of people would plan each statement anew for each of them.  So what the
 * planner made is kept here, under the statement and the fingerprint of the
 * rights, and handed out again, as a copy, when the same statement is to be
 * planned for the same fingerprint.  What holds a plan to its rights is not
 * touched: the copy has the dependencies and the fingerprint of the plan that
 * was made, is dropped by the server like that one, and is looked at when it
 * runs.
 *
 * The same statement: as a tree, once parsed and rewritten, so that all that
 * comes from policies, views and names has to be the same, for the same user,
 * with the same settings of the planner; but for the key of its row
 * (plans_literal.c).  Statements with values at hand
 * (custom plans) are never kept.  Nor are those that the planner puts the
 * result or the body of somebody's function into, as nobody tells when that
 * would come out different.  Nor is anything where another extension has a
 * say in paths.
 *
 * A statement is planned twice before something is kept, so that one that
 * comes once costs a hash and takes no memory.
 *
 * Invalidation sources: those of the server's own cache of plans (relations,
 * types, functions, schemas, operators, foreign servers), of which any change
 * of any function counts; what text search goes by; and what belongs to no
 * tenant in ambit's tables (catalog_generation()), as the fingerprint holds
 * permissions by their numbers.  Callbacks only mark.  What arrives while a plan
 * is being made keeps it from being kept.  A change that is rolled back arrives
 * once more.  A table that has become much bigger or smaller is planned for anew.
 *
 * Size: at most a third of ambit.cache_size; what was not used for longest goes.
 */
#include "postgres.h"
#include "compat.h"

#include "access/parallel.h"
#include "access/table.h"
#include "catalog/pg_class.h"
#include "lib/ilist.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "storage/lmgr.h"
#include "utils/guc.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "catalog.h"
#include "planner.h"
#include "plans.h"
#include "plans_kept.h"
#include "plans_statement.h"
#include "relationship.h"
#include "rights.h"

/* statements that came once are known by their hash in so many places, a few of
 * which a hash may have */
#define SEEN_GROUPS 1024
#define SEEN_PLACES 4

/* the planner takes a small table for one of so many pages */
#define FEW_PAGES 10

/* A statement, and what was planned for it. */
typedef struct KeptStatement
{
	uint64		hash;			/* hash key */
	uint64		serial;			/* never used twice */
	Query	   *parse;
	dlist_head	plans;
	MemoryContext context;		/* of parse, and above those of the plans */
	Size		size;			/* of the context without those */
} KeptStatement;

typedef struct KeptPlan
{
	KeptStatement *statement;
	uint64		settings;
	int64		fingerprint;
	bool		valid;
	PlannedStmt *stmt;
	int			location;		/* of the literal in the text that was planned */
	BlockNumber *pages;			/* of its tables, in the order of its range table */
	dlist_node	node;			/* in statement->plans */
	dlist_node	place;			/* in by_use */
	MemoryContext context;
	Size		size;
} KeptPlan;

static bool keep_plans = true;

static MemoryContext kept_context = NULL;
static HTAB *statements = NULL;
static dlist_head by_use = DLIST_STATIC_INIT(by_use);	/* the latest first */
static Size plans_size = 0;
static uint64 plans_generation = 0;
static uint64 changes = 0;		/* of anything that plans depend on */
static bool any_invalid = false;
static uint64 next_serial = 1;
static uint64 seen[SEEN_GROUPS][SEEN_PLACES];	/* the latest first */

void
plans_kept_init(void)
{
	DefineCustomBoolVariable("ambit.keep_plans",
							 "Keeps plans for when an identity with rights of the same shape comes back.",
							 "Off: each change of the rights in force plans statements anew. The rows are the same.",
							 &keep_plans, true,
							 PGC_USERSET, 0, NULL, NULL, NULL);
}

/* ---- what makes plans invalid --------------------------------------------- */

/*
 * Relcache callback.  Like the others it frees nothing: a plan may be being
 * copied.
 */
static void
relation_changed(Datum arg, Oid relid)
{
	dlist_iter	iter;

	changes++;
	dlist_foreach(iter, &by_use)
	{
		KeptPlan   *plan = dlist_container(KeptPlan, place, iter.cur);

		if (plan->valid &&
			(!OidIsValid(relid) || list_member_oid(plan->stmt->relationOids, relid)))
		{
			plan->valid = false;
			any_invalid = true;
		}
	}
}

/*
 * Syscache callback: something that any plan may depend on.
 */
static void
anything_changed(Datum arg, int cacheid, uint32 hashvalue)
{
	/* plans.c drops the server's plans in this way, and no function has changed */
	if (!plans_being_forgotten)
		relation_changed(arg, InvalidOid);
}

/*
 * Syscache callback for types: tables come and go with theirs.
 */
static void
type_changed(Datum arg, int cacheid, uint32 hashvalue)
{
	dlist_iter	iter;

	changes++;
	dlist_foreach(iter, &by_use)
	{
		KeptPlan   *plan = dlist_container(KeptPlan, place, iter.cur);
		ListCell   *lc;

		foreach(lc, plan->stmt->invalItems)
		{
			const PlanInvalItem *item = lfirst(lc);

			if (hashvalue == 0 || (item->cacheId == cacheid && item->hashValue == hashvalue))
			{
				plan->valid = false;
				any_invalid = true;
			}
		}
	}
}

static void
make_statements(void)
{
	static const int caches[] = {
		PROCOID, NAMESPACEOID, OPEROID, AMOPOPID, FOREIGNSERVEROID, FOREIGNDATAWRAPPEROID,
		TSCONFIGOID, TSCONFIGMAP, TSDICTOID, TSPARSEROID
	};
	HASHCTL		ctl = {0};

	kept_context = AllocSetContextCreate(CacheMemoryContext, "ambit kept plans",
										 ALLOCSET_SMALL_SIZES);
	ctl.keysize = sizeof(uint64);
	ctl.entrysize = sizeof(KeptStatement);
	ctl.hcxt = kept_context;
	statements = hash_create("ambit kept plans", 64, &ctl,
							 HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	CacheRegisterRelcacheCallback(relation_changed, (Datum) 0);
	for (int i = 0; i < lengthof(caches); i++)
		CacheRegisterSyscacheCallback(caches[i], anything_changed, (Datum) 0);
	CacheRegisterSyscacheCallback(TYPEOID, type_changed, (Datum) 0);
}

/* ---- what is kept --------------------------------------------------------- */

static void
drop_statement(KeptStatement *statement)
{
	dlist_iter	iter;

	dlist_foreach(iter, &statement->plans)
	{
		KeptPlan   *plan = dlist_container(KeptPlan, node, iter.cur);

		dlist_delete(&plan->place);
		plans_size -= plan->size;
	}
	plans_size -= statement->size;
	MemoryContextDelete(statement->context);
	(void) hash_search(statements, &statement->hash, HASH_REMOVE, NULL);
}

static void
drop_plan(KeptPlan *plan)
{
	dlist_head *siblings = &plan->statement->plans;

	if (!dlist_has_prev(siblings, &plan->node) && !dlist_has_next(siblings, &plan->node))
	{
		drop_statement(plan->statement);
		return;
	}
	dlist_delete(&plan->node);
	dlist_delete(&plan->place);
	plans_size -= plan->size;
	MemoryContextDelete(plan->context);
}

static void
drop_invalid(void)
{
	dlist_mutable_iter iter;

	if (!any_invalid)
		return;
	any_invalid = false;
	dlist_foreach_modify(iter, &by_use)
	{
		KeptPlan   *plan = dlist_container(KeptPlan, place, iter.cur);

		if (!plan->valid)
			drop_plan(plan);
	}
}

void
plans_kept_forget(void)
{
	while (!dlist_is_empty(&by_use))
		drop_plan(dlist_head_element(KeptPlan, place, &by_use));
	any_invalid = false;
	memset(seen, 0, sizeof(seen));
}

/*
 * The share of ambit.cache_size.
 */
static Size
size_limit(void)
{
	return (Size) rights_cache_size * 1024 / 3;
}

static void
drop_longest_unused(void)
{
	while (plans_size > size_limit() && !dlist_is_empty(&by_use))
		drop_plan(dlist_tail_element(KeptPlan, place, &by_use));
}

Size
plans_kept_size(void)
{
	return Min(plans_size, size_limit());
}

/* ---- statements that came before ------------------------------------------ */

/* said of a hash, in its place: nothing is to be kept of the statement */
#define SEEN_REFUSED PLANS_HASH_MARK

/*
 * What is known of a hash: itself, with SEEN_REFUSED, or 0.
 */
static uint64
look_up_seen(uint64 hash)
{
	const uint64 *places = seen[(hash >> 1) % SEEN_GROUPS];

	for (int i = 0; i < SEEN_PLACES; i++)
		if ((places[i] | SEEN_REFUSED) == (hash | SEEN_REFUSED))
			return places[i];
	return 0;
}

static void
note_seen(uint64 hash)
{
	uint64	   *places = seen[(hash >> 1) % SEEN_GROUPS];
	int			i = 0;

	while (i < SEEN_PLACES - 1 && (places[i] | SEEN_REFUSED) != (hash | SEEN_REFUSED))
		i++;
	memmove(places + 1, places, i * sizeof(uint64));
	places[0] = hash;
}

/* ---- tables --------------------------------------------------------------- */

static bool
is_relation(const RangeTblEntry *rte)
{
	/* since 16 a view stands as a subquery that has its name */
	return rte->rtekind == RTE_RELATION ||
		(rte->rtekind == RTE_SUBQUERY && OidIsValid(rte->relid));
}

/*
 * Takes the locks that the planner and the parser take, which the executor
 * counts on, or gives those back.
 */
static void
lock_relations(const PlannedStmt *stmt, bool lock)
{
	ListCell   *lc;

	foreach(lc, stmt->rtable)
	{
		const RangeTblEntry *rte = lfirst(lc);

		if (!is_relation(rte))
			continue;
		if (lock)
			LockRelationOid(rte->relid, rte->rellockmode);
		else
			UnlockRelationOid(rte->relid, rte->rellockmode);
	}
}

/*
 * The size of a locked table; 0 for what has none.
 */
static BlockNumber
relation_pages(const RangeTblEntry *rte)
{
	Relation	rel;
	BlockNumber pages;

	if (rte->rtekind != RTE_RELATION ||
		(rte->relkind != RELKIND_RELATION && rte->relkind != RELKIND_MATVIEW))
		return 0;
	rel = table_open(rte->relid, NoLock);
	pages = RelationGetNumberOfBlocks(rel);
	table_close(rel, NoLock);
	return pages;
}

/*
 * Whether the tables have about the size that they had.
 */
static bool
sizes_hold(const KeptPlan *plan)
{
	ListCell   *lc;

	foreach(lc, plan->stmt->rtable)
	{
		BlockNumber then = Max(plan->pages[foreach_current_index(lc)], FEW_PAGES);
		BlockNumber now = Max(relation_pages(lfirst(lc)), FEW_PAGES);

		if (now / 2 > then || then / 2 > now)
			return false;
	}
	return true;
}

/* ---- finding and adding --------------------------------------------------- */

static KeptStatement *
find_statement(const KeptSearch *search)
{
	return statements ? hash_search(statements, &search->statement, HASH_FIND, NULL) : NULL;
}

static KeptPlan *
find_plan(KeptStatement *statement, const KeptSearch *search)
{
	dlist_iter	iter;

	dlist_foreach(iter, &statement->plans)
	{
		KeptPlan   *plan = dlist_container(KeptPlan, node, iter.cur);

		if (plan->valid && plan->fingerprint == search->fingerprint &&
			plan->settings == search->settings)
			return plan;
	}
	return NULL;
}

/*
 * Whether the rights are still those that the search began with.
 */
static bool
rights_hold(const KeptSearch *search)
{
	return search->fingerprint == rights_fingerprint(rights_current()) &&
		search->generation == catalog_generation();
}

/*
 * Whether the plan may run now; if so, with its tables locked.  What arrives
 * with the locks may be about it.
 */
static bool
plan_holds(KeptPlan *plan, const KeptSearch *search)
{
	lock_relations(plan->stmt, true);
	if (rights_hold(search) && plan->valid)
	{
		if (sizes_hold(plan))
			return true;
		plan->valid = false;
		any_invalid = true;
	}
	lock_relations(plan->stmt, false);
	return false;
}

/*
 * Begins a search: what a plan depends on besides the statement.
 */
static void
begin_search(KeptSearch *search)
{
	if (statements == NULL)
		make_statements();
	search->again = true;
	search->fingerprint = rights_fingerprint(rights_current());
	search->generation = catalog_generation();
	search->settings = plans_settings_hash();
	if (plans_generation != search->generation)
		relation_changed((Datum) 0, InvalidOid);
	plans_generation = search->generation;
	search->changes = changes;
	drop_invalid();
	/* the setting may be another now */
	drop_longest_unused();
}

/*
 * What is known of the statement by its hash: whatever its literal is, or, where
 * plans depend on that, with it.
 */
static uint64
look_up_statement(KeptSearch *search, const Query *parse, const char *query_string, int options)
{
	uint64		known;

	plans_literal_find(parse, query_string, &search->literal);
	for (;;)
	{
		search->statement = plans_statement_hash(parse, query_string, options, &search->literal);
		known = search->statement ? look_up_seen(search->statement) : SEEN_REFUSED;
		if ((known & SEEN_REFUSED) == 0)
			return known;
		search->statement = 0;
		if (search->literal.node == NULL)
			return known;
		search->literal.node = NULL;
	}
}

/*
 * Gives the literal another value; returns the one that it had.
 */
static Datum
put_literal(const KeptSearch *search, Datum value)
{
	Datum		former = (Datum) 0;

	if (search->literal.node)
	{
		former = search->literal.node->constvalue;
		search->literal.node->constvalue = value;
	}
	return former;
}

/*
 * The statement, if it is this one.
 */
static KeptStatement *
same_statement(const KeptSearch *search, const Query *parse)
{
	KeptStatement *statement = find_statement(search);

	if (statement && !equal(statement->parse, parse))
	{
		drop_statement(statement);
		return NULL;
	}
	return statement;
}

/*
 * Takes a copy of the statement, which the planner writes on.
 */
static void
copy_statement(KeptSearch *search, const Query *parse)
{
	MemoryContext old;

	search->context = AllocSetContextCreate(CurrentMemoryContext, "ambit kept statement",
											ALLOCSET_START_SMALL_SIZES);
	old = MemoryContextSwitchTo(search->context);
	search->parse = copyObject(unconstify(Query *, parse));
	MemoryContextSwitchTo(old);
}

PlannedStmt *
plans_kept_find(Query *parse, const char *query_string, int options, ParamListInfo params,
				KeptSearch *search)
{
	KeptStatement *statement;
	KeptPlan   *plan;
	PlannedStmt *stmt;
	Datum		value;
	uint64		known;

	memset(search, 0, sizeof(KeptSearch));
	if (!keep_plans || params != NULL || relationship_running() || IsParallelWorker() ||
		trace_sort || !planner_decides_alone())
		return NULL;
	known = look_up_statement(search, parse, query_string, options);
	if (search->statement == 0 || (known == 0 && find_statement(search) == NULL))
		return NULL;

	begin_search(search);
	value = put_literal(search, (Datum) 0);
	statement = same_statement(search, parse);
	if (statement == NULL)
		copy_statement(search, parse);
	(void) put_literal(search, value);
	if (statement == NULL)
		return NULL;
	search->serial = statement->serial;
	plan = find_plan(statement, search);
	if (plan == NULL || !plan_holds(plan, search))
		return NULL;
	dlist_move_head(&by_use, &plan->place);
	stmt = copyObject(plan->stmt);
	if (search->literal.node)
		plans_literal_put(stmt, plan->location, value);
	stmt->queryId = parse->queryId;
	stmt->stmt_location = parse->stmt_location;
	stmt->stmt_len = parse->stmt_len;
	return stmt;
}

/*
 * The sizes of the tables of a plan, in the order of its range table.
 */
static BlockNumber *
table_sizes(const PlannedStmt *stmt)
{
	BlockNumber *pages = palloc(sizeof(BlockNumber) * list_length(stmt->rtable));
	ListCell   *lc;

	foreach(lc, stmt->rtable)
		pages[foreach_current_index(lc)] = relation_pages(lfirst(lc));
	return pages;
}

/*
 * A copy of the plan with all that belongs to it, in a context of its own, a
 * child of the current one.
 */
static KeptPlan *
make_kept(const KeptSearch *search, const PlannedStmt *stmt, const BlockNumber *pages)
{
	Size		pages_size = sizeof(BlockNumber) * list_length(stmt->rtable);
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "ambit kept plan",
												  ALLOCSET_START_SMALL_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	KeptPlan   *plan = palloc0(sizeof(KeptPlan));

	plan->settings = search->settings;
	plan->fingerprint = search->fingerprint;
	plan->location = search->literal.location;
	plan->context = context;
	plan->stmt = copyObject(unconstify(PlannedStmt *, stmt));
	plan->pages = palloc(pages_size);
	memcpy(plan->pages, pages, pages_size);
	MemoryContextSwitchTo(old);
	plan->size = MemoryContextMemAllocated(context, true);
	return plan;
}

/*
 * The statement that was searched for; NULL if it is gone or has changed.
 */
static KeptStatement *
searched_statement(KeptSearch *search)
{
	bool		found;
	KeptStatement *statement = hash_search(statements, &search->statement,
										   search->parse ? HASH_ENTER : HASH_FIND, &found);

	if (search->parse == NULL)
		return found && statement->serial == search->serial ? statement : NULL;
	if (found)
		return NULL;
	/* nothing fails from here on */
	statement->serial = next_serial++;
	statement->parse = search->parse;
	statement->context = search->context;
	statement->size = MemoryContextMemAllocated(search->context, true);
	dlist_init(&statement->plans);
	MemoryContextSetParent(search->context, kept_context);
	search->context = NULL;
	plans_size += statement->size;
	return statement;
}

static void
keep_plan(KeptSearch *search, const PlannedStmt *stmt, const BlockNumber *pages)
{
	KeptPlan   *plan = make_kept(search, stmt, pages);
	KeptStatement *statement = NULL;

	if (plan->size <= size_limit() / 4)
		statement = searched_statement(search);
	if (statement == NULL)
	{
		MemoryContextDelete(plan->context);
		return;
	}
	plan->statement = statement;
	plan->valid = true;
	MemoryContextSetParent(plan->context, statement->context);
	dlist_push_head(&statement->plans, &plan->node);
	dlist_push_head(&by_use, &plan->place);
	plans_size += plan->size;
	drop_longest_unused();
}

/*
 * Keeps what nothing keeps from it; running out of memory does, and the plan is
 * good without being kept.
 */
static void
try_to_keep(KeptSearch *search, const PlannedStmt *stmt)
{
	MemoryContext current = CurrentMemoryContext;
	BlockNumber *pages;

	if (stmt->transientPlan || search->changes != changes || !rights_hold(search))
		return;
	if ((search->parse && plans_statement_folds(search->parse)) ||
		(search->literal.node && !plans_literal_stays(stmt, &search->literal)))
	{
		note_seen(search->statement | SEEN_REFUSED);
		return;
	}
	/* opening the tables takes notice of what has arrived; the rest does not */
	pages = table_sizes(stmt);
	if (search->changes != changes)
		return;
	PG_TRY();
	{
		keep_plan(search, stmt, pages);
	}
	PG_CATCH();
	{
		if (geterrcode() != ERRCODE_OUT_OF_MEMORY)
			PG_RE_THROW();
		MemoryContextSwitchTo(current);
		FlushErrorState();
	}
	PG_END_TRY();
}

void
plans_kept_add(KeptSearch *search, const PlannedStmt *stmt)
{
	bool		only;

	if (search->statement != 0 && plans_made_from_rights(stmt, search->fingerprint, &only))
	{
		if (!search->again)
			note_seen(search->statement);
		else if (only)
			try_to_keep(search, stmt);
	}
	if (search->context)
		MemoryContextDelete(search->context);
}
