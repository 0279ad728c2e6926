#include "guest/tcp_impl.h"

#include <assert.h>
#include <string.h>

/* RFC 6298: before the first round trip is known. */
#define RTO_INITIAL_NS UINT64_C(1000000000)

static void
init(struct vsw_tcp *tcp, const struct vsw_tcp_setup *setup)
{
    memset(tcp, 0, sizeof *tcp);
    tcp->setup = *setup;
    vsw_tcp_cc_init(&tcp->cc, setup->cc, setup->mss_bytes,
                    setup->init_window_segs);
    tcp->end = 1;
    tcp->rcv_nxt = 1;
    tcp->rcv_read = 1;
    tcp->rto_ns = RTO_INITIAL_NS;
    tcp->resend_at_ns = VSW_TCP_NEVER_NS;
    tcp->ack_at_ns = VSW_TCP_NEVER_NS;
    tcp->probe_at_ns = VSW_TCP_NEVER_NS;
    tcp->counts.rtt_min_ns = UINT64_MAX;
}

void
vsw_tcp_connect(struct vsw_tcp *tcp, const struct vsw_tcp_setup *setup)
{
    init(tcp, setup);
    tcp->state = VSW_TCP_SYN_SENT;
    tcp->send_syn = true;
}

void
vsw_tcp_listen(struct vsw_tcp *tcp, const struct vsw_tcp_setup *setup)
{
    init(tcp, setup);
    tcp->state = VSW_TCP_LISTEN;
}

uint32_t
vsw_tcp_room(const struct vsw_tcp *tcp)
{
    /* The SYN is not in the buffer. */
    uint64_t una = tcp->una > 0 ? tcp->una : 1;

    return tcp->setup.send_buf_bytes - (uint32_t) (tcp->end - una);
}

void
vsw_tcp_write(struct vsw_tcp *tcp, uint32_t n_bytes)
{
    assert(n_bytes <= vsw_tcp_room(tcp));
    tcp->end += n_bytes;
}

/* The window that the peer still believes in. */
static uint64_t
believed_window(const struct vsw_tcp *tcp)
{
    return tcp->rcv_edge > tcp->rcv_nxt ? tcp->rcv_edge - tcp->rcv_nxt : 0;
}

/* As Linux's tcp_cleanup_rbuf(): a window that has at least doubled, or a
 * small segment at the end of what was read, makes an ACK due. */
void
vsw_tcp_read(struct vsw_tcp *tcp, uint32_t n_bytes)
{
    uint64_t window_bytes;
    bool waits = tcp->ack_at_ns != VSW_TCP_NEVER_NS;

    assert(n_bytes <= vsw_tcp_n_readable(tcp));
    tcp->rcv_read += n_bytes;
    window_bytes = vsw_tcp_rcv_edge(tcp) - tcp->rcv_nxt;
    if (window_bytes >= 2 * believed_window(tcp)
        && window_bytes >= tcp->setup.mss_bytes) {
        tcp->ack_now = true;
    }
    if (waits && tcp->small_came && tcp->rcv_read == tcp->rcv_nxt
        && tcp->end == 1) {
        tcp->ack_now = true;
    }
}

/* RFC 6298, section 2. */
void
vsw_tcp_sample_rtt(struct vsw_tcp *tcp, uint64_t rtt_ns)
{
    struct vsw_tcp_counts *counts = &tcp->counts;
    uint64_t rto_ns;

    if (tcp->srtt_ns == 0) {
        tcp->srtt_ns = rtt_ns;
        tcp->rttvar_ns = rtt_ns / 2;
    } else {
        uint64_t off = rtt_ns > tcp->srtt_ns ? rtt_ns - tcp->srtt_ns
                                             : tcp->srtt_ns - rtt_ns;

        tcp->rttvar_ns = (3 * tcp->rttvar_ns + off) / 4;
        tcp->srtt_ns = (7 * tcp->srtt_ns + rtt_ns) / 8;
    }
    rto_ns = tcp->srtt_ns + 4 * tcp->rttvar_ns;
    tcp->rto_ns = rto_ns > tcp->setup.rto_min_ns ? rto_ns
                                                 : tcp->setup.rto_min_ns;
    counts->n_rtts++;
    counts->rtt_sum_ns += rtt_ns;
    if (rtt_ns < counts->rtt_min_ns) {
        counts->rtt_min_ns = rtt_ns;
    }
}

static uint64_t
backed_off_ns(const struct vsw_tcp *tcp)
{
    uint32_t shift = tcp->backoff < 16 ? tcp->backoff : 16;
    uint64_t ns = tcp->rto_ns << shift;

    return ns < tcp->setup.rto_max_ns ? ns : tcp->setup.rto_max_ns;
}

void
vsw_tcp_arm_resend(struct vsw_tcp *tcp, uint64_t now_ns)
{
    tcp->resend_at_ns = tcp->max > tcp->una ? now_ns + backed_off_ns(tcp)
                                            : VSW_TCP_NEVER_NS;
}

uint64_t
vsw_tcp_deadline_ns(const struct vsw_tcp *tcp)
{
    uint64_t ns = tcp->resend_at_ns;

    ns = tcp->ack_at_ns < ns ? tcp->ack_at_ns : ns;
    return tcp->probe_at_ns < ns ? tcp->probe_at_ns : ns;
}

/* RFC 6298, section 5: everything unacknowledged is sent anew. */
static void
time_out(struct vsw_tcp *tcp, uint64_t now_ns)
{
    tcp->counts.n_timeouts++;
    if (tcp->state != VSW_TCP_ESTABLISHED) {
        tcp->send_syn = true;
    } else {
        vsw_tcp_cc_timed_out(&tcp->cc, vsw_tcp_flight_bytes(tcp),
                             tcp->backoff == 0);
        tcp->recover = tcp->max;
        tcp->nxt = tcp->una;
        tcp->small_end = 0;
        tcp->n_sent = 0;
        tcp->in_recovery = false;
        tcp->resend = false;
        tcp->n_dup_acks = 0;
    }
    tcp->backoff++;
    vsw_tcp_arm_resend(tcp, now_ns);
}

unsigned int
vsw_tcp_expire(struct vsw_tcp *tcp, uint64_t now_ns)
{
    unsigned int events = 0;

    if (tcp->ack_at_ns <= now_ns) {
        tcp->ack_at_ns = VSW_TCP_NEVER_NS;
        tcp->ack_now = true;
        events = VSW_TCP_OUTPUT;
    }
    if (tcp->resend_at_ns <= now_ns) {
        time_out(tcp, now_ns);
        events = VSW_TCP_OUTPUT;
    }
    if (tcp->probe_at_ns <= now_ns) {
        tcp->probe = true;
        tcp->backoff++;
        tcp->probe_at_ns = now_ns + backed_off_ns(tcp);
        events = VSW_TCP_OUTPUT;
    }
    return events;
}
