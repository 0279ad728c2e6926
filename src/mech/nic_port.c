#include <vswsim/nic_port.h>

#include <assert.h>

#include <vswsim/buf_mem.h>
#include <vswsim/bus.h>
#include <vswsim/nic.h>

#include "core/account.h"
#include "core/cost.h"
#include "mech/pmd_copy.h"

static void
receive_begin(struct vsw_pmd *pmd)
{
    assert(pmd->queue->bus
           && pmd->queue->buf_bytes == pmd->pools[VSW_PMD_MBUFS].buf_bytes);
    vsw_unit_charge(vsw_pmd_unit(pmd), VSW_ACCOUNT_DRIVER,
                    VSW_COST_NIC_RX_BATCH, 1);
}

static inline bool
receive_packet(struct vsw_pmd *pmd, const struct vsw_pmd_pkt *p)
{
    uint32_t fresh = vsw_bufpool_get(&pmd->pool->bufs, p->n_slots);

    vsw_unit_charge(vsw_pmd_unit(pmd), VSW_ACCOUNT_DRIVER,
                    VSW_COST_NIC_RX_PKT, p->n_slots);
    vsw_ring_mem_desc(vsw_pmd_unit(pmd), VSW_ACCOUNT_DRIVER,
                      &pmd->queue->tx_mem, p->slot, p->n_slots,
                      VSW_MEM_READ);
    vsw_ring_mem_desc(vsw_pmd_unit(pmd), VSW_ACCOUNT_DRIVER,
                      &pmd->queue->tx_mem, p->slot, p->n_slots,
                      VSW_MEM_WRITE);
    vsw_buf_meta(vsw_pmd_unit(pmd), VSW_ACCOUNT_DRIVER, &pmd->sw->bufs,
                 fresh, VSW_MEM_WRITE);
    pmd->sw->pkts->pkts[p->pkt].buf
        = vsw_queue_swap_bufs(pmd->queue, &pmd->sw->bufs,
                              pmd->queue->tx_bufs, p->slot, p->n_slots,
                              fresh);
    return true;
}

static bool
receive_packets(struct vsw_pmd *pmd)
{
    return vsw_pmd_each(pmd, NULL, receive_packet);
}

static void
receive_end(struct vsw_pmd *pmd)
{
    vsw_bus_doorbell(pmd->queue->bus, vsw_pmd_unit(pmd));
    vsw_ring_free(vsw_nic_rx_ring(pmd->queue), vsw_pmd_unit(pmd)->local_ps);
}

static void
send_begin(struct vsw_pmd *pmd)
{
    assert(pmd->queue->bus
           && pmd->queue->buf_bytes == pmd->pools[VSW_PMD_MBUFS].buf_bytes);
    vsw_unit_charge(vsw_pmd_unit(pmd), VSW_ACCOUNT_DRIVER,
                    VSW_COST_NIC_TX_BATCH, 1);
}

static inline bool
send_packet(struct vsw_pmd *pmd, const struct vsw_pmd_pkt *p)
{
    uint32_t sent
        = vsw_queue_swap_bufs(pmd->queue, &pmd->sw->bufs,
                              pmd->queue->rx_bufs, p->slot, p->n_slots,
                              pmd->sw->pkts->pkts[p->pkt].buf);

    vsw_unit_charge(vsw_pmd_unit(pmd), VSW_ACCOUNT_DRIVER,
                    VSW_COST_NIC_TX_PKT, p->n_slots);
    vsw_ring_mem_desc(vsw_pmd_unit(pmd), VSW_ACCOUNT_DRIVER,
                      &pmd->queue->rx_mem, p->slot, p->n_slots,
                      VSW_MEM_WRITE);
    vsw_buf_meta(vsw_pmd_unit(pmd), VSW_ACCOUNT_DRIVER, &pmd->sw->bufs, sent,
                 VSW_MEM_READ);
    vsw_bufpool_put(&pmd->pools[VSW_PMD_MBUFS].bufs, sent);
    return true;
}

static bool
send_packets(struct vsw_pmd *pmd)
{
    return vsw_pmd_each(pmd, NULL, send_packet);
}

/* For packets from a guest's pages, which the NIC does not read: each is
 * copied into mbufs, and its pages go back to their pool. */
static inline bool
copy_packet(struct vsw_pmd *pmd, const struct vsw_pmd_pkt *p)
{
    struct vsw_unit *unit = vsw_pmd_unit(pmd);
    struct vsw_pkt *pkt = &pmd->sw->pkts->pkts[p->pkt];

    if (pmd->n_done_bytes == 0) {
        pmd->to = vsw_bufpool_get(&pmd->pools[VSW_PMD_MBUFS].bufs,
                                  p->n_slots);
        vsw_unit_charge(unit, VSW_ACCOUNT_BUFFER, VSW_COST_MBUF, p->n_slots);
    }
    if (!vsw_pmd_copy_step(pmd, pkt, pmd->to)) {
        return false;
    }
    vsw_pmd_release(pmd, pkt);
    pkt->buf = pmd->to;
    return true;
}

static bool
copy_packets(struct vsw_pmd *pmd)
{
    return vsw_pmd_each(pmd, NULL, copy_packet);
}

static void
send_end(struct vsw_pmd *pmd)
{
    vsw_bus_doorbell(pmd->queue->bus, vsw_pmd_unit(pmd));
    vsw_ring_publish(vsw_nic_tx_ring(pmd->queue),
                     vsw_pmd_unit(pmd)->local_ps);
}

static const struct vsw_pmd_phase receive_phases[] = {
    {receive_begin, receive_packets, receive_end},
};

static const struct vsw_pmd_phase send_phases[] = {
    {send_begin, send_packets, send_end},
};

static const uint16_t costs[] = {
    VSW_COST_NIC_RX_BATCH, VSW_COST_NIC_RX_PKT, VSW_COST_NIC_TX_BATCH,
    VSW_COST_NIC_TX_PKT,   VSW_COST_DOORBELL,   VSW_COST_MBUF,
};

static const struct vsw_pmd_phase copy_send_phases[] = {
    {NULL, copy_packets, NULL},
    {send_begin, send_packets, send_end},
};

static const uint16_t copy_costs[] = {
    VSW_COST_NIC_TX_BATCH, VSW_COST_NIC_TX_PKT, VSW_COST_DOORBELL,
    VSW_COST_MBUF,         VSW_COST_PAGE,       VSW_COST_COPY_CALL,
    VSW_COST_COPY_BYTE,
};

const struct vsw_pmd_port_ops vsw_nic_copy_ops = {
    .send = copy_send_phases,
    .n_send = VSW_N_ELEMS(copy_send_phases),
    .costs = copy_costs,
    .n_costs = VSW_N_ELEMS(copy_costs),
    .pool = VSW_PMD_PAGES,
    .full = VSW_DROP_TX_RING_FULL,
};

const struct vsw_pmd_port_ops vsw_nic_port_ops = {
    .receive = receive_phases,
    .send = send_phases,
    .n_receive = VSW_N_ELEMS(receive_phases),
    .n_send = VSW_N_ELEMS(send_phases),
    .costs = costs,
    .n_costs = VSW_N_ELEMS(costs),
    .pool = VSW_PMD_MBUFS,
    .full = VSW_DROP_TX_RING_FULL,
    .discard = vsw_pmd_discard,
};
