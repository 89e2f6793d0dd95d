/*
 * role.h
 *		Roles: what they inherit, and what a tenant's own roles follow.
 */
#ifndef AMBIT_ROLE_H
#define AMBIT_ROLE_H

#include "nodes/pg_list.h"

#include "model.h"

/* A role as somebody has it: directly, or through roles that inherit it. */
typedef struct RoleUse
{
	const ModelRole *role;
	List	   *hidden;			/* char *: modules of which it brings nothing */
} RoleUse;

extern List *role_closure(const TenantModel *tenant, const char *name);
extern bool role_use_brings(const RoleUse *use, PermissionId permission);
extern List *role_entries(const TenantModel *tenant, const ModelRole *role,
						  PermissionId permission, bool enabled_only,
						  const ModelCell **cell, bool *exists);
extern void role_follow(const TenantModel *tenant, ModelRole *role);

#endif							/* AMBIT_ROLE_H */
