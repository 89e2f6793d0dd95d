/*
 * kept.c
 *		Answers kept for one statement, as many as there is memory for.
 *
 * Keys and answers are bytes.  Nothing is kept before some keys were asked
 * for: a statement of a few rows needs none.  When hash_mem is full it begins
 * anew, or ends for good when hardly a key came twice.
 */
#include "postgres.h"
#include "compat.h"

#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "kept.h"

/* answers are kept from this key on */
#define FIRST_KEPT 16

/* they are put together by so many bytes; what is longer than some is not kept */
#define BLOCK_SIZE 8192
#define MAX_SIZE (BLOCK_SIZE / 8)

/* A key, its answer behind it, aligned. */
typedef struct Item
{
	uint16		key_size;
	uint16		size;
	char		key[FLEXIBLE_ARRAY_MEMBER];
} Item;

#define item_answer(item) ((char *) (item) + MAXALIGN(offsetof(Item, key) + (item)->key_size))

typedef struct Slot
{
	Item	   *item;			/* NULL: the key that is looked for */
	uint32		hash;
	char		status;
} Slot;

struct Kept
{
	MemoryContext parent;
	MemoryContext context;		/* of what is kept; NULL: nothing yet */
	struct slots_hash *slots;
	char	   *space;
	Size		left;
	const void *key;			/* what is looked for */
	Size		key_size;
	uint32		hash;
	uint64		asked;
	uint64		hits;			/* since it was empty */
	bool		useless;
};

static bool
same_key(const Kept *kept, const Item *a, const Item *b)
{
	return (a ? a->key_size : kept->key_size) == (b ? b->key_size : kept->key_size) &&
		memcmp(a ? a->key : kept->key, b ? b->key : kept->key,
			   a ? a->key_size : kept->key_size) == 0;
}

#define SH_PREFIX slots
#define SH_ELEMENT_TYPE Slot
#define SH_KEY_TYPE Item *
#define SH_KEY item
#define SH_HASH_KEY(table, key) (((Kept *) (table)->private_data)->hash)
#define SH_EQUAL(table, a, b) same_key((table)->private_data, a, b)
#define SH_STORE_HASH
#define SH_GET_HASH(table, slot) (slot)->hash
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

Kept *
kept_create(MemoryContext context)
{
	Kept	   *kept = MemoryContextAllocZero(context, sizeof(Kept));

	kept->parent = context;
	return kept;
}

void *
kept_find(Kept *kept, const void *key, Size key_size, Size *size)
{
	Slot	   *slot;

	if (kept->useless || ++kept->asked < FIRST_KEPT || key_size > MAX_SIZE)
		return NULL;
	kept->key = key;
	kept->key_size = key_size;
	kept->hash = hash_bytes(key, key_size);
	slot = kept->slots ? slots_lookup(kept->slots, NULL) : NULL;
	if (slot == NULL)
		return NULL;
	kept->hits++;
	*size = slot->item->size;
	return item_answer(slot->item);
}

/*
 * Empties it when so much more would not fit; false when nothing is to be kept
 * any more.
 */
static bool
make_room(Kept *kept, Size size)
{
	if (kept->slots)
	{
		Size		used = MemoryContextMemAllocated(kept->context, true) + size;

		if (kept->slots->members >= kept->slots->grow_threshold)
			used += 2 * kept->slots->size * sizeof(Slot);
		if (used <= get_hash_memory_limit())
			return true;
		kept->useless = kept->hits < kept->slots->members / 4;
		MemoryContextDelete(kept->context);
		kept->context = NULL;
		kept->slots = NULL;
		kept->space = NULL;
		kept->left = 0;
		kept->hits = 0;
	}
	if (kept->useless)
		return false;
	kept->context = AllocSetContextCreate(kept->parent, "ambit kept answers",
										  ALLOCSET_DEFAULT_SIZES);
	kept->slots = slots_create(kept->context, 64, kept);
	return true;
}

void
kept_add(Kept *kept, const void *key, Size key_size, const void *answer, Size size)
{
	Size		needed = MAXALIGN(offsetof(Item, key) + key_size) + MAXALIGN(size);
	Item	   *item;
	bool		found;

	if (kept->useless || kept->asked < FIRST_KEPT || needed > MAX_SIZE ||
		!make_room(kept, needed))
		return;
	if (kept->left < needed)
	{
		kept->space = MemoryContextAlloc(kept->context, BLOCK_SIZE);
		kept->left = BLOCK_SIZE;
	}
	item = (Item *) kept->space;
	kept->space += needed;
	kept->left -= needed;
	item->key_size = key_size;
	item->size = size;
	memcpy(item->key, key, key_size);
	if (size > 0)
		memcpy(item_answer(item), answer, size);
	slots_insert_hash(kept->slots, item, hash_bytes(key, key_size), &found);
}
