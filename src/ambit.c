/*
 * ambit.c
 *		Entry point of the library.
 */
#include "postgres.h"
#include "compat.h"

#include "fmgr.h"
#include "utils/guc.h"

#include "catalog.h"
#include "functions.h"
#include "identity.h"
#include "login.h"
#include "mask.h"
#include "planner.h"
#include "plans.h"
#include "relationship.h"
#include "rights.h"
#include "ruleset.h"
#include "signing.h"

PG_MODULE_MAGIC;

void		_PG_init(void);

/*
 * Called once when a backend loads the library.
 */
void
_PG_init(void)
{
	catalog_init();
	functions_init();
	identity_init();
	signing_init();
	login_init();
	rights_init();
	relationship_init();
	planner_init();
	ruleset_init();
	mask_init();
	plans_init();
	/* what was set before the library came in is taken over by now */
	MarkGUCPrefixReserved("ambit");
}
