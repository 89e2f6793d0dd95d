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

#include "fmgr.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "authority.h"
#include "catalog.h"
#include "names.h"
#include "rights.h"
#include "role.h"

PG_FUNCTION_INFO_V1(ambit_confirm_member);
PG_FUNCTION_INFO_V1(ambit_confirm_override);
PG_FUNCTION_INFO_V1(ambit_confirm_roles);
PG_FUNCTION_INFO_V1(ambit_confirm_group);
PG_FUNCTION_INFO_V1(ambit_confirm_location);

/*
 * The functions below have (since bigint, function text, tenant text, ...);
 * their first n arguments must not be NULL.
 */
static Authority *
begin(FunctionCallInfo fcinfo, int n)
{
	for (int i = 0; i < n; i++)
		if (PG_ARGISNULL(i))
			elog(ERROR, "argument %d is null", i + 1);
	return authority_begin(text_to_cstring(PG_GETARG_TEXT_PP(1)),
						   text_to_cstring(PG_GETARG_TEXT_PP(2)),
						   PG_GETARG_INT64(0));
}

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

/* ---- one member ---------------------------------------------------------- */

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
	Authority  *a = begin(fcinfo, 4);
	const char *user_id = text_to_cstring(PG_GETARG_TEXT_PP(3));
	Placements	placements = {0};
	Subject		named = {NULL, true, NIL};
	MemoryContext old = MemoryContextSwitchTo(a->context);
	bool		overridden = claims_overridden(a, user_id);
	int			step = 0;

	if (!PG_ARGISNULL(4))
	{
		placements.role = text_to_cstring(PG_GETARG_TEXT_PP(4));
		claims_each_assignment(a, user_id, false, a->now, note_placement, &placements);
		named.placements = placements.list;
	}
	while (claims_circumstance(a, &step))
	{
		const Claim *c;

		if (a->circumstance.awake && !overridden)
			continue;
		c = claims_member_rise(a, user_id, NIL, placements.role ? &named : NULL);
		if (c)
			refuse_rise(a, psprintf("member \"%s\"", user_id), c);
	}
	MemoryContextSwitchTo(old);
	authority_end(a);
	PG_RETURN_VOID();
}

/*
 * _confirm_override(since bigint, function text, tenant text, user_id text,
 *					 permission, scope text)
 *		42501 unless the caller has the permission in that scope (NULL: in all)
 *		for the whole tenant, by every channel and without end: an override
 *		holds wherever the member has, or will have, a role.
 */
Datum
ambit_confirm_override(PG_FUNCTION_ARGS)
{
	Authority  *a = begin(fcinfo, 5);
	const char *user_id = text_to_cstring(PG_GETARG_TEXT_PP(3));
	MemoryContext old = MemoryContextSwitchTo(a->context);
	ModelEntry	entry = {0};
	Claim		claim = {0};
	int			step = 0;

	entry.scope = PG_ARGISNULL(5) ? "all" : text_to_cstring(PG_GETARG_TEXT_PP(5));
	claim.permission = PG_GETARG_PERMISSION(4);
	claim.entry = &entry;
	claim.place.until = DT_NOEND;
	/* one's own team is one's own; that of another may come to be any */
	a->same_teams = strcmp(user_id, a->caller) == 0;
	if (!model_scope(a->model->template, entry.scope, &entry.kind, &entry.named))
		refuse_rise(a, psprintf("member \"%s\"", user_id), &claim);
	while (claims_circumstance(a, &step))
		if (!claims_caller_covers(a, &claim))
			refuse_rise(a, psprintf("member \"%s\"", user_id), &claim);
	MemoryContextSwitchTo(old);
	authority_end(a);
	PG_RETURN_VOID();
}

/* ---- those concerned ----------------------------------------------------- */

/* Somebody, or one of several who have the same. */
typedef struct Concerned
{
	const char *user_id;		/* whose overrides count; NULL: there are none */
	bool		inside;			/* in the group in question */
	List	   *placements;		/* Placement */
} Concerned;

/* The overrides of a member, in one string. */
typedef struct Override
{
	const char *user_id;
	StringInfo	text;
} Override;

