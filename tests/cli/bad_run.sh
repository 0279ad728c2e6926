#!/bin/sh
# Each input or output that fails gives one error, and no half results.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/experiment.sh"

# no_result WHAT: a run that failed leaves no directory.
no_result() {
    [ ! -e out ] || complain "$1: left $(find out)"
    rm -rf out
}

expect 66 'missing.pcap' run small.json --set traffic.trace=missing.pcap
no_result 'missing trace'
expect 66 'is a directory' run small.json --set traffic.trace=.
no_result 'directory as trace'
: >empty.pcap
expect 65 'empty.pcap: is empty' run small.json --set traffic.trace=empty.pcap
no_result 'empty trace'
echo 'not a capture, not a capture' >foreign.pcap
expect 65 'foreign.pcap' run small.json --set traffic.trace=foreign.pcap
no_result 'foreign trace'
expect 65 'unknown key "seeed"' run small.json --set run.seeed=1
expect 65 'run.seed' run small.json --set run.seed=soon
expect 66 'missing.json' run missing.json
expect 64 'expected a number' run small.json --jobs 0
expect 64 'did you mean --jobs' run small.json --jbos 1
no_result 'wrong arguments'

# Hardware without a stack has no costs; none is taken for nothing.
expect 65 '"vring_empty", per poll: look at a ring' \
    run small.json --set "machine=$root/configs/machines/xeon-e5-2690v3.json"
no_result 'machine without costs'

# What only the sizes of packets tell, of a trace or of sockets.
cat >nic.json <<END
{
  "machine": "$root/configs/stacks/xeon-w3520-xen-classic.json",
  "guests": {"n": 2, "n_cpus": 1, "driver": "virtio_poll"},
  "traffic": {"trace": "t.pcap", "map": {"by": "mac"}, "pacing": "saturate"},
  "designs": [
    {"model": "snich", "params": {"form": "hardware",
                                  "dma_min_bytes": 3000}}
  ],
  "run": {"duration_us": 300, "warmup_us": 50, "replications": 1}
}
END
expect 65 'nic.json:7:52: dma_min_bytes is 3000, but no packet has more than' \
    run nic.json -o out
no_result 'threshold above the packets of the trace'
expect 65 'no packet has more than 646 bytes' run nic.json -o out \
    -s guests.driver=vf -s workload.kind=udp -s workload.payload_bytes=604
expect 65 '--set: dma_min_bytes is 1515, but no packet has more than 1514' \
    run nic.json -o out -s guests.driver=vf -s workload.kind=stream \
    -s workload.max_seg_bytes=0 -s params.dma_min_bytes=1515
no_result 'threshold above the segments of sockets'
expect 0 '' run nic.json -o out -s traffic.frame_bytes=3004
rm -rf out

# Other bad input of switches in NICs.
expect 65 'flow_rules is 0; expected an integer from 1' \
    run nic.json -o out -s params.flow_rules=0
expect 65 'more guests than contexts: the NIC has 1 virtual functions' \
    run nic.json -o out \
    -s 'designs=[{"model":"sriov","params":{"n_functions":1}}]'
printf '# No port.\n@10.0.0.1/32 0.0.0.0/0 10 : 5 0 : 9 0x00/0x00 deny\n' \
    >empty.acl
expect 65 'empty.acl:2:24: the port range is empty' run nic.json -o out \
    -s acl.source=file -s acl.file=empty.acl
no_result 'bad input of a NIC'

# Nothing arrives in the window, and a longer run would not help.
expect 0 '' run small.json -o none -s traffic.n_loops=1 \
    -s run.duration_us=90000 -s run.warmup_us=80000
says 'delivered no packets in its window'
rm -rf none

# A trace that was cut gives a result and says how many packets it had.
size=$(wc -c <t.pcap)
head -c $((size - 10)) t.pcap >cut.pcap
expect 0 '' run small.json -o cut --set traffic.trace=cut.pcap
says '1999'
grep -q 1999 cut/result.json || complain 'the result does not tell of the cut'

# Outputs.
: >file
expect 73 'file' run small.json -o file
expect 73 'file' run small.json -o file/dir
want_status=73
want_text='readonly'
mkdir readonly
chmod a-w readonly
if [ "$(id -u)" -eq 0 ]; then
    # Root may write anywhere unless it gives that up.  Another user would not
    # do: it cannot read a clone below /root.
    tame() {
        setpriv --bounding-set=-dac_override,-dac_read_search \
            --inh-caps=-dac_override,-dac_read_search "$@"
    }
    if tame "$vswsim" --version >/dev/null; then
        tame "$vswsim" run small.json -o readonly/dir >stdout 2>stderr
        judge $? 'a read-only directory'
    fi
else
    "$vswsim" run small.json -o readonly/dir >stdout 2>stderr
    judge $? 'a read-only directory'
fi

# A limit on the size of files stands for a full disk: too small for the
# result, then too small even for the decoded trace.
full_disk() {
    want_status=74
    want_text=$2
    (trap '' XFSZ; ulimit -f "$1"; "$vswsim" run small.json -o limited) \
        >stdout 2>stderr
    judge $? 'a full disk'
    [ -z "$(find limited -type f 2>/dev/null)" ] ||
        complain "a full disk: left $(find limited)"
}

cp t.pcap large.pcap
"$vswsim" trace gen --packets 20 --flows 2 --ports 2 t.pcap
full_disk 16 'limited'
cp large.pcap t.pcap
full_disk 16 'set TMPDIR to a directory with more room'

want_status=74
want_text='cannot write to standard output'
"$vswsim" run small.json -o full >/dev/full 2>stderr
judge $? 'a table to a full disk'
[ -s full/result.json ] || complain 'the result is lost with the table'
finish
