/*
 * login.h
 *		Identity by a token, and by the database role that logged in.
 */
#ifndef AMBIT_LOGIN_H
#define AMBIT_LOGIN_H

#include "utils/timestamp.h"

extern void login_init(void);

/* whether ambit.token is set, to whatever */
extern bool login_has_token(void);

/* Identities in their stored form, "" for none; they stay until the next call. */

/* whom the token that is set speaks for, if it holds; *until is when that
 * changes by itself */
extern const char *login_by_token(TimestampTz *until);

/* whom a database role is mapped to */
extern const char *login_by_role(Oid role);

/* whom the session's role is, as far as that was looked up: reads nothing */
extern const char *login_mapped(void);

/* empties ambit.token, of the session too, or if need be for the transaction */
extern void login_drop_token(bool session);

#endif							/* AMBIT_LOGIN_H */
