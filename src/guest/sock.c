#include "guest/sock_impl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* --- Making -------------------------------------------------------------- */

static bool
is_end(const struct vsw_dialog *dialog, uint32_t side, uint32_t port,
       uint32_t queue)
{
    return dialog->ports[side] == port && dialog->queues[side] == queue;
}

static uint32_t
count_ends(const struct vsw_dialogs *dialogs, uint32_t port, uint32_t queue)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < dialogs->n; i++) {
        for (uint32_t side = 0; side < 2; side++) {
            n += is_end(&dialogs->list[i], side, port, queue);
        }
    }
    return n;
}

static void
begin_at(struct vsw_sockset *set, struct vsw_sock *sock, uint64_t start_ns)
{
    sock->due_ns = start_ns;
    if (start_ns > 0 && start_ns < set->deadline_ns) {
        set->deadline_ns = start_ns;
    }
}

static void
open_sock(struct vsw_sockset *set, uint32_t dialog, uint32_t side,
          uint32_t isn)
{
    const struct vsw_dialogs *dialogs = set->dialogs;
    struct vsw_sock *sock = &set->socks[set->n_socks];
    struct vsw_tcp_setup setup = dialogs->setup.tcp;
    uint64_t start_ns = dialogs->setup.spread_ns * dialog / dialogs->n;

    setup.whole_segs = dialogs->list[dialog].whole_segs;
    setup.isn = isn + dialog * 2654435761u + side * 40503u;
    sock->dialog = dialog;
    sock->side = side;
    sock->blocked = true;
    set->by_flow[dialogs->list[dialog].flows[!side]] = set->n_socks++;
    if (dialogs->setup.kind == VSW_DIALOG_TALK) {
        vsw_sock_seek_msg(dialogs, sock);
    }
    if (side == 0) {
        begin_at(set, sock, start_ns);
    }
    if (dialogs->setup.kind == VSW_DIALOG_UDP) {
        vsw_sock_want_app(set, sock, 0);
    } else if (side == 0) {
        vsw_tcp_connect(&sock->tcp, &setup);
        if (start_ns == 0) {
            vsw_sock_want_output(set, sock);
        }
    } else {
        vsw_tcp_listen(&sock->tcp, &setup);
    }
}

int
vsw_sockset_init(struct vsw_sockset *set, struct vsw_dialogs *dialogs,
                 uint32_t port, uint32_t queue, uint32_t isn)
{
    uint32_t n = count_ends(dialogs, port, queue);

    memset(set, 0, sizeof *set);
    set->dialogs = dialogs;
    set->deadline_ns = VSW_TCP_NEVER_NS;
    set->socks = calloc((size_t) n + 1, sizeof *set->socks);
    set->by_flow = calloc((size_t) dialogs->n_flows + 1,
                          sizeof *set->by_flow);
    if (!set->socks || !set->by_flow) {
        return -ENOMEM;
    }
    memset(set->by_flow, 0xff, dialogs->n_flows * sizeof *set->by_flow);
    for (uint32_t i = 0; i < dialogs->n; i++) {
        for (uint32_t side = 0; side < 2; side++) {
            if (is_end(&dialogs->list[i], side, port, queue)) {
                open_sock(set, i, side, isn);
            }
        }
    }
    return 0;
}

void
vsw_sockset_fini(struct vsw_sockset *set)
{
    free(set->socks);
    free(set->by_flow);
}

void
vsw_sockset_cut_segs(struct vsw_sockset *set)
{
    for (uint32_t i = 0; i < set->n_socks; i++) {
        struct vsw_tcp_setup *setup = &set->socks[i].tcp.setup;

        setup->max_seg_bytes = setup->mss_bytes;
    }
}

/* --- Lists --------------------------------------------------------------- */

void
vsw_sock_want_output(struct vsw_sockset *set, struct vsw_sock *sock)
{
    if (sock->in_output) {
        return;
    }
    sock->in_output = true;
    sock->next_output = NULL;
    if (set->output.first) {
        set->output.last->next_output = sock;
    } else {
        set->output.first = sock;
    }
    set->output.last = sock;
}

static void
drop_output(struct vsw_sockset *set)
{
    struct vsw_sock *sock = set->output.first;

    set->output.first = sock->next_output;
    sock->in_output = false;
}

void
vsw_sock_want_app(struct vsw_sockset *set, struct vsw_sock *sock,
                  uint64_t now_ns)
{
    if (sock->in_apps || !vsw_sock_app_ready(set, sock, now_ns)) {
        return;
    }
    sock->in_apps = true;
    sock->next_app = NULL;
    if (set->apps.first) {
        set->apps.last->next_app = sock;
    } else {
        set->apps.first = sock;
    }
    set->apps.last = sock;
}

/* --- Input and output ---------------------------------------------------- */

static void
note_deadline(struct vsw_sockset *set, const struct vsw_sock *sock)
{
    uint64_t ns = vsw_tcp_deadline_ns(&sock->tcp);

    if (ns < set->deadline_ns) {
        set->deadline_ns = ns;
    }
}

static void
input_datagram(struct vsw_sockset *set, struct vsw_sock *sock,
               const struct vsw_l4 *l4)
{
    if (sock->n_pending + l4->payload_bytes > VSW_UDP_BUF_BYTES) {
        set->dialogs->n_udp_overflows++;
        return;
    }
    set->dialogs->n_udp_received++;
    sock->n_pending += l4->payload_bytes;
}

