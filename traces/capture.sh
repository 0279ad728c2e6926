#!/bin/sh
# Captures real traffic of small networks that exist only while this runs.
#
# Usage (as root): capture.sh [DIRECTORY]
#
# Hosts are network namespaces, joined by veth pairs and a Linux bridge.  All
# of it lies in a network and a mount namespace of this script's own, so that
# the machine's network never sees an address or a packet.  Host N has the
# address 10.0.0.N and 02:00:00:00:00:0N.
#
# Exits with 77 (skipped) and a reason if it cannot run here.
set -eu

SNAPLEN=96
HERE=$(cd "$(dirname "$0")" && pwd)

skip() {
    echo "capture.sh: skipped: $1" >&2
    exit 77
}

require() {
    [ "$(id -u)" = 0 ] || skip "needs root"
    for tool in unshare ip ethtool tcpdump iperf3 redis-server \
        redis-benchmark; do
        command -v "$tool" >/dev/null || skip "there is no $tool"
    done
    unshare --net --mount true 2>/dev/null ||
        skip "may not make network namespaces"
}

# A bridge forwards nothing until the forward delay is over; there is no loop
# here that it would have to find.
make_switch() {
    mount --make-rprivate /
    mount -t tmpfs tmpfs /run
    sysctl -qw net.ipv6.conf.default.disable_ipv6=1
    ip link add br0 type bridge forward_delay 0 stp_state 0 mcast_snooping 0
    ip link set br0 up
}

# Addresses are known beforehand, so there is no ARP.
make_host() {
    ip netns add "h$1"
    ip netns exec "h$1" sysctl -qw net.ipv6.conf.default.disable_ipv6=1
    ip link add "p$1" type veth peer name eth0 netns "h$1"
    ip link set "p$1" master br0 up
    ip -n "h$1" link set lo up
    ip -n "h$1" link set eth0 address "02:00:00:00:00:0$1" up
    ip -n "h$1" addr add "10.0.0.$1/24" dev eth0
    for peer in 1 2 3 4 5 6 7 8; do
        [ "$peer" = "$1" ] ||
            ip -n "h$1" neigh add "10.0.0.$peer" dev eth0 nud permanent \
                lladdr "02:00:00:00:00:0$peer"
    done
    ip netns exec "h$1" ethtool -K eth0 tso on gso on gro on tx on rx on \
        >/dev/null 2>&1 || true
}

at() {
    host=$1
    shift
    ip netns exec "h$host" "$@" >/dev/null 2>&1
}

# start_capture NAME INTERFACE COUNT FILTER
start_capture() {
    tcpdump -i "$2" -c "$3" -s "$SNAPLEN" --time-stamp-precision=nano \
        -w "$out/$1.pcap" "$4" 2>/dev/null &
    capture=$!
    sleep 1
}

# end_capture NAME: waits for it and stops what made its traffic.
end_capture() {
    wait "$capture"
    chown 0:0 "$out/$1.pcap"        # tcpdump gives up root and keeps it.
    # shellcheck disable=SC2086  # One word for each process.
    kill $servers 2>/dev/null || true
    servers=
    sleep 1
}

# One TCP connection as fast as it goes, seen at the sender's switch port.
tcp_stream() {
    start_capture tcp-stream p1 3000 'tcp port 5201'
    at 2 iperf3 -s &
    servers=$!
    sleep 1
    at 1 iperf3 -c 10.0.0.2 -t 2 || true
    end_capture tcp-stream
}

# Hosts 2 to 4 set values of 64 bytes, then of 1 KiB, in the store of host 1,
# seen at the store's switch port.
kv_set() {
    start_capture kv-set p1 3200 'tcp port 6379'
    at 1 redis-server --bind 10.0.0.1 --protected-mode no --save '' \
        --dir "$out" --appendonly no &
    servers=$!
    sleep 1
    for size in 64 1024; do
        clients=
        for client in 2 3 4; do
            at "$client" redis-benchmark -h 10.0.0.1 -t set -n 250 -c 8 \
                -r 1000 -d "$size" &
            clients="$clients $!"
        done
        # shellcheck disable=SC2086  # One word for each process.
        wait $clients
    done
    end_capture kv-set
}

# Four pairs of hosts send each other frames of 64 bytes (18 of them payload)
# in both directions.  The bridge's own interface, being promiscuous, sees
# each packet once.
udp_small() {
    start_capture udp-small br0 5000 'udp'
    servers=
    for server in 2 4 6 8; do
        at "$server" iperf3 -s &
        servers="$servers $!"
    done
    sleep 1
    for client in 1 3 5 7; do
        at "$client" iperf3 -c "10.0.0.$((client + 1))" -u --bidir -l 18 \
            -b 1M -t 2 &
        servers="$servers $!"
    done
    end_capture udp-small
}

if [ "${1-}" = --inside ]; then
    out=$2
    servers=
    make_switch
    for host in 1 2 3 4 5 6 7 8; do
        make_host "$host"
    done
    tcp_stream
    kv_set
    udp_small
    exit 0
fi

require
out=$(cd "${1-$HERE}" && pwd)
# Whatever is still running goes with the first process of its namespace.
unshare --net --mount --pid --fork --kill-child --mount-proc \
    "$0" --inside "$out"
ls -l "$out"/*.pcap
