/*
 * jsontext.c
 *		Strict JSON, read in place, piece by piece.
 *
 * For texts that come from strangers: what it takes to read them is bounded
 * by their length, it allocates nothing, raises nothing and calls nothing of
 * the backend's.  Strings come in UTF-8 whatever the database's encoding is.
 * The server's parser (common/jsonapi.h) is none for this: it puts escapes into
 * the database's encoding and leaves the rest as it is, raises an error where
 * that fails (PostgreSQL 15), has other callbacks and constructors in almost
 * each release, and as a frontend, where a fuzzer runs it, is another one.
 */
#include "postgres.h"
#include "compat.h"

#include <math.h>

#include "mb/pg_wchar.h"

#include "jsontext.h"

#define MAX_DEPTH 32			/* of what is skipped */
#define MAX_NUMBER 63			/* characters */

void
jsontext_begin(JsonText *text, char *start, size_t length)
{
	size_t		i = 0;

	text->next = start;
	text->first = true;
	text->failed = false;
	while (i < length && !text->failed)
	{
		int			n = 1;

		if (IS_HIGHBIT_SET(start[i]))
		{
			n = pg_utf_mblen((unsigned char *) start + i);
			if (n > length - i || !pg_utf8_islegal((unsigned char *) start + i, n))
				text->failed = true;
		}
		else if (start[i] == '\0')
			text->failed = true;
		i += n;
	}
}

/*
 * The next byte that is no white space; '\0' at the end and after a failure.
 */
static char
peek(JsonText *text)
{
	if (text->failed)
		return '\0';
	while (*text->next == ' ' || *text->next == '\t' || *text->next == '\n' || *text->next == '\r')
		text->next++;
	return *text->next;
}

/*
 * Takes the next byte if it is this one, else fails.
 */
static bool
take(JsonText *text, char c)
{
	if (peek(text) != c)
		text->failed = true;
	else
		text->next++;
	return !text->failed;
}

bool
jsontext_end(JsonText *text)
{
	if (peek(text) != '\0')
		text->failed = true;
	return !text->failed;
}

/*
 * Whether there is one more member or element; takes the comma before it, or
 * what closes it all.
 */
static bool
more(JsonText *text, char close)
{
	if (peek(text) == close)
	{
		text->next++;
		text->first = false;
		return false;
	}
	if (!text->first)
		(void) take(text, ',');
	text->first = false;
	return !text->failed;
}

void
jsontext_object(JsonText *text)
{
	text->first = take(text, '{');
}

const char *
jsontext_member(JsonText *text)
{
	const char *name = more(text, '}') ? jsontext_string(text) : NULL;

	return name && take(text, ':') ? name : NULL;
}

void
jsontext_array(JsonText *text)
{
	text->first = take(text, '[');
}

bool
jsontext_element(JsonText *text)
{
	return more(text, ']');
}

bool
jsontext_at_array(JsonText *text)
{
	return peek(text) == '[';
}

/*
 * Four hexadecimal digits; -1 when they are none.
 */
static int
read_hex(const char *p)
{
	int			value = 0;

	for (int i = 0; i < 4; i++)
	{
		char		c = p[i];

		if (c >= '0' && c <= '9')
			value = value * 16 + (c - '0');
		else if (c >= 'a' && c <= 'f')
			value = value * 16 + (c - 'a' + 10);
		else if (c >= 'A' && c <= 'F')
			value = value * 16 + (c - 'A' + 10);
		else
			return -1;
	}
	return value;
}

/*
 * Reads an escape, of which *from is the byte after the backslash, and writes
 * what it stands for, which is never longer.  False when there is none such.
 */
