/*
 * planner_check.h
 *		Planner support: how checks of many new rows look for parents.
 */
#ifndef AMBIT_PLANNER_CHECK_H
#define AMBIT_PLANNER_CHECK_H

#include "nodes/pathnodes.h"

extern void planner_check_paths(PlannerInfo *root, RelOptInfo *final);

#endif							/* AMBIT_PLANNER_CHECK_H */
