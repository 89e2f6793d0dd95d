/* ---- model: the tables that hold who may do what ------------------------
 *
 * Nobody but the extension's functions reads or writes these tables.  Names
 * are compared byte by byte (COLLATE "C"), so ids that differ in letter case
 * only are different ids.  Every table raises an invalidation when it changes
 * (trigger "changed"), which is what keeps the compiled rights fresh: of a
 * tenant where the table has a column of that name, else of all.
 *
 * Templates that ambit ships are loaded by the install script and left out
 * of dumps until somebody changes them (template.shipped).
 */

CREATE TABLE ambit.template (
	template		text COLLATE "C" PRIMARY KEY,
	title			text,
	visitor_role	text COLLATE "C",
	clients_permission ambit.permission,
	shipped			boolean NOT NULL DEFAULT false,
	/* pg_dump orders the tables of an extension by their foreign keys, and nearly all come after this one. */
	keys_first		integer CHECK (keys_first IS NULL) REFERENCES ambit.permission_key,
	marked_fields	ambit.permission[] NOT NULL DEFAULT '{}'
);
COMMENT ON TABLE ambit.template IS 'A named model that tenants follow live. visitor_role: the role of an identity without a user. clients_permission: what visible_clients() answers for. shipped: comes with ambit and is unchanged, so dumps leave it out. keys_first: always NULL; makes a dump restore the permission keys before anything names them, so that they keep their ids, by which they are ordered. marked_fields: permissions for whose masks a scope other than all opens only the fields that the tenant marked.';

CREATE TABLE ambit.template_permission (
	template	text COLLATE "C" NOT NULL REFERENCES ambit.template ON DELETE CASCADE,
	permission	ambit.permission NOT NULL,
	title		text NOT NULL,
	source		text,
	PRIMARY KEY (template, permission)
);
COMMENT ON TABLE ambit.template_permission IS 'The permissions of a template: title, and the words of the document that it comes from.';

CREATE TABLE ambit.template_role (
	template	text COLLATE "C" NOT NULL REFERENCES ambit.template ON DELETE CASCADE,
	role		text COLLATE "C" NOT NULL,
	title		text NOT NULL,
	rank		integer NOT NULL,
	single		boolean NOT NULL DEFAULT false,
	PRIMARY KEY (template, role)
);
COMMENT ON TABLE ambit.template_role IS 'The roles of a template. rank: 1 is the lowest. single: exactly one member of a tenant holds it.';

CREATE TABLE ambit.template_inherit (
	template	text COLLATE "C" NOT NULL,
	role		text COLLATE "C" NOT NULL,
	inherits	text COLLATE "C" NOT NULL,
	PRIMARY KEY (template, role, inherits),
	FOREIGN KEY (template, role) REFERENCES ambit.template_role ON DELETE CASCADE,
	FOREIGN KEY (template, inherits) REFERENCES ambit.template_role (template, role) ON DELETE CASCADE
);
COMMENT ON TABLE ambit.template_inherit IS 'role has all that inherits has.';

CREATE TABLE ambit.template_term (
	template	text COLLATE "C" NOT NULL REFERENCES ambit.template ON DELETE CASCADE,
	term		text COLLATE "C" NOT NULL,
	title		text NOT NULL,
	source		text,
	PRIMARY KEY (template, term)
);
COMMENT ON TABLE ambit.template_term IS 'Words of a template''s titles that a tenant may show under a label of its own. title: the word as the titles have it.';

CREATE TABLE ambit.template_feature (
	template	text COLLATE "C" NOT NULL REFERENCES ambit.template ON DELETE CASCADE,
	feature		text COLLATE "C" NOT NULL,
	title		text,
	source		text,
	PRIMARY KEY (template, feature)
);
COMMENT ON TABLE ambit.template_feature IS 'Features that a tenant may turn on. Off until set_feature().';

