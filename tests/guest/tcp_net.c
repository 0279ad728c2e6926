#include "tcp_net.h"

#include <string.h>

#include "vsw_test.h"

static void
put(struct net *net, uint32_t conn, uint32_t to, uint64_t at_ns,
    const struct vsw_l4 *l4)
{
    assert_true(net->n_segs < NET_MAX_SEGS);
    net->segs[net->n_segs++] = (struct net_seg) {
        .at_ns = at_ns,
        .order = net->n_order++,
        .conn = conn,
        .to = to,
        .l4 = *l4,
    };
}

static bool
happens(struct net *net, uint32_t per_mille)
{
    return per_mille > 0 && vsw_random_below(&net->random, 1000) < per_mille;
}

/* One frame or segment on its way. */
static void
carry(struct net *net, uint32_t conn, uint32_t to, const struct vsw_l4 *l4)
{
    uint64_t at_ns = net->now_ns;

    if (net->ns_per_kib > 0 && to == 1) {
        if (net->free_ns > at_ns + net->queue_ns) {
            net->n_dropped += l4->payload_bytes > 0;
            return;
        }
        at_ns = (net->free_ns > at_ns ? net->free_ns : at_ns)
                + (l4->payload_bytes + 90) * net->ns_per_kib / 1024;
        net->free_ns = at_ns;
    }
    if (happens(net, net->drop_per_mille)) {
        net->n_dropped += l4->payload_bytes > 0;
        return;
    }
    at_ns += net->delay_ns;
    if (happens(net, net->reorder_per_mille)) {
        at_ns += net->delay_ns / 2;
    }
    put(net, conn, to, at_ns, l4);
}

static void
send(struct net *net, uint32_t conn, uint32_t to, const struct vsw_l4 *l4)
{
    struct vsw_l4 part = *l4;
    uint32_t left = l4->payload_bytes;

    if (!net->cut || left == 0) {
        carry(net, conn, to, l4);
        return;
    }
    while (left > 0) {
        part.payload_bytes = left < l4->seg_bytes ? left : l4->seg_bytes;
        carry(net, conn, to, &part);
        part.seq += part.payload_bytes;
        left -= part.payload_bytes;
    }
}

static void
flush(struct net *net, uint32_t conn, uint32_t from)
{
    struct vsw_l4 l4;

    while (vsw_tcp_output(&net->ends[conn][from], net->now_ns, &l4)) {
        send(net, conn, !from, &l4);
    }
}

/* What the applications do: the client writes, the server reads. */
static void
apply(struct net *net, uint32_t conn)
{
    struct vsw_tcp *client = &net->ends[conn][0];
    struct vsw_tcp *server = &net->ends[conn][1];
    uint64_t n = vsw_tcp_room(client);

    n = n < net->to_write[conn] ? n : net->to_write[conn];
    vsw_tcp_write(client, (uint32_t) n);
    net->to_write[conn] -= n;
    if (!net->paused_reader) {
        n = vsw_tcp_n_readable(server);
        vsw_tcp_read(server, (uint32_t) n);
        net->n_read[conn] += n;
    }
    flush(net, conn, 0);
    flush(net, conn, 1);
}

void
net_init(struct net *net, uint32_t n_conns, uint64_t delay_ns,
         const struct vsw_tcp_setup *setup)
{
    memset(net, 0, sizeof *net);
    net->n_conns = n_conns;
    net->delay_ns = delay_ns;
    vsw_random_init(&net->random, 1, 0, 1, 0);
    for (uint32_t i = 0; i < n_conns; i++) {
        vsw_tcp_connect(&net->ends[i][0], setup);
        vsw_tcp_listen(&net->ends[i][1], setup);
    }
}

static uint32_t
first_seg(const struct net *net)
{
    uint32_t best = 0;

    for (uint32_t i = 1; i < net->n_segs; i++) {
        const struct net_seg *a = &net->segs[i];
        const struct net_seg *b = &net->segs[best];

        if (a->at_ns < b->at_ns
            || (a->at_ns == b->at_ns && a->order < b->order)) {
            best = i;
        }
    }
    return best;
}

static uint64_t
first_deadline(const struct net *net)
{
    uint64_t ns = VSW_TCP_NEVER_NS;

    for (uint32_t i = 0; i < net->n_conns; i++) {
        for (uint32_t end = 0; end < 2; end++) {
            uint64_t d = vsw_tcp_deadline_ns(&net->ends[i][end]);

            ns = d < ns ? d : ns;
        }
    }
    return ns;
}

static void
arrive(struct net *net, uint32_t i)
{
    struct net_seg seg = net->segs[i];

    net->segs[i] = net->segs[--net->n_segs];
    vsw_tcp_input(&net->ends[seg.conn][seg.to], net->now_ns, &seg.l4);
    apply(net, seg.conn);
}

static void
expire(struct net *net)
{
    for (uint32_t i = 0; i < net->n_conns; i++) {
        vsw_tcp_expire(&net->ends[i][0], net->now_ns);
        vsw_tcp_expire(&net->ends[i][1], net->now_ns);
        apply(net, i);
    }
}

void
net_run(struct net *net, uint64_t end_ns)
{
    for (uint32_t i = 0; i < net->n_conns; i++) {
        apply(net, i);
    }
    for (;;) {
        uint32_t i = first_seg(net);
        uint64_t seg_ns = net->n_segs ? net->segs[i].at_ns : VSW_TCP_NEVER_NS;
        uint64_t timer_ns = first_deadline(net);

        if (seg_ns >= end_ns && timer_ns >= end_ns) {
            net->now_ns = end_ns;
            return;
        }
        net->now_ns = seg_ns < timer_ns ? seg_ns : timer_ns;
        if (seg_ns <= timer_ns) {
            arrive(net, i);
        } else {
            expire(net);
        }
    }
}
