/*
 * permits.c
 *		Which rows a permission reaches: permits(), and what plans call.
 *
 * permits() stands in the policies.  The planner turns it into plain
 * predicates (planner.c), whose values come from the functions at the end of
 * this file; where it cannot, permits() itself is run for each row.  Both
 * read the same arms.
 *
 * A row never makes these functions fail: a column that does not compare
 * reaches nothing.
 */
#include "postgres.h"
#include "compat.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/typcache.h"

#include "permits.h"
#include "plans.h"
#include "relationship.h"
#include "rights.h"

/* Who asks about rows of one kind: what is kept from row to row. */
struct PermitsSite
{
	KeyType		types[PERMITS_NARGS];
	uint64		serial;			/* the rights it was made for; 0: none */
	MemoryContext context;		/* for the keys below */
	const RightsPermission *permission; /* NULL: not held */
	bool		has_tenant;
	Key			tenant;
	bool		has_owner;		/* my staff key, for the owner's type */
	Key			owner;
	bool		has_assignee;
	Key			assignee;
	ReachCache *reaches;		/* one each; a reach is asked about one column only */
};

/* What a call site of permits() keeps from row to row. */
typedef struct PermitsCall
{
	PermitsSite site;
	bool		fixed_permission;	/* the permission is the same in each call */
} PermitsCall;

/* The bound columns of one row. */
typedef struct Row
{
	bool		bound[PERMITS_NARGS];	/* bound, and not NULL */
	Key			keys[PERMITS_NARGS];
	KeyBuffer	buffers[PERMITS_NARGS];
} Row;

static void
init_site(PermitsSite *site, const Oid *types, MemoryContext context)
{
	memset(site, 0, sizeof(PermitsSite));
	for (int i = PERMITS_TENANT; i < PERMITS_NARGS; i++)
		key_type_init(&site->types[i], types[i], context);
	site->context = AllocSetContextCreate(context, "ambit permits", ALLOCSET_SMALL_SIZES);
}

/*
 * Prepares a site for rights that it has not seen.
 */
static void
bind_rights(PermitsSite *site, const Rights *rights, const char *permission)
{
	MemoryContext old;

	site->serial = 0;
	MemoryContextReset(site->context);
	old = MemoryContextSwitchTo(site->context);
	site->permission = rights_permission(rights, permission_lookup(permission));
	site->has_tenant = key_from_text(&site->types[PERMITS_TENANT], rights->tenant, true,
									 &site->tenant);
	site->has_owner = rights->staff &&
		key_from_text(&site->types[PERMITS_OWNER], rights->staff, false, &site->owner);
	site->has_assignee = rights->staff &&
		key_from_text(&site->types[PERMITS_ASSIGNEE], rights->staff, false, &site->assignee);
	site->reaches = palloc0(sizeof(ReachCache) * Max(rights->nreaches, 1));
	MemoryContextSwitchTo(old);
	site->serial = rights->serial;
}

static bool
in_reach(Rights *rights, const PermitsSite *site, Row *row, int reach, PermitsArg column)
{
	return row->bound[column] &&
		reach_has(rights, reach, &site->types[column], &site->reaches[reach], row->keys[column]);
}

/*
 * Whether an arm reaches the row; the tenant has been compared already.
 */
static bool
arm_reaches(Rights *rights, const PermitsSite *site, const Arm *arm, Row *row)
{
	if (arm->locations >= 0 && !in_reach(rights, site, row, arm->locations, PERMITS_LOCATION))
		return false;
	if (arm->groups >= 0 &&
		!in_reach(rights, site, row, arm->groups, PERMITS_TEAM) &&
		!in_reach(rights, site, row, arm->group_staff, PERMITS_OWNER))
		return false;
	if (arm->only_self &&
		!(row->bound[PERMITS_OWNER] && site->has_owner &&
		  key_equal(row->keys[PERMITS_OWNER], site->owner)))
		return false;
	if (arm->target_staff >= 0 && !in_reach(rights, site, row, arm->target_staff, PERMITS_OWNER))
		return false;
	switch (arm->scope)
	{
		case SCOPE_ALL:
			return true;
		case SCOPE_OWN:
			return row->bound[PERMITS_OWNER] && site->has_owner &&
				key_equal(row->keys[PERMITS_OWNER], site->owner);
		case SCOPE_ASSIGNEE:
			return row->bound[PERMITS_ASSIGNEE] && site->has_assignee &&
				key_equal(row->keys[PERMITS_ASSIGNEE], site->assignee);
		case SCOPE_TEAM:
			return in_reach(rights, site, row, arm->scope_reach, PERMITS_TEAM) ||
				in_reach(rights, site, row, arm->scope_staff, PERMITS_OWNER);
		case SCOPE_SELF:
		case SCOPE_RELATIONSHIP:
			return in_reach(rights, site, row, arm->scope_reach, PERMITS_CLIENT);
	}
	return false;
}

