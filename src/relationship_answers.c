/*
 * relationship_answers.c
 *		Who is related to whom: the answers, kept for the statement.
 *
 * Of a subject with many objects not all are read for the sake of a few: the
 * view is asked about one after the other, until so many have been asked about
 * that all are read after all.
 *
 * The answer is kept as long as the snapshot of the statement is the same in
 * all that decides visibility, so a statement asks once, however many scans,
 * loops or plans want to know.  Snapshots are compared by content; a rolled
 * back subtransaction counts as another snapshot.
 *
 * For estimates something is kept beyond that: how many objects a subject had
 * when they were counted last, and some of them.
 */
#include "postgres.h"
#include "compat.h"

#include "access/xact.h"
#include "common/hashfn.h"
#include "common/int.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "relationship_ask.h"

/* answers kept at a time */
#define MAX_ANSWERS 32

/* so many objects are read for an estimate where this backend does not know yet
 * how many there are, and where these are not all there may be so many times as
 * many */
#define FIRST_OBJECTS 20000
#define MORE_OBJECTS 50

/* subjects whose objects are counted, and how many of these are kept of each,
 * none of which is longer than so many bytes */
#define COUNTS 256
#define SAMPLE 32
#define SAMPLE_LENGTH 64

typedef struct TypedObjects
{
	KeyType		type;
	KeySet	   *keys;
} TypedObjects;

/* The objects of one subject under one snapshot. */
typedef struct Answer
{
	Asking		asking;
	bool		with_subject;
	SnapshotData snapshot;		/* a copy; xip and subxip in the context */
	uint64		rollbacks;
	Objects		objects;		/* all; or those asked about that are related */
	KeySet	   *others;			/* those asked about that are not */
	int			singles;		/* asked about so many */
	List	   *typed;			/* TypedObjects: all, for columns of other types */
} Answer;

/* How many objects a subject had when they were counted last. */
typedef struct Count
{
	uint64		hash;			/* of the subject, and so on; 0: none */
	double		size;
	Objects		sample;			/* context NULL: none */
} Count;

static uint64 dropped = 1;		/* answers dropped or completed so far, or more */
static MemoryContext answer_context = NULL;
static MemoryContext count_context = NULL;
static Count counts[COUNTS];
static int	nanswers = 0;
static Answer *answers[MAX_ANSWERS];	/* the latest first */

/*
 * Nothing outlives its transaction.
 */
static void
forget_answers(XactEvent event, void *arg)
{
	if (event != XACT_EVENT_COMMIT && event != XACT_EVENT_ABORT &&
		event != XACT_EVENT_PARALLEL_COMMIT && event != XACT_EVENT_PARALLEL_ABORT &&
		event != XACT_EVENT_PREPARE)
		return;
	nanswers = 0;
	dropped++;
	if (answer_context)
		MemoryContextReset(answer_context);
}

void
relationship_answers_init(void)
{
	RegisterXactCallback(forget_answers, NULL);
}

/*
 * Size of the subtransactions of a snapshot; a copy of one that overflowed
 * does not have them, and does not need them.
 */
static inline Size
subxip_size(const SnapshotData *snapshot)
{
	return snapshot->subxip == NULL || snapshot->subxcnt <= 0 ? 0 :
		sizeof(TransactionId) * snapshot->subxcnt;
}

static TransactionId *
copy_xids(const TransactionId *xids, Size size)
{
	TransactionId *copy;

	if (size == 0)
		return NULL;
	copy = palloc(size);
	memcpy(copy, xids, size);
	return copy;
}

static void
copy_snapshot(Answer *answer, Snapshot snapshot)
{
	answer->snapshot = *snapshot;
	answer->snapshot.xip = copy_xids(snapshot->xip, sizeof(TransactionId) * snapshot->xcnt);
	answer->snapshot.subxip = copy_xids(snapshot->subxip, subxip_size(snapshot));
	answer->rollbacks = relationship_rollbacks;
}

/*
 * Whether a snapshot shows what the answer's snapshot showed.
 */
