/* ---- doctor: ways around the rules --------------------------------------- */

/* inlined: no SET clause, and so every name is qualified */
CREATE FUNCTION ambit._is_invoker(options text[])
	RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
AS $$
	SELECT COALESCE(pg_catalog.array_to_string(options, ' ') OPERATOR(pg_catalog.~*) '\msecurity_invoker=(t|tr|tru|true|y|ye|yes|on|1)\M', false)
$$;
COMMENT ON FUNCTION ambit._is_invoker(text[]) IS 'Whether a view with these options (pg_class.reloptions) is security_invoker.';
REVOKE EXECUTE ON FUNCTION ambit._is_invoker(text[]) FROM PUBLIC;

CREATE FUNCTION ambit._rule_reads()
	RETURNS TABLE (rule oid, reader oid, read oid, "select" boolean)
	LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 1000
	SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	/* the server's own views read none of an application */
	RETURN QUERY
		SELECT DISTINCT w.oid, w.ev_class, d.refobjid, w.ev_type = '1'
		FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_rewrite w ON w.oid = d.objid
		WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> w.ev_class
			AND w.ev_class >= 16384;
END
$$;
COMMENT ON FUNCTION ambit._rule_reads() IS 'Which relations the rules of views and tables name. select: the query of a view.';
REVOKE EXECUTE ON FUNCTION ambit._rule_reads() FROM PUBLIC;

CREATE FUNCTION ambit._masked_views()
	RETURNS TABLE (relation regclass, view oid, kept boolean)
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE ROWS 10
	SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
		SELECT k.relation, coalesce(v.view::oid, o.oid), v.view IS NOT NULL
		FROM (SELECT DISTINCT m.relation FROM ambit.mask m) k
		JOIN pg_catalog.pg_class c ON c.oid = k.relation
		CROSS JOIN LATERAL ambit._masked_view(k.relation) v (view)
		/* given to another owner it is mask()'s no more */
		LEFT JOIN pg_catalog.pg_class o ON v.view IS NULL AND o.relnamespace = c.relnamespace AND o.relname = ambit._masked_name(c.relname) AND o.relkind = 'v'
			AND EXISTS (SELECT FROM ambit._rule_reads() r WHERE r.reader = o.oid AND r.read = c.oid AND r."select")
		WHERE v.view IS NOT NULL OR o.oid IS NOT NULL;
END
$$;
COMMENT ON FUNCTION ambit._masked_views() IS 'The views of masked tables; kept: as mask() keeps them, but for what is in them, else with another owner. _check_up_masks() tells of them.';
REVOKE EXECUTE ON FUNCTION ambit._masked_views() FROM PUBLIC;

CREATE FUNCTION ambit._sources()
	RETURNS TABLE (relation oid, protected regclass, copy boolean)
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE ROWS 100
	SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
		/* a view whose owner the rules hold shows what they permit, to whomever */
		WITH RECURSIVE reads AS MATERIALIZED (SELECT r.reader, r.read FROM ambit._rule_reads() r WHERE r."select"),
		masked AS MATERIALIZED (SELECT m.view FROM ambit._masked_views() m),
		source (oid, protected, copy) AS (
			SELECT t.relation::oid, t.relation, false FROM ambit._protected_tables() t
			UNION
			SELECT p.relation::oid, p.part_of, false FROM ambit._protected_parts() p
			UNION
			SELECT v.oid, s.protected, s.copy OR v.relkind = 'm'
			FROM source s
			JOIN reads r ON r.read = s.oid
			JOIN pg_catalog.pg_class v ON v.oid = r.reader
			WHERE v.oid NOT IN (SELECT m.view FROM masked m) AND (s.copy OR v.relkind = 'm' OR ambit._is_invoker(v.reloptions) OR ambit._passes_rls(v.relowner))
		)
		SELECT s.oid, s.protected, s.copy FROM source s;
END
$$;
COMMENT ON FUNCTION ambit._sources() IS 'Protected tables, their parts, and the views through which their rows come as the rules do not hold their owner. copy: they come from a materialized view, which the rules do not hold at all.';
REVOKE EXECUTE ON FUNCTION ambit._sources() FROM PUBLIC;

