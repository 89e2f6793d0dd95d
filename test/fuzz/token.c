/*
 * token.c
 *		Tokens: what is believed, and what is read of it.
 *
 * The first byte says what the rest is, see LLVMFuzzerTestOneInput().  Besides
 * memory: a token is believed only if it was signed, the parts that a target
 * signs itself being the only ones that are; one that differs in a byte is not;
 * JSON that is accepted is accepted by PostgreSQL's own parser, which reads the
 * same header and claims in it, none of them twice and none that is refused;
 * base64url has one text for the same bytes.
 */
#include "postgres.h"
#include "compat.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "common/jsonapi.h"
#include "mb/pg_wchar.h"

#include "jsontext.h"
#include "signature.h"
#include "token.h"

#include "fuzz.h"
#include "test_keys.h"

#define MAX_DEPTH 33			/* of the arrays and objects in what is accepted */
#define NKEYS 4					/* one for each algorithm */
#define MAX_TEXT 16384			/* of what is put together here */

static const char *const kids[NKEYS] = {"hs", "rs", "es", "ed"};
static const char *const algorithms[NKEYS] = {"HS256", "RS256", "ES256", "EdDSA"};

static SignatureKey keys[NKEYS];
static EVP_PKEY *private_keys[NKEYS];	/* none for the secret */

/* What was signed: always the same token of each key, and at most one more. */
typedef struct Signed
{
	char		text[MAX_TEXT];	/* the token */
	size_t		length;
	size_t		signed_length;	/* of its header and payload */
} Signed;

static Signed good[NKEYS];
static Signed now;
static int	now_key = -1;

/* ---- signing ----------------------------------------------------------------- */

static size_t
encode(char *to, const unsigned char *bytes, size_t size)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	size_t		n = 0;

	for (size_t i = 0; i < size; i += 3)
	{
		unsigned int group = bytes[i] << 16 | (i + 1 < size ? bytes[i + 1] << 8 : 0) |
			(i + 2 < size ? bytes[i + 2] : 0);

		for (int j = 0; j < 4 && (j < 2 || i + j - 1 < size); j++)
			to[n++] = digits[group >> (18 - 6 * j) & 63];
	}
	return n;
}

/*
 * The signature of a text by a key, as a token has it.
 */
static size_t
sign(int key, const char *text, size_t length, unsigned char *signature)
{
	EVP_MD_CTX *context;
	size_t		n = TOKEN_MAX_SIGNATURE;
	unsigned int mac_length;

	if (key == SIGNATURE_HS256)
	{
		CHECK(HMAC(EVP_sha256(), TEST_SECRET, (int) strlen(TEST_SECRET),
				   (const unsigned char *) text, length, signature, &mac_length) != NULL);
		return mac_length;
	}
	context = EVP_MD_CTX_new();
	CHECK(EVP_DigestSignInit(context, NULL, key == SIGNATURE_EDDSA ? NULL : EVP_sha256(), NULL,
							 private_keys[key]) == 1);
	CHECK(EVP_DigestSign(context, signature, &n, (const unsigned char *) text, length) == 1);
	EVP_MD_CTX_free(context);
	if (key == SIGNATURE_ES256)
	{
		const unsigned char *p = signature;
		ECDSA_SIG  *pair = d2i_ECDSA_SIG(NULL, &p, (long) n);

		CHECK(pair != NULL);
		BN_bn2binpad(ECDSA_SIG_get0_r(pair), signature, 32);
		BN_bn2binpad(ECDSA_SIG_get0_s(pair), signature + 32, 32);
		ECDSA_SIG_free(pair);
		n = 64;
	}
	return n;
}

/*
 * Signs what is in a text up to signed_length, and appends the signature.
 */