CREATE TABLE ambit.template_scope (
	template		text COLLATE "C" NOT NULL REFERENCES ambit.template ON DELETE CASCADE,
	scope			text COLLATE "C" NOT NULL CHECK (scope NOT IN ('all', 'own', 'self', 'team', 'assignee')),
	relationship	text COLLATE "C" NOT NULL,
	subject			text COLLATE "C" NOT NULL DEFAULT 'staff' CHECK (subject IN ('staff', 'client')),
	back			interval,
	ahead			interval,
	source			text,
	PRIMARY KEY (template, scope)
);
COMMENT ON TABLE ambit.template_scope IS 'Named scopes. relationship: what bind_relationship() binds; subject: which of the member''s keys stands in it; back, ahead: the window around now(), both ends included, NULL: open.';

CREATE TABLE ambit.template_cell (
	template	text COLLATE "C" NOT NULL,
	role		text COLLATE "C" NOT NULL,
	permission	ambit.permission NOT NULL,
	enabled		boolean NOT NULL,
	locked		boolean NOT NULL DEFAULT false,
	requires	ambit.permission[] NOT NULL DEFAULT '{}',
	source		text,
	level		boolean NOT NULL DEFAULT false,
	PRIMARY KEY (template, role, permission),
	FOREIGN KEY (template, role) REFERENCES ambit.template_role ON DELETE CASCADE,
	FOREIGN KEY (template, permission) REFERENCES ambit.template_permission ON DELETE CASCADE
);
COMMENT ON TABLE ambit.template_cell IS 'The grants of a template. locked: no tenant may change it. requires: permissions without which no entry of the cell holds. level: the modules of tenants'' own roles that follow the role have the cell, the role itself has none.';

CREATE TABLE ambit.template_entry (
	template	text COLLATE "C" NOT NULL,
	role		text COLLATE "C" NOT NULL,
	permission	ambit.permission NOT NULL,
	ordinal		integer NOT NULL,
	scope		text COLLATE "C" NOT NULL,
	requires	ambit.permission[] NOT NULL DEFAULT '{}',
	feature		text COLLATE "C",
	channels	text[] COLLATE "C",
	targets		text[] COLLATE "C",
	PRIMARY KEY (template, role, permission, ordinal),
	FOREIGN KEY (template, role, permission) REFERENCES ambit.template_cell ON DELETE CASCADE,
	FOREIGN KEY (template, feature) REFERENCES ambit.template_feature ON DELETE CASCADE
);
COMMENT ON TABLE ambit.template_entry IS 'The scope entries of a cell, each with the conditions under which it holds: permissions, a feature, channels (NULL: any), target roles (NULL: any). A cell that is off keeps its entries: they are what turning it on grants.';

CREATE TABLE ambit.template_administration (
	template		text COLLATE "C" NOT NULL,
	function		text COLLATE "C" NOT NULL,
	permission		ambit.permission NOT NULL,
	only_targets	boolean NOT NULL DEFAULT false,
	PRIMARY KEY (template, function),
	FOREIGN KEY (template, permission) REFERENCES ambit.template_permission ON DELETE CASCADE
);
COMMENT ON TABLE ambit.template_administration IS 'Which permission an administrative function needs when somebody other than the DBA calls it. A function that is not named is the DBA''s alone. only_targets: it gives the roles alone that the target roles of the caller''s permission name, where it has some.';

CREATE TABLE ambit.tenant (
	tenant		text COLLATE "C" PRIMARY KEY CHECK (tenant <> ''),
	template	text COLLATE "C" NOT NULL REFERENCES ambit.template,
	title		text
);
COMMENT ON TABLE ambit.tenant IS 'One business each.';

CREATE TABLE ambit.tenant_feature (
	tenant		text COLLATE "C" NOT NULL REFERENCES ambit.tenant ON DELETE CASCADE,
	feature		text COLLATE "C" NOT NULL,
	enabled		boolean NOT NULL,
	PRIMARY KEY (tenant, feature)
);
COMMENT ON TABLE ambit.tenant_feature IS 'Features that the tenant turned on or off.';

CREATE TABLE ambit.tenant_label (
	tenant		text COLLATE "C" NOT NULL REFERENCES ambit.tenant ON DELETE CASCADE,
	term		text COLLATE "C" NOT NULL,
	label		text NOT NULL CHECK (label <> ''),
	PRIMARY KEY (tenant, term)
);
COMMENT ON TABLE ambit.tenant_label IS 'What a tenant calls a term of its template.';

