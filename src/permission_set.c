/*
 * permission_set.c
 *		The type permission_set: ids of permissions, ascending.
 *
 * As with permission, only text and binary I/O read the table of keys.  Two
 * equal sets have the same bytes.
 */
#include "postgres.h"
#include "compat.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "fmgr.h"
#include "funcapi.h"
#include "libpq/pqformat.h"
#include "parser/scansup.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "permission_set.h"

#define PERMISSION_SET_SIZE(n) (offsetof(PermissionSet, ids) + sizeof(PermissionId) * (n))

/* ---- building ----------------------------------------------------------- */

static int
compare_ids(const void *a, const void *b)
{
	PermissionId left = *(const PermissionId *) a;
	PermissionId right = *(const PermissionId *) b;

	return (left > right) - (left < right);
}

/*
 * A set with room for n ids, none of them filled in.
 */
static PermissionSet *
set_alloc(int n)
{
	PermissionSet *set = palloc(PERMISSION_SET_SIZE(n));

	SET_VARSIZE(set, PERMISSION_SET_SIZE(n));
	set->n = n;
	return set;
}

static void
set_truncate(PermissionSet *set, int n)
{
	set->n = n;
	SET_VARSIZE(set, PERMISSION_SET_SIZE(n));
}

PermissionSet *
permission_set_make(PermissionId *ids, int n)
{
	PermissionSet *set = set_alloc(n);
	int			unique = 0;

	qsort(ids, n, sizeof(PermissionId), compare_ids);
	for (int i = 0; i < n; i++)
		if (unique == 0 || set->ids[unique - 1] != ids[i])
			set->ids[unique++] = ids[i];
	set_truncate(set, unique);
	return set;
}

PermissionSet *
permission_set_from_datum(Datum datum)
{
	PermissionSet *set = (PermissionSet *) PG_DETOAST_DATUM(datum);
	Size		size = VARSIZE(set);

	if (size < PERMISSION_SET_SIZE(0) || set->n < 0 ||
		size - PERMISSION_SET_SIZE(0) != sizeof(PermissionId) * (Size) set->n)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("permission set is corrupted")));
	return set;
}

bool
permission_set_has(const PermissionSet *set, PermissionId id)
{
	return set->n > 0 &&
		bsearch(&id, set->ids, set->n, sizeof(PermissionId), compare_ids) != NULL;
}

/*
 * A new set of the ids that are only in a (left), in a and b (both), only in
 * b (right), whichever is asked for.
 */
static PermissionSet *
set_merge(const PermissionSet *a, const PermissionSet *b,
		  bool left, bool both, bool right)
{
	PermissionSet *set = set_alloc(a->n + b->n);
	int			i = 0,
				j = 0,
				n = 0;

	while (i < a->n || j < b->n)
	{
		if (j == b->n || (i < a->n && a->ids[i] < b->ids[j]))
		{
			if (left)
				set->ids[n++] = a->ids[i];
			i++;
		}
		else if (i == a->n || a->ids[i] > b->ids[j])
		{
			if (right)
				set->ids[n++] = b->ids[j];
			j++;
		}
		else
		{
			if (both)
				set->ids[n++] = a->ids[i];
			i++;
			j++;
		}
	}
	set_truncate(set, n);
	return set;
}

/*
 * How many ids are in both.
 */
static int
set_common(const PermissionSet *a, const PermissionSet *b)
{
	int			i = 0,
				j = 0,
				n = 0;

	while (i < a->n && j < b->n)
	{
		if (a->ids[i] < b->ids[j])
			i++;
		else if (a->ids[i] > b->ids[j])
			j++;
		else
		{
			n++;
			i++;
			j++;
		}
	}
	return n;
}

static int
set_compare(const PermissionSet *a, const PermissionSet *b)
{
	int			n = Min(a->n, b->n);

	for (int i = 0; i < n; i++)
		if (a->ids[i] != b->ids[i])
			return a->ids[i] < b->ids[i] ? -1 : 1;
	return (a->n > b->n) - (a->n < b->n);
}

/* ---- text form ---------------------------------------------------------- */

typedef struct IdList
{
	PermissionId *ids;
	int			n;
	int			size;
} IdList;

static void
list_append(IdList *list, const PermissionId *ids, int n)
{
	if (list->n + n > list->size)
	{
		list->size = Max(list->size * 2, list->n + n);
		if (list->ids == NULL)
			list->ids = palloc(sizeof(PermissionId) * list->size);
		else
			list->ids = repalloc(list->ids, sizeof(PermissionId) * list->size);
	}
	memcpy(list->ids + list->n, ids, sizeof(PermissionId) * n);
	list->n += n;
}

