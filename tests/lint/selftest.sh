#!/bin/sh
# Each check finds the violation it is there for: a copy of the sources gets
# one violation at a time.
#
# Usage: selftest.sh ROOT CC CXX
set -eu
root=$1
cc=$2
cxx=$3
lint=$root/tests/lint
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
status=0

copy() {
    rm -rf "$tmp/copy"
    mkdir -p "$tmp/copy"
    for dir in include src cli examples; do
        cp -R "$root/$dir" "$tmp/copy/"
    done
}

# expect WHAT MESSAGE COMMAND...: the command must fail and say MESSAGE.
expect() {
    what=$1
    message=$2
    shift 2
    if "$@" >"$tmp/output" 2>&1; then
        echo "not found: $what"
        status=1
    elif ! grep -qF -e "$message" "$tmp/output"; then
        echo "$what: expected \"$message\", but got:"
        cat "$tmp/output"
        status=1
    fi
}

# plant FILE TEXT: a copy of the sources with TEXT at the end of FILE.
plant() {
    copy
    printf '%s\n' "$2" >>"$tmp/copy/$1"
}

floors() {
    sh "$lint/floors.sh" "$tmp/copy" "$lint/rooms.txt"
}

plant src/base/arena.c '#include "core/cost.h"'
expect 'an include that leads up' 'base (floor 0) includes' floors
plant src/flowtable/mactable.c '#include <vswsim/histogram.h>'
expect 'an include that leads sideways' 'histogram.h of core' floors
plant include/vswsim/histogram.h '#include <vswsim/config.h>'
expect 'a header that leads up' 'core (floor 2) includes' floors
plant include/vswsim/arena.h '#include "core/cost.h"'
expect 'a private header in a public one' 'public headers only' floors
plant include/vswsim/nobody.h '#include <vswsim/arena.h>'
expect 'a header without a room' 'has no room' floors
plant cli/planted.c '#include "core/cost.h"'
expect 'a private header in the program' 'public headers only' floors
plant src/core/planted.c '#include <jansson.h>'
expect 'jansson outside of io' 'only io may use' floors
plant src/core/planted.c '#include <event2/event.h>'
expect 'libevent outside of live' 'only live may use' floors

# A small library with one flaw at a time.
library() {
    mkdir -p "$tmp/lib/include/vswsim"
    printf '%s\n' '#define VSW_API' "$1" >"$tmp/lib/include/vswsim/a.h"
    printf '%s\n' "$2" >"$tmp/lib/a.c"
    "$cc" -w -shared -fPIC -o "$tmp/lib/liba.so" "$tmp/lib/a.c"
}

exports() {
    sh "$lint/exports.sh" "$tmp/lib" "$tmp/lib/liba.so"
}

imports() {
    sh "$lint/imports.sh" "$tmp/lib/liba.so"
}

library 'VSW_API int
vsw_a(int x,
      int y);
VSW_API const int vsw_b[3];' 'int vsw_a(void) { return 0; } int vsw_b[3];'
exports || status=1
library 'VSW_API int vsw_a(void);' 'int vsw_a(void) {} int helper(void) {}'
expect 'an export without prefix' 'exports helper' exports
library 'VSW_API int vsw_a(void); VSW_API int
vsw_missing(int x);' 'int vsw_a(void) {}'
expect 'a function that is not exported' 'vsw_missing is declared' exports
library 'VSW_API int vsw_a(void);' 'int vsw_a(void) {} int vsw_x(void) {}'
expect 'an export that no header has' 'vsw_x is exported' exports
library 'VSW_API void *vsw_a(void);' 'void *vsw_a(void) {
return memset(malloc(9), 0, 9); }'
expect 'an allocation in the datapath' 'imports malloc' imports

alone() {
    sh "$lint/alone.sh" "$tmp/lib" "$cc" "$cxx"
}

library 'int vsw_a(uint32_t x);' ''
expect 'a header that needs another' 'alone as c11' alone
library 'int vsw_a(int template);' ''
expect 'a header that is not C++' 'alone as c++17' alone

layout() {
    sh "$lint/layout.sh" "$tmp/copy"
}

tab=$(printf '\t')
plant src/base/arena.c "/*$(printf '%77s' '')*/"
expect 'a line of 81 columns' 'arena.c' layout
plant src/base/arena.c "int x;$tab/* Tab. */"
expect 'a tab' 'a tab' layout
plant src/base/arena.c 'int x; '
expect 'a blank at the end' 'blanks at the end' layout
plant src/base/arena.c '/* See /wor''k/notes. */'
expect 'a path of one machine' 'outside of the project' layout
plant src/base/arena.c '/* See ../sha''red/notes. */'
expect 'a path out of the project' 'outside of the project' layout
exit $status
