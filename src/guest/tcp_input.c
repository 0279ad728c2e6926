/* The endpoint's reaction to arriving segments. */
#include "guest/tcp_impl.h"

#define DUP_ACKS 3

/* --- Opening ------------------------------------------------------------- */

static void
take_syn(struct vsw_tcp *tcp, const struct vsw_l4 *seg)
{
    tcp->peer_isn = seg->seq;
    tcp->rcv_edge = 1;
    tcp->ts_recent = seg->ts_val;
}

static void
open_up(struct vsw_tcp *tcp, uint64_t now_ns, const struct vsw_l4 *seg)
{
    tcp->state = VSW_TCP_ESTABLISHED;
    tcp->una = tcp->una > 1 ? tcp->una : 1;
    tcp->edge = 1 + (uint64_t) seg->window_bytes;
    tcp->max_window_bytes = seg->window_bytes;
    tcp->backoff = 0;
    vsw_tcp_sample_rtt(tcp,
                       (uint64_t) (vsw_tcp_ts(now_ns) - seg->ts_ecr) * 1000);
    vsw_tcp_arm_resend(tcp, now_ns);
}

/* Returns the events of a segment that comes before the connection is open,
 * and whether it is to be handled as any other in '*go_on'. */
static unsigned int
handshake(struct vsw_tcp *tcp, uint64_t now_ns, const struct vsw_l4 *seg,
          bool *go_on)
{
    bool syn = seg->flags & VSW_TCP_SYN;
    bool acks_syn = (seg->flags & VSW_TCP_ACK)
                    && seg->ack == vsw_tcp_seq(tcp, 1);

    *go_on = false;
    if (tcp->state == VSW_TCP_LISTEN && syn) {
        take_syn(tcp, seg);
        tcp->state = VSW_TCP_SYN_RECEIVED;
        tcp->send_syn = true;
        return VSW_TCP_OUTPUT;
    }
    if (tcp->state == VSW_TCP_SYN_SENT && syn && acks_syn) {
        take_syn(tcp, seg);
        open_up(tcp, now_ns, seg);
        tcp->ack_now = true;
        return VSW_TCP_OPENED | VSW_TCP_WRITABLE | VSW_TCP_OUTPUT;
    }
    if (tcp->state == VSW_TCP_SYN_RECEIVED && syn) {
        tcp->send_syn = true;
        return VSW_TCP_OUTPUT;
    }
    if (tcp->state == VSW_TCP_SYN_RECEIVED && acks_syn) {
        open_up(tcp, now_ns, seg);
        *go_on = true;
        return VSW_TCP_OPENED | VSW_TCP_WRITABLE | VSW_TCP_OUTPUT;
    }
    return 0;
}

/* --- What is acknowledged ------------------------------------------------ */

/* As Linux's tcp_is_cwnd_limited(): a window that is not used does not grow.
 */
static bool
is_cwnd_limited(const struct vsw_tcp *tcp, uint64_t flight_bytes)
{
    uint64_t cwnd_bytes = tcp->cc.cwnd_bytes;
    uint64_t left_bytes;

    if (flight_bytes >= cwnd_bytes) {
        return true;
    }
    left_bytes = cwnd_bytes - flight_bytes;
    if (cwnd_bytes < tcp->cc.ssthresh_bytes) {
        return cwnd_bytes < 2 * flight_bytes;
    }
    return left_bytes <= 3 * (uint64_t) tcp->setup.mss_bytes
           || (left_bytes * 3 < cwnd_bytes
               && left_bytes < tcp->setup.max_seg_bytes);
}

static void
forget_sent(struct vsw_tcp *tcp)
{
    while (tcp->n_sent > 0
           && tcp->sent[tcp->first_sent % VSW_TCP_MAX_SENT] <= tcp->una) {
        tcp->first_sent++;
        tcp->n_sent--;
    }
}

