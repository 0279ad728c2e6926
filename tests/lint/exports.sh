#!/bin/sh
# A shared library exports vsw_* and nothing else; the libraries together
# export all that the public headers mark with VSW_API.
#
# Usage: exports.sh ROOT LIBRARY...
set -eu
root=$1
shift
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
status=0

for library in "$@"; do
    nm -D --defined-only "$library" | awk '{ print $NF }' >"$tmp/names"
    if ! [ -s "$tmp/names" ]; then
        echo "$library exports nothing"
        status=1
    fi
    # Sanitizers add names of their own.
    if grep -vE '^(vsw_|__(asan|ubsan|odr_asan)|_init$|_fini$)' \
        "$tmp/names" >"$tmp/foreign"; then
        sed "s|^|$library exports |" "$tmp/foreign"
        status=1
    fi
    cat "$tmp/names" >>"$tmp/all"
done

# The name of what a declaration declares stands before its first
# parenthesis or bracket, or else before its semicolon.
cat "$root"/include/vswsim/*.h | awk '
    /^#/ { next }
    /VSW_API/ { text = ""; on = 1; sub(/.*VSW_API/, "") }
    on { text = text " " $0 }
    on && /;/ {
        sub(/[(;[].*/, "", text)
        sub(/ *$/, "", text)
        sub(/.*[ *]/, "", text)
        print text
        on = 0
    }' | sort -u >"$tmp/declared"
if ! [ -s "$tmp/declared" ]; then
    echo "no declaration with VSW_API was found"
    status=1
fi
sort -u "$tmp/all" | comm -23 "$tmp/declared" - >"$tmp/missing"
if [ -s "$tmp/missing" ]; then
    sed 's|$| is declared with VSW_API, but no library exports it|' \
        "$tmp/missing"
    status=1
fi
sort -u "$tmp/all" | grep '^vsw_' | comm -13 "$tmp/declared" - >"$tmp/secret"
if [ -s "$tmp/secret" ]; then
    sed 's|$| is exported, but no public header declares it|' "$tmp/secret"
    status=1
fi
exit $status
