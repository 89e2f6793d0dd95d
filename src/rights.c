/*
 * rights.c
 *		The cache of compiled rights.
 *
 * Holds, per backend, what compile.c made of templates, tenants and members.
 * Invalidation source: the stamps of catalog.c, that is, the triggers on
 * ambit's tables, and the clock (Rights.valid_until).  A change of what
 * belongs to no tenant drops everything; a change of a tenant drops its model
 * and the rights of its members when they are asked for next.  An entry enters
 * the hash table last, when it is complete, and what was built while something
 * arrived is never answered from.
 *
 * Size: when an entry comes into use, those that were not used for longest are
 * dropped until the cache is within ambit.cache_size, together with kept plans
 * (plans_kept.c).  Each entry has a memory context; what it takes is added up
 * as entries come, grow and go.
 */
#include "postgres.h"
#include "compat.h"

#include "access/xact.h"
#include "lib/ilist.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/inval.h"
#include "utils/memutils.h"

#include "catalog.h"
#include "identity.h"
#include "names.h"
#include "plans.h"
#include "plans_kept.h"
#include "relationship.h"
#include "rights.h"

/* how often a build is repeated because something arrived meanwhile */
#define MAX_BUILDS 100

/*
 * A template, a tenant or the rights of somebody.  Rights point into the model
 * of their tenant, and that into its template's, so that an entry goes with
 * the one it uses.
 */
typedef struct CacheEntry
{
	const char *key;			/* names it in full, see rights_of() */
	void	   *object;			/* TemplateModel, TenantModel or Rights */
	CatalogStamp stamp;			/* from before it was built; not of templates */
	struct CacheEntry *uses;	/* NULL: none */
	dlist_head	users;
	dlist_node	sibling;		/* in uses->users */
	dlist_node	place;			/* in by_use */
	MemoryContext context;		/* of all of it, this struct too */
	Size		size;			/* of the context, as far as it is counted */
} CacheEntry;

typedef struct CacheSlot
{
	const char *key;			/* hash key; the entry's */
	CacheEntry *entry;
} CacheSlot;

int			rights_cache_size = 8192;

static MemoryContext cache_context = NULL;
static MemoryContext table_context = NULL;
static HTAB *entries = NULL;
static dlist_head by_use = DLIST_STATIC_INIT(by_use);	/* the latest first */
static Size entries_size = 0;
static uint64 cache_generation = 0;
static uint64 next_serial = 1;

/* the rights of the identity in force, and for which state of it and of all
 * else they are known to be good */
static CacheEntry *current = NULL;
static uint64 current_identity = 0;
static uint64 current_changes = 0;

void
rights_init(void)
{
	DefineCustomIntVariable("ambit.cache_size",
							"Memory that a backend may use for compiled rights and for plans kept for them.",
							"What was not used for longest is dropped when there is more; plans take a third of it at most. The rights in use stay, whatever their size.",
							&rights_cache_size, 8192, 64, MAX_KILOBYTES,
							PGC_SUSET, GUC_UNIT_KB, NULL, NULL, NULL);
}

static void
report_restless(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
			 errmsg("could not compile rights because they keep changing"),
			 errhint("Try again.")));
}

/*
 * Forgets everything.
 */
static void
cache_reset(void)
{
	current = NULL;
	entries = NULL;
	dlist_init(&by_use);
	entries_size = 0;
	if (cache_context)
		MemoryContextReset(cache_context);
	else
		cache_context = AllocSetContextCreate(CacheMemoryContext, "ambit rights",
											  ALLOCSET_SMALL_SIZES);
	/* a reset has deleted it */
	table_context = AllocSetContextCreate(cache_context, "ambit rights table",
										  ALLOCSET_SMALL_SIZES);
	entries = names_table("ambit rights", sizeof(CacheSlot), table_context);
	cache_generation = catalog_generation();
}

/*
 * A new entry, with a context that is a child of the current context until
 * publish_entry(), so that an error while building frees it.
 */
static CacheEntry *
create_entry(const char *key)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "ambit rights entry",
												  ALLOCSET_SMALL_SIZES);
	CacheEntry *entry = MemoryContextAllocZero(context, sizeof(CacheEntry));

	entry->context = context;
	entry->key = MemoryContextStrdup(context, key);
	MemoryContextSetIdentifier(context, entry->key);
	dlist_init(&entry->users);
	return entry;
}

