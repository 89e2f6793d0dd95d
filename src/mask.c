/*
 * mask.c
 *		Columns that not everybody sees: masks.
 *
 * Which columns of a table are masked, and by which permission, stands in the
 * policy "ambit_masks" and nowhere else, as calls of ambit._mask() that look at
 * the columns: the server follows renames, guards drops and writes them into
 * dumps.  The policy is one for INSERT: a new row leaves a field that tenants
 * mark at NULL or at its default where it is not open to the user.
 *
 * Masked columns are read through the view that mask() keeps.  Roles that
 * row-level security holds cannot read them anywhere else: mask() takes the
 * privilege, and a hook of the executor refuses what a later GRANT would open.
 *
 * The hook tells ambit's view from all others by two things that a query of
 * the application cannot have both: the table is read there as its owner, and
 * goes by a name that mask() gives it.  Subqueries of policies could have both,
 * and are refused that name.
 */
#include "postgres.h"
#include "compat.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/relation.h"
#include "access/sysattr.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_class.h"
#include "catalog/pg_depend.h"
#include "catalog/pg_rewrite.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "funcapi.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parse_relation.h"
#include "rewrite/rewriteHandler.h"
#include "rewrite/rewriteSupport.h"
#include "rewrite/rowsecurity.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rls.h"
#include "utils/ruleutils.h"

#include "authority.h"
#include "catalog.h"
#include "literals.h"
#include "mask.h"
#include "permits.h"
#include "policy.h"
#include "rights.h"

#define MASKS_POLICY "ambit_masks"

/* by which the table goes in ambit's view, and a parent in a policy */
#define MASKED_ALIAS "~ambit"
#define PARENT_ALIAS "ambit_parent_"

/* the arguments of _mask() */
#define MASK_ID 0
#define MASK_PERMISSION 1
#define MASK_COLUMN 2
#define MASK_NARGS 4

/* the arguments of _unmasks() before the bound columns */
#define UNMASKS_COLUMNS 2

/* Who asks whether a column is open in rows of one kind. */
struct MaskSite
{
	PermitsSite *row;
	int64		mask;
	char	   *permission;
	uint64		serial;			/* the rights that the rest was made for; 0: none */
	bool		visible;		/* the tenant marked the field */
	bool		only_all;		/* the permission's fields are marked ones */
};

static ExecutorCheckPerms_hook_type previous_check = NULL;

PG_FUNCTION_INFO_V1(ambit_unmasks);
PG_FUNCTION_INFO_V1(ambit_mask);
PG_FUNCTION_INFO_V1(ambit_mask_refused);
PG_FUNCTION_INFO_V1(ambit_masks);
PG_FUNCTION_INFO_V1(ambit_masked_view);
PG_FUNCTION_INFO_V1(ambit_shown);
PG_FUNCTION_INFO_V1(ambit_select_sql);
PG_FUNCTION_INFO_V1(ambit_initial_sql);
PG_FUNCTION_INFO_V1(ambit_confirm_field);

/* ---- is a column open? --------------------------------------------------- */

MaskSite *
mask_site(int64 mask, const char *permission, const Oid *types, MemoryContext context)
{
	MaskSite   *site = MemoryContextAllocZero(context, sizeof(MaskSite));

	site->row = permits_site(types, context);
	site->mask = mask;
	site->permission = MemoryContextStrdup(context, permission);
	return site;
}

/*
 * Prepares a site for the rights in force; false without any.
 */
static bool
bind_site(MaskSite *site)
{
	Rights	   *rights = rights_current();

	if (rights == NULL || rights->model == NULL)
		return false;
	/* a change of the tenant or the template makes new rights */
	if (site->serial != rights->serial)
	{
		site->serial = 0;
		site->visible = model_is_visible(rights->model, site->mask);
		site->only_all = model_is_marked(rights->model->template,
										 permission_lookup(site->permission));
		site->serial = rights->serial;
	}
	return true;
}

