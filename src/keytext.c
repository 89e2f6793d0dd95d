/*
 * keytext.c
 *		Keys as people write them: PEM, JWK, or a secret as it is.
 *
 * A JWK (RFC 7517, 7518, 8037) becomes the DER SubjectPublicKeyInfo that PEM
 * is made of, so that libcrypto reads and judges one form only.  Nothing is
 * raised and nothing of the backend's is called.
 */
#include "postgres.h"
#include "compat.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "jsontext.h"
#include "keytext.h"
#include "token.h"

#define PEM_BEGIN "-----BEGIN "
#define MAX_NUMBER (SIGNATURE_MAX_RSA / 8)	/* bytes */

static const char give_public_key[] = "Give the public key only, and replace the pair: its private key was sent to a server.";

/* The members of a JWK that matter; NULL for those that are not there. */
typedef struct Jwk
{
	const char *kty;
	const char *crv;
	const char *k;
	const char *n;
	const char *e;
	const char *x;
	const char *y;
	bool		has_private;
} Jwk;

/* ---- DER ------------------------------------------------------------------ */

/* Written from its end to its beginning, as lengths come before what they count. */
typedef struct Der
{
	unsigned char bytes[KEYTEXT_MAX_STORED];
	size_t		start;
} Der;

static void
der_put(Der *der, const void *bytes, size_t length)
{
	Assert(length <= der->start);
	der->start -= length;
	memcpy(der->bytes + der->start, bytes, length);
}

static void
der_put_byte(Der *der, unsigned char byte)
{
	der_put(der, &byte, 1);
}

/*
 * The tag and length of all from the start to an end, which is a place that
 * start once had.
 */
static void
der_wrap(Der *der, unsigned char tag, size_t end)
{
	size_t		length = end - der->start;

	if (length < 0x80)
		der_put_byte(der, (unsigned char) length);
	else
	{
		unsigned char n = 0x80;

		for (; length > 0; length >>= 8, n++)
			der_put_byte(der, (unsigned char) (length & 0xff));
		der_put_byte(der, n);
	}
	der_put_byte(der, tag);
}

/*
 * A number without a sign.
 */
static void
der_put_integer(Der *der, const unsigned char *number, size_t length)
{
	size_t		end = der->start;

	while (length > 1 && *number == 0)
	{
		number++;
		length--;
	}
	der_put(der, number, length);
	if (*number >= 0x80)
		der_put_byte(der, 0);
	der_wrap(der, 0x02, end);
}

/* ---- JWK ------------------------------------------------------------------ */

static void
take_algorithm_name(JsonText *text, SignatureAlgorithm algorithm, bool *agrees)
{
	SignatureAlgorithm named;
	const char *name = jsontext_string(text);

	if (name == NULL || !signature_algorithm(name, &named) || named != algorithm)
		*agrees = false;
}

static bool
has_verify(JsonText *text)
{
	bool		found = false;

	jsontext_array(text);
	while (jsontext_element(text))
	{
		const char *operation = jsontext_string(text);

		if (operation && strcmp(operation, "verify") == 0)
			found = true;
	}
	return found;
}