CREATE FUNCTION ambit._check_up_views()
	RETURNS TABLE (severity text, code text, object text, message text, hint text)
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
		WITH RECURSIVE reader AS MATERIALIZED (
			SELECT v.oid::regclass AS relation, v.relkind, v.relowner::regrole AS owner, ambit._passes_rls(v.relowner) AS passes,
				bool_or(s.copy) AS copy, string_agg(DISTINCT s.protected::text, ', ' ORDER BY s.protected::text) AS tables,
				ambit._grantees(v.relacl, v.relowner, NULL) AS others
			FROM ambit._sources() s
			JOIN ambit._rule_reads() r ON r.read = s.relation AND r."select"
			JOIN pg_catalog.pg_class v ON v.oid = r.reader
			WHERE NOT ambit._is_invoker(v.reloptions)
				AND v.relnamespace <> 'ambit_relationship'::regnamespace
				AND v.oid NOT IN (SELECT m.view FROM ambit._masked_views() m)
			GROUP BY v.oid
		),
		/* a view that would read as the owner of one above it */
		above (view, reader) AS (
			SELECT v.relation, r.reader FROM reader v JOIN ambit._rule_reads() r ON r.read = v.relation AND r."select"
			UNION
			SELECT a.view, r.reader FROM above a JOIN ambit._rule_reads() r ON r.read = a.reader AND r."select"
		)
		SELECT 'error', 'view_passes_rules', v.relation::text,
			CASE WHEN v.copy THEN format('View %s shows a copy of rows of protected %s, which the rules do not hold.', v.relation, v.tables)
				ELSE format('View %s reads protected %s as its owner %s, whom row-level security does not hold: whoever may read the view sees every row.',
					v.relation, v.tables, v.owner) END,
			format('ALTER VIEW %s SET (security_invoker = true);', v.relation)
		FROM reader v WHERE v.relkind = 'v' AND (v.passes OR v.copy)
		UNION ALL
		SELECT 'info', 'view_not_invoker', v.relation::text,
			format('View %s reads protected %s with the privileges of its owner %s: whoever may read the view needs none on the table. The rules hold.',
				v.relation, v.tables, v.owner),
			/* those above first: through a view that is security_invoker they would pass */
			coalesce((SELECT string_agg(format('ALTER VIEW %s SET (security_invoker = true); ', c.oid::regclass), '' ORDER BY c.oid)
					FROM above a JOIN pg_catalog.pg_class c ON c.oid = a.reader
					WHERE a.view = v.relation AND c.relkind = 'v' AND ambit._passes_rls(c.relowner) AND NOT ambit._is_invoker(c.reloptions)), '')
				|| format('ALTER VIEW %s SET (security_invoker = true);', v.relation)
		FROM reader v WHERE v.relkind = 'v' AND NOT v.passes AND NOT v.copy
		UNION ALL
		SELECT CASE WHEN v.others IS NULL THEN 'info' ELSE 'error' END, 'materialized_view', v.relation::text,
			format('Materialized view %s keeps a copy of rows of protected %s, which the rules do not hold%s.', v.relation, v.tables,
				coalesce('; it can be used by ' || v.others, '')),
			CASE WHEN v.others IS NULL THEN format('Keep it from others, or DROP MATERIALIZED VIEW %s.', v.relation)
				ELSE format('REVOKE ALL ON %s FROM %s CASCADE;', v.relation, v.others) END
		FROM reader v WHERE v.relkind = 'm'
		UNION ALL
		SELECT CASE WHEN bool_or(ambit._passes_rls(c.relowner) OR s.copy) AND bool_or(r.rule IS NOT NULL) THEN 'error' ELSE 'warning' END,
			'rewrite_rule', format('%I ON %s', w.rulename, c.oid::regclass),
			CASE WHEN bool_or(r.rule IS NOT NULL)
				THEN format('Rule %I of %s reads or writes protected %s with the privileges of %s%s.', w.rulename, c.oid::regclass,
					string_agg(DISTINCT s.protected::text, ', ' ORDER BY s.protected::text), c.relowner::regrole,
					CASE WHEN ambit._passes_rls(c.relowner) THEN ', whom row-level security does not hold' ELSE '' END)
				ELSE format('Rule %I rewrites what is done to protected table %s.', w.rulename, c.oid::regclass) END,
			format('DROP RULE %I ON %s;', w.rulename, c.oid::regclass)
		FROM pg_catalog.pg_rewrite w
		JOIN pg_catalog.pg_class c ON c.oid = w.ev_class
		LEFT JOIN ambit._rule_reads() r ON r.rule = w.oid AND r.read IN (SELECT x.relation FROM ambit._sources() x)
		JOIN ambit._sources() s ON s.relation = r.read OR r.rule IS NULL AND s.relation = c.oid
		WHERE w.ev_type <> '1'
		GROUP BY w.rulename, c.oid, c.relowner;
