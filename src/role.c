/*
 * role.c
 *		Roles: what they inherit, and what a tenant's own roles follow.
 *
 * A tenant's own role is put together from modules.  A module follows a role
 * of the template, its level: it has what that role has there, with all that
 * it inherits, with what the tenant changed, and with the cells that are there
 * for such modules only.  Once a cell of the module is
 * changed the module stands alone: its cells are read from the tables where
 * set_role_permission() put them.  A module without access brings nothing,
 * neither by itself nor by what the role inherits.
 */
#include "postgres.h"
#include "compat.h"

#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "catalog.h"
#include "names.h"
#include "rights.h"
#include "role.h"

/*
 * Whether the permission is one of the module: of the first part of its key.
 */
static bool
in_module(PermissionId permission, const char *module)
{
	const char *key = permission_name(permission);
	size_t		len = strlen(module);

	return key != NULL && strncmp(key, module, len) == 0 && key[len] == '.';
}

static const ModelModule *
module_of(const ModelRole *role, PermissionId permission)
{
	for (int i = 0; i < role->nmodules; i++)
		if (in_module(permission, role->modules[i].name))
			return &role->modules[i];
	return NULL;
}

/*
 * Adds a role and all that it inherits.  One that comes by several ways is
 * hidden in what all of them hide: what is hidden only ever becomes less, so
 * that it ends, also with roles that inherit each other.
 */
static List *
add_role(const TenantModel *tenant, List *uses, const char *name, List *hidden)
{
	const ModelRole *role = model_role(tenant, name);
	RoleUse    *use = NULL;
	List	   *below;
	ListCell   *lc;

	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	if (role == NULL)
		return uses;
	foreach(lc, uses)
		if (((RoleUse *) lfirst(lc))->role == role)
			use = lfirst(lc);
	if (use == NULL)
	{
		use = palloc(sizeof(RoleUse));
		use->role = role;
		use->hidden = hidden;
		uses = lappend(uses, use);
	}
	else
	{
		List	   *both = NIL;

		foreach(lc, use->hidden)
			if (names_has(hidden, lfirst(lc)))
				both = lappend(both, lfirst(lc));
		if (list_length(both) == list_length(use->hidden))
			return uses;
		use->hidden = both;
	}
	below = list_copy(use->hidden);
	for (int i = 0; i < role->nmodules; i++)
		if (role->modules[i].level == NULL && !names_has(below, role->modules[i].name))
			below = lappend(below, role->modules[i].name);
	for (int i = 0; i < role->ninherits; i++)
		uses = add_role(tenant, uses, role->inherits[i], below);
	return uses;
}

/*
 * The role of that name and all that it inherits, as a list of RoleUse; NIL
 * when there is none.
 */
List *
role_closure(const TenantModel *tenant, const char *name)
{
	return add_role(tenant, NIL, name, NIL);
}

bool
role_use_brings(const RoleUse *use, PermissionId permission)
{
	ListCell   *lc;

	foreach(lc, use->hidden)
		if (in_module(permission, lfirst(lc)))
			return false;
	return true;
}

/*
 * What the tenant changed in a cell of a role.
 */
static const ModelOverride *
change_of(const TenantModel *tenant, const ModelRole *role, PermissionId permission,
		  const ModelCell *cell)
{
	return cell && cell->locked ? NULL : model_override(tenant, role->name, permission);
}

static inline bool
is_on(const ModelCell *cell, const ModelOverride *override)
{
	return override ? override->enabled : cell && cell->enabled;
}

/*
 * The entries of a cell, on or off, with what the tenant changed, as a list of
 * ModelEntry.
 */
