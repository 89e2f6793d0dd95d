/*
 * signing.h
 *		Signing keys, and the tokens that were found good.
 */
#ifndef AMBIT_SIGNING_H
#define AMBIT_SIGNING_H

#include "utils/timestamp.h"

#include "identity.h"
#include "signature.h"

typedef enum SigningVerdict
{
	SIGNING_GOOD,
	SIGNING_UNKNOWN,			/* malformed, or not signed by a key that is there */
	SIGNING_ISSUER,
	SIGNING_AUDIENCE,
	SIGNING_TENANT,
	SIGNING_EARLY,
	SIGNING_EXPIRED
} SigningVerdict;

/* A token that was found good. */
typedef struct SigningToken
{
	Identity	identity;
	const char *stored;			/* the identity's stored form */
	TimestampTz not_before;		/* without the leeway */
	TimestampTz expires;
} SigningToken;

extern void signing_init(void);

/*
 * Judges a token, whose SHA-256 is given.  *token is what it says if it is
 * good, or will be; it stays until the next call.
 */
extern SigningVerdict signing_verify(const char *text, const unsigned char *hash,
									 const SigningToken **token);

/* how far clocks may be apart, in microseconds */
extern int64 signing_leeway(void);

#endif							/* AMBIT_SIGNING_H */
