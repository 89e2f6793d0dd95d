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
	CATALOG_TENANT_FIELD,
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
	CATALOG_ADMINISTRATOR,
	CATALOG_SIGNING_KEY,
	CATALOG_LOGIN
} CatalogTable;

#define CATALOG_NTABLES (CATALOG_LOGIN + 1)

typedef struct CatalogScan
{
	Relation	heap;
	SysScanDesc scan;
	TupleDesc	tupdesc;
} CatalogScan;

extern void catalog_init(void);

/* false when the extension is not installed in this database */
extern bool catalog_available(void);
extern bool catalog_exists(CatalogTable table);
extern Oid	catalog_schema(void);

/*
 * Freshness.  Whoever keeps something that was made from the tables remembers
 * a stamp from before they were read, and does not answer from it once the
 * stamp is out of date.
 */
typedef struct CatalogStamp
{
	uint64		generation;		/* of what belongs to no tenant */
	uint64		tenant;			/* of what belongs to the tenant */
	int			slot;			/* where that is counted */
} CatalogStamp;

/* read by the functions below and by rights.c; only catalog.c writes them */
extern uint64 catalog_generation_number;
extern uint64 catalog_changes_number;
extern int	catalog_unseen;

/* takes in what other backends have committed */
extern void catalog_accept(void);

/* takes in the changes of this transaction that no message tells of */
extern void catalog_see(void);

/* grows when anything may have changed that belongs to no tenant, and when
 * anything at all may have changed */
static inline uint64
catalog_generation(void)
{
	if (catalog_unseen >= 0)
		catalog_see();
	return catalog_generation_number;
}

/* grows when anything may have changed */
static inline uint64
catalog_changes(void)
{
	if (catalog_unseen >= 0)
		catalog_see();
	return catalog_changes_number;
}

extern int	catalog_slot(const char *tenant);
extern CatalogStamp catalog_stamp(const char *tenant);
extern bool catalog_is_current(const CatalogStamp *stamp);

/* whether the database has one tenant, fresh */
extern bool catalog_sole_tenant(void);

/* one fresh snapshot for several scans; to be released by the caller */
extern Snapshot catalog_snapshot(void);
extern void catalog_release(Snapshot snapshot);

extern void catalog_begin(CatalogScan *scan, CatalogTable table, Snapshot snapshot,
						  int nkeys, const char *const *keys);
extern void catalog_begin_role(CatalogScan *scan, CatalogTable table, Oid role);
extern HeapTuple catalog_next(CatalogScan *scan);
extern void catalog_end(CatalogScan *scan);

/* columns of a tuple of a scan; text comes palloc'd in the current context, NULL for NULL */
extern Datum catalog_datum(CatalogScan *scan, HeapTuple tuple, int attno, bool *isnull);
extern char *catalog_text(CatalogScan *scan, HeapTuple tuple, int attno);
extern bool catalog_bool(CatalogScan *scan, HeapTuple tuple, int attno);
extern char **catalog_text_array(CatalogScan *scan, HeapTuple tuple, int attno, int *n);
extern int32 *catalog_int_array(CatalogScan *scan, HeapTuple tuple, int attno, int *n);

#endif							/* AMBIT_CATALOG_H */
