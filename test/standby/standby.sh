#!/bin/bash
# standby.sh: a hot standby answers everybody as its primary does, and as soon as
# a change is replayed there: also sessions with an open transaction, an old
# snapshot, statements that touch no table, or generic plans.  Then both servers
# crash, and the standby is promoted.
. "$(dirname "$0")/../../script/lib.sh"
. "$(dirname "$0")/../tap.bash"
cd "$root/test/standby"
find_postgres

primary=${TEST_CLUSTER:-test}-primary
standby=${TEST_CLUSTER:-test}-standby
primary_settings=(autovacuum=off synchronous_commit=on)
# With feedback no clean-up on the primary makes replay wait for a session here.
standby_settings=(autovacuum=off synchronous_commit=on hot_standby_feedback=on wal_retrieve_retry_interval=100ms)
tmp=$(mktemp -d)
trap 'close_sessions; for c in "$standby" "$primary"; do "$root/script/cluster" drop "$c"; done; rm -rf "$tmp"' EXIT
trap '' PIPE

# at CLUSTER COMMAND...: runs a client program against that cluster.
at() (
	eval "$("$root/script/cluster" env "$1")"
	shift
	exec "$@"
)

# sql CLUSTER DATABASE ARGUMENT...
sql() {
	local cluster=$1 database=$2
	shift 2
	at "$cluster" psql -X -q -At -v ON_ERROR_STOP=1 -d "$database" "$@"
}

# ---- sessions that stay open: a psql each, as a coprocess ------------------

declare -A to=() from=()
mark='== done =='

# open_session NAME CLUSTER DB_ROLE
open_session() {
	local fd
	# bash warns of a second coprocess, and does not let subshells use it
	{ coproc session { at "$2" psql -X -q -At -U "$3" -d school -P null=- -v VERBOSITY=sqlstate 2>&1; }; } 2>/dev/null
	exec {fd}>&"${session[1]}"
	to[$1]=$fd
	exec {fd}<&"${session[0]}"
	from[$1]=$fd
	exec {session[0]}<&- {session[1]}>&-
}

close_session() {
	local fd
	echo '\q' 1>&"${to[$1]}" 2>/dev/null || true
	fd=${to[$1]}
	exec {fd}>&-
	fd=${from[$1]}
	exec {fd}<&-
	unset "to[$1]" "from[$1]"
}

close_sessions() {
	local name
	for name in "${!to[@]}"; do
		close_session "$name"
	done
}

# ask NAME SQL: sets answer to what it prints, errors as their SQLSTATE.
ask() {
	local line
	answer=
	printf '%s\n\\echo %s\n' "$2" "$mark" 1>&"${to[$1]}" 2>/dev/null || true
	while IFS= read -r -t 60 -u "${from[$1]}" line; do
		[ "$line" != "$mark" ] || return 0
		answer+=$line$'\n'
	done
	answer+="session $1 does not answer"
}

# same EXPECTED: the last answer.
same() {
	[ "$answer" = "$1" ] || {
		diff -U0 --label expected <(printf '%s' "$1") --label answer <(printf '%s' "$answer")
		false
	}
}

# same_and_new EXPECTED OLD
same_and_new() {
	[ "$1" != "$2" ] || {
		echo "the change changes nothing:"
		printf '%s' "$1"
		return 1
	}
	same "$1"
}

# do_it SQL: on the primary, without an error.
do_it() {
	ask primary "$1"
	case $answer in *ERROR*) printf '# %s\n# %s' "$1" "$answer" ;; esac
}

# replayed: waits until the standby has replayed what the primary has committed.
replayed() {
	local lsn i
	ask primary 'SELECT pg_current_wal_flush_lsn();'
	lsn=${answer%$'\n'}
	for ((i = 0; i < 3000; i++)); do
		ask standby "SELECT pg_last_wal_replay_lsn() >= '$lsn';"
		[ "$answer" != $'t\n' ] || return 0
		sleep 0.01
	done
	echo "# $lsn is not replayed: $answer"
}

# ---- a school --------------------------------------------------------------

cat >"$tmp/school.sql" <<'SQL'
CREATE EXTENSION ambit;
CREATE ROLE regress_standby_app LOGIN;
CREATE SCHEMA app;
GRANT USAGE ON SCHEMA app TO regress_standby_app;

