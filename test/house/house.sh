#!/bin/bash
# house.sh: the checkout agrees with itself, and builds without a warning.
. "$(dirname "$0")/../../script/lib.sh"
. "$(dirname "$0")/../tap.bash"
cd "$root"
find_postgres

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
version=$(sed -n "s/^default_version *= *'\(.*\)'.*/\1/p" ambit.control)
script=ambit--$version.sql

meta_version() {
	[ "$(sed '/"meta-spec"/,$d' META.json | grep -c "\"version\": \"$version\.[0-9]*\"")" = 2 ]
}
check "META.json has the version of ambit.control" meta_version
check "CHANGELOG.md has a heading for it" grep -q "^## $version\b" CHANGELOG.md

guard() {
	[ "$(head -1 "$script")" = '\echo Use "CREATE EXTENSION ambit" to load this file. \quit' ]
}
check "the install script begins with the guard" guard

joined() {
	local f
	for f in src/*.sql src/templates/*.json; do
		[ ! -e "$f" ] || grep -qxF -- "$(grep -m1 . "$f")" "$script" ||
			grep -qF -- "\$ambit_json\$$(head -1 "$f")" "$script" || {
			echo "$f is not in $script"
			return 1
		}
	done
}
check "every part and template is in the install script" joined

no_replace() {
	! grep -niE '^[^-]*create +or +replace' src/*.sql
}
check "nothing is created OR REPLACE" no_replace

types_listed() {
	local missing
	missing=$(sed -nE 's/^\} ([A-Z][A-Za-z0-9]*);.*/\1/p; s/^typedef (struct|enum) [A-Za-z0-9]+ ([A-Z][A-Za-z0-9]*);.*/\2/p' src/*.[ch] |
		LC_ALL=C sort -u | LC_ALL=C comm -23 - typedefs.list)
	[ -z "$missing" ] || {
		echo "$missing"
		return 1
	}
}
check "typedefs.list has the types of the sources" types_listed

# The library calls its own functions, whatever others have loaded that have the same names.
bound() {
	readelf -d "$pkglibdir/ambit.so" | grep -w SYMBOLIC >/dev/null
}
check "the library's calls of its own are bound" bound

# Where it is not so linked, what the library exports but PostgreSQL does too would be PostgreSQL's.
exports() {
	nm -D --defined-only "$1" | awk '{ print $3 }' | sort -u
}
no_clash() {
	local both
	both=$(comm -12 <(exports "$pkglibdir/ambit.so") <(exports "$bindir/postgres"))
	[ -z "$both" ] || {
		echo "$both"
		return 1
	}
}
check "no function of the library has the name of one of PostgreSQL's" no_clash

# What the signature of a secret is compared with.
constant_time() {
	nm -D --undefined-only "$pkglibdir/ambit.so" | grep -w CRYPTO_memcmp >/dev/null
}
check "signatures are compared in constant time" constant_time

# Debian's client brings PGXS, and no header of the server.
headers_missed() {
	cat >"$tmp/pg_config" <<-EOF
		#!/bin/sh
		case \$1 in --bindir | --includedir-server) echo $tmp/none ;; *) exec "$PG_CONFIG" "\$@" ;; esac
	EOF
	chmod +x "$tmp/pg_config"
	said=$(PG_CONFIG=$tmp/pg_config script/setup build 2>&1) || true
	grep "missing.* postgresql-server-dev-$pgversion" <<<"$said"
}
check "setup sees that the server's headers are missing" headers_missed

compilers=$(for c in gcc clang $(sed -n 's/^CLANG *= *//p' "$(dirname "$pgxs")/../Makefile.global"); do
	command -v "$c" || true
done | xargs -rn1 readlink -f | sort -u)
mkdir "$tmp/tree"
cp -r Makefile ambit.control src "$tmp/tree"
compiles() {
	find "$tmp/tree" \( -name '*.o' -o -name '*.bc' -o -name '*.so' \) -delete
	make -s -j"$(nproc)" -C "$tmp/tree" CC="$1" COPT=-Werror with_llvm=no
}
unset MAKEFLAGS MFLAGS MAKELEVEL
for c in $compilers; do
	check "no warning from ${c##*/}" compiles "$c"
done

echo "1..$n"
[ $bad = 0 ]
