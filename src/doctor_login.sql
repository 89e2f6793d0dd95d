/* ---- doctor: tokens and logins --------------------------------------------- */

CREATE FUNCTION ambit._check_up_logins()
	RETURNS TABLE (severity text, code text, object text, message text, hint text)
	LANGUAGE plpgsql STABLE PARALLEL UNSAFE
	SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
		SELECT 'warning', 'mapped_login_passes_rules', r.oid::regrole::text,
			format('Role %s is mapped to member "%s" of tenant "%s" and %s: no rule holds it.', r.oid::regrole, l.user_id, l.tenant,
				CASE WHEN r.rolsuper THEN 'is a superuser' ELSE 'has BYPASSRLS' END),
			format('ALTER ROLE %s NOSUPERUSER NOBYPASSRLS;', r.oid::regrole)
		FROM ambit.login l JOIN pg_catalog.pg_roles r ON r.oid = l.db_role
		WHERE r.rolsuper OR r.rolbypassrls
		UNION ALL
		SELECT 'info', 'mapped_login_without_role', l.db_role::text,
			format('Role %s is mapped to member "%s" of tenant "%s", who has no role: it sees nothing.', l.db_role, l.user_id, l.tenant),
			format('SELECT ambit.unmap_login(%L);', l.db_role)
		FROM ambit.login l JOIN pg_catalog.pg_roles r ON r.oid = l.db_role
		WHERE NOT EXISTS (SELECT FROM ambit.assignment a
			WHERE a.tenant = l.tenant AND a.user_id = l.user_id AND (a.valid_until IS NULL OR a.valid_until > clock_timestamp()))
		UNION ALL
		SELECT 'warning', 'signing_key_for_no_tenant', k.kid,
			format('Signing key "%s" may speak for tenant "%s", which does not exist; it could, for whoever takes that name.', k.kid, t.name),
			format('SELECT ambit.drop_signing_key(%L);', k.kid)
		FROM ambit.signing_key k CROSS JOIN LATERAL unnest(k.tenants) t (name)
		WHERE NOT EXISTS (SELECT FROM ambit.tenant x WHERE x.tenant = t.name COLLATE "C")
		UNION ALL
		SELECT 'error', 'token_kept', w.place,
			format('A token is the default of %s, and every role can read that.', w.place),
			format('ALTER %s RESET ambit.token;', w.place)
		FROM pg_catalog.pg_db_role_setting s
		LEFT JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase
		CROSS JOIN LATERAL (SELECT CASE WHEN s.setrole = 0 AND s.setdatabase <> 0 THEN format('DATABASE %I', d.datname)
			ELSE concat('ROLE ' || CASE s.setrole WHEN 0 THEN 'ALL' ELSE s.setrole::regrole::text END, ' IN DATABASE ' || quote_ident(d.datname)) END AS place) w
		WHERE EXISTS (SELECT FROM unnest(s.setconfig) c WHERE c ILIKE 'ambit.token=_%')
			AND (s.setdatabase = 0 OR d.datname = current_database())
		UNION ALL
		SELECT 'error', 'token_kept', p.oid::regprocedure::text,
			format('A token stands in the definition of %s, and every role can read that.', p.oid::regprocedure),
			format('ALTER ROUTINE %s RESET ambit.token;', p.oid::regprocedure)
		FROM pg_catalog.pg_proc p
		WHERE EXISTS (SELECT FROM unnest(p.proconfig) c WHERE c ILIKE 'ambit.token=_%');
END
$$;
COMMENT ON FUNCTION ambit._check_up_logins() IS 'Findings: database roles mapped to members, keys and tokens that are not what they seem.';
REVOKE EXECUTE ON FUNCTION ambit._check_up_logins() FROM PUBLIC;
