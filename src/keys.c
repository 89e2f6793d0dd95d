/*
 * keys.c
 *		Keys of rows: the application's ids, in whatever type its columns have.
 *
 * ambit knows tenants, users, locations, groups and the members' own rows by
 * text.  A column may have any type.  A key is converted once to the type of
 * the column, and the comparison is one of bytes, which never raises and never
 * depends on a collation:
 *
 *	text, varchar		the bytes
 *	bpchar				the bytes without trailing blanks
 *	int2, int4, int8	one int64
 *	uuid				its 16 bytes
 *	anything else		the text that the type's output function makes
 *
 * The last one is right for every type whose text does not depend on settings,
 * but no index serves it; columns of other types hold no keys.  A key that does
 * not convert equals nothing.
 */
#include "postgres.h"
#include "compat.h"

#include "catalog/pg_collation.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "utils/builtins.h"
#include "utils/formatting.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/uuid.h"

#include "keys.h"

/* An integer of a set; nothing is allocated for it. */
typedef struct IntegerElement
{
	int64		key;
	char		status;
} IntegerElement;

#define SH_PREFIX integers
#define SH_ELEMENT_TYPE IntegerElement
#define SH_KEY_TYPE int64
#define SH_KEY key
#define SH_HASH_KEY(tb, k) murmurhash32((uint32) (k) ^ (uint32) ((uint64) (k) >> 32) * 0x9E3779B9)
#define SH_EQUAL(tb, a, b) ((a) == (b))
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

typedef struct BytesElement
{
	Key			key;
	uint32		hash;
	char		status;
} BytesElement;

#define SH_PREFIX bytes
#define SH_ELEMENT_TYPE BytesElement
#define SH_KEY_TYPE Key
#define SH_KEY key
#define SH_HASH_KEY(tb, k) hash_bytes((const unsigned char *) (k).data, (k).len)
#define SH_EQUAL(tb, a, b) key_equal(a, b)
#define SH_STORE_HASH
#define SH_GET_HASH(tb, e) (e)->hash
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

/* sizes of the pieces of memory that the bytes of keys are put into */
#define FIRST_PIECE 256
#define LARGEST_PIECE (64 * 1024)

struct KeySet
{
	uint64		serial;			/* never used twice */
	MemoryContext context;
	integers_hash *integers;	/* integers of any width; else NULL */
	bytes_hash *bytes;			/* everything else */
	void	   *order;			/* all keys as they came: int64s, or Keys */
	int			size;
	Size		order_room;		/* for so many */
	char	   *piece;			/* room for the bytes of further keys */
	Size		room;
	Size		piece_size;
};

static void
set_builtin(KeyType *type, KeyClass class, int16 typlen, bool typbyval, char typalign)
{
	type->class = class;
	type->typlen = typlen;
	type->typbyval = typbyval;
	type->typalign = typalign;
}

/*
 * The usual types, as the server defines them: nothing is looked up.  False
 * for others.
 */
static bool
init_builtin(KeyType *type)
{
	switch (type->base)
	{
		case TEXTOID:
		case VARCHAROID:
			set_builtin(type, KEY_TEXT, -1, false, TYPALIGN_INT);
			return true;
		case BPCHAROID:
			set_builtin(type, KEY_BPCHAR, -1, false, TYPALIGN_INT);
			return true;
		case INT2OID:
			set_builtin(type, KEY_INT2, sizeof(int16), true, TYPALIGN_SHORT);
			return true;
		case INT4OID:
			set_builtin(type, KEY_INT4, sizeof(int32), true, TYPALIGN_INT);
			return true;
		case INT8OID:
			set_builtin(type, KEY_INT8, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE);
			return true;
		case UUIDOID:
			set_builtin(type, KEY_UUID, UUID_LEN, false, TYPALIGN_CHAR);
			return true;
		default:
			return false;
	}
}

/*
 * Describes the type of a column.  context lives as long as the KeyType.
 */
