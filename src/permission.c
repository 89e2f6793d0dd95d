/*
 * permission.c
 *		The type permission: a key of ambit.permission_key, held as its id.
 *
 * Only text and binary I/O read the table.  Comparing and hashing work on the
 * id alone; permission.sql takes the server's own int4 functions for them.
 *
 * Every backend keeps all keys (a few hundred) in one memory context.  The
 * cache is stale when catalog_generation() has moved: the trigger of
 * permission_key signals each change (see catalog.c), and a rolled-back
 * registration does so again.  Ids come from a sequence and are
 * not given twice, so that a value that outlives its key, in a prepared
 * statement say, never turns into another permission.
 *
 * Dumps hold keys, not ids, and name permissions before the rows of
 * permission_key are there: in views, defaults and tables that sort before
 * it.  See may_register_ahead() for pg_restore, and id_form() for pg_upgrade.
 */
#include "postgres.h"
#include "compat.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "catalog.h"
#include "nearest.h"
#include "permission.h"

#define PERMISSION_KEY_MIN_PARTS 2
#define PERMISSION_KEY_MAX_PARTS 8

#define Anum_permission_key_id 1
#define Anum_permission_key_key 2

typedef struct PermissionKey
{
	PermissionId id;
	const char *key;
} PermissionKey;

typedef struct KeyCache
{
	MemoryContext context;		/* holds all of it, this struct too */
	uint64		generation;		/* catalog_generation() before it was read */
	int			n;
	PermissionKey *by_id;		/* sorted by id */
	PermissionKey *by_key;		/* the same, sorted by strcmp */
} KeyCache;

static KeyCache *keys = NULL;

/* ---- the cache of keys -------------------------------------------------- */

static int
compare_ids(const void *a, const void *b)
{
	PermissionId left = ((const PermissionKey *) a)->id;
	PermissionId right = ((const PermissionKey *) b)->id;

	return (left > right) - (left < right);
}

static int
compare_keys(const void *a, const void *b)
{
	return strcmp(((const PermissionKey *) a)->key, ((const PermissionKey *) b)->key);
}

/*
 * Reads all keys into a new cache, whose context is a child of parent.  What
 * the scan itself allocates goes to the current memory context.
 */
static KeyCache *
keys_build(MemoryContext parent)
{
	MemoryContext context = AllocSetContextCreate(parent, "ambit permission keys",
												  ALLOCSET_DEFAULT_SIZES);
	KeyCache   *cache = MemoryContextAllocZero(context, sizeof(KeyCache));
	int			size = 256;
	CatalogScan scan;
	HeapTuple	tuple;

	cache->context = context;
	cache->generation = catalog_generation();
	cache->by_id = MemoryContextAlloc(context, sizeof(PermissionKey) * size);

	catalog_begin(&scan, CATALOG_PERMISSION_KEY, NULL, 0, NULL);
	while ((tuple = catalog_next(&scan)) != NULL)
	{
		bool		isnull;
		Datum		id = catalog_datum(&scan, tuple, Anum_permission_key_id, &isnull);
		char	   *key = catalog_text(&scan, tuple, Anum_permission_key_key);

		if (isnull || key == NULL)
			continue;
		if (cache->n == size)
		{
			size *= 2;
			cache->by_id = repalloc(cache->by_id, sizeof(PermissionKey) * size);
		}
		cache->by_id[cache->n].id = DatumGetInt32(id);
		cache->by_id[cache->n].key = MemoryContextStrdup(context, key);
		cache->n++;
	}
	catalog_end(&scan);

	cache->by_key = MemoryContextAlloc(context, sizeof(PermissionKey) * size);
	memcpy(cache->by_key, cache->by_id, sizeof(PermissionKey) * cache->n);
	qsort(cache->by_id, cache->n, sizeof(PermissionKey), compare_ids);
	qsort(cache->by_key, cache->n, sizeof(PermissionKey), compare_keys);
	return cache;
}

/*
 * The keys as they are now; none where the extension is not installed.  The
 * result stays until the next call.
 *
 * An invalidation that arrives while the table is read leaves the new cache
 * stale from the start: it is used once, for it is as fresh as this call, and
 * the next call reads again.
 */
