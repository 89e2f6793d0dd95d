#!/bin/bash
# postgraphile.sh: PostGraphile, see postgraphile_test.js.  Speaks TAP; the server
# is that of PGHOST, PGPORT and PGUSER (a superuser).
. "$(dirname "$0")/setup.bash"
NODE_PATH=$packages ADMIN=$superuser AMBIT_KEYS=$tmp node test/clients/postgraphile_test.js
