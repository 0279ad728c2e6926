#!/bin/sh
# A run leaves whole results, the same for the same inputs.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/experiment.sh"

expect 0 '' run small.json
says 'delivered_pps'
says 'Results are in out/small.'
for file in result.json summary.csv rate.svg rate.png; do
    [ -s "out/small/$file" ] || complain "out/small/$file is missing"
done
[ "$(find out/small -type f | wc -l)" -eq 4 ] || complain 'leftovers'

# Equal inputs, equal bytes, however many threads.
for jobs in 1 2 5; do
    expect 0 '' run small.json -o "jobs$jobs" --jobs "$jobs"
    cmp "jobs$jobs/result.json" out/small/result.json ||
        complain "the result depends on --jobs $jobs"
    cmp "jobs$jobs/summary.csv" out/small/summary.csv ||
        complain "the summary depends on --jobs $jobs"
    cmp "jobs$jobs/rate.svg" out/small/rate.svg ||
        complain "the figure depends on --jobs $jobs"
done
expect 0 '' run small.json -o seed7 --seed 7
expect 0 '' run small.json -o set7 --set run.seed=7
cmp seed7/result.json set7/result.json || complain '--seed is not run.seed'
if cmp -s seed7/result.json out/small/result.json; then
    complain 'the seed makes no difference'
fi
expect 0 '' run small.json -o set -s run.replications=2 -s guests.ring_slots=64
grep -q '"ring_slots": *64' set/result.json || complain '--set is lost'

# A trace that is over ends the run when the last packet has left: twice the
# time for it changes nothing.
expect 0 '' run small.json -o short -s traffic.n_loops=2 \
    -s run.duration_us=3000 -s run.warmup_us=20
says 'warm-up (MSER-5): '
expect 0 '' run small.json -o long -s traffic.n_loops=2 \
    -s run.duration_us=6000 -s run.warmup_us=20
cut -d, -f1-3 short/summary.csv >short.csv
cut -d, -f1-3 long/summary.csv >long.csv
cmp short.csv long.csv || complain 'idle time behind a trace dilutes its rate'
grep -A2 '"in_flight"' short/result.json | grep -q '"pkts": *0' ||
    complain 'packets are still inside though the trace is over'
grep -c '"pkts": *12000,' short/result.json >/dev/null ||
    complain 'not all packets of the trace were played'

# A stored result shows what the run showed.
"$vswsim" run small.json | sed '/^Results are in/d' >from_run
"$vswsim" plot out/small/result.json >from_result
sed -i '$ { /^$/d; }' from_run
cmp from_run from_result || complain 'a stored table is another table'

expect 0 '' run small.json -o checked --check
says 'order sensitivity'
finish
