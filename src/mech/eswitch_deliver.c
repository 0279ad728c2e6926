/* How the embedded switch delivers packets to contexts and links. */
#include <string.h>

#include <vswsim/buf_mem.h>

#include "core/account.h"
#include "mech/eswitch_impl.h"

/* What a completion word and the descriptor of a copy engine hold. */
#define COMPLETION_BYTES 8
#define DMA_DESC_BYTES   64

/* Receive descriptors that are read at a time. */
#define FETCH_DESCS 4

/* Completed copies that are fetched at a time. */
#define N_DONE 64

/* --- Queues -------------------------------------------------------------- */

static struct vsw_eswitch_fifo *
fifo_of(const struct vsw_eswitch *es, uint32_t class_, uint32_t output)
{
    return &es->fifos[class_ * es->n_outputs + output];
}

static uint32_t
index_of(const struct vsw_eswitch *es, const struct vsw_eswitch_job *job)
{
    return (uint32_t) (job - es->jobs);
}

static void
push(struct vsw_eswitch *es, struct vsw_eswitch_job *job)
{
    struct vsw_eswitch_fifo *fifo = fifo_of(es, job->class_, job->out);

    job->next = VSW_NONE;
    if (fifo->n++ == 0) {
        fifo->first = index_of(es, job);
    } else {
        es->jobs[fifo->last].next = index_of(es, job);
    }
    fifo->last = index_of(es, job);
    es->n_waiting[job->class_]++;
}

static void
pop(struct vsw_eswitch *es, const struct vsw_eswitch_job *job)
{
    struct vsw_eswitch_fifo *fifo = fifo_of(es, job->class_, job->out);

    fifo->first = job->next;
    fifo->n--;
    es->n_waiting[job->class_]--;
}

static struct vsw_eswitch_context *
receiver_of(const struct vsw_eswitch *es, const struct vsw_eswitch_job *job)
{
    return &es->contexts[job->out];
}

/* The output for 'port': a context of the guest's, or a link. */
static uint32_t
output_of(const struct vsw_eswitch *es, const struct vsw_eswitch_job *job,
          uint32_t port)
{
    const struct vsw_port *p;
    uint32_t queue = 0;

    if (port >= es->setup.n_guest_ports) {
        uint32_t link = port - es->setup.n_guest_ports;

        return link < es->setup.n_links ? es->setup.n_contexts + link
                                        : VSW_NONE;
    }
    p = &es->sw->ports[port];
    if (job->context != VSW_NONE) {
        queue = es->contexts[job->context].queue->index % p->n_queues;
    } else {
        queue = eswitch_pkt(es, job)->flow_id % p->n_queues;
    }
    return es->context_of[p->first_queue + queue];
}

/* Asks the cap on what one context may hold in the NIC. */
static bool
admit(struct vsw_eswitch *es, struct vsw_eswitch_job *job)
{
    struct vsw_eswitch_job *oldest;

    if (!es->cap || job->out >= es->setup.n_contexts) {
        return true;
    }
    switch (vsw_congestion_admit(es->cap, job->out, NULL)) {
    case VSW_CONGESTION_ADMIT:
        return true;
    case VSW_CONGESTION_REFUSE:
        return false;
    case VSW_CONGESTION_REPLACE:
        break;
    }
    for (uint32_t i = 0; i < es->setup.n_classes; i++) {
        struct vsw_eswitch_fifo *fifo = fifo_of(es, i, job->out);

        if (fifo->n > 0) {
            oldest = &es->jobs[fifo->first];
            pop(es, oldest);
            eswitch_lose(es, oldest, VSW_DROP_RX_RING_FULL);
            return true;
        }
    }
    return true;        /* All of them are on their way. */
}

static void
release_cap(struct vsw_eswitch *es, const struct vsw_eswitch_job *job)
{
    if (es->cap && job->out < es->setup.n_contexts) {
        vsw_congestion_release(es->cap, job->out, NULL);
    }
}

