/* Redirection table (RETA): from the low bits of an RSS hash to a queue.
 *
 * Source: Microsoft, "Introduction to Receive Side Scaling": a table of up
 * to 128 slots is indexed by the least significant bits of the hash.  NICs
 * have 64 to 2048.
 *
 * Thread-safety: none while a slot is being set. */
#ifndef VSWSIM_RETA_H
#define VSWSIM_RETA_H

#include <stdint.h>

#include <vswsim/arena.h>
#include <vswsim/compiler.h>
#include <vswsim/memobs.h>

VSW_EXTERN_C_BEGIN

#define VSW_RETA_DEFAULT_SLOTS 128
#define VSW_RETA_MAX_SLOTS     2048

struct vsw_reta {
    uint16_t *queues;       /* Queue of each slot; in the same arena. */
    uint32_t mask;          /* Slots - 1. */
};

/* Makes a table of 'n_slots' (a power of two, at most VSW_RETA_MAX_SLOTS)
 * that spreads over queues 0 to 'n_queues' - 1 in turn, as drivers do when
 * they start.  Returns NULL, with 'arena' unchanged, if it does not fit or
 * an argument is out of range ('n_queues' is 1 to 65536). */
VSW_API struct vsw_reta *vsw_reta_new(struct vsw_arena *arena,
                                      uint32_t n_slots, uint32_t n_queues);

/* Points 'slot' (< slots) at 'queue'. */
VSW_API void vsw_reta_set(struct vsw_reta *reta, uint32_t slot,
                          uint16_t queue, struct vsw_memobs *obs);

/* Queue of a packet with RSS hash 'hash'. */
static inline uint16_t
vsw_reta_queue(const struct vsw_reta *reta, uint32_t hash,
               struct vsw_memobs *obs)
{
    const uint16_t *queue;

    vsw_touch(obs, reta, sizeof *reta, VSW_MEM_READ);
    queue = &reta->queues[hash & reta->mask];
    vsw_touch(obs, queue, sizeof *queue, VSW_MEM_READ);
    return *queue;
}

VSW_EXTERN_C_END

#endif
