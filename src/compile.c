/*
 * compile.c
 *		From roles, cells and overrides to the arms of each permission.
 *
 * This is what README.md says in "How a decision is made", in its order:
 *
 *	1	the assignments that are valid now
 *	2	the cells that their roles bring, overrides of the tenant and of the
 *		member, locks
 *	3	the conditions of the scope entries: feature, channel, requirements
 *	4	what is left, as arms
 *
 * The arms are arms.c's business.
 */
#include "postgres.h"
#include "compat.h"

#include "miscadmin.h"
#include "port/pg_bitutils.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "authority.h"
#include "catalog.h"
#include "compile.h"
#include "names.h"
#include "role.h"

/*
 * One key of a member ("staff", "client") as text; NULL when there is none.
 */
char *
rights_member_key(Jsonb *keys, const char *name)
{
	JsonbValue	value;

	if (!JB_ROOT_IS_OBJECT(keys) ||
		getKeyJsonValueFromContainer(&keys->root, name, strlen(name), &value) == NULL)
		return NULL;
	if (value.type == jbvString)
		return value.val.string.len > 0 ? pnstrdup(value.val.string.val, value.val.string.len) : NULL;
	if (value.type == jbvNumeric)
		return DatumGetCString(DirectFunctionCall1(numeric_out,
												   NumericGetDatum(value.val.numeric)));
	return NULL;
}

/*
 * Reads the member's row: its keys.  False when there is no such member.
 */
static bool
read_member(Rights *rights, Snapshot snapshot)
{
	const char *keys[2] = {rights->tenant, rights->user_id};
	CatalogScan scan;
	HeapTuple	tuple;
	bool		found = false;

	catalog_begin(&scan, CATALOG_MEMBER, snapshot, 2, keys);
	if ((tuple = catalog_next(&scan)) != NULL)
	{
		bool		isnull;
		Datum		value = catalog_datum(&scan, tuple, 3, &isnull);

		found = true;
		if (!isnull)
		{
			Jsonb	   *jsonb = DatumGetJsonbPCopy(value);
			MemoryContext old = MemoryContextSwitchTo(rights->context);

			rights->staff = rights_member_key(jsonb, "staff");
			rights->client = rights_member_key(jsonb, "client");
			MemoryContextSwitchTo(old);
		}
	}
	catalog_end(&scan);
	return found;
}

static void
add_assignment(Compile *c, char *role, char *location, char *only_group, bool only_self,
			   TimestampTz until)
{
	Assignment *assignment = palloc0(sizeof(Assignment));

	assignment->role = role;
	assignment->location = location;
	assignment->only_group = only_group;
	assignment->only_self = only_self;
	assignment->until = until;
	assignment->roles = role_closure(c->rights->model, role);
	c->assignments = lappend(c->assignments, assignment);
}

/*
 * Step 1: the assignments that are valid now.
 */
static void
read_assignments(Compile *c)
{
	Rights	   *rights = c->rights;
	const char *keys[2] = {rights->tenant, rights->user_id};
	TimestampTz now = GetCurrentTimestamp();
	CatalogScan scan;
	HeapTuple	tuple;

	if (rights->user_id == NULL)
	{
		if (rights->model->template->visitor_role)
			add_assignment(c, rights->model->template->visitor_role, NULL, NULL, false, DT_NOEND);
		return;
	}
	if (!read_member(rights, c->snapshot))
		return;

	catalog_begin(&scan, CATALOG_ASSIGNMENT, c->snapshot, 2, keys);
	while ((tuple = catalog_next(&scan)) != NULL)
	{
		bool		isnull;
		TimestampTz until = DatumGetTimestampTz(catalog_datum(&scan, tuple, 7, &isnull));

		if (!isnull && until <= now)
			continue;
		if (!isnull && until < rights->valid_until)
			rights->valid_until = until;
		add_assignment(c, catalog_text(&scan, tuple, 3), catalog_text(&scan, tuple, 4),
					   catalog_text(&scan, tuple, 5), catalog_bool(&scan, tuple, 6),
					   isnull ? DT_NOEND : until);
	}
	catalog_end(&scan);

	catalog_begin(&scan, CATALOG_GROUP_MEMBER_USER, c->snapshot, 2, keys);
	while ((tuple = catalog_next(&scan)) != NULL)
		c->groups = lappend(c->groups, catalog_text(&scan, tuple, 2));
	catalog_end(&scan);
	list_sort(c->groups, names_compare_cells);
}

static void
add_candidate(Compile *c, PermissionId permission, const ModelCell *cell,
			  const ModelEntry *entry, const Assignment *assignment, const char *source_role)
{
	Candidate  *candidate;

	if (c->ncandidates == 0)
		c->candidates = palloc(sizeof(Candidate) * 64);
	else if (c->ncandidates >= 64 && (c->ncandidates & (c->ncandidates - 1)) == 0)
		c->candidates = repalloc_huge(c->candidates, sizeof(Candidate) * c->ncandidates * 2);
	candidate = &c->candidates[c->ncandidates++];
	candidate->permission = permission;
	candidate->cell = cell;
	candidate->entry = entry;
	candidate->assignment = assignment;
	candidate->source_role = source_role;
	candidate->active = false;
}

