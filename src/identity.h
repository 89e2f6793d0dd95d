/*
 * identity.h
 *		Who the session acts for now.
 */
#ifndef AMBIT_IDENTITY_H
#define AMBIT_IDENTITY_H

typedef struct Identity
{
	const char *tenant;
	const char *user_id;		/* NULL: a visitor */
	const char *channel;		/* "web", "mobile", or NULL: none */
} Identity;

extern void identity_init(void);

/* the identity in force, NULL when there is none; valid until it changes */
extern const Identity *identity_current(void);

/* grows whenever the identity may have changed; read it by
 * identity_serial(), only identity.c writes it */
extern uint64 identity_serial_number;

static inline uint64
identity_serial(void)
{
	return identity_serial_number;
}

/* the identity in force in its stored form; "" when there is none */
extern const char *identity_string(void);

/* superuser, owner of the extension, or a role granted administration */
extern bool identity_is_dba(void);

#endif							/* AMBIT_IDENTITY_H */
