/* vhost ports that copy. */
#include <vswsim/vhost.h>

#include <string.h>

#include <vswsim/buf_mem.h>

#include "core/account.h"
#include "core/cost.h"
#include "mech/pmd_copy.h"

/* Copies packets as long as each takes one descriptor, one mbuf and one step,
 * the quantum is not over, and all charges lie in the window; what is left
 * goes the general way.  Does and charges the same as that, but posts once. */
static VSW_ALWAYS_INLINE void
copy_run(struct vsw_pmd *pmd, bool receive)
{
    struct vsw_unit *unit = vsw_pmd_unit(pmd);
    struct vsw_pkt *pkts = pmd->sw->pkts->pkts;
    uint8_t(*headers)[VSW_HEADER_BYTES] = pmd->sw->bufs.headers;
    const uint32_t *rx_bufs = pmd->queue->rx_bufs;
    const struct vsw_pmd_pkt *p = vsw_pmd_at_hand(pmd) + pmd->at;
    uint32_t n_left = vsw_pmd_n_at_hand(pmd) - pmd->at;
    uint32_t buf_bytes = pmd->pool->buf_bytes;
    uint32_t max_bytes = buf_bytes < COPY_STEP_BYTES ? buf_bytes
                                                     : COPY_STEP_BYTES;
    uint64_t desc_ps = vsw_unit_cost_ps(unit, VSW_COST_VRING_DESC, 1);
    uint64_t mbuf_ps = vsw_unit_cost_ps(unit, VSW_COST_MBUF, 1);
    uint64_t call_ps = vsw_unit_cost_ps(unit, VSW_COST_COPY_CALL, 1);
    uint64_t local_ps = unit->local_ps;
    uint64_t copy_ps = 0;
    uint32_t n = 0;

    if (pmd->n_done_bytes > 0 || !vsw_mem_is_flat(unit)) {
        return;
    }
    for (; n < n_left && local_ps < unit->pause_ps; n++, p++) {
        struct vsw_pkt *pkt = &pkts[p->pkt];
        uint32_t n_bytes = vsw_pkt_data_bytes(pkt);
        uint64_t ps = call_ps
                      + vsw_unit_cost_ps(unit, VSW_COST_COPY_BYTE, n_bytes);
        uint64_t end_ps = local_ps + desc_ps + mbuf_ps + ps;
        uint32_t from = pkt->buf;

        if (p->n_slots > 1 || n_bytes > max_bytes
            || end_ps > unit->uncut_ps) {
            break;
        }
        pkt->buf = receive ? vsw_bufpool_get(&pmd->pool->bufs, 1)
                           : rx_bufs[p->slot];
        memcpy(headers[pkt->buf], headers[from], VSW_HEADER_BYTES);
        if (!receive) {
            vsw_bufpool_put(&pmd->pool->bufs, from);
        }
        local_ps = end_ps;
        copy_ps += ps;
    }
    unit->local_ps = local_ps;
    pmd->at += n;
    vsw_unit_post(unit, VSW_ACCOUNT_VRING_DESC, n * desc_ps, n);
    vsw_unit_post(unit, VSW_ACCOUNT_BUFFER, n * mbuf_ps, n);
    vsw_unit_post(unit, VSW_ACCOUNT_COPY, copy_ps, n);
}

static inline void
receive_run(struct vsw_pmd *pmd)
{
    copy_run(pmd, true);
}

static inline void
send_run(struct vsw_pmd *pmd)
{
    copy_run(pmd, false);
}

static void
begin(struct vsw_pmd *pmd)
{
    struct vsw_unit *unit = vsw_pmd_unit(pmd);

    vsw_unit_charge(unit, VSW_ACCOUNT_VRING_AVAIL, VSW_COST_VRING_AVAIL, 1);
    vsw_ring_mem_avail(unit, VSW_ACCOUNT_VRING_AVAIL, vsw_pmd_ring_mem(pmd),
                       vsw_pmd_at_hand(pmd)->slot,
                       vsw_pmd_n_slots_at_hand(pmd), VSW_MEM_READ);
    vsw_unit_charge(unit, VSW_ACCOUNT_BUFFER, VSW_COST_MBUF_BATCH, 1);
}

