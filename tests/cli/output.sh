#!/bin/sh
# What is printed is either complete or reported as lost.
. "$(dirname "$0")/lib.sh"

# A reader that has seen enough is no error.
"$vswsim" trace gen --packets 10 small.pcap 2>stderr
{ "$vswsim" --help 2>stderr; echo $? >status; } | true
[ "$(cat status)" -eq 0 ] || complain 'a reader that left is an error'
[ -s stderr ] && complain "a reader that left: $(cat stderr)"

want_status=74
want_text='cannot write to standard output: No space left on device'
"$vswsim" --help >/dev/full 2>stderr
judge $? 'help to a full disk'
"$vswsim" trace info small.pcap >/dev/full 2>stderr
judge $? 'trace info to a full disk'

want_text='cannot write to standard output: Bad file descriptor'
"$vswsim" --help >&- 2>stderr
judge $? 'help to a closed stream'

# No escapes but on a terminal.
"$vswsim" nosuch 2>stderr
if grep -q "$(printf '\033')" stderr; then
    complain 'escape sequences in a file'
fi
finish
