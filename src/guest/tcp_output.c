/* What the endpoint sends. */
#include "guest/tcp_impl.h"

/* Share of the window below which a segment waits for more of it: Linux's
 * tcp_tso_win_divisor. */
#define DEFER_DIVISOR 3

/* The window to offer; one that opens by little is not told (RFC 1122, silly
 * window syndrome), and what a header cannot say is rounded off. */
static uint32_t
offer_window(struct vsw_tcp *tcp)
{
    const uint64_t unit = 1u << VSW_TCP_WINDOW_SHIFT;
    uint64_t edge = vsw_tcp_rcv_edge(tcp);
    uint64_t half = tcp->setup.recv_buf_bytes / 2;
    uint64_t least = half < tcp->setup.mss_bytes ? half
                                                 : tcp->setup.mss_bytes;

    if (edge < tcp->rcv_edge + least) {
        edge = tcp->rcv_edge > tcp->rcv_nxt ? tcp->rcv_edge : tcp->rcv_nxt;
    }
    tcp->rcv_edge = tcp->rcv_nxt + (edge - tcp->rcv_nxt) / unit * unit;
    return (uint32_t) (tcp->rcv_edge - tcp->rcv_nxt);
}

/* Fills the fields that every segment has; it acknowledges what has come. */
static void
begin_seg(struct vsw_tcp *tcp, uint64_t now_ns, uint64_t position,
          struct vsw_l4 *seg)
{
    *seg = (struct vsw_l4) {
        .seq = vsw_tcp_seq(tcp, position),
        .ts_val = vsw_tcp_ts(now_ns),
        .proto = VSW_L4_TCP,
        .seg_bytes = (uint16_t) tcp->setup.mss_bytes,
    };
    if (tcp->state == VSW_TCP_SYN_SENT) {
        seg->window_bytes = tcp->setup.recv_buf_bytes;
        return;
    }
    seg->flags = VSW_TCP_ACK;
    seg->ack = tcp->peer_isn + (uint32_t) tcp->rcv_nxt;
    seg->ts_ecr = tcp->ts_recent;
    seg->window_bytes = offer_window(tcp);
    tcp->rcv_acked = tcp->rcv_nxt;
    tcp->ack_now = false;
    tcp->small_came = false;
    tcp->ack_at_ns = VSW_TCP_NEVER_NS;
}

static void
send_syn(struct vsw_tcp *tcp, uint64_t now_ns, struct vsw_l4 *seg)
{
    begin_seg(tcp, now_ns, 0, seg);
    seg->flags |= VSW_TCP_SYN;
    tcp->send_syn = false;
    tcp->nxt = tcp->max = 1;
    if (tcp->resend_at_ns == VSW_TCP_NEVER_NS) {
        vsw_tcp_arm_resend(tcp, now_ns);
    }
}

/* --- Payload ------------------------------------------------------------- */

/* Bytes that the window lets go beyond what is under way. */
static uint64_t
usable_bytes(const struct vsw_tcp *tcp)
{
    uint64_t edge = tcp->una + tcp->cc.cwnd_bytes;

    edge = edge < tcp->edge ? edge : tcp->edge;
    return edge > tcp->nxt ? edge - tcp->nxt : 0;
}

/* As Linux's tcp_tso_should_defer(): a segment that only the window keeps from
 * being larger waits, unless it is a good part of that. */
static bool
should_defer(const struct vsw_tcp *tcp, uint64_t len)
{
    uint64_t cwnd_bytes = tcp->cc.cwnd_bytes;
    uint64_t window_bytes = tcp->edge - tcp->una;

    window_bytes = window_bytes < cwnd_bytes ? window_bytes : cwnd_bytes;
    return !tcp->in_recovery && tcp->nxt > tcp->una
           && len < tcp->setup.max_seg_bytes
           && len < window_bytes / DEFER_DIVISOR;
}

/* What may go of a tail below an MSS: Nagle's rule in Minshall's variant, one
 * small segment at a time. */
static uint64_t
hold_tail(const struct vsw_tcp *tcp, uint64_t len)
{
    bool small_under_way = tcp->small_end > tcp->una;

    return tcp->setup.nagle && small_under_way
               ? len - len % tcp->setup.mss_bytes : len;
}

