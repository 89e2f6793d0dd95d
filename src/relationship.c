/*
 * relationship.c
 *		Who is related to whom, by queries that the DBA bound.
 *
 * bind_relationship() keeps the query as a view, ambit_relationship.NAME,
 * owned by whoever bound it: renames, drops and dumps of the tables under it
 * are the server's business.  Here the view is asked for the objects of one
 * subject, with the subject and the window as parameters, so that an index on
 * (subject, time) serves it.  It runs as the owner of the view, with a pinned
 * search_path, under the snapshot of the statement, and without an identity.
 *
 * Of a subject with many objects not all are read for the sake of a few: the
 * first ones are, and of others the view is asked one by one, until so many
 * have been asked about that all are read after all.
 *
 * The answer is kept as long as the snapshot of the statement is the same in
 * all that decides visibility, so a statement asks once, however many scans,
 * loops or plans want to know.  Snapshots are compared by content; a rolled
 * back subtransaction counts as another snapshot.
 */
#include "postgres.h"
#include "compat.h"

#include "access/relation.h"
#include "access/parallel.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "common/int.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "portability/instr_time.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/hsearch.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/plancache.h"
#include "utils/rel.h"
#include "utils/resowner.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "catalog.h"
#include "relationship.h"

/* answers kept at a time */
#define MAX_ANSWERS 32

/* so many objects are read at first */
#define FIRST_OBJECTS 500

/* and so many where this backend does not know yet how many there are */
#define FIRST_TIME_OBJECTS 20000

/* where not all were read there may be so many times as many */
#define MORE_OBJECTS 50

/* of so many others the view is asked one by one, as long as that is cheap:
 * no dearer than by an index, by the planner's estimate, and by the clock */
#define MAX_SINGLE 40
#define SINGLE_COST 10.0
#define SINGLE_MICROSECONDS 500

/* A prepared question to one view. */
typedef struct Question
{
	Oid			view;			/* hash key, with the next three */
	bool		has_back;
	bool		has_ahead;
	bool		single;			/* about one object */
	SPIPlanPtr	plan;			/* NULL: cannot be asked */
	Oid			types[5];		/* of its parameters */
	Cost		cost;			/* of a single; below 0: not known yet */
	KeyType		tenant;
	KeyType		subject;
	KeyType		object;
} Question;

#define QUESTION_KEY_SIZE (offsetof(Question, single) + sizeof(bool))

typedef struct TypedObjects
{
	KeyType		type;
	KeySet	   *keys;
} TypedObjects;

/* The objects of one subject under one snapshot. */
typedef struct Answer
{
	MemoryContext context;
	char	   *tenant;
	char	   *relationship;
	char	   *subject;
	bool		with_subject;
	TimestampTz from;
	TimestampTz to;
	SnapshotData snapshot;		/* a copy; xip and subxip in context */
	uint64		rollbacks;
	KeyType		type;			/* of the objects as the view has them */
	KeySet	   *objects;
	bool		complete;		/* these are all */
	double		size;			/* how many there are, or may be */
	int			singles;		/* of so many others it was asked one by one */
	bool		no_singles;		/* and of no more */
	KeySet	   *others;			/* that are not related */
	List	   *typed;			/* TypedObjects: for columns of other types */
} Answer;

/* Puts the rows of the view into the answer as they come. */
typedef struct ObjectReceiver
{
	DestReceiver receiver;
	const KeyType *type;
	KeySet	   *objects;
} ObjectReceiver;

/* How many objects a subject had when they were counted last; for estimates. */
typedef struct Count
{
	uint64		hash;			/* of tenant, relationship and subject; 0: none */
	double		size;
} Count;

#define COUNTS 256

/* What the view is asked. */
typedef struct Asking
{
	bool		has_back;
	bool		has_ahead;
	const Key  *object;			/* whether it is related; NULL: who is */
	uint64		limit;			/* so many at most; 0: all */
} Asking;

int			relationship_depth = 0;
static uint64 rollbacks = 1;	/* subtransactions rolled back so far */
static uint64 dropped = 1;		/* answers dropped so far, or more */
static HTAB *questions = NULL;
static MemoryContext question_context = NULL;
static MemoryContext answer_context = NULL;
static Count counts[COUNTS];
static int	nanswers = 0;
static Answer *answers[MAX_ANSWERS];	/* the latest first */

