/*
 * relationship.c
 *		Asking who is related to whom, by queries that the DBA bound.
 *
 * bind_relationship() keeps the query as a view, ambit_relationship.NAME,
 * owned by whoever bound it: renames, drops and dumps of the tables under it
 * are the server's business.  Here the view is asked for the objects of one
 * subject, with the subject and the window as parameters, so that an index on
 * (subject, time) serves it, or whether one object is among them.  It runs as
 * the owner of the view, under the snapshot of the statement, and without an
 * identity.  What it said is kept by relationship_answers.c.
 *
 * A plain question (relationship_question.c) is run as it is, and the query
 * about one object is started once a statement and given object after object.
 * It ends with the statement: the executor ends it with the statement's own
 * expressions, and after an error the resource owner and the memory of the
 * statement take it along, as they do with the statement.  Any other question
 * is run with a pinned search_path in a subtransaction, so that its failure is
 * the answer "nobody" and shows nothing of a row.
 */
#include "postgres.h"
#include "compat.h"

#include "access/relation.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "optimizer/optimizer.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/resowner.h"
#include "utils/snapmgr.h"

#include "plan_walk.h"
#include "plans.h"
#include "relationship_ask.h"

/* one object is asked about for so many that the subject has: together no more
 * than a fraction of what it takes to read all, which may become necessary; about
 * as much as that where a statement may well be done before */
#define SINGLE_OBJECTS 40.0
#define SINGLE_OBJECTS_SAFELY 200.0
#define SINGLE_OBJECTS_EARLY 8.0

/* a single question dearer than some look-ups in indexes is weighed by the
 * planner's costs */
#define CHEAP_PAGES 4.0
#define CHEAP_REST 2.0

/* the plan for any subject is not taken for one with so many objects, if these
 * are so many times as many as the planner expects */
#define MANY_OBJECTS 2000.0
#define MANY_TIMES 10.0

/* A query about one object after the other, open until the statement ends. */
struct RelationshipProbe
{
	MemoryContext context;		/* of all of it; the statement's child */
	ResourceOwner owner;
	ExprContext *econtext;		/* of the statement; ends the query with it */
	CachedPlan *plan;
	QueryDesc  *query;			/* NULL: ended */
	ParamExternData *object;	/* the parameter */
	KeyType		type;			/* of it */
	int			allowed;		/* to be asked about so many objects */
	MemoryContextCallback callback;
};

/* What is to be asked, and what was said. */
typedef struct Task
{
	const Asking *asking;
	Objects    *objects;		/* ask for all; NULL: about one */
	uint64		limit;
	const KeyType *type;
	Key			key;
	int			asked;
	RelationshipProbe **probe;
	const QueryDesc *statement; /* whose end is that of an open query; or NULL */
	bool		worth;			/* it is better than to ask for all */
	bool		related;
	bool		running;		/* it has been planned, and reads rows */
} Task;

/* Puts the rows of the view into the answer as they come. */
typedef struct ObjectReceiver
{
	DestReceiver receiver;
	const KeyType *type;
	KeySet	   *keys;
} ObjectReceiver;

int			relationship_depth = 0;
uint64		relationship_rollbacks = 1;

static void
at_transaction_end(XactEvent event, void *arg)
{
	if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_ABORT ||
		event == XACT_EVENT_PARALLEL_COMMIT || event == XACT_EVENT_PARALLEL_ABORT ||
		event == XACT_EVENT_PREPARE)
		relationship_depth = 0;
}

static void
at_subtransaction_end(SubXactEvent event, SubTransactionId mine, SubTransactionId parent, void *arg)
{
	if (event == SUBXACT_EVENT_ABORT_SUB)
		relationship_rollbacks++;
}

void
relationship_init(void)
{
	RegisterXactCallback(at_transaction_end, NULL);
	RegisterSubXactCallback(at_subtransaction_end, NULL);
	relationship_answers_init();
}

/*
 * No objects, of a view whose objects have the type.
 */
static void
no_objects(Objects *objects, Oid type)
{
	key_type_init(&objects->type, type, objects->context);
	objects->keys = key_set_create(&objects->type, 0, objects->context);
	objects->complete = true;
}

static void
add_object(const KeyType *type, KeySet *keys, TupleTableSlot *slot)
{
	bool		isnull;
	Datum		value = slot_getattr(slot, 1, &isnull);
	KeyBuffer	buffer;

	if (!isnull)
		key_set_add(keys, key_from_datum(type, value, &buffer));
}

static bool
receive_object(TupleTableSlot *slot, DestReceiver *self)
{
	ObjectReceiver *receiver = (ObjectReceiver *) self;

	add_object(receiver->type, receiver->keys, slot);
	return true;
}

static void
start_receiving(DestReceiver *self, int operation, TupleDesc desc)
{
}