static inline bool
same_snapshot(const Answer *answer, Snapshot snapshot)
{
	const SnapshotData *mine = &answer->snapshot;

	return mine->xmin == snapshot->xmin && mine->xmax == snapshot->xmax &&
		mine->curcid == snapshot->curcid && mine->xcnt == snapshot->xcnt &&
		mine->subxcnt == snapshot->subxcnt && mine->suboverflowed == snapshot->suboverflowed &&
		mine->takenDuringRecovery == snapshot->takenDuringRecovery &&
		answer->rollbacks == relationship_rollbacks &&
		(mine->xcnt == 0 ||
		 memcmp(mine->xip, snapshot->xip, sizeof(TransactionId) * mine->xcnt) == 0) &&
		subxip_size(mine) == subxip_size(snapshot) &&
		(subxip_size(mine) == 0 || memcmp(mine->subxip, snapshot->subxip, subxip_size(mine)) == 0);
}

/*
 * Moves an answer to the front and returns it.
 */
static Answer *
to_front(int i)
{
	Answer	   *answer = answers[i];

	for (; i > 0; i--)
		answers[i] = answers[i - 1];
	answers[0] = answer;
	return answer;
}

static uint64
hash_bytes_of(const void *bytes, Size size, uint64 seed)
{
	return DatumGetUInt64(hash_any_extended(bytes, (int) size, seed));
}

static uint64
hash_name(const char *name, uint64 seed)
{
	return hash_bytes_of(name, strlen(name), seed);
}

/*
 * Where the objects of a subject are counted.  Size below 0: they have not been,
 * or another one was counted there since.
 */
static Count *
find_count(const RelationshipSubject *subject)
{
	uint64		hash = hash_name(subject->subject,
								 hash_name(subject->relationship, hash_name(subject->tenant, 1)));
	Count	   *count;

	if (subject->window && subject->window->has_back)
		hash = hash_bytes_of(&subject->window->back, sizeof(int64), hash);
	if (subject->window && subject->window->has_ahead)
		hash = hash_bytes_of(&subject->window->ahead, sizeof(int64), hash + 1);
	count = &counts[hash % COUNTS];
	if (count->hash != hash)
	{
		count->hash = hash;
		count->size = -1.0;
	}
	return count;
}

static void
add_to_sample(Key key, void *arg)
{
	KeySet	   *sample = arg;

	if (key_set_size(sample) < SAMPLE && key.len <= SAMPLE_LENGTH)
		key_set_add(sample, key);
}

/*
 * Counts the objects, and takes others for the sample when their number is quite
 * another one.
 */
static void
count_objects(Count *count, const Objects *objects)
{
	double		size = key_set_size(objects->keys);
	bool		same = count->size >= 0 && Max(count->size, size) <= 1.2 * Min(count->size, size) + 2;
	MemoryContext context = NULL;
	Objects		sample = {0};

	if (!objects->complete)
		size *= MORE_OBJECTS;
	if (!same || count->sample.context == NULL)
	{
		if (count_context == NULL)
			count_context = AllocSetContextCreate(CacheMemoryContext, "ambit relationship sizes",
												  ALLOCSET_SMALL_SIZES);
		context = AllocSetContextCreate(count_context, "ambit relationship size",
										ALLOCSET_SMALL_SIZES);
		if (count->sample.context)
			MemoryContextDelete(count->sample.context);
		count->sample.context = NULL;
		sample.context = context;
		key_type_init(&sample.type, objects->type.type, context);
		sample.keys = key_set_create(&sample.type, 0, context);
		key_set_visit(objects->keys, add_to_sample, sample.keys);
		count->sample = sample;
	}
	count->size = size;
}

/*
 * What a view is asked about somebody now.
 */
static void
make_asking(const RelationshipSubject *subject, Asking *asking)
{
	TimestampTz now = GetCurrentTransactionStartTimestamp();
	const ModelScope *window = subject->window;

	asking->tenant = subject->tenant;
	asking->relationship = subject->relationship;
	asking->subject = subject->subject;
	asking->has_back = window && window->has_back;
	asking->has_ahead = window && window->has_ahead;
	asking->from = DT_NOBEGIN;
	asking->to = DT_NOEND;
	asking->size = -1.0;
	/* an end too far away to be told is open if it lies outwards, else nothing is within */
	if (asking->has_back && pg_sub_s64_overflow(now, window->back, &asking->from))
		asking->from = window->back > 0 ? DT_NOBEGIN : DT_NOEND;
	if (asking->has_ahead && pg_add_s64_overflow(now, window->ahead, &asking->to))
		asking->to = window->ahead > 0 ? DT_NOEND : DT_NOBEGIN;
}

