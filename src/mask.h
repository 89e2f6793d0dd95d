/*
 * mask.h
 *		Masked columns.
 */
#ifndef AMBIT_MASK_H
#define AMBIT_MASK_H

#include "access/attnum.h"
#include "fmgr.h"
#include "nodes/pg_list.h"
#include "utils/rel.h"

/* A masked column of a table. */
typedef struct Mask
{
	int64		mask;
	AttrNumber	column;
	char	   *permission;
} Mask;

extern void mask_init(void);

/*
 * The masks of a table, from its policies, in the current memory context; NIL
 * for a table without.  false: they cannot be read, somebody changed the
 * policy.
 */
extern bool masks_of(Relation rel, List **masks);

/*
 * For callers in C: a site asks about rows of one kind for one mask.  Arrays
 * are indexed by PermitsArg, types as those of permits_site().
 */
typedef struct MaskSite MaskSite;

extern MaskSite *mask_site(int64 mask, const char *permission, const Oid *types,
						   MemoryContext context);

/* whether the identity in force sees the column in such a row; false without one */
extern bool mask_site_unmasks(MaskSite *site, const Datum *values, const bool *nulls);

/* whether it is a field that tenants mark: closed to writing too */
extern bool mask_site_is_field(MaskSite *site);

#endif							/* AMBIT_MASK_H */