static void
complete(Signed *token, int key)
{
	unsigned char signature[TOKEN_MAX_SIGNATURE];
	size_t		n = sign(key, token->text, token->signed_length, signature);

	token->length = token->signed_length;
	token->text[token->length++] = '.';
	token->length += encode(token->text + token->length, signature, n);
	CHECK(token->length < MAX_TEXT);
	token->text[token->length] = '\0';
}

static void
put_parts(Signed *token, const unsigned char *header, size_t header_size,
		  const unsigned char *payload, size_t payload_size)
{
	size_t		n = encode(token->text, header, header_size);

	token->text[n++] = '.';
	token->signed_length = n + encode(token->text + n, payload, payload_size);
}

static EVP_PKEY *
private_key(const char *pem)
{
	BIO		   *bio = BIO_new_mem_buf(pem, -1);
	EVP_PKEY   *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);

	CHECK(key != NULL);
	BIO_free(bio);
	return key;
}

/*
 * Makes the keys and one good token of each.
 */
static void
prepare(void)
{
	static const char *const pems[NKEYS] = {NULL, TEST_RSA_KEY, TEST_EC_KEY, TEST_ED_KEY};
	static const char payload[] = "{\"sub\":\"u1\",\"tenant\":\"school\",\"exp\":4102444800}";

	for (int i = 0; i < NKEYS; i++)
	{
		unsigned char *der = NULL;
		int			length;
		char		header[64];

		if (pems[i])
		{
			private_keys[i] = private_key(pems[i]);
			length = i2d_PUBKEY(private_keys[i], &der);
			CHECK(signature_key_load(&keys[i], i, der, length));
			OPENSSL_free(der);
		}
		else
			CHECK(signature_key_load(&keys[i], i, (const unsigned char *) TEST_SECRET,
									 strlen(TEST_SECRET)));
		snprintf(header, sizeof(header), "{\"alg\":\"%s\",\"kid\":\"%s\"}", algorithms[i], kids[i]);
		put_parts(&good[i], (unsigned char *) header, strlen(header),
				  (unsigned char *) payload, strlen(payload));
		complete(&good[i], i);
	}
}

/* ---- another reader of JSON ------------------------------------------------------ */

/* What PostgreSQL's parser finds in a header or in claims. */
typedef struct Found
{
	int			depth;
	int			deepest;
	int			nnames;			/* of all members */
	char	   *names[TOKEN_MAX_MEMBERS];
	char	   *name;			/* of the member that is being read */
	bool		is_array;		/* its value is one */
	const char *strings[8];		/* as in found_names */
	double		expires;
	double		not_before;
	int			naudiences;
	const char *audiences[TOKEN_MAX_AUDIENCES];
	bool		odd_audiences;	/* too many of them, or no strings */
	bool		too_many;		/* members */
} Found;

static const char *const found_names[] = {"alg", "kid", "sub", "tenant", "channel", "iss", "typ"};

#if PG_VERSION_NUM >= 160000
#define ACTION JsonParseErrorType
#define DONE return JSON_SUCCESS
#else
#define ACTION void
#define DONE return
#endif

static ACTION
enter(void *state)
{
	Found	   *found = state;

	found->depth++;
	found->deepest = Max(found->deepest, found->depth);
	DONE;
}

static ACTION
leave(void *state)
{
	((Found *) state)->depth--;
	DONE;
}

static ACTION
enter_array(void *state)
{
	if (((Found *) state)->depth == 1)
		((Found *) state)->is_array = true;
#if PG_VERSION_NUM >= 160000
	return enter(state);
#else
	enter(state);
#endif
}

static ACTION
member(void *state, char *name, bool isnull)
{
	Found	   *found = state;

	if (found->depth == 1)
	{
		found->name = name;
		found->is_array = false;
		if (found->nnames < TOKEN_MAX_MEMBERS)
			found->names[found->nnames++] = name;
		else
			found->too_many = true;
		if (strcmp(name, "aud") == 0)
			found->naudiences = 0;
	}
	DONE;
}

