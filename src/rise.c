/*
 * rise.c
 *		Nobody rises above what the caller had.
 *
 * The last step of a model function that somebody other than the DBA calls:
 * see authority.c.  Each question compares the claims of those whom the
 * change may have given something, after it, with theirs and the caller's
 * before it.
 */
#include "postgres.h"
#include "compat.h"

#include "common/hashfn.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

#include "authority.h"
#include "catalog.h"
#include "rights.h"

PG_FUNCTION_INFO_V1(ambit_confirm_member);
PG_FUNCTION_INFO_V1(ambit_confirm_roles);
PG_FUNCTION_INFO_V1(ambit_confirm_group);
PG_FUNCTION_INFO_V1(ambit_confirm_location);

static void
refuse_rise(Authority *a, const char *whom, const Claim *c)
{
	authority_refuse(a->function,
		   psprintf("It would give %s permission \"%s\" in scope \"%s\"%s%s%s, which you do not have to give.",
					whom, permission_name(c->permission), c->entry->scope,
					c->place.location ? " at location \"" : "",
					c->place.location ? c->place.location : "",
					c->place.location ? "\"" : ""));
}

/* The placements of one role, of a member. */
typedef struct Placements
{
	const char *role;			/* NULL: of any */
	List	   *list;
} Placements;

static void
note_placement(Authority *a, const char *user_id, const Placement *place, void *arg)
{
	Placements *wanted = arg;

	if (wanted->role == NULL || strcmp(wanted->role, place->role) == 0)
	{
		Placement  *copy = palloc(sizeof(Placement));

		*copy = *place;
		wanted->list = lappend(wanted->list, copy);
	}
}

/*
 * _confirm_member(since bigint, function text, tenant text, user_id text,
 *				   named text)
 *		42501 if the member has gained what the caller did not have.  named: a
 *		role that the caller's authority names; what it gives by itself is
 *		theirs to give.
 */
Datum
ambit_confirm_member(PG_FUNCTION_ARGS)
{
	Authority  *a = authority_begin(text_to_cstring(PG_GETARG_TEXT_PP(1)),
									text_to_cstring(PG_GETARG_TEXT_PP(2)),
									PG_GETARG_INT64(0));
	const char *user_id = text_to_cstring(PG_GETARG_TEXT_PP(3));
	Placements	placements = {0};
	Subject		named = {NULL, true, NIL};
	MemoryContext old = MemoryContextSwitchTo(a->context);
	int			step = 0;

	if (!PG_ARGISNULL(4))
	{
		placements.role = text_to_cstring(PG_GETARG_TEXT_PP(4));
		claims_each_assignment(a, user_id, false, a->now, note_placement, &placements);
		named.placements = placements.list;
	}
	while (claims_circumstance(a, &step))
	{
		const Claim *c = claims_member_rise(a, user_id, NIL, placements.role ? &named : NULL);

		if (c)
			refuse_rise(a, psprintf("member \"%s\"", user_id), c);
	}
	MemoryContextSwitchTo(old);
	authority_end(a);
	PG_RETURN_VOID();
}

/* The sets of roles that members hold. */
typedef struct RoleSet
{
	const char *user_id;		/* whose overrides count; NULL: nobody's */
	List	   *roles;			/* char *, sorted */
} RoleSet;

typedef struct RoleSets
{
	List	   *sets;			/* RoleSet */
	HTAB	   *seen;
	List	   *with_overrides; /* char *: members who have some, sorted */
	const char *user_id;		/* the member at hand */
	List	   *roles;
} RoleSets;

static int
compare_names(const ListCell *a, const ListCell *b)
{
	return strcmp(lfirst(a), lfirst(b));
}

static bool
has_name(const List *names, const char *name)
{
	ListCell   *lc;

	foreach(lc, names)
		if (strcmp(lfirst(lc), name) == 0)
			return true;
	return false;
}

static void
add_role_set(RoleSets *sets, const char *user_id, List *roles)
{
	StringInfoData key;
	RoleSet    *set;
	bool		found;
	char	   *stored;
	ListCell   *lc;

	list_sort(roles, compare_names);
	initStringInfo(&key);
	if (user_id)
		appendStringInfo(&key, "%zu:%s", strlen(user_id), user_id);
	foreach(lc, roles)
		appendStringInfo(&key, ",%zu:%s", strlen(lfirst(lc)), (char *) lfirst(lc));
	stored = key.data;
	(void) hash_search(sets->seen, &stored, HASH_ENTER, &found);
	if (found)
		return;
	set = palloc(sizeof(RoleSet));
	set->user_id = user_id;
	set->roles = roles;
	sets->sets = lappend(sets->sets, set);
}

