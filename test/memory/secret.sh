#!/bin/bash
# secret.sh: the secret of a signing key is in a backend's memory once, and not
# any more when the key is gone.  Speaks TAP; the server is that of PGHOST, PGPORT
# and PGUSER (a superuser), on this machine; skipped by those who may not look into
# its memory.
cd "$(dirname "$0")" || exit 1
db=ambit_memory
sql() { PGOPTIONS='-c client_min_messages=error' psql -X -q -v ON_ERROR_STOP=1 -d "$1" "${@:2}"; }

sql postgres -c "DROP DATABASE IF EXISTS $db" -c "CREATE DATABASE $db" && sql $db -c "CREATE EXTENSION ambit" || exit 1
PGDATABASE=$db python3 -B secret.py
status=$?
sql postgres -c "DROP DATABASE $db WITH (FORCE)"
exit $status