static ACTION
scalar(void *state, char *value, JsonTokenType type)
{
	Found	   *found = state;

	if (found->name == NULL || found->depth > 2)
		DONE;
	if (strcmp(found->name, "aud") == 0 && (found->depth == 1 || found->is_array))
	{
		if (type == JSON_TOKEN_STRING && found->naudiences < TOKEN_MAX_AUDIENCES)
			found->audiences[found->naudiences++] = value;
		else
			found->odd_audiences = true;
	}
	if (found->depth != 1)
		DONE;
	for (int i = 0; i < lengthof(found_names); i++)
		if (strcmp(found->name, found_names[i]) == 0 && type == JSON_TOKEN_STRING)
			found->strings[i] = value;
	if (strcmp(found->name, "exp") == 0)
		found->expires = strtod(value, NULL);
	if (strcmp(found->name, "nbf") == 0 || strcmp(found->name, "iat") == 0)
		found->not_before = Max(found->not_before, strtod(value, NULL));
	DONE;
}

/*
 * Whether PostgreSQL's parser accepts a text, and what it finds.
 */
static bool
find(char *text, size_t length, Found *found)
{
	JsonSemAction actions = {
		.semstate = found, .object_start = enter, .object_end = leave, .array_start = enter_array,
		.array_end = leave, .object_field_start = member, .scalar = scalar
	};
	JsonLexContext *lex =
#if PG_VERSION_NUM >= 170000
		makeJsonLexContextCstringLen(NULL, text, length, PG_UTF8, true);
#else
		makeJsonLexContextCstringLen(text, (int) length, PG_UTF8, true);
#endif

	memset(found, 0, sizeof(Found));
	found->naudiences = -1;
	return pg_parse_json(lex, &actions) == JSON_SUCCESS;
}

static bool
same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/*
 * A part of a token, decoded; nothing of it may be wrong.
 */
static char *
decode(const char *text, size_t length, size_t *size)
{
	unsigned char *bytes = palloc(length + 1);
	int			n = token_base64url(text, length, bytes, length);

	CHECK(n >= 0);
	bytes[n] = '\0';
	*size = n;
	return (char *) bytes;
}

/*
 * Whether a member is there, more often than it may be.
 */
static bool
has(const Found *found, const char *name, int more_than)
{
	int			n = 0;

	for (int i = 0; i < found->nnames; i++)
		n += strcmp(found->names[i], name) == 0;
	return n > more_than;
}

static void
check_members(const Found *found)
{
	CHECK(!found->too_many && found->deepest <= 1 + MAX_DEPTH);
	for (int i = 0; i < found->nnames; i++)
		CHECK(!has(found, found->names[i], 1));
}

static void
check_header(const Token *token, const char *text)
{
	static const char *const refused[] = {
		"b64", "crit", "cty", "enc", "jku", "jwk", "x5c", "x5u", "zip"
	};
	size_t		size;
	char	   *json = decode(text, strchr(text, '.') - text, &size);
	Found		found;

	CHECK(find(json, size, &found));
	CHECK(same(token->algorithm, found.strings[0]));
	CHECK(same(token->kid, found.strings[1]));
	CHECK(found.strings[6] == NULL || pg_strcasecmp(found.strings[6], "JWT") == 0 ||
		  pg_strcasecmp(found.strings[6], "at+jwt") == 0);
	CHECK(found.strings[6] != NULL || !has(&found, "typ", 0));
	for (int i = 0; i < lengthof(refused); i++)
		CHECK(!has(&found, refused[i], 0));
	check_members(&found);
}

