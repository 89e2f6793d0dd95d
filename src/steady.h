/*
 * steady.h
 *		Whether what is asked again within a statement is answered the same.
 */
#ifndef AMBIT_STEADY_H
#define AMBIT_STEADY_H

#include "nodes/plannodes.h"

/*
 * Whether an expression of a plan, or a part of its tree, calls no volatile
 * function, in its subplans neither.  gives: ambit._given_away_now() does not
 * count.
 */
extern bool steady_expression(const PlannedStmt *stmt, Node *expression, bool gives);
extern bool steady_plan(const PlannedStmt *stmt, Plan *plan);

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

#endif							/* AMBIT_STEADY_H */
