"""Checks the schema of experiment files with an independent validator.

Usage: check_schema.py PRINT_SCHEMA CONFIG...

The schema must be valid itself, accept every config, and refuse what the
loader refuses.  Exits 77, which ctest counts as skipped, without the Python
module jsonschema.
"""
import copy
import json
import subprocess
import sys

try:
    from jsonschema import Draft202012Validator
except ImportError:
    sys.exit(77)

GOOD = {
    "machine": "m",
    "traffic": {"trace": "t.pcap", "frame_bytes": 0},
    "designs": [{"model": "stub_rich",
                 "params": {"locks": True, "mode": "copy"},
                 "set": {"guests.n_cpus": 2}}],
    "sweep": {"guests.n": [2, 4], "params.burst_pkts": [1]},
    "plots": [{"file": "a", "x": "design", "y": "delivered_pps",
               "kind": "bars"}],
}


def bad(change):
    """A copy of GOOD with one thing wrong."""
    config = copy.deepcopy(GOOD)
    change(config)
    return config


BAD = [
    bad(lambda c: c.pop("machine")),
    bad(lambda c: c["traffic"].pop("trace")),
    bad(lambda c: c.update(zzz=1)),
    bad(lambda c: c.update(guests={"n": 999})),
    bad(lambda c: c.update(guests={"n": "2"})),
    bad(lambda c: c["traffic"].update(frame_bytes=63)),
    bad(lambda c: c["traffic"].update(pacing="saturated")),
    bad(lambda c: c.update(designs=[])),
    bad(lambda c: c["designs"][0].update(model="none")),
    bad(lambda c: c["designs"][0]["params"].update(zzz=1)),
    bad(lambda c: c["designs"][0]["params"].update(mode="copi")),
    bad(lambda c: c["designs"][0]["params"].update(burst_pkts=65)),
    bad(lambda c: c["designs"][0]["set"].update({"run.seed": 1})),
    bad(lambda c: c["sweep"].update({"guests.zzz": [1]})),
    bad(lambda c: c["sweep"].update({"guests.n": []})),
    bad(lambda c: c["sweep"].update({"guests.n": [2, 2]})),
    bad(lambda c: c["plots"][0].pop("file")),
    bad(lambda c: c["plots"][0].update(kind="pie")),
    [],
]


def main():
    text = subprocess.run([sys.argv[1]], check=True,
                          stdout=subprocess.PIPE).stdout
    schema = json.loads(text)
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    validator.validate(GOOD)
    validator.validate({"extends": "x.json"})
    for config in BAD:
        if validator.is_valid(config):
            sys.exit("accepted: " + json.dumps(config))
    # The shipped configs name real models, of which this schema has none.
    schema["properties"]["designs"]["items"].pop("allOf")
    schema["properties"]["designs"]["items"]["properties"]["model"].pop("enum")
    for path in sys.argv[2:]:
        with open(path, encoding="utf-8") as file:
            Draft202012Validator(schema).validate(json.load(file))


main()