void
key_type_init(KeyType *type, Oid typid, MemoryContext context)
{
	Oid			output;
	bool		isvarlena;
	char		category;
	bool		preferred;

	memset(type, 0, sizeof(KeyType));
	type->type = type->base = typid;
	if (typid == UNKNOWNOID || !OidIsValid(typid))
	{
		type->base = InvalidOid;
		type->class = KEY_UNBOUND;
		return;
	}
	if (init_builtin(type))
		return;
	type->base = getBaseType(typid);
	if (init_builtin(type))
		return;
	get_typlenbyvalalign(type->base, &type->typlen, &type->typbyval, &type->typalign);
	getTypeOutputInfo(type->base, &output, &isvarlena);
	get_type_category_preferred(type->base, &category, &preferred);
	/* what a setting changes is no key; geometric types are made of float8 */
	if ((func_volatile(output) != PROVOLATILE_IMMUTABLE && !type_is_enum(type->base)) ||
		type->base == FLOAT4OID || type->base == FLOAT8OID || type->base == BYTEAOID ||
		category == TYPCATEGORY_GEOMETRIC)
	{
		type->class = KEY_NONE;
		return;
	}
	type->class = KEY_OUTPUT;
	fmgr_info_cxt(output, &type->output, context);
	type->scratch = AllocSetContextCreate(context, "ambit key output", ALLOCSET_SMALL_SIZES);
}

static inline bool
is_integer(KeyClass class)
{
	return class == KEY_INT2 || class == KEY_INT4 || class == KEY_INT8;
}

/*
 * Whether the keys of the two types are the same bytes for the same text.
 */
bool
key_types_share_sets(const KeyType *a, const KeyType *b)
{
	return a->class == b->class || (is_integer(a->class) && is_integer(b->class));
}

/*
 * Whether a column of this class can hold a key at all.
 */
bool
key_class_holds_keys(KeyClass class)
{
	return class != KEY_UNBOUND && class != KEY_NONE;
}

/*
 * Whether an index on a column of this class can look a key up.
 */
bool
key_class_indexable(KeyClass class)
{
	return key_class_holds_keys(class) && class != KEY_OUTPUT;
}

static Key
make_key(const void *data, Size len)
{
	Key			key;

	key.data = data;
	key.len = (uint32) len;
	return key;
}

static Key
copy_key(const void *data, Size len)
{
	char	   *copy = palloc(Max(len, 1));

	memcpy(copy, data, len);
	return make_key(copy, len);
}

/*
 * Reads a decimal integer.  exact: only the way that the type prints it, so
 * that no two texts mean one number.
 */
static bool
parse_integer(const char *text, bool exact, int64 min, int64 max, int64 *result)
{
	const char *p = text;
	bool		negative = false;
	uint64		value = 0;

	if (*p == '-' || (*p == '+' && !exact))
		negative = (*p++ == '-');
	if (*p < '0' || *p > '9')
		return false;
	if (exact && *p == '0' && (p[1] != '\0' || negative))
		return false;
	for (; *p >= '0' && *p <= '9'; p++)
	{
		if (value > (PG_UINT64_MAX - 9) / 10)
			return false;
		value = value * 10 + (*p - '0');
	}
	if (*p != '\0' || value > (uint64) PG_INT64_MAX + (negative ? 1 : 0))
		return false;
	*result = negative ? (int64) (0 - value) : (int64) value;
	return *result >= min && *result <= max;
}

/*
 * Reads a UUID as uuid_in does: hexadecimal digits, a hyphen allowed after
 * each group of four, braces around.  exact: only the way it is printed.
 */
static bool
parse_uuid(const char *text, bool exact, unsigned char *uuid)
{
	const char *p = text;
	bool		braces = (*p == '{');

	if (exact)
	{
		if (strlen(text) != 36)
			return false;
		for (int i = 0; i < 36; i++)
		{
			bool		hyphen = (i == 8 || i == 13 || i == 18 || i == 23);

			if ((text[i] == '-') != hyphen || (text[i] >= 'A' && text[i] <= 'F'))
				return false;
		}
	}
	if (braces)
		p++;
	for (int i = 0; i < 16; i++)
	{
		int			byte = 0;

		for (int j = 0; j < 2; j++, p++)
		{
			if (*p >= '0' && *p <= '9')
				byte = byte * 16 + (*p - '0');
			else if (*p >= 'a' && *p <= 'f')
				byte = byte * 16 + (*p - 'a' + 10);
			else if (*p >= 'A' && *p <= 'F')
				byte = byte * 16 + (*p - 'A' + 10);
			else
				return false;
		}
		uuid[i] = (unsigned char) byte;
		if (*p == '-' && i % 2 == 1 && i < 15)
			p++;
	}
	if (braces && *p++ != '}')
		return false;
	return *p == '\0';
}