/* RFC 6582, section 3.2, steps 3 and 4. */
static void
recover_more(struct vsw_tcp *tcp, uint64_t acked_bytes)
{
    uint64_t mss_bytes = tcp->setup.mss_bytes;
    struct vsw_tcp_cc *cc = &tcp->cc;

    if (tcp->una >= tcp->recover) {
        uint64_t flight_bytes = vsw_tcp_flight_bytes(tcp);
        uint64_t bytes = (flight_bytes > mss_bytes ? flight_bytes : mss_bytes)
                         + mss_bytes;

        cc->cwnd_bytes = bytes < cc->ssthresh_bytes ? bytes
                                                    : cc->ssthresh_bytes;
        tcp->in_recovery = false;
        tcp->n_dup_acks = 0;
        return;
    }
    tcp->resend = true;
    cc->cwnd_bytes = cc->cwnd_bytes > acked_bytes
                         ? cc->cwnd_bytes - acked_bytes : mss_bytes;
    if (acked_bytes >= mss_bytes) {
        cc->cwnd_bytes += mss_bytes;
    }
}

static unsigned int
advance(struct vsw_tcp *tcp, uint64_t now_ns, const struct vsw_l4 *seg,
        uint64_t ack)
{
    uint64_t acked_bytes = ack - tcp->una;
    uint64_t flight_bytes = tcp->nxt > tcp->una ? tcp->nxt - tcp->una : 0;
    bool limited = is_cwnd_limited(tcp, flight_bytes);

    tcp->una = ack;
    if (tcp->nxt < ack) {
        tcp->nxt = ack;         /* What was sent before a timeout arrived. */
    }
    forget_sent(tcp);
    tcp->backoff = 0;
    vsw_tcp_sample_rtt(tcp,
                       (uint64_t) (vsw_tcp_ts(now_ns) - seg->ts_ecr) * 1000);
    if (tcp->in_recovery) {
        recover_more(tcp, acked_bytes);
    } else {
        tcp->n_dup_acks = 0;
        if (limited) {
            vsw_tcp_cc_acked(&tcp->cc, now_ns, acked_bytes, tcp->srtt_ns);
        }
    }
    vsw_tcp_arm_resend(tcp, now_ns);
    return VSW_TCP_WRITABLE | VSW_TCP_OUTPUT;
}

/* RFC 6582, section 3.2, step 2; RFC 5681, section 3.2. */
static unsigned int
duplicate(struct vsw_tcp *tcp)
{
    uint64_t mss_bytes = tcp->setup.mss_bytes;

    if (tcp->in_recovery) {
        tcp->cc.cwnd_bytes += mss_bytes;
        return VSW_TCP_OUTPUT;
    }
    if (++tcp->n_dup_acks != DUP_ACKS || tcp->una < tcp->recover) {
        return 0;
    }
    tcp->counts.n_fast++;
    vsw_tcp_cc_lost(&tcp->cc, vsw_tcp_flight_bytes(tcp));
    tcp->cc.cwnd_bytes = tcp->cc.ssthresh_bytes + DUP_ACKS * mss_bytes;
    tcp->recover = tcp->max;
    tcp->in_recovery = true;
    tcp->resend = true;
    return VSW_TCP_OUTPUT;
}

static unsigned int
take_ack(struct vsw_tcp *tcp, uint64_t now_ns, const struct vsw_l4 *seg)
{
    uint64_t ack = vsw_tcp_near(tcp->una, vsw_tcp_seq(tcp, tcp->una),
                                seg->ack);
    uint64_t edge = ack + seg->window_bytes;
    unsigned int events = 0;

    if (ack > tcp->max || ack < tcp->una) {
        return 0;               /* Never sent, or old. */
    }
    if (ack == tcp->una && seg->payload_bytes == 0 && edge == tcp->edge
        && tcp->max > tcp->una) {
        events = duplicate(tcp);
    }
    if (edge > tcp->edge) {
        if (tcp->probe_at_ns != VSW_TCP_NEVER_NS) {
            tcp->probe_at_ns = VSW_TCP_NEVER_NS;
            tcp->backoff = 0;
        }
        events |= VSW_TCP_OUTPUT;
    }
    tcp->edge = edge;
    if (seg->window_bytes > tcp->max_window_bytes) {
        tcp->max_window_bytes = seg->window_bytes;
    }
    if (ack > tcp->una) {
        events |= advance(tcp, now_ns, seg, ack);
    }
    return events;
}

