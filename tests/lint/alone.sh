#!/bin/sh
# Each public header compiles alone, as C11 and as C++17.
#
# Usage: alone.sh ROOT CC CXX
set -eu
root=$1
cc=$2
cxx=$3
flags='-Wall -Wextra -Wpedantic -Werror -fsyntax-only'
status=0

for header in "$root"/include/vswsim/*.h; do
    include="#include <vswsim/$(basename "$header")>"
    for language in 'c c11' 'c++ c++17'; do
        # shellcheck disable=SC2086  # Two words each.
        set -- $language
        compiler=$cc
        [ "$1" = c ] || compiler=$cxx
        # shellcheck disable=SC2086  # Flags are words.
        if ! printf '%s\n%s\n' "$include" 'int vsw_alone(void);' |
            "$compiler" $flags -x "$1" -std="$2" -I"$root/include" -; then
            echo "$include does not compile alone as $2"
            status=1
        fi
    done
done
exit $status
