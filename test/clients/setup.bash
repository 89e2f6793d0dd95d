# setup.bash: sourced by the tests of clients, which begin in the checkout's
# root: the database ambit_clients with schema.sql and its signing keys, tokens,
# TAP.  The server is that of PGHOST, PGPORT and PGUSER (a superuser).
#
# The programs connect as regress_clients_app and make tokens with the secret
# AMBIT_SECRET of the key "hs"; keys "rs" and "es" are for RS256 and ES256.
# shellcheck shell=bash
set -u
export LC_ALL=C.UTF-8
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
. test/tap.bash
packages=$PWD/.cluster/clients/node_modules
superuser=${PGUSER:-postgres}
tmp=$(mktemp -d) || exit 1
export PGDATABASE=ambit_clients AMBIT_SECRET=lessons-are-at-nine-and-not-before-nine

# admin ARGUMENT...: psql as the superuser
admin() {
	PGUSER=$superuser PGOPTIONS='-c client_min_messages=warning' psql -X -q -At -v ON_ERROR_STOP=1 "$@"
}

drop_all() {
	admin -d postgres -c "DROP DATABASE IF EXISTS $PGDATABASE WITH (FORCE)" \
		-c "DROP ROLE IF EXISTS regress_clients_authenticator, regress_clients_app, regress_clients_server" \
		-c "DROP ROLE IF EXISTS regress_clients_person, regress_clients_other"
}

# at_exit is what a test adds
at_exit() { :; }
trap 'at_exit; drop_all; rm -rf "$tmp"' EXIT

openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$tmp/rs.key" 2>"$tmp/log" &&
	openssl pkey -in "$tmp/rs.key" -pubout -out "$tmp/rs.pem" &&
	openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$tmp/es.key" &&
	openssl pkey -in "$tmp/es.key" -pubout -out "$tmp/es.pem" || { cat "$tmp/log" >&2; exit 1; }
drop_all && admin -d postgres -c "CREATE DATABASE $PGDATABASE" && admin -f test/clients/schema.sql &&
	admin -o /dev/null -v secret="$AMBIT_SECRET" -v rs="$(cat "$tmp/rs.pem")" -v es="$(cat "$tmp/es.pem")" <<-'SQL' || exit 1
		SELECT ambit.add_signing_key('hs', 'HS256', :'secret');
		SELECT ambit.add_signing_key('rs', 'RS256', :'rs');
		SELECT ambit.add_signing_key('es', 'ES256', :'es');
	SQL
export PGUSER=regress_clients_app

base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }

# an ECDSA signature as ASN.1, made the 64 bytes of a JWS
raw_signature() {
	openssl asn1parse -inform DER | sed -n 's/.*INTEGER *://p' | perl -ne 'chomp; print pack("H64", substr("0" x 64 . $_, -64))'
}

# sign KID: the signature of standard input
sign() {
	case $1 in
		hs) openssl dgst -sha256 -hmac "$AMBIT_SECRET" -binary ;;
		rs) openssl dgst -sha256 -sign "$tmp/rs.key" -binary ;;
		es) openssl dgst -sha256 -sign "$tmp/es.key" -binary | raw_signature ;;
	esac
}

# token TENANT USER [SECONDS [KID]]: valid for so many seconds, signed with that key
token() {
	local kid=${4:-hs} signed
	signed=$(printf '{"alg":"%s256","typ":"JWT","kid":"%s"}' "$(echo "${kid%s}S" | tr a-z A-Z)" "$kid" | base64url)
	signed+=.$(printf '{"tenant":"%s","sub":"%s","exp":%d}' "$1" "$2" $(($(date +%s) + ${3:-60})) | base64url)
	echo "$signed.$(printf %s "$signed" | sign "$kid" | base64url)"
}
