#include <vswsim/eswitch.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vswsim/mactable.h>

#include "core/cost.h"
#include "mech/eswitch_impl.h"

/* --- Places in the NIC --------------------------------------------------- */

struct vsw_eswitch_job *
eswitch_new_job(struct vsw_eswitch *es)
{
    struct vsw_eswitch_job *job;

    if (es->free_job == VSW_NONE) {
        return NULL;
    }
    job = &es->jobs[es->free_job];
    es->free_job = job->next;
    es->n_jobs++;
    *job = (struct vsw_eswitch_job) {
        .context = VSW_NONE,
        .from_buf = VSW_NONE,
        .out = VSW_NONE,
        .class_ = VSW_NONE,
        .next = VSW_NONE,
    };
    return job;
}

void
eswitch_free_job(struct vsw_eswitch *es, struct vsw_eswitch_job *job)
{
    if (job->class_ != VSW_NONE) {
        es->n_used[job->class_]--;
    }
    job->next = es->free_job;
    es->free_job = (uint32_t) (job - es->jobs);
    es->n_jobs--;
    es->n_tx_jobs -= job->is_tx;
}

void
eswitch_leave(struct vsw_eswitch *es, struct vsw_eswitch_job *job,
              uint64_t stamp_ps)
{
    if (job->context != VSW_NONE) {
        struct vsw_eswitch_context *c = &es->contexts[job->context];

        vsw_tx_window_done(&c->window, job->tx_slot, job->n_tx_slots);
        c->n_unsent++;
        c->tx_stamp_ps = eswitch_later(c->tx_stamp_ps, stamp_ps);
        job->context = VSW_NONE;
    } else if (job->from_buf != VSW_NONE) {
        vsw_control_plane_release(es->setup.control, job->from_buf);
        job->from_buf = VSW_NONE;
    }
}

void
eswitch_lose(struct vsw_eswitch *es, struct vsw_eswitch_job *job,
             enum vsw_drop drop)
{
    eswitch_leave(es, job, es->unit.local_ps);
    vsw_pkt_drop(es->sw->pkts, &es->unit, job->pkt, drop);
    eswitch_free_job(es, job);
}

/* --- What it waits for --------------------------------------------------- */

static void
set_source(struct vsw_eswitch *es, uint32_t i, enum vsw_source_kind kind,
           bool on)
{
    es->sources[i].kind = on ? kind : VSW_SOURCE_NEVER;
}

static uint32_t
n_waiting_for(const struct vsw_eswitch *es, uint32_t output)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < es->setup.n_classes; i++) {
        n += es->fifos[i * es->n_outputs + output].n;
    }
    return n;
}

/* Free descriptors that let a packet for context 'i' go on, VSW_NONE if none
 * would.  The first of each class may; one that waits for the copy engine is
 * tried when that has completed some. */
static uint32_t
room_for_one(const struct vsw_eswitch *es, uint32_t i)
{
    uint32_t least = VSW_NONE;

    for (uint32_t c = 0; c < es->setup.n_classes; c++) {
        const struct vsw_eswitch_fifo *fifo = &es->fifos[c * es->n_outputs
                                                         + i];
        const struct vsw_eswitch_job *job
            = fifo->n > 0 ? &es->jobs[fifo->first] : NULL;

        if (job && !eswitch_waits_for_dma(es, job)) {
            uint32_t n = eswitch_n_needed(es, job);

            least = n < least ? n : least;
        }
    }
    return least;
}

