#include <vswsim/tap_port.h>

#include <vswsim/buf_mem.h>

#include "core/account.h"
#include "core/cost.h"
#include "mech/pmd_copy.h"

/* An SKB and its data are an object each. */
#define SKB_OBJECTS 2

static void
charge_skb(struct vsw_unit *unit)
{
    vsw_unit_charge(unit, VSW_ACCOUNT_SYSCALL, VSW_COST_SYSCALL, 1);
    vsw_unit_charge(unit, VSW_ACCOUNT_SKB_ALLOC, VSW_COST_SKB_ALLOC,
                    SKB_OBJECTS);
    vsw_unit_charge(unit, VSW_ACCOUNT_SKB, VSW_COST_SKB_INIT, 1);
}

/* --- The process --------------------------------------------------------- */

/* One side of the copy is the process's own buffer, the same each time and
 * near. */
static void
copy_user(const struct vsw_switch *sw, struct vsw_unit *unit, uint32_t pkt,
          enum vsw_mem_kind kind)
{
    const struct vsw_pkt *p = &sw->pkts->pkts[pkt];
    uint32_t n_bytes = vsw_pkt_data_bytes(p);

    vsw_unit_spend(unit, VSW_ACCOUNT_COPY,
                   vsw_unit_cost_ps(unit, VSW_COST_COPY_CALL, 1)
                       + vsw_unit_cost_ps(unit, VSW_COST_COPY_BYTE,
                                          n_bytes));
    vsw_buf_access(unit, VSW_ACCOUNT_COPY, &sw->bufs, p->buf, 0, n_bytes,
                   kind);
}

void
vsw_tap_read(const struct vsw_switch *sw, struct vsw_unit *unit, uint32_t pkt)
{
    vsw_unit_charge(unit, VSW_ACCOUNT_SYSCALL, VSW_COST_SYSCALL, 1);
    copy_user(sw, unit, pkt, VSW_MEM_READ);
}

static void
write_packet(struct vsw_vnic *vnic, struct vsw_worker *worker, uint32_t pkt)
{
    charge_skb(worker->unit);
    copy_user(vnic->backend, worker->unit, pkt, VSW_MEM_WRITE);
}

static bool
read_packet(struct vsw_vnic *vnic, struct vsw_worker *worker, uint32_t slot,
            uint32_t n_slots)
{
    const struct vsw_ring *ring = &vnic->queue->rx;

    (void) n_slots;
    vsw_tap_read(vnic->backend, worker->unit, ring->slots[slot & ring->mask]);
    return true;
}

static const struct vsw_vnic_ops process_ops = {
    .name = "tap",
    .serves_processes = true,
    .one_by_one = true,
    .tx_put = write_packet,
    .rx_done = read_packet,
};

int
vsw_tap_make_ports(struct vsw_switch *sw, uint32_t n, struct vsw_error *err)
{
    uint32_t n_guests = vsw_switch_n_guests(sw);

    for (uint32_t i = n < n_guests ? n_guests - n : 0; i < n_guests; i++) {
        struct vsw_port *port = &sw->ports[i];

        port->kind = VSW_PORT_TAP;
        port->driver = "netmap";
        for (uint32_t q = 0; q < port->n_queues; q++) {
            port->vnics[q].ops = &process_ops;
            port->vnics[q].backend = sw;
        }
    }
    return n ? vsw_notify_check_costs(sw->sim, sw->ops->name, err) : 0;
}

/* --- The loop ------------------------------------------------------------ */

static inline bool
receive_packet(struct vsw_pmd *pmd, const struct vsw_pmd_pkt *p)
{
    struct vsw_unit *unit = vsw_pmd_unit(pmd);
    struct vsw_pkt *pkt = &pmd->sw->pkts->pkts[p->pkt];

    if (pmd->n_done_bytes == 0) {
        uint32_t n_bufs = vsw_pmd_n_bufs(pmd, pkt);

        pmd->to = vsw_bufpool_get(&pmd->pool->bufs, n_bufs);
        vsw_unit_charge(unit, VSW_ACCOUNT_SYSCALL, VSW_COST_SYSCALL, 1);
        vsw_unit_charge(unit, VSW_ACCOUNT_BUFFER, VSW_COST_MBUF, n_bufs);
    }
    if (!vsw_pmd_copy_step(pmd, pkt, pmd->to)) {
        return false;
    }
    pkt->buf = pmd->to;
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
    vsw_ring_free(&pmd->queue->tx, vsw_pmd_unit(pmd)->local_ps);
}

static inline bool
send_packet(struct vsw_pmd *pmd, const struct vsw_pmd_pkt *p)
{
    struct vsw_pkt *pkt = &pmd->sw->pkts->pkts[p->pkt];
    uint32_t to = pmd->queue->rx_bufs[p->slot];

    if (pmd->n_done_bytes == 0) {
        charge_skb(vsw_pmd_unit(pmd));
    }
    if (!vsw_pmd_copy_step(pmd, pkt, to)) {
        return false;
    }
    vsw_pmd_release(pmd, pkt);
    pkt->buf = to;
    return true;
}

static bool
send_packets(struct vsw_pmd *pmd)
{
    return vsw_pmd_each(pmd, NULL, send_packet);
}

static void
send_end(struct vsw_pmd *pmd)
{
    vsw_ring_publish(&pmd->queue->rx, vsw_pmd_unit(pmd)->local_ps);
}

static bool
wake_reader(struct vsw_pmd *pmd)
{
    struct vsw_port *port = &pmd->sw->ports[pmd->queue->port];

    return vsw_vnic_notify(&port->vnics[pmd->queue->index], &pmd->worker);
}

static const struct vsw_pmd_phase receive_phases[] = {
    {NULL, receive_packets, receive_end},
};

static const struct vsw_pmd_phase send_phases[] = {
    {NULL, send_packets, send_end},
    {NULL, wake_reader, NULL},
};

static const uint16_t costs[] = {
    VSW_COST_SYSCALL,   VSW_COST_SKB_ALLOC, VSW_COST_SKB_INIT,
    VSW_COST_COPY_CALL, VSW_COST_COPY_BYTE, VSW_COST_MBUF,
};

const struct vsw_pmd_port_ops vsw_tap_port_ops = {
    .receive = receive_phases,
    .send = send_phases,
    .n_receive = VSW_N_ELEMS(receive_phases),
    .n_send = VSW_N_ELEMS(send_phases),
    .costs = costs,
    .n_costs = VSW_N_ELEMS(costs),
    .pool = VSW_PMD_MBUFS,
    .full = VSW_DROP_QUEUE_FULL,
    .discard = vsw_pmd_discard,
};
