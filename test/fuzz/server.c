/*
 * server.c
 *		What the parsers need of the server, for the fuzz targets.
 *
 * Memory: every chunk is one of malloc's, so that the sanitizers see its ends.
 * Errors: an ereport() comes back to fuzz_try().  Tables: a list of
 * permissions.  The rest behaves as the server's own in a database with the
 * encoding UTF8.  Whatever no input may lead to is in unreached.c.
 */
#include "postgres.h"
#include "compat.h"

#include "catalog/pg_class.h"
#include "catalog/pg_namespace.h"
#include "common/hashfn.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "nodes/memnodes.h"
#include "parser/scansup.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/formatting.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/uuid.h"
#include "utils/varlena.h"

#include "catalog.h"
#include "fuzz.h"

#define MAX_CHUNK (64 * 1024 * 1024)	/* no input asks for as much */

/* ---- findings ---------------------------------------------------------------- */

void
fuzz_fail(const char *condition, const char *file, int line)
{
	fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, condition);
	abort();
}

void
#if PG_VERSION_NUM >= 160000
ExceptionalCondition(const char *condition, const char *file, int line)
#else
ExceptionalCondition(const char *condition, const char *type, const char *file, int line)
#endif
{
	fuzz_fail(condition, file, line);
}

char *
fuzz_string(const unsigned char *data, size_t size)
{
	size_t		length = size > 0 ? strnlen((const char *) data, size) : 0;
	char	   *string = malloc(length + 1);

	if (length > 0)
		memcpy(string, data, length);
	string[length] = '\0';
	return string;
}

unsigned int
fuzz_hash(const unsigned char *data, size_t size)
{
	return hash_bytes(data, (int) size);
}

/* ---- memory ------------------------------------------------------------------ */

typedef struct Chunk
{
	MemoryContext context;
	void	   *place;
} Chunk;

static Chunk *chunks = NULL;
static size_t nchunks = 0;
static size_t chunks_size = 0;

static MemoryContextData top = {0};
static MemoryContextData run = {0};

MemoryContext TopMemoryContext = &top;
MemoryContext CacheMemoryContext = &top;
MemoryContext CurrentMemoryContext = &run;

void *
MemoryContextAllocExtended(MemoryContext context, Size size, int flags)
{
	void	   *place;

	CHECK(size <= MAX_CHUNK);
	if (nchunks == chunks_size)
	{
		chunks_size = chunks_size * 2 + 64;
		chunks = realloc(chunks, chunks_size * sizeof(Chunk));
	}
	place = flags & MCXT_ALLOC_ZERO ? calloc(1, size) : malloc(size);
	CHECK(place != NULL);
	chunks[nchunks].context = context;
	chunks[nchunks++].place = place;
	return place;
}

void *
MemoryContextAlloc(MemoryContext context, Size size)
{
	return MemoryContextAllocExtended(context, size, 0);
}

void *
MemoryContextAllocZero(MemoryContext context, Size size)
{
	return MemoryContextAllocExtended(context, size, MCXT_ALLOC_ZERO);
}

void *
MemoryContextAllocHuge(MemoryContext context, Size size)
{
	return MemoryContextAllocExtended(context, size, 0);
}

char *
MemoryContextStrdup(MemoryContext context, const char *string)
{
	size_t		size = strlen(string) + 1;

	return memcpy(MemoryContextAlloc(context, size), string, size);
}

void *
palloc(Size size)
{
	return MemoryContextAlloc(CurrentMemoryContext, size);
}

void *
palloc0(Size size)
{
	return MemoryContextAllocZero(CurrentMemoryContext, size);
}

void *
palloc_extended(Size size, int flags)
{
	return MemoryContextAllocExtended(CurrentMemoryContext, size, flags);
}

static Chunk *
find_chunk(void *place)
{
	for (size_t i = nchunks; i > 0; i--)
		if (chunks[i - 1].place == place)
			return &chunks[i - 1];
	fuzz_fail("a chunk that was not allocated, or was freed", __FILE__, __LINE__);
}

