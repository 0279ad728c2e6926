#include <vswsim/ktx.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vswsim/buf_mem.h>
#include <vswsim/bus.h>
#include <vswsim/nic.h>
#include <vswsim/sim.h>

#include "core/account.h"
#include "core/cost.h"

static const uint16_t costs[] = {
    VSW_COST_KTX_QUEUE,
    VSW_COST_KTX_PKT,
    VSW_COST_KTX_CLEAN,
    VSW_COST_DOORBELL,
};

int
vsw_ktx_init(struct vsw_ktx *ktx, struct vsw_switch *sw,
             struct vsw_queue *queue, struct vsw_bufpool *pool,
             struct vsw_skbs *skbs, bool direct, struct vsw_error *err)
{
    uint32_t n_slots = vsw_nic_tx_ring(queue)->mask + 1;
    int error = vsw_sim_require_costs(sw->sim, sw->ops->name, costs,
                                      VSW_N_ELEMS(costs), err);

    memset(ktx, 0, sizeof *ktx);
    if (error) {
        return error;
    }
    ktx->sw = sw;
    ktx->queue = queue;
    ktx->pool = pool;
    ktx->skbs = skbs;
    ktx->direct = direct;
    ktx->slots = calloc(n_slots, sizeof *ktx->slots);
    if (!ktx->slots) {
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "out of memory for a transmit queue");
    }
    return 0;
}

void
vsw_ktx_fini(struct vsw_ktx *ktx)
{
    free(ktx->slots);
    ktx->slots = NULL;
}

static void
fill(struct vsw_ktx *ktx, struct vsw_unit *unit, uint32_t pkt, uint32_t skb,
     uint32_t n_slots)
{
    struct vsw_ring *ring = vsw_nic_tx_ring(ktx->queue);
    uint32_t slot = vsw_ring_fill(ring, pkt, n_slots);

    ktx->slots[slot] = (struct vsw_ktx_slot) {
        .skb = skb,
        .n_slots = n_slots,
        .blank = vsw_queue_swap_bufs(ktx->queue, &ktx->sw->bufs,
                                     ktx->queue->rx_bufs, slot, n_slots,
                                     ktx->sw->pkts->pkts[pkt].buf),
    };
    if (!ktx->direct) {
        vsw_unit_charge(unit, VSW_ACCOUNT_QDISC, VSW_COST_KTX_QUEUE, 1);
    }
    vsw_unit_charge(unit, VSW_ACCOUNT_TX_DRIVER, VSW_COST_KTX_PKT, n_slots);
    vsw_ring_mem_desc(unit, VSW_ACCOUNT_TX_DRIVER, &ktx->queue->rx_mem, slot,
                      n_slots, VSW_MEM_WRITE);
    vsw_bus_doorbell(ktx->queue->bus, unit);
    vsw_ring_publish(ring, unit->local_ps);
}

enum vsw_ktx_result
vsw_ktx_send(struct vsw_ktx *ktx, struct vsw_unit *unit, uint32_t pkt,
             uint32_t skb)
{
    uint32_t n_slots
        = vsw_queue_n_slots(ktx->queue, ktx->sw->pkts->pkts[pkt].frame_bytes);
    /* Slots are free for new packets once they were cleaned. */
    const struct vsw_ring *ring = vsw_nic_tx_ring(ktx->queue);
    uint32_t n_used = ring->filled - ktx->cleaned;

    if (n_used + n_slots > ring->mask + 1) {
        if (!vsw_unit_at_sync(unit)) {
            return VSW_KTX_AGAIN;
        }
        vsw_ktx_clean(ktx, unit);
        n_used = ring->filled - ktx->cleaned;
    }
    if (n_used + n_slots > ring->mask + 1) {
        return VSW_KTX_FULL;
    }
    fill(ktx, unit, pkt, skb, n_slots);
    return VSW_KTX_SENT;
}

/* Whether this was the last reference to the data is written there. */
static void
read_shared(const struct vsw_ktx *ktx, struct vsw_unit *unit, uint32_t buf)
{
    vsw_buf_access(unit, VSW_ACCOUNT_SKB, &ktx->sw->bufs, buf,
                   ktx->queue->buf_bytes - VSW_SKB_SHARED_BYTES,
                   VSW_LINE_BYTES, VSW_MEM_READ);
}

void
vsw_ktx_clean(struct vsw_ktx *ktx, struct vsw_unit *unit)
{
    struct vsw_ring *ring = vsw_nic_tx_ring(ktx->queue);
    uint32_t upto = ring->filled - (ring->mask + 1)
                    + vsw_ring_credits(ring, unit->sync_ps);

    while (ktx->cleaned != upto) {
        uint32_t slot = ktx->cleaned & ring->mask;
        struct vsw_ktx_slot *s = &ktx->slots[slot];
        uint32_t sent = vsw_queue_swap_bufs(ktx->queue, &ktx->sw->bufs,
                                            ktx->queue->rx_bufs, slot,
                                            s->n_slots, s->blank);

        vsw_unit_charge(unit, VSW_ACCOUNT_TX_CLEAN, VSW_COST_KTX_CLEAN,
                        s->n_slots);
        vsw_ring_mem_desc(unit, VSW_ACCOUNT_TX_CLEAN, &ktx->queue->rx_mem,
                          slot, 1, VSW_MEM_READ);
        vsw_bufpool_put(ktx->pool, sent);
        if (ktx->skbs && s->skb != VSW_NONE) {
            if (ktx->skbs->scheme == VSW_SKB_SLAB) {
                read_shared(ktx, unit, sent);
            }
            vsw_skbs_put(ktx->skbs, unit, s->skb);
        }
        ktx->cleaned += s->n_slots;
    }
}
