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

CREATE FUNCTION t.with_and_without(app name, tenant text, user_id text, permission ambit.permission, command text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	with_it		text;
	without_it	text;
	me			name := current_user;
BEGIN
	PERFORM set_config('role', app, true);
	PERFORM ambit.assume(tenant, user_id);
	with_it := t.run(command);
	PERFORM set_config('role', me, true);
	PERFORM ambit.set_member_permission(tenant, user_id, permission, false);
	PERFORM set_config('role', app, true);
	without_it := t.run(command);
	PERFORM set_config('role', me, true);
	PERFORM ambit.set_member_permission(tenant, user_id, permission, NULL);
	RETURN with_it || ' / ' || without_it;
END
$$;
COMMENT ON FUNCTION t.with_and_without(name, text, text, ambit.permission, text) IS 'What t.run() says of a command of the member, as the role app: as the member is, and with this one permission taken away.';
