/*
 * relationship_answers.c
 *		Who is related to whom: the answers, kept for the statement.
 *
 * Of a subject with many objects not all are read for the sake of a few: the
 * first ones are, and of others the view is asked one by one, until so many
 * have been asked about that all are read after all.
 *
 * The answer is kept as long as the snapshot of the statement is the same in
 * all that decides visibility, so a statement asks once, however many scans,
 * loops or plans want to know.  Snapshots are compared by content; a rolled
 * back subtransaction counts as another snapshot.
 */
#include "postgres.h"
#include "compat.h"

#include "access/xact.h"
#include "common/hashfn.h"
#include "common/int.h"
#include "portability/instr_time.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "relationship_ask.h"

/* answers kept at a time */
#define MAX_ANSWERS 32

/* so many objects are read at first */
#define FIRST_OBJECTS 500

/* and so many where this backend does not know yet how many there are */
#define FIRST_TIME_OBJECTS 20000

/* where not all were read there may be so many times as many */
#define MORE_OBJECTS 50

/* of so many others the view is asked one by one, as long as that is quick */
#define MAX_SINGLE 40
#define SINGLE_MICROSECONDS 500

typedef struct TypedObjects
{
	KeyType		type;
	KeySet	   *keys;
} TypedObjects;
/* How many objects a subject had when they were counted last; for estimates. */
typedef struct Count
{
	uint64		hash;			/* of tenant, relationship and subject; 0: none */
	double		size;
} Count;

#define COUNTS 256

static uint64 dropped = 1;		/* answers dropped so far, or more */
static MemoryContext answer_context = NULL;
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
hash_name(const char *name, uint64 seed)
{
	return DatumGetUInt64(hash_any_extended((const unsigned char *) name, (int) strlen(name), seed));
}

/*
 * Where the objects of a subject are counted.  Another one may have been
 * counted there since.
 */
static Count *
find_count(const char *tenant, const char *relationship, const char *subject, bool *known)
{
	uint64		hash = hash_name(subject, hash_name(relationship, hash_name(tenant, 1)));
	Count	   *count = &counts[hash % COUNTS];

	*known = (count->hash == hash);
	if (!*known)
		count->size = 0.0;
	count->hash = hash;
	return count;
}

/*
 * The answer to a question, asked again if the snapshot has changed, or if all
 * objects are wanted and it has only some.
 */
