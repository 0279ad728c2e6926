#include <vswsim/virtio_poll.h>

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vswsim/buf_mem.h>

#include <vswsim/guest.h>
#include <vswsim/vnic.h>

#include "core/account.h"
#include "core/cost.h"

enum {
    RECEIVE,
    TRANSMIT,
};

static void driver_work(void *owner, struct vsw_worker *worker);

/* A switch that was made by hand may not say. */
static struct vsw_guest_pages
pages_of(const struct vsw_switch *sw)
{
    struct vsw_guest_pages pages = sw->guest_pages;

    if (pages.n_shared == 0) {
        pages.n_shared = VSW_GUEST_PAGES_SHARED;
        pages.n_direction = VSW_GUEST_PAGES_DIRECTION;
    }
    return pages;
}

static inline uint32_t
n_fixed_pages(const struct vsw_guest_pages *pages)
{
    return pages->n_shared + 2 * pages->n_direction;
}

/* Says when and with how many free slots transmitting is worth a look. */
static void
aim_source(struct vsw_virtio_poll *driver)
{
    const struct vsw_traffic *traffic = &driver->traffic;
    struct vsw_source *source = &driver->sources[TRANSMIT];

    if (!vsw_traffic_pending(traffic)) {
        source->kind = VSW_SOURCE_NEVER;
        return;
    }
    source->not_before_ps = traffic->due_ps;
    source->n_needed = traffic->setup.pacing == VSW_PACING_SATURATE
                           ? vsw_queue_n_slots(driver->queue,
                                               traffic->due_frame_bytes)
                           : 0;
}

int
vsw_virtio_poll_start(struct vsw_virtio_poll *driver, struct vsw_switch *sw,
                      struct vsw_queue *queue, struct vsw_unit *unit,
                      uint32_t domain, uint64_t start_ps)
{
    uint32_t n_slots = queue->tx.mask + 1;
    int error;

    driver->pages = pages_of(sw);
    error = vsw_tlb_init(&driver->tlb, unit, domain,
                             n_fixed_pages(&driver->pages) + 2 * n_slots);

    driver->sw = sw;
    driver->queue = queue;
    driver->burst_pkts = sw->guest_burst_pkts;
    driver->in_burst = false;
    queue->tlb = &driver->tlb;
    driver->sources[RECEIVE] = (struct vsw_source) {
        .ring = &queue->rx,
        .kind = VSW_SOURCE_FILLED,
        .n_needed = 1,
    };
    driver->sources[TRANSMIT] = (struct vsw_source) {
        .ring = &queue->tx,
        .kind = VSW_SOURCE_FREED,
    };
    driver->worker.unit = unit;
    driver->worker.work = driver_work;
    driver->worker.owner = driver;
    driver->worker.priority = 1;
    driver->worker.domain = domain;
    if (!error) {
        error = vsw_worker_add(&driver->worker);
    }
    if (!error) {
        aim_source(driver);
        vsw_worker_poll(&driver->worker, driver->sources, 2,
                        VSW_COST_GUEST_EMPTY, start_ps);
    }
    return error;
}

int
vsw_virtio_poll_check_costs(const struct vsw_sim *sim, struct vsw_error *err)
{
    static const uint16_t costs[] = {VSW_COST_GUEST_PKT,
                                     VSW_COST_GUEST_EMPTY};

    return vsw_sim_require_costs(sim, "the guests' driver", costs,
                                 VSW_N_ELEMS(costs), err);
}

void
vsw_virtio_poll_fini(struct vsw_virtio_poll *driver)
{
    vsw_tlb_fini(&driver->tlb);
}

/* True if the call must end here and go on where it stopped. */
static bool
must_pause(struct vsw_virtio_poll *driver)
{
    if (!vsw_worker_quantum_over(&driver->worker)) {
        return false;
    }
    vsw_worker_go_on(&driver->worker);
    return true;
}

/* Touches 'n' pages from 'page' on, one after the other, since a flush may
 * come in between.  Returns false if the call must end first. */
static bool
touch_pages(struct vsw_virtio_poll *driver, uint32_t page, uint32_t n)
{
    for (uint32_t i = page; i < page + n; i++) {
        if (must_pause(driver)) {
            return false;
        }
        vsw_tlb_touch(&driver->tlb, i);
    }
    return true;
}

