#!/bin/sh
# Help is everywhere, and a wrong command line is told what is right.
. "$(dirname "$0")/lib.sh"

expect 0 '' --help
says 'Usage: vswsim COMMAND'
expect 0 '' --version
grep -qE '^vswsim [0-9]+\.[0-9]+\.[0-9]+$' stdout || complain 'no version'
expect 0 '' trace --help
"$vswsim" >stdout 2>stderr
[ $? -eq 64 ] || complain 'no command at all is accepted'
grep -q 'Usage: vswsim COMMAND' stderr || complain 'no help without command'

# Every command that the help lists has help of its own.
"$vswsim" --help | awk '
    /^Commands:/ { on = 1; next }
    /^$/ { on = 0 }
    on && /^  [a-z]/ { print $2 ~ /^[a-z]/ ? $1 " " $2 : $1 }' >commands
[ "$(wc -l <commands)" -ge 5 ] || complain 'too few commands in the help'
while read -r command; do
    # shellcheck disable=SC2086  # One or two words.
    expect 0 '' $command --help
    says "Usage: vswsim $command"
    # shellcheck disable=SC2086
    expect 0 '' help $command
    says "Usage: vswsim $command"
    # shellcheck disable=SC2086
    expect 64 'unknown option --hepl; did you mean --help?' $command --hepl
done <commands

# No line is wider than a terminal.
"$vswsim" --help >all
while read -r command; do
    # shellcheck disable=SC2086
    "$vswsim" help $command >>all
done <commands
if grep -nE '.{80}|[[:blank:]]$' all; then
    complain 'help is too wide or has blanks at line ends'
fi

expect 64 'did you mean "validate"' valdate x.json
expect 64 'did you mean "trace info"' trace inof x.pcap
expect 64 '"trace" needs another word: trace info' trace
expect 64 'unknown command "xyzzyxyzzy"; see vswsim --help' xyzzyxyzzy
expect 64 'unknown option --no-such-thing' validate --no-such-thing x.json
expect 64 'missing operand; usage: vswsim validate CONFIG' validate
expect 64 'unexpected operand "b.json"' validate a.json b.json
expect 64 '--set needs a value' validate a.json --set
expect 64 'expected a number from 0 to 65535' trace info x.pcap --ports 65536
expect 64 'expected a number from' trace info x.pcap --ports=1x
expect 64 'expected a number from' trace info x.pcap --ports -1
expect 64 'expected a number from' trace info x.pcap --ports ''
expect 64 'did you mean flow_hash?' trace info x.pcap --map-by flow-hash
expect 64 '--poisson takes no value' trace gen x.pcap --poisson=yes
expect 64 'expected SIZE' trace gen x.pcap --frame-bytes 63
expect 64 'name a file' trace gen -
expect 64 'expected SIZE' trace gen x.pcap --frame-bytes 64:0
expect 64 'unknown model "nosuch"' models nosuch
expect 66 'nosuch.json' validate -- nosuch.json

finish
