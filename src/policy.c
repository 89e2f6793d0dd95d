/*
 * policy.c
 *		What protect() bound, read back from the policies.
 *
 * The bound columns stand in the permissive policy "ambit" of a protected
 * table and nowhere else, as arguments of ambit._bound(): the server follows
 * renames, guards drops and writes them into dumps.
 */
#include "postgres.h"
#include "compat.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/pg_policy.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_trigger.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "fmgr.h"
#include "funcapi.h"
#include "nodes/parsenodes.h"
#include "nodes/primnodes.h"
#include "parser/parser.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/rls.h"
#include "utils/syscache.h"

#include "catalog.h"
#include "rights.h"

#define BOUND_NARGS 8
#define BOUND_PARENT 6

PG_FUNCTION_INFO_V1(ambit_bindings);
PG_FUNCTION_INFO_V1(ambit_check_condition);
PG_FUNCTION_INFO_V1(ambit_check_query);
PG_FUNCTION_INFO_V1(ambit_refuse_truncate);
PG_FUNCTION_INFO_V1(ambit_require_identity);

/*
 * Whether the table has ambit's trigger.  Anybody may write a policy that
 * looks like ambit's on a table of their own, but nobody else may make a
 * trigger of this function.
 */
static bool
has_trigger(Oid relid)
{
	oidvector  *no_args = buildoidvector(NULL, 0);
	Oid			function = GetSysCacheOid3(PROCNAMEARGSNSP, Anum_pg_proc_oid,
										   CStringGetDatum("_refuse_truncate"),
										   PointerGetDatum(no_args),
										   ObjectIdGetDatum(catalog_schema()));
	Relation	triggers;
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;
	bool		found = false;

	if (!OidIsValid(function))
		return false;
	triggers = table_open(TriggerRelationId, AccessShareLock);
	ScanKeyInit(&key, Anum_pg_trigger_tgrelid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(relid));
	scan = systable_beginscan(triggers, TriggerRelidNameIndexId, true, NULL, 1, &key);
	while (!found && (tuple = systable_getnext(scan)) != NULL)
		found = ((Form_pg_trigger) GETSTRUCT(tuple))->tgfoid == function;
	systable_endscan(scan);
	table_close(triggers, AccessShareLock);
	return found;
}

/*
 * The call of ambit._bound() in the permissive policy of a table; NULL when
 * the table is not protected.
 */
static FuncExpr *
bound_call(Oid relid)
{
	Relation	policies = table_open(PolicyRelationId, AccessShareLock);
	ScanKeyData keys[2];
	SysScanDesc scan;
	HeapTuple	tuple;
	FuncExpr   *call = NULL;

	ScanKeyInit(&keys[0], Anum_pg_policy_polrelid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(relid));
	ScanKeyInit(&keys[1], Anum_pg_policy_polname, BTEqualStrategyNumber, F_NAMEEQ,
				CStringGetDatum("ambit"));
	scan = systable_beginscan(policies, PolicyPolrelidPolnameIndexId, true, NULL, 2, keys);
	if ((tuple = systable_getnext(scan)) != NULL)
	{
		bool		isnull;
		Datum		qual = heap_getattr(tuple, Anum_pg_policy_polqual,
										RelationGetDescr(policies), &isnull);
		Node	   *node = isnull ? NULL : stringToNode(TextDatumGetCString(qual));

		if (node && IsA(node, FuncExpr))
		{
			FuncExpr   *found = (FuncExpr *) node;
			char	   *name = get_func_name(found->funcid);

			if (name && strcmp(name, "_bound") == 0 &&
				get_func_namespace(found->funcid) == catalog_schema() &&
				list_length(found->args) == BOUND_NARGS)
				call = found;
		}
	}
	systable_endscan(scan);
	table_close(policies, AccessShareLock);
	return call != NULL && has_trigger(relid) ? call : NULL;
}

/*
 * _bindings(relation regclass)
 *		The columns that protect() bound, by their present names; no row for a
 *		table that is not protected.
 */