CREATE TABLE app.clients (
	id bigint PRIMARY KEY,
	school text NOT NULL,
	guardian bigint REFERENCES app.clients,
	name text NOT NULL
);
CREATE TABLE app.appointments (
	id bigint PRIMARY KEY,
	school text NOT NULL,
	location text,
	team text,
	staff int,
	client bigint REFERENCES app.clients,
	starts_at timestamptz NOT NULL
);
CREATE INDEX ON app.appointments (staff, starts_at);
CREATE TABLE app.attendance (
	id bigint PRIMARY KEY,
	appointment bigint NOT NULL REFERENCES app.appointments ON DELETE CASCADE,
	present boolean
);
INSERT INTO app.clients
SELECT i, CASE WHEN i <= 20 THEN 'music' ELSE 'dance' END, CASE WHEN i % 10 = 5 THEN i - 1 END, 'client ' || i
FROM generate_series(1, 30) i;
-- days far from the edges of every window
INSERT INTO app.appointments
SELECT i, c.school, (ARRAY['north', 'south', 'attic', NULL])[i % 4 + 1], (ARRAY['strings', 'brass', NULL])[i % 3 + 1],
	i % 5 + 1, c.id, now() + make_interval(days => (ARRAY[-40, -20, -10, -1, 3, 12, 20])[i % 7 + 1])
FROM generate_series(1, 60) i JOIN app.clients c ON c.id = (i * 7) % 30 + 1;
INSERT INTO app.attendance SELECT id, id, id % 2 = 0 FROM app.appointments;
GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA app TO regress_standby_app;

SELECT ambit.trust_application('regress_standby_app');
SELECT ambit.create_tenant('music', 'opus1');
SELECT ambit.create_tenant('dance', 'opus1');
SELECT ambit.add_location('music', 'city');
SELECT ambit.add_location('music', 'north', 'city');
SELECT ambit.add_location('music', 'south', 'city');
SELECT ambit.add_location('music', 'attic', 'north');
SELECT ambit.add_group('music', 'strings');
SELECT ambit.add_group('music', 'brass');
SELECT ambit.add_member(t, u, k::jsonb)
FROM (VALUES
	('music', 'owner', '{"staff": "1"}'),
	('music', 'manager', '{"staff": "1"}'),
	('music', 'tess', '{"staff": "2", "client": "9"}'),
	('music', 'sam', '{"staff": "3"}'),
	('music', 'lea', '{"staff": "4", "client": "7"}'),
	('music', 'guardian', '{"client": "4"}'),
	('music', 'roleless', '{"staff": "2", "client": "8"}'),
	('dance', 'owner', '{"staff": "1"}'),
	('dance', 'lea', '{"staff": "4"}')
) m (t, u, k);
SELECT ambit.add_to_group('music', 'strings', 'sam');
SELECT ambit.assign_role('music', 'owner', 'owner');
SELECT ambit.assign_role('music', 'manager', 'manager', location => 'city');
SELECT ambit.assign_role('music', 'tess', 'staff', location => 'north');
SELECT ambit.assign_role('music', 'tess', 'staff', only_group => 'strings');
SELECT ambit.assign_role('music', 'tess', 'limited_staff');
SELECT ambit.assign_role('music', 'tess', 'client');
SELECT ambit.assign_role('music', 'sam', 'staff');
SELECT ambit.assign_role('music', 'lea', 'limited_staff');
SELECT ambit.assign_role('music', 'guardian', 'client');
SELECT ambit.assign_role('dance', 'owner', 'owner');
SELECT ambit.assign_role('dance', 'lea', 'limited_staff');
SELECT ambit.set_feature('music', 'client_teacher_communication', true);
SELECT ambit.set_member_permission('music', 'lea', 'attendance.take', true);

SELECT ambit.bind_relationship('served', 'SELECT school AS tenant, staff AS subject, client AS object, starts_at AS at FROM app.appointments');
SELECT ambit.bind_relationship('dependants', 'SELECT school AS tenant, guardian AS subject, id AS object FROM app.clients WHERE guardian IS NOT NULL');
SELECT ambit.protect('app.clients', tenant => 'school', client => 'id');
SELECT ambit.add_rule('app.clients', 'select', 'clients.view');
SELECT ambit.add_rule('app.clients', 'select', 'messages.send_to_teacher');
SELECT ambit.add_rule('app.clients', 'update', 'clients.personal_information.edit');
SELECT ambit.protect('app.appointments', tenant => 'school', location => 'location', owner => 'staff', client => 'client', team => 'team');
SELECT ambit.add_rule('app.appointments', 'select', 'appointments.view');
SELECT ambit.add_rule('app.appointments', 'insert', 'appointments.book');
SELECT ambit.add_rule('app.appointments', 'update', 'appointments.reschedule');
SELECT ambit.add_rule('app.appointments', 'delete', 'appointments.cancel');
SELECT ambit.protect('app.attendance', parent => 'app.appointments', parent_key => 'appointment');
SELECT ambit.add_rule('app.attendance', 'select', 'appointments.view');
SELECT ambit.add_rule('app.attendance', 'update', 'attendance.take');
SQL

