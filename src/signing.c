/*
 * signing.c
 *		Signing keys, and the tokens that were found good.
 *
 * Keys are read from ambit.signing_key when a token names them, and stay, made
 * ready for libcrypto, in a context each.  Invalidation source: the trigger on
 * that table, by catalog_generation().  A key is compared with its row when
 * the generation has changed; one that differs goes, and with it the tokens
 * that it signed.  Whatever ends the context, the secret in it is wiped first;
 * there is one copy, since the column that it is read from is stored plain.
 *
 * Tokens that were found good stay with their key, found by their SHA-256: so
 * no token is kept, and comparing tells nothing about one.  There are at most
 * MAX_TOKENS; one more takes the place of the one that was not used for
 * longest.  Time is judged at every use.
 */
#include "postgres.h"
#include "compat.h"

#include <math.h>

#include "catalog/namespace.h"
#include "fmgr.h"
#include "lib/ilist.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

#include "catalog.h"
#include "keytext.h"
#include "names.h"
#include "rights.h"
#include "signing.h"
#include "token.h"

#define MAX_TOKENS 256
#define MAX_LEEWAY 300			/* seconds */

/* the columns of ambit.signing_key */
enum
{
	COLUMN_KID = 1,
	COLUMN_ALGORITHM,
	COLUMN_KEY,
	COLUMN_ISSUER,
	COLUMN_AUDIENCE,
	COLUMN_TENANTS,
	COLUMN_COUNT = COLUMN_TENANTS
};

typedef struct SigningKey
{
	const char *kid;
	const char *algorithm;
	const char *issuer;			/* NULL: any */
	const char *audience;		/* NULL: tokens for nobody in particular */
	bool		any_tenant;
	int			ntenants;
	char	  **tenants;
	bytea	   *stored;			/* the key as its row has it */
	SignatureKey key;
	StringInfoData image;		/* of the rest of the row, to tell whether it has changed */
	uint64		generation;		/* as of which it is known to be like its row */
	dlist_head	tokens;
	MemoryContext context;		/* of all of it, this struct too */
	MemoryContextCallback callback;
} SigningKey;

typedef struct KeySlot
{
	const char *kid;			/* hash key; the key's */
	SigningKey *key;
} KeySlot;

typedef struct TokenSlot
{
	unsigned char hash[SIGNATURE_HASH_LENGTH];	/* hash key */
	SigningToken token;
	SigningKey *key;
	dlist_node	sibling;		/* in key->tokens */
	dlist_node	place;			/* in by_use */
} TokenSlot;

static int	leeway = 0;			/* seconds */

static MemoryContext signing_context = NULL;
static HTAB *keys = NULL;
static HTAB *tokens = NULL;
static dlist_head by_use = DLIST_STATIC_INIT(by_use);	/* the latest first */

static void
leeway_changed(int newval, void *extra)
{
	identity_changed();
}

/*
 * Defines the setting.  From _PG_init.
 */
void
signing_init(void)
{
	DefineCustomIntVariable("ambit.token_leeway",
							"How far the clocks of those who sign tokens may be apart from the server's.",
							"Applies to exp, nbf and iat.",
							&leeway, 0, 0, MAX_LEEWAY,
							PGC_SUSET, GUC_UNIT_S, NULL, leeway_changed, NULL);
}

int64
signing_leeway(void)
{
	return leeway * USECS_PER_SEC;
}

/* ---- keys ------------------------------------------------------------------ */

static void
free_key(void *arg)
{
	SigningKey *key = arg;

	signature_key_free(&key->key);
	if (key->stored)
		signature_wipe(VARDATA(key->stored), VARSIZE(key->stored) - VARHDRSZ);
}

/*
 * A copy of a row but for its key, such that two rows are the same if their
 * copies and keys are.
 */
static void
append_row(StringInfo image, CatalogScan *scan, HeapTuple tuple)
{
	for (int i = 1; i <= COLUMN_COUNT; i++)
	{
		bool		isnull;
		Datum		value = catalog_datum(scan, tuple, i, &isnull);
		uint32		size = 0;

		if (i == COLUMN_KEY)
			continue;
		if (isnull)
			appendBinaryStringInfo(image, (char *) &size, sizeof(size));
		else
		{
			struct varlena *plain = PG_DETOAST_DATUM_PACKED(value);

			size = VARSIZE_ANY_EXHDR(plain) + 1;
			appendBinaryStringInfo(image, (char *) &size, sizeof(size));
			appendBinaryStringInfo(image, VARDATA_ANY(plain), VARSIZE_ANY_EXHDR(plain));
		}
	}
}

