#!/bin/bash
# doc/template.schema.json says what import_template() takes: what ships and what
# export_template() writes is valid by both, what is broken by both is not.
# Speaks TAP; the server is that of PGHOST, PGPORT and PGUSER (a superuser).
set -eu
cd "$(dirname "$0")/../.."
tmp=$(mktemp -d)
export PGDATABASE=ambit_schema
trap 'rm -rf "$tmp"; psql -X -q -d postgres -c "DROP DATABASE IF EXISTS ambit_schema" >/dev/null 2>&1' EXIT
sql() { psql -X -q -At -v ON_ERROR_STOP=1 "$@"; }

# the python that has jsonschema; the first in PATH may be another than Debian's
for python in python3 /usr/bin/python3 ''; do
	[ -n "$python" ] || { echo "no python3 has jsonschema: run script/setup test" >&2; exit 1; }
	! "$python" -c 'import jsonschema' 2>/dev/null || break
done

sql -d postgres -c "SET client_min_messages = error" -c "DROP DATABASE IF EXISTS ambit_schema" -c "CREATE DATABASE ambit_schema"
sql -c "CREATE EXTENSION ambit"
sql -c "SELECT to_json(ambit._administrative_functions())" >"$tmp/functions"
sql -c "SELECT jsonb_object_agg(t.template, ambit.export_template(t.template)) FROM ambit.template t" >"$tmp/exports"
sql -f - >"$tmp/differs" <<SQL
CREATE TABLE file (name text, model jsonb);
$(for f in src/templates/*.json; do printf 'INSERT INTO file VALUES ($f$%s$f$, $json$%s$json$);\n' "$f" "$(cat "$f")"; done)
SELECT coalesce(jsonb_object_agg(f.name, (SELECT count(*) FROM ambit.diff_template(f.model))), '{}') FROM file f;
SQL
status=0
"$python" test/doc/schema.py "$tmp" src/templates/*.json >"$tmp/tap" || status=$?
sed '/^#models /d' "$tmp/tap" | sed '$d'
n=$(tail -1 "$tmp/tap")

# what the server says of the same models
sed -n 's/^#models //p' "$tmp/tap" >"$tmp/models"
sql -f - >"$tmp/said" <<SQL
CREATE TABLE model (n serial, line jsonb);
\copy model (line) FROM '$tmp/models' WITH (FORMAT csv, DELIMITER E'\x01', QUOTE E'\x02')
SELECT CASE WHEN EXISTS (SELECT FROM ambit._template_errors(m.line->'model')) = (m.line->>'valid' = 'false') THEN 'ok ' ELSE 'not ok ' END
	|| $n + m.n || ' - the server agrees: ' || (m.line->>'name')
FROM model m ORDER BY m.n;
SQL
cat "$tmp/said"
echo "1..$((n + $(wc -l <"$tmp/said")))"
[ $status = 0 ] && ! grep -q '^not ok' "$tmp/said"
