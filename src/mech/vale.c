#include <vswsim/vale.h>

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vswsim/buf_mem.h>

#include "core/account.h"
#include "core/cost.h"

#define PS_PER_NS UINT64_C(1000)

/* Addresses that the bridge remembers, and for how long (Linux: 300 s). */
#define MAX_MACS   1024
#define MAX_AGE_NS UINT64_C(300000000000)

/* A copy advances by at most this much per step. */
#define STEP_BYTES 4096u

static const uint16_t costs[] = {
    VSW_COST_SYSCALL, VSW_COST_NETMAP_SYNC, VSW_COST_VALE_PKT,
    VSW_COST_LOCK,    VSW_COST_COPY_CALL,   VSW_COST_COPY_BYTE,
};

static uint32_t
n_all_ports(const struct vsw_vale *vale)
{
    return vale->n_ports + vale->setup.n_senders;
}

static int
init_port(struct vsw_vale *vale, struct vsw_vale_port *port)
{
    uint32_t n = vale->n_ports;

    port->lock.account = VSW_ACCOUNT_LOCK;
    port->pkts = calloc(vale->setup.batch_pkts + n, sizeof *port->pkts);
    port->first = calloc(n, sizeof *port->first);
    port->last = calloc(n, sizeof *port->last);
    port->dests = calloc(n, sizeof *port->dests);
    if (!port->pkts || !port->first || !port->last || !port->dests) {
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < n; i++) {
        port->first[i] = VSW_NONE;
    }
    return 0;
}

/* As if each port had answered to ARP before the run. */
static void
learn_ports(struct vsw_vale *vale)
{
    for (uint32_t i = 0; i < vale->n_ports; i++) {
        struct vsw_mac mac;

        memcpy(&mac, vale->sw->pkts->workload->ports[i].mac, sizeof mac);
        vsw_mactable_learn(vale->macs, &mac, i, 0, NULL);
    }
}

static int
report(struct vsw_vale *vale)
{
    struct vsw_switch *sw = vale->sw;
    int error
        = vsw_switch_add_counter(sw, "txsyncs", "1", &vale->n_syncs)
          || vsw_switch_add_counter(sw, "flooded", "1", &vale->n_flooded)
          || vsw_switch_add_port_memory(sw);

    if (!error && !vale->setup.lookup) {
        error = vsw_switch_add_counter(sw, "mac_lookups", "1",
                                       &vale->n_lookups)
                || vsw_switch_add_counter(sw, "mac_hits", "1", &vale->n_hits)
                || vsw_switch_add_memory(sw, "mac_table",
                                         sw->arena.used_bytes);
    }
    return error;
}

int
vsw_vale_init(struct vsw_vale *vale, struct vsw_switch *sw,
              const struct vsw_vale_setup *setup, struct vsw_error *err)
{
    int error = vsw_sim_require_costs(sw->sim, sw->ops->name, costs,
                                      VSW_N_ELEMS(costs), err);

    if (error) {
        return error;
    }
    assert(setup->batch_pkts <= VSW_VALE_MAX_BATCH);
    vale->sw = sw;
    vale->setup = *setup;
    vale->n_ports = sw->n_ports;
    vale->macs = vsw_mactable_new(&sw->arena, MAX_MACS, MAX_AGE_NS);
    vale->ports = calloc(n_all_ports(vale), sizeof *vale->ports);
    error = vale->macs && vale->ports ? 0 : -ENOMEM;
    for (uint32_t i = 0; !error && i < n_all_ports(vale); i++) {
        error = init_port(vale, &vale->ports[i]);
    }
    if (!error) {
        learn_ports(vale);
    }
    if (error || report(vale)) {
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "out of memory for a VALE switch");
    }
    return 0;
}

void
vsw_vale_fini(struct vsw_vale *vale)
{
    for (uint32_t i = 0; vale->ports && i < n_all_ports(vale); i++) {
        free(vale->ports[i].pkts);
        free(vale->ports[i].first);
        free(vale->ports[i].last);
        free(vale->ports[i].dests);
    }
    free(vale->ports);
}

/* --- Collecting a batch -------------------------------------------------- */

