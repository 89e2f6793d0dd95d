/* ---- reference: who may do what, written as slowly and plainly as possible
 *
 * README.md, "How a decision is made", once more, in SQL over tables of its own.
 * Nothing here calls ambit or reads its tables, and nothing is clever.
 * test/worlds/run asks ambit and this the same questions and compares.
 *
 * This file: what has been said, and which cells the roles of a tenant have.
 * reference_model.sql: what the model's functions do.
 * reference_decide.sql: the decision.
 * reference_write.sql: what is written, and masks.
 * reference_admin.sql: who may call these functions, and whether anybody rises.
 */

CREATE SCHEMA ref;

/* ---- the world: what has been said ---------------------------------------- */

CREATE UNLOGGED TABLE ref.template (
	template	text PRIMARY KEY,
	visitor_role text,
	clients_permission text
);
CREATE UNLOGGED TABLE ref.role (
	template	text,
	role		text,
	single		boolean,
	PRIMARY KEY (template, role)
);
CREATE UNLOGGED TABLE ref.permission (
	template	text,
	permission	text,
	PRIMARY KEY (template, permission)
);
CREATE UNLOGGED TABLE ref.feature (
	template	text,
	feature		text,
	PRIMARY KEY (template, feature)
);
/* which permission a function needs; one that is not here is the DBA's.
 * only_targets: it gives the roles alone that the permission's targets name */
CREATE UNLOGGED TABLE ref.administration (
	template	text,
	fn			text,
	permission	text,
	only_targets boolean,
	PRIMARY KEY (template, fn)
);
/* permissions that unmask for those alone who hold them with scope all */
CREATE UNLOGGED TABLE ref.marked_field (
	template	text,
	permission	text,
	PRIMARY KEY (template, permission)
);
CREATE UNLOGGED TABLE ref.inherit (
	template	text,
	role		text,
	inherits	text,
	PRIMARY KEY (template, role, inherits)
);
CREATE UNLOGGED TABLE ref.scope (
	template	text,
	scope		text,
	relationship text,
	subject		text,
	back		interval,
	ahead		interval,
	PRIMARY KEY (template, scope)
);
CREATE UNLOGGED TABLE ref.cell (
	template	text,
	role		text,
	permission	text,
	enabled		boolean,
	locked		boolean,
	requires	text[],
	level		boolean,
	PRIMARY KEY (template, role, permission)
);
CREATE UNLOGGED TABLE ref.entry (
	template	text,
	role		text,
	permission	text,
	scope		text,
	requires	text[],
	feature		text,
	channels	text[],
	targets		text[],
	level		boolean
);

CREATE UNLOGGED TABLE ref.tenant (
	tenant		text PRIMARY KEY,
	template	text
);
CREATE UNLOGGED TABLE ref.tenant_feature (
	tenant		text,
	feature		text,
	enabled		boolean,
	PRIMARY KEY (tenant, feature)
);
/* fields that a tenant marked */
CREATE UNLOGGED TABLE ref.tenant_field (
	tenant		text,
	relation	text,
	"column"	text,
	visible		boolean,
	PRIMARY KEY (tenant, relation, "column")
);
CREATE UNLOGGED TABLE ref.tenant_cell (
	tenant		text,
	role		text,
	permission	text,
	enabled		boolean,
	scope		text,
	PRIMARY KEY (tenant, role, permission)
);
/* A tenant's own roles. */
CREATE UNLOGGED TABLE ref.own_role (
	tenant		text,
	role		text,
	PRIMARY KEY (tenant, role)
);
CREATE UNLOGGED TABLE ref.own_inherit (
	tenant		text,
	role		text,
	inherits	text,
	PRIMARY KEY (tenant, role, inherits)
);
/* level: the role that the module follows, or no_access.  standalone: it
 * follows no longer; its cells are in ref.frozen_cell. */
