/*
 * plans_literal.h
 *		Statements that differ in the key of their row alone.
 */
#ifndef AMBIT_PLANS_LITERAL_H
#define AMBIT_PLANS_LITERAL_H

#include "nodes/parsenodes.h"
#include "nodes/plannodes.h"

/* The literal of "primary key = literal" in a statement. */
typedef struct KeyLiteral
{
	Const	   *node;			/* in the statement; NULL: there is none */
	int			location;		/* in the text, and how long it is */
	int			length;
	Oid			index;			/* of the primary key */
} KeyLiteral;

extern void plans_literal_find(const Query *parse, const char *query_string, KeyLiteral *literal);

/* whether a plan has it as the key that it looks for, and nowhere else */
extern bool plans_literal_stays(const PlannedStmt *stmt, const KeyLiteral *literal);

/* puts another value in its place; location: in the text that was planned */
extern void plans_literal_put(PlannedStmt *stmt, int location, Datum value);

#endif							/* AMBIT_PLANS_LITERAL_H */
