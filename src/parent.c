/*
 * parent.c
 *		The row that a row of a table with a parent follows.
 *
 * The guard asks for the bound columns of the parent's row, and of its
 * parent's, by a query that runs as the user under the policies of those
 * tables: a row that is not seen permits nothing.
 *
 * The query is started once a statement, as of the statement's snapshot, and
 * given key after key.  It ends with the statement: the executor ends it with
 * the statement's own expressions, and after an error the resource owner and
 * the memory of the statement take it along, as they do with the statement.
 * It is started anew where another user, other rights or another snapshot
 * asks.  Answers are kept for the statement, as many as hash_mem holds.
 */
#include "postgres.h"
#include "compat.h"

#include "access/htup_details.h"
#include "access/relation.h"
#include "executor/executor.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/plancache.h"
#include "utils/rel.h"
#include "utils/resowner.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"

#include "parent.h"
#include "plans.h"
#include "policy.h"
#include "rights.h"

/* answers are kept from this key on: a statement of a few rows needs none */
#define FIRST_KEPT 16

/* rows of answers are put together by so many bytes */
#define ROWS_BLOCK 8192

struct Parent
{
	char	   *query;			/* NULL: the tables are not what they were */
	Oid			key_type;
	int16		key_length;
	bool		key_by_value;
	List	   *tables;			/* the parent and those above it */
	SPIPlanPtr	plan;			/* prepared when first asked */
	MemoryContextCallback callback;
};

/*
 * An answer: the key and the bound columns, numbered from 1 as PermitsArg is
 * from 0, or the key alone.
 */
typedef struct Answer
{
	MinimalTuple row;			/* hash key: its first column */
	uint32		hash;
	char		status;
	bool		found;
} Answer;

/* Who asks, and as of when. */
typedef struct Asker
{
	Oid			user;
	int			security_context;
	bool		row_security;
	uint64		rights;			/* their serial; 0: none */
	Snapshot	snapshot;
	CommandId	command;
} Asker;

struct ParentScan
{
	MemoryContext statement;	/* the scan itself is there */
	MemoryContext context;		/* the rest, until it is closed */
	uint64		opened;			/* how often */
	bool		open;
	Asker		asker;
	ExprContext *econtext;		/* of the statement; ends the query with it */
	ResourceOwner owner;
	CachedPlan *plan;
	QueryDesc  *query;			/* NULL: not started */
	ParamListInfo params;
	TupleDesc	desc;			/* of answers */
	uint64		asked;			/* how many keys */
	MemoryContext kept;			/* what follows */
	struct answers_hash *answers;	/* NULL: none are kept */
	Datum		wanted;			/* the key that is looked up */
	const Parent *parent;
	char	   *space;			/* for rows of answers */
	Size		left;
	uint64		hits;			/* since it was empty */
	bool		useless;		/* keys do not come again */
};

static uint32 hash_answer(const ParentScan *scan, MinimalTuple row);
static bool same_answer(const ParentScan *scan, MinimalTuple a, MinimalTuple b);

#define SH_PREFIX answers
#define SH_ELEMENT_TYPE Answer
#define SH_KEY_TYPE MinimalTuple
#define SH_KEY row
#define SH_HASH_KEY(table, key) hash_answer((table)->private_data, key)
#define SH_EQUAL(table, a, b) same_answer((table)->private_data, a, b)
#define SH_STORE_HASH
#define SH_GET_HASH(table, answer) (answer)->hash
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

static void
free_plan(void *arg)
{
	Parent	   *parent = arg;

	if (parent->plan)
		SPI_freeplan(parent->plan);
}

/*
 * The column that is the primary key; NULL when there is none.
 */
