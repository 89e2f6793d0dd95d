/*
 * identity.h
 *		Who the session acts for now.
 */
#ifndef AMBIT_IDENTITY_H
#define AMBIT_IDENTITY_H

/* longest id of a tenant or user that an identity may hold, in bytes */
#define IDENTITY_MAX_FIELD 8192

typedef struct Identity
{
	const char *tenant;
	const char *user_id;		/* NULL: a visitor */
	const char *channel;		/* "web", "mobile", or NULL: none */
} Identity;

extern void identity_init(void);

/* the identity in force, NULL when there is none; valid until the next call of
 * a function of identity.h or rights.h */
extern const Identity *identity_current(void);

/* whether nothing but a setting can change it, and the number of changes
 * until it was looked at last; only identity.c writes them */
extern bool identity_fixed;
extern uint64 identity_serial_number;
extern void identity_look(void);

/* grows whenever the identity has changed */
static inline uint64
identity_serial(void)
{
	if (!identity_fixed)
		identity_look();
	return identity_serial_number;
}

/* the identity in force in its stored form; "" when there is none */
extern const char *identity_string(void);

/* the stored form of an identity, palloc'd, and back; what is read is palloc'd,
 * false when it is none */
extern char *identity_format(const Identity *identity);
extern bool identity_parse(Identity *identity, const char *string);

/* for those who keep what it comes from: it is to be looked up again; the
 * server puts one in force; assume() or logout() is at work; what is in force
 * without a token */
extern void identity_changed(void);
extern void identity_follows(const char *next);
extern bool identity_is_being_set(void);
extern const char *identity_below_token(void);

/* superuser, owner of the extension, or a role granted administration */
extern bool identity_is_dba(void);

#endif							/* AMBIT_IDENTITY_H */