END
$$;
COMMENT ON FUNCTION ambit._check_up_views() IS 'Findings: views and rules that show or change rows of protected tables past their rules.';
REVOKE EXECUTE ON FUNCTION ambit._check_up_views() FROM PUBLIC;

CREATE FUNCTION ambit._check_up_functions()
	RETURNS TABLE (severity text, code text, object text, message text, hint text)
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
		SELECT 'info', 'definer_function', p.oid::regprocedure::text,
			format('SECURITY DEFINER function %s reads or writes protected %s as %s, whom row-level security does not hold, for %s.', p.oid::regprocedure,
				string_agg(DISTINCT s.protected::text, ', ' ORDER BY s.protected::text), p.proowner::regrole,
				ambit._grantees(coalesce(p.proacl, acldefault('f', p.proowner)), p.proowner, NULL)),
			format('ALTER ROUTINE %s SECURITY INVOKER;', p.oid::regprocedure)
		FROM ambit._sources() s
		JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = s.relation AND d.classid = 'pg_proc'::regclass
		JOIN pg_catalog.pg_proc p ON p.oid = d.objid
		WHERE p.prosecdef AND ambit._passes_rls(p.proowner)
			AND ambit._grantees(coalesce(p.proacl, acldefault('f', p.proowner)), p.proowner, NULL) IS NOT NULL
		GROUP BY p.oid;
END
$$;
COMMENT ON FUNCTION ambit._check_up_functions() IS 'Findings: SECURITY DEFINER functions that pass the rules, of those whose body PostgreSQL knows.';
REVOKE EXECUTE ON FUNCTION ambit._check_up_functions() FROM PUBLIC;

CREATE FUNCTION ambit._check_up_neighbours()
	RETURNS TABLE (severity text, code text, object text, message text, hint text)
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
		WITH protected AS MATERIALIZED (SELECT t.relation, c.relnamespace FROM ambit._protected_tables() t JOIN pg_catalog.pg_class c ON c.oid = t.relation),
		part AS MATERIALIZED (SELECT p.relation FROM ambit._protected_parts() p),
		/* columns: the same for tables that have the same columns, in whatever order */
		candidate AS MATERIALIZED (
			SELECT c.oid::regclass AS relation, c.relnamespace, c.relrowsecurity, k.columns, k.n
			FROM pg_catalog.pg_class c
			CROSS JOIN LATERAL (SELECT string_agg(a.attname || ' ' || a.atttypid, ',' ORDER BY a.attname) AS columns, count(*) AS n
				FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) k
			WHERE c.relkind IN ('r', 'p', 'f') AND c.relpersistence <> 't'
				AND c.relnamespace NOT IN ('ambit'::regnamespace, 'ambit_relationship'::regnamespace,
					'pg_catalog'::regnamespace, 'information_schema'::regnamespace, 'pg_toast'::regnamespace)
				AND c.oid NOT IN (SELECT p.relation FROM part p)
		),
		copy AS MATERIALIZED (
			SELECT c.relation, min(o.relation::oid)::regclass AS original, c.relrowsecurity
			FROM candidate c JOIN candidate o ON o.columns = c.columns AND o.n > 1
			WHERE o.relation IN (SELECT p.relation FROM protected p) AND c.relation NOT IN (SELECT p.relation FROM protected p)
			GROUP BY c.relation, c.relrowsecurity
		)
		SELECT 'info', 'copy_of_protected_table', c.relation::text,
			format('%s has the columns of protected table %s and is not protected: if it holds a copy of its rows, no rule holds them.', c.relation, c.original),
			ambit._protect_call(c.relation, c.original) || ';'
		FROM copy c WHERE NOT c.relrowsecurity
		UNION ALL
		SELECT 'info', 'unprotected_table', c.relation::text,
			format('%s has a column %I, as protected tables of its schema have for the tenant, and is not protected.', c.relation, b.tenant),
			format('SELECT ambit.protect(%L, tenant => %L);', c.relation, b.tenant)
		FROM candidate c
		JOIN (SELECT DISTINCT p.relnamespace, b.tenant FROM protected p, ambit._bindings(p.relation) b WHERE b.tenant IS NOT NULL) b
			ON b.relnamespace = c.relnamespace
		JOIN pg_catalog.pg_attribute a ON a.attrelid = c.relation AND a.attname = b.tenant AND a.attnum > 0
		WHERE NOT c.relrowsecurity AND c.relation NOT IN (SELECT p.relation FROM protected p) AND c.relation NOT IN (SELECT p.relation FROM copy p);
