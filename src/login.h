/*
 * login.h
 *		Identity by a token, and by the database role that logged in.
 */
#ifndef AMBIT_LOGIN_H
#define AMBIT_LOGIN_H

#include "utils/timestamp.h"

#include "identity.h"

extern void login_init(void);

/* whether ambit.token is set, to whatever */
extern bool login_has_token(void);

/*
 * Whom the token that is set speaks for; NULL when it does not hold.  *until
 * is when that changes by itself.  Stays until the next call.
 */
extern const Identity *login_by_token(TimestampTz *until);

/* empties ambit.token, of the session too, or if need be for the transaction */
extern void login_drop_token(bool session);

/* whom a database role is mapped to; NULL for nobody.  Stays until the next call */
extern const Identity *login_by_role(Oid role);

/* the same of the session's role, in its stored form and as far as it was
 * looked up: reads nothing */
extern const char *login_role_string(void);

#endif							/* AMBIT_LOGIN_H */
