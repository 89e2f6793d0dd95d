#!/bin/bash
# The documents are true: the SQL of README.md, doc/*.md and doc/templates/*.md
# gives what they show, their links lead to files, doc/administration.md names
# the permissions that the templates name, and doc/reference.md is what the
# comments in the database say.
# Speaks TAP; the server is that of PGHOST, PGPORT and PGUSER (a superuser).
#
# Each document has a database of its own, and its blocks run in their order:
#
#   ```sql            must run without an error
#   ```sql error      must raise one
#   ```sql fragment   is not run
#   ```text           what the block above prints, or the end of it; CONTEXT is left out
#
cd "$(dirname "$0")/../.." || exit 1
work=$(mktemp -d) || exit 1
export PGDATABASE=postgres PAGER='' PGOPTIONS='-c client_min_messages=warning'
database=ambit_doc
n=0

report() { n=$((n + 1)); if [ "$1" = 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; sed 's/^/# /' "$3"; fi; }

# removes the database, and the roles that its document made
clean() {
	psql -X -q -c "DROP DATABASE IF EXISTS $database" || return
	psql -X -q -At -c "SELECT format('DROP ROLE %I;', rolname) FROM pg_roles" | sort >"$work/roles.now"
	[ ! -f "$work/roles" ] || comm -13 "$work/roles" "$work/roles.now" | psql -X -q
}
trap 'clean; rm -rf "$work"' EXIT

fresh() { clean && psql -X -q -c "CREATE DATABASE $database"; }

# one script of the blocks of a document, each between marks with its line; what is shown goes to want.LINE
split() {
	awk -v dir="$work" '
		/^```sql/ && $2 == "fragment" { next }
		/^```sql/ { sql = 1; line = NR; print "\\echo @@" line " " ($2 == "error" ? "error" : ""); print "\\set ON_ERROR_STOP " ($2 == "error" ? "off" : "on"); next }
		/^```text/ { text = 1; want = dir "/want." line; printf "" > want; next }
		/^```/ { sql = text = 0; next }
		sql { print }
		text { print > want }
	' "$1"
}

document() {
	local doc=$1 line kind
	rm -f "$work"/want.* "$work"/got.* "$work/errors"
	split "$doc" >"$work/script.sql"
	fresh
	psql -X -q -P pager=off -v SHOW_CONTEXT=never -d "$database" -f "$work/script.sql" >"$work/out" 2>&1
	report $? "$doc runs" "$work/out"
	awk -v dir="$work" '/^@@/ { got = dir "/got." substr($1, 3); printf "" > got; if ($2) print substr($1, 3) > (dir "/errors"); next } got { print > got }' "$work/out"
	sed -i -e 's/ *$//' -e '/^$/d' -e 's/^psql:[^ ]* //' "$work"/got.* "$work"/want.* 2>/dev/null
	for want in $(ls -v "$work"/want.* 2>/dev/null); do
		line=${want##*.}
		touch "$work/got.$line"
		tail -n "$(wc -l <"$want")" "$work/got.$line" | diff -u --label shown --label printed "$want" - >"$work/diff"
		report $? "$doc:$line prints what is shown" "$work/diff"
	done
	for line in $(cat "$work/errors" 2>/dev/null); do
		grep -q '^ERROR:' "$work/got.$line"
		report $? "$doc:$line raises an error" "$work/got.$line"
	done
}

psql -X -q -At -c "SELECT format('DROP ROLE %I;', rolname) FROM pg_roles" | sort >"$work/roles"
for doc in README.md doc/*.md doc/templates/*.md; do
	[ "$doc" = doc/reference.md ] || document "$doc"
done

for doc in README.md doc/*.md doc/templates/*.md; do
	grep -o '](\([^):# ]*\)' "$doc" | sed 's/^](//' | while read -r link; do
		[ -e "$(dirname "$doc")/$link" ] || echo "$doc: $link"
	done
done >"$work/links"
[ ! -s "$work/links" ]
report $? "links between the documents lead to files" "$work/links"

fresh
psql -X -q -d "$database" -c "CREATE EXTENSION ambit"
psql -X -q -At -d "$database" >"$work/administration" <<'SQL'
SELECT format('| `%s` | %s |', f, string_agg(coalesce('`' || a.permission::text || '`', ''), ' | ' ORDER BY t.template))
FROM unnest(ambit._administrative_functions()) f
CROSS JOIN ambit.template t
LEFT JOIN ambit.template_administration a ON a.template = t.template AND a.function = f
GROUP BY f
ORDER BY f COLLATE "C"
SQL
sed -n '/^| function | jrni /,/^$/p' doc/administration.md | grep '^| `' | diff -u - "$work/administration" >"$work/diff"
report $? "doc/administration.md has the permissions that the templates name" "$work/diff"
psql -X -q -At -d "$database" -c "SELECT DISTINCT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'ambit'::regnamespace" | LC_ALL=C sort >"$work/definer"
sed -n "/^## Functions that run as the extension's owner/,/^## What is tested/p" doc/security.md | sed -n 's/^| \(`.*`\) | [^`|]* | .*/\1/p' |
	grep -o '`[a-z_]*`' | tr -d '`' | LC_ALL=C sort | diff -u - "$work/definer" >"$work/diff"
report $? "doc/security.md names the SECURITY DEFINER functions" "$work/diff"
psql -X -q -At -d "$database" -c "SELECT oid::regprocedure FROM pg_proc WHERE prosecdef AND pronamespace = 'ambit'::regnamespace AND NOT coalesce('search_path=pg_catalog, pg_temp' = ANY (proconfig), false)" >"$work/diff"
[ ! -s "$work/diff" ]
report $? "each of them pins search_path" "$work/diff"
PGDATABASE=$database script/reference >"$work/reference"
diff -u doc/reference.md "$work/reference" >"$work/diff"
report $? "doc/reference.md is what script/reference prints" "$work/diff"
echo "1..$n"
