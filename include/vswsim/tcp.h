/* TCP endpoint: one end of one connection, as a state machine.
 *
 * There is no clock, no timer, no packet and no cost inside.  The caller
 * passes the time and the fields of arriving segments in, asks for segments to
 * send until there are none, and calls vsw_tcp_expire() at the deadline that
 * it is told.  One object serves a guest's kernel, a stack in user space and a
 * client on the wire.
 *
 * Bytes have no content: the byte with number n of a stream is byte n, and the
 * endpoint proves that each is delivered once and in order.
 *
 * A segment is what the socket holds when the window opens, up to
 * 'max_seg_bytes': with segmentation offload that is many times the MSS, and
 * whoever has a wire cuts it.
 *
 * Source: RFC 9293 (TCP), 5681 and 6582 (loss recovery), 6298 (retransmission
 * timer), 7323 (timestamps, window scale), 1122 (delayed ACKs); where these
 * leave it open, Linux: when an aggregated segment is acknowledged, when
 * a window update is sent, Minshall's variant of Nagle's rule, when a large
 * segment waits for more window.
 *
 * Left out: closing, urgent data, selective acknowledgement, tail loss
 * probes, growth of buffers.
 *
 * Thread-safety: none; one owner. */
#ifndef VSWSIM_TCP_H
#define VSWSIM_TCP_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/pkt.h>
#include <vswsim/tcp_cc.h>

VSW_EXTERN_C_BEGIN

/* Payload of a full frame: 1500 less IP, TCP and the timestamps option. */
#define VSW_TCP_MSS_BYTES 1448u

/* Most payload of a segment with offload: as many full frames as fit in an
 * IP packet. */
#define VSW_TCP_MAX_SEG_BYTES (45 * VSW_TCP_MSS_BYTES)

/* Shift of windows in headers. */
#define VSW_TCP_WINDOW_SHIFT 7

/* No deadline. */
#define VSW_TCP_NEVER_NS UINT64_MAX

struct vsw_tcp_setup {
    enum vsw_tcp_cc_kind cc;
    uint32_t mss_bytes;
    uint32_t max_seg_bytes;     /* A multiple of 'mss_bytes'. */
    uint32_t send_buf_bytes;
    uint32_t recv_buf_bytes;    /* The window offered. */
    uint32_t init_window_segs;
    uint64_t rto_min_ns;
    uint64_t rto_max_ns;
    uint64_t delack_ns;         /* Longest wait of an ACK. */
    bool nagle;
    bool whole_segs;            /* Nobody cuts segments on the way, so one
                                 * that is lost is lost whole and sent again
                                 * whole; else an MSS is. */
    uint32_t isn;               /* First sequence number. */
};

#define VSW_TCP_SETUP_DEFAULT                                                \
    {.cc = VSW_TCP_CUBIC, .mss_bytes = VSW_TCP_MSS_BYTES,                    \
     .max_seg_bytes = VSW_TCP_MAX_SEG_BYTES, .send_buf_bytes = 4u << 20,     \
     .recv_buf_bytes = 4u << 20, .init_window_segs = 10,                     \
     .rto_min_ns = 200000000, .rto_max_ns = UINT64_C(120000000000),          \
     .delack_ns = 40000000, .nagle = true}

enum vsw_tcp_state {
    VSW_TCP_LISTEN,
    VSW_TCP_SYN_SENT,
    VSW_TCP_SYN_RECEIVED,
    VSW_TCP_ESTABLISHED,
};

/* What an arriving segment, or a timer, made happen. */
enum {
    VSW_TCP_OPENED   = 1 << 0,  /* The connection can send now. */
    VSW_TCP_READABLE = 1 << 1,  /* More bytes wait for vsw_tcp_read(). */
    VSW_TCP_WRITABLE = 1 << 2,  /* The send buffer has more room. */
    VSW_TCP_OUTPUT   = 1 << 3,  /* vsw_tcp_output() may have something. */
};

/* A range of bytes that came out of order. */
struct vsw_tcp_range {
    uint64_t from;
    uint64_t to;                /* Exclusive. */
};

#define VSW_TCP_MAX_RANGES 32
#define VSW_TCP_MAX_SENT 64