static void
read_column(const PermitsSite *site, Row *row, int i, const Datum *values, const bool *nulls)
{
	row->bound[i] = key_class_holds_keys(site->types[i].class) && !nulls[i];
	if (row->bound[i])
		row->keys[i] = key_from_datum(&site->types[i], values[i], &row->buffers[i]);
}

/*
 * Whether a row is of the tenant of the rights that the site is bound to.
 */
static bool
is_tenants(const PermitsSite *site, const Rights *rights, Row *row,
		   const Datum *values, const bool *nulls)
{
	if (site->types[PERMITS_TENANT].class == KEY_UNBOUND)
		return rights->sole_tenant;
	read_column(site, row, PERMITS_TENANT, values, nulls);
	return row->bound[PERMITS_TENANT] && site->has_tenant &&
		key_equal(row->keys[PERMITS_TENANT], site->tenant);
}

/*
 * Whether the permission that the site is bound to reaches a row.  only_all:
 * by an arm of scope all.
 */
static bool
site_reaches(PermitsSite *site, Rights *rights, const Datum *values, const bool *nulls,
			 bool only_all)
{
	Row			row;

	if (site->permission == NULL || !is_tenants(site, rights, &row, values, nulls))
		return false;
	for (int i = PERMITS_TENANT + 1; i < PERMITS_NARGS; i++)
		read_column(site, &row, i, values, nulls);

	for (int i = 0; i < site->permission->n; i++)
	{
		const Arm  *arm = &rights->arms[site->permission->first + i];

		if ((!only_all || arm->scope == SCOPE_ALL) && arm_reaches(rights, site, arm, &row))
			return true;
	}
	return false;
}

PermitsSite *
permits_site(const Oid *types, MemoryContext context)
{
	PermitsSite *site = MemoryContextAlloc(context, sizeof(PermitsSite));

	init_site(site, types, context);
	return site;
}

bool
permits_row(PermitsSite *site, const char *permission, const Datum *values, const bool *nulls,
			bool only_all)
{
	Rights	   *rights = rights_current();

	if (rights == NULL)
		return false;
	if (site->serial != rights->serial)
		bind_rights(site, rights, permission);
	return site_reaches(site, rights, values, nulls, only_all);
}

bool
permits_tenant(PermitsSite *site, const char *permission, const Datum *values, const bool *nulls)
{
	Rights	   *rights = rights_current();
	Row			row;

	if (rights == NULL)
		return false;
	if (site->serial != rights->serial)
		bind_rights(site, rights, permission);
	return is_tenants(site, rights, &row, values, nulls);
}

PG_FUNCTION_INFO_V1(ambit_permits);
PG_FUNCTION_INFO_V1(ambit_always);
PG_FUNCTION_INFO_V1(ambit_bound);
PG_FUNCTION_INFO_V1(ambit_closed);
PG_FUNCTION_INFO_V1(ambit_guarded);
PG_FUNCTION_INFO_V1(ambit_holds);
PG_FUNCTION_INFO_V1(ambit_implied);
PG_FUNCTION_INFO_V1(ambit_insert_refused);
PG_FUNCTION_INFO_V1(ambit_is);
PG_FUNCTION_INFO_V1(ambit_key);
PG_FUNCTION_INFO_V1(ambit_matches);
PG_FUNCTION_INFO_V1(ambit_in_reach);
PG_FUNCTION_INFO_V1(ambit_reach);
PG_FUNCTION_INFO_V1(ambit_seen);
PG_FUNCTION_INFO_V1(ambit_sole_tenant);

