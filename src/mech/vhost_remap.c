/* vhost ports that remap pages: the five phases of ZCopy-vhost. */
#include <vswsim/vhost.h>

#include <vswsim/buf_mem.h>

#include "core/account.h"
#include "core/cost.h"

/* Phase 1. */
static void
read_avail(struct vsw_pmd *pmd)
{
    struct vsw_unit *unit = vsw_pmd_unit(pmd);
    uint32_t slot = vsw_pmd_at_hand(pmd)->slot;
    uint32_t n = vsw_pmd_n_slots_at_hand(pmd);

    vsw_unit_charge(unit, VSW_ACCOUNT_VRING_AVAIL, VSW_COST_VRING_AVAIL, 1);
    vsw_ring_mem_avail(unit, VSW_ACCOUNT_VRING_AVAIL, vsw_pmd_ring_mem(pmd),
                       slot, n, VSW_MEM_READ);
    vsw_ring_mem_desc(unit, VSW_ACCOUNT_VRING_AVAIL, vsw_pmd_ring_mem(pmd),
                      slot, n, VSW_MEM_READ);
}

/* Phase 2: pages from the pool, or back to it.  What a packet takes is moved
 * in phase 3, where old and new meet. */
static void
count_pages(struct vsw_pmd *pmd)
{
    struct vsw_unit *unit = vsw_pmd_unit(pmd);

    vsw_unit_charge(unit, VSW_ACCOUNT_BUFFER, VSW_COST_PAGE_BATCH, 1);
    vsw_unit_charge(unit, VSW_ACCOUNT_BUFFER, VSW_COST_PAGE,
                    vsw_pmd_n_bufs_at_hand(pmd));
}

static void
begin_remap(struct vsw_pmd *pmd)
{
    vsw_unit_charge(vsw_pmd_unit(pmd), VSW_ACCOUNT_REMAP,
                    VSW_COST_REMAP_BATCH, 1);
}

/* Phase 3 of receiving: the packet keeps its pages, the guest gets others. */
static inline bool
receive_pages(struct vsw_pmd *pmd, const struct vsw_pmd_pkt *p)
{
    struct vsw_pkt *pkt = &pmd->sw->pkts->pkts[p->pkt];
    uint32_t fresh = vsw_bufpool_get(&pmd->pool->bufs, p->n_slots);

    pkt->buf = vsw_queue_swap_bufs(pmd->queue, &pmd->sw->bufs,
                                   pmd->queue->tx_bufs, p->slot, p->n_slots,
                                   fresh);
    vsw_unit_charge(vsw_pmd_unit(pmd), VSW_ACCOUNT_REMAP,
                    VSW_COST_REMAP_PAGE, p->n_slots);
    return true;
}

static bool
remap_receive(struct vsw_pmd *pmd)
{
    return vsw_pmd_each(pmd, NULL, receive_pages);
}

/* Phase 3 of sending: the guest gets the packet's pages, the pool those that
 * it had posted. */
static inline bool
send_pages(struct vsw_pmd *pmd, const struct vsw_pmd_pkt *p)
{
    struct vsw_vhost_remap *remap = pmd->ops_aux;
    struct vsw_pkt *pkt = &pmd->sw->pkts->pkts[p->pkt];

    vsw_bufpool_put(&pmd->pool->bufs,
                    vsw_queue_swap_bufs(pmd->queue, &pmd->sw->bufs,
                                        pmd->queue->rx_bufs, p->slot,
                                        p->n_slots, pkt->buf));
    remap->n_pages += p->n_slots;
    vsw_unit_charge(vsw_pmd_unit(pmd), VSW_ACCOUNT_REMAP,
                    VSW_COST_REMAP_PAGE, p->n_slots);
    return true;
}

static bool
remap_send(struct vsw_pmd *pmd)
{
    return vsw_pmd_each(pmd, NULL, send_pages);
}

/* Phase 4. */
static void
enter_kernel(struct vsw_pmd *pmd)
{
    vsw_unit_charge(vsw_pmd_unit(pmd), VSW_ACCOUNT_EPT, VSW_COST_EPT_ENTER,
                    1);
}

static inline bool
write_entries(struct vsw_pmd *pmd, const struct vsw_pmd_pkt *p)
{
    const struct vsw_vhost_remap *remap = pmd->ops_aux;
    struct vsw_unit *unit = vsw_pmd_unit(pmd);

    if (remap->locks) {
        vsw_unit_charge(unit, VSW_ACCOUNT_LOCK, VSW_COST_LOCK, p->n_slots);
    }
    if (!remap->reverse_map) {
        vsw_unit_charge(unit, VSW_ACCOUNT_EPT, VSW_COST_EPT_WALK, p->n_slots);
    }
    vsw_unit_charge(unit, VSW_ACCOUNT_EPT, VSW_COST_EPT_WRITE, p->n_slots);
    return true;
}

