/*
 * reach.c
 *		The sets of keys that arms are limited to.
 *
 * Locations, groups, staff of groups and staff with target roles are read
 * from ambit's tables when first asked for and kept with the rights that they
 * belong to: they go stale together.  Relationships follow the statement's
 * snapshot and are kept by relationship.c.
 */
#include "postgres.h"
#include "compat.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "catalog.h"
#include "permits.h"
#include "relationship.h"
#include "rights.h"

typedef struct TypedKeys
{
	Oid			base;
	KeySet	   *keys;
} TypedKeys;

static void
add_value(Rights *rights, Reach *reach, const char *value)
{
	if (reach->nvalues == 0)
		reach->values = MemoryContextAlloc(rights->context, sizeof(char *) * 8);
	else if (reach->nvalues >= 8 && (reach->nvalues & (reach->nvalues - 1)) == 0)
		reach->values = repalloc_huge(reach->values, sizeof(char *) * reach->nvalues * 2);
	reach->values[reach->nvalues++] = MemoryContextStrdup(rights->context, value);
}

static void
add_refused(Rights *rights, Reach *reach, const char *value)
{
	MemoryContext old = MemoryContextSwitchTo(rights->context);

	reach->refused = lappend(reach->refused, pstrdup(value));
	MemoryContextSwitchTo(old);
}

static void
add_once(Rights *rights, Reach *reach, KeySet *seen, const KeyType *type, const char *value)
{
	Key			key;

	if (key_from_text(type, value, true, &key) && !key_set_has(seen, key))
	{
		key_set_add(seen, key);
		add_value(rights, reach, value);
	}
}

static bool
has_value(const Reach *reach, const char *value)
{
	for (int i = 0; i < reach->nvalues; i++)
		if (strcmp(reach->values[i], value) == 0)
			return true;
	return false;
}

/*
 * The roots and every location below them.  The tree has no cycles; should
 * somebody have made one behind ambit's back, each location still comes once.
 */
static void
load_locations(Rights *rights, Reach *reach, Snapshot snapshot)
{
	KeyType		type;
	KeySet	   *seen;

	key_type_init(&type, TEXTOID, CurrentMemoryContext);
	seen = key_set_create(&type, reach->nroots, CurrentMemoryContext);
	for (int i = 0; i < reach->nroots; i++)
		add_once(rights, reach, seen, &type, reach->roots[i]);
	for (int i = 0; i < reach->nvalues; i++)
	{
		const char *keys[2] = {rights->tenant, reach->values[i]};
		CatalogScan scan;
		HeapTuple	tuple;

		CHECK_FOR_INTERRUPTS();

		catalog_begin(&scan, CATALOG_LOCATION_PARENT, snapshot, 2, keys);
		while ((tuple = catalog_next(&scan)) != NULL)
			add_once(rights, reach, seen, &type, catalog_text(&scan, tuple, 2));
		catalog_end(&scan);
	}
}

/*
 * Whether a reach is nothing but its root: one group, or one location without
 * any below it.
 */
bool
reach_is_single(const Rights *rights, const Reach *reach, Snapshot snapshot)
{
	const char *keys[2];
	CatalogScan scan;
	bool		single;

	if (reach->nroots != 1 || (reach->kind != REACH_GROUPS && reach->kind != REACH_LOCATIONS))
		return false;
	if (reach->kind == REACH_GROUPS)
		return true;
	keys[0] = rights->tenant;
	keys[1] = reach->roots[0];
	catalog_begin(&scan, CATALOG_LOCATION_PARENT, snapshot, 2, keys);
	single = (catalog_next(&scan) == NULL);
	catalog_end(&scan);
	return single;
}

/*
 * The staff key in a row of ambit.member; NULL when there is none.
 */
static char *
staff_key(CatalogScan *scan, HeapTuple tuple)
{
	bool		isnull;
	Datum		value = catalog_datum(scan, tuple, 3, &isnull);

	return isnull ? NULL : rights_member_key(DatumGetJsonbP(value), "staff");
}

/*
 * The staff keys of the members of the groups.
 */