# What touches tables, and what touches none.  The first statement that asks
# ambit drops old plans, so those that depend on theirs come first.
table_queries=(
	"SELECT 'clients', string_agg(id::text, ' ' ORDER BY id) FROM app.clients"
	"SELECT 'appointments', string_agg(id::text, ' ' ORDER BY id) FROM app.appointments"
	"SELECT 'attendance', string_agg(id::text, ' ' ORDER BY id) FROM app.attendance"
	"SELECT 'served', string_agg(DISTINCT c.id::text, ' ') FROM app.clients c JOIN app.appointments a ON a.client = c.id"
	"SELECT 'visible', string_agg(c, ' ' ORDER BY c COLLATE \"C\") FROM ambit.visible_clients() c"
)
function_queries=(
	"SELECT 'permits', l, s, t, ambit.permits('appointments.view', 'music'::text, l, s, NULL::bigint, NULL::int, t) FROM (VALUES ('attic', 9, NULL), ('north', 9, NULL), (NULL, 2, NULL), (NULL, 3, NULL), (NULL, 4, 'strings')) v (l, s, t)"
	"SELECT 'roles', ambit.current_roles()"
	"SELECT 'modules', string_agg(m, ' ' ORDER BY m) FROM ambit.visible_modules() m"
	"SELECT k, ambit.has_permission(k), ambit.has_permission(k, 'lea'), ambit.has_permission_at(k, 'attic'), ambit.permission_scopes(k), ambit.permission_targets(k) FROM unnest('{clients.view,appointments.view,attendance.take,messages.send_to_teacher,invoices.view,staff.create}'::ambit.permission[]) k"
	"SELECT 'effective', count(*), md5(string_agg(e::text, ' ' ORDER BY e.permission::text, e.source)) FROM ambit.effective_permissions() e"
)
tables=$(printf '%s;\n' "${table_queries[@]}")
functions=$(printf '%s;\n' "${function_queries[@]}")
everything=$tables$'\n'$functions

# questions [WRITES]: what everybody may see and, if asked for, change.
questions() {
	local tenant user channel
	printf '%s\n' '\set ON_ERROR_STOP off' '\set ON_ERROR_ROLLBACK on' '\set VERBOSITY sqlstate'
	while IFS=: read -r tenant user channel; do
		echo "\\echo == $tenant:$user:$channel"
		echo "BEGIN ${1:-READ ONLY};"
		[ -z "$tenant" ] ||
			echo "SELECT ambit.assume('$tenant', $([ -n "$user" ] && echo "'$user'" || echo NULL)$([ -z "$channel" ] || echo ", '$channel'"));"
		printf '%s\n' "$everything"
		[ $# = 0 ] || cat <<-'SQL'
			WITH w AS (UPDATE app.clients SET name = name || '!' RETURNING id) SELECT 'client changes', count(*) FROM w;
			WITH w AS (UPDATE app.attendance SET present = NOT present RETURNING id) SELECT 'attendance taken', count(*) FROM w;
			WITH w AS (UPDATE app.appointments SET starts_at = starts_at + interval '1 hour' RETURNING id) SELECT 'reschedules', count(*) FROM w;
			WITH w AS (DELETE FROM app.appointments RETURNING id) SELECT 'cancels', count(*) FROM w;
			INSERT INTO app.appointments VALUES (1000, 'music', 'attic', 'brass', 4, 1, '2000-01-01');
		SQL
		echo 'ROLLBACK;'
	done <<-WHO
		::
		music::
		music::web
		music:owner:
		music:manager:
		music:tess:web
		music:sam:
		music:lea:mobile
		music:guardian:web
		music:roleless:
		music:nobody:
		dance:owner:
		dance:lea:
		opera:owner:
	WHO
}
questions >"$tmp/questions.sql"
questions 'READ WRITE' >"$tmp/writes.sql"

# answers CLUSTER QUESTIONS: as the application.
answers() {
	at "$1" psql -X -q -At -P null=- -U regress_standby_app -d school -f "$tmp/$2.sql" 2>&1 | sed 's/^psql:[^ ]*: //'
}

# answer_of WHO WHAT: from the primary's answers.
answer_of() {
	sed -n "/^== $1\$/,/^== /s/^$2|//p" "$tmp/before"
}

# ---- the servers -----------------------------------------------------------

# start CLUSTER
start() {
	case $1 in
		"$primary") "$root/script/cluster" start "$1" "${primary_settings[@]}" ;;
		*) "$root/script/cluster" start "$1" "${standby_settings[@]}" ;;
	esac
}

