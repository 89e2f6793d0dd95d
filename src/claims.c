/*
 * claims.c
 *		What holds for somebody, and whether somebody else has it as well.
 *
 * A claim is a scope entry that holds, at the place where it holds: the input
 * of arms, before they are merged.  Rights are compared claim by claim.
 */
#include "postgres.h"
#include "compat.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "authority.h"
#include "catalog.h"
#include "identity.h"
#include "names.h"
#include "relationship.h"
#include "rights.h"

static const char *const channels[] = {NULL, "web", "mobile"};

/*
 * Raises 42501.
 */
void
authority_refuse(const char *function, const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("permission denied for function ambit.%s", function),
			 errdetail_internal("%s", detail)));
}

/*
 * Begins to judge a call of a function by the identity in force, whose tenant
 * it must be.  since: the command at which the call began.  To be ended by
 * authority_end(), or by an error; until then no function of rights.c may be
 * called, which could drop the model.
 */
Authority *
authority_begin(const char *function, const char *tenant, int64 since)
{
	const Identity *identity = identity_current();
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "ambit authority",
												  ALLOCSET_DEFAULT_SIZES);
	Authority  *a = MemoryContextAllocZero(context, sizeof(Authority));

	if (identity == NULL || identity->user_id == NULL || relationship_running() ||
		strcmp(identity->tenant, tenant) != 0)
		authority_refuse(function, "There is no identity.");
	a->context = context;
	a->function = function;
	a->tenant = tenant;
	a->caller = MemoryContextStrdup(context, identity->user_id);
	a->channel = identity->channel ? MemoryContextStrdup(context, identity->channel) : NULL;
	a->model = a->model_before = rights_tenant_model(tenant);
	if (a->model == NULL)
		authority_refuse(function, "The tenant is gone.");
	a->now = catalog_snapshot();
	a->before = *a->now;
	a->before.curcid = (CommandId) since;
	return a;
}

void
authority_end(Authority *a)
{
	catalog_release(a->now);
	MemoryContextDelete(a->context);
}

/* A location, as a snapshot shows it. */
typedef struct Location
{
	const char *name;
	bool		known;			/* whether parent has been looked up */
	struct Location *parent;	/* NULL: none */
} Location;

/*
 * A location, read at most once in the work of one question: the same few are
 * asked for with every claim.  The snapshot is one of the two of the question.
 */
static Location *
find_location(Authority *a, const char *location, Snapshot snapshot)
{
	HTAB	  **locations = snapshot == &a->before ? &a->locations_before : &a->locations_now;
	Location   *at;
	bool		found;

	Assert(snapshot == &a->before || snapshot == a->now);
	if (*locations == NULL)
		*locations = names_table("ambit locations", sizeof(Location), a->context);
	at = hash_search(*locations, &location, HASH_FIND, NULL);
	if (at == NULL)
	{
		location = MemoryContextStrdup(a->context, location);
		at = hash_search(*locations, &location, HASH_ENTER, &found);
		at->known = false;
		at->parent = NULL;
	}
	return at;
}

/*
 * The location above, NULL at the top.
 */
static Location *
location_above(Authority *a, Location *at, Snapshot snapshot)
{
	if (!at->known)
	{
		const char *keys[2] = {a->tenant, at->name};
		CatalogScan scan;
		HeapTuple	tuple;
		char	   *parent;

		CHECK_FOR_INTERRUPTS();
		catalog_begin(&scan, CATALOG_LOCATION, snapshot, 2, keys);
		tuple = catalog_next(&scan);
		parent = tuple ? catalog_text(&scan, tuple, 3) : NULL;
		catalog_end(&scan);
		at->parent = parent ? find_location(a, parent, snapshot) : NULL;
		at->known = true;
	}
	return at->parent;
}

/* a tree; should somebody have made a cycle behind ambit's back, it ends */
#define MAX_DEPTH 10000

/*
 * A location and those above it, the nearest first.
 */
List *
claims_chain(Authority *a, const char *location, Snapshot snapshot)
{
	List	   *chain = NIL;
	Location   *at = find_location(a, location, snapshot);

	for (int depth = 0; at != NULL && depth < MAX_DEPTH; depth++)
	{
		chain = lappend(chain, unconstify(char *, at->name));
		at = location_above(a, at, snapshot);
	}
	return chain;
}

/*
 * Whether a location is another one or below it; NULL is above all.
 */
