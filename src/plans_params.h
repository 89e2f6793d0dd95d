/*
 * plans_params.h
 *		Parameters that are evaluated before their statement starts.
 */
#ifndef AMBIT_PLANS_PARAMS_H
#define AMBIT_PLANS_PARAMS_H

#include "nodes/params.h"
#include "nodes/plannodes.h"

/* of a plan that was made: a list of Param nodes */
extern void plans_params_note(PlannedStmt *stmt, List *params);

/*
 * Evaluates them, with the values that the plan is to run with.  Errors: those
 * of the language that gives a value; 42804 for one of another type.
 */
extern void plans_params_evaluate(const PlannedStmt *stmt, ParamListInfo params);

#endif							/* AMBIT_PLANS_PARAMS_H */
