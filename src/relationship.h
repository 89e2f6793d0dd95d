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

/*
 * The objects related to a subject of a tenant now, as the statement's
 * snapshot shows them, for columns of the given type.  Valid until the
 * snapshot of the statement changes; *stamp tells.
 */
extern KeySet *relationship_objects(const char *tenant, const char *relationship,
									const char *subject, bool with_subject,
									const ModelScope *window, const KeyType *type,
									RelationshipStamp *stamp);

/* all of them, or *complete is false, and some; *size: how many there may be */
extern KeySet *relationship_some(const char *tenant, const char *relationship,
								 const char *subject, bool with_subject,
								 const ModelScope *window, const KeyType *type, bool *complete,
								 double *size);

/* whether one of them has the key, which is of the type */
extern bool relationship_has(const char *tenant, const char *relationship, const char *subject,
							 bool with_subject, const ModelScope *window, const KeyType *type,
							 Key key);
extern bool relationship_is_current(const RelationshipStamp *stamp);

#endif							/* AMBIT_RELATIONSHIP_H */
