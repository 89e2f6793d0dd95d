/* ---- doctor: what is wrong, and what cures it ----------------------------
 *
 * Each check is a function that returns findings.  They read catalogs and
 * ambit's own tables, no row of an application, and run nothing of an
 * application's but the reading of literals in policies (_policy_text()).
 * A hint is SQL for psql where the cure is known, with every name qualified:
 * regclass and its like print so, since search_path is pinned.  What several
 * checks ask is in PL/pgSQL, which keeps its plans: planning is what costs.
 */

CREATE FUNCTION ambit._policy_text(relation regclass, expression text)
	RETURNS text LANGUAGE c STABLE STRICT PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp SET standard_conforming_strings = on SET transform_null_equals = off
	AS 'MODULE_PATHNAME', 'ambit_policy_text';
COMMENT ON FUNCTION ambit._policy_text(regclass, text) IS 'The expression as pg_get_expr() would show it once CREATE POLICY has stored it for the table; NULL when there is no such table. Errors: those of CREATE POLICY.';
REVOKE EXECUTE ON FUNCTION ambit._policy_text(regclass, text) FROM PUBLIC;

CREATE FUNCTION ambit._is_view_of(view regclass, query text)
	RETURNS boolean LANGUAGE c STABLE STRICT PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp SET standard_conforming_strings = on SET transform_null_equals = off
	AS 'MODULE_PATHNAME', 'ambit_is_view_of';
COMMENT ON FUNCTION ambit._is_view_of(regclass, text) IS 'Whether a view is what CREATE VIEW makes of the query. Errors: those of CREATE VIEW.';
REVOKE EXECUTE ON FUNCTION ambit._is_view_of(regclass, text) FROM PUBLIC;

CREATE FUNCTION ambit._converts(key text, type regtype, exact boolean)
	RETURNS boolean LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_converts';
COMMENT ON FUNCTION ambit._converts(text, regtype, boolean) IS 'Whether a key can be found in columns of the type. exact: of tenants, locations and groups, which have one spelling only.';
REVOKE EXECUTE ON FUNCTION ambit._converts(text, regtype, boolean) FROM PUBLIC;

CREATE FUNCTION ambit._grantees(acl aclitem[], owner oid, privileges text[])
	RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN (
		SELECT string_agg(g.name, ', ' ORDER BY g.name COLLATE "C")
		FROM (SELECT DISTINCT CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE x.grantee::regrole::text END AS name
			/* no ACL may be an empty array */
			FROM aclexplode(CASE WHEN cardinality(acl) > 0 THEN acl END) x
			WHERE x.grantee <> owner AND (privileges IS NULL OR x.privilege_type = ANY (privileges))
				AND NOT EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.oid = x.grantee AND r.rolsuper)) g);
END
$$;
COMMENT ON FUNCTION ambit._grantees(aclitem[], oid, text[]) IS 'Whom, besides the owner and superusers, an ACL gives one of the privileges (NULL: any), for a GRANT or REVOKE; NULL for nobody.';
REVOKE EXECUTE ON FUNCTION ambit._grantees(aclitem[], oid, text[]) FROM PUBLIC;

CREATE FUNCTION ambit._extension_owner()
	RETURNS regrole LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
	SELECT e.extowner::regrole FROM pg_catalog.pg_extension e WHERE e.extname = 'ambit'
$$;
COMMENT ON FUNCTION ambit._extension_owner() IS 'The role that owns the extension.';
REVOKE EXECUTE ON FUNCTION ambit._extension_owner() FROM PUBLIC;

CREATE FUNCTION ambit._permission_name(permission ambit.permission)
	RETURNS text LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN permission::text;
EXCEPTION WHEN data_corrupted THEN
	RETURN '...';
END
$$;
COMMENT ON FUNCTION ambit._permission_name(ambit.permission) IS 'The key of a permission, or dots for one that is known no more.';
REVOKE EXECUTE ON FUNCTION ambit._permission_name(ambit.permission) FROM PUBLIC;

/* ---- what is looked at ---------------------------------------------------
 *
 * A table counts as protected also where its protection is damaged.  What
 * says so is what ambit alone can have made, a trigger or a rule: anybody may
 * give a table of their own policies that look like ambit's.
 */

CREATE FUNCTION ambit._protected_tables()
	RETURNS TABLE (relation regclass, bound boolean) LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 100
	SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
		SELECT c.oid::regclass, EXISTS (SELECT FROM ambit._bindings(c.oid::regclass))
		FROM pg_catalog.pg_class c
		WHERE c.relkind IN ('r', 'p')
			AND (EXISTS (SELECT FROM pg_catalog.pg_trigger t
					WHERE t.tgrelid = c.oid AND t.tgfoid = 'ambit._require_identity()'::regprocedure)
				OR EXISTS (SELECT FROM pg_catalog.pg_policy p WHERE p.polrelid = c.oid AND p.polname ~ '^ambit')
					AND (EXISTS (SELECT FROM ambit.rule r WHERE r.relation = c.oid::regclass)
						OR EXISTS (SELECT FROM ambit._bindings(c.oid::regclass))));
END
$$;
COMMENT ON FUNCTION ambit._protected_tables() IS 'The protected tables, those with a damaged protection included. bound: the protection tells which columns it binds.';
REVOKE EXECUTE ON FUNCTION ambit._protected_tables() FROM PUBLIC;