void
eswitch_choose_sources(struct vsw_eswitch *es)
{
    bool takes = eswitch_may_take(es);

    for (uint32_t i = 0; i < es->setup.n_contexts; i++) {
        set_source(es, i, VSW_SOURCE_FILLED, takes);
    }
    set_source(es, eswitch_again_source(es), VSW_SOURCE_FILLED,
               takes && es->setup.control);
    for (uint32_t i = 0; i < es->setup.n_links; i++) {
        uint32_t output = es->setup.n_contexts + i;
        const struct vsw_ring *ring = &es->setup.links[i]->tx;

        set_source(es, eswitch_fifo_source(es, i), VSW_SOURCE_FREED,
                   n_waiting_for(es, output) > 0);
        /* So many that it is below its depth. */
        es->sources[eswitch_fifo_source(es, i)].n_needed
            = ring->mask + 1 > LINK_DEPTH ? ring->mask + 2 - LINK_DEPTH : 1;
    }
    for (uint32_t i = 0; i < es->setup.n_contexts; i++) {
        uint32_t n = es->setup.holds ? room_for_one(es, i) : VSW_NONE;

        set_source(es, eswitch_room_source(es, i), VSW_SOURCE_FREED,
                   n != VSW_NONE);
        es->sources[eswitch_room_source(es, i)].n_needed = n;
    }
    vsw_unit_reschedule(&es->unit);
}

/* --- Start and end ------------------------------------------------------- */

static int
check(const struct vsw_switch *sw, struct vsw_error *err)
{
    static const uint16_t costs[] = {
        VSW_COST_NIC_FORWARD,
        VSW_COST_NIC_IRQ_LATENCY,
    };

    return vsw_sim_require_costs(sw->sim, sw->ops->name, costs,
                                 VSW_N_ELEMS(costs), err);
}

static int
make_cap(struct vsw_eswitch *es)
{
    const struct vsw_eswitch_setup *setup = &es->setup;
    const struct vsw_congestion_rule rule = {
        .max_in_flight = setup->max_in_flight,
        .resume_at = setup->max_in_flight - 1,
        .at_cap = setup->at_cap,
    };

    if (setup->max_in_flight == 0) {
        return 0;
    }
    es->cap = vsw_congestion_new(&es->sw->arena, &rule, setup->n_contexts);
    return es->cap ? 0 : -ENOMEM;
}

static int
make_tables(struct vsw_eswitch *es)
{
    const struct vsw_eswitch_setup *setup = &es->setup;
    uint32_t n_queues = 0;

    es->n_outputs = setup->n_contexts + setup->n_links;
    es->n_sources = eswitch_room_source(es, setup->n_contexts);
    for (uint32_t i = 0; i < setup->n_guest_ports; i++) {
        n_queues += es->sw->ports[i].n_queues;
    }
    es->contexts = calloc(setup->n_contexts, sizeof *es->contexts);
    es->context_of = calloc((size_t) n_queues + 1, sizeof *es->context_of);
    es->sources = calloc(es->n_sources, sizeof *es->sources);
    es->jobs = calloc(setup->n_places, sizeof *es->jobs);
    es->fifos = calloc((size_t) es->n_outputs * setup->n_classes,
                       sizeof *es->fifos);
    es->dma_dirty = calloc((size_t) setup->n_dma_channels + 1,
                           sizeof *es->dma_dirty);
    es->dma_stamp_ps = calloc((size_t) setup->n_dma_channels + 1,
                              sizeof *es->dma_stamp_ps);
    if (!es->contexts || !es->context_of || !es->sources || !es->jobs
        || !es->fifos || !es->dma_dirty || !es->dma_stamp_ps
        || make_cap(es)) {
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < n_queues; i++) {
        es->context_of[i] = i;
    }
    for (uint32_t i = 0; i < setup->n_places; i++) {
        es->jobs[i].next = i + 1 < setup->n_places ? i + 1 : VSW_NONE;
    }
    return 0;
}

static int
make_unit(struct vsw_eswitch *es)
{
    es->worker.unit = &es->unit;
    es->worker.work = eswitch_work;
    es->worker.owner = es;
    es->worker.priority = 1;
    if (vsw_unit_init(&es->unit, es->sw->sim, "device", es->setup.name)
        || vsw_worker_add(&es->worker)) {
        return -ENOMEM;
    }
    vsw_timer_init(&es->dma_timer, &es->unit, 0, eswitch_dma_expired, es);
    return 0;
}

