# shellcheck shell=sh
# A small experiment for the tests that run one; read after lib.sh.

machine=$root/configs/stacks/xeon-e5-2690v3-dpdk.json
"$vswsim" trace gen --packets 2000 --flows 16 --ports 2 t.pcap ||
    complain 'no trace'
cat >small.json <<END
{
  "title": "Small",
  "machine": "$machine",
  "guests": {"n": 2, "n_cpus": 1},
  "traffic": {"trace": "t.pcap", "map": {"by": "mac"}, "pacing": "saturate"},
  "designs": [{"model": "dpdk_vhost"}, {"model": "zcopy_vhost"}],
  "sweep": {"traffic.frame_bytes": [64, 1518]},
  "run": {"duration_us": 300, "warmup_us": 50, "replications": 3},
  "plots": [{"file": "rate", "x": "traffic.frame_bytes", "y": "delivered_pps"}]
}
END
