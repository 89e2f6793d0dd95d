/*
 * ruleset.c
 *		The rules of a protected table about UPDATE, ready to be asked.
 *
 * They are read back from the policies (policy.c) and kept for the session; a
 * relcache invalidation of the table, or of a parent, makes them stale.
 */
#include "postgres.h"
#include "compat.h"

#include "access/relation.h"
#include "catalog/pg_type.h"
#include "nodes/nodeFuncs.h"
#include "rewrite/rewriteManip.h"
#include "utils/datum.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

#include "policy.h"
#include "ruleset.h"

/* The sets by table. */
typedef struct SetEntry
{
	Oid			relid;			/* hash key */
	RuleSet    *set;
} SetEntry;

static HTAB *sets = NULL;
static uint64 last_serial = 0;
static uint64 invalidations = 1;

/*
 * Relcache callback: the policies of a table may have changed, or a parent.
 */
static void
forget_set(Datum arg, Oid relid)
{
	HASH_SEQ_STATUS seq;
	SetEntry   *entry;

	invalidations++;
	if (sets == NULL)
		return;
	hash_seq_init(&seq, sets);
	while ((entry = hash_seq_search(&seq)) != NULL)
		if (!OidIsValid(relid) || entry->relid == relid ||
			(entry->set->parent && parent_is_about(entry->set->parent, relid)))
			entry->set->stale = true;
}

/*
 * Syscache callback: a schema has another name, and queries of parents are text.
 */
static void
forget_names(Datum arg, int cacheid, uint32 hashvalue)
{
	forget_set(arg, InvalidOid);
}

void
ruleset_init(void)
{
	CacheRegisterRelcacheCallback(forget_set, (Datum) 0);
	CacheRegisterSyscacheCallback(NAMESPACEOID, forget_names, (Datum) 0);
}

void
ruleset_damaged(Relation rel)
{
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("cannot update protected table \"%s\"", RelationGetRelationName(rel)),
			 errdetail("Its rules cannot be read from its policies."),
			 errhint("Call ambit.unprotect() and ambit.protect(), and add the rules again.")));
}

static void
make_values(SetRule *to, const Rule *from)
{
	ListCell   *column,
			   *value;

	forboth(column, from->columns, value, from->values)
	{
		const Var  *var = lfirst(column);
		const Const *constant = lfirst(value);
		RuleValue *made = palloc0(sizeof(RuleValue));
		TypeCacheEntry *type = lookup_type_cache(getBaseType(var->vartype), TYPECACHE_EQ_OPR_FINFO);

		made->column = var->varattno;
		made->collation = var->varcollid;
		made->value = datumCopy(constant->constvalue, constant->constbyval, constant->constlen);
		fmgr_info_copy(&made->equal, &type->eq_opr_finfo, CurrentMemoryContext);
		to->values = lappend(to->values, made);
	}
}

/*
 * Reads the rules of a table, in its own memory context.
 */
