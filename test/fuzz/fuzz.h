/*
 * fuzz.h
 *		What the fuzz targets have in common.
 *
 * A target is a program of one LLVMFuzzerTestOneInput(), run by libFuzzer or,
 * over files, by main.c.  It links files of src/ as they are, with server.c in
 * the place of the server.  A finding is whatever a sanitizer says, and a
 * CHECK() that does not hold.
 */
#ifndef AMBIT_FUZZ_H
#define AMBIT_FUZZ_H

extern int	LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

#define CHECK(condition) \
	((condition) ? (void) 0 : fuzz_fail(#condition, __FILE__, __LINE__))
extern void fuzz_fail(const char *condition, const char *file, int line) pg_attribute_noreturn();

/*
 * Calls a function; returns the SQLSTATE of the error that it raised, 0 for
 * none.  fuzz_hint is then the error's hint, or "".
 */
extern int	fuzz_try(void (*call) (void *arg), void *arg);
extern char fuzz_hint[];

/* frees what was allocated in CurrentMemoryContext; at the end of every run */
extern void fuzz_clean(void);

/* the keys of permissions that there are; a change makes what was read stale */
extern const char *const fuzz_permissions[];
extern const int fuzz_npermissions;
extern void fuzz_change_permissions(void);

/* the next byte, 0 after the last */
static inline unsigned char
fuzz_byte(const unsigned char **data, size_t *size)
{
	if (*size == 0)
		return 0;
	(*size)--;
	return *(*data)++;
}

/*
 * Bytes as a C string, up to the first '\0' of theirs, in a chunk of malloc's
 * in which nothing follows.
 */
extern char *fuzz_string(const unsigned char *data, size_t size);

/* a number from 0 on that depends on all the bytes */
extern unsigned int fuzz_hash(const unsigned char *data, size_t size);

#endif							/* AMBIT_FUZZ_H */
