/*
 * model.c
 *		Templates and tenants as the decisions need them.
 *
 * Reads what model.sql stores into plain structures, allocated in the current
 * memory context.  Nothing is decided here and nothing is cached; rights.c
 * does both.
 */
#include "postgres.h"
#include "compat.h"

#include "common/int.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "catalog.h"
#include "model.h"
#include "names.h"
#include "role.h"

static int
compare_permissions(const void *a, const void *b)
{
	PermissionId x = *(const PermissionId *) a;
	PermissionId y = *(const PermissionId *) b;

	return x < y ? -1 : x > y ? 1 : 0;
}

static int
compare_masks(const void *a, const void *b)
{
	int64		x = *(const int64 *) a;
	int64		y = *(const int64 *) b;

	return x < y ? -1 : x > y ? 1 : 0;
}

static int
compare_cells(const void *a, const void *b)
{
	return compare_permissions(&((const ModelCell *) a)->permission,
							   &((const ModelCell *) b)->permission);
}

/*
 * Makes room for one more element of an array that grows by doubling.
 */
static void *
grow(void *array, int n, Size size)
{
	if (n == 0)
		return palloc0(size * 4);
	if (n >= 4 && (n & (n - 1)) == 0)
	{
		array = repalloc(array, size * n * 2);
		memset((char *) array + size * n, 0, size * n);
	}
	return array;
}

/*
 * An interval as microseconds: a month counts 30 days, a day 24 hours, so
 * that a window does not depend on the session's time zone.
 */
static bool
interval_usecs(CatalogScan *scan, HeapTuple tuple, int attno, int64 *usecs)
{
	bool		isnull;
	Datum		value = catalog_datum(scan, tuple, attno, &isnull);
	Interval   *span;

	if (isnull)
		return false;
	span = DatumGetIntervalP(value);
	if (pg_mul_s64_overflow((int64) span->month * DAYS_PER_MONTH + span->day, USECS_PER_DAY, usecs) ||
		pg_add_s64_overflow(*usecs, span->time, usecs))
		*usecs = span->month < 0 || span->day < 0 ? PG_INT64_MIN : PG_INT64_MAX;
	return true;
}

static int
compare_roles(const void *a, const void *b)
{
	return strcmp(((const ModelRole *) a)->name, ((const ModelRole *) b)->name);
}

static ModelRole *
find_role(ModelRole *roles, int nroles, const char *name)
{
	ModelRole	key = {0};

	if (nroles == 0)
		return NULL;
	key.name = unconstify(char *, name);
	return bsearch(&key, roles, nroles, sizeof(ModelRole), compare_roles);
}

/*
 * The changes of cells, by role and permission.
 */
static int
compare_overrides(const void *a, const void *b)
{
	const ModelOverride *x = a;
	const ModelOverride *y = b;
	int			result = strcmp(x->role, y->role);

	return result != 0 ? result : compare_permissions(&x->permission, &y->permission);
}

static ModelRole *
read_roles(CatalogTable roles_table, CatalogTable inherit_table,
		   const char *owner, Snapshot snapshot, int *nroles)
{
	const char *keys[1] = {owner};
	CatalogScan scan;
	HeapTuple	tuple;
	ModelRole  *roles = NULL;
	bool		isnull;

	*nroles = 0;
	catalog_begin(&scan, roles_table, snapshot, 1, keys);
	while ((tuple = catalog_next(&scan)) != NULL)
	{
		roles = grow(roles, *nroles, sizeof(ModelRole));
		roles[*nroles].name = catalog_text(&scan, tuple, 2);
		roles[*nroles].rank = DatumGetInt32(catalog_datum(&scan, tuple, 4, &isnull));
		roles[*nroles].single = roles_table == CATALOG_TEMPLATE_ROLE &&
			catalog_bool(&scan, tuple, 5);
		(*nroles)++;
	}
	catalog_end(&scan);
	if (*nroles == 0)
		return NULL;
	qsort(roles, *nroles, sizeof(ModelRole), compare_roles);

	catalog_begin(&scan, inherit_table, snapshot, 1, keys);
	while ((tuple = catalog_next(&scan)) != NULL)
	{
		ModelRole  *role = find_role(roles, *nroles, catalog_text(&scan, tuple, 2));

		if (role == NULL)
			continue;
		role->inherits = grow(role->inherits, role->ninherits, sizeof(char *));
		role->inherits[role->ninherits++] = catalog_text(&scan, tuple, 3);
	}
	catalog_end(&scan);
	return roles;
}

