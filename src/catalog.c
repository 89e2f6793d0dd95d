/*
 * catalog.c
 *		ambit's own tables: found once, read by index scans, invalidated.
 *
 * The tables are read the way the server reads its catalogs: by systable
 * scans in C, so that neither search_path nor row-level security nor the
 * caller's privileges come in, and under a snapshot taken at that moment, so
 * that a committed change is seen whatever the transaction's isolation level.
 *
 * Invalidation: the trigger ambit.changed() (on every table of ours, see
 * model.sql) registers a relcache invalidation: not of the table that changed,
 * which would throw away every plan on it as well, but
 *
 *	for a row of a tenant, of an OID that stands for the tenant (see below);
 *	for any other row, of the empty table ambit.signal, which stands for all.
 *
 * The server delivers it to every backend at commit and to this backend at the
 * end of the command; on rollback it reaches this backend once more.
 * relcache_changed() below counts what arrives; whoever keeps something made
 * from the tables compares the counts with those from before it was read.
 *
 * The OIDs that stand for tenants are the last SLOTS there are, and a tenant's
 * is picked by the hash of its name.  The server does not ask whether there is
 * such a relation: a relcache entry that is not there need not be dropped.
 * Should there be one, or two tenants of one slot, something is read again
 * that has not changed.
 */
#include "postgres.h"
#include "compat.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "commands/trigger.h"
#include "common/hashfn.h"
#include "executor/spi.h"
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
	[CATALOG_TENANT_FIELD] = {"tenant_field", NULL, {1}},
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
	[CATALOG_SIGNING_KEY] = {"signing_key", NULL, {1}},
	[CATALOG_LOGIN] = {"login", NULL, {1}},
};

/*
 * What was found.  The OIDs stay in place when they have become doubtful
 * (not known), so that invalidations are still recognised.
 */
static Oid	schema_oid = InvalidOid;
static bool known[CATALOG_NTABLES];
static uint64 definitions = 1;	/* grows when one of them becomes doubtful */
static Oid	table_oids[CATALOG_NTABLES];
static Oid	index_oids[CATALOG_NTABLES];

/* ---- what has changed ---------------------------------------------------- */

#define SLOTS 8192
#define SLOT_OID(slot) ((Oid) (PG_UINT32_MAX - SLOTS + 1) + (Oid) (slot))

/* A tenant more, or one less; tenants are counted in the slots that follow. */
#define SLOT_TENANTS 0
#define SLOT_ALL SLOTS			/* not in the array: whatever there is */
#define SLOT_NONE (-1)

/* tenants signalled one by one in a transaction; for more, all are signalled */
#define MAX_SIGNALS 256

uint64		catalog_generation_number = 1;
uint64		catalog_changes_number = 1;
static uint64 slot_changes[SLOTS];

/*
 * What was signalled already by the transaction or subtransaction under way.
 * The two ids together are never used twice, so that the end of either makes
 * it void.
 */
static FullTransactionId signalled_xid;
static SubTransactionId signalled_subxid = InvalidSubTransactionId;
static int	nsignalled;
static bool signalled[SLOTS + 1];

/*
 * A slot that changed again after that, in the command named: it is counted
 * here when the command is over.  Other backends and a rollback have the
 * message that was signalled before.
 */
int			catalog_unseen = SLOT_NONE;
static CommandId unseen_command;

/* how many tenants there are, as far as it matters */
static CatalogStamp tenants_stamp;
static int	ntenants;			/* 3: three or more */

static void
count_change(int slot)
{
	catalog_changes_number++;
	if (slot == SLOT_ALL)
	{
		catalog_generation_number++;
		plans_forget();
	}
	else
	{
		slot_changes[slot]++;
		/* where there are many, one more or less is of no matter to plans */
		if (slot != SLOT_TENANTS)
			plans_forget_tenant(slot);
		else if (ntenants < 3)
			plans_forget();
	}
}

/*
 * Relcache callback.  InvalidOid stands for all relations (the queue of
 * invalidations overflowed, or DISCARD).  For a table other than the signal
 * it tells of a change of its definition.
 */
static void
relcache_changed(Datum arg, Oid relid)
{
	if (relid >= SLOT_OID(0))
		count_change(relid - SLOT_OID(0));
	if (OidIsValid(relid))
	{
		int			i;

		for (i = 0; i < CATALOG_NTABLES; i++)
			if (table_oids[i] == relid)
				break;
		if (i == CATALOG_NTABLES)
			return;
	}
	/* another table's definition, or what ANALYZE has found out about it */
	definitions++;
	memset(known, 0, sizeof(known));
	if (!OidIsValid(relid) || relid == table_oids[CATALOG_SIGNAL])
		count_change(SLOT_ALL);
}

/*
 * Registers the callback.  From _PG_init.
 */
void
catalog_init(void)
{
	CacheRegisterRelcacheCallback(relcache_changed, (Datum) 0);
}

void
catalog_accept(void)
{
	AcceptInvalidationMessages();
	if (catalog_unseen >= 0)
		catalog_see();
}

