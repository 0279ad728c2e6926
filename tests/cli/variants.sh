#!/bin/sh
# Other compilers, optimisation levels and sanitizers give equal bytes.
#
# Usage: variants.sh ROOT VSWSIM BUILD_DIR
variants=$3/variants
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/experiment.sh"

# compare NAME COMPILER FLAGS [cmake option...]
compare() {
    name=$1
    compiler=$2
    flags=$3
    shift 3
    if ! "$root/scripts/build" "$variants/$name" vswsim -DBUILD_TESTING=OFF \
        -DCMAKE_C_COMPILER="$compiler" -DCMAKE_BUILD_TYPE=Variant \
        -DCMAKE_C_FLAGS="$flags" -DVSW_WERROR=ON "$@" >log 2>&1; then
        complain "$name does not build: $(cat log)"
        return
    fi
    "$variants/$name/cli/vswsim" trace gen --packets 2000 --flows 16 u.pcap
    cmp t.pcap u.pcap || complain "$name: another trace"
    "$variants/$name/cli/vswsim" run small.json -o "$name" >/dev/null ||
        complain "$name: the run failed"
    for file in result.json summary.csv rate.svg; do
        cmp "reference/$file" "$name/$file" || complain "$name: $file differs"
    done
}

"$vswsim" run small.json -o reference >/dev/null || complain 'no reference'
compare gcc-O0 gcc -O0
compare gcc-O3 gcc -O3
compare clang-O3 clang -O3
compare clang-sanitize clang -O1 -DVSW_SANITIZE=ON
finish
