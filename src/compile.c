/*
 * compile.c
 *		From roles, cells and overrides to the arms of each permission.
 *
 * This is section "what a decision is" of the design, in its order:
 *
 *	1	the assignments that are valid now
 *	2	the cells that their roles bring, overrides of the tenant and of the
 *		member, locks
 *	3	the conditions of the scope entries: feature, channel, requirements
 *	4	what is left, as arms
 *
 * Arms are then merged, sorted and numbered so that members with rights of
 * the same shape get the same fingerprint whatever their keys and places are.
 */
#include "postgres.h"
#include "compat.h"

#include "common/hashfn.h"
#include "miscadmin.h"
#include "port/pg_bitutils.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"

#include "catalog.h"
#include "rights.h"

/* One valid assignment. */
typedef struct Assignment
{
	char	   *role;
	char	   *location;		/* NULL: the whole tenant */
	char	   *only_group;
	bool		only_self;
	List	   *roles;			/* ModelRole: the role and all that it inherits */
} Assignment;

/* A scope entry that an assignment brings, before the conditions. */
typedef struct Candidate
{
	PermissionId permission;
	const ModelCell *cell;		/* whose requirements hold too; NULL: none */
	const ModelEntry *entry;
	const Assignment *assignment;
	const char *source_role;	/* NULL: the member's own override */
	bool		active;
} Candidate;

/* An arm while it is being merged: places and groups are still lists. */
typedef struct Draft
{
	PermissionId permission;
	const ModelEntry *entry;
	bool		whole;
	List	   *locations;		/* char *, sorted */
	List	   *groups;			/* char *, sorted; NIL: no limit */
	bool		only_self;
	bool		dead;
} Draft;

typedef struct Compile
{
	Rights	   *rights;
	Snapshot	snapshot;
	MemoryContext scratch;
	List	   *assignments;
	List	   *groups;			/* char *: the member's own groups, sorted */
	int			ncandidates;
	Candidate  *candidates;
	int			ndrafts;
	Draft	   *drafts;
} Compile;

static int
compare_names(const ListCell *a, const ListCell *b)
{
	return strcmp(lfirst(a), lfirst(b));
}

static bool
list_has_name(const List *list, const char *name)
{
	ListCell   *lc;

	foreach(lc, list)
		if (strcmp(lfirst(lc), name) == 0)
			return true;
	return false;
}

static bool
lists_equal(const List *a, const List *b)
{
	ListCell   *la,
			   *lb;

	if (list_length(a) != list_length(b))
		return false;
	forboth(la, a, lb, b)
		if (strcmp(lfirst(la), lfirst(lb)) != 0)
			return false;
	return true;
}

/*
 * The union of two sorted lists of names, sorted.
 */
static List *
merge_names(const List *a, const List *b)
{
	List	   *result = list_copy(a);
	ListCell   *lc;

	foreach(lc, b)
		if (!list_has_name(result, lfirst(lc)))
			result = lappend(result, lfirst(lc));
	list_sort(result, compare_names);
	return result;
}

/*
 * One key of a member ("staff", "client") as text; NULL when there is none.
 */
static char *
member_key(Jsonb *keys, const char *name)
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

			rights->staff = member_key(jsonb, "staff");
			rights->client = member_key(jsonb, "client");
			MemoryContextSwitchTo(old);
		}
	}
	catalog_end(&scan);
	return found;
}

/*
 * Appends a role and all that it inherits, each once.
 */
static List *
add_role(const TenantModel *model, List *roles, const char *name)
{
	const ModelRole *role = model_role(model, name);

	check_stack_depth();
	if (role == NULL || list_member_ptr(roles, role))
		return roles;
	roles = lappend(roles, (void *) role);
	for (int i = 0; i < role->ninherits; i++)
		roles = add_role(model, roles, role->inherits[i]);
	return roles;
}

static void
add_assignment(Compile *c, char *role, char *location, char *only_group, bool only_self)
{
	Assignment *assignment = palloc0(sizeof(Assignment));

	assignment->role = role;
	assignment->location = location;
	assignment->only_group = only_group;
	assignment->only_self = only_self;
	assignment->roles = add_role(c->rights->model, NIL, role);
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
			add_assignment(c, rights->model->template->visitor_role, NULL, NULL, false);
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
					   catalog_text(&scan, tuple, 5), catalog_bool(&scan, tuple, 6));
	}
	catalog_end(&scan);

	catalog_begin(&scan, CATALOG_GROUP_MEMBER_USER, c->snapshot, 2, keys);
	while ((tuple = catalog_next(&scan)) != NULL)
		c->groups = lappend(c->groups, catalog_text(&scan, tuple, 2));
	catalog_end(&scan);
	list_sort(c->groups, compare_names);
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
 * The entries of one cell, with what the tenant changed.  enabled_only: only
 * if the cell is on.  Returns them as a list of ModelEntry; *exists tells
 * whether there is a cell at all.
 */
