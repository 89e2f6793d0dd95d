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

/* The row that was asked for last, within one statement. */
typedef struct ParentRow
{
	MemoryContext context;		/* where the rest lives */
	MemoryContext row_context;
	bool		asked;
	Datum		key;
	bool		found;
	Datum		values[PERMITS_NARGS];
	bool		nulls[PERMITS_NARGS];
} ParentRow;

/*
 * bound: the call of _bound() of the table.  Fills in the types of the columns
 * that the table does not bind itself.  In the current memory context.
 */
extern Parent *parent_create(FuncExpr *bound, Oid *types);

/* whether the table stands in its query */
extern bool parent_is_about(const Parent *parent, Oid relid);

/* false when there is no such row, or it is not seen */
extern bool parent_fetch(Parent *parent, ParentRow *row, Datum key);

#endif							/* AMBIT_PARENT_H */
