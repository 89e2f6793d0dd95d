/*
 * permission.c
 *		The types permission and permission_set: what is read as one.
 *
 * The first byte says as what the rest is read.  Besides memory: what is read
 * and printed reads as the same again, in both forms; what reads as a
 * permission is the key of one; sets behave as arrays of booleans do; an error
 * is one of those that the functions name, and its hint leads to a key.
 */
#include "postgres.h"
#include "compat.h"

#include <regex.h>

#include "fmgr.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "permission_set.h"
#include "fuzz.h"

#define MAX_ID 128				/* above those of server.c */

extern Datum ambit_permission_in(PG_FUNCTION_ARGS);
extern Datum ambit_permission_out(PG_FUNCTION_ARGS);
extern Datum ambit_permission_recv(PG_FUNCTION_ARGS);
extern Datum ambit_permission_send(PG_FUNCTION_ARGS);
extern Datum ambit_permission_from_text(PG_FUNCTION_ARGS);
extern Datum ambit_register_permission(PG_FUNCTION_ARGS);
extern Datum ambit_permission_set_in(PG_FUNCTION_ARGS);
extern Datum ambit_permission_set_out(PG_FUNCTION_ARGS);
extern Datum ambit_permission_set_recv(PG_FUNCTION_ARGS);
extern Datum ambit_permission_set_send(PG_FUNCTION_ARGS);
extern Datum ambit_permission_set_eq(PG_FUNCTION_ARGS);
extern Datum ambit_permission_set_cmp(PG_FUNCTION_ARGS);
extern Datum ambit_permission_set_contains(PG_FUNCTION_ARGS);
extern Datum ambit_permission_set_overlaps(PG_FUNCTION_ARGS);
extern Datum ambit_permission_set_union(PG_FUNCTION_ARGS);
extern Datum ambit_permission_set_intersect(PG_FUNCTION_ARGS);
extern Datum ambit_permission_set_except(PG_FUNCTION_ARGS);

/* ---- calls ------------------------------------------------------------------- */

typedef struct Call
{
	PGFunction	function;
	Datum		args[2];
	Datum		result;
} Call;

static void
call_now(void *arg)
{
	Call	   *call = arg;
	LOCAL_FCINFO(fcinfo, 2);

	InitFunctionCallInfoData(*fcinfo, NULL, 2, InvalidOid, NULL, NULL);
	for (int i = 0; i < 2; i++)
	{
		fcinfo->args[i].value = call->args[i];
		fcinfo->args[i].isnull = false;
	}
	call->result = call->function(fcinfo);
	CHECK(!fcinfo->isnull);
}

static Datum
must(PGFunction function, Datum a, Datum b)
{
	Call		call = {function, {a, b}};

	CHECK(fuzz_try(call_now, &call) == 0);
	return call.result;
}

#define MUST_1(function, a) must(function, a, (Datum) 0)

/* a value as a message that somebody sends */
static Datum
message(const void *bytes, size_t size)
{
	StringInfo	buf = palloc(sizeof(StringInfoData));

	buf->data = palloc(size + 1);
	memcpy(buf->data, bytes, size);
	buf->data[size] = '\0';
	buf->len = buf->maxlen = (int) size;
	buf->cursor = 0;
	return PointerGetDatum(buf);
}

static Datum
sent(Datum bytes)
{
	return message(VARDATA(DatumGetPointer(bytes)), VARSIZE(DatumGetPointer(bytes)) - VARHDRSZ);
}

/* ---- what is to hold ------------------------------------------------------------ */

static bool
is_known(const char *key)
{
	for (int i = 0; i < fuzz_npermissions; i++)
		if (strcmp(fuzz_permissions[i], key) == 0)
			return true;
	return false;
}

static bool
is_prefix(const char *prefix, size_t length)
{
	for (int i = 0; i < fuzz_npermissions; i++)
		if (strncmp(fuzz_permissions[i], prefix, length) == 0 && fuzz_permissions[i][length] == '.')
			return true;
	return false;
}