bool
claims_within(Authority *a, const char *location, const char *root, Snapshot snapshot)
{
	Location   *at;

	if (root == NULL)
		return true;
	if (location == NULL)
		return false;
	if (strcmp(location, root) == 0)
		return true;
	at = find_location(a, location, snapshot);
	for (int depth = 0; at != NULL && depth < MAX_DEPTH; depth++)
	{
		if (strcmp(at->name, root) == 0)
			return true;
		at = location_above(a, at, snapshot);
	}
	return false;
}

bool
claims_has_target(const ModelEntry *entry, const char *role)
{
	for (int i = 0; i < entry->ntargets; i++)
		if (strcmp(entry->targets[i], role) == 0)
			return true;
	return false;
}

/*
 * Whether one who has k has all that c gives.  The tree of locations is that
 * from before the call.
 */
static bool
covers(Authority *a, const Claim *k, const Claim *c)
{
	if (k->permission != c->permission)
		return false;
	if (k->entry->kind != SCOPE_ALL && strcmp(k->entry->scope, c->entry->scope) != 0)
		return false;
	if (k->entry->targets)
	{
		if (c->entry->targets == NULL)
			return false;
		for (int i = 0; i < c->entry->ntargets; i++)
			if (!claims_has_target(k->entry, c->entry->targets[i]))
				return false;
	}
	/* a feature of another name may be turned on without this one */
	if (a->circumstance.all_features && k->entry->feature &&
		!names_equal(k->entry->feature, c->entry->feature))
		return false;
	if (k->place.only_group && !names_equal(k->place.only_group, c->place.only_group))
		return false;
	if (k->place.only_self && !c->place.only_self)
		return false;
	if (k->place.until < c->place.until)
		return false;
	return claims_within(a, c->place.location, k->place.location, &a->before);
}

ClaimIndex *
claims_index(const List *claims)
{
	ClaimIndex *index = palloc0(sizeof(ClaimIndex));
	ListCell   *lc;

	foreach(lc, claims)
		index->max = Max(index->max, ((const Claim *) lfirst(lc))->permission);
	index->by_permission = palloc0(sizeof(List *) * (index->max + 1));
	foreach(lc, claims)
	{
		List	  **same = &index->by_permission[((const Claim *) lfirst(lc))->permission];

		*same = lappend(*same, lfirst(lc));
	}
	return index;
}

static const List *
same_permission(const ClaimIndex *claims, const Claim *c)
{
	return c->permission > claims->max ? NIL : claims->by_permission[c->permission];
}

bool
claims_any_covers(Authority *a, const ClaimIndex *claims, const Claim *c)
{
	ListCell   *lc;

	foreach(lc, same_permission(claims, c))
	{
		const Claim *k = lfirst(lc);

		if (a->role_by_role && !names_equal(k->place.role, c->place.role))
			continue;
		if (covers(a, k, c))
			return true;
	}
	return false;
}

/*
 * The same for what the caller has.
 */
bool
claims_caller_covers(Authority *a, const Claim *c)
{
	ListCell   *lc;

	foreach(lc, same_permission(a->caller_claims, c))
	{
		const Claim *k = lfirst(lc);

		if (k->entry->kind == SCOPE_TEAM && !a->same_teams)
			continue;
		if (covers(a, k, c))
			return true;
	}
	return false;
}

List *
claims_of(Authority *a, const TenantModel *model, const Subject *subject, Snapshot snapshot)
{
	return compile_claims(model, subject, &a->circumstance, snapshot);
}

static void
cells_depend_on(int n, const ModelCell *cells, bool *channel, bool *feature)
{
	for (int i = 0; i < n; i++)
		for (int j = 0; j < cells[i].nentries; j++)
		{
			*channel |= cells[i].entries[j].channels != NULL;
			*feature |= cells[i].entries[j].feature != NULL;
		}
}

/*
 * Whether something of the template depends on the channel, or on a feature.
 */
static void
depends_on(const TenantModel *model, bool *channel, bool *feature)
{
	/* cells that stand alone may be of an earlier template */
	*channel = *feature = model->standalone;
	for (int i = 0; i < model->template->nroles && !(*channel && *feature); i++)
	{
		const ModelRole *role = model_template_role(model->template,
													model->template->roles[i].name);

		cells_depend_on(role->ncells, role->cells, channel, feature);
		cells_depend_on(role->nlevel_cells, role->level_cells, channel, feature);
	}
}

/*
 * The next circumstance in which to judge; false after the last.  What is
 * gained by another channel, or once a feature is turned on or a lock is gone,
 * is gained too.  For those without overrides nothing is to be seen awake.
 */
