/*
 * relationship_question.c
 *		The questions to the views of relationships, prepared for the session.
 *
 * A question is prepared as the owner of the view under a pinned search_path.
 * Invalidation source: the plan cache, which knows the view and all below it.
 * What it has found out of date is written anew, since the question holds the
 * name and the columns of the view.
 *
 * A question is plain when nothing that a row holds can make it fail: it calls
 * functions that are leakproof, and the server's own, alone.  Such a one needs
 * no subtransaction to hide what its error would tell, and no search_path, of
 * which none of its functions takes notice.  Its plan is kept at hand.
 */
#include "postgres.h"
#include "compat.h"

#include "access/transam.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/hsearch.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/rls.h"

#include "plan_walk.h"
#include "relationship_ask.h"

#define QUESTION_KEY_SIZE (offsetof(Question, single) + sizeof(bool))

static HTAB *questions = NULL;

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

static inline CachedPlanSource *
source_of(const Question *question)
{
	return linitial(SPI_plan_get_plan_sources(question->prepared));
}

static void
release_plan(Question *question)
{
	CachedPlan *plan = question->plan;

	question->plan = NULL;
	if (plan)
		ReleaseCachedPlan(plan, NULL);
}

/*
 * Whether an expression depends on a row or a parameter.
 */
static bool
depends(Node *node, void *context)
{
	if (node == NULL)
		return false;
	return IsA(node, Var) || IsA(node, Param) || expression_tree_walker(node, depends, context);
}

/*
 * Whether a function may fail for some arguments, or takes notice of settings.
 */
static bool
function_is_not_plain(Oid function, void *context)
{
	bool		fixed = *(bool *) context;

	if (function >= FirstNormalObjectId)
		return true;
	/* moments as queries have them */
	if (fixed && (function == F_NOW || function == F_TIMESTAMPTZ_PL_INTERVAL ||
				  function == F_TIMESTAMPTZ_MI_INTERVAL))
		return false;
	return !get_func_leakproof(function);
}

/*
 * Nodes that are not known here are not plain.
 */
static bool
is_not_plain(Node *node, void *context)
{
	if (node == NULL)
		return false;
	switch (nodeTag(node))
	{
		case T_Var:
		case T_Const:
		case T_Param:
		case T_List:
		case T_TargetEntry:
		case T_RelabelType:
		case T_BoolExpr:
		case T_NullTest:
		case T_BooleanTest:
		case T_CaseExpr:
		case T_CaseWhen:
		case T_CoalesceExpr:
			break;
		case T_FuncExpr:
		case T_OpExpr:
		case T_ScalarArrayOpExpr:
			{
				bool		fixed = !depends(node, NULL);

				if (check_functions_in_node(node, function_is_not_plain, &fixed))
					return true;
				break;
			}
		default:
			return true;
	}
	return expression_tree_walker(node, is_not_plain, context);
}

/*
 * The same of a node of a plan.  Those that compare by operators which are in no
 * expression are not plain.
 */
static bool
plan_is_not_plain(Plan *plan, List *expressions, void *context)
{
	switch (nodeTag(plan))
	{
		case T_Sort:
		case T_IncrementalSort:
		case T_Unique:
		case T_MergeAppend:
		case T_Memoize:
			return true;
		default:
			return is_not_plain((Node *) expressions, context);
	}
}

/*
 * Makes the plan for any subject, and looks at what it is.
 */
static void
examine(Question *question)
{
	PlannedStmt *stmt;

	release_plan(question);
	question->plan = GetCachedPlan(source_of(question), NULL, NULL, NULL);
	stmt = linitial_node(PlannedStmt, question->plan->stmt_list);
	question->cost = stmt->planTree->total_cost;
	question->rows = stmt->planTree->plan_rows;
	question->plain = stmt->commandType == CMD_SELECT && !stmt->hasModifyingCTE &&
		stmt->rowMarks == NIL && stmt->subplans == NIL && !stmt->parallelModeNeeded &&
		!TransactionIdIsValid(question->plan->saved_xmin) &&
		!plan_has(stmt->planTree, plan_is_not_plain, NULL);
	question->reads_again = question->plain && plan_reads_again(stmt->planTree);
	question->examined = true;
	if (!question->plain)
		release_plan(question);
}

/*
 * Writes and prepares the question.  Leaves it unprepared when the view does
 * not have what it needs.
 */
static void
write_question(Question *question, Relation view)
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
	SPIPlanPtr	prepared;
	int			n = 2;

	if (tenant_no == 0 || subject_no == 0 || object_no == 0)
		return;
	if ((question->has_back || question->has_ahead) && (!has_at || at != TIMESTAMPTZOID))
		return;
	key_type_init(&question->tenant, tenant, question->context);
	key_type_init(&question->subject, subject, question->context);
	key_type_init(&question->object, object, question->context);

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
	prepared = SPI_prepare(sql.data, n, types);
	if (prepared == NULL)
		elog(ERROR, "could not prepare the query of relationship \"%s\"",
			 RelationGetRelationName(view));
	if (SPI_keepplan(prepared) != 0)
		elog(ERROR, "could not keep the query of relationship \"%s\"",
			 RelationGetRelationName(view));
	question->prepared = prepared;
}