bool
mask_site_is_field(MaskSite *site)
{
	return !bind_site(site) || site->only_all;
}

bool
mask_site_unmasks(MaskSite *site, const Datum *values, const bool *nulls)
{
	if (!bind_site(site))
		return false;
	if (site->visible)
		return permits_tenant(site->row, site->permission, values, nulls);
	return permits_row(site->row, site->permission, values, nulls, site->only_all);
}

/*
 * _unmasks(mask bigint, permission text, tenant, location, owner, client,
 *			assignee, team "any") returns boolean
 *		Whether the identity in force sees a masked column in such a row.
 *		Stands in views and policies, where the first two are constants.
 */
Datum
ambit_unmasks(PG_FUNCTION_ARGS)
{
	FmgrInfo   *flinfo = fcinfo->flinfo;
	Datum		values[PERMITS_NARGS];
	bool		nulls[PERMITS_NARGS];

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_BOOL(false);
	if (flinfo->fn_extra == NULL)
	{
		Oid			types[PERMITS_NARGS];

		if (!get_fn_expr_arg_stable(flinfo, 0) || !get_fn_expr_arg_stable(flinfo, 1))
			PG_RETURN_BOOL(false);
		for (int i = PERMITS_TENANT; i < PERMITS_NARGS; i++)
			types[i] = get_fn_expr_argtype(flinfo, UNMASKS_COLUMNS + i - PERMITS_TENANT);
		flinfo->fn_extra = mask_site(PG_GETARG_INT64(0), text_to_cstring(PG_GETARG_TEXT_PP(1)),
									 types, flinfo->fn_mcxt);
	}
	for (int i = PERMITS_TENANT; i < PERMITS_NARGS; i++)
	{
		values[i] = PG_GETARG_DATUM(UNMASKS_COLUMNS + i - PERMITS_TENANT);
		nulls[i] = PG_ARGISNULL(UNMASKS_COLUMNS + i - PERMITS_TENANT);
	}
	PG_RETURN_BOOL(mask_site_unmasks(flinfo->fn_extra, values, nulls));
}

/*
 * _mask(mask bigint, permission text, column "any", initial "any") returns boolean
 *		Whether a new row leaves the column at NULL or at its default, or the
 *		column is no field that tenants mark: what is new tells nobody anything.
 */
Datum
ambit_mask(PG_FUNCTION_ARGS)
{
	Oid			type = get_fn_expr_argtype(fcinfo->flinfo, 2);
	Rights	   *rights = rights_current();
	int16		len;
	bool		byval;

	if (PG_ARGISNULL(2))
		PG_RETURN_BOOL(true);
	if (rights != NULL && rights->model != NULL && !PG_ARGISNULL(1) &&
		!model_is_marked(rights->model->template,
						 permission_lookup(text_to_cstring(PG_GETARG_TEXT_PP(1)))))
		PG_RETURN_BOOL(true);
	if (PG_ARGISNULL(3) || get_fn_expr_argtype(fcinfo->flinfo, 3) != type)
		PG_RETURN_BOOL(false);
	get_typlenbyval(type, &len, &byval);
	PG_RETURN_BOOL(datum_image_eq(PG_GETARG_DATUM(2), PG_GETARG_DATUM(3), byval, len));
}

/* ---- which columns are masked? --------------------------------------------- */

/* What masks_walker() found. */
typedef struct FindMasks
{
	List	   *masks;
	bool		damaged;
} FindMasks;