/*
 * Converts the text of a key to a type; false when it does not convert.  The
 * key is palloc'd or points into the text.  exact is for ids of which two must
 * never meet in one value: tenants, locations, groups.
 */
bool
key_from_text(const KeyType *type, const char *text, bool exact, Key *key)
{
	int64		value;
	unsigned char uuid[16];
	size_t		len = strlen(text);

	switch (type->class)
	{
		case KEY_TEXT:
		case KEY_OUTPUT:
			*key = make_key(text, len);
			return true;
		case KEY_BPCHAR:
			*key = make_key(text, len);
			return len == 0 || text[len - 1] != ' ';
		case KEY_INT2:
			if (!parse_integer(text, exact, PG_INT16_MIN, PG_INT16_MAX, &value))
				return false;
			break;
		case KEY_INT4:
			if (!parse_integer(text, exact, PG_INT32_MIN, PG_INT32_MAX, &value))
				return false;
			break;
		case KEY_INT8:
			if (!parse_integer(text, exact, PG_INT64_MIN, PG_INT64_MAX, &value))
				return false;
			break;
		case KEY_UUID:
			if (!parse_uuid(text, exact, uuid))
				return false;
			*key = copy_key(uuid, sizeof(uuid));
			return true;
		case KEY_UNBOUND:
		case KEY_NONE:
			return false;
	}
	*key = copy_key(&value, sizeof(value));
	return true;
}

/*
 * The key of a column's value.  It lives in the value, in the buffer, or, for
 * KEY_OUTPUT, in the type's scratch context until the next call.
 */
Key
key_from_datum(const KeyType *type, Datum value, KeyBuffer *buffer)
{
	switch (type->class)
	{
		case KEY_TEXT:
		case KEY_BPCHAR:
			{
				text	   *t = DatumGetTextPP(value);
				int			len = VARSIZE_ANY_EXHDR(t);

				if (type->class == KEY_BPCHAR)
					while (len > 0 && VARDATA_ANY(t)[len - 1] == ' ')
						len--;
				return make_key(VARDATA_ANY(t), len);
			}
		case KEY_INT2:
			buffer->integer = DatumGetInt16(value);
			return make_key(buffer, sizeof(int64));
		case KEY_INT4:
			buffer->integer = DatumGetInt32(value);
			return make_key(buffer, sizeof(int64));
		case KEY_INT8:
			buffer->integer = DatumGetInt64(value);
			return make_key(buffer, sizeof(int64));
		case KEY_UUID:
			return make_key(DatumGetUUIDP(value)->data, UUID_LEN);
		case KEY_OUTPUT:
			{
				MemoryContext old;
				char	   *text;

				MemoryContextReset(type->scratch);
				old = MemoryContextSwitchTo(type->scratch);
				text = OutputFunctionCall((FmgrInfo *) &type->output, value);
				MemoryContextSwitchTo(old);
				return make_key(text, strlen(text));
			}
		case KEY_UNBOUND:
		case KEY_NONE:
			break;
	}
	elog(ERROR, "no key in a column that is not bound");
	return make_key("", 0);
}

/*
 * A key of one type as a key of another; *ok is false when there is none.
 */
Key
key_convert(const KeyType *from, Key key, const KeyType *to, bool *ok)
{
	char	   *text;
	Key			result = key;

	*ok = true;
	if (key_types_share_sets(from, to))
		return key;
	if (is_integer(from->class))
	{
		int64		value;

		memcpy(&value, key.data, sizeof(value));
		text = psprintf(INT64_FORMAT, value);
	}
	else if (from->class == KEY_UUID)
	{
		pg_uuid_t	uuid;

		memcpy(uuid.data, key.data, UUID_LEN);
		text = DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(&uuid)));
	}
	else
		text = pnstrdup(key.data, key.len);
	*ok = key_from_text(to, text, false, &result);
	return result;
}

/*
 * A value of the type for a key; false when its range does not hold it.
 * Palloc'd where the type is passed by reference.
 */
