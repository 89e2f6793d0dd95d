/* ---- doctor: relationships and keys -------------------------------------- */

CREATE FUNCTION ambit._check_up_relationships()
	RETURNS TABLE (severity text, code text, object text, message text, hint text)
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
		WITH RECURSIVE relationship AS MATERIALIZED (
			SELECT c.oid, c.relname AS name, c.relowner AS owner, c.relkind, r.rolsuper
			FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_roles r ON r.oid = c.relowner
			WHERE c.relnamespace = 'ambit_relationship'::regnamespace AND c.relkind IN ('r', 'v', 'm', 'f', 'p')
		),
		/* what is read as the owner: also through views that are security_invoker */
		uses AS (
			SELECT r.name, r.owner, r.rolsuper, d.reader, d.read FROM relationship r JOIN ambit._rule_reads() d ON d.reader = r.oid AND d."select"
			UNION
			SELECT u.name, u.owner, u.rolsuper, d.reader, d.read
			FROM uses u JOIN ambit._rule_reads() d ON d.reader = u.read AND d."select"
			JOIN pg_catalog.pg_class v ON v.oid = d.reader WHERE ambit._is_invoker(v.reloptions)
		)
		SELECT 'error', 'relationship_unreadable', u.name::text,
			format('%s, who bound relationship %s, may not read %s: queries that need the relationship fail.', u.owner::regrole, u.name, u.read::regclass),
			format('GRANT SELECT ON %s TO %s;', u.read::regclass, u.owner::regrole)
		FROM uses u
		WHERE NOT u.rolsuper AND NOT has_table_privilege(u.owner, u.read, 'SELECT')
			AND (NOT has_any_column_privilege(u.owner, u.read, 'SELECT') OR EXISTS (
				SELECT FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_rewrite w ON w.oid = d.objid AND w.ev_class = u.reader
				WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = u.read AND d.refobjsubid > 0
					AND NOT has_column_privilege(u.owner, u.read, d.refobjsubid::smallint, 'SELECT')))
		UNION ALL
		SELECT DISTINCT 'error', 'relationship_unreadable', u.name::text,
			format('%s, who bound relationship %s, may not execute %s: queries that need the relationship fail.', u.owner::regrole, u.name, d.refobjid::regprocedure),
			format('GRANT EXECUTE ON ROUTINE %s TO %s;', d.refobjid::regprocedure, u.owner::regrole)
		FROM (SELECT r.name, r.owner, r.rolsuper, r.oid AS reader FROM relationship r UNION SELECT x.name, x.owner, x.rolsuper, x.reader FROM uses x) u
		JOIN pg_catalog.pg_rewrite w ON w.ev_class = u.reader
		JOIN pg_catalog.pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_proc'::regclass
		WHERE NOT u.rolsuper AND NOT has_function_privilege(u.owner, d.refobjid, 'EXECUTE')
		UNION ALL
		SELECT 'warning', 'relationship_held_back', u.name::text,
			format('%s, who bound relationship %s, is held by the rules of protected %s, and nobody is related by rows that it does not see.',
				u.owner::regrole, u.name, string_agg(DISTINCT p.relation::text, ', ' ORDER BY p.relation::text)),
			format('Give it to a role with BYPASSRLS that nobody logs in as and that may read the tables: ALTER VIEW ambit_relationship.%I OWNER TO ...;', u.name)
		FROM uses u
		JOIN (SELECT t.relation FROM ambit._protected_tables() t UNION ALL SELECT t.relation FROM ambit._protected_parts() t) p ON p.relation = u.read
		WHERE NOT ambit._passes_rls(u.owner)
		GROUP BY u.name, u.owner
		UNION ALL
		SELECT 'error', 'relationship_broken', r.name::text,
			CASE WHEN r.relkind <> 'v' THEN format('%s is no relationship: it is not a view.', r.oid::regclass)
				ELSE format('Relationship %s lacks column %s: it relates nobody.', r.name, m.missing) END,
			format('DROP %s %s;', CASE r.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END, r.oid::regclass)
				|| CASE WHEN r.relkind = 'v' THEN format(' SELECT ambit.bind_relationship(%L, ''SELECT ...'');', r.name) ELSE '' END
		FROM relationship r
		CROSS JOIN LATERAL (SELECT string_agg(c, ', ') AS missing FROM unnest('{tenant,subject,object}'::text[]) c
			WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = r.oid AND a.attname = c AND NOT a.attisdropped)) m
		WHERE r.relkind <> 'v' OR m.missing IS NOT NULL
		UNION ALL
		SELECT 'error', 'privilege_on_relationship', r.name::text,
			format('Relationship %s can be read by %s: it tells who is related to whom in every tenant.', r.name, g.others),
			format('REVOKE ALL ON ambit_relationship.%I FROM %s CASCADE;', r.name, g.others)
		FROM relationship r JOIN pg_catalog.pg_class c ON c.oid = r.oid
		CROSS JOIN LATERAL (SELECT ambit._grantees(c.relacl || ARRAY(SELECT x FROM pg_catalog.pg_attribute a, unnest(a.attacl) x WHERE a.attrelid = c.oid), c.relowner, NULL) AS others) g
		WHERE g.others IS NOT NULL
		UNION ALL
		SELECT 'info', 'relationship_not_bound', s.relationship,
			format('Relationship %s, of which scopes of %s speak, is not bound: they reach nothing.', s.relationship,
				string_agg(DISTINCT s.template || '.' || s.scope, ', ' ORDER BY s.template || '.' || s.scope)),
			format('SELECT ambit.bind_relationship(%L, ''SELECT ... AS tenant, ... AS subject, ... AS object%s FROM ...'');', s.relationship,
				CASE WHEN bool_or(s.back IS NOT NULL OR s.ahead IS NOT NULL) THEN ', ... AS at' ELSE '' END)
		FROM ambit.template_scope s
		WHERE s.template IN (SELECT t.template FROM ambit.tenant t)
			AND EXISTS (SELECT FROM ambit.template_entry e WHERE e.template = s.template AND e.scope = s.scope)
			AND s.relationship NOT IN (SELECT r.name::text FROM relationship r)
			AND EXISTS (SELECT FROM ambit._bound_columns() b WHERE b.binding = 'client')
		GROUP BY s.relationship;