bool
claims_circumstance(Authority *a, int *step)
{
	Subject		caller = {a->caller, false, NIL};
	bool		by_channel,
				by_feature,
				before_channel,
				before_feature;
	int			nchannels,
				nfeatures,
				n = (*step)++;

	depends_on(a->model, &by_channel, &by_feature);
	depends_on(a->model_before, &before_channel, &before_feature);
	nchannels = by_channel || before_channel ? lengthof(channels) : 1;
	nfeatures = by_feature || before_feature ? 2 : 1;
	if (n >= nchannels * nfeatures * 2)
		return false;
	a->circumstance.channel = channels[n % nchannels];
	a->circumstance.all_features = n / nchannels % nfeatures == 1;
	a->circumstance.awake = false;
	a->caller_claims = claims_index(claims_of(a, a->model_before, &caller, &a->before));
	a->circumstance.awake = n >= nchannels * nfeatures;
	return true;
}

/*
 * The first claim that is covered by none of those lists; NULL if all are.
 */
const Claim *
claims_first_uncovered(Authority *a, const List *claims, const List *one, const List *other)
{
	ClaimIndex *had = NULL,
			   *given = NULL;
	ListCell   *lc;

	foreach(lc, claims)
	{
		const Claim *c = lfirst(lc);

		CHECK_FOR_INTERRUPTS();
		/* mostly the caller has it */
		if (claims_caller_covers(a, c))
			continue;
		if (had == NULL)
		{
			had = claims_index(one);
			given = claims_index(other);
		}
		if (!claims_any_covers(a, had, c) && !claims_any_covers(a, given, c))
			return c;
	}
	return NULL;
}

/*
 * The groups of a member.
 */
static List *
groups_of(Authority *a, const char *user_id, Snapshot snapshot)
{
	const char *keys[2] = {a->tenant, user_id};
	CatalogScan scan;
	HeapTuple	tuple;
	List	   *groups = NIL;

	catalog_begin(&scan, CATALOG_GROUP_MEMBER_USER, snapshot, 2, keys);
	while ((tuple = catalog_next(&scan)) != NULL)
		groups = lappend(groups, catalog_text(&scan, tuple, 2));
	catalog_end(&scan);
	return groups;
}

bool
claims_in_group(Authority *a, const char *user_id, const char *group)
{
	return names_has(groups_of(a, user_id, a->now), group);
}

/*
 * Whether the member has overrides.
 */
bool
claims_overridden(Authority *a, const char *user_id)
{
	const char *keys[2] = {a->tenant, user_id};
	CatalogScan scan;
	bool		found;

	catalog_begin(&scan, CATALOG_MEMBER_CELL, a->now, 2, keys);
	found = (catalog_next(&scan) != NULL);
	catalog_end(&scan);
	return found;
}

/*
 * What a member gains by the placements besides those in the tables.
 */
const Claim *
claims_member_rise(Authority *a, const char *user_id, List *more, const Subject *named)
{
	Subject		subject = {user_id, false, more};
	Subject		member = {user_id, false, NIL};
	List	   *before = claims_of(a, a->model_before, &member, &a->before);
	List	   *handed_out = named ? claims_of(a, a->model, named, a->now) : NIL;
	List	   *mine = groups_of(a, a->caller, &a->before);
	ListCell   *lc;

	a->same_teams = true;
	foreach(lc, groups_of(a, user_id, a->now))
		a->same_teams &= names_has(mine, lfirst(lc));
	return claims_first_uncovered(a, claims_of(a, a->model, &subject, a->now), before, handed_out);
}

/*
 * Calls a function for every assignment of a member, or of all members, that
 * is valid, or for ended ones too.
 */
void
claims_each_assignment(Authority *a, const char *user_id, bool ended, Snapshot snapshot,
					   PlacementCallback callback, void *arg)
{
	const char *keys[2] = {a->tenant, user_id};
	TimestampTz now = GetCurrentTimestamp();
	CatalogScan scan;
	HeapTuple	tuple;

	catalog_begin(&scan, CATALOG_ASSIGNMENT, snapshot, user_id ? 2 : 1, keys);
	while ((tuple = catalog_next(&scan)) != NULL)
	{
		Placement	place;
		bool		isnull;
		TimestampTz until = DatumGetTimestampTz(catalog_datum(&scan, tuple, 7, &isnull));

		place.until = isnull ? DT_NOEND : until;
		if (!ended && place.until <= now)
			continue;
		place.role = catalog_text(&scan, tuple, 3);
		place.location = catalog_text(&scan, tuple, 4);
		place.only_group = catalog_text(&scan, tuple, 5);
		place.only_self = catalog_bool(&scan, tuple, 6);
		callback(a, user_id ? user_id : catalog_text(&scan, tuple, 2), &place, arg);
	}
	catalog_end(&scan);
}