static void
add(struct vsw_vale_port *src, uint32_t pkt, uint32_t port)
{
    uint32_t i = src->n_pkts++;

    src->pkts[i] = (struct vsw_vale_pkt) {.pkt = pkt, .next = VSW_NONE};
    if (src->first[port] == VSW_NONE) {
        src->first[port] = i;
        src->dests[src->n_dests++] = port;
    } else {
        src->pkts[src->last[port]].next = i;
    }
    src->last[port] = i;
}

/* One clone for each port but the source's and the last, which gets 'pkt'. */
static void
flood(struct vsw_vale *vale, struct vsw_vale_port *src, uint32_t pkt,
      uint32_t in_port)
{
    uint32_t last = in_port == vale->n_ports - 1 ? in_port - 1
                                                 : vale->n_ports - 1;

    vale->n_flooded++;
    for (uint32_t port = 0; port < last; port++) {
        if (port != in_port) {
            uint32_t clone = vsw_pkt_clone(vale->sw->pkts, pkt);

            vale->sw->pkts->pkts[clone].buf = vale->sw->pkts->pkts[pkt].buf;
            add(src, clone, port);
        }
    }
    add(src, pkt, last);
}

/* The learning switch. */
static uint32_t
look_up(struct vsw_vale *vale, struct vsw_unit *unit, uint32_t pkt,
        uint32_t in_port)
{
    const uint8_t *header
        = vale->sw->bufs.headers[vale->sw->pkts->pkts[pkt].buf];
    uint64_t now_ns = unit->local_ps / PS_PER_NS;
    uint32_t port;

    vsw_buf_header(unit, VSW_ACCOUNT_SWITCH, &vale->sw->bufs,
                   vale->sw->pkts->pkts[pkt].buf);
    vsw_mactable_learn(vale->macs, (const struct vsw_mac *) &header[6],
                       in_port, now_ns, &unit->memobs);
    port = vsw_mactable_lookup(vale->macs, (const struct vsw_mac *) header,
                               now_ns, &unit->memobs);
    vale->n_lookups++;
    vale->n_hits += port != VSW_PORT_FLOOD;
    return port;
}

static void
collect(struct vsw_vale *vale, uint32_t in_port, struct vsw_worker *worker)
{
    struct vsw_vale_port *src = &vale->ports[in_port];
    uint32_t slot, n_slots;
    uint32_t pkt = vsw_ring_pop(&src->queue->tx, &slot, &n_slots);
    uint32_t port;

    src->n_left -= n_slots;
    vsw_unit_charge(worker->unit, VSW_ACCOUNT_SWITCH, VSW_COST_VALE_PKT, 1);
    port = vale->setup.lookup
               ? vale->setup.lookup(vale->setup.lookup_aux, worker->unit,
                                    pkt, in_port)
               : look_up(vale, worker->unit, pkt, in_port);
    if (port == VSW_PORT_FLOOD && vale->n_ports > 1) {
        flood(vale, src, pkt, in_port);
    } else if (port == VSW_PORT_FLOOD || port == in_port) {
        vsw_pkt_drop(vale->sw->pkts, worker->unit, pkt, VSW_DROP_NO_ROUTE);
    } else if (port != VSW_VALE_TAKEN) {
        add(src, pkt, port);
    }
}

/* Collects until the batch, the ring or the call is over. */
static bool
collect_all(struct vsw_vale *vale, uint32_t in_port,
            struct vsw_worker *worker)
{
    struct vsw_vale_port *src = &vale->ports[in_port];

    while (src->n_left > 0 && src->n_pkts < vale->setup.batch_pkts) {
        if (vsw_worker_quantum_over(worker)) {
            return false;
        }
        collect(vale, in_port, worker);
    }
    return true;
}

/* --- To one destination -------------------------------------------------- */

/* Takes the packet at hand, whose number '*link' holds, off its list. */
static void
drop_from_list(struct vsw_vale *vale, struct vsw_vale_port *src,
               const struct vsw_worker *worker, uint32_t *link)
{
    uint32_t i = *link;

    *link = src->pkts[i].next;
    vsw_pkt_drop(vale->sw->pkts, worker->unit, src->pkts[i].pkt,
                 VSW_DROP_RX_RING_FULL);
}

