#!/bin/sh
# What a reader sees: 79 columns, no tabs, no blanks at line ends, and no word
# about the place where the project was made.
#
# Usage: layout.sh ROOT
set -eu
cd "$1"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
status=0

find . \( -name .git -o -name 'build*' -o -name out -o -name .cache \) -prune \
    -o -type f -print | sed 's|^\./||' | sort >"$tmp/all"
grep -E '\.([ch]|def|sh|awk|cmake|txt|in|md|json|yml)$|^[^.]*$|^\.ci/run$' \
    "$tmp/all" >"$tmp/text"
grep -E '\.([ch]|def|sh|awk|cmake)$|CMakeLists\.txt$|^scripts/' \
    "$tmp/text" >"$tmp/code"

# Prints what grep finds in the files of a list, and says why it is wrong.
refuse() {
    if xargs grep -nE "$2" /dev/null <"$tmp/$1" >"$tmp/found"; then
        sed "s|\$|    <- $3|" "$tmp/found"
        status=1
    fi
}

tab=$(printf '\t')
refuse code '.{80}' 'longer than 79 columns'
refuse code "$tab" 'a tab'
refuse text '[[:blank:]]$' 'blanks at the end'
refuse text '\.\./share[d]|(^|[^[:alnum:]_.-])/(wor[k]|roo[t]|hom[e])/' \
    'a place outside of the project'
exit $status
