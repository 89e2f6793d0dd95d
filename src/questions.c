/*
 * questions.c
 *		The questions that SQL and applications ask about rights.
 *
 * All answer from the compiled rights.  Without an identity every question
 * answers false, or nothing.
 */
#include "postgres.h"
#include "compat.h"

#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"

#include "authority.h"
#include "catalog.h"
#include "identity.h"
#include "names.h"
#include "relationship.h"
#include "rights.h"

PG_FUNCTION_INFO_V1(ambit_has_permission);
PG_FUNCTION_INFO_V1(ambit_has_permission_towards);
PG_FUNCTION_INFO_V1(ambit_has_permission_of);
PG_FUNCTION_INFO_V1(ambit_has_permission_at);
PG_FUNCTION_INFO_V1(ambit_permission_targets);
PG_FUNCTION_INFO_V1(ambit_require_permission);
PG_FUNCTION_INFO_V1(ambit_permission_scopes);
PG_FUNCTION_INFO_V1(ambit_effective_permissions);
PG_FUNCTION_INFO_V1(ambit_visible_modules);
PG_FUNCTION_INFO_V1(ambit_current_key);
PG_FUNCTION_INFO_V1(ambit_current_roles);
PG_FUNCTION_INFO_V1(ambit_constant);

/*
 * The permission that is asked about; NULL is one that nobody holds.
 */
static inline PermissionId
permission_asked_for(FunctionCallInfo fcinfo, int n)
{
	return PG_ARGISNULL(n) ? PERMISSION_NONE : PG_GETARG_PERMISSION(n);
}

/*
 * has_permission(permission) returns boolean
 *		Whether I hold it, in any scope.
 */
Datum
ambit_has_permission(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(rights_holds(rights_current(), permission_asked_for(fcinfo, 0)));
}

/*
 * has_permission(permission, target_user text) returns boolean
 *		Whether I hold it towards that member of my tenant.
 */
Datum
ambit_has_permission_towards(PG_FUNCTION_ARGS)
{
	Rights	   *rights = rights_current();
	const RightsPermission *held = rights_permission(rights, permission_asked_for(fcinfo, 0));
	const char *keys[2];
	CatalogScan scan;
	Snapshot	snapshot;
	TimestampTz until = DT_NOEND;
	bool		answer;

	if (held == NULL || PG_ARGISNULL(1))
		PG_RETURN_BOOL(false);
	keys[0] = rights->tenant;
	keys[1] = text_to_cstring(PG_GETARG_TEXT_PP(1));
	snapshot = catalog_snapshot();
	catalog_begin(&scan, CATALOG_MEMBER, snapshot, 2, keys);
	answer = (catalog_next(&scan) != NULL);
	catalog_end(&scan);
	if (answer)
	{
		answer = false;
		for (int i = 0; i < held->n && !answer; i++)
		{
			const Arm  *arm = &rights->arms[held->first + i];

			answer = arm->ntargets < 0 ||
				reach_target_holds(rights->tenant, keys[1], arm->ntargets, arm->targets,
								   snapshot, &until);
		}
	}
	catalog_release(snapshot);
	PG_RETURN_BOOL(answer);
}

/*
 * The rights of a member, for one who may see them: the DBA, the member, and
 * those to whom the template gives effective_permissions.
 * Two NULLs stand for the identity in force; a NULL tenant for its tenant; a
 * NULL user for a visitor, as in assume().
 */
static Rights *
rights_asked_for(FunctionCallInfo fcinfo)
{
	const Identity *identity = identity_current();
	char	   *tenant;
	char	   *user_id;
	bool		myself;

	/* the rights in use must stay in place, see rights_current() */
	if (relationship_running())
		return NULL;
	if (PG_ARGISNULL(0) && (PG_ARGISNULL(1) || identity == NULL))
		return rights_current();
	tenant = PG_ARGISNULL(0) ? pstrdup(identity->tenant) : text_to_cstring(PG_GETARG_TEXT_PP(0));
	user_id = PG_ARGISNULL(1) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(1));
	myself = identity && strcmp(identity->tenant, tenant) == 0 &&
		(user_id == NULL || identity->user_id == NULL ? user_id == identity->user_id :
		 strcmp(identity->user_id, user_id) == 0);
	if (myself)
		return rights_current();
	if (!identity_is_dba() &&
		!(user_id ? authority_over("effective_permissions", tenant, user_id) :
		  authority_admits("effective_permissions", tenant)))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied to see the rights of another member"),
				 errdetail("The DBA and the member may see them, and those to whom the template gives function effective_permissions.")));
	return rights_of(tenant, user_id, NULL);
}

/*
 * has_permission(tenant text, user_id text, permission) returns boolean
 *		Whether that user holds it, in any scope.
 */
Datum
ambit_has_permission_of(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(rights_holds(rights_asked_for(fcinfo), permission_asked_for(fcinfo, 2)));
}

/*
 * has_permission_at(permission, location text) returns boolean
 *		Whether I hold it for the whole tenant, at the location or above it.
 */