/* Reserves slots for as many packets as fit. */
static void
reserve(struct vsw_vale *vale, struct vsw_vale_port *src,
        struct vsw_vale_port *dst, struct vsw_worker *worker)
{
    struct vsw_ring *ring = &dst->queue->rx;
    uint32_t left = vsw_ring_credits(ring, worker->unit->sync_ps);
    uint32_t first = src->first[src->dests[src->at_dest]];
    uint32_t *link = &first;

    if (dst->next_lease - dst->first_lease == VSW_VALE_MAX_LEASES) {
        left = 0;
    }
    while (*link != VSW_NONE) {
        struct vsw_vale_pkt *p = &src->pkts[*link];
        uint32_t n = vsw_queue_n_slots(
            dst->queue, vale->sw->pkts->pkts[p->pkt].frame_bytes);

        if (n > left) {
            drop_from_list(vale, src, worker, link);
            continue;
        }
        left -= n;
        p->slot = vsw_ring_fill(ring, p->pkt, n);
        link = &p->next;
    }
    src->first[src->dests[src->at_dest]] = VSW_NONE;
    src->at = first;
    if (first != VSW_NONE) {
        src->lease = dst->next_lease++;
        dst->leases[src->lease % VSW_VALE_MAX_LEASES]
            = (struct vsw_vale_lease) {.upto = ring->filled};
    }
    vsw_unit_charge(worker->unit, VSW_ACCOUNT_LOCK, VSW_COST_LOCK, 1);
}

/* Copies a step of the packet at hand; true when all of it is there. */
static bool
copy_step(struct vsw_vale *vale, struct vsw_vale_port *src,
          const struct vsw_vale_port *dst, struct vsw_unit *unit)
{
    const struct vsw_vale_pkt *p = &src->pkts[src->at];
    struct vsw_pkt *pkt = &vale->sw->pkts->pkts[p->pkt];
    uint32_t left = vsw_pkt_data_bytes(pkt) - src->n_done_bytes;
    uint32_t step = left < STEP_BYTES ? left : STEP_BYTES;
    uint64_t ps = vsw_unit_cost_ps(unit, VSW_COST_COPY_BYTE, step);
    uint32_t to = dst->queue->rx_bufs[p->slot];

    if (src->n_done_bytes == 0) {
        src->from = pkt->buf;
        memcpy(vale->sw->bufs.headers[to], vale->sw->bufs.headers[pkt->buf],
               VSW_HEADER_BYTES);
        pkt->buf = to;
        ps += vsw_unit_cost_ps(unit, VSW_COST_COPY_CALL, 1);
    }
    vsw_unit_spend(unit, VSW_ACCOUNT_COPY, ps);
    vsw_buf_copy(unit, VSW_ACCOUNT_COPY, &vale->sw->bufs, to, src->from,
                 src->n_done_bytes, step);
    src->n_done_bytes = step < left ? src->n_done_bytes + step : 0;
    return step == left;
}

static bool
copy_all(struct vsw_vale *vale, struct vsw_vale_port *src,
         const struct vsw_vale_port *dst, struct vsw_worker *worker)
{
    while (src->at != VSW_NONE) {
        if (vsw_worker_quantum_over(worker)) {
            return false;
        }
        if (copy_step(vale, src, dst, worker->unit)) {
            src->at = src->pkts[src->at].next;
        }
    }
    return true;
}

/* Ends the lease, and publishes it with those behind it that have ended
 * already, unless one before it has not. */
static void
commit(struct vsw_vale_port *src, struct vsw_vale_port *dst,
       struct vsw_unit *unit)
{
    uint32_t upto = dst->queue->rx.fills.done;

    vsw_unit_charge(unit, VSW_ACCOUNT_LOCK, VSW_COST_LOCK, 1);
    dst->leases[src->lease % VSW_VALE_MAX_LEASES].done = true;
    while (dst->first_lease != dst->next_lease
           && dst->leases[dst->first_lease % VSW_VALE_MAX_LEASES].done) {
        upto = dst->leases[dst->first_lease % VSW_VALE_MAX_LEASES].upto;
        dst->first_lease++;
    }
    vsw_ring_publish_upto(&dst->queue->rx, upto, unit->local_ps);
}

/* --- The system call ----------------------------------------------------- */

static bool
begin(struct vsw_vale *vale, struct vsw_vale_port *src,
      struct vsw_worker *worker)
{
    struct vsw_unit *unit = worker->unit;

