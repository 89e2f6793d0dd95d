/*
 * catalog.c
 *		ambit's own tables: found once, read by index scans, invalidated.
 *
 * The tables are read the way the server reads its catalogs: by systable
 * scans in C, so that neither search_path nor row-level security nor the
 * caller's privileges come in, and under a snapshot taken at that moment, so
 * that a committed change is seen whatever the transaction's isolation level.
 *
 * Invalidation: the statement trigger ambit.changed() (on every table of
 * ours, see model.sql) registers a relcache invalidation, not of the table
 * that changed, which would throw away every plan on it as well, but of the
 * empty table ambit.signal.  The server delivers it to every backend at commit
 * and to this backend at the end of the command; on rollback it reaches this
 * backend once more.  relcache_changed() below counts these; whoever caches
 * something made from the tables compares catalog_generation() with the number
 * it had when building.
 */
#include "postgres.h"
#include "compat.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "commands/trigger.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

#include "catalog.h"
#include "plans.h"

#define CATALOG_MAX_KEYS 2

typedef struct CatalogEntry
{
	const char *table;
	const char *index;			/* NULL: the primary key */
	AttrNumber	keys[CATALOG_MAX_KEYS]; /* heap columns of its first columns */
} CatalogEntry;

static const CatalogEntry catalog_entries[CATALOG_NTABLES] = {
	[CATALOG_SIGNAL] = {"signal", NULL, {0}},
	[CATALOG_PERMISSION_KEY] = {"permission_key", NULL, {0}},
	[CATALOG_TEMPLATE] = {"template", NULL, {1}},
	[CATALOG_TEMPLATE_PERMISSION] = {"template_permission", NULL, {1}},
	[CATALOG_TEMPLATE_ROLE] = {"template_role", NULL, {1, 2}},
	[CATALOG_TEMPLATE_INHERIT] = {"template_inherit", NULL, {1, 2}},
	[CATALOG_TEMPLATE_SCOPE] = {"template_scope", NULL, {1, 2}},
	[CATALOG_TEMPLATE_CELL] = {"template_cell", NULL, {1, 2}},
	[CATALOG_TEMPLATE_ENTRY] = {"template_entry", NULL, {1, 2}},
	[CATALOG_TEMPLATE_ADMINISTRATION] = {"template_administration", NULL, {1, 2}},
	[CATALOG_TENANT] = {"tenant", NULL, {1}},
	[CATALOG_TENANT_FEATURE] = {"tenant_feature", NULL, {1, 2}},
	[CATALOG_TENANT_ROLE] = {"tenant_role", NULL, {1, 2}},
	[CATALOG_TENANT_INHERIT] = {"tenant_inherit", NULL, {1, 2}},
	[CATALOG_TENANT_MODULE] = {"tenant_module", NULL, {1, 2}},
	[CATALOG_STANDALONE_CELL] = {"standalone_cell", NULL, {1, 2}},
	[CATALOG_STANDALONE_ENTRY] = {"standalone_entry", NULL, {1, 2}},
	[CATALOG_TENANT_CELL] = {"tenant_cell", NULL, {1, 2}},
	[CATALOG_LOCATION] = {"location", NULL, {1, 2}},
	[CATALOG_LOCATION_PARENT] = {"location", "location_parent", {1, 3}},
	[CATALOG_MEMBER] = {"member", NULL, {1, 2}},
	[CATALOG_GROUP_MEMBER] = {"group_member", NULL, {1, 2}},
	[CATALOG_GROUP_MEMBER_USER] = {"group_member", "group_member_user", {1, 3}},
	[CATALOG_ASSIGNMENT] = {"assignment", "assignment_user", {1, 2}},
	[CATALOG_MEMBER_CELL] = {"member_cell", NULL, {1, 2}},
	[CATALOG_TRUSTED_APPLICATION] = {"trusted_application", NULL, {0}},
	[CATALOG_ADMINISTRATOR] = {"administrator", NULL, {0}},
};

/*
 * What was found.  The OIDs stay in place when they have become doubtful
 * (found = false), so that invalidations are still recognised.
 */
