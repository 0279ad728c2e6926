#!/bin/sh
# Host instructions per simulated packet, by callgrind: the difference of two
# durations, so that reading the trace and the config does not count.
#
# Usage: bench/packets/instructions.sh BENCH_PACKETS CONFIG [key.path=value]...
set -eu

bench=$1
shift
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

# Prints packets and instructions of a run of $1 microseconds.
measure() {
    us=$1
    shift
    valgrind --tool=callgrind --callgrind-out-file="$out/cg" \
        "$bench" "$@" run.replications=1 run.duration_us="$us" \
        >"$out/stdout" 2>"$out/stderr"
    pkts=$(awk '{ print $1 }' "$out/stdout")
    instructions=$(awk '/refs:/ { gsub(",", ""); print $NF }' "$out/stderr")
    echo "$pkts $instructions"
}

short=$(measure 6000 "$@")
long=$(measure 16000 "$@")
echo "$short $long" | awk '{
    printf "%.0f instructions per packet (%d packets)\n",
           ($4 - $2) / ($3 - $1), $3 - $1
}'
