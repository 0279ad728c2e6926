/* How the embedded switch takes packets in, and decides on them. */
#include <string.h>

#include <vswsim/buf_mem.h>

#include "core/account.h"
#include "core/cost.h"
#include "mech/eswitch_impl.h"

/* Other devices use the bus at the same time, so the NIC works ahead no
 * further than this part of a quantum. */
#define LOOK_DIVISOR 4

uint64_t
eswitch_read(struct vsw_eswitch *es, uint64_t start_ps, uint64_t n_bytes)
{
    if (n_bytes == 0) {
        return start_ps;
    }
    if (vsw_unit_in_window(&es->unit)) {
        es->n_frame_bytes[VSW_BUS_TO_DEVICE] += n_bytes;
    }
    return vsw_bus_read(es->setup.bus, &es->unit, start_ps, n_bytes);
}

uint64_t
eswitch_write(struct vsw_eswitch *es, uint64_t start_ps, uint64_t n_bytes)
{
    if (vsw_unit_in_window(&es->unit)) {
        es->n_frame_bytes[VSW_BUS_TO_HOST] += n_bytes;
    }
    return vsw_bus_write(es->setup.bus, &es->unit, start_ps, n_bytes);
}

/* Reads 'n_bytes' of a frame, side by side with the reads before it; the unit
 * is busy until one more may be outstanding. */
static uint64_t
read_next(struct vsw_eswitch *es, uint64_t not_before_ps, uint64_t n_bytes)
{
    struct vsw_unit *unit = &es->unit;
    uint64_t *come_ps
        = &es->reads_ps[es->n_reads++ % VSW_ESWITCH_MAX_READS];

    if (*come_ps > unit->local_ps) {
        vsw_unit_spend(unit, VSW_ACCOUNT_DMA, *come_ps - unit->local_ps);
    }
    *come_ps = eswitch_read(es, eswitch_later(unit->local_ps, not_before_ps),
                            n_bytes);
    return *come_ps;
}

void
eswitch_read_rest(struct vsw_eswitch *es, struct vsw_eswitch_job *job)
{
    uint32_t n_bytes = vsw_pkt_data_bytes(eswitch_pkt(es, job));

    if (job->n_read < n_bytes) {
        vsw_buf_dma_read_at(&es->unit, &es->sw->bufs,
                            eswitch_pkt(es, job)->buf, job->n_read,
                            n_bytes - job->n_read);
        job->ready_ps = read_next(es, job->ready_ps, n_bytes - job->n_read);
        job->n_read = n_bytes;
    }
    if (eswitch_pkt(es, job)->buf != VSW_NONE) {
        vsw_frames_load(&es->sw->frames, job->pkt);
    }
    eswitch_leave(es, job, job->ready_ps);
}

const uint8_t *
vsw_eswitch_header(const struct vsw_eswitch *es,
                   const struct vsw_eswitch_job *job)
{
    uint32_t buf = eswitch_pkt(es, job)->buf;

    return buf == VSW_NONE ? es->sw->frames.headers[job->pkt]
                           : es->sw->bufs.headers[buf];
}

/* --- Deciding ------------------------------------------------------------ */

/* Software decides: all of the packet goes to its memory. */
static void
ask(struct vsw_eswitch *es, struct vsw_eswitch_job *job)
{
    struct vsw_control_plane *cp = es->setup.control;
    struct vsw_unit *unit = &es->unit;

    if (!vsw_control_plane_admit(cp, unit, job->pkt)) {
        eswitch_lose(es, job, VSW_DROP_NO_BUFFER);
        return;
    }
    eswitch_read_rest(es, job);
    eswitch_write(es, job->ready_ps,
                  vsw_pkt_data_bytes(eswitch_pkt(es, job)));
    vsw_control_plane_take(cp, unit, job->pkt, true);
    vsw_buf_dma_write(unit, ESWITCH_NODE, &es->sw->bufs,
                      eswitch_pkt(es, job)->buf,
                      vsw_pkt_data_bytes(eswitch_pkt(es, job)));
    eswitch_free_job(es, job);
}

static void
decide(struct vsw_eswitch *es, struct vsw_eswitch_job *job)
{
    struct vsw_rule rule = {0};

    vsw_unit_charge(&es->unit, VSW_ACCOUNT_SWITCH, VSW_COST_NIC_FORWARD, 1);
    if (!es->setup.decide(es->setup.aux, es, job, &rule)) {
        ask(es, job);
    } else if (rule.negative) {
        eswitch_lose(es, job, VSW_DROP_DENIED);
    } else {
        eswitch_enqueue(es, job, &rule);
    }
}

/* --- Taking -------------------------------------------------------------- */

static bool
is_context(const struct vsw_eswitch *es)
{
    return es->batch < es->setup.n_contexts;
}

static bool
is_link(const struct vsw_eswitch *es)
{
    return es->batch > eswitch_again_source(es);
}

