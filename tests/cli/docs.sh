#!/bin/sh
# docs/cli.md is what the table of commands says.  VSW_UPDATE=1 writes it anew.
. "$(dirname "$0")/lib.sh"

"$vswsim" help --markdown >cli.md || complain 'no reference page'
if [ -n "${VSW_UPDATE-}" ]; then
    cp cli.md "$root/docs/cli.md"
fi
if ! diff -u "$root/docs/cli.md" cli.md; then
    complain 'docs/cli.md is out of date: VSW_UPDATE=1 ctest -R cli_docs'
fi

expect 0 '' schema
says '"$schema": "https://json-schema.org/draft/2020-12/schema"'
finish
