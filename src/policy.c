/*
 * policy.c
 *		What protect() bound, read back from the policies.
 *
 * The bound columns stand in the permissive policy "ambit" of a protected
 * table and nowhere else, as arguments of ambit._bound(): the server follows
 * renames, guards drops and writes them into dumps.  It is the check of new
 * rows that they stand in, which of all expressions is copied least often.
 */
#include "postgres.h"
#include "compat.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/relation.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_policy.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "fmgr.h"
#include "funcapi.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/parsenodes.h"
#include "nodes/primnodes.h"
#include "nodes/supportnodes.h"
#include "parser/parser.h"
#include "rewrite/rewriteManip.h"
#include "rewrite/rowsecurity.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/rls.h"
#include "utils/ruleutils.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

#include "catalog.h"
#include "functions.h"
#include "literals.h"
#include "mask.h"
#include "plans.h"
#include "policy.h"
#include "rights.h"
#include "triggers.h"

PG_FUNCTION_INFO_V1(ambit_base_type);
PG_FUNCTION_INFO_V1(ambit_bindings);
PG_FUNCTION_INFO_V1(ambit_conditions);
PG_FUNCTION_INFO_V1(ambit_rule_columns);
PG_FUNCTION_INFO_V1(ambit_check_rules);
PG_FUNCTION_INFO_V1(ambit_intact);
PG_FUNCTION_INFO_V1(ambit_is_policy);
PG_FUNCTION_INFO_V1(ambit_intact_support);
PG_FUNCTION_INFO_V1(ambit_check_condition);
PG_FUNCTION_INFO_V1(ambit_check_query);
PG_FUNCTION_INFO_V1(ambit_refuse_truncate);
PG_FUNCTION_INFO_V1(ambit_require_identity);

/* ambit's policies; the first are those that decide, the permissive one first */
static const char *const policy_names[] = {
	"ambit", "ambit_select", "ambit_insert", "ambit_update", "ambit_delete",
	"ambit_intact", "ambit_masks"
};

#define N_PERMITTING 5

bool
policy_is_ours(const char *name)
{
	for (int i = 0; i < lengthof(policy_names); i++)
		if (strcmp(name, policy_names[i]) == 0)
			return true;
	return false;
}

/*
 * _is_policy(name name) returns boolean
 */
Datum
ambit_is_policy(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(policy_is_ours(NameStr(*PG_GETARG_NAME(0))));
}

/*
 * _base_type(relation regclass, column name) returns (type regtype,
 *			  typmod integer)
 *		The type of a column, domains resolved; NULLs when there is none.
 */
Datum
ambit_base_type(PG_FUNCTION_ARGS)
{
	HeapTuple	tuple = SearchSysCacheAttName(PG_GETARG_OID(0), NameStr(*PG_GETARG_NAME(1)));
	TupleDesc	tupdesc;
	Datum		values[2] = {0};
	bool		nulls[2] = {true, true};

	if (get_call_result_type(fcinfo, NULL, &tupdesc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	if (HeapTupleIsValid(tuple))
	{
		const FormData_pg_attribute *att = (Form_pg_attribute) GETSTRUCT(tuple);
		int32		typmod = att->atttypmod;

		values[0] = ObjectIdGetDatum(getBaseTypeAndTypmod(att->atttypid, &typmod));
		values[1] = Int32GetDatum(typmod);
		nulls[0] = nulls[1] = false;
		ReleaseSysCache(tuple);
	}
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(tupdesc), values, nulls)));
}

AttrNumber
policy_primary_key(Oid relid)
{
	Oid			constraint;
	Bitmapset  *columns = get_primary_key_attnos(relid, true, &constraint);
	int			member;

	return bms_get_singleton_member(columns, &member) ?
		member + FirstLowInvalidHeapAttributeNumber : 0;
}