/*
 * permits(permission text, tenant, location, owner, client, assignee, team "any")
 *		Whether the identity in force holds the permission for such a row.
 */
Datum
ambit_permits(PG_FUNCTION_ARGS)
{
	FmgrInfo   *flinfo = fcinfo->flinfo;
	PermitsCall *call = flinfo->fn_extra;
	Rights	   *rights;
	Datum		values[PERMITS_NARGS];
	bool		nulls[PERMITS_NARGS];

	if (PG_ARGISNULL(PERMITS_PERMISSION))
		PG_RETURN_BOOL(false);
	rights = rights_of_query();
	if (rights == NULL)
		PG_RETURN_BOOL(false);
	if (call == NULL)
	{
		Oid			types[PERMITS_NARGS];

		call = MemoryContextAlloc(flinfo->fn_mcxt, sizeof(PermitsCall));
		for (int i = PERMITS_TENANT; i < PERMITS_NARGS; i++)
			types[i] = get_fn_expr_argtype(flinfo, i);
		init_site(&call->site, types, flinfo->fn_mcxt);
		call->fixed_permission = get_fn_expr_arg_stable(flinfo, PERMITS_PERMISSION);
		flinfo->fn_extra = call;
	}
	if (call->site.serial != rights->serial || !call->fixed_permission)
		bind_rights(&call->site, rights, text_to_cstring(PG_GETARG_TEXT_PP(PERMITS_PERMISSION)));
	for (int i = PERMITS_TENANT; i < PERMITS_NARGS; i++)
	{
		nulls[i] = PG_ARGISNULL(i);
		values[i] = PG_GETARG_DATUM(i);
	}
	PG_RETURN_BOOL(site_reaches(&call->site, rights, values, nulls, false));
}

/*
 * _always() returns boolean
 */
Datum
ambit_always(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(true);
}

/*
 * _bound(...) returns boolean
 *		True: the one permissive policy.  Its arguments are the bound columns.
 */
Datum
ambit_bound(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(true);
}

/*
 * _closed() returns boolean
 *		False: a command without a rule.
 */
Datum
ambit_closed(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(false);
}

/*
 * _holds(permission text) returns boolean
 *		Whether the permission is held at all.
 */
Datum
ambit_holds(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(rights_holds(rights_current(),
								permission_lookup(text_to_cstring(PG_GETARG_TEXT_PP(0)))));
}

/*
 * _guarded(rule bigint, permitted boolean, condition boolean) returns boolean
 *		Both.  The planner puts something better in its place.
 */
Datum
ambit_guarded(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(!PG_ARGISNULL(1) && PG_GETARG_BOOL(1) &&
				   !PG_ARGISNULL(2) && PG_GETARG_BOOL(2));
}

/*
 * _seen(seen boolean) returns boolean
 *		The same.  The planner leaves it out where it is asked elsewhere.
 */
Datum
ambit_seen(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(PG_GETARG_BOOL(0));
}

/*
 * _implied(permission text, seeing text[], permitted boolean) returns boolean
 *		The last.  The planner leaves it out where rows that are seen are
 *		permitted.
 */
Datum
ambit_implied(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(PG_GETARG_BOOL(2));
}

/*
 * _is(value anyelement, wanted anyelement) returns boolean
 *		Whether a column has the value that "becomes" names, by the equality of
 *		its type.
 */
Datum
ambit_is(PG_FUNCTION_ARGS)
{
	TypeCacheEntry *type = fcinfo->flinfo->fn_extra;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_BOOL(false);
	if (type == NULL)
	{
		Oid			typid = getBaseType(get_fn_expr_argtype(fcinfo->flinfo, 0));

		type = lookup_type_cache(typid, TYPECACHE_EQ_OPR_FINFO);
		if (!OidIsValid(type->eq_opr_finfo.fn_oid))
			PG_RETURN_BOOL(false);
		fcinfo->flinfo->fn_extra = type;
	}
	PG_RETURN_DATUM(FunctionCall2Coll(&type->eq_opr_finfo, PG_GET_COLLATION(),
									  PG_GETARG_DATUM(0), PG_GETARG_DATUM(1)));
}

