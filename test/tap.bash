# tap.bash: sourced by the tests in shell, which speak TAP and end with
# echo "1..$n".
# shellcheck shell=bash
n=0
bad=0

# check NAME COMMAND...: one test; what the command prints explains a failure.
check() {
	local name=$1 log
	shift
	n=$((n + 1))
	if log=$("$@" 2>&1); then
		echo "ok $n - $name"
	else
		bad=$((bad + 1))
		echo "not ok $n - $name"
		[ -z "$log" ] || printf '%s\n' "$log" | sed -n '1,80s/^/# /p'
	fi
}

# is NAME HAVE WANT
is() {
	n=$((n + 1))
	if [ "$2" = "$3" ]; then
		echo "ok $n - $1"
	else
		bad=$((bad + 1))
		echo "not ok $n - $1"
		printf 'have: %s\nwant: %s\n' "$2" "$3" | sed 's/^/# /'
	fi
}