CREATE TABLE ambit.tenant_role (
	tenant		text COLLATE "C" NOT NULL REFERENCES ambit.tenant ON DELETE CASCADE,
	role		text COLLATE "C" NOT NULL CHECK (role <> ''),
	title		text,
	rank		integer NOT NULL DEFAULT 0,
	PRIMARY KEY (tenant, role)
);
COMMENT ON TABLE ambit.tenant_role IS 'A tenant''s own roles, beside those of its template.';

CREATE TABLE ambit.tenant_inherit (
	tenant		text COLLATE "C" NOT NULL,
	role		text COLLATE "C" NOT NULL,
	inherits	text COLLATE "C" NOT NULL,
	PRIMARY KEY (tenant, role, inherits),
	FOREIGN KEY (tenant, role) REFERENCES ambit.tenant_role ON DELETE CASCADE
);
COMMENT ON TABLE ambit.tenant_inherit IS 'An own role has all that inherits (a role of the template or of the tenant) has.';

CREATE TABLE ambit.tenant_module (
	tenant		text COLLATE "C" NOT NULL,
	role		text COLLATE "C" NOT NULL,
	module		text COLLATE "C" NOT NULL,
	level		text COLLATE "C" NOT NULL,
	standalone	boolean NOT NULL DEFAULT false,
	PRIMARY KEY (tenant, role, module),
	FOREIGN KEY (tenant, role) REFERENCES ambit.tenant_role ON DELETE CASCADE
);
COMMENT ON TABLE ambit.tenant_module IS 'The modules of an own role. level: the role of the template whose cells of that module it has, live, or no_access. standalone: a cell of it was changed; it has the cells of standalone_cell from then on.';

CREATE TABLE ambit.standalone_cell (
	tenant		text COLLATE "C" NOT NULL,
	role		text COLLATE "C" NOT NULL,
	permission	ambit.permission NOT NULL,
	enabled		boolean NOT NULL,
	locked		boolean NOT NULL,
	requires	ambit.permission[] NOT NULL,
	PRIMARY KEY (tenant, role, permission),
	FOREIGN KEY (tenant, role) REFERENCES ambit.tenant_role ON DELETE CASCADE
);
COMMENT ON TABLE ambit.standalone_cell IS 'The cells that a module of an own role had when it ceased to follow its level. What the tenant changed since stands in tenant_cell.';

CREATE TABLE ambit.standalone_entry (
	tenant		text COLLATE "C" NOT NULL,
	role		text COLLATE "C" NOT NULL,
	permission	ambit.permission NOT NULL,
	ordinal		integer NOT NULL,
	scope		text COLLATE "C" NOT NULL,
	requires	ambit.permission[] NOT NULL,
	feature		text COLLATE "C",
	channels	text[] COLLATE "C",
	targets		text[] COLLATE "C",
	PRIMARY KEY (tenant, role, permission, ordinal),
	FOREIGN KEY (tenant, role, permission) REFERENCES ambit.standalone_cell ON DELETE CASCADE
);
COMMENT ON TABLE ambit.standalone_entry IS 'The scope entries of standalone_cell, like those of template_entry.';

CREATE TABLE ambit.tenant_cell (
	tenant		text COLLATE "C" NOT NULL REFERENCES ambit.tenant ON DELETE CASCADE,
	role		text COLLATE "C" NOT NULL,
	permission	ambit.permission NOT NULL,
	enabled		boolean NOT NULL,
	scope		text COLLATE "C",
	PRIMARY KEY (tenant, role, permission)
);
COMMENT ON TABLE ambit.tenant_cell IS 'Cells that the tenant changed, of a role of the template or its own. scope NULL: the entries of the template''s or the module''s cell; where there is none (any more), nothing. Off: no scope.';

CREATE TABLE ambit.location (
	tenant		text COLLATE "C" NOT NULL REFERENCES ambit.tenant ON DELETE CASCADE,
	location	text COLLATE "C" NOT NULL CHECK (location <> ''),
	parent		text COLLATE "C",
	PRIMARY KEY (tenant, location),
	FOREIGN KEY (tenant, parent) REFERENCES ambit.location (tenant, location)
);
CREATE INDEX location_parent ON ambit.location (tenant, parent);
COMMENT ON TABLE ambit.location IS 'The tenant''s tree of locations.';

