# lib.sh: sourced by the scripts of this checkout: where PostgreSQL is, how to
# become root for what only root may do, and who runs a private server.
# shellcheck shell=bash

set -euo pipefail
export LC_ALL=C.UTF-8

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
state=$root/.cluster			# everything that the scripts keep
export PG_CONFIG=${PG_CONFIG:-pg_config}

# Whatever the caller's shell says about other servers does not hold here.
unset PGHOST PGHOSTADDR PGPORT PGUSER PGDATABASE PGPASSWORD PGPASSFILE PGSERVICE
unset PGSERVICEFILE PGOPTIONS PGSSLMODE PGREQUIREPEER PGCLIENTENCODING PGDATESTYLE PGTZ
unset PGAPPNAME PGTARGETSESSIONATTRS PGDATA

say() {
	echo "ambit: $*" >&2
}

die() {
	say "$*"
	exit 1
}

# as_root COMMAND...: runs it as root.
as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		die "root is needed for: $*"
	fi
}

# find_postgres: sets bindir, pkglibdir, sharedir, pgxs and pgversion from PG_CONFIG.
find_postgres() {
	bindir=$("$PG_CONFIG" --bindir) && pkglibdir=$("$PG_CONFIG" --pkglibdir) &&
		sharedir=$("$PG_CONFIG" --sharedir) && pgxs=$("$PG_CONFIG" --pgxs) &&
		pgversion=$("$PG_CONFIG" --version | sed 's/^PostgreSQL \([0-9]*\).*/\1/') ||
		die "cannot run $PG_CONFIG: run make setup, or say PG_CONFIG=..."
	export PATH=$bindir:$PATH
}

# find_clang: prints the name of a clang, if there is one; the newest unless one
# of them is the machine's.
find_clang() {
	command -v clang || compgen -c clang- | grep -x 'clang-[0-9]*' | sort -t- -k2n | tail -1 | grep .
}

# server_user: who runs the private servers; PostgreSQL refuses to run as root.
server_user() {
	if [ "$(id -u)" = 0 ]; then
		echo postgres
	else
		id -un
	fi
}

# as_server COMMAND...: runs it as server_user, in a directory that everybody may enter.
as_server() (
	cd /
	if [ "$(id -u)" = 0 ]; then
		runuser -u "$(server_user)" -- "$@"
	else
		"$@"
	fi
)

# keep_state: makes the directory of what the scripts keep.
keep_state() {
	mkdir -p "$state" 2>/dev/null && [ -w "$state" ] ||
		die "$(id -un) may not write $state: it belongs to $(stat -c %U "$state" 2>/dev/null || echo somebody else)"
	chmod 755 "$state"
}