static bool
masks_walker(Node *node, void *context)
{
	FindMasks  *find = context;
	FuncExpr   *call = (FuncExpr *) node;
	Const	   *id;
	Const	   *permission;
	Node	   *column;
	Mask	   *mask;

	if (node == NULL)
		return false;
	if (!IsA(node, FuncExpr) || !policy_is_ambits(call->funcid, "_mask") ||
		list_length(call->args) != MASK_NARGS)
		return expression_tree_walker(node, masks_walker, context);
	id = list_nth(call->args, MASK_ID);
	permission = list_nth(call->args, MASK_PERMISSION);
	column = list_nth(call->args, MASK_COLUMN);
	/* mask() names no whole row and no system column, but the owner of a table may write any policy */
	if (!IsA(id, Const) || id->constisnull || !IsA(permission, Const) ||
		permission->constisnull || permission->consttype != TEXTOID || !IsA(column, Var) ||
		((Var *) column)->varattno <= 0)
	{
		find->damaged = true;
		return false;
	}
	mask = palloc(sizeof(Mask));
	mask->mask = DatumGetInt64(id->constvalue);
	mask->permission = TextDatumGetCString(permission->constvalue);
	mask->column = ((Var *) column)->varattno;
	find->masks = lappend(find->masks, mask);
	return false;
}

bool
masks_of(Relation rel, List **masks)
{
	FindMasks	find = {NIL, false};
	ListCell   *lc;

	if (rel->rd_rsdesc != NULL)
		foreach(lc, rel->rd_rsdesc->policies)
		{
			RowSecurityPolicy *policy = lfirst(lc);

			if (strcmp(policy->policy_name, MASKS_POLICY) != 0)
				continue;
			if (policy->permissive || policy->polcmd != ACL_INSERT_CHR)
				find.damaged = true;
			(void) masks_walker((Node *) policy->with_check_qual, &find);
		}
	*masks = find.masks;
	return !find.damaged;
}

/*
 * _masks(relation regclass)
 *		The masked columns of a table, by their present names.
 */