/*
 * What tells whether the row has changed.
 */
static void
copy_row(SigningKey *key, CatalogScan *scan, HeapTuple tuple)
{
	bool		isnull;
	Datum		stored = catalog_datum(scan, tuple, COLUMN_KEY, &isnull);

	append_row(&key->image, scan, tuple);
	if (!isnull)
		key->stored = DatumGetByteaPCopy(stored);
}

static bool
is_same_row(const SigningKey *a, const SigningKey *b)
{
	return a->image.len == b->image.len &&
		memcmp(a->image.data, b->image.data, a->image.len) == 0 &&
		a->stored && b->stored && VARSIZE(a->stored) == VARSIZE(b->stored) &&
		memcmp(a->stored, b->stored, VARSIZE(a->stored)) == 0;
}

/*
 * Makes what was read of a row ready.  False for a row that is none of
 * add_signing_key()'s.
 */
static bool
make_key(SigningKey *key, CatalogScan *scan, HeapTuple tuple)
{
	SignatureAlgorithm algorithm;

	key->algorithm = catalog_text(scan, tuple, COLUMN_ALGORITHM);
	key->issuer = catalog_text(scan, tuple, COLUMN_ISSUER);
	key->audience = catalog_text(scan, tuple, COLUMN_AUDIENCE);
	key->tenants = catalog_text_array(scan, tuple, COLUMN_TENANTS, &key->ntenants);
	key->any_tenant = (key->tenants == NULL);
	return key->stored && key->algorithm && signature_algorithm(key->algorithm, &algorithm) &&
		signature_key_load(&key->key, algorithm, (unsigned char *) VARDATA(key->stored),
						   VARSIZE(key->stored) - VARHDRSZ);
}

/*
 * Reads a key; NULL when there is none.  same, if not NULL, is what was read of
 * it before: it is returned if the row is as it was.
 */
static SigningKey *
read_key(const char *kid, SigningKey *same)
{
	uint64		generation = catalog_generation();
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "ambit signing key",
												  ALLOCSET_SMALL_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	SigningKey *key = palloc0(sizeof(SigningKey));
	CatalogScan scan;
	HeapTuple	tuple;
	bool		good = false;

	key->context = context;
	key->kid = pstrdup(kid);
	key->generation = generation;
	dlist_init(&key->tokens);
	initStringInfo(&key->image);
	key->callback.func = free_key;
	key->callback.arg = key;
	MemoryContextRegisterResetCallback(context, &key->callback);
	catalog_begin(&scan, CATALOG_SIGNING_KEY, NULL, 1, &kid);
	if ((tuple = catalog_next(&scan)) != NULL)
	{
		copy_row(key, &scan, tuple);
		if (same && is_same_row(same, key))
			good = true;
		else
		{
			same = NULL;
			good = make_key(key, &scan, tuple);
		}
	}
	catalog_end(&scan);
	MemoryContextSwitchTo(old);
	if (good && same == NULL)
		return key;
	MemoryContextDelete(context);
	if (!good)
		return NULL;
	same->generation = generation;
	return same;
}

static void
drop_token(TokenSlot *slot)
{
	dlist_delete(&slot->sibling);
	dlist_delete(&slot->place);
	/* one chunk holds all its strings */
	pfree(unconstify(char *, slot->token.identity.tenant));
	(void) hash_search(tokens, slot->hash, HASH_REMOVE, NULL);
}

static void
drop_key(SigningKey *key)
{
	while (!dlist_is_empty(&key->tokens))
		drop_token(dlist_head_element(TokenSlot, sibling, &key->tokens));
	(void) hash_search(keys, &key->kid, HASH_REMOVE, NULL);
	MemoryContextDelete(key->context);
}

/*
 * The key of that name, fresh; NULL when there is none.
 */
static SigningKey *
find_key(const char *kid)
{
	KeySlot    *slot = hash_search(keys, &kid, HASH_FIND, NULL);
	SigningKey *key;

	if (slot && slot->key->generation == catalog_generation())
		return slot->key;
	key = read_key(kid, slot ? slot->key : NULL);
	if (slot && slot->key == key)
		return key;
	if (slot)
		drop_key(slot->key);
	if (key == NULL)
		return NULL;
	slot = hash_search(keys, &key->kid, HASH_ENTER, NULL);
	slot->kid = key->kid;
	slot->key = key;
	MemoryContextSetParent(key->context, signing_context);
	return key;
}