CREATE TABLE ambit.member_group (
	tenant		text COLLATE "C" NOT NULL REFERENCES ambit.tenant ON DELETE CASCADE,
	"group"		text COLLATE "C" NOT NULL CHECK ("group" <> ''),
	PRIMARY KEY (tenant, "group")
);
COMMENT ON TABLE ambit.member_group IS 'Named sets of members: teams, staff groups.';

CREATE TABLE ambit.member (
	tenant		text COLLATE "C" NOT NULL REFERENCES ambit.tenant ON DELETE CASCADE,
	user_id		text COLLATE "C" NOT NULL CHECK (user_id <> ''),
	keys		jsonb NOT NULL DEFAULT '{}' CHECK (pg_catalog.jsonb_typeof(keys) = 'object'),
	PRIMARY KEY (tenant, user_id)
);
COMMENT ON TABLE ambit.member IS 'Users within a tenant. keys: the ids of the user''s own rows in the application''s tables, {"staff": "7", "client": "9"}.';

CREATE TABLE ambit.former_member (
	tenant		text COLLATE "C" NOT NULL REFERENCES ambit.tenant ON DELETE CASCADE,
	user_id		text COLLATE "C" NOT NULL,
	keys		jsonb NOT NULL,
	PRIMARY KEY (tenant, user_id)
);
COMMENT ON TABLE ambit.former_member IS 'The keys of members who were removed: nobody but the DBA gives them to somebody else.';

CREATE TABLE ambit.group_member (
	tenant		text COLLATE "C" NOT NULL,
	"group"		text COLLATE "C" NOT NULL,
	user_id		text COLLATE "C" NOT NULL,
	PRIMARY KEY (tenant, "group", user_id),
	FOREIGN KEY (tenant, "group") REFERENCES ambit.member_group ON DELETE CASCADE,
	FOREIGN KEY (tenant, user_id) REFERENCES ambit.member ON DELETE CASCADE
);
CREATE INDEX group_member_user ON ambit.group_member (tenant, user_id);
COMMENT ON TABLE ambit.group_member IS 'Who is in which group.';

CREATE TABLE ambit.assignment (
	tenant		text COLLATE "C" NOT NULL,
	user_id		text COLLATE "C" NOT NULL,
	role		text COLLATE "C" NOT NULL,
	location	text COLLATE "C",
	only_group	text COLLATE "C",
	only_self	boolean NOT NULL DEFAULT false,
	valid_until	timestamptz,
	UNIQUE NULLS NOT DISTINCT (tenant, user_id, role, location, only_group, only_self),
	FOREIGN KEY (tenant, user_id) REFERENCES ambit.member ON DELETE CASCADE,
	FOREIGN KEY (tenant, location) REFERENCES ambit.location ON DELETE CASCADE,
	FOREIGN KEY (tenant, only_group) REFERENCES ambit.member_group ON DELETE CASCADE
);
CREATE INDEX assignment_user ON ambit.assignment (tenant, user_id);
COMMENT ON TABLE ambit.assignment IS 'Roles of members. location NULL: the whole tenant. only_group, only_self: limits. valid_until: the instant from which it no longer holds.';

CREATE TABLE ambit.member_cell (
	tenant		text COLLATE "C" NOT NULL,
	user_id		text COLLATE "C" NOT NULL,
	permission	ambit.permission NOT NULL,
	enabled		boolean NOT NULL,
	scope		text COLLATE "C",
	PRIMARY KEY (tenant, user_id, permission),
	FOREIGN KEY (tenant, user_id) REFERENCES ambit.member ON DELETE CASCADE
);
COMMENT ON TABLE ambit.member_cell IS 'A member''s own overrides. scope NULL: the entries of the cells of the member''s roles, on or off, as they are when it is asked; where there are none, nothing. Off: no scope.';

