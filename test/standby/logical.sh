#!/bin/bash
# logical.sh: a logical subscriber's sessions hear of what its workers write into
# ambit's tables: rows, the first copy, TRUNCATE; from the next statement on.
. "$(dirname "$0")/../../script/lib.sh"
. "$(dirname "$0")/../tap.bash"
cd "$root"
find_postgres

cluster=${TEST_CLUSTER:-test}-logical
tmp=$(mktemp -d)
trap '"$root/script/cluster" drop "$cluster"; rm -rf "$tmp"' EXIT

# same NAME EXPECTED ANSWER: one test.
same() { is "$1" "$3" "$2"; }

"$root/script/cluster" drop "$cluster"
"$root/script/cluster" start "$cluster" wal_level=logical autovacuum=off
eval "$("$root/script/cluster" env "$cluster")"

# sql DATABASE COMMAND...
sql() {
	local database=$1 args=() command
	shift
	for command; do args+=(-c "$command"); done
	psql -X -q -At -v ON_ERROR_STOP=1 -d "$database" "${args[@]}"
}

template='SELECT ambit._load_template($$
	{"template": "logical", "features": {"chat": {}},
	"permissions": [{"key": "logical.see"}, {"key": "logical.chat"}],
	"roles": [{"role": "reader"}],
	"cells": [
		{"role": "reader", "permission": "logical.see", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "reader", "permission": "logical.chat", "enabled": true, "entries": [{"scope": "all", "feature": "chat"}]}]}$$, false)'
for database in publisher subscriber; do
	sql postgres "CREATE DATABASE $database"
	sql "$database" 'CREATE EXTENSION ambit' "$template" >/dev/null
done
sql publisher >/dev/null "SELECT ambit.create_tenant(t, 'logical'), ambit.add_member(t, 'u'), ambit.assign_role(t, 'u', 'reader') FROM unnest('{a,b}'::text[]) t" \
	"SELECT ambit.set_feature('a', 'chat', true)" \
	"CREATE PUBLICATION tenants FOR TABLE ambit.tenant, ambit.tenant_feature, ambit.tenant_cell, ambit.member" \
	"ALTER TABLE ambit.assignment REPLICA IDENTITY FULL" \
	"CREATE PUBLICATION assignments FOR TABLE ambit.assignment" \
	"SELECT pg_create_logical_replication_slot(s, 'pgoutput') FROM unnest('{tenants,assignments}'::text[]) s"

# One session that stays open, as the application would be.
coproc session { psql -X -q -At -d subscriber 2>&1; }
ask() {
	echo "$1" >&"${session[1]}"
	IFS= read -r -t 60 -u "${session[0]}" answer || answer="no answer"
}
holds="SELECT concat_ws(' ', ambit.has_permission('a', 'u', 'logical.see'), ambit.has_permission('a', 'u', 'logical.chat'), ambit.has_permission('b', 'u', 'logical.see'));"

# replayed SUBSCRIPTION: until it has what the publisher has committed.
replayed() {
	local lsn
	lsn=$(sql publisher 'SELECT pg_current_wal_insert_lsn()')
	for _ in $(seq 600); do
		[ "$(sql publisher "SELECT count(*) FROM pg_replication_slots WHERE slot_name = '$1' AND active AND confirmed_flush_lsn >= '$lsn'")" = 1 ] && return
		sleep 0.1
	done
	echo "# $1 is not replayed"
}
# copied SUBSCRIPTION: until its tables are copied.
copied() {
	for _ in $(seq 600); do
		[ "$(sql subscriber "SELECT count(*) FROM pg_subscription_rel r JOIN pg_subscription s ON s.oid = r.srsubid WHERE s.subname = '$1' AND r.srsubstate <> 'r'")" = 0 ] && return
		sleep 0.1
	done
	echo "# $1 is not copied"
}
subscribe() {
	sql subscriber "CREATE SUBSCRIPTION $1 CONNECTION 'host=$PGHOST port=$PGPORT user=$PGUSER dbname=publisher' PUBLICATION $1 WITH (create_slot = false, slot_name = '$1')" 2>/dev/null
	copied "$1"
	replayed "$1"
}

ask "$holds"
same "before there is anything" "f f f" "$answer"
subscribe tenants
ask "$holds"
same "tenants and members alone give nothing" "f f f" "$answer"
subscribe assignments
ask "$holds"
same "roles that the first copy brought hold" "t t t" "$answer"

# changes of a row each; they come one transaction at a time
sql publisher "SELECT ambit.set_feature('a', 'chat', false)" >/dev/null
replayed tenants
ask "$holds"
same "an update" "t f t" "$answer"
sql publisher "SELECT ambit.revoke_role('b', 'u', 'reader')" >/dev/null
replayed assignments
ask "$holds"
same "a delete" "t f f" "$answer"
sql publisher "SELECT ambit.assign_role('b', 'u', 'reader')" "SELECT ambit.set_feature('a', 'chat', true)" >/dev/null
replayed tenants
replayed assignments
ask "$holds"
same "an insert" "t t t" "$answer"
ask "BEGIN ISOLATION LEVEL REPEATABLE READ; $holds"
same "in a transaction" "t t t" "$answer"
sql publisher "UPDATE ambit.assignment SET role = 'other' WHERE tenant = 'a'"
replayed assignments
ask "$holds"
same "whatever its snapshot" "f f t" "$answer"
ask "COMMIT; $holds"
same "and afterwards" "f f t" "$answer"
sql publisher "TRUNCATE ambit.assignment"
replayed assignments
ask "$holds"
same "TRUNCATE" "f f f" "$answer"

echo '\q' >&"${session[1]}"
sql subscriber 'DROP SUBSCRIPTION tenants' 'DROP SUBSCRIPTION assignments' 2>/dev/null
echo "1..$n"
[ $bad = 0 ]
