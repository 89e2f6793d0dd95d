/*
 * key.c
 *		Keys as people write them, and as they are stored.
 *
 * The first byte says what the rest is and for which algorithm, see
 * LLVMFuzzerTestOneInput().  Besides memory: a key that is accepted can be
 * loaded, fits, and is strong enough; written by libcrypto again, as PEM, it is
 * accepted as the same key; one that is refused is so for a reason, and no key
 * verifies what it has not signed.
 */
#include "postgres.h"
#include "compat.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "lib/stringinfo.h"

#include "keytext.h"
#include "signature.h"

#include "fuzz.h"

#define KID "kid"

static const char encoding[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/*
 * Bytes in base64, for PEM, or base64url.
 */
static void
append_encoded(StringInfo buf, const unsigned char *bytes, size_t size, bool url)
{
	for (size_t i = 0; i < size; i += 3)
	{
		unsigned int group = bytes[i] << 16 | (i + 1 < size ? bytes[i + 1] << 8 : 0) |
			(i + 2 < size ? bytes[i + 2] : 0);

		for (int j = 0; j < 4; j++)
		{
			unsigned int six = group >> (18 - 6 * j) & 63;

			if (j > 1 && i + j - 1 >= size)
			{
				if (!url)
					appendStringInfoChar(buf, '=');
			}
			else
				appendStringInfoChar(buf, six < 62 ? encoding[six] : (url ? "-_" : "+/")[six - 62]);
		}
		if (!url && i % 48 == 45)
			appendStringInfoChar(buf, '\n');
	}
}

/*
 * A JWK of which the numbers are given: the first so many bytes, and the rest.
 */
static char *
make_jwk(SignatureAlgorithm algorithm, const unsigned char *data, size_t size)
{
	static const char *const formats[][3] = {
		{"{\"kty\":\"oct\",\"k\":\"", "\",\"more\":\"", "\"}"},
		{"{\"kty\":\"RSA\",\"e\":\"", "\",\"n\":\"", "\"}"},
		{"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"", "\",\"y\":\"", "\"}"},
		{"{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"", "\",\"more\":\"", "\"}"}
	};
	size_t		first = Min(algorithm == SIGNATURE_RS256 ? 3 : 32, size);
	StringInfoData buf;

	initStringInfo(&buf);
	appendStringInfoString(&buf, formats[algorithm][0]);
	append_encoded(&buf, data, first, true);
	appendStringInfoString(&buf, formats[algorithm][1]);
	append_encoded(&buf, data + first, size - first, true);
	appendStringInfoString(&buf, formats[algorithm][2]);
	return buf.data;
}

static char *
make_pem(const unsigned char *data, size_t size)
{
	StringInfoData buf;

	initStringInfo(&buf);
	appendStringInfoString(&buf, "-----BEGIN PUBLIC KEY-----\n");
	append_encoded(&buf, data, size, false);
	appendStringInfoString(&buf, "\n-----END PUBLIC KEY-----\n");
	return buf.data;
}

/*
 * Reads a key as add_signing_key() does; in chunks in which nothing follows.
 */
static StoredKey *
read_key(SignatureAlgorithm algorithm, const char *text)
{
	StoredKey  *key = malloc(sizeof(StoredKey));
	char	   *copy = fuzz_string((const unsigned char *) text, strlen(text));
	const char *hint;
	const char *reason = keytext_read(key, algorithm, KID, copy, &hint);

	CHECK(ERR_peek_error() == 0);
	free(copy);
	if (reason == NULL)
	{
		CHECK(key->length > 0 && key->length <= KEYTEXT_MAX_STORED);
		return key;
	}
	CHECK(reason[strlen(reason) - 1] == '.' && (hint == NULL || hint[strlen(hint) - 1] == '.'));
	free(key);
	return NULL;
}

/*
 * How long a DER SEQUENCE is that begins here.
 */
static size_t
der_length(const unsigned char *der, size_t size)
{
	size_t		length = 0;

	CHECK(size > 4 && der[0] == 0x30 && der[1] <= 0x82);
	if (der[1] < 0x80)
		return 2 + der[1];
	for (int i = 0; i < der[1] - 0x80; i++)
		length = length << 8 | der[2 + i];
	return 2 + (der[1] - 0x80) + length;
}

/*
 * Loads a stored key; whether it is one.
 */
static bool
load_key(SignatureAlgorithm algorithm, const unsigned char *bytes, size_t size)
{
	static const unsigned char signature[256] = {1, 2, 3};
	unsigned char *stored = malloc(size);
	SignatureKey key;
	bool		loaded;

	memcpy(stored, bytes, size);
	loaded = signature_key_load(&key, algorithm, stored, size);
	if (loaded)
	{
		CHECK(!signature_verify(&key, "text", 4, signature, 32));
		CHECK(!signature_verify(&key, "text", 4, signature, 64));
		CHECK(!signature_verify(&key, "text", 4, signature, 256));
		if (algorithm == SIGNATURE_RS256)
			CHECK(EVP_PKEY_bits(key.public_key) >= 2048 && EVP_PKEY_bits(key.public_key) <= 8192);
		if (algorithm == SIGNATURE_HS256)
			CHECK(size >= 32);
		else
			CHECK(der_length(bytes, size) == size);
	}
	signature_key_free(&key);
	CHECK(ERR_peek_error() == 0);
	free(stored);
	return loaded;
}

/*
 * The stored key as PEM, written by libcrypto.
 */
static char *
write_pem(const StoredKey *stored)
{
	const unsigned char *p = stored->bytes;
	EVP_PKEY   *key = d2i_PUBKEY(NULL, &p, (long) stored->length);
	BIO		   *bio = BIO_new(BIO_s_mem());
	char	   *data;
	char	   *pem;
	long		length;

	CHECK(key != NULL && PEM_write_bio_PUBKEY(bio, key) == 1);
	length = BIO_get_mem_data(bio, &data);
	pem = pnstrdup(data, length);
	BIO_free(bio);
	EVP_PKEY_free(key);
	return pem;
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	unsigned char what = fuzz_byte(&data, &size);
	SignatureAlgorithm algorithm = what % 4;
	StoredKey  *key,
			   *again;
	char	   *text;

	switch (what / 4 % 4)
	{
		case 0:					/* '0' to '3': the text of a key */
			text = pnstrdup((const char *) data, size);
			break;
		case 1:					/* '4' to '7': the numbers of a JWK */
			text = make_jwk(algorithm, data, size);
			break;
		case 2:					/* '8' to ';': the DER that PEM is made of */
			text = make_pem(data, size);
			break;
		default:				/* '<' to '?': the stored form */
			text = NULL;
			(void) load_key(algorithm, data, size);
			break;
	}
	key = text ? read_key(algorithm, text) : NULL;
	if (key)
	{
		CHECK(load_key(algorithm, key->bytes, key->length));
		if (algorithm != SIGNATURE_HS256)
		{
			/* chance is in how libcrypto looks for factors of a modulus */
			again = NULL;
			for (int i = 0; i < 10 && again == NULL; i++)
				again = read_key(algorithm, write_pem(key));
			CHECK(again != NULL && again->length == key->length &&
				  memcmp(again->bytes, key->bytes, key->length) == 0);
			free(again);
		}
	}
	free(key);
	fuzz_clean();
	return 0;
}
