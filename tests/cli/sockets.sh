#!/bin/sh
# Workloads of sockets: results do not depend on threads, and what ports saw
# is TCP without an error, for tshark too.
. "$(dirname "$0")/lib.sh"

# Payload of each direction of each connection in the capture $1.
payloads() {
    tshark -r "$1" -T fields -e ip.src -e tcp.srcport -e ip.dst \
        -e tcp.dstport -e tcp.len 2>/dev/null |
        awk '{n[$1 " " $2 " " $3 " " $4] += $5}
             END {for (i in n) if (n[i] > 0) print i, n[i]}' | sort
}

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

expect 65 'leave frame_bytes out' validate stream.json \
    --set workload.kind=trace --set traffic.trace=x.pcap \
    --set traffic.pacing=closed_loop --set traffic.frame_bytes=64
expect 65 'a traffic.pacing other than' validate stream.json \
    --set workload.kind=trace --set traffic.trace=x.pcap \
    --set traffic.pacing=closed_loop --set guests.driver=virtio_poll

# A limit of flows counts those of the trace, not the ones back to them.
cat >limited.json <<EOF
{
  "machine": "$root/configs/stacks/xeon-e5-2690v3-linux-ovs.json",
  "guests": {"n": 4},
  "traffic": {"trace": "$root/traces/kv-set.pcap", "map": {"by": "ip"},
              "pacing": "closed_loop", "n_loops": 1, "max_flows": 1},
  "designs": [{"model": "kvm_vhost_net"}],
  "run": {"duration_us": 2000, "warmup_us": 0, "replications": 1}
}
EOF
expect 0 '' run limited.json

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

    # With losses: what repairs them is in the capture, and nothing else.
    expect 0 '' run stream.json --set workload.pattern=from_wire \
        --set workload.n_connections=8 --set guests.ring_slots=64 \
        --set workload.rto_min_us=2000 --pcap-out lossy
    mergecap -w lossy.pcapng lossy/kvm_vhost_net-port?.pcapng
    tshark -r lossy.pcapng -Y 'tcp.analysis.fast_retransmission' \
        >again 2>/dev/null
    [ -s again ] || complain 'nothing was lost and sent again'
    tshark -r lossy.pcapng -o tcp.check_checksum:TRUE -Y '_ws.malformed ||
        tcp.analysis.ack_lost_segment || tcp.checksum.status == 0' \
        >wrong 2>/dev/null
    [ ! -s wrong ] || complain "TCP errors: $(head -5 wrong)"

    # A capture in closed loop: every connection carries, each way, the
    # payload that it had.
    cat >closed.json <<EOF
{
  "machine": "$root/configs/stacks/xeon-e5-2690v3-linux-ovs.json",
  "guests": {"n": 4},
  "traffic": {"trace": "$root/traces/kv-set.pcap", "map": {"by": "ip"},
              "pacing": "closed_loop", "n_loops": 1},
  "designs": [{"model": "kvm_vhost_net"}],
  "run": {"duration_us": 60000, "warmup_us": 0, "replications": 1}
}
EOF
    expect 0 '' run closed.json --pcap-out closed
    mergecap -w closed.pcapng closed/kvm_vhost_net-port?.pcapng
    payloads closed.pcapng >got
    payloads "$root/traces/kv-set.pcap" >want
    [ "$(wc -l <want)" -gt 100 ] || complain 'the capture has no payload'
    diff want got >differ || complain "payload differs: $(head -5 differ)"
    tshark -r closed.pcapng -Y 'tcp.analysis.flags' >wrong 2>/dev/null
    [ ! -s wrong ] || complain "TCP errors: $(head -5 wrong)"
fi
finish