/*
 * The answer that is at hand for the snapshot of the statement, all or some of
 * the objects, or a new one without any.
 */
static Answer *
find_answer(const RelationshipSubject *subject)
{
	Snapshot	snapshot = GetActiveSnapshot();
	Asking		asking;
	MemoryContext context,
				old;
	Answer	   *answer;

	make_asking(subject, &asking);
	for (int i = 0; i < nanswers; i++)
	{
		answer = answers[i];
		if (answer->asking.from == asking.from && answer->asking.to == asking.to &&
			answer->with_subject == subject->with_subject &&
			strcmp(answer->asking.subject, asking.subject) == 0 &&
			strcmp(answer->asking.relationship, asking.relationship) == 0 &&
			strcmp(answer->asking.tenant, asking.tenant) == 0)
		{
			if (same_snapshot(answer, snapshot))
				return i == 0 ? answer : to_front(i);
			answers[i] = answers[--nanswers];
			dropped++;
			MemoryContextDelete(answer->objects.context);
			break;
		}
	}

	if (answer_context == NULL)
		answer_context = AllocSetContextCreate(TopMemoryContext, "ambit relationship answers",
											   ALLOCSET_SMALL_SIZES);
	context = AllocSetContextCreate(CurrentMemoryContext, "ambit relationship answer",
									ALLOCSET_SMALL_SIZES);
	old = MemoryContextSwitchTo(context);
	answer = palloc0(sizeof(Answer));
	answer->asking = asking;
	answer->asking.tenant = pstrdup(asking.tenant);
	answer->asking.relationship = pstrdup(asking.relationship);
	answer->asking.subject = pstrdup(asking.subject);
	answer->asking.size = find_count(subject)->size;
	answer->with_subject = subject->with_subject;
	answer->objects.context = context;
	copy_snapshot(answer, snapshot);
	MemoryContextSwitchTo(old);

	if (nanswers == MAX_ANSWERS)
	{
		dropped++;
		MemoryContextDelete(answers[--nanswers]->objects.context);
	}
	MemoryContextSetParent(context, answer_context);
	answers[nanswers++] = answer;
	return to_front(nanswers - 1);
}

/*
 * Makes an answer complete, or, with a limit, tries to.
 */
static void
read_all(Answer *answer, const RelationshipSubject *subject, uint64 limit)
{
	Objects		objects = {.context = answer->objects.context};

	/* it does not change, nor go, while the view is asked: no other one is, then */
	relationship_ask_all(&answer->asking, limit, &objects);
	/* what was rolled back meanwhile is nothing that the answer depends on */
	answer->rollbacks = relationship_rollbacks;
	count_objects(find_count(subject), &objects);
	if (objects.complete)
	{
		/* those who know of some ask again */
		dropped++;
		answer->objects = objects;
	}
}

static Answer *
complete_answer(const RelationshipSubject *subject)
{
	Answer	   *answer = find_answer(subject);

	if (!answer->objects.complete)
		read_all(answer, subject, 0);
	return answer;
}

/*
 * Whether the objects that came with the stamp are those of the statement that
 * runs now.
 */
bool
relationship_is_current(const RelationshipStamp *stamp)
{
	return stamp->dropped == dropped && ActiveSnapshotSet() && !relationship_running() &&
		same_snapshot(stamp->answer, GetActiveSnapshot());
}

typedef struct Conversion
{
	const KeyType *from;
	const KeyType *to;
	KeySet	   *keys;
} Conversion;

static void
convert_object(Key key, void *arg)
{
	Conversion *conversion = arg;
	bool		ok;

	key = key_convert(conversion->from, key, conversion->to, &ok);
	if (ok)
		key_set_add(conversion->keys, key);
}

/*
 * Objects in the form that columns of a type need, in a context; subject: one
 * of them, or NULL.
 */
static KeySet *
convert_objects(const Objects *objects, const KeyType *type, const char *subject,
				MemoryContext context)
{
	Conversion	conversion = {&objects->type, type};
	Key			key;

	conversion.keys = key_set_create(type, key_set_size(objects->keys), context);
	key_set_visit(objects->keys, convert_object, &conversion);
	if (subject && key_from_text(type, subject, false, &key))
		key_set_add(conversion.keys, key);
	return conversion.keys;
}

/*
 * All objects of an answer for columns of a type.
 */
