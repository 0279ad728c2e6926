#include <vswsim/pmd.h>

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vswsim/buf_mem.h>

#include "core/account.h"
#include "core/cost.h"

/* Start phases differ by up to this much. */
#define MAX_PHASE_PS UINT64_C(2000000)

static void pmd_work(void *owner, struct vsw_worker *worker);

static uint16_t
empty_cost_of(const struct vsw_pmd *pmd)
{
    return pmd->empty_cost ? (uint16_t) pmd->empty_cost
                           : (uint16_t) VSW_COST_VRING_EMPTY;
}

static const struct vsw_pmd_port_ops *
ops_of(const struct vsw_pmd *pmd, const struct vsw_port *port)
{
    return pmd->ops ? pmd->ops : pmd->ops_by_kind[port->kind];
}

static const struct vsw_port *
port_of(const struct vsw_pmd *pmd, const struct vsw_queue *queue)
{
    return &pmd->sw->ports[queue->port];
}

static struct vsw_queue *
queue_at(const struct vsw_pmd *pmd, uint32_t i)
{
    return i == pmd->sw->n_all_queues ? pmd->extra : &pmd->sw->queues[i];
}

/* How the burst at hand came in. */
static const struct vsw_pmd_port_ops *
receive_ops_of(const struct vsw_pmd *pmd)
{
    return vsw_pmd_from_extra(pmd)
               ? pmd->extra_ops
               : ops_of(pmd, port_of(pmd, queue_at(pmd, pmd->in_queue)));
}

/* How the packets at hand go out at 'port'. */
static const struct vsw_pmd_port_ops *
send_ops_of(const struct vsw_pmd *pmd, const struct vsw_port *port)
{
    const struct vsw_pmd_port_ops *ops = ops_of(pmd, port);

    if (pmd->pool == &pmd->pools[ops->pool]) {
        return ops;
    }
    assert(pmd->mixed_ops[port->kind]);
    return pmd->mixed_ops[port->kind];
}

static int
require_costs(const struct vsw_pmd *pmd, const struct vsw_switch *sw,
              struct vsw_error *err)
{
    const char *who = sw->ops->name;
    const uint16_t empty_cost = empty_cost_of(pmd);
    int error = vsw_sim_require_costs(sw->sim, who, &empty_cost, 1, err);

    if (!error) {
        error = vsw_sim_require_costs(sw->sim, who, pmd->decider->costs,
                                      pmd->decider->n_costs, err);
    }
    if (!error && pmd->extra) {
        error = vsw_sim_require_costs(sw->sim, who, pmd->extra_ops->costs,
                                      pmd->extra_ops->n_costs, err);
    }
    for (uint32_t i = 0; !error && i < sw->n_ports; i++) {
        const struct vsw_pmd_port_ops *ops = ops_of(pmd, &sw->ports[i]);

        error = vsw_sim_require_costs(sw->sim, who, ops->costs, ops->n_costs,
                                      err);
        ops = pmd->mixed_ops[sw->ports[i].kind];
        if (!error && ops) {
            error = vsw_sim_require_costs(sw->sim, who, ops->costs,
                                          ops->n_costs, err);
        }
    }
    return error;
}

void
vsw_pmd_make_pool(struct vsw_pmd *pmd, enum vsw_pmd_pools which,
                  struct vsw_bufs *bufs, uint32_t n_bufs, uint32_t buf_bytes)
{
    vsw_bufpool_init(&pmd->pools[which].bufs, bufs, n_bufs);
    pmd->pools[which].buf_bytes = buf_bytes;
}

/* Pools lie near the CPU of the loop. */
static int
place_pools(const struct vsw_pmd *pmd, struct vsw_switch *sw,
            const struct vsw_unit *unit)
{
    int error = 0;

    for (uint32_t i = 0; !error && i < VSW_PMD_N_POOLS; i++) {
        const struct vsw_pmd_pool *pool = &pmd->pools[i];

        error = vsw_bufs_place(&sw->bufs, sw->sim, pool->bufs.first,
                               pool->bufs.n_bufs, pool->buf_bytes,
                               vsw_mem_node(unit));
    }
    return error;
}

int
vsw_pmd_start(struct vsw_pmd *pmd, struct vsw_switch *sw,
              struct vsw_unit *unit, struct vsw_error *err)
{
    uint32_t n = sw->n_all_queues + (pmd->extra != NULL);
    uint64_t start_ps = vsw_random_below(&sw->start, MAX_PHASE_PS);
    int error = require_costs(pmd, sw, err);

