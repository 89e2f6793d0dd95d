-- What a command does, without doing it.  In schema regress_try, for everybody,
-- which the test drops.
\set ECHO none
CREATE SCHEMA regress_try;
GRANT USAGE ON SCHEMA regress_try TO PUBLIC;
-- as the identity in force: how many rows, or the error
CREATE FUNCTION regress_try.try(command text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	n bigint;
	detail text;
BEGIN
	EXECUTE command;
	GET DIAGNOSTICS n = ROW_COUNT;
	RAISE EXCEPTION SQLSTATE 'UNDO1';
EXCEPTION
	WHEN SQLSTATE 'UNDO1' THEN RETURN n || ' done';
	WHEN OTHERS THEN
		GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
		RETURN format('%s %s%s', sqlstate, sqlerrm, nullif(' | ' || detail, ' | '));
END
$$;
-- as a user of tenant t, one after the other
CREATE FUNCTION regress_try.act(who text, VARIADIC commands text[]) RETURNS TABLE (command text, outcome text) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM ambit.assume('t', who);
	FOREACH command IN ARRAY commands LOOP
		outcome := regress_try.try(command);
		RETURN NEXT;
	END LOOP;
	PERFORM ambit.logout();
END
$$;
\set ECHO all