/* Moves a job from class 0, where it was counted, to its own.  False: that
 * has no place left. */
static bool
enter_class(struct vsw_eswitch *es, struct vsw_eswitch_job *job,
            uint32_t class_)
{
    uint32_t n = es->setup.n_classes;

    if (class_ >= n) {
        class_ = n - 1;
    }
    if (n > 1 && es->n_used[class_] >= es->setup.n_places / n) {
        return false;
    }
    job->class_ = class_;
    es->n_used[class_]++;
    return true;
}

void
eswitch_enqueue(struct vsw_eswitch *es, struct vsw_eswitch_job *job,
                const struct vsw_rule *rule)
{
    if (!enter_class(es, job, rule->qos_class)) {
        eswitch_lose(es, job, VSW_DROP_FIFO_FULL);
        return;
    }
    job->out = output_of(es, job, rule->port);
    if (job->out == VSW_NONE || job->out >= es->n_outputs
        || rule->port == eswitch_pkt(es, job)->in_port) {
        eswitch_lose(es, job, VSW_DROP_NO_ROUTE);
    } else if (!admit(es, job)) {
        eswitch_lose(es, job, VSW_DROP_RX_RING_FULL);
    } else {
        push(es, job);
    }
}

/* --- To a link ----------------------------------------------------------- */

static bool
link_has_room(const struct vsw_eswitch *es, uint32_t link)
{
    struct vsw_ring *ring = &es->setup.links[link]->tx;

    return vsw_ring_credits(ring, es->unit.local_ps) > 0
           && ring->filled - ring->frees.seen < LINK_DEPTH;
}

/* Puts frame 'id' of 'job' on its link. */
static void
put_on_link(struct vsw_eswitch *es, const struct vsw_eswitch_job *job,
            uint32_t id)
{
    uint32_t link = job->out - es->setup.n_contexts;
    struct vsw_ring *ring = &es->setup.links[link]->tx;
    uint64_t *last_ps = &es->link_stamp_ps[link];

    *last_ps = eswitch_later(*last_ps, job->ready_ps);
    vsw_ring_fill(ring, id, 1);
    vsw_ring_publish(ring, *last_ps);
}

/* The first frame of a packet that is too long for the line. */
static void
send_part(struct vsw_eswitch *es, struct vsw_eswitch_job *job)
{
    struct vsw_frames *frames = &es->sw->frames;
    uint32_t id;

    eswitch_read_rest(es, job);
    id = vsw_pkt_cut(es->sw->pkts, job->pkt);
    memcpy(frames->headers[id], frames->headers[job->pkt], VSW_HEADER_BYTES);
    put_on_link(es, job, id);
}

static void
send_out(struct vsw_eswitch *es, struct vsw_eswitch_job *job)
{
    eswitch_read_rest(es, job);
    put_on_link(es, job, job->pkt);
    es->n_forwarded += vsw_unit_in_window(&es->unit);
    eswitch_free_job(es, job);
}

/* --- To a context -------------------------------------------------------- */

/* Descriptors, from 'slot' on, are read ahead, so nobody waits for them. */
static void
fetch_descs(struct vsw_eswitch_context *c, uint32_t slot, uint32_t n_needed)
{
    struct vsw_eswitch *es = c->es;

    while (c->n_descs < n_needed) {
        vsw_bus_read(es->setup.bus, &es->unit, es->unit.local_ps,
                     (uint64_t) FETCH_DESCS * es->setup.desc_bytes);
        vsw_ring_mem_dma(&es->unit, ESWITCH_NODE, &c->queue->rx_mem,
                         (slot + c->n_descs) & c->queue->rx.mask,
                         FETCH_DESCS, VSW_MEM_READ);
        c->n_descs += FETCH_DESCS;
    }
    c->n_descs -= n_needed;
}