/*
 * Nothing outlives its transaction.
 */
static void
forget_answers(void)
{
	nanswers = 0;
	dropped++;
	if (answer_context)
		MemoryContextReset(answer_context);
}

static void
at_transaction_end(XactEvent event, void *arg)
{
	if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_ABORT ||
		event == XACT_EVENT_PARALLEL_COMMIT || event == XACT_EVENT_PARALLEL_ABORT ||
		event == XACT_EVENT_PREPARE)
	{
		relationship_depth = 0;
		forget_answers();
	}
}

static void
at_subtransaction_end(SubXactEvent event, SubTransactionId mine, SubTransactionId parent, void *arg)
{
	if (event == SUBXACT_EVENT_ABORT_SUB)
		rollbacks++;
}

void
relationship_init(void)
{
	RegisterXactCallback(at_transaction_end, NULL);
	RegisterSubXactCallback(at_subtransaction_end, NULL);
}

/*
 * Column of a view by name; 0 when it has none.
 */
static AttrNumber
view_column(Relation view, const char *name, Oid *type)
{
	TupleDesc	desc = RelationGetDescr(view);

	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		if (!att->attisdropped && strcmp(NameStr(att->attname), name) == 0)
		{
			*type = att->atttypid;
			return att->attnum;
		}
	}
	return 0;
}

/*
 * "column = $n" for a key, in the way its type compares.
 */
static void
append_match(StringInfo buf, const char *column, const KeyType *type, Oid collation,
			 int parameter)
{
	const char *collate = "";

	if (OidIsValid(collation) && !get_collation_isdeterministic(collation))
		collate = " COLLATE pg_catalog.\"C\"";
	if (type->class == KEY_OUTPUT)
		appendStringInfo(buf, "r.%s::pg_catalog.text COLLATE pg_catalog.\"C\" OPERATOR(pg_catalog.=) $%d",
						 column, parameter);
	else
		appendStringInfo(buf, "r.%s%s OPERATOR(pg_catalog.=) $%d", column, collate, parameter);
}

static Oid
parameter_type(const KeyType *type)
{
	switch (type->class)
	{
		case KEY_TEXT:
		case KEY_OUTPUT:
			return TEXTOID;
		default:
			return type->base;
	}
}

/*
 * Prepares the question, as the owner of the view.  Leaves plan NULL when the
 * view does not have what the question needs.
 */
static void
prepare_question(Question *question, Relation view)
{
	StringInfoData sql;
	Oid			tenant = InvalidOid,
				subject = InvalidOid,
				object = InvalidOid,
				at = InvalidOid;
	AttrNumber	tenant_no = view_column(view, "tenant", &tenant);
	AttrNumber	subject_no = view_column(view, "subject", &subject);
	AttrNumber	object_no = view_column(view, "object", &object);
	bool		has_at = view_column(view, "at", &at) != 0;
	Oid		   *types = question->types;
	int			n = 2;

	if (tenant_no == 0 || subject_no == 0 || object_no == 0)
		return;
	if ((question->has_back || question->has_ahead) && (!has_at || at != TIMESTAMPTZOID))
		return;
	key_type_init(&question->tenant, tenant, question_context);
	key_type_init(&question->subject, subject, question_context);
	key_type_init(&question->object, object, question_context);

	initStringInfo(&sql);
	appendStringInfo(&sql, "SELECT r.object FROM %s r WHERE ",
					 quote_qualified_identifier(get_namespace_name(RelationGetNamespace(view)),
												RelationGetRelationName(view)));
	append_match(&sql, "tenant", &question->tenant,
				 TupleDescAttr(RelationGetDescr(view), tenant_no - 1)->attcollation, 1);
	appendStringInfoString(&sql, " AND ");
	append_match(&sql, "subject", &question->subject,
				 TupleDescAttr(RelationGetDescr(view), subject_no - 1)->attcollation, 2);
	types[0] = parameter_type(&question->tenant);
	types[1] = parameter_type(&question->subject);
	if (question->has_back)
	{
		types[n++] = TIMESTAMPTZOID;
		appendStringInfo(&sql, " AND r.at OPERATOR(pg_catalog.>=) $%d", n);
	}
	if (question->has_ahead)
	{
		types[n++] = TIMESTAMPTZOID;
		appendStringInfo(&sql, " AND r.at OPERATOR(pg_catalog.<=) $%d", n);
	}
	if (question->single)
	{
		types[n++] = parameter_type(&question->object);
		appendStringInfoString(&sql, " AND ");
		append_match(&sql, "object", &question->object,
					 TupleDescAttr(RelationGetDescr(view), object_no - 1)->attcollation, n);
	}
	question->plan = SPI_prepare(sql.data, n, types);
	if (question->plan == NULL)
		elog(ERROR, "could not prepare the query of relationship \"%s\"",
			 RelationGetRelationName(view));
	if (SPI_keepplan(question->plan) != 0)
		elog(ERROR, "could not keep the query of relationship \"%s\"",
			 RelationGetRelationName(view));
}

