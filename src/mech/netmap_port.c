#include <vswsim/netmap_port.h>

#include <assert.h>

#include <vswsim/bus.h>
#include <vswsim/nic.h>

#include "core/account.h"
#include "core/cost.h"
#include "mech/pmd_copy.h"

static void
enter_kernel(struct vsw_pmd *pmd, uint32_t batch_cost)
{
    struct vsw_unit *unit = vsw_pmd_unit(pmd);

    assert(pmd->queue->bus && pmd->queue->buf_bytes == pmd->pool->buf_bytes);
    vsw_unit_charge(unit, VSW_ACCOUNT_SYSCALL, VSW_COST_SYSCALL, 1);
    vsw_unit_charge(unit, VSW_ACCOUNT_NETMAP, VSW_COST_NETMAP_SYNC, 1);
    vsw_unit_charge(unit, VSW_ACCOUNT_DRIVER, batch_cost, 1);
}

static void
charge_packet(struct vsw_pmd *pmd, uint32_t driver_cost, uint32_t n_slots)
{
    struct vsw_unit *unit = vsw_pmd_unit(pmd);

    vsw_unit_charge(unit, VSW_ACCOUNT_DRIVER, driver_cost, n_slots);
    vsw_unit_charge(unit, VSW_ACCOUNT_NETMAP, VSW_COST_NETMAP_SLOT, n_slots);
}

/* --- Receiving ----------------------------------------------------------- */

static void
rxsync(struct vsw_pmd *pmd)
{
    enter_kernel(pmd, VSW_COST_NIC_RX_BATCH);
}

/* The packet keeps its buffers; empty ones take their place. */
static void
take(struct vsw_pmd *pmd, const struct vsw_pmd_pkt *p)
{
    uint32_t fresh = vsw_bufpool_get(&pmd->pool->bufs, p->n_slots);

    pmd->sw->pkts->pkts[p->pkt].buf
        = vsw_queue_swap_bufs(pmd->queue, &pmd->sw->bufs,
                              pmd->queue->tx_bufs, p->slot, p->n_slots,
                              fresh);
}

static inline bool
receive_native(struct vsw_pmd *pmd, const struct vsw_pmd_pkt *p)
{
    take(pmd, p);
    charge_packet(pmd, VSW_COST_NIC_RX_PKT, p->n_slots);
    return true;
}

static inline bool
receive_emulated(struct vsw_pmd *pmd, const struct vsw_pmd_pkt *p)
{
    take(pmd, p);
    charge_packet(pmd, VSW_COST_NETMAP_GENERIC, p->n_slots);
    return true;
}

static bool
receive_all_native(struct vsw_pmd *pmd)
{
    return vsw_pmd_each(pmd, NULL, receive_native);
}

static bool
receive_all_emulated(struct vsw_pmd *pmd)
{
    return vsw_pmd_each(pmd, NULL, receive_emulated);
}

static void
receive_end(struct vsw_pmd *pmd)
{
    vsw_bus_doorbell(pmd->queue->bus, vsw_pmd_unit(pmd));
    vsw_ring_free(vsw_nic_rx_ring(pmd->queue), vsw_pmd_unit(pmd)->local_ps);
}

/* --- Sending ------------------------------------------------------------- */

static void
txsync(struct vsw_pmd *pmd)
{
    enter_kernel(pmd, VSW_COST_NIC_TX_BATCH);
}

static void
put(struct vsw_pmd *pmd, const struct vsw_pmd_pkt *p)
{
    uint32_t sent
        = vsw_queue_swap_bufs(pmd->queue, &pmd->sw->bufs,
                              pmd->queue->rx_bufs, p->slot, p->n_slots,
                              pmd->sw->pkts->pkts[p->pkt].buf);

    vsw_bufpool_put(&pmd->pool->bufs, sent);
}

static inline bool
send_native(struct vsw_pmd *pmd, const struct vsw_pmd_pkt *p)
{
    put(pmd, p);
    charge_packet(pmd, VSW_COST_NIC_TX_PKT, p->n_slots);
    return true;
}

static inline bool
send_emulated(struct vsw_pmd *pmd, const struct vsw_pmd_pkt *p)
{
    put(pmd, p);
    charge_packet(pmd, VSW_COST_NETMAP_GENERIC, p->n_slots);
    return true;
}

static bool
send_all_native(struct vsw_pmd *pmd)
{
    return vsw_pmd_each(pmd, NULL, send_native);
}

static bool
send_all_emulated(struct vsw_pmd *pmd)
{
    return vsw_pmd_each(pmd, NULL, send_emulated);
}

static void
send_end(struct vsw_pmd *pmd)
{
    vsw_bus_doorbell(pmd->queue->bus, vsw_pmd_unit(pmd));
    vsw_ring_publish(vsw_nic_tx_ring(pmd->queue),
                     vsw_pmd_unit(pmd)->local_ps);
}

/* --- By libpcap ---------------------------------------------------------- */

/* The slot's buffer stays where it is. */
static inline bool
receive_pcap(struct vsw_pmd *pmd, const struct vsw_pmd_pkt *p)
{
    struct vsw_pkt *pkt = &pmd->sw->pkts->pkts[p->pkt];

    if (pmd->n_done_bytes == 0) {
        pmd->to = vsw_bufpool_get(&pmd->pool->bufs, p->n_slots);
        charge_packet(pmd, VSW_COST_NIC_RX_PKT, p->n_slots);
        vsw_unit_charge(vsw_pmd_unit(pmd), VSW_ACCOUNT_DRIVER,
                        VSW_COST_PCAP_PKT, 1);
    }
    if (!vsw_pmd_copy_step(pmd, pkt, pmd->to)) {
        return false;
    }
    pkt->buf = pmd->to;
    return true;
}