/*
 * Counts what the entry has grown by.  Rights read what they are limited to
 * when it is first asked for, templates their roles.
 */
static void
measure_entry(CacheEntry *entry)
{
	Size		size = MemoryContextMemAllocated(entry->context, true);

	entries_size += size - entry->size;
	entry->size = size;
}

/*
 * Puts a finished entry into the cache.
 */
static void
publish_entry(CacheEntry *entry, void *object, CacheEntry *uses)
{
	CacheSlot  *slot;

	entry->object = object;
	slot = hash_search(entries, &entry->key, HASH_ENTER, NULL);
	slot->key = entry->key;
	slot->entry = entry;
	MemoryContextSetParent(entry->context, cache_context);
	dlist_push_head(&by_use, &entry->place);
	entry->uses = uses;
	if (uses)
		dlist_push_head(&uses->users, &entry->sibling);
	measure_entry(entry);
}

static CacheEntry *
find_entry(const char *key)
{
	CacheSlot  *slot = hash_search(entries, &key, HASH_FIND, NULL);

	return slot ? slot->entry : NULL;
}

/*
 * Drops an entry and those that use it.
 */
static void
drop_entry(CacheEntry *entry)
{
	while (!dlist_is_empty(&entry->users))
		drop_entry(dlist_head_element(CacheEntry, sibling, &entry->users));
	if (entry == current)
		current = NULL;
	(void) hash_search(entries, &entry->key, HASH_REMOVE, NULL);
	dlist_delete(&entry->place);
	if (entry->uses)
		dlist_delete(&entry->sibling);
	entries_size -= entry->size;
	MemoryContextDelete(entry->context);
}

/*
 * The entry is in use now, and so is what it uses: that goes later.  Drops
 * what was not used for longest, but none of these, until the cache is within
 * its size.
 */
static void
use_entry(CacheEntry *entry)
{
	for (CacheEntry *used = entry; used != NULL; used = used->uses)
	{
		dlist_move_head(&by_use, &used->place);
		measure_entry(used);
	}
	while (entries_size + plans_kept_size() + MemoryContextMemAllocated(cache_context, false) +
		   MemoryContextMemAllocated(table_context, true) > (Size) rights_cache_size * 1024)
	{
		CacheEntry *last = dlist_tail_element(CacheEntry, place, &by_use);

		if (last == entry)
			break;
		drop_entry(last);
	}
}

/*
 * The model of a template; NULL when there is none of that name.
 */
static CacheEntry *
template_entry(const char *name, Snapshot snapshot)
{
	char	   *key = psprintf("template %s", name);
	CacheEntry *entry = find_entry(key);
	MemoryContext old;
	TemplateModel *template;

	if (entry)
		return entry;
	entry = create_entry(key);
	old = MemoryContextSwitchTo(entry->context);
	template = model_read_template(name, snapshot);
	MemoryContextSwitchTo(old);
	if (template == NULL)
	{
		MemoryContextDelete(entry->context);
		return NULL;
	}
	publish_entry(entry, template, NULL);
	return entry;
}

/*
 * The tenant with its template; NULL when it does not exist.
 */
static CacheEntry *
tenant_entry(const char *name, Snapshot snapshot)
{
	char	   *key = psprintf("tenant %s", name);
	CacheEntry *entry = find_entry(key),
			   *used = NULL;
	MemoryContext old;
	TenantModel *tenant;
	char	   *template;

	if (entry && catalog_is_current(&entry->stamp))
		return entry;
	if (entry)
		drop_entry(entry);
	entry = create_entry(key);
	entry->stamp = catalog_stamp(name);
	old = MemoryContextSwitchTo(entry->context);
	tenant = model_read_tenant(name, &template, snapshot);
	MemoryContextSwitchTo(old);
	if (tenant)
		used = template_entry(template, snapshot);
	if (used == NULL)
	{
		MemoryContextDelete(entry->context);
		return NULL;
	}
	old = MemoryContextSwitchTo(entry->context);
	model_complete_tenant(tenant, used->object, snapshot, false);
	MemoryContextSwitchTo(old);
	publish_entry(entry, tenant, used);
	return entry;
}