/* Touches all pages that handling a packet needs, beside its own.  Returns
 * false if the call must end first. */
static bool
touch_fixed(struct vsw_virtio_poll *driver, uint32_t direction)
{
    if (!touch_pages(driver, 0, driver->pages.n_shared)
        || !touch_pages(driver,
                        driver->pages.n_shared
                            + direction * driver->pages.n_direction,
                        driver->pages.n_direction)) {
        return false;
    }
    driver->touched[direction] = driver->tlb.n_flushes;
    return true;
}

/* True if the next packet can be handled in this call: there is time, and
 * the fixed pages were touched since the last flush. */
static inline bool
can_handle(struct vsw_virtio_poll *driver, uint32_t direction)
{
    return !must_pause(driver)
           && (VSW_LIKELY(driver->touched[direction]
                          == driver->tlb.n_flushes)
               || touch_fixed(driver, direction));
}

/* Fills or drains the descriptor of 'slot', with the packet's header in its
 * first page. */
static inline void
handle_slot(struct vsw_virtio_poll *driver, struct vsw_unit *unit,
            uint32_t direction, uint32_t slot)
{
    uint32_t n_slots = driver->queue->tx.mask + 1;

    vsw_unit_charge(unit, VSW_ACCOUNT_DRIVER, VSW_COST_GUEST_PKT, 1);
    vsw_tlb_touch(&driver->tlb, n_fixed_pages(&driver->pages)
                                    + direction * n_slots + slot);
}

static void
expect_intact(const struct vsw_virtio_poll *driver, uint32_t pkt,
              uint32_t slot)
{
    const struct vsw_pkts *pkts = driver->sw->pkts;
    uint32_t buf = driver->queue->rx_bufs[slot];
    const uint8_t *sent
        = pkts->workload->flows[pkts->pkts[pkt].flow_id].header;

    vsw_sim_expect(driver->sw->sim,
                   pkts->pkts[pkt].buf == buf
                       && memcmp(driver->sw->bufs.headers[buf], sent,
                                 VSW_HEADER_BYTES) == 0,
                   "what arrives in a slot's buffer is what was sent");
}

static inline void
receive_one(struct vsw_virtio_poll *driver)
{
    struct vsw_queue *queue = driver->queue;
    struct vsw_pkts *pkts = driver->sw->pkts;
    struct vsw_unit *unit = driver->worker.unit;
    uint32_t slot;
    uint32_t n_slots;
    uint32_t pkt = vsw_ring_pop(&queue->rx, &slot, &n_slots);

    handle_slot(driver, unit, RECEIVE, slot);
    vsw_buf_header(unit, VSW_ACCOUNT_DRIVER, &driver->sw->bufs,
                   queue->rx_bufs[slot]);
    if (driver->sw->sim->check) {
        expect_intact(driver, pkt, slot);
    }
    vsw_pkt_deliver(pkts, unit, pkt, queue->port);
}

/* Starts a burst at slot 'first' with what the other side has done up to slot
 * 'upto', which the used ring of 'mem' tells. */
static void
begin_burst(struct vsw_virtio_poll *driver, const struct vsw_ring_mem *mem,
            uint32_t first, uint32_t upto)
{
    struct vsw_unit *unit = driver->worker.unit;
    uint32_t n = upto - first;

    vsw_sim_expect_sync(unit);
    driver->in_burst = true;
    driver->n_left = driver->burst_pkts;
    driver->first = first;
    driver->upto = upto;
    driver->begun_ps = unit->sync_ps;
    vsw_ring_mem_used(unit, VSW_ACCOUNT_DRIVER, mem,
                      first & driver->queue->tx.mask,
                      n < driver->burst_pkts ? n : driver->burst_pkts,
                      VSW_MEM_READ);
}

/* Ends a burst at slot 'end': descriptors and available ring of 'mem' are
 * written. */
