/*
 * permission_set.h
 *		The type permission_set.
 */
#ifndef AMBIT_PERMISSION_SET_H
#define AMBIT_PERMISSION_SET_H

#include "permission.h"

typedef struct PermissionSet
{
	int32		vl_len_;		/* varlena header, do not touch directly */
	int32		n;
	PermissionId ids[FLEXIBLE_ARRAY_MEMBER];	/* ascending, no two equal */
} PermissionSet;

#define DatumGetPermissionSetP(X) permission_set_from_datum(X)
#define PermissionSetPGetDatum(X) PointerGetDatum(X)
#define PG_GETARG_PERMISSION_SET_P(n) DatumGetPermissionSetP(PG_GETARG_DATUM(n))
#define PG_RETURN_PERMISSION_SET_P(x) PG_RETURN_POINTER(x)

/* detoasted, its header checked; error XX001 */
extern PermissionSet *permission_set_from_datum(Datum datum);

/* a new set of these; sorts ids in place */
extern PermissionSet *permission_set_make(PermissionId *ids, int n);

extern bool permission_set_has(const PermissionSet *set, PermissionId id);

#endif							/* AMBIT_PERMISSION_SET_H */
