#!/bin/sh
# Two network namespaces, joined by live_switch in a third: ping and a TCP
# transfer must pass, a flow that the access list denies must not, and the
# switch's statistics must show hits, drops and batches.
#
# Usage: live_switch.sh LIVE_SWITCH TCP_TRANSFER
# Exits with 77 (skipped) without the privileges or programs it needs.
set -u
switch=$1
transfer=$2
id=vsw$$
n_bytes=20000000
tmp=$(mktemp -d)
switch_pid=
server_pid=

skip()
{
    echo "skipped: $*"
    exit 77
}

fail()
{
    echo "failed: $*"
    cat "$tmp"/*.out "$tmp"/*.err 2>/dev/null
    exit 1
}

clean_up()
{
    [ -z "$server_pid" ] || kill "$server_pid" 2>/dev/null
    [ -z "$switch_pid" ] || kill "$switch_pid" 2>/dev/null
    for ns in a b s; do
        ip netns del "$id$ns" 2>/dev/null
    done
    rm -rf "$tmp"
}
trap clean_up EXIT
trap 'exit 1' INT TERM

# host NAMESPACE ADDRESS: with an interface e0 whose peer, p and the
# namespace's letter, is the switch's.
host()
{
    ip netns add "$id$1" &&
    ip -n "${id}s" link add name "p$1" type veth peer name e0 \
        netns "$id$1" &&
    ip -n "${id}s" link set "p$1" up &&
    ip -n "$id$1" addr add "$2/24" dev e0 &&
    ip -n "$id$1" link set e0 up
}

in_ns()
{
    ns=$id$1
    shift
    ip netns exec "$ns" "$@"
}

wait_for()
{
    for _ in $(seq 100); do
        grep -q "$1" "$2" 2>/dev/null && return 0
        sleep 0.1
    done
    return 1
}

# try_tcp PORT: transfers from a to b.
try_tcp()
{
    in_ns b timeout 60 "$transfer" serve 10.99.0.2 "$1" "$n_bytes" \
        >"$tmp/serve$1.out" 2>"$tmp/serve$1.err" &
    server_pid=$!
    wait_for listening "$tmp/serve$1.out" || fail "no server on port $1"
    in_ns a timeout 60 "$transfer" send 10.99.0.2 "$1" "$n_bytes" || return 1
    wait "$server_pid"
}

# The value of a statistic: count NAME, the largest if each port has one.
count()
{
    awk -v name="$1" '$1 == name && $2 + 0 > max { max = $2 + 0 }
                      END { print max + 0 }' "$tmp/switch.out"
}

command -v ip >/dev/null || skip "no ip program"
command -v ping >/dev/null || skip "no ping program"
ip netns add "${id}s" 2>/dev/null || skip "may not make network namespaces"
ip -n "${id}s" link add name try0 type veth peer name try1 2>/dev/null ||
    skip "may not make veth pairs"
host a 10.99.0.1 2>"$tmp/host.err" || fail "no namespace a"
host b 10.99.0.2 2>>"$tmp/host.err" || fail "no namespace b"

cat >"$tmp/acl" <<END
# TCP to port 5002 is denied; all else is permitted by default.
@0.0.0.0/0 10.99.0.2/32 0 : 65535 5002 : 5002 0x06/0xFF deny
END
ip netns exec "${id}s" "$switch" -a "$tmp/acl" -b 16 -t 1000 pa pb \
    >"$tmp/switch.out" 2>"$tmp/switch.err" &
switch_pid=$!
wait_for switching "$tmp/switch.out" || fail "the switch did not start"

in_ns a ping -q -c 5 -i 0.2 -W 2 10.99.0.2 >"$tmp/ping.out" 2>&1 ||
    fail "no ping"
try_tcp 5001 || fail "the transfer on port 5001 did not pass"
if try_tcp 5002; then
    fail "the transfer on port 5002 passed, although it is denied"
fi

kill -INT "$switch_pid"
wait "$switch_pid" || fail "the switch did not end well"
switch_pid=
cat "$tmp/switch.out"
[ "$(count n_exact_hits)" -gt 0 ] || fail "no hit in the exact-match cache"
[ "$(count n_misses)" -gt 0 ] || fail "nothing took the slow path"
[ "$(count n_acl_drops)" -gt 0 ] || fail "the denied flow was not seen"
[ "$(count max_batch_pkts)" -gt 1 ] || fail "no batch held two packets"
awk '$1 == "n_tx_pkts" { pkts += $2 } $1 == "n_batches" { batches += $2 }
     END { exit !(batches > 0 && pkts > batches) }' "$tmp/switch.out" ||
    fail "batches do not hold more than one packet on average"
exit 0