/* What was counted before the window is forgotten. */
static void
count_from_window(struct vsw_sock *sock, const struct vsw_unit *unit)
{
    if (!sock->counted && unit->local_ps >= unit->window_start_ps) {
        sock->counted = true;
        sock->tcp.counts = (struct vsw_tcp_counts) {
            .rtt_min_ns = UINT64_MAX,
        };
    }
}

void
vsw_sockset_input(struct vsw_sockset *set, struct vsw_sock *sock,
                  const struct vsw_unit *unit, const struct vsw_l4 *l4)
{
    if (l4->proto == VSW_L4_UDP) {
        input_datagram(set, sock, l4);
    } else {
        unsigned int events;

        count_from_window(sock, unit);
        events = vsw_tcp_input(&sock->tcp, NS_OF(unit), l4);

        if (events & VSW_TCP_OUTPUT) {
            vsw_sock_want_output(set, sock);
        }
        note_deadline(set, sock);
    }
    vsw_sock_want_app(set, sock, NS_OF(unit));
}

/* The next datagram of those that wait. */
static bool
output_datagram(struct vsw_sockset *set, struct vsw_sock *sock,
                struct vsw_l4 *l4)
{
    uint32_t n_bytes = set->dialogs->setup.payload_bytes;

    if (sock->n_unsent < n_bytes) {
        return false;
    }
    sock->n_unsent -= n_bytes;
    set->dialogs->n_udp_sent++;
    *l4 = (struct vsw_l4) {
        .proto = VSW_L4_UDP,
        .seq = sock->next_datagram++,
        .payload_bytes = n_bytes,
    };
    return true;
}

struct vsw_sock *
vsw_sockset_output(struct vsw_sockset *set, const struct vsw_unit *unit,
                   struct vsw_l4 *l4)
{
    bool udp = set->dialogs->setup.kind == VSW_DIALOG_UDP;

    while (set->output.first) {
        struct vsw_sock *sock = set->output.first;
        bool found;

        count_from_window(sock, unit);
        found = udp ? output_datagram(set, sock, l4)
                    : vsw_tcp_output(&sock->tcp, NS_OF(unit), l4);

        if (!udp) {
            note_deadline(set, sock);
        }
        if (found) {
            vsw_sock_want_app(set, sock, NS_OF(unit));
            return sock;
        }
        drop_output(set);
    }
    return NULL;
}

/* --- Timers -------------------------------------------------------------- */

static uint32_t
expire_sock(struct vsw_sockset *set, struct vsw_sock *sock,
            const struct vsw_unit *unit, uint64_t now_ns)
{
    unsigned int events;

    if (set->dialogs->setup.kind == VSW_DIALOG_UDP) {
        vsw_sock_want_app(set, sock, now_ns);
        if (sock->side == 0 && sock->due_ns > now_ns
            && sock->due_ns < set->deadline_ns) {
            set->deadline_ns = sock->due_ns;
        }
        return sock->in_apps;
    }
    if (sock->due_ns > now_ns) {
        begin_at(set, sock, sock->due_ns);
        return 0;
    }
    if (sock->due_ns > 0) {
        sock->due_ns = 0;
        vsw_sock_want_output(set, sock);
        return 1;
    }
    count_from_window(sock, unit);
    events = vsw_tcp_expire(&sock->tcp, now_ns);
    if (events) {
        vsw_sock_want_output(set, sock);
    }
    note_deadline(set, sock);
    return events != 0;
}

uint32_t
vsw_sockset_expire(struct vsw_sockset *set, const struct vsw_unit *unit)
{
    uint64_t now_ns = NS_OF(unit);
    uint32_t n = 0;

    if (now_ns < set->deadline_ns) {
        return 0;
    }
    set->deadline_ns = VSW_TCP_NEVER_NS;
    for (uint32_t i = 0; i < set->n_socks; i++) {
        n += expire_sock(set, &set->socks[i], unit, now_ns);
    }
    return n;
}

/* --- Results ------------------------------------------------------------- */

uint32_t
vsw_l4_frame_bytes(const struct vsw_l4 *l4)
{
    uint32_t n = l4->payload_bytes + VSW_FCS_BYTES
                 + (l4->proto == VSW_L4_UDP ? VSW_UDP_HEADER_BYTES
                                            : VSW_TCP_HEADER_BYTES);

    if (l4->flags & VSW_TCP_SYN) {
        n += VSW_TCP_SYN_BYTES;
    }
    return n < 64 ? 64 : n;
}

void
vsw_sockset_report(struct vsw_sockset *set)
{
    struct vsw_tcp_counts *to = &set->dialogs->tcp;

    for (uint32_t i = 0; i < set->n_socks; i++) {
        const struct vsw_tcp_counts *from = &set->socks[i].tcp.counts;

        if (!set->socks[i].counted) {
            continue;
        }
        to->n_segs_sent += from->n_segs_sent;
        to->n_bytes_sent += from->n_bytes_sent;
        to->n_segs_again += from->n_segs_again;
        to->n_bytes_again += from->n_bytes_again;
        to->n_fast += from->n_fast;
        to->n_timeouts += from->n_timeouts;
        to->n_acks_sent += from->n_acks_sent;
        to->n_dup_bytes += from->n_dup_bytes;
        to->n_rtts += from->n_rtts;
        to->rtt_sum_ns += from->rtt_sum_ns;
        if (from->n_rtts > 0 && from->rtt_min_ns < to->rtt_min_ns) {
            to->rtt_min_ns = from->rtt_min_ns;
        }
    }
}
