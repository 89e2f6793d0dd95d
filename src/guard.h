/*
 * guard.h
 *		The write guard.
 */
#ifndef AMBIT_GUARD_H
#define AMBIT_GUARD_H

extern void guard_init(void);

#endif							/* AMBIT_GUARD_H */
