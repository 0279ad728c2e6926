/* Kernel transmit queue: one transmit queue of a NIC, as the driver of the
 * Linux kernel uses it from one context (a softirq of a CPU, or a kernel
 * thread), the only one that does.
 *
 * A packet is queued (unless 'direct'), gets descriptors, and is announced to
 * the NIC with a doorbell of its own: a switch hands packets over one at a
 * time.  What the NIC has sent is cleaned up later: its buffers go back to the
 * pool and its SKB to where it came from.
 *
 * Costs: KTX_QUEUE (not if 'direct'), KTX_PKT, KTX_CLEAN, DOORBELL.
 *
 * Sources: Linux net/core/dev.c, dev_queue_xmit(); drivers/net/ethernet/intel/
 * ixgbe/ixgbe_main.c, ixgbe_xmit_frame_ring() and ixgbe_clean_tx_irq().
 *
 * Thread-safety: none. */
#ifndef VSWSIM_KTX_H
#define VSWSIM_KTX_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/error.h>
#include <vswsim/queue.h>
#include <vswsim/skbs.h>
#include <vswsim/switch.h>

VSW_EXTERN_C_BEGIN

enum vsw_ktx_result {
    VSW_KTX_SENT,
    VSW_KTX_FULL,           /* No free descriptor; the packet is the
                             * caller's. */
    VSW_KTX_AGAIN,          /* That is known at sync only: end the call, and
                             * ask again. */
};

/* What is behind the first descriptor of a packet. */
struct vsw_ktx_slot {
    uint32_t skb;           /* Or VSW_NONE. */
    uint32_t blank;         /* Buffers that the slots had before. */
    uint32_t n_slots;
};

struct vsw_ktx {
    struct vsw_switch *sw;
    struct vsw_queue *queue;
    struct vsw_bufpool *pool;   /* Where buffers go back to. */
    struct vsw_skbs *skbs;      /* And SKBs; NULL: none are kept track of. */
    bool direct;
    struct vsw_ktx_slot *slots;
    uint32_t cleaned;           /* Counts slots, free-running. */
};

/* Prepares 'queue' of a NIC.  'pool' and 'skbs' are borrowed.  Returns 0, or a
 * negative errno value with 'err' filled. */
VSW_API int vsw_ktx_init(struct vsw_ktx *ktx, struct vsw_switch *sw,
                         struct vsw_queue *queue, struct vsw_bufpool *pool,
                         struct vsw_skbs *skbs, bool direct,
                         struct vsw_error *err);
VSW_API void vsw_ktx_fini(struct vsw_ktx *ktx);

/* Sends 'pkt' with its buffers, which are of the pool, and 'skb' (VSW_NONE:
 * none), on 'unit'. */
VSW_API enum vsw_ktx_result vsw_ktx_send(struct vsw_ktx *ktx,
                                         struct vsw_unit *unit, uint32_t pkt,
                                         uint32_t skb);

/* Cleans up what has been sent, as 'unit' sees it at sync. */
VSW_API void vsw_ktx_clean(struct vsw_ktx *ktx, struct vsw_unit *unit);

VSW_EXTERN_C_END

#endif
