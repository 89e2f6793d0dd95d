#!/bin/bash
# dump.sh: a dump of a database that ambit protects, restored into a new cluster,
# answers everybody as the old one does: the same rows, permissions, scopes,
# writes, permissions pages and administration.  Plain and custom format; then
# both go on changing alike.
. "$(dirname "$0")/../../script/lib.sh"
. "$(dirname "$0")/../tap.bash"
cd "$root/test/dump"
find_postgres

old=${TEST_CLUSTER:-test}
new=$old-restored
tmp=$(mktemp -d)
trap '"$root/script/cluster" drop "$new"; rm -rf "$tmp"' EXIT
"$root/script/cluster" start "$old"
"$root/script/cluster" drop "$new"
"$root/script/cluster" start "$new"

# at CLUSTER COMMAND...: runs a client program against that cluster.
at() (
	eval "$("$root/script/cluster" env "$1")"
	shift
	"$@"
)

# sql CLUSTER DATABASE ARGUMENT...
sql() {
	local cluster=$1 database=$2
	shift 2
	at "$cluster" psql -X -q -At -v ON_ERROR_STOP=1 -d "$database" "$@"
}

# questions: everything that somebody may ask or try, for every kind of user.
questions() {
	local tenant user channel who
	echo '\set ON_ERROR_STOP off'
	echo '\set ON_ERROR_ROLLBACK on'
	echo '\set VERBOSITY terse'
	echo 'SET ROLE regress_dump_app;'
	while IFS=: read -r tenant user channel; do
		who="$tenant:$user:$channel"
		echo "BEGIN;"
		case $tenant in
			'') ;;
			*) echo "SELECT ambit.assume('$tenant', $([ -n "$user" ] && echo "'$user'" || echo NULL)$([ -z "$channel" ] || echo ", '$channel'"));" ;;
		esac
		cat <<-SQL
			\\echo == $who
			SELECT '$who', 'clients', count(*), md5(string_agg(t::text, ',' ORDER BY id)) FROM app.clients t;
			SELECT '$who', 'appointments', count(*), md5(string_agg(id::text, ',' ORDER BY id)) FROM app.appointments t;
			SELECT '$who', 'attendance', count(*), md5(string_agg(id::text, ',' ORDER BY id)) FROM app.attendance t;
			SELECT '$who', 'comments', count(*), md5(string_agg(id::text, ',' ORDER BY id)) FROM app.comments t;
			SELECT '$who', 'people', count(*), count(phone), count(digits), md5(string_agg(t::text, ',' ORDER BY id)) FROM app.people_masked t;
			SELECT '$who', 'names', count(name) FROM app.people;
			SELECT '$who', 'roles', ambit.current_roles();
			SELECT '$who', 'modules', string_agg(m, ' ' ORDER BY m) FROM ambit.visible_modules() m;
			SELECT '$who', 'visible', count(*), md5(string_agg(c, ',' ORDER BY c COLLATE "C")) FROM ambit.visible_clients() c;
			SELECT '$who', key, ambit.has_permission(key::ambit.permission),
				ambit.has_permission_at(key::ambit.permission, 'north'), ambit.has_permission_at(key::ambit.permission, 'south'),
				ambit.has_permission(key::ambit.permission, 'limited'), ambit.has_permission(key::ambit.permission, 'manager'),
				ambit.permission_scopes(key::ambit.permission), ambit.permission_targets(key::ambit.permission)
			FROM app.permission_keys ORDER BY key COLLATE "C";
			SAVEPOINT try;
			WITH w AS (UPDATE app.clients SET name = name || '!' RETURNING id) SELECT '$who', 'client changes', count(*) FROM w;
			ROLLBACK TO try;
			WITH w AS (UPDATE app.appointments SET starts_at = starts_at + interval '1 hour' RETURNING id) SELECT '$who', 'reschedules', count(*) FROM w;
			ROLLBACK TO try;
			WITH w AS (UPDATE app.attendance SET present = NOT present RETURNING id) SELECT '$who', 'attendance taken', count(*) FROM w;
			ROLLBACK TO try;
			WITH w AS (DELETE FROM app.appointments RETURNING id) SELECT '$who', 'deletes', count(*) FROM w;
			ROLLBACK TO try;
			INSERT INTO app.appointments VALUES (1000, 'music', 'north', 4, 1, '2000-01-01');
			ROLLBACK TO try;
			INSERT INTO app.comments VALUES (1000, 'music', 4, 1, 'client', 'new');
			ROLLBACK TO try;
			TRUNCATE app.comments;
			ROLLBACK TO try;
			SELECT count(phone) FROM app.people;
			ROLLBACK TO try;
			WITH w AS (UPDATE app.people SET phone = 'new' RETURNING id) SELECT '$who', 'phone changes', count(*) FROM w;
			ROLLBACK TO try;
			WITH w AS (UPDATE app.people SET email = 'new' RETURNING id) SELECT '$who', 'mail changes', count(*) FROM w;
			ROLLBACK TO try;
			INSERT INTO app.people VALUES (1000, 'music', 4, 'new', 'new');
			ROLLBACK TO try;
			INSERT INTO app.people VALUES (1000, 'music', 4, 'new', 'none', 'new');
			ROLLBACK;
		SQL
	done <<-WHO
		::
		music::
		music::web
		music:owner:
		music:manager:
		music:manager north:
		music:staff:web
		music:limited:
		music:limited:mobile
		music:limited strings:
		music:limited other:
		music:limited self:
		music:guardian:web
		music:client:
		music:roleless:
		music:nobody:
		dance:owner:
		dance:limited:
		dance::
		theatre:owner:
	WHO
}
questions >"$tmp/questions.sql"

