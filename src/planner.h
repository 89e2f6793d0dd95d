/*
 * planner.h
 *		Policies become plain predicates: planner support.
 */
#ifndef AMBIT_PLANNER_H
#define AMBIT_PLANNER_H

#include "nodes/pathnodes.h"
#include "nodes/supportnodes.h"

#include "rights.h"

extern void planner_init(void);

/* ambit.specialize_plans */
extern bool planner_specializes(void);

/* whether no other extension has a say in estimates and paths */
extern bool planner_decides_alone(void);

/* the permission that a call asks for, if it may be answered for the plan under
 * way, which depends on the rights from then on; NULL: it may not */
extern char *planner_permission(SupportRequestSimplify *simplify, int nargs, Rights **rights);

/* completes the paths of a relation that is limited by sets */
extern void planner_reach_paths(PlannerInfo *root, RelOptInfo *rel);

#endif							/* AMBIT_PLANNER_H */
