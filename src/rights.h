/*
 * rights.h
 *		What a member may do: the compiled rights, and their cache.
 */
#ifndef AMBIT_RIGHTS_H
#define AMBIT_RIGHTS_H

#include "nodes/pg_list.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"

#include "keys.h"
#include "model.h"
#include "relationship.h"

typedef enum ReachKind
{
	REACH_LOCATIONS,			/* the roots and all below */
	REACH_GROUPS,				/* the groups themselves */
	REACH_GROUP_STAFF,			/* staff keys of the groups' members */
	REACH_TARGET_STAFF,			/* staff keys of members with no role but these */
	REACH_SELF,					/* my client key and my dependants' */
	REACH_RELATIONSHIP			/* the objects related to me now */
} ReachKind;

/*
 * A set of keys that an arm of somebody's rights is limited to.  The kind and
 * the place in Rights.reaches belong to the shape; the rest are values.
 */
typedef struct Reach
{
	ReachKind	kind;
	int			nroots;			/* locations, groups or target roles; sorted */
	char	  **roots;
	const ModelScope *scope;	/* REACH_RELATIONSHIP */
	bool		single;			/* it is roots[0] alone; part of the shape */

	/* read from ambit's tables when first asked for (not the last two kinds) */
	bool		loaded;
	int			nvalues;
	char	  **values;
	List	   *refused;		/* REACH_TARGET_STAFF: staff keys of all others */
	List	   *typed;			/* KeySets, one a column type */
} Reach;

/* One way in which a permission reaches rows.  Numbers are places in reaches. */
typedef struct Arm
{
	ScopeKind	scope;
	int			scope_reach;	/* SELF, RELATIONSHIP; TEAM: the groups; or -1 */
	int			scope_staff;	/* TEAM: the staff of the groups; or -1 */
	int			locations;		/* -1: the whole tenant */
	int			groups;			/* limit to groups; -1: none */
	int			group_staff;	/* its staff; -1 without groups */
	bool		only_self;
	int			ntargets;		/* -1: towards anybody */
	char	  **targets;
	int			target_staff;	/* -1: towards anybody */
} Arm;

/* The arms of one permission: arms[first .. first + n - 1]. */
typedef struct RightsPermission
{
	PermissionId permission;
	int			first;
	int			n;
	char	   *source;			/* where it comes from, for people */
	int			nscopes;		/* those of all entries that hold */
	const char **scopes;
} RightsPermission;

typedef struct Rights
{
	uint64		serial;			/* never used twice */
	char	   *tenant;
	char	   *user_id;		/* NULL: a visitor */
	char	   *channel;
	char	   *staff;			/* keys of the member's own rows; NULL: none */
	char	   *client;
	const TenantModel *model;	/* NULL: the tenant is gone */
	bool		sole_tenant;	/* the database has no other tenant */
	int			nroles;			/* assigned and valid, sorted, once each */
	char	  **roles;
	TimestampTz valid_until;	/* when time changes something; DT_NOEND: never */
	int64		fingerprint;	/* of the shape; never 0 */
	int64		values;			/* a hash of the keys, places and groups in it */
	uint64		contents;		/* another one where sets in use hold others; 0: no such sets */

	PermissionId max_permission;
	uint64	   *held;			/* a bit a permission */
	int			npermissions;
	RightsPermission *permissions;	/* sorted */
	int			narms;
	Arm		   *arms;
	int			nreaches;
	Reach	   *reaches;
	MemoryContext context;
} Rights;

extern void rights_init(void);

/* ambit.cache_size, in kB */
extern int	rights_cache_size;

/* the rights of the identity in force, fresh; NULL without an identity */
extern Rights *rights_current(void);

/* the same for the functions that a plan calls for each row: as fresh as when
 * the query began, if nothing has been heard since */
extern Rights *rights_of_query(void);

/* the rights of anybody; never NULL, empty for one who is not a member */
extern Rights *rights_of(const char *tenant, const char *user_id, const char *channel);

/* a tenant and its template, fresh; NULL when it does not exist */
extern const TenantModel *rights_tenant_model(const char *tenant);
extern const TemplateModel *rights_template_model(const char *template);

extern int64 rights_fingerprint(const Rights *rights);
extern const RightsPermission *rights_permission(const Rights *rights, PermissionId permission);

/* the channel if it is one that ambit knows, else NULL */
extern const char *rights_known_channel(const char *channel);

static inline bool
rights_holds(const Rights *rights, PermissionId permission)
{
	return rights != NULL && permission > 0 && permission <= rights->max_permission &&
		(rights->held[permission / 64] & (UINT64CONST(1) << (permission % 64))) != 0;
}

/* compile.c */
extern void rights_compile(Rights *rights, Snapshot snapshot);
extern char *rights_member_key(Jsonb *keys, const char *name);

/*
 * What a caller remembers of a reach from row to row; zeroed at first, but for
 * the memory context that it is in, if that ends with the statement.
 */
typedef struct ReachCache
{
	uint64		serial;			/* of the rights that it is of; 0: nothing */
	int			reach;
	bool		all;			/* these are all; else it knows of no keys */
	KeySet	   *keys;
	bool		related;		/* good as long as the stamp is */
	RelationshipStamp stamp;
	RelationshipProbe *probe;
	MemoryContext statement;
} ReachCache;

/* what the sets of rights held, that have to be compiled anew */
typedef struct ReachContents ReachContents;

/* reach.c */
extern KeySet *reach_keys(Rights *rights, int reach, const KeyType *type, ReachCache *cache);
extern bool reach_has(Rights *rights, int reach, const KeyType *type, ReachCache *cache, Key key);
extern KeySet *reach_sample(Rights *rights, int reach, const KeyType *type, double *size);
extern bool reach_is_related(const Rights *rights, int reach);
extern bool reach_is_single(const Rights *rights, const Reach *reach, Snapshot snapshot);
extern bool reach_has_name(Rights *rights, int reach, const char *name);
extern bool reach_any_contents(const Rights *rights);
extern ReachContents *reach_contents(const Rights *rights);
extern void reach_carry_contents(Rights *rights, ReachContents *former);
extern bool reach_target_holds(const char *tenant, const char *user_id, int ntargets,
							   char **targets, Snapshot snapshot, TimestampTz *valid_until);

#endif							/* AMBIT_RIGHTS_H */
