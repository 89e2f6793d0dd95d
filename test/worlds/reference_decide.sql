/* ---- reference_decide: the decision ----------------------------------------
 *
 * README.md, "How a decision is made": each numbered part below is one of its
 * numbered parts.
 *
 * ref.decide() answers for every identity in ref.identity at once and leaves
 * the answers in tables: ref.arm (rule 4), ref.granted (rule 5),
 * ref.question (rules 4 and 6 as the contract's functions ask them),
 * ref.seen (what tables show).  ref.decide_writes() goes on from there.
 */

/* One "who" is a tenant and a user or visitor; an identity is a who and a channel. */
CREATE UNLOGGED TABLE ref.who (
	who			text PRIMARY KEY,
	tenant		text,
	template	text,
	user_id		text,
	staff		text,
	client		text
);
/* n: one of who's assignments; user_id: whose overrides count, NULL: nobody's */
CREATE UNLOGGED TABLE ref.assigned (
	who			text,
	tenant		text,
	user_id		text,
	n			integer,
	role		text,
	location	text,
	only_group	text,
	only_self	boolean,
	until		timestamptz
);
/* an entry that comes through an assignment */
CREATE UNLOGGED TABLE ref.brought (
	who			text,
	permission	text,
	location	text,
	only_group	text,
	only_self	boolean,
	until		timestamptz,
	scope		text,
	requires	text[],
	feature		text,
	channels	text[],
	targets		text[],
	via			text
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
	who			text,
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
	who			text,
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
CREATE INDEX ON ref.reached ("row");
/* a rule permits a row */
CREATE UNLOGGED TABLE ref.granted (
	identity	integer,
	rule		integer,
	"row"		integer,
	PRIMARY KEY (identity, "row", rule)
);
CREATE UNLOGGED TABLE ref.question (
	identity	integer,
	kind		text,
	permission	text,
	argument	text,
	answer		text
);
CREATE INDEX ON ref.question (identity);
/* Which rows of a table an identity sees, may delete.  Ids in order; or 42501. */
CREATE UNLOGGED TABLE ref.seen (
	identity	integer,
	relation	text,
	command		text,
	ids			text[]
);
CREATE INDEX ON ref.seen (identity);

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

/* texts in order, each once, NULL where there is none */
CREATE FUNCTION ref.set_of(list text[]) RETURNS text
	LANGUAGE sql IMMUTABLE AS
$$ SELECT string_agg(DISTINCT x COLLATE "C", ',' ORDER BY x COLLATE "C") FROM unnest(list) x $$;

/* 2. What assignments bring.  via: the role assigned, of those who might be.  awake: as if no lock stopped an override. */
CREATE FUNCTION ref.bring(given ref.assigned[], awake boolean = false) RETURNS SETOF ref.brought
	LANGUAGE plpgsql STABLE SET jit = off SET enable_nestloop = off AS
$$
BEGIN
	RETURN QUERY
	WITH
	assigned AS MATERIALIZED (SELECT g.*, CASE WHEN g.who LIKE 'one %' THEN g.role END AS via FROM unnest(given) g),
	cell AS MATERIALIZED (SELECT * FROM ref.cell_now),
	/* a scope that the template no longer has reaches nothing */
	entry AS MATERIALIZED (SELECT e.* FROM ref.entry_now e JOIN ref.scope_now USING (tenant, scope)),
	/* Each role brings its own cells and those of the roles that it inherits
	 * (not of a module to which a role on the way has no access). */
	brings AS MATERIALIZED (
		SELECT DISTINCT a.who, a.n, a.tenant, c.role, c.permission, c.enabled, c.locked
		FROM assigned a
			JOIN ref.lineage_now l ON l.tenant = a.tenant AND l.held = a.role
			JOIN cell c ON c.tenant = l.tenant AND c.role = l.role
		WHERE ref.module(c.permission) <> ALL (l.blocked)
	),
	/* A member's own override has the last word, but cannot pass a lock: */
	overridden AS MATERIALIZED (
		SELECT DISTINCT a.who, a.tenant, o.permission, o.enabled, o.scope
		FROM assigned a JOIN ref.member_cell o USING (tenant, user_id)
			JOIN ref.permission_now p ON p.tenant = o.tenant AND p.permission = o.permission
		WHERE awake OR NOT EXISTS (SELECT FROM brings b
				WHERE b.who = a.who AND b.permission = o.permission AND b.locked AND (o.enabled OR b.enabled))
	)
	/* without an override: the entries of the cells that are on, through the
	 * assignment that brings them; */
	SELECT a.who, e.permission, a.location, a.only_group, a.only_self, a.until,
		e.scope, e.requires, e.feature, e.channels, e.targets, a.via
	FROM assigned a
		JOIN brings b ON b.who = a.who AND b.n = a.n AND b.enabled
		JOIN entry e ON e.tenant = b.tenant AND e.role = b.role AND e.permission = b.permission
	WHERE NOT EXISTS (SELECT FROM overridden o WHERE o.who = a.who AND o.permission = b.permission)
	UNION
	/* overridden to on with a scope: that scope through every assignment; */
	SELECT a.who, o.permission, a.location, a.only_group, a.only_self, a.until,
		o.scope, '{}', NULL, NULL, NULL, a.via
	FROM overridden o JOIN assigned a ON a.who = o.who JOIN ref.scope_now s ON s.tenant = o.tenant AND s.scope = o.scope
	WHERE o.enabled
	UNION
	/* overridden to on without a scope: the entries of all cells of the
	 * member's roles, on or off, through every assignment; */
	SELECT a.who, o.permission, a.location, a.only_group, a.only_self, a.until,
		e.scope, e.requires, e.feature, e.channels, e.targets, a.via
	FROM overridden o
		JOIN assigned a ON a.who = o.who
		JOIN brings b ON b.who = o.who AND b.permission = o.permission
		JOIN entry e ON e.tenant = o.tenant AND e.role = b.role AND e.permission = o.permission
	WHERE o.enabled AND o.scope IS NULL;
END
$$;

/* The tables are small and never analyzed: hash joins do well enough, whatever
 * the planner thinks of them. */
CREATE FUNCTION ref.decide() RETURNS void
	LANGUAGE plpgsql AS
$$
BEGIN
	DELETE FROM ref.who;
	DELETE FROM ref.assigned;
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
	DELETE FROM ref.granted;
	DELETE FROM ref.question;
	DELETE FROM ref.seen;
	PERFORM ref.decide_rights();
	PERFORM ref.decide_reach(true);
	PERFORM ref.decide_rows();
	PERFORM ref.decide_questions();
END
$$;

CREATE FUNCTION ref.decide_rights() RETURNS void
	LANGUAGE plpgsql SET jit = off SET enable_nestloop = off AS
$$
BEGIN
	INSERT INTO ref.who
		SELECT row_number() OVER ()::text, i.tenant, t.template, i.user_id, m.keys->>'staff', m.keys->>'client'
		FROM (SELECT DISTINCT tenant, user_id FROM ref.identity) i
			JOIN ref.tenant t USING (tenant)
			LEFT JOIN ref.member m USING (tenant, user_id);

	/* 1. Assignments that are valid now; for a visitor, the template's
	 *    visitor role.  Nobody has none. */
	INSERT INTO ref.assigned
		SELECT w.who, w.tenant, w.user_id, row_number() OVER (), a.role, a.location, a.only_group, a.only_self, a.valid_until
		FROM ref.who w JOIN ref.assignment_now a USING (tenant, user_id)
		UNION ALL
		SELECT w.who, w.tenant, NULL, 0, t.visitor_role, NULL, NULL, false, NULL
		FROM ref.who w JOIN ref.template t USING (template)
		WHERE w.user_id IS NULL AND t.visitor_role IS NOT NULL;
	INSERT INTO ref.brought SELECT * FROM ref.bring(ARRAY(SELECT a FROM ref.assigned a));

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
				OR EXISTS (SELECT FROM ref.tenant_feature f JOIN ref.feature_now USING (tenant, feature)
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
END
$$;

/* there: for the rows that are there; otherwise, after that, for those that
 * somebody tries to write. */
CREATE FUNCTION ref.decide_reach(there boolean) RETURNS void
	LANGUAGE plpgsql SET jit = off SET enable_nestloop = off AS
$$
BEGIN
	/* A table bound by parent: its rows stand where their parent rows do, but
	 * for the columns that it binds itself. */
	INSERT INTO ref.place
		SELECT r."row", r.relation, r.tenant, r.location, r.owner, r.client, r.assignee, r.team,
			t.location_type, t.owner_type, t.client_type, t.assignee_type, t.team_type, NULL
		FROM ref.row r JOIN ref.relation t USING (relation)
		WHERE t.parent IS NULL AND r.present = there
		UNION ALL
		SELECT r."row", r.relation, p.tenant,
			CASE WHEN t.location_type IS NULL THEN p.location ELSE r.location END,
			CASE WHEN t.owner_type IS NULL THEN p.owner ELSE r.owner END,
			CASE WHEN t.client_type IS NULL THEN p.client ELSE r.client END,
			CASE WHEN t.assignee_type IS NULL THEN p.assignee ELSE r.assignee END,
			CASE WHEN t.team_type IS NULL THEN p.team ELSE r.team END,
			coalesce(t.location_type, tp.location_type), coalesce(t.owner_type, tp.owner_type), coalesce(t.client_type, tp.client_type),
			coalesce(t.assignee_type, tp.assignee_type), coalesce(t.team_type, tp.team_type), p."row"
		FROM ref.row r
			JOIN ref.relation t USING (relation)
			JOIN ref.relation tp ON tp.relation = t.parent
			JOIN ref.row p ON p.relation = t.parent AND p.id = r.parent_id AND p.present
		WHERE r.present = there;

	/* 5. A row is permitted if its tenant is T and some arm reaches it. */
	INSERT INTO ref.reached
		WITH asked AS MATERIALIZED (
			SELECT l.limb, r."row"
			FROM ref.limb l JOIN ref.who w USING (who) JOIN ref.place r USING (tenant) JOIN ref.row x USING ("row")
			WHERE there AND x.present
			UNION
			SELECT l.limb, t."row"
			FROM ref.trial t
				JOIN ref.identity i USING (identity)
				JOIN ref.who w ON w.tenant = i.tenant AND w.user_id IS NOT DISTINCT FROM i.user_id
				JOIN ref.limb l USING (who)
				JOIN ref.place r ON r."row" = t."row" AND r.tenant = w.tenant
			WHERE NOT there
		)
		SELECT l.limb, r."row"
		FROM asked
			JOIN ref.limb l USING (limb)
			JOIN ref.who w USING (who)
			JOIN ref.place r USING ("row")
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

	/* One rule is enough: it permits the rows that its permission reaches and
	 * that meet its condition. */
	INSERT INTO ref.granted
		SELECT DISTINCT a.identity, u.rule, r."row"
		FROM ref.rule u
			JOIN ref.arm a USING (permission)
			JOIN ref.reached USING (limb)
			JOIN ref.row r ON r."row" = reached."row" AND r.relation = u.relation
		WHERE r.present = there AND ref.meets(u.condition, r)
			AND (there OR (a.identity, r."row") IN (SELECT t.identity, t."row" FROM ref.trial t));
	/* Nothing stands below a parent row that is not seen itself. */
	DELETE FROM ref.granted g
	USING ref.place r
	WHERE r."row" = g."row" AND r.parent_row IS NOT NULL
		AND NOT EXISTS (SELECT FROM ref.granted s JOIN ref.rule u USING (rule)
			WHERE s.identity = g.identity AND u.command = 'select' AND s."row" = r.parent_row);
END
$$;

CREATE FUNCTION ref.decide_rows() RETURNS void
	LANGUAGE plpgsql SET jit = off SET enable_nestloop = off AS
$$
BEGIN
	/* Seen: select.  Deleted: seen, and permitted.  Every write of nobody
	 * fails. */
	INSERT INTO ref.seen
		SELECT identity, relation, command,
			CASE WHEN i.tenant IS NULL AND command <> 'select' THEN '{42501}' ELSE coalesce(ids, '{}') END
		FROM ref.identity i CROSS JOIN ref.relation CROSS JOIN unnest('{select,delete}'::text[]) command
			LEFT JOIN (
				SELECT identity, r.relation, p.command, array_agg(r.id ORDER BY r.id COLLATE "C") AS ids
				FROM (SELECT DISTINCT g.identity, g."row" FROM ref.granted g JOIN ref.rule u USING (rule) WHERE u.command = 'select') s
					JOIN (SELECT DISTINCT g.identity, g."row", u.command FROM ref.granted g JOIN ref.rule u USING (rule)) p USING (identity, "row")
					JOIN ref.row r USING ("row")
				WHERE p.command IN ('select', 'delete')
				GROUP BY identity, r.relation, p.command) yes USING (identity, relation, command);
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
				WHERE g.is_register AND r.present
					AND EXISTS (SELECT FROM ref.granted s JOIN ref.rule u USING (rule)
						WHERE s.identity = i.identity AND u.command = 'select' AND s."row" = r."row")
				GROUP BY i.identity) yes USING (identity);
END
$$;
