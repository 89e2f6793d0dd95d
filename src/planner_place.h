/*
 * planner_place.h
 *		Planner support: where a call stands, and what is asked there anyway.
 */
#ifndef AMBIT_PLANNER_PLACE_H
#define AMBIT_PLANNER_PLACE_H

#include "nodes/pathnodes.h"

#include "specialize.h"

/* Where a call stands that is being simplified. */
typedef enum Place
{
	PLACE_POLICY,				/* in a policy that holds the row it is about */
	PLACE_CONDITION,			/* in another condition */
	PLACE_VALUE					/* where NULL would not be as good as false */
} Place;

extern Node *planner_policy_at_work(PlannerInfo *root, List *args, List **asked);
extern Place planner_place_of(const Query *query, FuncExpr *call, Node *policy);
extern List *planner_without_repetition(PlannerInfo *root, const FuncExpr *call, Specialize *s,
										Node *policy, List *asked, List *conditions);

/* the same of one in a condition of a SELECT: what all policies of the table ask */
extern List *planner_without_policies(PlannerInfo *root, const FuncExpr *call,
									  const Specialize *s, List *conditions);

#endif							/* AMBIT_PLANNER_PLACE_H */
