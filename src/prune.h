/*
 * prune.h
 *		Conditions of policies that hold anyway.
 */
#ifndef AMBIT_PRUNE_H
#define AMBIT_PRUNE_H

#include "nodes/parsenodes.h"
#include "nodes/plannodes.h"

/* What was left out, by table. */
typedef struct Pruned
{
	List	   *intact;			/* that it is intact */
	List	   *seen;			/* that the new row of an UPDATE is seen */
} Pruned;

extern void prune_query(Query *query, Pruned *pruned);
extern void prune_note(PlannedStmt *stmt, const Pruned *pruned);
extern bool prune_holds(const PlannedStmt *stmt);

#endif							/* AMBIT_PRUNE_H */
