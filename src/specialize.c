/*
 * specialize.c
 *		The plain predicate that somebody's rights come to.
 *
 * What an expert would have written for this user: the tenant, and an OR of
 * the arms, each an AND of comparisons.  The values of the comparisons are
 * stable functions of the identity (permits.c), so the predicate holds the
 * shape of the rights and never a key.
 */
#include "postgres.h"
#include "compat.h"

#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#include "functions.h"
#include "permits.h"
#include "specialize.h"

static Const *
int8_const(int64 value)
{
	return makeConst(INT8OID, -1, InvalidOid, sizeof(int64), Int64GetDatum(value),
					 false, FLOAT8PASSBYVAL);
}

static Const *
int4_const(int32 value)
{
	return makeConst(INT4OID, -1, InvalidOid, sizeof(int32), Int32GetDatum(value), false, true);
}

/*
 * The type that an index on such a column compares; the base type, and text
 * for varchar.
 */
Oid
specialize_type(const KeyType *type)
{
	return type->class == KEY_TEXT ? TEXTOID : type->base;
}

Node *
specialize_relabel(Node *node, Oid type)
{
	if (exprType(node) == type)
		return node;
	return (Node *) makeRelabelType((Expr *) node, type, -1, exprCollation(node),
									COERCE_IMPLICIT_CAST);
}

bool
specialize_bytewise(Oid collation)
{
	return !OidIsValid(collation) || get_collation_isdeterministic(collation);
}

/*
 * The argument for a bound column; NULL when the column is not bound.
 */
static Node *
bound_column(Specialize *s, PermitsArg column, KeyType *type)
{
	Node	   *arg = list_nth(s->args, column);

	if (IsA(arg, Const) && ((Const *) arg)->constisnull)
		return NULL;
	key_type_init(type, exprType(arg), CurrentMemoryContext);
	/* a copy: it may come to stand in several places */
	return key_class_holds_keys(type->class) ? copyObject(arg) : NULL;
}

/*
 * A call of _matches or _in_reach on a column.
 */
static Node *
call_on_column(Specialize *s, OwnFunction function, int32 number, Node *column)
{
	return (Node *) makeFuncExpr(functions_find(function), BOOLOID,
								 list_make3(int8_const(s->rights->fingerprint),
											int4_const(number), column),
								 InvalidOid, InvalidOid, COERCE_EXPLICIT_CALL);
}

/*
 * A call of _key or _reach, whose result takes its type from the last argument.
 */
Node *
specialize_call(int64 fingerprint, OwnFunction function, int32 number, Oid type, Oid result,
				Oid collation)
{
	return (Node *) makeFuncExpr(functions_find(function), result,
								 list_make3(int8_const(fingerprint), int4_const(number),
											makeNullConst(type, -1, get_typcollation(type))),
								 collation, InvalidOid, COERCE_EXPLICIT_CALL);
}

/*
 * column = one of my own keys.  NULL when the column is not bound.
 */
static Node *
column_is(Specialize *s, PermitsArg column, PlanKey which)
{
	KeyType		type;
	Node	   *arg = bound_column(s, column, &type);
	Oid			compared,
				operator,
				collation;
	Expr	   *result;

	if (arg == NULL)
		return NULL;
	collation = exprCollation(arg);
	compared = specialize_type(&type);
	operator = key_class_indexable(type.class) && specialize_bytewise(collation) ?
		lookup_type_cache(compared, TYPECACHE_EQ_OPR)->eq_opr : InvalidOid;
	if (!OidIsValid(operator))
		return call_on_column(s, FUNCTION_MATCHES, which, arg);
	result = make_opclause(operator, BOOLOID, false,
						   (Expr *) specialize_relabel(arg, compared),
						   (Expr *) specialize_call(s->rights->fingerprint, FUNCTION_KEY, which,
													compared, compared, collation),
						   InvalidOid, collation);
	set_opfuncid((OpExpr *) result);
	return (Node *) result;
}

/*
 * column is in a set.  NULL when the column is not bound.
 */
static Node *
column_in(Specialize *s, PermitsArg column, int reach)
{
	KeyType		type;
	Node	   *arg;

	if (s->rights->reaches[reach].single)
		return column_is(s, column, PLAN_KEY_REACH + reach);
	arg = bound_column(s, column, &type);
	return arg == NULL ? NULL : call_on_column(s, FUNCTION_IN_REACH, reach, arg);
}

