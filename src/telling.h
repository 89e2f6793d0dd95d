/*
 * telling.h
 *		What a statement may tell of rows before its joins.
 */
#ifndef AMBIT_TELLING_H
#define AMBIT_TELLING_H

#include "nodes/parsenodes.h"

/*
 * Whether something in a statement that is about to be planned may be evaluated
 * before all of its joins, and tell of the rows that it is evaluated on.
 */
extern bool telling_statement(Query *statement);

#endif							/* AMBIT_TELLING_H */
