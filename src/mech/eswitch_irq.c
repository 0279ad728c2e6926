/* Interrupts of the embedded switch, moderated by context. */
#include <vswsim/vnic.h>

#include "core/cost.h"
#include "mech/eswitch_impl.h"

/* What an interrupt message carries. */
#define MESSAGE_BYTES 4

static bool
has_driver(const struct vsw_eswitch_context *c)
{
    return c->vnic && c->vnic->virq.upcall;
}

static void
raise(struct vsw_eswitch_context *c)
{
    struct vsw_unit *unit = &c->es->unit;
    uint64_t start_ps = eswitch_later(unit->local_ps, c->rx_stamp_ps);
    uint64_t sent_ps = vsw_bus_write(c->es->setup.bus, unit, start_ps,
                                     MESSAGE_BYTES);

    c->n_irqs++;
    vsw_irq_send(c->irq, sent_ps,
                 sent_ps + vsw_unit_cost_ps(unit, VSW_COST_NIC_IRQ_LATENCY,
                                            1));
}

void
eswitch_note_event(struct vsw_eswitch_context *c)
{
    if (!c->irq || (c->irq == &c->own_irq && !has_driver(c))) {
        return;
    }
    switch (vsw_irqmod_event(&c->irqmod, c->es->unit.local_ps / PS_PER_NS)) {
    case VSW_IRQMOD_HOLD:
        break;
    case VSW_IRQMOD_ARM:
        vsw_timer_restart(&c->timer, c->irqmod.next_ns * PS_PER_NS);
        break;
    case VSW_IRQMOD_RAISE:
        raise(c);
        break;
    }
}

static void
gap_is_over(struct vsw_unit *unit, struct vsw_timer *timer)
{
    struct vsw_eswitch_context *c = timer->aux;

    if (vsw_irqmod_expire(&c->irqmod, unit->local_ps / PS_PER_NS)) {
        raise(c);
    }
}

/* On the CPU of the guest, in the hypervisor. */
static void
arrive(struct vsw_unit *unit, struct vsw_irq *irq)
{
    struct vsw_eswitch_context *c = irq->aux;

    vsw_virq_arrive(&c->vnic->virq, unit);
}

void
eswitch_init_irq(struct vsw_eswitch_context *c)
{
    struct vsw_eswitch *es = c->es;

    vsw_irqmod_init(&c->irqmod, es->setup.irq_gap_ns);
    vsw_timer_init(&c->timer, &es->unit, 0, gap_is_over, c);
    if (c->vnic && c->vnic->unit) {
        vsw_irq_init(&c->own_irq, c->vnic->unit, es->sw->domain, arrive, c);
        c->irq = &c->own_irq;
    }
}

void
eswitch_tell_freed(struct vsw_eswitch *es)
{
    for (uint32_t i = 0; i < es->setup.n_contexts; i++) {
        struct vsw_eswitch_context *c = &es->contexts[i];

        if (!c->freed) {
            continue;
        }
        c->freed = false;
        if (c->irq_for_tx
            || (has_driver(c)
                && vsw_vnic_tx_wanted(c->vnic, &es->unit))) {
            eswitch_note_event(c);
        }
    }
}