/*
 * _insert_refused(relation regclass, column name, permissions text) returns boolean
 *		The error of an INSERT that no rule permits; with a column: of a value
 *		that some rules reserve.
 */
Datum
ambit_insert_refused(PG_FUNCTION_ARGS)
{
	char	   *table = PG_ARGISNULL(0) ? NULL : get_rel_name(PG_GETARG_OID(0));
	char	   *permissions = PG_ARGISNULL(2) ? "" : text_to_cstring(PG_GETARG_TEXT_PP(2));

	if (table == NULL)
		PG_RETURN_BOOL(false);
	if (PG_ARGISNULL(1))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied to insert such a row into table \"%s\"", table),
				 errdetail("Permissions for new rows are %s.", permissions)));
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("permission denied to insert such a value of column \"%s\" into table \"%s\"",
					NameStr(*PG_GETARG_NAME(1)), table),
			 errdetail("Permissions for the value are %s.", permissions)));
	PG_RETURN_BOOL(false);
}

/*
 * The rights in force, if the plan was made for their shape.  NULL without an
 * identity, which then reaches nothing.
 */
static inline Rights *
rights_for_plan(int64 fingerprint)
{
	Rights	   *rights = rights_of_query();

	if (rights != NULL && rights->fingerprint != fingerprint)
		plans_raise_stale();
	return rights;
}

/* What a call site of a function for plans keeps from call to call. */
typedef struct PlanCall
{
	KeyType		type;
	ReachCache	reach;
	uint64		serial;			/* the rights or the set that the value is of; 0: none */
	int			which;			/* the key that it is */
	Datum		value;			/* a pointer to room where the type is passed by reference */
	Size		room;
	bool		isnull;
} PlanCall;

/* What a function for plans is about. */
typedef enum PlanValue
{
	VALUE_ARGUMENT,				/* its last argument */
	VALUE_RESULT,				/* its result */
	VALUE_ELEMENTS				/* the elements of its result */
} PlanValue;

/*
 * The call site, for the type of that.
 */
static inline PlanCall *
plan_call(FunctionCallInfo fcinfo, PlanValue value)
{
	PlanCall   *call = fcinfo->flinfo->fn_extra;

	if (call == NULL)
	{
		Oid			type = value == VALUE_ARGUMENT ? get_fn_expr_argtype(fcinfo->flinfo, 2) :
			get_fn_expr_rettype(fcinfo->flinfo);

		if (value == VALUE_ELEMENTS)
			type = get_element_type(type);
		call = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(PlanCall));
		key_type_init(&call->type, type, fcinfo->flinfo->fn_mcxt);
		fcinfo->flinfo->fn_extra = call;
	}
	return call;
}

/*
 * Keeps a value of variable or fixed length for further calls.
 */
static void
keep_value(FunctionCallInfo fcinfo, PlanCall *call, const void *value, Size size)
{
	if (call->room < size)
	{
		if (call->room > 0)
			pfree(DatumGetPointer(call->value));
		call->room = 0;
		call->value = PointerGetDatum(MemoryContextAllocHuge(fcinfo->flinfo->fn_mcxt, size));
		call->room = size;
	}
	memcpy(DatumGetPointer(call->value), value, size);
}

/*
 * The text of one of the member's own keys; NULL when there is none.
 */
static const char *
plan_key(const Rights *rights, int which)
{
	if (which == PLAN_KEY_TENANT)
		return rights->tenant;
	if (which == PLAN_KEY_STAFF)
		return rights->staff;
	which -= PLAN_KEY_REACH;
	return which >= 0 && which < rights->nreaches && rights->reaches[which].single ?
		rights->reaches[which].roots[0] : NULL;
}

/*
 * The same in a type.
 */
static inline bool
convert_plan_key(const Rights *rights, int which, const KeyType *type, Key *key)
{
	const char *text = plan_key(rights, which);

	/* of the ids that name tenants, groups and locations no two may meet in one value */
	return text != NULL && key_class_holds_keys(type->class) &&
		key_from_text(type, text, which != PLAN_KEY_STAFF, key);
}

/*
 * _key(fingerprint bigint, which integer, type anyelement) returns anyelement
 *		The member's own key in a column's type.
 */
