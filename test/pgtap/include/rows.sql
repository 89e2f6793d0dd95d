/*
 * rows.sql
 *		What the tests of the templates try on rows; in schema t, for everybody.
 */
CREATE SCHEMA t;
GRANT USAGE ON SCHEMA t TO PUBLIC;

CREATE FUNCTION t.run(command text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	n bigint;
BEGIN
	EXECUTE command;
	GET DIAGNOSTICS n = ROW_COUNT;
	RAISE EXCEPTION USING ERRCODE = 'ZZ000', MESSAGE = 'undo';
EXCEPTION
	WHEN SQLSTATE 'ZZ000' THEN RETURN n;
	WHEN OTHERS THEN RETURN SQLSTATE;
END
$$;
COMMENT ON FUNCTION t.run(text) IS 'Tries a command and undoes it: the number of rows, or the SQLSTATE.';

CREATE FUNCTION t.outcome(command text) RETURNS text LANGUAGE sql AS $$
	SELECT CASE r WHEN '0' THEN 'refused' WHEN '42501' THEN 'refused' WHEN '1' THEN 'done' ELSE r END FROM t.run(command) r
$$;
COMMENT ON FUNCTION t.outcome(text) IS 'done: one row; refused: 42501, or no row in reach; anything else as it is.';

CREATE FUNCTION t.seen(relation text, key text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer text;
BEGIN
	EXECUTE format('SELECT string_agg(%1$I::text, '' '' ORDER BY %1$I) FROM app.%2$I', key, relation) INTO answer;
	RETURN coalesce(answer, '');
END
$$;
COMMENT ON FUNCTION t.seen(text, text) IS 'The keys of the rows in sight.';
