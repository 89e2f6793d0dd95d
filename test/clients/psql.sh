#!/bin/bash
# psql.sh: people in psql, and libpq: login, list, page, write, denied writes,
# errors by their SQLSTATE, retries after 40001.  Speaks TAP; the server is that
# of PGHOST, PGPORT and PGUSER (a superuser).
. "$(dirname "$0")/setup.bash"

# as TENANT:USER SQL...: in one transaction of that user; prints rows, and the SQLSTATE of what fails
as() {
	local who=$1
	shift
	{
		echo 'BEGIN;'
		[ "$who" = nobody ] || echo "SET LOCAL ambit.token = '$(token "${who%:*}" "${who#*:}")';"
		printf '%s;\n' "$@"
		echo 'COMMIT;'
	} | psql -X -q -At -v VERBOSITY=sqlstate 2>&1 | sed 's/^.*ERROR: */ERROR: /'
}

page="SELECT id FROM app.lessons ORDER BY starts_at LIMIT 3 OFFSET 3"
is "list: a teacher" "$(as allegro:tom "SELECT count(*), min(teacher), max(teacher), min(school) FROM app.lessons")" "40|7|7|allegro"
is "list: the desk" "$(as brio:olga "SELECT count(*), min(school), max(school) FROM app.lessons")" "120|brio|brio"
is "list: a student" "$(as corda:ada "SELECT count(*), min(student), max(student) FROM app.lessons")" "5|201|201"
is "list: nobody" "$(as nobody "SELECT count(*) FROM app.lessons")" 0
is "page: a teacher" "$(as allegro:tom "$page")" $'9\n12\n15'
is "page: the desk" "$(as allegro:olga "$page")" $'3\n4\n5'
is "join" "$(as allegro:tom "SELECT s.name, count(*) FROM app.lessons l JOIN app.students s ON s.id = l.student GROUP BY s.name ORDER BY s.name LIMIT 2")" $'Student 1|5\nStudent 2|5'
for kid in rs es; do
	is "a token of key $kid" "$(psql -X -q -At -c "BEGIN; SET LOCAL ambit.token = '$(token allegro tom 60 $kid)'; SELECT ambit.current_user_id(), count(*) FROM app.lessons; COMMIT")" "tom|40"
done

is "write: a teacher moves a lesson" "$(as allegro:tom "UPDATE app.lessons SET starts_at = '2030-01-07 09:30+00' WHERE id = 0 RETURNING id")" 0
is "write: the desk cancels it" "$(as allegro:olga "UPDATE app.lessons SET status = 'cancelled' WHERE id = 0 RETURNING status")" cancelled
is "denied: another teacher's lesson is not there" "$(as allegro:ulla "UPDATE app.lessons SET starts_at = now() WHERE id = 0 RETURNING id")" ""
is "denied: a teacher cancels" "$(as allegro:tom "UPDATE app.lessons SET status = 'cancelled' WHERE id = 3")" "ERROR: 42501"
is "denied: a teacher books" "$(as allegro:tom "INSERT INTO app.lessons (school, teacher, student, starts_at) VALUES ('allegro', 7, 1, now())")" "ERROR: 42501"
is "denied: the desk books in another school" "$(as allegro:olga "INSERT INTO app.lessons (school, teacher, student, starts_at) VALUES ('brio', 7, 101, now())")" "ERROR: 42501"
is "denied: nobody writes" "$(as nobody "DELETE FROM app.lessons")" "ERROR: 42501"
is "refused: an expired token" "$(psql -X -q -At -v VERBOSITY=sqlstate -c "SELECT ambit.login('$(token allegro tom -60)')" 2>&1)" "ERROR:  28000"
is "refused: a changed token" "$(psql -X -q -At -v VERBOSITY=sqlstate -c "SELECT ambit.login('$(token allegro tom | sed 's/.....$/AAAAA/')')" 2>&1)" "ERROR:  28000"
is "refused: the message" "$(psql -X -q -At -c "SELECT ambit.login('x.y.z')" 2>&1 | head -1)" "ERROR:  token refused"
is "after a refusal in the transaction: nothing" "$(as nobody "SAVEPOINT s" "SELECT ambit.login('x.y.z')" "ROLLBACK TO s" "SELECT count(*) FROM app.lessons")" $'ERROR: 28000\n0'

is "a token ends at its exp, within a transaction too" "$(psql -X -q -At -v VERBOSITY=sqlstate -v token="$(token allegro ben 2)" 2>&1 <<'SQL'
BEGIN;
SET LOCAL ambit.token = :'token';
SELECT count(*) FROM app.lessons;
SELECT pg_sleep(2) \g /dev/null
SELECT count(*) FROM app.lessons;
UPDATE app.lessons SET starts_at = now();
SQL
)" $'5\n0\nERROR:  42501'