/*
 * Reads the cells of roles, and their entries, from a pair of tables of the
 * same form; keys: the template or tenant, and the role where it is one.  The
 * scopes are the template's.
 */
static void
read_cells(CatalogTable cells_table, CatalogTable entries_table, int nkeys, const char *const *keys,
		   const TemplateModel *template, ModelRole *roles, int nroles, Snapshot snapshot)
{
	CatalogScan scan;
	HeapTuple	tuple;
	ModelRole  *role = NULL;
	bool		isnull;

	catalog_begin(&scan, cells_table, snapshot, nkeys, keys);
	while ((tuple = catalog_next(&scan)) != NULL)
	{
		char	   *role_name = catalog_text(&scan, tuple, 2);
		ModelCell  *cell;

		if (role == NULL || strcmp(role->name, role_name) != 0)
			role = find_role(roles, nroles, role_name);
		if (role == NULL)
			continue;
		if (cells_table == CATALOG_TEMPLATE_CELL && catalog_bool(&scan, tuple, 8))
		{
			role->level_cells = grow(role->level_cells, role->nlevel_cells, sizeof(ModelCell));
			cell = &role->level_cells[role->nlevel_cells++];
		}
		else
		{
			role->cells = grow(role->cells, role->ncells, sizeof(ModelCell));
			cell = &role->cells[role->ncells++];
		}
		cell->permission = DatumGetInt32(catalog_datum(&scan, tuple, 3, &isnull));
		cell->enabled = catalog_bool(&scan, tuple, 4);
		cell->locked = catalog_bool(&scan, tuple, 5);
		cell->requires = catalog_int_array(&scan, tuple, 6, &cell->nrequires);
	}
	catalog_end(&scan);
	for (int i = 0; i < nroles; i++)
	{
		if (roles[i].ncells > 0)
			qsort(roles[i].cells, roles[i].ncells, sizeof(ModelCell), compare_cells);
		if (roles[i].nlevel_cells > 0)
			qsort(roles[i].level_cells, roles[i].nlevel_cells, sizeof(ModelCell), compare_cells);
	}

	role = NULL;
	catalog_begin(&scan, entries_table, snapshot, nkeys, keys);
	while ((tuple = catalog_next(&scan)) != NULL)
	{
		char	   *role_name = catalog_text(&scan, tuple, 2);
		PermissionId permission = DatumGetInt32(catalog_datum(&scan, tuple, 3, &isnull));
		ModelCell  *cell;
		ModelEntry	entry = {0};

		if (role == NULL || strcmp(role->name, role_name) != 0)
			role = find_role(roles, nroles, role_name);
		cell = role ? (ModelCell *) model_level_cell(role, permission) : NULL;
		entry.scope = catalog_text(&scan, tuple, 5);
		/* a scope that nobody defines reaches nothing */
		if (cell == NULL || !model_scope(template, entry.scope, &entry.kind, &entry.named))
			continue;
		entry.requires = catalog_int_array(&scan, tuple, 6, &entry.nrequires);
		entry.feature = catalog_text(&scan, tuple, 7);
		entry.channels = catalog_text_array(&scan, tuple, 8, &entry.nchannels);
		entry.targets = catalog_text_array(&scan, tuple, 9, &entry.ntargets);
		if (entry.ntargets > 1)
			qsort(entry.targets, entry.ntargets, sizeof(char *), names_compare);
		cell->entries = grow(cell->entries, cell->nentries, sizeof(ModelEntry));
		cell->entries[cell->nentries++] = entry;
	}
	catalog_end(&scan);
}

/*
 * Reads a template; NULL when there is none of that name.  The cells of its
 * roles are read when somebody asks for the role.
 */
