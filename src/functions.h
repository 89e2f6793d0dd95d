/*
 * functions.h
 *		Functions of ambit's that C looks for.
 */
#ifndef AMBIT_FUNCTIONS_H
#define AMBIT_FUNCTIONS_H

typedef enum OwnFunction
{
	/* what plans call, see permits.c */
	FUNCTION_IN_REACH,
	FUNCTION_KEY,
	FUNCTION_MATCHES,
	FUNCTION_REACH,
	FUNCTION_SOLE_TENANT,
	/* what policies call */
	FUNCTION_BOUND,
	FUNCTION_GUARDED,
	FUNCTION_IMPLIED,
	FUNCTION_INTACT,
	FUNCTION_OPEN,
	FUNCTION_PERMITS,
	FUNCTION_RULE,
	FUNCTION_SEEN,
	/* triggers of protected tables */
	FUNCTION_GUARD,
	FUNCTION_REFUSE_TRUNCATE,
	FUNCTION_REQUIRE_IDENTITY,
	FUNCTION_COUNT
} OwnFunction;

extern void functions_init(void);

/*
 * The OID of one of them; InvalidOid if it is gone.  Found in ambit's own
 * schema whatever the caller may look up.
 */
extern Oid	functions_find(OwnFunction function);

#endif							/* AMBIT_FUNCTIONS_H */
