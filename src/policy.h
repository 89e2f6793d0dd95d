/*
 * policy.h
 *		What stands in the policies of a protected table.
 */
#ifndef AMBIT_POLICY_H
#define AMBIT_POLICY_H

#include "nodes/pg_list.h"
#include "nodes/plannodes.h"
#include "nodes/primnodes.h"
#include "utils/rel.h"

/* the arguments of _bound(): six columns in the order of PermitsArg, and */
#define BOUND_PARENT 6
#define BOUND_PARENT_KEY 7
#define BOUND_NARGS 8

/* one rule about new rows, as the metadata in policy ambit_update tells it */
typedef struct Rule
{
	int64		rule;
	char	   *command;		/* update, or insert */
	char	   *permission;
	bool		old;			/* it has to permit the old row */
	bool		new;			/* and the new one */
	Expr	   *condition;		/* columns as Vars; NULL: none */
	bool		any_column;
	List	   *columns;		/* Vars */
	List	   *values;			/* Consts that they may become; NIL: any value */
} Rule;

/* the call of _bound() in the permissive policy; NULL: not protected */
extern FuncExpr *policy_bound_call(Oid relid);

/* whether there is one */
extern bool policy_is_protected(Oid relid);
/* grows when the policies of any table may have changed; never 0 */
extern uint64 policy_changes(void);

/* whether a whole row or a system column is among the arguments */
extern bool policy_names_no_column(List *args);

/* whether a policy of that name is one of ambit's */
extern bool policy_is_ours(const char *name);

/* false when they cannot be read: somebody changed the policy */
extern bool policy_rules(Relation rel, List **rules);

/* the column that is the primary key of a table, as ambit._primary_key() has it;
 * 0: there is none, or one of several columns */
extern AttrNumber policy_primary_key(Oid relid);

/* the tables of which this one is a partition or an inheritance child */
extern List *policy_ancestors(Oid relid);

/* whether the function is the one of that name in ambit's schema */
extern bool policy_is_ambits(Oid function, const char *name);

/* whether ambit's policies, masks and triggers stand on a table; the same,
 * whatever was found before */
extern bool policy_is_intact(Oid relid);
extern bool policy_look_intact(Oid relid);

/*
 * Errors (42501) before a statement writes to a protected table, where it has no
 * identity, say; stmt: NULL if it is not known.  false: row-level security does
 * not hold the current role.
 */
extern bool policy_check_write(const PlannedStmt *stmt, Relation rel, bool is_update);

#define GUARD_TRIGGER "~ambit_guard"

#endif							/* AMBIT_POLICY_H */