/*
 * Whether the view, or something below it, has changed.
 */
static inline bool
is_stale(const Question *question)
{
	return question->prepared == NULL || !source_of(question)->is_valid;
}

/*
 * The question for a view and a window; NULL when it is not prepared, or not as
 * the view is now.
 */
Question *
question_find(Oid view, const Asking *asking, bool single)
{
	Question	key = {
		.view = view,.has_back = asking->has_back,.has_ahead = asking->has_ahead,.single = single
	};
	Question   *question;

	if (questions == NULL)
		return NULL;
	question = hash_search(questions, &key, HASH_FIND, NULL);
	return question && !is_stale(question) ? question : NULL;
}

/*
 * Forgets a question about a view that has changed.
 */
static void
forget(Question *question)
{
	void	   *prepared = question->prepared;
	MemoryContext context = question->context;

	release_plan(question);
	(void) hash_search(questions, question, HASH_REMOVE, NULL);
	if (prepared)
		SPI_freeplan(prepared);
	MemoryContextDelete(context);
}

/*
 * The question, prepared now if it has to be, and examined: as the user in
 * force, under the search_path in force.  For a user of SPI.
 */
Question *
question_prepare(Relation view, const Asking *asking, bool single)
{
	Question	key = {
		.view = RelationGetRelid(view),.has_back = asking->has_back,
		.has_ahead = asking->has_ahead,.single = single
	};
	Question   *question;
	MemoryContext context;

	if (questions == NULL)
	{
		HASHCTL		ctl = {.keysize = QUESTION_KEY_SIZE,.entrysize = sizeof(Question)};

		ctl.hcxt = AllocSetContextCreate(CacheMemoryContext, "ambit relationship questions",
										 ALLOCSET_SMALL_SIZES);
		questions = hash_create("ambit relationship questions", 16, &ctl,
								HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	}
	question = hash_search(questions, &key, HASH_FIND, NULL);
	if (question && is_stale(question))
	{
		forget(question);
		question = NULL;
	}
	if (question == NULL)
	{
		/* complete it first, publish it last */
		context = AllocSetContextCreate(CurrentMemoryContext, "ambit relationship question",
										ALLOCSET_SMALL_SIZES);
		key.context = context;
		write_question(&key, view);
		question = hash_search(questions, &key, HASH_ENTER, NULL);
		*question = key;
		MemoryContextSetParent(context, CacheMemoryContext);
	}
	if (question->prepared && (!question->examined || question->plain) &&
		!question_ready(question))
		examine(question);
	return question;
}

/*
 * Whether the plan is what would be made now, as far as this backend has heard.
 */
static bool
plan_is_good(const Question *question)
{
	const CachedPlan *plan = question->plan;
	const CachedPlanSource *source;

	if (plan == NULL)
		return false;
	source = source_of(question);
	return source->is_valid && source->gplan == plan && plan->is_valid &&
		(!source->dependsOnRLS ||
		 (source->rewriteRoleId == GetUserId() && source->rewriteRowSecurity == row_security)) &&
		(!plan->dependsOnRole || plan->planRoleId == GetUserId());
}

/*
 * Whether the question is a plain one whose plan can be run as the user in
 * force: the relations in it are locked then.
 */
bool
question_ready(Question *question)
{
	ListCell   *lc;

	if (!plan_is_good(question))
		return false;
	foreach(lc, linitial_node(PlannedStmt, question->plan->stmt_list)->rtable)
	{
		RangeTblEntry *rte = lfirst(lc);

		if (OidIsValid(rte->relid) &&
			(rte->rtekind == RTE_RELATION || rte->rtekind == RTE_SUBQUERY))
			LockRelationOid(rte->relid, rte->rellockmode);
	}
	return plan_is_good(question);
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
 * A parameter for the object of the view, from a key of a type that shares its
 * sets; false when the range of the view's type does not hold it.
 */
bool
question_object(const KeyType *type, Key key, Datum *value)
{
	if (type->class != KEY_OUTPUT)
		return key_to_datum(type, key, value);
	*value = PointerGetDatum(cstring_to_text_with_len(key.data, key.len));
	return true;
}

/*
 * The parameters of a question, the object last; NULL when one of the keys does
 * not convert, and the answer is no.
 */
ParamListInfo
question_parameters(const Question *question, const Asking *asking, const Key *object)
{
	Datum		values[lengthof(question->types)];
	ParamListInfo params;
	int			n = 2;

	if (!make_parameter(&question->tenant, asking->tenant, true, &values[0]) ||
		!make_parameter(&question->subject, asking->subject, false, &values[1]))
		return NULL;
	if (asking->has_back)
		values[n++] = TimestampTzGetDatum(asking->from);
	if (asking->has_ahead)
		values[n++] = TimestampTzGetDatum(asking->to);
	if (object && !question_object(&question->object, *object, &values[n++]))
		return NULL;
	params = makeParamList(n);
	for (int i = 0; i < n; i++)
	{
		params->params[i].value = values[i];
		params->params[i].isnull = false;
		params->params[i].pflags = PARAM_FLAG_CONST;
		params->params[i].ptype = question->types[i];
	}
	return params;
}