static const KeyCache *
keys_now(void)
{
	static const KeyCache no_keys = {0};
	MemoryContext scratch,
				caller;
	KeyCache   *built,
			   *old;

	if (!catalog_available())
		return &no_keys;
	if (keys && keys->generation == catalog_generation())
		return keys;

	scratch = AllocSetContextCreate(CurrentMemoryContext, "ambit permission scan",
									ALLOCSET_SMALL_SIZES);
	caller = MemoryContextSwitchTo(scratch);
	built = keys_build(scratch);
	MemoryContextSwitchTo(caller);

	MemoryContextSetParent(built->context, CacheMemoryContext);
	MemoryContextDelete(scratch);
	old = keys;
	keys = built;
	if (old)
		MemoryContextDelete(old->context);
	return keys;
}

/*
 * Before a key is called unknown: takes in what other backends have committed.
 * True if the keys may have changed by it.
 */
static bool
keys_refresh(void)
{
	uint64		before = catalog_generation();

	if (!catalog_available())
		return false;
	AcceptInvalidationMessages();
	return catalog_generation() != before;
}

static PermissionId
find_key(const KeyCache *cache, const char *key)
{
	PermissionKey wanted = {PERMISSION_NONE, key};
	PermissionKey *found = NULL;

	if (cache->n > 0)
		found = bsearch(&wanted, cache->by_key, cache->n, sizeof(PermissionKey), compare_keys);
	return found ? found->id : PERMISSION_NONE;
}

static const char *
find_id(const KeyCache *cache, PermissionId id)
{
	PermissionKey wanted = {id, NULL};
	PermissionKey *found = NULL;

	if (cache->n > 0)
		found = bsearch(&wanted, cache->by_id, cache->n, sizeof(PermissionKey), compare_ids);
	return found ? found->key : NULL;
}

static PermissionId *
find_below(const KeyCache *cache, const char *prefix, int *n)
{
	PermissionId *ids = palloc(sizeof(PermissionId) * (cache->n + 1));
	size_t		length = strlen(prefix);

	*n = 0;
	for (int i = 0; i < cache->n; i++)
	{
		const char *key = cache->by_key[i].key;

		if (strncmp(key, prefix, length) == 0 && key[length] == '.')
			ids[(*n)++] = cache->by_key[i].id;
	}
	return ids;
}

PermissionId
permission_lookup(const char *key)
{
	PermissionId id = find_key(keys_now(), key);

	if (id == PERMISSION_NONE && keys_refresh())
		id = find_key(keys_now(), key);
	return id;
}

const char *
permission_name(PermissionId id)
{
	const char *key = find_id(keys_now(), id);

	if (key == NULL && keys_refresh())
		key = find_id(keys_now(), id);
	return key;
}

PermissionId *
permission_below(const char *prefix, int *n)
{
	PermissionId *ids = find_below(keys_now(), prefix, n);

	if (*n == 0 && keys_refresh())
		ids = find_below(keys_now(), prefix, n);
	return ids;
}

char *
permission_nearest(const char *key)
{
	const KeyCache *cache = keys_now();
	const char **candidates = palloc(sizeof(char *) * (cache->n + 1));

	for (int i = 0; i < cache->n; i++)
		candidates[i] = cache->by_key[i].key;
	return nearest_name_of_kin(key, cache->n, candidates);
}

char *
permission_nearest_prefix(const char *prefix)
{
	const KeyCache *cache = keys_now();
	const char **candidates = palloc(sizeof(char *) *
									 (cache->n * PERMISSION_KEY_MAX_PARTS + 1));
	int			n = 0;

	for (int i = 0; i < cache->n; i++)
	{
		const char *key = cache->by_key[i].key;
		int			parts = 0;

		for (const char *dot = strchr(key, '.');
			 dot && ++parts < PERMISSION_KEY_MAX_PARTS;
			 dot = strchr(dot + 1, '.'))
			candidates[n++] = pnstrdup(key, dot - key);
	}
	return nearest_name(prefix, n, candidates);
}

/* ---- registering -------------------------------------------------------- */

/*
 * Whether a key has the form that the table's CHECK constraint asks for.
 */