Datum
ambit_masks(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Relation	rel;
	List	   *masks;
	ListCell   *lc;

	InitMaterializedSRF(fcinfo, 0);
	rel = try_relation_open(PG_GETARG_OID(0), AccessShareLock);
	if (rel == NULL)
		return (Datum) 0;
	(void) masks_of(rel, &masks);
	foreach(lc, masks)
	{
		const Mask *mask = lfirst(lc);
		char	   *column = get_attname(RelationGetRelid(rel), mask->column, true);
		Datum		values[3];
		bool		nulls[3] = {false, false, false};

		if (column == NULL)
			continue;
		values[0] = Int64GetDatum(mask->mask);
		values[1] = DirectFunctionCall1(namein, CStringGetDatum(column));
		values[2] = CStringGetTextDatum(mask->permission);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	relation_close(rel, AccessShareLock);
	return (Datum) 0;
}

/*
 * _mask_refused(relation regclass, mask bigint) returns boolean
 *		42501: a new row has a value in a masked column.
 */
Datum
ambit_mask_refused(PG_FUNCTION_ARGS)
{
	Relation	rel = relation_open(PG_GETARG_OID(0), AccessShareLock);
	List	   *masks;
	ListCell   *lc;

	(void) masks_of(rel, &masks);
	foreach(lc, masks)
	{
		const Mask *mask = lfirst(lc);

		if (mask->mask == PG_GETARG_INT64(1))
			ereport(ERROR,
					(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					 errmsg("permission denied to write column \"%s\" of table \"%s\"",
							get_attname(RelationGetRelid(rel), mask->column, false),
							RelationGetRelationName(rel)),
					 errdetail("The column is masked: where permission \"%s\" does not open it a new row has NULL or the default in it.",
							   mask->permission)));
	}
	relation_close(rel, AccessShareLock);
	PG_RETURN_BOOL(false);
}

/* ---- reading around the view ------------------------------------------------- */

/*
 * The columns that generated ones among those are computed from: one that came
 * after the mask shows what it hides.
 */
static Bitmapset *
computed_from(Relation rel, const Bitmapset *columns)
{
	TupleDesc	desc = RelationGetDescr(rel);
	Bitmapset  *bases = NULL;

	if (desc->constr == NULL)
		return NULL;
	for (int i = 1; i <= desc->natts; i++)
		if (TupleDescAttr(desc, i - 1)->attgenerated && !TupleDescAttr(desc, i - 1)->attisdropped &&
			bms_is_member(i - FirstLowInvalidHeapAttributeNumber, columns))
			pull_varattnos(generation_expression(rel, i), 1, &bases);
	return bases;
}

/*
 * The first masked column among those that a query reads; 0: none.
 */
static AttrNumber
masked_column_read(Relation rel, const Bitmapset *columns, char **permission)
{
	List	   *masks;
	ListCell   *lc;
	bool		whole = bms_is_member(InvalidAttrNumber - FirstLowInvalidHeapAttributeNumber,
									  columns);
	Bitmapset  *bases = NULL;

	(void) masks_of(rel, &masks);
	if (masks != NIL)
		bases = computed_from(rel, columns);
	foreach(lc, masks)
	{
		const Mask *mask = lfirst(lc);
		int			column = mask->column - FirstLowInvalidHeapAttributeNumber;

		*permission = mask->permission;
		if (whole || bms_is_member(column, columns) || bms_is_member(column, bases))
			return mask->column;
	}
	return InvalidAttrNumber;
}

/*
 * One table of a query: whether somebody whom row-level security holds reads a
 * masked column of it other than in ambit's view.  masked: set when it is read
 * there.
 */
static bool
check_entry(const RangeTblEntry *rte, const RtePerms *perms, bool raise, bool *masked)
{
	Relation	rel;
	AttrNumber	column = InvalidAttrNumber;
	char	   *permission;
	bool		allowed = true;

	if (rte->rtekind != RTE_RELATION || perms == NULL ||
		(perms->requiredPerms & ACL_SELECT) == 0 || bms_is_empty(perms->selectedCols))
		return true;
	/* the query has locked it; the relcache knows whether there is anything to do */
	rel = RelationIdGetRelation(rte->relid);
	if (rel == NULL)
		return true;
	if (rel->rd_rel->relrowsecurity && rel->rd_rsdesc != NULL)
		column = masked_column_read(rel, perms->selectedCols, &permission);
	if (AttributeNumberIsValid(column) &&
		check_enable_rls(rte->relid, perms->checkAsUser, true) == RLS_ENABLED)
	{
		allowed = perms->checkAsUser == rel->rd_rel->relowner &&
			rte->eref != NULL && strcmp(rte->eref->aliasname, MASKED_ALIAS) == 0;
		*masked |= allowed;
	}
	if (!allowed && raise)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied for column \"%s\" of table \"%s\"",
						get_attname(rte->relid, column, false), RelationGetRelationName(rel)),
				 errdetail("The column is masked: permission \"%s\" opens it row by row.", permission),
				 errhint("Read it through the view that ambit.mask() keeps.")));
	RelationClose(rel);
	return allowed;
}

static bool
alias_walker(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, Query))
	{
		ListCell   *lc;

		foreach(lc, ((Query *) node)->rtable)
		{
			const RangeTblEntry *rte = lfirst(lc);

			if (rte->rtekind == RTE_RELATION && strcmp(rte->eref->aliasname, MASKED_ALIAS) == 0)
				return true;
		}
		return query_tree_walker((Query *) node, alias_walker, context, 0);
	}
	return expression_tree_walker(node, alias_walker, context);
}

/*
 * Whether a policy of a table has a subquery in which a table goes by the name
 * that it has in ambit's view.  Such a subquery reads as the owner of the view
 * in which the table with the policy stands, whoever wrote the policy.
 */
static bool
policies_pretend(const RangeTblEntry *rte)
{
	Relation	rel = rte->rtekind == RTE_RELATION ? RelationIdGetRelation(rte->relid) : NULL;
	bool		found = false;
	ListCell   *lc;

	if (rel == NULL)
		return false;
	if (rel->rd_rsdesc != NULL)
		foreach(lc, rel->rd_rsdesc->policies)
		{
			const RowSecurityPolicy *policy = lfirst(lc);

			found |= policy->hassublinks &&
				(alias_walker((Node *) policy->qual, NULL) ||
				 alias_walker((Node *) policy->with_check_qual, NULL));
		}
	RelationClose(rel);
	return found;
}

