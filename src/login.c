/*
 * login.c
 *		Identity by a token, and by the database role that logged in.
 *
 * A token is the value of the setting ambit.token, which everybody may set: it
 * speaks for itself.  Set in a transaction it is verified there and then, and
 * an error tells that it was refused.  Whatever else puts a value there (the
 * server at a connection's start, a role's or database's default, the leader
 * of a parallel worker, the end of a savepoint or function) is judged when the
 * identity is next asked for, and one that does not hold means no identity.
 * It is shown to nobody.
 *
 * Mapped logins are rows of ambit.login; what was found is kept as long as
 * catalog_generation() stays.
 */
#include "postgres.h"
#include "compat.h"

#include "access/parallel.h"
#include "access/xact.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"

#include "catalog.h"
#include "login.h"
#include "plans.h"
#include "relationship.h"
#include "rights.h"
#include "signing.h"
#include "token.h"

/* What is known of a token that was verified when it was set. */
typedef struct VerifiedToken
{
	unsigned char hash[SIGNATURE_HASH_LENGTH];
	int64		fingerprint;	/* of the rights that it gave then */
	int			slot;			/* of its tenant */
	char		identity[FLEXIBLE_ARRAY_MEMBER];	/* stored form */
} VerifiedToken;

static const char *const verdicts[] = {
	[SIGNING_UNKNOWN] = "It is malformed, or not signed by a key that is known here.",
	[SIGNING_ISSUER] = "Its issuer is not the one that its key is for.",
	[SIGNING_AUDIENCE] = "It is for another audience.",
	[SIGNING_TENANT] = "Its key is not for its tenant.",
	[SIGNING_EARLY] = "It is not valid yet.",
	[SIGNING_EXPIRED] = "It has expired.",
};

static char *token_guc = NULL;
static bool defining = false;	/* the setting takes over what was set before */

/* of the token in token_guc; NULL when it was not verified as it was set */
static const VerifiedToken *verified = NULL;

/* what check_token() made last, which assign_token() has not seen yet */
static const VerifiedToken *fresh = NULL;

/* the member has, or had when the token was set, a role */
static bool admitted = false;

/* whom a role is mapped to, as far as it was looked up */
static MemoryContext mapped_context = NULL;
static bool mapped_known = false;
static uint64 mapped_generation;
static Oid	mapped_role;
static const char *mapped = "";	/* in its stored form; "" for nobody */

/* ---- tokens ----------------------------------------------------------------- */

/*
 * Judges a token.  The hash is made unless it is known.
 */
static SigningVerdict
judge(const char *text, unsigned char *hash, bool hash_known, const SigningToken **token)
{
	size_t		length = strnlen(text, TOKEN_MAX_LENGTH + 1);

	*token = NULL;
	if (length > TOKEN_MAX_LENGTH ||
		(!hash_known && !signature_hash(text, length, hash)))
		return SIGNING_UNKNOWN;
	return signing_verify(text, hash, token);
}

static bool
refuse_token(const char *detail)
{
	GUC_check_errcode(ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION);
	GUC_check_errmsg("token refused");
	GUC_check_errdetail("%s", detail);
	return false;
}

static const char no_member[] = "Its user is no member of its tenant, or has no role that is valid now.";

/*
 * Verifies a token that is being set, here and now.
 */
static bool
verify_token(const char *text, void **extra)
{
	unsigned char hash[SIGNATURE_HASH_LENGTH];
	const SigningToken *token;
	SigningVerdict verdict;
	const Rights *rights;
	size_t		size;
	VerifiedToken *result;

	catalog_accept();
	verdict = judge(text, hash, false, &token);
	if (verdict != SIGNING_GOOD)
		return refuse_token(verdicts[verdict]);
	rights = rights_of(token->identity.tenant, token->identity.user_id, token->identity.channel);
	if (rights->nroles == 0)
		return refuse_token(no_member);

	size = strlen(token->stored) + 1;
	result = guc_malloc(LOG, offsetof(VerifiedToken, identity) + size);
	if (result == NULL)
	{
		GUC_check_errcode(ERRCODE_OUT_OF_MEMORY);
		GUC_check_errmsg("out of memory");
		return false;
	}
	memcpy(result->hash, hash, sizeof(hash));
	result->fingerprint = rights->fingerprint;
	result->slot = catalog_slot(token->identity.tenant);
	memcpy(result->identity, token->stored, size);
	*extra = result;
	fresh = result;
	/* what comes after it is to be known when it goes, see assign_token() */
	(void) login_by_role(GetSessionUserId());
	return true;
}

static bool
check_token(char **newval, void **extra, GucSource source)
{
	const char *message,
			   *hint;

	fresh = NULL;
	if (defining || identity_is_being_set() || InitializingParallelWorker ||
		source != PGC_S_SESSION || !IsTransactionState())
		return true;
	if (InSecurityRestrictedOperation())
	{
		GUC_check_errcode(ERRCODE_INSUFFICIENT_PRIVILEGE);
		GUC_check_errmsg("permission denied to set parameter \"%s\"", "ambit.token");
		return false;
	}
	message = plans_in_the_way(&hint);
	if (message)
	{
		GUC_check_errcode(ERRCODE_OBJECT_IN_USE);
		GUC_check_errmsg("cannot set ambit.token while %s", message);
		GUC_check_errhint("%s", hint);
		return false;
	}
	return (*newval)[0] == '\0' || verify_token(*newval, extra);
}