/* Gives the packet its place in the receiver's ring. */
static void
reserve(struct vsw_eswitch *es, struct vsw_eswitch_job *job)
{
    struct vsw_eswitch_context *c = receiver_of(es, job);
    uint32_t n = vsw_queue_n_slots(c->queue,
                                   eswitch_pkt(es, job)->frame_bytes);

    job->n_rx_slots = n;
    job->rx_slot = vsw_ring_fill(&c->queue->rx, job->pkt, n);
    job->is_done = false;
    c->job_at[job->rx_slot] = index_of(es, job);
    fetch_descs(c, job->rx_slot, n);
}

/* Tells the receiver of its packets up to the first whose data are not there
 * yet, from 'stamp_ps' on. */
static void
publish(struct vsw_eswitch *es, struct vsw_eswitch_context *c,
        uint64_t stamp_ps)
{
    struct vsw_ring *ring = &c->queue->rx;
    uint32_t n = 0;

    while (ring->fills.done + n != ring->filled) {
        uint32_t slot = (ring->fills.done + n) & ring->mask;
        struct vsw_eswitch_job *job = &es->jobs[c->job_at[slot]];

        if (!job->is_done) {
            break;
        }
        n += job->n_rx_slots;
        release_cap(es, job);
        es->n_forwarded += vsw_unit_in_window(&es->unit);
        eswitch_free_job(es, job);
    }
    if (n > 0) {
        vsw_ring_mem_dma(&es->unit, ESWITCH_NODE, &c->queue->rx_mem,
                         ring->fills.done & ring->mask, n, VSW_MEM_WRITE);
        stamp_ps = vsw_bus_write(es->setup.bus, &es->unit, stamp_ps,
                                 (uint64_t) n * es->setup.desc_bytes);
        c->rx_stamp_ps = eswitch_later(c->rx_stamp_ps, stamp_ps);
        vsw_ring_publish_upto(ring, ring->fills.done + n, c->rx_stamp_ps);
        eswitch_note_event(c);
    }
}

static void
deliver_by_bus(struct vsw_eswitch *es, struct vsw_eswitch_job *job)
{
    struct vsw_eswitch_context *c = receiver_of(es, job);
    uint64_t done_ps;

    eswitch_read_rest(es, job);
    vsw_frames_store(&es->sw->frames, job->pkt,
                     c->queue->rx_bufs[job->rx_slot]);
    vsw_slots_dma_write(&es->unit, ESWITCH_NODE, &es->sw->bufs,
                        c->queue->rx_bufs, c->queue->rx.mask, job->rx_slot,
                        vsw_pkt_data_bytes(eswitch_pkt(es, job)));
    done_ps = eswitch_write(es,
                            eswitch_later(job->ready_ps, es->unit.local_ps),
                            vsw_pkt_data_bytes(eswitch_pkt(es, job)));
    job->is_done = true;
    es->n_by_bus += vsw_unit_in_window(&es->unit);
    publish(es, c, done_ps);
}

/* Classes have channels of their own, so that one does not wait behind
 * another; the lowest share one if there are too few.  With one class,
 * receivers have channels. */
static uint32_t
channel_of(const struct vsw_eswitch *es, const struct vsw_eswitch_job *job)
{
    uint32_t n = es->dma.n_channels;
    uint32_t n_sharing = es->setup.n_classes > n ? es->setup.n_classes - n
                                                 : 0;

    if (es->setup.n_classes == 1) {
        return job->out % n;
    }
    return job->class_ > n_sharing ? job->class_ - n_sharing : 0;
}

static void
deliver_by_dma(struct vsw_eswitch *es, struct vsw_eswitch_job *job)
{
    struct vsw_unit *unit = &es->unit;
    uint32_t channel = channel_of(es, job);
    uint32_t n_bytes = vsw_pkt_data_bytes(eswitch_pkt(es, job));
    const struct vsw_dma_copy copy = {
        .from = eswitch_pkt(es, job)->buf,
        .to = receiver_of(es, job)->queue->rx_bufs[job->rx_slot],
        .n_bytes = n_bytes,
        .cookie = index_of(es, job),
    };
    uint64_t there_ps;

    vsw_dma_submit(&es->dma.channels[channel], unit, &copy);
    there_ps = vsw_bus_write(es->setup.bus, unit,
                             eswitch_later(job->ready_ps, unit->local_ps),
                             DMA_DESC_BYTES);
    es->dma_dirty[channel] = true;
    es->dma_stamp_ps[channel] = eswitch_later(es->dma_stamp_ps[channel],
                                              there_ps);
    if (vsw_unit_in_window(unit)) {
        es->n_by_dma++;
        es->n_dma_bytes += n_bytes;
    }
}

