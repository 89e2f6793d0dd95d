/*
 * ruleset.h
 *		The rules of a protected table about UPDATE, ready to be asked.
 */
#ifndef AMBIT_RULESET_H
#define AMBIT_RULESET_H

#include "fmgr.h"
#include "nodes/bitmapset.h"
#include "nodes/primnodes.h"
#include "utils/rel.h"

#include "mask.h"
#include "parent.h"
#include "permits.h"

/* What a column may become. */
typedef struct RuleValue
{
	AttrNumber	column;
	Datum		value;
	Oid			collation;
	FmgrInfo	equal;
} RuleValue;

/* A rule of UPDATE. */
typedef struct SetRule
{
	char	   *permission;
	int			same_as;		/* the first rule with this permission */
	PermitsSite *site;			/* of that rule */
	bool		old;
	bool		new;
	Expr	   *condition;		/* NULL: none */
	bool		any_column;
	Bitmapset  *columns;
	List	   *values;			/* RuleValues; NIL: any value */
} SetRule;

/* A masked column. */
typedef struct SetMask
{
	AttrNumber	column;
	char	   *permission;
	MaskSite   *site;
} SetMask;

/* All of them. */
typedef struct RuleSet
{
	uint64		serial;			/* never used twice */
	bool		stale;
	MemoryContext context;
	AttrNumber	bound[PERMITS_NARGS];	/* 0: not bound by the table itself */
	AttrNumber	parent_key;		/* 0: no parent */
	Parent	   *parent;
	int			nrules;
	SetRule    *rules;
	bool		gives;			/* a rule looks at the old row alone */
	int			nmasks;
	SetMask    *masks;
	uint64		guarded;		/* ruleset_invalidations() when all parts had the guard */
} RuleSet;

extern void ruleset_init(void);

/* the rules of a protected table as its policies are now; good for one row */
extern RuleSet *ruleset_find(Oid relid);

/* as long as it is the same number, what was found at tables holds */
extern uint64 ruleset_invalidations(void);

/* whether a rule is about such a change of a column */
extern bool ruleset_covers(const SetRule *rule, AttrNumber column, Datum value, bool isnull);

/* 42501: the policies are not as ambit made them */
pg_noreturn extern void ruleset_damaged(Relation rel);

#endif							/* AMBIT_RULESET_H */
