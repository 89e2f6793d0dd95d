/*
 * guard.h
 *		The write guard.
 */
#ifndef AMBIT_GUARD_H
#define AMBIT_GUARD_H

#include "executor/execdesc.h"
#include "utils/rel.h"

/* a query is about to run: the executor's state is there */
extern void guard_start(QueryDesc *query);

/* 42501 where an UPDATE of a protected table could meet a part without the guard */
extern void guard_check_parts(Relation rel);

#endif							/* AMBIT_GUARD_H */
