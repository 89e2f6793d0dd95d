/*
 * identity_text.c
 *		An identity as text, the stored form of one.
 *
 * A sequence of length-prefixed fields, "6:school,3:u17,3:web,"; a field that
 * is absent is "-,".  So that a tenant or user may have any id, and no id reads
 * as more than one field.
 */
#include "postgres.h"
#include "compat.h"

#include "lib/stringinfo.h"

#include "identity.h"

static void
append_field(StringInfo buf, const char *value)
{
	if (value == NULL)
		appendStringInfoString(buf, "-,");
	else
		appendStringInfo(buf, "%zu:%s,", strlen(value), value);
}

char *
identity_format(const Identity *identity)
{
	StringInfoData buf;

	initStringInfo(&buf);
	append_field(&buf, identity->tenant);
	append_field(&buf, identity->user_id);
	append_field(&buf, identity->channel);
	return buf.data;
}

/*
 * Reads one field.  *value is NULL for an absent one.  False when malformed.
 */
static bool
read_field(const char **p, const char **value)
{
	unsigned long len;
	char	   *end;

	if (**p == '-')
	{
		*value = NULL;
		if ((*p)[1] != ',')
			return false;
		*p += 2;
		return true;
	}
	if (**p < '0' || **p > '9')
		return false;
	len = strtoul(*p, &end, 10);
	if (*end != ':' || len > IDENTITY_MAX_FIELD || strnlen(end + 1, len + 1) < len + 1 ||
		end[1 + len] != ',')
		return false;
	*value = pnstrdup(end + 1, len);
	*p = end + 1 + len + 1;
	return true;
}

bool
identity_parse(Identity *identity, const char *string)
{
	return read_field(&string, &identity->tenant) &&
		read_field(&string, &identity->user_id) &&
		read_field(&string, &identity->channel) &&
		*string == '\0' && identity->tenant != NULL;
}
