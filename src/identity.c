/*
 * identity.c
 *		Who the session acts for now: assume, logout, current_*.
 *
 * The identity in force comes from the first of these that there is: the token
 * in ambit.token (login.c), good or not; the value of ambit.identity, which
 * assume() sets; the login that the session's role is mapped to.  Both are
 * settings of the server's, so that identity follows transactions and
 * savepoints and reaches parallel workers by the server's own means.
 *
 * No SQL sets ambit.identity: the check hook refuses every value that does
 * not come from identity_set() below (or, in a parallel worker, from its
 * leader), superusers included; the context PGC_SUSET refuses RESET by
 * ordinary roles.  RESET ALL and DISCARD ALL end it, which is what poolers
 * count on.
 *
 * What is in force is looked up when it is asked for, and looked at again
 * whenever what it comes from may have changed without a setting: time and
 * keys for a token, the session's role and ambit.login without one.  A setting
 * that gets another value while a query on protected tables is at work, which
 * only RESET can do, ends the identity until the query is over.
 *
 * The stored form is that of identity_text.c.
 */
#include "postgres.h"
#include "compat.h"

#include "access/parallel.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_extension.h"
#include "commands/extension.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "catalog.h"
#include "identity.h"
#include "login.h"
#include "plans.h"
#include "rights.h"

typedef enum IdentitySource
{
	IDENTITY_ASSUMED,
	IDENTITY_TOKEN,
	IDENTITY_LOGIN,
	IDENTITY_ENDED				/* until the query at work is over */
} IdentitySource;

static char *identity_guc = NULL;
static bool setting = false;	/* identity_set() is at work */
static bool ended = false;		/* see above */

/* the identity in force, as of when it was looked up */
static MemoryContext identity_context = NULL;
static const char *stored = "";
static Identity parsed;
static bool parsed_any = false;
uint64		identity_serial_number = 1;

/* whether that still holds */
static bool known = false;
bool		identity_fixed = false;
static IdentitySource source;
static uint64 source_generation;
static uint64 source_changes;
static TimestampTz source_until;
static Oid	source_role;

static bool
check_identity(char **newval, void **extra, GucSource guc_source)
{
	if (setting || InitializingParallelWorker || (*newval)[0] == '\0')
		return true;
	GUC_check_errcode(ERRCODE_INSUFFICIENT_PRIVILEGE);
	GUC_check_errmsg("permission denied to set parameter \"%s\"", "ambit.identity");
	GUC_check_errhint("Call ambit.assume() to act for a user.");
	return false;
}

/*
 * It is to be looked up again.
 */
void
identity_changed(void)
{
	known = false;
	identity_fixed = false;
}

/*
 * The server gives one of the settings another value, by itself or for RESET.
 * next is the stored form of the identity that comes into force, NULL when it
 * is not known.
 */
void
identity_follows(const char *next)
{
	identity_changed();
	if (setting)
		return;
	if (plans_at_work > 0)
		ended = true;
	plans_identity_restored(next);
}

bool
identity_is_being_set(void)
{
	return setting;
}

static const char *
identity_below(const char *assumed)
{
	return assumed && assumed[0] != '\0' ? assumed : login_mapped();
}

const char *
identity_below_token(void)
{
	return identity_below(identity_guc);
}

static void
assign_identity(const char *newval, void *extra)
{
	if (!login_has_token())
		identity_follows(identity_below(newval));
}

/*
 * Defines the GUC.  From _PG_init.
 */
void
identity_init(void)
{
	identity_context = AllocSetContextCreate(TopMemoryContext, "ambit identity",
											 ALLOCSET_SMALL_SIZES);
	DefineCustomStringVariable("ambit.identity",
							   "Who the session acts for now.",
							   "Set by ambit.assume() and ambit.logout() only.",
							   &identity_guc, "",
							   PGC_SUSET,
							   GUC_NOT_IN_SAMPLE | GUC_DISALLOW_IN_FILE | GUC_NO_SHOW_ALL,
							   check_identity, assign_identity, NULL);
}

/*
 * Takes over what was looked up.
 */
static void
adopt(const char *string)
{
	MemoryContext old;

	if (strcmp(stored, string) == 0)
		return;
	/* should memory run out, there is none */
	parsed_any = false;
	stored = "";
	identity_serial_number++;
	MemoryContextReset(identity_context);
	old = MemoryContextSwitchTo(identity_context);
	string = pstrdup(string);
	parsed_any = identity_parse(&parsed, string);
	MemoryContextSwitchTo(old);
	stored = string;
}

/*
 * Looks up who it is.
 */