void *
repalloc(void *place, Size size)
{
	Chunk	   *chunk = find_chunk(place);

	CHECK(size <= MAX_CHUNK);
	return chunk->place = realloc(place, size);
}

void *
repalloc_huge(void *place, Size size)
{
	return repalloc(place, size);
}

void
pfree(void *place)
{
	Chunk	   *chunk = find_chunk(place);

	free(place);
	memmove(chunk, chunk + 1, (char *) (chunks + --nchunks) - (char *) chunk);
}

char *
pstrdup(const char *string)
{
	return MemoryContextStrdup(CurrentMemoryContext, string);
}

char *
pnstrdup(const char *string, Size length)
{
	char	   *copy;

	length = strnlen(string, length);
	copy = palloc(length + 1);
	memcpy(copy, string, length);
	copy[length] = '\0';
	return copy;
}

/* The parent counts for nothing: those who make a context delete it. */
MemoryContext
AllocSetContextCreateInternal(MemoryContext parent, const char *name, Size min_size,
							  Size initial_size, Size max_size)
{
	MemoryContext context = calloc(1, sizeof(MemoryContextData));

	context->name = name;
	return context;
}

void
MemoryContextSetParent(MemoryContext context, MemoryContext parent)
{
}

void
MemoryContextReset(MemoryContext context)
{
	size_t		n = 0;

	for (size_t i = 0; i < nchunks; i++)
	{
		if (chunks[i].context == context)
			free(chunks[i].place);
		else
			chunks[n++] = chunks[i];
	}
	nchunks = n;
}

void
MemoryContextDelete(MemoryContext context)
{
	CHECK(context != &top && context != &run);
	MemoryContextReset(context);
	free(context);
}

void
fuzz_clean(void)
{
	CurrentMemoryContext = &run;
	MemoryContextReset(&run);
}

/* ---- errors ------------------------------------------------------------------ */

sigjmp_buf *PG_exception_stack = NULL;
ErrorContextCallback *error_context_stack = NULL;

static int	error_code;
char		fuzz_hint[1024];

bool
errstart(int elevel, const char *domain)
{
	error_code = ERRCODE_INTERNAL_ERROR;
	fuzz_hint[0] = '\0';
	CHECK(elevel >= ERROR);
	return true;
}

bool
errstart_cold(int elevel, const char *domain)
{
	return errstart(elevel, domain);
}

void
errfinish(const char *filename, int lineno, const char *funcname)
{
	CHECK(PG_exception_stack != NULL);
	siglongjmp(*PG_exception_stack, 1);
}

#if PG_VERSION_NUM >= 160000
bool
errsave_start(struct Node *context, const char *domain)
{
	return errstart(ERROR, domain);
}

void
errsave_finish(struct Node *context, const char *filename, int lineno, const char *funcname)
{
	errfinish(filename, lineno, funcname);
}
#endif

int
errcode(int sqlerrcode)
{
	error_code = sqlerrcode;
	return 0;
}

/* What is printed is read to its end. */
static void
format(char *buffer, size_t size, const char *fmt, va_list args)
{
	vsnprintf(buffer, size, fmt, args);
}

#define MESSAGE_PART(name, buffer) \
int \
name(const char *fmt,...) \
{ \
	va_list		args; \
\
	va_start(args, fmt); \
	format(buffer, sizeof(buffer), fmt, args); \
	va_end(args); \
	return 0; \
}

static char message[1024];

MESSAGE_PART(errmsg, message)
MESSAGE_PART(errmsg_internal, message)
MESSAGE_PART(errdetail, message)
MESSAGE_PART(errhint, fuzz_hint)

int
fuzz_try(void (*call) (void *arg), void *arg)
{
	sigjmp_buf	place;

	PG_exception_stack = &place;
	error_code = 0;
	if (sigsetjmp(place, 0) == 0)
		call(arg);
	PG_exception_stack = NULL;
	CHECK(error_code != ERRCODE_INTERNAL_ERROR);
	return error_code;
}

/* ---- tables: the permissions --------------------------------------------------- */

