/* Direct copy: a hypervisor copies a packet from the memory of its sender to a
 * buffer that its receiver has posted, once.
 *
 * The copy goes on over several calls, a page at a step, so that the CPU does
 * not run far ahead of the others.  Costs, all but the bytes at the begin:
 * VRING_DESC per descriptor of the receiver, VRING_USED for its ring and for
 * the completion that the sender gets, COPY_CALL and COPY_BYTE.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_DIRECT_COPY_H
#define VSWSIM_DIRECT_COPY_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/queue.h>
#include <vswsim/switch.h>

VSW_EXTERN_C_BEGIN

/* One that a worker has in hand. */
struct vsw_direct_copy {
    struct vsw_queue *to;
    uint32_t pkt;               /* VSW_NONE: none. */
    uint32_t n_slots;           /* Of the receiver. */
    uint32_t n_done_bytes;
    bool lends;                 /* No bytes move: the receiver gets the pages
                                 * of the sender behind its slots. */
};

/* Checks that the machine has all costs of this file.  Returns 0, or -EINVAL
 * with 'err' filled. */
VSW_API int vsw_direct_copy_check_costs(const struct vsw_sim *sim,
                                        const char *who,
                                        struct vsw_error *err);

/* Begins to copy 'pkt' to 'to' on 'unit', which is at sync and has the ring to
 * itself until the end; or, if it 'lends', to pass on the pages, which must be
 * of the size of the receiver's buffers.  Returns false, and does nothing, if
 * the receiver has posted too few buffers. */
VSW_API bool vsw_direct_copy_begin(struct vsw_direct_copy *copy,
                                   struct vsw_switch *sw,
                                   struct vsw_unit *unit,
                                   struct vsw_queue *to, uint32_t pkt,
                                   bool lends);

/* Copies until the quantum of 'worker' is over.  True when all is copied. */
VSW_API bool vsw_direct_copy_step(struct vsw_direct_copy *copy,
                                  struct vsw_switch *sw,
                                  struct vsw_worker *worker);

/* Gives the packet to the receiver, at local time, for nothing, and returns
 * the chain of the sender's buffers that it occupied; if it lends, that of the
 * receiver's buffers whose place they have taken. */
VSW_API uint32_t vsw_direct_copy_end(struct vsw_direct_copy *copy,
                                     struct vsw_switch *sw,
                                     struct vsw_unit *unit);

/* Abandons a copy that was begun; the packet is as it was. */
VSW_API void vsw_direct_copy_abort(struct vsw_direct_copy *copy);

VSW_EXTERN_C_END

#endif
