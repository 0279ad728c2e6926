#!/bin/sh
# What a config puts together: physical ports, CPUs, drivers, machines.
. "$(dirname "$0")/lib.sh"

cat >wires.json <<END
{"machine": "$root/configs/stacks/xeon-e5-2630v2-dpdk.json",
 "guests": {"n": 0},
 "wires": {"n": 2},
 "traffic": {"trace": "$root/traces/udp-small.pcap",
             "map": {"by": "pairs"}, "frame_bytes": 64},
 "designs": [{"model": "dpdk_ovs"}],
 "run": {"duration_us": 600, "warmup_us": 300, "replications": 1}}
END

# metric NAME: its value in out/result.json, which has one point.
metric() {
    grep -A2 "\"$1\"" out/result.json | grep -m1 -o '[0-9.][0-9.e+]*'
}

# A slow line carries what a line carries, 64 bytes in the time of 84: 1.488
# million packets a second each.
expect 0 '' run wires.json -o out -s wires.rate_bps=1000000000 --check
[ "$(metric delivered_pps | cut -c1-3)" -eq 297 ] ||
    complain "two lines of 1 Gbit/s carry $(metric delivered_pps) packets/s"
grep -q '"nic0.rx"' out/result.json || complain 'no NIC in the result'
rm -rf out

# A frame that needs more slots than are posted waits for them.
expect 0 '' run wires.json -o out -s guests.n=2 -s wires.n=0 \
    -s traffic.frame_bytes=65000 -s run.duration_us=2000 -s "designs=[{
    \"model\": \"vale_guests\",
    \"machine\": \"$root/configs/stacks/generic-server-netmap.json\"}]"
rm -rf out

expect 65 'has no physical ports' run wires.json -s 'wires.n=2' \
    -s 'designs=[{"model": "dpdk_vhost"}]'
expect 65 'nothing to switch' run wires.json -s wires.n=0
expect 65 '3 CPUs for the switch, but dpdk_ovs runs on 1' \
    run wires.json -s 'switch.pin=[0,1,2]'
expect 65 'CPU 6 is none of the 6 CPUs' run wires.json -s 'switch.pin=[6]'
expect 65 'wake_us is 9, more than the slice of 5' \
    run wires.json -s cpus.slice_us=5 -s cpus.wake_us=9
expect 65 'guests.driver' run wires.json -s guests.driver=virtio_pol

# A design may be on another machine; each has its own CPUs.
expect 65 'machine "xeon-e5-2630v2-dpdk" has 6' run wires.json \
    -s guests.n=8 -s wires.n=0
expect 0 '' validate wires.json -s guests.n=8 -s wires.n=0 -s "designs=[{
    \"model\": \"dpdk_vhost\",
    \"machine\": \"$root/configs/stacks/xeon-e5-2690v3-dpdk.json\"}]"
expect 66 'no-such-machine' validate wires.json \
    -s 'designs=[{"model": "dpdk_vhost", "machine": "./no-such-machine.json"}]'
finish