CREATE TABLE ambit.rule (
	rule		bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
	relation	regclass NOT NULL,
	command		text NOT NULL CHECK (command IN ('select', 'insert', 'update', 'delete')),
	permission	ambit.permission NOT NULL,
	columns		name[],
	becomes		text,
	"when"		text,
	checks		text NOT NULL CHECK (checks IN ('old', 'new', 'both'))
);
CREATE INDEX rule_relation ON ambit.rule (relation);
COMMENT ON TABLE ambit.rule IS 'Rules of protected tables. The policies are made from them; the bound columns stand in the policies themselves.';

CREATE TABLE ambit.mask (
	mask		bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
	relation	regclass NOT NULL,
	"column"	name NOT NULL,
	permission	ambit.permission NOT NULL
);
CREATE INDEX mask_relation ON ambit.mask (relation);
COMMENT ON TABLE ambit.mask IS 'Masked columns. They stand in policy ambit_masks of the table by their present names; column: the name that it had when the policy was made.';

CREATE TABLE ambit.tenant_field (
	tenant		text COLLATE "C" NOT NULL REFERENCES ambit.tenant ON DELETE CASCADE,
	mask		bigint NOT NULL REFERENCES ambit.mask ON DELETE CASCADE,
	PRIMARY KEY (tenant, mask)
);
CREATE INDEX tenant_field_mask ON ambit.tenant_field (mask);
COMMENT ON TABLE ambit.tenant_field IS 'Masked columns that a tenant marked: its users see them wherever they see the row.';

CREATE TABLE ambit.trusted_application (
	db_role		regrole PRIMARY KEY
);
COMMENT ON TABLE ambit.trusted_application IS 'Database roles that may call assume().';

CREATE TABLE ambit.administrator (
	db_role		regrole PRIMARY KEY
);
COMMENT ON TABLE ambit.administrator IS 'Database roles that administer ambit, beside superusers and the owner of the extension.';

CREATE TABLE ambit.login (
	db_role		regrole PRIMARY KEY,
	tenant		text COLLATE "C" NOT NULL,
	user_id		text COLLATE "C" NOT NULL,
	FOREIGN KEY (tenant, user_id) REFERENCES ambit.member ON DELETE CASCADE
);
CREATE INDEX login_member ON ambit.login (tenant, user_id);
COMMENT ON TABLE ambit.login IS 'Database roles that are a member: the identity of the sessions that log in as them.';

CREATE TABLE ambit.signing_key (
	kid			text COLLATE "C" PRIMARY KEY,
	algorithm	text COLLATE "C" NOT NULL,
	key			bytea NOT NULL,
	issuer		text COLLATE "C",
	audience	text COLLATE "C",
	tenants		text[] COLLATE "C",
	dumped		boolean NOT NULL
);
COMMENT ON TABLE ambit.signing_key IS 'Keys that tokens are signed with. key: the secret of HS256, for the others a DER SubjectPublicKeyInfo. issuer NULL: any; audience NULL: tokens without one; tenants NULL: all. dumped: part of dumps.';
/* a key that is never compressed or stored apart is read without another copy */
ALTER TABLE ambit.signing_key ALTER COLUMN key SET STORAGE PLAIN;
/* no policy: closed to pg_read_all_data as well */
ALTER TABLE ambit.signing_key ENABLE ROW LEVEL SECURITY;

/* ---- invalidation ------------------------------------------------------- */

CREATE TABLE ambit.signal ();
COMMENT ON TABLE ambit.signal IS 'Always empty. Invalidating its cached definition is how a change of what belongs to no tenant is told to every backend.';

CREATE FUNCTION ambit.changed() RETURNS trigger
	LANGUAGE c AS 'MODULE_PATHNAME', 'ambit_changed';
COMMENT ON FUNCTION ambit.changed() IS 'Trigger of ambit''s own tables, for each row, and for TRUNCATE: tells every backend, this one included, that what it compiled is stale: what belongs to the tenant in the column that the argument names, or everything. Takes effect at commit, and leaves no trace when rolled back.';
REVOKE EXECUTE ON FUNCTION ambit.changed() FROM PUBLIC;

/*
 * For each row, since that is what a logical subscriber's worker fires.  Whom a
 * login is belongs to no tenant: it may have been nobody's before.
 */