static void
load_group_staff(Rights *rights, Reach *reach, Snapshot snapshot)
{
	MemoryContext row_context = AllocSetContextCreate(CurrentMemoryContext, "ambit reach row",
													  ALLOCSET_SMALL_SIZES);

	for (int i = 0; i < reach->nroots; i++)
	{
		const char *keys[2] = {rights->tenant, reach->roots[i]};
		CatalogScan scan;
		HeapTuple	tuple;

		catalog_begin(&scan, CATALOG_GROUP_MEMBER, snapshot, 2, keys);
		while ((tuple = catalog_next(&scan)) != NULL)
		{
			MemoryContext old = MemoryContextSwitchTo(row_context);
			const char *member_keys[2] = {rights->tenant, catalog_text(&scan, tuple, 3)};
			CatalogScan member;
			HeapTuple	row;

			CHECK_FOR_INTERRUPTS();
			catalog_begin(&member, CATALOG_MEMBER, snapshot, 2, member_keys);
			while ((row = catalog_next(&member)) != NULL)
			{
				char	   *staff = staff_key(&member, row);

				if (staff)
					add_value(rights, reach, staff);
			}
			catalog_end(&member);
			MemoryContextSwitchTo(old);
			MemoryContextReset(row_context);
		}
		catalog_end(&scan);
	}
}

/*
 * Whether every role that a member holds now is among the targets; true for a
 * member without a role.  Lowers *valid_until to the first moment at which
 * time may change the answer.
 */
bool
reach_target_holds(const char *tenant, const char *user_id, int ntargets, char **targets,
				   Snapshot snapshot, TimestampTz *valid_until)
{
	const char *keys[2] = {tenant, user_id};
	TimestampTz now = GetCurrentTimestamp();
	CatalogScan scan;
	HeapTuple	tuple;
	bool		holds = true;

	catalog_begin(&scan, CATALOG_ASSIGNMENT, snapshot, 2, keys);
	while ((tuple = catalog_next(&scan)) != NULL)
	{
		bool		isnull;
		TimestampTz until = DatumGetTimestampTz(catalog_datum(&scan, tuple, 7, &isnull));
		char	   *role;
		bool		listed = false;

		if (!isnull && until <= now)
			continue;
		if (!isnull && until < *valid_until)
			*valid_until = until;
		role = catalog_text(&scan, tuple, 3);
		for (int i = 0; i < ntargets && !listed; i++)
			listed = strcmp(targets[i], role) == 0;
		holds &= listed;
	}
	catalog_end(&scan);
	return holds;
}

/*
 * The staff keys of the members towards whom the arm holds, and those of the
 * others: two members may share a staff key, or have keys that are one in a
 * column's type, and then the arm has to hold towards both.
 */
static void
load_target_staff(Rights *rights, Reach *reach, Snapshot snapshot)
{
	const char *keys[1] = {rights->tenant};
	MemoryContext row_context = AllocSetContextCreate(CurrentMemoryContext, "ambit reach row",
													  ALLOCSET_SMALL_SIZES);
	CatalogScan scan;
	HeapTuple	tuple;

	reach->refused = NIL;
	catalog_begin(&scan, CATALOG_MEMBER, snapshot, 1, keys);
	while ((tuple = catalog_next(&scan)) != NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(row_context);
		char	   *staff = staff_key(&scan, tuple);

		CHECK_FOR_INTERRUPTS();
		if (staff != NULL &&
			reach_target_holds(rights->tenant, catalog_text(&scan, tuple, 2),
							   reach->nroots, reach->roots, snapshot, &rights->valid_until))
			add_value(rights, reach, staff);
		else if (staff != NULL)
			add_refused(rights, reach, staff);
		MemoryContextSwitchTo(old);
		MemoryContextReset(row_context);
	}
	catalog_end(&scan);
}

/*
 * Reads the values of a reach.  They are complete before they count, and all
 * that stays with the rights.
 */
static void
load(Rights *rights, Reach *reach)
{
	MemoryContext scratch,
				old;
	Snapshot	snapshot;

	if (reach->loaded)
		return;
	scratch = AllocSetContextCreate(CurrentMemoryContext, "ambit reach", ALLOCSET_SMALL_SIZES);
	old = MemoryContextSwitchTo(scratch);
	snapshot = catalog_snapshot();
	reach->nvalues = 0;
	switch (reach->kind)
	{
		case REACH_LOCATIONS:
			load_locations(rights, reach, snapshot);
			break;
		case REACH_GROUPS:
			for (int i = 0; i < reach->nroots; i++)
				add_value(rights, reach, reach->roots[i]);
			break;
		case REACH_GROUP_STAFF:
			load_group_staff(rights, reach, snapshot);
			break;
		case REACH_TARGET_STAFF:
			load_target_staff(rights, reach, snapshot);
			break;
		case REACH_SELF:
		case REACH_RELATIONSHIP:
			break;
	}
	catalog_release(snapshot);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(scratch);
	reach->loaded = true;
}

