/*
 * row_key.c
 *		Keys of rows: ids that become values of columns.
 *
 * The first byte says the type of the column, the rest are two keys with a
 * '\0' between.  Besides memory: a key that converts is what its type prints
 * for it, letter by letter where it has to be exact; it comes back from the
 * column's value; and two keys that meet in one value are the same to
 * _same_key().
 */
#include "postgres.h"
#include "compat.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "keys.h"
#include "fuzz.h"

extern Datum ambit_same_key(PG_FUNCTION_ARGS);

static const KeyClass classes[] = {KEY_TEXT, KEY_BPCHAR, KEY_INT2, KEY_INT4, KEY_INT8, KEY_UUID};

typedef struct Pair
{
	const char *a;
	const char *b;
	bool		same;
} Pair;

static void
compare(void *arg)
{
	Pair	   *pair = arg;
	LOCAL_FCINFO(fcinfo, 2);

	InitFunctionCallInfoData(*fcinfo, NULL, 2, InvalidOid, NULL, NULL);
	fcinfo->args[0].value = PointerGetDatum(cstring_to_text(pair->a));
	fcinfo->args[1].value = PointerGetDatum(cstring_to_text(pair->b));
	fcinfo->args[0].isnull = fcinfo->args[1].isnull = false;
	pair->same = DatumGetBool(ambit_same_key(fcinfo));
}

static bool
are_same(const char *a, const char *b)
{
	Pair		pair = {a, b};

	CHECK(fuzz_try(compare, &pair) == 0);
	return pair.same;
}

/*
 * Converts a key, and looks at what became of it.
 */
static bool
convert(const KeyType *type, const char *text, Key *key)
{
	static const KeyType as_text = {.class = KEY_TEXT};
	KeyBuffer	buffer;
	KeySet	   *set;
	Key			printed,
				again;
	Datum		value;
	bool		ok,
				exact = key_from_text(type, text, true, key);

	if (!key_from_text(type, text, false, key))
	{
		CHECK(!exact);
		return false;
	}
	CHECK(key_to_datum(type, *key, &value));
	CHECK(key_equal(key_from_datum(type, value, &buffer), *key));

	printed = key_convert(type, *key, &as_text, &ok);
	CHECK(ok);
	CHECK(key_from_text(type, pnstrdup(printed.data, printed.len), true, &again));
	CHECK(key_equal(*key, again));
	if (exact)
		CHECK(printed.len == strlen(text) && memcmp(printed.data, text, printed.len) == 0);

	set = key_set_create(type, 0, CurrentMemoryContext);
	CHECK(!key_set_has(set, *key));
	key_set_add(set, *key);
	key_set_add(set, again);
	CHECK(key_set_has(set, *key) && key_set_size(set) == 1);
	return true;
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	KeyType		type = {.class = classes[fuzz_byte(&data, &size) % lengthof(classes)]};
	char	   *a = fuzz_string(data, size);
	size_t		skipped = Min(strlen(a) + 1, size);
	char	   *b = fuzz_string(data + skipped, size - skipped);
	Key			key_a,
				key_b;
	bool		is_a = convert(&type, a, &key_a),
				is_b = convert(&type, b, &key_b);

	CHECK(are_same(a, a));
	CHECK(are_same(a, b) == are_same(b, a));
	if (is_a && is_b && key_equal(key_a, key_b))
		CHECK(are_same(a, b));
	fuzz_clean();
	free(a);
	free(b);
	return 0;
}
