/*
 * world.sql
 *		What the tests of the worlds try, besides rows.sql; in schema t, for everybody.
 */
CREATE FUNCTION t.sees(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer	text;
BEGIN
	EXECUTE format('SELECT string_agg(btrim(r::text, ''()''), '' '') FROM (%s ORDER BY 1) r', query) INTO answer;
	RETURN coalesce(answer, '');
EXCEPTION
	WHEN OTHERS THEN RETURN SQLSTATE;
END
$$;
COMMENT ON FUNCTION t.sees(text) IS 'The rows of a query in the order of its first column, columns separated by commas, or the SQLSTATE.';

CREATE FUNCTION t.with(app name, tenant text, user_id text, permission ambit.permission, enabled boolean, command text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	answer	text;
	me		name := current_user;
BEGIN
	IF enabled IS NOT NULL THEN
		PERFORM ambit.set_member_permission(tenant, user_id, permission, enabled);
	END IF;
	PERFORM set_config('role', app, true);
	PERFORM ambit.assume(tenant, user_id);
	answer := t.run(command);
	PERFORM ambit.logout();
	PERFORM set_config('role', me, true);
	IF enabled IS NOT NULL THEN
		PERFORM ambit.set_member_permission(tenant, user_id, permission, NULL);
	END IF;
	RETURN answer;
END
$$;
COMMENT ON FUNCTION t.with(name, text, text, ambit.permission, boolean, text) IS 'What t.run() says of a command of the member, as the role app, to whom one permission is given, or from whom it is taken, for as long; NULL: as the member is.';

CREATE FUNCTION t.with_and_without(app name, tenant text, user_id text, permission ambit.permission, command text) RETURNS text LANGUAGE sql AS $$
	SELECT t.with(app, tenant, user_id, permission, NULL, command) || ' / ' || t.with(app, tenant, user_id, permission, false, command)
$$;
COMMENT ON FUNCTION t.with_and_without(name, text, text, ambit.permission, text) IS 'What t.run() says of a command of the member: as the member is, and with this one permission taken away.';

CREATE FUNCTION t.refusal(command text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	message text;
	detail text;
BEGIN
	EXECUTE command;
	RETURN 'done';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
	RETURN concat_ws(E'\n', message, nullif(detail, ''));
END
$$;
COMMENT ON FUNCTION t.refusal(text) IS 'Message and detail of an error.';
