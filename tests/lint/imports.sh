#!/bin/sh
# The datapath library takes nothing from its surroundings but the C library's
# memory functions and assert(): no clock, no I/O, no allocator.
#
# Usage: imports.sh LIBRARY...     shared libraries or archives
set -eu
tmp=$(mktemp)
own=$(mktemp)
trap 'rm -f "$tmp" "$own"' EXIT

allowed='mem(cpy|move|set|cmp|chr)|str(len|cmp|ncmp|chr)|bsearch'
runtime='__assert_fail|__stack_chk_fail|__cxa_finalize|__gmon_start__|_ITM_.*'
runtime="$runtime|_GLOBAL_OFFSET_TABLE_"

# Symbols that the members of an archive take from each other do not count.
imports_of() {
    case $1 in
    *.a)
        nm --defined-only "$1" | awk 'NF == 3 { print $3 }' | sort -u >"$own"
        nm -u "$1" | awk '$1 == "U" { print $2 }' | sort -u |
            comm -23 - "$own"
        ;;
    *) nm -D -u "$1" | awk '{ print $NF }' | sed 's/@.*//' ;;
    esac
}

status=0
for library; do
    imports_of "$library" | grep -vxE "$allowed|$runtime" >"$tmp" || true
    if [ -s "$tmp" ]; then
        sed "s|^|$library imports |" "$tmp"
        status=1
    fi
done
exit $status
