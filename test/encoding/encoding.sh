#!/bin/bash
# encoding.sh: the extension can be created in a database of any encoding, with
# every template; what the templates quote comes through where it can, and so
# do the claims of tokens, which are in UTF-8.  Speaks TAP; the server is that of PGHOST, PGPORT and PGUSER (a superuser).
. "$(dirname "$0")/../tap.bash"
export PGDATABASE=postgres
sql() { psql -X -q -At -v ON_ERROR_STOP=1 "$@" 2>&1; }

# HS256 by key "k\u00e9": sub "\u00e9va", as letters and as escape, and sub "\u4e2d"
letters=eyJhbGciOiJIUzI1NiIsImtpZCI6ImvDqSJ9.eyJzdWIiOiLDqXZhIiwidGVuYW50IjoidCIsImV4cCI6NDEwMjQ0NDgwMH0.YTV8uet0fFUdV1-4Xobh_d-baYne6gvpGLSP3KQXohI
escapes=eyJhbGciOiJIUzI1NiIsImtpZCI6ImvDqSJ9.eyJzdWIiOiJcdTAwZTl2YSIsInRlbmFudCI6InQiLCJleHAiOjQxMDI0NDQ4MDB9.DzM3ytyezS_XU2WOHNxAp5k8H4Rp44dp1dvGXv0Wxtk
elsewhere=eyJhbGciOiJIUzI1NiIsImtpZCI6ImvDqSJ9.eyJzdWIiOiLkuK0iLCJ0ZW5hbnQiOiJ0IiwiZXhwIjo0MTAyNDQ0ODAwfQ.rl4d1kYszlvHyzMOlzh-uwMambmwMR3JQNJ0js6CKMI

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
	# SQL_ASCII has no letters but ASCII's: it keeps the bytes, which are UTF-8
	case $encoding in LATIN1) eva=$'\xe9va' kid=$'k\xe9' ;; *) eva=$'\xc3\xa9va' kid=$'k\xc3\xa9' ;; esac
	printf "SELECT FROM ambit.create_tenant('t', 'workspace'), ambit.add_member('t', '%s'), ambit.assign_role('t', '%s', 'member'), ambit.add_signing_key('%s', 'HS256', 'a secret of exactly 32 bytes ...');" "$eva" "$eva" "$kid" |
		PGCLIENTENCODING=$encoding sql -d $db >/dev/null
	for token in "$letters" "$escapes"; do
		is "$encoding: a token's letters" "$(PGCLIENTENCODING=$encoding sql -d $db -c 'BEGIN' -c "SELECT FROM ambit.login('$token')" -c "SELECT ambit.current_user_id() = '$eva'" | tail -1)" t
	done
	is "$encoding: letters that nobody has" "$(sql -d $db -c "SELECT FROM ambit.login('$elsewhere')" | head -1)" "ERROR:  token refused"
done
sql -c "DROP DATABASE ambit_encoding"
echo "1..$n"
