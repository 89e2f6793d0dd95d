/*
 * rights.c
 *		The cache of compiled rights.
 *
 * Holds, per backend, what compile.c made of templates, tenants and members.
 * Invalidation source: catalog_generation(), that is, the statement triggers
 * on ambit's tables (see catalog.c), and the clock (Rights.valid_until).
 * Everything is dropped when the generation has moved.  An entry enters its
 * hash table last, when it is complete, and what was built while something
 * arrived is never answered from.
 *
 * Size: when the cache holds more than ambit.cache_size, it is emptied before
 * the next entry is built.
 */
#include "postgres.h"
#include "compat.h"

#include "access/xact.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/memutils.h"

#include "catalog.h"
#include "identity.h"
#include "plans.h"
#include "relationship.h"
#include "rights.h"

/* how often a build is repeated because something arrived meanwhile */
#define MAX_BUILDS 100

/* Members are found by the hash of a string that names them in full. */
typedef struct RightsEntry
{
	const char *key;			/* hash key; in the rights' context */
	Rights	   *rights;
} RightsEntry;

typedef struct ModelEntryRef
{
	const char *key;			/* hash key: name of template or tenant */
	void	   *model;
} ModelEntryRef;

static int	cache_size = 8192;	/* kB */

static MemoryContext cache_context = NULL;
static HTAB *rights_table = NULL;
static HTAB *template_table = NULL;
static HTAB *tenant_table = NULL;
static uint64 cache_generation = 0;
static uint64 next_serial = 1;

/* the rights of the identity in force, and for which state of it */
static Rights *current = NULL;
static uint64 current_identity = 0;

void
rights_init(void)
{
	DefineCustomIntVariable("ambit.cache_size",
							"Memory that a backend may use for compiled rights.",
							"When there is more, the cache is emptied before the next member is compiled.",
							&cache_size, 8192, 64, MAX_KILOBYTES,
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
 * Hash tables keyed by a pointer to a string.
 */
static uint32
string_pointer_hash(const void *key, Size keysize)
{
	const char *s = *(const char *const *) key;

	return hash_bytes((const unsigned char *) s, (int) strlen(s));
}

static int
string_pointer_match(const void *a, const void *b, Size keysize)
{
	return strcmp(*(const char *const *) a, *(const char *const *) b);
}

static HTAB *
string_table(const char *name, Size entrysize)
{
	HASHCTL		ctl = {0};

	ctl.keysize = sizeof(const char *);
	ctl.entrysize = entrysize;
	ctl.hash = string_pointer_hash;
	ctl.match = string_pointer_match;
	ctl.hcxt = cache_context;
	return hash_create(name, 64, &ctl,
					   HASH_ELEM | HASH_FUNCTION | HASH_COMPARE | HASH_CONTEXT);
}

/*
 * Forgets everything.
 */
static void
cache_reset(void)
{
	current = NULL;
	rights_table = template_table = tenant_table = NULL;
	if (cache_context)
		MemoryContextReset(cache_context);
	else
		cache_context = AllocSetContextCreate(CacheMemoryContext, "ambit rights",
											  ALLOCSET_DEFAULT_SIZES);
	template_table = string_table("ambit templates", sizeof(ModelEntryRef));
	tenant_table = string_table("ambit tenants", sizeof(ModelEntryRef));
	rights_table = string_table("ambit rights", sizeof(RightsEntry));
	cache_generation = catalog_generation();
}

/*
 * A context for one entry.  It is a child of the current context until
 * cache_publish(), so that an error while building frees it.
 */
static MemoryContext
entry_context(const char *name)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "ambit rights entry",
												  ALLOCSET_SMALL_SIZES);

	MemoryContextCopyAndSetIdentifier(context, name);
	return context;
}

/*
 * Puts a finished model into its table.
 */
static void
publish_model(HTAB *table, const char *name, void *model, MemoryContext context)
{
	ModelEntryRef *entry;
	bool		found;

	MemoryContextSetParent(context, cache_context);
	entry = hash_search(table, &name, HASH_ENTER, &found);
	entry->key = name;
	entry->model = model;
}

static const TemplateModel *
template_model(const char *name, Snapshot snapshot)
{
	ModelEntryRef *entry = hash_search(template_table, &name, HASH_FIND, NULL);
	MemoryContext context,
				old;
	TemplateModel *template;

	if (entry)
		return entry->model;
	context = entry_context(name);
	old = MemoryContextSwitchTo(context);
	template = model_read_template(name, snapshot);
	MemoryContextSwitchTo(old);
	if (template == NULL)
		MemoryContextDelete(context);
	else
		publish_model(template_table, template->name, template, context);
	return template;
}

/*
 * The tenant with its template; NULL when it does not exist.
 */
static const TenantModel *
tenant_model(const char *name, Snapshot snapshot)
{
	ModelEntryRef *entry = hash_search(tenant_table, &name, HASH_FIND, NULL);
	MemoryContext context,
				old;
	const TemplateModel *template;
	TenantModel *tenant;
	char	   *template_name;

	if (entry)
		return entry->model;
	context = entry_context(name);
	old = MemoryContextSwitchTo(context);
	tenant = model_read_tenant(name, &template_name, snapshot);
	template = tenant ? template_model(template_name, snapshot) : NULL;
	if (template)
		model_complete_tenant(tenant, template, snapshot);
	MemoryContextSwitchTo(old);
	if (template == NULL)
	{
		MemoryContextDelete(context);
		return NULL;
	}
	publish_model(tenant_table, tenant->name, tenant, context);
	return tenant;
}