# for the session, as somebody at a prompt would
is "session: until it ends" "$(psql -X -q -At -v token="$(token allegro ben)" <<'SQL'
SELECT ambit.login(:'token', session => true) \g /dev/null
SELECT count(*) FROM app.lessons;
BEGIN; SELECT count(*) FROM app.lessons; ROLLBACK;
SELECT ambit.logout() \g /dev/null
SELECT count(*) FROM app.lessons;
SQL
)" $'5\n5\n0'
is "session: from the environment" "$(PGOPTIONS="-c ambit.token=$(token allegro tom)" psql -X -q -At -c "SELECT count(*) FROM app.lessons" -c "SELECT ambit.current_user_id()")" $'40\ntom'
is "session: a refused token from the environment is nobody" "$(PGOPTIONS="-c ambit.token=x.y.z" psql -X -q -At -c "SELECT count(*) FROM app.lessons" 2>"$tmp/log" || head -1 "$tmp/log")" 0
is "the token is not shown" "$(as allegro:tom "SELECT count(*) FROM app.lessons" "SHOW ambit.token" "SELECT current_setting('ambit.token'), count(*) FROM pg_settings WHERE setting LIKE 'eyJ%'")" $'40\n(set)\n(set)|0'

# 40001: another session changes the row between this one's snapshot and its update; the second try sees that
try_update() {
	psql -X -q -At -v VERBOSITY=sqlstate -v ON_ERROR_STOP=1 -v token="$(token allegro tom)" -v meanwhile="$1" 2>&1 <<'SQL'
BEGIN ISOLATION LEVEL REPEATABLE READ;
SET LOCAL ambit.token = :'token';
SELECT n FROM app.counters WHERE teacher = 7 \gset
\setenv MEANWHILE :meanwhile
\! eval "$MEANWHILE"
UPDATE app.counters SET n = :n + 1 WHERE teacher = 7 RETURNING n;
COMMIT;
SQL
}
meanwhile="psql -X -q -c \"BEGIN; SET LOCAL ambit.token = '$(token allegro olga)'; UPDATE app.counters SET n = n + 10 WHERE teacher = 7; COMMIT\""
is "retry: the first try" "$(try_update "$meanwhile" | sed 's/^.*ERROR: */ERROR: /')" "ERROR: 40001"
is "retry: the second" "$(try_update :)" 11

# a person who has a database role
admin -o /dev/null <<'SQL'
CREATE ROLE regress_clients_person LOGIN;
CREATE ROLE regress_clients_other LOGIN;
GRANT USAGE ON SCHEMA app TO regress_clients_person, regress_clients_other;
GRANT SELECT ON app.lessons TO regress_clients_person, regress_clients_other;
SELECT ambit.map_login('regress_clients_person', 'allegro', 'vera');
SQL
is "a mapped login" "$(PGUSER=regress_clients_person psql -X -q -At -c "SELECT count(*), min(teacher) FROM app.lessons")" "40|9"
is "one that is not mapped" "$(PGUSER=regress_clients_other psql -X -q -At -c "SELECT count(*) FROM app.lessons")" 0

# new connections while what the server knows of the table goes stale all the time
admin -c "DO \$\$BEGIN LOOP EXECUTE 'ALTER TABLE app.lessons ALTER school SET STATISTICS ' || (10 * random())::integer; COMMIT; END LOOP; END\$\$" 2>"$tmp/log" &
changes=$!
t=$(token allegro ben)
is "new connections while the definition of the table changes" "$(for ((i = 0; i < 50; i++)); do
	psql -X -q -At -c "BEGIN; SET LOCAL ambit.token = '$t'; SELECT count(*) FROM app.lessons; COMMIT"
done | sort | uniq -c | tr -s ' ')" " 50 5"
is "which it did until the end" "$(kill "$changes" && echo yes)" yes
wait "$changes"
echo "1..$n"