CREATE UNLOGGED TABLE ref.own_module (
	tenant		text,
	role		text,
	module		text,
	level		text,
	standalone	boolean,
	PRIMARY KEY (tenant, role, module)
);
CREATE UNLOGGED TABLE ref.frozen_cell (
	tenant		text,
	role		text,
	permission	text,
	enabled		boolean,
	locked		boolean,
	requires	text[],
	PRIMARY KEY (tenant, role, permission)
);
CREATE UNLOGGED TABLE ref.frozen_entry (
	tenant		text,
	role		text,
	permission	text,
	scope		text,
	requires	text[],
	feature		text,
	channels	text[],
	targets		text[]
);
CREATE UNLOGGED TABLE ref.location (
	tenant		text,
	location	text,
	parent		text,
	PRIMARY KEY (tenant, location)
);
CREATE UNLOGGED TABLE ref.groups (
	tenant		text,
	"group"		text,
	PRIMARY KEY (tenant, "group")
);
CREATE UNLOGGED TABLE ref.member (
	tenant		text,
	user_id		text,
	keys		jsonb,
	PRIMARY KEY (tenant, user_id)
);
/* the keys of those who were removed */
CREATE UNLOGGED TABLE ref.former (
	tenant		text,
	user_id		text,
	keys		jsonb,
	PRIMARY KEY (tenant, user_id)
);
CREATE UNLOGGED TABLE ref.group_member (
	tenant		text,
	"group"		text,
	user_id		text,
	PRIMARY KEY (tenant, "group", user_id)
);
CREATE UNLOGGED TABLE ref.assignment (
	tenant		text,
	user_id		text,
	role		text,
	location	text,
	only_group	text,
	only_self	boolean,
	valid_until	timestamptz,
	UNIQUE NULLS NOT DISTINCT (tenant, user_id, role, location, only_group, only_self)
);
CREATE UNLOGGED TABLE ref.member_cell (
	tenant		text,
	user_id		text,
	permission	text,
	enabled		boolean,
	scope		text,
	PRIMARY KEY (tenant, user_id, permission)
);

/* Relationships.  subject_type: of the column at the application; subject and
 * object: what the columns print. */
CREATE UNLOGGED TABLE ref.related (
	relationship text,
	tenant		text,
	subject_type text,
	subject		text,
	object		text,
	at			timestamptz
);
CREATE INDEX ON ref.related (relationship, tenant);

/* Protected tables.  A row's values are those that its columns print; a type
 * is NULL where the table does not bind the column.  columns: all that can be
 * written; parent: the protected table whose row stands for this one where it
 * does not bind a column itself. */
CREATE TABLE ref.relation (
	relation	text PRIMARY KEY,
	key			text,
	columns		text[],
	location_type text,
	owner_type	text,
	client_type text,
	assignee_type text,
	team_type	text,
	parent		text,
	is_register boolean
);
/* what a column is when nothing is said, if not NULL */
CREATE TABLE ref.default_value (
	relation	text,
	"column"	text,
	value		text,
	PRIMARY KEY (relation, "column")
);
/* condition: one of those of ref.meets() */
CREATE TABLE ref.rule (
	rule		integer PRIMARY KEY,
	relation	text,
	command		text,
	permission	text,
	columns		text[],
	becomes		text,
	condition	text,
	checks		text DEFAULT 'both'
);
CREATE TABLE ref.mask (
	relation	text,
	"column"	text,
	permission	text,
	PRIMARY KEY (relation, "column")
);
/* present: the row is in the table.  Otherwise it is what somebody tries to
 * write: in place of row "was", or, was NULL, as a new row. */
CREATE UNLOGGED TABLE ref.row (
	"row"		integer PRIMARY KEY,
	relation	text,
	present		boolean,
	was			integer,
	id			text,
	tenant		text,
	location	text,
	owner		text,
	client		text,
	assignee	text,
	team		text,
	parent_id	text,
	status		text,
	price		text,
	note		text,
	extra		text
);

/* For whom to answer.  No tenant: nobody; no user: a visitor. */
CREATE UNLOGGED TABLE ref.identity (
	identity	integer PRIMARY KEY,
	tenant		text,
	user_id		text,
	channel		text
);
/* What to ask each of them about. */
CREATE TABLE ref.ask (
	permission	text PRIMARY KEY
);

/* ---- cells: what the roles of a tenant have -------------------------------- */

CREATE FUNCTION ref.module(permission text) RETURNS text
	LANGUAGE sql IMMUTABLE AS $$ SELECT split_part(permission, '.', 1) $$;

CREATE FUNCTION ref.texts(list jsonb) RETURNS text[]
	LANGUAGE sql IMMUTABLE AS
$$ SELECT CASE WHEN jsonb_typeof(list) = 'array' THEN ARRAY(SELECT jsonb_array_elements_text(list)) END $$;

/* what is in all of them */
CREATE FUNCTION ref.common(x text[], y text[]) RETURNS text[]
	LANGUAGE sql IMMUTABLE AS
$$ SELECT CASE WHEN x IS NULL THEN y ELSE ARRAY(SELECT unnest(x) INTERSECT SELECT unnest(y)) END $$;
CREATE AGGREGATE ref.in_all(text[]) (sfunc = ref.common, stype = text[]);

CREATE VIEW ref.permission_now AS
	SELECT tenant, permission FROM ref.tenant JOIN ref.permission USING (template);

