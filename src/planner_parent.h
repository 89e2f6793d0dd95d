/*
 * planner_parent.h
 *		Parents of rows are joined.
 */
#ifndef AMBIT_PLANNER_PARENT_H
#define AMBIT_PLANNER_PARENT_H

#include "nodes/parsenodes.h"

/* of a statement that is about to be planned; whether some were */
extern bool planner_join_parents(Query *statement, int cursor_options);

#endif							/* AMBIT_PLANNER_PARENT_H */