List *
policy_ancestors(Oid relid)
{
	List	   *found = list_make1_oid(relid);
	Relation	inherits = table_open(InheritsRelationId, AccessShareLock);
	ListCell   *lc;

	/* grows while it is walked */
	foreach(lc, found)
	{
		ScanKeyData key;
		SysScanDesc scan;
		HeapTuple	tuple;

		ScanKeyInit(&key, Anum_pg_inherits_inhrelid, BTEqualStrategyNumber, F_OIDEQ,
					ObjectIdGetDatum(lfirst_oid(lc)));
		scan = systable_beginscan(inherits, InheritsRelidSeqnoIndexId, true, NULL, 1, &key);
		while ((tuple = systable_getnext(scan)) != NULL)
			found = list_append_unique_oid(found,
										   ((Form_pg_inherits) GETSTRUCT(tuple))->inhparent);
		systable_endscan(scan);
	}
	table_close(inherits, AccessShareLock);
	return list_delete_first(found);
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
	FuncExpr   *call = policy_bound_call(relid);
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

/* the arguments of _rule() before the columns */
enum
{
	RULE_ID,
	RULE_COMMAND,
	RULE_PERMISSION,
	RULE_CHECKS,
	RULE_CONDITION,
	RULE_BECOMES,
	RULE_COLUMNS
};

/* What conditions_walker() is after. */
typedef struct FindConditions
{
	Oid			relid;
	Oid			guarded;		/* ambit._guarded() */
	Oid			rule;			/* ambit._rule() */
	ReturnSetInfo *rsinfo;
} FindConditions;

/*
 * Returns a row for each call of ambit._guarded() and ambit._rule(): the rule,
 * and its condition in SQL.
 */
static bool
conditions_walker(Node *node, void *context)
{
	FindConditions *find = context;
	FuncExpr   *call = (FuncExpr *) node;

	if (node == NULL)
		return false;
	if (IsA(node, FuncExpr) && (call->funcid == find->guarded || call->funcid == find->rule))
	{
		Const	   *rule = linitial(call->args);
		Node	   *condition = list_nth(call->args,
										 call->funcid == find->guarded ? 2 : RULE_CONDITION);
		Datum		values[2];
		bool		nulls[2] = {false, false};

		/* one that the owner of the table put there is not read again: add_rule() was told another */
		if (IsA(rule, Const) && !rule->constisnull &&
			!(IsA(condition, Const) && ((Const *) condition)->constisnull) &&
			literals_are_plain(condition))
		{
			char	   *text = deparse_expression(condition,
												  deparse_context_for(get_rel_name(find->relid),
																	  find->relid),
												  false, false);

			values[0] = rule->constvalue;
			values[1] = CStringGetTextDatum(text);
			tuplestore_putvalues(find->rsinfo->setResult, find->rsinfo->setDesc, values, nulls);
		}
		return false;
	}
	return expression_tree_walker(node, conditions_walker, context);
}

/*
 * _conditions(relation regclass)
 *		The conditions of the rules as they stand in the policies, so with the
 *		present names of columns.  A condition may come several times.
 */
Datum
ambit_conditions(PG_FUNCTION_ARGS)
{
	FindConditions find;
	Oid			types[] = {INT8OID, BOOLOID, BOOLOID};
	Oid			rule_types[] = {INT8OID, TEXTOID, TEXTOID, TEXTOID, BOOLOID, BOOLOID, ANYOID};
	Relation	policies;
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;

	InitMaterializedSRF(fcinfo, 0);
	find.relid = PG_GETARG_OID(0);
	find.rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	find.guarded = GetSysCacheOid3(PROCNAMEARGSNSP, Anum_pg_proc_oid,
								   CStringGetDatum("_guarded"),
								   PointerGetDatum(buildoidvector(types, 3)),
								   ObjectIdGetDatum(catalog_schema()));
	find.rule = GetSysCacheOid3(PROCNAMEARGSNSP, Anum_pg_proc_oid, CStringGetDatum("_rule"),
								PointerGetDatum(buildoidvector(rule_types, lengthof(rule_types))),
								ObjectIdGetDatum(catalog_schema()));
	policies = table_open(PolicyRelationId, AccessShareLock);
	ScanKeyInit(&key, Anum_pg_policy_polrelid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(find.relid));
	scan = systable_beginscan(policies, PolicyPolrelidPolnameIndexId, true, NULL, 1, &key);
	while ((tuple = systable_getnext(scan)) != NULL)
	{
		AttrNumber	columns[] = {Anum_pg_policy_polqual, Anum_pg_policy_polwithcheck};

		for (int i = 0; i < lengthof(columns); i++)
		{
			bool		isnull;
			Datum		value = heap_getattr(tuple, columns[i], RelationGetDescr(policies),
											 &isnull);

			if (!isnull)
				conditions_walker(stringToNode(TextDatumGetCString(value)), &find);
		}
	}
	systable_endscan(scan);
	table_close(policies, AccessShareLock);
	return (Datum) 0;
}

/*
 * Whether the function is the one of that name in ambit's schema.
 */
bool
policy_is_ambits(Oid function, const char *name)
{
	char	   *found = get_func_name(function);

	return found && strcmp(found, name) == 0 && get_func_namespace(function) == catalog_schema();
}

static char *
const_text(Node *node)
{
	return IsA(node, Const) && !((Const *) node)->constisnull && ((Const *) node)->consttype == TEXTOID ?
		TextDatumGetCString(((Const *) node)->constvalue) : NULL;
}

/*
 * Whether the values can be compared with the columns.
 */
static bool
values_fit(List *columns, List *values)
{
	ListCell   *column,
			   *value;

	if (list_length(columns) != list_length(values))
		return false;
	forboth(column, columns, value, values)
	{
		Oid			type = getBaseType(((Var *) lfirst(column))->vartype);

		if (((Const *) lfirst(value))->consttype != type ||
			!OidIsValid(lookup_type_cache(type, TYPECACHE_EQ_OPR)->eq_opr))
			return false;
	}
	return true;
}

/*
 * A call of _rule() as a Rule; NULL when it is none that add_rule() made.
 */
static Rule *
read_rule(FuncExpr *call)
{
	Rule	   *rule = palloc0(sizeof(Rule));
	Const	   *id;
	Node	   *condition;
	Const	   *becomes;
	char	   *checks;

	if (!IsA(call, FuncExpr) || !policy_is_ambits(call->funcid, "_rule") || call->funcvariadic ||
		list_length(call->args) <= RULE_COLUMNS || policy_names_no_column(call->args))
		return NULL;
	id = list_nth(call->args, RULE_ID);
	becomes = list_nth(call->args, RULE_BECOMES);
	condition = list_nth(call->args, RULE_CONDITION);
	checks = const_text(list_nth(call->args, RULE_CHECKS));
	rule->command = const_text(list_nth(call->args, RULE_COMMAND));
	rule->permission = const_text(list_nth(call->args, RULE_PERMISSION));
	if (!IsA(id, Const) || id->constisnull || !IsA(becomes, Const) || becomes->constisnull ||
		checks == NULL || rule->command == NULL || rule->permission == NULL)
		return NULL;
	rule->rule = DatumGetInt64(id->constvalue);
	rule->old = (strcmp(checks, "new") != 0);
	rule->new = (strcmp(checks, "old") != 0);
	if (!IsA(condition, Const) || !((Const *) condition)->constisnull)
		rule->condition = (Expr *) condition;
	for (int i = RULE_COLUMNS; i < list_length(call->args); i++)
	{
		Node	   *arg = list_nth(call->args, i);

		if (IsA(arg, Var))
			rule->columns = lappend(rule->columns, arg);
		else if (IsA(arg, Const) && !((Const *) arg)->constisnull)
			rule->values = lappend(rule->values, arg);
		else if (!IsA(arg, Const))
			return NULL;
	}
	rule->any_column = (rule->columns == NIL);
	if (DatumGetBool(becomes->constvalue) ?
		rule->any_column || !values_fit(rule->columns, rule->values) :
		rule->values != NIL)
		return NULL;
	return rule;
}

/*
 * The rules about new rows of a protected table.  The trees are those of the
 * relcache.
 */
bool
policy_rules(Relation rel, List **rules)
{
	ListCell   *lc;
	Node	   *check = NULL;
	List	   *calls;

	*rules = NIL;
	if (rel->rd_rsdesc == NULL)
		return false;
	foreach(lc, rel->rd_rsdesc->policies)
	{
		RowSecurityPolicy *policy = lfirst(lc);

		if (strcmp(policy->policy_name, "ambit_update") == 0 && !policy->permissive)
			check = (Node *) policy->with_check_qual;
	}
	if (check == NULL)
		return false;
	if (IsA(check, FuncExpr) && policy_is_ambits(((FuncExpr *) check)->funcid, "_closed"))
		return true;
	calls = IsA(check, BoolExpr) && ((BoolExpr *) check)->boolop == AND_EXPR ?
		((BoolExpr *) check)->args : list_make1(check);
	foreach(lc, calls)
	{
		Rule	   *rule = read_rule(lfirst(lc));

		if (rule == NULL)
			return false;
		*rules = lappend(*rules, rule);
	}
	return true;
}

/*
 * _rule_columns(relation regclass)
 *		The columns that rules name, by their present names.
 */
Datum
ambit_rule_columns(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Relation	rel;
	List	   *rules;
	ListCell   *lc;

	InitMaterializedSRF(fcinfo, 0);
	rel = try_relation_open(PG_GETARG_OID(0), AccessShareLock);
	if (rel == NULL)
		return (Datum) 0;
	(void) policy_rules(rel, &rules);
	foreach(lc, rules)
	{
		Rule	   *rule = lfirst(lc);
		Datum	   *names = palloc(sizeof(Datum) * list_length(rule->columns));
		Datum		values[2];
		bool		nulls[2] = {false, false};
		ListCell   *column;
		int			n = 0;

		if (rule->any_column)
			continue;
		foreach(column, rule->columns)
			names[n++] = DirectFunctionCall1(namein,
											 CStringGetDatum(get_attname(RelationGetRelid(rel),
																		 ((Var *) lfirst(column))->varattno,
																		 false)));
		values[0] = Int64GetDatum(rule->rule);
		values[1] = PointerGetDatum(construct_array(names, n, NAMEOID, NAMEDATALEN, false,
													TYPALIGN_CHAR));
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	relation_close(rel, AccessShareLock);
	return (Datum) 0;
}

/*
 * _check_rules(relation regclass)
 *		Error when the guard could not evaluate a condition.
 */
Datum
ambit_check_rules(PG_FUNCTION_ARGS)
{
	Relation	rel = relation_open(PG_GETARG_OID(0), AccessShareLock);
	List	   *rules;
	ListCell   *lc;

	if (!policy_rules(rel, &rules))
		elog(ERROR, "cannot read the rules of table \"%s\"", RelationGetRelationName(rel));
	foreach(lc, rules)
	{
		const Rule *rule = lfirst(lc);

		if (strcmp(rule->command, "update") == 0 && checkExprHasSubLink((Node *) rule->condition))
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("the condition of an update rule must not contain a subquery"),
					 errhint("Bind a relationship, or put it into a function.")));
	}
	relation_close(rel, AccessShareLock);
	PG_RETURN_VOID();
}

