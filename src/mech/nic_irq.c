/* Interrupts of a NIC, moderated. */
#include <string.h>

#include "core/account.h"
#include "core/cost.h"
#include "mech/nic_impl.h"

#define PS_PER_NS UINT64_C(1000)

/* What an interrupt message carries. */
#define MESSAGE_BYTES 4

static void
raise(struct vsw_nic_queue *nq)
{
    struct vsw_nic *nic = nq->nic;
    struct vsw_unit *unit = &nic->rx_unit;
    uint64_t sent_ps = vsw_bus_write(nic->bus, unit, unit->local_ps,
                                     MESSAGE_BYTES);

    nq->is_masked = nic->setup.irq_masks;
    nq->n_irqs++;
    vsw_irq_send(nq->irq, sent_ps,
                 sent_ps + vsw_unit_cost_ps(unit, VSW_COST_NIC_IRQ_LATENCY,
                                            1));
}

void
vsw_nic_note_event(struct vsw_nic_queue *nq)
{
    uint64_t now_ns = nq->nic->rx_unit.local_ps / PS_PER_NS;

    if (!nq->irq) {
        return;
    }
    if (nq->is_masked) {
        nq->has_event = true;
        return;
    }
    switch (vsw_irqmod_event(&nq->irqmod, now_ns)) {
    case VSW_IRQMOD_HOLD:
        break;
    case VSW_IRQMOD_ARM:
        vsw_timer_restart(&nq->timer, nq->irqmod.next_ns * PS_PER_NS);
        break;
    case VSW_IRQMOD_RAISE:
        raise(nq);
        break;
    }
}

static void
gap_is_over(struct vsw_unit *unit, struct vsw_timer *timer)
{
    struct vsw_nic_queue *nq = timer->aux;

    if (vsw_irqmod_expire(&nq->irqmod, unit->local_ps / PS_PER_NS)) {
        raise(nq);
    }
}

static void
handle_unmask(struct vsw_unit *unit, struct vsw_irq *irq)
{
    struct vsw_nic_queue *nq = irq->aux;

    (void) unit;
    nq->is_masked = false;
    if (nq->has_event) {
        nq->has_event = false;
        vsw_nic_note_event(nq);
    }
}

void
vsw_nic_init_irq(struct vsw_nic_queue *nq)
{
    struct vsw_nic *nic = nq->nic;

    vsw_irqmod_init(&nq->irqmod, nic->setup.irq_gap_ns);
    vsw_timer_init(&nq->timer, &nic->rx_unit, 0, gap_is_over, nq);
    vsw_irq_init(&nq->unmask, &nic->rx_unit, 0, handle_unmask, nq);
}

void
vsw_nic_attach_irq(struct vsw_nic *nic, uint32_t queue, struct vsw_irq *irq)
{
    nic->queues[queue].irq = irq;
}

void
vsw_nic_unmask(struct vsw_nic *nic, uint32_t queue, struct vsw_unit *cpu)
{
    vsw_bus_doorbell(nic->bus, cpu);
    vsw_irq_send(&nic->queues[queue].unmask, cpu->local_ps, cpu->local_ps);
}
