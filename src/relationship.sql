/* ---- relationship: who is related to whom ------------------------------- */

CREATE FUNCTION ambit._always()
	RETURNS boolean LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_always';
COMMENT ON FUNCTION ambit._always() IS 'True. Stands in the views of relationships, so that they go with the extension.';

CREATE FUNCTION ambit._check_query(query text)
	RETURNS void LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_check_query';
COMMENT ON FUNCTION ambit._check_query(text) IS 'Error 42601 unless the text is one SELECT. It is parsed only, nothing in it is looked up or run.';
REVOKE EXECUTE ON FUNCTION ambit._check_query(text) FROM PUBLIC;

CREATE FUNCTION ambit._bind_relationship(name text, query text, path text)
	RETURNS void LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
	SET search_path = pg_catalog, pg_temp SET standard_conforming_strings = on SET transform_null_equals = off
AS $$
DECLARE
	view_name	text := 'relationship_' || name;
	caller		text := coalesce(nullif(current_setting('role'), 'none'), session_user);
	missing		text;
	at_type		regtype;
	grantee		text;
BEGIN
	/* the owner of the extension has the query parsed, and literals are read then */
	PERFORM ambit._require_owner('bind_relationship');
	IF name IS NULL OR query IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = 'name and query must not be null';
	END IF;
	IF name !~ '^[a-z][a-z0-9_]{0,39}$' THEN
		RAISE EXCEPTION USING ERRCODE = '42602',
			MESSAGE = format('invalid name of a relationship: "%s"', name),
			HINT = 'Use at most 40 lower-case letters, digits and underscores, a letter first.';
	END IF;
	PERFORM ambit._check_query(query);
	IF to_regclass(format('ambit.%I', view_name)) IS NOT NULL THEN
		EXECUTE format('DROP VIEW ambit.%I', view_name);
	END IF;
	/* the names in the query are the caller's to resolve: only looked up here, not run */
	PERFORM set_config('search_path', path, true);
	EXECUTE pg_catalog.format(E'CREATE VIEW ambit.%I AS SELECT r.* FROM (\n%s\n) r WHERE ambit._always()', view_name, query);
	PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
	SELECT string_agg(quote_ident(c), ', ') INTO missing
	FROM unnest('{tenant,subject,object}'::text[]) c
	WHERE NOT EXISTS (SELECT FROM pg_attribute a
		WHERE a.attrelid = format('ambit.%I', view_name)::regclass AND a.attname = c::name);
	IF missing IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = '42703',
			MESSAGE = format('the query of relationship "%s" has no column %s', name, missing),
			HINT = 'It must return tenant, subject, object and, for a scope with a window, at.';
	END IF;
	SELECT a.atttypid::regtype INTO at_type
	FROM pg_attribute a
	WHERE a.attrelid = format('ambit.%I', view_name)::regclass AND a.attname = 'at';
	IF at_type <> 'timestamptz'::regtype THEN
		RAISE EXCEPTION USING ERRCODE = '42804',
			MESSAGE = format('column at of relationship "%s" is of type %s', name, at_type),
			HINT = 'A window is between instants: use a timestamp with time zone, for example at AT TIME ZONE ''Europe/Berlin''.';
	END IF;
	/* default privileges may have given it to somebody */
	FOR grantee IN
		SELECT DISTINCT CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE x.grantee::regrole::text END
		FROM pg_class c, aclexplode(c.relacl) x
		WHERE c.oid = format('ambit.%I', view_name)::regclass AND x.grantee <> c.relowner
	LOOP
		EXECUTE format('REVOKE ALL ON ambit.%I FROM %s', view_name, grantee);
	END LOOP;
	EXECUTE format('COMMENT ON VIEW ambit.%I IS %L', view_name, 'Bound by ambit.bind_relationship().');
	/* to the one whom _require_owner() judged */
	EXECUTE format('ALTER VIEW ambit.%I OWNER TO %I', view_name, caller);
END
$$;
COMMENT ON FUNCTION ambit._bind_relationship(text, text, text) IS 'What bind_relationship() does, the names in the query found by path.';

CREATE FUNCTION ambit.bind_relationship(name text, query text)
	RETURNS void LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
AS $$
BEGIN
	PERFORM ambit._bind_relationship(name, query, pg_catalog.current_setting('search_path'));
END
$$;
COMMENT ON FUNCTION ambit.bind_relationship(text, text) IS 'Binds a relationship that templates speak of to the application''s tables, or binds it anew. query returns tenant, subject (the member''s key: staff or client), object (the key of a client) and, where the scope has a window, at (timestamptz). It is kept as a view owned by the caller and runs as the caller, with the subject and the window pushed down: an index on (tenant, subject, at) serves it. The caller must be able to read the rows: a role that row-level security holds back relates nobody by the rows it does not see. Names in the query are found by the caller''s search_path, now. For superusers and the owner of the extension. Errors: 42501, 22004, 42602 name, 42703 a column is missing, 42804 at is not timestamptz.';

CREATE FUNCTION ambit.unbind_relationship(name text)
	RETURNS void LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE SECURITY DEFINER
	SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM ambit._require_dba('unbind_relationship');
	IF pg_catalog.to_regclass(pg_catalog.format('ambit.%I', 'relationship_' OPERATOR(pg_catalog.||) name)) IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '42704', MESSAGE = pg_catalog.format('relationship "%s" is not bound', name);
	END IF;
	EXECUTE pg_catalog.format('DROP VIEW ambit.%I', 'relationship_' OPERATOR(pg_catalog.||) name);
END
$$;
COMMENT ON FUNCTION ambit.unbind_relationship(text) IS 'Takes the binding away: scopes that use the relationship reach nothing. For the DBA. Errors: 42501, 42704 not bound.';