void
catalog_see(void)
{
	int			slot = catalog_unseen;

	if (unseen_command == GetCurrentCommandId(false))
		return;
	catalog_unseen = SLOT_NONE;
	count_change(slot);
}

static int
slot_of_name(const char *name, int len)
{
	return SLOT_TENANTS + 1 + hash_bytes((const unsigned char *) name, len) % (SLOTS - 1);
}

/*
 * Where the changes of a tenant are counted; -1 without a tenant.
 */
int
catalog_slot(const char *tenant)
{
	return tenant ? slot_of_name(tenant, (int) strlen(tenant)) : SLOT_NONE;
}

/*
 * What to remember of what is about to be read: of a tenant, or (NULL) of how
 * many there are.
 */
CatalogStamp
catalog_stamp(const char *tenant)
{
	CatalogStamp stamp;

	stamp.generation = catalog_generation();
	stamp.slot = tenant ? catalog_slot(tenant) : SLOT_TENANTS;
	stamp.tenant = slot_changes[stamp.slot];
	return stamp;
}

bool
catalog_is_current(const CatalogStamp *stamp)
{
	return stamp->generation == catalog_generation() &&
		stamp->tenant == slot_changes[stamp->slot];
}

/*
 * Whether the database has one tenant.  Looks again only after a tenant came
 * or went.
 */
bool
catalog_sole_tenant(void)
{
	if (!catalog_is_current(&tenants_stamp))
	{
		CatalogStamp stamp = catalog_stamp(NULL);
		CatalogScan scan;
		int			n = 0;

		catalog_begin(&scan, CATALOG_TENANT, NULL, 0, NULL);
		while (n < 3 && catalog_next(&scan) != NULL)
			n++;
		catalog_end(&scan);
		ntenants = n;
		tenants_stamp = stamp;
	}
	return ntenants == 1;
}

/* ---- the tables ---------------------------------------------------------- */

/*
 * The schema of the extension, InvalidOid when it is not installed.  With it
 * the signal is found, whose invalidation tells that the extension is gone.
 */
Oid
catalog_schema(void)
{
	uint64		before = definitions;
	Oid			signal = InvalidOid;

	if (known[CATALOG_SIGNAL])
		return schema_oid;
	schema_oid = InvalidOid;
	if (OidIsValid(get_extension_oid("ambit", true)))
		schema_oid = get_namespace_oid("ambit", true);
	if (OidIsValid(schema_oid))
		signal = get_relname_relid(catalog_entries[CATALOG_SIGNAL].table, schema_oid);
	table_oids[CATALOG_SIGNAL] = signal;
	/* what arrived meanwhile may have been about one of them */
	known[CATALOG_SIGNAL] = OidIsValid(signal) && before == definitions;
	return schema_oid;
}

/*
 * Looks a table up by name, or finds it known.  One that is not there (an
 * installation in progress, or one that was tampered with) is InvalidOid.
 */
static Oid
find_table(CatalogTable table)
{
	const CatalogEntry *entry = &catalog_entries[table];
	Oid			schema = catalog_schema();
	uint64		before = definitions;

	if (known[table])
		return table_oids[table];
	table_oids[table] = index_oids[table] = InvalidOid;
	if (OidIsValid(schema))
	{
		table_oids[table] = get_relname_relid(entry->table, schema);
		if (entry->index)
			index_oids[table] = get_relname_relid(entry->index, schema);
	}
	known[table] = OidIsValid(table_oids[table]) && before == definitions;
	return table_oids[table];
}

/*
 * Whether the extension is installed in this database, and has the table.
 */
bool
catalog_exists(CatalogTable table)
{
	return IsTransactionState() && OidIsValid(find_table(table));
}

/*
 * The same, tables and all.
 */
bool
catalog_available(void)
{
	return catalog_exists(CATALOG_PERMISSION_KEY);
}

/*
 * The same, for a table that must be there.
 */
static Oid
require_table(CatalogTable table)
{
	Oid			oid = find_table(table);

	if (!OidIsValid(oid))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 OidIsValid(schema_oid) ?
				 errmsg("table \"ambit.%s\" does not exist", catalog_entries[table].table) :
				 errmsg("extension \"ambit\" is not installed in this database")));
	return oid;
}

/*
 * One fresh snapshot for several scans, so that what they read fits together.
 * Registered with the current resource owner: an error releases it.
 */
Snapshot
catalog_snapshot(void)
{
	return RegisterSnapshot(GetCatalogSnapshot(require_table(CATALOG_TENANT)));
}

void
catalog_release(Snapshot snapshot)
{
	UnregisterSnapshot(snapshot);
}