static bool
is_one_of(const char *name, const char *const *names, int n)
{
	for (int i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

/*
 * Reads the members.  NULL, or what is wrong.
 */
static const char *
read_members(Jwk *jwk, SignatureAlgorithm algorithm, const char *kid, char *start)
{
	static const char *const private[] = {"d", "p", "q", "dp", "dq", "qi", "oth"};
	struct
	{
		const char *name;
		const char **value;
	}			strings[] = {
		{"kty", &jwk->kty}, {"crv", &jwk->crv}, {"k", &jwk->k}, {"n", &jwk->n},
		{"e", &jwk->e}, {"x", &jwk->x}, {"y", &jwk->y}
	};
	JsonText	text;
	const char *name;
	bool		agrees = true;
	bool		verifies = true;
	int			nkids = 0;

	jsontext_begin(&text, start, strlen(start));
	jsontext_object(&text);
	while ((name = jsontext_member(&text)) != NULL)
	{
		int			i = 0;

		while (i < lengthof(strings) && strcmp(strings[i].name, name) != 0)
			i++;
		if (i < lengthof(strings))
		{
			if (*strings[i].value != NULL)
				return "A member of the JWK is there twice.";
			*strings[i].value = jsontext_string(&text);
		}
		else if (is_one_of(name, private, lengthof(private)))
		{
			jwk->has_private = true;
			jsontext_skip(&text);
		}
		else if (strcmp(name, "alg") == 0)
			take_algorithm_name(&text, algorithm, &agrees);
		else if (strcmp(name, "kid") == 0)
		{
			const char *named = jsontext_string(&text);

			if (named && strcmp(named, kid) == 0)
				nkids++;
			else
				agrees = false;
		}
		else if (strcmp(name, "use") == 0)
		{
			const char *use = jsontext_string(&text);

			verifies &= (use && strcmp(use, "sig") == 0);
		}
		else if (strcmp(name, "key_ops") == 0)
			verifies &= has_verify(&text);
		else
			jsontext_skip(&text);
	}
	if (!jsontext_end(&text) || nkids > 1)
		return "It is not a JSON object, or no JWK.";
	if (!agrees)
		return "The JWK says another alg or kid.";
	if (!verifies)
		return "The JWK is not for verifying signatures.";
	return NULL;
}

/*
 * A base64url member, of exactly so many bytes unless that is 0.  -1 when it
 * is none.
 */
static int
read_bytes(const char *member, unsigned char *bytes, size_t max, size_t exactly)
{
	int			n = member ? token_base64url(member, strlen(member), bytes, max) : -1;

	return n <= 0 || (exactly != 0 && (size_t) n != exactly) ? -1 : n;
}

/*
 * Makes a SubjectPublicKeyInfo of the key that stands from the start to an end.
 */
static void
der_wrap_key(Der *der, const unsigned char *algorithm, size_t length, size_t end)
{
	der_put_byte(der, 0);
	der_wrap(der, 0x03, end);
	der_put(der, algorithm, length);
	der_wrap(der, 0x30, end);
}

static bool
put_rsa(const Jwk *jwk, Der *der)
{
	static const unsigned char algorithm[] = {
		0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00
	};
	unsigned char n[MAX_NUMBER],
				e[MAX_NUMBER];
	int			n_length = read_bytes(jwk->n, n, sizeof(n), 0),
				e_length = read_bytes(jwk->e, e, sizeof(e), 0);
	size_t		end = der->start;

	if (n_length < 0 || e_length < 0)
		return false;
	der_put_integer(der, e, e_length);
	der_put_integer(der, n, n_length);
	der_wrap(der, 0x30, end);
	der_wrap_key(der, algorithm, sizeof(algorithm), end);
	return true;
}

static bool
put_p256(const Jwk *jwk, Der *der)
{
	static const unsigned char algorithm[] = {
		0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
		0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07
	};
	unsigned char x[32],
				y[32];
	size_t		end = der->start;

	if (jwk->crv == NULL || strcmp(jwk->crv, "P-256") != 0 ||
		read_bytes(jwk->x, x, sizeof(x), sizeof(x)) < 0 ||
		read_bytes(jwk->y, y, sizeof(y), sizeof(y)) < 0)
		return false;
	der_put(der, y, sizeof(y));
	der_put(der, x, sizeof(x));
	der_put_byte(der, 0x04);
	der_wrap_key(der, algorithm, sizeof(algorithm), end);
	return true;
}

static bool
put_ed25519(const Jwk *jwk, Der *der)
{
	static const unsigned char algorithm[] = {0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70};
	unsigned char x[32];
	size_t		end = der->start;

	if (jwk->crv == NULL || strcmp(jwk->crv, "Ed25519") != 0 ||
		read_bytes(jwk->x, x, sizeof(x), sizeof(x)) < 0)
		return false;
	der_put(der, x, sizeof(x));
	der_wrap_key(der, algorithm, sizeof(algorithm), end);
	return true;
}

/* ---- what a key is stored as ------------------------------------------------- */

static const char *
store_secret(StoredKey *key, const unsigned char *secret, size_t length)
{
	if (length < SIGNATURE_MIN_SECRET)
		return "A secret must have at least 32 bytes.";
	if (length > KEYTEXT_MAX_STORED)
		return "A secret must have at most 4096 bytes.";
	memcpy(key->bytes, secret, length);
	key->length = length;
	return NULL;
}

/*
 * Takes a public key over, if it is one to verify with.
 */
static const char *
store_public(StoredKey *key, SignatureAlgorithm algorithm, EVP_PKEY *public_key)
{
	const char *reason = signature_refuses(algorithm, public_key);
	EVP_PKEY_CTX *context;
	unsigned char *der = NULL;
	int			length;

	if (reason)
		return reason;
	/* -2: libcrypto knows no check for keys of this kind */
	context = EVP_PKEY_CTX_new(public_key, NULL);
	if (context)
	{
		int			checked = EVP_PKEY_public_check(context);

		if (checked != 1 && checked != -2)
			reason = "It is no valid public key.";
	}
	else
		reason = "libcrypto cannot check it.";
	EVP_PKEY_CTX_free(context);
	if (reason)
		return reason;

	length = i2d_PUBKEY(public_key, &der);
	if (length <= 0 || length > KEYTEXT_MAX_STORED)
		reason = "libcrypto cannot store it.";
	else
	{
		memcpy(key->bytes, der, length);
		key->length = length;
	}
	OPENSSL_free(der);
	return reason;
}

static const char *
read_jwk(StoredKey *key, SignatureAlgorithm algorithm, const char *kid, char *text,
		 const char **hint)
{
	static const char *const types[] = {"oct", "RSA", "EC", "OKP"};
	Jwk			jwk = {0};
	Der			der;
	const char *reason = read_members(&jwk, algorithm, kid, text);
	const unsigned char *p;
	EVP_PKEY   *public_key;
	bool		complete = false;

	if (reason)
		return reason;
	if (jwk.kty == NULL || strcmp(jwk.kty, types[algorithm]) != 0)
		return "The kty of the JWK is not one for the algorithm.";
	if (jwk.has_private || (algorithm != SIGNATURE_HS256 && jwk.k != NULL))
	{
		*hint = give_public_key;
		return "The JWK has private members.";
	}
	der.start = sizeof(der.bytes);
	switch (algorithm)
	{
		case SIGNATURE_HS256:
			{
				int			n = read_bytes(jwk.k, der.bytes, sizeof(der.bytes), 0);

				if (n > 0)
					return store_secret(key, der.bytes, n);
			}
			break;
		case SIGNATURE_RS256:
			complete = put_rsa(&jwk, &der);
			break;
		case SIGNATURE_ES256:
			complete = put_p256(&jwk, &der);
			break;
		case SIGNATURE_EDDSA:
			complete = put_ed25519(&jwk, &der);
			break;
	}
	if (!complete)
		return "A member of the JWK is missing, or not what RFC 7518 and RFC 8037 say.";
	p = der.bytes + der.start;
	public_key = d2i_PUBKEY(NULL, &p, (long) (sizeof(der.bytes) - der.start));
	if (public_key == NULL)
		return "It is no valid public key.";
	reason = store_public(key, algorithm, public_key);
	EVP_PKEY_free(public_key);
	return reason;
}

/*
 * Nobody is asked for a passphrase.
 */
static int
no_passphrase(char *buffer, int size, int writing, void *arg)
{
	return -1;
}

static const char *
read_pem(StoredKey *key, SignatureAlgorithm algorithm, const char *text, const char **hint)
{
	const char *next = strstr(text + strlen(PEM_BEGIN), PEM_BEGIN);
	BIO		   *bio;
	EVP_PKEY   *public_key;
	const char *reason;

	if (strstr(text, "PRIVATE KEY-----") != NULL)
	{
		*hint = give_public_key;
		return "It is a private key.";
	}
	if (algorithm == SIGNATURE_HS256)
		return "PEM holds no secret.";
	if (next != NULL)
		return "There is more than one key.";
	bio = BIO_new_mem_buf(text, -1);
	public_key = bio ? PEM_read_bio_PUBKEY(bio, NULL, no_passphrase, NULL) : NULL;
	BIO_free(bio);
	if (public_key == NULL)
	{
		*hint = "\"openssl x509 -pubkey -noout\" takes it from a certificate.";
		return "It is not the PEM of a PUBLIC KEY.";
	}
	reason = store_public(key, algorithm, public_key);
	EVP_PKEY_free(public_key);
	return reason;
}

const char *
keytext_read(StoredKey *key, SignatureAlgorithm algorithm, const char *kid, char *text,
			 const char **hint)
{
	char	   *start = text + strspn(text, " \t\r\n");
	const char *reason;

	*hint = NULL;
	if (strlen(text) > KEYTEXT_MAX_LENGTH)
		reason = "It is too long.";
	else if (strncmp(start, PEM_BEGIN, strlen(PEM_BEGIN)) == 0)
		reason = read_pem(key, algorithm, start, hint);
	else if (*start == '{')
		reason = read_jwk(key, algorithm, kid, start, hint);
	else if (algorithm == SIGNATURE_HS256)
		reason = store_secret(key, (unsigned char *) text, strlen(text));
	else
		reason = "It is neither PEM nor a JWK.";
	ERR_clear_error();
	return reason;
}