DO $$
DECLARE
	t text;
	of_tenant boolean;
BEGIN
	FOR t, of_tenant IN
		SELECT c.relname, c.relname <> 'login' AND EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant')
		FROM pg_catalog.pg_class c
		WHERE c.relnamespace = 'ambit'::regnamespace AND c.relkind = 'r' AND c.relname <> 'signal'
		ORDER BY c.relname
	LOOP
		EXECUTE pg_catalog.format('CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE ON ambit.%I FOR EACH ROW EXECUTE FUNCTION ambit.changed(%s)',
			t, CASE WHEN of_tenant THEN 'tenant' END);
		EXECUTE pg_catalog.format('CREATE TRIGGER emptied AFTER TRUNCATE ON ambit.%I FOR EACH STATEMENT EXECUTE FUNCTION ambit.changed()', t);
		EXECUTE pg_catalog.format('ALTER TABLE ambit.%I ENABLE ALWAYS TRIGGER changed, ENABLE ALWAYS TRIGGER emptied', t);
		EXECUTE pg_catalog.format('REVOKE ALL ON ambit.%I FROM PUBLIC', t);
	END LOOP;
	REVOKE ALL ON ambit.signal FROM PUBLIC;
END
$$;

/* ---- dump and restore ---------------------------------------------------
 *
 * CREATE EXTENSION in the new cluster loads the shipped templates.  A dump
 * carries a template only when it is not (or no longer) a shipped one; its
 * row then replaces the shipped template of that name, cells and all.
 */

CREATE FUNCTION ambit.replace_shipped() RETURNS trigger
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	DELETE FROM ambit.template t
	WHERE t.template OPERATOR(pg_catalog.=) NEW.template AND t.shipped AND NOT NEW.shipped;
	RETURN NEW;
END
$$;
COMMENT ON FUNCTION ambit.replace_shipped() IS 'Row trigger of ambit.template: a template that a dump brings takes the place of the shipped one of the same name.';
REVOKE EXECUTE ON FUNCTION ambit.replace_shipped() FROM PUBLIC;
CREATE TRIGGER replace_shipped BEFORE INSERT ON ambit.template
	FOR EACH ROW EXECUTE FUNCTION ambit.replace_shipped();
ALTER TABLE ambit.template ENABLE ALWAYS TRIGGER replace_shipped;

DO $$
DECLARE
	t text;
BEGIN
	PERFORM pg_catalog.pg_extension_config_dump('ambit.template', 'WHERE NOT shipped');
	FOREACH t IN ARRAY '{template_permission,template_role,template_inherit,template_term,template_feature,template_scope,template_cell,template_entry,template_administration}'::text[] LOOP
		PERFORM pg_catalog.pg_extension_config_dump(('ambit.' || t)::regclass,
			'WHERE template IN (SELECT s.template FROM ambit.template s WHERE NOT s.shipped)');
	END LOOP;
	FOREACH t IN ARRAY '{tenant,tenant_feature,tenant_label,tenant_role,tenant_inherit,tenant_module,standalone_cell,standalone_entry,tenant_cell,location,member_group,member,former_member,group_member,assignment,member_cell,rule_rule_seq,mask_mask_seq}'::text[] LOOP
		PERFORM pg_catalog.pg_extension_config_dump(('ambit.' || t)::regclass, '');
	END LOOP;
	PERFORM pg_catalog.pg_extension_config_dump('ambit.rule',
		'WHERE EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = relation)');
	PERFORM pg_catalog.pg_extension_config_dump('ambit.mask',
		'WHERE EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = relation)');
	PERFORM pg_catalog.pg_extension_config_dump('ambit.tenant_field',
		'WHERE mask IN (SELECT m.mask FROM ambit.mask m JOIN pg_catalog.pg_class c ON c.oid = m.relation)');
	PERFORM pg_catalog.pg_extension_config_dump('ambit.signing_key', 'WHERE dumped');
	FOREACH t IN ARRAY '{trusted_application,administrator,login}'::text[] LOOP
		PERFORM pg_catalog.pg_extension_config_dump(('ambit.' || t)::regclass,
			'WHERE EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.oid = db_role)');
	END LOOP;
END
$$;