/* --- What is received ---------------------------------------------------- */

/* As Linux's __tcp_ack_snd_check(): more than a full frame unacknowledged,
 * or any disorder, is acknowledged at once; anything else waits. */
static void
schedule_ack(struct vsw_tcp *tcp, uint64_t now_ns, bool disorder)
{
    if (disorder || tcp->rcv_nxt - tcp->rcv_acked > tcp->setup.mss_bytes) {
        tcp->ack_now = true;
    } else if (tcp->ack_at_ns == VSW_TCP_NEVER_NS) {
        tcp->ack_at_ns = now_ns + tcp->setup.delack_ns;
    }
}

static unsigned int
take_in_order(struct vsw_tcp *tcp, uint64_t now_ns, uint64_t to)
{
    bool filled = tcp->n_ranges > 0;

    tcp->rcv_nxt = to;
    vsw_tcp_ranges_join(tcp);
    schedule_ack(tcp, now_ns, filled);
    return VSW_TCP_READABLE | (tcp->ack_now ? VSW_TCP_OUTPUT : 0);
}

static unsigned int
take_payload(struct vsw_tcp *tcp, uint64_t now_ns, const struct vsw_l4 *seg)
{
    uint64_t from = vsw_tcp_near(tcp->rcv_nxt,
                                 tcp->peer_isn + (uint32_t) tcp->rcv_nxt,
                                 seg->seq);
    uint64_t to = from + seg->payload_bytes;

    if (to <= tcp->rcv_nxt || from > vsw_tcp_rcv_edge(tcp)) {
        tcp->counts.n_dup_bytes += seg->payload_bytes;
        tcp->ack_now = true;
        return VSW_TCP_OUTPUT;
    }
    if (to > vsw_tcp_rcv_edge(tcp)) {
        to = vsw_tcp_rcv_edge(tcp);
    }
    if (seg->payload_bytes < tcp->setup.mss_bytes) {
        tcp->small_came = true;
    }
    if (from <= tcp->rcv_nxt) {
        tcp->counts.n_dup_bytes += tcp->rcv_nxt - from;
        if (from <= tcp->rcv_acked) {
            tcp->ts_recent = seg->ts_val;   /* RFC 7323, section 4.3. */
        }
        return take_in_order(tcp, now_ns, to);
    }
    tcp->counts.n_dup_bytes += vsw_tcp_ranges_add(tcp, from, to);
    schedule_ack(tcp, now_ns, true);
    return VSW_TCP_OUTPUT;
}

/* A segment without payload that is not where the peer should be is a probe,
 * or a SYN that came again. */
static unsigned int
take_empty(struct vsw_tcp *tcp, const struct vsw_l4 *seg)
{
    if (seg->seq != tcp->peer_isn + (uint32_t) tcp->rcv_nxt
        && (int32_t) (seg->seq - (tcp->peer_isn + (uint32_t) tcp->rcv_nxt))
               < 0) {
        tcp->ack_now = true;
        return VSW_TCP_OUTPUT;
    }
    return 0;
}

unsigned int
vsw_tcp_input(struct vsw_tcp *tcp, uint64_t now_ns, const struct vsw_l4 *seg)
{
    unsigned int events = 0;

    if (tcp->state != VSW_TCP_ESTABLISHED) {
        bool go_on;

        events = handshake(tcp, now_ns, seg, &go_on);
        if (!go_on) {
            return events;
        }
    } else if (seg->flags & VSW_TCP_SYN) {
        return take_empty(tcp, seg);
    }
    events |= take_ack(tcp, now_ns, seg);
    events |= seg->payload_bytes > 0 ? take_payload(tcp, now_ns, seg)
                                     : take_empty(tcp, seg);
    return events;
}
