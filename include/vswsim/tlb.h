/* TLB of a guest's vCPU, as remapping backends disturb it.
 *
 * Pages are declared by the code that touches them.  After a flush the first
 * touch of each page costs a two-dimensional walk (guest table and EPT); with
 * no flush in between, a touch is free: the reach of the TLB is that of the
 * working set.
 *
 * A shootdown is a request to flush from another unit: an inter-processor
 * interrupt makes the vCPU leave the guest, flush and re-enter.  Requests
 * that come while one is pending merge with it, as KVM's request bits do.
 *
 * An interrupt takes between three quarters and five quarters of its mean
 * latency, evenly: on a real bus it competes with other traffic, and without
 * that a closed loop of a few units locks into one of several rhythms.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_TLB_H
#define VSWSIM_TLB_H

#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/random.h>
#include <vswsim/unit.h>
#include <vswsim/worker.h>

VSW_EXTERN_C_BEGIN

struct vsw_tlb {
    struct vsw_unit *unit;      /* CPU of the vCPU. */
    struct vsw_irq shootdown;
    struct vsw_random latency;  /* Of the way of its interrupts. */
    uint64_t *walked;           /* Flushes before each page was walked
                                 * last. */
    uint32_t n_pages;
    uint64_t n_flushes;         /* The whole run. */
    uint64_t n_requests;
    uint64_t n_walks;
};

/* Makes the TLB of the vCPU of 'domain' on 'unit', whose code touches
 * 'n_pages' different pages, all of them present at first.  Returns 0 or
 * -ENOMEM. */
VSW_API int vsw_tlb_init(struct vsw_tlb *tlb, struct vsw_unit *unit,
                         uint32_t domain, uint32_t n_pages);
VSW_API void vsw_tlb_fini(struct vsw_tlb *tlb);

/* Refills the entry of 'page', charging the walk to the vCPU. */
VSW_API void vsw_tlb_walk(struct vsw_tlb *tlb, uint32_t page);

/* Touches 'page'. */
static inline void
vsw_tlb_touch(struct vsw_tlb *tlb, uint32_t page)
{
    if (VSW_UNLIKELY(tlb->walked[page] != tlb->n_flushes)) {
        vsw_tlb_walk(tlb, page);
    }
}

/* Requests a flush on behalf of 'sender', which does not wait for it; what it
 * costs the sender is part of its own mechanism. */
VSW_API void vsw_tlb_shoot(struct vsw_tlb *tlb,
                           const struct vsw_unit *sender);

VSW_EXTERN_C_END

#endif
