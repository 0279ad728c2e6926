#!/bin/sh
# Each mistake in an experiment file is told with its place.
. "$(dirname "$0")/lib.sh"

expect 66 'missing.json' validate missing.json
expect 66 'Is a directory' validate .
: >empty.json
expect 65 'empty.json' validate empty.json
echo '{"machine": ' >cut.json
expect 65 'cut.json:' validate cut.json
printf '{\n  "machnie": "xeon-e5-2690v3-dpdk"\n}\n' >typo.json
expect 65 'typo.json:2:3: unknown key "machnie"; try "machine"' \
    validate typo.json
printf '{\n  "title": "x",\n  "run": {"seed": "seven"}\n}\n' >type.json
expect 65 'type.json:3:' validate type.json
grep -q '\^' stderr || complain 'no caret below the line'
finish
