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
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "permits.h"
#include "plans.h"
#include "relationship.h"
#include "rights.h"

/* What a call site of permits() keeps from row to row. */
typedef struct PermitsState
{
	KeyType		types[PERMITS_NARGS];
	bool		fixed_permission;	/* the permission is the same in each call */
	uint64		serial;			/* the rights it was made for; 0: none */
	MemoryContext context;		/* for the keys below */
	const RightsPermission *permission; /* NULL: not held */
	bool		has_tenant;
	Key			tenant;
	bool		has_owner;		/* my staff key, for the owner's type */
	Key			owner;
	bool		has_assignee;
	Key			assignee;
} PermitsState;

/* The bound columns of one row. */
typedef struct Row
{
	bool		bound[PERMITS_NARGS];	/* bound, and not NULL */
	Key			keys[PERMITS_NARGS];
	KeyBuffer	buffers[PERMITS_NARGS];
} Row;

static PermitsState *
get_state(FunctionCallInfo fcinfo)
{
	FmgrInfo   *flinfo = fcinfo->flinfo;
	PermitsState *state = flinfo->fn_extra;

	if (state == NULL)
	{
		state = MemoryContextAllocZero(flinfo->fn_mcxt, sizeof(PermitsState));
		for (int i = PERMITS_TENANT; i < PERMITS_NARGS; i++)
			key_type_init(&state->types[i], get_fn_expr_argtype(flinfo, i), flinfo->fn_mcxt);
		state->fixed_permission = get_fn_expr_arg_stable(flinfo, PERMITS_PERMISSION);
		state->context = AllocSetContextCreate(flinfo->fn_mcxt, "ambit permits",
											   ALLOCSET_SMALL_SIZES);
		flinfo->fn_extra = state;
	}
	return state;
}

/*
 * Prepares a call site for rights that it has not seen.
 */
static void
bind_rights(PermitsState *state, const Rights *rights, text *permission)
{
	MemoryContext old;

	state->serial = 0;
	MemoryContextReset(state->context);
	old = MemoryContextSwitchTo(state->context);
	state->permission = rights_permission(rights, permission_lookup(text_to_cstring(permission)));
	state->has_tenant = key_from_text(&state->types[PERMITS_TENANT], rights->tenant, true,
									  &state->tenant);
	state->has_owner = rights->staff &&
		key_from_text(&state->types[PERMITS_OWNER], rights->staff, false, &state->owner);
	state->has_assignee = rights->staff &&
		key_from_text(&state->types[PERMITS_ASSIGNEE], rights->staff, false, &state->assignee);
	MemoryContextSwitchTo(old);
	state->serial = rights->serial;
}

static bool
in_reach(Rights *rights, const PermitsState *state, Row *row, int reach, PermitsArg column)
{
	KeySet	   *keys;

	if (!row->bound[column])
		return false;
	keys = reach_keys(rights, reach, &state->types[column]);
	return keys != NULL && key_set_has(keys, row->keys[column]);
}

/*
 * Whether an arm reaches the row; the tenant has been compared already.
 */
static bool
arm_reaches(Rights *rights, const PermitsState *state, const Arm *arm, Row *row)
{
	if (arm->locations >= 0 && !in_reach(rights, state, row, arm->locations, PERMITS_LOCATION))
		return false;
	if (arm->groups >= 0 &&
		!in_reach(rights, state, row, arm->groups, PERMITS_TEAM) &&
		!in_reach(rights, state, row, arm->group_staff, PERMITS_OWNER))
		return false;
	if (arm->only_self &&
		!(row->bound[PERMITS_OWNER] && state->has_owner &&
		  key_equal(row->keys[PERMITS_OWNER], state->owner)))
		return false;
	if (arm->target_staff >= 0 && !in_reach(rights, state, row, arm->target_staff, PERMITS_OWNER))
		return false;
	switch (arm->scope)
	{
		case SCOPE_ALL:
			return true;
		case SCOPE_OWN:
			return row->bound[PERMITS_OWNER] && state->has_owner &&
				key_equal(row->keys[PERMITS_OWNER], state->owner);
		case SCOPE_ASSIGNEE:
			return row->bound[PERMITS_ASSIGNEE] && state->has_assignee &&
				key_equal(row->keys[PERMITS_ASSIGNEE], state->assignee);
		case SCOPE_TEAM:
			return in_reach(rights, state, row, arm->scope_reach, PERMITS_TEAM) ||
				in_reach(rights, state, row, arm->scope_staff, PERMITS_OWNER);
		case SCOPE_SELF:
		case SCOPE_RELATIONSHIP:
			return in_reach(rights, state, row, arm->scope_reach, PERMITS_CLIENT);
	}
	return false;
}

