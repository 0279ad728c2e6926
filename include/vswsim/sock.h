/* Sockets: the endpoints of one vCPU or client, and the applications that use
 * them.
 *
 * A set holds the sockets of one queue.  It demultiplexes what arrives, knows
 * which sockets have a segment to send and which applications have something
 * to do, and when the next timer is due.  It charges nothing: who runs it (a
 * guest's kernel, a stack in user space, a client) decides what each step
 * costs.
 *
 * An application does one thing per step, as it would with one system call:
 * one send, or one receive.
 *
 * Source: netperf's TCP_STREAM, TCP_RR and UDP_STREAM for what applications
 * do; Linux for when a blocked sender is woken (a third of its buffer free).
 *
 * Thread-safety: none. */
#ifndef VSWSIM_SOCK_H
#define VSWSIM_SOCK_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/dialog.h>
#include <vswsim/pkt.h>
#include <vswsim/tcp.h>

VSW_EXTERN_C_BEGIN

/* Headers of a segment: Ethernet, IPv4, TCP with timestamps; of a datagram. */
#define VSW_TCP_HEADER_BYTES (14u + 20u + 32u)
#define VSW_TCP_SYN_BYTES    8u     /* More options in a SYN. */
#define VSW_UDP_HEADER_BYTES (14u + 20u + 8u)

struct vsw_sockset;

struct vsw_sock {
    struct vsw_tcp tcp;
    uint32_t dialog;
    uint32_t side;              /* 0: the active end. */
    bool counted;               /* The counts are of the window. */
    bool in_output;             /* Queued for output, ... */
    bool in_apps;               /* ... or as an application to run. */
    bool blocked;               /* The application waits. */
    uint64_t asked_ps;          /* When the request was sent. */
    uint64_t n_pending;         /* Bytes of the message that is being read;
                                 * of UDP: in the socket's buffer. */
    uint64_t n_unsent;          /* Bytes of messages that had no room. */
    bool waits_for_answer;
    uint32_t next_datagram;
    uint32_t next_msg;          /* Of a talk: the next of its own, ... */
    uint32_t n_loops;           /* ... in this repetition, ... */
    uint64_t n_awaited;         /* ... after so many bytes have been read; */
    bool silent;                /* there is none. */
    uint64_t due_ns;            /* Of the next datagram; of the connection that
                                 * has not begun, or 0. */
    struct vsw_sock *next_output;
    struct vsw_sock *next_app;
};

struct vsw_socklist {
    struct vsw_sock *first;
    struct vsw_sock *last;
};

struct vsw_sockset {
    struct vsw_dialogs *dialogs;    /* Borrowed. */
    struct vsw_sock *socks;         /* Owned. */
    uint32_t n_socks;
    uint32_t *by_flow;              /* Socket that receives it, or VSW_NONE.
                                     */
    struct vsw_socklist output;
    struct vsw_socklist apps;
    uint64_t deadline_ns;           /* No timer is due before. */
};

/* Makes the sockets of 'queue' of 'port'.  Active ends open at once: they are
 * queued for output.  'isn' varies sequence numbers.  Returns 0 or -ENOMEM. */
VSW_API int vsw_sockset_init(struct vsw_sockset *set,
                             struct vsw_dialogs *dialogs, uint32_t port,
                             uint32_t queue, uint32_t isn);
VSW_API void vsw_sockset_fini(struct vsw_sockset *set);

/* Without segmentation offload: segments are an MSS at most. */
VSW_API void vsw_sockset_cut_segs(struct vsw_sockset *set);

/* Socket that receives packets of 'flow', or NULL. */
static inline struct vsw_sock *
vsw_sockset_find(const struct vsw_sockset *set, uint32_t flow)
{
    uint32_t i = flow < set->dialogs->n_flows ? set->by_flow[flow] : VSW_NONE;

    return i == VSW_NONE ? NULL : &set->socks[i];
}

/* Takes in a segment or datagram, at the local time of 'unit'. */
VSW_API void vsw_sockset_input(struct vsw_sockset *set, struct vsw_sock *sock,
                               const struct vsw_unit *unit,
                               const struct vsw_l4 *l4);

/* Lets timers that are due at the local time of 'unit' expire; returns how
 * many sockets were concerned. */
VSW_API uint32_t vsw_sockset_expire(struct vsw_sockset *set,
                                    const struct vsw_unit *unit);

/* Takes the next segment that is to be sent, of which socket; NULL: none. */
VSW_API struct vsw_sock *vsw_sockset_output(struct vsw_sockset *set,
                                            const struct vsw_unit *unit,
                                            struct vsw_l4 *l4);

/* True if vsw_sockset_output() may find something. */
static inline bool
vsw_sockset_has_output(const struct vsw_sockset *set)
{
    return set->output.first != NULL;
}

static inline bool
vsw_sockset_has_app(const struct vsw_sockset *set)
{
    return set->apps.first != NULL;
}

/* What one step of an application is about to do, or did. */
struct vsw_app_step {
    struct vsw_sock *sock;      /* NULL: there is nothing to do. */
    bool woken;                 /* It was blocked before. */
    uint64_t begun_ps;          /* When it was planned. */
    uint32_t n_written;         /* Bytes. */
    uint32_t n_read;
    uint32_t n_served;          /* Requests answered; known afterwards. */
    uint32_t n_done;            /* Transactions completed; the same. */
};

/* Tells the next step of the next application that has something to do,
 * without doing it: a caller whose copies take time charges them first, and
 * then runs the same step. */
VSW_API struct vsw_app_step vsw_sockset_plan_app(
    const struct vsw_sockset *set, const struct vsw_unit *unit);

/* Runs the step that 'plan' tells. */
VSW_API struct vsw_app_step vsw_sockset_run_app(
    struct vsw_sockset *set, const struct vsw_unit *unit,
    const struct vsw_app_step *plan);

/* Bytes of the frame that carries 'l4', check sequence included. */
VSW_API uint32_t vsw_l4_frame_bytes(const struct vsw_l4 *l4);

/* Adds what the sockets counted to the dialogs; before vsw_sockset_fini(). */
VSW_API void vsw_sockset_report(struct vsw_sockset *set);

VSW_EXTERN_C_END

#endif