crash() {
	as_server "$bindir/pg_ctl" -D "$("$root/script/cluster" dir "$1")" -s -w -m immediate stop </dev/null
}

make_standby() {
	local data
	"$root/script/cluster" init "$standby"
	data=$("$root/script/cluster" dir "$standby")
	as_server find "$data" -mindepth 1 -delete
	as_server "$bindir/pg_basebackup" -D "$data" -R -c fast --no-sync -d "$("$root/script/cluster" url "$primary")"
}

"$root/script/cluster" drop "$standby"
"$root/script/cluster" drop "$primary"
start "$primary"
check "a standby is made" make_standby
sql "$primary" postgres -c 'CREATE DATABASE school'
check "it starts" start "$standby"
check "the school loads" sql "$primary" school -o /dev/null -f "$tmp/school.sql"
open_session primary "$primary" postgres
for ((i = 0; i < 300; i++)); do
	sql "$standby" school -c '' 2>/dev/null && break
	sleep 0.1
done
open_session standby "$standby" postgres
replayed

# ---- the same answers ------------------------------------------------------

# both_answer NAME: the same as each other; the primary's stay in before.
both_answer() {
	answers "$primary" questions >"$tmp/before"
	answers "$standby" questions >"$tmp/after"
	check "$1" diff "$tmp/before" "$tmp/after"
}

ask standby 'SELECT pg_is_in_recovery();'
check "the standby is one" same $'t\n'
both_answer "everybody gets the same answers on the standby"

# That the answers are worth comparing.
check "no identity sees no client" [ "$(answer_of :: clients)" = - ]
check "an owner sees every client of the school" [ "$(answer_of music:owner: clients)" = "$(seq -s ' ' 20)" ]
served=$(sql "$primary" school -c "SELECT string_agg(id::text, ' ' ORDER BY id) FROM (SELECT DISTINCT client AS id FROM app.appointments WHERE school = 'music' AND staff = 4 AND starts_at BETWEEN now() - interval '15 days' AND now() + interval '15 days') c")
check "limited staff see the clients that they served" [ "$(answer_of music:lea:mobile clients)" = "$served" ]
check "there are such clients" [ -n "$served" ]
check "a guardian sees the dependants" [ "$(answer_of music:guardian:web clients)" = "4 5" ]
check "who is no member cannot be assumed" eval 'sed -n "/^== music:nobody:/,/^== /p" "$tmp/before" | grep -qx "ERROR:  42704"'
check "visible_clients() agrees with the rows" [ "$(answer_of dance:owner: visible)" = "$(seq -s ' ' 21 30)" ]

# ---- writes ----------------------------------------------------------------

# refused SESSION NAME: every statement on the standard input, by PostgreSQL.
refused() {
	local statement name=$2 all=
	while IFS= read -r statement; do
		[ -n "$statement" ] || continue
		ask "$1" "$statement;"
		[ "$answer" = $'ERROR:  25006\n' ] || all+="$statement: $answer"
	done
	check "$name" eval 'printf "%s" "$all"; [ -z "$all" ]'
}