bool
key_to_datum(const KeyType *type, Key key, Datum *value)
{
	int64		integer = 0;

	if (is_integer(type->class))
		memcpy(&integer, key.data, sizeof(integer));
	switch (type->class)
	{
		case KEY_TEXT:
		case KEY_BPCHAR:
			*value = PointerGetDatum(cstring_to_text_with_len(key.data, key.len));
			return true;
		case KEY_INT2:
			*value = Int16GetDatum((int16) integer);
			return integer >= PG_INT16_MIN && integer <= PG_INT16_MAX;
		case KEY_INT4:
			*value = Int32GetDatum((int32) integer);
			return integer >= PG_INT32_MIN && integer <= PG_INT32_MAX;
		case KEY_INT8:
			*value = Int64GetDatum(integer);
			return true;
		case KEY_UUID:
			{
				pg_uuid_t  *uuid = palloc(sizeof(pg_uuid_t));

				memcpy(uuid->data, key.data, UUID_LEN);
				*value = UUIDPGetDatum(uuid);
				return true;
			}
		case KEY_OUTPUT:
		case KEY_UNBOUND:
		case KEY_NONE:
			break;
	}
	return false;
}

static inline Size
order_element(const KeySet *set)
{
	return set->integers ? sizeof(int64) : sizeof(Key);
}

/*
 * The nth key of a set, in the order in which they came.
 */
static inline Key
nth_key(const KeySet *set, int n)
{
	return set->integers ? make_key((int64 *) set->order + n, sizeof(int64)) : ((Key *) set->order)[n];
}

/*
 * An empty set.  It and its keys live in context.
 */
KeySet *
key_set_create(const KeyType *type, int size, MemoryContext context)
{
	static uint64 last_serial = 0;
	KeySet	   *set = MemoryContextAllocZero(context, sizeof(KeySet));

	set->serial = ++last_serial;
	set->context = context;
	set->piece_size = FIRST_PIECE;
	if (is_integer(type->class))
		set->integers = integers_create(context, Max(size, 8), NULL);
	else
		set->bytes = bytes_create(context, Max(size, 8), NULL);
	set->order_room = Max(size, 8);
	set->order = MemoryContextAllocHuge(context, set->order_room * order_element(set));
	return set;
}

/*
 * Makes room for another key, before it is added.
 */
static void
make_room(KeySet *set)
{
	if (set->size < set->order_room)
		return;
	set->order = repalloc_huge(set->order, 2 * set->order_room * order_element(set));
	set->order_room *= 2;
}

/*
 * A copy of the bytes of a key, for as long as the set lives.
 */
static Key
keep_bytes(KeySet *set, Key key)
{
	char	   *copy;

	if (key.len > set->room || set->piece == NULL)
	{
		if (key.len > set->piece_size / 4)
			return make_key(memcpy(MemoryContextAlloc(set->context, key.len), key.data, key.len),
							key.len);
		set->piece = MemoryContextAlloc(set->context, set->piece_size);
		set->room = set->piece_size;
		set->piece_size = Min(set->piece_size * 2, LARGEST_PIECE);
	}
	copy = set->piece;
	memcpy(copy, key.data, key.len);
	set->piece += key.len;
	set->room -= key.len;
	return make_key(copy, key.len);
}

static inline int64
key_integer(Key key)
{
	int64		integer;

	memcpy(&integer, key.data, sizeof(integer));
	return integer;
}

/*
 * Adds a copy of the key.
 */
void
key_set_add(KeySet *set, Key key)
{
	bool		found;

	make_room(set);
	if (set->integers)
	{
		int64		integer = key_integer(key);

		(void) integers_insert(set->integers, integer, &found);
		if (!found)
			((int64 *) set->order)[set->size++] = integer;
	}
	else
	{
		BytesElement *element = bytes_insert(set->bytes, key, &found);

		if (!found)
		{
			element->key = keep_bytes(set, key);
			((Key *) set->order)[set->size++] = element->key;
		}
	}
}

bool
key_set_has(const KeySet *set, Key key)
{
	if (set->integers)
		return integers_lookup(set->integers, key_integer(key)) != NULL;
	return bytes_lookup(set->bytes, key) != NULL;
}

int
key_set_size(const KeySet *set)
{
	return set->size;
}

/*
 * A number that no other set has or had.
 */
uint64
key_set_serial(const KeySet *set)
{
	return set->serial;
}

