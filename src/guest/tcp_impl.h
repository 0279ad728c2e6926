/* What the files of the TCP endpoint share. */
#ifndef GUEST_TCP_IMPL_H
#define GUEST_TCP_IMPL_H

#include <vswsim/tcp.h>

/* Our and the peer's sequence number of a position. */
static inline uint32_t
vsw_tcp_seq(const struct vsw_tcp *tcp, uint64_t position)
{
    return tcp->setup.isn + (uint32_t) position;
}

static inline uint32_t
vsw_tcp_ts(uint64_t now_ns)
{
    return (uint32_t) (now_ns / 1000);
}

/* The position, near 'position' that has 'seq', that has 'other'. */
static inline uint64_t
vsw_tcp_near(uint64_t position, uint32_t seq, uint32_t other)
{
    return position + (uint64_t) (int64_t) (int32_t) (other - seq);
}

/* (Re)starts the retransmission timer, or stops it if nothing is under way.
 */
void vsw_tcp_arm_resend(struct vsw_tcp *tcp, uint64_t now_ns);

/* A round trip was measured. */
void vsw_tcp_sample_rtt(struct vsw_tcp *tcp, uint64_t rtt_ns);

/* Remembers a range that came out of order; one range too many is forgotten,
 * and will be sent again.  Returns how many bytes were there already. */
uint64_t vsw_tcp_ranges_add(struct vsw_tcp *tcp, uint64_t from, uint64_t to);

/* Moves 'rcv_nxt' past ranges that it has reached. */
void vsw_tcp_ranges_join(struct vsw_tcp *tcp);

/* Where the receive window may reach now. */
static inline uint64_t
vsw_tcp_rcv_edge(const struct vsw_tcp *tcp)
{
    return tcp->rcv_read + tcp->setup.recv_buf_bytes;
}

#endif