/*
 * Whether rights have a set that changes while they stay: read from ambit's
 * tables, and not said by what it is limited to.
 */
bool
reach_any_contents(const Rights *rights)
{
	for (int i = 0; i < rights->nreaches; i++)
		if (rights->reaches[i].kind == REACH_GROUP_STAFF ||
			rights->reaches[i].kind == REACH_TARGET_STAFF ||
			(rights->reaches[i].kind == REACH_LOCATIONS && !rights->reaches[i].single))
			return true;
	return false;
}

/* What the sets of rights held that are no more. */
struct ReachContents
{
	int64		fingerprint;
	int64		values;
	uint64		contents;
	int			nreaches;
	uint64	   *hashes;			/* 0: it was not read */
};

/*
 * A hash of what was read of a reach, in whatever order; never 0.
 */
static uint64
contents_hash(const Reach *reach)
{
	uint64		hash = 1 + reach->nvalues;
	ListCell   *lc;

	for (int i = 0; i < reach->nvalues; i++)
		hash += hash_bytes_extended((const unsigned char *) reach->values[i],
									strlen(reach->values[i]), 0);
	foreach(lc, reach->refused)
		hash += hash_bytes_extended((const unsigned char *) lfirst(lc), strlen(lfirst(lc)), 1);
	return hash == 0 ? 1 : hash;
}

/*
 * What the sets of rights hold that are about to go, as far as they were read.
 */
ReachContents *
reach_contents(const Rights *rights)
{
	ReachContents *result = palloc0(sizeof(ReachContents));

	result->fingerprint = rights->fingerprint;
	result->values = rights->values;
	result->contents = rights->contents;
	result->nreaches = rights->nreaches;
	result->hashes = palloc0(sizeof(uint64) * (rights->nreaches + 1));
	for (int i = 0; i < rights->nreaches; i++)
		if (rights->reaches[i].loaded)
			result->hashes[i] = contents_hash(&rights->reaches[i]);
	return result;
}

/*
 * Of the same member's rights, compiled anew: whether a query that has looked
 * something up in the former ones may go on with these.
 */
void
reach_carry_contents(Rights *rights, ReachContents *former)
{
	bool		same = rights->fingerprint == former->fingerprint &&
		rights->values == former->values;

	for (int i = 0; same && i < former->nreaches; i++)
		if (former->hashes[i] != 0)
		{
			load(rights, &rights->reaches[i]);
			same = contents_hash(&rights->reaches[i]) == former->hashes[i];
		}
	if (same)
		rights->contents = former->contents;
	pfree(former->hashes);
	pfree(former);
}

/*
 * Of whom such a reach has the objects; false: of nobody.
 */
static bool
find_subject(const Rights *rights, const Reach *reach, RelationshipSubject *subject)
{
	bool		self = (reach->kind == REACH_SELF);

	subject->tenant = rights->tenant;
	subject->relationship = self ? RELATIONSHIP_DEPENDANTS : reach->scope->relationship;
	subject->subject = self || reach->scope->subject_is_client ? rights->client : rights->staff;
	subject->with_subject = self;
	subject->window = self ? NULL : reach->scope;
	return subject->subject != NULL;
}

static inline bool
is_related(const Reach *reach)
{
	return reach->kind == REACH_SELF || reach->kind == REACH_RELATIONSHIP;
}

/*
 * The keys of a reach that is kept with the rights, for columns of a type.
 */
static KeySet *
find_keys(Rights *rights, Reach *reach, const KeyType *type)
{
	bool		exact;
	MemoryContext old;
	TypedKeys  *typed;
	KeySet	   *refused = NULL;
	ListCell   *lc;
	Key			key;

	foreach(lc, reach->typed)
	{
		typed = lfirst(lc);
		if (typed->base == type->base)
			return typed->keys;
	}
	load(rights, reach);
	exact = (reach->kind == REACH_LOCATIONS || reach->kind == REACH_GROUPS);
	old = MemoryContextSwitchTo(rights->context);
	typed = palloc(sizeof(TypedKeys));
	typed->base = type->base;
	typed->keys = key_set_create(type, reach->nvalues, rights->context);
	if (reach->refused != NIL)
		refused = key_set_create(type, list_length(reach->refused), rights->context);
	foreach(lc, reach->refused)
		if (key_from_text(type, lfirst(lc), exact, &key))
			key_set_add(refused, key);
	for (int i = 0; i < reach->nvalues; i++)
		if (key_from_text(type, reach->values[i], exact, &key) &&
			(refused == NULL || !key_set_has(refused, key)))
			key_set_add(typed->keys, key);
	reach->typed = lappend(reach->typed, typed);
	MemoryContextSwitchTo(old);
	return typed->keys;
}