/*
 * Whether a lock in a role of the member is in the way of an override.  One
 * that says off is not, where the override says off as well.
 */
static bool
is_locked(Compile *c, PermissionId permission, bool enabled)
{
	ListCell   *la,
			   *lr;

	foreach(la, c->assignments)
		foreach(lr, ((Assignment *) lfirst(la))->roles)
		{
			const RoleUse *use = lfirst(lr);
			const ModelCell *cell = model_cell(use->role, permission);

			if (cell && cell->locked && (enabled || cell->enabled) &&
				role_use_brings(use, permission))
				return true;
		}
	return false;
}

/*
 * Step 2, the member's own override: it takes the place of what the roles
 * bring for the permission, through each of the assignments.
 */
static void
apply_member_override(Compile *c, PermissionId permission, bool enabled, const char *scope)
{
	List	   *entries = NIL,
			   *cells = NIL;
	ListCell   *la,
			   *lr,
			   *le,
			   *lc;
	int			kept = 0;

	if (!c->awake && is_locked(c, permission, enabled))
		return;
	for (int i = 0; i < c->ncandidates; i++)
		if (c->candidates[i].permission != permission)
			c->candidates[kept++] = c->candidates[i];
	if (kept < c->ncandidates)
	{
		Candidate  *copy = palloc_extended(sizeof(Candidate) * Max(pg_nextpower2_32(Max(kept, 64)) * 2, 128),
										   MCXT_ALLOC_HUGE);

		memcpy(copy, c->candidates, sizeof(Candidate) * kept);
		c->candidates = copy;
		c->ncandidates = kept;
	}
	if (!enabled)
		return;

	if (scope == NULL)
	{
		foreach(la, c->assignments)
			foreach(lr, ((Assignment *) lfirst(la))->roles)
			{
				const RoleUse *use = lfirst(lr);
				const ModelCell *cell;
				bool		exists;
				List	   *some;

				if (!role_use_brings(use, permission))
					continue;
				some = role_entries(c->rights->model, use->role, permission, false,
									&cell, &exists);
				foreach(le, some)
				{
					entries = lappend(entries, lfirst(le));
					cells = lappend(cells, (void *) cell);
				}
			}
	}
	else
	{
		ModelEntry *plain = palloc0(sizeof(ModelEntry));

		plain->scope = pstrdup(scope);
		if (model_scope(c->rights->model->template, plain->scope, &plain->kind, &plain->named))
		{
			entries = lappend(entries, plain);
			cells = lappend(cells, NULL);
		}
	}
	foreach(la, c->assignments)
		forboth(le, entries, lc, cells)
			add_candidate(c, permission, lfirst(lc), lfirst(le), lfirst(la), NULL);
}

/*
 * Step 2, one cell of a role.
 */
static void
collect_cell(Compile *c, const Assignment *assignment, const RoleUse *use,
			 PermissionId permission)
{
	const ModelCell *cell;
	bool		exists;
	ListCell   *le;

	if (!role_use_brings(use, permission))
		return;
	foreach(le, role_entries(c->rights->model, use->role, permission, true, &cell, &exists))
		add_candidate(c, permission, cell, lfirst(le), assignment, use->role->name);
}

/*
 * Step 2: the cells of each assigned role and of those that it inherits.
 */
static void
collect_candidates(Compile *c)
{
	const TenantModel *model = c->rights->model;
	const char *keys[2] = {c->rights->tenant, c->rights->user_id};
	CatalogScan scan;
	HeapTuple	tuple;
	ListCell   *la,
			   *lr;

	foreach(la, c->assignments)
	{
		const Assignment *assignment = lfirst(la);

		foreach(lr, assignment->roles)
		{
			const RoleUse *use = lfirst(lr);
			const ModelRole *role = use->role;
			const ModelOverride *overrides;
			int			n;

			for (int i = 0; i < role->ncells; i++)
				collect_cell(c, assignment, use, role->cells[i].permission);
			/* cells that only the tenant gave the role */
			overrides = model_overrides(model, role->name, &n);
			for (int i = 0; i < n; i++)
				if (model_has_permission(model->template, overrides[i].permission) &&
					model_cell(role, overrides[i].permission) == NULL)
					collect_cell(c, assignment, use, overrides[i].permission);
		}
	}

	if (c->rights->user_id == NULL)
		return;
	catalog_begin(&scan, CATALOG_MEMBER_CELL, c->snapshot, 2, keys);
	while ((tuple = catalog_next(&scan)) != NULL)
	{
		bool		isnull;
		PermissionId permission = DatumGetInt32(catalog_datum(&scan, tuple, 3, &isnull));

		if (model_has_permission(model->template, permission))
			apply_member_override(c, permission, catalog_bool(&scan, tuple, 4),
								  catalog_text(&scan, tuple, 5));
	}
	catalog_end(&scan);
}

static void
hold(Rights *rights, PermissionId permission)
{
	rights->held[permission / 64] |= UINT64CONST(1) << (permission % 64);
}

