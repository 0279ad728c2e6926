#!/bin/sh
# scripts/setup installs what is missing if it may, and otherwise says how.
# Stand-ins for dpkg-query, apt-get, id and sudo play the machine.
#
# Usage: setup.sh SOURCE_DIR
set -eu
setup=$1/scripts/setup
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

fail() {
    echo "setup.sh: $*; it said:" >&2
    cat "$tmp/said" >&2
    exit 1
}

# play NAME BODY: a program that does BODY.
play() {
    printf '#!/bin/sh\n%s\n' "$2" >"$tmp/$1"
    chmod +x "$tmp/$1"
}

for tool in sh awk env dirname; do
    ln -s "$(command -v $tool)" "$tmp/$tool"
done
play apt-get "echo \"\$@\" >>'$tmp/installed'"
# shellcheck disable=SC2016  # For the stand-in to expand.
play dpkg-query 'case $3 in cmake) echo config-files;;
*) echo installed;; esac'

run() {
    rm -f "$tmp/installed"
    PATH=$tmp "$tmp/sh" "$setup" "$@" >"$tmp/said" 2>&1
}

play id 'echo 1000'
if run run; then
    fail 'packages are missing, but it succeeds'
fi
grep -q 'apt-get install -y --no-install-recommends cmake$' "$tmp/said" ||
    fail 'it does not say what to run'
[ ! -e "$tmp/installed" ] || fail 'it installs without being allowed to'

play sudo 'shift; exec "$@"'
play true ''
run run || fail 'it cannot install with sudo'
grep -q 'install -y --no-install-recommends cmake$' "$tmp/installed" ||
    fail 'it does not install what is missing'

rm "$tmp/sudo"
play id 'echo 0'
run check || fail 'it cannot install as root'
grep -q 'update' "$tmp/installed" || fail 'it does not update the lists first'
play apt-get 'exit 100'
if run run; then
    fail 'apt-get fails, but it succeeds'
fi

play dpkg-query 'echo installed'
run check || fail 'nothing is missing, but it fails'
[ ! -s "$tmp/said" ] || fail 'nothing is missing, but it talks'
