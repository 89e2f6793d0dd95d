/*
 * triggers.h
 *		Which triggers fire beside the guard.
 */
#ifndef AMBIT_TRIGGERS_H
#define AMBIT_TRIGGERS_H

#include "utils/rel.h"
#include "utils/reltrigger.h"

/* 42501 where a trigger could change the row after the guard has looked at it */
extern void triggers_check_order(Relation rel, const Trigger *guard);

/* whether the guard is all that fires before an UPDATE of a row; guard: its
 * function, looked up before the triggers of a relation are, which may move then;
 * NULL: no triggers */
extern bool triggers_guard_is_alone(const TriggerDesc *triggers, Oid guard);

/* the same of the one that wants an identity, before a statement (TRIGGER_TYPE_UPDATE ...),
 * of the executor's own triggers */
extern bool triggers_identity_is_alone(const TriggerDesc *triggers, int16 event);

/* 42501 where a trigger could change a row that moves between partitions */
extern void triggers_check_move(Oid root);

/* 42501 where an UPDATE of a protected table could meet a part without the guard */
extern void triggers_check_parts(Relation rel);

#endif							/* AMBIT_TRIGGERS_H */