open_session app "$standby" regress_standby_app
ask app "SELECT ambit.assume('music', 'owner', session => true);"
refused app "the application cannot write on the standby" <<'SQL'
UPDATE app.clients SET name = name || '!'
UPDATE app.clients SET name = name || '!' WHERE false
UPDATE app.attendance SET present = NOT present
DELETE FROM app.appointments
INSERT INTO app.appointments VALUES (1000, 'music', 'attic', 'brass', 4, 1, '2000-01-01')
SELECT id FROM app.clients FOR UPDATE
SELECT id FROM app.appointments FOR KEY SHARE
TRUNCATE app.attendance
SQL
ask app "SELECT ambit.logout();"
refused app "neither without an identity" <<'SQL'
UPDATE app.clients SET name = name || '!'
INSERT INTO app.appointments VALUES (1000, 'music', 'attic', 'brass', 4, 1, '2000-01-01')
SQL
close_session app
refused standby "the model does not change on the standby" <<'SQL'
SELECT ambit.create_tenant('opera', 'opus1')
SELECT ambit.drop_tenant('dance')
SELECT ambit.add_location('music', 'cellar')
SELECT ambit.move_location('music', 'attic', 'south')
SELECT ambit.add_group('music', 'choir')
SELECT ambit.remove_from_group('music', 'strings', 'sam')
SELECT ambit.add_member('music', 'new')
SELECT ambit.remove_member('music', 'tess')
SELECT ambit.assign_role('music', 'roleless', 'staff')
SELECT ambit.revoke_role('music', 'sam', 'staff')
SELECT ambit.set_role_permission('music', 'staff', 'clients.view', false)
SELECT ambit.set_member_permission('music', 'tess', 'clients.view', false)
SELECT ambit.set_feature('music', 'client_teacher_communication', false)
SELECT ambit.trust_application('postgres')
SELECT ambit.grant_administration('regress_standby_app')
SELECT ambit.bind_relationship('served', 'SELECT ''a'' AS tenant, 1 AS subject, 2 AS object, now() AS at')
SELECT ambit.protect('app.clients', tenant => 'school')
SELECT ambit.unprotect('app.attendance')
SELECT ambit.add_rule('app.clients', 'delete', 'clients.view')
SELECT ambit.drop_rule(1)
ALTER EXTENSION ambit UPDATE
DROP EXTENSION ambit CASCADE
SQL
ask standby "SET check_function_bodies = off; SELECT 'no.such.key'::ambit.permission; RESET check_function_bodies;"
check "reading an unknown key there registers none" same $'ERROR:  42704\n'

# ---- crashes ---------------------------------------------------------------

do_it "BEGIN; SELECT ambit.revoke_role('dance', 'lea', 'limited_staff'); PREPARE TRANSACTION 'revoke';"
do_it "BEGIN; SELECT ambit.revoke_role('music', 'sam', 'staff');"
crash "$primary"
close_session primary
check "the primary starts after a crash" start "$primary"
open_session primary "$primary" postgres
cp "$tmp/before" "$tmp/before-crash"
both_answer "the standby answers as the primary does after its crash"
check "and as before it: what was not committed has no effect" diff "$tmp/before-crash" "$tmp/before"
crash "$standby"
close_session standby
check "the standby starts after a crash" start "$standby"
open_session standby "$standby" postgres
both_answer "and answers as before"
check "all that time nothing has changed" diff "$tmp/before-crash" "$tmp/before"
do_it "COMMIT PREPARED 'revoke';"
replayed
both_answer "a revoke that was prepared before the crash reaches the standby"
check "and has an effect" [ "$(answer_of dance:lea: clients)" = - ]

# ---- fresh -----------------------------------------------------------------

# Sessions of the application that stay open through every change: in a
# transaction; in one with an old snapshot; in one that touches no table; with
# generic plans of either kind; and one with an identity but no transaction.
sessions=(committed repeatable tableless generic prepared pooled)
declare -A title=(
	[committed]="a transaction" [repeatable]="a transaction with an old snapshot" [tableless]="statements that touch no table"
	[generic]="generic plans" [prepared]="generic plans that touch no table" [pooled]="a session without a transaction"
)
declare -A asks=(
	[committed]=$everything [repeatable]=$everything [tableless]=$functions
	[generic]= [prepared]= [pooled]=$everything
)
for i in "${!table_queries[@]}"; do
	asks[generic]+="EXECUTE q$i;"
done
for i in "${!function_queries[@]}"; do
	asks[prepared]+="EXECUTE q$i;"
done
assume="SELECT ambit.assume('music', 'tess', 'web');"

for session in "${sessions[@]}"; do
	open_session $session "$standby" regress_standby_app
done
ask committed "BEGIN READ ONLY; $assume"
ask repeatable "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY; $assume"
ask tableless "BEGIN READ ONLY; $assume"
ask pooled "SELECT ambit.assume('music', 'tess', 'web', session => true);"
for session in generic prepared; do
	ask $session "SET plan_cache_mode = force_generic_plan;"
