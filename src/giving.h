/*
 * giving.h
 *		Rows that are given away.
 */
#ifndef AMBIT_GIVING_H
#define AMBIT_GIVING_H

/* the row of the table that the guard lets pass now is given away */
extern void giving_note(Oid relid);
extern void giving_forget(void);

#endif							/* AMBIT_GIVING_H */