static List *
changed_entries(const TenantModel *tenant, const ModelCell *cell, const ModelOverride *override)
{
	List	   *result = NIL;

	/* what is off says nothing of scopes: turned on, the cell has its own */
	if (override && override->enabled && override->scope)
	{
		const char *scope = override->scope;
		const ModelScope *named;
		ScopeKind	kind;

		/* the conditions of the cell's entries of that scope stay */
		for (int i = 0; cell && i < cell->nentries; i++)
			if (strcmp(cell->entries[i].scope, scope) == 0)
				result = lappend(result, &cell->entries[i]);
		if (result != NIL || !model_scope(tenant->template, scope, &kind, &named))
			return result;
		/* a scope that none of them has: it holds where they did */
		for (int i = 0; i < (cell && cell->nentries > 0 ? cell->nentries : 1); i++)
		{
			ModelEntry *entry = palloc0(sizeof(ModelEntry));

			if (cell && cell->nentries > 0)
				*entry = cell->entries[i];
			entry->scope = pstrdup(scope);
			entry->kind = kind;
			entry->named = named;
			result = lappend(result, entry);
		}
		return result;
	}
	for (int i = 0; cell && i < cell->nentries; i++)
		result = lappend(result, &cell->entries[i]);
	return result;
}

/*
 * The entries of one cell, with what the tenant changed.  enabled_only: only
 * if the cell is on.  Returns them as a list of ModelEntry; *cell is the cell
 * whose requirements hold too, *exists tells whether there is one at all.
 */
List *
role_entries(const TenantModel *tenant, const ModelRole *role, PermissionId permission,
			 bool enabled_only, const ModelCell **cell, bool *exists)
{
	const ModelOverride *override;

	*cell = model_cell(role, permission);
	override = change_of(tenant, role, permission, *cell);
	*exists = (*cell != NULL || override != NULL);
	if (enabled_only && !is_on(*cell, override))
		return NIL;
	return changed_entries(tenant, *cell, override);
}

/*
 * Whether the role's own cell is on.
 */
static bool
cell_enabled(const TenantModel *tenant, const ModelRole *role, PermissionId permission)
{
	const ModelCell *cell = model_cell(role, permission);

	return is_on(cell, change_of(tenant, role, permission, cell));
}

static bool
has_permission(int n, const PermissionId *permissions, PermissionId permission)
{
	for (int i = 0; i < n; i++)
		if (permissions[i] == permission)
			return true;
	return false;
}

/*
 * Adds what a cell requires to what one of its entries requires.
 */
static void
add_requirements(ModelEntry *entry, const ModelCell *cell)
{
	PermissionId *requires = palloc(sizeof(PermissionId) *
									(entry->nrequires + cell->nrequires + 1));
	int			n = entry->nrequires;

	if (n > 0)
		memcpy(requires, entry->requires, sizeof(PermissionId) * n);
	for (int i = 0; i < cell->nrequires; i++)
		if (!has_permission(n, requires, cell->requires[i]))
			requires[n++] = cell->requires[i];
	entry->requires = requires;
	entry->nrequires = n;
}

/*
 * The cell that a module has by following a level: the cells of the level and
 * of what it inherits in one.  False when there is none.
 */
