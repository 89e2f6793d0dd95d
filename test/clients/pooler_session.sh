#!/bin/bash
# pooler_session.sh: PgBouncer in session mode with one server connection: what
# a client leaves on it, its identity first of all, the next one does not have.
# Speaks TAP; the server is that of PGHOST, PGPORT and PGUSER (a superuser).
. "$(dirname "$0")/setup.bash"
. test/clients/pooler.bash

client() { PGHOST=$POOLER_HOST PGPORT=$POOLER_PORT psql -X -q -At -v VERBOSITY=terse -v token="$(token allegro tom)" "$@" 2>&1; }
session() { client -d ambit_session; }
# what the next client finds
left="SELECT coalesce(ambit.current_user_id(), 'nobody'), count(*), (SELECT count(*) FROM pg_prepared_statements) FROM app.lessons"
login="SELECT ambit.login(:'token', session => true) \\g /dev/null"

pid=$(session <<<"SELECT pg_backend_pid()")
is "a login of the session lasts for it" "$(session <<SQL
$login
BEGIN; SELECT ambit.current_user_id(), count(*) FROM app.lessons; COMMIT;
SELECT ambit.current_user_id(), count(*) FROM app.lessons;
PREPARE mine AS SELECT count(*) FROM app.lessons;
EXECUTE mine;
SQL
)" $'tom|40\ntom|40\n40'
is "the next client has the same server connection" "$(session <<<"SELECT pg_backend_pid()")" "$pid"
is "and nothing of it" "$(session <<<"$left")" "nobody|0|0"
is "SET ambit.token" "$(session <<<"SET ambit.token = :'token'; SELECT count(*) FROM app.lessons")" 40
is "the next client" "$(session <<<"$left")" "nobody|0|0"
is "a login in a transaction that is left open" "$(session <<<"$login"$'\nBEGIN; SELECT count(*) FROM app.lessons;')" 40
is "the next client" "$(session <<<"$left")" "nobody|0|0"
is "after an error in a transaction" "$(session <<<"$login"$'\nBEGIN; SELECT 1/0;')" "ERROR:  division by zero"
is "the next client" "$(session <<<"$left")" "nobody|0|0"
is "one whose process is killed in a transaction" "$(session <<<"$login"$'\nBEGIN; SELECT count(*) FROM app.lessons;\n\\! kill -9 $PPID' 2>/dev/null)" 40
is "the next client" "$(session <<<"$left")" "nobody|0|0"
is "a writer without a login" "$(session <<<"DELETE FROM app.lessons" | grep ERROR)" 'ERROR:  cannot write to protected table "lessons" without an identity'

# Transaction mode is for logins of transactions; one of the session would stay
# there for whoever comes next, but for this setting.
PGUSER=pooler client -d pgbouncer -c "SET default_pool_size = 1" >"$tmp/log"
PGUSER=pooler client -d pgbouncer -c "SET server_reset_query_always = 1" >>"$tmp/log"
is "transaction mode with server_reset_query_always: a login of the session" "$(client <<<"$login"$'\n'"$left")" "nobody|0|0"
is "the next client" "$(client <<<"$left")" "nobody|0|0"
echo "1..$n"