static void
assign_token(const char *newval, void *extra)
{
	const VerifiedToken *token = extra;

	verified = token;
	admitted = (token != NULL);
	if (token != NULL && token == fresh)
	{
		identity_changed();
		plans_accept(token->fingerprint, token->slot);
	}
	else if (newval == NULL || newval[0] == '\0')
		identity_follows(identity_below_token());
	else
		identity_follows(token ? token->identity : NULL);
	fresh = NULL;
}

/*
 * The setting that SHOW and its like show.
 */
static const char *
show_token(void)
{
	return login_has_token() ? "(set)" : "";
}

/*
 * Defines the setting.  From _PG_init.
 */
void
login_init(void)
{
	mapped_context = AllocSetContextCreate(TopMemoryContext, "ambit login",
										   ALLOCSET_SMALL_SIZES);
	defining = true;
	DefineCustomStringVariable("ambit.token",
							   "A signed token that says who the session acts for.",
							   "As ambit.login() sets it. It is not shown.",
							   &token_guc, "",
							   PGC_USERSET,
							   GUC_NOT_IN_SAMPLE | GUC_DISALLOW_IN_FILE | GUC_NO_SHOW_ALL,
							   check_token, assign_token, show_token);
	defining = false;
}

bool
login_has_token(void)
{
	return token_guc != NULL && token_guc[0] != '\0';
}

/*
 * A token that was verified when it was set is judged by its signature, claims
 * and time only: a member who is removed since has no rights, as with assume().
 */
const char *
login_by_token(TimestampTz *until)
{
	unsigned char hash[SIGNATURE_HASH_LENGTH];
	const SigningToken *token;
	SigningVerdict verdict;

	*until = DT_NOEND;
	if (verified)
		memcpy(hash, verified->hash, sizeof(hash));
	verdict = judge(token_guc, hash, verified != NULL, &token);
	if (verdict == SIGNING_EARLY)
		*until = token->not_before - signing_leeway();
	if (verdict != SIGNING_GOOD)
		return "";
	if (!admitted)
	{
		if (relationship_running())
		{
			*until = DT_NOBEGIN;
			return "";
		}
		if (rights_of(token->identity.tenant, token->identity.user_id,
					  token->identity.channel)->nroles == 0)
			return "";
		admitted = true;
	}
	*until = token->expires + signing_leeway();
	return token->stored;
}

void
login_drop_token(bool session)
{
	if (session || login_has_token())
		(void) set_config_option("ambit.token", "", PGC_USERSET, PGC_S_SESSION,
								 session ? GUC_ACTION_SET : GUC_ACTION_LOCAL,
								 true, 0, false);
}

PG_FUNCTION_INFO_V1(ambit_login);

/*
 * login(token text, session boolean)
 *		Acts for the member that a signed token names.
 */
Datum
ambit_login(PG_FUNCTION_ARGS)
{
	bool		session = !PG_ARGISNULL(1) && PG_GETARG_BOOL(1);
	char	   *token;

	if (InSecurityRestrictedOperation())
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied for function %s", "ambit.login")));
	if (PG_ARGISNULL(0))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("token must not be null")));
	plans_refuse_while_running("call ambit.login()");
	token = text_to_cstring(PG_GETARG_TEXT_PP(0));
	if (token[0] == '\0')
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION),
				 errmsg("token refused"),
				 errdetail("%s", verdicts[SIGNING_UNKNOWN])));
	(void) set_config_option("ambit.token", token, PGC_USERSET, PGC_S_SESSION,
							 session ? GUC_ACTION_SET : GUC_ACTION_LOCAL,
							 true, 0, false);
	PG_RETURN_VOID();
}

/* ---- mapped logins ------------------------------------------------------------ */

const char *
login_by_role(Oid role)
{
	uint64		generation = catalog_generation();
	CatalogScan scan;
	HeapTuple	tuple;

	if (mapped_known && mapped_role == role && mapped_generation == generation)
		return mapped;
	mapped_known = false;
	mapped = "";
	MemoryContextReset(mapped_context);
	if (catalog_exists(CATALOG_LOGIN))
	{
		catalog_begin_role(&scan, CATALOG_LOGIN, role);
		if ((tuple = catalog_next(&scan)) != NULL)
		{
			MemoryContext old = MemoryContextSwitchTo(mapped_context);
			Identity	identity = {0};

			identity.tenant = catalog_text(&scan, tuple, 2);
			identity.user_id = catalog_text(&scan, tuple, 3);
			mapped = identity_format(&identity);
			MemoryContextSwitchTo(old);
		}
		catalog_end(&scan);
	}
	mapped_role = role;
	mapped_generation = generation;
	mapped_known = true;
	return mapped;
}

const char *
login_mapped(void)
{
	return mapped_known && mapped_role == GetSessionUserId() ? mapped : "";
}