TemplateModel *
model_read_template(const char *name, Snapshot snapshot)
{
	const char *keys[1] = {name};
	TemplateModel *template;
	CatalogScan scan;
	HeapTuple	tuple;
	bool		isnull;

	catalog_begin(&scan, CATALOG_TEMPLATE, snapshot, 1, keys);
	tuple = catalog_next(&scan);
	if (tuple == NULL)
	{
		catalog_end(&scan);
		return NULL;
	}
	template = palloc0(sizeof(TemplateModel));
	template->context = CurrentMemoryContext;
	template->name = pstrdup(name);
	template->visitor_role = catalog_text(&scan, tuple, 3);
	template->clients_permission = DatumGetInt32(catalog_datum(&scan, tuple, 4, &isnull));
	if (isnull)
		template->clients_permission = 0;
	template->marked = catalog_int_array(&scan, tuple, 7, &template->nmarked);
	catalog_end(&scan);
	if (template->nmarked > 1)
		qsort(template->marked, template->nmarked, sizeof(PermissionId), compare_permissions);

	catalog_begin(&scan, CATALOG_TEMPLATE_PERMISSION, snapshot, 1, keys);
	while ((tuple = catalog_next(&scan)) != NULL)
	{
		template->permissions = grow(template->permissions, template->npermissions,
									 sizeof(PermissionId));
		template->permissions[template->npermissions++] =
			DatumGetInt32(catalog_datum(&scan, tuple, 2, &isnull));
	}
	catalog_end(&scan);
	if (template->npermissions > 1)
		qsort(template->permissions, template->npermissions, sizeof(PermissionId),
			  compare_permissions);

	catalog_begin(&scan, CATALOG_TEMPLATE_SCOPE, snapshot, 1, keys);
	while ((tuple = catalog_next(&scan)) != NULL)
	{
		ModelScope *scope;

		template->scopes = grow(template->scopes, template->nscopes, sizeof(ModelScope));
		scope = &template->scopes[template->nscopes++];
		scope->name = catalog_text(&scan, tuple, 2);
		scope->relationship = catalog_text(&scan, tuple, 3);
		scope->subject_is_client = strcmp(catalog_text(&scan, tuple, 4), "client") == 0;
		scope->has_back = interval_usecs(&scan, tuple, 5, &scope->back);
		scope->has_ahead = interval_usecs(&scan, tuple, 6, &scope->ahead);
	}
	catalog_end(&scan);

	template->roles = read_roles(CATALOG_TEMPLATE_ROLE, CATALOG_TEMPLATE_INHERIT,
								 name, snapshot, &template->nroles);
	return template;
}

/*
 * Reads a tenant; NULL when there is none of that name.  *template is the
 * name of its template, for the caller to resolve and to give to
 * model_complete_tenant().
 */
TenantModel *
model_read_tenant(const char *name, char **template, Snapshot snapshot)
{
	const char *keys[1] = {name};
	TenantModel *tenant;
	CatalogScan scan;
	HeapTuple	tuple;
	bool		isnull;

	catalog_begin(&scan, CATALOG_TENANT, snapshot, 1, keys);
	tuple = catalog_next(&scan);
	if (tuple == NULL)
	{
		catalog_end(&scan);
		return NULL;
	}
	tenant = palloc0(sizeof(TenantModel));
	tenant->name = pstrdup(name);
	*template = catalog_text(&scan, tuple, 2);
	catalog_end(&scan);

	catalog_begin(&scan, CATALOG_TENANT_FEATURE, snapshot, 1, keys);
	while ((tuple = catalog_next(&scan)) != NULL)
	{
		if (!catalog_bool(&scan, tuple, 3))
			continue;
		tenant->features = grow(tenant->features, tenant->nfeatures, sizeof(char *));
		tenant->features[tenant->nfeatures++] = catalog_text(&scan, tuple, 2);
	}
	catalog_end(&scan);

	tenant->roles = read_roles(CATALOG_TENANT_ROLE, CATALOG_TENANT_INHERIT,
							   name, snapshot, &tenant->nroles);

	catalog_begin(&scan, CATALOG_TENANT_CELL, snapshot, 1, keys);
	while ((tuple = catalog_next(&scan)) != NULL)
	{
		ModelOverride *override;

		tenant->overrides = grow(tenant->overrides, tenant->noverrides, sizeof(ModelOverride));
		override = &tenant->overrides[tenant->noverrides++];
		override->role = catalog_text(&scan, tuple, 2);
		override->permission = DatumGetInt32(catalog_datum(&scan, tuple, 3, &isnull));
		override->enabled = catalog_bool(&scan, tuple, 4);
		override->scope = catalog_text(&scan, tuple, 5);
	}
	catalog_end(&scan);
	if (tenant->noverrides > 1)
		qsort(tenant->overrides, tenant->noverrides, sizeof(ModelOverride), compare_overrides);

	catalog_begin(&scan, CATALOG_TENANT_FIELD, snapshot, 1, keys);
	while ((tuple = catalog_next(&scan)) != NULL)
	{
		tenant->visible = grow(tenant->visible, tenant->nvisible, sizeof(int64));
		tenant->visible[tenant->nvisible++] =
			DatumGetInt64(catalog_datum(&scan, tuple, 2, &isnull));
	}
	catalog_end(&scan);
	if (tenant->nvisible > 1)
		qsort(tenant->visible, tenant->nvisible, sizeof(int64), compare_masks);
	return tenant;
}

