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

void
vsw_irq_init(struct vsw_irq *irq, struct vsw_unit *unit, uint32_t domain,
             vsw_irq_fn handle, void *aux)
{
    *irq = (struct vsw_irq) {
        .unit = unit,
        .handle = handle,
        .aux = aux,
        .domain = domain,
        .again_ps = VSW_NEVER,
    };
}

static void
start(struct vsw_irq *irq, uint64_t arrival_ps)
{
    irq->arrival_ps = arrival_ps;
    enqueue(irq);
    vsw_unit_reschedule(irq->unit);
}

bool
vsw_irq_send(struct vsw_irq *irq, uint64_t sent_ps, uint64_t arrival_ps)
{
    /* One that is pending may have arrived already, as the sender's time
     * goes, and only wait for its unit's turn. */
    if (irq->pending && irq->arrival_ps <= sent_ps) {
        bool first = irq->again_ps == VSW_NEVER;

        if (arrival_ps < irq->again_ps) {
            irq->again_ps = arrival_ps;
        }
        return first;
    }
    if (irq->pending) {
        /* Senders' calls may come in another order than their sends. */
        if (arrival_ps < irq->arrival_ps) {
            dequeue(irq);
            start(irq, arrival_ps);
        }
        return false;
    }
    start(irq, arrival_ps);
    return true;
}

struct vsw_irq *
vsw_irq_take(struct vsw_unit *unit)
{
    struct vsw_irq *irq = unit->irqs;

    unit->irqs = irq->next;
    irq->pending = false;
    if (irq->again_ps != VSW_NEVER) {
        irq->arrival_ps = irq->again_ps;
        irq->again_ps = VSW_NEVER;
        enqueue(irq);
    }
    return irq;
}

/* Serves an expiry and arms the timer again if its owner asked meanwhile. */
static void
timer_expire(struct vsw_unit *unit, struct vsw_irq *irq)
{
    struct vsw_timer *timer = VSW_CONTAINER_OF(irq, struct vsw_timer, irq);
    uint64_t next_ps = timer->next_ps;

    timer->next_ps = VSW_NEVER;
    if (next_ps != VSW_NEVER) {
        vsw_irq_send(irq, unit->local_ps, next_ps);
    }
    timer->handle(unit, timer);
}

void
vsw_timer_init(struct vsw_timer *timer, struct vsw_unit *unit,
               uint32_t domain, vsw_timer_fn handle, void *aux)
{
    vsw_irq_init(&timer->irq, unit, domain, timer_expire, NULL);
    timer->handle = handle;
    timer->aux = aux;
    timer->next_ps = VSW_NEVER;
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
    vsw_irq_send(&timer->irq, timer->irq.unit->local_ps, deadline_ps);
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
