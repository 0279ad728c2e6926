/* Two hosts with TCP endpoints and a path between them, as events in a small
 * array: no engine, no packet, no cost. */
#ifndef TCP_NET_H
#define TCP_NET_H

#include <vswsim/random.h>
#include <vswsim/tcp.h>

#define NET_MAX_CONNS 8
#define NET_MAX_SEGS  4096

struct net_seg {
    uint64_t at_ns;
    uint64_t order;
    uint32_t conn;
    uint32_t to;            /* 0: client, 1: server. */
    struct vsw_l4 l4;
};

struct net {
    struct vsw_tcp ends[NET_MAX_CONNS][2];
    uint32_t n_conns;
    uint64_t now_ns;
    uint64_t delay_ns;      /* One way. */
    uint64_t ns_per_kib;    /* Of the line that all conns share, from client
                             * to server; 0: infinitely fast. */
    uint64_t queue_ns;      /* Longest wait for it; beyond, a segment is
                             * lost. */
    uint64_t free_ns;
    uint32_t drop_per_mille;
    uint32_t reorder_per_mille;
    bool cut;               /* Segments into frames of an MSS. */
    bool paused_reader;
    struct vsw_random random;
    struct net_seg segs[NET_MAX_SEGS];
    uint32_t n_segs;
    uint64_t n_order;
    uint64_t n_dropped;     /* With payload. */
    uint64_t n_read[NET_MAX_CONNS];
    uint64_t to_write[NET_MAX_CONNS];   /* Still. */
};

void net_init(struct net *net, uint32_t n_conns, uint64_t delay_ns,
              const struct vsw_tcp_setup *setup);

/* Runs up to 'end_ns', or until nothing more happens. */
void net_run(struct net *net, uint64_t end_ns);

#endif
