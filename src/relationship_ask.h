/*
 * relationship_ask.h
 *		Asking the views of relationships; for the room itself.
 */
#ifndef AMBIT_RELATIONSHIP_ASK_H
#define AMBIT_RELATIONSHIP_ASK_H

#include "nodes/params.h"
#include "nodes/plannodes.h"
#include "utils/plancache.h"
#include "utils/relcache.h"

#include "relationship.h"

/* What a view is asked about. */
typedef struct Asking
{
	const char *tenant;
	const char *relationship;
	const char *subject;
	bool		has_back;
	bool		has_ahead;
	TimestampTz from;
	TimestampTz to;
	double		size;			/* of its answer; below 0: not known */
} Asking;

/* The objects that a view said. */
typedef struct Objects
{
	MemoryContext context;
	KeyType		type;			/* as the view has them */
	KeySet	   *keys;
	bool		complete;		/* these are all */
} Objects;

/* A prepared question to one view. */
typedef struct Question
{
	Oid			view;			/* hash key, with the next three */
	bool		has_back;
	bool		has_ahead;
	bool		single;			/* about one object */
	bool		examined;
	bool		plain;			/* nothing in a row can make it fail */
	bool		reads_again;	/* its plan can be given another object */
	void	   *prepared;		/* SPIPlanPtr; NULL: cannot be asked */
	CachedPlan *plan;			/* the plan for any subject; only of a plain one */
	Cost		cost;			/* of it */
	double		rows;
	MemoryContext context;
	Oid			types[5];		/* of the parameters */
	KeyType		tenant;
	KeyType		subject;
	KeyType		object;
} Question;

/* relationship_question.c */
extern Question *question_find(Oid view, const Asking *asking, bool single);
extern Question *question_prepare(Relation view, const Asking *asking, bool single);
extern bool question_ready(Question *question);
extern ParamListInfo question_parameters(const Question *question, const Asking *asking,
										 const Key *object);
extern bool question_object(const KeyType *type, Key key, Datum *value);

/* relationship_answers.c */
extern void relationship_answers_init(void);

/*
 * Asks for the objects, so many at most; 0: all.  There are none when there is
 * no such view or it cannot be asked.
 */
extern void relationship_ask_all(const Asking *asking, uint64 limit, Objects *objects);

/*
 * Asks about one object, whose key is of the type, after so many others.  False
 * when it is better to ask for all.  A query that stays open for the next
 * object comes into *probe, if the statement is one that ends with the context.
 */
extern bool relationship_ask_single(const Asking *asking, const KeyType *type, Key key, int asked,
									RelationshipProbe **probe, MemoryContext statement,
									bool *related);

/* subtransactions rolled back so far */
extern uint64 relationship_rollbacks;

#endif							/* AMBIT_RELATIONSHIP_ASK_H */