/*
 * Finds a model, fresh, for those who ask about the model itself: a tenant's
 * with its template, or (tenant NULL) a template's; with all roles of the
 * template, so that all are of one.  NULL while the query of a relationship
 * runs, since what is in use must stay in place.
 */
static const void *
fresh_model(const char *tenant, const char *template)
{
	if (relationship_running())
		return NULL;
	for (int i = 0; i < MAX_BUILDS; i++)
	{
		CatalogStamp stamp;
		CacheEntry *entry;
		Snapshot	snapshot;

		CHECK_FOR_INTERRUPTS();
		catalog_accept();
		if (entries == NULL || cache_generation != catalog_generation())
			cache_reset();
		stamp = catalog_stamp(tenant);
		snapshot = catalog_snapshot();
		entry = tenant ? tenant_entry(tenant, snapshot) : template_entry(template, snapshot);
		catalog_release(snapshot);
		if (entry)
			model_load_roles(tenant ? ((TenantModel *) entry->object)->template : entry->object);
		catalog_accept();
		if (cache_generation == catalog_generation() && catalog_is_current(&stamp))
		{
			if (entry == NULL)
				return NULL;
			use_entry(entry);
			return entry->object;
		}
	}
	report_restless();
	return NULL;
}

/*
 * They stay until the next call of a function of this file.
 */
const TenantModel *
rights_tenant_model(const char *tenant)
{
	return fresh_model(tenant, NULL);
}

const TemplateModel *
rights_template_model(const char *template)
{
	return fresh_model(NULL, template);
}

static void
build(const char *key, const char *tenant, const char *user_id, const char *channel)
{
	CacheEntry *entry = create_entry(key),
			   *used;
	MemoryContext old = MemoryContextSwitchTo(entry->context);
	Rights	   *rights = palloc0(sizeof(Rights));
	Snapshot	snapshot;

	rights->context = entry->context;
	rights->serial = next_serial++;
	rights->tenant = pstrdup(tenant);
	rights->user_id = user_id ? pstrdup(user_id) : NULL;
	rights->channel = channel ? pstrdup(channel) : NULL;
	rights->valid_until = DT_NOEND;
	MemoryContextSwitchTo(old);

	rights->sole_tenant = catalog_sole_tenant();
	entry->stamp = catalog_stamp(tenant);
	snapshot = catalog_snapshot();
	used = tenant_entry(tenant, snapshot);
	rights->model = used ? used->object : NULL;
	MemoryContextSwitchTo(entry->context);
	rights_compile(rights, snapshot);
	rights->contents = reach_any_contents(rights) ? rights->serial : 0;
	MemoryContextSwitchTo(old);
	catalog_release(snapshot);
	publish_entry(entry, rights, used);
}

/*
 * Whether the rights are as if compiled now, as far as this backend has heard.
 */
static bool
is_fresh(const CacheEntry *entry)
{
	const Rights *rights = entry->object;

	return rights->sole_tenant == catalog_sole_tenant() &&
		catalog_is_current(&entry->stamp) &&
		(rights->valid_until == DT_NOEND || GetCurrentTimestamp() < rights->valid_until);
}

/*
 * The entry of anybody's rights, fresh: repeats the work until nothing has
 * arrived while it was done.
 */
static CacheEntry *
rights_entry(const char *tenant, const char *user_id, const char *channel)
{
	StringInfoData key;
	char		length[MAXINT8LEN + 1];

	/* what is in use must stay in place */
	Assert(!relationship_running());
	/* without printf(): every request comes here */
	initStringInfo(&key);
	appendStringInfoString(&key, "rights ");
	appendBinaryStringInfo(&key, length, pg_ulltoa_n(strlen(tenant), length));
	appendStringInfoChar(&key, ':');
	appendStringInfoString(&key, tenant);
	appendStringInfoString(&key, user_id ? ",u:" : ",v:");
	appendStringInfoString(&key, user_id ? user_id : "");
	appendStringInfoChar(&key, ',');
	appendStringInfoString(&key, channel ? channel : "");
	for (int i = 0; i < MAX_BUILDS; i++)
	{
		CacheEntry *entry;
		ReachContents *former;

		CHECK_FOR_INTERRUPTS();
		catalog_accept();
		if (entries == NULL || cache_generation != catalog_generation())
			cache_reset();
		entry = find_entry(key.data);
		if (entry && is_fresh(entry) && cache_generation == catalog_generation())
		{
			pfree(key.data);
			use_entry(entry);
			return entry;
		}
		if (cache_generation != catalog_generation())
			continue;
		/* it has changed, or there is none */
		former = entry ? reach_contents(entry->object) : NULL;
		if (entry)
			drop_entry(entry);
		build(key.data, tenant, user_id, channel);
		if (former)
			reach_carry_contents(find_entry(key.data)->object, former);
	}
	report_restless();
	return NULL;
}

