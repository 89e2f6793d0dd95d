#!/bin/bash
# psycopg2.sh: psycopg2, see psycopg2_test.py.  Speaks TAP; the server is that of
# PGHOST, PGPORT and PGUSER (a superuser).
. "$(dirname "$0")/setup.bash"

# the python that has psycopg2; the first in PATH may be another than Debian's
for python in python3 /usr/bin/python3 ''; do
	[ -n "$python" ] || { echo "no python3 has psycopg2: run script/setup test" >&2; exit 1; }
	! "$python" -c 'import psycopg2' 2>/dev/null || break
done
"$python" -B test/clients/psycopg2_test.py