CREATE VIEW ref.scope_now AS
	SELECT tenant, scope FROM ref.tenant, unnest('{all,own,self,team,assignee}'::text[]) scope
	UNION ALL
	SELECT tenant, scope FROM ref.tenant JOIN ref.scope USING (template);

CREATE VIEW ref.feature_now AS
	SELECT tenant, feature FROM ref.tenant JOIN ref.feature USING (template);

/* The template's roles and the tenant's own. */
CREATE VIEW ref.role_now AS
	SELECT tenant, role, single, false AS own FROM ref.tenant JOIN ref.role USING (template)
	UNION ALL
	SELECT tenant, role, false, true FROM ref.own_role;

/* What role has through held: held itself and all that it inherits.  blocked:
 * the modules that do not count, since a role on the way says no_access. */
CREATE VIEW ref.lineage_now AS
	WITH RECURSIVE up (tenant, held, role, blocked) AS (
		SELECT tenant, role, role, '{}'::text[] FROM ref.role_now
		UNION
		SELECT up.tenant, up.held, h.inherits, up.blocked || ARRAY(
			SELECT m.module FROM ref.own_module m
			WHERE m.tenant = up.tenant AND m.role = up.role AND m.level = 'no_access' AND m.module <> ALL (up.blocked)
			ORDER BY m.module COLLATE "C")
		FROM up
			JOIN (SELECT tenant, role, inherits FROM ref.tenant JOIN ref.inherit USING (template)
				UNION ALL
				SELECT tenant, role, inherits FROM ref.own_inherit) h USING (tenant, role)
			JOIN ref.role_now r ON r.tenant = up.tenant AND r.role = h.inherits
	)
	SELECT tenant, held, role, blocked FROM up;

/* Of the template's roles: the template's cells, with the tenant's change in
 * their place unless they are locked.  scope: the one that the tenant chose for
 * what it turned on.
 * What the template no longer has is nobody's.
 * as_level: what modules that follow the role take from it; the role itself
 * has no cell that is there for those. */
CREATE VIEW ref.template_cell_as AS
	SELECT as_level, tenant, role, permission,
		CASE WHEN coalesce(c.locked, false) THEN c.enabled ELSE coalesce(o.enabled, c.enabled) END AS enabled,
		coalesce(c.locked, false) AS locked,
		CASE WHEN coalesce(c.locked, false) OR NOT o.enabled THEN NULL ELSE o.scope END AS scope,
		coalesce(c.requires, '{}') AS requires,
		c.enabled IS NOT NULL AS in_template
	FROM (SELECT as_level, t.tenant, c.* FROM (VALUES (false), (true)) v (as_level), ref.tenant t JOIN ref.cell c USING (template)
			WHERE as_level OR NOT c.level) c
		FULL JOIN (SELECT as_level, o.* FROM (VALUES (false), (true)) v (as_level), ref.tenant_cell o
			JOIN ref.role_now r USING (tenant, role) JOIN ref.permission_now USING (tenant, permission)
			WHERE NOT r.own) o USING (as_level, tenant, role, permission);

CREATE VIEW ref.template_cell_now AS
	SELECT tenant, role, permission, enabled, locked, scope, requires, in_template FROM ref.template_cell_as WHERE NOT as_level;

/* The entries of these cells, on or off.  requires: the cell's and the
 * entry's own.  On with a scope that the tenant chose: the entries of that
 * scope; if there is none, the scope under the conditions of each of the
 * others; if there are no others, the scope. */
CREATE VIEW ref.template_entry_as AS
	SELECT as_level, tenant, role, permission, coalesce(chosen, scope) AS scope, requires, feature, channels, targets
	FROM (
		SELECT n.as_level, n.tenant, n.role, n.permission, n.scope AS chosen, e.scope,
			n.requires || coalesce(e.requires, '{}') AS requires, e.feature, e.channels, e.targets,
			bool_or(e.scope = n.scope) OVER (PARTITION BY n.as_level, n.tenant, n.role, n.permission) AS has_chosen
		FROM ref.template_cell_as n
			JOIN ref.tenant t USING (tenant)
			LEFT JOIN ref.entry e ON e.template = t.template AND e.role = n.role AND e.permission = n.permission
				AND (n.as_level OR NOT e.level)) x
	WHERE CASE WHEN scope IS NULL THEN chosen IS NOT NULL
		ELSE chosen IS NULL OR scope = chosen OR NOT has_chosen END;

CREATE VIEW ref.template_entry_now AS
	SELECT tenant, role, permission, scope, requires, feature, channels, targets FROM ref.template_entry_as WHERE NOT as_level;

/* The cells that a module of an own role follows: those of its level, with
 * all that the level inherits.  speaks: those that are on, if one is, else
 * all of them. */