static bool
goes_by_dma(const struct vsw_eswitch *es, const struct vsw_eswitch_job *job)
{
    return es->setup.by_dma && eswitch_pkt(es, job)->buf != VSW_NONE
           && vsw_pkt_data_bytes(eswitch_pkt(es, job))
                  >= es->setup.dma_min_bytes;
}

/* --- Serving ------------------------------------------------------------- */

bool
eswitch_waits_for_dma(const struct vsw_eswitch *es,
                      const struct vsw_eswitch_job *job)
{
    return goes_by_dma(es, job)
           && vsw_dma_n_free(&es->dma.channels[channel_of(es, job)]) == 0;
}

uint32_t
eswitch_n_needed(const struct vsw_eswitch *es,
                 const struct vsw_eswitch_job *job)
{
    const struct vsw_queue *queue = receiver_of(es, job)->queue;
    uint32_t n_all = queue->rx.mask + 1;
    uint32_t n = vsw_queue_n_slots(queue,
                                   eswitch_pkt(es, job)->frame_bytes);
    uint32_t top = es->setup.n_classes - 1;
    uint32_t n_left = top ? n_all / 2 * (top - job->class_) / top : 0;

    /* A long packet may have all of a short ring. */
    return n + n_left <= n_all || n > n_all ? n + n_left : n_all;
}

enum served {
    SERVED,
    WAITS,
    UNKNOWN,        /* Until the next sync. */
};

static enum served
serve_context(struct vsw_eswitch *es, struct vsw_eswitch_job *job)
{
    struct vsw_queue *queue = receiver_of(es, job)->queue;
    uint32_t n = eswitch_n_needed(es, job);

    if (eswitch_waits_for_dma(es, job)) {
        return WAITS;
    }
    if (vsw_ring_credits(&queue->rx, es->unit.local_ps) < n) {
        if (!vsw_unit_at_sync(&es->unit)) {
            return UNKNOWN;
        }
        if (es->setup.holds && n <= queue->rx.mask + 1) {
            return WAITS;
        }
        pop(es, job);
        release_cap(es, job);
        eswitch_lose(es, job, VSW_DROP_RX_RING_FULL);
        return SERVED;
    }
    pop(es, job);
    reserve(es, job);
    if (goes_by_dma(es, job)) {
        deliver_by_dma(es, job);
    } else {
        deliver_by_bus(es, job);
    }
    return SERVED;
}

/* One frame at a time, so that outputs take turns. */
static enum served
serve_link(struct vsw_eswitch *es, struct vsw_eswitch_job *job)
{
    if (!link_has_room(es, job->out - es->setup.n_contexts)) {
        return WAITS;
    }
    if (vsw_pkt_is_long(eswitch_pkt(es, job))) {
        send_part(es, job);
    } else {
        pop(es, job);
        send_out(es, job);
    }
    return SERVED;
}

static enum served
serve_one(struct vsw_eswitch *es, struct vsw_eswitch_job *job)
{
    return job->out < es->setup.n_contexts ? serve_context(es, job)
                                           : serve_link(es, job);
}

/* Serves one packet of 'class_' at most for each output.  Returns how many,
 * and sets '*unknown' if some must be tried again. */
