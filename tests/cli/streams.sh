#!/bin/sh
# Streams that a queue of the wrong length or a starved worker would stop: all
# of them move, and lose nothing.
. "$(dirname "$0")/lib.sh"

# values COUNTER: of each point of the last run.
values() {
    grep -A 4 "\"$1\": {" out/result.json |
        sed -n 's/.*"value": \([0-9]*\).*/\1/p' >"$1"
    [ -s "$1" ] || complain "no counter $1"
}

# moves CONFIG ARG...: no segment is sent again, and shares are equal, at every
# point; so each connection moves.
moves() {
    expect 0 '' run "$@" --jobs 2 -o out
    values tcp_retransmitted_segs
    values jain_ppm
    awk '$1 > 0 {exit 1}' tcp_retransmitted_segs ||
        complain "$*: sent again: $(xargs <tcp_retransmitted_segs)"
    awk '$1 < 900000 {exit 1}' jain_ppm ||
        complain "$*: shares: $(xargs <jain_ppm)"
}

# Small messages make bursts of as many packets as a batch has pages.
cat >wire.json <<EOF
{
  "machine": "$root/configs/stacks/opteron-6274-2s-xen42.json",
  "guests": {"n": 2},
  "wires": {"n": 1},
  "cpus": {"max_exit_latency_ns": 5000},
  "workload": {"kind": "stream", "pattern": "to_wire"},
  "designs": [
    {"model": "xen_netback", "name": "copy", "params": {"tx": "copy"}},
    {"model": "xen_netback", "name": "map"},
    {"model": "hyper_switch"},
    {"model": "hyper_switch", "name": "lent", "params": {"zero_copy_tx": true}}
  ],
  "sweep": {"workload.payload_bytes": [512, 1024, 4096, 65536]},
  "run": {"duration_us": 10000, "warmup_us": 0, "replications": 1}
}
EOF
moves wire.json

# Pairs of guests without an idle CPU that would help.
moves "$root/configs/papers/hs-fig-pairs.json" --set run.memory=flat \
    --set run.warmup_us=4000 --set run.duration_us=8000 \
    --set run.replications=1

finish
