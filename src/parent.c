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
 * asks.  Answers are kept for the statement (kept.c), unless a policy of the
 * parent's calls a volatile function.
 */
#include "postgres.h"
#include "compat.h"

#include "access/htup_details.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
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
#include "utils/resowner.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"

#include "kept.h"
#include "parent.h"
#include "plan_walk.h"
#include "plans.h"
#include "policy.h"
#include "rights.h"
#include "steady.h"

/* after so many keys it is looked at whether to read all, where there are few,
 * and after so many once more: by then what is expected counts as well */
#define FIRST_LOOK 16
#define SECOND_LOOK 1000

/* rows that may be read for each key that was asked for, and for each row that
 * is expected to be written */
#define ROWS_OF_FEW 16
#define ROWS_OF_MANY 4

/* what a row takes beside its columns, about */
#define ROW_OVERHEAD 80

struct Parent
{
	char	   *query;			/* NULL: the tables are not what they were */
	Oid			key_type;
	int16		key_length;
	bool		key_by_value;
	List	   *tables;			/* the parent and those above it */
	SPIPlanPtr	plan;			/* prepared when first asked */
	char	   *all_query;		/* all rows, the key last; NULL: it is of another type */
	SPIPlanPtr	all_plan;
	MemoryContextCallback callback;
};

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
	bool		steady;			/* a key asked again is answered the same */
	ParamListInfo params;
	TupleDesc	desc;			/* of the bound columns, from PERMITS_TENANT on */
	Kept	   *answers;		/* MinimalTuples by key */
	uint64		asked;			/* keys that the query was given */
	double		read_all_at;	/* when so many were, all are read; negative: never */
};

static void
free_plan(void *arg)
{
	Parent	   *parent = arg;

	if (parent->plan)
		SPI_freeplan(parent->plan);
	if (parent->all_plan)
		SPI_freeplan(parent->all_plan);
}

static char *
column_of(int depth, Oid relid, AttrNumber column)
{
	return psprintf("p%d.%s", depth, quote_identifier(get_attname(relid, column, false)));
}

Parent *
parent_create(FuncExpr *bound, Oid *types)
{
	Parent	   *parent = palloc0(sizeof(Parent));
	char	   *columns[PERMITS_NARGS] = {0};
	StringInfoData from;
	StringInfoData where;
	char	   *key = "$1";
	char	   *first_key = NULL;
	Oid			first_type = InvalidOid;
	int			joins = 0;		/* where they begin */

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
		AttrNumber	primary_key;
		char	   *column;

		if (!IsA(above, Const) || above->constisnull)
			break;
		relid = DatumGetObjectId(above->constvalue);
		/* a table above itself: not by protect() */
		if (list_member_oid(parent->tables, relid))
			return parent;
		parent->tables = lappend_oid(parent->tables, relid);
		bound = policy_bound_call(relid);
		primary_key = policy_primary_key(relid);
		if (bound == NULL || primary_key == 0)
			return parent;
		column = column_of(depth, relid, primary_key);
		appendStringInfo(&from, "%s%s AS p%d", depth > 1 ? ", " : "",
						 quote_qualified_identifier(get_namespace_name(get_rel_namespace(relid)),
													get_rel_name(relid)), depth);
		appendStringInfo(&where, "%s%s OPERATOR(pg_catalog.=) %s", depth > 1 ? " AND " : "",
						 column, key);
		if (depth == 1)
		{
			first_key = column;
			first_type = get_atttype(relid, primary_key);
			joins = where.len;
		}
		for (int i = PERMITS_TENANT; i < PERMITS_NARGS; i++)
		{
			Node	   *arg = list_nth(bound->args, i - PERMITS_TENANT);

			if (types[i] != UNKNOWNOID || !IsA(arg, Var))
				continue;
			types[i] = exprType(arg);
			columns[i] = column_of(depth, relid, ((Var *) arg)->varattno);
		}
		if (IsA(list_nth(bound->args, BOUND_PARENT_KEY), Var))
			key = column_of(depth, relid, ((Var *) list_nth(bound->args, BOUND_PARENT_KEY))->varattno);
	}
	if (parent->tables == NIL)
		return parent;
	parent->query = "SELECT";
	for (int i = PERMITS_TENANT; i < PERMITS_NARGS; i++)
		parent->query = psprintf("%s%s %s", parent->query, i > PERMITS_TENANT ? "," : "",
								 columns[i] ? columns[i] : "NULL");
	if (first_type == parent->key_type)
		parent->all_query = psprintf("%s, %s FROM %s WHERE true%s", parent->query, first_key,
									 from.data, where.data + joins);
	parent->query = psprintf("%s FROM %s WHERE %s", parent->query, from.data, where.data);
	return parent;
}

bool
parent_is_about(const Parent *parent, Oid relid)
{
	return list_member_oid(parent->tables, relid);
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
	scan->read_all_at = FIRST_LOOK;
	return scan;
}