CREATE FUNCTION ambit._protected_parts()
	RETURNS TABLE (relation regclass, part_of regclass) LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 100
	SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
		WITH RECURSIVE protected AS MATERIALIZED (SELECT t.relation FROM ambit._protected_tables() t),
		part (oid, part_of) AS (
			SELECT i.inhrelid, p.relation FROM pg_catalog.pg_inherits i JOIN protected p ON i.inhparent = p.relation
			UNION
			SELECT i.inhrelid, p.part_of FROM pg_catalog.pg_inherits i JOIN part p ON i.inhparent = p.oid
		)
		SELECT p.oid::regclass, min(p.part_of::oid)::regclass
		FROM part p JOIN pg_catalog.pg_class c ON c.oid = p.oid
		WHERE c.relkind IN ('r', 'p', 'f') AND p.oid NOT IN (SELECT t.relation FROM protected t)
		GROUP BY p.oid;
END
$$;
COMMENT ON FUNCTION ambit._protected_parts() IS 'Partitions and inheritance children, at any depth, of protected tables, that are not protected themselves.';
REVOKE EXECUTE ON FUNCTION ambit._protected_parts() FROM PUBLIC;

CREATE FUNCTION ambit._bound_columns()
	RETURNS TABLE (relation regclass, binding text, "column" name, type regtype, tenant name)
	LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 100
	SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
		SELECT t.relation, v.binding, v.col, a.atttypid::regtype, b.tenant
		FROM ambit._protected_tables() t
		CROSS JOIN LATERAL ambit._bindings(t.relation) b
		CROSS JOIN LATERAL (VALUES ('tenant', b.tenant), ('location', b.location), ('owner', b.owner), ('client', b.client),
			('assignee', b.assignee), ('team', b.team), ('parent_key', b.parent_key)) v (binding, col)
		JOIN pg_catalog.pg_attribute a ON a.attrelid = t.relation AND a.attname = v.col;
END
$$;
COMMENT ON FUNCTION ambit._bound_columns() IS 'The columns that protect() bound. binding: its argument; tenant: the tenant column of the table.';
REVOKE EXECUTE ON FUNCTION ambit._bound_columns() FROM PUBLIC;

CREATE FUNCTION ambit._protect_call(relation regclass, bound_as regclass)
	RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
	SET search_path = pg_catalog, pg_temp
AS $$
	SELECT format('SELECT ambit.protect(%L%s)', relation, (
		SELECT string_agg(format(', %s => %L', v.argument, v.value), '' ORDER BY v.n)
		FROM ambit._bindings(bound_as) b,
			LATERAL (VALUES (1, 'tenant', b.tenant::text), (2, 'location', b.location), (3, 'owner', b.owner), (4, 'client', b.client),
				(5, 'assignee', b.assignee), (6, 'team', b.team), (7, 'parent', b.parent::text), (8, 'parent_key', b.parent_key)) v (n, argument, value)
		WHERE v.value IS NOT NULL))
$$;
COMMENT ON FUNCTION ambit._protect_call(regclass, regclass) IS 'A call of protect() for a table that binds what another table binds.';
REVOKE EXECUTE ON FUNCTION ambit._protect_call(regclass, regclass) FROM PUBLIC;

/* ---- the call ------------------------------------------------------------ */

CREATE FUNCTION ambit._examine("check" text)
	RETURNS TABLE (severity text, code text, object text, message text, hint text)
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN QUERY EXECUTE format('SELECT f.severity, f.code, f.object, f.message, f.hint FROM ambit.%I() f', "check");
EXCEPTION WHEN OTHERS THEN
	RETURN QUERY SELECT 'error', 'check_failed', 'ambit.' || "check" || '()',
		format('A part of the examination failed with SQLSTATE %s: %s.', sqlstate, sqlerrm),
		'What it looks at was not examined. Cure the other findings first, then call ambit.doctor() again.';
END
$$;
COMMENT ON FUNCTION ambit._examine(text) IS 'The findings of a check, or one that says that it failed.';
REVOKE EXECUTE ON FUNCTION ambit._examine(text) FROM PUBLIC;

CREATE FUNCTION ambit.doctor()
	RETURNS TABLE (severity text, code text, object text, message text, hint text)
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE SECURITY DEFINER ROWS 20
	SET search_path = pg_catalog, pg_temp SET standard_conforming_strings = on
AS $$
BEGIN
	PERFORM ambit._require_dba('doctor');
	RETURN QUERY
		SELECT f.*
		FROM pg_catalog.pg_proc p CROSS JOIN LATERAL ambit._examine(p.proname::text) f
		WHERE p.pronamespace = 'ambit'::regnamespace AND p.proname ^@ '_check_up_'
		ORDER BY array_position('{error,warning,info}', f.severity), f.code COLLATE "C", f.object COLLATE "C", f.message COLLATE "C";
END
$$;
COMMENT ON FUNCTION ambit.doctor() IS 'Examines the database and says what is wrong, worst first; no row when all is well. severity: error (rules can be got around, or something that should be open is broken), warning, info. code: doc/doctor.md explains each. object: what it is about. hint: SQL that cures it, or what to do. Looks at catalogs and ambit''s own tables, reads no row of an application and changes nothing. For the DBA. Error: 42501.';
