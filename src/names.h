/*
 * names.h
 *		Names in arrays, lists and hash tables.
 */
#ifndef AMBIT_NAMES_H
#define AMBIT_NAMES_H

#include "nodes/pg_list.h"
#include "utils/hsearch.h"

/* for qsort() of char * and for list_sort() of lists of char *, by bytes */
extern int	names_compare(const void *a, const void *b);
extern int	names_compare_cells(const ListCell *a, const ListCell *b);

/* NULL equals NULL */
extern bool names_equal(const char *a, const char *b);

/* whether a list of char * has the name */
extern bool names_has(const List *names, const char *name);

/* a text[] of them */
extern Datum names_array(int n, const char *const *names);

/*
 * A hash table in the context, whose entries begin with a char *, the key.
 * It keeps the pointer that it was given.
 */
extern HTAB *names_table(const char *title, Size entrysize, MemoryContext context);

#endif							/* AMBIT_NAMES_H */
