/*
 * nearest.h
 *		The known name that a mistyped one was probably meant to be.
 */
#ifndef AMBIT_NEAREST_H
#define AMBIT_NEAREST_H

/* palloc'd, NULL when nothing is near; NULL candidates are passed over */
extern char *nearest_name(const char *name, int n, const char *const *candidates);

/* the same; where nothing is near one that has dotted parts in common */
extern char *nearest_name_of_kin(const char *name, int n, const char *const *candidates);

#endif							/* AMBIT_NEAREST_H */