/* A member with assignments that are valid. */
typedef struct Holder
{
	const char *user_id;
	List	   *placements;		/* Placement */
	bool		concerned;
} Holder;

typedef struct Concern
{
	Authority  *a;
	List	   *list;			/* Concerned */
	HTAB	   *seen;			/* keys that say what they have */
	HTAB	   *overrides;		/* Override, of members who have some */
	HTAB	   *inside;			/* members of the group in question */
	const char *group;
	List	   *chain;			/* char *: the locations in question; or NIL */
	const char *role;			/* the role in question */
	bool		by_roles;		/* only the roles matter, not where */
	const char *apart;			/* a member who is like nobody else */
	HTAB	   *holders;		/* Holder */
	List	   *members;		/* the same, as they were met */
} Concern;

static bool
add_name(HTAB *table, const char *name)
{
	bool		found;

	(void) hash_search(table, &name, HASH_ENTER, &found);
	return !found;
}

static bool
in_table(HTAB *table, const char *name)
{
	return table != NULL && hash_search(table, &name, HASH_FIND, NULL) != NULL;
}

/*
 * The members of a group.
 */
static HTAB *
members_of(Authority *a, const char *group)
{
	const char *keys[2] = {a->tenant, group};
	HTAB	   *users = names_table("ambit members", sizeof(char *), CurrentMemoryContext);
	CatalogScan scan;
	HeapTuple	tuple;

	catalog_begin(&scan, CATALOG_GROUP_MEMBER, a->now, 2, keys);
	while ((tuple = catalog_next(&scan)) != NULL)
		(void) add_name(users, catalog_text(&scan, tuple, 3));
	catalog_end(&scan);
	return users;
}

static int
compare_placements(const ListCell *a, const ListCell *b)
{
	return strcmp(((const Placement *) lfirst(a))->role, ((const Placement *) lfirst(b))->role);
}

static void
append_name(StringInfo buf, const char *name)
{
	if (name == NULL)
		appendStringInfoString(buf, "-,");
	else
		appendStringInfo(buf, "%zu:%s,", strlen(name), name);
}

/*
 * What each member's overrides say.
 */
static HTAB *
overrides_of(Authority *a)
{
	const char *keys[1] = {a->tenant};
	HTAB	   *overrides = names_table("ambit overrides", sizeof(Override), CurrentMemoryContext);
	CatalogScan scan;
	HeapTuple	tuple;

	catalog_begin(&scan, CATALOG_MEMBER_CELL, a->now, 1, keys);
	while ((tuple = catalog_next(&scan)) != NULL)
	{
		const char *user_id = catalog_text(&scan, tuple, 2);
		bool		isnull,
					found;
		Override   *override = hash_search(overrides, &user_id, HASH_ENTER, &found);

		if (!found)
			override->text = makeStringInfo();
		appendStringInfo(override->text, "%d%d", DatumGetInt32(catalog_datum(&scan, tuple, 3, &isnull)),
						 catalog_bool(&scan, tuple, 4));
		append_name(override->text, catalog_text(&scan, tuple, 5));
	}
	catalog_end(&scan);
	return overrides;
}

/*
 * like: what tells this one from others with the same placements; NULL: nothing.
 */
static void
add_concerned(Concern *concern, const char *user_id, const char *like, bool inside,
			  List *placements)
{
	StringInfoData key;
	Concerned  *one;
	ListCell   *lc;

	initStringInfo(&key);
	append_name(&key, like);
	appendStringInfoChar(&key, inside ? 'i' : 'o');
	foreach(lc, placements)
	{
		const Placement *place = lfirst(lc);

		append_name(&key, place->role);
		if (!concern->by_roles)
		{
			append_name(&key, place->location);
			append_name(&key, place->only_group);
			appendStringInfo(&key, "%d" INT64_FORMAT ",", place->only_self, place->until);
		}
	}
	if (!add_name(concern->seen, key.data))
	{
		pfree(key.data);
		return;
	}
	one = palloc(sizeof(Concerned));
	one->user_id = user_id;
	one->inside = inside;
	one->placements = placements;
	concern->list = lappend(concern->list, one);
}