static const char *
primary_key(Oid relid)
{
	Relation	rel = try_relation_open(relid, AccessShareLock);
	Oid			index = InvalidOid;
	const char *name = NULL;

	if (rel == NULL)
		return NULL;
	(void) RelationGetIndexList(rel);
	index = get_primary_key_index(rel);
	if (OidIsValid(index))
	{
		Relation	key = relation_open(index, AccessShareLock);

		if (key->rd_index->indnkeyatts == 1)
			name = get_attname(relid, key->rd_index->indkey.values[0], false);
		relation_close(key, AccessShareLock);
	}
	relation_close(rel, AccessShareLock);
	return name;
}

static char *
column_of(int depth, Oid relid, Node *var)
{
	return psprintf("p%d.%s", depth,
					quote_identifier(get_attname(relid, ((Var *) var)->varattno, false)));
}

Parent *
parent_create(FuncExpr *bound, Oid *types)
{
	Parent	   *parent = palloc0(sizeof(Parent));
	char	   *columns[PERMITS_NARGS] = {0};
	StringInfoData from;
	StringInfoData where;
	char	   *key = "$1";

	parent->key_type = exprType(list_nth(bound->args, BOUND_PARENT_KEY));
	get_typlenbyval(parent->key_type, &parent->key_length, &parent->key_by_value);
	parent->callback.func = free_plan;
	parent->callback.arg = parent;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, &parent->callback);
	initStringInfo(&from);
	initStringInfo(&where);
	for (int depth = 1;; depth++)
	{
		Const	   *above = list_nth(bound->args, BOUND_PARENT);
		Oid			relid;
		const char *column;

		if (!IsA(above, Const) || above->constisnull)
			break;
		relid = DatumGetObjectId(above->constvalue);
		/* a table above itself: not by protect() */
		if (list_member_oid(parent->tables, relid))
			return parent;
		parent->tables = lappend_oid(parent->tables, relid);
		bound = policy_bound_call(relid);
		column = primary_key(relid);
		if (bound == NULL || column == NULL)
			return parent;
		appendStringInfo(&from, "%s%s AS p%d", depth > 1 ? ", " : "",
						 quote_qualified_identifier(get_namespace_name(get_rel_namespace(relid)),
													get_rel_name(relid)), depth);
		appendStringInfo(&where, "%sp%d.%s OPERATOR(pg_catalog.=) %s", depth > 1 ? " AND " : "",
						 depth, quote_identifier(column), key);
		for (int i = PERMITS_TENANT; i < PERMITS_NARGS; i++)
		{
			Node	   *arg = list_nth(bound->args, i - PERMITS_TENANT);

			if (types[i] != UNKNOWNOID || !IsA(arg, Var))
				continue;
			types[i] = exprType(arg);
			columns[i] = column_of(depth, relid, arg);
		}
		if (IsA(list_nth(bound->args, BOUND_PARENT_KEY), Var))
			key = column_of(depth, relid, list_nth(bound->args, BOUND_PARENT_KEY));
	}
	if (parent->tables == NIL)
		return parent;
	parent->query = "SELECT $1";
	for (int i = PERMITS_TENANT; i < PERMITS_NARGS; i++)
		parent->query = psprintf("%s, %s", parent->query, columns[i] ? columns[i] : "NULL");
	parent->query = psprintf("%s FROM %s WHERE %s", parent->query, from.data, where.data);
	return parent;
}

bool
parent_is_about(const Parent *parent, Oid relid)
{
	return list_member_oid(parent->tables, relid);
}

/*
 * Reads an answer.  By reference the values are in the row itself.
 */
static void
read_row(const ParentScan *scan, MinimalTuple row, Datum *values, bool *nulls)
{
	HeapTupleData tuple;

	tuple.t_len = row->t_len + MINIMAL_TUPLE_OFFSET;
	tuple.t_data = (HeapTupleHeader) ((char *) row - MINIMAL_TUPLE_OFFSET);
	heap_deform_tuple(&tuple, scan->desc, values, nulls);
}

/*
 * The key of an answer; NULL stands for the one that is looked up.
 */
