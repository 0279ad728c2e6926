#!/bin/sh
# Every include leads downward or stays in its room.
#
# Usage: floors.sh ROOT ROOMS
set -eu
cd "$1"
rooms=$2

# Sources first, so that awk knows every room's files before it judges.
find src -name '*.c' | sed 's|^|source |' >"${TMPDIR:-/tmp}/floors.$$"
trap 'rm -f "${TMPDIR:-/tmp}/floors.$$"' EXIT
find include src cli examples -name '*.[ch]' -o -name '*.def' | sort |
    xargs grep -nE '^[[:space:]]*#[[:space:]]*include' /dev/null |
    sed 's|^|include |' >>"${TMPDIR:-/tmp}/floors.$$"

awk -f "$(dirname "$rooms")/floors.awk" "$rooms" "${TMPDIR:-/tmp}/floors.$$"
