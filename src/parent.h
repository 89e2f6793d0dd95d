/*
 * parent.h
 *		The row that a row of a table with a parent follows.
 */
#ifndef AMBIT_PARENT_H
#define AMBIT_PARENT_H

#include "nodes/primnodes.h"

#include "permits.h"

/* How the parent's row is asked for. */
typedef struct Parent Parent;

/* What one statement keeps of it: the query under way, and answers. */
typedef struct ParentScan ParentScan;

/* The row that was asked for last. */
typedef struct ParentRow
{
	bool		asked;
	uint64		asked_in;		/* of the scan, as it was opened then */
	Datum		key;
	bool		found;
	Datum		values[PERMITS_NARGS];
	bool		nulls[PERMITS_NARGS];
	MemoryContext context;		/* of the key and the values */
} ParentRow;

/*
 * bound: the call of _bound() of the table.  Fills in the types of the columns
 * that the table does not bind itself.  In the current memory context.
 */
extern Parent *parent_create(FuncExpr *bound, Oid *types);

/* whether the table stands in its query */
extern bool parent_is_about(const Parent *parent, Oid relid);

/* in a context that lives as long as the statement does */
extern ParentScan *parent_scan(MemoryContext context);

/* the scan may be used for another parent then */
extern void parent_close(ParentScan *scan);

/* false when there is no such row, or it is not seen */
extern bool parent_fetch(Parent *parent, ParentScan *scan, ParentRow *row, Datum key);

#endif							/* AMBIT_PARENT_H */
