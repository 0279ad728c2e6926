#include <vswsim/netmap_pipe.h>

#include "core/account.h"
#include "core/cost.h"

int
vsw_netmap_pipe_init(struct vsw_netmap_pipe *pipe, struct vsw_switch *sw,
                     struct vsw_vnic *from, struct vsw_vnic *to,
                     struct vsw_error *err)
{
    static const uint16_t costs[] = {
        VSW_COST_SYSCALL, VSW_COST_NETMAP_SYNC, VSW_COST_PIPE_SLOT,
    };

    *pipe = (struct vsw_netmap_pipe) {.sw = sw, .from = from, .to = to};
    return vsw_sim_require_costs(sw->sim, sw->ops->name, costs,
                                 VSW_N_ELEMS(costs), err);
}

/* Swaps the buffers behind the next packet with those of as many empty slots.
 */
static void
swap(struct vsw_netmap_pipe *pipe, struct vsw_unit *unit, uint32_t n_slots)
{
    struct vsw_queue *from = pipe->from->queue;
    struct vsw_queue *to = pipe->to->queue;
    uint32_t tx_slot, rx_slot, pkt;

    pkt = vsw_ring_pop(&from->tx, &tx_slot, &n_slots);
    rx_slot = vsw_ring_fill(&to->rx, pkt, n_slots);
    for (uint32_t i = 0; i < n_slots; i++) {
        uint32_t *full = &from->tx_bufs[(tx_slot + i) & from->tx.mask];
        uint32_t *empty = &to->rx_bufs[(rx_slot + i) & to->rx.mask];
        uint32_t buf = *full;

        *full = *empty;
        *empty = buf;
    }
    pipe->sw->pkts->pkts[pkt].buf = to->rx_bufs[rx_slot];
    vsw_unit_charge(unit, VSW_ACCOUNT_NETMAP, VSW_COST_PIPE_SLOT, n_slots);
    pipe->n_left -= n_slots;
    pipe->n_free -= n_slots;
    pipe->n_moved++;
}

/* Moves what there is and fits.  Returns false if the call must end first. */
static bool
swap_all(struct vsw_netmap_pipe *pipe, struct vsw_worker *worker)
{
    const struct vsw_pkt *pkts = pipe->sw->pkts->pkts;
    struct vsw_unit *unit = worker->unit;

    while (pipe->n_left > 0) {
        uint32_t pkt = vsw_ring_peek(&pipe->from->queue->tx);
        uint32_t n_slots = vsw_queue_n_slots(pipe->to->queue,
                                             pkts[pkt].frame_bytes);

        if (n_slots > pipe->n_free) {
            break;
        }
        if (vsw_worker_quantum_over(worker)) {
            vsw_worker_go_on(worker);
            return false;
        }
        swap(pipe, unit, n_slots);
    }
    vsw_switch_count_batch(&pipe->sw->receive, unit, pipe->n_moved);
    vsw_ring_publish(&pipe->to->queue->rx, unit->local_ps);
    vsw_ring_free(&pipe->from->queue->tx, unit->local_ps);
    return true;
}

static void
begin(struct vsw_netmap_pipe *pipe, struct vsw_unit *unit)
{
    vsw_unit_charge(unit, VSW_ACCOUNT_SYSCALL, VSW_COST_SYSCALL, 1);
    vsw_unit_charge(unit, VSW_ACCOUNT_NETMAP, VSW_COST_NETMAP_SYNC, 1);
    pipe->n_moved = 0;
    pipe->state = VSW_NETMAP_PIPE_SWAP;
}

bool
vsw_netmap_pipe_txsync(struct vsw_netmap_pipe *pipe,
                       struct vsw_worker *worker)
{
    struct vsw_unit *unit = worker->unit;

    if (pipe->state == VSW_NETMAP_PIPE_IDLE) {
        if (!vsw_unit_at_sync(unit)) {
            vsw_worker_go_on(worker);
            return false;
        }
        pipe->n_left = vsw_ring_visible(&pipe->from->queue->tx,
                                        unit->sync_ps);
        pipe->n_free = vsw_ring_credits(&pipe->to->queue->rx, unit->sync_ps);
        vsw_unit_enter(unit, pipe->sw->domain, VSW_STAGE_SEND);
        begin(pipe, unit);
    }
    vsw_unit_enter(unit, pipe->sw->domain, VSW_STAGE_SEND);
    if (pipe->state == VSW_NETMAP_PIPE_SWAP) {
        if (!swap_all(pipe, worker)) {
            return false;
        }
        pipe->state = VSW_NETMAP_PIPE_NOTIFY;
    }
    if (pipe->n_moved > 0 && !vsw_vnic_notify(pipe->to, worker)) {
        return false;
    }
    pipe->state = VSW_NETMAP_PIPE_IDLE;
    return true;
}