static bool found = false;
static Oid	schema_oid = InvalidOid;
static Oid	table_oids[CATALOG_NTABLES];
static Oid	index_oids[CATALOG_NTABLES];
uint64		catalog_generation_number = 1;

/*
 * Relcache callback.  InvalidOid stands for all relations (the queue of
 * invalidations overflowed, or DISCARD).  For a table other than the signal
 * it tells of a change of its definition.
 */
static void
relcache_changed(Datum arg, Oid relid)
{
	if (OidIsValid(relid))
	{
		int			i;

		for (i = 0; i < CATALOG_NTABLES; i++)
			if (table_oids[i] == relid)
				break;
		if (i == CATALOG_NTABLES)
			return;
	}
	found = false;
	catalog_generation_number++;
	plans_forget();
}

/*
 * Registers the callback.  From _PG_init.
 */
void
catalog_init(void)
{
	CacheRegisterRelcacheCallback(relcache_changed, (Datum) 0);
}

/*
 * Looks the tables up by name.  A table that is not there (an installation in
 * progress, or one that was tampered with) is left InvalidOid; reading it is
 * an error.
 */
static void
catalog_find(void)
{
	uint64		before;

	if (found)
		return;
	before = catalog_generation_number;
	schema_oid = InvalidOid;
	if (OidIsValid(get_extension_oid("ambit", true)))
		schema_oid = get_namespace_oid("ambit", true);
	for (int i = 0; i < CATALOG_NTABLES; i++)
	{
		const CatalogEntry *entry = &catalog_entries[i];

		table_oids[i] = index_oids[i] = InvalidOid;
		if (!OidIsValid(schema_oid))
			continue;
		table_oids[i] = get_relname_relid(entry->table, schema_oid);
		if (entry->index)
			index_oids[i] = get_relname_relid(entry->index, schema_oid);
	}
	/* what arrived meanwhile may have been about one of them */
	found = OidIsValid(schema_oid) && OidIsValid(table_oids[CATALOG_ADMINISTRATOR]) &&
		before == catalog_generation_number;
}

/*
 * Whether the extension is installed in this database, tables and all.
 */
bool
catalog_available(void)
{
	if (!IsTransactionState())
		return false;
	catalog_find();
	return OidIsValid(schema_oid) && OidIsValid(table_oids[CATALOG_PERMISSION_KEY]);
}

/*
 * The schema of the extension, InvalidOid when it is not installed.
 */
Oid
catalog_schema(void)
{
	catalog_find();
	return schema_oid;
}

/*
 * One fresh snapshot for several scans, so that what they read fits together.
 * Registered with the current resource owner: an error releases it.
 */
Snapshot
catalog_snapshot(void)
{
	catalog_find();
	if (!OidIsValid(table_oids[CATALOG_TENANT]))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("extension \"ambit\" is not installed in this database")));
	return RegisterSnapshot(GetCatalogSnapshot(table_oids[CATALOG_TENANT]));
}

void
catalog_release(Snapshot snapshot)
{
	UnregisterSnapshot(snapshot);
}

/*
 * Begins a scan of the rows whose first key columns equal the given texts.
 * No keys: all rows.  A NULL snapshot takes a fresh one for this scan.
 */
void
catalog_begin(CatalogScan *scan, CatalogTable table, Snapshot snapshot,
			  int nkeys, const char *const *keys)
{
	const CatalogEntry *entry = &catalog_entries[table];
	ScanKeyData scankeys[CATALOG_MAX_KEYS];
	Oid			index;

	Assert(nkeys <= CATALOG_MAX_KEYS);
	catalog_find();
	if (!OidIsValid(table_oids[table]))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table \"ambit.%s\" does not exist", entry->table)));

	scan->heap = table_open(table_oids[table], AccessShareLock);
	scan->tupdesc = RelationGetDescr(scan->heap);
	index = index_oids[table];
	if (!OidIsValid(index))
		index = get_primary_key_index(scan->heap);
	for (int i = 0; i < nkeys; i++)
	{
		Assert(entry->keys[i] != 0);
		ScanKeyEntryInitialize(&scankeys[i], 0, entry->keys[i],
							   BTEqualStrategyNumber, InvalidOid,
							   C_COLLATION_OID, F_TEXTEQ,
							   CStringGetTextDatum(keys[i]));
	}
	scan->scan = systable_beginscan(scan->heap, index,
									entry->keys[0] != 0 && OidIsValid(index),
									snapshot, nkeys, scankeys);
}

