/*
 * conflict.h
 *		Rows in the way of new ones.
 */
#ifndef AMBIT_CONFLICT_H
#define AMBIT_CONFLICT_H

#include "nodes/execnodes.h"

/* INSERT ON CONFLICT DO UPDATE into a table is about to run */
extern void conflict_attach(EState *estate, ModifyTableState *modify, ResultRelInfo *result);

#endif							/* AMBIT_CONFLICT_H */
