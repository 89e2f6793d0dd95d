/*
 * signature.c
 *		Signatures of tokens: what a key accepts.
 *
 * All that ambit asks of libcrypto to verify a token and to forget a key.  The
 * algorithm is the key's and comes with it.  Nothing is raised and nothing of
 * the backend's is called; what libcrypto allocates is freed on every way out,
 * and its queue of errors is left empty.
 */
#include "postgres.h"
#include "compat.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/x509.h>

#include "signature.h"

/* what a SubjectPublicKeyInfo of P-256 with an uncompressed point begins with */
static const unsigned char p256_prefix[] = {
	0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
	0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04
};

bool
signature_algorithm(const char *name, SignatureAlgorithm *algorithm)
{
	static const char *const names[] = {"HS256", "RS256", "ES256", "EdDSA"};

	for (int i = 0; i < lengthof(names); i++)
	{
		if (strcmp(names[i], name) == 0)
		{
			*algorithm = (SignatureAlgorithm) i;
			return true;
		}
	}
	return false;
}

static bool
is_p256(EVP_PKEY *key)
{
	unsigned char *der = NULL;
	int			length = i2d_PUBKEY(key, &der);
	bool		result = length == sizeof(p256_prefix) + 64 &&
		memcmp(der, p256_prefix, sizeof(p256_prefix)) == 0;

	OPENSSL_free(der);
	return result;
}

const char *
signature_refuses(SignatureAlgorithm algorithm, EVP_PKEY *key)
{
	int			type = EVP_PKEY_base_id(key);

	switch (algorithm)
	{
		case SIGNATURE_HS256:
			break;
		case SIGNATURE_RS256:
			if (type != EVP_PKEY_RSA)
				return "It is not an RSA key.";
			if (EVP_PKEY_bits(key) < SIGNATURE_MIN_RSA || EVP_PKEY_bits(key) > SIGNATURE_MAX_RSA)
				return "An RSA key must have between 2048 and 8192 bits.";
			return NULL;
		case SIGNATURE_ES256:
			if (type != EVP_PKEY_EC || !is_p256(key))
				return "It is not a key on the named curve P-256.";
			return NULL;
		case SIGNATURE_EDDSA:
			if (type != EVP_PKEY_ED25519)
				return "It is not an Ed25519 key.";
			return NULL;
	}
	return "The algorithm takes a secret.";
}

bool
signature_key_load(SignatureKey *key, SignatureAlgorithm algorithm,
				   const unsigned char *stored, size_t length)
{
	const unsigned char *p = stored;

	memset(key, 0, sizeof(SignatureKey));
	key->algorithm = algorithm;
	if (algorithm == SIGNATURE_HS256)
	{
		key->secret = stored;
		key->secret_length = length;
		return length >= SIGNATURE_MIN_SECRET;
	}
	key->public_key = d2i_PUBKEY(NULL, &p, (long) length);
	if (key->public_key == NULL || p != stored + length ||
		signature_refuses(algorithm, key->public_key) != NULL)
		signature_key_free(key);
	ERR_clear_error();
	return key->public_key != NULL;
}

void
signature_key_free(SignatureKey *key)
{
	EVP_PKEY_free(key->public_key);
	key->public_key = NULL;
}

static bool
verify_hmac(const SignatureKey *key, const char *text, size_t length,
			const unsigned char *signature, size_t signature_length)
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned int mac_length = 0;
	bool		result;

	result = HMAC(EVP_sha256(), key->secret, (int) key->secret_length,
				  (const unsigned char *) text, length, mac, &mac_length) != NULL &&
		mac_length == SIGNATURE_HASH_LENGTH && signature_length == SIGNATURE_HASH_LENGTH &&
		CRYPTO_memcmp(mac, signature, SIGNATURE_HASH_LENGTH) == 0;
	OPENSSL_cleanse(mac, sizeof(mac));
	return result;
}

/*
 * A DER INTEGER of 32 bytes that are a number without a sign.
 */
static unsigned char *
put_integer(unsigned char *p, const unsigned char *number)
{
	int			n = 32;

	while (n > 1 && *number == 0)
	{
		number++;
		n--;
	}
	*p++ = 0x02;
	*p++ = (unsigned char) (n + (*number >= 0x80));
	if (*number >= 0x80)
		*p++ = 0;
	memcpy(p, number, n);
	return p + n;
}

static bool
verify_public(const SignatureKey *key, const char *text, size_t length,
			  const unsigned char *signature, size_t signature_length)
{
	unsigned char der[72];
	const EVP_MD *md = key->algorithm == SIGNATURE_EDDSA ? NULL : EVP_sha256();
	EVP_MD_CTX *context;
	bool		result;

	if (key->algorithm != SIGNATURE_RS256 && signature_length != 64)
		return false;
	if (key->algorithm == SIGNATURE_ES256)
	{
		/* r and s side by side; libcrypto takes a DER SEQUENCE of both */
		unsigned char *end = put_integer(put_integer(der + 2, signature), signature + 32);

		der[0] = 0x30;
		der[1] = (unsigned char) (end - der - 2);
		signature = der;
		signature_length = end - der;
	}
	context = EVP_MD_CTX_new();
	result = context != NULL &&
		EVP_DigestVerifyInit(context, NULL, md, NULL, key->public_key) == 1 &&
		EVP_DigestVerify(context, signature, signature_length,
						 (const unsigned char *) text, length) == 1;
	EVP_MD_CTX_free(context);
	return result;
}

bool
signature_verify(const SignatureKey *key, const char *text, size_t length,
				 const unsigned char *signature, size_t signature_length)
{
	bool		result;

	if (key->algorithm == SIGNATURE_HS256)
		result = verify_hmac(key, text, length, signature, signature_length);
	else
		result = verify_public(key, text, length, signature, signature_length);
	if (!result)
		ERR_clear_error();
	return result;
}

void
signature_wipe(void *secret, size_t length)
{
	OPENSSL_cleanse(secret, length);
}

/*
 * The context stays: to look SHA-256 up takes longer than to compute it.
 */
bool
signature_hash(const char *text, size_t length, unsigned char *hash)
{
	static EVP_MD_CTX *context = NULL;
	const EVP_MD *md = NULL;

	if (context == NULL)
	{
		context = EVP_MD_CTX_new();
		md = EVP_sha256();
	}
	if (context && EVP_DigestInit_ex(context, md, NULL) == 1 &&
		EVP_DigestUpdate(context, text, length) == 1 &&
		EVP_DigestFinal_ex(context, hash, NULL) == 1)
		return true;
	EVP_MD_CTX_free(context);
	context = NULL;
	ERR_clear_error();
	return false;
}