static void
check_claims(const Token *token, const char *text)
{
	const char *payload = strchr(text, '.') + 1;
	size_t		size;
	char	   *json = decode(payload, strchr(payload, '.') - payload, &size);
	Found		found;

	CHECK(find(json, size, &found));
	CHECK(same(token->subject, found.strings[2]) && token->subject[0] != '\0');
	CHECK(same(token->tenant, found.strings[3]) && token->tenant[0] != '\0');
	CHECK(same(token->channel, found.strings[4]));
	CHECK(same(token->issuer, found.strings[5]));
	CHECK(token->expires == found.expires && token->not_before == found.not_before);
	CHECK(token->expires >= 0 && token->expires < 253402300800.0);
	CHECK(token->naudiences == found.naudiences && !found.odd_audiences);
	check_members(&found);
	for (int i = 0; i < token->naudiences; i++)
		CHECK(same(token->audiences[i], found.audiences[i]));
}

/* ---- judging ----------------------------------------------------------------- */

static void
check_string(const Token *token, const char *string)
{
	if (string)
		CHECK(string >= token->buffer && string < token->buffer + sizeof(token->buffer) &&
			  strnlen(string, token->buffer + sizeof(token->buffer) - string) <
			  token->buffer + sizeof(token->buffer) - string);
}

static bool
is_signed(int key, const Token *token)
{
	const Signed *known[] = {&good[key], now_key == key ? &now : NULL};

	for (int i = 0; i < lengthof(known); i++)
		if (known[i] && known[i]->signed_length == token->signed_length &&
			memcmp(known[i]->text, token->signed_text, token->signed_length) == 0)
			return true;
	return false;
}

/*
 * Whether a token is believed, as judge_token() in signing.c does it.
 */
static bool
judge(const char *text, bool look)
{
	Token	   *token = malloc(sizeof(Token));
	bool		believed = false;
	int			key = 0;

	if (token_read(token, text))
	{
		CHECK(strlen(text) <= TOKEN_MAX_LENGTH);
		CHECK(token->signature_length <= TOKEN_MAX_SIGNATURE);
		check_string(token, token->algorithm);
		check_string(token, token->kid);
		if (look)
			check_header(token, text);
		while (key < NKEYS && strcmp(token->kid, kids[key]) != 0)
			key++;
		if (key < NKEYS && strcmp(token->algorithm, algorithms[key]) == 0 &&
			signature_verify(&keys[key], token->signed_text, token->signed_length,
							 token->signature, token->signature_length))
		{
			CHECK(is_signed(key, token));
			believed = token_read_claims(token);
			if (believed && look)
			{
				check_string(token, token->subject);
				check_string(token, token->tenant);
				check_string(token, token->channel);
				check_string(token, token->issuer);
				for (int i = 0; i < token->naudiences; i++)
					check_string(token, token->audiences[i]);
				check_claims(token, text);
			}
		}
	}
	free(token);
	return believed;
}

/*
 * Changes one byte of a token that is believed, which may make it shorter.
 */
static void
check_changed(const char *text, size_t length, unsigned int seed)
{
	char	   *copy = fuzz_string((const unsigned char *) text, length);

	copy[seed % length] ^= 1 + (seed >> 16) % 255;
	CHECK(!judge(copy, false));
	free(copy);
}

/* ---- the target ----------------------------------------------------------------- */

/*
 * Signs and judges.  parts: the header and the payload are given, encoded, with
 * the dot between; else they are given as JSON, with a line feed between.
 */
static void
try_signed(const unsigned char *data, size_t size, bool parts)
{
	unsigned char choice = fuzz_byte(&data, &size) % 32;
	int			key = choice < NKEYS ? choice : 0;
	const unsigned char *payload;
	Token	   *token;
	char	   *text;
	bool		readable;

	/* longer ones than a token may be, too */
	size = Min(size, parts ? 9000 : 6700);
	if (parts)
	{
		for (size_t i = 0; i < size; i++)
			now.text[i] = data[i] != '\0' ? data[i] : '.';
		now.signed_length = size;
	}
	else
	{
		payload = size > 0 ? memchr(data, '\n', size) : NULL;
		if (payload == NULL)
			return;
		put_parts(&now, data, payload - data, payload + 1, data + size - payload - 1);
	}
	/* to sign takes long: not what is malformed anyway */
	token = malloc(sizeof(Token));
	memcpy(now.text + now.signed_length, ".AA", 4);
	text = fuzz_string((unsigned char *) now.text, now.signed_length + 3);
	readable = token_read(token, text);
	free(text);
	free(token);
	if (!readable)
		return;

	complete(&now, key);
	now_key = key;
	text = fuzz_string((unsigned char *) now.text, now.length);
	if (judge(text, true))
		check_changed(text, now.length, fuzz_hash(data, size));
	free(text);
}

