/*
 * try.sql
 *		What the shows of the worlds ask.
 */
CREATE FUNCTION pg_temp.try(app name, tenant text, user_id text, channel text, command text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	found	bigint;
BEGIN
	PERFORM set_config('role', app, true);
	PERFORM ambit.assume(tenant, user_id, channel);
	EXECUTE command;
	GET DIAGNOSTICS found = ROW_COUNT;
	RAISE EXCEPTION USING ERRCODE = 'ZZ000', MESSAGE = 'undo';
EXCEPTION
	WHEN SQLSTATE 'ZZ000' THEN RETURN found;
	WHEN insufficient_privilege THEN RETURN 'denied';
END
$$;
COMMENT ON FUNCTION pg_temp.try(name, text, text, text, text) IS 'Tries a command as the database role app, which acts for somebody, and undoes it: the number of rows, or denied.';
