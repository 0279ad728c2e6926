#!/bin/sh
# What the tests of the command line share; read by each of them.
#
# Called as TEST.sh ROOT VSWSIM.  Runs in an empty directory of its own.
set -u
# shellcheck disable=SC2034  # For those who need it.
root=$1
vswsim=$2
n_failed=0
tmp=$(mktemp -d)
trap 'chmod -R u+w "$tmp"; rm -rf "$tmp"' EXIT
cd "$tmp" || exit 1
unset NO_COLOR

complain() {
    echo "$*"
    n_failed=$((n_failed + 1))
}

# expect STATUS TEXT ARG...: "vswsim ARG..." must exit with STATUS and say TEXT
# on standard error, or nothing at all there if TEXT is empty.
expect() {
    want_status=$1
    want_text=$2
    shift 2
    "$vswsim" "$@" >stdout 2>stderr </dev/null
    judge "$?" "vswsim $*"
}

# Compares the status $1 and the file stderr of the command $2 with what
# expect() wants.
judge() {
    if [ "$1" -ne "$want_status" ]; then
        complain "$2: exit status $1, not $want_status; it said:"
        cat stderr
    elif [ -z "$want_text" ] && [ -s stderr ]; then
        complain "$2: unexpected message: $(cat stderr)"
    elif [ -n "$want_text" ] && ! grep -qF -e "$want_text" stderr; then
        complain "$2: \"$want_text\" is not in: $(cat stderr)"
    elif [ "$1" -ge 64 ] && [ "$1" -lt 128 ] &&
        [ "$(grep -c 'error: ' stderr)" -ne 1 ]; then
        complain "$2: not one error but: $(cat stderr)"
    fi
}

# says TEXT: the last command's standard output has TEXT.
says() {
    grep -qF -e "$1" stdout || complain "\"$1\" is not in: $(cat stdout)"
}

finish() {
    [ "$n_failed" -eq 0 ] || exit 1
}
