#!/bin/bash
# follow.sh: a vendor changes a level; the modules of 1,000 tenants' own roles
# that follow it have the change at the next statement of a session that is
# open, and of those where a cell was changed none.  Speaks TAP; the server is
# that of PGHOST, PGPORT and PGUSER (a superuser).
. "$(dirname "$0")/../tap.bash"
export PGDATABASE=postgres
db=ambit_follow
sql() { psql -X -q -At -v ON_ERROR_STOP=1 "$@" 2>&1; }
# a session that stays open; its ends are copied, since a subshell lacks those of a coprocess
session() {
	coproc SESSION { PGOPTIONS='-c client_min_messages=error' psql -X -q -At -d "$db" 2>&1; }
	exec 7>&"${SESSION[1]}" 8<&"${SESSION[0]}"
}
# ask SQL: sends it to the open session and prints its answer, one line
ask() {
	local line
	printf '%s\n\\echo @@\n' "$1" >&7
	while IFS= read -r line <&8 && [ "$line" != @@ ]; do echo "$line"; done
}

sql -c "SET client_min_messages = error" -c "DROP DATABASE IF EXISTS $db" -c "CREATE DATABASE $db" -c "DROP ROLE IF EXISTS regress_follow_app" -c "CREATE ROLE regress_follow_app"
sql -d "$db" -o /dev/null <<'SQL' || exit 1
CREATE EXTENSION ambit;
SELECT ambit.trust_application('regress_follow_app');
SELECT ambit.create_tenant('t' || i, 'officernd') FROM generate_series(1, 1000) i;
SELECT ambit.create_role('t' || i, r, modules => '{"community": "center_manager", "space": "center_manager"}')
FROM generate_series(1, 1000) i, unnest('{untouched,changed}'::text[]) r;
SELECT c.* FROM generate_series(1, 1000) i, ambit.set_role_permission('t' || i, 'changed', 'community.members.import', true) c;
SELECT ambit.add_member('t' || i, r), ambit.assign_role('t' || i, r, r)
FROM generate_series(1, 1000) i, unnest('{untouched,changed}'::text[]) r;
SQL

# who, of all tenants' members, has the permission
count() {
	ask "SELECT string_agg(r || ' ' || n, ', ' ORDER BY r) FROM (
		SELECT r, count(*) FILTER (WHERE ambit.has_permission('t' || i, r, '$1')) AS n
		FROM generate_series(1, 1000) i, unnest('{untouched,changed}'::text[]) r GROUP BY r) x;" | tail -1
}
# what one member of the session's identity says
identity() {
	ask "BEGIN; SET LOCAL ROLE regress_follow_app; SELECT ambit.assume('t500', '$1');
		SELECT ambit.has_permission('community.companies.merge') || ' ' || ambit.has_permission('community.companies.edit') || ' ' || ambit.has_permission('space.resources.delete'); COMMIT;" | tail -1
}
session
is "before: nobody merges companies" "$(count community.companies.merge)" "changed 0, untouched 0"
is "before: all edit them" "$(count community.companies.edit)" "changed 1000, untouched 1000"
is "before: the one of t500 who follows" "$(identity untouched)" "false true false"
sql -d "$db" -o /dev/null <<'SQL'
SELECT ambit.import_template(jsonb_set(m, '{cells}', (
	SELECT jsonb_agg(CASE
		WHEN c->>'role' <> 'center_manager' THEN c
		WHEN c->>'permission' IN ('community.companies.merge', 'space.resources.delete') THEN c || '{"enabled": true, "entries": [{"scope": "all"}]}'
		WHEN c->>'permission' = 'community.companies.edit' THEN c || '{"enabled": false}'
		ELSE c END)
	FROM jsonb_array_elements(m->'cells') c)))
FROM ambit.export_template('officernd') m;
SQL
is "after: those who follow merge, those changed in that module do not" "$(count community.companies.merge)" "changed 0, untouched 1000"
is "after: those who follow edit no more, the others do" "$(count community.companies.edit)" "changed 1000, untouched 0"
is "after: the other module of both has the change" "$(count space.resources.delete)" "changed 1000, untouched 1000"
is "after: the one of t500 who follows" "$(identity untouched)" "true false true"
is "after: the one of t500 who does not, in that module" "$(identity changed)" "false true true"
printf '\\q\n' >&7
exec 7>&- 8<&-
wait
sql -c "DROP DATABASE $db" -c "DROP ROLE regress_follow_app"
echo "1..$n"
