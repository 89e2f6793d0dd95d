/*
 * kept.h
 *		Answers kept for one statement, as many as there is memory for.
 */
#ifndef AMBIT_KEPT_H
#define AMBIT_KEPT_H

typedef struct Kept Kept;

/* in a context that lives as long as the statement does */
extern Kept *kept_create(MemoryContext context);

/* what is kept under a key; NULL: nothing.  Good until something is added. */
extern void *kept_find(Kept *kept, const void *key, Size key_size, Size *size);

/* adds what was not found */
extern void kept_add(Kept *kept, const void *key, Size key_size, const void *answer, Size size);

#endif							/* AMBIT_KEPT_H */