/*
 * Joins a tenant with its template.  The cells of the tenant's own roles are
 * read when somebody asks for the role; under the snapshot if it is to stay in
 * force for as long as the model, else (keep false) under a fresh one.
 */
void
model_complete_tenant(TenantModel *tenant, const TemplateModel *template, Snapshot snapshot,
					  bool keep)
{
	const char *keys[1] = {tenant->name};
	CatalogScan scan;
	HeapTuple	tuple;

	tenant->context = CurrentMemoryContext;
	tenant->template = template;
	tenant->snapshot = keep ? snapshot : NULL;
	if (tenant->nroles == 0)
		return;
	catalog_begin(&scan, CATALOG_TENANT_MODULE, snapshot, 1, keys);
	while ((tuple = catalog_next(&scan)) != NULL)
	{
		ModelRole  *role = find_role(tenant->roles, tenant->nroles,
									 catalog_text(&scan, tuple, 2));
		ModelModule *module;

		if (role == NULL)
			continue;
		role->modules = grow(role->modules, role->nmodules, sizeof(ModelModule));
		module = &role->modules[role->nmodules++];
		module->name = catalog_text(&scan, tuple, 3);
		module->level = catalog_text(&scan, tuple, 4);
		if (strcmp(module->level, MODEL_NO_ACCESS) == 0)
			module->level = NULL;
		module->standalone = catalog_bool(&scan, tuple, 5);
		tenant->standalone |= module->standalone;
	}
	catalog_end(&scan);
}

/*
 * A role of a template, with its cells; NULL when there is none.
 *
 * The cells are read once, into a context that becomes a child of the
 * template's when they are complete.  The snapshot is a later one than the
 * template's: had the template changed in between, nothing that is made from
 * it would be answered from (see rights.c).
 */
const ModelRole *
model_template_role(const TemplateModel *template, const char *name)
{
	ModelRole  *role = find_role(template->roles, template->nroles, name);
	const char *keys[2] = {template->name, name};
	ModelRole	loaded;
	Snapshot	snapshot;
	MemoryContext context,
				old;

	if (role == NULL || role->loaded)
		return role;
	context = AllocSetContextCreate(CurrentMemoryContext, "ambit role", ALLOCSET_SMALL_SIZES);
	old = MemoryContextSwitchTo(context);
	loaded = *role;
	snapshot = catalog_snapshot();
	read_cells(CATALOG_TEMPLATE_CELL, CATALOG_TEMPLATE_ENTRY, 2, keys, template,
			   &loaded, 1, snapshot);
	catalog_release(snapshot);
	MemoryContextSwitchTo(old);
	MemoryContextSetParent(context, template->context);
	loaded.loaded = true;
	*role = loaded;
	return role;
}

/*
 * Reads all roles of a template.
 */
void
model_load_roles(const TemplateModel *template)
{
	for (int i = 0; i < template->nroles; i++)
		(void) model_template_role(template, template->roles[i].name);
}

/*
 * One of the tenant's own roles, with its cells; NULL when there is none.
 */
static const ModelRole *
own_role(const TenantModel *tenant, const char *name)
{
	ModelRole  *role = find_role(tenant->roles, tenant->nroles, name);
	const char *keys[2] = {tenant->name, name};
	ModelRole	loaded;
	Snapshot	snapshot;
	MemoryContext context,
				old;

	if (role == NULL || role->loaded)
		return role;
	context = AllocSetContextCreate(CurrentMemoryContext, "ambit role", ALLOCSET_SMALL_SIZES);
	old = MemoryContextSwitchTo(context);
	loaded = *role;
	if (tenant->standalone)
	{
		snapshot = tenant->snapshot ? tenant->snapshot : catalog_snapshot();
		read_cells(CATALOG_STANDALONE_CELL, CATALOG_STANDALONE_ENTRY, 2, keys,
				   tenant->template, &loaded, 1, snapshot);
		if (tenant->snapshot == NULL)
			catalog_release(snapshot);
	}
	role_follow(tenant, &loaded);
	MemoryContextSwitchTo(old);
	MemoryContextSetParent(context, tenant->context);
	loaded.loaded = true;
	*role = loaded;
	return role;
}

