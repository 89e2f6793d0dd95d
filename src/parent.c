/*
 * parent.c
 *		The row that a row of a table with a parent follows.
 *
 * The guard asks for the bound columns of the parent's row, and of its
 * parent's, by a query that runs as the user under the policies of those
 * tables: a row that is not seen permits nothing.
 */
#include "postgres.h"
#include "compat.h"

#include "access/relation.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "nodes/nodeFuncs.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "parent.h"
#include "policy.h"

struct Parent
{
	char	   *query;			/* NULL: the tables are not what they were */
	Oid			key_type;
	List	   *tables;			/* the parent and those above it */
	SPIPlanPtr	plan;			/* prepared when first asked */
	MemoryContextCallback callback;
};

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
	parent->query = "SELECT";
	for (int i = PERMITS_TENANT; i < PERMITS_NARGS; i++)
		parent->query = psprintf("%s%s %s", parent->query, i > PERMITS_TENANT ? "," : "",
								 columns[i] ? columns[i] : "NULL");
	parent->query = psprintf("%s FROM %s WHERE %s", parent->query, from.data, where.data);
	return parent;
}

bool
parent_is_about(const Parent *parent, Oid relid)
{
	return list_member_oid(parent->tables, relid);
}

/*
 * Runs the query; the values are copied to the row's context.
 */
static void
ask(Parent *parent, ParentRow *row)
{
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (parent->plan == NULL)
	{
		SPIPlanPtr	plan = SPI_prepare(parent->query, 1, &parent->key_type);

		if (plan == NULL || SPI_keepplan(plan) != 0)
			elog(ERROR, "could not prepare the query of a parent");
		parent->plan = plan;
	}
	/* as of the statement: no new snapshot */
	if (SPI_execute_plan(parent->plan, &row->key, NULL, true, 2) != SPI_OK_SELECT)
		elog(ERROR, "could not run the query of a parent");
	row->found = (SPI_processed == 1);
	for (int i = PERMITS_TENANT; row->found && i < PERMITS_NARGS; i++)
	{
		TupleDesc	desc = SPI_tuptable->tupdesc;
		Form_pg_attribute att = TupleDescAttr(desc, i - PERMITS_TENANT);
		MemoryContext old;

		row->values[i] = SPI_getbinval(SPI_tuptable->vals[0], desc, i - PERMITS_TENANT + 1,
									   &row->nulls[i]);
		if (row->nulls[i])
			continue;
		old = MemoryContextSwitchTo(row->row_context);
		row->values[i] = datumCopy(row->values[i], att->attbyval, att->attlen);
		MemoryContextSwitchTo(old);
	}
	SPI_finish();
}

bool
parent_fetch(Parent *parent, ParentRow *row, Datum key)
{
	int16		len;
	bool		byval;
	MemoryContext old;

	if (parent->query == NULL)
		return false;
	get_typlenbyval(parent->key_type, &len, &byval);
	if (row->asked && datum_image_eq(row->key, key, byval, len))
		return row->found;
	row->asked = false;
	if (row->row_context == NULL)
		row->row_context = AllocSetContextCreate(row->context, "ambit parent row",
												 ALLOCSET_SMALL_SIZES);
	MemoryContextReset(row->row_context);
	old = MemoryContextSwitchTo(row->row_context);
	row->key = datumCopy(key, byval, len);
	MemoryContextSwitchTo(old);
	ask(parent, row);
	row->asked = true;
	return row->found;
}