/*
 * The question for a view and a window, prepared when first asked.
 */
static Question *
find_question(Relation view, const Asking *asking)
{
	Question	key = {.cost = -1.0};
	Question   *question;
	bool		found;

	key.view = RelationGetRelid(view);
	key.has_back = asking->has_back;
	key.has_ahead = asking->has_ahead;
	key.single = (asking->object != NULL);
	if (questions == NULL)
	{
		HASHCTL		ctl = {0};

		question_context = AllocSetContextCreate(CacheMemoryContext, "ambit relationship questions",
												 ALLOCSET_SMALL_SIZES);
		ctl.keysize = QUESTION_KEY_SIZE;
		ctl.entrysize = sizeof(Question);
		ctl.hcxt = question_context;
		questions = hash_create("ambit relationship questions", 16, &ctl,
								HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	}
	question = hash_search(questions, &key, HASH_FIND, NULL);
	if (question == NULL)
	{
		/* complete it first, publish it last */
		prepare_question(&key, view);
		question = hash_search(questions, &key, HASH_ENTER, &found);
		*question = key;
	}
	return question;
}

/*
 * A parameter for a column of the view; false when the key does not convert.
 */
static bool
make_parameter(const KeyType *type, const char *text, bool exact, Datum *value)
{
	Key			key;

	if (type->class == KEY_OUTPUT)
	{
		*value = CStringGetTextDatum(text);
		return true;
	}
	return key_from_text(type, text, exact, &key) && key_to_datum(type, key, value);
}

/*
 * A parameter for the object of the view, from a key of its type.
 */
static Datum
object_parameter(const KeyType *type, Key key)
{
	Datum		value;

	if (type->class == KEY_OUTPUT)
		return PointerGetDatum(cstring_to_text_with_len(key.data, key.len));
	if (!key_to_datum(type, key, &value))
		elog(ERROR, "a key out of range");
	return value;
}

static bool
receive_object(TupleTableSlot *slot, DestReceiver *self)
{
	ObjectReceiver *receiver = (ObjectReceiver *) self;
	bool		isnull;
	Datum		value = slot_getattr(slot, 1, &isnull);
	KeyBuffer	buffer;

	if (!isnull)
		key_set_add(receiver->objects, key_from_datum(receiver->type, value, &buffer));
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
 * An answer without objects, for a view whose objects have the type.
 */
static void
start_answer(Answer *answer, Oid type)
{
	key_type_init(&answer->type, type, answer->context);
	answer->objects = key_set_create(&answer->type, 0, answer->context);
	answer->complete = true;
}

/*
 * Whether the planner expects the question about one object to be cheap.
 */
static bool
is_cheap(Question *question)
{
	if (question->cost < 0)
	{
		CachedPlan *plan = SPI_plan_get_cached_plan(question->plan);

		if (plan == NULL)
			return false;
		question->cost = linitial_node(PlannedStmt, plan->stmt_list)->planTree->total_cost;
		ReleaseCachedPlan(plan, CurrentResourceOwner);
	}
	return question->cost <= SINGLE_COST;
}

/*
 * Asks the view as the user in force, with a search_path that nobody else
 * has a say in.
 */
static pg_noinline void
ask_view(Answer *answer, Relation view, const Asking *asking)
{
	int			nestlevel = NewGUCNestLevel();
	Question   *question;
	Datum		values[5];
	int			n = 2;

	(void) set_config_option("search_path", "pg_catalog, pg_temp", PGC_USERSET,
							 PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	question = find_question(view, asking);
	if (question->plan &&
		make_parameter(&question->tenant, answer->tenant, true, &values[0]) &&
		make_parameter(&question->subject, answer->subject, false, &values[1]))
	{
		ParamListInfo params;
		SPIExecuteOptions options = {0};
		ObjectReceiver receiver = {{receive_object, start_receiving, end_receiving, end_receiving, DestNone}};

		if (asking->object && !is_cheap(question))
		{
			answer->no_singles = true;
			SPI_finish();
			AtEOXact_GUC(true, nestlevel);
			return;
		}
		if (asking->has_back)
			values[n++] = TimestampTzGetDatum(answer->from);
		if (asking->has_ahead)
			values[n++] = TimestampTzGetDatum(answer->to);
		if (asking->object)
			values[n++] = object_parameter(&question->object, *asking->object);
		else
			start_answer(answer, question->object.type);
		params = makeParamList(n);
		for (int i = 0; i < n; i++)
		{
			params->params[i].value = values[i];
			params->params[i].isnull = false;
			params->params[i].pflags = PARAM_FLAG_CONST;
			params->params[i].ptype = question->types[i];
		}
		receiver.type = &question->object;
		receiver.objects = answer->objects;
		options.params = params;
		options.read_only = true;
		options.tcount = asking->limit;
		options.dest = &receiver.receiver;
		if (SPI_execute_plan_extended(question->plan, &options) < 0)
			elog(ERROR, "could not run the query of relationship \"%s\"",
				 answer->relationship);
		if (asking->object == NULL)
			answer->complete = (asking->limit == 0 || SPI_processed < asking->limit);
	}
	SPI_finish();
	AtEOXact_GUC(true, nestlevel);
}

/*
 * Errors that are about the query, the session or the server, not about a row.
 */
static bool
passes_through(int sqlstate)
{
	switch (ERRCODE_TO_CATEGORY(sqlstate))
	{
		case MAKE_SQLSTATE('4', '0', '0', '0', '0'):	/* transaction rollback */
		case MAKE_SQLSTATE('4', '2', '0', '0', '0'):	/* syntax or access rule violation */
		case MAKE_SQLSTATE('5', '3', '0', '0', '0'):	/* insufficient resources */
		case MAKE_SQLSTATE('5', '7', '0', '0', '0'):	/* operator intervention */
			return true;
	}
	return sqlstate == ERRCODE_STATEMENT_TOO_COMPLEX;
}

/*
 * Asks the view in a subtransaction.  A query that fails because of what a
 * row holds relates nobody, and its message, which may tell of rows out of
 * reach, is not shown.  Where there can be no
 * subtransaction the statement fails, with another message.
 */
static void
ask_safely(Answer *answer, Relation view, const Asking *asking)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	bool		subtransaction = !IsInParallelMode();

	if (subtransaction)
		BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		ask_view(answer, view, asking);
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
		if (passes_through(sqlstate))
			ReThrowError(error);
		if (!subtransaction)
			ereport(ERROR,
					(errcode(sqlstate),
					 errmsg("the query of relationship \"%s\" failed", answer->relationship)));
		start_answer(answer, TEXTOID);
		ereport(LOG,
				(errmsg("the query of relationship \"%s\" failed with SQLSTATE %s and relates nobody",
						answer->relationship, unpack_sql_state(sqlstate))));
	}
	PG_END_TRY();
	/* what was rolled back here is nothing that the answer depends on */
	answer->rollbacks = rollbacks;
}

/*
 * Asks the view as its owner.  The answer stays empty when there is no such
 * view or it cannot be asked.
 */
static void
ask(Answer *answer, const Asking *asking)
{
	Oid			schema = get_namespace_oid("ambit_relationship", true);
	Oid			viewid = OidIsValid(schema) && strlen(answer->relationship) < NAMEDATALEN ?
		get_relname_relid(answer->relationship, schema) : InvalidOid;
	Relation	view;
	Oid			save_userid;
	int			save_sec_context;

	if (asking->object == NULL)
		start_answer(answer, TEXTOID);
	if (!OidIsValid(viewid))
		return;
	view = try_relation_open(viewid, AccessShareLock);
	if (view == NULL)
		return;
	if (view->rd_rel->relkind != RELKIND_VIEW)
	{
		relation_close(view, AccessShareLock);
		return;
	}

	GetUserIdAndSecContext(&save_userid, &save_sec_context);
	relationship_depth++;
	PG_TRY();
	{
		SetUserIdAndSecContext(view->rd_rel->relowner,
							   save_sec_context | SECURITY_LOCAL_USERID_CHANGE |
							   SECURITY_RESTRICTED_OPERATION);
		ask_safely(answer, view, asking);
	}
	PG_FINALLY();
	{
		relationship_depth--;
		SetUserIdAndSecContext(save_userid, save_sec_context);
	}
	PG_END_TRY();
	relation_close(view, AccessShareLock);
}

/*
 * Size of the subtransactions of a snapshot; a copy of one that overflowed
 * does not have them, and does not need them.
 */
static inline Size
subxip_size(const SnapshotData *snapshot)
{
	return snapshot->subxip == NULL || snapshot->subxcnt <= 0 ? 0 :
		sizeof(TransactionId) * snapshot->subxcnt;
}

static TransactionId *
copy_xids(const TransactionId *xids, Size size)
{
	TransactionId *copy;

	if (size == 0)
		return NULL;
	copy = palloc(size);
	memcpy(copy, xids, size);
	return copy;
}

static void
copy_snapshot(Answer *answer, Snapshot snapshot)
{
	answer->snapshot = *snapshot;
	answer->snapshot.xip = copy_xids(snapshot->xip, sizeof(TransactionId) * snapshot->xcnt);
	answer->snapshot.subxip = copy_xids(snapshot->subxip, subxip_size(snapshot));
	answer->rollbacks = rollbacks;
}

/*
 * Whether a snapshot shows what the answer's snapshot showed.
 */
static inline bool
same_snapshot(const Answer *answer, Snapshot snapshot)
{
	const SnapshotData *mine = &answer->snapshot;

	return mine->xmin == snapshot->xmin && mine->xmax == snapshot->xmax &&
		mine->curcid == snapshot->curcid && mine->xcnt == snapshot->xcnt &&
		mine->subxcnt == snapshot->subxcnt && mine->suboverflowed == snapshot->suboverflowed &&
		mine->takenDuringRecovery == snapshot->takenDuringRecovery &&
		answer->rollbacks == rollbacks &&
		(mine->xcnt == 0 ||
		 memcmp(mine->xip, snapshot->xip, sizeof(TransactionId) * mine->xcnt) == 0) &&
		subxip_size(mine) == subxip_size(snapshot) &&
		(subxip_size(mine) == 0 || memcmp(mine->subxip, snapshot->subxip, subxip_size(mine)) == 0);
}

/*
 * Moves an answer to the front and returns it.
 */
static Answer *
to_front(int i)
{
	Answer	   *answer = answers[i];

	for (; i > 0; i--)
		answers[i] = answers[i - 1];
	answers[0] = answer;
	return answer;
}

static uint64
hash_name(const char *name, uint64 seed)
{
	return DatumGetUInt64(hash_any_extended((const unsigned char *) name, (int) strlen(name), seed));
}

/*
 * Where the objects of a subject are counted.  Another one may have been
 * counted there since.
 */
static Count *
find_count(const char *tenant, const char *relationship, const char *subject, bool *known)
{
	uint64		hash = hash_name(subject, hash_name(relationship, hash_name(tenant, 1)));
	Count	   *count = &counts[hash % COUNTS];

	*known = (count->hash == hash);
	if (!*known)
		count->size = 0.0;
	count->hash = hash;
	return count;
}

/*
 * The answer to a question, asked again if the snapshot has changed, or if all
 * objects are wanted and it has only some.
 */
static Answer *
find_answer(const char *tenant, const char *relationship, const char *subject,
			bool with_subject, const ModelScope *window, bool all)
{
	Snapshot	snapshot = GetActiveSnapshot();
	TimestampTz now = GetCurrentTransactionStartTimestamp();
	Asking		asking = {window && window->has_back, window && window->has_ahead, NULL, 0};
	Count	   *count;
	bool		known;
	TimestampTz from = DT_NOBEGIN;
	TimestampTz to = DT_NOEND;
	MemoryContext context,
				old;
	Answer	   *answer;

	/* an end too far away to be told is open if it lies outwards, else nothing is within */
	if (asking.has_back && pg_sub_s64_overflow(now, window->back, &from))
		from = window->back > 0 ? DT_NOBEGIN : DT_NOEND;
	if (asking.has_ahead && pg_add_s64_overflow(now, window->ahead, &to))
		to = window->ahead > 0 ? DT_NOEND : DT_NOBEGIN;

	for (int i = 0; i < nanswers; i++)
	{
		answer = answers[i];
		if (answer->from == from && answer->to == to && answer->with_subject == with_subject &&
			strcmp(answer->subject, subject) == 0 &&
			strcmp(answer->relationship, relationship) == 0 &&
			strcmp(answer->tenant, tenant) == 0)
		{
			if (same_snapshot(answer, snapshot) && (answer->complete || !all))
				return i == 0 ? answer : to_front(i);
			answers[i] = answers[--nanswers];
			MemoryContextDelete(answer->context);
			dropped++;
			break;
		}
	}

	if (answer_context == NULL)
		answer_context = AllocSetContextCreate(TopMemoryContext, "ambit relationship answers",
											   ALLOCSET_SMALL_SIZES);
	context = AllocSetContextCreate(CurrentMemoryContext, "ambit relationship answer",
									ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(context);
	answer = palloc0(sizeof(Answer));
	answer->context = context;
	answer->tenant = pstrdup(tenant);
	answer->relationship = pstrdup(relationship);
	answer->subject = pstrdup(subject);
	answer->with_subject = with_subject;
	answer->from = from;
	answer->to = to;
	copy_snapshot(answer, snapshot);
	MemoryContextSwitchTo(old);
	count = find_count(tenant, relationship, subject, &known);
	if (!all)
		asking.limit = known ? FIRST_OBJECTS : FIRST_TIME_OBJECTS;
	ask(answer, &asking);
	answer->size = key_set_size(answer->objects);
	if (!answer->complete)
		answer->size = Max(answer->size * MORE_OBJECTS, count->size);
	/* some of them do not tell more than was known */
	if (answer->complete || !known)
		count->size = answer->size;

	if (nanswers == MAX_ANSWERS)
	{
		MemoryContextDelete(answers[--nanswers]->context);
		dropped++;
	}
	MemoryContextSetParent(context, answer_context);
	answers[nanswers++] = answer;
	return to_front(nanswers - 1);
}

/*
 * Whether the objects that came with the stamp are those of the statement that
 * runs now.
 */
bool
relationship_is_current(const RelationshipStamp *stamp)
{
	return stamp->dropped == dropped && ActiveSnapshotSet() && !relationship_running() &&
		same_snapshot(stamp->answer, GetActiveSnapshot());
}

static void
convert_object(Key key, void *arg)
{
	TypedObjects *typed = arg;
	const Answer *answer = answers[0];
	bool		ok;

	key = key_convert(&answer->type, key, &typed->type, &ok);
	if (ok)
		key_set_add(typed->keys, key);
}

/*
 * The set of an answer in the form that columns of a type need.
 */
static KeySet *
typed_objects(Answer *answer, const char *subject, bool with_subject, const KeyType *type)
{
	MemoryContext old;
	TypedObjects *typed;
	ListCell   *lc;
	Key			key;

	if (!with_subject && key_types_share_sets(&answer->type, type))
		return answer->objects;
	foreach(lc, answer->typed)
	{
		typed = lfirst(lc);
		/* the subject's text may be a key in one of two such types only */
		if (with_subject ? typed->type.base == type->base :
			key_types_share_sets(&typed->type, type))
			return typed->keys;
	}
	old = MemoryContextSwitchTo(answer->context);
	typed = palloc(sizeof(TypedObjects));
	key_type_init(&typed->type, type->type, answer->context);
	typed->keys = key_set_create(type, key_set_size(answer->objects), answer->context);
	key_set_visit(answer->objects, convert_object, typed);
	if (with_subject && key_from_text(type, subject, false, &key))
		key_set_add(typed->keys, key);
	answer->typed = lappend(answer->typed, typed);
	MemoryContextSwitchTo(old);
	return typed->keys;
}

KeySet *
relationship_objects(const char *tenant, const char *relationship, const char *subject,
					 bool with_subject, const ModelScope *window, const KeyType *type,
					 RelationshipStamp *stamp)
{
	Answer	   *answer;

	stamp->dropped = 0;
	if (!ActiveSnapshotSet() || relationship_running())
		return NULL;
	answer = find_answer(tenant, relationship, subject, with_subject, window, true);
	stamp->answer = answer;
	stamp->dropped = dropped;
	return typed_objects(answer, subject, with_subject, type);
}

KeySet *
relationship_some(const char *tenant, const char *relationship, const char *subject,
				  bool with_subject, const ModelScope *window, const KeyType *type, bool *complete,
				  double *size)
{
	Answer	   *answer;
	KeySet	   *keys;

	*complete = true;
	*size = 0.0;
	if (!ActiveSnapshotSet() || relationship_running())
		return NULL;
	/* what is to have the subject, or keys of another type, is made of all */
	answer = find_answer(tenant, relationship, subject, with_subject, window, with_subject);
	if (!answer->complete && !key_types_share_sets(&answer->type, type))
		answer = find_answer(tenant, relationship, subject, with_subject, window, true);
	*complete = answer->complete;
	keys = *complete ? typed_objects(answer, subject, with_subject, type) : answer->objects;
	*size = *complete ? key_set_size(keys) : answer->size;
	return keys;
}

/*
 * Asks the view about one object more, for an answer that is not complete.
 * False when that is not worth it any more.
 */
static bool
ask_single(Answer *answer, Key key, const ModelScope *window, bool *related)
{
	Asking		asking = {window && window->has_back, window && window->has_ahead, &key, 1};
	Datum		value;
	instr_time	start,
				end;

	if (answer->others == NULL)
		answer->others = key_set_create(&answer->type, 0, answer->context);
	*related = false;
	if (key_set_has(answer->others, key))
		return true;
	if (answer->no_singles || answer->singles++ == MAX_SINGLE)
		return false;
	/* in the range of the view's type? */
	if (answer->type.class == KEY_OUTPUT || key_to_datum(&answer->type, key, &value))
	{
		INSTR_TIME_SET_CURRENT(start);
		ask(answer, &asking);
		INSTR_TIME_SET_CURRENT(end);
		if (answer->no_singles)
			return false;
		INSTR_TIME_SUBTRACT(end, start);
		answer->no_singles = (INSTR_TIME_GET_MICROSEC(end) > SINGLE_MICROSECONDS);
	}
	*related = !answer->complete && key_set_has(answer->objects, key);
	if (!*related)
		key_set_add(answer->others, key);
	return true;
}

bool
relationship_has(const char *tenant, const char *relationship, const char *subject,
				 bool with_subject, const ModelScope *window, const KeyType *type, Key key)
{
	Answer	   *answer;
	bool		complete;
	bool		related;
	double		size;
	KeySet	   *some = relationship_some(tenant, relationship, subject, with_subject, window, type,
										 &complete, &size);

	if (some == NULL || complete)
		return some != NULL && key_set_has(some, key);
	if (key_set_has(some, key))
		return true;
	if (ask_single(answers[0], key, window, &related))
		return related;
	answer = find_answer(tenant, relationship, subject, with_subject, window, true);
	return key_set_has(typed_objects(answer, subject, with_subject, type), key);
}