/*
 * ExecutorCheckPerms: masked columns are read through ambit's view only.
 */
static bool
check_permissions(CHECK_PERMS_PARAMS)
{
	bool		masked = false;
	ListCell   *lc;

	if (previous_check && !previous_check(CHECK_PERMS_ARGS))
		return false;
	foreach(lc, rangeTable)
	{
		RangeTblEntry *rte = lfirst(lc);

		if (!check_entry(rte, rte_perms(rte), ereport_on_violation, &masked))
			return false;
	}
	if (!masked)
		return true;
	foreach(lc, rangeTable)
	{
		const RangeTblEntry *rte = lfirst(lc);

		if (!policies_pretend(rte))
			continue;
		if (ereport_on_violation)
			ereport(ERROR,
					(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					 errmsg("permission denied for table \"%s\"", get_rel_name(rte->relid)),
					 errdetail("A policy of the table reads another one under the name \"%s\", which is ambit's.",
							   MASKED_ALIAS)));
		return false;
	}
	return true;
}

/*
 * Installs the hook.  From _PG_init.
 */
void
mask_init(void)
{
	previous_check = ExecutorCheckPerms_hook;
	ExecutorCheckPerms_hook = check_permissions;
}

/* ---- the view ------------------------------------------------------------------ */

/*
 * Whether a view, if it is the table owner's, reads the table as ambit's does.
 */
static bool
is_masked_view(Oid viewid, Relation rel)
{
	Relation	view = try_relation_open(viewid, AccessShareLock);
	bool		found = false;

	if (view == NULL)
		return false;
	if (view->rd_rel->relkind == RELKIND_VIEW && view->rd_rel->relowner == rel->rd_rel->relowner)
	{
		ListCell   *lc;

		foreach(lc, get_view_query(view)->rtable)
		{
			const RangeTblEntry *rte = lfirst(lc);

			found |= rte->rtekind == RTE_RELATION && rte->relid == RelationGetRelid(rel) &&
				strcmp(rte->eref->aliasname, MASKED_ALIAS) == 0;
		}
	}
	relation_close(view, AccessShareLock);
	return found;
}

/*
 * _masked_view(relation regclass) returns regclass
 *		The view that mask() keeps for a table, whatever its name is now; NULL
 *		when there is none.
 */
Datum
ambit_masked_view(PG_FUNCTION_ARGS)
{
	Relation	rel = try_relation_open(PG_GETARG_OID(0), AccessShareLock);
	Relation	depends,
				rules;
	ScanKeyData keys[2];
	SysScanDesc scan;
	HeapTuple	tuple;
	List	   *views = NIL;
	ListCell   *lc;
	Oid			found = InvalidOid;

	if (rel == NULL)
		PG_RETURN_NULL();
	depends = table_open(DependRelationId, AccessShareLock);
	rules = table_open(RewriteRelationId, AccessShareLock);
	ScanKeyInit(&keys[0], Anum_pg_depend_refclassid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(RelationRelationId));
	ScanKeyInit(&keys[1], Anum_pg_depend_refobjid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(RelationGetRelid(rel)));
	scan = systable_beginscan(depends, DependReferenceIndexId, true, NULL, 2, keys);
	while ((tuple = systable_getnext(scan)) != NULL)
	{
		const FormData_pg_depend *depend = (Form_pg_depend) GETSTRUCT(tuple);
		ScanKeyData key;
		SysScanDesc rule_scan;
		HeapTuple	rule;

		if (depend->classid != RewriteRelationId)
			continue;
		ScanKeyInit(&key, Anum_pg_rewrite_oid, BTEqualStrategyNumber, F_OIDEQ,
					ObjectIdGetDatum(depend->objid));
		rule_scan = systable_beginscan(rules, RewriteOidIndexId, true, NULL, 1, &key);
		if ((rule = systable_getnext(rule_scan)) != NULL)
			views = list_append_unique_oid(views, ((Form_pg_rewrite) GETSTRUCT(rule))->ev_class);
		systable_endscan(rule_scan);
	}
	systable_endscan(scan);
	table_close(rules, AccessShareLock);
	table_close(depends, AccessShareLock);
	foreach(lc, views)
		if (!OidIsValid(found) && lfirst_oid(lc) != RelationGetRelid(rel) &&
			is_masked_view(lfirst_oid(lc), rel))
			found = lfirst_oid(lc);
	relation_close(rel, AccessShareLock);
	if (!OidIsValid(found))
		PG_RETURN_NULL();
	PG_RETURN_OID(found);
}