/* Begins with what source 'i' has, at sync: descriptors are read together. */
static void
begin_batch(struct vsw_eswitch *es, uint32_t i)
{
    struct vsw_unit *unit = &es->unit;
    uint32_t n = vsw_ring_visible(es->sources[i].ring, unit->sync_ps);

    es->batch = i;
    if (is_link(es)) {
        es->n_batch_slots = n;
        return;
    }
    es->n_batch_slots = n < es->setup.fetch_descs ? n : es->setup.fetch_descs;
    if (n > 0) {
        es->descs_ps = vsw_bus_read(es->setup.bus, unit, unit->local_ps,
                                    (uint64_t) es->n_batch_slots
                                        * es->setup.desc_bytes);
    }
    if (n > 0 && is_context(es)) {
        const struct vsw_queue *queue = es->contexts[i].queue;

        vsw_ring_mem_dma(unit, ESWITCH_NODE, &queue->tx_mem,
                         queue->tx.popped & queue->tx.mask,
                         es->n_batch_slots, VSW_MEM_READ);
    }
}

/* Takes a frame that has arrived on a link. */
static void
take_frame(struct vsw_eswitch *es, struct vsw_eswitch_job *job)
{
    struct vsw_ring *ring = es->sources[es->batch].ring;
    uint32_t slot, n_slots;

    job->pkt = vsw_ring_pop(ring, &slot, &n_slots);
    job->n_read = vsw_pkt_data_bytes(eswitch_pkt(es, job));
    job->ready_ps = es->unit.local_ps;
    es->n_batch_slots -= n_slots;
    vsw_ring_free(ring, es->unit.local_ps);
}

/* Takes a packet that lies in memory, and reads its head. */
static void
take_packet(struct vsw_eswitch *es, struct vsw_eswitch_job *job)
{
    struct vsw_ring *ring = es->sources[es->batch].ring;
    uint32_t n_bytes;

    job->pkt = vsw_ring_pop(ring, &job->tx_slot, &job->n_tx_slots);
    n_bytes = vsw_pkt_data_bytes(eswitch_pkt(es, job));
    if (is_context(es)) {
        job->context = es->batch;
    } else {
        job->from_buf = eswitch_pkt(es, job)->buf;
        vsw_ring_free(ring, es->unit.local_ps);
    }
    if (es->setup.head_bytes && n_bytes > es->setup.head_bytes) {
        n_bytes = es->setup.head_bytes;
    }
    /* A chain may reach past the batch. */
    es->n_batch_slots -= job->n_tx_slots < es->n_batch_slots
                             ? job->n_tx_slots
                             : es->n_batch_slots;
    vsw_buf_dma_read(&es->unit, &es->sw->bufs, eswitch_pkt(es, job)->buf,
                     n_bytes);
    job->ready_ps = read_next(es, es->descs_ps, n_bytes);
    job->n_read = n_bytes;
    if (es->setup.head_bytes == 0) {
        eswitch_read_rest(es, job);
    }
}

static void
lose_frame(struct vsw_eswitch *es)
{
    struct vsw_ring *ring = es->sources[es->batch].ring;
    uint32_t slot, n_slots;
    uint32_t pkt = vsw_ring_pop(ring, &slot, &n_slots);

    es->n_batch_slots -= n_slots;
    vsw_ring_free(ring, es->unit.local_ps);
    vsw_pkt_drop(es->sw->pkts, &es->unit, pkt, VSW_DROP_FIFO_FULL);
}

/* Takes the next packet of the batch.  False: there is no place in the NIC. */
static bool
take_next(struct vsw_eswitch *es)
{
    struct vsw_eswitch_job *job;

    if (!is_link(es) && !eswitch_may_take(es)) {
        return false;
    }
    job = eswitch_new_job(es);
    if (!job) {
        lose_frame(es);
        return true;
    }
    if (is_link(es)) {
        take_frame(es, job);
    } else {
        job->is_tx = true;
        es->n_tx_jobs++;
        take_packet(es, job);
    }
    decide(es, job);
    return true;
}

/* --- The unit's call ----------------------------------------------------- */

static bool
has_packets(const struct vsw_eswitch *es)
{
    const struct vsw_ring *ring = es->sources[es->batch].ring;

    return es->n_batch_slots > 0 && ring->fills.seen != ring->popped;
}

/* Takes and delivers.  False: goes on in the next call. */
static bool
pump(struct vsw_eswitch *es)
{
    struct vsw_unit *unit = &es->unit;
    uint64_t end_ps = unit->sync_ps + unit->sim->quantum_ps / LOOK_DIVISOR;

    for (;;) {
        if (!eswitch_serve(es)) {
            return false;
        }
        if (es->batch == VSW_NONE || !has_packets(es)) {
            es->batch = VSW_NONE;
            return true;
        }
        if (unit->local_ps > end_ps || vsw_worker_quantum_over(&es->worker)) {
            return false;
        }
        if (!take_next(es)) {
            /* Links go on; the rest of the batch is read again. */
            es->batch = VSW_NONE;
            return true;
        }
    }
}

void
eswitch_work(void *owner, struct vsw_worker *worker)
{
    struct vsw_eswitch *es = owner;
    bool finished;

    eswitch_tell_freed(es);
    if (es->batch == VSW_NONE
        && worker->source < eswitch_fifo_source(es, 0)) {
        begin_batch(es, worker->source);
    }
    finished = pump(es);
    eswitch_flush(es);
    eswitch_choose_sources(es);
    if (!finished) {
        vsw_worker_go_on(worker);
    }
}