/*
 * Takes a member, all of whose assignments are known.
 */
static void
add_holder(Concern *concern, Holder *holder)
{
	bool		inside = in_table(concern->inside, holder->user_id);
	Override   *override = hash_search(concern->overrides, &holder->user_id, HASH_FIND, NULL);

	if (!holder->concerned)
		return;
	list_sort(holder->placements, compare_placements);
	if (concern->apart && strcmp(holder->user_id, concern->apart) == 0)
		add_concerned(concern, holder->user_id, psprintf("user %s", holder->user_id), inside,
					  holder->placements);
	else
		add_concerned(concern, override ? holder->user_id : NULL,
					  override ? override->text->data : NULL, inside, holder->placements);
}

/*
 * Whether a role has what another one has, or follows it in a module.
 */
static bool
role_depends(const TenantModel *model, const char *role, const char *on)
{
	ListCell   *lc;

	foreach(lc, role_closure(model, role))
	{
		const ModelRole *found = ((const RoleUse *) lfirst(lc))->role;

		if (strcmp(found->name, on) == 0)
			return true;
		for (int i = 0; i < found->nmodules; i++)
			if (found->modules[i].level && !found->modules[i].standalone &&
				model_template_role(model->template, found->modules[i].level) &&
				role_depends(model, found->modules[i].level, on))
				return true;
	}
	return false;
}

static void
note_concerned(Authority *a, const char *user_id, const Placement *place, void *arg)
{
	Concern    *concern = arg;
	Holder	   *holder;
	Placement  *copy;
	bool		found;

	CHECK_FOR_INTERRUPTS();
	holder = hash_search(concern->holders, &user_id, HASH_ENTER, &found);
	if (!found)
	{
		holder->placements = NIL;
		holder->concerned = false;
		concern->members = lappend(concern->members, holder);
	}
	if (concern->by_roles)
	{
		ListCell   *lc;

		foreach(lc, holder->placements)
			if (strcmp(((Placement *) lfirst(lc))->role, place->role) == 0)
				return;
	}
	if (concern->role)
		holder->concerned |= names_has(concern->chain, place->role);
	else if (concern->group)
		holder->concerned |= names_equal(place->only_group, concern->group) ||
			in_table(concern->inside, user_id);
	else if (concern->chain)
		holder->concerned |= place->location != NULL && names_has(concern->chain, place->location);
	else
		holder->concerned = true;
	copy = palloc(sizeof(Placement));
	*copy = *place;
	if (concern->by_roles)
	{
		/* as if for the whole tenant */
		memset(copy, 0, sizeof(Placement));
		copy->role = place->role;
		copy->until = DT_NOEND;
	}
	holder->placements = lappend(holder->placements, copy);
}

/*
 * Everything that a member has must be judged together, and assignments come
 * in no order that could be relied on (a session may have turned the use of
 * indexes off).
 */
static void
collect_concerned(Concern *concern)
{
	Authority  *a = concern->a;
	ListCell   *lc;

	concern->seen = names_table("ambit concerned", sizeof(char *), CurrentMemoryContext);
	concern->overrides = overrides_of(a);
	concern->holders = names_table("ambit holders", sizeof(Holder), CurrentMemoryContext);
	claims_each_assignment(a, NULL, false, a->now, note_concerned, concern);
	foreach(lc, concern->members)
		add_holder(concern, lfirst(lc));
}

static List *
whole_tenant(const char *role)
{
	Placement  *place = palloc0(sizeof(Placement));

	place->role = role;
	place->until = DT_NOEND;
	return list_make1(place);
}

static const char *
describe(const Concerned *one)
{
	StringInfoData buf;
	ListCell   *lc;
	const char *last = NULL;

	if (one->user_id)
		return psprintf("member \"%s\"", one->user_id);
	initStringInfo(&buf);
	/* sorted by role */
	foreach(lc, one->placements)
	{
		const Placement *place = lfirst(lc);

		if (last == NULL || strcmp(last, place->role) != 0)
			appendStringInfo(&buf, "%s \"%s\"", last ? " and" : "those with role", place->role);
		last = place->role;
	}
	return buf.data;
}

