#!/bin/bash
# protocol.sh: plans and portals of the extended query protocol, made for one
# identity and run by another.  Speaks TAP; the server is that of PGHOST, PGPORT
# and PGUSER (a superuser who needs no password).
cd "$(dirname "$0")" || exit 1
db=ambit_protocol
role=regress_protocol_app
sql() { PGOPTIONS='-c client_min_messages=error' psql -X -q -v ON_ERROR_STOP=1 -d "$1" "${@:2}"; }

sql postgres -c "DROP DATABASE IF EXISTS $db" -c "DROP ROLE IF EXISTS $role" -c "CREATE DATABASE $db" -c "CREATE ROLE $role" || exit 1
sql $db -o /dev/null <<'SQL' || exit 1
CREATE EXTENSION ambit;
SELECT ambit._load_template('{
	"template": "t_protocol", "permissions": [{"key": "protocol.view"}], "roles": [{"role": "owner"}, {"role": "staff"}],
	"cells": [{"role": "owner", "permission": "protocol.view", "enabled": true, "entries": [{"scope": "all"}]},
		{"role": "staff", "permission": "protocol.view", "enabled": true, "entries": [{"scope": "own"}]}]}', false);
CREATE TABLE client (id integer PRIMARY KEY, tenant text, staff text, note text);
INSERT INTO client VALUES (1, 't', 's'), (2, 't', 's'), (3, 't', 'x'), (4, 't', 'x'), (5, 't', 'x'), (6, 'other', 's');
SELECT ambit.trust_application('regress_protocol_app');
SELECT ambit.create_tenant('t', 't_protocol'), ambit.create_tenant('other', 't_protocol');
SELECT ambit.add_member('t', m, '{"staff": "s"}'), ambit.assign_role('t', m, m) FROM unnest('{owner,staff}'::text[]) m;
SELECT ambit.protect('client', tenant => 'tenant', owner => 'staff');
SELECT ambit.add_rule('client', c, 'protocol.view') FROM unnest('{select,update}'::text[]) c;
GRANT SELECT, UPDATE ON client TO regress_protocol_app;
CREATE FUNCTION seen() RETURNS SETOF integer LANGUAGE plpgsql AS $$BEGIN RETURN QUERY SELECT id FROM client ORDER BY id; END$$;
SQL

PGDATABASE=$db python3 -B protocol.py $role
status=$?
sql postgres -c "DROP DATABASE $db WITH (FORCE)" -c "DROP ROLE $role"
exit $status