/*
 * The next row, NULL after the last.  Valid until the next call.
 */
HeapTuple
catalog_next(CatalogScan *scan)
{
	return systable_getnext(scan->scan);
}

void
catalog_end(CatalogScan *scan)
{
	systable_endscan(scan->scan);
	table_close(scan->heap, AccessShareLock);
}

Datum
catalog_datum(CatalogScan *scan, HeapTuple tuple, int attno, bool *isnull)
{
	return heap_getattr(tuple, attno, scan->tupdesc, isnull);
}

/*
 * A text column as a C string in the current memory context; NULL for NULL.
 */
char *
catalog_text(CatalogScan *scan, HeapTuple tuple, int attno)
{
	bool		isnull;
	Datum		value = heap_getattr(tuple, attno, scan->tupdesc, &isnull);

	return isnull ? NULL : TextDatumGetCString(value);
}

/*
 * A boolean column; false for NULL.
 */
bool
catalog_bool(CatalogScan *scan, HeapTuple tuple, int attno)
{
	bool		isnull;
	Datum		value = heap_getattr(tuple, attno, scan->tupdesc, &isnull);

	return !isnull && DatumGetBool(value);
}

/*
 * A text[] column: its non-null elements, in the current memory context.
 * NULL, with *n = 0, for NULL; for an empty array a pointer that is not NULL.
 */
char	  **
catalog_text_array(CatalogScan *scan, HeapTuple tuple, int attno, int *n)
{
	bool		isnull;
	Datum		value = heap_getattr(tuple, attno, scan->tupdesc, &isnull);
	Datum	   *elems;
	bool	   *nulls;
	int			nelems;
	char	  **result;

	*n = 0;
	if (isnull)
		return NULL;
	deconstruct_array(DatumGetArrayTypeP(value), TEXTOID, -1, false, TYPALIGN_INT,
					  &elems, &nulls, &nelems);
	result = palloc(sizeof(char *) * (nelems + 1));
	for (int i = 0; i < nelems; i++)
		if (!nulls[i])
			result[(*n)++] = TextDatumGetCString(elems[i]);
	return result;
}

/*
 * An array of permissions (or of int4): its non-null elements, in the
 * current memory context.
 */
int32 *
catalog_int_array(CatalogScan *scan, HeapTuple tuple, int attno, int *n)
{
	bool		isnull;
	Datum		value = heap_getattr(tuple, attno, scan->tupdesc, &isnull);
	ArrayType  *array;
	Datum	   *elems;
	bool	   *nulls;
	int			nelems;
	int32	   *result;

	*n = 0;
	if (isnull)
		return NULL;
	array = DatumGetArrayTypeP(value);
	deconstruct_array(array, ARR_ELEMTYPE(array), sizeof(int32), true, TYPALIGN_INT,
					  &elems, &nulls, &nelems);
	result = palloc(sizeof(int32) * (nelems + 1));
	for (int i = 0; i < nelems; i++)
		if (!nulls[i])
			result[(*n)++] = DatumGetInt32(elems[i]);
	return result;
}

PG_FUNCTION_INFO_V1(ambit_changed);

/*
 * changed() returns trigger
 *		Statement trigger of ambit's tables: what was made from the table is
 *		stale, here from the next command, elsewhere from the commit.
 */
Datum
ambit_changed(PG_FUNCTION_ARGS)
{
	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function \"%s\" was not called by trigger manager", "ambit.changed")));
	catalog_find();
	if (!OidIsValid(table_oids[CATALOG_SIGNAL]))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table \"ambit.signal\" does not exist")));
	CacheInvalidateRelcacheByRelid(table_oids[CATALOG_SIGNAL]);
	return PointerGetDatum(NULL);
}
