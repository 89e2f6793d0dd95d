/*
 * telling.h
 *		What a statement may tell of rows before its joins.
 */
#ifndef AMBIT_TELLING_H
#define AMBIT_TELLING_H

#include "nodes/params.h"
#include "nodes/parsenodes.h"

/* the owner of a table; InvalidOid if it is gone */
extern Oid	telling_owner(Oid relid);

/*
 * Whether something in a statement that is about to be planned may be evaluated
 * before all of its joins, and tell of rows of the tables of an owner.  params:
 * those that it is planned for, NULL if for any.
 */
extern bool telling_statement(Query *statement, Oid owner, ParamListInfo params);

#endif							/* AMBIT_TELLING_H */