static bool
set_malformed(const char *input, const char *detail, fmNodePtr escontext)
{
	ereturn(escontext, false,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("malformed permission set: \"%s\"", input),
			 errdetail("%s", detail),
			 errhint("A permission set is written as {module.action,module.*}.")));
}

/*
 * Appends what one element stands for: a key, or all keys below a prefix that
 * is followed by ".*".  False after a soft error.
 */
static bool
append_element(IdList *list, const char *element, const char *input, fmNodePtr escontext)
{
	const char *star = strchr(element, '*');
	char	   *prefix,
			   *nearest;
	PermissionId *ids;
	int			n;

	if (star == NULL)
	{
		PermissionId id = permission_from_cstring(element, escontext);

		if (id == PERMISSION_NONE)
			return false;
		list_append(list, &id, 1);
		return true;
	}
	if (star[1] != '\0' || star - element < 2 || star[-1] != '.')
		return set_malformed(input, "An asterisk stands only at the end, after a module and a dot.",
							 escontext);

	prefix = pnstrdup(element, star - element - 1);
	ids = permission_below(prefix, &n);
	if (n == 0)
	{
		nearest = permission_nearest_prefix(prefix);
		ereturn(escontext, false,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("permission \"%s\" does not exist", element),
				 nearest ? errhint("Perhaps you meant \"%s.*\".", nearest) : 0));
	}
	list_append(list, ids, n);
	return true;
}

static const char *
skip_spaces(const char *p)
{
	while (scanner_isspace(*p))
		p++;
	return p;
}

/*
 * Reads {key, key, prefix.*}.  False after a soft error.
 */
static bool
parse_set(IdList *list, const char *input, fmNodePtr escontext)
{
	const char *p = skip_spaces(input);
	bool		more;

	if (*p != '{')
		return set_malformed(input, "It does not begin with a left brace.", escontext);
	p = skip_spaces(p + 1);
	more = (*p != '}');
	while (more)
	{
		const char *start = p;
		char	   *element;

		while (*p != '\0' && strchr("{},\"\\", *p) == NULL && !scanner_isspace(*p))
			p++;
		if (p == start)
			return set_malformed(input, "A permission is expected, without quotes.", escontext);
		element = pnstrdup(start, p - start);
		p = skip_spaces(p);
		if (*p != ',' && *p != '}')
			return set_malformed(input, "A comma or a right brace is missing.", escontext);
		if (!append_element(list, element, input, escontext))
			return false;
		more = (*p == ',');
		if (more)
			p = skip_spaces(p + 1);
	}
	if (*skip_spaces(p + 1) != '\0')
		return set_malformed(input, "Something follows the right brace.", escontext);
	return true;
}

PG_FUNCTION_INFO_V1(ambit_permission_set_in);

/*
 * permission_set_in(cstring) returns permission_set
 *		Errors: 22P02 malformed; 42704 no such permission, or none below a prefix.
 */
Datum
ambit_permission_set_in(PG_FUNCTION_ARGS)
{
	IdList		list = {0};

	if (!parse_set(&list, PG_GETARG_CSTRING(0), fcinfo->context))
		PG_RETURN_NULL();
	PG_RETURN_PERMISSION_SET_P(permission_set_make(list.ids, list.n));
}

static int
compare_cstrings(const void *a, const void *b)
{
	return strcmp(*(char *const *) a, *(char *const *) b);
}

PG_FUNCTION_INFO_V1(ambit_permission_set_out);

/*
 * permission_set_out(permission_set) returns cstring
 *		All keys, sorted byte by byte.
 */
Datum
ambit_permission_set_out(PG_FUNCTION_ARGS)
{
	PermissionSet *set = PG_GETARG_PERMISSION_SET_P(0);
	char	  **names = palloc(sizeof(char *) * (set->n + 1));
	StringInfoData buf;

	for (int i = 0; i < set->n; i++)
		names[i] = permission_to_cstring(set->ids[i]);
	qsort(names, set->n, sizeof(char *), compare_cstrings);

	initStringInfo(&buf);
	appendStringInfoChar(&buf, '{');
	for (int i = 0; i < set->n; i++)
	{
		if (i > 0)
			appendStringInfoChar(&buf, ',');
		appendStringInfoString(&buf, names[i]);
	}
	appendStringInfoChar(&buf, '}');
	PG_RETURN_CSTRING(buf.data);
}