done
for i in "${!table_queries[@]}"; do
	ask generic "PREPARE q$i AS ${table_queries[i]};"
done
for i in "${!function_queries[@]}"; do
	ask prepared "PREPARE q$i AS ${function_queries[i]};"
done
# The plans and locks are there before the savepoint, so going back to it keeps them.
for session in generic prepared; do
	ask $session "BEGIN READ ONLY; $assume ${asks[$session]} SAVEPOINT before;"
done
open_session reference "$primary" regress_standby_app

# The primary's answer to somebody new, and the one before it.
declare -A expected=() old=()
refer() {
	local what
	for what in everything tables functions; do
		old[$what]=${expected[$what]-}
		ask reference "BEGIN; $assume"
		ask reference "${!what}"
		expected[$what]=$answer
		ask reference "COMMIT;"
	done
}

# part SESSION: which part of it the session asks for.
part() {
	case $1 in
		tableless | prepared) echo functions ;;
		generic) echo tables ;;
		*) echo everything ;;
	esac
}

# as_expected NAME: every session answers what the primary does.
as_expected() {
	local session
	for session in "${sessions[@]}"; do
		ask $session "${asks[$session]}"
		check "$1: ${title[$session]}" same "${expected[$(part $session)]}"
	done
}

# see WHAT: every session answers what the primary does now, and that is new.  A
# generic plan that is older than the change and runs nevertheless may deny with
# 40001, not answer, and not do so again.
repeated=
see() {
	local session what
	for session in "${sessions[@]}"; do
		what=$(part $session)
		ask $session "${asks[$session]}"
		if [[ $session = generic || $session = prepared ]] && [[ $answer = "ERROR:  40001"* ]]; then
			repeated+="$1: ${title[$session]}"$'\n'
			ask $session "ROLLBACK TO before;"
			ask $session "${asks[$session]}"
		fi
		check "$1: ${title[$session]}" same_and_new "${expected[$what]}" "${old[$what]}"
		# so that the next change finds plans made since this one
		case $session in generic | prepared) ask $session "${asks[$session]}" ;; esac
	done
}

# change WHAT SQL
change() {
	do_it "$2"
	replayed
	refer
	see "$1"
}

# A plan made for nothing at all has nothing in it that could notice.
open_session nothing "$standby" regress_standby_app
ask nothing "PREPARE clients AS ${table_queries[0]}; BEGIN READ ONLY; SELECT ambit.assume('music', 'roleless');"
ask nothing "EXECUTE clients;"
check "without a role there is nothing" same $'clients|-\n'
do_it "SELECT ambit.assign_role('music', 'roleless', 'staff');"
replayed
ask nothing "EXECUTE clients;"
check "with one there is, or the plan asks to be tried again" eval '[[ $answer = *40001* || $answer = "clients|$(seq -s " " 20)"$'"'\\n'"' ]]'
ask nothing "ROLLBACK; BEGIN READ ONLY; SELECT ambit.assume('music', 'roleless'); EXECUTE clients;"
check "then there is" eval '[[ $answer = *"clients|$(seq -s " " 20)"* ]]'
close_session nothing

refer
as_expected "the same answers as on the primary"

# Rows of the application's follow the snapshot, here too.
do_it "INSERT INTO app.appointments VALUES (900, 'music', NULL, NULL, 2, 20, now());"
replayed
ask committed "${table_queries[0]};"
check "a new relationship shows" eval '[[ $answer = clients*\ 20* ]]'
ask repeatable "${table_queries[0]};"
check "but not under an old snapshot" eval '[[ $answer = clients* && $answer != *\ 20* ]]'
do_it "DELETE FROM app.appointments WHERE id = 900;"
replayed

change "a location moves away" "SELECT ambit.move_location('music', 'attic', 'south');"
change "it comes back" "SELECT ambit.move_location('music', 'attic', 'north');"
change "a feature is turned off" "SELECT ambit.set_feature('music', 'client_teacher_communication', false);"
change "and on again" "SELECT ambit.set_feature('music', 'client_teacher_communication', true);"
change "another leaves my group" "SELECT ambit.remove_from_group('music', 'strings', 'sam');"
change "a member's override takes" "SELECT ambit.set_member_permission('music', 'tess', 'clients.view', false);"
change "it is taken back" "SELECT ambit.set_member_permission('music', 'tess', 'clients.view', NULL);"
change "the tenant turns a cell off" "SELECT ambit.set_role_permission('music', 'staff', 'appointments.view', false);"
change "and back on" "SELECT ambit.set_role_permission('music', 'staff', 'appointments.view', true);"
change "other keys" "SELECT ambit.add_member('music', 'tess', '{\"staff\": \"5\", \"client\": \"14\"}');"
change "a role is revoked" "SELECT ambit.revoke_role('music', 'tess', 'limited_staff');"
do_it "BEGIN; SELECT ambit.revoke_role('music', 'tess', 'client'); PREPARE TRANSACTION 'revoke';"
replayed
ask tableless "$functions"
check "a revoke that is only prepared has no effect" same "${expected[functions]}"
change "a prepared revoke is committed" "COMMIT PREPARED 'revoke';"