Datum
ambit_key(PG_FUNCTION_ARGS)
{
	Rights	   *rights;
	PlanCall   *call;
	int			which;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	rights = rights_for_plan(PG_GETARG_INT64(0));
	which = PG_GETARG_INT32(1);
	if (rights == NULL)
		PG_RETURN_NULL();
	call = plan_call(fcinfo, VALUE_RESULT);
	if (call->serial != rights->serial || call->which != which)
	{
		Key			key;
		Datum		value;

		call->serial = 0;
		call->isnull = !convert_plan_key(rights, which, &call->type, &key) ||
			!key_to_datum(&call->type, key, &value);
		if (!call->isnull && call->type.typbyval)
			call->value = value;
		else if (!call->isnull)
			keep_value(fcinfo, call, DatumGetPointer(value),
					   datumGetSize(value, false, call->type.typlen));
		call->which = which;
		call->serial = rights->serial;
	}
	if (call->isnull)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(call->value);
}

/*
 * _matches(fingerprint bigint, which integer, value "any") returns boolean
 *		Whether a column of a type that no index helps with holds that key.
 */
Datum
ambit_matches(PG_FUNCTION_ARGS)
{
	Rights	   *rights = rights_for_plan(PG_GETARG_INT64(0));
	PlanCall   *call = plan_call(fcinfo, VALUE_ARGUMENT);
	KeyBuffer	buffer;
	Key			key;

	PG_RETURN_BOOL(rights != NULL &&
				   convert_plan_key(rights, PG_GETARG_INT32(1), &call->type, &key) &&
				   key_equal(key, key_from_datum(&call->type, PG_GETARG_DATUM(2), &buffer)));
}

/*
 * _in_reach(fingerprint bigint, reach integer, value "any") returns boolean
 *		Whether a column's value is in one of the sets of my rights.
 */
Datum
ambit_in_reach(PG_FUNCTION_ARGS)
{
	Rights	   *rights = rights_for_plan(PG_GETARG_INT64(0));
	PlanCall   *call = plan_call(fcinfo, VALUE_ARGUMENT);
	KeyBuffer	buffer;

	call->reach.statement = fcinfo->flinfo->fn_mcxt;
	PG_RETURN_BOOL(rights != NULL && key_class_holds_keys(call->type.class) &&
				   reach_has(rights, PG_GETARG_INT32(1), &call->type, &call->reach,
							 key_from_datum(&call->type, PG_GETARG_DATUM(2), &buffer)));
}

/*
 * _reach(fingerprint bigint, reach integer, type anyelement) returns anyarray
 *		One of the sets of my rights, for an index to look up.  While a plan is
 *		being made, for its estimates, some of it.
 */
Datum
ambit_reach(PG_FUNCTION_ARGS)
{
	Rights	   *rights;
	PlanCall   *call = plan_call(fcinfo, VALUE_ELEMENTS);
	KeySet	   *keys = NULL;
	double		size;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	rights = rights_for_plan(PG_GETARG_INT64(0));
	if (rights != NULL && plans_being_made())
		keys = reach_sample(rights, PG_GETARG_INT32(1), &call->type, &size);
	else if (rights != NULL)
		keys = reach_keys(rights, PG_GETARG_INT32(1), &call->type, &call->reach);
	if (keys == NULL)
		PG_RETURN_ARRAYTYPE_P(construct_empty_array(call->type.base));
	if (plans_being_made())
		PG_RETURN_ARRAYTYPE_P(key_set_array(keys, &call->type, PLAN_SAMPLE));
	/* a copy: the set may go before the scan does */
	if (call->serial != key_set_serial(keys))
	{
		ArrayType  *array = key_set_array(keys, &call->type, INT_MAX);

		call->serial = 0;
		keep_value(fcinfo, call, array, VARSIZE(array));
		pfree(array);
		call->serial = key_set_serial(keys);
	}
	PG_RETURN_DATUM(call->value);
}

/*
 * _sole_tenant(fingerprint bigint) returns boolean
 *		Whether mine is the only tenant of the database.
 */
Datum
ambit_sole_tenant(PG_FUNCTION_ARGS)
{
	Rights	   *rights = rights_for_plan(PG_GETARG_INT64(0));

	PG_RETURN_BOOL(rights != NULL && rights->sole_tenant);
}
