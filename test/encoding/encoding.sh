#!/bin/bash
# encoding.sh: the extension can be created in a database of any encoding, with
# every template; what the templates quote comes through where it can.  Speaks
# TAP; the server is that of PGHOST, PGPORT and PGUSER (a superuser).
export PGDATABASE=postgres
n=0
# is NAME HAVE WANT
is() {
	n=$((n + 1))
	if [ "$2" = "$3" ]; then
		echo "ok $n - $1"
	else
		printf 'not ok %d - %s\n# have: %s\n# want: %s\n' "$n" "$1" "$2" "$3"
	fi
}
sql() { psql -X -q -At -v ON_ERROR_STOP=1 "$@" 2>&1; }

shipped=$(cd "$(dirname "$0")/../../src/templates" && echo *.json | sed 's/\.json//g')
for encoding in UTF8 LATIN1 SQL_ASCII; do
	db=ambit_encoding
	sql -c "SET client_min_messages = error" -c "DROP DATABASE IF EXISTS $db" -c "CREATE DATABASE $db TEMPLATE template0 ENCODING '$encoding' LOCALE 'C'"
	is "$encoding: CREATE EXTENSION" "$(sql -d $db -c 'CREATE EXTENSION ambit')" ""
	is "$encoding: every template is there" "$(sql -d $db -c "SELECT string_agg(template, ' ' ORDER BY template) FROM ambit.template WHERE shipped")" "$shipped"
	case $encoding in
	UTF8) want=$'\xe2\x80\x98My Teams\xe2\x80\x99 only' ;;
	*) want='?My Teams? only' ;;
	esac
	is "$encoding: what they quote" "$(PGCLIENTENCODING=$encoding sql -d $db -c "SELECT right(source, 15) FROM ambit.template_permission WHERE template = 'workspace' AND permission::text = 'teams.view'")" "$want"
done
sql -c "DROP DATABASE ambit_encoding"
echo "1..$n"
