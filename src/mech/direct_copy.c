#include <vswsim/direct_copy.h>

#include <assert.h>
#include <string.h>

#include <vswsim/buf_mem.h>

#include "core/account.h"
#include "core/cost.h"

/* A copy advances by at most this much per step. */
#define STEP_BYTES 4096u

static const uint16_t costs[] = {
    VSW_COST_VRING_DESC, VSW_COST_VRING_USED, VSW_COST_COPY_CALL,
    VSW_COST_COPY_BYTE,
};

int
vsw_direct_copy_check_costs(const struct vsw_sim *sim, const char *who,
                            struct vsw_error *err)
{
    return vsw_sim_require_costs(sim, who, costs, VSW_N_ELEMS(costs), err);
}

static struct vsw_pkt *
pkt_of(const struct vsw_direct_copy *copy, const struct vsw_switch *sw)
{
    return &sw->pkts->pkts[copy->pkt];
}

bool
vsw_direct_copy_begin(struct vsw_direct_copy *copy, struct vsw_switch *sw,
                      struct vsw_unit *unit, struct vsw_queue *to,
                      uint32_t pkt, bool lends)
{
    uint32_t n_slots = vsw_queue_n_slots(to,
                                         sw->pkts->pkts[pkt].frame_bytes);

    vsw_sim_expect_sync(unit);
    if (vsw_ring_credits(&to->rx, unit->sync_ps) < n_slots) {
        return false;
    }
    *copy = (struct vsw_direct_copy) {
        .to = to, .pkt = pkt, .n_slots = n_slots, .lends = lends,
    };
    vsw_unit_charge(unit, VSW_ACCOUNT_VRING_DESC, VSW_COST_VRING_DESC,
                    n_slots);
    vsw_ring_mem_desc(unit, VSW_ACCOUNT_VRING_DESC, &to->rx_mem,
                      to->rx.filled & to->rx.mask, n_slots, VSW_MEM_READ);
    vsw_unit_charge(unit, VSW_ACCOUNT_VRING_USED, VSW_COST_VRING_USED, 2);
    vsw_ring_mem_used(unit, VSW_ACCOUNT_VRING_USED, &to->rx_mem,
                      to->rx.filled & to->rx.mask, n_slots, VSW_MEM_WRITE);
    if (!lends) {
        vsw_unit_charge(unit, VSW_ACCOUNT_COPY, VSW_COST_COPY_CALL, 1);
    }
    return true;
}

/* Declares the next 'n_bytes': those from the sender's chain to the buffers
 * behind the slots that the packet is going to take. */
static void
copy_bytes(const struct vsw_direct_copy *copy, const struct vsw_switch *sw,
           struct vsw_unit *unit, uint32_t n_bytes)
{
    const struct vsw_queue *to = copy->to;
    uint32_t at = copy->n_done_bytes;
    uint32_t end = at + n_bytes;

    while (!vsw_mem_is_flat(unit) && at < end) {
        uint32_t slot = to->rx.filled + at / to->buf_bytes;
        uint32_t offset = at % to->buf_bytes;
        uint32_t n = to->buf_bytes - offset;

        n = n < end - at ? n : end - at;
        vsw_buf_copy_at(unit, VSW_ACCOUNT_COPY, &sw->bufs,
                        to->rx_bufs[slot & to->rx.mask], offset,
                        pkt_of(copy, sw)->buf, at, n);
        at += n;
    }
}

bool
vsw_direct_copy_step(struct vsw_direct_copy *copy, struct vsw_switch *sw,
                     struct vsw_worker *worker)
{
    uint32_t n_bytes = vsw_pkt_data_bytes(pkt_of(copy, sw));

    while (!copy->lends && copy->n_done_bytes < n_bytes) {
        uint32_t left = n_bytes - copy->n_done_bytes;
        uint32_t step = left < STEP_BYTES ? left : STEP_BYTES;

        if (vsw_worker_quantum_over(worker)) {
            return false;
        }
        vsw_unit_charge(worker->unit, VSW_ACCOUNT_COPY, VSW_COST_COPY_BYTE,
                        step);
        copy_bytes(copy, sw, worker->unit, step);
        copy->n_done_bytes += step;
    }
    return true;
}

uint32_t
vsw_direct_copy_end(struct vsw_direct_copy *copy, struct vsw_switch *sw,
                    struct vsw_unit *unit)
{
    struct vsw_queue *to = copy->to;
    struct vsw_pkt *pkt = pkt_of(copy, sw);
    uint32_t from = pkt->buf;
    uint32_t slot;

    assert(copy->pkt != VSW_NONE);
    slot = vsw_ring_fill(&to->rx, copy->pkt, copy->n_slots);
    if (copy->lends) {
        from = vsw_queue_swap_bufs(to, &sw->bufs, to->rx_bufs, slot,
                                   copy->n_slots, from);
    } else {
        pkt->buf = to->rx_bufs[slot];
        memcpy(sw->bufs.headers[pkt->buf], sw->bufs.headers[from],
               VSW_HEADER_BYTES);
    }
    vsw_ring_publish(&to->rx, unit->local_ps);
    copy->pkt = VSW_NONE;
    return from;
}

void
vsw_direct_copy_abort(struct vsw_direct_copy *copy)
{
    copy->pkt = VSW_NONE;
}