static List *
cell_entries(Compile *c, const ModelRole *role, PermissionId permission,
			 bool enabled_only, const ModelCell **cell, bool *exists)
{
	const TenantModel *model = c->rights->model;
	const ModelOverride *override;
	List	   *result = NIL;
	bool		enabled;

	*cell = model_cell(role, permission);
	override = model_override(model, role->name, permission);
	if (override && *cell && (*cell)->locked)
		override = NULL;
	*exists = (*cell != NULL || override != NULL);
	if (!*exists)
		return NIL;
	enabled = override ? override->enabled : (*cell)->enabled;
	if (enabled_only && !enabled)
		return NIL;

	if (override && (override->scope || *cell == NULL))
	{
		const char *scope = override->scope ? override->scope : "all";
		ModelEntry *plain;

		/* the conditions of the template's entries of that scope stay */
		for (int i = 0; *cell && i < (*cell)->nentries; i++)
			if (strcmp((*cell)->entries[i].scope, scope) == 0)
				result = lappend(result, &(*cell)->entries[i]);
		if (result == NIL)
		{
			plain = palloc0(sizeof(ModelEntry));
			plain->scope = pstrdup(scope);
			if (model_scope(model->template, scope, &plain->kind, &plain->named))
				result = lappend(result, plain);
		}
		return result;
	}
	for (int i = 0; i < (*cell)->nentries; i++)
		result = lappend(result, &(*cell)->entries[i]);
	return result;
}

/*
 * Whether the permission is locked, on or off, in a role of the member.
 */
