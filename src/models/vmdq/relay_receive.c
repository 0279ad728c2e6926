/* What the NIC received, on its way to guests. */
#include <string.h>

#include <vswsim/buf_mem.h>
#include <vswsim/bus.h>

#include "mech/copy_step.h"
#include "models/vmdq/relay_impl.h"

/* Whose packet it is, of a queue that several share. */
static struct vmdq_guest *
find_guest(const struct vmdq_relay *r, const struct vsw_pkt *pkt)
{
    const struct vsw_port *port;
    struct vsw_mac dst;
    uint32_t number;

    memcpy(&dst, r->sw->bufs.headers[pkt->buf], sizeof dst);
    number = vsw_mactable_lookup(r->setup.macs, &dst, 0, NULL);
    if (number >= vsw_switch_n_guests(r->sw)) {
        return NULL;
    }
    port = &r->sw->ports[number];
    number = port->first_queue + pkt->flow_id % port->n_queues;
    return number < r->setup.first ? NULL
                                   : &r->guests[number - r->setup.first];
}

static void
swap(const struct vsw_queue *a, uint32_t a_slot, const struct vsw_queue *b,
     uint32_t b_slot, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        uint32_t *a_buf = &a->rx_bufs[(a_slot + i) & a->rx.mask];
        uint32_t *b_buf = &b->rx_bufs[(b_slot + i) & b->rx.mask];
        uint32_t buf = *a_buf;

        *a_buf = *b_buf;
        *b_buf = buf;
    }
}

/* --- A packet ------------------------------------------------------------ */

/* What it takes to read the descriptors of a packet, and to post others. */
static void
charge_receive(const struct vmdq_relay *r, const struct vmdq_queue *nic,
               uint32_t n_slots)
{
    struct vsw_unit *unit = vmdq_unit(r);
    const struct vsw_ring *ring = &nic->queue.rx;
    uint32_t slot = ring->popped & ring->mask;

    vmdq_charge(r, VSW_ACCOUNT_DRIVER, VSW_COST_NIC_RX_PKT, n_slots);
    vsw_ring_mem_desc(unit, VSW_ACCOUNT_DRIVER, &nic->queue.rx_mem, slot,
                      n_slots, VSW_MEM_READ);
    vsw_ring_mem_desc(unit, VSW_ACCOUNT_DRIVER, &nic->queue.rx_mem, slot,
                      n_slots, VSW_MEM_WRITE);
}

static void
charge_lookup(const struct vmdq_relay *r, const struct vsw_pkt *pkt)
{
    vsw_buf_header(vmdq_unit(r), VSW_ACCOUNT_HASH, &r->sw->bufs, pkt->buf);
    vmdq_charge(r, VSW_ACCOUNT_HASH, VSW_COST_HASH_SOFT, 1);
    vmdq_charge(r, VSW_ACCOUNT_FLOW_LOOKUP, VSW_COST_EMC_LOOKUP, 1);
}

/* Takes room at 'g' for the next packet; its first slot is 'r->to'. */
static void
take_room(struct vmdq_relay *r, struct vmdq_guest *g, uint32_t id, uint32_t n)
{
    r->to = vsw_ring_fill(&g->queue->rx, id, n);
    g->received = true;
    vmdq_charge(r, VSW_ACCOUNT_VRING_DESC, VSW_COST_VRING_DESC, n);
    vsw_ring_mem_desc(vmdq_unit(r), VSW_ACCOUNT_VRING_DESC,
                      &g->queue->rx_mem, r->to, n, VSW_MEM_READ);
}

/* Puts the buffers where the guest looks for them. */
static void
hand_over(struct vmdq_relay *r, struct vmdq_queue *nic, struct vmdq_guest *g)
{
    uint32_t slot, n;

    vsw_ring_pop(&nic->queue.rx, &slot, &n);
    swap(&nic->queue, slot, g->queue, r->to, n);
}

/* Copies the next step into a buffer of the guest's; true when all is
 * copied. */
static bool
copy(struct vmdq_relay *r, struct vmdq_queue *nic, struct vmdq_guest *g)
{
    struct vsw_unit *unit = vmdq_unit(r);
    struct vsw_pkt *pkt = vmdq_pkt(r, vsw_ring_peek(&nic->queue.rx));
    uint32_t to = g->queue->rx_bufs[r->to];
    uint32_t slot, n;

    if (!vsw_copy_step(unit, &r->sw->bufs, pkt, to, &r->n_done_bytes)) {
        return false;
    }
    vsw_ring_pop(&nic->queue.rx, &slot, &n);
    pkt->buf = to;
    r->n_shared += vsw_unit_in_window(unit);
    return true;
}

