#!/bin/sh
# Each trace that cannot be used gives one error that says why.
. "$(dirname "$0")/lib.sh"

"$vswsim" trace gen --packets 100 --seed 3 good.pcap
"$vswsim" trace gen --packets 100 --seed 3 again.pcap
cmp good.pcap again.pcap || complain 'equal seeds give different traces'
expect 0 '' trace info good.pcap
says ' 100'

expect 66 'missing.pcap: cannot open' trace info missing.pcap
expect 66 'is a directory' trace info .
: >empty.pcap
expect 65 'empty.pcap: is empty' trace info empty.pcap
echo 'This is not a capture, but it is long enough to look at.' >foreign.pcap
expect 65 'foreign.pcap' trace info foreign.pcap
expect 65 'syntax error' trace info good.pcap --filter 'udp and and'

# Cut inside a packet: what was whole counts, and the cut is told.
size=$(wc -c <good.pcap)
head -c $((size - 10)) good.pcap >cut.pcap
expect 0 '' trace info cut.pcap
says 'the file ends inside a packet'
says ' 99 '

expect 73 'cannot create' trace gen missing/x.pcap
expect 74 'No space left on device' trace gen /dev/full

# Standard input.
"$vswsim" trace info good.pcap >from_file
"$vswsim" trace info - <good.pcap >from_stdin
cmp from_file from_stdin || complain 'standard input is read differently'
finish
