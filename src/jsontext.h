/*
 * jsontext.h
 *		Strict JSON, read in place, piece by piece.
 *
 * What was asked for and is not there, and whatever is not JSON by RFC 8259,
 * makes the reader fail; from then on there is nothing to read, so that one
 * look at jsontext_end() is enough.
 */
#ifndef AMBIT_JSONTEXT_H
#define AMBIT_JSONTEXT_H

typedef struct JsonText
{
	char	   *next;			/* the text is followed by a '\0' */
	bool		first;			/* nothing was read of the object or array yet */
	bool		failed;
} JsonText;

/* begins to read; fails unless it is UTF-8 without a '\0' */
extern void jsontext_begin(JsonText *text, char *start, size_t length);

/* whether that was all, and right */
extern bool jsontext_end(JsonText *text);

/* an object: the name of the next member, whose value is to be read before
 * the one after it is asked for; NULL after the last */
extern void jsontext_object(JsonText *text);
extern const char *jsontext_member(JsonText *text);

/* an array: whether there is one more element, which is to be read */
extern void jsontext_array(JsonText *text);
extern bool jsontext_element(JsonText *text);

/* whether an array is next */
extern bool jsontext_at_array(JsonText *text);

/* a string, in UTF-8, in place; NULL when it is none */
extern const char *jsontext_string(JsonText *text);

/* a finite number; 0 when it is none */
extern double jsontext_number(JsonText *text);

/* any value */
extern void jsontext_skip(JsonText *text);

#endif							/* AMBIT_JSONTEXT_H */