PG_FUNCTION_INFO_V1(ambit_permits);
PG_FUNCTION_INFO_V1(ambit_always);
PG_FUNCTION_INFO_V1(ambit_bound);
PG_FUNCTION_INFO_V1(ambit_closed);
PG_FUNCTION_INFO_V1(ambit_guarded);
PG_FUNCTION_INFO_V1(ambit_key);
PG_FUNCTION_INFO_V1(ambit_matches);
PG_FUNCTION_INFO_V1(ambit_in_reach);
PG_FUNCTION_INFO_V1(ambit_reach);
PG_FUNCTION_INFO_V1(ambit_sole_tenant);

/*
 * permits(permission text, tenant, location, owner, client, assignee, team "any")
 *		Whether the identity in force holds the permission for such a row.
 */
Datum
ambit_permits(PG_FUNCTION_ARGS)
{
	PermitsState *state;
	Rights	   *rights;
	Row			row;

	if (PG_ARGISNULL(PERMITS_PERMISSION))
		PG_RETURN_BOOL(false);
	rights = rights_current();
	if (rights == NULL)
		PG_RETURN_BOOL(false);
	state = get_state(fcinfo);
	if (state->serial != rights->serial || !state->fixed_permission)
		bind_rights(state, rights, PG_GETARG_TEXT_PP(PERMITS_PERMISSION));
	if (state->permission == NULL)
		PG_RETURN_BOOL(false);

	for (int i = PERMITS_TENANT; i < PERMITS_NARGS; i++)
	{
		row.bound[i] = key_class_holds_keys(state->types[i].class) && !PG_ARGISNULL(i);
		if (row.bound[i])
			row.keys[i] = key_from_datum(&state->types[i], PG_GETARG_DATUM(i), &row.buffers[i]);
	}
	if (state->types[PERMITS_TENANT].class == KEY_UNBOUND)
	{
		if (!rights->sole_tenant)
			PG_RETURN_BOOL(false);
	}
	else if (!row.bound[PERMITS_TENANT] || !state->has_tenant ||
			 !key_equal(row.keys[PERMITS_TENANT], state->tenant))
		PG_RETURN_BOOL(false);

	for (int i = 0; i < state->permission->n; i++)
		if (arm_reaches(rights, state, &rights->arms[state->permission->first + i], &row))
			PG_RETURN_BOOL(true);
	PG_RETURN_BOOL(false);
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
 * The rights in force, if the plan was made for their shape.  NULL without an
 * identity, which then reaches nothing.
 */
static inline Rights *
rights_for_plan(int64 fingerprint)
{
	Rights	   *rights = rights_current();

	if (rights != NULL && rights->fingerprint != fingerprint)
		plans_raise_stale();
	return rights;
}

/*
 * The type of the call's last argument, or of its result.
 */
static KeyType *
call_type(FunctionCallInfo fcinfo, Oid type)
{
	if (fcinfo->flinfo->fn_extra == NULL)
	{
		KeyType    *kt = MemoryContextAlloc(fcinfo->flinfo->fn_mcxt, sizeof(KeyType));

		key_type_init(kt, type, fcinfo->flinfo->fn_mcxt);
		fcinfo->flinfo->fn_extra = kt;
	}
	return fcinfo->flinfo->fn_extra;
}

/*
 * The text of one of the member's own keys; NULL when there is none.
 */
static const char *
plan_key(const Rights *rights, int which)
{
	if (rights == NULL)
		return NULL;
	if (which == PLAN_KEY_TENANT)
		return rights->tenant;
	if (which == PLAN_KEY_STAFF)
		return rights->staff;
	return NULL;
}

/*
 * _key(fingerprint bigint, which integer, type anyelement) returns anyelement
 *		The member's own key in a column's type.
 */
Datum
ambit_key(PG_FUNCTION_ARGS)
{
	Rights	   *rights;
	KeyType    *type;
	const char *text;
	Key			key;
	Datum		value;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	rights = rights_for_plan(PG_GETARG_INT64(0));
	text = plan_key(rights, PG_GETARG_INT32(1));
	type = call_type(fcinfo, get_fn_expr_rettype(fcinfo->flinfo));
	if (text == NULL ||
		!key_from_text(type, text, PG_GETARG_INT32(1) == PLAN_KEY_TENANT, &key) ||
		!key_to_datum(type, key, &value))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(value);
}

/*
 * _matches(fingerprint bigint, which integer, value "any") returns boolean
 *		Whether a column of a type that no index helps with holds that key.
 */
Datum
ambit_matches(PG_FUNCTION_ARGS)
{
	Rights	   *rights = rights_for_plan(PG_GETARG_INT64(0));
	KeyType    *type = call_type(fcinfo, get_fn_expr_argtype(fcinfo->flinfo, 2));
	const char *text = plan_key(rights, PG_GETARG_INT32(1));
	KeyBuffer	buffer;
	Key			key;

	PG_RETURN_BOOL(text != NULL && key_class_holds_keys(type->class) &&
				   key_from_text(type, text, PG_GETARG_INT32(1) == PLAN_KEY_TENANT, &key) &&
				   key_equal(key, key_from_datum(type, PG_GETARG_DATUM(2), &buffer)));
}

/*
 * _in_reach(fingerprint bigint, reach integer, value "any") returns boolean
 *		Whether a column's value is in one of the sets of my rights.
 */
Datum
ambit_in_reach(PG_FUNCTION_ARGS)
{
	Rights	   *rights = rights_for_plan(PG_GETARG_INT64(0));
	int			reach = PG_GETARG_INT32(1);
	KeyType    *type = call_type(fcinfo, get_fn_expr_argtype(fcinfo->flinfo, 2));
	KeySet	   *keys;
	KeyBuffer	buffer;

	if (rights == NULL || !key_class_holds_keys(type->class))
		PG_RETURN_BOOL(false);
	keys = reach_keys(rights, reach, type);
	PG_RETURN_BOOL(keys != NULL &&
				   key_set_has(keys, key_from_datum(type, PG_GETARG_DATUM(2), &buffer)));
}

/*
 * _reach(fingerprint bigint, reach integer, type anyelement) returns anyarray
 *		One of the sets of my rights, for an index to look up.
 */
Datum
ambit_reach(PG_FUNCTION_ARGS)
{
	Rights	   *rights;
	KeyType    *type = call_type(fcinfo, get_element_type(get_fn_expr_rettype(fcinfo->flinfo)));
	KeySet	   *keys = NULL;
	int			reach;
	ArrayType  *array;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	rights = rights_for_plan(PG_GETARG_INT64(0));
	reach = PG_GETARG_INT32(1);
	if (rights != NULL)
		keys = reach_keys(rights, reach, type);
	if (keys == NULL)
		PG_RETURN_ARRAYTYPE_P(construct_empty_array(type->base));
	/* a copy: the set may go before the scan does */
	array = key_set_array(keys);
	PG_RETURN_DATUM(PointerGetDatum(memcpy(palloc(VARSIZE(array)), array, VARSIZE(array))));
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
