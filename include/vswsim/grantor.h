/* Grantor: how the guest end of a vNIC grants the pages of its rings.
 *
 * Before the guest publishes packets to transmit, or posts buffers to
 * receive, their pages must be granted; when the backend is done with them,
 * the grants are given back.  What that takes depends on the scheme:
 *
 *   original  The guest writes grant entries and clears them; the driver
 *             domain makes the hypercalls.
 *   no_reuse  The guest issues and revokes by hypercall, for each I/O.
 *   reuse     The guest keeps grants and finds them again (grants.h); it
 *             revokes when its table is full.
 *   slab      As reuse; but receive buffers come from a slab cache of
 *             granted pages (grant_slab.h), which is drained now and then.
 *   coarse    All pages are granted for good: what a directly assigned
 *             device has with one mapping of the whole guest.
 *
 * A batch is what one call is given: the pages of a packet, or the buffers of
 * one refill.
 *
 * With reuse, a set of the table may be full of pages in use.  Then the page
 * is not granted: its bytes go by a page that always is, and the guest copies
 * them.
 *
 * The page of a slot is the buffer behind it (queue.h); the slab changes
 * which one that is.
 *
 * Source: Ram, PhD thesis, Rice University, sections 3.4 and 3.5.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_GRANTOR_H
#define VSWSIM_GRANTOR_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/arena.h>
#include <vswsim/compiler.h>
#include <vswsim/error.h>
#include <vswsim/foreign.h>
#include <vswsim/grant_call.h>
#include <vswsim/grant_slab.h>
#include <vswsim/grants.h>
#include <vswsim/queue.h>
#include <vswsim/shootdown.h>
#include <vswsim/worker.h>

VSW_EXTERN_C_BEGIN

enum vsw_grant_scheme {
    VSW_GRANT_ORIGINAL,
    VSW_GRANT_NO_REUSE,
    VSW_GRANT_REUSED,
    VSW_GRANT_SLAB,
    VSW_GRANT_COARSE,
};

enum vsw_grant_side {
    VSW_GRANT_TX,
    VSW_GRANT_RX,
    VSW_GRANT_N_SIDES,
};

struct vsw_grantor_setup {
    enum vsw_grant_scheme scheme;
    uint32_t first_ref;         /* Of its part of the range of addresses. */
    uint32_t n_refs;            /* Of that part: a power of two, at least four
                                 * times the slots of a ring; half of them
                                 * for each direction. */
    uint32_t n_ways;            /* Of a set of the table of grants. */
    uint32_t n_keep;            /* Unused buffers that a drain leaves, and */
    uint32_t drain_after;       /* buffers between two drains. */
};

/* One direction of a vNIC. */
struct vsw_grant_way {
    struct vsw_shootdown shootdown;
    struct vsw_grant_call call;
    struct vsw_grant_item *revokes;     /* Of the batch at hand. */
    struct vsw_grant_item *issues;
    uint32_t *refs;             /* By slot; VSW_NONE: bounced. */
    uint32_t n_revokes;
    uint32_t n_issues;
    uint32_t phase;
};

struct vsw_grantor {
    struct vsw_grantor_setup setup;
    struct vsw_foreign *foreign;        /* Borrowed. */
    struct vsw_queue *queue;            /* Borrowed. */
    struct vsw_grants *grants;
    struct vsw_grant_slab *slab;
    uint32_t *slab_pages;       /* By its reference. */
    struct vsw_grant_way ways[VSW_GRANT_N_SIDES];
    uint32_t n_puts;            /* Since the last drain. */
    uint64_t n_gets;            /* Pages wanted, the whole run; of these */
    uint64_t n_reused;          /* granted already, or */
    uint64_t n_bounced;         /* refused by a full set. */
};

/* Checks that the machine of 'sim' has the costs of 'scheme'.  Returns 0, or
 * -EINVAL with 'err' filled. */
VSW_API int vsw_grantor_check_costs(const struct vsw_sim *sim,
                                    enum vsw_grant_scheme scheme,
                                    struct vsw_error *err);

/* Pages that a slab takes from 'bufs' for a ring of 'n_slots'. */
VSW_API uint32_t vsw_grantor_n_pages(enum vsw_grant_scheme scheme,
                                     uint32_t n_slots);

/* Prepares the grants of 'queue' and grants the receive buffers that are
 * posted at the start.  'targets' are the CPUs of the driver domain; none for
 * a directly assigned device.  Tables are in 'arena', buffers of a slab from
 * 'bufs'.  Returns 0, or a negative errno value with 'err' filled. */
VSW_API int vsw_grantor_init(struct vsw_grantor *grantor,
                             struct vsw_foreign *foreign,
                             struct vsw_queue *queue,
                             const struct vsw_grantor_setup *setup,
                             struct vsw_unit *const *targets,
                             uint32_t n_targets, uint32_t hypervisor,
                             struct vsw_bufs *bufs, struct vsw_arena *arena,
                             struct vsw_error *err);
VSW_API void vsw_grantor_fini(struct vsw_grantor *grantor);

/* Grants the pages of 'n' slots from 'slot' on, of one side's ring, charging
 * the guest that runs 'worker'.  False: end the call at once, and call again
 * with the same arguments; true: done. */
VSW_API bool vsw_grantor_get(struct vsw_grantor *grantor,
                             enum vsw_grant_side side,
                             struct vsw_worker *worker, uint32_t slot,
                             uint32_t n);

/* Gives back the grants of those slots, in the same way. */
VSW_API bool vsw_grantor_put(struct vsw_grantor *grantor,
                             enum vsw_grant_side side,
                             struct vsw_worker *worker, uint32_t slot,
                             uint32_t n);

/* The page of a slot. */
static inline uint32_t
vsw_grantor_page(const struct vsw_grantor *grantor, enum vsw_grant_side side,
                 uint32_t slot)
{
    const struct vsw_queue *queue = grantor->queue;

    return side == VSW_GRANT_TX ? queue->tx_bufs[slot & queue->tx.mask]
                                : queue->rx_bufs[slot & queue->rx.mask];
}

VSW_EXTERN_C_END

#endif
