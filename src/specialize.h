/*
 * specialize.h
 *		The plain predicate that somebody's rights come to.
 */
#ifndef AMBIT_SPECIALIZE_H
#define AMBIT_SPECIALIZE_H

#include "nodes/pg_list.h"

#include "functions.h"
#include "keys.h"
#include "rights.h"

/* One permits() on its way to a predicate. */
typedef struct Specialize
{
	Rights	   *rights;
	List	   *args;			/* of the call */
} Specialize;

/* conditions that all have to hold, the tenant's first; one of them alone may
 * be the constant false */
extern List *specialize(Specialize *s, const char *permission);

/* for other parts of a plan: a call of _key() or _reach(); what an index on a
 * column of such a type compares, the column as that, and whether by bytes */
extern Node *specialize_call(int64 fingerprint, OwnFunction function, int32 number, Oid type,
							 Oid result, Oid collation);
extern Oid	specialize_type(const KeyType *type);
extern Node *specialize_relabel(Node *node, Oid type);
extern bool specialize_bytewise(Oid collation);

#endif							/* AMBIT_SPECIALIZE_H */