/*
 * Either of two conditions of which one may not apply.
 */
static Node *
either(Node *a, Node *b)
{
	if (a == NULL || b == NULL)
		return a ? a : b;
	return (Node *) make_orclause(list_make2(a, b));
}

/*
 * The conditions of an arm, appended to *conditions; false when it reaches
 * nothing in this table.
 */
static bool
specialize_arm(Specialize *s, const Arm *arm, List **conditions)
{
	Node	   *node = NULL;

	*conditions = NIL;
	if (arm->locations >= 0)
	{
		if ((node = column_in(s, PERMITS_LOCATION, arm->locations)) == NULL)
			return false;
		*conditions = lappend(*conditions, node);
	}
	switch (arm->scope)
	{
		case SCOPE_ALL:
			break;
		case SCOPE_OWN:
			node = column_is(s, PERMITS_OWNER, PLAN_KEY_STAFF);
			break;
		case SCOPE_ASSIGNEE:
			node = column_is(s, PERMITS_ASSIGNEE, PLAN_KEY_STAFF);
			break;
		case SCOPE_TEAM:
			node = either(column_in(s, PERMITS_TEAM, arm->scope_reach),
						  column_in(s, PERMITS_OWNER, arm->scope_staff));
			break;
		case SCOPE_SELF:
		case SCOPE_RELATIONSHIP:
			node = column_in(s, PERMITS_CLIENT, arm->scope_reach);
			break;
	}
	if (arm->scope != SCOPE_ALL)
	{
		if (node == NULL)
			return false;
		*conditions = lappend(*conditions, node);
	}
	if (arm->groups >= 0)
	{
		node = either(column_in(s, PERMITS_TEAM, arm->groups),
					  column_in(s, PERMITS_OWNER, arm->group_staff));
		if (node == NULL)
			return false;
		*conditions = lappend(*conditions, node);
	}
	if (arm->only_self && arm->scope != SCOPE_OWN)
	{
		if ((node = column_is(s, PERMITS_OWNER, PLAN_KEY_STAFF)) == NULL)
			return false;
		*conditions = lappend(*conditions, node);
	}
	if (arm->target_staff >= 0)
	{
		if ((node = column_in(s, PERMITS_OWNER, arm->target_staff)) == NULL)
			return false;
		*conditions = lappend(*conditions, node);
	}
	return true;
}

/*
 * The row is the tenant's.  NULL: it cannot be.
 */
static Node *
specialize_tenant(Specialize *s)
{
	Node	   *arg = list_nth(s->args, PERMITS_TENANT);

	if (exprType(arg) != UNKNOWNOID)
		return column_is(s, PERMITS_TENANT, PLAN_KEY_TENANT);
	if (!s->rights->sole_tenant)
		return NULL;
	return (Node *) makeFuncExpr(functions_find(FUNCTION_SOLE_TENANT), BOOLOID,
								 list_make1(int8_const(s->rights->fingerprint)),
								 InvalidOid, InvalidOid, COERCE_EXPLICIT_CALL);
}

/*
 * The predicate for the rights, as a fresh list of conditions that all have to
 * hold; NIL is no condition of the row's.
 */
List *
specialize(Specialize *s, const char *permission)
{
	const RightsPermission *held = rights_permission(s->rights, permission_lookup(permission));
	Node	   *tenant;
	List	   *arms = NIL;

	if (held == NULL || (tenant = specialize_tenant(s)) == NULL)
		return list_make1(makeBoolConst(false, false));
	for (int i = 0; i < held->n; i++)
	{
		List	   *conditions;

		if (!specialize_arm(s, &s->rights->arms[held->first + i], &conditions))
			continue;
		if (conditions == NIL)
			return list_make1(tenant);	/* all of the tenant's */
		arms = lappend(arms, make_ands_explicit(conditions));
	}
	if (arms == NIL)
		return list_make1(makeBoolConst(false, false));
	if (list_length(arms) > 1)
		return list_make2(tenant, make_orclause(arms));
	return lcons(tenant, make_ands_implicit(linitial(arms)));
}
