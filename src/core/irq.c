/* Interrupts and timers of units. */
#include <vswsim/worker.h>

#include <assert.h>

/* Keeps the pending interrupts of a unit in order of arrival; equal times in
 * order of sending. */
static void
enqueue(struct vsw_irq *irq)
{
    struct vsw_irq **link = &irq->unit->irqs;

    while (*link && (*link)->arrival_ps <= irq->arrival_ps) {
        link = &(*link)->next;
    }
    irq->next = *link;
    *link = irq;
    irq->pending = true;
}

static void
dequeue(struct vsw_irq *irq)
{
    struct vsw_irq **link = &irq->unit->irqs;

    while (*link != irq) {
        link = &(*link)->next;
    }
    *link = irq->next;
    irq->pending = false;
}

bool
vsw_irq_send(struct vsw_irq *irq, uint64_t arrival_ps)
{
    if (irq->pending) {
        return false;
    }
    irq->arrival_ps = arrival_ps;
    enqueue(irq);
    vsw_unit_reschedule(irq->unit);
    return true;
}

/* Serves an expiry and arms the timer again if its owner asked meanwhile. */
static void
timer_expire(struct vsw_unit *unit, struct vsw_irq *irq)
{
    struct vsw_timer *timer = VSW_CONTAINER_OF(irq, struct vsw_timer, irq);
    uint64_t next_ps = timer->next_ps;

    timer->next_ps = VSW_NEVER;
    if (next_ps != VSW_NEVER) {
        vsw_irq_send(irq, next_ps);
    }
    timer->handle(unit, timer);
}

void
vsw_timer_init(struct vsw_timer *timer, struct vsw_unit *unit,
               uint32_t domain, vsw_timer_fn handle, void *aux)
{
    *timer = (struct vsw_timer) {
        .irq = {.unit = unit, .handle = timer_expire, .domain = domain},
        .handle = handle,
        .aux = aux,
        .next_ps = VSW_NEVER,
    };
}

/* True if the expiry can no longer be taken back. */
static bool
timer_is_due(const struct vsw_timer *timer)
{
    return timer->irq.pending
           && timer->irq.arrival_ps <= timer->irq.unit->local_ps;
}

void
vsw_timer_restart(struct vsw_timer *timer, uint64_t deadline_ps)
{
    if (timer_is_due(timer)) {
        timer->next_ps = deadline_ps;
        return;
    }
    if (timer->irq.pending) {
        dequeue(&timer->irq);
    }
    vsw_irq_send(&timer->irq, deadline_ps);
}

void
vsw_timer_stop(struct vsw_timer *timer)
{
    timer->next_ps = VSW_NEVER;
    if (timer->irq.pending && !timer_is_due(timer)) {
        dequeue(&timer->irq);
        vsw_unit_reschedule(timer->irq.unit);
    }
}
