/* SKBs of one CPU: socket buffers, as the Linux network stack takes them for
 * each packet, and two ways to save that.
 *
 *   slab       An SKB and its data buffer come from slab caches for each
 *              packet and go back when it has been sent, last in, first out.
 *   prealloc   Many SKBs with their data buffers were allocated in advance and
 *              are used in turn: nothing is allocated, and each has grown cold
 *              when its turn comes again.
 *   single     One SKB, whose header fields are reset for each packet; it must
 *              be done with before the next.  Data buffers are taken in turn.
 *
 * The three are steps of KVS (Choi et al., SoCC 2017).  SKBs are in simulated
 * memory: VSW_SKB_BYTES each, and the shared part of each at the end of its
 * data buffer.
 *
 * Costs: SKB_ALLOC (slab: two objects a packet, freeing included), SKB_INIT
 * (slab and prealloc), SKB_RESET (single).
 *
 * Sources: Linux net/core/skbuff.c and include/linux/skbuff.h, 3.x, where a
 * struct sk_buff takes four lines.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_SKBS_H
#define VSWSIM_SKBS_H

#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/error.h>
#include <vswsim/unit.h>

VSW_EXTERN_C_BEGIN

#define VSW_SKB_BYTES        256
#define VSW_SKB_SHARED_BYTES 320

enum vsw_skb_scheme {
    VSW_SKB_SLAB,
    VSW_SKB_PREALLOC,
    VSW_SKB_SINGLE,
    VSW_N_SKB_SCHEMES,
};

struct vsw_skbs {
    enum vsw_skb_scheme scheme;
    uint64_t addr;              /* Of the first SKB; 0 in flat mode. */
    uint32_t n_skbs;
    uint32_t *free;             /* A stack, or for prealloc a ring. */
    uint32_t head;              /* Of the ring. */
    uint32_t tail;              /* Of both. */
    uint32_t n_taken;
    uint32_t max_used;
};

/* Makes 'n_skbs' (of which single uses one) for 'unit'.  'who' names the model
 * in errors.  Returns 0, or a negative errno value with 'err'
 * filled. */
VSW_API int vsw_skbs_init(struct vsw_skbs *skbs, struct vsw_unit *unit,
                          enum vsw_skb_scheme scheme, uint32_t n_skbs,
                          const char *who, struct vsw_error *err);
VSW_API void vsw_skbs_fini(struct vsw_skbs *skbs);

/* SKBs that can be taken; single always has one. */
static inline uint32_t
vsw_skbs_n_free(const struct vsw_skbs *skbs)
{
    return skbs->scheme == VSW_SKB_SINGLE ? 1
                                            : skbs->n_skbs - skbs->n_taken;
}

/* Takes an SKB, of which there is one, and prepares it for a packet.  Returns
 * its number. */
VSW_API uint32_t vsw_skbs_get(struct vsw_skbs *skbs, struct vsw_unit *unit);

/* Gives it back. */
VSW_API void vsw_skbs_put(struct vsw_skbs *skbs, struct vsw_unit *unit,
                          uint32_t skb);

/* Bytes that they take, data buffers excluded. */
VSW_API uint64_t vsw_skbs_n_bytes(const struct vsw_skbs *skbs);

VSW_EXTERN_C_END

#endif
