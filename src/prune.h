/*
 * prune.h
 *		Conditions of policies that hold anyway.
 */
#ifndef AMBIT_PRUNE_H
#define AMBIT_PRUNE_H

#include "nodes/parsenodes.h"

extern void prune_query(Query *query);

#endif							/* AMBIT_PRUNE_H */
