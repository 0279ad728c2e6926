/* Rings in simulated memory; see buf_mem.h. */
#include <vswsim/buf_mem.h>

#define DESC_BYTES  16u
#define AVAIL_BYTES 2u
#define USED_BYTES  8u
#define INDEX_BYTES 4u      /* Flags and index, before the entries. */

void
vsw_ring_mem_place(struct vsw_ring_mem *ring, struct vsw_sim *sim,
                   uint32_t n_slots, uint32_t node)
{
    if (!sim->mem) {
        return;
    }
    ring->n_slots = n_slots;
    ring->desc = vsw_mem_alloc(sim, (uint64_t) n_slots * DESC_BYTES, node);
    ring->avail = vsw_mem_alloc(sim, (uint64_t) n_slots * AVAIL_BYTES
                                         + INDEX_BYTES, node);
    ring->used = vsw_mem_alloc(sim, (uint64_t) n_slots * USED_BYTES
                                        + INDEX_BYTES, node);
}

/* The buffers of a queue were taken one after the other. */
static int
place_bufs(const uint32_t *slots, uint32_t n, uint32_t n_bytes,
           struct vsw_bufs *bufs, struct vsw_sim *sim, uint32_t node)
{
    return vsw_bufs_place(bufs, sim, slots[0], n, n_bytes, node);
}

int
vsw_queue_place(struct vsw_queue *queue, struct vsw_bufs *bufs,
                struct vsw_sim *sim, uint32_t node)
{
    uint32_t n_tx = queue->tx.mask + 1, n_rx = queue->rx.mask + 1;
    int error;

    if (!sim->mem) {
        return 0;
    }
    vsw_ring_mem_place(&queue->tx_mem, sim, n_tx, node);
    vsw_ring_mem_place(&queue->rx_mem, sim, n_rx, node);
    error = place_bufs(queue->tx_bufs, n_tx, queue->buf_bytes, bufs, sim,
                       node);
    return error ? error : place_bufs(queue->rx_bufs, n_rx, queue->buf_bytes,
                                      bufs, sim, node);
}

static void
use(struct vsw_unit *unit, uint32_t account, uint64_t addr, uint64_t n_bytes,
    enum vsw_mem_kind kind)
{
    if (kind == VSW_MEM_READ) {
        vsw_mem_do_prefetch(unit, account, addr, n_bytes);
    } else {
        vsw_mem_do_access(unit, account, addr, n_bytes, kind);
    }
}

/* Uses entries, which may go round the end of the ring. */
static void
use_entries(struct vsw_unit *unit, uint32_t account, uint64_t base,
            uint32_t entry_bytes, uint32_t n_slots, uint32_t slot,
            uint32_t n, enum vsw_mem_kind kind)
{
    uint32_t first = n < n_slots - slot ? n : n_slots - slot;

    use(unit, account, base + (uint64_t) slot * entry_bytes,
        (uint64_t) first * entry_bytes, kind);
    if (n > first) {
        use(unit, account, base, (uint64_t) (n - first) * entry_bytes, kind);
    }
}

/* An index and entries: a reader sees first how many there are, a writer tells
 * that last. */
static void
use_ring(struct vsw_unit *unit, uint32_t account, uint64_t base,
         uint32_t entry_bytes, const struct vsw_ring_mem *ring,
         uint32_t slot, uint32_t n, enum vsw_mem_kind kind)
{
    if (kind == VSW_MEM_READ) {
        vsw_mem_do_access(unit, account, base, INDEX_BYTES, kind);
    }
    if (n > 0) {
        use_entries(unit, account, base + INDEX_BYTES, entry_bytes,
                    ring->n_slots, slot, n, kind);
    }
    if (kind == VSW_MEM_WRITE) {
        vsw_mem_do_access(unit, account, base, INDEX_BYTES, kind);
    }
}

void
vsw_ring_mem_avail(struct vsw_unit *unit, uint32_t account,
                   const struct vsw_ring_mem *ring, uint32_t slot,
                   uint32_t n, enum vsw_mem_kind kind)
{
    if (!vsw_mem_is_flat(unit)) {
        use_ring(unit, account, ring->avail, AVAIL_BYTES, ring, slot, n,
                 kind);
    }
}

void
vsw_ring_mem_used(struct vsw_unit *unit, uint32_t account,
                  const struct vsw_ring_mem *ring, uint32_t slot, uint32_t n,
                  enum vsw_mem_kind kind)
{
    if (!vsw_mem_is_flat(unit)) {
        use_ring(unit, account, ring->used, USED_BYTES, ring, slot, n, kind);
    }
}

void
vsw_ring_mem_desc(struct vsw_unit *unit, uint32_t account,
                  const struct vsw_ring_mem *ring, uint32_t slot, uint32_t n,
                  enum vsw_mem_kind kind)
{
    if (!vsw_mem_is_flat(unit) && n > 0) {
        use_entries(unit, account, ring->desc, DESC_BYTES, ring->n_slots,
                    slot, n, kind);
    }
}

void
vsw_ring_mem_dma(struct vsw_unit *device, uint32_t node,
                 const struct vsw_ring_mem *ring, uint32_t slot, uint32_t n,
                 enum vsw_mem_kind kind)
{
    if (!device->sim->mem) {
        return;
    }
    for (; n > 0; n--, slot = slot + 1 < ring->n_slots ? slot + 1 : 0) {
        uint64_t addr = ring->desc + (uint64_t) slot * DESC_BYTES;

        if (kind == VSW_MEM_WRITE) {
            vsw_mem_do_dma_write(device, node, addr, DESC_BYTES);
        } else {
            vsw_mem_do_dma_read(device, addr, DESC_BYTES);
        }
    }
}