static int
add_counters(struct vsw_eswitch *es)
{
    static const char *const names[] = {
        "bus_frame_bytes_to_device", "bus_frame_bytes_to_host",
    };
    struct vsw_switch *sw = es->sw;
    int error = 0;

    for (int i = 0; i < VSW_BUS_N_DIRS && !error; i++) {
        error = vsw_switch_add_counter(sw, names[i], "bytes",
                                       &es->n_frame_bytes[i]);
    }
    error = error ? error
                  : vsw_switch_add_counter(sw, "nic_forwarded", "1",
                                           &es->n_forwarded);
    error = error ? error
                  : vsw_switch_add_counter(sw, "nic_by_bus", "1",
                                           &es->n_by_bus);
    if (es->setup.by_dma && !error) {
        error = vsw_switch_add_counter(sw, "dma_copies", "1", &es->n_by_dma)
                || vsw_switch_add_counter(sw, "dma_bytes", "bytes",
                                          &es->n_dma_bytes);
    }
    return error ? -ENOMEM : 0;
}

int
vsw_eswitch_init(struct vsw_eswitch *es, struct vsw_switch *sw,
                 const struct vsw_eswitch_setup *setup,
                 struct vsw_error *err)
{
    int error = check(sw, err);

    memset(es, 0, sizeof *es);
    if (error) {
        return error;
    }
    es->sw = sw;
    es->setup = *setup;
    es->batch = VSW_NONE;
    es->max_tx_jobs = setup->n_links ? setup->n_places / 2 : setup->n_places;
    if (make_tables(es) || make_unit(es) || add_counters(es)) {
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "out of memory for a NIC of %u contexts",
                             setup->n_contexts);
    }
    if (setup->by_dma) {
        error = vsw_dma_init(&es->dma, sw->sim, &sw->bufs,
                             setup->n_dma_channels, setup->n_dma_descs, err);
    }
    return error;
}

int
vsw_eswitch_attach(struct vsw_eswitch *es, uint32_t i,
                   struct vsw_queue *queue, struct vsw_vnic *vnic)
{
    struct vsw_eswitch_context *c = &es->contexts[i];

    c->es = es;
    c->queue = queue;
    c->vnic = vnic;
    queue->bus = es->setup.bus;
    c->job_at = calloc((size_t) queue->rx.mask + 1, sizeof *c->job_at);
    if (!c->job_at || vsw_tx_window_init(&c->window, &queue->tx)) {
        return -ENOMEM;
    }
    eswitch_init_irq(c);
    return 0;
}

static void
set_ring(struct vsw_eswitch *es, uint32_t i, struct vsw_ring *ring,
         enum vsw_source_kind kind)
{
    es->sources[i] = (struct vsw_source) {
        .ring = ring,
        .kind = kind,
        .n_needed = 1,
    };
}

void
vsw_eswitch_start(struct vsw_eswitch *es)
{
    struct vsw_control_plane *cp = es->setup.control;

    for (uint32_t i = 0; i < es->setup.n_contexts; i++) {
        struct vsw_queue *queue = es->contexts[i].queue;

        set_ring(es, i, &queue->tx, VSW_SOURCE_FILLED);
        set_ring(es, eswitch_room_source(es, i), &queue->rx,
                 VSW_SOURCE_NEVER);
    }
    set_ring(es, eswitch_again_source(es),
             cp ? &cp->again : &es->contexts[0].queue->tx,
             cp ? VSW_SOURCE_FILLED : VSW_SOURCE_NEVER);
    for (uint32_t i = 0; i < es->setup.n_links; i++) {
        set_ring(es, eswitch_link_source(es, i), &es->setup.links[i]->rx,
                 VSW_SOURCE_FILLED);
        set_ring(es, eswitch_fifo_source(es, i), &es->setup.links[i]->tx,
                 VSW_SOURCE_NEVER);
    }
    vsw_worker_serve(&es->worker, es->sources, es->n_sources);
}

void
vsw_eswitch_fini(struct vsw_eswitch *es)
{
    vsw_dma_fini(&es->dma);
    for (uint32_t i = 0; es->contexts && i < es->setup.n_contexts; i++) {
        vsw_tx_window_fini(&es->contexts[i].window);
        free(es->contexts[i].job_at);
    }
    vsw_unit_fini(&es->unit);
    free(es->contexts);
    free(es->context_of);
    free(es->sources);
    free(es->jobs);
    free(es->fifos);
    free(es->dma_dirty);
    free(es->dma_stamp_ps);
}