/*
 * Takes the roles of the member at hand; assignments come member by member.
 */
static void
end_of_member(RoleSets *sets)
{
	if (sets->user_id != NULL)
		add_role_set(sets, has_name(sets->with_overrides, sets->user_id) ? sets->user_id : NULL,
					 sets->roles);
	sets->roles = NIL;
}

static void
note_role(Authority *a, const char *user_id, const Placement *place, void *arg)
{
	RoleSets   *sets = arg;

	if (sets->user_id == NULL || strcmp(sets->user_id, user_id) != 0)
	{
		end_of_member(sets);
		sets->user_id = user_id;
	}
	if (!has_name(sets->roles, place->role))
		sets->roles = lappend(sets->roles, unconstify(char *, place->role));
}

static uint32
name_hash(const void *key, Size keysize)
{
	const char *s = *(const char *const *) key;

	return hash_bytes((const unsigned char *) s, (int) strlen(s));
}

static int
name_match(const void *a, const void *b, Size keysize)
{
	return strcmp(*(const char *const *) a, *(const char *const *) b);
}

/*
 * Every set of roles that a member holds, every role by itself.
 */
static List *
role_sets(Authority *a)
{
	const char *keys[1] = {a->tenant};
	HASHCTL		ctl = {0};
	RoleSets	sets = {0};
	CatalogScan scan;
	HeapTuple	tuple;

	ctl.keysize = ctl.entrysize = sizeof(char *);
	ctl.hash = name_hash;
	ctl.match = name_match;
	ctl.hcxt = CurrentMemoryContext;
	sets.seen = hash_create("ambit role sets", 64, &ctl,
							HASH_ELEM | HASH_FUNCTION | HASH_COMPARE | HASH_CONTEXT);
	catalog_begin(&scan, CATALOG_MEMBER_CELL, a->now, 1, keys);
	while ((tuple = catalog_next(&scan)) != NULL)
	{
		char	   *user_id = catalog_text(&scan, tuple, 2);

		if (!has_name(sets.with_overrides, user_id))
			sets.with_overrides = lappend(sets.with_overrides, user_id);
	}
	catalog_end(&scan);

	for (int i = 0; i < a->model->template->nroles; i++)
		add_role_set(&sets, NULL, list_make1(a->model->template->roles[i].name));
	for (int i = 0; i < a->model->nroles; i++)
		add_role_set(&sets, NULL, list_make1(a->model->roles[i].name));
	claims_each_assignment(a, NULL, false, a->now, note_role, &sets);
	end_of_member(&sets);
	return sets.sets;
}

/*
 * The tenant as it was before the call, which does not change its template.
 */
static const TenantModel *
read_model_before(Authority *a)
{
	char	   *template;
	TenantModel *tenant = model_read_tenant(a->tenant, &template, &a->before);

	if (tenant == NULL)
		authority_refuse(a->function, "The tenant is gone.");
	model_complete_tenant(tenant, a->model->template, &a->before);
	return tenant;
}

/*
 * _confirm_roles(since bigint, function text, tenant text)
 *		42501 if members, by the roles that they have or by any one role, have
 *		gained what the caller did not have for the whole tenant.
 */
Datum
ambit_confirm_roles(PG_FUNCTION_ARGS)
{
	Authority  *a = authority_begin(text_to_cstring(PG_GETARG_TEXT_PP(1)),
									text_to_cstring(PG_GETARG_TEXT_PP(2)),
									PG_GETARG_INT64(0));
	MemoryContext old = MemoryContextSwitchTo(a->context);
	MemoryContext scratch = AllocSetContextCreate(a->context, "ambit authority set",
												  ALLOCSET_DEFAULT_SIZES);
	List	   *sets = role_sets(a);
	int			step = 0;

	a->model_before = read_model_before(a);
	while (claims_circumstance(a, &step))
	{
		ListCell   *ls;

		foreach(ls, sets)
		{
			const RoleSet *set = lfirst(ls);
			Subject		subject = {set->user_id, true, NIL};
			const Claim *c;
			ListCell   *lr;

			MemoryContextSwitchTo(scratch);
			foreach(lr, set->roles)
			{
				Placement  *place = palloc0(sizeof(Placement));

				place->role = lfirst(lr);
				place->until = DT_NOEND;
				subject.placements = lappend(subject.placements, place);
			}
			c = claims_first_uncovered(a, claims_of(a, a->model, &subject, a->now),
								claims_of(a, a->model_before, &subject, &a->before), NIL);
			if (c)
				refuse_rise(a, psprintf("those with role \"%s\"", (char *) linitial(set->roles)), c);
			MemoryContextSwitchTo(a->context);
			MemoryContextReset(scratch);
		}
	}
	MemoryContextSwitchTo(old);
	authority_end(a);
	PG_RETURN_VOID();
}

