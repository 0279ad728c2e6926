/* What idle CPUs do for the others. */
#include "models/hyper_switch/hyper.h"

#include <errno.h>
#include <stdlib.h>

#include <vswsim/placement.h>

#include "core/account.h"
#include "core/cost.h"

#define IDLE_PRIORITY 254

static enum hyper_place
place_of(const struct hyper_cpu *c, const struct hyper_vnic *to)
{
    static const enum hyper_place places[] = {
        [VSW_DISTANCE_SAME] = HYPER_RECEIVER,
        [VSW_DISTANCE_MODULE] = HYPER_MODULE,
        [VSW_DISTANCE_NODE] = HYPER_NODE,
        [VSW_DISTANCE_REMOTE] = HYPER_REMOTE,
    };

    return places[vsw_cpu_distance(c->hyper->sw->sim->machine, c->cpu,
                                   to->cpu->cpu)];
}

/* --- Asking -------------------------------------------------------------- */

/* Tells the policy which CPUs run the idle vCPU now. */
static void
look_around(struct hyper *h, struct vsw_unit *unit)
{
    for (uint32_t i = 0; i < h->n_cpus; i++) {
        struct hyper_cpu *c = &h->cpus[i];

        if (c->works_idly) {
            vsw_offload_set_idle(h->offload, i,
                                 vsw_unit_is_free(c->unit, &c->idle.worker,
                                                  unit->sync_ps), NULL);
            vsw_offload_set_full(h->offload, i,
                                 vsw_ring_credits(&c->requests,
                                                  unit->sync_ps) == 0, NULL);
        }
    }
}

/* A CPU that is being woken needs no second interrupt. */
static bool
must_wake(const struct hyper_cpu *c, const struct vsw_unit *unit)
{
    return vsw_flag_read(&c->idle.doze.wanted, unit)
           && !c->wakeup.ipi.irq.pending && c->idle.worker.n_woken == 0;
}

static void
ask(struct hyper_cpu *c, struct hyper_vnic *to, struct vsw_unit *unit)
{
    struct hyper *h = c->hyper;
    bool wake = must_wake(c, unit);

    h->n.requests[place_of(c, to)]++;
    vsw_ring_fill(&c->requests, to->index, 1);
    vsw_ring_publish(&c->requests, unit->sync_ps);
    vsw_unit_charge(unit, VSW_ACCOUNT_LOCK, VSW_COST_LOCK, 1);
    if (wake) {
        h->n.idle_wakeups++;
        vsw_wakeup_send(&c->wakeup, unit);
    }
}

void
hyper_offload(struct hyper_vnic *to, struct vsw_unit *unit)
{
    struct hyper *h = to->hyper;
    uint32_t cpu;

    look_around(h, unit);
    cpu = vsw_offload_choose(
        h->offload, to->index,
        (uint16_t) vsw_cpu_node(h->sw->sim->machine, to->cpu->cpu), NULL);
    if (cpu == VSW_OFFLOAD_NO_CPU) {
        h->n.requests_refused++;
    } else {
        ask(&h->cpus[cpu], to, unit);
    }
}

void
hyper_tell_pollers(const struct hyper *h)
{
    for (uint32_t i = 0; i < h->n_cpus; i++) {
        if (h->cpus[i].works_idly) {
            vsw_idle_worker_look(&h->cpus[i].idle);
        }
    }
}

/* --- Working ------------------------------------------------------------- */

/* A request whose ring is locked is in the hands of another, and one without
 * packets was served already. */
static enum vsw_idle_result
copy(void *owner, struct vsw_worker *worker, struct vsw_ring *ring)
{
    struct hyper_cpu *c = ((struct vsw_idle_worker *) worker->owner)->owner;
    struct hyper_vnic *to = &c->hyper->vnics[vsw_ring_peek(ring)];
    enum vsw_idle_result result = hyper_copy_packet(&c->idle_hands, to,
                                                    worker, place_of(c, to));
    uint32_t slot, n_slots;

    (void) owner;
    if (result == VSW_IDLE_MORE) {
        return result;
    }
    if (result == VSW_IDLE_DONE) {
        vsw_rx_batch_leave(&to->rx_batch, worker->unit);
    }
    if (result != VSW_IDLE_DONE || to->queued.n_pkts == 0) {
        vsw_ring_pop(ring, &slot, &n_slots);
        vsw_ring_free(ring, worker->unit->local_ps);
    }
    return result == VSW_IDLE_DONE ? VSW_IDLE_DONE : VSW_IDLE_NOTHING;
}

/* A ring whose packets may not be switched is passed over, as if locked. */
static enum vsw_idle_result
switch_packet(void *owner, struct vsw_worker *worker, struct vsw_ring *ring)
{
    struct hyper_cpu *c = owner;
    struct hyper *h = c->hyper;
    struct vsw_queue *queue = VSW_CONTAINER_OF(ring, struct vsw_queue, tx);
    struct hyper_vnic *from = &h->vnics[queue->port];
    enum vsw_idle_result result;

    if (from->is_starved && c->idle_hands.pkt == VSW_NONE
        && h->p.mask_congested) {
        return VSW_IDLE_LOCKED;
    }
    result = hyper_switch_packet(&c->idle_hands, from, worker);
    h->n.switched_idly += result == VSW_IDLE_DONE;
    return result == VSW_IDLE_NOTHING ? VSW_IDLE_LOCKED : result;
}

static int
make_sources(struct hyper_cpu *c)
{
    struct hyper *h = c->hyper;

    if (vsw_ring_init(&c->requests, h->p.request_slots)) {
        return -ENOMEM;
    }
    c->sources = calloc(1 + h->n_vnics, sizeof *c->sources);
    if (!c->sources) {
        return -ENOMEM;
    }
    for (uint32_t i = 0; i <= h->n_vnics; i++) {
        c->sources[i] = (struct vsw_source) {
            .ring = i == 0 ? &c->requests : &h->vnics[i - 1].vnic->queue->tx,
            .kind = i == 0 || h->p.idle_switching ? VSW_SOURCE_FILLED
                                                  : VSW_SOURCE_NEVER,
            .n_needed = 1,
        };
    }
    return 0;
}

int
hyper_start_idle(struct hyper_cpu *c)
{
    struct hyper *h = c->hyper;
    bool is_dedicated = h->p.offload == VSW_OFFLOAD_FIXED;
    int error = make_sources(c);

    if (error) {
        return error;
    }
    c->idle_hands.pkt = VSW_NONE;
    c->idle_hands.copy.pkt = VSW_NONE;
    error = vsw_idle_worker_start(&c->idle, c->unit, h->sw->domain,
                                  IDLE_PRIORITY, c->sources, 1 + h->n_vnics,
                                  VSW_COST_VRING_EMPTY,
                                  is_dedicated ? UINT64_MAX
                                               : h->p.hysteresis_ns,
                                  copy, switch_packet, c);
    if (error) {
        return error;
    }
    if (is_dedicated) {
        vsw_idle_loop_extend(&c->idle.loop, 0);
    }
    vsw_wakeup_init(&c->wakeup, &c->idle.worker, h->sw->domain,
                    VSW_ENTRY_HYPERCALL);
    c->works_idly = true;
    return 0;
}

void
hyper_stop_idle(struct hyper_cpu *c)
{
    vsw_ring_fini(&c->requests);
    free(c->sources);
}
