/*
 * authority.c
 *		Who may administer whom.
 *
 * A model function that somebody other than the DBA calls goes through three
 * steps.  admit: the template names a permission for the function and the
 * caller holds it.  authorize: one claim of the caller on that permission, its
 * authority, reaches the member, the role and the place that the call is
 * about.  confirm, after the change: whatever anybody has gained, the caller
 * had before (rise.c).
 *
 * What was before is read under a snapshot that ends at the command with
 * which the call began, so nothing has to be carried from step to step.
 */
#include "postgres.h"
#include "compat.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "authority.h"
#include "catalog.h"
#include "identity.h"
#include "names.h"
#include "relationship.h"
#include "rights.h"

PG_FUNCTION_INFO_V1(ambit_admit);
PG_FUNCTION_INFO_V1(ambit_authorize);
PG_FUNCTION_INFO_V1(ambit_can_assign_role);

/*
 * The permission that the template names for a function; PERMISSION_NONE when
 * it names none.  *only_targets: whether the function gives no role but the
 * targets of that permission; may be NULL.
 */
static PermissionId
permission_for(const char *template, const char *function, bool *only_targets)
{
	const char *keys[2] = {template, function};
	PermissionId result = PERMISSION_NONE;
	CatalogScan scan;
	HeapTuple	tuple;

	catalog_begin(&scan, CATALOG_TEMPLATE_ADMINISTRATION, NULL, 2, keys);
	if ((tuple = catalog_next(&scan)) != NULL)
	{
		bool		isnull;

		result = DatumGetPermissionId(catalog_datum(&scan, tuple, 3, &isnull));
		if (only_targets)
			*only_targets = catalog_bool(&scan, tuple, 4);
	}
	catalog_end(&scan);
	return result;
}

/*
 * Whether the identity in force may call a function for a tenant at all:
 * whether it holds the permission that the template names for it.
 */
bool
authority_admits(const char *function, const char *tenant)
{
	const Identity *identity = identity_current();
	Rights	   *rights;

	if (InSecurityRestrictedOperation() || identity == NULL ||
		identity->user_id == NULL || strcmp(identity->tenant, tenant) != 0)
		return false;
	rights = rights_current();
	return rights && rights->model &&
		rights_holds(rights, permission_for(rights->model->template->name, function, NULL));
}

/*
 * 42501 unless the identity in force may call a function for a tenant.
 */
void
authority_require(const char *function, const char *tenant)
{
	const Identity *identity = identity_current();
	Rights	   *rights;
	PermissionId permission;

	if (InSecurityRestrictedOperation() || identity == NULL ||
		identity->user_id == NULL || (rights = rights_current()) == NULL ||
		rights->model == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied for function ambit.%s", function),
				 errdetail("The DBA may call it, and an identity whose permissions allow it."),
				 errhint("A superuser can call ambit.grant_administration() for the role.")));
	if (tenant == NULL || strcmp(tenant, rights->tenant) != 0)
		authority_refuse(function, "The identity in force is one of another tenant.");
	permission = permission_for(rights->model->template->name, function, NULL);
	if (permission == PERMISSION_NONE)
		authority_refuse(function,
						 psprintf("Template \"%s\" gives it to nobody: only the DBA may call it.",
								  rights->model->template->name));
	if (!rights_holds(rights, permission))
		authority_refuse(function, psprintf("It needs permission \"%s\".",
											permission_name(permission)));
}

/*
 * _admit(function text, tenant text) returns bigint
 *		NULL for the DBA; for one who holds the permission that the template
 *		names for the function the command at which the call began; else 42501.
 *		0A000 for such a one in a transaction that keeps its snapshot.
 */
Datum
ambit_admit(PG_FUNCTION_ARGS)
{
	if (identity_is_dba())
		PG_RETURN_NULL();
	authority_require(text_to_cstring(PG_GETARG_TEXT_PP(0)),
					  PG_ARGISNULL(1) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(1)));
	/* the model functions read by SQL, too, and must see what they judge */
	if (IsolationUsesXactSnapshot())
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("function ambit.%s needs transaction isolation level READ COMMITTED",
						text_to_cstring(PG_GETARG_TEXT_PP(0))),
				 errdetail("Only the DBA may call it in a transaction that keeps its snapshot.")));
	PG_RETURN_INT64((int64) GetCurrentCommandId(false));
}

/* ---- who may call for whom -------------------------------------------------- */

static void
note_single(Authority *a, const char *user_id, const Placement *place, void *arg)
{
	const ModelRole *role = model_role(a->model, place->role);

	if (role && role->single)
		*(bool *) arg = true;
}

static bool
holds_single(Authority *a, const char *user_id)
{
	bool		single = false;

	claims_each_assignment(a, user_id, true, a->now, note_single, &single);
	return single;
}

/* What a call is about. */
typedef struct Matter
{
	const char *user_id;		/* the member; NULL: none, or one yet to be */
	bool		newcomer;		/* the member is yet to be */
	const char *role;			/* NULL: none */
	bool		only_targets;	/* only roles that targets name are given */
	int			nplaces;
	char	  **places;			/* NULL among them: the whole tenant */
	bool		lasting;		/* an assignment with these limits results */
	const char *only_group;
	TimestampTz until;
} Matter;

