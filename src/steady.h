/*
 * steady.h
 *		Whether what is asked again within a statement is answered the same.
 */
#ifndef AMBIT_STEADY_H
#define AMBIT_STEADY_H

#include "nodes/plannodes.h"

/*
 * Whether an expression, or a part of a plan's tree, calls no volatile function,
 * nor do its subplans or, before it is planned, its subqueries.  subplans: all
 * that the statement has.  gives: ambit._given_away_now() does not count.
 */
extern bool steady_expression(List *subplans, Node *expression, bool gives);
extern bool steady_plan(List *subplans, Plan *plan);

#endif							/* AMBIT_STEADY_H */
