/* Batching timer: lets several packets share one notification.
 *
 * The first packet added opens a batch, which closes when it holds 'max_pkts'
 * packets or when that first packet has waited 'hold_ns'.
 *
 * There is no clock or timer inside.  The caller passes the time in and is
 * told when to call back, so one object serves simulated and real time.
 *
 * Thread-safety: none; one owner per batch. */
#ifndef VSWSIM_BATCH_H
#define VSWSIM_BATCH_H

#include <stdint.h>

#include <vswsim/compiler.h>

VSW_EXTERN_C_BEGIN

/* What the caller must do after adding a packet. */
enum vsw_batch_verdict {
    VSW_BATCH_HOLD,     /* Nothing: the packet joined an open batch. */
    VSW_BATCH_ARM,      /* Call vsw_batch_expire() at 'deadline_ns'. */
    VSW_BATCH_FLUSH,    /* Notify now: the packet filled the batch. */
};

struct vsw_batch {
    uint32_t max_pkts;      /* Packets that close a batch, >= 1. */
    uint64_t hold_ns;       /* Longest wait of a batch's first packet. */
    uint32_t n_pkts;        /* Packets waiting; 0 if no batch is open. */
    uint64_t deadline_ns;   /* Meaningful only while 'n_pkts' > 0. */
};

/* Initializes 'b' in place.  A 'max_pkts' of 1 turns batching off. */
VSW_API void vsw_batch_init(struct vsw_batch *b, uint32_t max_pkts,
                            uint64_t hold_ns);

/* Adds one packet at 'now_ns', which must not run backward between calls.
 * After VSW_BATCH_FLUSH the batch had 'max_pkts' packets and is closed. */
VSW_API enum vsw_batch_verdict vsw_batch_add(struct vsw_batch *b,
                                             uint64_t now_ns);

/* Closes a batch whose deadline has passed and returns its packet count.
 * Returns 0 and changes nothing before the deadline or with no batch open, so
 * a stale timer does no harm and needs no cancelling. */
VSW_API uint32_t vsw_batch_expire(struct vsw_batch *b, uint64_t now_ns);

/* Closes the batch whatever its deadline and returns its packet count, 0 if
 * none is open: for an owner that shuts down or is about to sleep. */
VSW_API uint32_t vsw_batch_close(struct vsw_batch *b);

VSW_EXTERN_C_END

#endif