# answers CLUSTER DATABASE: what they answer, refusals and errors included.
answers() {
	local questions
	for questions in "$tmp/questions.sql" products_ask.sql; do
		at "$1" psql -X -q -At -d "$2" -f "$questions" 2>&1 | sed 's/^psql:[^ ]*: //'
	done
}

# dumped CLUSTER DATABASE: its dump as text, without what is new in every dump, and
# sorted: the place of a row depends on what was deleted before it.
dumped() {
	at "$1" pg_dump -d "$2" 2>/dev/null | sed '/^\\\(un\)\{0,1\}restrict /d' | sort
}

# dump ARGUMENT...: of the old database.  pg_dump warns that locations refer to
# locations; a COPY of them restores in any order.
dump() {
	at "$old" pg_dump -d school "$@" 2>"$tmp/dump.log" || {
		cat "$tmp/dump.log"
		return 1
	}
}

# The rows of ambit's tables refer to each other, and pg_restore -j does not order
# the rows of an extension's tables: data restore one at a time.
restore_plain() {
	dump -f "$tmp/plain.sql" &&
		sql "$new" postgres -c 'CREATE DATABASE plain' &&
		sql "$new" plain -f "$tmp/plain.sql" >/dev/null
}

restore_custom() {
	dump -Fc -f "$tmp/custom.dump" &&
		sql "$new" postgres -c 'CREATE DATABASE custom' &&
		at "$new" pg_restore --exit-on-error -d custom "$tmp/custom.dump"
}

count_of() {
	sed -n "s/^$1|$2|\([0-9]*\).*/\1/p" "$tmp/before"
}

# cell FILE TENANT PERMISSION ROLE: as the permissions page in those answers has it.
cell() {
	grep -F "|$3|$4|" "$1" | sed -n "s/^matrix|$2|.*|\([^|]*\)|[0-9]*$/\1/p"
}

# outcome START: of the call in the first answers that begins so, as the next check has it.
outcome() {
	answer=$(awk -v start="call $1" 'index($0, start) == 1 { sub(/.* -> /, ""); print }' "$tmp/before")
}

sql "$old" postgres -c 'SET client_min_messages = warning' -c 'DROP DATABASE IF EXISTS school' -c 'DROP ROLE IF EXISTS regress_dump_app, regress_dump_admin' -c 'CREATE DATABASE school'
check "the school loads" sql "$old" school -f school.sql
check "tenants of other products load" sql "$old" school -f products.sql
answers "$old" school >"$tmp/before"

# That the answers are worth comparing.
check "no identity sees no client" [ "$(count_of :: clients)" = 0 ]
check "an owner sees every client of the school" [ "$(count_of music:owner: clients)" = 30 ]
check "an owner sees no client of another school" [ "$(count_of dance:owner: clients)" = 10 ]
check "rows follow their parent's" [ "$(count_of music:owner: attendance)" = "$(count_of music:owner: appointments)" ]
limited=$(sql "$old" school -c "SELECT count(DISTINCT client_id) FROM app.appointments WHERE school = 'music' AND staff_id = 2 AND starts_at BETWEEN now() - interval '15 days' AND now() + interval '15 days'") || limited=0
check "limited staff see the clients that they served" [ "$(count_of 'music:limited other:' clients)" = "$limited" ]
check "they see the fields that the school marked, and no others" grep -q "^music:limited other:|people|$limited|$limited|0|" "$tmp/before"
check "an owner sees all fields" grep -q '^music:owner:|people|30|30|30|' "$tmp/before"
check "there are such clients, and others" [ "$limited" -gt 0 -a "$limited" -lt 30 ]
check "somebody holds a permission" grep -q '|t|' "$tmp/before"
check "every table of the model is dumped, and has rows here" [ "$(sql "$old" school -f tables.sql)" = "" ]
check "a module that follows has what its level has" [ "$(cell "$tmp/before" hub space.resources.delete follows)" = all ]
check "a module that stands alone has what was changed in it" [ "$(cell "$tmp/before" hub community.members.import alone)" = all ]
outcome "hub oda create_role(\$, 'new', NULL, '{\"community"
check "an own role is made by who may" eval '[[ $answer = done* ]]'
outcome "hub carla create_role(\$, 'new', NULL, '{\"community"
check "and by nobody else" eval '[[ $answer = 42501*settings.custom_roles.manage* ]]'
outcome "hub oda add_member(\$, 'thief', '{\"staff\": \"9\""
check "a removed member's keys are nobody else's" eval '[[ $answer = 42501*"one who was a member"* ]]'
outcome "pets adam remove_member(\$, 'oscar'"
check "an owner admin is out of reach" eval '[[ $answer = 42501* ]]'
check "somebody may assign roles, and not all" eval 'grep -q "^may assign pets adam staff to tina" "$tmp/before" && ! grep -q "^may assign pets [a-z]* owner_admin" "$tmp/before"'
check "an administrator creates tenants" grep -q '^administrator|$' "$tmp/before"

