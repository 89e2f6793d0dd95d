/*
 * permits.h
 *		Which rows a permission reaches.
 */
#ifndef AMBIT_PERMITS_H
#define AMBIT_PERMITS_H

/* the arguments of permits(), in order: the permission and the bound columns */
typedef enum PermitsArg
{
	PERMITS_PERMISSION,
	PERMITS_TENANT,
	PERMITS_LOCATION,
	PERMITS_OWNER,
	PERMITS_CLIENT,
	PERMITS_ASSIGNEE,
	PERMITS_TEAM
} PermitsArg;

#define PERMITS_NARGS (PERMITS_TEAM + 1)

/* which of the member's own keys a plan asks for, see ambit._key() */
typedef enum PlanKey
{
	PLAN_KEY_TENANT,
	PLAN_KEY_STAFF,
	PLAN_KEY_REACH				/* and up: the one key of reach 0, 1, ... */
} PlanKey;

/* of a set of more keys so many stand for all of them in estimates */
#define PLAN_SAMPLE 100

/*
 * For callers in C: a site asks about rows of one kind, whose bound columns
 * have these types (UNKNOWNOID: not bound), for one permission.  Arrays are
 * indexed by PermitsArg; only_all: by arms of scope all alone.
 */
typedef struct PermitsSite PermitsSite;

extern PermitsSite *permits_site(const Oid *types, MemoryContext context);
extern bool permits_row(PermitsSite *site, const char *permission, const Datum *values,
						const bool *nulls, bool only_all);

/* whether the row is of the tenant of the identity in force */
extern bool permits_tenant(PermitsSite *site, const char *permission, const Datum *values,
						   const bool *nulls);

#endif							/* AMBIT_PERMITS_H */