static bool
holds_all(const Rights *rights, int n, const PermissionId *permissions)
{
	for (int i = 0; i < n; i++)
		if (!rights_holds(rights, permissions[i]))
			return false;
	return true;
}

/*
 * Step 3: an entry holds where its feature is on, the channel is one of its
 * channels and every permission that it or its cell requires holds as well.
 * The least fixpoint: permissions that only require each other do not hold.
 */
static void
apply_conditions(Compile *c)
{
	Rights	   *rights = c->rights;
	bool		changed;

	for (int i = 0; i < c->ncandidates; i++)
		rights->max_permission = Max(rights->max_permission, c->candidates[i].permission);
	rights->held = palloc0(sizeof(uint64) * (rights->max_permission / 64 + 1));

	do
	{
		changed = false;
		for (int i = 0; i < c->ncandidates; i++)
		{
			Candidate  *candidate = &c->candidates[i];
			const ModelEntry *entry = candidate->entry;

			if (candidate->active)
				continue;
			if (entry->feature && !c->all_features && !model_feature(rights->model, entry->feature))
				continue;
			if (entry->channels)
			{
				bool		allowed = false;

				for (int j = 0; j < entry->nchannels; j++)
					if (rights->channel && strcmp(entry->channels[j], rights->channel) == 0)
						allowed = true;
				if (!allowed)
					continue;
			}
			if (!holds_all(rights, entry->nrequires, entry->requires))
				continue;
			if (candidate->cell &&
				!holds_all(rights, candidate->cell->nrequires, candidate->cell->requires))
				continue;
			candidate->active = true;
			hold(rights, candidate->permission);
			changed = true;
		}
	} while (changed);
}

static void
list_roles(Compile *c)
{
	Rights	   *rights = c->rights;
	ListCell   *lc;
	int			n = 0;

	rights->roles = palloc(sizeof(char *) * (list_length(c->assignments) + 1));
	foreach(lc, c->assignments)
		rights->roles[n++] = pstrdup(((Assignment *) lfirst(lc))->role);
	qsort(rights->roles, n, sizeof(char *), names_compare);
	for (int i = 0; i < n; i++)
		if (i == 0 || strcmp(rights->roles[i], rights->roles[rights->nroles - 1]) != 0)
			rights->roles[rights->nroles++] = rights->roles[i];
}

/*
 * Fills in the rights of rights->tenant, user_id and channel from what the
 * snapshot shows.  What stays is allocated in rights->context, the rest in a
 * context of its own that goes at the end.
 */
void
rights_compile(Rights *rights, Snapshot snapshot)
{
	MemoryContext scratch = AllocSetContextCreate(CurrentMemoryContext, "ambit compile",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(scratch);
	Compile		c = {0};

	c.rights = rights;
	c.snapshot = snapshot;
	c.scratch = scratch;
	if (rights->model)
	{
		read_assignments(&c);
		collect_candidates(&c);
	}
	MemoryContextSwitchTo(rights->context);
	list_roles(&c);
	apply_conditions(&c);
	MemoryContextSwitchTo(scratch);
	compile_draft_arms(&c);
	MemoryContextSwitchTo(rights->context);
	compile_finish_arms(&c);
	compile_fingerprints(rights);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(scratch);
}

/*
 * What holds for somebody, before it is merged into arms: for those who ask
 * who may give it to whom.  In the current memory context.
 */
List *
compile_claims(const TenantModel *tenant, const Subject *subject,
			   const Circumstance *circumstance, Snapshot snapshot)
{
	Rights	   *rights = palloc0(sizeof(Rights));
	Compile		c = {0};
	List	   *result = NIL;
	ListCell   *lc;

	rights->tenant = tenant->name;
	rights->user_id = unconstify(char *, subject->user_id);
	rights->channel = unconstify(char *, circumstance->channel);
	rights->context = CurrentMemoryContext;
	rights->model = tenant;
	rights->valid_until = DT_NOEND;
	c.rights = rights;
	c.snapshot = snapshot;
	c.scratch = CurrentMemoryContext;
	c.all_features = circumstance->all_features;
	c.awake = circumstance->awake;
	if (!subject->given)
		read_assignments(&c);
	foreach(lc, subject->placements)
	{
		const Placement *place = lfirst(lc);

		add_assignment(&c, unconstify(char *, place->role), unconstify(char *, place->location),
					   unconstify(char *, place->only_group), place->only_self, place->until);
	}
	collect_candidates(&c);
	apply_conditions(&c);
	for (int i = 0; i < c.ncandidates; i++)
	{
		const Candidate *candidate = &c.candidates[i];
		Claim	   *claim;

		if (!candidate->active)
			continue;
		claim = palloc(sizeof(Claim));
		claim->permission = candidate->permission;
		claim->entry = candidate->entry;
		claim->place.role = candidate->assignment->role;
		claim->place.location = candidate->assignment->location;
		claim->place.only_group = candidate->assignment->only_group;
		claim->place.only_self = candidate->assignment->only_self;
		claim->place.until = candidate->assignment->until;
		result = lappend(result, claim);
	}
	return result;
}