    if (error) {
        return error;
    }
    if (place_pools(pmd, sw, unit)) {
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "out of memory for a poll-mode loop");
    }
    pmd->sw = sw;
    pmd->pool = &pmd->pools[ops_of(pmd, &sw->ports[0])->pool];
    pmd->sources = calloc(n, sizeof *pmd->sources);
    pmd->first = calloc(sw->n_ports, sizeof *pmd->first);
    pmd->last = calloc(sw->n_ports, sizeof *pmd->last);
    pmd->worker.unit = unit;
    pmd->worker.work = pmd_work;
    pmd->worker.owner = pmd;
    pmd->worker.priority = 1;
    pmd->worker.domain = sw->domain;
    if (!pmd->sources || !pmd->first || !pmd->last
        || vsw_worker_add(&pmd->worker)) {
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "out of memory for a poll-mode loop");
    }
    for (uint32_t i = 0; i < n; i++) {
        pmd->sources[i] = (struct vsw_source) {
            .ring = &queue_at(pmd, i)->tx,
            .kind = VSW_SOURCE_FILLED,
            .n_needed = 1,
        };
    }
    for (uint32_t i = 0; i < sw->n_ports; i++) {
        pmd->first[i] = VSW_NONE;
    }
    vsw_worker_poll(&pmd->worker, pmd->sources, n, empty_cost_of(pmd),
                    start_ps);
    return 0;
}

void
vsw_pmd_fini(struct vsw_pmd *pmd)
{
    free(pmd->sources);
    free(pmd->first);
    free(pmd->last);
}

uint32_t
vsw_pmd_n_bufs_at_hand(const struct vsw_pmd *pmd)
{
    const struct vsw_pmd_pkt *p = vsw_pmd_at_hand(pmd);
    uint32_t n = 0;

    for (uint32_t i = 0; i < vsw_pmd_n_at_hand(pmd); i++) {
        n += vsw_pmd_n_bufs(pmd, &pmd->sw->pkts->pkts[p[i].pkt]);
    }
    return n;
}

/* Runs 'n' phases over the packets at hand.  Returns false when the quantum
 * is over: the rest comes in the next call. */
static bool
run_phases(struct vsw_pmd *pmd, const struct vsw_pmd_phase *phases,
           uint32_t n)
{
    for (; pmd->phase < n; pmd->phase++) {
        const struct vsw_pmd_phase *phase = &phases[pmd->phase];

        if (!pmd->begun && phase->begin) {
            phase->begin(pmd);
        }
        pmd->begun = true;
        if (phase->packets && !phase->packets(pmd)) {
            return false;
        }
        if (phase->end) {
            phase->end(pmd);
        }
        pmd->begun = false;
        pmd->at = 0;
    }
    return true;
}

static void
enter_state(struct vsw_pmd *pmd, enum vsw_pmd_state state)
{
    pmd->state = state;
    pmd->phase = 0;
    pmd->at = 0;
    pmd->begun = false;
}

/* Takes what the ring holds, up to a burst and to what the pool can carry. */
static void
take_burst(struct vsw_pmd *pmd)
{
    struct vsw_ring *ring = &pmd->queue->tx;
    uint32_t upto = ring->popped
                    + vsw_ring_visible(ring, vsw_pmd_unit(pmd)->sync_ps);
    const struct vsw_pkt *pkts = pmd->sw->pkts->pkts;
    struct vsw_pmd_pkt *p = pmd->burst;
    uint32_t n_bufs = 0;

    vsw_sim_expect_sync(vsw_pmd_unit(pmd));
    for (; p < &pmd->burst[pmd->burst_pkts] && ring->popped != upto; p++) {
        n_bufs += vsw_pmd_n_bufs(pmd, &pkts[vsw_ring_peek(ring)]);
        if (n_bufs > pmd->pool->bufs.n_free) {
            break;
        }
        p->pkt = vsw_ring_pop(ring, &p->slot, &p->n_slots);
        p->next = VSW_NONE;
    }
    pmd->n_burst = (uint32_t) (p - pmd->burst);
}

static void
begin_receive(struct vsw_pmd *pmd)
{
    pmd->in_queue = pmd->worker.source;
    pmd->queue = queue_at(pmd, pmd->in_queue);
    pmd->pool = &pmd->pools[receive_ops_of(pmd)->pool];
    take_burst(pmd);
    /* The scan that found something has read the index. */
    vsw_ring_mem_avail(vsw_pmd_unit(pmd), VSW_ACCOUNT_POLL,
                       &pmd->queue->tx_mem, 0, 0, VSW_MEM_READ);
    if (pmd->n_burst == 0) {
        /* The pool is empty: as good as an empty ring. */
        vsw_unit_charge(vsw_pmd_unit(pmd), VSW_ACCOUNT_POLL,
                        empty_cost_of(pmd), 1);
        return;
    }
    vsw_switch_count_batch(&pmd->sw->receive, vsw_pmd_unit(pmd),
                           pmd->n_burst);
    enter_state(pmd, VSW_PMD_RECEIVE);
}

void
vsw_pmd_release(struct vsw_pmd *pmd, const struct vsw_pkt *pkt)
{
    bool is_page = pmd->pool == &pmd->pools[VSW_PMD_PAGES];

    vsw_unit_charge(vsw_pmd_unit(pmd), VSW_ACCOUNT_BUFFER,
                    is_page ? VSW_COST_PAGE : VSW_COST_MBUF,
                    vsw_pmd_n_bufs(pmd, pkt));
    vsw_bufpool_put(&pmd->pool->bufs, pkt->buf);
}

void
vsw_pmd_discard(struct vsw_pmd *pmd, uint32_t pkt)
{
    vsw_pmd_release(pmd, &pmd->sw->pkts->pkts[pkt]);
}

