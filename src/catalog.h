/*
 * catalog.h
 *		ambit's own tables: found once, read by index scans, invalidated.
 */
#ifndef AMBIT_CATALOG_H
#define AMBIT_CATALOG_H

#include "access/genam.h"
#include "access/htup.h"
#include "utils/rel.h"
#include "utils/snapshot.h"

typedef enum CatalogTable
{
	CATALOG_SIGNAL,				/* empty; stands for all others in invalidations */
	CATALOG_PERMISSION_KEY,
	CATALOG_TEMPLATE,
	CATALOG_TEMPLATE_PERMISSION,
	CATALOG_TEMPLATE_ROLE,
	CATALOG_TEMPLATE_INHERIT,
	CATALOG_TEMPLATE_SCOPE,
	CATALOG_TEMPLATE_CELL,
	CATALOG_TEMPLATE_ENTRY,
	CATALOG_TEMPLATE_ADMINISTRATION,
	CATALOG_TENANT,
	CATALOG_TENANT_FEATURE,
	CATALOG_TENANT_ROLE,
	CATALOG_TENANT_INHERIT,
	CATALOG_TENANT_MODULE,
	CATALOG_STANDALONE_CELL,
	CATALOG_STANDALONE_ENTRY,
	CATALOG_TENANT_CELL,
	CATALOG_LOCATION,
	CATALOG_LOCATION_PARENT,	/* location, by (tenant, parent) */
	CATALOG_MEMBER,
	CATALOG_GROUP_MEMBER,
	CATALOG_GROUP_MEMBER_USER,	/* group_member, by (tenant, user_id) */
	CATALOG_ASSIGNMENT,			/* by (tenant, user_id) */
	CATALOG_MEMBER_CELL,
	CATALOG_TRUSTED_APPLICATION,
	CATALOG_ADMINISTRATOR
} CatalogTable;

#define CATALOG_NTABLES (CATALOG_ADMINISTRATOR + 1)

typedef struct CatalogScan
{
	Relation	heap;
	SysScanDesc scan;
	TupleDesc	tupdesc;
} CatalogScan;

extern void catalog_init(void);

/* false when the extension is not installed in this database */
extern bool catalog_available(void);
extern Oid	catalog_schema(void);

/* grows whenever anything may have changed in one of the tables; read it by
 * catalog_generation(), only catalog.c writes it */
extern uint64 catalog_generation_number;

static inline uint64
catalog_generation(void)
{
	return catalog_generation_number;
}

/* one fresh snapshot for several scans; to be released by the caller */
extern Snapshot catalog_snapshot(void);
extern void catalog_release(Snapshot snapshot);

extern void catalog_begin(CatalogScan *scan, CatalogTable table, Snapshot snapshot,
						  int nkeys, const char *const *keys);
extern HeapTuple catalog_next(CatalogScan *scan);
extern void catalog_end(CatalogScan *scan);

/* columns of a tuple of a scan; text comes palloc'd in the current context, NULL for NULL */
extern Datum catalog_datum(CatalogScan *scan, HeapTuple tuple, int attno, bool *isnull);
extern char *catalog_text(CatalogScan *scan, HeapTuple tuple, int attno);
extern bool catalog_bool(CatalogScan *scan, HeapTuple tuple, int attno);
extern char **catalog_text_array(CatalogScan *scan, HeapTuple tuple, int attno, int *n);
extern int32 *catalog_int_array(CatalogScan *scan, HeapTuple tuple, int attno, int *n);

#endif							/* AMBIT_CATALOG_H */
