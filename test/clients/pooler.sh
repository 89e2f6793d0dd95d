#!/bin/bash
# pooler.sh: 5,000 transactions of many people through PgBouncer in transaction
# mode, see pooler.js; test/clients/soak runs more of them.  SEED=1 is the seed.
# Speaks TAP; the server is that of PGHOST, PGPORT and PGUSER (a superuser).
. "$(dirname "$0")/setup.bash"
. test/clients/pooler.bash
soak "${TRANSACTIONS:-5000}" "${SEED:-1}"