/* ---- tokens ---------------------------------------------------------------- */

/*
 * Makes the caches.  Build first, publish last: an error leaves none.
 */
static void
create_caches(void)
{
	HASHCTL		ctl = {0};
	HTAB	   *new_keys;

	if (signing_context == NULL)
		signing_context = AllocSetContextCreate(TopMemoryContext, "ambit tokens",
												ALLOCSET_DEFAULT_SIZES);
	new_keys = names_table("ambit signing keys", sizeof(KeySlot), signing_context);
	ctl.keysize = SIGNATURE_HASH_LENGTH;
	ctl.entrysize = sizeof(TokenSlot);
	ctl.hcxt = signing_context;
	tokens = hash_create("ambit tokens", MAX_TOKENS, &ctl, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	keys = new_keys;
}

/*
 * A string of a token in the database's encoding; NULL for NULL, and, with
 * *fits false, for one that the encoding has no letters for.
 */
static const char *
to_server(const char *utf8, bool *fits)
{
	int			encoding = GetDatabaseEncoding();
	int			length;
	Oid			proc;
	char	   *converted;

	/* SQL_ASCII keeps whatever bytes it is given */
	if (utf8 == NULL || encoding == PG_UTF8 || encoding == PG_SQL_ASCII)
		return utf8;
	length = (int) strlen(utf8);
	proc = FindDefaultConversionProc(PG_UTF8, encoding);
	if (!OidIsValid(proc))
	{
		*fits = false;
		return NULL;
	}
	converted = palloc((Size) length * MAX_CONVERSION_GROWTH + 1);
	if (pg_do_encoding_conversion_buf(proc, PG_UTF8, encoding, (unsigned char *) unconstify(char *, utf8),
									  length, (unsigned char *) converted,
									  length * MAX_CONVERSION_GROWTH + 1, true) != length)
		*fits = false;
	return converted;
}

/*
 * The strings of a token in the database's encoding.  False when one of them
 * does not exist there.
 */
static bool
convert_claims(Token *token)
{
	bool		fits = true;

	token->subject = to_server(token->subject, &fits);
	token->tenant = to_server(token->tenant, &fits);
	token->channel = to_server(token->channel, &fits);
	token->issuer = to_server(token->issuer, &fits);
	for (int i = 0; i < token->naudiences; i++)
		token->audiences[i] = to_server(token->audiences[i], &fits);
	return fits;
}

static bool
is_among(const char *name, int n, const char *const *names)
{
	for (int i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

/*
 * Whether the key may speak for the token's issuer, audience and tenant.
 */
static SigningVerdict
judge_claims(const SigningKey *key, const Token *token)
{
	if (key->issuer && (token->issuer == NULL || strcmp(key->issuer, token->issuer) != 0))
		return SIGNING_ISSUER;
	if (key->audience ? !is_among(key->audience, token->naudiences, token->audiences) :
		token->naudiences >= 0)
		return SIGNING_AUDIENCE;
	if (!key->any_tenant &&
		!is_among(token->tenant, key->ntenants, (const char *const *) key->tenants))
		return SIGNING_TENANT;
	return SIGNING_GOOD;
}

static TimestampTz
from_unix(double seconds)
{
	return (TimestampTz) rint(seconds * USECS_PER_SEC) -
		(POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY;
}

/*
 * Keeps a token that is good for its key.
 */
static TokenSlot *
keep_token(const unsigned char *hash, SigningKey *key, const Token *token)
{
	const char *channel = rights_known_channel(token->channel);
	Identity	identity = {token->tenant, token->subject, channel};
	char	   *stored = identity_format(&identity);
	size_t		tenant_size = strlen(token->tenant) + 1,
				subject_size = strlen(token->subject) + 1,
				stored_size = strlen(stored) + 1;
	char	   *strings;
	TokenSlot  *slot;

	if (hash_get_num_entries(tokens) >= MAX_TOKENS)
		drop_token(dlist_tail_element(TokenSlot, place, &by_use));
	strings = MemoryContextAlloc(signing_context, tenant_size + subject_size + stored_size);
	memcpy(strings, token->tenant, tenant_size);
	memcpy(strings + tenant_size, token->subject, subject_size);
	memcpy(strings + tenant_size + subject_size, stored, stored_size);
	pfree(stored);
	slot = hash_search(tokens, hash, HASH_ENTER, NULL);
	slot->token.identity.tenant = strings;
	slot->token.identity.user_id = strings + tenant_size;
	slot->token.identity.channel = channel;
	slot->token.stored = strings + tenant_size + subject_size;
	slot->token.not_before = from_unix(token->not_before);
	slot->token.expires = from_unix(token->expires);
	slot->key = key;
	dlist_push_head(&key->tokens, &slot->sibling);
	dlist_push_head(&by_use, &slot->place);
	return slot;
}

/*
 * Judges a token that is not known.  The key is found by the kid alone; the
 * algorithm is the key's, and the token's must be the same.  The claims are
 * read once the signature is good.
 */
static SigningVerdict
judge_token(const char *text, const unsigned char *hash, TokenSlot **slot)
{
	Token	   *token = palloc(sizeof(Token));
	bool		fits = true;
	const char *kid;
	SigningKey *key = NULL;
	SigningVerdict verdict = SIGNING_UNKNOWN;

	*slot = NULL;
	if (token_read(token, text) && (kid = to_server(token->kid, &fits)) != NULL && fits)
		key = find_key(kid);
	if (key && strcmp(token->algorithm, key->algorithm) == 0 &&
		signature_verify(&key->key, token->signed_text, token->signed_length,
						 token->signature, token->signature_length) &&
		token_read_claims(token) && convert_claims(token))
	{
		verdict = judge_claims(key, token);
		if (verdict == SIGNING_GOOD)
			*slot = keep_token(hash, key, token);
	}
	pfree(token);
	return verdict;
}

/*
 * A token that is known, and whose key is as it was.
 */
static TokenSlot *
find_token(const unsigned char *hash)
{
	TokenSlot  *slot = hash_search(tokens, hash, HASH_FIND, NULL);

	if (slot == NULL || slot->key->generation == catalog_generation())
		return slot;
	/* the key may go, and the token with it */
	(void) find_key(pstrdup(slot->key->kid));
	return hash_search(tokens, hash, HASH_FIND, NULL);
}

SigningVerdict
signing_verify(const char *text, const unsigned char *hash, const SigningToken **token)
{
	TokenSlot  *slot;
	TimestampTz now;

	*token = NULL;
	if (!catalog_exists(CATALOG_SIGNING_KEY))
		return SIGNING_UNKNOWN;
	if (keys == NULL)
		create_caches();
	slot = find_token(hash);
	if (slot == NULL)
	{
		SigningVerdict verdict = judge_token(text, hash, &slot);

		if (verdict != SIGNING_GOOD)
			return verdict;
	}
	now = GetCurrentTimestamp();
	if (now >= slot->token.expires + signing_leeway())
	{
		drop_token(slot);
		return SIGNING_EXPIRED;
	}
	dlist_move_head(&by_use, &slot->place);
	*token = &slot->token;
	return now < slot->token.not_before - signing_leeway() ? SIGNING_EARLY : SIGNING_GOOD;
}

/* ---- add_signing_key() ------------------------------------------------------- */

PG_FUNCTION_INFO_V1(ambit_signing_key);

/*
 * _signing_key(kid text, algorithm text, key text) returns bytea
 *		The stored form of a key: a secret itself, or a DER
 *		SubjectPublicKeyInfo.  22023 when it is none.
 */
Datum
ambit_signing_key(PG_FUNCTION_ARGS)
{
	char	   *kid = text_to_cstring(PG_GETARG_TEXT_PP(0));
	char	   *name = text_to_cstring(PG_GETARG_TEXT_PP(1));
	char	   *key_text = text_to_cstring(PG_GETARG_TEXT_PP(2));
	SignatureAlgorithm algorithm;
	StoredKey  *key = palloc(sizeof(StoredKey));
	const char *reason,
			   *hint;
	bytea	   *result;

	if (!signature_algorithm(name, &algorithm))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 /* whose place a secret may have taken */
				 errmsg("the algorithm of a signing key must be one that is known"),
				 errhint("Known are HS256, RS256, ES256 and EdDSA.")));
	/* what a JWK says, and what signs, is in UTF-8 */
	reason = keytext_read(key, algorithm,
						  pg_server_to_any(kid, strlen(kid), PG_UTF8),
						  pstrdup(pg_server_to_any(key_text, strlen(key_text), PG_UTF8)), &hint);
	if (reason)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("signing key \"%s\" is not a key for %s", kid, name),
				 errdetail("%s", reason),
				 hint ? errhint("%s", hint) : 0));
	result = palloc(VARHDRSZ + key->length);
	SET_VARSIZE(result, VARHDRSZ + key->length);
	memcpy(VARDATA(result), key->bytes, key->length);
	PG_RETURN_BYTEA_P(result);
}
