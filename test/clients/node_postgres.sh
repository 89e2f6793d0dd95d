#!/bin/bash
# node_postgres.sh: node-postgres, see node_postgres.js.  Speaks TAP; the server
# is that of PGHOST, PGPORT and PGUSER (a superuser).
. "$(dirname "$0")/setup.bash"
NODE_PATH=$packages ADMIN=$superuser node test/clients/node_postgres.js