static bool
read_escape(char **from, char **to)
{
	static const char escapes[] = "\"\\/bfnrt";
	static const char meanings[] = "\"\\/\b\f\n\r\t";
	char		c = *(*from)++;
	int			code,
				second;
	const char *found;

	if (c == '\0')
		return false;
	if (c != 'u')
	{
		found = strchr(escapes, c);
		if (found == NULL)
			return false;
		*(*to)++ = meanings[found - escapes];
		return true;
	}
	code = read_hex(*from);
	if (code <= 0)
		return false;
	*from += 4;
	if (is_utf16_surrogate_second(code))
		return false;
	if (is_utf16_surrogate_first(code))
	{
		if ((*from)[0] != '\\' || (*from)[1] != 'u')
			return false;
		second = read_hex(*from + 2);
		if (second < 0 || !is_utf16_surrogate_second(second))
			return false;
		code = surrogate_pair_to_codepoint(code, second);
		*from += 6;
	}
	(void) unicode_to_utf8(code, (unsigned char *) *to);
	*to += pg_utf_mblen((unsigned char *) *to);
	return true;
}

const char *
jsontext_string(JsonText *text)
{
	char	   *from,
			   *to,
			   *start;

	if (!take(text, '"'))
		return NULL;
	start = from = to = text->next;
	while (*from != '"')
	{
		if ((unsigned char) *from < ' ')
			text->failed = true;	/* the end among them */
		else if (*from != '\\')
			*to++ = *from++;
		else
		{
			from++;
			if (!read_escape(&from, &to))
				text->failed = true;
		}
		if (text->failed)
			return NULL;
	}
	text->next = from + 1;
	*to = '\0';
	return start;
}

static const char *
skip_digits(const char *p)
{
	while (*p >= '0' && *p <= '9')
		p++;
	return p;
}

/*
 * The end of the number that begins here; NULL when it is none.
 */
static const char *
number_end(const char *p)
{
	const char *digits;

	if (*p == '-')
		p++;
	digits = p;
	p = skip_digits(p);
	if (p == digits || (*digits == '0' && p > digits + 1))
		return NULL;
	if (*p == '.')
	{
		digits = ++p;
		p = skip_digits(p);
		if (p == digits)
			return NULL;
	}
	if (*p == 'e' || *p == 'E')
	{
		p++;
		if (*p == '+' || *p == '-')
			p++;
		digits = p;
		p = skip_digits(p);
		if (p == digits)
			return NULL;
	}
	return p;
}

double
jsontext_number(JsonText *text)
{
	char		buffer[MAX_NUMBER + 1];
	const char *end;
	size_t		length;
	double		value;

	(void) peek(text);
	end = text->failed ? NULL : number_end(text->next);
	if (end == NULL || (length = end - text->next) > MAX_NUMBER)
	{
		text->failed = true;
		return 0;
	}
	memcpy(buffer, text->next, length);
	buffer[length] = '\0';
	text->next += length;
	value = strtod(buffer, NULL);
	if (!isfinite(value))
	{
		text->failed = true;
		return 0;
	}
	return value;
}

static void
skip_word(JsonText *text, const char *word)
{
	size_t		length = strlen(word);

	if (strncmp(text->next, word, length) != 0)
		text->failed = true;
	else
		text->next += length;
}

static void
skip_value(JsonText *text, int depth)
{
	const char *end;

	if (depth > MAX_DEPTH)
		text->failed = true;
	switch (peek(text))
	{
		case '{':
			jsontext_object(text);
			while (jsontext_member(text) != NULL)
				skip_value(text, depth + 1);
			break;
		case '[':
			jsontext_array(text);
			while (jsontext_element(text))
				skip_value(text, depth + 1);
			break;
		case '"':
			(void) jsontext_string(text);
			break;
		case 't':
			skip_word(text, "true");
			break;
		case 'f':
			skip_word(text, "false");
			break;
		case 'n':
			skip_word(text, "null");
			break;
		default:
			end = text->failed ? NULL : number_end(text->next);
			if (end)
				text->next = unconstify(char *, end);
			else
				text->failed = true;
	}
}

void
jsontext_skip(JsonText *text)
{
	skip_value(text, 0);
}