static bool
is_public(const ArrayType *roles)
{
	return ARR_NDIM(roles) == 1 && ARR_DIMS(roles)[0] == 1 &&
		((const Oid *) ARR_DATA_PTR(roles))[0] == ACL_ID_PUBLIC;
}

/*
 * Whether a restrictive policy of the application's narrows what is read.
 */
static bool
narrows(const RowSecurityPolicy *policy)
{
	if (policy->permissive || (policy->polcmd != '*' && policy->polcmd != ACL_SELECT_CHR))
		return false;
	return !policy_is_ours(policy->policy_name);
}

/*
 * _shown(relation regclass, masked regclass, alone boolean, subqueries boolean)
 *		returns boolean
 *		Whether ambit's view of the masked table shows what the policies of a
 *		table that it reads show.  The view reads as the owner of the masked
 *		table.  alone: it says itself which rows are permitted, since the owner
 *		was not one whom row-level security holds; subqueries: there are some
 *		in what it says.
 */
Datum
ambit_shown(PG_FUNCTION_ARGS)
{
	Oid			relid = PG_GETARG_OID(0);
	bool		alone = PG_GETARG_BOOL(2);
	Relation	masked = try_relation_open(PG_GETARG_OID(1), AccessShareLock);
	Relation	rel = try_relation_open(relid, AccessShareLock);
	bool		shown = false;

	if (masked && rel && policy_is_intact(relid))
	{
		bool		held = check_enable_rls(relid, masked->rd_rel->relowner, true) == RLS_ENABLED;
		ListCell   *lc;

		shown = held || (alone && !PG_GETARG_BOOL(3));
		foreach(lc, rel->rd_rsdesc->policies)
		{
			RowSecurityPolicy *policy = lfirst(lc);

			/* who reads the view is not asked for, but its owner */
			if (narrows(policy) && (!held || !is_public(policy->roles)))
				shown = false;
		}
	}
	if (rel)
		relation_close(rel, AccessShareLock);
	if (masked)
		relation_close(masked, AccessShareLock);
	PG_RETURN_BOOL(shown);
}

/*
 * ambit._given_away() is false for rows that are read.
 */
static Node *
reading_mutator(Node *node, void *context)
{
	if (node == NULL)
		return NULL;
	if (IsA(node, FuncExpr) && policy_is_ambits(((FuncExpr *) node)->funcid, "_given_away"))
		return makeBoolConst(false, false);
	return expression_tree_mutator(node, reading_mutator, context);
}

/*
 * Whether an expression has subqueries, those for the rows of parents aside.
 */
static bool
subqueries_walker(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, Query))
	{
		ListCell   *lc;

		foreach(lc, ((Query *) node)->rtable)
		{
			const RangeTblEntry *rte = lfirst(lc);

			if (rte->rtekind != RTE_RELATION || rte->alias == NULL ||
				strncmp(rte->alias->aliasname, PARENT_ALIAS, strlen(PARENT_ALIAS)) != 0)
				return true;
		}
		return query_tree_walker((Query *) node, subqueries_walker, context, 0);
	}
	return expression_tree_walker(node, subqueries_walker, context);
}

/*
 * _select_sql(relation regclass, alias text)
 *		The condition of policy ambit_select in SQL, for the table by another
 *		name, and whether there are subqueries in it.  No row when there is no
 *		such policy.
 */