static void
lose(struct vmdq_relay *r, struct vmdq_queue *nic, enum vsw_drop why)
{
    uint32_t slot, n;
    uint32_t id = vsw_ring_pop(&nic->queue.rx, &slot, &n);

    vsw_pkt_drop(r->sw->pkts, vmdq_unit(r), id, why);
}

/* Begins with the next packet, for 'g', or NULL if it is for nobody.  False:
 * whether there is room can only be known at sync. */
static bool
begin(struct vmdq_relay *r, struct vmdq_queue *nic, struct vmdq_guest *g)
{
    struct vsw_unit *unit = vmdq_unit(r);
    uint32_t id = vsw_ring_peek(&nic->queue.rx);
    const struct vsw_pkt *pkt = vmdq_pkt(r, id);
    uint32_t n = vsw_queue_n_slots(&nic->queue, pkt->frame_bytes);
    bool has_room = g && vsw_ring_credits(&g->queue->rx, unit->sync_ps) >= n;

    if (g && !has_room && !vsw_unit_at_sync(unit)) {
        return false;
    }
    charge_receive(r, nic, n);
    if (vmdq_is_shared(nic)) {
        charge_lookup(r, pkt);
    }
    if (!has_room) {
        lose(r, nic, g ? VSW_DROP_RX_RING_FULL : VSW_DROP_NO_ROUTE);
        r->n_taken++;
        return true;
    }
    take_room(r, g, id, n);
    r->receiver = g;
    return true;
}

/* Goes on with a packet that has room. */
static void
go_on(struct vmdq_relay *r, struct vmdq_queue *nic)
{
    if (!vmdq_is_shared(nic)) {
        hand_over(r, nic, r->receiver);
    } else if (!copy(r, nic, r->receiver)) {
        return;
    }
    r->receiver = NULL;
    r->n_taken++;
}

/* --- A visit ------------------------------------------------------------- */

static void
publish(struct vmdq_relay *r)
{
    struct vsw_unit *unit = vmdq_unit(r);

    for (uint32_t i = 0; i < r->n_guests; i++) {
        struct vsw_queue *queue = r->guests[i].queue;
        struct vsw_ring *ring = &queue->rx;
        uint32_t n = ring->filled - ring->fills.done;

        if (n > 0) {
            vmdq_charge(r, VSW_ACCOUNT_VRING_USED, VSW_COST_VRING_USED, 1);
            vsw_ring_mem_used(unit, VSW_ACCOUNT_VRING_USED, &queue->rx_mem,
                              ring->fills.done & ring->mask, n,
                              VSW_MEM_WRITE);
            vsw_ring_publish(ring, unit->local_ps);
            vsw_switch_count_batch(&r->sw->send, unit, n);
        }
    }
}

/* Takes one step with the next packet.  False: only at sync. */
static bool
receive_step(struct vmdq_relay *r, struct vmdq_queue *nic,
             struct vmdq_guest *owner)
{
    const struct vsw_pkt *pkt = vmdq_pkt(r, vsw_ring_peek(&nic->queue.rx));

    if (!r->receiver
        && !begin(r, nic, owner ? owner : find_guest(r, pkt))) {
        return false;
    }
    if (r->receiver) {
        go_on(r, nic);
    }
    return true;
}

bool
vmdq_serve_nic(struct vmdq_relay *r, struct vmdq_queue *nic,
               struct vmdq_guest *owner)
{
    struct vsw_ring *ring = &nic->queue.rx;
    struct vsw_unit *unit = vmdq_unit(r);

    vsw_unit_enter(unit, r->sw->domain, VSW_STAGE_SEND);
    if (!r->visiting) {
        vmdq_visit(r, ring, nic->n_guests);
        vmdq_charge(r, VSW_ACCOUNT_DRIVER, VSW_COST_NIC_RX_BATCH, 1);
    }
    while (vmdq_has_more(r, ring)) {
        if (vsw_worker_quantum_over(&r->worker)
            || !receive_step(r, nic, owner)) {
            return false;
        }
    }
    r->visiting = false;
    vsw_bus_doorbell(nic->queue.bus, unit);
    vsw_ring_free(ring, unit->local_ps);
    publish(r);
    return true;
}