END
$$;
COMMENT ON FUNCTION ambit._check_up_relationships() IS 'Findings: relationships that cannot be asked, relate nobody, or can be read by others.';
REVOKE EXECUTE ON FUNCTION ambit._check_up_relationships() FROM PUBLIC;

CREATE FUNCTION ambit._check_up_keys()
	RETURNS TABLE (severity text, code text, object text, message text, hint text)
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
		WITH bound AS MATERIALIZED (
			SELECT b.relation, b."column", b.type, v.kind
			FROM ambit._bound_columns() b
			JOIN (VALUES ('tenant', 'tenant'), ('location', 'location'), ('owner', 'staff'), ('assignee', 'staff'), ('client', 'client'), ('team', 'group'))
				v (binding, kind) ON v.binding = b.binding
		),
		/* text, varchar and what is compared by its text take every key */
		asked AS MATERIALIZED (
			SELECT DISTINCT b.type, b.kind FROM bound b WHERE NOT ambit._converts('x', b.type, true) OR NOT ambit._converts('x ', b.type, true)
		),
		refused AS MATERIALIZED (
			SELECT a.type, a.kind, m.tenant, count(*) AS n, min(m.user_id) AS example
			FROM asked a JOIN ambit.member m ON NOT ambit._converts(m.keys ->> a.kind, a.type, false)
			WHERE a.kind IN ('staff', 'client')
			GROUP BY a.type, a.kind, m.tenant
			UNION ALL
			SELECT a.type, a.kind, l.tenant, count(*), min(l.location)
			FROM asked a JOIN ambit.location l ON NOT ambit._converts(l.location, a.type, true)
			WHERE a.kind = 'location'
			GROUP BY a.type, a.kind, l.tenant
			UNION ALL
			SELECT a.type, a.kind, g.tenant, count(*), min(g."group")
			FROM asked a JOIN ambit.member_group g ON NOT ambit._converts(g."group", a.type, true)
			WHERE a.kind = 'group'
			GROUP BY a.type, a.kind, g.tenant
			UNION ALL
			SELECT a.type, a.kind, t.tenant, 1, t.tenant
			FROM asked a JOIN ambit.tenant t ON NOT ambit._converts(t.tenant, a.type, true)
			WHERE a.kind = 'tenant'
		)
		SELECT 'warning', 'keys_do_not_convert', format('%s.%I', b.relation, b."column"),
			format('In tenant "%s" %s cannot be read as %s: no row is found by it in this column, for example %s.', r.tenant,
				CASE WHEN r.kind = 'tenant' THEN 'the id of the tenant' WHEN r.kind IN ('staff', 'client') THEN format('the %s key of %s member%s', r.kind, r.n, r.s)
					ELSE format('the name of %s %s%s', r.n, r.kind, r.s) END,
				b.type, CASE WHEN r.kind IN ('staff', 'client') THEN 'that of member ' ELSE '' END || quote_ident(r.example)),
			CASE WHEN r.kind IN ('staff', 'client') THEN format('SELECT ambit.add_member(%L, %L, keys => ''{"%s": ...}'');', r.tenant, r.example, r.kind)
				ELSE format('Name the %s as the column has it, or give the column a type that holds its name.', r.kind) END
		FROM bound b JOIN (SELECT x.*, CASE x.n WHEN 1 THEN '' ELSE 's' END AS s FROM refused x) r ON r.type = b.type AND r.kind = b.kind;
END
$$;
COMMENT ON FUNCTION ambit._check_up_keys() IS 'Findings: ids of tenants, locations, groups, and keys of members, that the bound columns cannot hold; one for each tenant and column.';
REVOKE EXECUTE ON FUNCTION ambit._check_up_keys() FROM PUBLIC;