static void
discard(struct vsw_pmd *pmd, uint32_t pkt, enum vsw_drop drop)
{
    receive_ops_of(pmd)->discard(pmd, pkt);
    vsw_pkt_drop(pmd->sw->pkts, vsw_pmd_unit(pmd), pkt, drop);
}

void
vsw_pmd_route(struct vsw_pmd *pmd, uint32_t i, uint32_t port)
{
    if (pmd->first[port] == VSW_NONE) {
        pmd->first[port] = i;
        pmd->ports[pmd->n_ports++] = port;
    } else {
        pmd->burst[pmd->last[port]].next = i;
    }
    pmd->last[port] = i;
}

void
vsw_pmd_drop(struct vsw_pmd *pmd, uint32_t i, enum vsw_drop why)
{
    discard(pmd, pmd->burst[i].pkt, why);
}

/* Chooses what goes to the next port: as much as its ring has descriptors
 * for, as seen now; the rest is lost. */
static void
begin_send(struct vsw_pmd *pmd)
{
    const struct vsw_pkt *pkts = pmd->sw->pkts->pkts;
    uint32_t port = pmd->ports[pmd->at_port];
    uint32_t i = pmd->first[port];
    struct vsw_pmd_pkt *out = pmd->out;
    struct vsw_queue *queue;
    uint32_t left;

    queue = vsw_switch_queue(pmd->sw, port,
                             queue_at(pmd, pmd->in_queue)->index
                                 % pmd->sw->ports[port].n_queues);
    vsw_sim_expect_sync(vsw_pmd_unit(pmd));
    left = vsw_ring_credits(&queue->rx, vsw_pmd_unit(pmd)->sync_ps);
    pmd->queue = queue;
    pmd->first[port] = VSW_NONE;
    for (; i != VSW_NONE; i = pmd->burst[i].next) {
        uint32_t pkt = pmd->burst[i].pkt;
        uint32_t n_slots = vsw_queue_n_slots(queue, pkts[pkt].frame_bytes);

        if (n_slots > left) {
            discard(pmd, pkt, send_ops_of(pmd, &pmd->sw->ports[port])->full);
            continue;
        }
        left -= n_slots;
        out->pkt = pkt;
        out->slot = vsw_ring_fill(&queue->rx, pkt, n_slots);
        out->n_slots = n_slots;
        out++;
    }
    pmd->n_out = (uint32_t) (out - pmd->out);
    enter_state(pmd, VSW_PMD_SEND);
    if (pmd->n_out > 0) {
        vsw_switch_count_batch(&pmd->sw->send, vsw_pmd_unit(pmd),
                               pmd->n_out);
    }
}

/* Does the stage at hand.  Returns true when it is finished and the next one
 * may begin, which it does at sync. */
static bool
do_stage(struct vsw_pmd *pmd)
{
    struct vsw_unit *unit = vsw_pmd_unit(pmd);
    const struct vsw_pmd_port_ops *ops;

    switch (pmd->state) {
    case VSW_PMD_SCAN:
        begin_receive(pmd);
        return true;
    case VSW_PMD_RECEIVE:
        vsw_unit_enter(unit, pmd->sw->domain, VSW_STAGE_RECEIVE);
        ops = receive_ops_of(pmd);
        if (!run_phases(pmd, ops->receive, ops->n_receive)) {
            return false;
        }
        enter_state(pmd, VSW_PMD_SWITCH);
        pmd->n_ports = 0;
        pmd->at_port = 0;
        return true;
    case VSW_PMD_SWITCH:
        vsw_unit_enter(unit, pmd->sw->domain, VSW_STAGE_SWITCH);
        if (!run_phases(pmd, pmd->decider->phases,
                        pmd->decider->n_phases)) {
            return false;
        }
        enter_state(pmd, pmd->n_ports ? VSW_PMD_SEND_BEGIN : VSW_PMD_SCAN);
        return true;
    case VSW_PMD_SEND_BEGIN:
        vsw_unit_enter(unit, pmd->sw->domain, VSW_STAGE_SEND);
        if (!vsw_unit_at_sync(unit)) {
            return false;
        }
        begin_send(pmd);
        return true;
    case VSW_PMD_SEND:
        vsw_unit_enter(unit, pmd->sw->domain, VSW_STAGE_SEND);
        ops = send_ops_of(pmd, port_of(pmd, pmd->queue));
        if (pmd->n_out > 0 && !run_phases(pmd, ops->send, ops->n_send)) {
            return false;
        }
        pmd->at_port++;
        enter_state(pmd, pmd->at_port < pmd->n_ports ? VSW_PMD_SEND_BEGIN
                                                     : VSW_PMD_SCAN);
        return true;
    }
    return false;
}

static void
pmd_work(void *owner, struct vsw_worker *worker)
{
    struct vsw_pmd *pmd = owner;

    (void) worker;
    do {
        if (!do_stage(pmd)) {
            vsw_worker_go_on(&pmd->worker);
            return;
        }
    } while (pmd->state != VSW_PMD_SCAN);
}
