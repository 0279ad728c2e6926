#!/bin/sh
# Stored results become tables and figures again.
. "$(dirname "$0")/lib.sh"

cp "$root/tests/golden/synthetic-result.json" result.json
expect 0 '' plot result.json -o figures
says 'made up, not simulated'
n=$(grep -c '"file"' result.json)
[ "$n" -gt 0 ] || complain 'the result asks for no plots'
[ "$(find figures -name '*.svg' | wc -l)" -eq "$n" ] || complain 'SVG missing'
[ "$(find figures -name '*.png' | wc -l)" -eq "$n" ] || complain 'PNG missing'
for svg in figures/*.svg; do
    grep -q '</svg>' "$svg" || complain "$svg is not whole"
done

# By default they go beside the result.
expect 0 '' plot ./result.json
[ "$(find . -maxdepth 1 -name '*.svg' | wc -l)" -eq "$n" ] ||
    complain 'no figures beside the result'

expect 66 'missing.json' plot missing.json
echo '{}' >foreign.json
expect 65 'foreign.json' plot foreign.json
: >file
expect 73 'file' plot result.json -o file/dir

want_status=69
want_text='gnuplot'
PATH=/nonexistent "$vswsim" plot result.json >stdout 2>stderr
judge $? 'plot without gnuplot'
finish
