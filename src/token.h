/*
 * token.h
 *		What a JSON Web Token says, before anybody believes it.
 */
#ifndef AMBIT_TOKEN_H
#define AMBIT_TOKEN_H

#define TOKEN_MAX_LENGTH 8192	/* of all of it, in bytes */
#define TOKEN_MAX_SIGNATURE 1024	/* bytes: RSA with 8192 bits */
#define TOKEN_MAX_MEMBERS 128	/* of the header, and of the claims */
#define TOKEN_MAX_AUDIENCES 32

/* Strings are in UTF-8 and stand in buffer. */
typedef struct Token
{
	const char *algorithm;
	const char *kid;

	/* what is signed, and the signature */
	const char *signed_text;
	size_t		signed_length;
	unsigned char signature[TOKEN_MAX_SIGNATURE];
	size_t		signature_length;

	/* the claims; NULL, and naudiences -1, for those that are not there */
	const char *subject;
	const char *tenant;
	const char *channel;
	const char *issuer;
	int			naudiences;
	const char *audiences[TOKEN_MAX_AUDIENCES];
	double		expires;		/* seconds since 1970 */
	double		not_before;		/* nbf or iat, the later; 0 without */

	char	   *claims;			/* not read yet */
	size_t		claims_length;
	char		buffer[TOKEN_MAX_LENGTH];
} Token;

/*
 * Decodes a token and reads its header.  False when it is malformed.  The text
 * must stay in place while the token is used.
 */
extern bool token_read(Token *token, const char *text);

/* Reads the claims.  False when they are malformed, or one is missing. */
extern bool token_read_claims(Token *token);

/* Decodes strict base64url; -1 when it is not, or has more than max bytes. */
extern int	token_base64url(const char *text, size_t length, unsigned char *bytes, size_t max);

#endif							/* AMBIT_TOKEN_H */
