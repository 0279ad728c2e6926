#!/bin/sh
# An installed copy, moved elsewhere, serves outside programs: through
# find_package() and through pkg-config, in C and in C++.
#
# Usage: package.sh SOURCE_DIR BUILD_DIR PREFIX CC CXX
set -eu
outside=$1/tests/install/outside
build=$2
prefix=$3
cc=$4
cxx=$5
dir=$build/tests/install/package

fail() {
    echo "package.sh: $*" >&2
    exit 1
}

# Runs a step; its output matters only if it fails.
quietly() {
    if ! "$@" >"$dir/log" 2>&1; then
        cat "$dir/log" >&2
        fail "failed: $*"
    fi
}

rm -rf "$dir"
mkdir -p "$dir/moved"
quietly env DESTDIR="$dir/stage" cmake --install "$build"
mv "$dir/stage$prefix" "$dir/moved/prefix"
rest=$(find "$dir/stage" -type f)
[ -z "$rest" ] || fail "installed outside of the prefix: $rest"
prefix=$dir/moved/prefix
libdir=$(dirname "$(find "$prefix" -name libvswsim.so)")

quietly cmake -S "$outside" -B "$dir/cmake" -DCMAKE_PREFIX_PATH="$prefix" \
    -DCMAKE_C_COMPILER="$cc" -DCMAKE_CXX_COMPILER="$cxx"
quietly cmake --build "$dir/cmake" --parallel 2
n_programs=0
for program in "$dir"/cmake/*_c "$dir"/cmake/*_cxx; do
    quietly "$program"
    n_programs=$((n_programs + 1))
done
[ "$n_programs" -ge 8 ] || fail "only $n_programs programs were built"

export PKG_CONFIG_PATH="$libdir/pkgconfig"
for pair in datapath:vswsim-datapath simulator:vswsim live:vswsim-live; do
    program=${pair%:*}
    package=${pair#*:}
    if [ "$program" = live ] && ! [ -f "$libdir/pkgconfig/$package.pc" ]; then
        continue
    fi
    # shellcheck disable=SC2046  # pkg-config gives words.
    quietly "$cc" -std=c11 "$outside/$program.c" -o "$dir/$program" \
        $(pkg-config --cflags --libs "$package") -Wl,-rpath,"$libdir"
    quietly "$dir/$program"
    # shellcheck disable=SC2046
    quietly "$cxx" -x c++ "$outside/$program.c" -x none -o "$dir/$program" \
        $(pkg-config --cflags --libs "$package") -Wl,-rpath,"$libdir"
    quietly "$dir/$program"
done

# A switch that links the datapath gets nothing else.
needed=$(readelf -d "$dir/datapath" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p' |
    grep -vE '^(libc|libm|libgcc_s|libstdc\+\+)\.')
[ "$needed" = libvswdatapath.so.0 ] || fail "the datapath needs $needed"

# The installed program finds its machines; it runs in an empty directory.
mkdir "$dir/empty"
cd "$dir/empty"
experiments=$prefix/share/vswsim/configs/experiments
quietly "$prefix/bin/vswsim" run "$experiments/quickstart.json" \
    --set run.replications=1 --set run.duration_us=1000
[ -s out/quickstart/result.json ] || fail "the installed program ran in vain"
