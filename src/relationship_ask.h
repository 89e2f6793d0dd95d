/*
 * relationship_ask.h
 *		Asking the views of relationships; for the room itself.
 */
#ifndef AMBIT_RELATIONSHIP_ASK_H
#define AMBIT_RELATIONSHIP_ASK_H

#include "utils/snapshot.h"

#include "relationship.h"

/* The objects of one subject under one snapshot. */
typedef struct Answer
{
	MemoryContext context;
	char	   *tenant;
	char	   *relationship;
	char	   *subject;
	bool		with_subject;
	TimestampTz from;
	TimestampTz to;
	SnapshotData snapshot;		/* a copy; xip and subxip in context */
	uint64		rollbacks;
	KeyType		type;			/* of the objects as the view has them */
	KeySet	   *objects;
	bool		complete;		/* these are all */
	double		size;			/* how many there are, or may be */
	int			singles;		/* of so many others it was asked one by one */
	bool		no_singles;		/* and of no more */
	KeySet	   *others;			/* that are not related */
	List	   *typed;			/* TypedObjects: for columns of other types */
} Answer;

/* What the view is asked. */
typedef struct Asking
{
	bool		has_back;
	bool		has_ahead;
	const Key  *object;			/* whether it is related; NULL: who is */
	uint64		limit;			/* so many at most; 0: all */
} Asking;

/*
 * Asks the view as its owner.  The answer stays empty when there is no such
 * view or it cannot be asked.
 */
extern void relationship_ask(Answer *answer, const Asking *asking);

/* subtransactions rolled back so far */
extern uint64 relationship_rollbacks;

extern void relationship_answers_init(void);

#endif							/* AMBIT_RELATIONSHIP_ASK_H */