/*
 * Whether a claim is the authority for a call.
 */
static bool
is_authority(Authority *a, const Claim *k, PermissionId permission, const Matter *matter)
{
	TimestampTz until = DT_NOEND;

	if (k->permission != permission || k->entry->kind != SCOPE_ALL || k->place.only_self)
		return false;
	for (int i = 0; i < matter->nplaces; i++)
		if (!claims_within(a, matter->places[i], k->place.location, a->now))
			return false;
	if (matter->lasting &&
		(matter->until > k->place.until ||
		 (k->place.only_group && !names_equal(k->place.only_group, matter->only_group))))
		return false;
	if (matter->lasting && matter->only_targets && k->entry->targets &&
		!claims_has_target(k->entry, matter->role))
		return false;
	if (matter->newcomer)
		return true;
	if (matter->user_id)
		return (k->entry->targets == NULL ||
				reach_target_holds(a->tenant, matter->user_id, k->entry->ntargets,
								   k->entry->targets, a->now, &until)) &&
			(k->place.only_group == NULL ||
			 claims_in_group(a, matter->user_id, k->place.only_group));
	return k->place.only_group == NULL &&
		(k->entry->targets == NULL || (matter->role && claims_has_target(k->entry, matter->role)));
}

/*
 * Whether the caller has an authority for it.  *named tells whether one of
 * them names the role as one to hand out.
 */
static bool
has_authority(Authority *a, PermissionId permission, const Matter *matter, bool *named)
{
	Subject		caller = {a->caller, false, NIL};
	bool		found = false;
	ListCell   *lc;

	*named = false;
	a->circumstance.channel = a->channel;
	a->circumstance.all_features = false;
	foreach(lc, claims_of(a, a->model, &caller, a->now))
	{
		const Claim *k = lfirst(lc);

		if (!is_authority(a, k, permission, matter))
			continue;
		found = true;
		*named |= (matter->role && claims_has_target(k->entry, matter->role));
	}
	return found;
}

/*
 * _authorize(function text, tenant text, user_id text, role text,
 *			  places text[], only_group text, valid_until timestamptz,
 *			  lasting boolean, newcomer boolean) returns boolean
 *		42501 unless the caller has an authority for the call.  Whether its
 *		targets name the role.
 */
Datum
ambit_authorize(PG_FUNCTION_ARGS)
{
	Authority  *a;
	Matter		matter = {0};
	PermissionId permission;
	const ModelRole *role;
	MemoryContext old;
	bool		named;

	a = authority_begin(text_to_cstring(PG_GETARG_TEXT_PP(0)),
						text_to_cstring(PG_GETARG_TEXT_PP(1)),
						(int64) GetCurrentCommandId(false));
	old = MemoryContextSwitchTo(a->context);
	if (!PG_ARGISNULL(2))
		matter.user_id = text_to_cstring(PG_GETARG_TEXT_PP(2));
	if (!PG_ARGISNULL(3))
		matter.role = text_to_cstring(PG_GETARG_TEXT_PP(3));
	if (!PG_ARGISNULL(4))
	{
		Datum	   *elems;
		bool	   *nulls;

		deconstruct_array(PG_GETARG_ARRAYTYPE_P(4), TEXTOID, -1, false, TYPALIGN_INT,
						  &elems, &nulls, &matter.nplaces);
		matter.places = palloc(sizeof(char *) * (matter.nplaces + 1));
		for (int i = 0; i < matter.nplaces; i++)
			matter.places[i] = nulls[i] ? NULL : TextDatumGetCString(elems[i]);
	}
	if (!PG_ARGISNULL(5))
		matter.only_group = text_to_cstring(PG_GETARG_TEXT_PP(5));
	matter.until = PG_ARGISNULL(6) ? DT_NOEND : PG_GETARG_TIMESTAMPTZ(6);
	matter.lasting = PG_GETARG_BOOL(7);
	matter.newcomer = PG_GETARG_BOOL(8);

	role = matter.role ? model_role(a->model, matter.role) : NULL;
	if (role && role->single)
		authority_refuse(a->function, psprintf("Role \"%s\" is held by one member only; it is the DBA's to change.",
									 matter.role));
	if (matter.user_id && strcmp(matter.user_id, a->caller) != 0 &&
		holds_single(a, matter.user_id))
		authority_refuse(a->function, psprintf("Member \"%s\" holds a role that only one member holds.",
									 matter.user_id));
	permission = permission_for(a->model->template->name, a->function, &matter.only_targets);
	if (!has_authority(a, permission, &matter, &named))
	{
		const char *detail;

		if (matter.only_targets)
		{
			matter.only_targets = false;
			if (has_authority(a, permission, &matter, &named))
				authority_refuse(a->function,
								 psprintf("Role \"%s\" is none of those that permission \"%s\" gives.",
										  matter.role, permission_name(permission)));
		}
		detail = matter.user_id ?
			psprintf("It needs permission \"%s\" towards member \"%s\", there and for so long.",
					 permission_name(permission), matter.user_id) :
			psprintf("It needs permission \"%s\" there, towards anybody.",
					 permission_name(permission));
		authority_refuse(a->function, detail);
	}
	MemoryContextSwitchTo(old);
	authority_end(a);
	PG_RETURN_BOOL(named);
}

