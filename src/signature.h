/*
 * signature.h
 *		Signatures of tokens: what a key accepts.
 */
#ifndef AMBIT_SIGNATURE_H
#define AMBIT_SIGNATURE_H

#define SIGNATURE_MIN_SECRET 32	/* bytes; RFC 7518, 3.2 */
#define SIGNATURE_MIN_RSA 2048	/* bits; RFC 7518, 3.3 */
#define SIGNATURE_MAX_RSA 8192	/* bits */
#define SIGNATURE_HASH_LENGTH 32

typedef enum SignatureAlgorithm
{
	SIGNATURE_HS256,
	SIGNATURE_RS256,
	SIGNATURE_ES256,
	SIGNATURE_EDDSA
} SignatureAlgorithm;

struct evp_pkey_st;

/* A key that is ready for use. */
typedef struct SignatureKey
{
	SignatureAlgorithm algorithm;
	const unsigned char *secret;	/* HS256: whoever made the key keeps it */
	size_t		secret_length;
	struct evp_pkey_st *public_key; /* the others */
} SignatureKey;

/* the algorithm of that name, as RFC 7518 and 8037 spell it */
extern bool signature_algorithm(const char *name, SignatureAlgorithm *algorithm);

/* a public key if it is one for the algorithm and strong enough; else the
 * reason why not */
extern const char *signature_refuses(SignatureAlgorithm algorithm, struct evp_pkey_st *key);

/*
 * Makes a key ready from its stored form: the secret itself, or a DER
 * SubjectPublicKeyInfo.  False when it is none.  To be freed.
 */
extern bool signature_key_load(SignatureKey *key, SignatureAlgorithm algorithm,
							   const unsigned char *stored, size_t length);
extern void signature_key_free(SignatureKey *key);

/* whether the key has signed the text */
extern bool signature_verify(const SignatureKey *key, const char *text, size_t length,
							 const unsigned char *signature, size_t signature_length);

/* overwrites a secret that is to be forgotten */
extern void signature_wipe(void *secret, size_t length);

/* SHA-256 of a text; false when libcrypto fails */
extern bool signature_hash(const char *text, size_t length, unsigned char *hash);

#endif							/* AMBIT_SIGNATURE_H */