# signed by the keys of school.sql for the owner of music
kept=eyJhbGciOiJIUzI1NiIsImtpZCI6ImtlcHQifQ.eyJzdWIiOiJvd25lciIsInRlbmFudCI6Im11c2ljIiwiZXhwIjo0MTAyNDQ0ODAwfQ.OUivclx0vsdEoYI512M3_ZIgtyAqQPDpTplAvrGXXrE
left=eyJhbGciOiJIUzI1NiIsImtpZCI6ImxlZnQifQ.eyJzdWIiOiJvd25lciIsInRlbmFudCI6Im11c2ljIiwiZXhwIjo0MTAyNDQ0ODAwfQ.kQMOy7ZVXXkmy2x7Numnaa2_Y5QfydG6AC5ooX3jRpk

# login CLUSTER DATABASE TOKEN: who that is
login() {
	at "$1" psql -X -q -At -d "$2" -c "SELECT ambit.current_user_id() FROM ambit.login('$3')" 2>&1
}

# mapped CLUSTER DATABASE: who the role that school.sql maps is
mapped() {
	at "$1" psql -X -q -At -d "$2" -c 'SET SESSION AUTHORIZATION regress_dump_app; SELECT ambit.current_tenant(), ambit.current_user_id()'
}
check "tokens of both keys are good" eval '[[ $(login "$old" school $kept) = owner && $(login "$old" school $left) = owner ]]'
check "a role is a member" eval '[ "$(mapped "$old" school)" = "dance|owner" ]'

order="SELECT key FROM ambit.permission_key ORDER BY key::ambit.permission USING OPERATOR(ambit.<)"
check "roles restore" eval 'at "$old" pg_dumpall --roles-only | grep -v "ROLE postgres\b" >"$tmp/roles.sql" && sql "$new" postgres -f "$tmp/roles.sql"'
check "a plain dump restores" restore_plain
check "a custom dump restores" restore_custom
dumped "$old" school >"$tmp/dump-old"
for database in plain custom; do
	answers "$new" $database >"$tmp/after"
	check "$database: the same answers" diff "$tmp/before" "$tmp/after"
	dumped "$new" $database >"$tmp/dump-new"
	check "$database: permissions keep their order" diff <(sql "$old" school -c "$order") <(sql "$new" $database -c "$order")
	check "$database: the same dump" diff "$tmp/dump-old" "$tmp/dump-new"
	check "$database: a token of the key that was to be dumped is good" eval '[[ $(login "$new" $database $kept) = owner ]]'
	check "$database: the other key was left out" eval '[[ $(login "$new" $database $left) = *"token refused"* ]]'
	check "$database: a role is a member" eval '[ "$(mapped "$new" $database)" = "dance|owner" ]'
done

check "the model changes" sql "$old" school -f change.sql -f products_change.sql
answers "$old" school >"$tmp/changed"
check "the change shows" eval '! cmp -s "$tmp/before" "$tmp/changed"'
for database in plain custom; do
	check "$database: the model changes" sql "$new" $database -f change.sql -f products_change.sql
	answers "$new" $database >"$tmp/after"
	check "$database: a level's change reaches who follows it" [ "$(cell "$tmp/after" hub community.members.edit follows)" = "off (toggle)" ]
	check "$database: also in the other module of a role" [ "$(cell "$tmp/after" hub space.resources.edit alone)" = "off (toggle)" ]
	check "$database: and not the module that stands alone" [ "$(cell "$tmp/after" hub community.members.edit alone)" = all ]
	check "$database: a change taken back is as it was when the module ceased to follow" [ "$(cell "$tmp/after" hub community.members.delete alone)" = all ]
	check "$database: the same answers after the change" diff "$tmp/changed" "$tmp/after"
done
sql "$old" postgres -c 'DROP DATABASE school' -c 'DROP ROLE regress_dump_app, regress_dump_admin'

echo "1..$n"
[ $bad = 0 ]