/*
 * Changes bytes of a good token; each change is a place and what to change.
 */
static void
try_changed(const unsigned char *data, size_t size)
{
	const Signed *token = &good[fuzz_byte(&data, &size) % NKEYS];
	char	   *text = fuzz_string((const unsigned char *) token->text, token->length);
	bool		changed;

	while (size > 0)
	{
		unsigned int place = fuzz_byte(&data, &size);

		place = place << 8 | fuzz_byte(&data, &size);
		text[place % token->length] ^= fuzz_byte(&data, &size);
	}
	changed = memcmp(text, token->text, token->length) != 0;
	CHECK(judge(text, true) == !changed);
	free(text);
}

static void
try_base64url(const unsigned char *data, size_t size)
{
	char	   *text = fuzz_string(data, size);
	size_t		length = strlen(text),
				max = length * 3 / 4;
	unsigned char *bytes = malloc(max);
	char	   *again = malloc(length);
	int			n = token_base64url(text, length, bytes, max);

	if (n >= 0)
	{
		CHECK(n == max);
		CHECK(encode(again, bytes, n) == length && memcmp(again, text, length) == 0);
		CHECK(n == 0 || token_base64url(text, length, bytes, n - 1) == -1);
	}
	free(again);
	free(bytes);
	free(text);
}

static bool
is_utf8(const unsigned char *data, size_t size)
{
	for (size_t i = 0, n; i < size; i += n)
	{
		n = pg_utf_mblen(data + i);
		if (data[i] == '\0' || n > size - i || !pg_utf8_islegal(data + i, (int) n))
			return false;
	}
	return true;
}

/*
 * Any JSON.  Where it does not nest too deeply, the two readers accept the same.
 */
static void
try_json(const unsigned char *data, size_t size)
{
	char	   *given = palloc(size + 1);
	char	   *copy = malloc(size + 1);
	JsonText	text;
	Found		found;
	int			nbrackets = 0;
	bool		accepted,
				by_server;

	for (size_t i = 0; i < size; i++)
		nbrackets += data[i] == '[' || data[i] == '{';
	memcpy(given, data, size);
	given[size] = '\0';
	memcpy(copy, given, size + 1);
	jsontext_begin(&text, copy, size);
	jsontext_skip(&text);
	accepted = jsontext_end(&text);
	by_server = is_utf8(data, size) && find(given, size, &found);
	if (accepted)
		CHECK(by_server && found.deepest <= MAX_DEPTH);
	else
		CHECK(!by_server || nbrackets > 32);
	free(copy);
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	static bool ready = false;
	char	   *text;

	if (!ready)
		prepare();
	ready = true;
	now_key = -1;
	switch (fuzz_byte(&data, &size) % 8)
	{
		case 0:					/* '0': a token as it is */
			text = fuzz_string(data, size);
			(void) judge(text, true);
			free(text);
			break;
		case 1:					/* '1': JSON to be signed */
		case 2:
		case 3:
			try_signed(data, size, false);
			break;
		case 4:					/* '4': a text to be signed */
			try_signed(data, size, true);
			break;
		case 5:					/* '5': changes of a good token */
			try_changed(data, size);
			break;
		case 6:					/* '6': base64url */
			try_base64url(data, size);
			break;
		case 7:					/* '7': JSON */
			try_json(data, size);
			break;
	}
	fuzz_clean();
	return 0;
}