/*
 * Whether the triggers that hold writes stand and fire always.
 */
static bool
has_triggers(Relation rel)
{
	static const struct
	{
		const char *name;
		OwnFunction function;
	}			wanted[] = {
		{"ambit_truncate", FUNCTION_REFUSE_TRUNCATE},
		{"ambit_write", FUNCTION_REQUIRE_IDENTITY},
		{GUARD_TRIGGER, FUNCTION_GUARD}
	};
	Oid			functions[lengthof(wanted)];
	int			found = 0;

	/* first of all: looking them up may rebuild what the relation has of triggers */
	for (int i = 0; i < lengthof(wanted); i++)
		functions[i] = functions_find(wanted[i].function);
	for (int i = 0; i < lengthof(wanted); i++)
		for (int j = 0; rel->trigdesc != NULL && j < rel->trigdesc->numtriggers; j++)
		{
			const Trigger *trigger = &rel->trigdesc->triggers[j];

			if (strcmp(trigger->tgname, wanted[i].name) == 0 && trigger->tgfoid == functions[i] &&
				trigger->tgenabled == TRIGGER_FIRES_ALWAYS && trigger->tgqual == NULL)
				found++;
		}
	return found == lengthof(wanted);
}

/*
 * How many columns policy ambit_intact says are masked; -1 when it is gone.
 */
