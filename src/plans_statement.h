/*
 * plans_statement.h
 *		When one statement is the same as another, for plans that are kept.
 */
#ifndef AMBIT_PLANS_STATEMENT_H
#define AMBIT_PLANS_STATEMENT_H

#include "nodes/parsenodes.h"

#include "plans_literal.h"

/* not set in the hash of any statement */
#define PLANS_HASH_MARK UINT64CONST(1)

extern uint64 plans_statement_hash(const Query *parse, const char *query_string, int options,
								   const KeyLiteral *literal);
extern uint64 plans_settings_hash(void);
extern bool plans_statement_folds(Query *parse);

#endif							/* AMBIT_PLANS_STATEMENT_H */