Datum
ambit_bindings(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Oid			relid = PG_GETARG_OID(0);
	FuncExpr   *call = bound_call(relid);
	Datum		values[BOUND_NARGS];
	bool		nulls[BOUND_NARGS];
	ListCell   *lc;
	int			i = 0;

	InitMaterializedSRF(fcinfo, 0);
	if (call == NULL)
		return (Datum) 0;
	foreach(lc, call->args)
	{
		Node	   *arg = lfirst(lc);

		nulls[i] = true;
		values[i] = (Datum) 0;
		if (i == BOUND_PARENT && IsA(arg, Const) && !((Const *) arg)->constisnull)
		{
			values[i] = ((Const *) arg)->constvalue;
			nulls[i] = false;
		}
		else if (IsA(arg, Var))
		{
			char	   *name = get_attname(relid, ((Var *) arg)->varattno, true);

			if (name)
			{
				values[i] = DirectFunctionCall1(namein, CStringGetDatum(name));
				nulls[i] = false;
			}
		}
		i++;
	}
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	return (Datum) 0;
}

/*
 * _check_condition(condition text)
 *		Error unless the text is one expression and nothing else, so that it
 *		cannot reach out of the parentheses that it is put into.  It is parsed
 *		only: nothing in it is looked up or run.
 */
Datum
ambit_check_condition(PG_FUNCTION_ARGS)
{
	List	   *parsed = raw_parser(text_to_cstring(PG_GETARG_TEXT_PP(0)),
									RAW_PARSE_PLPGSQL_EXPR);
	SelectStmt *stmt = (SelectStmt *) linitial_node(RawStmt, parsed)->stmt;

	if (!IsA(stmt, SelectStmt) || list_length(stmt->targetList) != 1 ||
		linitial_node(ResTarget, stmt->targetList)->name != NULL ||
		stmt->op != SETOP_NONE || stmt->distinctClause || stmt->fromClause ||
		stmt->whereClause || stmt->groupClause || stmt->havingClause ||
		stmt->windowClause || stmt->sortClause || stmt->limitOffset || stmt->limitCount ||
		stmt->lockingClause || stmt->withClause)
		ereport(ERROR,
				(errcode(ERRCODE_SYNTAX_ERROR),
				 errmsg("the condition of a rule must be one expression")));
	PG_RETURN_VOID();
}

/*
 * _check_query(query text)
 *		Error unless the text is one SELECT (or VALUES) and nothing else, so
 *		that it cannot reach out of the parentheses that it is put into.
 */
Datum
ambit_check_query(PG_FUNCTION_ARGS)
{
	List	   *parsed = raw_parser(text_to_cstring(PG_GETARG_TEXT_PP(0)), RAW_PARSE_DEFAULT);

	if (list_length(parsed) != 1 ||
		!IsA(linitial_node(RawStmt, parsed)->stmt, SelectStmt) ||
		((SelectStmt *) linitial_node(RawStmt, parsed)->stmt)->intoClause != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_SYNTAX_ERROR),
				 errmsg("the query of a relationship must be one SELECT")));
	PG_RETURN_VOID();
}

/*
 * _refuse_truncate() returns trigger
 */
Datum
ambit_refuse_truncate(PG_FUNCTION_ARGS)
{
	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function \"%s\" was not called by trigger manager",
						"ambit._refuse_truncate")));
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("cannot truncate protected table \"%s\"",
					RelationGetRelationName(((TriggerData *) fcinfo->context)->tg_relation)),
			 errdetail("TRUNCATE does not ask the rules of the rows."),
			 errhint("Use DELETE, or call ambit.unprotect() first.")));
	return PointerGetDatum(NULL);
}

/*
 * _require_identity() returns trigger
 *		A write without an identity fails, also one that would find no row.
 *		Roles that row-level security does not hold are not held here either.
 */
Datum
ambit_require_identity(PG_FUNCTION_ARGS)
{
	Relation	rel;

	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function \"%s\" was not called by trigger manager",
						"ambit._require_identity")));
	rel = ((TriggerData *) fcinfo->context)->tg_relation;
	if (rights_current() == NULL &&
		check_enable_rls(RelationGetRelid(rel), InvalidOid, true) == RLS_ENABLED)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("cannot write to protected table \"%s\" without an identity",
						RelationGetRelationName(rel)),
				 errhint("Call ambit.assume() in the transaction first.")));
	return PointerGetDatum(NULL);
}
