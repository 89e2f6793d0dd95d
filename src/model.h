/*
 * model.h
 *		Templates and tenants as the decisions need them.
 */
#ifndef AMBIT_MODEL_H
#define AMBIT_MODEL_H

#include "utils/snapshot.h"

#include "permission.h"

/* the level of a module that brings nothing */
#define MODEL_NO_ACCESS "no_access"

typedef enum ScopeKind
{
	SCOPE_ALL,
	SCOPE_OWN,
	SCOPE_SELF,
	SCOPE_TEAM,
	SCOPE_ASSIGNEE,
	SCOPE_RELATIONSHIP
} ScopeKind;

/* A named scope of a template. */
typedef struct ModelScope
{
	char	   *name;
	char	   *relationship;
	bool		subject_is_client;	/* the member's client key, not the staff key */
	bool		has_back;
	bool		has_ahead;
	int64		back;			/* microseconds before now() */
	int64		ahead;			/* microseconds after now() */
} ModelScope;

/* One scope entry of a cell and the conditions under which it holds. */
typedef struct ModelEntry
{
	char	   *scope;
	ScopeKind	kind;
	const ModelScope *named;	/* SCOPE_RELATIONSHIP only */
	int			nrequires;
	PermissionId *requires;
	char	   *feature;		/* NULL: none needed */
	int			nchannels;
	char	  **channels;		/* NULL: any */
	int			ntargets;
	char	  **targets;		/* NULL: any; sorted */
} ModelEntry;

typedef struct ModelCell
{
	PermissionId permission;
	bool		enabled;
	bool		locked;
	int			nrequires;
	PermissionId *requires;
	int			nentries;
	ModelEntry *entries;
} ModelCell;

/* A module of a tenant's own role. */
typedef struct ModelModule
{
	char	   *name;
	char	   *level;			/* a role of the template; NULL: no access */
	bool		standalone;		/* no longer follows its level */
} ModelModule;

typedef struct ModelRole
{
	char	   *name;
	int			ninherits;
	char	  **inherits;
	bool		loaded;			/* the cells, see model_role() */
	int			ncells;
	ModelCell  *cells;			/* sorted by permission */
	int			nlevel_cells;
	ModelCell  *level_cells;	/* of modules that follow the role, not its own; sorted */
	int			rank;
	bool		single;			/* one member of a tenant holds it */
	int			nmodules;		/* a tenant's own role only */
	ModelModule *modules;
} ModelRole;

typedef struct TemplateModel
{
	MemoryContext context;
	char	   *name;
	char	   *visitor_role;
	PermissionId clients_permission;	/* 0: none */
	int			nmarked;
	PermissionId *marked;		/* whose fields tenants mark; sorted */
	int			npermissions;
	PermissionId *permissions;	/* sorted */
	int			nroles;
	ModelRole  *roles;
	int			nscopes;
	ModelScope *scopes;
} TemplateModel;

/* A cell that a tenant changed. */
typedef struct ModelOverride
{
	char	   *role;
	PermissionId permission;
	bool		enabled;
	char	   *scope;			/* NULL: the template's entries */
} ModelOverride;

typedef struct TenantModel
{
	MemoryContext context;
	Snapshot	snapshot;		/* for what is read later; NULL: a fresh one */
	char	   *name;
	const TemplateModel *template;
	int			nfeatures;
	char	  **features;		/* those that are on */
	int			nroles;
	ModelRole  *roles;			/* the tenant's own; sorted by name */
	bool		standalone;		/* one of their modules stands alone */
	int			noverrides;
	ModelOverride *overrides;	/* sorted by role and permission */
	int			nvisible;
	int64	   *visible;		/* masks of the fields that it marked; sorted */
} TenantModel;

extern TemplateModel *model_read_template(const char *name, Snapshot snapshot);
extern TenantModel *model_read_tenant(const char *name, char **template, Snapshot snapshot);
extern void model_complete_tenant(TenantModel *tenant, const TemplateModel *template,
								  Snapshot snapshot, bool keep);

extern void model_load_roles(const TemplateModel *template);
extern const ModelRole *model_role(const TenantModel *tenant, const char *role);
extern const ModelRole *model_template_role(const TemplateModel *template, const char *role);
extern const ModelCell *model_cell(const ModelRole *role, PermissionId permission);
extern const ModelCell *model_level_cell(const ModelRole *role, PermissionId permission);
extern const ModelOverride *model_override(const TenantModel *tenant, const char *role,
										   PermissionId permission);
extern const ModelOverride *model_overrides(const TenantModel *tenant, const char *role, int *n);
extern bool model_scope(const TemplateModel *template, const char *scope,
						ScopeKind *kind, const ModelScope **named);
extern bool model_has_permission(const TemplateModel *template, PermissionId permission);
extern bool model_feature(const TenantModel *tenant, const char *feature);
extern bool model_is_marked(const TemplateModel *template, PermissionId permission);
extern bool model_is_visible(const TenantModel *tenant, int64 mask);

#endif							/* AMBIT_MODEL_H */
