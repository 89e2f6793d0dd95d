/*
 * guard.h
 *		The write guard.
 */
#ifndef AMBIT_GUARD_H
#define AMBIT_GUARD_H

#include "executor/execdesc.h"

/* a query is about to run: the executor's state is there */
extern void guard_start(QueryDesc *query);

#endif							/* AMBIT_GUARD_H */
