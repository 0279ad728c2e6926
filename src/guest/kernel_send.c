/* How a guest's kernel sends. */
#include <string.h>

#include <vswsim/mem.h>

#include "core/account.h"
#include "core/cost.h"
#include "guest/kernel_impl.h"

/* --- Slots --------------------------------------------------------------- */

/* Slots that the next packet may take: what is to be sent is known only once
 * it has been taken. */
static uint32_t
most_slots(const struct vsw_kernel *k)
{
    struct vsw_l4 l4 = {.proto = VSW_L4_TCP};

    if (!k->has_socks) {
        return vsw_queue_n_slots(k->queue, k->traffic.due_frame_bytes);
    }
    l4.payload_bytes = k->kind->cuts_segs
                           ? k->socks.dialogs->setup.tcp.mss_bytes
                           : k->socks.dialogs->setup.tcp.max_seg_bytes;
    if (k->socks.dialogs->setup.kind == VSW_DIALOG_UDP) {
        l4.payload_bytes = k->socks.dialogs->setup.payload_bytes;
    }
    return vsw_queue_n_slots(k->queue, vsw_l4_frame_bytes(&l4));
}

/* Those that stay free; of a short ring no more than half. */
static uint32_t
spare_slots(const struct vsw_kernel *k)
{
    uint32_t half = (k->queue->tx.mask + 1) / 2;

    return k->kind->n_spare_slots < half ? k->kind->n_spare_slots : half - 1;
}

static bool
has_slots(const struct vsw_kernel *k)
{
    uint32_t n_used = k->queue->tx.filled - k->reclaimed;
    uint32_t n_free = k->queue->tx.mask + 1 - n_used;

    return n_free > spare_slots(k) && n_free >= most_slots(k);
}

/* Whether what it waits for is past, and was not enough. */
static bool
must_ask_again(const struct vsw_kernel *k)
{
    return k->kind->tx_quarters > 0
           && (int32_t) (k->queue->tx.frees.seen - k->vnic->tx_event) >= 0;
}

/* Without room: asks to be told of some; what was freed before that is seen
 * in the next call, which is at sync.  False: that has been done. */
static bool
wait_for_slots(struct vsw_kernel *k)
{
    const struct vsw_ring *ring = &k->queue->tx;
    uint32_t n_freed = ring->frees.seen;

    if (k->waits_for_slots && !must_ask_again(k)) {
        return false;
    }
    k->waits_for_slots = true;
    /* As netfront sets rsp_event, and virtqueue_enable_cb_delayed() the used
     * event. */
    k->vnic->tx_event = n_freed + (ring->filled - n_freed)
                                  * k->kind->tx_quarters / 4 + 1;
    vsw_flag_set(&k->vnic->tx_wanted, k->unit, true);
    vsw_kernel_pause(k);
    return true;
}

static void
stop_waiting(struct vsw_kernel *k)
{
    if (k->waits_for_slots) {
        k->waits_for_slots = false;
        vsw_flag_set(&k->vnic->tx_wanted, k->unit, false);
    }
}

/* Takes back the slots of one packet that has gone; until then they are not
 * used again. */
bool
vsw_kernel_reclaim_step(struct vsw_kernel *k)
{
    struct vsw_ring *ring = &k->queue->tx;
    uint32_t slot = k->reclaimed & ring->mask;
    uint32_t n = 1;

    if (k->reclaimed == ring->frees.seen) {
        return false;
    }
    while (k->reclaimed + n != ring->frees.seen
           && ring->slots[(slot + n) & ring->mask] == VSW_NONE) {
        n++;
    }
    k->reclaimed += n;
    vsw_unit_charge(k->unit, VSW_ACCOUNT_GUEST_TX, VSW_COST_GUEST_TX_DONE,
                    1);
    vsw_kernel_use_reclaimed(k, slot);
    vsw_kernel_ask(k, KERNEL_OP_TX_DONE, slot, n);
    return true;
}

/* --- Packets ------------------------------------------------------------- */

static void
charge_seg(struct vsw_kernel *k, uint32_t payload_bytes, uint32_t n_slots)
{
    struct vsw_unit *unit = k->unit;

    vsw_mem_run(unit, VSW_CODE_GUEST_TX);
    if (payload_bytes == 0) {
        vsw_unit_charge(unit, VSW_ACCOUNT_GUEST_TX, VSW_COST_GUEST_TX_ACK, 1);
    } else {
        vsw_unit_charge(unit, VSW_ACCOUNT_GUEST_TX, VSW_COST_GUEST_TX_SEG, 1);
        vsw_unit_charge(unit, VSW_ACCOUNT_GUEST_TX, VSW_COST_GUEST_TX_BYTE,
                        payload_bytes);
    }
    vsw_unit_charge(unit, VSW_ACCOUNT_DRIVER, VSW_COST_GUEST_TX_DESC,
                    n_slots);
}