/* ---- roles --------------------------------------------------------------- */

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
	model_complete_tenant(tenant, a->model->template, &a->before, true);
	return tenant;
}

/*
 * _confirm_roles(since bigint, function text, tenant text, role text)
 *		42501 if members, by the roles that they have or by any one role, have
 *		gained what the caller did not have for the whole tenant.  role: what
 *		was changed; NULL: perhaps all.
 */
Datum
ambit_confirm_roles(PG_FUNCTION_ARGS)
{
	Authority  *a = begin(fcinfo, 3);
	MemoryContext old = MemoryContextSwitchTo(a->context);
	MemoryContext scratch = AllocSetContextCreate(a->context, "ambit authority scratch",
												  ALLOCSET_DEFAULT_SIZES);
	Concern		concern = {0};
	List	   *roles = NIL;
	ListCell   *lc;
	int			step = 0;

	concern.a = a;
	concern.by_roles = true;
	concern.role = PG_ARGISNULL(3) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(3));
	for (int i = 0; i < a->model->template->nroles + a->model->nroles; i++)
	{
		char	   *name = i < a->model->template->nroles ? a->model->template->roles[i].name :
			a->model->roles[i - a->model->template->nroles].name;

		if (concern.role == NULL || role_depends(a->model, name, concern.role))
			roles = lappend(roles, name);
	}
	concern.chain = roles;
	if (concern.role == NULL)
		concern.chain = NIL;
	collect_concerned(&concern);
	foreach(lc, roles)
		add_concerned(&concern, NULL, NULL, false, whole_tenant(lfirst(lc)));

	a->model_before = read_model_before(a);
	a->same_teams = false;
	a->role_by_role = true;
	while (claims_circumstance(a, &step))
		foreach(lc, concern.list)
		{
			const Concerned *one = lfirst(lc);
			Subject		subject = {one->user_id, true, one->placements};
			List	   *claims;
			const Claim *c;

			CHECK_FOR_INTERRUPTS();
			if (a->circumstance.awake && one->user_id == NULL)
				continue;
			MemoryContextSwitchTo(scratch);
			claims = claims_of(a, a->model, &subject, a->now);
			/* what they had is asked only where the caller lacks something */
			c = claims_first_uncovered(a, claims, NIL, NIL);
			if (c)
				c = claims_first_uncovered(a, claims, claims_of(a, a->model_before, &subject, &a->before), NIL);
			if (c)
				refuse_rise(a, describe(one), c);
			MemoryContextSwitchTo(a->context);
			MemoryContextReset(scratch);
		}
	MemoryContextSwitchTo(old);
	authority_end(a);
	PG_RETURN_VOID();
}

/* ---- groups -------------------------------------------------------------- */

/*
 * The first claim by which somebody reaches rows through the group that the
 * caller does not reach without it.
 */