static inline bool
send_pcap(struct vsw_pmd *pmd, const struct vsw_pmd_pkt *p)
{
    struct vsw_pkt *pkt = &pmd->sw->pkts->pkts[p->pkt];
    uint32_t to = pmd->queue->rx_bufs[p->slot];

    if (pmd->n_done_bytes == 0) {
        charge_packet(pmd, VSW_COST_NIC_TX_PKT, p->n_slots);
        vsw_unit_charge(vsw_pmd_unit(pmd), VSW_ACCOUNT_DRIVER,
                        VSW_COST_PCAP_PKT, 1);
    }
    if (!vsw_pmd_copy_step(pmd, pkt, to)) {
        return false;
    }
    vsw_bufpool_put(&pmd->pool->bufs, pkt->buf);
    pkt->buf = to;
    return true;
}

static bool
receive_all_pcap(struct vsw_pmd *pmd)
{
    return vsw_pmd_each(pmd, NULL, receive_pcap);
}

static bool
send_all_pcap(struct vsw_pmd *pmd)
{
    return vsw_pmd_each(pmd, NULL, send_pcap);
}

static void
discard(struct vsw_pmd *pmd, uint32_t pkt)
{
    vsw_bufpool_put(&pmd->pool->bufs, pmd->sw->pkts->pkts[pkt].buf);
}

static const struct vsw_pmd_phase receive_native_phases[] = {
    {rxsync, receive_all_native, receive_end},
};

static const struct vsw_pmd_phase send_native_phases[] = {
    {txsync, send_all_native, send_end},
};

static const struct vsw_pmd_phase receive_emulated_phases[] = {
    {rxsync, receive_all_emulated, receive_end},
};

static const struct vsw_pmd_phase send_emulated_phases[] = {
    {txsync, send_all_emulated, send_end},
};

static const uint16_t native_costs[] = {
    VSW_COST_SYSCALL,      VSW_COST_NETMAP_SYNC, VSW_COST_NETMAP_SLOT,
    VSW_COST_NIC_RX_BATCH, VSW_COST_NIC_RX_PKT,  VSW_COST_NIC_TX_BATCH,
    VSW_COST_NIC_TX_PKT,   VSW_COST_DOORBELL,
};

static const uint16_t emulated_costs[] = {
    VSW_COST_SYSCALL,      VSW_COST_NETMAP_SYNC,    VSW_COST_NETMAP_SLOT,
    VSW_COST_NIC_RX_BATCH, VSW_COST_NETMAP_GENERIC, VSW_COST_NIC_TX_BATCH,
    VSW_COST_DOORBELL,
};

const struct vsw_pmd_port_ops vsw_netmap_port_ops = {
    .receive = receive_native_phases,
    .send = send_native_phases,
    .n_receive = VSW_N_ELEMS(receive_native_phases),
    .n_send = VSW_N_ELEMS(send_native_phases),
    .costs = native_costs,
    .n_costs = VSW_N_ELEMS(native_costs),
    .pool = VSW_PMD_MBUFS,
    .full = VSW_DROP_TX_RING_FULL,
    .discard = discard,
};

const struct vsw_pmd_port_ops vsw_netmap_emulated_ops = {
    .receive = receive_emulated_phases,
    .send = send_emulated_phases,
    .n_receive = VSW_N_ELEMS(receive_emulated_phases),
    .n_send = VSW_N_ELEMS(send_emulated_phases),
    .costs = emulated_costs,
    .n_costs = VSW_N_ELEMS(emulated_costs),
    .pool = VSW_PMD_MBUFS,
    .full = VSW_DROP_TX_RING_FULL,
    .discard = discard,
};

static const struct vsw_pmd_phase receive_pcap_phases[] = {
    {rxsync, receive_all_pcap, receive_end},
};

static const struct vsw_pmd_phase send_pcap_phases[] = {
    {txsync, send_all_pcap, send_end},
};

static const uint16_t pcap_costs[] = {
    VSW_COST_SYSCALL,      VSW_COST_NETMAP_SYNC, VSW_COST_NETMAP_SLOT,
    VSW_COST_NIC_RX_BATCH, VSW_COST_NIC_RX_PKT,  VSW_COST_NIC_TX_BATCH,
    VSW_COST_NIC_TX_PKT,   VSW_COST_DOORBELL,    VSW_COST_PCAP_PKT,
    VSW_COST_COPY_CALL,    VSW_COST_COPY_BYTE,
};

const struct vsw_pmd_port_ops vsw_netmap_pcap_ops = {
    .receive = receive_pcap_phases,
    .send = send_pcap_phases,
    .n_receive = VSW_N_ELEMS(receive_pcap_phases),
    .n_send = VSW_N_ELEMS(send_pcap_phases),
    .costs = pcap_costs,
    .n_costs = VSW_N_ELEMS(pcap_costs),
    .pool = VSW_PMD_MBUFS,
    .full = VSW_DROP_TX_RING_FULL,
    .discard = discard,
};