static void
make_set(RuleSet *set, Relation rel)
{
	FuncExpr   *bound = policy_bound_call(RelationGetRelid(rel));
	Oid			types[PERMITS_NARGS];
	List	   *rules;
	List	   *masks;
	ListCell   *lc;

	if (bound == NULL || !policy_rules(rel, &rules) || !masks_of(rel, &masks))
		ruleset_damaged(rel);
	for (int i = PERMITS_TENANT; i < PERMITS_NARGS; i++)
	{
		Node	   *arg = list_nth(bound->args, i - PERMITS_TENANT);

		types[i] = IsA(arg, Var) ? ((Var *) arg)->vartype : UNKNOWNOID;
		set->bound[i] = IsA(arg, Var) ? ((Var *) arg)->varattno : 0;
	}
	if (IsA(list_nth(bound->args, BOUND_PARENT_KEY), Var))
	{
		set->parent_key = ((Var *) list_nth(bound->args, BOUND_PARENT_KEY))->varattno;
		set->parent = parent_create(bound, types);
	}
	set->rules = palloc0(sizeof(SetRule) * Max(list_length(rules), 1));
	foreach(lc, rules)
	{
		const Rule *rule = lfirst(lc);
		SetRule    *made = &set->rules[set->nrules];
		ListCell   *column;

		if (strcmp(rule->command, "update") != 0)
			continue;
		/* add_rule() lets none in */
		if (checkExprHasSubLink((Node *) rule->condition))
			ruleset_damaged(rel);
		made->permission = pstrdup(rule->permission);
		made->old = rule->old;
		made->new = rule->new;
		made->condition = copyObject(rule->condition);
		made->any_column = rule->any_column;
		foreach(column, rule->columns)
			made->columns = bms_add_member(made->columns, ((Var *) lfirst(column))->varattno);
		if (rule->values != NIL)
			make_values(made, rule);
		for (made->same_as = 0;
			 strcmp(set->rules[made->same_as].permission, made->permission) != 0;
			 made->same_as++);
		made->site = made->same_as == set->nrules ?
			permits_site(types, CurrentMemoryContext) : set->rules[made->same_as].site;
		set->gives |= !made->new;
		set->nrules++;
	}
	set->masks = palloc0(sizeof(SetMask) * Max(list_length(masks), 1));
	foreach(lc, masks)
	{
		const Mask *mask = lfirst(lc);
		SetMask    *made = &set->masks[set->nmasks++];

		made->column = mask->column;
		made->permission = mask->permission;
		made->site = mask_site(mask->mask, mask->permission, types, CurrentMemoryContext);
	}
}

/*
 * The rules of a protected table, as its policies are now.
 */
RuleSet *
ruleset_find(Oid relid)
{
	SetEntry   *entry;
	RuleSet    *set;
	Relation	rel;
	MemoryContext context;
	MemoryContext old;
	uint64		seen;

	if (sets == NULL)
	{
		HASHCTL		ctl = {0};

		ctl.keysize = sizeof(Oid);
		ctl.entrysize = sizeof(SetEntry);
		sets = hash_create("ambit rule sets", 16, &ctl, HASH_ELEM | HASH_BLOBS);
	}
	entry = hash_search(sets, &relid, HASH_FIND, NULL);
	if (entry && !entry->set->stale)
		return entry->set;
	if (entry)
	{
		/* a row may be in the midst of being looked at */
		MemoryContextSetParent(entry->set->context, TopTransactionContext);
		hash_search(sets, &relid, HASH_REMOVE, NULL);
	}

	seen = invalidations;
	rel = relation_open(relid, AccessShareLock);
	context = AllocSetContextCreate(CurrentMemoryContext, "ambit rule set", ALLOCSET_SMALL_SIZES);
	old = MemoryContextSwitchTo(context);
	set = palloc0(sizeof(RuleSet));
	set->serial = ++last_serial;
	set->context = context;
	make_set(set, rel);
	MemoryContextSwitchTo(old);
	relation_close(rel, AccessShareLock);
	/* complete it first, publish it last */
	entry = hash_search(sets, &relid, HASH_ENTER, NULL);
	entry->set = set;
	set->stale = (invalidations != seen);
	MemoryContextSetParent(set->context, CacheMemoryContext);
	return set;
}

uint64
ruleset_invalidations(void)
{
	return invalidations;
}

/*
 * Whether a rule is about such a change of a column.
 */
bool
ruleset_covers(const SetRule *rule, AttrNumber column, Datum value, bool isnull)
{
	ListCell   *lc;

	if (rule->any_column)
		return true;
	if (!bms_is_member(column, rule->columns))
		return false;
	if (rule->values == NIL)
		return true;
	foreach(lc, rule->values)
	{
		RuleValue *wanted = lfirst(lc);

		if (wanted->column == column)
			return !isnull && DatumGetBool(FunctionCall2Coll(&wanted->equal, wanted->collation,
															 value, wanted->value));
	}
	return false;
}