static void
look_up(void)
{
	const char *string = "";

	identity_changed();
	if (!IsTransactionState())
	{
		adopt("");
		return;
	}
	source_generation = catalog_generation();
	source_changes = catalog_changes();
	source_role = GetSessionUserId();
	source_until = DT_NOEND;
	ended = ended && plans_at_work > 0;
	if (ended)
		source = IDENTITY_ENDED;
	else if (login_has_token())
	{
		source = IDENTITY_TOKEN;
		string = login_by_token(&source_until);
	}
	else if (identity_guc && identity_guc[0] != '\0')
	{
		source = IDENTITY_ASSUMED;
		string = identity_guc;
	}
	else
	{
		source = IDENTITY_LOGIN;
		string = login_by_role(source_role);
	}
	adopt(string);
	known = true;
	identity_fixed = (source == IDENTITY_ASSUMED);
}

/*
 * Whether looking it up again would find the same.
 */
static bool
still_holds(void)
{
	switch (source)
	{
		case IDENTITY_ASSUMED:
			return true;
		case IDENTITY_ENDED:
			return plans_at_work > 0;
		case IDENTITY_TOKEN:
			/* one that does not hold may come to, by whatever change */
			return (parsed_any ? source_generation == catalog_generation() :
					source_changes == catalog_changes()) &&
				(source_until == DT_NOEND || GetCurrentTimestamp() < source_until);
		case IDENTITY_LOGIN:
			return source_role == GetSessionUserId() &&
				source_generation == catalog_generation();
	}
	return false;
}

void
identity_look(void)
{
	if (!known || !still_holds())
		look_up();
}

const Identity *
identity_current(void)
{
	catalog_accept();
	(void) identity_serial();
	return parsed_any ? &parsed : NULL;
}

const char *
identity_string(void)
{
	(void) identity_serial();
	return stored;
}

/*
 * Puts an identity in force, in the place of a token as well; NULL ends what
 * is in force.  Until the end of the transaction, or of the session.
 */
static void
identity_set(const Identity *identity, bool session)
{
	Rights	   *rights;

	setting = true;
	PG_TRY();
	{
		(void) set_config_option("ambit.identity", identity ? identity_format(identity) : "",
								 PGC_SUSET, PGC_S_SESSION,
								 session ? GUC_ACTION_SET : GUC_ACTION_LOCAL,
								 true, 0, false);
		login_drop_token(session);
	}
	PG_FINALLY();
	{
		setting = false;
	}
	PG_END_TRY();

	/* plans made for rights of another shape must not run any more */
	rights = rights_current();
	if (rights)
		plans_accept(rights->fingerprint, catalog_slot(rights->tenant));
}

/*
 * Whether the role stands in a table of roles (trusted_application,
 * administrator), by itself or by a membership that it inherits.
 */
static bool
role_listed(Oid role, CatalogTable table)
{
	CatalogScan scan;
	HeapTuple	tuple;
	bool		listed = false;

	catalog_begin(&scan, table, NULL, 0, NULL);
	while (!listed && (tuple = catalog_next(&scan)) != NULL)
	{
		bool		isnull;
		Oid			db_role = DatumGetObjectId(catalog_datum(&scan, tuple, 1, &isnull));

		if (!isnull)
			listed = (role == db_role || has_privs_of_role(role, db_role));
	}
	catalog_end(&scan);
	return listed;
}

/*
 * The owner of the extension, InvalidOid when it is not there.
 */
static Oid
extension_owner(void)
{
	Oid			extension = get_extension_oid("ambit", true);
	Relation	rel;
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;
	Oid			owner = InvalidOid;

	rel = table_open(ExtensionRelationId, AccessShareLock);
	ScanKeyInit(&key, Anum_pg_extension_oid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(extension));
	scan = systable_beginscan(rel, ExtensionOidIndexId, true, NULL, 1, &key);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
		owner = ((Form_pg_extension) GETSTRUCT(tuple))->extowner;
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return owner;
}

static bool
is_owner(Oid role)
{
	return superuser_arg(role) || extension_owner() == role;
}

static bool
is_dba(Oid role)
{
	return is_owner(role) || role_listed(role, CATALOG_ADMINISTRATOR);
}

/*
 * The one to judge is the role that the caller has set or logged in as: a
 * SECURITY DEFINER function in between lends nobody its authority.  Code that
 * the server runs on behalf of a table's owner (ANALYZE, autovacuum, REINDEX,
 * REFRESH) has nobody's.
 */
bool
identity_is_dba(void)
{
	return !InSecurityRestrictedOperation() && is_dba(GetOuterUserId());
}

/*
 * Whether a role may act for others.  The list of trusted applications first:
 * they ask in every transaction.
 */
static bool
may_assume(Oid role)
{
	return superuser_arg(role) || role_listed(role, CATALOG_TRUSTED_APPLICATION) || is_dba(role);
}

/*
 * Whether there is a row with this key in a table.
 */
static bool
row_exists(CatalogTable table, int nkeys, const char *const *keys)
{
	CatalogScan scan;
	bool		exists;

	catalog_begin(&scan, table, NULL, nkeys, keys);
	exists = HeapTupleIsValid(catalog_next(&scan));
	catalog_end(&scan);
	return exists;
}

