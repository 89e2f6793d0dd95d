/*
 * matrix.c
 *		The permissions page: every permission for every role, in words.
 *
 * Made from the model that rights are compiled from.  A cell shows what the
 * role has, with what it inherits and what the tenant changed:
 *
 *	own; all where time_off.calendar.view		scopes and their conditions
 *	towards member								with target roles
 *	all, locked				off, locked			nobody can change it
 *	off (toggle)								the template has a switch, which is off
 *	off											it has none; a tenant may turn it on
 */
#include "postgres.h"
#include "compat.h"

#include "fmgr.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"

#include "authority.h"
#include "catalog.h"
#include "identity.h"
#include "names.h"
#include "relationship.h"
#include "rights.h"
#include "role.h"

PG_FUNCTION_INFO_V1(ambit_matrix);

static void
append_names(StringInfo buf, const char *before, int n, char *const *names)
{
	for (int i = 0; i < n; i++)
		appendStringInfo(buf, "%s%s", i == 0 ? before : ", ", names[i]);
}

/*
 * What requires appends must hold besides.
 */
static void
append_requirements(StringInfo buf, const char **before, int n, const PermissionId *permissions)
{
	for (int i = 0; i < n; i++)
	{
		appendStringInfo(buf, "%s%s", *before, permission_name(permissions[i]));
		*before = " and ";
	}
}

static char *
entry_words(const ModelEntry *entry, const ModelCell *cell)
{
	StringInfoData buf;
	const char *where = " where ";

	initStringInfo(&buf);
	if (entry->targets == NULL || entry->kind != SCOPE_ALL)
		appendStringInfoString(&buf, entry->scope);
	append_names(&buf, buf.len > 0 ? " towards " : "towards ", entry->ntargets, entry->targets);
	if (entry->targets && entry->ntargets == 0)
		appendStringInfoString(&buf, "towards nobody");
	append_names(&buf, " on ", entry->nchannels, entry->channels);
	if (entry->feature)
		appendStringInfo(&buf, " with %s", entry->feature);
	if (cell)
		append_requirements(&buf, &where, cell->nrequires, cell->requires);
	for (int i = 0; i < entry->nrequires; i++)
	{
		bool		said = false;

		for (int j = 0; cell && j < cell->nrequires; j++)
			said |= (cell->requires[j] == entry->requires[i]);
		if (!said)
			append_requirements(&buf, &where, 1, &entry->requires[i]);
	}
	return buf.data;
}

/*
 * One cell in words.
 */
static char *
cell_words(const TenantModel *tenant, const ModelRole *role, const List *uses,
		   PermissionId permission)
{
	const ModelCell *own = model_cell(role, permission);
	bool		changed = model_override(tenant, role->name, permission) != NULL;
	bool		locked = own && own->locked;
	List	   *words = NIL;
	StringInfoData buf;
	ListCell   *lc;

	foreach(lc, uses)
	{
		const RoleUse *use = lfirst(lc);
		const ModelCell *cell;
		bool		exists;
		ListCell   *le;

		if (!role_use_brings(use, permission))
			continue;
		foreach(le, role_entries(tenant, use->role, permission, true, &cell, &exists))
		{
			char	   *entry = entry_words(lfirst(le), cell);

			if (!names_has(words, entry))
				words = lappend(words, entry);
		}
		/* what is inherited cannot be turned off in this role */
		if (own == NULL && !changed && cell && cell->locked && cell->enabled)
			locked = true;
	}

	initStringInfo(&buf);
	if (words == NIL)
		appendStringInfoString(&buf, locked ? "off, locked" : own ? "off (toggle)" : "off");
	else
	{
		if (names_has(words, "all"))
			appendStringInfoString(&buf, "all");
		else
			foreach(lc, words)
				appendStringInfo(&buf, "%s%s", buf.len > 0 ? "; " : "", (char *) lfirst(lc));
		if (locked)
			appendStringInfoString(&buf, ", locked");
	}
	return buf.data;
}

/*
 * The tenant's model, or the template's as that of a tenant without a name;
 * NULL while the query of a relationship runs.
 */
static const TenantModel *
model_asked_for(const char *name)
{
	const TenantModel *tenant;
	TenantModel *bare;

	if (!identity_is_dba())
	{
		authority_require("matrix", name);
		return rights_tenant_model(name);
	}
	tenant = rights_tenant_model(name);
	if (tenant || relationship_running())
		return tenant;
	bare = palloc0(sizeof(TenantModel));
	bare->name = "";
	bare->template = rights_template_model(name);
	if (bare->template == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("neither tenant nor template \"%s\" exists", name)));
	return bare;
}

static int
compare_roles(const void *a, const void *b)
{
	const ModelRole *x = *(const ModelRole *const *) a;
	const ModelRole *y = *(const ModelRole *const *) b;

	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return strcmp(x->name, y->name);
}

/*
 * _matrix(tenant_or_template text)
 *		One row for each permission and role: module, permission, role, cell.
 */
Datum
ambit_matrix(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	const TenantModel *tenant = model_asked_for(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	const ModelRole **roles;
	List	  **uses;
	int			nroles = 0;

	InitMaterializedSRF(fcinfo, 0);
	if (tenant == NULL)
		return (Datum) 0;
	roles = palloc(sizeof(ModelRole *) * (tenant->template->nroles + tenant->nroles + 1));
	for (int i = 0; i < tenant->template->nroles; i++)
		roles[nroles++] = model_template_role(tenant->template,
											   tenant->template->roles[i].name);
	for (int i = 0; i < tenant->nroles; i++)
		if (model_template_role(tenant->template, tenant->roles[i].name) == NULL)
			roles[nroles++] = model_role(tenant, tenant->roles[i].name);
	qsort(roles, nroles, sizeof(ModelRole *), compare_roles);
	uses = palloc(sizeof(List *) * (nroles + 1));
	for (int i = 0; i < nroles; i++)
		uses[i] = role_closure(tenant, roles[i]->name);

	for (int i = 0; i < tenant->template->npermissions; i++)
	{
		PermissionId permission = tenant->template->permissions[i];
		const char *key = permission_name(permission);
		Datum		module;

		/* one whose key somebody deleted has no name */
		if (key == NULL)
			continue;
		module = CStringGetTextDatum(pnstrdup(key, strcspn(key, ".")));
		for (int j = 0; j < nroles; j++)
		{
			Datum		values[4];
			bool		nulls[4] = {false};

			values[0] = module;
			values[1] = PermissionIdGetDatum(permission);
			values[2] = CStringGetTextDatum(roles[j]->name);
			values[3] = CStringGetTextDatum(cell_words(tenant, roles[j], uses[j], permission));
			tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
		}
	}
	return (Datum) 0;
}