static void
note_member(Authority *a, const char *user_id, const Placement *place, void *arg)
{
	List	  **members = arg;

	if (*members == NIL || strcmp(llast(*members), user_id) != 0)
		*members = lappend(*members, unconstify(char *, user_id));
}

/*
 * _confirm_group(since bigint, function text, tenant text, "group" text,
 *				  user_id text)
 *		42501 if, by the member's being in the group, anybody reaches what the
 *		caller did not reach without it: the member's rows through the group,
 *		or the group's rows through the member.
 */
Datum
ambit_confirm_group(PG_FUNCTION_ARGS)
{
	Authority  *a = authority_begin(text_to_cstring(PG_GETARG_TEXT_PP(1)),
									text_to_cstring(PG_GETARG_TEXT_PP(2)),
									PG_GETARG_INT64(0));
	MemoryContext old = MemoryContextSwitchTo(a->context);
	const char *group = text_to_cstring(PG_GETARG_TEXT_PP(3));
	const char *user_id = text_to_cstring(PG_GETARG_TEXT_PP(4));
	bool		caller_inside = claims_in_group(a, a->caller, group) &&
		strcmp(a->caller, user_id) != 0;
	List	   *members = NIL;
	int			step = 0;

	claims_each_assignment(a, NULL, false, a->now, note_member, &members);
	while (claims_circumstance(a, &step))
	{
		ListCell   *lm;

		foreach(lm, members)
		{
			const char *member = lfirst(lm);
			Subject		subject = {member, false, NIL};
			bool		inside = claims_in_group(a, member, group);
			ListCell   *lc;

			CHECK_FOR_INTERRUPTS();
			foreach(lc, claims_of(a, a->model, &subject, a->now))
			{
				const Claim *c = lfirst(lc);
				bool		by_limit = names_equal(c->place.only_group, group);
				bool		by_team = c->entry->kind == SCOPE_TEAM && inside;
				ModelEntry	entry = *c->entry;
				Claim		whole = *c;

				if (!by_limit && !by_team)
					continue;
				/* the caller's own team reaches the rows of the group's others */
				if (!by_limit && caller_inside && strcmp(member, user_id) == 0 &&
					claims_any_covers(a, a->caller_claims, c))
					continue;
				entry.scope = "all";
				entry.kind = SCOPE_ALL;
				whole.entry = &entry;
				whole.place.only_group = NULL;
				whole.place.only_self = false;
				if (!claims_any_covers(a, a->caller_claims, &whole))
					refuse_rise(a, psprintf("member \"%s\"", member), &whole);
			}
		}
	}
	MemoryContextSwitchTo(old);
	authority_end(a);
	PG_RETURN_VOID();
}

/*
 * _confirm_location(since bigint, function text, tenant text, location text)
 *		42501 if those who have something above the location now reach it
 *		there, and neither they nor the caller did before.
 */
Datum
ambit_confirm_location(PG_FUNCTION_ARGS)
{
	Authority  *a = authority_begin(text_to_cstring(PG_GETARG_TEXT_PP(1)),
									text_to_cstring(PG_GETARG_TEXT_PP(2)),
									PG_GETARG_INT64(0));
	MemoryContext old = MemoryContextSwitchTo(a->context);
	const char *location = text_to_cstring(PG_GETARG_TEXT_PP(3));
	List	   *members = NIL;
	int			step = 0;

	claims_each_assignment(a, NULL, false, a->now, note_member, &members);
	while (claims_circumstance(a, &step))
	{
		ListCell   *lm;

		foreach(lm, members)
		{
			const char *member = lfirst(lm);
			Subject		subject = {member, false, NIL};
			List	   *before = claims_of(a, a->model, &subject, &a->before);
			ListCell   *lc;

			CHECK_FOR_INTERRUPTS();
			foreach(lc, claims_of(a, a->model, &subject, a->now))
			{
				const Claim *c = lfirst(lc);
				Claim		there = *c;

				if (c->place.location == NULL ||
					!claims_within(a, location, c->place.location, a->now))
					continue;
				there.place.location = location;
				if (!claims_any_covers(a, before, &there) && !claims_any_covers(a, a->caller_claims, &there))
					refuse_rise(a, psprintf("member \"%s\"", member), &there);
			}
		}
	}
	MemoryContextSwitchTo(old);
	authority_end(a);
	PG_RETURN_VOID();
}
