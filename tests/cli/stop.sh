#!/bin/sh
# A run that is stopped keeps what was finished; progress is for terminals.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/experiment.sh"

# stop SIGNAL STATUS DIR ARG...: a run that would take hours is stopped.
stop() {
    signal=$1
    want_status=$2
    want_text='stopped; what was finished is in'
    dir=$3
    shift 3
    timeout --preserve-status -k 20 -s "$signal" 2 \
        "$vswsim" run small.json -o "$dir" "$@" >stdout 2>stderr
    judge $? "a run stopped by $signal"
    grep -q '"complete": *false' "$dir/result.json" ||
        complain "$signal: the result does not say that it is partial"
    expect 0 '' plot "$dir/result.json"
}

# Many short simulations: some are finished.
stop INT 130 many -s run.replications=1000 -s run.duration_us=20000
grep -q '"delivered_pps"' many/result.json || complain 'nothing was finished'
# Simulations too short to notice that they should stop: no more are begun.
stop INT 130 short -s run.replications=10000 -s run.duration_us=100
# One that never ends: it must be left midway.
stop TERM 143 endless -s run.replications=1 -s run.duration_us=100000000

# A second signal right behind the first does not cost the result.
"$vswsim" run small.json -o twice -s run.replications=1000 \
    -s run.duration_us=20000 >stdout 2>stderr &
sleep 1
kill -TERM $!
kill -TERM $!
want_status=143
want_text='stopped; what was finished is in'
status=0
wait $! || status=$?
judge $status 'a run stopped twice'
expect 0 '' plot twice/result.json

# Hundreds of threads on a few CPUs would only cost memory.
if [ -r /proc/self/status ] && command -v nproc >/dev/null; then
    "$vswsim" run small.json -o jobs -j 1024 -s run.replications=1000 \
        -s run.duration_us=20000 >stdout 2>stderr &
    sleep 1
    n_threads=$(sed -n 's/^Threads:[[:space:]]*//p' /proc/$!/status)
    [ "${n_threads:-0}" -le $((8 * $(nproc --all))) ] ||
        complain "$n_threads threads for --jobs 1024"
    kill $!
    wait $!
fi

# On a terminal there is progress; not so in a pipe (see above: expect 0 '').
# Some containers have no terminals to give.
if script -qefc true /dev/null >/dev/null 2>&1 </dev/null; then
    TERM=xterm script -qefc "'$vswsim' run small.json -s run.replications=30" \
        /dev/null >terminal </dev/null
    grep -q 'packets/s .* simulated .* left' terminal ||
        complain 'no progress on a terminal'
    NO_COLOR=1 TERM=xterm script -qefc "'$vswsim' nosuch" /dev/null \
        >plain </dev/null
    grep -q "$(printf '\033')" plain && complain 'colour in spite of NO_COLOR'
    TERM=xterm script -qefc "'$vswsim' nosuch" /dev/null >colour </dev/null
    grep -q "$(printf '\033')" colour || complain 'no colour on a terminal'
fi
finish