static bool
write_ept(struct vsw_pmd *pmd)
{
    return vsw_pmd_each(pmd, NULL, write_entries);
}

static void
request_flush(struct vsw_pmd *pmd)
{
    const struct vsw_vhost_remap *remap = pmd->ops_aux;
    struct vsw_switch *sw = pmd->sw;

    if (remap->flush_scope == VSW_FLUSH_QUEUE_OWNER) {
        vsw_tlb_shoot(pmd->queue->tlb, vsw_pmd_unit(pmd));
        return;
    }
    for (uint32_t i = 0; i < sw->n_queues; i++) {
        vsw_tlb_shoot(vsw_switch_queue(sw, pmd->queue->port, i)->tlb,
                      vsw_pmd_unit(pmd));
    }
}

/* Phase 5. */
static void
update_used(struct vsw_pmd *pmd)
{
    vsw_unit_charge(vsw_pmd_unit(pmd), VSW_ACCOUNT_VRING_USED,
                    VSW_COST_VRING_USED, 1);
    vsw_ring_mem_used(vsw_pmd_unit(pmd), VSW_ACCOUNT_VRING_USED,
                      vsw_pmd_ring_mem(pmd), vsw_pmd_at_hand(pmd)->slot,
                      vsw_pmd_n_slots_at_hand(pmd), VSW_MEM_WRITE);
    if (pmd->state == VSW_PMD_SEND) {
        vsw_ring_publish(&pmd->queue->rx, vsw_pmd_unit(pmd)->local_ps);
    } else {
        vsw_ring_free(&pmd->queue->tx, vsw_pmd_unit(pmd)->local_ps);
    }
}

static const struct vsw_pmd_phase receive_phases[] = {
    {read_avail, NULL, NULL},
    {count_pages, NULL, NULL},
    {begin_remap, remap_receive, NULL},
    {enter_kernel, write_ept, request_flush},
    {update_used, NULL, NULL},
};

static const struct vsw_pmd_phase send_phases[] = {
    {read_avail, NULL, NULL},
    {count_pages, NULL, NULL},
    {begin_remap, remap_send, NULL},
    {enter_kernel, write_ept, request_flush},
    {update_used, NULL, NULL},
};

/* Locks and walks are options: a model with one of them asks for its cost. */
static const uint16_t costs[] = {
    VSW_COST_VRING_AVAIL, VSW_COST_VRING_USED,  VSW_COST_PAGE_BATCH,
    VSW_COST_PAGE,        VSW_COST_REMAP_BATCH, VSW_COST_REMAP_PAGE,
    VSW_COST_EPT_ENTER,   VSW_COST_EPT_WRITE,   VSW_COST_IPI_LATENCY,
    VSW_COST_VM_EXIT,     VSW_COST_IPI_HANDLER, VSW_COST_TLB_FLUSH,
    VSW_COST_TLB_WALK_2D,
};

const struct vsw_pmd_port_ops vsw_vhost_remap_ops = {
    .receive = receive_phases,
    .send = send_phases,
    .n_receive = VSW_N_ELEMS(receive_phases),
    .n_send = VSW_N_ELEMS(send_phases),
    .costs = costs,
    .n_costs = VSW_N_ELEMS(costs),
    .pool = VSW_PMD_PAGES,
    .full = VSW_DROP_RX_RING_FULL,
    .discard = vsw_pmd_discard,
};

#define PAGE_BYTES   4096
#define HEADER_BYTES 128        /* struct rte_mbuf */

int
vsw_vhost_remap_describe(const struct vsw_vhost_remap *remap,
                         struct vsw_switch *sw, uint32_t n_guests,
                         uint32_t n_pages)
{
    uint64_t n_guest_pages = (uint64_t) n_guests * sw->n_queues * 2
                             * sw->n_slots;
    const struct {
        const char *name;
        uint64_t n_bytes;
    } parts[] = {
        {"guest_pages", n_guest_pages * PAGE_BYTES},
        {"packet_buffers", (uint64_t) n_pages * PAGE_BYTES},
        {"mbuf_headers", (n_guest_pages + n_pages) * HEADER_BYTES},
        {"page_arrays", n_guest_pages * 2 * sizeof(uint64_t)},
    };
    int error = vsw_switch_add_counter(sw, "pages", "pages",
                                       &remap->n_pages);

    for (size_t i = 0; !error && i < VSW_N_ELEMS(parts); i++) {
        error = vsw_switch_add_memory(sw, parts[i].name, parts[i].n_bytes);
    }
    return error;
}
