/*
 * relationship.c
 *		Asking who is related to whom, by queries that the DBA bound.
 *
 * bind_relationship() keeps the query as a view, ambit_relationship.NAME,
 * owned by whoever bound it: renames, drops and dumps of the tables under it
 * are the server's business.  Here the view is asked for the objects of one
 * subject, with the subject and the window as parameters, so that an index on
 * (subject, time) serves it.  It runs as the owner of the view, with a pinned
 * search_path, under the snapshot of the statement, and without an identity.
 * What it said is kept by relationship_answers.c.
 */
#include "postgres.h"
#include "compat.h"

#include "access/relation.h"
#include "access/parallel.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/hsearch.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/plancache.h"
#include "utils/rel.h"
#include "utils/resowner.h"

#include "relationship_ask.h"

/* the view is asked about one object only where that is no dearer than by an
 * index, by the planner's estimate */
#define SINGLE_COST 10.0

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
/* Puts the rows of the view into the answer as they come. */
typedef struct ObjectReceiver
{
	DestReceiver receiver;
	const KeyType *type;
	KeySet	   *objects;
} ObjectReceiver;

int			relationship_depth = 0;
uint64		relationship_rollbacks = 1;
static HTAB *questions = NULL;
static MemoryContext question_context = NULL;

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
	answer->rollbacks = relationship_rollbacks;
}

void
relationship_ask(Answer *answer, const Asking *asking)
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
