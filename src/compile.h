/*
 * compile.h
 *		What compile.c and arms.c share while rights are compiled.
 */
#ifndef AMBIT_COMPILE_H
#define AMBIT_COMPILE_H

#include "nodes/pg_list.h"

#include "rights.h"

/* One valid assignment. */
typedef struct Assignment
{
	char	   *role;
	char	   *location;		/* NULL: the whole tenant */
	char	   *only_group;
	bool		only_self;
	TimestampTz until;			/* DT_NOEND: does not end */
	List	   *roles;			/* RoleUse: the role and all that it inherits */
} Assignment;

/* A scope entry that an assignment brings, before the conditions. */
typedef struct Candidate
{
	PermissionId permission;
	const ModelCell *cell;		/* whose requirements hold too; NULL: none */
	const ModelEntry *entry;
	const Assignment *assignment;
	const char *source_role;	/* NULL: the member's own override */
	bool		active;
} Candidate;

/* An arm while it is being merged: places and groups are still lists. */
typedef struct Draft
{
	PermissionId permission;
	const ModelEntry *entry;
	bool		whole;
	List	   *locations;		/* char *, sorted */
	List	   *groups;			/* char *, sorted; NIL: no limit */
	bool		only_self;
	bool		dead;
} Draft;

typedef struct Compile
{
	Rights	   *rights;
	Snapshot	snapshot;
	MemoryContext scratch;
	bool		all_features;	/* as if every feature were on */
	bool		awake;			/* as if no lock stopped an override */
	List	   *assignments;
	List	   *groups;			/* char *: the member's own groups, sorted */
	int			ncandidates;
	Candidate  *candidates;
	int			ndrafts;
	Draft	   *drafts;
} Compile;

/* arms.c */
extern void compile_draft_arms(Compile *c);
extern void compile_finish_arms(Compile *c);
extern void compile_fingerprints(Rights *rights);

#endif							/* AMBIT_COMPILE_H */
