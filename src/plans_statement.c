/*
 * plans_statement.c
 *		When one statement is the same as another, for plans that are kept.
 */
#include "postgres.h"
#include "compat.h"

#include "access/htup_details.h"
#include "access/transam.h"
#include "catalog/pg_language.h"
#include "catalog/pg_proc.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "pgtime.h"
#include "utils/builtins.h"
#include "utils/bytea.h"
#include "utils/float.h"
#include "utils/guc_tables.h"
#include "utils/lsyscache.h"
#include "utils/rls.h"
#include "utils/syscache.h"

#include "plans_statement.h"
#include "rights.h"

/* a longer text is not hashed */
#define MAX_TEXT 65536

static uint64
hash_more(uint64 hash, const void *data, Size size)
{
	return hash_bytes_extended(data, (int) size, hash);
}

/*
 * A hash of the statement's own part of the text without the literal, and of who
 * runs it and how, without PLANS_HASH_MARK; 0 if it is too long.
 */
uint64
plans_statement_hash(const Query *parse, const char *query_string, int options,
					 const KeyLiteral *literal)
{
	struct
	{
		int64		fingerprint;
		Oid			user;
		Oid			literal;
		int			security;
		int			options;
		int			length;
		int			row_security;
	}			numbers;
	const char *text = query_string ? query_string : "";
	int			length;
	int			begin = literal->location;
	int			end = begin + literal->length;
	uint64		hash = 0;

	memset(&numbers, 0, sizeof(numbers));
	length = (int) strnlen(text, MAX_TEXT);
	if (parse->stmt_location > 0)
	{
		int			skip = Min(parse->stmt_location, length);

		text += skip;
		length -= skip;
		begin -= skip;
		end -= skip;
	}
	if (parse->stmt_len > 0)
		length = Min(length, parse->stmt_len);
	if (length == 0 || length >= MAX_TEXT)
		return 0;
	GetUserIdAndSecContext(&numbers.user, &numbers.security);
	numbers.options = options;
	numbers.length = parse->stmt_len;
	numbers.row_security = row_security;
	if (literal->node && begin >= 0 && end <= length)
	{
		/* for some rights the plan may be one that depends on it */
		numbers.fingerprint = rights_fingerprint(rights_current());
		numbers.literal = literal->node->consttype;
		numbers.length -= parse->stmt_len > 0 ? literal->length : 0;
		hash = hash_more(hash, text, begin);
		text += end;
		length -= end;
	}
	hash = hash_more(hash, text, length);
	hash = hash_more(hash, &numbers, sizeof(numbers)) & ~PLANS_HASH_MARK;
	return hash == 0 ? 2 : hash;
}

/*
 * A hash of the settings that the planner goes by: those that EXPLAIN (SETTINGS)
 * tells of, and those that immutable functions of the server's take notice of,
 * whose results stand in plans.
 */
uint64
plans_settings_hash(void)
{
	int			n;
	struct config_generic **settings = get_explain_guc_options(&n);
	int			others[] = {bytea_output, extra_float_digits, quote_all_identifiers};
	const char *zone = pg_get_timezone_name(session_timezone);
	const char *zones = GetConfigOption("timezone_abbreviations", true, false);
	uint64		hash = hash_more(0, others, sizeof(others));

	hash = hash_more(hash, zone, strlen(zone));
	if (zones)
		hash = hash_more(hash, zones, strlen(zones));
	for (int i = 0; i < n; i++)
	{
		const struct config_generic *setting = settings[i];
		const char *string;

		hash = hash_more(hash, setting->name, strlen(setting->name));
		switch (setting->vartype)
		{
			case PGC_BOOL:
				hash = hash_more(hash, ((const struct config_bool *) setting)->variable,
								 sizeof(bool));
				break;
			case PGC_INT:
				hash = hash_more(hash, ((const struct config_int *) setting)->variable,
								 sizeof(int));
				break;
			case PGC_REAL:
				hash = hash_more(hash, ((const struct config_real *) setting)->variable,
								 sizeof(double));
				break;
			case PGC_STRING:
				string = *((const struct config_string *) setting)->variable;
				if (string)
					hash = hash_more(hash, string, strlen(string));
				break;
			case PGC_ENUM:
				hash = hash_more(hash, ((const struct config_enum *) setting)->variable,
								 sizeof(int));
				break;
		}
	}
	pfree(settings);
	return hash;
}

/*
 * Whether the planner may put the result of the function, or what its body
 * says, into the plan.  Functions in C that are said to be immutable are.
 */
static bool
may_be_folded(Oid function, void *context)
{
	HeapTuple	tuple;
	Form_pg_proc form;
	bool		result = true;

	if (function < FirstNormalObjectId)
		return false;
	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	if (!HeapTupleIsValid(tuple))
		return true;
	form = (Form_pg_proc) GETSTRUCT(tuple);
	if (form->prolang == ClanguageId || form->prolang == INTERNALlanguageId)
		result = false;
	else if (form->prolang != SQLlanguageId)
		result = form->provolatile == PROVOLATILE_IMMUTABLE;
	else
		result = form->provolatile == PROVOLATILE_IMMUTABLE ||
			(!form->prosecdef && heap_attisnull(tuple, Anum_pg_proc_proconfig, NULL));
	ReleaseSysCache(tuple);
	return result;
}

/*
 * Whether a call leaves arguments to their defaults, which the planner puts in.
 */
static bool
has_more_arguments(const FuncExpr *call)
{
	return call->funcid >= FirstNormalObjectId &&
		list_length(call->args) < get_func_nargs(call->funcid);
}

static bool
folds_function(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, Query))
		return query_tree_walker((Query *) node, folds_function, context, 0);
	if (IsA(node, FuncExpr) && has_more_arguments((FuncExpr *) node))
		return true;
	return check_functions_in_node(node, may_be_folded, context) ||
		expression_tree_walker(node, folds_function, context);
}

/*
 * Whether the planner puts something into the plan of which nobody tells when it
 * changes.
 */
bool
plans_statement_folds(Query *parse)
{
	return folds_function((Node *) parse, NULL);
}
