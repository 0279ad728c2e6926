#!/bin/sh
# Workloads of sockets: results do not depend on threads, and what ports saw
# is TCP without an error, for tshark too.
. "$(dirname "$0")/lib.sh"

cat >stream.json <<EOF
{
  "machine": "$root/configs/stacks/opteron-6274-2s-kvm.json",
  "guests": {"n": 2},
  "wires": {"n": 1},
  "workload": {"kind": "stream", "pattern": "to_wire"},
  "designs": [{"model": "kvm_vhost_net"}],
  "run": {"duration_us": 8000, "warmup_us": 0, "replications": 2}
}
EOF

expect 0 '' run stream.json -o jobs1 --jobs 1 --pcap-out captures
says 'payload_bps'
expect 0 '' run stream.json -o jobs2 --jobs 2
cmp jobs1/result.json jobs2/result.json || complain 'it depends on --jobs'

# What is not a trace needs none; what is one does.
expect 65 'there is no "traffic"' run stream.json --set workload.kind=trace
expect 65 'cannot send a trace' validate stream.json \
    --set guests.driver=fstack --set workload.kind=trace
expect 65 'nobody talks to anybody' validate stream.json \
    --set wires.n=0
expect 65 'would be fragmented' validate stream.json \
    --set workload.kind=udp --set workload.payload_bytes=1473
expect 65 'needs the highest rate to try' validate stream.json \
    --set search.kind=lossless

if command -v tshark >/dev/null && command -v mergecap >/dev/null; then
    mergecap -w both.pcapng captures/kvm_vhost_net-port0.pcapng \
        captures/kvm_vhost_net-port1.pcapng captures/kvm_vhost_net-port2.pcapng
    tshark -r both.pcapng >packets 2>/dev/null
    [ "$(wc -l <packets)" -gt 500 ] || complain 'tshark reads no packets'
    grep -q 'SYN, ACK.*WS=128' packets || complain 'no connection opens'
    # Whatever is wrong in sequence: losses are repaired in full view.
    tshark -r both.pcapng -Y '_ws.malformed || tcp.analysis.window_full ||
        tcp.analysis.ack_lost_segment || tcp.analysis.zero_window' \
        >wrong 2>/dev/null
    [ ! -s wrong ] || complain "TCP errors: $(head -5 wrong)"
    tshark -r both.pcapng -o tcp.check_checksum:TRUE \
        -o ip.check_checksum:TRUE -Y \
        'tcp.checksum.status == 0 || ip.checksum.status == 0' \
        >wrong 2>/dev/null
    [ ! -s wrong ] || complain "wrong checksums: $(head -5 wrong)"
fi
finish
