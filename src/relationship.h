/*
 * relationship.h
 *		Who is related to whom, by queries that the DBA bound.
 */
#ifndef AMBIT_RELATIONSHIP_H
#define AMBIT_RELATIONSHIP_H

#include "keys.h"
#include "model.h"

/* the relationship of the scope `self` */
#define RELATIONSHIP_DEPENDANTS "dependants"

extern void relationship_init(void);

/* above 0 while a bound query runs; read it by relationship_running(), only
 * relationship.c writes it */
extern int	relationship_depth;

static inline bool
relationship_running(void)
{
	return relationship_depth > 0;
}

/* Tells whether objects that were asked for once may be answered from again. */
typedef struct RelationshipStamp
{
	const struct Answer *answer;
	uint64		dropped;
} RelationshipStamp;

/* A query that is open for one object after the other. */
typedef struct RelationshipProbe RelationshipProbe;

/*
 * Whose objects: those related to a subject of a tenant now, as the statement's
 * snapshot shows them.
 */
typedef struct RelationshipSubject
{
	const char *tenant;
	const char *relationship;
	const char *subject;
	bool		with_subject;	/* it is one of its objects */
	const ModelScope *window;	/* NULL: none */
} RelationshipSubject;

/*
 * All objects, for columns of the given type.  Valid until the snapshot of the
 * statement changes; *stamp tells.
 */
extern KeySet *relationship_objects(const RelationshipSubject *subject, const KeyType *type,
									RelationshipStamp *stamp);

/*
 * Whether one of them has the key, which is of the type.  *stamp and *probe are
 * the caller's, zero at first, and serve for one subject and type; statement:
 * where they are, if that ends with the statement, else NULL.  *all: all objects
 * where they are known by now, as from relationship_objects(), else NULL.
 */
extern bool relationship_has(const RelationshipSubject *subject, const KeyType *type, Key key,
							 RelationshipStamp *stamp, RelationshipProbe **probe,
							 MemoryContext statement, KeySet **all);
extern void relationship_close(RelationshipProbe **probe);
extern bool relationship_is_current(const RelationshipStamp *stamp);

/*
 * For estimates: some of the objects, in the current memory context, and how
 * many there are.  It may be those that there were at another time.
 */
extern KeySet *relationship_sample(const RelationshipSubject *subject, const KeyType *type,
								   double *size);

#endif							/* AMBIT_RELATIONSHIP_H */