void
parent_close(ParentScan *scan)
{
	end_query(scan);
	if (scan->context)
		MemoryContextDelete(scan->context);
	scan->context = NULL;
	scan->answers = NULL;
	scan->asked = 0;
	scan->read_all_at = FIRST_LOOK;
	scan->desc = NULL;
	scan->steady = false;
	scan->open = false;
}

/*
 * A query as it is prepared for the session, once.
 */
static CachedPlanSource *
prepared(SPIPlanPtr *plan, const char *query, int nargs, Oid *types)
{
	SPIPlanPtr	made;

	if (*plan == NULL)
	{
		if (SPI_connect() != SPI_OK_CONNECT)
			elog(ERROR, "SPI_connect failed");
		made = SPI_prepare(query, nargs, types);
		if (made == NULL || SPI_keepplan(made) != 0)
			elog(ERROR, "could not prepare the query of a parent");
		*plan = made;
		SPI_finish();
	}
	return linitial(SPI_plan_get_plan_sources(*plan));
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

	source = prepared(&parent->plan, parent->query, 1, &parent->key_type);
	scan->owner = CurrentResourceOwner;
	scan->plan = GetCachedPlan(source, NULL, scan->owner, NULL);
	stmt = linitial_node(PlannedStmt, scan->plan->stmt_list);
	scan->steady = steady_plan(stmt->subplans, stmt->planTree);
	old = MemoryContextSwitchTo(scan->context);
	/* as of the statement: no new snapshot */
	scan->query = CreateQueryDesc(stmt, source->query_string, GetActiveSnapshot(),
								  InvalidSnapshot, None_Receiver, scan->params, NULL, 0);
	ExecutorStart(scan->query, EXEC_FLAG_SKIP_TRIGGERS);
	if (scan->desc == NULL)
		scan->desc = CreateTupleDescCopy(scan->query->tupDesc);
	MemoryContextSwitchTo(old);
	if (statement == NULL || statement->estate->es_query_cxt != scan->statement ||
		!plan_reads_again(stmt->planTree))
		return false;
	if (scan->econtext == NULL)
	{
		scan->econtext = CreateExprContext(statement->estate);
		RegisterExprContextCallback(scan->econtext, end_statement, PointerGetDatum(scan));
	}
	return true;
}

/*
 * Asks for the row of a key: in the current memory context, NULL when it is not
 * seen.
 */
static MinimalTuple
ask(Parent *parent, ParentScan *scan, Datum key)
{
	bool		goes_on = true;
	MinimalTuple row = NULL;
	TupleTableSlot *slot;
	MemoryContext old = CurrentMemoryContext;

	scan->asked++;
	scan->params->params[0].value = key;
	if (scan->query == NULL)
		goes_on = start_query(parent, scan);
	else
		ExecReScan(scan->query->planstate);
	MemoryContextSwitchTo(scan->query->estate->es_query_cxt);
	slot = ExecProcNode(scan->query->planstate);
	if (!TupIsNull(slot))
	{
		MemoryContextSwitchTo(old);
		row = ExecCopySlotMinimalTuple(slot);
		MemoryContextSwitchTo(scan->query->estate->es_query_cxt);
		slot = ExecProcNode(scan->query->planstate);
		/* of two rows it is not known which is meant */
		if (!TupIsNull(slot))
			row = NULL;
	}
	MemoryContextSwitchTo(old);
	if (!goes_on)
		end_query(scan);
	return row;
}

/*
 * The bytes that a key is kept under.
 */
static const void *
image_of(const Parent *parent, const Datum *key, Size *size)
{
	*size = parent->key_by_value ? sizeof(Datum) : datumGetSize(*key, false, parent->key_length);
	return parent->key_by_value ? (const void *) key : DatumGetPointer(*key);
}

/*
 * Keeps the rows of all keys.
 */
