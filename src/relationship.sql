/* ---- relationship: who is related to whom ------------------------------- */

CREATE FUNCTION ambit._always()
	RETURNS boolean LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_always';
COMMENT ON FUNCTION ambit._always() IS 'True. Stands in the views of relationships, so that they go with the extension.';

CREATE FUNCTION ambit.bind_relationship(name text, query text)
	RETURNS void LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
AS $$
DECLARE
	view_name	pg_catalog.text := 'relationship_' OPERATOR(pg_catalog.||) name;
	missing		pg_catalog.text;
	at_type		pg_catalog.regtype;
BEGIN
	PERFORM ambit._require_dba('bind_relationship');
	IF name IS NULL OR query IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = 'name and query must not be null';
	END IF;
	IF name OPERATOR(pg_catalog.!~) '^[a-z][a-z0-9_]{0,39}$' THEN
		RAISE EXCEPTION USING ERRCODE = '42602',
			MESSAGE = pg_catalog.format('invalid name of a relationship: "%s"', name),
			HINT = 'Use at most 40 lower-case letters, digits and underscores, a letter first.';
	END IF;
	IF pg_catalog.to_regclass(pg_catalog.format('ambit.%I', view_name)) IS NOT NULL THEN
		EXECUTE pg_catalog.format('DROP VIEW ambit.%I', view_name);
	END IF;
	EXECUTE pg_catalog.format(E'CREATE VIEW ambit.%I AS SELECT r.* FROM (\n%s\n) r WHERE ambit._always()', view_name, query);
	SELECT pg_catalog.string_agg(pg_catalog.quote_ident(c), ', ') INTO missing
	FROM pg_catalog.unnest('{tenant,subject,object}'::pg_catalog.text[]) c
	WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_attribute a
		WHERE a.attrelid OPERATOR(pg_catalog.=) pg_catalog.format('ambit.%I', view_name)::pg_catalog.regclass
			AND a.attname OPERATOR(pg_catalog.=) c::pg_catalog.name);
	IF missing IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = '42703',
			MESSAGE = pg_catalog.format('the query of relationship "%s" has no column %s', name, missing),
			HINT = 'It must return tenant, subject, object and, for a scope with a window, at.';
	END IF;
	SELECT a.atttypid::pg_catalog.regtype INTO at_type
	FROM pg_catalog.pg_attribute a
	WHERE a.attrelid OPERATOR(pg_catalog.=) pg_catalog.format('ambit.%I', view_name)::pg_catalog.regclass
		AND a.attname OPERATOR(pg_catalog.=) 'at';
	IF at_type OPERATOR(pg_catalog.<>) 'timestamptz'::pg_catalog.regtype THEN
		RAISE EXCEPTION USING ERRCODE = '42804',
			MESSAGE = pg_catalog.format('column at of relationship "%s" is of type %s', name, at_type),
			HINT = 'A window is between instants: use a timestamp with time zone, for example at AT TIME ZONE ''Europe/Berlin''.';
	END IF;
	EXECUTE pg_catalog.format('REVOKE ALL ON ambit.%I FROM PUBLIC', view_name);
	EXECUTE pg_catalog.format('COMMENT ON VIEW ambit.%I IS %L', view_name, 'Bound by ambit.bind_relationship().');
END
$$;
COMMENT ON FUNCTION ambit.bind_relationship(text, text) IS 'Binds a relationship that templates speak of to the application''s tables, or binds it anew. query returns tenant, subject (the member''s key: staff or client), object (the key of a client) and, where the scope has a window, at (timestamptz). It is kept as a view owned by the caller and runs as the caller, with the subject and the window pushed down: an index on (tenant, subject, at) serves it. The caller must be able to read the rows: a role that row-level security holds back relates nobody by the rows it does not see. Names in the query are found by the caller''s search_path, now. For the DBA. Errors: 42501, 22004, 42602 name, 42703 a column is missing, 42804 at is not timestamptz.';

CREATE FUNCTION ambit.unbind_relationship(name text)
	RETURNS void LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
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
