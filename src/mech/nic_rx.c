/* What a NIC does with frames that arrive. */
#include <vswsim/buf_mem.h>

#include "core/account.h"
#include "mech/nic_impl.h"

/* Other devices use the bus at the same time, so the NIC works ahead no
 * further than this part of a quantum. */
#define LOOK_DIVISOR 4

void
vsw_nic_rx_start(struct vsw_nic *nic)
{
    nic->rx_source = (struct vsw_source) {
        .ring = &nic->end->rx,
        .kind = VSW_SOURCE_FILLED,
        .n_needed = 1,
    };
    vsw_worker_serve(&nic->rx_worker, &nic->rx_source, 1);
}

/* Keeps descriptors at hand.  They are read ahead of frames, so nobody waits
 * for them. */
static void
fetch_descs(struct vsw_nic_queue *nq, uint32_t slot, uint32_t n_needed)
{
    struct vsw_nic *nic = nq->nic;

    while (nq->n_descs < n_needed) {
        vsw_bus_read(nic->bus, &nic->rx_unit, nic->rx_unit.local_ps,
                     (uint64_t) nic->setup.rx_fetch_descs
                         * nic->setup.desc_bytes);
        vsw_ring_mem_dma(&nic->rx_unit, VSW_NIC_NODE, &nq->queue->tx_mem,
                         slot, nic->setup.rx_fetch_descs, VSW_MEM_READ);
        nq->n_descs += nic->setup.rx_fetch_descs;
    }
    nq->n_descs -= n_needed;
}

/* Writes 'pkt' to memory, and then the descriptors that say so. */
static void
write_frame(struct vsw_nic_queue *nq, uint32_t pkt, uint32_t n_slots)
{
    struct vsw_nic *nic = nq->nic;
    struct vsw_unit *unit = &nic->rx_unit;
    struct vsw_ring *ring = vsw_nic_rx_ring(nq->queue);
    uint32_t slot = vsw_ring_fill(ring, pkt, n_slots);
    uint64_t done_ps;

    fetch_descs(nq, slot, n_slots);
    vsw_slots_dma_write(unit, VSW_NIC_NODE, nic->frames->bufs,
                        nq->queue->tx_bufs, ring->mask, slot,
                        vsw_pkt_data_bytes(&nic->frames->pkts->pkts[pkt]));
    vsw_ring_mem_dma(unit, VSW_NIC_NODE, &nq->queue->tx_mem, slot, n_slots,
                     VSW_MEM_WRITE);
    vsw_frames_store(nic->frames, pkt, nq->queue->tx_bufs[slot]);
    done_ps = vsw_bus_write(nic->bus, unit, unit->local_ps,
                            vsw_pkt_data_bytes(
                                &nic->frames->pkts->pkts[pkt]));
    done_ps = vsw_bus_write(nic->bus, unit, done_ps,
                            (uint64_t) n_slots * nic->setup.desc_bytes);
    vsw_unit_spend(unit, VSW_ACCOUNT_DMA, done_ps - unit->local_ps);
    vsw_ring_publish(ring, unit->local_ps);
    nq->n_received++;
}

/* Receives the next frame.  Returns false if it must be done at sync: that
 * there are too few descriptors is known only then. */
static bool
receive(struct vsw_nic *nic)
{
    struct vsw_unit *unit = &nic->rx_unit;
    struct vsw_ring *fifo = &nic->end->rx;
    struct vsw_pkts *pkts = nic->frames->pkts;
    uint32_t id = fifo->slots[fifo->popped & fifo->mask];
    const struct vsw_pkt *pkt = &pkts->pkts[id];
    struct vsw_nic_queue *nq
        = &nic->queues[vsw_reta_queue(nic->reta, nic->hashes[pkt->flow_id],
                                      NULL)];
    uint32_t n_slots = vsw_queue_n_slots(nq->queue, pkt->frame_bytes);
    bool has_room = vsw_ring_credits(vsw_nic_rx_ring(nq->queue),
                                     unit->local_ps) >= n_slots;
    uint32_t slot, n;

    if (!has_room && !vsw_unit_at_sync(unit)) {
        return false;
    }
    vsw_ring_pop(fifo, &slot, &n);
    if (has_room) {
        write_frame(nq, id, n_slots);
    } else {
        vsw_pkt_drop(pkts, unit, id, VSW_DROP_RX_RING_FULL);
    }
    vsw_ring_free(fifo, unit->local_ps);
    if (has_room) {
        vsw_nic_note_event(nq);
    }
    return true;
}

void
vsw_nic_rx_work(void *owner, struct vsw_worker *worker)
{
    struct vsw_nic *nic = owner;
    struct vsw_unit *unit = &nic->rx_unit;
    uint64_t end_ps = unit->sync_ps + unit->sim->quantum_ps / LOOK_DIVISOR;

    for (;;) {
        uint64_t next_ps = vsw_ring_ready_ps(&nic->end->rx, false, 1);

        if (!vsw_unit_may_reach(unit, next_ps)
            || next_ps > end_ps || unit->local_ps > end_ps
            || vsw_worker_quantum_over(worker)) {
            return;
        }
        vsw_unit_idle_until(unit, next_ps);
        vsw_ring_visible(&nic->end->rx, unit->local_ps);
        if (!receive(nic)) {
            return;
        }
    }
}