/* Handles the descriptors of 'p'. */
static inline void
charge_desc(struct vsw_pmd *pmd, const struct vsw_pmd_pkt *p)
{
    struct vsw_unit *unit = vsw_pmd_unit(pmd);

    vsw_unit_charge(unit, VSW_ACCOUNT_VRING_DESC, VSW_COST_VRING_DESC,
                    p->n_slots);
    vsw_ring_mem_desc(unit, VSW_ACCOUNT_VRING_DESC, vsw_pmd_ring_mem(pmd),
                      p->slot, p->n_slots, VSW_MEM_READ);
}

static inline bool
receive_packet(struct vsw_pmd *pmd, const struct vsw_pmd_pkt *p)
{
    struct vsw_unit *unit = vsw_pmd_unit(pmd);
    struct vsw_pkt *pkt = &pmd->sw->pkts->pkts[p->pkt];

    if (pmd->n_done_bytes == 0) {
        uint32_t n_bufs = vsw_pmd_n_bufs(pmd, pkt);

        pmd->to = vsw_bufpool_get(&pmd->pool->bufs, n_bufs);
        charge_desc(pmd, p);
        vsw_unit_charge(unit, VSW_ACCOUNT_BUFFER, VSW_COST_MBUF, n_bufs);
        vsw_buf_meta(unit, VSW_ACCOUNT_BUFFER, &pmd->sw->bufs, pmd->to,
                     VSW_MEM_WRITE);
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
    return vsw_pmd_each(pmd, receive_run, receive_packet);
}

/* Tells the guest of the burst. */
static void
charge_used(struct vsw_pmd *pmd)
{
    struct vsw_unit *unit = vsw_pmd_unit(pmd);

    vsw_unit_charge(unit, VSW_ACCOUNT_VRING_USED, VSW_COST_VRING_USED, 1);
    vsw_ring_mem_used(unit, VSW_ACCOUNT_VRING_USED, vsw_pmd_ring_mem(pmd),
                      vsw_pmd_at_hand(pmd)->slot,
                      vsw_pmd_n_slots_at_hand(pmd), VSW_MEM_WRITE);
}

static void
receive_end(struct vsw_pmd *pmd)
{
    struct vsw_unit *unit = vsw_pmd_unit(pmd);

    charge_used(pmd);
    vsw_ring_free(&pmd->queue->tx, unit->local_ps);
}

static inline bool
send_packet(struct vsw_pmd *pmd, const struct vsw_pmd_pkt *p)
{
    struct vsw_pkt *pkt = &pmd->sw->pkts->pkts[p->pkt];
    uint32_t to = pmd->queue->rx_bufs[p->slot];

    if (pmd->n_done_bytes == 0) {
        charge_desc(pmd, p);
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
    return vsw_pmd_each(pmd, send_run, send_packet);
}

static void
send_end(struct vsw_pmd *pmd)
{
    struct vsw_unit *unit = vsw_pmd_unit(pmd);

    charge_used(pmd);
    vsw_ring_publish(&pmd->queue->rx, unit->local_ps);
}

static const struct vsw_pmd_phase receive_phases[] = {
    {begin, receive_packets, receive_end},
};

static const struct vsw_pmd_phase send_phases[] = {
    {begin, send_packets, send_end},
};

static const uint16_t costs[] = {
    VSW_COST_VRING_AVAIL, VSW_COST_VRING_DESC, VSW_COST_VRING_USED,
    VSW_COST_MBUF_BATCH,  VSW_COST_MBUF,       VSW_COST_COPY_CALL,
    VSW_COST_COPY_BYTE,
};

const struct vsw_pmd_port_ops vsw_vhost_copy_ops = {
    .receive = receive_phases,
    .send = send_phases,
    .n_receive = VSW_N_ELEMS(receive_phases),
    .n_send = VSW_N_ELEMS(send_phases),
    .costs = costs,
    .n_costs = VSW_N_ELEMS(costs),
    .pool = VSW_PMD_MBUFS,
    .full = VSW_DROP_RX_RING_FULL,
    .discard = vsw_pmd_discard,
};
