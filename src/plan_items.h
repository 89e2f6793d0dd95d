/*
 * plan_items.h
 *		What ambit writes into plans, as invalidation items: they are copied with
 *		the plan, and no invalidation of the server's is about such an item.
 *		Values of PlanInvalItem.cacheId; what hashValue is stands beside them.
 */
#ifndef AMBIT_PLAN_ITEMS_H
#define AMBIT_PLAN_ITEMS_H

typedef enum PlanItem
{
	FINGERPRINT_ITEM = -1,		/* the fingerprint that it was made for (plans.c) */
	INTACT_ITEM = -2,			/* a table that is said to be intact (prune.c) */
	SEEN_ITEM = -3,				/* one whose guard is said to be its only trigger before an
								 * UPDATE of a row (prune.c) */
	JOINED_ITEM = -4			/* nothing: parents are joined (plans.c) */
} PlanItem;

#endif							/* AMBIT_PLAN_ITEMS_H */