static KeySet *
typed_objects(Answer *answer, const KeyType *type)
{
	MemoryContext old;
	TypedObjects *typed;
	ListCell   *lc;

	if (!answer->with_subject && key_types_share_sets(&answer->objects.type, type))
		return answer->objects.keys;
	foreach(lc, answer->typed)
	{
		typed = lfirst(lc);
		/* the subject's text may be a key in one of two such types only */
		if (answer->with_subject ? typed->type.base == type->base :
			key_types_share_sets(&typed->type, type))
			return typed->keys;
	}
	old = MemoryContextSwitchTo(answer->objects.context);
	typed = palloc(sizeof(TypedObjects));
	key_type_init(&typed->type, type->type, answer->objects.context);
	typed->keys = convert_objects(&answer->objects, type,
								  answer->with_subject ? answer->asking.subject : NULL,
								  answer->objects.context);
	answer->typed = lappend(answer->typed, typed);
	MemoryContextSwitchTo(old);
	return typed->keys;
}

/*
 * Whether somebody can be asked about now.
 */
static inline bool
may_ask(void)
{
	return ActiveSnapshotSet() && !relationship_running();
}

static KeySet *
all_objects(const RelationshipSubject *subject, const KeyType *type, RelationshipStamp *stamp)
{
	Answer	   *answer = complete_answer(subject);
	KeySet	   *keys = typed_objects(answer, type);

	stamp->answer = answer;
	stamp->dropped = dropped;
	return keys;
}

KeySet *
relationship_objects(const RelationshipSubject *subject, const KeyType *type,
					 RelationshipStamp *stamp)
{
	stamp->dropped = 0;
	return may_ask() ? all_objects(subject, type, stamp) : NULL;
}

/*
 * Keeps the answer about one object, whose key is of a type like the view's.
 */
static void
keep_single(Answer *answer, const KeyType *type, Key key, bool related)
{
	Objects    *objects = &answer->objects;

	if (objects->keys == NULL)
	{
		/* beside each other they are complete */
		KeySet	   *others;

		key_type_init(&objects->type, type->type, objects->context);
		others = key_set_create(&objects->type, 0, objects->context);
		objects->keys = key_set_create(&objects->type, 0, objects->context);
		answer->others = others;
	}
	key_set_add(related ? objects->keys : answer->others, key);
}

bool
relationship_has(const RelationshipSubject *subject, const KeyType *type, Key key,
				 RelationshipStamp *stamp, RelationshipProbe **probe, MemoryContext statement,
				 KeySet **all)
{
	Answer	   *answer;
	bool		related;

	*all = NULL;
	if (*probe && relationship_is_current(stamp))
		answer = unconstify(Answer *, stamp->answer);
	else
	{
		relationship_close(probe);
		stamp->dropped = 0;
		if (!may_ask())
			return false;
		answer = find_answer(subject);
	}
	/* what is to have the subject is made of all */
	if (!answer->objects.complete && !answer->with_subject)
	{
		stamp->answer = answer;
		stamp->dropped = dropped;
		if (answer->objects.keys && key_types_share_sets(&answer->objects.type, type))
		{
			if (key_set_has(answer->objects.keys, key))
				return true;
			if (key_set_has(answer->others, key))
				return false;
		}
		if (relationship_ask_single(&answer->asking, type, key, answer->singles, probe, statement,
									&related))
		{
			answer->rollbacks = relationship_rollbacks;
			answer->singles++;
			keep_single(answer, type, key, related);
			return related;
		}
	}
	relationship_close(probe);
	*all = all_objects(subject, type, stamp);
	return key_set_has(*all, key);
}

KeySet *
relationship_sample(const RelationshipSubject *subject, const KeyType *type, double *size)
{
	Count	   *count;

	*size = 0.0;
	if (!may_ask())
		return NULL;
	count = find_count(subject);
	if (count->size < 0)
	{
		Answer	   *answer = find_answer(subject);

		/* its place may have been another subject's meanwhile */
		if (answer->objects.complete)
			count_objects(count, &answer->objects);
		else
			read_all(answer, subject, FIRST_OBJECTS);
	}
	*size = count->size + (subject->with_subject ? 1 : 0);
	if (count->sample.context == NULL)
		return key_set_create(type, 0, CurrentMemoryContext);
	return convert_objects(&count->sample, type, subject->with_subject ? subject->subject : NULL,
						   CurrentMemoryContext);
}