const char *const fuzz_permissions[] = {
	"a.b", "a.b.c", "a.b.c.d.e.f.g.h", "bookings.cancel", "bookings.notes.edit", "bookings.notes.view",
	"bookings.view", "bookings.viewer", "bookings_2.view", "clients.edit", "clients.view",
	"community.members.import", "community.members.update_roles", "time_off.company_calendar.view",
	"time_off.view",
	"a_name_of_the_greatest_length_that_there_is.of_one_hundred_and_ninety_bytes_all_told_1234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456",
	"z9.0"
};
const int	fuzz_npermissions = lengthof(fuzz_permissions);

uint64		catalog_generation_number = 1;
uint64		catalog_changes_number = 1;
int			catalog_unseen = -1;

void
fuzz_change_permissions(void)
{
	catalog_generation_number++;
}

bool
catalog_available(void)
{
	return true;
}

Oid
catalog_schema(void)
{
	return PG_CATALOG_NAMESPACE;
}

Oid
get_relname_relid(const char *name, Oid schema)
{
	return RelationRelationId;
}

/* To register a permission begins with this, and ends with it. */
void
LockDatabaseObject(Oid classid, Oid objid, uint16 objsubid, LOCKMODE mode)
{
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("the list of permissions is fixed")));
}

void
AcceptInvalidationMessages(void)
{
}

/* A scan is at the row whose number its heap is, a tuple is that as well. */
void
catalog_begin(CatalogScan *scan, CatalogTable table, Snapshot snapshot, int nkeys,
			  const char *const *keys)
{
	CHECK(table == CATALOG_PERMISSION_KEY && nkeys == 0);
	scan->heap = NULL;
}

HeapTuple
catalog_next(CatalogScan *scan)
{
	uintptr_t	row = (uintptr_t) scan->heap;

	if (row == fuzz_npermissions)
		return NULL;
	scan->heap = (Relation) (row + 1);
	return (HeapTuple) (row + 1);
}

void
catalog_end(CatalogScan *scan)
{
}

/* ids with gaps, in an order of their own */
Datum
catalog_datum(CatalogScan *scan, HeapTuple tuple, int attno, bool *isnull)
{
	int			row = (int) (uintptr_t) tuple;

	*isnull = false;
	return Int32GetDatum(row % 3 == 0 ? row : 127 - row * 5);
}

char *
catalog_text(CatalogScan *scan, HeapTuple tuple, int attno)
{
	return pstrdup(fuzz_permissions[(uintptr_t) tuple - 1]);
}

/* ---- calls ------------------------------------------------------------------- */

volatile sig_atomic_t InterruptPending = false;
bool		IsBinaryUpgrade = false;
bool		check_function_bodies = true;
bool		XactReadOnly = false;

Datum
DirectFunctionCall1Coll(PGFunction func, Oid collation, Datum arg1)
{
	LOCAL_FCINFO(fcinfo, 1);

	InitFunctionCallInfoData(*fcinfo, NULL, 1, collation, NULL, NULL);
	fcinfo->args[0].value = arg1;
	fcinfo->args[0].isnull = false;
	return func(fcinfo);
}

struct varlena *
pg_detoast_datum(struct varlena *datum)
{
	return datum;
}

struct varlena *
pg_detoast_datum_packed(struct varlena *datum)
{
	return datum;
}

text *
cstring_to_text_with_len(const char *string, int length)
{
	text	   *result = palloc(length + VARHDRSZ);

	SET_VARSIZE(result, length + VARHDRSZ);
	memcpy(VARDATA(result), string, length);
	return result;
}

text *
cstring_to_text(const char *string)
{
	return cstring_to_text_with_len(string, strlen(string));
}

char *
text_to_cstring(const text *t)
{
	return pnstrdup(VARDATA_ANY(t), VARSIZE_ANY_EXHDR(t));
}