static bool
reach_exists(const Rights *rights, int number, const KeyType *type)
{
	/* the number may come from anybody's SQL */
	return number >= 0 && number < rights->nreaches && key_class_holds_keys(type->class);
}

/*
 * Whether the cache is of a reach as it is now.
 */
static inline bool
is_cached(const Rights *rights, int number, const ReachCache *cache)
{
	return cache->serial == rights->serial && cache->reach == number &&
		(!cache->related || relationship_is_current(&cache->stamp));
}

/*
 * Whether a reach is of keys that somebody is related to by rows.  rights NULL:
 * no, the identity may have ended since it was asked for the set.
 */
bool
reach_is_related(const Rights *rights, int number)
{
	return rights != NULL && number >= 0 && number < rights->nreaches &&
		is_related(&rights->reaches[number]);
}

/*
 * The keys of a reach for columns of a type.  NULL: none.  Good until the
 * rights, or the statement's snapshot, are others; the cache, which is for
 * columns of one type, knows.
 */
KeySet *
reach_keys(Rights *rights, int number, const KeyType *type, ReachCache *cache)
{
	Reach	   *reach;
	RelationshipSubject subject;

	if (is_cached(rights, number, cache) && cache->all)
		return cache->keys;

	cache->serial = 0;
	if (!reach_exists(rights, number, type))
		return NULL;
	reach = &rights->reaches[number];
	cache->related = is_related(reach);
	cache->stamp.dropped = 0;
	if (!cache->related)
		cache->keys = find_keys(rights, reach, type);
	else if (find_subject(rights, reach, &subject))
		cache->keys = relationship_objects(&subject, type, &cache->stamp);
	else
		cache->keys = NULL;
	cache->all = true;
	cache->reach = number;
	cache->serial = rights->serial;
	return cache->keys;
}

/*
 * Whether a reach has a key of the type.  As reach_keys(), but not all keys
 * are read for one.
 */
bool
reach_has(Rights *rights, int number, const KeyType *type, ReachCache *cache, Key key)
{
	KeySet	   *keys;
	RelationshipSubject subject;
	bool		related;

	if (!(is_cached(rights, number, cache) && cache->all) &&
		reach_exists(rights, number, type) && is_related(&rights->reaches[number]))
	{
		/* an open query is about one subject */
		if (cache->probe && (cache->serial != rights->serial || cache->reach != number))
			relationship_close(&cache->probe);
		cache->serial = 0;
		cache->related = true;
		if (!find_subject(rights, &rights->reaches[number], &subject))
			return false;
		related = relationship_has(&subject, type, key, &cache->stamp, &cache->probe,
								   cache->statement, &cache->keys);
		cache->all = (cache->keys != NULL);
		cache->reach = number;
		cache->serial = rights->serial;
		return related;
	}
	keys = reach_keys(rights, number, type, cache);
	return keys != NULL && key_set_has(keys, key);
}

/*
 * For estimates: some keys of a reach, and how many there are, or may be.  The
 * set is in the current memory context, whatever happens to the rights.
 */
KeySet *
reach_sample(Rights *rights, int number, const KeyType *type, double *size)
{
	ReachCache	cache = {0};
	RelationshipSubject subject;
	Datum		values[PLAN_SAMPLE];
	KeySet	   *keys;
	KeySet	   *result;
	int			n;

	*size = 0.0;
	if (!reach_exists(rights, number, type))
		return NULL;
	if (is_related(&rights->reaches[number]))
		return find_subject(rights, &rights->reaches[number], &subject) ?
			relationship_sample(&subject, type, size) : NULL;
	keys = reach_keys(rights, number, type, &cache);
	if (keys == NULL)
		return NULL;
	*size = key_set_size(keys);
	n = key_set_values(keys, type, values, PLAN_SAMPLE);
	result = key_set_create(type, n, CurrentMemoryContext);
	for (int i = 0; i < n; i++)
	{
		KeyBuffer	buffer;

		key_set_add(result, key_from_datum(type, values[i], &buffer));
	}
	return result;
}

/*
 * Whether a location or group is in a reach, by its name.
 */
bool
reach_has_name(Rights *rights, int number, const char *name)
{
	load(rights, &rights->reaches[number]);
	return has_value(&rights->reaches[number], name);
}
