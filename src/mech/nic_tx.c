/* How a NIC sends.
 *
 * Reads overlap: a frame is asked for as soon as the bus is free of the last
 * one, a latency before it comes.  So the unit is busy for as long as its
 * frames occupy the bus, and each enters packet memory at a time of its
 * own. */
#include <string.h>

#include <vswsim/buf_mem.h>

#include "core/account.h"
#include "mech/nic_impl.h"

/* The source that stands for packet memory. */
static struct vsw_source *
fifo_source(struct vsw_nic *nic)
{
    return &nic->tx_sources[nic->n_queues];
}

/* Makes the NIC wait for 'n_places' in packet memory or, with 0, for packets
 * to send. */
static void
wait_for(struct vsw_nic *nic, uint32_t n_places)
{
    for (uint32_t i = 0; i < nic->n_queues; i++) {
        nic->tx_sources[i].kind = n_places ? VSW_SOURCE_NEVER
                                           : VSW_SOURCE_FILLED;
    }
    fifo_source(nic)->kind = n_places ? VSW_SOURCE_FREED : VSW_SOURCE_NEVER;
    fifo_source(nic)->n_needed = n_places;
}

void
vsw_nic_tx_start(struct vsw_nic *nic)
{
    for (uint32_t i = 0; i < nic->n_queues; i++) {
        nic->tx_sources[i] = (struct vsw_source) {
            .ring = vsw_nic_tx_ring(nic->queues[i].queue),
            .kind = VSW_SOURCE_FILLED,
            .n_needed = 1,
        };
    }
    *fifo_source(nic) = (struct vsw_source) {
        .ring = &nic->end->tx,
        .kind = VSW_SOURCE_FREED,
        .n_needed = 1,
    };
    vsw_worker_serve(&nic->tx_worker, nic->tx_sources, nic->n_queues + 1);
    wait_for(nic, 0);
    vsw_unit_reschedule(&nic->tx_unit);
}

static uint64_t
later(uint64_t a_ps, uint64_t b_ps)
{
    return a_ps > b_ps ? a_ps : b_ps;
}

/* Reads the descriptors of a batch, at sync. */
static void
begin_batch(struct vsw_nic *nic, struct vsw_queue *queue)
{
    struct vsw_unit *unit = &nic->tx_unit;
    struct vsw_ring *ring = vsw_nic_tx_ring(queue);
    uint32_t n = vsw_ring_visible(ring, unit->sync_ps);

    if (n > nic->setup.tx_fetch_descs) {
        n = nic->setup.tx_fetch_descs;
    }
    nic->tx_queue = queue;
    nic->tx_source = nic->tx_worker.source;
    nic->tx_upto = ring->popped + n;
    nic->tx_descs_ps = vsw_bus_read(nic->bus, unit, unit->local_ps,
                                    (uint64_t) n * nic->setup.desc_bytes);
    vsw_ring_mem_dma(unit, VSW_NIC_NODE, &queue->rx_mem,
                     ring->popped & ring->mask, n, VSW_MEM_READ);
}

static bool
batch_is_sent(const struct vsw_nic *nic)
{
    /* The last packet may have more slots than were left in the batch. */
    return !nic->tx_has_rest
           && (int32_t) (nic->tx_upto
                         - vsw_nic_tx_ring(nic->tx_queue)->popped) <= 0;
}

/* The next frame to send: a packet, or a part of one that is too long for
 * the line.  Its header comes with it. */
static uint32_t
read_next(struct vsw_nic *nic)
{
    struct vsw_frames *frames = nic->frames;
    uint32_t slot, n_slots, id;

    if (!nic->tx_has_rest) {
        nic->tx_rest = vsw_ring_pop(vsw_nic_tx_ring(nic->tx_queue), &slot,
                                    &n_slots);
        vsw_buf_dma_read(&nic->tx_unit, frames->bufs,
                         frames->pkts->pkts[nic->tx_rest].buf,
                         vsw_pkt_data_bytes(
                             &frames->pkts->pkts[nic->tx_rest]));
        vsw_frames_load(frames, nic->tx_rest);
    }
    nic->tx_has_rest = vsw_pkt_is_long(&frames->pkts->pkts[nic->tx_rest]);
    if (!nic->tx_has_rest) {
        return nic->tx_rest;
    }
    id = vsw_pkt_cut(frames->pkts, nic->tx_rest);
    memcpy(frames->headers[id], frames->headers[nic->tx_rest],
           VSW_HEADER_BYTES);
    return id;
}

static void
read_frame(struct vsw_nic *nic)
{
    struct vsw_unit *unit = &nic->tx_unit;
    struct vsw_ring *fifo = &nic->end->tx;
    uint32_t id = read_next(nic);
    uint64_t start_ps = later(unit->local_ps,
                              later(nic->tx_descs_ps, nic->tx_read_ps));
    uint64_t come_ps
        = vsw_bus_read(nic->bus, unit, start_ps,
                       vsw_pkt_data_bytes(&nic->frames->pkts->pkts[id]));

    nic->tx_read_ps = come_ps - nic->bus->read_latency_ps;
    nic->tx_come_ps = later(come_ps, nic->tx_come_ps);
    vsw_unit_spend(unit, VSW_ACCOUNT_DMA, nic->tx_read_ps - start_ps);
    vsw_ring_fill(fifo, id, 1);
    vsw_ring_publish(fifo, nic->tx_come_ps);
}

/* Writes one descriptor back, which tells of the whole batch. */
static void
end_batch(struct vsw_nic *nic)
{
    struct vsw_unit *unit = &nic->tx_unit;
    const struct vsw_ring *ring = vsw_nic_tx_ring(nic->tx_queue);
    uint64_t done_ps = vsw_bus_write(nic->bus, unit, nic->tx_come_ps,
                                     nic->setup.desc_bytes);

    vsw_ring_mem_dma(unit, VSW_NIC_NODE, &nic->tx_queue->rx_mem,
                     (ring->popped - 1) & ring->mask, 1, VSW_MEM_WRITE);
    nic->tx_done_ps = later(done_ps, nic->tx_done_ps);
    vsw_ring_free(vsw_nic_tx_ring(nic->tx_queue), nic->tx_done_ps);
    nic->tx_queue = NULL;
    /* The queue after it is next, not the one after packet memory. */
    nic->tx_worker.source = nic->tx_source;
    wait_for(nic, 0);
}

/* Half of packet memory is worth a call, if that much is needed. */
static uint32_t
places_to_wait_for(const struct vsw_nic *nic)
{
    uint32_t n = nic->tx_upto - vsw_nic_tx_ring(nic->tx_queue)->popped;
    uint32_t half = (nic->end->tx.mask + 1) / 2;

    /* Of a packet that is cut, the number of frames is not known. */
    if ((int32_t) n <= 0) {
        n = 1;
    }
    return n < half || half == 0 ? n : half;
}

void
vsw_nic_tx_work(void *owner, struct vsw_worker *worker)
{
    struct vsw_nic *nic = owner;
    struct vsw_unit *unit = &nic->tx_unit;

    if (!nic->tx_queue) {
        begin_batch(nic, nic->queues[worker->source].queue);
    }
    while (!batch_is_sent(nic)) {
        if (vsw_worker_quantum_over(worker)) {
            vsw_worker_go_on(worker);
            return;
        }
        if (vsw_ring_credits(&nic->end->tx, unit->local_ps) == 0) {
            wait_for(nic, places_to_wait_for(nic));
            return;
        }
        read_frame(nic);
    }
    end_batch(nic);
}