/* ---- binary form: how many, then length and bytes of each key ----------- */

PG_FUNCTION_INFO_V1(ambit_permission_set_recv);

/*
 * permission_set_recv(internal) returns permission_set
 *		Errors: 22P03 malformed; 42704 no such permission.
 */
Datum
ambit_permission_set_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	int32		n = pq_getmsgint(buf, 4);
	PermissionId *ids;

	/* each takes five bytes at least, which bounds what is allocated */
	if (n < 0 || n > (buf->len - buf->cursor) / 5)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid number of permissions in external permission set: %d", n)));
	ids = palloc(sizeof(PermissionId) * (n + 1));
	for (int i = 0; i < n; i++)
	{
		int32		length = pq_getmsgint(buf, 4);
		char	   *key;
		int			converted;

		if (length <= 0 || length > PERMISSION_KEY_MAX_LENGTH)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
					 errmsg("invalid length of a permission in external permission set: %d", length)));
		key = pq_getmsgtext(buf, length, &converted);
		ids[i] = permission_from_cstring(key, NULL);
	}
	PG_RETURN_PERMISSION_SET_P(permission_set_make(ids, n));
}

PG_FUNCTION_INFO_V1(ambit_permission_set_send);

/*
 * permission_set_send(permission_set) returns bytea
 *		Keys are ASCII, so they need no conversion to the client's encoding.
 */
Datum
ambit_permission_set_send(PG_FUNCTION_ARGS)
{
	PermissionSet *set = PG_GETARG_PERMISSION_SET_P(0);
	StringInfoData buf;

	pq_begintypsend(&buf);
	pq_sendint32(&buf, set->n);
	for (int i = 0; i < set->n; i++)
	{
		char	   *key = permission_to_cstring(set->ids[i]);

		pq_sendint32(&buf, strlen(key));
		pq_sendbytes(&buf, key, strlen(key));
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/* ---- order and hash ----------------------------------------------------- */

PG_FUNCTION_INFO_V1(ambit_permission_set_eq);

/*
 * permission_set_eq(permission_set, permission_set) returns boolean
 */
Datum
ambit_permission_set_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(set_compare(PG_GETARG_PERMISSION_SET_P(0),
							   PG_GETARG_PERMISSION_SET_P(1)) == 0);
}

PG_FUNCTION_INFO_V1(ambit_permission_set_ne);

/*
 * permission_set_ne(permission_set, permission_set) returns boolean
 */
Datum
ambit_permission_set_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(set_compare(PG_GETARG_PERMISSION_SET_P(0),
							   PG_GETARG_PERMISSION_SET_P(1)) != 0);
}

PG_FUNCTION_INFO_V1(ambit_permission_set_lt);

/*
 * permission_set_lt(permission_set, permission_set) returns boolean
 */
Datum
ambit_permission_set_lt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(set_compare(PG_GETARG_PERMISSION_SET_P(0),
							   PG_GETARG_PERMISSION_SET_P(1)) < 0);
}

PG_FUNCTION_INFO_V1(ambit_permission_set_le);

/*
 * permission_set_le(permission_set, permission_set) returns boolean
 */
Datum
ambit_permission_set_le(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(set_compare(PG_GETARG_PERMISSION_SET_P(0),
							   PG_GETARG_PERMISSION_SET_P(1)) <= 0);
}

PG_FUNCTION_INFO_V1(ambit_permission_set_gt);

/*
 * permission_set_gt(permission_set, permission_set) returns boolean
 */
Datum
ambit_permission_set_gt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(set_compare(PG_GETARG_PERMISSION_SET_P(0),
							   PG_GETARG_PERMISSION_SET_P(1)) > 0);
}

PG_FUNCTION_INFO_V1(ambit_permission_set_ge);

/*
 * permission_set_ge(permission_set, permission_set) returns boolean
 */
Datum
ambit_permission_set_ge(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(set_compare(PG_GETARG_PERMISSION_SET_P(0),
							   PG_GETARG_PERMISSION_SET_P(1)) >= 0);
}

PG_FUNCTION_INFO_V1(ambit_permission_set_cmp);

/*
 * permission_set_cmp(permission_set, permission_set) returns integer
 *		As arrays of ids compare.
 */
Datum
ambit_permission_set_cmp(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(set_compare(PG_GETARG_PERMISSION_SET_P(0),
								PG_GETARG_PERMISSION_SET_P(1)));
}

PG_FUNCTION_INFO_V1(ambit_permission_set_hash);