static Datum
key_of(const ParentScan *scan, MinimalTuple row)
{
	HeapTupleData tuple;
	bool		isnull;

	if (row == NULL)
		return scan->wanted;
	tuple.t_len = row->t_len + MINIMAL_TUPLE_OFFSET;
	tuple.t_data = (HeapTupleHeader) ((char *) row - MINIMAL_TUPLE_OFFSET);
	return heap_getattr(&tuple, 1, scan->desc, &isnull);
}

static uint32
hash_answer(const ParentScan *scan, MinimalTuple row)
{
	return datum_image_hash(key_of(scan, row), scan->parent->key_by_value,
							scan->parent->key_length);
}

static bool
same_answer(const ParentScan *scan, MinimalTuple a, MinimalTuple b)
{
	return datum_image_eq(key_of(scan, a), key_of(scan, b), scan->parent->key_by_value,
						  scan->parent->key_length);
}

/*
 * Keeps no answers any more.
 */
static void
forget_answers(ParentScan *scan)
{
	if (scan->kept)
		MemoryContextDelete(scan->kept);
	scan->kept = NULL;
	scan->answers = NULL;
	scan->space = NULL;
	scan->left = 0;
	scan->hits = 0;
}

/*
 * A copy of a row of an answer in the memory of those that are kept.
 */
static MinimalTuple
keep_row(ParentScan *scan, MinimalTuple row)
{
	Size		size = MAXALIGN(row->t_len);
	MinimalTuple copy;

	if (size > ROWS_BLOCK / 8)
		return memcpy(MemoryContextAlloc(scan->kept, size), row, row->t_len);
	if (scan->left < size)
	{
		scan->space = MemoryContextAlloc(scan->kept, ROWS_BLOCK);
		scan->left = ROWS_BLOCK;
	}
	copy = (MinimalTuple) scan->space;
	scan->space += size;
	scan->left -= size;
	return memcpy(copy, row, row->t_len);
}

/*
 * Keeps an answer.  When there is no room for more it begins anew, unless
 * hardly a key came twice.
 */
static void
keep_answer(ParentScan *scan, MinimalTuple row, uint32 hash, bool found)
{
	Answer	   *answer;
	bool		known;

	if (scan->answers)
	{
		Size		size = MemoryContextMemAllocated(scan->kept, true) + row->t_len;

		if (scan->answers->members >= scan->answers->grow_threshold)
			size += 2 * scan->answers->size * sizeof(Answer);
		if (size > get_hash_memory_limit())
		{
			scan->useless = scan->hits < scan->answers->members / 4;
			forget_answers(scan);
			if (scan->useless)
				return;
		}
	}
	if (scan->answers == NULL)
	{
		scan->kept = AllocSetContextCreate(scan->context, "ambit parent answers",
										   ALLOCSET_DEFAULT_SIZES);
		scan->answers = answers_create(scan->kept, 64, scan);
	}
	answer = answers_insert_hash(scan->answers, keep_row(scan, row), hash, &known);
	answer->found = found;
}

/*
 * Ends the query.
 */
static void
end_query(ParentScan *scan)
{
	ResourceOwner owner = CurrentResourceOwner;

	if (scan->query == NULL)
		return;
	CurrentResourceOwner = scan->owner;
	ExecutorFinish(scan->query);
	ExecutorEnd(scan->query);
	FreeQueryDesc(scan->query);
	scan->query = NULL;
	ReleaseCachedPlan(scan->plan, scan->owner);
	CurrentResourceOwner = owner;
}

/*
 * The statement ends, and its memory next.
 */
static void
end_statement(Datum arg)
{
	ParentScan *scan = (ParentScan *) DatumGetPointer(arg);

	scan->econtext = NULL;
	end_query(scan);
}

ParentScan *
parent_scan(MemoryContext context)
{
	ParentScan *scan = MemoryContextAllocZero(context, sizeof(ParentScan));

	scan->statement = context;
	return scan;
}

