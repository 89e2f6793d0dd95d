/*
 * keytext.h
 *		Keys as people write them: PEM, JWK, or a secret as it is.
 */
#ifndef AMBIT_KEYTEXT_H
#define AMBIT_KEYTEXT_H

#include "signature.h"

#define KEYTEXT_MAX_LENGTH 16384	/* bytes of text */
#define KEYTEXT_MAX_STORED 4096 /* bytes of the stored form */

/* A key in the form that signature_key_load() takes. */
typedef struct StoredKey
{
	unsigned char bytes[KEYTEXT_MAX_STORED];
	size_t		length;
} StoredKey;

/*
 * Reads a key.  Returns NULL, or the reason why it is none; *hint is then what
 * to do, or NULL.  The text is overwritten.
 */
extern const char *keytext_read(StoredKey *key, SignatureAlgorithm algorithm, const char *kid,
								char *text, const char **hint);

#endif							/* AMBIT_KEYTEXT_H */