static Answer *
find_answer(const char *tenant, const char *relationship, const char *subject,
			bool with_subject, const ModelScope *window, bool all)
{
	Snapshot	snapshot = GetActiveSnapshot();
	TimestampTz now = GetCurrentTransactionStartTimestamp();
	Asking		asking = {window && window->has_back, window && window->has_ahead, NULL, 0};
	Count	   *count;
	bool		known;
	TimestampTz from = DT_NOBEGIN;
	TimestampTz to = DT_NOEND;
	MemoryContext context,
				old;
	Answer	   *answer;

	/* an end too far away to be told is open if it lies outwards, else nothing is within */
	if (asking.has_back && pg_sub_s64_overflow(now, window->back, &from))
		from = window->back > 0 ? DT_NOBEGIN : DT_NOEND;
	if (asking.has_ahead && pg_add_s64_overflow(now, window->ahead, &to))
		to = window->ahead > 0 ? DT_NOEND : DT_NOBEGIN;

	for (int i = 0; i < nanswers; i++)
	{
		answer = answers[i];
		if (answer->from == from && answer->to == to && answer->with_subject == with_subject &&
			strcmp(answer->subject, subject) == 0 &&
			strcmp(answer->relationship, relationship) == 0 &&
			strcmp(answer->tenant, tenant) == 0)
		{
			if (same_snapshot(answer, snapshot) && (answer->complete || !all))
				return i == 0 ? answer : to_front(i);
			answers[i] = answers[--nanswers];
			MemoryContextDelete(answer->context);
			dropped++;
			break;
		}
	}

	if (answer_context == NULL)
		answer_context = AllocSetContextCreate(TopMemoryContext, "ambit relationship answers",
											   ALLOCSET_SMALL_SIZES);
	context = AllocSetContextCreate(CurrentMemoryContext, "ambit relationship answer",
									ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(context);
	answer = palloc0(sizeof(Answer));
	answer->context = context;
	answer->tenant = pstrdup(tenant);
	answer->relationship = pstrdup(relationship);
	answer->subject = pstrdup(subject);
	answer->with_subject = with_subject;
	answer->from = from;
	answer->to = to;
	copy_snapshot(answer, snapshot);
	MemoryContextSwitchTo(old);
	count = find_count(tenant, relationship, subject, &known);
	if (!all)
		asking.limit = known ? FIRST_OBJECTS : FIRST_TIME_OBJECTS;
	relationship_ask(answer, &asking);
	answer->size = key_set_size(answer->objects);
	if (!answer->complete)
		answer->size = Max(answer->size * MORE_OBJECTS, count->size);
	/* some of them do not tell more than was known */
	if (answer->complete || !known)
		count->size = answer->size;

	if (nanswers == MAX_ANSWERS)
	{
		MemoryContextDelete(answers[--nanswers]->context);
		dropped++;
	}
	MemoryContextSetParent(context, answer_context);
	answers[nanswers++] = answer;
	return to_front(nanswers - 1);
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

static void
convert_object(Key key, void *arg)
{
	TypedObjects *typed = arg;
	const Answer *answer = answers[0];
	bool		ok;

	key = key_convert(&answer->type, key, &typed->type, &ok);
	if (ok)
		key_set_add(typed->keys, key);
}

/*
 * The set of an answer in the form that columns of a type need.
 */
static KeySet *
typed_objects(Answer *answer, const char *subject, bool with_subject, const KeyType *type)
{
	MemoryContext old;
	TypedObjects *typed;
	ListCell   *lc;
	Key			key;

	if (!with_subject && key_types_share_sets(&answer->type, type))
		return answer->objects;
	foreach(lc, answer->typed)
	{
		typed = lfirst(lc);
		/* the subject's text may be a key in one of two such types only */
		if (with_subject ? typed->type.base == type->base :
			key_types_share_sets(&typed->type, type))
			return typed->keys;
	}
	old = MemoryContextSwitchTo(answer->context);
	typed = palloc(sizeof(TypedObjects));
	key_type_init(&typed->type, type->type, answer->context);
	typed->keys = key_set_create(type, key_set_size(answer->objects), answer->context);
	key_set_visit(answer->objects, convert_object, typed);
	if (with_subject && key_from_text(type, subject, false, &key))
		key_set_add(typed->keys, key);
	answer->typed = lappend(answer->typed, typed);
	MemoryContextSwitchTo(old);
	return typed->keys;
}

KeySet *
relationship_objects(const char *tenant, const char *relationship, const char *subject,
					 bool with_subject, const ModelScope *window, const KeyType *type,
					 RelationshipStamp *stamp)
{
	Answer	   *answer;

	stamp->dropped = 0;
	if (!ActiveSnapshotSet() || relationship_running())
		return NULL;
	answer = find_answer(tenant, relationship, subject, with_subject, window, true);
	stamp->answer = answer;
	stamp->dropped = dropped;
	return typed_objects(answer, subject, with_subject, type);
}

KeySet *
relationship_some(const char *tenant, const char *relationship, const char *subject,
				  bool with_subject, const ModelScope *window, const KeyType *type, bool *complete,
				  double *size)
{
	Answer	   *answer;
	KeySet	   *keys;

	*complete = true;
	*size = 0.0;
	if (!ActiveSnapshotSet() || relationship_running())
		return NULL;
	/* what is to have the subject, or keys of another type, is made of all */
	answer = find_answer(tenant, relationship, subject, with_subject, window, with_subject);
	if (!answer->complete && !key_types_share_sets(&answer->type, type))
		answer = find_answer(tenant, relationship, subject, with_subject, window, true);
	*complete = answer->complete;
	keys = *complete ? typed_objects(answer, subject, with_subject, type) : answer->objects;
	*size = *complete ? key_set_size(keys) : answer->size;
	return keys;
}

/*
 * Asks the view about one object more, for an answer that is not complete.
 * False when that is not worth it any more.
 */
static bool
ask_single(Answer *answer, Key key, const ModelScope *window, bool *related)
{
	Asking		asking = {window && window->has_back, window && window->has_ahead, &key, 1};
	Datum		value;
	instr_time	start,
				end;

	if (answer->others == NULL)
		answer->others = key_set_create(&answer->type, 0, answer->context);
	*related = false;
	if (key_set_has(answer->others, key))
		return true;
	if (answer->no_singles || answer->singles++ == MAX_SINGLE)
		return false;
	/* in the range of the view's type? */
	if (answer->type.class == KEY_OUTPUT || key_to_datum(&answer->type, key, &value))
	{
		INSTR_TIME_SET_CURRENT(start);
		relationship_ask(answer, &asking);
		INSTR_TIME_SET_CURRENT(end);
		if (answer->no_singles)
			return false;
		INSTR_TIME_SUBTRACT(end, start);
		answer->no_singles = (INSTR_TIME_GET_MICROSEC(end) > SINGLE_MICROSECONDS);
	}
	*related = !answer->complete && key_set_has(answer->objects, key);
	if (!*related)
		key_set_add(answer->others, key);
	return true;
}

bool
relationship_has(const char *tenant, const char *relationship, const char *subject,
				 bool with_subject, const ModelScope *window, const KeyType *type, Key key)
{
	Answer	   *answer;
	bool		complete;
	bool		related;
	double		size;
	KeySet	   *some = relationship_some(tenant, relationship, subject, with_subject, window, type,
										 &complete, &size);

	if (some == NULL || complete)
		return some != NULL && key_set_has(some, key);
	if (key_set_has(some, key))
		return true;
	if (ask_single(answers[0], key, window, &related))
		return related;
	answer = find_answer(tenant, relationship, subject, with_subject, window, true);
	return key_set_has(typed_objects(answer, subject, with_subject, type), key);
}