static void
end_receiving(DestReceiver *self)
{
}

/*
 * Whether the query about one object stays open for the next.
 */
static inline bool
stays_open(const Task *task, const Question *single)
{
	return task->statement != NULL && single->reads_again;
}

/*
 * To be asked about how many objects before all are read.
 */
static int
allowed_singles(const Task *task, const Question *single, const Question *all)
{
	double		size = task->asking->size < 0 ? all->rows : task->asking->size;
	double		result;

	if (single->cost > CHEAP_PAGES * random_page_cost + CHEAP_REST)
		result = all->cost / (single->cost * 4);
	else if (!single->plain)
		result = size / SINGLE_OBJECTS_SAFELY;
	else
		result = size / (stays_open(task, single) &&
						 plan_stops_early(task->statement->plannedstmt->planTree) ?
						 SINGLE_OBJECTS_EARLY : SINGLE_OBJECTS);
	return (int) Min(result, INT_MAX);
}

/*
 * Whether the task is about one object and may go on; the key and the objects of
 * the view are to be of one form.
 */
static bool
is_worth(Task *task, const Question *single, const Question *all, int *allowed)
{
	if (single->prepared == NULL || all == NULL || !all->examined ||
		!key_types_share_sets(&single->object, task->type))
		return false;
	*allowed = allowed_singles(task, single, all);
	task->worth = (task->asked < *allowed);
	return task->worth;
}

/*
 * Whether a subject has far more objects than the plan for any expects.
 */
static bool
needs_own_plan(const Question *question, const Asking *asking)
{
	return asking->size > MANY_OBJECTS && asking->size > MANY_TIMES * question->rows;
}

static void
start_objects(Task *task, const Question *question)
{
	no_objects(task->objects, question->object.type);
}

static QueryDesc *
start_query(CachedPlan *plan, ParamListInfo params)
{
	/* as of the statement: no new snapshot */
	QueryDesc  *query = CreateQueryDesc(linitial_node(PlannedStmt, plan->stmt_list),
										"ambit relationship", GetActiveSnapshot(), InvalidSnapshot,
										None_Receiver, params, NULL, 0);

	ExecutorStart(query, EXEC_FLAG_SKIP_TRIGGERS);
	return query;
}

static void
end_query(QueryDesc *query)
{
	ExecutorFinish(query);
	ExecutorEnd(query);
	FreeQueryDesc(query);
}

/*
 * The statement ends, and its memory next.
 */
static void
end_probe(Datum arg)
{
	RelationshipProbe *probe = (RelationshipProbe *) DatumGetPointer(arg);
	ResourceOwner owner = CurrentResourceOwner;
	QueryDesc  *query = probe->query;

	probe->query = NULL;
	CurrentResourceOwner = probe->owner;
	end_query(query);
	CurrentResourceOwner = owner;
}

static void
release_plan(void *arg)
{
	ReleaseCachedPlan(((RelationshipProbe *) arg)->plan, NULL);
}

void
relationship_close(RelationshipProbe **probe)
{
	MemoryContext context;

	if (*probe == NULL)
		return;
	context = (*probe)->context;
	FreeExprContext((*probe)->econtext, true);
	*probe = NULL;
	MemoryContextDelete(context);
}

/*
 * Whether the query finds something.
 */
static bool
finds(QueryDesc *query)
{
	MemoryContext old = MemoryContextSwitchTo(query->estate->es_query_cxt);
	TupleTableSlot *slot = ExecProcNode(query->planstate);

	MemoryContextSwitchTo(old);
	return !TupIsNull(slot);
}

/*
 * Opens the query of a plain question for the rest of the statement, and asks
 * about the first object.
 */
