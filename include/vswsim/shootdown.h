/* Shootdown: a flush of the TLBs of other CPUs that its requester waits for.
 *
 * The requester sends an inter-processor interrupt to each target, whose
 * handler flushes and acknowledges; it goes on when all have.  Meanwhile it
 * spins, which is booked as tlb_flush: a hypercall cannot be left half done.
 * A target that sleeps has to leave its idle state first, and one that is in
 * the middle of something answers at the next call boundary.
 *
 * One object serves one requester, so nothing merges.  A target that is the
 * requester's own CPU is flushed without an interrupt.
 *
 * Costs: IPI_SEND, IPI_LATENCY and the wait on the requester; IPI_HANDLER
 * and TLB_FLUSH on each target.  What refilling the TLB costs a target is
 * left out here: it belongs to the code that touches the pages.
 *
 * Source: Ram, PhD thesis, Rice University, section 3.4.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_SHOOTDOWN_H
#define VSWSIM_SHOOTDOWN_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/notify.h>
#include <vswsim/worker.h>

VSW_EXTERN_C_BEGIN

struct vsw_shootdown_target {
    struct vsw_ipi ipi;
    struct vsw_lock ack;        /* Held by the target until it has flushed. */
    struct vsw_worker holder;   /* Stands for it. */
};

struct vsw_shootdown {
    struct vsw_shootdown_target *targets;
    uint32_t n_targets;
    uint32_t n_acked;           /* Of a request under way, in order. */
    bool under_way;
    uint64_t n_requests;        /* The whole run. */
};

/* Prepares requests to flush the TLBs of 'n' CPUs, whose handlers run in
 * 'domain', the hypervisor.  Returns 0 or -ENOMEM. */
VSW_API int vsw_shootdown_init(struct vsw_shootdown *shootdown,
                               struct vsw_unit *const *targets, uint32_t n,
                               uint32_t domain);
VSW_API void vsw_shootdown_fini(struct vsw_shootdown *shootdown);

/* Flushes all targets on behalf of 'worker'.  False: the caller must end its
 * call at once and call this again when it is called again; true: all have
 * flushed. */
VSW_API bool vsw_shootdown_run(struct vsw_shootdown *shootdown,
                               struct vsw_worker *worker);

VSW_EXTERN_C_END

#endif
