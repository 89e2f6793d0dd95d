#!/bin/bash
# fuzz.sh: the kept corpus of the fuzz targets, once, with the sanitizers of gcc:
# whatever was found once stays fixed, and the targets build.  make fuzz goes on
# from there, with libFuzzer.
. "$(dirname "$0")/../../script/lib.sh"
. "$(dirname "$0")/../tap.bash"
cd "$root"
find_postgres
keep_state

targets=$(cd test/fuzz/corpus && printf '%s ' *)
out=$state/fuzz/gcc
mkdir -p "$out"

export ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1
unset MAKEFLAGS MFLAGS MAKELEVEL
check "the targets build with gcc" make -s -j"$(nproc)" -C test/fuzz CC=gcc OUT="$out"
for target in $targets; do
	check "$target: $(find "test/fuzz/corpus/$target" -type f | wc -l) inputs" "$out/$target" "test/fuzz/corpus/$target"/*
done

# a sanitizer that sees nothing proves nothing
overflows() {
	{ "$out/identity" --overflow 2>&1 || true; } | grep -q 'AddressSanitizer: heap-buffer-overflow'
}
check "the sanitizers are at work" overflows

echo "1..$n"
[ $bad = 0 ]