static void
open_probe(Task *task, Question *question, int allowed)
{
	MemoryContext context = AllocSetContextCreate(task->statement->estate->es_query_cxt,
												  "ambit relationship probe",
												  ALLOCSET_SMALL_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	RelationshipProbe *probe = palloc0(sizeof(RelationshipProbe));
	ParamListInfo params = question_parameters(question, task->asking, &task->key);

	if (params == NULL)
	{
		MemoryContextSwitchTo(old);
		MemoryContextDelete(context);
		return;
	}
	probe->context = context;
	probe->owner = CurrentResourceOwner;
	probe->allowed = allowed;
	probe->type = question->object;
	probe->object = &params->params[params->numParams - 1];
	probe->plan = question->plan;
	probe->plan->refcount++;
	probe->callback.func = release_plan;
	probe->callback.arg = probe;
	MemoryContextRegisterResetCallback(context, &probe->callback);
	probe->query = start_query(probe->plan, params);
	task->running = true;
	MemoryContextSwitchTo(old);
	probe->econtext = CreateExprContext(task->statement->estate);
	RegisterExprContextCallback(probe->econtext, end_probe, PointerGetDatum(probe));
	*task->probe = probe;
	task->related = finds(probe->query);
}

/*
 * Runs a plain question, whose relations are locked.
 */
static void
run_plain(Task *task, Question *question)
{
	ParamListInfo params = question_parameters(question, task->asking,
											   task->objects ? NULL : &task->key);
	CachedPlan *plan = question->plan;
	QueryDesc  *query;

	if (task->objects)
		start_objects(task, question);
	if (params == NULL)
		return;
	query = start_query(plan, params);
	task->running = true;
	if (task->objects)
	{
		MemoryContext old = MemoryContextSwitchTo(query->estate->es_query_cxt);
		TupleTableSlot *slot;
		uint64		n = 0;

		for (slot = ExecProcNode(query->planstate); !TupIsNull(slot);
			 slot = ExecProcNode(query->planstate))
		{
			add_object(&question->object, task->objects->keys, slot);
			if (++n == task->limit)
				break;
		}
		MemoryContextSwitchTo(old);
		task->objects->complete = (task->limit == 0 || n < task->limit);
	}
	else
		task->related = finds(query);
	end_query(query);
}

/*
 * Runs any question, by SPI.
 */
static void
run_any(Task *task, Question *question)
{
	ParamListInfo params = question_parameters(question, task->asking,
											   task->objects ? NULL : &task->key);
	SPIExecuteOptions options = {0};
	ObjectReceiver receiver = {
		{receive_object, start_receiving, end_receiving, end_receiving, DestNone}
	};

	if (task->objects)
		start_objects(task, question);
	if (params == NULL)
		return;
	options.params = params;
	options.read_only = true;
	options.tcount = task->objects ? task->limit : 1;
	if (task->objects)
	{
		receiver.type = &question->object;
		receiver.keys = task->objects->keys;
		options.dest = &receiver.receiver;
	}
	task->running = true;
	if (SPI_execute_plan_extended(question->prepared, &options) < 0)
		elog(ERROR, "could not run the query of relationship \"%s\"",
			 task->asking->relationship);
	if (task->objects)
		task->objects->complete = (task->limit == 0 || SPI_processed < task->limit);
	else
		task->related = (SPI_processed > 0);
}

/*
 * Asks as the user in force, if the question is a plain one that is prepared.
 */
static bool
ask_plainly(Task *task, Oid view)
{
	Question   *question = question_find(view, task->asking, task->objects == NULL);
	int			allowed;

	if (question == NULL || !question->plain)
		return false;
	if (task->objects)
	{
		if (needs_own_plan(question, task->asking) || !question_ready(question))
			return false;
		run_plain(task, question);
		return true;
	}
	if (!is_worth(task, question, question_find(view, task->asking, false), &allowed))
		return true;
	if (!question_ready(question))
	{
		task->worth = false;
		return false;
	}
	if (stays_open(task, question))
		open_probe(task, question, allowed);
	else
		run_plain(task, question);
	return true;
}

/*
 * Asks as the user in force, with a search_path that nobody else has a say in.
 */
static pg_noinline void
ask_view(Task *task, Relation view)
{
	int			nestlevel = NewGUCNestLevel();
	Question   *question;
	int			allowed;

	(void) set_config_option("search_path", "pg_catalog, pg_temp", PGC_USERSET,
							 PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	question = question_prepare(view, task->asking, task->objects == NULL);
	if (question->prepared != NULL &&
		(task->objects ||
		 is_worth(task, question, question_find(RelationGetRelid(view), task->asking, false),
				  &allowed)))
	{
		if (question->plain && !(task->objects && needs_own_plan(question, task->asking)))
			run_plain(task, question);
		else
			run_any(task, question);
	}
	SPI_finish();
	AtEOXact_GUC(true, nestlevel);
}

/*
 * Errors that are about the query, the session or the server, not about a row.
 * While the query runs names may come from rows: of a type, of a table.
 */
static bool
passes_through(int sqlstate, bool running)
{
	switch (ERRCODE_TO_CATEGORY(sqlstate))
	{
		case MAKE_SQLSTATE('4', '2', '0', '0', '0'):	/* syntax or access rule violation */
			return !running || sqlstate == ERRCODE_INSUFFICIENT_PRIVILEGE;
		case MAKE_SQLSTATE('4', '0', '0', '0', '0'):	/* transaction rollback */
		case MAKE_SQLSTATE('5', '3', '0', '0', '0'):	/* insufficient resources */
		case MAKE_SQLSTATE('5', '7', '0', '0', '0'):	/* operator intervention */
			return true;
	}
	return sqlstate == ERRCODE_STATEMENT_TOO_COMPLEX;
}

/*
 * Asks the view in a subtransaction.  A query that fails because of what a row
 * holds relates nobody, and its message, which may tell of rows out of reach, is
 * not shown.  Where there can be no subtransaction the statement fails, with
 * another message.
 */
static void
ask_safely(Task *task, Relation view)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	bool		subtransaction = !IsInParallelMode();

	if (subtransaction)
		BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		ask_view(task, view);
		if (subtransaction)
		{
			ReleaseCurrentSubTransaction();
			MemoryContextSwitchTo(context);
			CurrentResourceOwner = owner;
		}
	}
	PG_CATCH();
	{
		ErrorData  *error;
		int			sqlstate = geterrcode();

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		if (subtransaction)
		{
			RollbackAndReleaseCurrentSubTransaction();
			MemoryContextSwitchTo(context);
			CurrentResourceOwner = owner;
		}
		if (passes_through(sqlstate, task->running))
			ReThrowError(error);
		if (!subtransaction)
			ereport(ERROR,
					(errcode(sqlstate),
					 errmsg("the query of relationship \"%s\" failed", task->asking->relationship)));
		/* one object less to fail on: all decide */
		task->worth = false;
		if (task->objects)
		{
			no_objects(task->objects, TEXTOID);
			/* the code is of somebody's row, too */
			ereport(LOG_SERVER_ONLY,
					(errmsg("the query of relationship \"%s\" failed with SQLSTATE %s and relates nobody",
							task->asking->relationship, unpack_sql_state(sqlstate))));
		}
	}
	PG_END_TRY();
}