# What ends by time: every session has asked while it held.
do_it "BEGIN; SELECT ambit.revoke_role('music', 'tess', 'staff', 'north');
	SELECT ambit.assign_role('music', 'tess', 'staff', 'north', valid_until => clock_timestamp() + interval '1.5 s'); COMMIT;"
replayed
for session in "${sessions[@]}"; do
	ask $session "${asks[$session]}"
done
do_it "SELECT pg_sleep(greatest(0.01, extract(epoch FROM max(valid_until) - clock_timestamp() + interval '10 ms'))) FROM ambit.assignment;"
refer
see "an assignment ends"

for session in generic prepared; do
	ask $session "SELECT count(*) > 0, bool_and(generic_plans > 0 AND custom_plans = 0) FROM pg_prepared_statements;"
	check "the plans were generic" same $'t|t\n'
done

# ---- promotion -------------------------------------------------------------

answers "$primary" writes >"$tmp/before"
check "the standby is promoted" as_server "$bindir/pg_ctl" -D "$("$root/script/cluster" dir "$standby")" -s -w promote
as_expected "the promotion changes nothing"
answers "$standby" writes >"$tmp/after"
check "everybody reads and writes as on the old primary" diff "$tmp/before" "$tmp/after"
check "somebody does write" [ "$(answer_of music:owner: 'client changes')" = 20 ]

# From here the old primary is another server; it takes the same changes.
# change_both WHAT SQL
change_both() {
	ask standby "$2"
	check "$1 on the new primary" eval '[[ $answer != *ERROR* ]]'
	do_it "$2"
	refer
	see "$1 after the promotion"
}
change_both "a role is assigned" "SELECT ambit.assign_role('music', 'tess', 'manager', 'south');"
change_both "every role goes" "DELETE FROM ambit.assignment WHERE tenant = 'music' AND user_id = 'tess';"
ask committed "COMMIT; BEGIN; SELECT ambit.assume('music', 'owner'); UPDATE app.clients SET name = name || '!'; SELECT count(*) FROM app.clients WHERE name LIKE '%!'; ROLLBACK;"
check "a session from before the promotion can write" same $'\n20\n'

close_sessions
cat >"$tmp/change.sql" <<'SQL'
SELECT ambit.create_tenant('opera', 'opus1');
SELECT ambit.add_member('opera', 'owner', '{"staff": "1"}');
SELECT ambit.assign_role('opera', 'owner', 'owner');
SELECT ambit.add_location('music', 'cellar', 'south');
SELECT ambit.drop_location('music', 'cellar');
SELECT ambit.change_role('music', 'lea', 'limited_staff', 'staff');
SELECT ambit.add_rule('app.attendance', 'delete', 'attendance.take') IS NOT NULL;
SELECT ambit.unprotect('app.attendance');
SELECT ambit._register_permission('standby.promoted');
SELECT ambit.bind_relationship('dependants', 'SELECT school AS tenant, guardian AS subject, id AS object FROM app.clients WHERE false');
SQL
for cluster in "$primary" "$standby"; do
	check "the model changes on the ${cluster##*-}" sql "$cluster" school -o /dev/null -f "$tmp/change.sql"
done
answers "$primary" writes >"$tmp/changed"
answers "$standby" writes >"$tmp/after"
check "everybody reads and writes alike after the changes" diff "$tmp/changed" "$tmp/after"
check "which have an effect" eval '! cmp -s "$tmp/before" "$tmp/changed"'
crash "$standby"
check "the new primary starts after a crash" start "$standby"
answers "$standby" writes >"$tmp/after"
check "and answers as before" diff "$tmp/changed" "$tmp/after"

echo "1..$n"
[ $bad = 0 ]
