#!/bin/bash
# claims.sh: the statements that PostgREST sends for a request, with claims that
# it has verified: a role that is trusted acts for the user they name, one that
# is not is refused.  Speaks TAP; the server is that of PGHOST, PGPORT and PGUSER
# (a superuser).
. "$(dirname "$0")/setup.bash"
export PGUSER=regress_clients_authenticator

admin <<'SQL'
-- db-pre-request = "app.pre_request"
CREATE FUNCTION app.pre_request() RETURNS void LANGUAGE plpgsql SECURITY INVOKER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF pg_catalog.current_setting('request.jwt.claims', true)::jsonb OPERATOR(pg_catalog.?) 'sub' THEN
		PERFORM ambit.assume_claims();
	END IF;
END
$$;
SQL

# request ROLE CLAIMS SQL...: as PostgREST does it; prints rows, and the SQLSTATE of what fails
request() {
	local role=$1 claims=$2
	shift 2
	{
		cat <<-'SQL'
			BEGIN ISOLATION LEVEL READ COMMITTED;
			SELECT set_config('search_path', '"app", "public"', true), set_config('role', :'role', true), set_config('request.jwt.claims', :'claims', true),
				set_config('request.method', 'GET', true), set_config('request.path', '/lessons', true), set_config('request.headers', '{}', true),
				set_config('request.cookies', '{}', true) \g /dev/null
			SELECT "app"."pre_request"() \g /dev/null
		SQL
		printf '%s;\n' "$@"
		echo 'COMMIT;'
	} | psql -X -q -At -v VERBOSITY=sqlstate -v role="$role" -v claims="$claims" 2>&1 | sed -n 's/^.*ERROR: */ERROR: /; p; /ERROR/q'
}

server=regress_clients_server
count="SELECT count(*), min(school), max(school) FROM lessons"
is "a teacher" "$(request $server '{"role": "regress_clients_server", "tenant": "allegro", "sub": "tom", "exp": 1}' "$count")" "40|allegro|allegro"
is "the desk of another school" "$(request $server '{"tenant": "brio", "sub": "olga"}' "$count")" "120|brio|brio"
is "a write" "$(request $server '{"tenant": "brio", "sub": "olga"}' "UPDATE lessons SET status = 'cancelled' WHERE id = 1000 RETURNING status")" cancelled
is "a write that is denied" "$(request $server '{"tenant": "brio", "sub": "tom"}' "UPDATE lessons SET status = 'cancelled' WHERE id = 1003")" "ERROR: 42501"
is "a channel" "$(request $server '{"tenant": "brio", "sub": "tom", "channel": "web"}' "SELECT ambit.current_channel()")" web
is "without a token: nobody" "$(request $server '{"role": "regress_clients_server"}' "$count")" "0||"
is "a user without a tenant is refused" "$(request $server '{"sub": "tom"}' "$count")" "ERROR: 28000"
is "a member who is none is refused" "$(request $server '{"tenant": "allegro", "sub": "mallory"}' "$count" | grep -c '^ERROR: \(28000\|42704\)$')" 1
is "a role that is not trusted is refused" "$(request regress_clients_app '{"tenant": "allegro", "sub": "tom"}' "$count")" "ERROR: 42501"
is "also in SQL of its own" "$(PGUSER=regress_clients_app psql -X -q -At -v VERBOSITY=sqlstate 2>&1 <<'SQL'
SET request.jwt.claims = '{"tenant": "allegro", "sub": "olga"}';
SELECT ambit.assume_claims();
SELECT count(*) FROM app.lessons;
SQL
)" $'ERROR:  42501\n0'
is "the login of the server by itself is not trusted" "$(psql -X -q -At -v VERBOSITY=sqlstate -c "SELECT ambit.assume_claims('{\"tenant\": \"allegro\", \"sub\": \"olga\"}')" 2>&1)" "ERROR:  42501"

# jwt.claims.*, as PostGraphile sets them
is "a setting for each claim" "$(psql -X -q -At <<'SQL'
BEGIN;
SELECT set_config('role', 'regress_clients_server', true), set_config('jwt.claims.tenant', 'corda', true), set_config('jwt.claims.sub', 'ada', true) \g /dev/null
SELECT ambit.assume_claims() \g /dev/null
SELECT count(*), min(school) FROM app.lessons;
COMMIT;
SELECT coalesce(ambit.current_user_id(), 'nobody');
SQL
)" $'5|corda\nnobody'
echo "1..$n"