static bool
is_locked(Compile *c, PermissionId permission)
{
	ListCell   *la,
			   *lr;

	foreach(la, c->assignments)
		foreach(lr, ((Assignment *) lfirst(la))->roles)
		{
			const ModelCell *cell = model_cell(lfirst(lr), permission);

			if (cell && cell->locked)
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
	bool		any_cell = false;
	ListCell   *la,
			   *lr,
			   *le,
			   *lc;
	int			kept = 0;

	if (is_locked(c, permission))
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
				const ModelCell *cell;
				bool		exists;
				List	   *some = cell_entries(c, lfirst(lr), permission, false, &cell, &exists);

				any_cell |= exists;
				foreach(le, some)
				{
					entries = lappend(entries, lfirst(le));
					cells = lappend(cells, (void *) cell);
				}
			}
	}
	if (scope != NULL || !any_cell)
	{
		ModelEntry *plain = palloc0(sizeof(ModelEntry));

		plain->scope = pstrdup(scope ? scope : "all");
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
			   *lr,
			   *le;

	foreach(la, c->assignments)
	{
		const Assignment *assignment = lfirst(la);

		foreach(lr, assignment->roles)
		{
			const ModelRole *role = lfirst(lr);
			const ModelCell *cell;
			bool		exists;

			for (int i = 0; i < role->ncells; i++)
				foreach(le, cell_entries(c, role, role->cells[i].permission, true, &cell, &exists))
					add_candidate(c, role->cells[i].permission, cell, lfirst(le),
								  assignment, role->name);
			/* cells that only the tenant gave the role */
			for (int i = 0; i < model->noverrides; i++)
				if (strcmp(model->overrides[i].role, role->name) == 0 &&
					model_has_permission(model->template, model->overrides[i].permission) &&
					model_cell(role, model->overrides[i].permission) == NULL)
					foreach(le, cell_entries(c, role, model->overrides[i].permission, true,
											 &cell, &exists))
						add_candidate(c, model->overrides[i].permission, cell, lfirst(le),
									  assignment, role->name);
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
			if (entry->feature && !model_feature(rights->model, entry->feature))
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

static bool
same_targets(const ModelEntry *a, const ModelEntry *b)
{
	if ((a->targets == NULL) != (b->targets == NULL) || a->ntargets != b->ntargets)
		return false;
	for (int i = 0; i < a->ntargets; i++)
		if (strcmp(a->targets[i], b->targets[i]) != 0)
			return false;
	return true;
}

/*
 * Whether whatever b reaches is reached by a as well.
 */
static bool
absorbs(const Draft *a, const Draft *b)
{
	if (a->permission != b->permission)
		return false;
	if (a->entry->kind != SCOPE_ALL && strcmp(a->entry->scope, b->entry->scope) != 0)
		return false;
	if (a->entry->targets && !same_targets(a->entry, b->entry))
		return false;
	if (!a->whole && (b->whole || !lists_equal(a->locations, b->locations)))
		return false;
	if (a->groups != NIL && !lists_equal(a->groups, b->groups))
		return false;
	return !a->only_self || b->only_self;
}

/*
 * Whether the two differ in nothing but where they hold.
 */
static bool
mergeable(const Draft *a, const Draft *b)
{
	return a->permission == b->permission && a->only_self == b->only_self &&
		strcmp(a->entry->scope, b->entry->scope) == 0 && same_targets(a->entry, b->entry);
}

static int
compare_drafts(const void *x, const void *y)
{
	const Draft *a = x;
	const Draft *b = y;
	int			cmp;

	if (a->permission != b->permission)
		return a->permission < b->permission ? -1 : 1;
	if (a->entry->kind != b->entry->kind)
		return a->entry->kind < b->entry->kind ? -1 : 1;
	if ((cmp = strcmp(a->entry->scope, b->entry->scope)) != 0)
		return cmp;
	if (a->whole != b->whole)
		return a->whole ? -1 : 1;
	if (a->only_self != b->only_self)
		return a->only_self ? 1 : -1;
	if ((a->groups == NIL) != (b->groups == NIL))
		return a->groups == NIL ? -1 : 1;
	if ((a->entry->targets == NULL) != (b->entry->targets == NULL))
		return a->entry->targets == NULL ? -1 : 1;
	return 0;
}

/*
 * Step 4: what is left, without what another arm reaches anyhow.
 */
static void
draft_arms(Compile *c)
{
	Draft	   *drafts = palloc_extended(sizeof(Draft) * Max(c->ncandidates, 1), MCXT_ALLOC_HUGE);
	int			n = 0;

	for (int i = 0; i < c->ncandidates; i++)
	{
		const Candidate *candidate = &c->candidates[i];
		Draft	   *draft;

		if (!candidate->active)
			continue;
		draft = &drafts[n++];
		memset(draft, 0, sizeof(Draft));
		draft->permission = candidate->permission;
		draft->entry = candidate->entry;
		draft->whole = (candidate->assignment->location == NULL);
		if (!draft->whole)
			draft->locations = list_make1(candidate->assignment->location);
		if (candidate->assignment->only_group)
			draft->groups = list_make1(candidate->assignment->only_group);
		draft->only_self = candidate->assignment->only_self;
	}
	/* neighbours are those of one permission */
	qsort(drafts, n, sizeof(Draft), compare_drafts);

	for (int i = 0; i < n; i++)
		for (int j = i + 1; j < n && drafts[j].permission == drafts[i].permission; j++)
		{
			Draft	   *a = &drafts[i],
					   *b = &drafts[j];

			if (a->dead || b->dead)
				continue;
			if (absorbs(a, b))
				b->dead = true;
			else if (absorbs(b, a))
				a->dead = true;
			else if (mergeable(a, b) && a->whole == b->whole && lists_equal(a->groups, b->groups))
			{
				a->locations = merge_names(a->locations, b->locations);
				b->dead = true;
			}
		}
	/* places first, then groups: places that differ keep their groups apart */
	for (int i = 0; i < n; i++)
		for (int j = i + 1; j < n && drafts[j].permission == drafts[i].permission; j++)
		{
			Draft	   *a = &drafts[i],
					   *b = &drafts[j];

			if (a->dead || b->dead || !mergeable(a, b) || a->whole != b->whole)
				continue;
			if (lists_equal(a->locations, b->locations) && a->groups != NIL && b->groups != NIL)
			{
				a->groups = merge_names(a->groups, b->groups);
				b->dead = true;
			}
		}
	c->drafts = drafts;
	c->ndrafts = 0;
	for (int i = 0; i < n; i++)
		if (!drafts[i].dead)
			drafts[c->ndrafts++] = drafts[i];
}

/*
 * The number of a reach, new or found again.
 */
static int
add_reach(Rights *rights, ReachKind kind, int nroots, char **roots, const ModelScope *scope)
{
	Reach	   *reach;

	for (int i = 0; i < rights->nreaches; i++)
	{
		bool		same;

		reach = &rights->reaches[i];
		same = reach->kind == kind && reach->scope == scope && reach->nroots == nroots;
		for (int j = 0; same && j < nroots; j++)
			same = strcmp(reach->roots[j], roots[j]) == 0;
		if (same)
			return i;
	}
	if (rights->nreaches == 0)
		rights->reaches = palloc(sizeof(Reach) * 8);
	else if (rights->nreaches >= 8 && (rights->nreaches & (rights->nreaches - 1)) == 0)
		rights->reaches = repalloc(rights->reaches, sizeof(Reach) * rights->nreaches * 2);
	reach = &rights->reaches[rights->nreaches];
	memset(reach, 0, sizeof(Reach));
	reach->kind = kind;
	reach->nroots = nroots;
	reach->roots = roots;
	reach->scope = scope;
	return rights->nreaches++;
}

static int
add_reach_list(Rights *rights, ReachKind kind, const List *names)
{
	char	  **roots = palloc(sizeof(char *) * (list_length(names) + 1));
	int			n = 0;
	ListCell   *lc;

	foreach(lc, names)
		roots[n++] = pstrdup(lfirst(lc));
	return add_reach(rights, kind, n, roots, NULL);
}

static void
make_arm(Compile *c, const Draft *draft, Arm *arm)
{
	Rights	   *rights = c->rights;
	const ModelEntry *entry = draft->entry;

	memset(arm, 0, sizeof(Arm));
	arm->scope = entry->kind;
	arm->scope_reach = arm->scope_staff = -1;
	if (entry->kind == SCOPE_SELF)
		arm->scope_reach = add_reach(rights, REACH_SELF, 0, NULL, NULL);
	else if (entry->kind == SCOPE_RELATIONSHIP)
		arm->scope_reach = add_reach(rights, REACH_RELATIONSHIP, 0, NULL, entry->named);
	else if (entry->kind == SCOPE_TEAM)
	{
		arm->scope_reach = add_reach_list(rights, REACH_GROUPS, c->groups);
		arm->scope_staff = add_reach_list(rights, REACH_GROUP_STAFF, c->groups);
	}
	arm->locations = draft->whole ? -1 : add_reach_list(rights, REACH_LOCATIONS, draft->locations);
	arm->groups = arm->group_staff = -1;
	if (draft->groups != NIL)
	{
		arm->groups = add_reach_list(rights, REACH_GROUPS, draft->groups);
		arm->group_staff = add_reach_list(rights, REACH_GROUP_STAFF, draft->groups);
	}
	arm->only_self = draft->only_self;
	arm->ntargets = entry->targets ? entry->ntargets : -1;
	arm->targets = entry->targets;
	arm->target_staff = entry->targets ?
		add_reach(rights, REACH_TARGET_STAFF, entry->ntargets, entry->targets, NULL) : -1;
}

/*
 * Where a permission comes from, for effective_permissions().
 */
static char *
describe_source(Compile *c, PermissionId permission)
{
	MemoryContext old = MemoryContextSwitchTo(c->scratch);
	List	   *said = NIL;
	StringInfoData buf;

	initStringInfo(&buf);
	for (int i = 0; i < c->ncandidates; i++)
	{
		const Candidate *candidate = &c->candidates[i];
		char	   *text;

		if (!candidate->active || candidate->permission != permission)
			continue;
		if (candidate->source_role == NULL)
			text = pstrdup("member");
		else if (strcmp(candidate->source_role, candidate->assignment->role) == 0)
			text = psprintf("role %s", candidate->source_role);
		else
			text = psprintf("role %s, inherited by %s", candidate->source_role,
							candidate->assignment->role);
		if (list_has_name(said, text))
			continue;
		said = lappend(said, text);
		if (buf.len > 0)
			appendStringInfoString(&buf, "; ");
		appendStringInfoString(&buf, text);
	}
	MemoryContextSwitchTo(old);
	return pstrdup(buf.data);
}

/*
 * The scopes of all entries that hold for a permission, those that another
 * arm absorbed included: built-in ones in their order, then by name.
 */
static void
list_scopes(Compile *c, RightsPermission *permission)
{
	for (int i = 0; i < c->ncandidates; i++)
	{
		const Candidate *candidate = &c->candidates[i];
		const ModelEntry *entry = candidate->entry;
		int			at = 0;

		if (!candidate->active || candidate->permission != permission->permission)
			continue;
		while (at < permission->nscopes)
		{
			ScopeKind	kind;
			const ModelScope *named;
			const char *other = permission->scopes[at];

			(void) model_scope(c->rights->model->template, other, &kind, &named);
			if (kind > entry->kind ||
				(kind == entry->kind && strcmp(other, entry->scope) >= 0))
				break;
			at++;
		}
		if (at < permission->nscopes && strcmp(permission->scopes[at], entry->scope) == 0)
			continue;
		if (permission->nscopes == 0)
			permission->scopes = palloc(sizeof(char *) * 4);
		else if (permission->nscopes >= 4 && (permission->nscopes & (permission->nscopes - 1)) == 0)
			permission->scopes = repalloc(permission->scopes,
										  sizeof(char *) * permission->nscopes * 2);
		memmove(&permission->scopes[at + 1], &permission->scopes[at],
				sizeof(char *) * (permission->nscopes - at));
		permission->scopes[at] = pstrdup(entry->scope);
		permission->nscopes++;
	}
}

/*
 * Turns drafts into arms and numbers what they reach.
 */
static void
finish_arms(Compile *c)
{
	Rights	   *rights = c->rights;
	RightsPermission *permission = NULL;

	rights->arms = palloc_extended(sizeof(Arm) * Max(c->ndrafts, 1), MCXT_ALLOC_HUGE);
	rights->permissions = palloc(sizeof(RightsPermission) * Max(c->ndrafts, 1));
	for (int i = 0; i < c->ndrafts; i++)
	{
		if (permission == NULL || permission->permission != c->drafts[i].permission)
		{
			permission = &rights->permissions[rights->npermissions++];
			permission->permission = c->drafts[i].permission;
			permission->first = i;
			permission->n = 0;
			permission->source = describe_source(c, permission->permission);
			permission->nscopes = 0;
			permission->scopes = NULL;
			list_scopes(c, permission);
		}
		permission->n++;
		make_arm(c, &c->drafts[i], &rights->arms[rights->narms++]);
	}
}

static void
append_shape(StringInfo buf, const void *data, Size size)
{
	appendBinaryStringInfo(buf, data, (int) size);
}

/*
 * The fingerprint: all that a plan made from these rights may hold, and
 * nothing that is looked up when it runs.
 */
static int64
shape_fingerprint(const Rights *rights)
{
	StringInfoData buf;
	uint64		hash;

	initStringInfo(&buf);
	append_shape(&buf, &rights->sole_tenant, sizeof(bool));
	for (int i = 0; i < rights->npermissions; i++)
	{
		append_shape(&buf, &rights->permissions[i].permission, sizeof(PermissionId));
		append_shape(&buf, &rights->permissions[i].n, sizeof(int));
	}
	for (int i = 0; i < rights->narms; i++)
	{
		const Arm  *arm = &rights->arms[i];
		int			numbers[] = {
			arm->scope, arm->scope_reach, arm->scope_staff, arm->locations,
			arm->groups, arm->group_staff, arm->only_self, arm->target_staff
		};

		append_shape(&buf, numbers, sizeof(numbers));
	}
	for (int i = 0; i < rights->nreaches; i++)
	{
		append_shape(&buf, &rights->reaches[i].kind, sizeof(ReachKind));
		if (rights->reaches[i].scope)
			append_shape(&buf, rights->reaches[i].scope->name,
						 strlen(rights->reaches[i].scope->name) + 1);
	}
	hash = DatumGetUInt64(hash_any_extended((unsigned char *) buf.data, buf.len, 0));
	pfree(buf.data);
	return hash == 0 ? 1 : (int64) hash;
}

static void
append_name(StringInfo buf, const char *name)
{
	appendBinaryStringInfo(buf, name ? name : "", name ? (int) strlen(name) + 1 : 1);
}

/*
 * What is looked up when a plan runs: the member's keys, and the places,
 * groups and roles that arms are limited to.
 */
static int64
values_fingerprint(const Rights *rights)
{
	StringInfoData buf;
	uint64		hash;

	initStringInfo(&buf);
	append_name(&buf, rights->staff);
	append_name(&buf, rights->client);
	for (int i = 0; i < rights->nreaches; i++)
		for (int j = 0; j < rights->reaches[i].nroots; j++)
			append_name(&buf, rights->reaches[i].roots[j]);
	hash = DatumGetUInt64(hash_any_extended((unsigned char *) buf.data, buf.len, 0));
	pfree(buf.data);
	return (int64) hash;
}

static int
compare_strings(const void *a, const void *b)
{
	return strcmp(*(char *const *) a, *(char *const *) b);
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
	qsort(rights->roles, n, sizeof(char *), compare_strings);
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
	draft_arms(&c);
	MemoryContextSwitchTo(rights->context);
	finish_arms(&c);
	rights->fingerprint = shape_fingerprint(rights);
	rights->values = values_fingerprint(rights);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(scratch);
}