/* Puts a packet into the ring; the backend may have to be asked about it. */
static void
put(struct vsw_kernel *k, uint32_t flow, uint32_t frame_bytes,
    const struct vsw_l4 *l4, uint64_t born_ps)
{
    struct vsw_queue *queue = k->queue;
    struct vsw_pkts *pkts = k->sw->pkts;
    uint32_t n_slots = vsw_queue_n_slots(queue, frame_bytes);
    uint32_t slot = queue->tx.filled & queue->tx.mask;
    uint32_t buf = queue->tx_bufs[slot];
    uint32_t id = vsw_pkt_create(pkts, k->unit, flow, queue->port,
                                 frame_bytes, born_ps);

    pkts->pkts[id].buf = buf;
    if (l4) {
        pkts->pkts[id].l4 = *l4;
    }
    memcpy(k->sw->bufs.headers[buf], pkts->workload->flows[flow].header,
           VSW_HEADER_BYTES);
    vsw_ring_fill(&queue->tx, id, n_slots);
    vsw_kernel_ask(k, KERNEL_OP_TX_GRANT, slot, n_slots);
}

/* What memory a segment of 'sock' takes. */
static void
place(struct vsw_kernel *k, const struct vsw_sock *sock,
      uint32_t payload_bytes)
{
    const struct vsw_queue *queue = k->queue;
    uint32_t slot = queue->tx.filled & queue->tx.mask;
    uint32_t n_pieces = (payload_bytes + queue->buf_bytes - 1)
                        / queue->buf_bytes;

    vsw_kernel_place_payload(k, slot, payload_bytes);
    vsw_kernel_use_sent(k, sock, slot, n_pieces);
}

static bool
send_seg(struct vsw_kernel *k)
{
    struct vsw_dialogs *dialogs = k->socks.dialogs;
    struct vsw_l4 l4;
    const struct vsw_sock *sock = vsw_sockset_output(&k->socks, k->unit, &l4);
    uint32_t frame_bytes;

    if (!sock) {
        return false;
    }
    frame_bytes = vsw_l4_frame_bytes(&l4);
    charge_seg(k, l4.payload_bytes, vsw_queue_n_slots(k->queue,
                                                      frame_bytes));
    if (l4.payload_bytes > 0) {
        vsw_dialogs_count_seg(dialogs, k->unit, l4.payload_bytes);
    }
    place(k, sock, l4.payload_bytes);
    put(k, dialogs->list[sock->dialog].flows[sock->side], frame_bytes, &l4,
        k->unit->local_ps);
    return true;
}

/* --- Packets of a trace -------------------------------------------------- */

static bool
is_due(const struct vsw_kernel *k)
{
    return vsw_traffic_pending(&k->traffic)
           && k->traffic.due_ps <= k->unit->local_ps;
}

static bool
is_paced(const struct vsw_kernel *k)
{
    return k->traffic.setup.pacing != VSW_PACING_SATURATE;
}

static void
send_record(struct vsw_kernel *k)
{
    const struct vsw_traffic *t = &k->traffic;
    uint32_t frame_bytes = t->due_frame_bytes;

    charge_seg(k, frame_bytes, vsw_queue_n_slots(k->queue, frame_bytes));
    put(k, t->due_flow_id, frame_bytes, NULL,
        is_paced(k) ? t->due_ps : k->unit->local_ps);
    vsw_traffic_next(&k->traffic);
}

static bool
send_traced(struct vsw_kernel *k)
{
    if (!is_due(k)) {
        return false;
    }
    if (has_slots(k)) {
        stop_waiting(k);
        send_record(k);
    } else if (vsw_kernel_reclaim_step(k)) {
        return true;
    } else if (!is_paced(k)) {
        return wait_for_slots(k);
    } else if (vsw_unit_at_sync(k->unit)) {
        vsw_pkt_refuse(k->sw->pkts, k->unit, k->traffic.due_flow_id,
                       k->queue->port, k->traffic.due_frame_bytes,
                       VSW_DROP_TX_RING_FULL);
        vsw_traffic_next(&k->traffic);
    } else {
        vsw_kernel_pause(k);
    }
    return true;
}

bool
vsw_kernel_send_step(struct vsw_kernel *k)
{
    if (!k->has_socks) {
        return send_traced(k);
    }
    if (!vsw_sockset_has_output(&k->socks)) {
        return false;
    }
    if (!has_slots(k)) {
        return vsw_kernel_reclaim_step(k) || wait_for_slots(k);
    }
    stop_waiting(k);
    return send_seg(k);
}
