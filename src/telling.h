/*
 * telling.h
 *		What a query on one table may tell of rows before they are joined.
 */
#ifndef AMBIT_TELLING_H
#define AMBIT_TELLING_H

#include "nodes/parsenodes.h"

/*
 * Whether something in a query on one table, or on one query, may be evaluated
 * before the table's rows are joined, and tell of them.  returned: what it
 * returns is evaluated after its joins.  around: the queries around it, from the
 * innermost.
 */
extern bool telling_query(const Query *query, bool returned, List *around);

/*
 * Whether the table itself does, or policies of it or of its parents.
 */
extern bool telling_table(const RangeTblEntry *rte);

#endif							/* AMBIT_TELLING_H */
