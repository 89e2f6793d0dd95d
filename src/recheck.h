/*
 * recheck.h
 *		Checks of new rows that need not be made for each of them.
 */
#ifndef AMBIT_RECHECK_H
#define AMBIT_RECHECK_H

#include "nodes/execnodes.h"

/* the policies that new rows of a table are checked against are about to be asked */
extern void recheck_attach(EState *estate, ResultRelInfo *result, CmdType operation);

#endif							/* AMBIT_RECHECK_H */
