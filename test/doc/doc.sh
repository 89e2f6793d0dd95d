#!/bin/bash
# The documents are true: the SQL of README.md gives what README.md shows, and
# doc/reference.md is what the comments in the database say.  Speaks TAP; the
# server is that of PGHOST, PGPORT and PGUSER (a superuser).
cd "$(dirname "$0")/../.." || exit 1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
export PGDATABASE=postgres
n=0
fresh() { psql -X -q -c "SET client_min_messages = error" -c "DROP DATABASE IF EXISTS ambit_doc" -c "CREATE DATABASE ambit_doc" postgres; }
report() { n=$((n + 1)); if [ "$1" = 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; sed 's/^/# /' "$3"; fi; }

# one script of all blocks, each followed by a mark; what it prints is cut at the marks
awk -v dir="$work" '
	/^```sql/ { sql = 1; stop = ($2 == "error") ? "off" : "on"; blocks++; print "\\set ON_ERROR_STOP " stop; next }
	/^```text/ { text = 1; file = dir "/want." blocks; printf "" > file; next }
	/^```/ { if (sql) print "\\echo @@" blocks; sql = text = 0; next }
	sql { print }
	text { print > file }
' README.md >"$work/readme.sql"
fresh
PAGER='' psql -X -q -P pager=off -d ambit_doc -f "$work/readme.sql" >"$work/out" 2>&1
report $? "the SQL of README.md runs" "$work/out"
awk -v dir="$work" 'BEGIN { k = 1 } /^@@/ { k = substr($0, 3) + 1; next } { print > (dir "/got." k) }' "$work/out"
for want in "$work"/want.*; do
	k=${want##*.}
	touch "$work/got.$k"
	# the last lines: statements before the shown one may print as well
	sed -i -e '/^ *$/d' -e 's/^psql:[^ ]* //' "$work/got.$k" "$want"
	tail -n "$(wc -l <"$want")" "$work/got.$k" | diff -u "$want" - >"$work/diff"
	report $? "README.md shows what block $k prints" "$work/diff"
done
psql -X -q -c "DROP ROLE IF EXISTS school_app" -d ambit_doc >"$work/drop" 2>&1 || psql -X -q -d ambit_doc -c "DROP OWNED BY school_app; DROP ROLE school_app" >/dev/null 2>&1

fresh
psql -X -q -d ambit_doc -c "CREATE EXTENSION ambit"
PGDATABASE=ambit_doc script/reference >"$work/reference"
diff -u doc/reference.md "$work/reference" >"$work/diff"
report $? "doc/reference.md is what script/reference prints" "$work/diff"
psql -X -q -c "DROP DATABASE ambit_doc"
psql -X -q -c "DROP ROLE IF EXISTS school_app" >/dev/null 2>&1
echo "1..$n"
