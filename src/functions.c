/*
 * functions.c
 *		Functions of ambit's that C looks for, by their OIDs.
 *
 * Every plan that is made on a protected table names some, so those that were
 * found stay for the session.  Invalidation source: changes of the function
 * itself; and they are of the schema that is ambit's at the time.  What was
 * not found is looked for again.
 */
#include "postgres.h"
#include "compat.h"

#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/syscache.h"

#include "catalog.h"
#include "functions.h"
#include "plans.h"

#define MAX_ARGS 8

typedef struct FunctionEntry
{
	const char *name;
	int			nargs;
	Oid			types[MAX_ARGS];
	Oid			oid;			/* InvalidOid: not known */
	Oid			schema;
	uint32		hash;
} FunctionEntry;

static FunctionEntry functions[FUNCTION_COUNT] = {
	[FUNCTION_IN_REACH] = {"_in_reach", 3, {INT8OID, INT4OID, ANYOID}},
	[FUNCTION_KEY] = {"_key", 3, {INT8OID, INT4OID, ANYELEMENTOID}},
	[FUNCTION_MATCHES] = {"_matches", 3, {INT8OID, INT4OID, ANYOID}},
	[FUNCTION_REACH] = {"_reach", 3, {INT8OID, INT4OID, ANYELEMENTOID}},
	[FUNCTION_SOLE_TENANT] = {"_sole_tenant", 1, {INT8OID}},
	[FUNCTION_BOUND] = {"_bound", 8, {ANYOID, ANYOID, ANYOID, ANYOID, ANYOID, ANYOID, REGCLASSOID, ANYOID}},
	[FUNCTION_GUARDED] = {"_guarded", 3, {INT8OID, BOOLOID, BOOLOID}},
	[FUNCTION_IMPLIED] = {"_implied", 3, {TEXTOID, TEXTARRAYOID, BOOLOID}},
	[FUNCTION_INTACT] = {"_intact", 2, {REGCLASSOID, INT4OID}},
	[FUNCTION_OPEN] = {"_open"},
	[FUNCTION_PERMITS] = {"permits", 7, {TEXTOID, ANYOID, ANYOID, ANYOID, ANYOID, ANYOID, ANYOID}},
	[FUNCTION_RULE] = {"_rule", 7, {INT8OID, TEXTOID, TEXTOID, TEXTOID, BOOLOID, BOOLOID, ANYOID}},
	[FUNCTION_SEEN] = {"_seen", 1, {BOOLOID}},
	[FUNCTION_GUARD] = {"_guard"},
	[FUNCTION_REFUSE_TRUNCATE] = {"_refuse_truncate"},
	[FUNCTION_REQUIRE_IDENTITY] = {"_require_identity"},
};

static uint64 changes = 0;		/* of functions */

/*
 * Syscache callback.
 */
static void
forget_function(Datum arg, int cacheid, uint32 hashvalue)
{
	if (plans_being_forgotten)
		return;
	changes++;
	for (int i = 0; i < FUNCTION_COUNT; i++)
		if (hashvalue == 0 || hashvalue == functions[i].hash)
			functions[i].oid = InvalidOid;
}

/*
 * Registers the callback.  From _PG_init.
 */
void
functions_init(void)
{
	CacheRegisterSyscacheCallback(PROCOID, forget_function, (Datum) 0);
}

Oid
functions_find(OwnFunction function)
{
	FunctionEntry *entry = &functions[function];
	Oid			schema = catalog_schema();
	uint64		before = changes;
	Oid			oid;

	if (OidIsValid(entry->oid) && entry->schema == schema)
		return entry->oid;
	entry->oid = InvalidOid;
	oid = GetSysCacheOid3(PROCNAMEARGSNSP, Anum_pg_proc_oid, CStringGetDatum(entry->name),
						  PointerGetDatum(buildoidvector(entry->types, entry->nargs)),
						  ObjectIdGetDatum(schema));
	if (OidIsValid(oid) && before == changes)
	{
		entry->hash = GetSysCacheHashValue1(PROCOID, ObjectIdGetDatum(oid));
		entry->schema = schema;
		entry->oid = oid;
	}
	return oid;
}
