/*
 * plans.h
 *		Plans and running queries belong to one identity.
 */
#ifndef AMBIT_PLANS_H
#define AMBIT_PLANS_H

#include "executor/execdesc.h"
#include "nodes/pathnodes.h"

extern void plans_init(void);

/* drops every cached plan that was made from somebody's rights, if there are any */
extern void plans_forget(void);

/* whether what syscache callbacks hear is that, and no function has changed; only
 * plans.c writes it */
extern bool plans_being_forgotten;

/* the same, if they are about a tenant whose changes are counted in the slot */
extern void plans_forget_tenant(int slot);

/* the plan being made depends on the rights with this fingerprint */
extern void plans_depend(PlannerInfo *root, Oid token, int64 fingerprint);

/* whether a plan was made from rights; *only: of this fingerprint and no other */
extern bool plans_made_from_rights(const PlannedStmt *stmt, int64 fingerprint, bool *only);

/* the current identity has rights of this shape now */
extern void plans_accept(int64 fingerprint, int slot);

/* the identity is being put back by the server; its shape is not known; NULL:
 * nor is the identity */
extern void plans_identity_restored(const char *identity);

/* above 0 while a query on protected tables is at work, whose rights were fresh
 * when it began; only plans.c writes it */
extern int	plans_at_work;

/* whether the planner is at work, and not a query inside it */
extern bool plans_being_made(void);

/* the innermost query at work; NULL when there is none */
extern const QueryDesc *plans_running(void);

/* why the identity may not change now, for "... while"; NULL: it may */
extern const char *plans_in_the_way(const char **hint);

/* error if it may not; what: "call ambit.assume()" */
extern void plans_refuse_while_running(const char *what);

/* 40001 if the rights are not those any more under which the innermost query
 * began: for those who are about to refuse something */
extern void plans_check_running(void);

/* 40001: a plan made for other rights; drops such plans */
pg_noreturn extern void plans_raise_stale(void);

#endif							/* AMBIT_PLANS_H */