/*
 * The rights of anybody, fresh.  Pointers from earlier calls may be gone
 * afterwards.
 */
Rights *
rights_of(const char *tenant, const char *user_id, const char *channel)
{
	return rights_entry(tenant, user_id, channel)->object;
}

/*
 * The rights in use, if they are this identity's and nothing has happened since
 * that they may depend on; NULL: not known.
 */
static inline Rights *
unchanged(uint64 identity)
{
	Rights	   *rights = current ? current->object : NULL;

	return rights && current_identity == identity && current_changes == catalog_changes_number &&
		catalog_unseen < 0 && rights->valid_until == DT_NOEND ? rights : NULL;
}

/*
 * The rights of the identity in force, as far as this backend has heard.
 */
static pg_noinline Rights *
look_up(void)
{
	const Identity *identity;
	uint64		changes = catalog_changes(),
				serial;
	CacheEntry *entry;
	Rights	   *rights;

	/* looking the identity up may drop entries */
	serial = identity_serial();
	if (current && current_identity == serial && is_fresh(current))
	{
		current_changes = changes;
		return current->object;
	}

	current = NULL;
	identity = identity_current();
	serial = identity_serial_number;
	if (identity == NULL)
		return NULL;
	entry = rights_entry(identity->tenant, identity->user_id, identity->channel);
	rights = entry->object;
	plans_accept(rights->fingerprint, catalog_slot(rights->tenant));
	current = entry;
	current_identity = serial;
	current_changes = changes;
	return rights;
}

/*
 * The rights of the identity in force.  A hot call accepts what other
 * backends have sent, which costs next to nothing when there is nothing, and
 * compares a few numbers.
 *
 * While the query of a relationship runs there is no identity: what it reads
 * is up to the role that bound it, and the rights in use must stay in place.
 */
Rights *
rights_current(void)
{
	Rights	   *rights = NULL;

	if (relationship_running())
		return NULL;
	AcceptInvalidationMessages();
	if (identity_fixed)
		rights = unchanged(identity_serial_number);
	return rights ? rights : look_up();
}

Rights *
rights_of_query(void)
{
	/* looking the identity up may drop entries */
	uint64		identity = identity_serial();
	Rights	   *rights = NULL;

	if (plans_at_work > 0 && !relationship_running())
		rights = unchanged(identity);
	return rights ? rights : rights_current();
}

/*
 * The fingerprint of the shape; that of no rights when there is no identity.
 */
int64
rights_fingerprint(const Rights *rights)
{
	return rights ? rights->fingerprint : 0;
}

/*
 * The arms of a permission; NULL when it is not held.
 */
const RightsPermission *
rights_permission(const Rights *rights, PermissionId permission)
{
	int			low = 0,
				high;

	if (!rights_holds(rights, permission))
		return NULL;
	high = rights->npermissions - 1;
	while (low <= high)
	{
		int			mid = (low + high) / 2;
		PermissionId found = rights->permissions[mid].permission;

		if (found == permission)
			return &rights->permissions[mid];
		if (found < permission)
			low = mid + 1;
		else
			high = mid - 1;
	}
	return NULL;
}

const char *
rights_known_channel(const char *channel)
{
	static const char *const known[] = {"web", "mobile"};

	for (int i = 0; channel != NULL && i < lengthof(known); i++)
		if (strcmp(known[i], channel) == 0)
			return known[i];
	return NULL;
}