Datum
ambit_select_sql(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Relation	rel;
	ListCell   *lc;

	InitMaterializedSRF(fcinfo, 0);
	rel = try_relation_open(PG_GETARG_OID(0), AccessShareLock);
	if (rel == NULL)
		return (Datum) 0;
	if (rel->rd_rsdesc != NULL)
		foreach(lc, rel->rd_rsdesc->policies)
		{
			RowSecurityPolicy *policy = lfirst(lc);
			Datum		values[2];
			bool		nulls[2] = {false, false};
			Node	   *condition;

			if (strcmp(policy->policy_name, "ambit_select") != 0)
				continue;
			condition = reading_mutator((Node *) policy->qual, NULL);
			/* the view is made by the owner of the extension */
			if (!literals_are_plain(condition))
				ereport(ERROR,
						(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
						 errmsg("the policies of table \"%s\" are not as ambit made them, or hold constants of types with domains",
								RelationGetRelationName(rel)),
						 errhint("Call ambit.drop_rule() and ambit.add_rule() with a condition that casts another constant.")));
			values[0] = CStringGetTextDatum(deparse_expression(condition,
															   deparse_context_for(text_to_cstring(PG_GETARG_TEXT_PP(1)),
																				   RelationGetRelid(rel)),
															   true, false));
			values[1] = BoolGetDatum(subqueries_walker(condition, NULL));
			tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
		}
	relation_close(rel, AccessShareLock);
	return (Datum) 0;
}

/*
 * _initial_sql(relation regclass, column name) returns text
 *		The default of a column in SQL; the column itself where it is generated;
 *		NULL when there is none, a volatile one, or one that is not to be read
 *		again.
 */
Datum
ambit_initial_sql(PG_FUNCTION_ARGS)
{
	Relation	rel = relation_open(PG_GETARG_OID(0), AccessShareLock);
	const char *name = NameStr(*PG_GETARG_NAME(1));
	AttrNumber	column = get_attnum(RelationGetRelid(rel), name);
	const char *sql = "NULL";
	Form_pg_attribute att;

	if (column <= 0)
		elog(ERROR, "column \"%s\" does not exist", name);
	att = TupleDescAttr(RelationGetDescr(rel), column - 1);
	if (att->attgenerated)
		sql = quote_identifier(name);
	else
	{
		Node	   *initial = build_column_default(rel, column);

		if (initial && !contain_volatile_functions(initial) && literals_are_plain(initial))
			sql = psprintf("(%s)::%s", deparse_expression(initial, NIL, false, false),
						   format_type_with_typemod(att->atttypid, att->atttypmod));
	}
	relation_close(rel, AccessShareLock);
	PG_RETURN_TEXT_P(cstring_to_text(sql));
}

/* ---- fields that a tenant marks ------------------------------------------------ */

/*
 * _confirm_field(since bigint, function text, tenant text, permission)
 *		42501 unless the caller has the permission in scope all for the whole
 *		tenant, by every channel and without end.
 */
Datum
ambit_confirm_field(PG_FUNCTION_ARGS)
{
	Authority  *a = authority_begin(text_to_cstring(PG_GETARG_TEXT_PP(1)),
									text_to_cstring(PG_GETARG_TEXT_PP(2)), PG_GETARG_INT64(0));
	MemoryContext old = MemoryContextSwitchTo(a->context);
	ModelEntry	entry = {0};
	Claim		claim = {0};
	int			step = 0;

	entry.scope = "all";
	entry.kind = SCOPE_ALL;
	claim.permission = PG_GETARG_PERMISSION(3);
	claim.entry = &entry;
	claim.place.until = DT_NOEND;
	while (claims_circumstance(a, &step))
		if (!claims_caller_covers(a, &claim))
			authority_refuse(a->function,
							 psprintf("It needs permission \"%s\", by which the column is masked, in scope \"all\" for the whole tenant, by every channel and without end.",
									  permission_name(claim.permission)));
	MemoryContextSwitchTo(old);
	authority_end(a);
	PG_RETURN_VOID();
}
