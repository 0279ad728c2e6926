/* Dialogs: who talks to whom over which connections, what the applications at
 * their ends do, and what came of it.
 *
 * A dialog is one connection (or, of UDP, one flow) between two sockets, at
 * the ports and queues named.
 *
 * In a talk, what an end says next it says as soon as it has read all that the
 * other said before, in the order of the capture: nothing else is known of
 * what made it speak.  An end that does not depend on the other is slowed down
 * by that.  (Source: Weigle et al., "Tmix: a tool for generating realistic TCP
 * application workloads in ns-2", CCR 2006, whose sequential connections are
 * these, without their thinking times.)
 *
 * Thread-safety: none; part of one simulation. */
#ifndef VSWSIM_DIALOG_H
#define VSWSIM_DIALOG_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/histogram.h>
#include <vswsim/tcp.h>
#include <vswsim/unit.h>
#include <vswsim/workload.h>

VSW_EXTERN_C_BEGIN

enum vsw_dialog_kind {
    VSW_DIALOG_STREAM,      /* The active end writes for ever. */
    VSW_DIALOG_REQUEST,     /* It sends a request, waits for the answer, and
                             * begins anew. */
    VSW_DIALOG_UDP,         /* It sends datagrams. */
    VSW_DIALOG_TALK,        /* Both send the messages of a talk of a trace,
                             * each in its turn, and begin anew. */
};

/* Sizes of segments that a histogram tells apart: by powers of two, 1 to
 * 65536. */
#define VSW_DIALOG_N_SIZES 17

struct vsw_dialog_setup {
    enum vsw_dialog_kind kind;
    struct vsw_tcp_setup tcp;
    uint32_t payload_bytes;     /* Of a send, or a datagram. */
    uint32_t n_loops;           /* Times that a talk is held; 0: for ever. */
    bool sendfile;              /* Without a copy from user space, ... */
    uint32_t file_bytes;        /* ... but from a file of this size. */
    uint32_t read_bytes;        /* Most that one receive takes. */
    uint32_t request_bytes;
    uint32_t response_bytes;
    bool key_value;             /* Requests are served by a key-value store,
                                 * which costs an application's time. */
    uint64_t spread_ns;         /* In which dialogs begin, one after the other;
                                 * 0: all at once. */
    uint64_t gap_ns;            /* Between datagrams; 0: as fast as the driver
                                 * takes them. */
};

struct vsw_dialog {
    uint32_t ports[2];          /* Active end, passive end. */
    uint32_t queues[2];
    uint32_t flows[2];          /* Of what each sends. */
    bool whole_segs;            /* Nobody cuts segments on the way. */
    const struct vsw_workload_msg *msgs;    /* Of a talk; borrowed. */
    uint32_t n_msgs;
    uint64_t n_bytes[2];        /* Payload that each end read, in the window.
                                 */
    uint64_t n_transactions;    /* In the window. */
};

struct vsw_dialogs {
    struct vsw_dialog_setup setup;
    struct vsw_dialog *list;    /* Owned. */
    uint32_t n;
    uint32_t n_flows;           /* Of the workload. */
    struct vsw_histogram *transaction_ps;   /* Times of transactions, in the
                                             * window; owned. */
    uint64_t sizes[VSW_DIALOG_N_SIZES];     /* Segments with payload, as their
                                             * senders gave them to a driver,
                                             * in the window: [i] has those
                                             * of 2^(i-1)+1 to 2^i bytes. */

    /* Sums over all ends: TCP's from the begin of the window on, the others
     * of the whole run. */
    struct vsw_tcp_counts tcp;
    uint64_t n_wakes;           /* Tasks woken. */
    uint64_t n_udp_sent;
    uint64_t n_udp_received;
    uint64_t n_udp_overflows;   /* Lost because a socket's buffer was full. */
};

/* Makes room for 'n' dialogs, which the caller describes.  Returns 0 or
 * -ENOMEM. */
VSW_API int vsw_dialogs_init(struct vsw_dialogs *dialogs,
                             const struct vsw_dialog_setup *setup,
                             uint32_t n, uint32_t n_flows);
VSW_API void vsw_dialogs_fini(struct vsw_dialogs *dialogs);

/* A segment of 'n_bytes' of payload was given to a driver by 'unit'. */
VSW_API void vsw_dialogs_count_seg(struct vsw_dialogs *dialogs,
                                   const struct vsw_unit *unit,
                                   uint32_t n_bytes);

/* Payload that was read in the window. */
VSW_API uint64_t vsw_dialogs_n_bytes(const struct vsw_dialogs *dialogs);
VSW_API uint64_t vsw_dialogs_n_transactions(const struct vsw_dialogs *d);

/* Jain's index of the dialogs' payload, in millionths: (sum x)^2 / (n sum
 * x^2); 1000000 if all got the same. */
VSW_API uint32_t vsw_dialogs_jain_ppm(const struct vsw_dialogs *dialogs);

VSW_EXTERN_C_END

#endif