static bool
key_is_valid(const char *key)
{
	int			parts = 1;
	bool		empty = true;	/* the part that is being read */

	if (strlen(key) > PERMISSION_KEY_MAX_LENGTH)
		return false;
	for (const char *p = key; *p; p++)
	{
		if (*p == '.')
		{
			if (empty)
				return false;
			empty = true;
			parts++;
		}
		else if ((*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') || *p == '_')
			empty = false;
		else
			return false;
	}
	return !empty && parts >= PERMISSION_KEY_MIN_PARTS && parts <= PERMISSION_KEY_MAX_PARTS;
}

/*
 * Registrations wait for each other until the end of the transaction, so that
 * two that bring the same key do not collide in the unique index.  The lock
 * is no advisory one: nobody can hold it by SQL alone.
 */
static void
keys_lock(Oid relid)
{
	LockDatabaseObject(RelationRelationId, relid, 0, ExclusiveLock);
}

static Oid
keys_relid(void)
{
	return catalog_available() ? get_relname_relid("permission_key", catalog_schema()) : InvalidOid;
}

/*
 * The id of a valid key, which is registered if need be, with the privileges
 * of the current user.
 */
static PermissionId
key_register(const char *key)
{
	PermissionId id = permission_lookup(key);
	Oid			argtypes[] = {TEXTOID};
	Datum		values[1];
	int			result;

	if (id != PERMISSION_NONE)
		return id;
	keys_lock(keys_relid());
	id = permission_lookup(key);
	if (id != PERMISSION_NONE)
		return id;

	values[0] = CStringGetTextDatum(key);
	SPI_connect();
	result = SPI_execute_with_args("INSERT INTO ambit.permission_key (key) VALUES ($1)",
								   1, argtypes, values, NULL, false, 0);
	if (result != SPI_OK_INSERT)
		elog(ERROR, "could not register permission \"%s\": %s",
			 key, SPI_result_code_string(result));
	SPI_finish();

	id = permission_lookup(key);
	if (id == PERMISSION_NONE)
		elog(ERROR, "permission \"%s\" is unknown after it was registered", key);
	return id;
}

/*
 * Whether an unknown key may be registered because it is read.
 *
 * pg_dump and pg_restore set check_function_bodies to off, which says that
 * what is named may not exist yet.  The rows of permission_key follow later in
 * the dump, or in another connection of a parallel restore; its trigger passes
 * over the keys that are there by then.  Only those who may insert into the
 * table, that is the owner of the extension and superusers, get this far, and
 * a key that is registered by mistake is granted to nobody.
 */
static bool
may_register_ahead(const char *key, fmNodePtr escontext)
{
	Oid			relid;

	if (check_function_bodies || wants_soft_error(escontext))
		return false;
	if (!key_is_valid(key))
		return false;
	if (IsInParallelMode() || XactReadOnly || RecoveryInProgress() ||
		InSecurityRestrictedOperation())
		return false;
	relid = keys_relid();
	return OidIsValid(relid) &&
		pg_class_aclcheck(relid, GetUserId(), ACL_INSERT) == ACLCHECK_OK &&
		pg_class_aclcheck(relid, GetOuterUserId(), ACL_INSERT) == ACLCHECK_OK;
}

PG_FUNCTION_INFO_V1(ambit_register_permission);

/*
 * _register_permission(key text) returns permission
 *		The permission with that key, registered if it is new.
 *		Errors: 22004 NULL; 42602 not the form of a key.
 */
Datum
ambit_register_permission(PG_FUNCTION_ARGS)
{
	char	   *key;

	if (PG_ARGISNULL(0))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("permission key must not be NULL")));
	key = text_to_cstring(PG_GETARG_TEXT_PP(0));
	if (!key_is_valid(key))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_NAME),
				 errmsg("invalid permission key \"%s\"", key),
				 errhint("A permission key has %d to %d parts of the characters a-z, 0-9 and _, joined by dots, and at most %d bytes.",
						 PERMISSION_KEY_MIN_PARTS, PERMISSION_KEY_MAX_PARTS,
						 PERMISSION_KEY_MAX_LENGTH)));
	PG_RETURN_PERMISSION(key_register(key));
}

PG_FUNCTION_INFO_V1(ambit_lock_permission_keys);

/*
 * _lock_permission_keys() returns trigger
 *		BEFORE INSERT statement trigger of permission_key: one at a time.
 */
