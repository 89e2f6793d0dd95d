/*
 * arms.c
 *		From the scope entries that hold to the arms of each permission.
 *
 * The last step of a compilation (compile.c).  Arms are merged, sorted and
 * numbered so that members with rights of the same shape get the same
 * fingerprint whatever their keys and places are.
 */
#include "postgres.h"
#include "compat.h"

#include "common/hashfn.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "compile.h"
#include "names.h"

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
		if (!names_has(result, lfirst(lc)))
			result = lappend(result, lfirst(lc));
	list_sort(result, names_compare_cells);
	return result;
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
void
compile_draft_arms(Compile *c)
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
		if (names_has(said, text))
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
		for (int j = permission->nscopes; j > at; j--)
			permission->scopes[j] = permission->scopes[j - 1];
		permission->scopes[at] = pstrdup(entry->scope);
		permission->nscopes++;
	}
}

/*
 * Turns drafts into arms and numbers what they reach.
 */
void
compile_finish_arms(Compile *c)
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
	for (int i = 0; i < rights->nreaches; i++)
		rights->reaches[i].single = reach_is_single(rights, &rights->reaches[i], c->snapshot);
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
		append_shape(&buf, &rights->reaches[i].single, sizeof(bool));
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

/*
 * Fills in the two hashes of finished rights.
 */
void
compile_fingerprints(Rights *rights)
{
	rights->fingerprint = shape_fingerprint(rights);
	rights->values = values_fingerprint(rights);
}
