/*
 * identity.c
 *		An identity as text: the stored form of one.
 *
 * '0' as the first byte: the rest is read as a stored form.  Another: it is
 * three fields, with a '\0' between, of which bits 1 and 2 leave the last two
 * out.  Besides memory: what is written reads as the same, whatever the
 * fields hold.
 */
#include "postgres.h"
#include "compat.h"

#include "identity.h"
#include "fuzz.h"

static bool
same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static void
check_identity(const Identity *identity)
{
	Identity	again;
	char	   *stored = identity_format(identity);

	CHECK(identity_parse(&again, stored));
	CHECK(same(again.tenant, identity->tenant));
	CHECK(same(again.user_id, identity->user_id));
	CHECK(same(again.channel, identity->channel));
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
	unsigned char what = fuzz_byte(&data, &size);
	Identity	identity = {0};
	char	   *fields[3] = {0};

	if (what == '0')
	{
		fields[0] = fuzz_string(data, size);
		if (identity_parse(&identity, fields[0]))
		{
			check_identity(&identity);
			/* but for zeros before a length there is one text for each */
			if (strchr(fields[0], '0') == NULL)
				CHECK(same(identity_format(&identity), fields[0]));
		}
	}
	else
	{
		for (int i = 0; i < 3; i++)
		{
			size_t		length;

			fields[i] = fuzz_string(data, size);
			length = Min(strlen(fields[i]) + 1, size);
			data += length;
			size -= length;
			if (strlen(fields[i]) > IDENTITY_MAX_FIELD)
				fields[i][IDENTITY_MAX_FIELD] = '\0';
		}
		identity.tenant = fields[0];
		identity.user_id = what & 2 ? NULL : fields[1];
		identity.channel = what & 4 ? NULL : fields[2];
		check_identity(&identity);
	}
	for (int i = 0; i < 3; i++)
		free(fields[i]);
	fuzz_clean();
	return 0;
}
