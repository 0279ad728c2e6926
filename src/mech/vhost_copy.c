/* vhost ports that copy. */
#include <vswsim/vhost.h>

#include <string.h>

#include "core/account.h"
#include "core/cost.h"

/* A copy advances by at most this much per step, so that a large one does not
 * run far ahead of the other units. */
#define STEP_BYTES 4096u

/* Copies the next step of 'pkt' into buffer 'to'; true when all is copied. */
static inline bool
copy_step(struct vsw_pmd *pmd, const struct vsw_pkt *pkt, uint32_t to)
{
    struct vsw_unit *unit = vsw_pmd_unit(pmd);
    uint32_t left = vsw_pkt_data_bytes(pkt) - pmd->n_done_bytes;
    uint32_t step = left < STEP_BYTES ? left : STEP_BYTES;
    uint64_t ps = vsw_unit_cost_ps(unit, VSW_COST_COPY_BYTE, step);

    if (pmd->n_done_bytes == 0) {
        struct vsw_bufs *bufs = &pmd->sw->bufs;

        memcpy(bufs->headers[to], bufs->headers[pkt->buf], VSW_HEADER_BYTES);
        ps += vsw_unit_cost_ps(unit, VSW_COST_COPY_CALL, 1);
    }
    vsw_unit_spend(unit, VSW_ACCOUNT_COPY, ps);
    pmd->n_done_bytes = step < left ? pmd->n_done_bytes + step : 0;
    return step == left;
}

static void
begin(struct vsw_pmd *pmd)
{
    struct vsw_unit *unit = vsw_pmd_unit(pmd);

    vsw_unit_charge(unit, VSW_ACCOUNT_VRING_AVAIL, VSW_COST_VRING_AVAIL, 1);
    vsw_unit_charge(unit, VSW_ACCOUNT_BUFFER, VSW_COST_MBUF_BATCH, 1);
}

static bool
receive_packet(struct vsw_pmd *pmd, const struct vsw_pmd_pkt *p)
{
    struct vsw_unit *unit = vsw_pmd_unit(pmd);
    struct vsw_pkt *pkt = &pmd->sw->pkts->pkts[p->pkt];

    if (pmd->n_done_bytes == 0) {
        uint32_t n_bufs = vsw_pmd_n_bufs(pmd, pkt);

        pmd->to = vsw_bufpool_get(&pmd->pool, n_bufs);
        vsw_unit_charge(unit, VSW_ACCOUNT_VRING_DESC, VSW_COST_VRING_DESC,
                        p->n_slots);
        vsw_unit_charge(unit, VSW_ACCOUNT_BUFFER, VSW_COST_MBUF, n_bufs);
    }
    if (!copy_step(pmd, pkt, pmd->to)) {
        return false;
    }
    pkt->buf = pmd->to;
    return true;
}

static void
receive_end(struct vsw_pmd *pmd)
{
    struct vsw_unit *unit = vsw_pmd_unit(pmd);

    vsw_unit_charge(unit, VSW_ACCOUNT_VRING_USED, VSW_COST_VRING_USED, 1);
    vsw_ring_free(&pmd->queue->tx, unit->local_ps);
}

static bool
send_packet(struct vsw_pmd *pmd, const struct vsw_pmd_pkt *p)
{
    struct vsw_unit *unit = vsw_pmd_unit(pmd);
    struct vsw_pkt *pkt = &pmd->sw->pkts->pkts[p->pkt];
    uint32_t to = pmd->queue->rx_bufs[p->slot];

    if (pmd->n_done_bytes == 0) {
        vsw_unit_charge(unit, VSW_ACCOUNT_VRING_DESC, VSW_COST_VRING_DESC,
                        p->n_slots);
    }
    if (!copy_step(pmd, pkt, to)) {
        return false;
    }
    vsw_unit_charge(unit, VSW_ACCOUNT_BUFFER, VSW_COST_MBUF,
                    vsw_pmd_n_bufs(pmd, pkt));
    vsw_bufpool_put(&pmd->pool, pkt->buf);
    pkt->buf = to;
    return true;
}

static void
send_end(struct vsw_pmd *pmd)
{
    struct vsw_unit *unit = vsw_pmd_unit(pmd);

    vsw_unit_charge(unit, VSW_ACCOUNT_VRING_USED, VSW_COST_VRING_USED, 1);
    vsw_ring_publish(&pmd->queue->rx, unit->local_ps);
}

static void
discard(struct vsw_pmd *pmd, uint32_t pkt)
{
    struct vsw_pkt *p = &pmd->sw->pkts->pkts[pkt];

    vsw_unit_charge(vsw_pmd_unit(pmd), VSW_ACCOUNT_BUFFER, VSW_COST_MBUF,
                    vsw_pmd_n_bufs(pmd, p));
    vsw_bufpool_put(&pmd->pool, p->buf);
}

static const struct vsw_pmd_phase receive_phases[] = {
    {begin, receive_packet, receive_end},
};

static const struct vsw_pmd_phase send_phases[] = {
    {begin, send_packet, send_end},
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
    .full = VSW_DROP_RX_RING_FULL,
    .discard = discard,
};