CREATE VIEW ref.followed AS
	SELECT m.tenant, m.role, c.permission, c.role AS source, c.role = m.level AND c.in_template AS of_level, c.enabled, c.locked, c.requires,
		c.enabled = bool_or(c.enabled) OVER (PARTITION BY m.tenant, m.role, c.permission) AS speaks
	FROM ref.own_module m
		JOIN ref.role_now v ON v.tenant = m.tenant AND v.role = m.level AND NOT v.own
		JOIN ref.lineage_now l ON l.tenant = m.tenant AND l.held = m.level
		JOIN ref.template_cell_as c ON c.as_level AND c.tenant = m.tenant AND c.role = l.role AND ref.module(c.permission) = m.module
	WHERE NOT m.standalone;

/* An own role's cells before the tenant changed them: what it follows, as one
 * cell that is on if one of those is, with the lock of the template's cell of the level,
 * else with any, and requires what each of those requires that speak; or what
 * was frozen. */
CREATE VIEW ref.own_base_cell AS
	SELECT tenant, role, permission, bool_or(enabled) AS enabled,
		coalesce(bool_or(locked) FILTER (WHERE of_level), bool_or(locked)) AS locked,
		ref.in_all(requires) FILTER (WHERE speaks) AS requires
	FROM ref.followed
	GROUP BY tenant, role, permission
	UNION ALL
	SELECT tenant, role, permission, enabled, locked, requires
	FROM ref.frozen_cell JOIN ref.permission_now USING (tenant, permission);

/* Their entries, each under the conditions of the cell that it comes from. */
CREATE VIEW ref.own_base_entry AS
	SELECT f.tenant, f.role, f.permission, e.scope, e.requires, e.feature, e.channels, e.targets
	FROM ref.followed f
		JOIN ref.template_entry_as e ON e.as_level AND e.tenant = f.tenant AND e.role = f.source AND e.permission = f.permission
	WHERE f.speaks
	UNION ALL
	SELECT tenant, role, permission, scope, requires, feature, channels, targets
	FROM ref.frozen_entry;

CREATE VIEW ref.own_cell_now AS
	SELECT tenant, role, permission,
		CASE WHEN coalesce(c.locked, false) THEN c.enabled ELSE coalesce(o.enabled, c.enabled) END AS enabled,
		coalesce(c.locked, false) AS locked,
		CASE WHEN coalesce(c.locked, false) OR NOT o.enabled THEN NULL ELSE o.scope END AS scope,
		coalesce(c.requires, '{}') AS requires,
		c.enabled IS NOT NULL AS in_template
	FROM ref.own_base_cell c
		FULL JOIN (SELECT o.* FROM ref.tenant_cell o
			JOIN ref.own_role USING (tenant, role) JOIN ref.permission_now USING (tenant, permission)) o
			USING (tenant, role, permission);

CREATE VIEW ref.own_entry_now AS
	SELECT tenant, role, permission, coalesce(chosen, scope) AS scope, requires, feature, channels, targets
	FROM (
		SELECT tenant, role, permission, n.scope AS chosen, e.scope,
			CASE WHEN e.scope IS NULL THEN n.requires ELSE e.requires END AS requires, e.feature, e.channels, e.targets,
			bool_or(e.scope = n.scope) OVER (PARTITION BY tenant, role, permission) AS has_chosen
		FROM ref.own_cell_now n
			LEFT JOIN ref.own_base_entry e USING (tenant, role, permission)) x
	WHERE CASE WHEN scope IS NULL THEN chosen IS NOT NULL
		ELSE chosen IS NULL OR scope = chosen OR NOT has_chosen END;

CREATE VIEW ref.cell_now AS
	SELECT * FROM ref.template_cell_now UNION ALL SELECT * FROM ref.own_cell_now;

CREATE VIEW ref.entry_now AS
	SELECT * FROM ref.template_entry_now UNION ALL SELECT * FROM ref.own_entry_now;

/* ---- places, times --------------------------------------------------------- */

CREATE VIEW ref.assignment_now AS
	SELECT * FROM ref.assignment
	WHERE valid_until IS NULL OR clock_timestamp() < valid_until;

/* location and what is below it */
CREATE FUNCTION ref.subtree(tenant_name text, top text) RETURNS SETOF text
	LANGUAGE sql STABLE AS
$$
	WITH RECURSIVE down(location) AS (
		SELECT l.location FROM ref.location l WHERE l.tenant = tenant_name AND l.location = top
		UNION
		SELECT l.location FROM down JOIN ref.location l ON l.tenant = tenant_name AND l.parent = down.location
	)
	SELECT location FROM down
$$;
