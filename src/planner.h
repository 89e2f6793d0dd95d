/*
 * planner.h
 *		Policies become plain predicates: planner support.
 */
#ifndef AMBIT_PLANNER_H
#define AMBIT_PLANNER_H

extern void planner_init(void);

#endif							/* AMBIT_PLANNER_H */