/*
 * A hint that names something names a key, or a prefix of some.
 */
static void
check_hint(void)
{
	static const char begin[] = "Perhaps you meant \"";
	char	   *name = fuzz_hint + sizeof(begin) - 1;
	size_t		length;

	if (strncmp(fuzz_hint, begin, sizeof(begin) - 1) != 0)
		return;
	length = strlen(name);
	CHECK(length > 2 && strcmp(name + length - 2, "\".") == 0);
	length -= 2;
	name[length] = '\0';
	if (length > 2 && strcmp(name + length - 2, ".*") == 0)
		CHECK(is_prefix(name, length - 2));
	else
		CHECK(is_known(name));
}

static void
check_permission(Datum permission)
{
	Datum		text = MUST_1(ambit_permission_out, permission);

	CHECK(IsBinaryUpgrade || is_known(DatumGetCString(text)));
	CHECK(MUST_1(ambit_permission_in, text) == permission);
	CHECK(IsBinaryUpgrade ||
		  MUST_1(ambit_permission_recv, sent(MUST_1(ambit_permission_send, permission))) == permission);
}

static void
check_same_set(Datum a, Datum b)
{
	CHECK(VARSIZE(DatumGetPointer(a)) == VARSIZE(DatumGetPointer(b)));
	CHECK(memcmp(DatumGetPointer(a), DatumGetPointer(b), VARSIZE(DatumGetPointer(a))) == 0);
}

static void
check_set(Datum set)
{
	PermissionSet *ids = DatumGetPermissionSetP(set);

	CHECK(ids->n <= fuzz_npermissions);
	for (int i = 0; i < ids->n; i++)
	{
		CHECK(i == 0 || ids->ids[i - 1] < ids->ids[i]);
		check_permission(PermissionIdGetDatum(ids->ids[i]));
	}
	check_same_set(set, MUST_1(ambit_permission_set_in, MUST_1(ambit_permission_set_out, set)));
	check_same_set(set, MUST_1(ambit_permission_set_recv, sent(MUST_1(ambit_permission_set_send, set))));
}

static void
set_flags(Datum set, bool *flags)
{
	PermissionSet *ids = DatumGetPermissionSetP(set);

	memset(flags, 0, MAX_ID);
	for (int i = 0; i < ids->n; i++)
	{
		CHECK(ids->ids[i] > 0 && ids->ids[i] < MAX_ID);
		flags[ids->ids[i]] = true;
	}
}

/*
 * Two sets and all that is made of two sets.
 */
static void
check_sets(Datum a, Datum b)
{
	bool		in_a[MAX_ID],
				in_b[MAX_ID],
				both[MAX_ID],
				any[MAX_ID],
				rest[MAX_ID];
	bool		contains = true,
				overlaps = false,
				equal = true;

	set_flags(a, in_a);
	set_flags(b, in_b);
	set_flags(must(ambit_permission_set_union, a, b), any);
	set_flags(must(ambit_permission_set_intersect, a, b), both);
	set_flags(must(ambit_permission_set_except, a, b), rest);
	for (int i = 1; i < MAX_ID; i++)
	{
		CHECK(any[i] == (in_a[i] || in_b[i]));
		CHECK(both[i] == (in_a[i] && in_b[i]));
		CHECK(rest[i] == (in_a[i] && !in_b[i]));
		CHECK(permission_set_has(DatumGetPermissionSetP(a), i) == in_a[i]);
		contains &= in_a[i] || !in_b[i];
		overlaps |= in_a[i] && in_b[i];
		equal &= in_a[i] == in_b[i];
	}
	CHECK(DatumGetBool(must(ambit_permission_set_contains, a, b)) == contains);
	CHECK(DatumGetBool(must(ambit_permission_set_overlaps, a, b)) == overlaps);
	CHECK(DatumGetBool(must(ambit_permission_set_eq, a, b)) == equal);
	CHECK((DatumGetInt32(must(ambit_permission_set_cmp, a, b)) == 0) == equal);
	CHECK(DatumGetInt32(must(ambit_permission_set_cmp, a, b)) ==
		  -DatumGetInt32(must(ambit_permission_set_cmp, b, a)));
	check_set(must(ambit_permission_set_union, a, b));
}