struct vsw_tcp_counts {
    uint64_t n_segs_sent;       /* With payload. */
    uint64_t n_bytes_sent;      /* Retransmitted ones included. */
    uint64_t n_segs_again;      /* Retransmitted. */
    uint64_t n_bytes_again;
    uint64_t n_fast;            /* Fast retransmits. */
    uint64_t n_timeouts;
    uint64_t n_acks_sent;       /* Without payload. */
    uint64_t n_dup_bytes;       /* Received a second time. */
    uint64_t n_rtts;            /* Samples, ... */
    uint64_t rtt_sum_ns;        /* ... their sum, ... */
    uint64_t rtt_min_ns;        /* ... and least. */
};

/* Positions count bytes from the SYN, which is number 0: the first byte of the
 * stream is number 1. */
struct vsw_tcp {
    struct vsw_tcp_setup setup;
    enum vsw_tcp_state state;
    struct vsw_tcp_cc cc;
    struct vsw_tcp_counts counts;

    /* Sender. */
    uint64_t una;               /* First unacknowledged. */
    uint64_t nxt;               /* Next to send. */
    uint64_t max;               /* Next never sent. */
    uint64_t end;               /* Next to be written. */
    uint64_t edge;              /* The peer takes what is below. */
    uint64_t max_window_bytes;  /* Largest that the peer has offered. */
    uint64_t small_end;         /* End of the last segment below an MSS. */
    uint64_t recover;           /* Recovery ends there. */
    uint32_t n_dup_acks;
    bool in_recovery;
    bool resend;                /* The segment at 'una'. */
    bool probe;                 /* A closed window. */
    bool send_syn;
    uint64_t sent[VSW_TCP_MAX_SENT];    /* Ends of segments under way. */
    uint32_t first_sent;
    uint32_t n_sent;

    /* Receiver. */
    uint32_t peer_isn;
    uint64_t rcv_nxt;
    uint64_t rcv_read;          /* Next to be read. */
    uint64_t rcv_acked;         /* Acknowledged last. */
    uint64_t rcv_edge;          /* What was offered reaches there. */
    struct vsw_tcp_range ranges[VSW_TCP_MAX_RANGES];    /* Sorted. */
    uint32_t n_ranges;
    uint32_t ts_recent;
    bool ack_now;
    bool small_came;            /* A segment below an MSS, since an ACK. */

    /* Timers. */
    uint64_t srtt_ns;
    uint64_t rttvar_ns;
    uint64_t rto_ns;
    uint64_t resend_at_ns;
    uint64_t ack_at_ns;
    uint64_t probe_at_ns;
    uint32_t backoff;
};

/* Opens 'tcp' actively, or waits for a peer that does. */
VSW_API void vsw_tcp_connect(struct vsw_tcp *tcp,
                             const struct vsw_tcp_setup *setup);
VSW_API void vsw_tcp_listen(struct vsw_tcp *tcp,
                            const struct vsw_tcp_setup *setup);

/* Bytes that the send buffer has room for. */
VSW_API uint32_t vsw_tcp_room(const struct vsw_tcp *tcp);

/* Writes 'n_bytes' (at most the room) to be sent. */
VSW_API void vsw_tcp_write(struct vsw_tcp *tcp, uint32_t n_bytes);

/* Bytes that wait to be read, in order. */
static inline uint64_t
vsw_tcp_n_readable(const struct vsw_tcp *tcp)
{
    return tcp->rcv_nxt - tcp->rcv_read;
}

/* Reads 'n_bytes' of them.  An ACK may become due (a window update). */
VSW_API void vsw_tcp_read(struct vsw_tcp *tcp, uint32_t n_bytes);

/* Takes in a segment; the result is a set of VSW_TCP_*.  One with several
 * frames aggregated counts as one. */
VSW_API unsigned int vsw_tcp_input(struct vsw_tcp *tcp, uint64_t now_ns,
                                   const struct vsw_l4 *seg);

/* The next segment to send at 'now_ns', or false if there is none. */
VSW_API bool vsw_tcp_output(struct vsw_tcp *tcp, uint64_t now_ns,
                            struct vsw_l4 *seg);

/* When to call vsw_tcp_expire(), or VSW_TCP_NEVER_NS. */
VSW_API uint64_t vsw_tcp_deadline_ns(const struct vsw_tcp *tcp);

/* Does what is due; nothing before the deadline. */
VSW_API unsigned int vsw_tcp_expire(struct vsw_tcp *tcp, uint64_t now_ns);

/* Bytes sent and not acknowledged. */
static inline uint64_t
vsw_tcp_flight_bytes(const struct vsw_tcp *tcp)
{
    return tcp->nxt - tcp->una;
}

VSW_EXTERN_C_END

#endif
