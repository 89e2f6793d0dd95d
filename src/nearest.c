/*
 * nearest.c
 *		The known name that a mistyped one was probably meant to be, for hints.
 */
#include "postgres.h"
#include "compat.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/varlena.h"

#include "nearest.h"

/* Longer names raise an error in varstr_levenshtein() (MAX_LEVENSHTEIN_STRLEN). */
#define NEAREST_MAX_LENGTH 255
#define NEAREST_MAX_DISTANCE 4

/*
 * Leaves out the dotted parts that two names begin and end with alike, so that
 * a long common module does not make two different actions look alike:
 * clients.view and clients.edit become view and edit.
 */
static void
strip_common_parts(const char **a, int *a_length, const char **b, int *b_length)
{
	int			common = 0;
	int			shorter = Min(*a_length, *b_length);

	for (int i = 0; i < shorter && (*a)[i] == (*b)[i]; i++)
		if ((*a)[i] == '.')
			common = i + 1;
	*a += common;
	*a_length -= common;
	*b += common;
	*b_length -= common;

	common = 0;
	shorter = Min(*a_length, *b_length);
	for (int i = 1; i <= shorter && (*a)[*a_length - i] == (*b)[*b_length - i]; i++)
		if ((*a)[*a_length - i] == '.')
			common = i;
	*a_length -= common;
	*b_length -= common;
}

/*
 * The candidate with the smallest edit distance to name, in what is left without
 * the dotted parts that both have, and the first of several; NULL: none.  kin:
 * of those that have such parts, however far they are.
 */
static const char *
find_nearest(const char *name, int n, const char *const *candidates, bool kin)
{
	int			length = strlen(name);
	int			best_distance = (kin ? NEAREST_MAX_LENGTH : NEAREST_MAX_DISTANCE) + 1;
	const char *best = NULL;

	if (length > NEAREST_MAX_LENGTH)
		return NULL;
	for (int i = 0; i < n && best_distance > 0; i++)
	{
		const char *source = name;
		const char *target = candidates[i];
		int			source_length = length;
		int			target_length = target ? strlen(target) : 0;
		int			limit = best_distance - 1;
		int			distance;

		CHECK_FOR_INTERRUPTS();
		if (target_length == 0 || target_length > NEAREST_MAX_LENGTH)
			continue;
		if (pg_strcasecmp(name, target) == 0)
			return target;
		strip_common_parts(&source, &source_length, &target, &target_length);
		if (!kin)
			limit = Min(limit, source_length / 2);
		else if (source_length == length)
			continue;
		distance = varstr_levenshtein_less_equal(source, source_length,
												 target, target_length,
												 1, 1, 1, limit, false);
		if (distance <= limit)
		{
			best = candidates[i];
			best_distance = distance;
		}
	}
	return best;
}

/*
 * Returns the candidate that name was probably meant to be, in the current
 * memory context.  NULL when every candidate differs in more than four letters,
 * or in more than half of what is left of the name without the dotted parts that
 * both have; without dots these are the limits that the server sets for its own
 * hints.  Names that differ only in the case of ASCII letters are near at any
 * length.  Names of more than 255 bytes are near to nothing.  Raises nothing.
 */
char *
nearest_name(const char *name, int n, const char *const *candidates)
{
	const char *best = find_nearest(name, n, candidates, false);

	return best ? pstrdup(best) : NULL;
}

/*
 * The same; where none is near the one that is least far of those that begin or
 * end with the same dotted parts.
 */
char *
nearest_name_of_kin(const char *name, int n, const char *const *candidates)
{
	const char *best = find_nearest(name, n, candidates, false);

	if (best == NULL)
		best = find_nearest(name, n, candidates, true);
	return best ? pstrdup(best) : NULL;
}

PG_FUNCTION_INFO_V1(ambit_nearest);

/*
 * _nearest(name text, candidates text[]) returns text
 *		The candidate nearest to name, NULL when none is near.
 */
Datum
ambit_nearest(PG_FUNCTION_ARGS)
{
	char	   *name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	Datum	   *elems;
	bool	   *nulls;
	int			n;
	const char **candidates;
	char	   *nearest;

	deconstruct_array(PG_GETARG_ARRAYTYPE_P(1), TEXTOID, -1, false, TYPALIGN_INT,
					  &elems, &nulls, &n);
	candidates = palloc(sizeof(char *) * (n + 1));
	for (int i = 0; i < n; i++)
		candidates[i] = nulls[i] ? NULL : TextDatumGetCString(elems[i]);
	nearest = nearest_name(name, n, candidates);
	if (nearest == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(nearest));
}
