/*
 * prune.h
 *		Conditions of policies that hold anyway.
 */
#ifndef AMBIT_PRUNE_H
#define AMBIT_PRUNE_H

extern void prune_init(void);

#endif							/* AMBIT_PRUNE_H */