static uint32_t
serve_class(struct vsw_eswitch *es, uint32_t class_, bool *unknown)
{
    uint32_t n_served = 0;

    for (uint32_t i = 0; i < es->n_outputs && es->n_waiting[class_]; i++) {
        uint32_t output = (es->turn + i) % es->n_outputs;
        struct vsw_eswitch_fifo *fifo = fifo_of(es, class_, output);

        if (fifo->n == 0) {
            continue;
        }
        switch (serve_one(es, &es->jobs[fifo->first])) {
        case SERVED:
            n_served++;
            break;
        case WAITS:
            break;
        case UNKNOWN:
            *unknown = true;
            break;
        }
    }
    es->turn = (es->turn + 1) % es->n_outputs;
    return n_served;
}

bool
eswitch_serve(struct vsw_eswitch *es)
{
    bool unknown = false;

    for (uint32_t i = es->setup.n_classes; i-- > 0;) {
        while (es->n_waiting[i] && serve_class(es, i, &unknown)) {
        }
    }
    return !unknown;
}

/* --- The copy engine ----------------------------------------------------- */

static void
finish_copies(struct vsw_eswitch *es, const struct vsw_dma_copy *done,
              uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        struct vsw_eswitch_job *job = &es->jobs[done[i].cookie];

        job->is_done = true;
        eswitch_leave(es, job, es->unit.local_ps);
        eswitch_pkt(es, job)->buf = done[i].to;
        publish(es, receiver_of(es, job), es->unit.local_ps);
    }
}

static bool
is_copying(const struct vsw_eswitch *es)
{
    for (uint32_t i = 0; i < es->dma.n_channels; i++) {
        const struct vsw_dma_channel *c = &es->dma.channels[i];

        if (vsw_dma_n_free(c) != c->ring.mask + 1) {
            return true;
        }
    }
    return false;
}

static void
arm_dma_timer(struct vsw_eswitch *es)
{
    uint64_t period_ns = es->setup.irq_gap_ns ? es->setup.irq_gap_ns : 1000;

    if (!es->dma_timer_runs && is_copying(es)) {
        es->dma_timer_runs = true;
        vsw_timer_restart(&es->dma_timer,
                          es->unit.local_ps + period_ns * PS_PER_NS);
    }
}

/* Looks which copies are done, once per period; then there is room for others.
 */
void
eswitch_dma_expired(struct vsw_unit *unit, struct vsw_timer *timer)
{
    struct vsw_eswitch *es = timer->aux;
    struct vsw_dma_copy done[N_DONE];

    es->dma_timer_runs = false;
    for (uint32_t i = 0; i < es->dma.n_channels; i++) {
        uint32_t n;

        vsw_bus_read(es->setup.bus, unit, unit->local_ps, COMPLETION_BYTES);
        do {
            n = vsw_dma_poll(&es->dma.channels[i], unit, done, N_DONE);
            finish_copies(es, done, n);
        } while (n == N_DONE);
    }
    eswitch_serve(es);
    eswitch_flush(es);
    eswitch_choose_sources(es);
}

/* --- At the end of a call ------------------------------------------------ */

void
eswitch_flush(struct vsw_eswitch *es)
{
    for (uint32_t i = 0; i < es->dma.n_channels; i++) {
        if (es->dma_dirty[i]) {
            es->dma_dirty[i] = false;
            vsw_dma_start_at(&es->dma.channels[i], es->dma_stamp_ps[i]);
        }
    }
    for (uint32_t i = 0; i < es->setup.n_contexts; i++) {
        struct vsw_eswitch_context *c = &es->contexts[i];

        if (c->n_unsent > 0) {
            uint64_t done_ps = vsw_bus_write(
                es->setup.bus, &es->unit,
                eswitch_later(c->tx_stamp_ps, es->unit.local_ps),
                es->setup.desc_bytes);

            c->n_unsent = 0;
            c->freed |= vsw_tx_window_release(&c->window, done_ps) > 0;
            vsw_ring_mem_dma(&es->unit, ESWITCH_NODE, &c->queue->tx_mem,
                             (c->queue->tx.frees.done - 1)
                                 & c->queue->tx.mask,
                             1, VSW_MEM_WRITE);
        }
    }
    arm_dma_timer(es);
}