Datum
uuid_out(PG_FUNCTION_ARGS)
{
	const unsigned char *bytes = PG_GETARG_UUID_P(0)->data;
	StringInfoData buf;

	initStringInfo(&buf);
	for (int i = 0; i < UUID_LEN; i++)
		appendStringInfo(&buf, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", bytes[i]);
	PG_RETURN_CSTRING(buf.data);
}

/* ---- the binary protocol -------------------------------------------------------- */

static const char *
take_bytes(StringInfo msg, int length)
{
	const char *bytes = &msg->data[msg->cursor];

	if (length < 0 || length > msg->len - msg->cursor)
		ereport(ERROR,
				(errcode(ERRCODE_PROTOCOL_VIOLATION),
				 errmsg("insufficient data left in message")));
	msg->cursor += length;
	return bytes;
}

unsigned int
pq_getmsgint(StringInfo msg, int b)
{
	uint32		value;

	CHECK(b == 4);
	memcpy(&value, take_bytes(msg, 4), 4);
	return pg_ntoh32(value);
}

char *
pq_getmsgtext(StringInfo msg, int rawbytes, int *nbytes)
{
	const char *bytes = take_bytes(msg, rawbytes);
	char	   *string;

	for (int i = 0, n; i < rawbytes; i += n)
	{
		n = pg_utf_mblen((const unsigned char *) bytes + i);
		if (bytes[i] == '\0' || n > rawbytes - i ||
			!pg_utf8_islegal((const unsigned char *) bytes + i, n))
			ereport(ERROR,
					(errcode(ERRCODE_CHARACTER_NOT_IN_REPERTOIRE),
					 errmsg("invalid byte sequence for encoding")));
	}
	string = palloc(rawbytes + 1);
	memcpy(string, bytes, rawbytes);
	string[rawbytes] = '\0';
	*nbytes = rawbytes;
	return string;
}

void
pq_begintypsend(StringInfo buf)
{
	initStringInfo(buf);
	appendBinaryStringInfo(buf, "\0\0\0\0", 4);
}

bytea *
pq_endtypsend(StringInfo buf)
{
	SET_VARSIZE(buf->data, buf->len);
	return (bytea *) buf->data;
}

void
pq_sendbytes(StringInfo buf, const char *data, int datalen)
{
	appendBinaryStringInfo(buf, data, datalen);
}

void
pq_sendtext(StringInfo buf, const char *string, int length)
{
	appendBinaryStringInfo(buf, string, length);
}

/* ---- texts --------------------------------------------------------------------- */

extern bool __wrap_pg_utf8_islegal(const unsigned char *source, int length);
extern bool __real_pg_utf8_islegal(const unsigned char *source, int length);

/*
 * The linker puts it in the place of libpgcommon's, of whose reading no
 * sanitizer knows.
 */
bool
__wrap_pg_utf8_islegal(const unsigned char *source, int length)
{
	for (int i = 0; i < length; i++)
		(void) *(const volatile unsigned char *) (source + i);
	return __real_pg_utf8_islegal(source, length);
}

bool
scanner_isspace(char c)
{
	return c != '\0' && strchr(" \t\n\r\v\f", c) != NULL;
}

/* as in the collation C */
char *
str_tolower(const char *buff, size_t nbytes, Oid collid)
{
	char	   *result = pnstrdup(buff, nbytes);

	for (char *p = result; *p; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p += 'a' - 'A';
	return result;
}

/* of bytes; the server's is one of characters */
int
varstr_levenshtein_less_equal(const char *source, int slen, const char *target, int tlen,
							  int ins_c, int del_c, int sub_c, int max_d, bool trusted)
{
	int			row[256];

	CHECK(slen <= 255 && tlen <= 255);
	if (abs(slen - tlen) > max_d)
		return max_d + 1;
	for (int j = 0; j <= tlen; j++)
		row[j] = j;
	for (int i = 0; i < slen; i++)
	{
		int			corner = row[0];

		row[0] = i + 1;
		for (int j = 0; j < tlen; j++)
		{
			int			best = Min(Min(row[j], row[j + 1]) + 1, corner + (source[i] != target[j]));

			corner = row[j + 1];
			row[j + 1] = best;
		}
	}
	return row[tlen];
}