/* Payload of the next segment, or 0. */
static uint64_t
next_len(const struct vsw_tcp *tcp)
{
    uint64_t mss_bytes = tcp->setup.mss_bytes;
    uint64_t left = tcp->end - tcp->nxt;
    uint64_t len = usable_bytes(tcp);

    if (left <= len && left <= tcp->setup.max_seg_bytes) {
        return hold_tail(tcp, left);
    }
    if (len >= tcp->setup.max_seg_bytes) {
        return tcp->setup.max_seg_bytes;
    }
    if (len >= mss_bytes) {
        len -= len % mss_bytes;
        return should_defer(tcp, len) ? 0 : len;
    }
    /* Less than a frame: only if that is much for this peer. */
    return len >= tcp->max_window_bytes / 2 ? len : 0;
}

static void
note_sent(struct vsw_tcp *tcp, uint64_t end)
{
    if (tcp->n_sent == VSW_TCP_MAX_SENT) {
        /* Too many to tell apart: the last two become one. */
        tcp->n_sent--;
    }
    tcp->sent[(tcp->first_sent + tcp->n_sent) % VSW_TCP_MAX_SENT] = end;
    tcp->n_sent++;
}

static void
count_sent(struct vsw_tcp *tcp, uint64_t from, uint64_t to)
{
    uint64_t again = from < tcp->max ? tcp->max - from : 0;

    again = again < to - from ? again : to - from;
    tcp->counts.n_segs_sent++;
    tcp->counts.n_bytes_sent += to - from;
    tcp->counts.n_bytes_again += again;
    tcp->counts.n_segs_again += again > 0;
}

static void
fill_payload(struct vsw_tcp *tcp, uint64_t now_ns, uint64_t from, uint64_t to,
             struct vsw_l4 *seg)
{
    begin_seg(tcp, now_ns, from, seg);
    seg->payload_bytes = (uint32_t) (to - from);
    if (to == tcp->end) {
        seg->flags |= VSW_TCP_PSH;
    }
    count_sent(tcp, from, to);
    if (tcp->max < to) {
        tcp->max = to;
    }
    if (tcp->resend_at_ns == VSW_TCP_NEVER_NS) {
        vsw_tcp_arm_resend(tcp, now_ns);
    }
}

static void
send_new(struct vsw_tcp *tcp, uint64_t now_ns, uint64_t len,
         struct vsw_l4 *seg)
{
    uint64_t from = tcp->nxt;

    tcp->nxt = from + len;
    if (len % tcp->setup.mss_bytes) {
        tcp->small_end = tcp->nxt;
    }
    note_sent(tcp, tcp->nxt);
    fill_payload(tcp, now_ns, from, from + len, seg);
}

/* Sends again what 'una' begins. */
static void
send_again(struct vsw_tcp *tcp, uint64_t now_ns, struct vsw_l4 *seg)
{
    uint64_t to = tcp->una + tcp->setup.mss_bytes;

    if (tcp->setup.whole_segs && tcp->n_sent > 0) {
        to = tcp->sent[tcp->first_sent % VSW_TCP_MAX_SENT];
        if (to > tcp->una + tcp->setup.max_seg_bytes) {
            to = tcp->una + tcp->setup.max_seg_bytes;
        }
    }
    to = to < tcp->max ? to : tcp->max;
    tcp->resend = false;
    fill_payload(tcp, now_ns, tcp->una, to, seg);
    vsw_tcp_arm_resend(tcp, now_ns);
}

/* Nothing under way and no window: nothing but a probe will ever tell. */
static void
arm_probe(struct vsw_tcp *tcp, uint64_t now_ns)
{
    if (tcp->end > tcp->nxt && tcp->nxt == tcp->una && tcp->max == tcp->una
        && tcp->probe_at_ns == VSW_TCP_NEVER_NS) {
        tcp->probe_at_ns = now_ns + tcp->rto_ns;
    }
}

bool
vsw_tcp_output(struct vsw_tcp *tcp, uint64_t now_ns, struct vsw_l4 *seg)
{
    uint64_t len;

    if (tcp->send_syn) {
        send_syn(tcp, now_ns, seg);
        return true;
    }
    if (tcp->state != VSW_TCP_ESTABLISHED) {
        return false;
    }
    if (tcp->resend && tcp->una < tcp->max) {
        send_again(tcp, now_ns, seg);
        return true;
    }
    len = tcp->end > tcp->nxt ? next_len(tcp) : 0;
    if (len > 0) {
        send_new(tcp, now_ns, len, seg);
        return true;
    }
    if (tcp->ack_now || tcp->probe) {
        begin_seg(tcp, now_ns, tcp->probe ? tcp->una - 1 : tcp->nxt, seg);
        tcp->probe = false;
        tcp->counts.n_acks_sent++;
        return true;
    }
    arm_probe(tcp, now_ns);
    return false;
}
