/*
 * authority.h
 *		Claims: what a member has through each assignment, and what covers it.
 */
#ifndef AMBIT_AUTHORITY_H
#define AMBIT_AUTHORITY_H

#include "nodes/pg_list.h"
#include "utils/hsearch.h"
#include "utils/timestamp.h"

#include "model.h"

/* An assignment as claims need it. */
typedef struct Placement
{
	const char *role;
	const char *location;		/* NULL: the whole tenant */
	const char *only_group;		/* NULL: no limit */
	bool		only_self;
	TimestampTz until;			/* DT_NOEND: does not end */
} Placement;

/* A scope entry that holds for somebody, and where. */
typedef struct Claim
{
	PermissionId permission;
	const ModelEntry *entry;	/* the scope and the target roles */
	Placement	place;			/* role: that of the assignment */
} Claim;

/*
 * Whose claims.  given: those of the placements, with the overrides of user_id
 * if there is one.  Otherwise those of the member user_id, by the placements
 * in the tables and the given ones besides; without user_id the visitor's.
 */
typedef struct Subject
{
	const char *user_id;
	bool		given;
	List	   *placements;		/* Placement */
} Subject;

/*
 * In which state of the world: the channel, whether every feature is on, and
 * whether no lock stops an override.
 */
typedef struct Circumstance
{
	const char *channel;
	bool		all_features;
	bool		awake;
} Circumstance;

/* Claims, apart by permission: one is compared with those of its own alone. */
typedef struct ClaimIndex
{
	PermissionId max;			/* the last permission that has some */
	List	  **by_permission;	/* of Claim */
} ClaimIndex;

/* The work of one question. */
typedef struct Authority
{
	const char *function;
	const char *tenant;
	const char *caller;
	const char *channel;		/* the caller's */
	const TenantModel *model;
	const TenantModel *model_before;	/* the same where roles do not change */
	Snapshot	now;
	SnapshotData before;		/* now, without what the call has done */
	MemoryContext context;
	HTAB	   *locations_now;	/* as the two snapshots show them, as far as */
	HTAB	   *locations_before;	/* they were asked for; see claims.c */

	/* for the circumstance at hand */
	Circumstance circumstance;
	ClaimIndex *caller_claims;	/* before, as the locks are */

	/* whether all groups of the one judged are the caller's, so that what the
	 * caller has of his teams covers what the other one has */
	bool		same_teams;

	/* what one had covers only what comes by the same role: roles are judged
	 * as if for the whole tenant, and one may have them at different places */
	bool		role_by_role;
} Authority;

typedef void (*PlacementCallback) (Authority *a, const char *user_id,
									const Placement *place, void *arg);

/* compile.c; a list of Claim */
extern List *compile_claims(const TenantModel *tenant, const Subject *subject,
							const Circumstance *circumstance, Snapshot snapshot);

/* authority.c: whether the identity in force may call a function for its
 * tenant, and for that member */
extern bool authority_admits(const char *function, const char *tenant);
extern void authority_require(const char *function, const char *tenant);
extern bool authority_over(const char *function, const char *tenant, const char *user_id);

/* claims.c */
extern Authority *authority_begin(const char *function, const char *tenant, int64 since);
extern void authority_end(Authority *a);
pg_noreturn extern void authority_refuse(const char *function, const char *detail);
extern bool claims_has_target(const ModelEntry *entry, const char *role);
extern List *claims_chain(Authority *a, const char *location, Snapshot snapshot);
extern bool claims_within(Authority *a, const char *location, const char *root,
						  Snapshot snapshot);
extern ClaimIndex *claims_index(const List *claims);
extern bool claims_any_covers(Authority *a, const ClaimIndex *claims, const Claim *c);
extern bool claims_caller_covers(Authority *a, const Claim *c);
extern List *claims_of(Authority *a, const TenantModel *model, const Subject *subject,
					   Snapshot snapshot);
extern bool claims_circumstance(Authority *a, int *step);
extern const Claim *claims_first_uncovered(Authority *a, const List *claims,
										   const List *one, const List *other);
extern const Claim *claims_member_rise(Authority *a, const char *user_id, List *more,
									   const Subject *named);
extern void claims_each_assignment(Authority *a, const char *user_id, bool ended,
								   Snapshot snapshot, PlacementCallback callback,
								   void *arg);
extern bool claims_in_group(Authority *a, const char *user_id, const char *group);
extern bool claims_overridden(Authority *a, const char *user_id);

#endif							/* AMBIT_AUTHORITY_H */