static bool
follow_cell(const TenantModel *tenant, const List *level, PermissionId permission,
			ModelCell *result)
{
	const ModelCell *own;
	bool		found = false,
				enabled = false,
				locked = false,
				any_source = false;
	ListCell   *lu,
			   *le;

	if (level == NIL)
		return false;
	own = model_level_cell(((const RoleUse *) linitial(level))->role, permission);
	foreach(lu, level)
	{
		const ModelRole *role = ((const RoleUse *) lfirst(lu))->role;
		const ModelCell *cell = model_level_cell(role, permission);
		const ModelOverride *override = change_of(tenant, role, permission, cell);

		found |= (cell != NULL || override != NULL);
		enabled |= is_on(cell, override);
		locked |= (cell != NULL && cell->locked);
	}
	if (!found)
		return false;

	memset(result, 0, sizeof(ModelCell));
	result->permission = permission;
	result->enabled = enabled;
	result->locked = own ? own->locked : locked;
	foreach(lu, level)
	{
		const ModelRole *role = ((const RoleUse *) lfirst(lu))->role;
		const ModelCell *cell = model_level_cell(role, permission);
		const ModelOverride *override = change_of(tenant, role, permission, cell);
		List	   *entries;

		if ((cell == NULL && override == NULL) || (enabled && !is_on(cell, override)))
			continue;
		entries = changed_entries(tenant, cell, override);

		/* the cell requires what all of its sources require */
		if (!any_source)
		{
			result->nrequires = cell ? cell->nrequires : 0;
			result->requires = palloc(sizeof(PermissionId) * (result->nrequires + 1));
			if (result->nrequires > 0)
				memcpy(result->requires, cell->requires, sizeof(PermissionId) * cell->nrequires);
		}
		else
		{
			int			kept = 0;

			for (int i = 0; i < result->nrequires; i++)
				if (cell && has_permission(cell->nrequires, cell->requires, result->requires[i]))
					result->requires[kept++] = result->requires[i];
			result->nrequires = kept;
		}
		any_source = true;

		if (result->nentries == 0)
			result->entries = palloc(sizeof(ModelEntry) * (list_length(entries) + 1));
		else
			result->entries = repalloc(result->entries, sizeof(ModelEntry) *
									   (result->nentries + list_length(entries)));
		foreach(le, entries)
		{
			ModelEntry *entry = &result->entries[result->nentries++];

			*entry = *(const ModelEntry *) lfirst(le);
			if (cell)
				add_requirements(entry, cell);
		}
	}
	return true;
}

/*
 * Gives a tenant's own role its cells.  So far it has those of its modules
 * that stand alone.
 */
void
role_follow(const TenantModel *tenant, ModelRole *role)
{
	const TemplateModel *template = tenant->template;
	List	  **levels = palloc0(sizeof(List *) * (role->nmodules + 1));
	ModelRole	alone = *role;

	role->cells = palloc(sizeof(ModelCell) * (template->npermissions + 1));
	role->ncells = 0;
	for (int i = 0; i < role->nmodules; i++)
		if (role->modules[i].level != NULL && !role->modules[i].standalone &&
			model_template_role(template, role->modules[i].level) != NULL)
			levels[i] = role_closure(tenant, role->modules[i].level);
	for (int i = 0; i < template->npermissions; i++)
	{
		PermissionId permission = template->permissions[i];
		const ModelModule *module = module_of(role, permission);
		ModelCell  *cell = &role->cells[role->ncells];

		if (module == NULL)
			continue;
		if (module->standalone)
		{
			const ModelCell *stored = model_cell(&alone, permission);

			if (stored == NULL)
				continue;
			*cell = *stored;
		}
		else if (!follow_cell(tenant, levels[module - role->modules], permission, cell))
			continue;
		role->ncells++;
	}
}

/* ---- functions ---------------------------------------------------------- */

PG_FUNCTION_INFO_V1(ambit_role_cells);
PG_FUNCTION_INFO_V1(ambit_role_entries);
PG_FUNCTION_INFO_V1(ambit_role_sources);

static Datum
permissions_datum(int n, const PermissionId *permissions, Oid type)
{
	Datum	   *values = palloc(sizeof(Datum) * (n + 1));

	for (int i = 0; i < n; i++)
		values[i] = PermissionIdGetDatum(permissions[i]);
	return PointerGetDatum(construct_array(values, n, type, sizeof(int32), true, TYPALIGN_INT));
}

