/*
 * keys.h
 *		Keys of rows: the application's ids, in whatever type its columns have.
 */
#ifndef AMBIT_KEYS_H
#define AMBIT_KEYS_H

#include "fmgr.h"
#include "utils/array.h"

typedef enum KeyClass
{
	KEY_UNBOUND,				/* no column: pseudo-type unknown */
	KEY_NONE,					/* a type that holds no keys */
	KEY_TEXT,					/* compared byte by byte */
	KEY_BPCHAR,					/* the same, trailing blanks aside */
	KEY_INT2,
	KEY_INT4,
	KEY_INT8,
	KEY_UUID,
	KEY_OUTPUT					/* any other type: by its output text */
} KeyClass;

typedef struct KeyType
{
	Oid			type;			/* as declared */
	Oid			base;			/* domains resolved */
	KeyClass	class;
	int16		typlen;
	bool		typbyval;
	char		typalign;
	FmgrInfo	output;			/* KEY_OUTPUT only */
	MemoryContext scratch;		/* KEY_OUTPUT only: for the output text */
} KeyType;

/* A key in comparable form; integers of any width are one int64. */
typedef struct Key
{
	const char *data;
	uint32		len;
} Key;

/* room for a key that is made from a fixed-size value */
typedef union KeyBuffer
{
	int64		integer;
	unsigned char uuid[16];
} KeyBuffer;

/*
 * A set of keys.  One that was made for a type serves columns of every type
 * that key_types_share_sets() with it.
 */
typedef struct KeySet KeySet;

extern void key_type_init(KeyType *type, Oid typid, MemoryContext context);
extern bool key_class_holds_keys(KeyClass class);
extern bool key_class_indexable(KeyClass class);
extern bool key_from_text(const KeyType *type, const char *text, bool exact, Key *key);
extern Key	key_from_datum(const KeyType *type, Datum value, KeyBuffer *buffer);
extern bool key_types_share_sets(const KeyType *a, const KeyType *b);
extern Key	key_convert(const KeyType *from, Key key, const KeyType *to, bool *ok);
extern bool key_to_datum(const KeyType *type, Key key, Datum *value);

static inline bool
key_equal(Key a, Key b)
{
	return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}

extern KeySet *key_set_create(const KeyType *type, int size, MemoryContext context);
extern void key_set_add(KeySet *set, Key key);
extern bool key_set_has(const KeySet *set, Key key);
extern int	key_set_size(const KeySet *set);
extern uint64 key_set_serial(const KeySet *set);
extern int	key_set_values(const KeySet *set, const KeyType *type, Datum *values, int max);
extern ArrayType *key_set_array(const KeySet *set, const KeyType *type, int max);

/* every key of a set, in the order in which they came; key: valid until the next call */
typedef void (*KeySetVisitor) (Key key, void *arg);

extern void key_set_visit(const KeySet *set, KeySetVisitor visit, void *arg);

#endif							/* AMBIT_KEYS_H */
