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
#include "relationship.h"
#include "rights.h"

static const char *const channels[] = {NULL, "web", "mobile"};

void
authority_refuse(const char *function, const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("permission denied for function ambit.%s", function),
			 errdetail_internal("%s", detail)));
}

Authority *
authority_begin(const char *function, const char *tenant, int64 since)
{
	const Identity *identity = identity_current();
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "ambit authority",
												  ALLOCSET_DEFAULT_SIZES);
	Authority  *a = MemoryContextAllocZero(context, sizeof(Authority));

	if (identity == NULL || relationship_running() || strcmp(identity->tenant, tenant) != 0)
		authority_refuse(function, "There is no identity.");
	a->context = context;
	a->function = function;
	a->tenant = tenant;
	a->caller = MemoryContextStrdup(context, identity->user_id);
	a->channel = identity->channel ? MemoryContextStrdup(context, identity->channel) : NULL;
	a->model = a->model_before = rights_tenant_model(tenant);
	a->generation = catalog_generation();
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
	/* roles are read when first asked for: all from one template, or not at all */
	catalog_accept();
	if (a->generation != catalog_generation())
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("could not judge the call because a template has changed meanwhile"),
				 errhint("Try again.")));
	catalog_release(a->now);
	MemoryContextDelete(a->context);
}

/*
 * Whether a location is another one or below it; NULL is above all.
 */
bool
claims_within(Authority *a, const char *location, const char *root, Snapshot snapshot)
{
	char	   *at;

	if (root == NULL)
		return true;
	at = location ? pstrdup(location) : NULL;
	/* a tree; should somebody have made a cycle behind ambit's back, it ends */
	for (int depth = 0; at != NULL && depth < 10000; depth++)
	{
		const char *keys[2] = {a->tenant, at};
		CatalogScan scan;
		HeapTuple	tuple;

		if (strcmp(at, root) == 0)
			return true;
		CHECK_FOR_INTERRUPTS();
		catalog_begin(&scan, CATALOG_LOCATION, snapshot, 2, keys);
		tuple = catalog_next(&scan);
		at = tuple ? catalog_text(&scan, tuple, 3) : NULL;
		catalog_end(&scan);
	}
	return false;
}

bool
names_equal(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

bool
has_target(const ModelEntry *entry, const char *role)
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
			if (!has_target(k->entry, c->entry->targets[i]))
				return false;
	}
	if (k->place.only_group && !names_equal(k->place.only_group, c->place.only_group))
		return false;
	if (k->place.only_self && !c->place.only_self)
		return false;
	if (k->place.until < c->place.until)
		return false;
	return claims_within(a, c->place.location, k->place.location, &a->before);
}

bool
claims_any_covers(Authority *a, const List *claims, const Claim *c)
{
	ListCell   *lc;

	foreach(lc, claims)
		if (covers(a, lfirst(lc), c))
			return true;
	return false;
}

List *
claims_of(Authority *a, const TenantModel *model, const Subject *subject, Snapshot snapshot)
{
	return compile_claims(model, subject, &a->circumstance, snapshot);
}

/*
 * Whether something of the template depends on the channel, or on a feature.
 */
static void
depends_on(const TenantModel *model, bool *channel, bool *feature)
{
	*channel = *feature = false;
	for (int i = 0; i < model->template->nroles + model->nroles; i++)
	{
		const ModelRole *role = i < model->template->nroles ?
			model_template_role(model->template, model->template->roles[i].name) :
			&model->roles[i - model->template->nroles];

		for (int j = 0; j < role->ncells; j++)
			for (int k = 0; k < role->cells[j].nentries; k++)
			{
				*channel |= role->cells[j].entries[k].channels != NULL;
				*feature |= role->cells[j].entries[k].feature != NULL;
			}
	}
}

/*
 * The next circumstance in which to judge; false after the last.  What is
 * gained by another channel, or once a feature is turned on, is gained too.
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
				n = (*step)++;

	depends_on(a->model, &by_channel, &by_feature);
	depends_on(a->model_before, &before_channel, &before_feature);
	nchannels = by_channel || before_channel ? lengthof(channels) : 1;
	if (n >= nchannels * (by_feature || before_feature ? 2 : 1))
		return false;
	a->circumstance.channel = channels[n % nchannels];
	a->circumstance.all_features = n >= nchannels;
	a->caller_claims = claims_of(a, a->model_before, &caller, &a->before);
	return true;
}

/*
 * The first claim that is covered by none of those lists; NULL if all are.
 */
const Claim *
claims_first_uncovered(Authority *a, const List *claims, const List *one, const List *other)
{
	ListCell   *lc;

	foreach(lc, claims)
	{
		CHECK_FOR_INTERRUPTS();
		if (!claims_any_covers(a, one, lfirst(lc)) && !claims_any_covers(a, other, lfirst(lc)) &&
			!claims_any_covers(a, a->caller_claims, lfirst(lc)))
			return lfirst(lc);
	}
	return NULL;
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

	return claims_first_uncovered(a, claims_of(a, a->model, &subject, a->now), before, handed_out);
}

/*
 * Calls a function for every assignment of a member, or of all members, that
 * is valid, or for ended ones too.
 */
void
claims_each_assignment(Authority *a, const char *user_id, bool ended, Snapshot snapshot,
				placement_callback callback, void *arg)
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

bool
claims_in_group(Authority *a, const char *user_id, const char *group)
{
	const char *keys[2] = {a->tenant, user_id};
	CatalogScan scan;
	HeapTuple	tuple;
	bool		found = false;

	catalog_begin(&scan, CATALOG_GROUP_MEMBER_USER, a->now, 2, keys);
	while (!found && (tuple = catalog_next(&scan)) != NULL)
		found = strcmp(catalog_text(&scan, tuple, 2), group) == 0;
	catalog_end(&scan);
	return found;
}