static int
masks_wanted(const RowSecurityPolicy *policy)
{
	FuncExpr   *call = (FuncExpr *) policy->qual;
	Const	   *masks;

	if (policy->permissive || policy->polcmd != '*' || !IsA(call, FuncExpr) ||
		list_length(call->args) != 2)
		return -1;
	masks = lsecond(call->args);
	return IsA(masks, Const) && !masks->constisnull ? DatumGetInt32(masks->constvalue) : -1;
}

/*
 * Whether all of ambit's policies stand on a table, its masks and its
 * triggers.  DROP COLUMN ... CASCADE takes those policies along that look at
 * the column, and may leave somebody's permissive policy behind.
 */
bool
policy_look_intact(Oid relid)
{
	Relation	rel = try_relation_open(relid, AccessShareLock);
	List	   *masks;
	ListCell   *lc;
	int			found = 0;
	int			wanted = -1;
	bool		held;

	if (rel == NULL)
		return false;
	if (rel->rd_rsdesc != NULL)
		foreach(lc, rel->rd_rsdesc->policies)
		{
			RowSecurityPolicy *policy = lfirst(lc);

			for (int i = 0; i < N_PERMITTING; i++)
				if (strcmp(policy->policy_name, policy_names[i]) == 0 && policy->permissive == (i == 0))
					found++;
			if (strcmp(policy->policy_name, "ambit_intact") == 0)
				wanted = masks_wanted(policy);
		}
	held = has_triggers(rel) && masks_of(rel, &masks) && list_length(masks) == wanted;
	relation_close(rel, AccessShareLock);
	return found == N_PERMITTING && held;
}