static void
begin_scan(CatalogScan *scan, CatalogTable table, Snapshot snapshot, int nkeys, ScanKey keys)
{
	Oid			index;

	scan->heap = table_open(require_table(table), AccessShareLock);
	scan->tupdesc = RelationGetDescr(scan->heap);
	index = index_oids[table];
	if (!OidIsValid(index))
		index = get_primary_key_index(scan->heap);
	scan->scan = systable_beginscan(scan->heap, index,
									catalog_entries[table].keys[0] != 0 && OidIsValid(index),
									snapshot, nkeys, keys);
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

	Assert(nkeys <= CATALOG_MAX_KEYS);
	for (int i = 0; i < nkeys; i++)
	{
		Assert(entry->keys[i] != 0);
		ScanKeyEntryInitialize(&scankeys[i], 0, entry->keys[i],
							   BTEqualStrategyNumber, InvalidOid,
							   C_COLLATION_OID, F_TEXTEQ,
							   CStringGetTextDatum(keys[i]));
	}
	begin_scan(scan, table, snapshot, nkeys, scankeys);
}

/*
 * Begins a scan of the rows whose key is a database role, under a fresh
 * snapshot.
 */
void
catalog_begin_role(CatalogScan *scan, CatalogTable table, Oid role)
{
	ScanKeyData key;

	ScanKeyInit(&key, catalog_entries[table].keys[0], BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(role));
	begin_scan(scan, table, NULL, 1, &key);
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

/* ---- the trigger --------------------------------------------------------- */

/*
 * Registers an invalidation of the OID that stands for a slot.  The server
 * takes the OID from a row of pg_class, of which it reads nothing else but
 * whether the relation is shared.
 */
static void
invalidate_slot(int slot)
{
	union
	{
		HeapTupleHeaderData header;
		char		room[MAXALIGN(SizeofHeapTupleHeader) + sizeof(FormData_pg_class)];
	}			data = {0};
	HeapTupleData tuple = {0};

	data.header.t_hoff = MAXALIGN(SizeofHeapTupleHeader);
	tuple.t_len = sizeof(data);
	tuple.t_data = &data.header;
	((Form_pg_class) GETSTRUCT(&tuple))->oid = SLOT_OID(slot);
	CacheInvalidateRelcacheByTuple(&tuple);
}

/*
 * Tells every backend that a slot, or SLOT_ALL, has changed: once for each
 * (sub)transaction, since the server keeps every message until the end, and
 * looks for duplicates one by one.
 */
static void
signal_change(int slot)
{
	FullTransactionId xid = GetTopFullTransactionId();
	SubTransactionId subxid = GetCurrentSubTransactionId();

	if (subxid != signalled_subxid || !FullTransactionIdEquals(xid, signalled_xid))
	{
		memset(signalled, 0, sizeof(signalled));
		nsignalled = 0;
		signalled_xid = xid;
		signalled_subxid = subxid;
	}
	if (signalled[slot] || signalled[SLOT_ALL])
	{
		/* as with a message: the next command has a number of its own */
		CommandId	command = GetCurrentCommandId(true);

		if (catalog_unseen >= 0)
			catalog_see();
		catalog_unseen = catalog_unseen < 0 || catalog_unseen == slot ? slot : SLOT_ALL;
		unseen_command = command;
		return;
	}
	if (nsignalled == MAX_SIGNALS)
		slot = SLOT_ALL;
	if (slot == SLOT_ALL)
		CacheInvalidateRelcacheByRelid(require_table(CATALOG_SIGNAL));
	else
		invalidate_slot(slot);
	nsignalled++;
	signalled[slot] = true;
}

/*
 * The slot of the tenant that a row belongs to.
 */
static int
slot_of_row(TriggerData *trigger, HeapTuple row)
{
	TupleDesc	tupdesc = RelationGetDescr(trigger->tg_relation);
	int			attno = SPI_fnumber(tupdesc, trigger->tg_trigger->tgargs[0]);
	bool		isnull;
	Datum		value;
	text	   *name;
	int			slot;

	if (attno <= 0)
		return SLOT_ALL;
	value = heap_getattr(row, attno, tupdesc, &isnull);
	if (isnull)
		return SLOT_ALL;
	name = DatumGetTextPP(value);
	slot = slot_of_name(VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name));
	if ((Pointer) name != DatumGetPointer(value))
		pfree(name);
	return slot;
}

PG_FUNCTION_INFO_V1(ambit_changed);

/*
 * changed([column]) returns trigger
 *		Row trigger of ambit's tables, and statement trigger for TRUNCATE: what
 *		was made from the row is stale, here from the next command, elsewhere
 *		from the commit.  The column names the tenant that the row belongs to.
 */
Datum
ambit_changed(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	int			slot,
				old_slot;

	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function \"%s\" was not called by trigger manager", "ambit.changed")));
	if (!TRIGGER_FIRED_FOR_ROW(trigger->tg_event) || trigger->tg_trigger->tgnargs != 1)
	{
		signal_change(SLOT_ALL);
		return PointerGetDatum(NULL);
	}

	slot = old_slot = slot_of_row(trigger, trigger->tg_trigtuple);
	if (TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
		slot = slot_of_row(trigger, trigger->tg_newtuple);
	signal_change(slot);
	if (slot != old_slot)
		signal_change(old_slot);
	if (RelationGetRelid(trigger->tg_relation) == require_table(CATALOG_TENANT) &&
		!TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
		signal_change(SLOT_TENANTS);
	return PointerGetDatum(NULL);
}
