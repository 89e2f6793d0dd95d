/* ---- reference: who may do what, written as slowly and plainly as possible
 *
 * DESIGN.md, section 3, once more, in SQL over tables of its own.  Nothing
 * here calls ambit or reads its tables, and nothing is clever: each numbered
 * part below is one numbered sentence of the design.  test/worlds/run asks
 * ambit and this the same questions and compares.
 *
 * ref.decide() answers for every identity in ref.identity at once and leaves
 * the answers in tables: ref.arm (rule 4), ref.permitted (rule 5),
 * ref.question (rules 4 and 6 as the contract's functions ask them),
 * ref.seen and ref.attempt (what tables show and take).
 */

CREATE SCHEMA ref;

/* ---- the world: what has been said ---------------------------------------- */

CREATE UNLOGGED TABLE ref.template (
	template	text PRIMARY KEY,
	visitor_role text,
	clients_permission text
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
	targets		text[]
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
CREATE UNLOGGED TABLE ref.tenant_cell (
	tenant		text,
	role		text,
	permission	text,
	enabled		boolean,
	scope		text,
	PRIMARY KEY (tenant, role, permission)
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
 * is NULL where the table does not bind the column.  parent: the protected
 * table whose row stands for this one (location, owner, ... are its own). */
CREATE TABLE ref.relation (
	relation	text PRIMARY KEY,
	location_type text,
	owner_type	text,
	client_type text,
	assignee_type text,
	team_type	text,
	parent		text,
	is_register boolean
);
CREATE TABLE ref.rule (
	relation	text,
	command		text,
	permission	text
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
	parent_id	text
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

/* ---- the model's functions, as far as they do more than keep what they are told */

CREATE FUNCTION ref.texts(list jsonb) RETURNS text[]
	LANGUAGE sql IMMUTABLE AS
$$ SELECT CASE WHEN jsonb_typeof(list) = 'array' THEN ARRAY(SELECT jsonb_array_elements_text(list)) END $$;

CREATE FUNCTION ref.load_template(model jsonb) RETURNS void
	LANGUAGE plpgsql AS
$$
DECLARE
	name text := model->>'template';
BEGIN
	DELETE FROM ref.template WHERE template = name;
	DELETE FROM ref.inherit WHERE template = name;
	DELETE FROM ref.scope WHERE template = name;
	DELETE FROM ref.cell WHERE template = name;
	DELETE FROM ref.entry WHERE template = name;
	INSERT INTO ref.template VALUES (name, model->>'visitor_role', model->>'clients_permission');
	INSERT INTO ref.inherit
		SELECT name, r->>'role', h
		FROM jsonb_array_elements(model->'roles') r, unnest(ref.texts(r->'inherits')) h;
	INSERT INTO ref.scope
		SELECT name, s.key, s.value->>'relationship', coalesce(s.value->>'subject', 'staff'),
			(s.value->>'back')::interval, (s.value->>'ahead')::interval
		FROM jsonb_each(model->'scopes') s;
	INSERT INTO ref.cell
		SELECT name, c->>'role', c->>'permission', (c->>'enabled')::boolean,
			coalesce((c->>'locked')::boolean, false), coalesce(ref.texts(c->'requires'), '{}')
		FROM jsonb_array_elements(model->'cells') c;
	INSERT INTO ref.entry
		SELECT name, c->>'role', c->>'permission', e->>'scope', coalesce(ref.texts(e->'requires'), '{}'),
			e->>'feature', ref.texts(e->'channels'), ref.texts(e->'targets')
		FROM jsonb_array_elements(model->'cells') c, jsonb_array_elements(c->'entries') e;
END
$$;

/* A tenant's cells: the template's, with the tenant's change in its place
 * unless the cell is locked.  scope: the one that the tenant chose. */
CREATE VIEW ref.cell_now AS
	SELECT tenant, role, permission,
		CASE WHEN coalesce(c.locked, false) THEN c.enabled ELSE coalesce(o.enabled, c.enabled) END AS enabled,
		coalesce(c.locked, false) AS locked,
		CASE WHEN coalesce(c.locked, false) THEN NULL ELSE o.scope END AS scope,
		coalesce(c.requires, '{}') AS requires,
		c.enabled IS NOT NULL AS in_template
	FROM (SELECT t.tenant, c.* FROM ref.tenant t JOIN ref.cell c USING (template)) c
		FULL JOIN ref.tenant_cell o USING (tenant, role, permission);

/* The entries of these cells, on or off.  requires: the cell's and the
 * entry's own. */
CREATE VIEW ref.entry_now AS
	SELECT n.tenant, n.role, n.permission, e.scope, n.requires || e.requires AS requires, e.feature, e.channels, e.targets
	FROM ref.cell_now n
		JOIN ref.tenant t USING (tenant)
		JOIN ref.entry e ON e.template = t.template AND e.role = n.role AND e.permission = n.permission
	WHERE n.scope IS NULL OR n.scope = e.scope
	UNION ALL
	SELECT n.tenant, n.role, n.permission, coalesce(n.scope, 'all'), n.requires, NULL, NULL, NULL
	FROM ref.cell_now n
		JOIN ref.tenant t USING (tenant)
	WHERE CASE WHEN n.scope IS NULL THEN NOT n.in_template
		ELSE NOT EXISTS (SELECT FROM ref.entry e
			WHERE e.template = t.template AND e.role = n.role AND e.permission = n.permission AND e.scope = n.scope) END;

/* role and all that it inherits from, itself included */
CREATE FUNCTION ref.lineage(tenant_name text, role_name text) RETURNS SETOF text
	LANGUAGE sql STABLE AS
$$
	WITH RECURSIVE up(role) AS (
		SELECT role_name
		UNION
		SELECT h.inherits
		FROM up JOIN ref.inherit h USING (role)
		WHERE h.template = (SELECT t.template FROM ref.tenant t WHERE t.tenant = tenant_name)
	)
	SELECT role FROM up
$$;

/* Toggling.  'ok' and the other cells with a switch that turned, or the
 * SQLSTATE with which the call is refused.
 * On turns on what the cell requires, and what that requires, as far as the
 * role does not inherit it; a cell that is locked off is in the way.
 * Off turns off what requires it, and what requires that; a cell that is
 * locked on has no switch and is left alone: it holds nothing meanwhile.
 * What is turned with it keeps the scope that the tenant once chose. */
CREATE FUNCTION ref.set_role_permission(tenant_name text, role_name text, permission_name text, turn_on boolean, new_scope text)
	RETURNS text LANGUAGE plpgsql AS
$$
DECLARE
	todo text[] := ARRAY[permission_name];
	more text[];
	turned text;
BEGIN
	IF EXISTS (SELECT FROM ref.cell_now n
		WHERE n.tenant = tenant_name AND n.role = role_name AND n.permission = permission_name AND n.locked)
	THEN
		RETURN '55000';
	END IF;
	LOOP
		IF turn_on THEN
			more := ARRAY(
				SELECT DISTINCT required
				FROM ref.cell_now n, unnest(n.requires) required
				WHERE n.tenant = tenant_name AND n.role = role_name AND n.permission = ANY (todo)
					AND NOT EXISTS (SELECT FROM ref.cell_now h
						WHERE h.tenant = tenant_name AND h.permission = required AND h.enabled AND h.role <> role_name
							AND h.role IN (SELECT ref.lineage(tenant_name, role_name)))
					AND required <> ALL (todo));
		ELSE
			more := ARRAY(
				SELECT n.permission
				FROM ref.cell_now n
				WHERE n.tenant = tenant_name AND n.role = role_name AND n.requires && todo
					AND n.permission <> ALL (todo));
		END IF;
		EXIT WHEN more = '{}';
		todo := todo || more;
	END LOOP;
	IF turn_on AND EXISTS (SELECT FROM ref.cell_now n
		WHERE n.tenant = tenant_name AND n.role = role_name AND n.permission = ANY (todo) AND n.locked AND NOT n.enabled)
	THEN
		RETURN '55000';
	END IF;
	INSERT INTO ref.tenant_cell VALUES (tenant_name, role_name, permission_name, turn_on, new_scope)
	ON CONFLICT (tenant, role, permission) DO UPDATE SET enabled = excluded.enabled, scope = excluded.scope;
	WITH turn AS (
		INSERT INTO ref.tenant_cell
			SELECT tenant_name, role_name, p, turn_on, NULL
			FROM unnest(todo) p
			WHERE p <> permission_name
				AND coalesce(turn_on <> (SELECT n.enabled FROM ref.cell_now n
					WHERE n.tenant = tenant_name AND n.role = role_name AND n.permission = p), turn_on)
				AND NOT EXISTS (SELECT FROM ref.cell_now n
					WHERE n.tenant = tenant_name AND n.role = role_name AND n.permission = p AND n.locked)
		ON CONFLICT (tenant, role, permission) DO UPDATE SET enabled = excluded.enabled
		RETURNING permission)
	SELECT string_agg(' ' || permission, '' ORDER BY permission COLLATE "C") INTO turned FROM turn;
	RETURN 'ok' || coalesce(turned, '');
END
$$;

CREATE VIEW ref.assignment_now AS
	SELECT * FROM ref.assignment
	WHERE valid_until IS NULL OR clock_timestamp() < valid_until;

/* A member's override.  turn_on NULL: back to what the roles say. */
CREATE FUNCTION ref.set_member_permission(tenant_name text, user_name text, permission_name text, turn_on boolean, new_scope text)
	RETURNS text LANGUAGE plpgsql AS
$$
BEGIN
	IF turn_on IS NULL THEN
		DELETE FROM ref.member_cell
		WHERE tenant = tenant_name AND user_id = user_name AND permission = permission_name;
		RETURN 'ok';
	END IF;
	IF EXISTS (SELECT
		FROM ref.assignment_now a, ref.lineage(a.tenant, a.role) h, ref.cell_now n
		WHERE a.tenant = tenant_name AND a.user_id = user_name
			AND n.tenant = a.tenant AND n.role = h AND n.permission = permission_name AND n.locked)
	THEN
		RETURN '55000';
	END IF;
	INSERT INTO ref.member_cell VALUES (tenant_name, user_name, permission_name, turn_on, new_scope)
	ON CONFLICT (tenant, user_id, permission) DO UPDATE SET enabled = excluded.enabled, scope = excluded.scope;
	RETURN 'ok';
END
$$;

/* ---- the decision ---------------------------------------------------------- */

/* One "who" is a tenant and a user or visitor; an identity is a who and a channel. */
CREATE UNLOGGED TABLE ref.who (
	who			integer PRIMARY KEY,
	tenant		text,
	template	text,
	user_id		text,
	staff		text,
	client		text
);
CREATE UNLOGGED TABLE ref.assigned (
	who			integer,
	n			integer,
	role		text,
	location	text,
	only_group	text,
	only_self	boolean
);
CREATE UNLOGGED TABLE ref.brings (
	who			integer,
	n			integer,
	role		text
);
CREATE UNLOGGED TABLE ref.the_cell AS SELECT * FROM ref.cell_now WITH NO DATA;
CREATE UNLOGGED TABLE ref.the_entry AS SELECT * FROM ref.entry_now WITH NO DATA;
CREATE UNLOGGED TABLE ref.overridden (
	who			integer,
	permission	text,
	enabled		boolean,
	scope		text
);
CREATE UNLOGGED TABLE ref.brought (
	who			integer,
	permission	text,
	location	text,
	only_group	text,
	only_self	boolean,
	scope		text,
	requires	text[],
	feature		text,
	channels	text[],
	targets		text[]
);
CREATE UNLOGGED TABLE ref.candidate (
	identity	integer,
	permission	text,
	requires	text[],
	limb		integer
);
CREATE UNLOGGED TABLE ref.held (
	identity	integer,
	permission	text,
	PRIMARY KEY (identity, permission)
);
/* A limb is what an arm reaches with, whatever the permission is. */
CREATE UNLOGGED TABLE ref.limb (
	limb		integer PRIMARY KEY,
	who			integer,
	scope		text,
	location	text,
	only_group	text,
	only_self	boolean,
	targets		text[]
);
CREATE UNLOGGED TABLE ref.arm (
	identity	integer,
	permission	text,
	limb		integer,
	PRIMARY KEY (identity, permission, limb)
);
CREATE UNLOGGED TABLE ref.client_of (
	who			integer,
	scope		text,
	client		text
);
/* location and what is below it */
CREATE UNLOGGED TABLE ref.below (
	tenant		text,
	top			text,
	location	text
);
/* Members towards whom a limb goes: it has no target roles, or these hold
 * every role of the member. */
CREATE UNLOGGED TABLE ref.towards (
	limb		integer,
	user_id		text,
	staff		text,
	PRIMARY KEY (limb, user_id)
);
CREATE UNLOGGED TABLE ref.place AS
	SELECT r."row", r.relation, r.tenant, r.location, r.owner, r.client, r.assignee, r.team,
		t.location_type, t.owner_type, t.client_type, t.assignee_type, t.team_type, r."row" AS parent_row
	FROM ref.row r, ref.relation t WITH NO DATA;
CREATE UNLOGGED TABLE ref.reached (
	limb		integer,
	"row"		integer
);
CREATE INDEX ON ref.reached (limb);
CREATE UNLOGGED TABLE ref.permitted (
	identity	integer,
	relation	text,
	command		text,
	"row"		integer,
	PRIMARY KEY (identity, command, "row")
);
CREATE UNLOGGED TABLE ref.question (
	identity	integer,
	kind		text,
	permission	text,
	argument	text,
	answer		text
);
CREATE INDEX ON ref.question (identity);
/* Which rows of a table an identity sees, may delete, may update in a column
 * that is not bound.  Ids in order; or 42501. */
CREATE UNLOGGED TABLE ref.seen (
	identity	integer,
	relation	text,
	command		text,
	ids			text[]
);
CREATE INDEX ON ref.seen (identity);
/* Attempts to write: identity, row that is not present. */
CREATE UNLOGGED TABLE ref.trial (
	identity	integer,
	"row"		integer
);
/* What becomes of them: 'done', 'none' (there is no such row
 * for this identity) or '42501'. */
CREATE UNLOGGED TABLE ref.attempt (
	identity	integer,
	"row"		integer,
	outcome		text
);
CREATE INDEX ON ref.attempt (identity);

/* A key of a member as the value of a column of that type would print; NULL
 * when it does not convert. */
CREATE FUNCTION ref.convert(type text, key text) RETURNS text
	LANGUAGE sql IMMUTABLE AS
$$
	SELECT CASE type
		WHEN 'text' THEN key
		WHEN 'bigint' THEN
			CASE WHEN key ~ '^\s*[-+]?[0-9]{1,30}\s*$' THEN
				CASE WHEN key::numeric BETWEEN -9223372036854775808 AND 9223372036854775807
					THEN key::numeric::bigint::text END END
		WHEN 'uuid' THEN
			CASE WHEN key ~* '^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$' THEN lower(key) END
		END
$$;

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

CREATE FUNCTION ref.permits(integer, text, integer) RETURNS boolean
	LANGUAGE sql STABLE AS
$$
	SELECT EXISTS (SELECT FROM ref.permitted p
		WHERE p.identity = $1 AND p.command = $2 AND p."row" = $3)
$$;

/* texts in order, each once, NULL where there is none */
CREATE FUNCTION ref.set_of(list text[]) RETURNS text
	LANGUAGE sql IMMUTABLE AS
$$ SELECT string_agg(DISTINCT x COLLATE "C", ',' ORDER BY x COLLATE "C") FROM unnest(list) x $$;

/* The tables are small and never analyzed: hash joins do well enough, whatever
 * the planner thinks of them. */
CREATE FUNCTION ref.decide() RETURNS void
	LANGUAGE plpgsql AS
$$
BEGIN
	DELETE FROM ref.who;
	DELETE FROM ref.assigned;
	DELETE FROM ref.brings;
	DELETE FROM ref.the_cell;
	DELETE FROM ref.the_entry;
	DELETE FROM ref.overridden;
	DELETE FROM ref.brought;
	DELETE FROM ref.candidate;
	DELETE FROM ref.held;
	DELETE FROM ref.limb;
	DELETE FROM ref.arm;
	DELETE FROM ref.client_of;
	DELETE FROM ref.below;
	DELETE FROM ref.towards;
	DELETE FROM ref.place;
	DELETE FROM ref.reached;
	DELETE FROM ref.permitted;
	DELETE FROM ref.question;
	DELETE FROM ref.seen;
	DELETE FROM ref.attempt;
	PERFORM ref.decide_rights();
	PERFORM ref.decide_rows();
	PERFORM ref.decide_questions();
END
$$;

CREATE FUNCTION ref.decide_rights() RETURNS void
	LANGUAGE plpgsql SET jit = off SET enable_nestloop = off AS
$$
BEGIN
	INSERT INTO ref.who
		SELECT row_number() OVER (), i.tenant, t.template, i.user_id, m.keys->>'staff', m.keys->>'client'
		FROM (SELECT DISTINCT tenant, user_id FROM ref.identity) i
			JOIN ref.tenant t USING (tenant)
			LEFT JOIN ref.member m USING (tenant, user_id);

	/* 1. Assignments that are valid now; for a visitor, the template's
	 *    visitor role.  Nobody has none. */
	INSERT INTO ref.assigned
		SELECT w.who, row_number() OVER (), a.role, a.location, a.only_group, a.only_self
		FROM ref.who w JOIN ref.assignment_now a USING (tenant, user_id)
		UNION ALL
		SELECT w.who, 0, t.visitor_role, NULL, NULL, false
		FROM ref.who w JOIN ref.template t USING (template)
		WHERE w.user_id IS NULL AND t.visitor_role IS NOT NULL;

	/* 2. Each role brings its own cells and those that it inherits ... */
	INSERT INTO ref.brings
		SELECT a.who, a.n, h
		FROM ref.assigned a JOIN ref.who w USING (who), ref.lineage(w.tenant, a.role) h;
	INSERT INTO ref.the_cell SELECT * FROM ref.cell_now;
	INSERT INTO ref.the_entry SELECT * FROM ref.entry_now;

	/*    ... a member's own override has the last word, but cannot pass a lock: */
	INSERT INTO ref.overridden
		SELECT w.who, o.permission, o.enabled, o.scope
		FROM ref.who w JOIN ref.member_cell o USING (tenant, user_id)
		WHERE NOT EXISTS (SELECT
			FROM ref.brings b JOIN ref.the_cell c USING (role)
			WHERE b.who = w.who AND c.tenant = w.tenant AND c.permission = o.permission AND c.locked);

	/*    without an override: the entries of the cells that are on, through
	 *    the assignment that brings them; */
	INSERT INTO ref.brought
		SELECT a.who, e.permission, a.location, a.only_group, a.only_self,
			e.scope, e.requires, e.feature, e.channels, e.targets
		FROM ref.assigned a
			JOIN ref.who w USING (who)
			JOIN ref.brings b USING (who, n)
			JOIN ref.the_cell c ON c.tenant = w.tenant AND c.role = b.role AND c.enabled
			JOIN ref.the_entry e ON e.tenant = w.tenant AND e.role = b.role AND e.permission = c.permission
		WHERE NOT EXISTS (SELECT FROM ref.overridden o WHERE o.who = a.who AND o.permission = c.permission);

	/*    overridden to on with a scope: that scope through every assignment; */
	INSERT INTO ref.brought
		SELECT a.who, o.permission, a.location, a.only_group, a.only_self,
			o.scope, '{}', NULL, NULL, NULL
		FROM ref.overridden o JOIN ref.assigned a USING (who)
		WHERE o.enabled AND o.scope IS NOT NULL;

	/*    overridden to on without a scope: the entries of all cells of the
	 *    member's roles, on or off, through every assignment; */
	INSERT INTO ref.brought
		SELECT a.who, o.permission, a.location, a.only_group, a.only_self,
			e.scope, e.requires, e.feature, e.channels, e.targets
		FROM ref.overridden o
			JOIN ref.who w USING (who)
			JOIN ref.assigned a USING (who)
			JOIN ref.the_entry e ON e.tenant = w.tenant AND e.permission = o.permission
		WHERE o.enabled AND o.scope IS NULL
			AND e.role IN (SELECT b.role FROM ref.brings b WHERE b.who = o.who);

	/*    'all' where no role has such a cell. */
	INSERT INTO ref.brought
		SELECT a.who, o.permission, a.location, a.only_group, a.only_self,
			'all', '{}', NULL, NULL, NULL
		FROM ref.overridden o
			JOIN ref.who w USING (who)
			JOIN ref.assigned a USING (who)
		WHERE o.enabled AND o.scope IS NULL
			AND NOT EXISTS (SELECT FROM ref.the_cell c
				WHERE c.tenant = w.tenant AND c.permission = o.permission
					AND c.role IN (SELECT b.role FROM ref.brings b WHERE b.who = o.who));

	/* 3. An entry holds where its feature is on for the tenant and the channel
	 *    is one that it allows, */
	INSERT INTO ref.limb
		SELECT row_number() OVER (), who, scope, location, only_group, only_self, targets
		FROM (SELECT DISTINCT who, scope, location, only_group, only_self, targets FROM ref.brought) b;
	INSERT INTO ref.candidate
		SELECT i.identity, b.permission, b.requires, l.limb
		FROM ref.identity i
			JOIN ref.who w ON w.tenant = i.tenant AND w.user_id IS NOT DISTINCT FROM i.user_id
			JOIN ref.brought b USING (who)
			JOIN ref.limb l ON l.who = b.who AND l.scope = b.scope AND l.only_self = b.only_self
				AND l.location IS NOT DISTINCT FROM b.location
				AND l.only_group IS NOT DISTINCT FROM b.only_group
				AND l.targets IS NOT DISTINCT FROM b.targets
		WHERE (b.feature IS NULL
				OR EXISTS (SELECT FROM ref.tenant_feature f
					WHERE f.tenant = i.tenant AND f.feature = b.feature AND f.enabled))
			AND (b.channels IS NULL OR coalesce(i.channel = ANY (b.channels), false));

	/*    and every permission that it requires holds as well: from nothing up,
	 *    until nothing more comes to hold. */
	LOOP
		INSERT INTO ref.held
			SELECT DISTINCT c.identity, c.permission
			FROM ref.candidate c
			WHERE c.requires = '{}'
				OR c.requires <@ ARRAY(SELECT h.permission FROM ref.held h WHERE h.identity = c.identity)
		ON CONFLICT DO NOTHING;
		EXIT WHEN NOT FOUND;
	END LOOP;

	/* 4. What is left are the arms. */
	INSERT INTO ref.arm
		SELECT DISTINCT c.identity, c.permission, c.limb
		FROM ref.candidate c
		WHERE c.requires = '{}'
			OR c.requires <@ ARRAY(SELECT h.permission FROM ref.held h WHERE h.identity = c.identity);

	/* Who is towards whom, and where is where, for rules 5 and 6. */
	INSERT INTO ref.towards
		SELECT l.limb, m.user_id, m.keys->>'staff'
		FROM ref.limb l JOIN ref.who w USING (who) JOIN ref.member m USING (tenant)
		WHERE l.targets IS NULL
			OR NOT EXISTS (SELECT FROM ref.assignment_now a
				WHERE a.tenant = m.tenant AND a.user_id = m.user_id AND a.role <> ALL (l.targets));
	INSERT INTO ref.below
		SELECT l.tenant, l.location, b FROM ref.location l, ref.subtree(l.tenant, l.location) b;
END
$$;

CREATE FUNCTION ref.decide_rows() RETURNS void
	LANGUAGE plpgsql SET jit = off SET enable_nestloop = off AS
$$
BEGIN
	/* A table bound by parent: its rows stand where their parent rows do. */
	INSERT INTO ref.place
		SELECT r."row", r.relation, r.tenant, r.location, r.owner, r.client, r.assignee, r.team,
			t.location_type, t.owner_type, t.client_type, t.assignee_type, t.team_type, NULL
		FROM ref.row r JOIN ref.relation t USING (relation)
		WHERE t.parent IS NULL
		UNION ALL
		SELECT r."row", r.relation, p.tenant, p.location, p.owner, p.client, p.assignee, p.team,
			tp.location_type, tp.owner_type, tp.client_type, tp.assignee_type, tp.team_type, p."row"
		FROM ref.row r
			JOIN ref.relation t USING (relation)
			JOIN ref.relation tp ON tp.relation = t.parent
			JOIN ref.row p ON p.relation = t.parent AND p.id = r.parent_id AND p.present;

	/* The clients that "self" and relationships speak of: my client key and my
	 * dependants'; the objects related to me, inside the window, both ends
	 * included. */
	INSERT INTO ref.client_of
		SELECT w.who, 'self', w.client
		FROM ref.who w
		UNION ALL
		SELECT w.who, 'self', x.object
		FROM ref.who w JOIN ref.related x USING (tenant)
		WHERE x.relationship = 'dependants' AND x.subject = ref.convert(x.subject_type, w.client)
		UNION ALL
		SELECT w.who, s.scope, x.object
		FROM ref.who w JOIN ref.scope s USING (template) JOIN ref.related x USING (tenant, relationship)
		WHERE x.subject = ref.convert(x.subject_type, CASE s.subject WHEN 'staff' THEN w.staff ELSE w.client END)
			AND (s.back IS NULL OR x.at >= now() - s.back)
			AND (s.ahead IS NULL OR x.at <= now() + s.ahead);

	/* 5. A row is permitted if its tenant is T and some arm reaches it. */
	INSERT INTO ref.reached
		SELECT l.limb, r."row"
		FROM ref.limb l
			JOIN ref.who w USING (who)
			JOIN ref.place r USING (tenant)
		WHERE
			/* the location is in the subtree; none: whole-tenant arms only */
			(l.location IS NULL
				OR (w.tenant, l.location, r.location) IN (SELECT * FROM ref.below))
			/* the limits */
			AND (NOT l.only_self
				OR r.owner = ref.convert(r.owner_type, w.staff))
			AND (l.only_group IS NULL
				OR r.team = ref.convert(r.team_type, l.only_group)
				OR r.owner IN (SELECT ref.convert(r.owner_type, m.keys->>'staff')
					FROM ref.group_member g JOIN ref.member m USING (tenant, user_id)
					WHERE g.tenant = w.tenant AND g."group" = l.only_group))
			/* target roles: the owner is a member all of whose roles are among
			 * them; if several members have that key, each of them */
			AND (l.targets IS NULL
				OR r.owner IN (SELECT ref.convert(r.owner_type, t.staff) FROM ref.towards t WHERE t.limb = l.limb)
				AND NOT EXISTS (SELECT
					FROM ref.member m
					WHERE m.tenant = w.tenant AND ref.convert(r.owner_type, m.keys->>'staff') = r.owner
						AND (l.limb, m.user_id) NOT IN (SELECT t.limb, t.user_id FROM ref.towards t)))
			/* the scope */
			AND CASE l.scope
				WHEN 'all' THEN true
				WHEN 'own' THEN r.owner = ref.convert(r.owner_type, w.staff)
				WHEN 'assignee' THEN r.assignee = ref.convert(r.assignee_type, w.staff)
				WHEN 'team' THEN
					coalesce(r.team IN (SELECT ref.convert(r.team_type, g."group")
							FROM ref.group_member g
							WHERE g.tenant = w.tenant AND g.user_id = w.user_id), false)
					OR r.owner IN (SELECT ref.convert(r.owner_type, m.keys->>'staff')
						FROM ref.group_member mine
							JOIN ref.group_member g USING (tenant, "group")
							JOIN ref.member m ON m.tenant = g.tenant AND m.user_id = g.user_id
						WHERE mine.tenant = w.tenant AND mine.user_id = w.user_id)
				ELSE /* self, a relationship */
					r.client IN (SELECT ref.convert(r.client_type, c.client)
						FROM ref.client_of c
						WHERE c.who = l.who AND c.scope = l.scope)
				END;

	/* A command on a row is permitted by one rule that permits the row. */
	INSERT INTO ref.permitted
		SELECT DISTINCT a.identity, r.relation, u.command, r."row"
		FROM ref.rule u
			JOIN ref.arm a USING (permission)
			JOIN ref.reached USING (limb)
			JOIN ref.place r ON r."row" = reached."row" AND r.relation = u.relation;
	/* Nothing stands below a parent row that is not seen itself. */
	DELETE FROM ref.permitted p
	USING ref.place r
	WHERE r."row" = p."row" AND r.parent_row IS NOT NULL
		AND NOT EXISTS (SELECT FROM ref.permitted s
			WHERE s.identity = p.identity AND s.command = 'select' AND s."row" = r.parent_row);

	/* Seen: select.  Updated, deleted: seen, and permitted.  Every write of
	 * nobody fails. */
	INSERT INTO ref.seen
		SELECT identity, relation, command,
			CASE WHEN i.tenant IS NULL AND command <> 'select' THEN '{42501}' ELSE coalesce(ids, '{}') END
		FROM ref.identity i CROSS JOIN ref.relation CROSS JOIN unnest('{select,update,delete}'::text[]) command
			LEFT JOIN (
				SELECT identity, s.relation, p.command, array_agg(r.id ORDER BY r.id COLLATE "C") AS ids
				FROM ref.permitted s JOIN ref.permitted p USING (identity, "row") JOIN ref.row r USING ("row")
				WHERE s.command = 'select' AND p.command <> 'insert' AND r.present
				GROUP BY identity, s.relation, p.command) yes USING (identity, relation, command);

	/* Written: a new row needs an insert rule.  A changed row needs an update
	 * rule that permits the old row, which has to be seen, and one that
	 * permits the new row; PostgreSQL itself asks that the new row be seen as
	 * well, where a statement reads the table. */
	INSERT INTO ref.attempt
		SELECT t.identity, t."row",
			CASE
				WHEN i.tenant IS NULL THEN '42501'
				WHEN r.was IS NULL AND ref.permits(t.identity, 'insert', r."row") THEN 'done'
				WHEN r.was IS NULL THEN '42501'
				WHEN NOT ref.permits(t.identity, 'select', r.was) THEN 'none'
				WHEN NOT ref.permits(t.identity, 'update', r.was) THEN 'none'
				WHEN ref.permits(t.identity, 'update', r."row") AND ref.permits(t.identity, 'select', r."row") THEN 'done'
				ELSE '42501'
			END
		FROM ref.trial t JOIN ref.identity i USING (identity) JOIN ref.row r USING ("row");
END
$$;

CREATE FUNCTION ref.decide_questions() RETURNS void
	LANGUAGE plpgsql SET jit = off SET enable_nestloop = off AS
$$
BEGIN
	/* has_permission(p): any arm */
	INSERT INTO ref.question
		SELECT identity, 'has_permission', permission, NULL, yes.identity IS NOT NULL
		FROM ref.identity CROSS JOIN ref.ask
			LEFT JOIN (SELECT DISTINCT identity, permission FROM ref.arm) yes USING (identity, permission);

	/* has_permission(p, target): 6. Some arm with no target roles, or one
	 * whose targets hold every role of that member. */
	INSERT INTO ref.question
		SELECT identity, 'towards', permission, user_id, yes.identity IS NOT NULL
		FROM (SELECT i.identity FROM ref.identity i) i CROSS JOIN ref.ask CROSS JOIN (SELECT DISTINCT m.user_id FROM ref.member m) target
			LEFT JOIN (
				SELECT DISTINCT a.identity, a.permission, t.user_id
				FROM ref.arm a JOIN ref.limb l USING (limb) JOIN ref.towards t USING (limb)
				) yes USING (identity, permission, user_id);

	/* has_permission_at(p, location): some arm that covers the location */
	INSERT INTO ref.question
		SELECT identity, 'at', permission, x.location, yes.identity IS NOT NULL
		FROM ref.identity i JOIN ref.location x USING (tenant) CROSS JOIN ref.ask
			LEFT JOIN (
				SELECT DISTINCT a.identity, a.permission, x.location
				FROM ref.arm a JOIN ref.limb l USING (limb) JOIN ref.who w USING (who) JOIN ref.location x USING (tenant)
				WHERE l.location IS NULL
					OR (x.tenant, l.location, x.location) IN (SELECT * FROM ref.below)
				) yes USING (identity, permission, location);

	/* permission_scopes(p): the scopes of the arms */
	INSERT INTO ref.question
		SELECT identity, 'scopes', permission, NULL, yes.scopes
		FROM ref.identity CROSS JOIN ref.ask
			LEFT JOIN (
				SELECT a.identity, a.permission, string_agg(DISTINCT l.scope COLLATE "C", ',' ORDER BY l.scope COLLATE "C") AS scopes
				FROM ref.arm a JOIN ref.limb l USING (limb)
				GROUP BY a.identity, a.permission) yes USING (identity, permission);

	/* permission_targets(p): the target roles of the arms, 'any' where an arm has none */
	INSERT INTO ref.question
		SELECT identity, 'targets', permission, NULL, yes.targets
		FROM ref.identity CROSS JOIN ref.ask
			LEFT JOIN (
				SELECT a.identity, a.permission,
					CASE WHEN bool_or(l.targets IS NULL) THEN 'any'
						ELSE string_agg(DISTINCT t COLLATE "C", ',' ORDER BY t COLLATE "C") END AS targets
				FROM ref.arm a JOIN ref.limb l USING (limb) LEFT JOIN unnest(l.targets) t ON true
				GROUP BY a.identity, a.permission) yes USING (identity, permission);

	/* current_roles(): those assigned */
	INSERT INTO ref.question
		SELECT i.identity, 'current_roles', NULL, NULL, string_agg(DISTINCT a.role COLLATE "C", ',' ORDER BY a.role COLLATE "C")
		FROM ref.identity i
			LEFT JOIN ref.who w ON w.tenant = i.tenant AND w.user_id IS NOT DISTINCT FROM i.user_id
			LEFT JOIN ref.assigned a USING (who)
		GROUP BY i.identity;

	/* visible_clients(): the rows of the client register that the permission
	 * named by the template reaches, of those that the table shows */
	INSERT INTO ref.question
		SELECT identity, 'visible_clients', NULL, NULL, yes.ids
		FROM ref.identity
			LEFT JOIN (
				SELECT i.identity, string_agg(DISTINCT r.id COLLATE "C", ',' ORDER BY r.id COLLATE "C") AS ids
				FROM ref.identity i
					JOIN ref.tenant t USING (tenant)
					JOIN ref.template m USING (template)
					JOIN ref.arm a ON a.identity = i.identity AND a.permission = m.clients_permission
					JOIN ref.reached h USING (limb)
					JOIN ref.row r USING ("row")
					JOIN ref.relation g USING (relation)
					JOIN ref.permitted s ON s.identity = i.identity AND s.command = 'select' AND s."row" = r."row"
				WHERE g.is_register AND r.present
				GROUP BY i.identity) yes USING (identity);
END
$$;