/*
 * Whether a text has the form of a key, as permission.sql says it.
 */
static bool
has_form(const char *key)
{
	static regex_t form;
	static bool ready = false;

	if (!ready)
		ready = regcomp(&form, "^[a-z0-9_]+(\\.[a-z0-9_]+){1,7}$", REG_EXTENDED | REG_NOSUB) == 0;
	CHECK(ready);
	return strlen(key) <= PERMISSION_KEY_MAX_LENGTH && regexec(&form, key, 0, NULL, 0) == 0;
}

/* ---- the target ----------------------------------------------------------------- */

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	unsigned char what = fuzz_byte(&data, &size) % 8;
	char	   *text = fuzz_string(data, size);
	size_t		length = strlen(text);
	Call		call = {0};
	int			code;

	IsBinaryUpgrade = (what == 5);
	call.args[0] = CStringGetDatum(text);
	switch (what)
	{
		case 0:					/* '0', '8': a permission */
		case 5:					/* '5': where they are written as ids */
			call.function = ambit_permission_in;
			break;
		case 1:
			call.function = ambit_permission_recv;
			call.args[0] = message(data, size);
			break;
		case 2:
			call.function = ambit_permission_from_text;
			call.args[0] = PointerGetDatum(cstring_to_text(text));
			break;
		case 3:
			call.function = ambit_register_permission;
			call.args[0] = PointerGetDatum(cstring_to_text(text));
			break;
		case 4:					/* a set, in text */
		case 6:					/* two of them, with a '\0' between */
			call.function = ambit_permission_set_in;
			break;
		case 7:
			call.function = ambit_permission_set_recv;
			call.args[0] = message(data, size);
			break;
	}
	if (size > 0 && data[size - 1] == '\0')
		fuzz_change_permissions();

	code = fuzz_try(call_now, &call);
	if (what == 3)
		CHECK(code == (is_known(text) ? 0 : has_form(text) ? ERRCODE_FEATURE_NOT_SUPPORTED :
					   ERRCODE_INVALID_NAME));
	else if (what < 4)
		CHECK(code == 0 || code == ERRCODE_UNDEFINED_OBJECT ||
			  (what == 1 && code == ERRCODE_CHARACTER_NOT_IN_REPERTOIRE));
	else
		CHECK(code == 0 || code == ERRCODE_UNDEFINED_OBJECT ||
			  code == ERRCODE_INVALID_TEXT_REPRESENTATION ||
			  (what == 7 && (code == ERRCODE_INVALID_BINARY_REPRESENTATION ||
							 code == ERRCODE_PROTOCOL_VIOLATION ||
							 code == ERRCODE_CHARACTER_NOT_IN_REPERTOIRE)));
	if (code == ERRCODE_UNDEFINED_OBJECT)
		check_hint();
	if (code == 0 && (what < 4 || what == 5))
	{
		if (what == 0 || what == 2)
			CHECK(is_known(text));
		if (what == 5 && text[0] == '#')
			CHECK(strspn(text + 1, "0123456789+ \t\n\v\f\r") == length - 1);
		check_permission(call.result);
	}
	else if (code == 0)
		check_set(call.result);
	if (code == 0 && what == 6 && size > length)
	{
		Datum		first = call.result;
		char	   *second = fuzz_string(data + length + 1, size - length - 1);

		call.args[0] = CStringGetDatum(second);
		if (fuzz_try(call_now, &call) == 0)
			check_sets(first, call.result);
		free(second);
	}
	fuzz_clean();
	free(text);
	return 0;
}