/*
 * permission_set_hash(permission_set) returns integer
 */
Datum
ambit_permission_set_hash(PG_FUNCTION_ARGS)
{
	PermissionSet *set = PG_GETARG_PERMISSION_SET_P(0);

	return hash_any((unsigned char *) set->ids, sizeof(PermissionId) * set->n);
}

PG_FUNCTION_INFO_V1(ambit_permission_set_hash_extended);

/*
 * permission_set_hash_extended(permission_set, bigint) returns bigint
 */
Datum
ambit_permission_set_hash_extended(PG_FUNCTION_ARGS)
{
	PermissionSet *set = PG_GETARG_PERMISSION_SET_P(0);

	return hash_any_extended((unsigned char *) set->ids, sizeof(PermissionId) * set->n,
							 PG_GETARG_INT64(1));
}

/* ---- membership, containment, overlap ----------------------------------- */

PG_FUNCTION_INFO_V1(ambit_permission_set_contains);

/*
 * permission_set_contains(permission_set, permission_set) returns boolean
 */
Datum
ambit_permission_set_contains(PG_FUNCTION_ARGS)
{
	PermissionSet *a = PG_GETARG_PERMISSION_SET_P(0);
	PermissionSet *b = PG_GETARG_PERMISSION_SET_P(1);

	PG_RETURN_BOOL(set_common(a, b) == b->n);
}

PG_FUNCTION_INFO_V1(ambit_permission_set_contained);

/*
 * permission_set_contained(permission_set, permission_set) returns boolean
 */
Datum
ambit_permission_set_contained(PG_FUNCTION_ARGS)
{
	PermissionSet *a = PG_GETARG_PERMISSION_SET_P(0);
	PermissionSet *b = PG_GETARG_PERMISSION_SET_P(1);

	PG_RETURN_BOOL(set_common(a, b) == a->n);
}

PG_FUNCTION_INFO_V1(ambit_permission_set_has);

/*
 * permission_set_has(permission_set, permission) returns boolean
 */
Datum
ambit_permission_set_has(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(permission_set_has(PG_GETARG_PERMISSION_SET_P(0),
									  PG_GETARG_PERMISSION(1)));
}

PG_FUNCTION_INFO_V1(ambit_permission_in_set);

/*
 * permission_in_set(permission, permission_set) returns boolean
 */
Datum
ambit_permission_in_set(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(permission_set_has(PG_GETARG_PERMISSION_SET_P(1),
									  PG_GETARG_PERMISSION(0)));
}

PG_FUNCTION_INFO_V1(ambit_permission_set_overlaps);

/*
 * permission_set_overlaps(permission_set, permission_set) returns boolean
 */
Datum
ambit_permission_set_overlaps(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(set_common(PG_GETARG_PERMISSION_SET_P(0),
							  PG_GETARG_PERMISSION_SET_P(1)) > 0);
}

/* ---- union, intersection, difference ------------------------------------ */

PG_FUNCTION_INFO_V1(ambit_permission_set_union);

/*
 * permission_set_union(permission_set, permission_set) returns permission_set
 */
Datum
ambit_permission_set_union(PG_FUNCTION_ARGS)
{
	PG_RETURN_PERMISSION_SET_P(set_merge(PG_GETARG_PERMISSION_SET_P(0),
										 PG_GETARG_PERMISSION_SET_P(1),
										 true, true, true));
}

PG_FUNCTION_INFO_V1(ambit_permission_set_intersect);

/*
 * permission_set_intersect(permission_set, permission_set) returns permission_set
 */
Datum
ambit_permission_set_intersect(PG_FUNCTION_ARGS)
{
	PG_RETURN_PERMISSION_SET_P(set_merge(PG_GETARG_PERMISSION_SET_P(0),
										 PG_GETARG_PERMISSION_SET_P(1),
										 false, true, false));
}

PG_FUNCTION_INFO_V1(ambit_permission_set_except);

/*
 * permission_set_except(permission_set, permission_set) returns permission_set
 */
Datum
ambit_permission_set_except(PG_FUNCTION_ARGS)
{
	PG_RETURN_PERMISSION_SET_P(set_merge(PG_GETARG_PERMISSION_SET_P(0),
										 PG_GETARG_PERMISSION_SET_P(1),
										 true, false, false));
}

PG_FUNCTION_INFO_V1(ambit_permission_set_add);

/*
 * permission_set_add(permission_set, permission) returns permission_set
 *		Also the transition of permission_set_agg(): a set that does not grow
 *		is returned as it is, so that many equal rows copy nothing.
 */
