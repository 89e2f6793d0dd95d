/*
 * doctor.c
 *		What doctor() cannot ask in SQL: policies and views compared, keys
 *		converted.
 */
#include "postgres.h"
#include "compat.h"

#include "access/relation.h"
#include "catalog/pg_class.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "nodes/nodes.h"
#include "nodes/parsenodes.h"
#include "parser/analyze.h"
#include "parser/parse_clause.h"
#include "parser/parse_collate.h"
#include "parser/parse_node.h"
#include "parser/parse_relation.h"
#include "parser/parser.h"
#include "rewrite/rewriteHandler.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/rel.h"
#include "utils/ruleutils.h"

#include "keys.h"

PG_FUNCTION_INFO_V1(ambit_policy_text);
PG_FUNCTION_INFO_V1(ambit_is_view_of);
PG_FUNCTION_INFO_V1(ambit_converts);

/*
 * Reads what follows as another role, as far as literals run something of an
 * application's.  An error puts the role back as well, by ending the
 * subtransaction.
 */
static void
read_as(Oid role, Oid *save_userid, int *save_sec_context)
{
	GetUserIdAndSecContext(save_userid, save_sec_context);
	SetUserIdAndSecContext(role, *save_sec_context | SECURITY_LOCAL_USERID_CHANGE |
						   SECURITY_RESTRICTED_OPERATION);
}

/*
 * _policy_text(relation regclass, expression text) returns text
 *		The expression as pg_get_expr() would show it once CREATE POLICY has
 *		stored it for the table.  NULL when there is no such table; raises what
 *		CREATE POLICY would raise.  Literals are read as the owner of the
 *		table, who may have changed the types that they are of.
 */
Datum
ambit_policy_text(PG_FUNCTION_ARGS)
{
	Relation	rel = try_relation_open(PG_GETARG_OID(0), AccessShareLock);
	char	   *expression = text_to_cstring(PG_GETARG_TEXT_PP(1));
	Oid			save_userid;
	int			save_sec_context;
	SelectStmt *parsed;
	ParseState *pstate;
	ParseNamespaceItem *item;
	Node	   *node;
	Datum		result;

	if (rel == NULL)
		PG_RETURN_NULL();
	if (rel->rd_rel->relkind != RELKIND_RELATION &&
		rel->rd_rel->relkind != RELKIND_PARTITIONED_TABLE)
	{
		relation_close(rel, AccessShareLock);
		PG_RETURN_NULL();
	}
	read_as(rel->rd_rel->relowner, &save_userid, &save_sec_context);
	parsed = (SelectStmt *) linitial_node(RawStmt, raw_parser(expression, RAW_PARSE_PLPGSQL_EXPR))->stmt;
	pstate = make_parsestate(NULL);
	pstate->p_sourcetext = expression;
	item = addRangeTableEntryForRelation(pstate, rel, AccessShareLock, NULL, false, false);
	addNSItemToQuery(pstate, item, false, true, true);
	node = transformWhereClause(pstate, linitial_node(ResTarget, parsed->targetList)->val,
								EXPR_KIND_POLICY, "POLICY");
	assign_expr_collations(pstate, node);
	SetUserIdAndSecContext(save_userid, save_sec_context);
	result = DirectFunctionCall2(pg_get_expr, CStringGetTextDatum(nodeToString(node)),
								 ObjectIdGetDatum(RelationGetRelid(rel)));
	relation_close(rel, AccessShareLock);
	PG_RETURN_DATUM(result);
}

/*
 * _is_view_of(view regclass, query text) returns boolean
 *		Whether a view is what CREATE VIEW makes of the query.  Raises what
 *		CREATE VIEW would raise.  Literals are read as the owner of the view.
 */
Datum
ambit_is_view_of(PG_FUNCTION_ARGS)
{
	Relation	view = try_relation_open(PG_GETARG_OID(0), AccessShareLock);
	char	   *sql = text_to_cstring(PG_GETARG_TEXT_PP(1));
	bool		same = false;

	if (view == NULL)
		PG_RETURN_BOOL(false);
	if (view->rd_rel->relkind == RELKIND_VIEW)
	{
		Oid			save_userid;
		int			save_sec_context;
		Query	   *query;
		Query	   *stored = copyObject(get_view_query(view));

		read_as(view->rd_rel->relowner, &save_userid, &save_sec_context);
		query = parse_analyze_fixedparams(linitial_node(RawStmt, raw_parser(sql, RAW_PARSE_DEFAULT)),
										  sql, NULL, 0, NULL);
		SetUserIdAndSecContext(save_userid, save_sec_context);

		/*
		 * With entries that nobody looks at, as a stored view may have; else
		 * columns are shown without their table.
		 */
		while (list_length(query->rtable) < list_length(stored->rtable))
			query->rtable = lappend(query->rtable, copyObject(linitial(query->rtable)));
		same = strcmp(pg_get_querydef(query, false), pg_get_querydef(stored, false)) == 0;
	}
	relation_close(view, AccessShareLock);
	PG_RETURN_BOOL(same);
}

/*
 * _converts(key text, type regtype, exact boolean) returns boolean
 *		Whether a key can be found in a column of the type; exact as
 *		key_from_text() has it.
 */
Datum
ambit_converts(PG_FUNCTION_ARGS)
{
	char	   *value = text_to_cstring(PG_GETARG_TEXT_PP(0));
	Oid			typid = PG_GETARG_OID(1);
	KeyType    *type = fcinfo->flinfo->fn_extra;
	Key			key;

	if (type == NULL || type->type != typid)
	{
		if (type == NULL)
			type = MemoryContextAlloc(fcinfo->flinfo->fn_mcxt, sizeof(KeyType));
		key_type_init(type, typid, fcinfo->flinfo->fn_mcxt);
		fcinfo->flinfo->fn_extra = type;
	}
	PG_RETURN_BOOL(key_from_text(type, value, PG_GETARG_BOOL(2), &key));
}
