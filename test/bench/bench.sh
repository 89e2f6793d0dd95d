#!/bin/bash
# make bench in a tiny size: it runs through, all ways do the same and a way
# that does not is found, the page and the plot are written.  Speaks TAP; the
# server is that of PGHOST, PGPORT and PGUSER (a superuser).
set -u
cd "$(dirname "$0")/../.."
. test/tap.bash
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
export PGDATABASE=postgres BENCH=tiny BENCH_OUT=$tmp

check "it runs through" test/bench/run
page=$tmp/performance.md
cells() {
	local role query
	for query in page point count aggregate join notes insert update delete; do
		grep -q "^| limited staff (served) | $query | [a-z]* | [0-9.]* | [0-9.]* | \*\*[0-9.]*\*\* |" "$page" || { echo "no $query"; return 1; }
	done
	grep -c '5 statements, one role in turn | staff' "$page" | grep -qx 2
}
check "the page has all queries and requests" cells
other_parts() {
	grep -q 'UPDATE of five rows' "$page"
}
check "the page has the other measures" other_parts
nothing_local() {
	! grep -nE '(/tmp|/home|/root|/work|\.cluster)|\bnan\b|None|Traceback' "$page" "$tmp/performance.svg"
}
check "the page says nothing of a machine's paths, and nothing is missing" nothing_local
plot() {
	python3 -c 'import sys, xml.dom.minidom as m; svg = m.parse(sys.argv[1]); assert len(svg.getElementsByTagName("polyline")) == 12' "$tmp/performance.svg"
}
check "the plot is an SVG with a line for each way" plot

# found ROLE SQL: what SQL makes different for ROLE is found
found() {
	! BENCH_ROLES=$1 BENCH_BREAK=$2 python3 test/bench/booking.py tiny "$tmp/broken" 2>"$tmp/broken.log" && grep "for $1 the ways differ" "$tmp/broken.log"
}
check "rows that a policy shows in addition are found" \
	found staff "UPDATE by_hand.members SET role = 'owner' WHERE role = 'staff'"
check "a value that differs is found" \
	found owner "UPDATE by_ambit.invoices SET amount = amount + 1 WHERE id IN (SELECT min(id) FROM by_ambit.invoices GROUP BY tenant_id)"
check "a write that is refused is found" \
	found manager "SELECT ambit.drop_rule(rule) FROM ambit.rule WHERE relation = 'by_ambit.appointments'::regclass AND command = 'delete'"
psql -X -q -c 'SET client_min_messages = error' -c 'DROP DATABASE IF EXISTS ambit_bench_booking' \
	-c 'DROP ROLE IF EXISTS bench_hand, bench_initplan, bench_exists, bench_ambit' >"$tmp/log" 2>&1
echo "1..$n"