END
$$;
COMMENT ON FUNCTION ambit._check_up_neighbours() IS 'Findings: tables that look as if they should be protected.';
REVOKE EXECUTE ON FUNCTION ambit._check_up_neighbours() FROM PUBLIC;

/* ---- privileges and roles ------------------------------------------------ */

CREATE FUNCTION ambit._check_up_privileges()
	RETURNS TABLE (severity text, code text, object text, message text, hint text)
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
		SELECT v.severity, lower(v.privilege) || '_privilege', t.relation::text,
			format('%s on %s is granted to %s: %s.', v.privilege, t.relation, g.others, v.why),
			format('REVOKE %s ON %s FROM %s CASCADE;', v.privilege, t.relation, g.others)
		FROM (SELECT p.relation FROM ambit._protected_tables() p UNION ALL SELECT p.relation FROM ambit._protected_parts() p) t
		JOIN pg_catalog.pg_class c ON c.oid = t.relation
		CROSS JOIN (VALUES
			('error', 'TRIGGER', 'a trigger of theirs sees rows that others write, and runs as those who write'),
			('warning', 'TRUNCATE', 'ambit''s trigger alone refuses TRUNCATE, which asks no rule'),
			('warning', 'REFERENCES', 'a foreign key of theirs tells which keys exist, whoever may see the rows'),
			('info', 'MAINTAIN', 'they can lock the table for as long as VACUUM FULL, CLUSTER or REINDEX take')) v (severity, privilege, why)
		CROSS JOIN LATERAL (SELECT ambit._grantees(c.relacl || ARRAY(SELECT x FROM pg_catalog.pg_attribute a, unnest(a.attacl) x WHERE a.attrelid = c.oid AND NOT a.attisdropped),
			c.relowner, ARRAY[v.privilege]) AS others) g
		WHERE g.others IS NOT NULL
		UNION ALL
		SELECT 'error', 'replication_role_settable', 'session_replication_role',
			format('%s may set session_replication_role, and with it switch foreign keys and triggers off.', g.others),
			format('REVOKE ALL ON PARAMETER session_replication_role FROM %s CASCADE;', g.others)
		FROM (SELECT ambit._grantees(p.paracl, 10, NULL) AS others FROM pg_catalog.pg_parameter_acl p WHERE p.parname = 'session_replication_role') g
		WHERE g.others IS NOT NULL;
END
$$;
COMMENT ON FUNCTION ambit._check_up_privileges() IS 'Findings: privileges on protected tables, and on settings, that lead around the rules.';
REVOKE EXECUTE ON FUNCTION ambit._check_up_privileges() FROM PUBLIC;

CREATE FUNCTION ambit._check_up_settings()
	RETURNS TABLE (severity text, code text, object text, message text, hint text)
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
		SELECT v.severity, v.code, w.place,
			format('%s is the default of %s: %s.', o.option_name || ' = ' || o.option_value, w.place, v.why),
			format('ALTER %s RESET %s;', w.place, o.option_name)
		FROM pg_catalog.pg_db_role_setting s
		CROSS JOIN LATERAL pg_options_to_table(s.setconfig) o
		JOIN (VALUES
			('info', 'row_security_off', 'row_security', '{off,false,no,0}'::text[], 'queries of protected tables fail there'),
			('warning', 'replication_role_set', 'session_replication_role', '{replica,local}', 'foreign keys and the application''s triggers do not work there'))
			v (severity, code, name, values, why) ON o.option_name = v.name AND lower(o.option_value) = ANY (v.values)
		LEFT JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase
		CROSS JOIN LATERAL (SELECT CASE WHEN s.setrole = 0 THEN format('DATABASE %I', d.datname)
			ELSE format('ROLE %s', s.setrole::regrole) || coalesce(' IN DATABASE ' || quote_ident(d.datname), '') END AS place) w
		WHERE s.setdatabase = 0 OR d.datname = current_database();