/*
 * _intact(relation regclass, masks integer) returns boolean
 */
Datum
ambit_intact(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(policy_is_intact(PG_GETARG_OID(0)));
}

/*
 * _intact_support(internal) returns internal
 *		Answers at plan time: a change of the policies drops the plan.
 */
Datum
ambit_intact_support(PG_FUNCTION_ARGS)
{
	Node	   *request = (Node *) PG_GETARG_POINTER(0);
	Const	   *relation;

	if (!IsA(request, SupportRequestSimplify))
		PG_RETURN_POINTER(NULL);
	relation = linitial(((SupportRequestSimplify *) request)->fcall->args);
	if (!IsA(relation, Const) || relation->constisnull)
		PG_RETURN_POINTER(NULL);
	PG_RETURN_POINTER(makeBoolConst(policy_is_intact(DatumGetObjectId(relation->constvalue)), false));
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
			 errhint("Use DELETE, or call ambit.unprotect() first, which forgets the table's rules and masks.")));
	return PointerGetDatum(NULL);
}

/*
 * Whether the statement writes to the table as somebody whom the policies do
 * not hold: as the owner of a view.
 */
static bool
writes_without_policies(const PlannedStmt *stmt, Oid relid)
{
	ListCell   *lc;

	/* it began before the library was loaded: without an identity */
	if (stmt == NULL)
		return false;
	foreach(lc, stmt->resultRelations)
	{
		RangeTblEntry *rte = list_nth(stmt->rtable, lfirst_int(lc) - 1);
		Oid			user = rte_check_as_user(stmt, rte);

		if (rte->relid == relid && OidIsValid(user) &&
			check_enable_rls(relid, user, true) != RLS_ENABLED)
			return true;
	}
	return false;
}

/*
 * A write without an identity fails, also one that would find no row.  Roles
 * that row-level security does not hold are not held here either: false.
 */
bool
policy_check_write(const PlannedStmt *stmt, Relation rel, bool is_update)
{
	if (check_enable_rls(RelationGetRelid(rel), InvalidOid, true) != RLS_ENABLED)
		return false;
	if (rights_current() == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("cannot write to protected table \"%s\" without an identity",
						RelationGetRelationName(rel)),
				 errhint("Call ambit.assume() in the transaction first.")));
	if (writes_without_policies(stmt, RelationGetRelid(rel)))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("cannot write to protected table \"%s\" through a view whose owner row-level security does not hold",
						RelationGetRelationName(rel)),
				 errhint("Make the view security_invoker, or write to the table.")));
	if (is_update)
		triggers_check_parts(rel);
	return true;
}

/*
 * _require_identity() returns trigger
 *		The same, where guard_start() does not ask.
 */
Datum
ambit_require_identity(PG_FUNCTION_ARGS)
{
	const TriggerData *trigger = (TriggerData *) fcinfo->context;
	const QueryDesc *query = plans_running();

	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function \"%s\" was not called by trigger manager",
						"ambit._require_identity")));
	(void) policy_check_write(query ? query->plannedstmt : NULL, trigger->tg_relation,
							  TRIGGER_FIRED_BY_UPDATE(trigger->tg_event));
	return PointerGetDatum(NULL);
}
