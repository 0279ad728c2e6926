#!/bin/sh
# The datapath library takes nothing from its surroundings but the C library's
# memory functions and assert(): no clock, no I/O, no allocator.
#
# Usage: imports.sh LIBRARY
set -eu
tmp=$(mktemp)
trap 'rm -f "$tmp"' EXIT

allowed='mem(cpy|move|set|cmp|chr)|str(len|cmp|ncmp|chr)|bsearch'
runtime='__assert_fail|__stack_chk_fail|__cxa_finalize|__gmon_start__|_ITM_.*'

nm -D -u "$1" | awk '{ print $NF }' | sed 's/@.*//' |
    grep -vxE "$allowed|$runtime" >"$tmp" || true
if [ -s "$tmp" ]; then
    sed "s|^|$1 imports |" "$tmp"
    exit 1
fi
