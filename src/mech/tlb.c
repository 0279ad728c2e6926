#include <vswsim/tlb.h>

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vswsim/sim.h>

#include "core/account.h"
#include "core/cost.h"
#include "mech/latency.h"

static void
flush(struct vsw_unit *unit, struct vsw_irq *irq)
{
    struct vsw_tlb *tlb = irq->aux;

    vsw_unit_charge(unit, VSW_ACCOUNT_VM_EXIT, VSW_COST_VM_EXIT, 1);
    vsw_unit_charge(unit, VSW_ACCOUNT_TLB_FLUSH, VSW_COST_IPI_HANDLER, 1);
    vsw_unit_charge(unit, VSW_ACCOUNT_TLB_FLUSH, VSW_COST_TLB_FLUSH, 1);
    tlb->n_flushes++;
}

int
vsw_tlb_init(struct vsw_tlb *tlb, struct vsw_unit *unit, uint32_t domain,
             uint32_t n_pages)
{
    memset(tlb, 0, sizeof *tlb);
    tlb->walked = calloc(n_pages, sizeof *tlb->walked);
    if (!tlb->walked) {
        return -ENOMEM;
    }
    tlb->unit = unit;
    tlb->n_pages = n_pages;
    vsw_irq_init(&tlb->shootdown, unit, domain, flush, tlb);
    vsw_sim_random(unit->sim, &tlb->latency, VSW_RANDOM_WAKE_LATENCY,
                   unit->id);
    return 0;
}

void
vsw_tlb_fini(struct vsw_tlb *tlb)
{
    free(tlb->walked);
    memset(tlb, 0, sizeof *tlb);
}

void
vsw_tlb_walk(struct vsw_tlb *tlb, uint32_t page)
{
    assert(page < tlb->n_pages);
    tlb->walked[page] = tlb->n_flushes;
    tlb->n_walks++;
    vsw_unit_charge(tlb->unit, VSW_ACCOUNT_TLB_WALK, VSW_COST_TLB_WALK_2D, 1);
}

void
vsw_tlb_shoot(struct vsw_tlb *tlb, const struct vsw_unit *sender)
{
    uint64_t latency_ps
        = vsw_latency_spread(&tlb->latency,
                             vsw_unit_cost_ps(sender, VSW_COST_IPI_LATENCY,
                                              1));

    tlb->n_requests++;
    vsw_irq_send(&tlb->shootdown, sender->local_ps,
                 sender->local_ps + latency_ps);
}