END
$$;
COMMENT ON FUNCTION ambit._check_up_settings() IS 'Findings: defaults of roles and databases under which protected tables do not work as they should.';
REVOKE EXECUTE ON FUNCTION ambit._check_up_settings() FROM PUBLIC;

CREATE FUNCTION ambit._check_up_roles()
	RETURNS TABLE (severity text, code text, object text, message text, hint text)
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
		WITH application AS MATERIALIZED (
			SELECT r.* FROM pg_catalog.pg_roles r WHERE r.oid IN (SELECT a.db_role::oid FROM ambit.trusted_application a)
		),
		/* what an application can become by SET ROLE, and the REVOKE that ends it */
		other AS MATERIALIZED (
			SELECT a.oid AS application, r.*, (
				SELECT string_agg(format('REVOKE %s FROM %s;', m.roleid::regrole, a.oid::regrole), ' ' ORDER BY m.roleid::regrole::text)
				FROM pg_catalog.pg_auth_members m
				WHERE m.member = a.oid AND (m.roleid = r.oid OR pg_has_role(m.roleid, r.oid, 'MEMBER')
					AND NOT EXISTS (SELECT FROM pg_catalog.pg_roles s WHERE s.oid = m.roleid AND s.rolsuper))) AS revoke
			FROM application a JOIN pg_catalog.pg_roles r ON r.oid <> a.oid AND pg_has_role(a.oid, r.oid, 'MEMBER')
			WHERE NOT a.rolsuper
		)
		SELECT 'error', 'application_passes_rules', a.oid::regrole::text,
			format('Trusted application %s %s: no rule holds it.', a.oid::regrole, CASE WHEN a.rolsuper THEN 'is a superuser' ELSE 'has BYPASSRLS' END),
			format('ALTER ROLE %s NOSUPERUSER NOBYPASSRLS;', a.oid::regrole)
		FROM application a WHERE a.rolsuper OR a.rolbypassrls
		UNION ALL
		SELECT 'error', 'application_can_pass_rules', o.application::regrole::text,
			format('Trusted application %s can become %s by SET ROLE, which %s: no rule holds it then.', o.application::regrole, o.oid::regrole,
				CASE WHEN o.rolsuper THEN 'is a superuser' ELSE 'has BYPASSRLS' END),
			o.revoke
		FROM other o WHERE o.rolsuper OR o.rolbypassrls
		UNION ALL
		SELECT 'error', 'application_reaches_server', o.application::regrole::text,
			format('Trusted application %s is a member of %s, with which the files of the server are within reach.', o.application::regrole, o.oid::regrole),
			o.revoke
		FROM other o WHERE o.rolname IN ('pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files')
		UNION ALL
		SELECT 'error', 'application_replicates', a.oid::regrole::text,
			format('Trusted application %s has REPLICATION, with which it can read the whole database.', a.oid::regrole),
			format('ALTER ROLE %s NOREPLICATION;', a.oid::regrole)
		FROM application a WHERE a.rolreplication AND NOT a.rolsuper
		UNION ALL
		SELECT 'error', 'application_creates_roles', a.oid::regrole::text,
			format('Trusted application %s has CREATEROLE, with which it can give itself other roles.', a.oid::regrole),
			format('ALTER ROLE %s NOCREATEROLE;', a.oid::regrole)
		FROM application a WHERE a.rolcreaterole AND NOT a.rolsuper
		UNION ALL
		SELECT 'error', 'application_administers', a.oid::regrole::text,
			format('Trusted application %s administers ambit: it can take every rule away.', a.oid::regrole),
			CASE WHEN m.db_role = a.oid THEN format('SELECT ambit.revoke_administration(%L);', a.oid::regrole) ELSE o.revoke END
		FROM application a
		CROSS JOIN ambit.administrator m
		LEFT JOIN other o ON o.application = a.oid AND o.oid = m.db_role
		WHERE NOT a.rolsuper AND (m.db_role = a.oid OR o.oid IS NOT NULL)
		UNION ALL
		SELECT 'warning', 'login_passes_rules', r.oid::regrole::text,
			format('Role %s can log in and has BYPASSRLS: no rule holds it.', r.oid::regrole),
			format('ALTER ROLE %s NOBYPASSRLS;', r.oid::regrole)
		FROM pg_catalog.pg_roles r
		WHERE r.rolcanlogin AND r.rolbypassrls AND NOT r.rolsuper AND r.oid NOT IN (SELECT a.oid FROM application a)
		UNION ALL
		SELECT CASE WHEN w.application IS NULL THEN 'warning' ELSE 'error' END, 'owner_is_application', t.relation::text,
			format('%s belongs to %s, %s: whoever owns a table can take its rules away.', t.relation, r.oid::regrole,
				CASE WHEN w.application = r.oid THEN 'a trusted application'
					WHEN w.application IS NOT NULL THEN format('which trusted application %s is a member of', w.application::regrole)
					ELSE 'which can log in' END),
			format('ALTER TABLE %s OWNER TO %s;', t.relation, ambit._extension_owner())
		FROM (SELECT p.relation FROM ambit._protected_tables() p UNION ALL SELECT p.relation FROM ambit._protected_parts() p) t
		JOIN pg_catalog.pg_class c ON c.oid = t.relation
		JOIN pg_catalog.pg_roles r ON r.oid = c.relowner AND NOT r.rolsuper
		CROSS JOIN LATERAL (SELECT min(a.oid) AS application FROM application a WHERE NOT a.rolsuper AND pg_has_role(a.oid, r.oid, 'MEMBER')) w
		WHERE w.application IS NOT NULL OR r.rolcanlogin
		UNION ALL
		SELECT 'info', 'dropped_role', k.list || ' ' || k.db_role::oid,
			format('A role in ambit.%s was dropped; another one that gets its number would take its place.', k.list),
			format('DELETE FROM ambit.%I WHERE db_role = %s::regrole;', k.list, k.db_role::oid)
		FROM (SELECT 'trusted_application' AS list, a.db_role FROM ambit.trusted_application a UNION ALL SELECT 'administrator', a.db_role FROM ambit.administrator a
			UNION ALL SELECT 'login', l.db_role FROM ambit.login l) k
		WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.oid = k.db_role);
