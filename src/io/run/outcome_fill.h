/* Collects what a finished simulation measured. */
#ifndef IO_OUTCOME_FILL_H
#define IO_OUTCOME_FILL_H

#include <stdint.h>

#include <vswsim/outcome.h>
#include <vswsim/switch.h>
#include <vswsim/virtio_poll.h>

/* What the TLBs of all guests have counted so far. */
struct vsw_tlb_totals {
    uint64_t n_requests;
    uint64_t n_flushes;
    uint64_t n_walks;
};

/* Adds up the TLBs of 'n' drivers into '*totals'. */
void vsw_tlb_totals_add(struct vsw_tlb_totals *totals,
                        const struct vsw_virtio_poll *drivers, uint32_t n);

/* Fills 'outcome' with units, ledger, batches and counters; 'before' is what
 * the TLBs had counted when the window began.  Returns 0 or -ENOMEM. */
int vsw_outcome_fill(struct vsw_outcome *outcome, const struct vsw_switch *sw,
                     const struct vsw_virtio_poll *drivers,
                     uint32_t n_drivers, const struct vsw_tlb_totals *before);

#endif