PG_FUNCTION_INFO_V1(ambit_assume);
PG_FUNCTION_INFO_V1(ambit_logout);
PG_FUNCTION_INFO_V1(ambit_current_tenant);
PG_FUNCTION_INFO_V1(ambit_current_user_id);
PG_FUNCTION_INFO_V1(ambit_current_channel);
PG_FUNCTION_INFO_V1(ambit_is_dba);
PG_FUNCTION_INFO_V1(ambit_require_dba);
PG_FUNCTION_INFO_V1(ambit_require_owner);

/*
 * assume(tenant text, user_id text, channel text, session boolean)
 *		Acts for a member, or for a visitor when user_id is NULL.
 */
Datum
ambit_assume(PG_FUNCTION_ARGS)
{
	Identity	identity = {0};
	const char *keys[2];
	bool		is_member;
	bool		session = !PG_ARGISNULL(3) && PG_GETARG_BOOL(3);
	Oid			role = GetOuterUserId();

	/* both: neither lends a function its authority to the other */
	if (InSecurityRestrictedOperation() || !may_assume(role) ||
		(GetUserId() != role && !may_assume(GetUserId())))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied for function %s", "ambit.assume"),
				 errdetail("Role \"%s\" is not trusted to act for others.",
						   GetUserNameFromId(may_assume(role) ? GetUserId() : role, true)),
				 errhint("The DBA can call ambit.trust_application() for it.")));
	if (PG_ARGISNULL(0))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("tenant must not be null")));
	plans_refuse_while_running("call ambit.assume()");

	identity.tenant = text_to_cstring(PG_GETARG_TEXT_PP(0));
	if (!PG_ARGISNULL(1))
		identity.user_id = text_to_cstring(PG_GETARG_TEXT_PP(1));
	if (!PG_ARGISNULL(2))
		identity.channel = rights_known_channel(text_to_cstring(PG_GETARG_TEXT_PP(2)));

	keys[0] = identity.tenant;
	keys[1] = identity.user_id;
	/* a member's tenant is there */
	is_member = identity.user_id != NULL &&
		strlen(identity.tenant) <= IDENTITY_MAX_FIELD &&
		strlen(identity.user_id) <= IDENTITY_MAX_FIELD && row_exists(CATALOG_MEMBER, 2, keys);
	if (!is_member &&
		(strlen(identity.tenant) > IDENTITY_MAX_FIELD || !row_exists(CATALOG_TENANT, 1, keys)))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("tenant \"%s\" does not exist", identity.tenant)));
	if (identity.user_id && !is_member)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("user \"%s\" is not a member of tenant \"%s\"",
						identity.user_id, identity.tenant)));

	identity_set(&identity, session);
	PG_RETURN_VOID();
}

/*
 * logout()
 *		Ends the identity in force, of the transaction and of the session.  What
 *		the session's role is mapped to is in force then.
 */
Datum
ambit_logout(PG_FUNCTION_ARGS)
{
	if (InSecurityRestrictedOperation())
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied for function %s", "ambit.logout")));
	plans_refuse_while_running("call ambit.logout()");
	identity_set(NULL, true);
	PG_RETURN_VOID();
}

static Datum
text_or_null(FunctionCallInfo fcinfo, const char *value)
{
	if (value == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(value));
}

/*
 * current_tenant() returns text
 */
Datum
ambit_current_tenant(PG_FUNCTION_ARGS)
{
	const Identity *identity = identity_current();

	return text_or_null(fcinfo, identity ? identity->tenant : NULL);
}

/*
 * current_user_id() returns text
 */
Datum
ambit_current_user_id(PG_FUNCTION_ARGS)
{
	const Identity *identity = identity_current();

	return text_or_null(fcinfo, identity ? identity->user_id : NULL);
}

/*
 * current_channel() returns text
 */
Datum
ambit_current_channel(PG_FUNCTION_ARGS)
{
	const Identity *identity = identity_current();

	return text_or_null(fcinfo, identity ? identity->channel : NULL);
}

/*
 * _is_dba() returns boolean
 */
Datum
ambit_is_dba(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(identity_is_dba());
}

/*
 * _require_dba(function text)
 *		42501 unless the caller is the DBA.
 */
Datum
ambit_require_dba(PG_FUNCTION_ARGS)
{
	if (!identity_is_dba())
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied for function ambit.%s",
						text_to_cstring(PG_GETARG_TEXT_PP(0))),
				 errdetail("Only the DBA may call it: a superuser, the owner of the extension, or a role with administration."),
				 errhint("A superuser can call ambit.grant_administration() for the role.")));
	PG_RETURN_VOID();
}

/*
 * _require_owner(function text)
 *		42501 unless the caller is a superuser or owns the extension.
 */
Datum
ambit_require_owner(PG_FUNCTION_ARGS)
{
	if (InSecurityRestrictedOperation() || !is_owner(GetOuterUserId()))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied for function ambit.%s",
						text_to_cstring(PG_GETARG_TEXT_PP(0))),
				 errdetail("Only a superuser or the owner of the extension may call it.")));
	PG_RETURN_VOID();
}