void
key_set_visit(const KeySet *set, KeySetVisitor visit, void *arg)
{
	for (int i = 0; i < set->size; i++)
		visit(nth_key(set, i), arg);
}

/*
 * Up to max of the keys as values of the type, from all over the set.  Returns
 * how many; keys out of the range of the type are none.
 */
int
key_set_values(const KeySet *set, const KeyType *type, Datum *values, int max)
{
	int			chosen = Min(set->size, max);
	int			n = 0;

	for (int i = 0; i < chosen; i++)
		if (key_to_datum(type, nth_key(set, (int64) i * set->size / chosen), &values[n]))
			n++;
	return n;
}

/*
 * Up to max of the keys as an array of the base type, in the order in which they
 * came: a view mostly tells them as an index has them, and the server, which
 * sorts what it looks for in an index, has less to do.
 */
ArrayType *
key_set_array(const KeySet *set, const KeyType *type, int max)
{
	int			n = Min(key_set_size(set), max);
	Datum	   *values = palloc_extended(sizeof(Datum) * Max(n, 1), MCXT_ALLOC_HUGE);
	ArrayType  *array;

	n = key_set_values(set, type, values, n);
	array = construct_array(values, n, type->base, type->typlen, type->typbyval, type->typalign);
	if (!type->typbyval)
		for (int i = 0; i < n; i++)
			pfree(DatumGetPointer(values[i]));
	pfree(values);
	return array;
}

PG_FUNCTION_INFO_V1(ambit_holds_keys);

/*
 * _holds_keys(type regtype) returns boolean
 *		Whether columns of a type can hold keys.
 */
Datum
ambit_holds_keys(PG_FUNCTION_ARGS)
{
	KeyType		type;

	key_type_init(&type, PG_GETARG_OID(0), CurrentMemoryContext);
	PG_RETURN_BOOL(key_class_holds_keys(type.class));
}

/*
 * A key in a form that is the same for all spellings of it: of a number, of a
 * uuid, of letters.
 */
static char *
common_spelling(const char *key)
{
	size_t		len = strlen(key);
	char	   *text,
			   *p,
			   *digits;
	int			nhex = 0,
				base = 10;
	bool		negative = false;
	char	   *end;
	unsigned long long number;

	while (len > 0 && isspace((unsigned char) *key))
		key++, len--;
	while (len > 0 && isspace((unsigned char) key[len - 1]))
		len--;
	text = str_tolower(key, len, DEFAULT_COLLATION_OID);

	/* a uuid, with braces and hyphens wherever */
	digits = palloc(strlen(text) + 1);
	for (p = text; *p; p++)
		if (isxdigit((unsigned char) *p))
			digits[nhex++] = *p;
		else if (strchr("{}-", *p) == NULL)
			break;
	if (*p == '\0' && nhex == 32)
		return pnstrdup(digits, nhex);

	/* an integer: sign, base and underscores as the input functions take them */
	p = text;
	if (*p == '+' || *p == '-')
		negative = (*p++ == '-');
	if (p[0] == '0' && p[1] != '\0' && strchr("xob", p[1]))
	{
		base = p[1] == 'x' ? 16 : p[1] == 'o' ? 8 : 2;
		p += 2;
	}
	len = 0;
	for (; *p; p++)
		if (*p != '_')
			digits[len++] = *p;
	digits[len] = '\0';
	if (len == 0 || !isxdigit((unsigned char) digits[0]))
		return text;
	errno = 0;
	number = strtoull(digits, &end, base);
	/* numbers with a fraction of nothing but zeros are integers, too */
	if (base == 10 && *end == '.')
		end += 1 + strspn(end + 1, "0");
	if (*end != '\0' || errno != 0)
		return text;
	return psprintf("%s%llu", negative && number != 0 ? "-" : "", number);
}

PG_FUNCTION_INFO_V1(ambit_same_key);

/*
 * _same_key(a text, b text) returns boolean
 *		Whether two keys could be one in some column.
 */
Datum
ambit_same_key(PG_FUNCTION_ARGS)
{
	char	   *a = common_spelling(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	char	   *b = common_spelling(text_to_cstring(PG_GETARG_TEXT_PP(1)));

	PG_RETURN_BOOL(strcmp(a, b) == 0);
}