Datum
ambit_lock_permission_keys(PG_FUNCTION_ARGS)
{
	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function \"%s\" was not called by trigger manager",
						"ambit._lock_permission_keys")));
	keys_lock(RelationGetRelid(((TriggerData *) fcinfo->context)->tg_relation));
	PG_RETURN_POINTER(NULL);
}

/* ---- the type ----------------------------------------------------------- */

/*
 * pg_upgrade restores the schema while all tables are empty, and moves the
 * files with the ids in them afterwards.  Between two servers in that mode a
 * constant of the schema is written as its id: #17.
 */
static bool
id_form(const char *key, PermissionId *id)
{
	char	   *end;
	long		value;

	if (!IsBinaryUpgrade || key[0] != '#')
		return false;
	errno = 0;
	value = strtol(key + 1, &end, 10);
	if (end == key + 1 || *end != '\0' || errno != 0 || value <= 0 || value > PG_INT32_MAX)
		return false;
	*id = (PermissionId) value;
	return true;
}

/*
 * The permission with that key.  Error, soft where escontext asks for it:
 * 42704 no such key.
 */
PermissionId
permission_from_cstring(const char *key, fmNodePtr escontext)
{
	PermissionId id;
	char	   *nearest;

	if (id_form(key, &id))
		return id;
	id = permission_lookup(key);
	if (id != PERMISSION_NONE)
		return id;
	if (may_register_ahead(key, escontext))
		return key_register(key);

	nearest = permission_nearest(key);
	ereturn(escontext, PERMISSION_NONE,
			(errcode(ERRCODE_UNDEFINED_OBJECT),
			 errmsg("permission \"%s\" does not exist", key),
			 nearest ? errhint("Perhaps you meant \"%s\".", nearest) : 0));
}

/*
 * The key of a permission, in the current memory context.  Error: XX001 no
 * permission has that id.
 */
char *
permission_to_cstring(PermissionId id)
{
	const char *key;

	if (IsBinaryUpgrade)
		return psprintf("#%d", id);
	key = permission_name(id);
	if (key == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("no permission has the id %d", id),
				 errdetail("The table \"%s\" lacks a row that it had.",
						   "ambit.permission_key")));
	return pstrdup(key);
}

PG_FUNCTION_INFO_V1(ambit_permission_in);

/*
 * permission_in(cstring) returns permission
 */
Datum
ambit_permission_in(PG_FUNCTION_ARGS)
{
	PG_RETURN_PERMISSION(permission_from_cstring(PG_GETARG_CSTRING(0), fcinfo->context));
}

PG_FUNCTION_INFO_V1(ambit_permission_out);

/*
 * permission_out(permission) returns cstring
 */
Datum
ambit_permission_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(permission_to_cstring(PG_GETARG_PERMISSION(0)));
}

PG_FUNCTION_INFO_V1(ambit_permission_recv);

/*
 * permission_recv(internal) returns permission
 *		The binary form is the key as text.
 */
Datum
ambit_permission_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	int			length;
	char	   *key = pq_getmsgtext(buf, buf->len - buf->cursor, &length);

	PG_RETURN_PERMISSION(permission_from_cstring(key, NULL));
}

PG_FUNCTION_INFO_V1(ambit_permission_send);

/*
 * permission_send(permission) returns bytea
 */
Datum
ambit_permission_send(PG_FUNCTION_ARGS)
{
	char	   *key = permission_to_cstring(PG_GETARG_PERMISSION(0));
	StringInfoData buf;

	pq_begintypsend(&buf);
	pq_sendtext(&buf, key, strlen(key));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

PG_FUNCTION_INFO_V1(ambit_permission_from_text);

/*
 * permission(text) returns permission
 */
Datum
ambit_permission_from_text(PG_FUNCTION_ARGS)
{
	char	   *key = text_to_cstring(PG_GETARG_TEXT_PP(0));

	PG_RETURN_PERMISSION(permission_from_cstring(key, NULL));
}

PG_FUNCTION_INFO_V1(ambit_permission_to_text);

/*
 * text(permission) returns text
 */
Datum
ambit_permission_to_text(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(permission_to_cstring(PG_GETARG_PERMISSION(0))));
}