static void
end_burst(struct vsw_virtio_poll *driver, const struct vsw_ring_mem *mem,
          uint32_t end)
{
    struct vsw_unit *unit = driver->worker.unit;
    uint32_t slot = driver->first & driver->queue->tx.mask;
    uint32_t n = end - driver->first;

    driver->in_burst = false;
    if (n > 0) {
        vsw_ring_mem_desc(unit, VSW_ACCOUNT_DRIVER, mem, slot, n,
                          VSW_MEM_WRITE);
        vsw_ring_mem_avail(unit, VSW_ACCOUNT_DRIVER, mem, slot, n,
                           VSW_MEM_WRITE);
    }
}

/* Drains a burst and posts its buffers again. */
static void
receive(struct vsw_virtio_poll *driver)
{
    const struct vsw_unit *unit = driver->worker.unit;
    struct vsw_ring *ring = &driver->queue->rx;

    if (!driver->in_burst) {
        uint32_t n_visible = vsw_ring_visible(ring, unit->sync_ps);

        begin_burst(driver, &driver->queue->rx_mem, ring->popped,
                    ring->popped + n_visible);
    }
    for (; driver->n_left > 0 && ring->popped != driver->upto;
         driver->n_left--) {
        if (!can_handle(driver, RECEIVE)) {
            return;
        }
        receive_one(driver);
    }
    end_burst(driver, &driver->queue->rx_mem, ring->popped);
    vsw_ring_free(ring, unit->local_ps);
}

static inline void
transmit_one(struct vsw_virtio_poll *driver, uint32_t n_slots)
{
    struct vsw_queue *queue = driver->queue;
    const struct vsw_traffic *traffic = &driver->traffic;
    struct vsw_pkts *pkts = driver->sw->pkts;
    struct vsw_unit *unit = driver->worker.unit;
    uint32_t slot = queue->tx.filled & queue->tx.mask;
    uint32_t buf = queue->tx_bufs[slot];
    uint32_t flow_id = traffic->due_flow_id;
    uint32_t pkt;

    handle_slot(driver, unit, TRANSMIT, slot);
    vsw_buf_access(unit, VSW_ACCOUNT_DRIVER, &driver->sw->bufs, buf, 0,
                   VSW_LINE_BYTES, VSW_MEM_WRITE);
    pkt = vsw_pkt_create(pkts, unit, flow_id, queue->port,
                         traffic->due_frame_bytes,
                         traffic->setup.pacing == VSW_PACING_SATURATE
                             ? unit->local_ps
                             : traffic->due_ps);
    pkts->pkts[pkt].buf = buf;
    vsw_ring_fill(&queue->tx, pkt, n_slots);
    memcpy(driver->sw->bufs.headers[buf],
           pkts->workload->flows[flow_id].header, VSW_HEADER_BYTES);
}

/* True if the next packet was due when the burst began and there is room for
 * it, or it will not wait for room. */
static inline bool
can_send(const struct vsw_virtio_poll *driver, bool has_room)
{
    const struct vsw_traffic *traffic = &driver->traffic;

    return traffic->due_ps <= driver->begun_ps
           && (has_room || traffic->setup.pacing != VSW_PACING_SATURATE);
}

/* Gives up the next packet, whose slots are not there. */
static void
refuse_one(struct vsw_virtio_poll *driver)
{
    vsw_unit_charge(driver->worker.unit, VSW_ACCOUNT_DRIVER,
                    VSW_COST_GUEST_PKT, 1);
    vsw_pkt_refuse(driver->sw->pkts, driver->worker.unit,
                   driver->traffic.due_flow_id, driver->queue->port,
                   driver->traffic.due_frame_bytes, VSW_DROP_TX_RING_FULL);
}

/* Tells a backend that wants to know about packets published; again when the
 * driver is called again if it cannot be told yet. */
static void
kick(struct vsw_virtio_poll *driver)
{
    struct vsw_vnic *vnic = driver->vnic;

    driver->must_kick = vnic && vnic->ops && vnic->ops->kick
                        && !vnic->ops->kick(vnic, &driver->worker);
    if (driver->must_kick) {
        vsw_worker_go_on(&driver->worker);
    }
}

