/*
 * literals.h
 *		Constants that may be read again by somebody else.
 */
#ifndef AMBIT_LITERALS_H
#define AMBIT_LITERALS_H

#include "nodes/nodes.h"

/* whether reading the constants of an expression from text runs no code of others */
extern bool literals_are_plain(Node *expression);

#endif							/* AMBIT_LITERALS_H */
