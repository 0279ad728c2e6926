#!/bin/sh
# The memory system has as many misses as cachegrind, on the accesses of a
# real program as lackey records them.  Skipped without valgrind.
#
# Usage: cachegrind.sh REPLAY PROGRAM
set -eu
replay=$1
program=$2
if ! command -v valgrind >/dev/null; then
    echo 'valgrind is not installed'
    exit 77
fi
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# Equal surroundings, so that the stack lies at equal addresses.
run() {
    env -i PATH="$PATH" LC_ALL=C valgrind --log-file="$tmp/log" "$@" \
        "$program" >"$tmp/stdout"
}

run --tool=lackey --trace-mem=yes
mv "$tmp/log" "$tmp/trace"
run --tool=cachegrind --cache-sim=yes --I1=4096,2,64 --D1=4096,4,64 \
    --LL=65536,8,64 --cachegrind-out-file="$tmp/cachegrind"
"$replay" "$tmp/trace" "$tmp/cachegrind"