static const ModelRole *
role_asked_for(FunctionCallInfo fcinfo, const TenantModel **tenant)
{
	*tenant = rights_tenant_model(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	return *tenant ? model_role(*tenant, text_to_cstring(PG_GETARG_TEXT_PP(1))) : NULL;
}

/*
 * _role_cells(tenant text, role text)
 *		One row a permission of the template: the role's own cell, with what
 *		the tenant changed, and whether the role has the permission by what it
 *		inherits.
 */
Datum
ambit_role_cells(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	const TenantModel *tenant;
	const ModelRole *role = role_asked_for(fcinfo, &tenant);
	Oid			type;
	List	   *uses;

	InitMaterializedSRF(fcinfo, 0);
	if (role == NULL)
		return (Datum) 0;
	type = TupleDescAttr(rsinfo->setDesc, 0)->atttypid;
	uses = role_closure(tenant, role->name);
	for (int i = 0; i < tenant->template->npermissions; i++)
	{
		PermissionId permission = tenant->template->permissions[i];
		const ModelCell *cell = model_cell(role, permission);
		bool		inherited = false;
		Datum		values[6];
		bool		nulls[6] = {false};
		ListCell   *lu;

		foreach(lu, uses)
		{
			const RoleUse *use = lfirst(lu);

			if (use->role != role && role_use_brings(use, permission) &&
				cell_enabled(tenant, use->role, permission))
				inherited = true;
		}
		values[0] = PermissionIdGetDatum(permission);
		values[1] = BoolGetDatum(cell_enabled(tenant, role, permission));
		values[2] = BoolGetDatum(cell && cell->locked);
		values[3] = permissions_datum(cell ? cell->nrequires : 0, cell ? cell->requires : NULL, type);
		values[4] = BoolGetDatum(inherited);
		values[5] = BoolGetDatum(cell != NULL);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/*
 * _role_entries(tenant text, role text)
 *		The role's own cells without what the tenant changed in this role, one
 *		row an entry; ordinal 0 and a NULL scope for a cell without entries.
 */
Datum
ambit_role_entries(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	const TenantModel *tenant;
	const ModelRole *role = role_asked_for(fcinfo, &tenant);
	Oid			type;

	InitMaterializedSRF(fcinfo, 0);
	type = TupleDescAttr(rsinfo->setDesc, 0)->atttypid;
	for (int i = 0; role && i < role->ncells; i++)
	{
		const ModelCell *cell = &role->cells[i];

		for (int j = 0; j < Max(cell->nentries, 1); j++)
		{
			const ModelEntry *entry = cell->nentries > 0 ? &cell->entries[j] : NULL;
			Datum		values[10] = {0};
			bool		nulls[10] = {false};

			values[0] = PermissionIdGetDatum(cell->permission);
			values[1] = BoolGetDatum(cell->enabled);
			values[2] = BoolGetDatum(cell->locked);
			values[3] = permissions_datum(cell->nrequires, cell->requires, type);
			values[4] = Int32GetDatum(entry ? j + 1 : 0);
			if (entry)
			{
				values[5] = CStringGetTextDatum(entry->scope);
				values[6] = permissions_datum(entry->nrequires, entry->requires, type);
			}
			else
				nulls[5] = nulls[6] = true;
			if (entry && entry->feature)
				values[7] = CStringGetTextDatum(entry->feature);
			else
				nulls[7] = true;
			if (entry && entry->channels)
				values[8] = names_array(entry->nchannels, (const char *const *) entry->channels);
			else
				nulls[8] = true;
			if (entry && entry->targets)
				values[9] = names_array(entry->ntargets, (const char *const *) entry->targets);
			else
				nulls[9] = true;
			tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
		}
	}
	return (Datum) 0;
}

/*
 * _role_sources(tenant text, role text, permission)
 *		The roles, of this one and what it inherits, that have such a cell.
 */
Datum
ambit_role_sources(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	PermissionId permission = PG_GETARG_PERMISSION(2);
	const TenantModel *tenant;
	const ModelRole *role = role_asked_for(fcinfo, &tenant);
	List	   *uses = role ? role_closure(tenant, role->name) : NIL;
	ListCell   *lu;

	InitMaterializedSRF(fcinfo, 0);
	foreach(lu, uses)
	{
		const RoleUse *use = lfirst(lu);
		const ModelCell *cell = model_cell(use->role, permission);
		bool		enabled = cell_enabled(tenant, use->role, permission);
		Datum		values[3];
		bool		nulls[3] = {false};

		if ((cell == NULL && !enabled) || !role_use_brings(use, permission))
			continue;
		values[0] = CStringGetTextDatum(use->role->name);
		values[1] = BoolGetDatum(enabled);
		values[2] = BoolGetDatum(cell && cell->locked);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}