    src->n_left = vsw_ring_visible(&src->queue->tx, unit->sync_ps);
    src->n_pkts = 0;
    src->n_dests = 0;
    src->at_dest = 0;
    if (src->n_left == 0) {
        return false;
    }
    vale->n_syncs++;
    vsw_unit_enter(unit, vale->sw->domain, VSW_STAGE_RECEIVE);
    vsw_unit_charge(unit, VSW_ACCOUNT_SYSCALL, VSW_COST_SYSCALL, 1);
    vsw_unit_charge(unit, VSW_ACCOUNT_NETMAP, VSW_COST_NETMAP_SYNC, 1);
    return true;
}

/* The batch has gone; the rest of the ring is the next one. */
static void
end_batch(struct vsw_vale_port *src, struct vsw_worker *worker)
{
    if (src->n_left > 0) {
        src->n_pkts = 0;
        src->n_dests = 0;
        src->at_dest = 0;
        src->state = VSW_VALE_LOOKUP;
        return;
    }
    vsw_ring_free(&src->queue->tx, worker->unit->local_ps);
    src->state = VSW_VALE_IDLE;
}

/* Does the step at hand.  Returns false if the call must end first. */
static bool
do_step(struct vsw_vale *vale, uint32_t port, struct vsw_worker *worker)
{
    struct vsw_vale_port *src = &vale->ports[port];
    struct vsw_vale_port *dst
        = src->at_dest < src->n_dests
              ? &vale->ports[src->dests[src->at_dest]]
              : NULL;

    switch (src->state) {
    case VSW_VALE_IDLE:
        src->state = VSW_VALE_LOOKUP;
        return true;
    case VSW_VALE_LOOKUP:
        vsw_unit_enter(worker->unit, vale->sw->domain, VSW_STAGE_SWITCH);
        if (!collect_all(vale, port, worker)) {
            return false;
        }
        vsw_switch_count_batch(&vale->sw->receive, worker->unit,
                               src->n_pkts);
        src->state = VSW_VALE_RESERVE;
        return true;
    case VSW_VALE_RESERVE:
        if (!dst) {
            end_batch(src, worker);
            return true;
        }
        if (!vsw_lock_acquire(&dst->lock, worker)) {
            return false;
        }
        vsw_unit_enter(worker->unit, vale->sw->domain, VSW_STAGE_SEND);
        reserve(vale, src, dst, worker);
        vsw_lock_release(&dst->lock, worker);
        if (src->at == VSW_NONE) {
            src->at_dest++;
        } else {
            src->state = VSW_VALE_COPY;
        }
        return true;
    case VSW_VALE_COPY:
        vsw_unit_enter(worker->unit, vale->sw->domain, VSW_STAGE_SEND);
        if (!copy_all(vale, src, dst, worker)) {
            return false;
        }
        src->state = VSW_VALE_COMMIT;
        return true;
    case VSW_VALE_COMMIT:
        if (!vsw_lock_acquire(&dst->lock, worker)) {
            return false;
        }
        vsw_unit_enter(worker->unit, vale->sw->domain, VSW_STAGE_SEND);
        commit(src, dst, worker->unit);
        vsw_lock_release(&dst->lock, worker);
        src->state = VSW_VALE_NOTIFY;
        return true;
    case VSW_VALE_NOTIFY:
        vsw_unit_enter(worker->unit, vale->sw->domain, VSW_STAGE_SEND);
        if (dst->notify && !dst->notify(dst->aux, worker)) {
            return false;
        }
        src->at_dest++;
        src->state = VSW_VALE_RESERVE;
        return true;
    }
    return false;
}

bool
vsw_vale_txsync(struct vsw_vale *vale, uint32_t port,
                struct vsw_worker *worker)
{
    struct vsw_vale_port *src = &vale->ports[port];

    if (src->state == VSW_VALE_IDLE) {
        if (!vsw_unit_at_sync(worker->unit)) {
            vsw_worker_go_on(worker);
            return false;
        }
        if (!begin(vale, src, worker)) {
            return true;
        }
    }
    do {
        if (!do_step(vale, port, worker)) {
            vsw_worker_go_on(worker);
            return false;
        }
    } while (src->state != VSW_VALE_IDLE);
    return true;
}