Datum
ambit_permission_set_add(PG_FUNCTION_ARGS)
{
	PermissionSet *set = PG_GETARG_PERMISSION_SET_P(0);
	PermissionId id = PG_GETARG_PERMISSION(1);

	if (permission_set_has(set, id))
		PG_RETURN_PERMISSION_SET_P(set);
	PG_RETURN_PERMISSION_SET_P(set_merge(set, permission_set_make(&id, 1), true, true, true));
}

PG_FUNCTION_INFO_V1(ambit_permission_set_remove);

/*
 * permission_set_remove(permission_set, permission) returns permission_set
 */
Datum
ambit_permission_set_remove(PG_FUNCTION_ARGS)
{
	PermissionId id = PG_GETARG_PERMISSION(1);

	PG_RETURN_PERMISSION_SET_P(set_merge(PG_GETARG_PERMISSION_SET_P(0),
										 permission_set_make(&id, 1),
										 true, false, false));
}

/* ---- to and from other forms -------------------------------------------- */

PG_FUNCTION_INFO_V1(ambit_permission_set_cardinality);

/*
 * cardinality(permission_set) returns integer
 */
Datum
ambit_permission_set_cardinality(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(PG_GETARG_PERMISSION_SET_P(0)->n);
}

PG_FUNCTION_INFO_V1(ambit_permission_set_unnest);

/*
 * unnest(permission_set) returns setof permission
 *		In the order of permissions.
 */
Datum
ambit_permission_set_unnest(PG_FUNCTION_ARGS)
{
	FuncCallContext *call;
	PermissionSet *set;

	if (SRF_IS_FIRSTCALL())
	{
		MemoryContext caller;

		call = SRF_FIRSTCALL_INIT();
		caller = MemoryContextSwitchTo(call->multi_call_memory_ctx);
		set = (PermissionSet *) PG_DETOAST_DATUM_COPY(PG_GETARG_DATUM(0));
		call->user_fctx = permission_set_from_datum(PointerGetDatum(set));
		MemoryContextSwitchTo(caller);
	}
	call = SRF_PERCALL_SETUP();
	set = call->user_fctx;
	if (call->call_cntr < (uint64) set->n)
	{
		/* SRF_RETURN_NEXT counts before it evaluates its argument */
		Datum		next = PermissionIdGetDatum(set->ids[call->call_cntr]);

		SRF_RETURN_NEXT(call, next);
	}
	SRF_RETURN_DONE(call);
}

PG_FUNCTION_INFO_V1(ambit_permission_set_from_array);

/*
 * permission_set(permission[]) returns permission_set
 *		Error: 22004 an element is NULL.
 */
Datum
ambit_permission_set_from_array(PG_FUNCTION_ARGS)
{
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(0);
	Datum	   *elems;
	bool	   *nulls;
	int			n;
	PermissionId *ids;

	deconstruct_array(array, ARR_ELEMTYPE(array), sizeof(PermissionId), true,
					  TYPALIGN_INT, &elems, &nulls, &n);
	ids = palloc(sizeof(PermissionId) * (n + 1));
	for (int i = 0; i < n; i++)
	{
		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("permission set must not contain NULL")));
		ids[i] = DatumGetPermissionId(elems[i]);
	}
	PG_RETURN_PERMISSION_SET_P(permission_set_make(ids, n));
}

PG_FUNCTION_INFO_V1(ambit_permission_set_to_array);

/*
 * permissions(permission_set) returns permission[]
 */
Datum
ambit_permission_set_to_array(PG_FUNCTION_ARGS)
{
	PermissionSet *set = PG_GETARG_PERMISSION_SET_P(0);
	Oid			element = get_element_type(get_func_rettype(fcinfo->flinfo->fn_oid));
	Datum	   *elems = palloc(sizeof(Datum) * (set->n + 1));

	for (int i = 0; i < set->n; i++)
		elems[i] = PermissionIdGetDatum(set->ids[i]);
	PG_RETURN_ARRAYTYPE_P(construct_array(elems, set->n, element,
										  sizeof(PermissionId), true, TYPALIGN_INT));
}

PG_FUNCTION_INFO_V1(ambit_permission_set_from_permission);

/*
 * permission_set(permission) returns permission_set
 */
Datum
ambit_permission_set_from_permission(PG_FUNCTION_ARGS)
{
	PermissionId id = PG_GETARG_PERMISSION(0);

	PG_RETURN_PERMISSION_SET_P(permission_set_make(&id, 1));
}
