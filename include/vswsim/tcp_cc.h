/* Congestion window of a TCP sender: NewReno or CUBIC.
 *
 * The caller says what was acknowledged or lost and passes the time in; all
 * arithmetic is on integers.
 *
 * Source: RFC 5681 (slow start, congestion avoidance), RFC 6582 (NewReno),
 * RFC 8312 (CUBIC, with C = 0.4 and beta = 0.7).
 *
 * Left out: HyStart, pacing, explicit congestion notification.
 *
 * Thread-safety: none; one owner. */
#ifndef VSWSIM_TCP_CC_H
#define VSWSIM_TCP_CC_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/compiler.h>

VSW_EXTERN_C_BEGIN

enum vsw_tcp_cc_kind {
    VSW_TCP_NEWRENO,
    VSW_TCP_CUBIC,
};

struct vsw_tcp_cc {
    enum vsw_tcp_cc_kind kind;
    uint32_t mss_bytes;
    uint64_t cwnd_bytes;
    uint64_t ssthresh_bytes;

    /* CUBIC. */
    uint64_t max_bytes;         /* Window before the last loss. */
    uint64_t epoch_ns;          /* Its growth began then; 0: not yet. */
    uint64_t k_ticks;           /* Until it is back at 'max_bytes', in 2^-10
                                 * s. */
    uint64_t friendly_bytes;    /* What NewReno would have. */
};

/* Starts with a window of 'init_segs' segments of 'mss_bytes'. */
VSW_API void vsw_tcp_cc_init(struct vsw_tcp_cc *cc, enum vsw_tcp_cc_kind kind,
                             uint32_t mss_bytes, uint32_t init_segs);

/* 'acked_bytes' were acknowledged for the first time at 'now_ns', outside of
 * recovery, while the window was what limited the sender. */
VSW_API void vsw_tcp_cc_acked(struct vsw_tcp_cc *cc, uint64_t now_ns,
                              uint64_t acked_bytes, uint64_t srtt_ns);

/* A loss was noticed with 'flight_bytes' unacknowledged: lowers the threshold,
 * and leaves the window to the caller (fast recovery) ... */
VSW_API void vsw_tcp_cc_lost(struct vsw_tcp_cc *cc, uint64_t flight_bytes);

/* ... or sets it to one segment, after a timeout. */
VSW_API void vsw_tcp_cc_timed_out(struct vsw_tcp_cc *cc,
                                  uint64_t flight_bytes, bool first);

/* Largest x with x * x * x <= n. */
VSW_API uint64_t vsw_tcp_cbrt(uint64_t n);

VSW_EXTERN_C_END

#endif