/*
 * The view of a relationship, locked; NULL: there is none.  One that is gone, or
 * has another name, once its lock is there may have been bound anew.
 */
static Relation
open_view(const char *name)
{
	if (strlen(name) >= NAMEDATALEN)
		return NULL;
	for (;;)
	{
		Oid			schema = get_namespace_oid("ambit_relationship", true);
		Oid			viewid = OidIsValid(schema) ? get_relname_relid(name, schema) : InvalidOid;
		Relation	view;

		CHECK_FOR_INTERRUPTS();
		if (!OidIsValid(viewid))
			return NULL;
		view = try_relation_open(viewid, AccessShareLock);
		if (view != NULL && get_relname_relid(name, schema) == viewid)
		{
			if (view->rd_rel->relkind == RELKIND_VIEW)
				return view;
			relation_close(view, AccessShareLock);
			return NULL;
		}
		if (view != NULL)
			relation_close(view, AccessShareLock);
	}
}

/*
 * Asks the view as its owner, if there is one.
 */
static void
ask(Task *task)
{
	Relation	view = open_view(task->asking->relationship);
	Oid			save_userid;
	int			save_sec_context;

	if (view == NULL)
		return;
	GetUserIdAndSecContext(&save_userid, &save_sec_context);
	relationship_depth++;
	PG_TRY();
	{
		SetUserIdAndSecContext(view->rd_rel->relowner,
							   save_sec_context | SECURITY_LOCAL_USERID_CHANGE |
							   SECURITY_RESTRICTED_OPERATION);
		if (!ask_plainly(task, RelationGetRelid(view)))
			ask_safely(task, view);
	}
	PG_FINALLY();
	{
		relationship_depth--;
		SetUserIdAndSecContext(save_userid, save_sec_context);
	}
	PG_END_TRY();
	relation_close(view, AccessShareLock);
}

void
relationship_ask_all(const Asking *asking, uint64 limit, Objects *objects)
{
	Task		task = {.asking = asking,.objects = objects,.limit = limit};

	objects->keys = NULL;
	ask(&task);
	if (objects->keys == NULL)
		no_objects(objects, TEXTOID);
}

/*
 * Asks about the next object in the query that is open.  Nothing in it depends
 * on the user.
 */
static bool
ask_again(RelationshipProbe *probe, Key key)
{
	Datum		value;

	if (!question_object(&probe->type, key, &value))
		return false;
	probe->object->value = value;
	ExecReScan(probe->query->planstate);
	return finds(probe->query);
}

bool
relationship_ask_single(const Asking *asking, const KeyType *type, Key key, int asked,
						RelationshipProbe **probe, MemoryContext statement, bool *related)
{
	Task		task = {.asking = asking,.type = type,.key = key,.asked = asked,.probe = probe};
	const QueryDesc *running;

	*related = false;
	/* without a look at the view */
	if (asking->size >= 0 && asking->size < SINGLE_OBJECTS)
		return false;
	if (*probe != NULL)
	{
		if (asked >= (*probe)->allowed)
			return false;
		*related = ask_again(*probe, key);
		return true;
	}
	running = plans_running();
	if (running != NULL && statement != NULL && running->estate->es_query_cxt == statement)
		task.statement = running;
	ask(&task);
	*related = task.related;
	return task.worth;
}
