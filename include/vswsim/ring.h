/* Ring: a bounded queue of packets from one unit to another.
 *
 * The producer fills slots, which is private, and publishes them together,
 * which stamps them; the consumer sees slots stamped at or before its sync,
 * pops them, and frees them together, which stamps them again; the producer
 * sees free slots (credits) stamped at or before its sync.  A virtqueue is
 * one ring: filled and published by writing the available index, freed by
 * writing the used index (or, from the switch to a guest, the other way
 * round).
 *
 * A packet may take several slots (chained descriptors).
 *
 * Stamps of one side never decrease: one unit produces, one consumes, or
 * several take turns under a lock.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_RING_H
#define VSWSIM_RING_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/unit.h>
#include <vswsim/workload.h>

VSW_EXTERN_C_BEGIN

/* In what order slots became visible: up to 'upto' at 'stamp_ps'. */
struct vsw_ring_log {
    uint64_t *stamp_ps;         /* By log entry. */
    uint32_t *upto;
    uint32_t head;              /* Oldest entry; free-running. */
    uint32_t tail;
    uint32_t seen;              /* Slots seen by the other side. */
    uint32_t done;              /* Slots published by this side. */
    struct vsw_unit *watcher;   /* Rescheduled when something is published;
                                 * NULL: nobody polls it. */
};

struct vsw_ring {
    uint32_t *slots;            /* Packet of the slot, or VSW_NONE for the
                                 * second and later slots of a packet. */
    uint32_t mask;              /* Slots - 1. */
    uint32_t filled;            /* Counts slots, free-running. */
    uint32_t popped;
    struct vsw_ring_log fills;
    struct vsw_ring_log frees;
    uint32_t index;             /* For the owner's use. */
};

/* Makes a ring of 'n_slots', a power of two.  Returns 0 or -ENOMEM. */
VSW_API int vsw_ring_init(struct vsw_ring *ring, uint32_t n_slots);
VSW_API void vsw_ring_fini(struct vsw_ring *ring);

/* --- The producer's side ---------------------------------------------- */

/* Free slots, as seen at 'sync_ps'. */
VSW_API uint32_t vsw_ring_credits(struct vsw_ring *ring, uint64_t sync_ps);

/* Puts 'pkt' into the next 'n_slots' slots, for which there must be credit.
 * Returns the index of the first. */
static inline uint32_t
vsw_ring_fill(struct vsw_ring *ring, uint32_t pkt, uint32_t n_slots)
{
    uint32_t first = ring->filled & ring->mask;

    assert(n_slots > 0
           && ring->filled + n_slots - ring->frees.seen <= ring->mask + 1);
    ring->slots[first] = pkt;
    for (uint32_t i = 1; VSW_UNLIKELY(i < n_slots); i++) {
        ring->slots[(first + i) & ring->mask] = VSW_NONE;
    }
    ring->filled += n_slots;
    return first;
}

/* Makes what was filled visible from 'stamp_ps' on. */
VSW_API void vsw_ring_publish(struct vsw_ring *ring, uint64_t stamp_ps);

/* The same up to the count 'upto' of slots only, which lies between what is
 * published and 'filled': for producers who take turns at filling and finish
 * in another order. */
VSW_API void vsw_ring_publish_upto(struct vsw_ring *ring, uint32_t upto,
                                   uint64_t stamp_ps);

/* --- The consumer's side ---------------------------------------------- */

/* Filled slots, as seen at 'sync_ps'. */
VSW_API uint32_t vsw_ring_visible(struct vsw_ring *ring, uint64_t sync_ps);

/* The packet that vsw_ring_pop() would take. */
static inline uint32_t
vsw_ring_peek(const struct vsw_ring *ring)
{
    return ring->slots[ring->popped & ring->mask];
}

/* Takes the next packet, which must be visible; '*slot' is the index of its
 * first slot and '*n_slots' how many it has. */
static inline uint32_t
vsw_ring_pop(struct vsw_ring *ring, uint32_t *slot, uint32_t *n_slots)
{
    uint32_t first = ring->popped & ring->mask;
    uint32_t n = 1;

    assert(ring->fills.seen != ring->popped);
    while (ring->popped + n != ring->fills.seen
           && ring->slots[(first + n) & ring->mask] == VSW_NONE) {
        n++;
    }
    *slot = first;
    *n_slots = n;
    ring->popped += n;
    return ring->slots[first];
}

/* Makes what was popped free from 'stamp_ps' on. */
VSW_API void vsw_ring_free(struct vsw_ring *ring, uint64_t stamp_ps);

/* Makes only the 'n' oldest slots free that were popped and are not. */
VSW_API void vsw_ring_free_some(struct vsw_ring *ring, uint32_t n,
                                uint64_t stamp_ps);

/* Before anything is filled: keeps 'n' slots, at most all, as if they had been
 * popped and not freed, so that the producer begins with that much less
 * credit. */
VSW_API void vsw_ring_withhold(struct vsw_ring *ring, uint32_t n);

/* --- For pollers ------------------------------------------------------ */

/* Stamp from which a look finds at least 'n' filled slots (or, with 'frees',
 * free slots), as far as it is known; VSW_NEVER if it is not. */
VSW_API uint64_t vsw_ring_ready_ps(const struct vsw_ring *ring, bool frees,
                                   uint32_t n);

/* The rule of rings that 'ring' breaks (static text), or NULL: counts in
 * order, never more slots in use than there are, stamps that do not run
 * backward. */
VSW_API const char *vsw_ring_audit(const struct vsw_ring *ring);

/* Slots that hold a packet, whoever sees them. */
static inline uint32_t
vsw_ring_n_held(const struct vsw_ring *ring)
{
    return ring->filled - ring->popped;
}

VSW_EXTERN_C_END

#endif
