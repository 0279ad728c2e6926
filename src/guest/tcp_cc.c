#include <vswsim/tcp_cc.h>

#include <string.h>

/* RFC 8312: C = 4/10 segments/s^3, beta = 7/10.  Time is in 2^-10 s, so that
 * cubes of an hour fit into 64 bits. */
#define TICK_BITS 10
#define NS_PER_S  UINT64_C(1000000000)
#define MAX_TICKS (UINT64_C(1) << 20)

/* As large as windows get; keeps products in 64 bits. */
#define MAX_WINDOW_BYTES (UINT64_C(1) << 30)

void
vsw_tcp_cc_init(struct vsw_tcp_cc *cc, enum vsw_tcp_cc_kind kind,
                uint32_t mss_bytes, uint32_t init_segs)
{
    memset(cc, 0, sizeof *cc);
    cc->kind = kind;
    cc->mss_bytes = mss_bytes;
    cc->cwnd_bytes = (uint64_t) mss_bytes * init_segs;
    cc->ssthresh_bytes = MAX_WINDOW_BYTES;
}

uint64_t
vsw_tcp_cbrt(uint64_t n)
{
    uint64_t root = 0;

    /* Bit by bit; 2^21 cubed is 2^63. */
    for (int bit = 21; bit >= 0; bit--) {
        uint64_t next = root | (UINT64_C(1) << bit);

        if (next * next * next <= n) {
            root = next;
        }
    }
    return root;
}

/* Begins a round of cubic growth: K = cbrt((max - cwnd) / C). */
static void
begin_epoch(struct vsw_tcp_cc *cc, uint64_t now_ns)
{
    uint64_t below_segs = 0;

    cc->epoch_ns = now_ns ? now_ns : 1;
    cc->friendly_bytes = cc->cwnd_bytes;
    if (cc->max_bytes > cc->cwnd_bytes) {
        below_segs = (cc->max_bytes - cc->cwnd_bytes) / cc->mss_bytes;
    } else {
        cc->max_bytes = cc->cwnd_bytes;
    }
    cc->k_ticks = vsw_tcp_cbrt((below_segs * 10 / 4) << (3 * TICK_BITS));
}

/* W(t) = C * (t - K)^3 + max, an RTT ahead. */
static uint64_t
cubic_target(const struct vsw_tcp_cc *cc, uint64_t now_ns, uint64_t srtt_ns)
{
    uint64_t t = ((now_ns - cc->epoch_ns + srtt_ns) << TICK_BITS) / NS_PER_S;
    uint64_t distance = t > cc->k_ticks ? t - cc->k_ticks : cc->k_ticks - t;
    uint64_t delta_bytes;

    distance = distance < MAX_TICKS ? distance : MAX_TICKS;
    /* In parts of 2^-10 segment, to lose little and overflow never. */
    delta_bytes = ((distance * distance * distance >> (3 * TICK_BITS - 10))
                   * 4 / 10 * cc->mss_bytes) >> 10;
    if (t > cc->k_ticks) {
        return cc->max_bytes + delta_bytes;
    }
    return cc->max_bytes > delta_bytes ? cc->max_bytes - delta_bytes : 0;
}

/* Congestion avoidance of CUBIC, RFC 8312 sections 4.1 to 4.4. */
static void
grow_cubic(struct vsw_tcp_cc *cc, uint64_t now_ns, uint64_t acked_bytes,
           uint64_t srtt_ns)
{
    uint64_t target_bytes;

    if (cc->epoch_ns == 0) {
        begin_epoch(cc, now_ns);
    }
    target_bytes = cubic_target(cc, now_ns, srtt_ns);
    /* 3 * (1 - beta) / (1 + beta) = 9/17 of a segment per window. */
    cc->friendly_bytes += acked_bytes * cc->mss_bytes * 9 / 17
                          / cc->friendly_bytes;
    if (target_bytes > cc->cwnd_bytes * 3 / 2) {
        target_bytes = cc->cwnd_bytes * 3 / 2;
    }
    if (target_bytes > cc->cwnd_bytes) {
        cc->cwnd_bytes += (target_bytes - cc->cwnd_bytes) * acked_bytes
                          / cc->cwnd_bytes;
    }
    if (cc->friendly_bytes > cc->cwnd_bytes) {
        cc->cwnd_bytes = cc->friendly_bytes;
    }
}

void
vsw_tcp_cc_acked(struct vsw_tcp_cc *cc, uint64_t now_ns, uint64_t acked_bytes,
                 uint64_t srtt_ns)
{
    if (cc->cwnd_bytes < cc->ssthresh_bytes) {
        uint64_t room = cc->ssthresh_bytes - cc->cwnd_bytes;
        uint64_t step = acked_bytes < room ? acked_bytes : room;

        cc->cwnd_bytes += step;
        acked_bytes -= step;
    }
    if (acked_bytes > 0 && cc->kind == VSW_TCP_CUBIC) {
        grow_cubic(cc, now_ns, acked_bytes, srtt_ns);
    } else if (acked_bytes > 0) {
        /* A segment per window: RFC 5681, equation 3, by bytes. */
        cc->cwnd_bytes += (acked_bytes * cc->mss_bytes + cc->cwnd_bytes - 1)
                          / cc->cwnd_bytes;
    }
    if (cc->cwnd_bytes > MAX_WINDOW_BYTES) {
        cc->cwnd_bytes = MAX_WINDOW_BYTES;
    }
}

void
vsw_tcp_cc_lost(struct vsw_tcp_cc *cc, uint64_t flight_bytes)
{
    uint64_t least_bytes = 2 * (uint64_t) cc->mss_bytes;
    uint64_t bytes = flight_bytes / 2;

    if (cc->kind == VSW_TCP_CUBIC) {
        /* Fast convergence: a window that shrinks gives up some more. */
        cc->max_bytes = cc->cwnd_bytes < cc->max_bytes
                            ? cc->cwnd_bytes * 17 / 20 : cc->cwnd_bytes;
        cc->epoch_ns = 0;
        bytes = flight_bytes * 7 / 10;
    }
    cc->ssthresh_bytes = bytes > least_bytes ? bytes : least_bytes;
}

void
vsw_tcp_cc_timed_out(struct vsw_tcp_cc *cc, uint64_t flight_bytes, bool first)
{
    if (first) {
        vsw_tcp_cc_lost(cc, flight_bytes);
    }
    cc->cwnd_bytes = cc->mss_bytes;
    cc->epoch_ns = 0;
}
