# pooler.bash: sourced after setup.bash: PgBouncer with pgbouncer.ini before the
# server, reached by a unix socket only, until the test ends.  Database
# ambit_clients is in transaction mode with 4 server connections, ambit_session in
# session mode with one.
# shellcheck shell=bash
export POOLER_PORT=6432 POOLER_HOST=$tmp/pooler AMBIT_KEYS=$tmp ADMIN=$superuser
pgbouncer=$(command -v pgbouncer || echo /usr/sbin/pgbouncer)

# PgBouncer refuses to run as root
as_pooler() (
	cd / || exit 1
	if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
)

mkdir "$POOLER_HOST"
chmod 755 "$tmp" "$POOLER_HOST"
cat >"$POOLER_HOST/pgbouncer.ini" - test/clients/pgbouncer.ini <<-INI
	[databases]
	$PGDATABASE = host=$PGHOST port=$PGPORT dbname=$PGDATABASE
	ambit_session = host=$PGHOST port=$PGPORT dbname=$PGDATABASE pool_mode=session pool_size=1

INI
cat >>"$POOLER_HOST/pgbouncer.ini" <<-INI
	listen_port = $POOLER_PORT
	unix_socket_dir = $POOLER_HOST
	auth_type = trust
	auth_file = $POOLER_HOST/users
	admin_users = pooler
	logfile = $POOLER_HOST/log
	pidfile = $POOLER_HOST/pid
INI
printf '"%s" ""\n' regress_clients_app pooler >"$POOLER_HOST/users"
[ "$(id -u)" != 0 ] || chown -R postgres: "$POOLER_HOST"
as_pooler "$pgbouncer" -q -d "$POOLER_HOST/pgbouncer.ini" || { cat "$POOLER_HOST/log" >&2; exit 1; }

at_exit() {
	local pid
	pid=$(cat "$POOLER_HOST/pid" 2>/dev/null) || return 0
	as_pooler kill "$pid"
	while as_pooler kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
}

# soak TRANSACTIONS: pooler.js
soak() {
	NODE_PATH=$packages node test/clients/pooler.js "$@"
}
