#include <vswsim/shootdown.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vswsim/sim.h>

#include "core/account.h"
#include "core/cost.h"

static void
flush(struct vsw_unit *unit, struct vsw_irq *irq)
{
    struct vsw_shootdown_target *target = irq->aux;

    vsw_unit_charge(unit, VSW_ACCOUNT_TLB_FLUSH, VSW_COST_IPI_HANDLER, 1);
    vsw_unit_charge(unit, VSW_ACCOUNT_TLB_FLUSH, VSW_COST_TLB_FLUSH, 1);
    vsw_lock_release(&target->ack, &target->holder);
}

int
vsw_shootdown_init(struct vsw_shootdown *shootdown,
                   struct vsw_unit *const *targets, uint32_t n,
                   uint32_t domain)
{
    memset(shootdown, 0, sizeof *shootdown);
    if (n == 0) {
        return 0;
    }
    shootdown->targets = calloc(n, sizeof *shootdown->targets);
    if (!shootdown->targets) {
        return -ENOMEM;
    }
    shootdown->n_targets = n;
    for (uint32_t i = 0; i < n; i++) {
        struct vsw_shootdown_target *target = &shootdown->targets[i];

        vsw_ipi_init(&target->ipi, targets[i], domain, flush, target);
        target->holder.unit = targets[i];
        target->ack.account = VSW_ACCOUNT_TLB_FLUSH;
    }
    return 0;
}

void
vsw_shootdown_fini(struct vsw_shootdown *shootdown)
{
    free(shootdown->targets);
    memset(shootdown, 0, sizeof *shootdown);
}

static void
request(struct vsw_shootdown_target *target, struct vsw_unit *sender)
{
    if (target->holder.unit == sender) {
        vsw_unit_charge(sender, VSW_ACCOUNT_TLB_FLUSH, VSW_COST_TLB_FLUSH, 1);
        return;
    }
    target->ack.holder = &target->holder;
    vsw_ipi_send(&target->ipi, sender);
}

bool
vsw_shootdown_run(struct vsw_shootdown *shootdown, struct vsw_worker *worker)
{
    if (!shootdown->under_way) {
        shootdown->under_way = true;
        shootdown->n_acked = 0;
        shootdown->n_requests++;
        for (uint32_t i = 0; i < shootdown->n_targets; i++) {
            request(&shootdown->targets[i], worker->unit);
        }
    }
    for (; shootdown->n_acked < shootdown->n_targets; shootdown->n_acked++) {
        struct vsw_lock *ack = &shootdown->targets[shootdown->n_acked].ack;

        if (!vsw_lock_acquire(ack, worker)) {
            return false;
        }
        vsw_lock_release(ack, worker);
    }
    shootdown->under_way = false;
    return true;
}
