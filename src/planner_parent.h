/*
 * planner_parent.h
 *		Parents of rows are joined.
 */
#ifndef AMBIT_PLANNER_PARENT_H
#define AMBIT_PLANNER_PARENT_H

#include "nodes/params.h"
#include "nodes/parsenodes.h"

/*
 * Of a statement that is about to be planned.  Returns the parameters that are
 * to be evaluated before it starts, as to fail then would tell of rows.
 */
extern List *planner_join_parents(Query *statement, int cursor_options, ParamListInfo params);

#endif							/* AMBIT_PLANNER_PARENT_H */