Datum
ambit_has_permission_at(PG_FUNCTION_ARGS)
{
	Rights	   *rights = rights_current();
	const RightsPermission *held = rights_permission(rights, permission_asked_for(fcinfo, 0));
	const char *keys[2];
	CatalogScan scan;
	bool		exists;

	if (held == NULL || PG_ARGISNULL(1))
		PG_RETURN_BOOL(false);
	keys[0] = rights->tenant;
	keys[1] = text_to_cstring(PG_GETARG_TEXT_PP(1));
	catalog_begin(&scan, CATALOG_LOCATION, NULL, 2, keys);
	exists = (catalog_next(&scan) != NULL);
	catalog_end(&scan);
	for (int i = 0; exists && i < held->n; i++)
	{
		const Arm  *arm = &rights->arms[held->first + i];

		if (arm->locations < 0 || reach_has_name(rights, arm->locations, keys[1]))
			PG_RETURN_BOOL(true);
	}
	PG_RETURN_BOOL(false);
}

/*
 * permission_targets(permission) returns text[]
 *		Roles of the members towards whom I hold it; NULL: any.
 */
Datum
ambit_permission_targets(PG_FUNCTION_ARGS)
{
	Rights	   *rights = rights_current();
	const RightsPermission *held = rights_permission(rights, permission_asked_for(fcinfo, 0));
	const char **names;
	int			n = 0,
				size = 0,
				distinct = 0;

	if (held == NULL)
		PG_RETURN_DATUM(names_array(0, NULL));
	for (int i = 0; i < held->n; i++)
	{
		if (rights->arms[held->first + i].ntargets < 0)
			PG_RETURN_NULL();
		size += rights->arms[held->first + i].ntargets;
	}
	names = palloc(sizeof(char *) * (size + 1));
	for (int i = 0; i < held->n; i++)
		for (int j = 0; j < rights->arms[held->first + i].ntargets; j++)
			names[n++] = rights->arms[held->first + i].targets[j];
	qsort(names, n, sizeof(char *), names_compare);
	for (int i = 0; i < n; i++)
		if (i == 0 || strcmp(names[i], names[distinct - 1]) != 0)
			names[distinct++] = names[i];
	PG_RETURN_DATUM(names_array(distinct, names));
}

/*
 * require_permission(permission)
 *		42501 unless I hold it.
 */
Datum
ambit_require_permission(PG_FUNCTION_ARGS)
{
	Rights	   *rights = rights_current();
	PermissionId permission = permission_asked_for(fcinfo, 0);

	if (!rights_holds(rights, permission))
	{
		const char *name = permission_name(permission);

		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission \"%s\" is required", name ? name : "(null)"),
				 rights == NULL ? errdetail("There is no identity.") :
				 errdetail("The identity in force does not hold it.")));
	}
	PG_RETURN_VOID();
}

/*
 * permission_scopes(permission) returns text[]
 *		The scopes in which I hold it; empty if I do not.
 */
Datum
ambit_permission_scopes(PG_FUNCTION_ARGS)
{
	const RightsPermission *held = rights_permission(rights_current(), permission_asked_for(fcinfo, 0));

	PG_RETURN_DATUM(names_array(held ? held->nscopes : 0, held ? held->scopes : NULL));
}

/*
 * effective_permissions(tenant text, user_id text)
 *		All that a member holds, and where it comes from.
 */
Datum
ambit_effective_permissions(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Rights	   *rights = rights_asked_for(fcinfo);

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; rights && i < rights->npermissions; i++)
	{
		const RightsPermission *held = &rights->permissions[i];
		Datum		values[3];
		bool		nulls[3] = {false, false, false};

		values[0] = PermissionIdGetDatum(held->permission);
		values[1] = names_array(held->nscopes, held->scopes);
		values[2] = CStringGetTextDatum(held->source);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/*
 * visible_modules() returns setof text
 *		The modules (first parts of the keys) in which I hold something.
 */
Datum
ambit_visible_modules(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Rights	   *rights = rights_current();
	const char **modules = NULL;
	int			n = 0;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	if (rights)
		modules = palloc(sizeof(char *) * (rights->npermissions + 1));
	for (int i = 0; rights && i < rights->npermissions; i++)
	{
		const char *key = permission_name(rights->permissions[i].permission);

		if (key)
			modules[n++] = pnstrdup(key, strcspn(key, "."));
	}
	qsort(modules, n, sizeof(char *), names_compare);
	for (int i = 0; i < n; i++)
	{
		Datum		value = CStringGetTextDatum(modules[i]);
		bool		isnull = false;

		if (i == 0 || strcmp(modules[i], modules[i - 1]) != 0)
			tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, &value, &isnull);
	}
	return (Datum) 0;
}

/*
 * current_roles() returns text[]
 *		The roles assigned to the identity and valid now.
 */
Datum
ambit_current_roles(PG_FUNCTION_ARGS)
{
	Rights	   *rights = rights_current();

	PG_RETURN_DATUM(names_array(rights ? rights->nroles : 0,
								   rights ? (const char *const *) rights->roles : NULL));
}

/*
 * _constant(permission) returns boolean
 *		True: what the cost of has_permission() is measured against.
 */
Datum
ambit_constant(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(true);
}

/*
 * current_key(name text) returns text
 *		The id of the member's own row that scopes compare with.
 */
Datum
ambit_current_key(PG_FUNCTION_ARGS)
{
	Rights	   *rights = rights_current();
	char	   *name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	const char *key = NULL;

	if (rights != NULL && strcmp(name, "staff") == 0)
		key = rights->staff;
	else if (rights != NULL && strcmp(name, "client") == 0)
		key = rights->client;
	if (key == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(key));
}
