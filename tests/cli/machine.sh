#!/bin/sh
# "vswsim machine" against a golden output.  VSW_UPDATE=1 writes it anew.
. "$(dirname "$0")/lib.sh"

golden=$root/tests/golden/machine-opteron.txt
opteron=$root/configs/machines/opteron-6274-2s.json

expect 0 '' machine show "$opteron"
if [ -n "${VSW_UPDATE-}" ]; then
    cp stdout "$golden"
fi
diff -u "$golden" stdout || complain 'machine show is not as it was'
if awk 'length > 79' stdout | grep .; then
    complain 'lines longer than 79'
fi

# A stack shows its costs, each with where it comes from.
expect 0 '' machine show "$root/configs/stacks/xeon-e5-2690v3-dpdk.json"
says '`-- node 0: cpus 0-11; L3 30 MiB; 4 memory channels, 68.3 GB/s'
says 'vring_avail      185 tsc_cycles   167 to 203       calibrated comp'
says 'Per batch: read the available index and descriptors'
says 'Calibrated from: zcopy.table2.batch1.phase1,'
if awk 'length > 79' stdout | grep .; then
    complain 'lines longer than 79'
fi

# By name, as experiments name them.
cp -r "$root/configs" .
expect 0 '' machine show generic-server-dpdk
says 'generic-server-dpdk: Generic two-socket server with DPDK vhost'
expect 0 '' machine list
says '  generic-server-dpdk    Generic two-socket server with DPDK vhost'
says '  xeon-w3520             Intel Xeon W3520'
awk '/^Hardware/ { exit } { print }' stdout | grep -q '^  xeon-w3520 ' &&
    complain 'hardware listed among stacks'

# A file that is wrong is told and does not hide the others.
echo '{"title": "Bad"}' >configs/machines/bad.json
expect 65 'bad.json:1:1: "cpu" is missing' machine list
says '  xeon-w3520             Intel Xeon W3520'

expect 65 'try "xeon-w3520"; found ' machine show xeon-w3521
expect 66 'nosuch.json' machine show ./nosuch.json
expect 64 'missing operand' machine show
expect 64 '"machine" needs another word: machine list, machine show' machine
sed 's/"value": 100,/"value": 106,/' "$opteron" >hot.json
expect 65 '"memory.latency_ns" is 106 ns, outside its range of 95 to 105' \
    machine show ./hot.json
grep -qF '(source: No primary number that was read' stderr ||
    complain "no source in: $(cat stderr)"
finish
