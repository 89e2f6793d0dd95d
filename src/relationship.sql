/* ---- relationship: who is related to whom -------------------------------
 *
 * A binding is a view in schema ambit_relationship, made by whoever binds, as
 * that role: ambit's owner never parses or runs anything of the query.  A
 * schema of its own, since those who administer may create in it and nothing
 * else of ambit's looks there.
 */

CREATE SCHEMA ambit_relationship;
REVOKE ALL ON SCHEMA ambit_relationship FROM PUBLIC;
COMMENT ON SCHEMA ambit_relationship IS 'The relationships that ambit.bind_relationship() bound, a view each.';

CREATE FUNCTION ambit._always()
	RETURNS boolean LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_always';
COMMENT ON FUNCTION ambit._always() IS 'True. Stands in the views of relationships, so that they go with the extension.';

CREATE FUNCTION ambit._check_query(query text)
	RETURNS void LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ambit_check_query';
COMMENT ON FUNCTION ambit._check_query(text) IS 'Error 42601 unless the text is one SELECT. It is parsed only, nothing in it is looked up or run.';

CREATE FUNCTION ambit.bind_relationship(name text, query text)
	RETURNS void LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
AS $$
DECLARE
	view_name	pg_catalog.text;
	missing		pg_catalog.text;
	grantee		pg_catalog.text;
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
	PERFORM ambit._check_query(query);
	view_name := pg_catalog.format('ambit_relationship.%I', name);
	IF pg_catalog.to_regclass(view_name) IS NOT NULL THEN
		EXECUTE pg_catalog.format('DROP VIEW %s', view_name);
	END IF;
	EXECUTE pg_catalog.format(E'CREATE VIEW %s AS SELECT r.* FROM (\n%s\n) r WHERE ambit._always()', view_name, query);
	SELECT pg_catalog.string_agg(pg_catalog.quote_ident(c), ', ' ORDER BY n) INTO missing
	FROM pg_catalog.unnest('{tenant,subject,object}'::pg_catalog.text[]) WITH ORDINALITY u (c, n)
	WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_attribute a
		WHERE a.attrelid OPERATOR(pg_catalog.=) view_name::pg_catalog.regclass
			AND a.attname OPERATOR(pg_catalog.=) c::pg_catalog.name);
	IF missing IS NOT NULL THEN
		RAISE EXCEPTION USING ERRCODE = '42703',
			MESSAGE = pg_catalog.format('the query of relationship "%s" has no column %s', name, missing),
			HINT = 'It must return tenant, subject, object and, for a scope with a window, at.';
	END IF;
	SELECT a.atttypid::pg_catalog.regtype INTO at_type
	FROM pg_catalog.pg_attribute a
	WHERE a.attrelid OPERATOR(pg_catalog.=) view_name::pg_catalog.regclass
		AND a.attname OPERATOR(pg_catalog.=) 'at';
	IF at_type OPERATOR(pg_catalog.<>) 'timestamptz'::pg_catalog.regtype THEN
		RAISE EXCEPTION USING ERRCODE = '42804',
			MESSAGE = pg_catalog.format('column at of relationship "%s" is of type %s', name, at_type),
			HINT = 'A window is between instants: use a timestamp with time zone, for example at AT TIME ZONE ''Europe/Berlin''.';
	END IF;
	/* default privileges may have given it to somebody */
	FOR grantee IN
		SELECT DISTINCT CASE WHEN x.grantee OPERATOR(pg_catalog.=) 0::pg_catalog.oid THEN 'PUBLIC' ELSE x.grantee::pg_catalog.regrole::pg_catalog.text END
		FROM pg_catalog.pg_class c, pg_catalog.aclexplode(c.relacl) x
		WHERE c.oid OPERATOR(pg_catalog.=) view_name::pg_catalog.regclass AND x.grantee OPERATOR(pg_catalog.<>) c.relowner
	LOOP
		EXECUTE pg_catalog.format('REVOKE ALL ON %s FROM %s', view_name, grantee);
	END LOOP;
	EXECUTE pg_catalog.format('COMMENT ON VIEW %s IS %L', view_name, 'Bound by ambit.bind_relationship().');
END
$$;
COMMENT ON FUNCTION ambit.bind_relationship(text, text) IS 'Binds a relationship that templates speak of to the application''s tables, or binds it anew. query returns tenant, subject (the member''s key: staff or client), object (the key of a client) and, where the scope has a window, at (timestamptz). It is kept as a view in schema ambit_relationship, made and owned by the caller, and runs as the caller, with the subject and the window pushed down: an index on (tenant, subject, at) serves it. The caller must be able to read the rows: a role that row-level security holds back relates nobody by the rows it does not see. Names in the query are found by the caller''s search_path, now. For the DBA. Errors: 42501, also when another role bound it before; 22004; 42601 not one SELECT; 42602 name; 42703 a column is missing; 42804 at is not timestamptz.';

CREATE FUNCTION ambit.unbind_relationship(name text)
	RETURNS void LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
AS $$
BEGIN
	PERFORM ambit._require_dba('unbind_relationship');
	IF name IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '22004', MESSAGE = 'name must not be null';
	END IF;
	IF pg_catalog.to_regclass(pg_catalog.format('ambit_relationship.%I', name)) IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = '42704', MESSAGE = pg_catalog.format('relationship "%s" is not bound', name);
	END IF;
	EXECUTE pg_catalog.format('DROP VIEW ambit_relationship.%I', name);
END
$$;
COMMENT ON FUNCTION ambit.unbind_relationship(text) IS 'Takes the binding away: scopes that use the relationship reach nothing. For the DBA who bound it and for superusers. Errors: 42501; 22004; 42704 not bound.';
