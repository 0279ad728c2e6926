#include <vswsim/sleep.h>

#include "core/cost.h"
#include "mech/latency.h"

void
vsw_sleep_init(struct vsw_sleep *sleep, struct vsw_worker *worker,
               uint32_t domain, enum vsw_entry entry)
{
    vsw_wakeup_init(&sleep->wakeup, worker, domain, entry);
    sleep->blocked = true;
    sleep->n_blocked = 0;
}

void
vsw_sleep_notify(struct vsw_sleep *sleep, struct vsw_unit *sender)
{
    if (sleep->blocked) {
        sleep->blocked = false;
        vsw_wakeup_send(&sleep->wakeup, sender);
    }
}

/* The sender, which ran ahead, took the thread to be awake and has not paid
 * for the interrupt; it arrives all the same. */
static void
wake_at(struct vsw_sleep *sleep, uint64_t stamp_ps)
{
    struct vsw_ipi *ipi = &sleep->wakeup.ipi;
    uint64_t latency_ps
        = vsw_unit_cost_ps(ipi->irq.unit, VSW_COST_IPI_LATENCY, 1);

    sleep->wakeup.n_sent++;
    vsw_irq_send(&ipi->irq, stamp_ps,
                 stamp_ps + vsw_latency_spread(&ipi->latency, latency_ps));
}

void
vsw_sleep_block(struct vsw_sleep *sleep, uint64_t ready_ps)
{
    sleep->n_blocked++;
    if (ready_ps == VSW_NEVER) {
        sleep->blocked = true;
    } else {
        wake_at(sleep, ready_ps);
    }
}