/* Fills a burst and publishes it. */
static void
transmit(struct vsw_virtio_poll *driver)
{
    const struct vsw_unit *unit = driver->worker.unit;
    struct vsw_ring *ring = &driver->queue->tx;

    if (!driver->in_burst) {
        uint32_t n_free = vsw_ring_credits(ring, unit->sync_ps);

        begin_burst(driver, &driver->queue->tx_mem, ring->filled,
                    ring->filled + n_free);
    }
    for (; driver->n_left > 0 && vsw_traffic_pending(&driver->traffic);
         driver->n_left--) {
        uint32_t n_slots = vsw_queue_n_slots(driver->queue,
                                             driver->traffic.due_frame_bytes);
        bool has_room = n_slots <= driver->upto - ring->filled;

        if (!can_send(driver, has_room)) {
            break;
        }
        if (!can_handle(driver, TRANSMIT)) {
            return;
        }
        if (VSW_LIKELY(has_room)) {
            transmit_one(driver, n_slots);
        } else {
            refuse_one(driver);
        }
        vsw_traffic_next(&driver->traffic);
    }
    end_burst(driver, &driver->queue->tx_mem, ring->filled);
    aim_source(driver);
    vsw_ring_publish(ring, unit->local_ps);
    if (driver->n_left < driver->burst_pkts) {
        kick(driver);
    }
}

static void
driver_work(void *owner, struct vsw_worker *worker)
{
    struct vsw_virtio_poll *driver = owner;

    if (driver->must_kick) {
        kick(driver);
    } else if (worker->source == RECEIVE) {
        /* A deaf one looks too, when nothing else is due. */
        if (driver->sources[RECEIVE].kind != VSW_SOURCE_NEVER) {
            receive(driver);
        }
    } else {
        transmit(driver);
    }
}

/* --- As a guest ---------------------------------------------------------- */

static int
add_counters(const struct vsw_virtio_poll *driver)
{
    struct vsw_switch *sw = driver->sw;
    const struct vsw_tlb *tlb = &driver->tlb;

    if (vsw_switch_add_counter(sw, "tlb_flush_requests", "1",
                               &tlb->n_requests)
        || vsw_switch_add_counter(sw, "tlb_flushes", "1", &tlb->n_flushes)) {
        return -ENOMEM;
    }
    return vsw_switch_add_counter(sw, "tlb_walks", "1", &tlb->n_walks);
}

static int
start_queue(struct vsw_guest *guest, uint32_t queue)
{
    struct vsw_virtio_poll **drivers = guest->state;
    struct vsw_port *port = guest->port;
    struct vsw_virtio_poll *driver = calloc(1, sizeof *driver);
    int error;

    if (!driver) {
        return -ENOMEM;
    }
    drivers[queue] = driver;
    driver->vnic = &port->vnics[queue];
    vsw_guest_make_traffic(guest, queue, &driver->traffic);
    error = vsw_virtio_poll_start(driver, guest->sw, &port->queues[queue],
                                  port->vnics[queue].unit, guest->domain,
                                  guest->start_ps[queue]);
    if (guest->is_deaf) {
        driver->sources[RECEIVE].kind = VSW_SOURCE_NEVER;
    }
    return error ? error : add_counters(driver);
}

static int
guest_start(struct vsw_guest *guest, struct vsw_error *err)
{
    int error = vsw_virtio_poll_check_costs(guest->sw->sim, err);

    if (error) {
        return error;
    }
    guest->state = calloc(guest->port->n_queues,
                          sizeof(struct vsw_virtio_poll *));
    error = guest->state ? 0 : -ENOMEM;
    for (uint32_t i = 0; !error && i < guest->port->n_queues; i++) {
        error = start_queue(guest, i);
    }
    return error ? vsw_error_set(err, VSW_ERROR_INTERNAL, error,
                                 "out of memory for a guest")
                 : 0;
}

static void
guest_fini(struct vsw_guest *guest)
{
    struct vsw_virtio_poll **drivers = guest->state;

    for (uint32_t i = 0; drivers && i < guest->port->n_queues; i++) {
        if (drivers[i]) {
            vsw_virtio_poll_fini(drivers[i]);
        }
        free(drivers[i]);
    }
    free(drivers);
    guest->state = NULL;
}

const struct vsw_guest_ops vsw_guest_virtio_poll = {
    .name = "virtio_poll",
    .title = "polling virtio driver of DPDK's pktgen, one loop per vCPU",
    .start = guest_start,
    .fini = guest_fini,
};