static const Claim *
reach_by_group(Authority *a, const Concerned *one, const char *group, bool mine)
{
	Subject		subject = {one->user_id, true, one->placements};
	ListCell   *lc;

	foreach(lc, claims_of(a, a->model, &subject, a->now))
	{
		const Claim *c = lfirst(lc);
		bool		by_limit = names_equal(c->place.only_group, group);
		bool		by_team = c->entry->kind == SCOPE_TEAM && one->inside;
		ModelEntry *entry;
		Claim	   *whole;

		if (!by_limit && !by_team)
			continue;
		/* the caller's own team reaches the rows of the group's others */
		a->same_teams = mine;
		if (!by_limit && mine && claims_caller_covers(a, c))
			continue;
		a->same_teams = false;
		entry = palloc(sizeof(ModelEntry));
		*entry = *c->entry;
		entry->scope = "all";
		entry->kind = SCOPE_ALL;
		whole = palloc(sizeof(Claim));
		*whole = *c;
		whole->entry = entry;
		whole->place.only_group = NULL;
		whole->place.only_self = false;
		if (!claims_caller_covers(a, whole))
			return whole;
	}
	return NULL;
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
	Authority  *a = begin(fcinfo, 5);
	MemoryContext old = MemoryContextSwitchTo(a->context);
	MemoryContext scratch = AllocSetContextCreate(a->context, "ambit authority scratch",
												  ALLOCSET_DEFAULT_SIZES);
	const char *group = text_to_cstring(PG_GETARG_TEXT_PP(3));
	const char *user_id = text_to_cstring(PG_GETARG_TEXT_PP(4));
	bool		caller_inside = strcmp(a->caller, user_id) != 0 &&
		claims_in_group(a, a->caller, group);
	Concern		concern = {0};
	int			step = 0;

	concern.a = a;
	concern.group = group;
	concern.apart = user_id;
	concern.inside = members_of(a, group);
	collect_concerned(&concern);
	while (claims_circumstance(a, &step))
	{
		ListCell   *lc;

		foreach(lc, concern.list)
		{
			const Concerned *one = lfirst(lc);
			const Claim *c;

			CHECK_FOR_INTERRUPTS();
			if (a->circumstance.awake && one->user_id == NULL)
				continue;
			MemoryContextSwitchTo(scratch);
			c = reach_by_group(a, one, group, caller_inside && one->user_id &&
							   strcmp(one->user_id, user_id) == 0);
			if (c)
				refuse_rise(a, describe(one), c);
			MemoryContextSwitchTo(a->context);
			MemoryContextReset(scratch);
		}
	}
	MemoryContextSwitchTo(old);
	authority_end(a);
	PG_RETURN_VOID();
}

/* ---- locations ----------------------------------------------------------- */

/*
 * The first claim that somebody has at the location, by a place in the chain,
 * and had not before, nor had the caller.
 */
static const Claim *
reach_by_location(Authority *a, const Concerned *one, const char *location, const List *chain)
{
	Subject		subject = {one->user_id, true, one->placements};
	List	   *claims = claims_of(a, a->model, &subject, a->now);
	ClaimIndex *own = NULL;
	ListCell   *lc;

	/* the call has changed the tree, not what they have at which place */
	foreach(lc, claims)
	{
		const Claim *c = lfirst(lc);
		Claim	   *there;

		if (c->place.location == NULL || !names_has(chain, c->place.location))
			continue;
		there = palloc(sizeof(Claim));
		*there = *c;
		there->place.location = location;
		if (claims_caller_covers(a, there))
			continue;
		if (own == NULL)
			own = claims_index(claims);
		if (!claims_any_covers(a, own, there))
			return there;
	}
	return NULL;
}

/*
 * _confirm_location(since bigint, function text, tenant text, location text)
 *		42501 if those who have something above the location now reach it
 *		there, and neither they nor the caller did before.
 */
Datum
ambit_confirm_location(PG_FUNCTION_ARGS)
{
	Authority  *a = begin(fcinfo, 4);
	MemoryContext old = MemoryContextSwitchTo(a->context);
	MemoryContext scratch = AllocSetContextCreate(a->context, "ambit authority scratch",
												  ALLOCSET_DEFAULT_SIZES);
	const char *location = text_to_cstring(PG_GETARG_TEXT_PP(3));
	Concern		concern = {0};
	int			step = 0;

	concern.a = a;
	concern.chain = claims_chain(a, location, a->now);
	collect_concerned(&concern);
	a->same_teams = false;
	while (claims_circumstance(a, &step))
	{
		ListCell   *lc;

		foreach(lc, concern.list)
		{
			const Concerned *one = lfirst(lc);
			const Claim *c;

			CHECK_FOR_INTERRUPTS();
			if (a->circumstance.awake && one->user_id == NULL)
				continue;
			MemoryContextSwitchTo(scratch);
			c = reach_by_location(a, one, location, concern.chain);
			if (c)
				refuse_rise(a, describe(one), c);
			MemoryContextSwitchTo(a->context);
			MemoryContextReset(scratch);
		}
	}
	MemoryContextSwitchTo(old);
	authority_end(a);
	PG_RETURN_VOID();
}
