/*
 * token.c
 *		What a JSON Web Token says, before anybody believes it.
 *
 * Reads the compact form of a JWS (RFC 7515) whose payload are claims (RFC
 * 7519), strictly: where two readers could understand it differently, it is
 * refused.  Nothing is allocated or raised, and nothing of the backend's is
 * called.
 */
#include "postgres.h"
#include "compat.h"

#include "jsontext.h"
#include "token.h"

/* the year 9999 ends here */
#define MAX_SECONDS 253402300799.0

/* Names that were there already. */
typedef struct Names
{
	int			n;
	const char *names[TOKEN_MAX_MEMBERS];
} Names;

/* six bits a character; above 63: none */
static const unsigned char base64url_values[256] = {
#define NONE8 64, 64, 64, 64, 64, 64, 64, 64
	NONE8, NONE8, NONE8, NONE8,
	NONE8, 64, 64, 64, 64, 64, 62, 64, 64,	/* '-' */
	52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 64, 64, 64, 64, 64, 64,	/* '0' */
	64, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,	/* 'A' */
	15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 64, 64, 64, 64, 63, /* '_' */
	64, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, /* 'a' */
	41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 64, 64, 64, 64, 64,
	NONE8, NONE8, NONE8, NONE8, NONE8, NONE8, NONE8, NONE8,
	NONE8, NONE8, NONE8, NONE8, NONE8, NONE8, NONE8, NONE8
#undef NONE8
};

int
token_base64url(const char *text, size_t length, unsigned char *bytes, size_t max)
{
	uint32		bits = 0;
	int			nbits = 0;
	size_t		n = 0;

	for (size_t i = 0; i < length; i++)
	{
		unsigned char value = base64url_values[(unsigned char) text[i]];

		if (value > 63)
			return -1;
		bits = (bits << 6) | value;
		nbits += 6;
		if (nbits < 8)
			continue;
		nbits -= 8;
		if (n == max)
			return -1;
		bytes[n++] = (unsigned char) (bits >> nbits);
		bits &= (1U << nbits) - 1;
	}
	/* a lonely character, or bits that another text could have as well */
	if (nbits == 6 || bits != 0)
		return -1;
	return (int) n;
}

/*
 * The next member of an object in which no name comes twice.
 */
static const char *
next_member(JsonText *text, Names *seen)
{
	const char *name = jsontext_member(text);

	if (name == NULL)
		return NULL;
	for (int i = 0; i < seen->n; i++)
		if (strcmp(seen->names[i], name) == 0)
			text->failed = true;
	if (seen->n == TOKEN_MAX_MEMBERS)
		text->failed = true;
	if (text->failed)
		return NULL;
	seen->names[seen->n++] = name;
	return name;
}

/*
 * Headers that change what a token means, or bring keys along.
 */
static bool
is_refused(const char *header)
{
	static const char *const refused[] = {
		"crit", "b64", "jwk", "jku", "x5c", "x5u", "zip", "enc", "cty"
	};

	for (int i = 0; i < lengthof(refused); i++)
		if (strcmp(refused[i], header) == 0)
			return true;
	return false;
}

static bool
read_header(Token *token, char *start, size_t length)
{
	JsonText	text;
	Names		seen = {0};
	const char *name;

	jsontext_begin(&text, start, length);
	jsontext_object(&text);
	while ((name = next_member(&text, &seen)) != NULL)
	{
		if (is_refused(name))
			return false;
		if (strcmp(name, "alg") == 0)
			token->algorithm = jsontext_string(&text);
		else if (strcmp(name, "kid") == 0)
			token->kid = jsontext_string(&text);
		else if (strcmp(name, "typ") == 0)
		{
			const char *type = jsontext_string(&text);

			if (type == NULL ||
				(pg_strcasecmp(type, "JWT") != 0 && pg_strcasecmp(type, "at+jwt") != 0))
				return false;
		}
		else
			jsontext_skip(&text);
	}
	return jsontext_end(&text) && token->algorithm && token->kid;
}

bool
token_read(Token *token, const char *text)
{
	size_t		length = strnlen(text, TOKEN_MAX_LENGTH + 1);
	const char *payload,
			   *signature;
	char	   *place = token->buffer;
	int			n;

	token->algorithm = token->kid = NULL;
	if (length > TOKEN_MAX_LENGTH)
		return false;
	payload = memchr(text, '.', length);
	if (payload == NULL)
		return false;
	payload++;
	signature = memchr(payload, '.', text + length - payload);
	if (signature == NULL)
		return false;
	token->signed_text = text;
	token->signed_length = signature - text;
	signature++;
	n = token_base64url(signature, text + length - signature, token->signature,
						TOKEN_MAX_SIGNATURE);
	if (n <= 0)
		return false;
	token->signature_length = n;

	/* decoded they are shorter than encoded, by more than two '\0' */
	n = token_base64url(text, payload - 1 - text, (unsigned char *) place, TOKEN_MAX_LENGTH - 2);
	if (n <= 0)
		return false;
	place[n] = '\0';
	if (!read_header(token, place, n))
		return false;
	place += n + 1;
	n = token_base64url(payload, signature - 1 - payload, (unsigned char *) place,
						token->buffer + TOKEN_MAX_LENGTH - 1 - place);
	if (n <= 0)
		return false;
	place[n] = '\0';
	token->claims = place;
	token->claims_length = n;
	return true;
}

/*
 * A string or an array of strings.
 */
static void
read_audiences(Token *token, JsonText *text)
{
	token->naudiences = 0;
	if (!jsontext_at_array(text))
	{
		token->audiences[token->naudiences++] = jsontext_string(text);
		return;
	}
	jsontext_array(text);
	while (jsontext_element(text))
	{
		if (token->naudiences == TOKEN_MAX_AUDIENCES)
		{
			text->failed = true;
			return;
		}
		token->audiences[token->naudiences++] = jsontext_string(text);
	}
}

static double
read_time(JsonText *text)
{
	double		value = jsontext_number(text);

	if (value < 0 || value > MAX_SECONDS)
		text->failed = true;
	return value;
}

bool
token_read_claims(Token *token)
{
	JsonText	text;
	Names		seen = {0};
	const char *name;
	bool		has_expires = false;

	token->subject = token->tenant = token->channel = token->issuer = NULL;
	token->naudiences = -1;
	token->expires = token->not_before = 0;
	jsontext_begin(&text, token->claims, token->claims_length);
	jsontext_object(&text);
	while ((name = next_member(&text, &seen)) != NULL)
	{
		if (strcmp(name, "sub") == 0)
			token->subject = jsontext_string(&text);
		else if (strcmp(name, "tenant") == 0)
			token->tenant = jsontext_string(&text);
		else if (strcmp(name, "channel") == 0)
			token->channel = jsontext_string(&text);
		else if (strcmp(name, "iss") == 0)
			token->issuer = jsontext_string(&text);
		else if (strcmp(name, "aud") == 0)
			read_audiences(token, &text);
		else if (strcmp(name, "exp") == 0)
		{
			token->expires = read_time(&text);
			has_expires = true;
		}
		else if (strcmp(name, "nbf") == 0 || strcmp(name, "iat") == 0)
		{
			double		begins = read_time(&text);

			token->not_before = Max(token->not_before, begins);
		}
		else
			jsontext_skip(&text);
	}
	return jsontext_end(&text) && has_expires &&
		token->subject && token->subject[0] != '\0' &&
		token->tenant && token->tenant[0] != '\0';
}