/*
 * A role of the tenant's template, or its own, with its cells; NULL when there
 * is none.
 */
const ModelRole *
model_role(const TenantModel *tenant, const char *role)
{
	const ModelRole *found = model_template_role(tenant->template, role);

	return found ? found : own_role(tenant, role);
}

static const ModelCell *
find_cell(const ModelCell *cells, int n, PermissionId permission)
{
	ModelCell	key = {0};

	if (n == 0)
		return NULL;
	key.permission = permission;
	return bsearch(&key, cells, n, sizeof(ModelCell), compare_cells);
}

/*
 * A role's own cell of a permission; NULL when there is none.
 */
const ModelCell *
model_cell(const ModelRole *role, PermissionId permission)
{
	return find_cell(role->cells, role->ncells, permission);
}

/*
 * The cell that a module takes from a role as its level; NULL when there is
 * none.
 */
const ModelCell *
model_level_cell(const ModelRole *role, PermissionId permission)
{
	const ModelCell *cell = find_cell(role->level_cells, role->nlevel_cells, permission);

	return cell ? cell : model_cell(role, permission);
}

/*
 * The tenant's change of a cell; NULL when it did not change it.
 */
const ModelOverride *
model_override(const TenantModel *tenant, const char *role, PermissionId permission)
{
	ModelOverride key = {0};

	if (tenant->noverrides == 0)
		return NULL;
	key.role = unconstify(char *, role);
	key.permission = permission;
	return bsearch(&key, tenant->overrides, tenant->noverrides, sizeof(ModelOverride),
				   compare_overrides);
}

/*
 * All that the tenant changed in a role: *n of them from the one returned on.
 */
const ModelOverride *
model_overrides(const TenantModel *tenant, const char *role, int *n)
{
	int			low = 0,
				high = tenant->noverrides;

	while (low < high)
	{
		int			mid = (low + high) / 2;

		if (strcmp(tenant->overrides[mid].role, role) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	*n = 0;
	while (low + *n < tenant->noverrides && strcmp(tenant->overrides[low + *n].role, role) == 0)
		(*n)++;
	return &tenant->overrides[low];
}

/*
 * What a scope's name means; false when it means nothing.
 */
bool
model_scope(const TemplateModel *template, const char *scope,
			ScopeKind *kind, const ModelScope **named)
{
	static const char *const builtin[] = {
		[SCOPE_ALL] = "all", [SCOPE_OWN] = "own", [SCOPE_SELF] = "self",
		[SCOPE_TEAM] = "team", [SCOPE_ASSIGNEE] = "assignee",
	};

	*named = NULL;
	for (int i = 0; i < lengthof(builtin); i++)
		if (strcmp(builtin[i], scope) == 0)
		{
			*kind = (ScopeKind) i;
			return true;
		}
	for (int i = 0; i < template->nscopes; i++)
		if (strcmp(template->scopes[i].name, scope) == 0)
		{
			*kind = SCOPE_RELATIONSHIP;
			*named = &template->scopes[i];
			return true;
		}
	return false;
}

/*
 * Whether the permission is one of the template's: what a tenant or member
 * was given of others holds no longer.
 */
bool
model_has_permission(const TemplateModel *template, PermissionId permission)
{
	return template->npermissions > 0 &&
		bsearch(&permission, template->permissions, template->npermissions,
				sizeof(PermissionId), compare_permissions) != NULL;
}

bool
model_feature(const TenantModel *tenant, const char *feature)
{
	for (int i = 0; i < tenant->nfeatures; i++)
		if (strcmp(tenant->features[i], feature) == 0)
			return true;
	return false;
}

/*
 * Whether tenants mark the fields that are masked by the permission.
 */
bool
model_is_marked(const TemplateModel *template, PermissionId permission)
{
	return template->nmarked > 0 &&
		bsearch(&permission, template->marked, template->nmarked, sizeof(PermissionId),
				compare_permissions) != NULL;
}

/*
 * Whether the tenant marked the field as one that everybody sees.
 */
bool
model_is_visible(const TenantModel *tenant, int64 mask)
{
	return tenant->nvisible > 0 &&
		bsearch(&mask, tenant->visible, tenant->nvisible, sizeof(int64), compare_masks) != NULL;
}
