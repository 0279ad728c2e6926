/* Queue pair of a virtio-like port: what a guest's driver and the backend
 * share.
 *
 * 'tx' carries packets from the guest, 'rx' to it.  Each slot of a ring is
 * a descriptor with a buffer of 'buf_bytes' behind it; a larger frame takes
 * a chain of several.  The guest writes into and reads from the buffer that a
 * slot names; a remapping backend changes which buffer that is.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_QUEUE_H
#define VSWSIM_QUEUE_H

#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/pkt.h>
#include <vswsim/ring.h>
#include <vswsim/tlb.h>

VSW_EXTERN_C_BEGIN

struct vsw_bus;

/* Where a ring lies in simulated memory (buf_mem.h). */
struct vsw_ring_mem {
    uint64_t desc;              /* Descriptors. */
    uint64_t avail;             /* What the driver has made available. */
    uint64_t used;              /* What the device has used. */
    uint32_t n_slots;
};

struct vsw_queue {
    struct vsw_ring tx;
    struct vsw_ring rx;
    uint32_t *tx_bufs;          /* Buffer of each slot. */
    uint32_t *rx_bufs;
    struct vsw_ring_mem tx_mem;
    struct vsw_ring_mem rx_mem;
    uint32_t buf_bytes;
    uint32_t port;
    uint32_t index;             /* Among the queues of the port. */
    struct vsw_tlb *tlb;        /* Of the vCPU that serves it. */
    struct vsw_bus *bus;        /* To the NIC that serves it, or NULL. */
};

/* Makes a queue pair of 'n_slots' (a power of two) a ring, with buffers from
 * 'bufs'.  Returns 0 or -ENOMEM. */
VSW_API int vsw_queue_init(struct vsw_queue *queue, struct vsw_bufs *bufs,
                           uint32_t port, uint32_t index, uint32_t n_slots,
                           uint32_t buf_bytes);
VSW_API void vsw_queue_fini(struct vsw_queue *queue);

/* Puts the chain 'fresh' of 'n' buffers behind the 'n' slots from 'slot' on
 * ('slots' is tx_bufs or rx_bufs) and returns the chain of those that were
 * there. */
VSW_API uint32_t vsw_queue_swap_bufs(const struct vsw_queue *queue,
                                     struct vsw_bufs *bufs, uint32_t *slots,
                                     uint32_t slot, uint32_t n,
                                     uint32_t fresh);

/* Descriptors that a frame of 'frame_bytes' takes. */
static inline uint32_t
vsw_queue_n_slots(const struct vsw_queue *queue, uint32_t frame_bytes)
{
    uint32_t n_bytes = frame_bytes - VSW_FCS_BYTES;

    /* Nearly always; saves the division. */
    if (VSW_LIKELY(n_bytes <= queue->buf_bytes)) {
        return 1;
    }
    return (n_bytes + queue->buf_bytes - 1) / queue->buf_bytes;
}

VSW_EXTERN_C_END

#endif