void
parent_close(ParentScan *scan)
{
	end_query(scan);
	if (scan->context)
		MemoryContextDelete(scan->context);
	scan->context = scan->kept = NULL;
	scan->answers = NULL;
	scan->space = NULL;
	scan->left = 0;
	scan->asked = scan->hits = 0;
	scan->useless = false;
	scan->desc = NULL;
	scan->open = false;
}

/*
 * Whether partitions are left out once and for all by the first key.
 */
static bool
append_prunes(const Append *append)
{
#if PG_VERSION_NUM >= 180000
	return append->part_prune_index >= 0;
#else
	return append->part_prune_info != NULL;
#endif
}

/*
 * Whether a plan may be given another key and read again: what it keeps from
 * one reading to the next does not depend on the key.  The executor knows of
 * its own parameters where to read again, not of those from outside.
 */
static bool
reads_again(Plan *plan)
{
	List	   *more = NIL;
	ListCell   *lc;

	if (plan == NULL)
		return true;
	switch (nodeTag(plan))
	{
		case T_SeqScan:
		case T_IndexScan:
		case T_IndexOnlyScan:
		case T_BitmapIndexScan:
		case T_BitmapHeapScan:
		case T_Result:
		case T_NestLoop:
			break;
		case T_BitmapAnd:
			more = ((BitmapAnd *) plan)->bitmapplans;
			break;
		case T_BitmapOr:
			more = ((BitmapOr *) plan)->bitmapplans;
			break;
		case T_Append:
			if (append_prunes((Append *) plan))
				return false;
			more = ((Append *) plan)->appendplans;
			break;
		case T_SubqueryScan:
			more = list_make1(((SubqueryScan *) plan)->subplan);
			break;
		default:
			return false;
	}
	foreach(lc, more)
		if (!reads_again(lfirst(lc)))
			return false;
	return reads_again(plan->lefttree) && reads_again(plan->righttree);
}

/*
 * Starts the query.  If the plan does not read again, or it is not known when
 * the statement ends, it has to be ended after the first key: false.
 */
static bool
start_query(Parent *parent, ParentScan *scan)
{
	const QueryDesc *statement = plans_running();
	CachedPlanSource *source;
	PlannedStmt *stmt;
	MemoryContext old;

	if (parent->plan == NULL)
	{
		SPIPlanPtr	plan;

		if (SPI_connect() != SPI_OK_CONNECT)
			elog(ERROR, "SPI_connect failed");
		plan = SPI_prepare(parent->query, 1, &parent->key_type);
		if (plan == NULL || SPI_keepplan(plan) != 0)
			elog(ERROR, "could not prepare the query of a parent");
		parent->plan = plan;
		SPI_finish();
	}
	source = linitial(SPI_plan_get_plan_sources(parent->plan));
	scan->owner = CurrentResourceOwner;
	scan->plan = GetCachedPlan(source, NULL, scan->owner, NULL);
	stmt = linitial_node(PlannedStmt, scan->plan->stmt_list);
	old = MemoryContextSwitchTo(scan->context);
	/* as of the statement: no new snapshot */
	scan->query = CreateQueryDesc(stmt, source->query_string, GetActiveSnapshot(),
								  InvalidSnapshot, None_Receiver, scan->params, NULL, 0);
	ExecutorStart(scan->query, EXEC_FLAG_SKIP_TRIGGERS);
	if (scan->desc == NULL)
		scan->desc = CreateTupleDescCopy(scan->query->tupDesc);
	MemoryContextSwitchTo(old);
	if (statement == NULL || statement->estate->es_query_cxt != scan->statement ||
		!reads_again(stmt->planTree))
		return false;
	if (scan->econtext == NULL)
	{
		scan->econtext = CreateExprContext(statement->estate);
		RegisterExprContextCallback(scan->econtext, end_statement, PointerGetDatum(scan));
	}
	return true;
}

/*
 * Asks for the row of a key.  It is in the memory of the row that wants it.
 */
