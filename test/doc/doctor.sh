#!/bin/bash
# doc/doctor.md names the codes that doctor() can find, and each is tested:
# what sql/doctor.sql shows has "severity code: object" for it.  Speaks TAP.
cd "$(dirname "$0")/../.." || exit 1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

grep -oE '^\| `[a-z_]+` \| (error|warning|info)' doc/doctor.md | grep -oE '`[a-z_]+`' | tr -d '`' | sort >"$work/documented"
grep -oE '^(error|warning|info) [a-z_]+: ' expected/doctor.out | grep -oE ' [a-z_]+' | tr -d ' ' | sort -u >"$work/tested"
# what only PostgreSQL 17 has
sed -i '/^maintain_privilege$/d' "$work/documented" "$work/tested"

diff -u "$work/documented" "$work/tested" >"$work/diff"
if [ $? = 0 ]; then echo "ok 1 - doc/doctor.md names the codes that sql/doctor.sql finds"; else echo "not ok 1 - doc/doctor.md names the codes that sql/doctor.sql finds"; sed 's/^/# /' "$work/diff"; fi
[ -s "$work/documented" ]
if [ $? = 0 ]; then echo "ok 2 - there are some"; else echo "not ok 2 - there are some"; fi
echo "1..2"
