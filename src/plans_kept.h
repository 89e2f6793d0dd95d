/*
 * plans_kept.h
 *		Plans kept by the shape of the rights that they were made for.
 */
#ifndef AMBIT_PLANS_KEPT_H
#define AMBIT_PLANS_KEPT_H

#include "nodes/params.h"
#include "nodes/parsenodes.h"
#include "nodes/plannodes.h"

#include "plans_literal.h"

/* A statement that is being planned, from plans_kept_find() to plans_kept_add(). */
typedef struct KeptSearch
{
	uint64		statement;		/* 0: nothing is to be kept of it */
	bool		again;			/* it was planned before; the rest is set only then */
	uint64		settings;
	int64		fingerprint;	/* of the rights in force */
	uint64		changes;
	uint64		generation;
	uint64		serial;			/* of what is kept of the statement */
	KeyLiteral	literal;		/* which the statement is not told apart by */
	Query	   *parse;			/* if nothing is: as it was before planning */
	MemoryContext context;		/* of parse */
} KeptSearch;

extern void plans_kept_init(void);

/* a copy of the plan that is kept for the statement and the rights in force;
 * NULL: it has to be planned */
extern PlannedStmt *plans_kept_find(Query *parse, const char *query_string, int options,
									ParamListInfo params, KeptSearch *search);

/* it has been planned; ends the search */
extern void plans_kept_add(KeptSearch *search, const PlannedStmt *stmt);

/* drops them all */
extern void plans_kept_forget(void);

/* what they take of ambit.cache_size */
extern Size plans_kept_size(void);

#endif							/* AMBIT_PLANS_KEPT_H */
