/*
 * plan_walk.h
 *		What is asked of every node of a plan.
 */
#ifndef AMBIT_PLAN_WALK_H
#define AMBIT_PLAN_WALK_H

#include "nodes/plannodes.h"

/*
 * Whether a test holds for the expressions of some node of a plan, its subplans
 * aside.  Nodes that are not known count as if it did.
 */
typedef bool (*PlanTest) (Plan *plan, List *expressions, void *context);

extern bool plan_has(Plan *plan, PlanTest test, void *context);

/*
 * Whether a plan may be given another key and read again: what it keeps from
 * one reading to the next does not depend on the key.  The executor knows of
 * its own parameters where to read again, not of those from outside.
 */
extern bool plan_reads_again(Plan *plan);

/*
 * Whether a plan may be done long before its tables have been read: it wants so
 * many rows, and takes them as they are found.
 */
extern bool plan_stops_early(Plan *plan);

#endif							/* AMBIT_PLAN_WALK_H */
