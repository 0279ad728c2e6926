#!/bin/sh
# Reports, explanations, uncertainty, timelines and captures of a run; and the
# comparison with published results.
. "$(dirname "$0")/lib.sh"

config=$root/configs/papers/zcopy-single-core.json
set -- "$config" --set run.duration_us=400 --set run.warmup_us=200 \
    --set run.replications=2

expect 0 '' run "$@" -o plain
expect 0 '' run "$@" -o observed --explain --timeline timeline.json \
    --timeline-us 60 --pcap-out captures
says 'What limits each design'
says 'cpu0 (switch) is 100.0 % busy, saturated'
cmp plain/result.json observed/result.json ||
    complain 'an observer moved the result'

grep -q '"displayTimeUnit":"ns","traceEvents":' timeline.json ||
    complain 'no trace events'
for what in '"name":"cpu0 (switch)"' '"ph":"X"' '"ph":"s"' '"ph":"f"' \
    '"name":"zcopy_vhost"' '"name":"copy"'; do
    grep -qF "$what" timeline.json || complain "no $what in the timeline"
done
if command -v python3 >/dev/null; then
    python3 - <<'EOF' || complain 'slices of a track overlap, or no JSON'
import collections, json
tracks = collections.defaultdict(list)
for e in json.load(open("timeline.json"))["traceEvents"]:
    if e["ph"] == "X":
        tracks[e["pid"], e["tid"]].append((e["ts"], e["ts"] + e["dur"]))
assert len(tracks) >= 6
for slices in tracks.values():
    slices.sort()
    assert all(b[0] > a[1] - 1e-6 for a, b in zip(slices, slices[1:]))
EOF
fi

for design in dpdk_vhost zcopy_vhost; do
    for port in 0 1; do
        expect 0 '' trace info "captures/$design-port$port.pcapng"
        says 'max_frame_bytes                    64'
    done
    [ -s "captures/$design-dropped.pcapng" ] || complain 'no file of drops'
done
if command -v tshark >/dev/null; then
    tshark -r captures/zcopy_vhost-port1.pcapng -T fields \
        -e frame.time_epoch >times 2>/dev/null
    [ "$(wc -l <times)" -gt 100 ] || complain 'tshark reads no packets'
    grep -q '^0\.000[23]' times || complain 'times are not simulated ones'
fi

# Each drop has its reason, those of packets that never left included: nothing
# is before the window here, so a result counts the same.
expect 0 '' run "$root/configs/experiments/nic-deaf.json" -o deaf \
    --pcap-out drops --set run.duration_us=3500 --set run.warmup_us=0 \
    --set run.replications=1
if command -v tshark >/dev/null && command -v python3 >/dev/null; then
    for file in drops/*-dropped.pcapng; do
        printf '%s\n' "$file"
        tshark -r "$file" -T fields -e frame.comment 2>/dev/null
    done >comments
    python3 - <<'EOF' || complain 'comments and results tell different drops'
import collections, json, re
told, counted = collections.Counter(), collections.Counter()
for line in open("comments"):
    if line.startswith("drops/"):
        design = line[6:-len("-dropped.pcapng\n")]
    else:
        reason = re.fullmatch(r"dropped: (\w+), from port [0-2]\n", line)
        told[design, reason.group(1)] += 1
result = json.load(open("deaf/result.json"))
for point in result["points"]:
    design = result["designs"][point["design"]].replace(" ", "_")
    for reason, tally in point["packets"]["dropped"].items():
        counted[design, reason] += tally["pkts"]
assert +told == +counted, (told, counted)
assert {"tx_ring_full", "rx_ring_full", "no_buffer"} <= {r for _, r in told}
EOF
fi

expect 0 '' report plain -o page.html
grep -q '</html>' page.html || complain 'the page is not whole'
mkdir both && cp -r plain both/a && cp -r observed both/b
expect 0 '' report both
[ "$(grep -c '<h2>' both/report.html)" -eq 2 ] || complain 'not two results'
mkdir empty
expect 66 'result.json' report empty
expect 66 'nowhere' report nowhere

expect 0 '' run "$@" -o varied --uncertainty 4
says 'band of 4 samples'
expect 64 'uncertainty' run "$@" --uncertainty 1

expect 0 '' reproduce zcopy.table1 --quick --store "$root/configs/published" \
    -o reproduced
says 'zcopy.table1.dpdk.64'
says '4 hold, 0 miss'
for suffix in json csv md; do
    [ -s "reproduced/reproduce.$suffix" ] || complain "no $suffix"
done
sed 's/10\.04/20.04/' "$root/configs/published/results.json" >wrong.json
expect 1 '' reproduce zcopy.table1.dpdk.64 --quick \
    --store "$root/configs/published" --records wrong.json
says 'UNEXPECTED'
expect 64 'no record of' reproduce nosuch --store "$root/configs/published"
expect 66 'missing.json' reproduce --records missing.json \
    --store "$root/configs/published"
finish