END
$$;
COMMENT ON FUNCTION ambit._check_up_roles() IS 'Findings: roles that the rules do not hold, or that can rid themselves of them.';
REVOKE EXECUTE ON FUNCTION ambit._check_up_roles() FROM PUBLIC;

/* ---- ambit itself -------------------------------------------------------- */

CREATE FUNCTION ambit._strangers()
	RETURNS TABLE (class regclass, object oid)
	LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 1
	SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
		SELECT x.class, x.oid
		FROM (SELECT 'pg_proc'::regclass AS class, p.oid FROM pg_catalog.pg_proc p WHERE p.pronamespace = 'ambit'::regnamespace
			UNION ALL
			SELECT 'pg_class'::regclass, c.oid FROM pg_catalog.pg_class c WHERE c.relnamespace = 'ambit'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')) x
		WHERE (x.class, x.oid) NOT IN (SELECT d.classid, d.objid FROM pg_catalog.pg_depend d
			WHERE d.refclassid = 'pg_extension'::regclass AND d.refobjid = (SELECT e.oid FROM pg_catalog.pg_extension e WHERE e.extname = 'ambit') AND d.deptype = 'e');
END
$$;
COMMENT ON FUNCTION ambit._strangers() IS 'What is in schema ambit and not the extension''s. With such a function there SQL that ambit writes may mean something else.';
REVOKE EXECUTE ON FUNCTION ambit._strangers() FROM PUBLIC;

CREATE FUNCTION ambit._check_up_extension()
	RETURNS TABLE (severity text, code text, object text, message text, hint text)
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
		WITH thing AS MATERIALIZED (
			SELECT 'pg_class'::regclass AS class, c.oid, c.oid::regclass::text AS name, CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind,
				c.relowner AS owner, c.relacl AS acl, acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.relowner) AS usual,
				ARRAY(SELECT x FROM pg_catalog.pg_attribute a, unnest(a.attacl) x WHERE a.attrelid = c.oid AND NOT a.attisdropped) AS column_acl
			FROM pg_catalog.pg_class c WHERE c.relnamespace = 'ambit'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
			UNION ALL
			SELECT 'pg_proc'::regclass, p.oid, p.oid::regprocedure::text, 'ROUTINE', p.proowner, p.proacl, acldefault('f', p.proowner), NULL
			FROM pg_catalog.pg_proc p WHERE p.pronamespace = 'ambit'::regnamespace
			UNION ALL
			SELECT 'pg_namespace'::regclass, n.oid, quote_ident(n.nspname), 'SCHEMA', n.nspowner, n.nspacl, acldefault('n', n.nspowner), NULL
			FROM pg_catalog.pg_namespace n WHERE n.nspname IN ('ambit', 'ambit_relationship')
		),
		/* beyond what CREATE EXTENSION left, and what PUBLIC has of it */
		extra AS (
			SELECT t.class, t.oid, t.name, t.kind, x.grantee
			FROM thing t
			LEFT JOIN pg_catalog.pg_init_privs i ON i.classoid = t.class AND i.objoid = t.oid AND i.objsubid = 0
			CROSS JOIN LATERAL aclexplode(coalesce(t.acl, t.usual) || t.column_acl) x
			WHERE x.grantee <> t.owner
				AND NOT EXISTS (SELECT FROM aclexplode(coalesce(i.initprivs, t.usual)) k
					WHERE k.grantee IN (x.grantee, 0) AND k.privilege_type = x.privilege_type AND (k.is_grantable OR NOT x.is_grantable))
				AND NOT (t.name = 'ambit_relationship' AND x.grantee IN (SELECT a.db_role::oid FROM ambit.administrator a))
		),
		extension AS (SELECT e.oid, e.extowner, ambit._extension_owner() AS owner, r.rolsuper FROM pg_catalog.pg_extension e LEFT JOIN pg_catalog.pg_roles r ON r.oid = e.extowner WHERE e.extname = 'ambit')
		SELECT 'error', 'privilege_on_ambit', g.name,
			format('%s on ambit''s %s %s are granted to %s.', 'Privileges', lower(g.kind), g.name, g.others),
			format('REVOKE ALL ON %s %s FROM %s CASCADE;', g.kind, g.name, g.others)
				|| CASE WHEN g.kind = 'SCHEMA' AND g.name = 'ambit' AND g.others ~ '\mPUBLIC\M' THEN ' GRANT USAGE ON SCHEMA ambit TO PUBLIC;' ELSE '' END
		FROM (SELECT x.kind, x.name, string_agg(DISTINCT CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE x.grantee::regrole::text END, ', ') AS others
			FROM extra x GROUP BY x.kind, x.name) g
		UNION ALL
		SELECT 'error', 'ambit_object_owner', t.name,
			format('Ambit''s %s %s belongs to %s, who can replace it.', lower(t.kind), t.name, t.owner::regrole),
			format('ALTER %s %s OWNER TO %s;', t.kind, t.name, e.owner)
		FROM thing t CROSS JOIN extension e
		WHERE t.owner <> e.extowner AND NOT EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.oid = t.owner AND r.rolsuper)
		UNION ALL
		SELECT 'error', 'object_in_ambit', t.name,
			format('%s %s is in schema ambit and no part of the extension: it can stand in the way of what is. Policies and views were not compared with the rules.', initcap(t.kind), t.name),
			format('DROP %s %s;', t.kind, t.name)
		FROM thing t JOIN ambit._strangers() x ON x.class = t.class AND x.object = t.oid
		UNION ALL
		SELECT 'warning', 'extension_owner', e.owner::text,
			format('%s owns the extension and is no superuser: protect() and add_rule() work on tables of its own only.', e.owner),
			format('ALTER ROLE %s SUPERUSER;', e.owner)
		FROM extension e WHERE e.rolsuper IS NOT TRUE;
END
$$;
COMMENT ON FUNCTION ambit._check_up_extension() IS 'Findings: privileges on ambit''s own tables and functions, and what in its schemas is not as CREATE EXTENSION left it.';
REVOKE EXECUTE ON FUNCTION ambit._check_up_extension() FROM PUBLIC;