static void
keep_all(Parent *parent, ParentScan *scan, QueryDesc *query)
{
	MemoryContext row_context = AllocSetContextCreate(scan->context, "ambit parent rows",
													  ALLOCSET_SMALL_SIZES);
	MemoryContext old = MemoryContextSwitchTo(query->estate->es_query_cxt);
	TupleTableSlot *slot;

	for (slot = ExecProcNode(query->planstate); !TupIsNull(slot);
		 slot = ExecProcNode(query->planstate))
	{
		const void *image;
		Size		image_size;
		Size		size;
		MinimalTuple row;

		CHECK_FOR_INTERRUPTS();
		slot_getallattrs(slot);
		image = image_of(parent, &slot->tts_values[scan->desc->natts], &image_size);
		if (slot->tts_isnull[scan->desc->natts] ||
			kept_find(scan->answers, image, image_size, &size))
			continue;
		MemoryContextSwitchTo(row_context);
		row = form_minimal_tuple(scan->desc, slot->tts_values, slot->tts_isnull);
		kept_add(scan->answers, image, image_size, row, row->t_len);
		MemoryContextReset(row_context);
		MemoryContextSwitchTo(query->estate->es_query_cxt);
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(row_context);
}

/*
 * How many rows the statement is expected to write.
 */
static double
expected_rows(void)
{
	const QueryDesc *statement = plans_running();

	if (statement == NULL || !IsA(statement->plannedstmt->planTree, ModifyTable))
		return 0;
	return outerPlan(statement->plannedstmt->planTree)->plan_rows;
}

/*
 * When many keys were asked for, all that are seen are read at once, where
 * there is memory for them and not many more of them than are asked for.
 */
static void
read_all(Parent *parent, ParentScan *scan)
{
	ResourceOwner owner = CurrentResourceOwner;
	bool		many = scan->asked >= SECOND_LOOK;
	double		few_at;
	CachedPlanSource *source;
	CachedPlan *plan;
	PlannedStmt *stmt;
	QueryDesc  *query;
	MemoryContext old;
	ListCell   *lc;

	scan->read_all_at = -1;
	if (parent->all_query == NULL)
		return;
	/* in children keys may come twice */
	foreach(lc, parent->tables)
		if (get_rel_relkind(lfirst_oid(lc)) != RELKIND_PARTITIONED_TABLE &&
			has_subclass(lfirst_oid(lc)))
			return;
	source = prepared(&parent->all_plan, parent->all_query, 0, NULL);
	plan = GetCachedPlan(source, NULL, owner, NULL);
	stmt = linitial_node(PlannedStmt, plan->stmt_list);
	few_at = stmt->planTree->plan_rows / ROWS_OF_FEW;
	if (stmt->planTree->plan_rows * (stmt->planTree->plan_width + ROW_OVERHEAD) >
		get_hash_memory_limit())
		;
	else if (many && Max(scan->asked, expected_rows()) < stmt->planTree->plan_rows / ROWS_OF_MANY)
		scan->read_all_at = stmt->planTree->plan_rows / ROWS_OF_MANY;
	else if (!many && scan->asked < few_at)
		scan->read_all_at = Min(few_at, SECOND_LOOK);
	else
	{
		old = MemoryContextSwitchTo(scan->context);
		query = CreateQueryDesc(stmt, source->query_string, GetActiveSnapshot(), InvalidSnapshot,
								None_Receiver, NULL, NULL, 0);
		ExecutorStart(query, EXEC_FLAG_SKIP_TRIGGERS);
		keep_all(parent, scan, query);
		ExecutorFinish(query);
		ExecutorEnd(query);
		FreeQueryDesc(query);
		MemoryContextSwitchTo(old);
	}
	ReleaseCachedPlan(plan, owner);
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
	scan->answers = kept_create(scan->context);
	scan->asker = asker;
	scan->opened++;
	scan->open = true;
}

/*
 * Takes over the row of a key.
 */
static void
take_row(ParentRow *row, const ParentScan *scan, MinimalTuple found)
{
	HeapTupleData tuple;

	row->found = (found != NULL);
	if (found == NULL)
		return;
	tuple.t_len = found->t_len + MINIMAL_TUPLE_OFFSET;
	tuple.t_data = (HeapTupleHeader) ((char *) found - MINIMAL_TUPLE_OFFSET);
	heap_deform_tuple(&tuple, scan->desc, row->values + PERMITS_TENANT,
					  row->nulls + PERMITS_TENANT);
}

bool
parent_fetch(Parent *parent, ParentScan *scan, ParentRow *row, Datum key)
{
	MemoryContext old;
	MinimalTuple found;
	const void *image;
	Size		image_size;
	Size		size;

	if (parent->query == NULL)
		return false;
	open_scan(parent, scan);
	if (row->asked && row->asked_in == scan->opened && scan->steady &&
		datum_image_eq(row->key, key, parent->key_by_value, parent->key_length))
		return row->found;
	row->asked = false;
	if (row->context == NULL)
		row->context = AllocSetContextCreate(scan->statement, "ambit parent row",
											 ALLOCSET_SMALL_SIZES);
	MemoryContextReset(row->context);
	old = MemoryContextSwitchTo(row->context);
	row->key = datumCopy(key, parent->key_by_value, parent->key_length);
	image = image_of(parent, &row->key, &image_size);
	if (scan->steady && scan->read_all_at >= 0 && scan->asked >= scan->read_all_at)
		read_all(parent, scan);
	found = scan->steady ? kept_find(scan->answers, image, image_size, &size) : NULL;
	if (found == NULL)
	{
		found = ask(parent, scan, row->key);
		/* one that is not seen hardly lets the statement go on */
		if (found && scan->steady)
			kept_add(scan->answers, image, image_size, found, found->t_len);
	}
	else
		found = memcpy(palloc(size), found, size);
	take_row(row, scan, found);
	MemoryContextSwitchTo(old);
	row->asked = true;
	row->asked_in = scan->opened;
	return row->found;
}