static void
ask(Parent *parent, ParentScan *scan, ParentRow *row, Datum key)
{
	bool		goes_on = true;
	TupleTableSlot *slot;
	MemoryContext old;

	scan->asked++;
	scan->params->params[0].value = key;
	if (scan->query == NULL)
		goes_on = start_query(parent, scan);
	else
		ExecReScan(scan->query->planstate);
	old = MemoryContextSwitchTo(scan->query->estate->es_query_cxt);
	slot = ExecProcNode(scan->query->planstate);
	MemoryContextReset(row->context);
	row->found = !TupIsNull(slot);
	MemoryContextSwitchTo(row->context);
	if (row->found)
		row->row = ExecCopySlotMinimalTuple(slot);
	else
	{
		Datum		values[PERMITS_NARGS] = {key};
		bool		nulls[PERMITS_NARGS];

		memset(nulls, true, sizeof(nulls));
		nulls[0] = false;
		row->row = heap_form_minimal_tuple(scan->desc, values, nulls);
	}
	/* of two rows it is not known which is meant */
	MemoryContextSwitchTo(scan->query->estate->es_query_cxt);
	if (row->found)
	{
		slot = ExecProcNode(scan->query->planstate);
		row->found = TupIsNull(slot);
	}
	MemoryContextSwitchTo(old);
	if (!goes_on)
		end_query(scan);
}

static bool
same_asker(const Asker *a, const Asker *b)
{
	return a->user == b->user && a->security_context == b->security_context &&
		a->row_security == b->row_security && a->rights == b->rights &&
		a->snapshot == b->snapshot && a->command == b->command;
}

/*
 * Opens the scan, anew if it is another one who asks.
 */
static void
open_scan(Parent *parent, ParentScan *scan)
{
	Rights	   *rights = rights_current();
	Asker		asker = {.rights = rights ? rights->serial : 0, .row_security = row_security};
	MemoryContext old;

	GetUserIdAndSecContext(&asker.user, &asker.security_context);
	asker.snapshot = GetActiveSnapshot();
	asker.command = asker.snapshot->curcid;
	if (scan->open && same_asker(&asker, &scan->asker))
		return;
	parent_close(scan);
	scan->context = AllocSetContextCreate(scan->statement, "ambit parent", ALLOCSET_SMALL_SIZES);
	old = MemoryContextSwitchTo(scan->context);
	scan->params = makeParamList(1);
	scan->params->params[0].isnull = false;
	scan->params->params[0].pflags = 0;
	scan->params->params[0].ptype = parent->key_type;
	MemoryContextSwitchTo(old);
	scan->parent = parent;
	scan->asker = asker;
	scan->opened++;
	scan->open = true;
}

bool
parent_fetch(Parent *parent, ParentScan *scan, ParentRow *row, Datum key)
{
	Answer	   *answer = NULL;
	uint32		hash = 0;
	bool		keep;

	if (parent->query == NULL)
		return false;
	open_scan(parent, scan);
	if (row->asked && row->asked_in == scan->opened &&
		datum_image_eq(row->values[0], key, parent->key_by_value, parent->key_length))
		return row->found;
	row->asked = false;
	if (row->context == NULL)
		row->context = AllocSetContextCreate(scan->statement, "ambit parent row",
											 ALLOCSET_SMALL_SIZES);
	scan->wanted = key;
	keep = scan->asked >= FIRST_KEPT && !scan->useless;
	if (keep)
		hash = hash_answer(scan, NULL);
	if (keep && scan->answers)
		answer = answers_lookup_hash(scan->answers, NULL, hash);
	if (answer)
	{
		scan->hits++;
		MemoryContextReset(row->context);
		row->row = MemoryContextAlloc(row->context, answer->row->t_len);
		memcpy(row->row, answer->row, answer->row->t_len);
		row->found = answer->found;
	}
	else
	{
		ask(parent, scan, row, key);
		if (keep)
			keep_answer(scan, row->row, hash, row->found);
	}
	read_row(scan, row->row, row->values, row->nulls);
	row->asked = true;
	row->asked_in = scan->opened;
	return row->found;
}
