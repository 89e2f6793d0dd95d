/*
 * permission.h
 *		The type permission and the keys that it stands for.
 */
#ifndef AMBIT_PERMISSION_H
#define AMBIT_PERMISSION_H

#include "fmgr.h"

/* The value of the type: permission_key.id.  Ids are above 0, with gaps. */
typedef int32 PermissionId;

#define PERMISSION_NONE ((PermissionId) 0)
#define PERMISSION_KEY_MAX_LENGTH 190

#define DatumGetPermissionId(X) DatumGetInt32(X)
#define PermissionIdGetDatum(X) Int32GetDatum(X)
#define PG_GETARG_PERMISSION(n) PG_GETARG_INT32(n)
#define PG_RETURN_PERMISSION(x) PG_RETURN_INT32(x)

/* PERMISSION_NONE when no such key is known */
extern PermissionId permission_lookup(const char *key);

/* NULL when unknown; stays until the next call of a function of this file */
extern const char *permission_name(PermissionId id);

/* the known key nearest to an unknown one, palloc'd, or NULL */
extern char *permission_nearest(const char *key);

/* the known ids whose keys begin with prefix and a dot, palloc'd */
extern PermissionId *permission_below(const char *prefix, int *n);

/* the nearest prefix that has keys below it, palloc'd, or NULL */
extern char *permission_nearest_prefix(const char *prefix);

/* text form of a value and back; errors XX001 and 42704 (soft) */
extern char *permission_to_cstring(PermissionId id);
extern PermissionId permission_from_cstring(const char *key, fmNodePtr escontext);

#endif							/* AMBIT_PERMISSION_H */