/* ---- questions ----------------------------------------------------------------- */

static void
note_place(Authority *a, const char *user_id, const Placement *place, void *arg)
{
	Matter	   *matter = arg;

	if (matter->nplaces == 0)
		matter->places = palloc(sizeof(char *));
	else
		matter->places = repalloc(matter->places, sizeof(char *) * (matter->nplaces + 1));
	matter->places[matter->nplaces++] = unconstify(char *, place->location);
}

/*
 * Whether the identity in force may call a function for a member of its
 * tenant, wherever the member has roles.
 */
bool
authority_over(const char *function, const char *tenant, const char *user_id)
{
	Authority  *a;
	Matter		matter = {0};
	MemoryContext old;
	char	   *everywhere = NULL;
	bool		named,
				answer;

	if (relationship_running() || !authority_admits(function, tenant))
		return false;
	a = authority_begin(function, tenant, (int64) GetCurrentCommandId(false));
	old = MemoryContextSwitchTo(a->context);
	matter.user_id = user_id;
	claims_each_assignment(a, user_id, true, a->now, note_place, &matter);
	if (matter.nplaces == 0)
	{
		matter.places = &everywhere;
		matter.nplaces = 1;
	}
	answer = has_authority(a, permission_for(a->model->template->name, function, NULL),
						   &matter, &named);
	MemoryContextSwitchTo(old);
	authority_end(a);
	return answer;
}

static bool
row_exists(Authority *a, CatalogTable table, const char *name)
{
	const char *keys[2] = {a->tenant, name};
	CatalogScan scan;
	bool		exists;

	catalog_begin(&scan, table, a->now, 2, keys);
	exists = (catalog_next(&scan) != NULL);
	catalog_end(&scan);
	return exists;
}

static bool
can_assign(Authority *a, const char *role_name, const char *user_id, char *location)
{
	const ModelRole *role = model_role(a->model, role_name);
	Placement	place = {role_name, location, NULL, false, DT_NOEND};
	Subject		named_subject = {NULL, true, list_make1(&place)};
	Matter		matter = {0};
	PermissionId permission;
	bool		named,
				overridden;
	int			step = 0;

	if (role == NULL || role->single ||
		names_equal(role_name, a->model->template->visitor_role) ||
		(location && !row_exists(a, CATALOG_LOCATION, location)))
		return false;
	if (user_id && (!row_exists(a, CATALOG_MEMBER, user_id) ||
					(strcmp(user_id, a->caller) != 0 && holds_single(a, user_id))))
		return false;
	matter.user_id = user_id;
	matter.newcomer = (user_id == NULL);
	matter.role = role_name;
	matter.nplaces = 1;
	matter.places = &location;
	matter.lasting = true;
	matter.until = DT_NOEND;
	permission = permission_for(a->model->template->name, a->function, &matter.only_targets);
	if (!has_authority(a, permission, &matter, &named))
		return false;
	overridden = user_id && claims_overridden(a, user_id);
	while (claims_circumstance(a, &step))
	{
		Subject		newcomer = {NULL, true, list_make1(&place)};
		const Claim *c;

		if (a->circumstance.awake && !overridden)
			continue;
		/* who is in no group has no team */
		a->same_teams = true;
		if (user_id)
			c = claims_member_rise(a, user_id, list_make1(&place), named ? &named_subject : NULL);
		else
			c = claims_first_uncovered(a, claims_of(a, a->model, &newcomer, a->now), NIL,
								named ? claims_of(a, a->model, &named_subject, a->now) : NIL);
		if (c)
			return false;
	}
	return true;
}

/*
 * can_assign_role(role text, target_user text, location text) returns boolean
 *		Whether assign_role() would let me.
 */
Datum
ambit_can_assign_role(PG_FUNCTION_ARGS)
{
	const Identity *identity = identity_current();
	Authority  *a;
	MemoryContext old;
	char	   *role,
			   *tenant,
			   *user_id = NULL,
			   *location = NULL;
	bool		answer;

	if (PG_ARGISNULL(0) || relationship_running() || identity == NULL)
		PG_RETURN_BOOL(false);
	tenant = pstrdup(identity->tenant);
	if (!authority_admits("assign_role", tenant))
		PG_RETURN_BOOL(false);
	role = text_to_cstring(PG_GETARG_TEXT_PP(0));
	if (!PG_ARGISNULL(1))
		user_id = text_to_cstring(PG_GETARG_TEXT_PP(1));
	if (!PG_ARGISNULL(2))
		location = text_to_cstring(PG_GETARG_TEXT_PP(2));
	a = authority_begin("assign_role", tenant,
						(int64) GetCurrentCommandId(false));
	old = MemoryContextSwitchTo(a->context);
	answer = can_assign(a, role, user_id, location);
	MemoryContextSwitchTo(old);
	authority_end(a);
	PG_RETURN_BOOL(answer);
}