/*
 * Finds a model, fresh, for those who ask about the model itself; NULL while
 * the query of a relationship runs, since what is in use must stay in place.
 */
static const void *
fresh_model(const void *(*find) (const char *name, Snapshot snapshot), const char *name)
{
	if (relationship_running())
		return NULL;
	for (int i = 0; i < MAX_BUILDS; i++)
	{
		const void *model;
		Snapshot	snapshot;

		CHECK_FOR_INTERRUPTS();
		AcceptInvalidationMessages();
		if (cache_generation != catalog_generation() || rights_table == NULL)
			cache_reset();
		snapshot = catalog_snapshot();
		model = find(name, snapshot);
		catalog_release(snapshot);
		if (cache_generation == catalog_generation())
			return model;
	}
	report_restless();
	return NULL;
}

static const void *
find_tenant_model(const char *name, Snapshot snapshot)
{
	return tenant_model(name, snapshot);
}

static const void *
find_template_model(const char *name, Snapshot snapshot)
{
	return template_model(name, snapshot);
}

/*
 * A tenant with its template, or a template by itself.  They stay until the
 * next call of a function of this file.
 */
const TenantModel *
rights_tenant_model(const char *tenant)
{
	return fresh_model(find_tenant_model, tenant);
}

const TemplateModel *
rights_template_model(const char *template)
{
	return fresh_model(find_template_model, template);
}

/*
 * Whether the database has one tenant.
 */
static bool
is_sole_tenant(Snapshot snapshot)
{
	CatalogScan scan;
	int			n = 0;

	catalog_begin(&scan, CATALOG_TENANT, snapshot, 0, NULL);
	while (n < 2 && catalog_next(&scan) != NULL)
		n++;
	catalog_end(&scan);
	return n == 1;
}

static Rights *
build(const char *key, const char *tenant, const char *user_id, const char *channel)
{
	MemoryContext context = entry_context(key);
	MemoryContext old = MemoryContextSwitchTo(context);
	Snapshot	snapshot = catalog_snapshot();
	Rights	   *rights = palloc0(sizeof(Rights));
	RightsEntry *entry;
	char	   *stored_key = pstrdup(key);

	rights->context = context;
	rights->serial = next_serial++;
	rights->tenant = pstrdup(tenant);
	rights->user_id = user_id ? pstrdup(user_id) : NULL;
	rights->channel = channel ? pstrdup(channel) : NULL;
	rights->valid_until = DT_NOEND;
	rights->model = tenant_model(tenant, snapshot);
	rights->sole_tenant = is_sole_tenant(snapshot);
	rights_compile(rights, snapshot);
	catalog_release(snapshot);
	MemoryContextSwitchTo(old);

	MemoryContextSetParent(context, cache_context);
	entry = hash_search(rights_table, &stored_key, HASH_ENTER, NULL);
	entry->key = stored_key;
	entry->rights = rights;
	return rights;
}

static bool
is_fresh(const Rights *rights)
{
	return cache_generation == catalog_generation() &&
		(rights->valid_until == DT_NOEND || GetCurrentTimestamp() < rights->valid_until);
}

/*
 * The rights of anybody, fresh: repeats the work until nothing has arrived
 * while it was done.  Pointers from earlier calls may be gone afterwards.
 */
Rights *
rights_of(const char *tenant, const char *user_id, const char *channel)
{
	StringInfoData key;

	/* what is in use must stay in place */
	Assert(!relationship_running());
	initStringInfo(&key);
	appendStringInfo(&key, "%zu:%s,%c:%s,%s", strlen(tenant), tenant,
					 user_id ? 'u' : 'v', user_id ? user_id : "", channel ? channel : "");
	for (int i = 0; i < MAX_BUILDS; i++)
	{
		RightsEntry *entry;
		Rights	   *rights;

		CHECK_FOR_INTERRUPTS();
		AcceptInvalidationMessages();
		if (cache_generation != catalog_generation() || rights_table == NULL)
			cache_reset();
		entry = hash_search(rights_table, &key.data, HASH_FIND, NULL);
		rights = entry ? entry->rights : NULL;
		if (rights && is_fresh(rights))
		{
			pfree(key.data);
			return rights;
		}
		/* time has changed it, or there is none: make room, build */
		if (rights || MemoryContextMemAllocated(cache_context, true) > (Size) cache_size * 1024)
			cache_reset();
		(void) build(key.data, tenant, user_id, channel);
	}
	report_restless();
	return NULL;
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
	const Identity *identity;

	if (relationship_running())
		return NULL;
	AcceptInvalidationMessages();
	if (current && current_identity == identity_serial() && is_fresh(current))
		return current;

	identity = identity_current();
	if (identity == NULL)
	{
		current = NULL;
		return NULL;
	}
	current = NULL;
	current = rights_of(identity->tenant, identity->user_id, identity->channel);
	current_identity = identity_serial();
	plans_accept(current->fingerprint);
	return current;
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
