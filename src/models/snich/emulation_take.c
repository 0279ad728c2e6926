/* What the emulation core takes from guests and from the control plane. */
#include <vswsim/buf_mem.h>
#include <vswsim/mem.h>

#include "core/account.h"
#include "core/cost.h"
#include "mech/copy_step.h"
#include "models/snich/emulation_impl.h"

void
snich_leave(struct snich_emulation *e, const struct snich_taken *t,
            uint32_t buf)
{
    if (t->queue == VSW_NONE) {
        vsw_control_plane_release(e->control, buf);
    } else {
        vsw_tx_window_done(&e->vnics[t->queue].window, t->slot, t->n_slots);
        e->vnics[t->queue].freed = true;
    }
}

void
snich_lose(struct snich_emulation *e, const struct snich_taken *t,
           enum vsw_drop drop)
{
    snich_leave(e, t, snich_pkt(e, t->pkt)->buf);
    vsw_pkt_drop(e->sw->pkts, snich_unit(e), t->pkt, drop);
}

/* Copies the headers and looks the flow up.  False: it has no rule. */
static bool
look_up(struct snich_emulation *e, const struct vsw_pkt *pkt,
        struct vsw_rule *rule)
{
    struct vsw_unit *unit = snich_unit(e);
    uint32_t n_bytes = vsw_pkt_data_bytes(pkt);
    struct vsw_flowkey key;

    if (n_bytes > e->setup.header_bytes) {
        n_bytes = e->setup.header_bytes;
    }
    vsw_unit_spend(unit, VSW_ACCOUNT_COPY,
                   vsw_unit_cost_ps(unit, VSW_COST_COPY_BYTE, n_bytes)
                       + vsw_unit_cost_ps(unit, VSW_COST_COPY_CALL, 1));
    vsw_buf_access(unit, VSW_ACCOUNT_COPY, &e->sw->bufs, pkt->buf, 0,
                   n_bytes, VSW_MEM_READ);
    vsw_unit_enter(unit, e->sw->domain, VSW_STAGE_SWITCH);
    vsw_unit_charge(unit, VSW_ACCOUNT_EXTRACT, VSW_COST_FLOW_EXTRACT, 1);
    vsw_flowkey_extract(&key, e->sw->bufs.headers[pkt->buf], n_bytes,
                        (uint16_t) pkt->in_port, &unit->memobs);
    vsw_unit_charge(unit, VSW_ACCOUNT_HASH, VSW_COST_HASH_SOFT, 1);
    vsw_unit_charge(unit, VSW_ACCOUNT_FLOW_LOOKUP, VSW_COST_EMC_LOOKUP, 1);
    return vsw_nic_rules_lookup(e->rules, &key, rule, &unit->memobs);
}

/* The packet will be copied to the control plane, if that has room. */
static void
begin_asking(struct snich_emulation *e, const struct snich_taken *t)
{
    if (!vsw_control_plane_admit(e->control, snich_unit(e), t->pkt)) {
        snich_lose(e, t, VSW_DROP_NO_BUFFER);
        return;
    }
    e->asked = *t;
    e->asking = true;
    e->n_done_bytes = 0;
}

/* Copies the next step; then the slot is free.  Where the control plane puts
 * it is not known before the end, so caches have no part in it. */
static void
ask(struct snich_emulation *e)
{
    struct vsw_unit *unit = snich_unit(e);
    const struct snich_taken *t = &e->asked;
    uint32_t buf = snich_pkt(e, t->pkt)->buf;
    uint32_t left = vsw_pkt_data_bytes(snich_pkt(e, t->pkt))
                    - e->n_done_bytes;
    uint32_t step = left < COPY_STEP_BYTES ? left : COPY_STEP_BYTES;
    uint32_t n_calls = e->n_done_bytes == 0;

    vsw_unit_enter(unit, e->sw->domain, VSW_STAGE_SWITCH);
    vsw_unit_spend(unit, VSW_ACCOUNT_COPY,
                   vsw_mem_flat_cost_ps(unit, VSW_COST_COPY_BYTE, step)
                       + vsw_mem_flat_cost_ps(unit, VSW_COST_COPY_CALL,
                                              n_calls));
    e->n_done_bytes += step;
    if (step == left) {
        vsw_control_plane_take(e->control, unit, t->pkt, false);
        snich_leave(e, t, buf);
        e->asking = false;
    }
}

static bool
class_is_full(const struct snich_emulation *e, const struct snich_class *c)
{
    return c->tail - c->head > e->class_mask;
}

static void
sort_out(struct snich_emulation *e, struct snich_taken *t,
         const struct vsw_rule *rule)
{
    uint32_t number = rule->qos_class < e->setup.n_classes
                          ? rule->qos_class
                          : e->setup.n_classes - 1;
    struct snich_class *c = &e->classes[number];

    if (rule->negative) {
        snich_lose(e, t, VSW_DROP_DENIED);
    } else if (rule->port >= e->sw->n_ports
               || rule->port == snich_pkt(e, t->pkt)->in_port) {
        snich_lose(e, t, VSW_DROP_NO_ROUTE);
    } else if (class_is_full(e, c)) {
        snich_lose(e, t, VSW_DROP_FIFO_FULL);
    } else {
        t->port = rule->port;
        c->taken[c->tail++ & e->class_mask] = *t;
    }
}

static void
take_one(struct snich_emulation *e)
{
    struct vsw_unit *unit = snich_unit(e);
    bool is_guest = e->at < e->n_vnics;
    struct snich_taken t = {.queue = is_guest ? e->at : VSW_NONE};
    struct vsw_rule rule;

    vsw_unit_enter(unit, e->sw->domain, VSW_STAGE_RECEIVE);
    t.pkt = vsw_ring_pop(e->sources[e->at].ring, &t.slot, &t.n_slots);
    e->n_taken++;
    e->n_more -= t.n_slots;
    if (is_guest) {
        vsw_unit_charge(unit, VSW_ACCOUNT_VRING_DESC, VSW_COST_VRING_DESC,
                        t.n_slots);
        vsw_ring_mem_desc(unit, VSW_ACCOUNT_VRING_DESC,
                          &e->vnics[e->at].queue->tx_mem, t.slot, t.n_slots,
                          VSW_MEM_READ);
    } else {
        vsw_ring_free(&e->control->again, unit->local_ps);
    }
    if (look_up(e, snich_pkt(e, t.pkt), &rule)) {
        sort_out(e, &t, &rule);
    } else {
        begin_asking(e, &t);
    }
}

/* Goes to source 'at', at sync, and sees what has gathered there. */
static void
visit(struct snich_emulation *e)
{
    struct vsw_unit *unit = snich_unit(e);
    struct vsw_ring *ring = e->sources[e->at].ring;
    uint32_t n = vsw_ring_visible(ring, unit->sync_ps);

    vsw_unit_enter(unit, e->sw->domain, VSW_STAGE_RECEIVE);
    vsw_unit_charge(unit, VSW_ACCOUNT_VRING_AVAIL,
                    n ? VSW_COST_VRING_AVAIL : VSW_COST_VRING_EMPTY, 1);
    if (e->at < e->n_vnics) {
        vsw_ring_mem_avail(unit, VSW_ACCOUNT_VRING_AVAIL,
                           &e->vnics[e->at].queue->tx_mem,
                           ring->popped & ring->mask,
                           n < e->setup.burst_pkts ? n : e->setup.burst_pkts,
                           VSW_MEM_READ);
    }
    e->visiting = true;
    e->n_taken = 0;
    e->n_more = n;
}

static bool
may_take(const struct snich_emulation *e)
{
    const struct vsw_ring *ring = e->sources[e->at].ring;

    /* A packet may have more slots than one. */
    return e->n_taken < e->setup.burst_pkts && e->n_more > 0
           && ring->fills.seen != ring->popped;
}

bool
snich_take(struct snich_emulation *e)
{
    for (; e->n_left > 0; e->n_left--) {
        if (!e->visiting) {
            if (!vsw_unit_at_sync(snich_unit(e))) {
                return false;
            }
            visit(e);
        }
        while (e->asking || may_take(e)) {
            if (vsw_worker_quantum_over(&e->worker)) {
                return false;
            }
            if (e->asking) {
                ask(e);
            } else {
                take_one(e);
            }
        }
        if (e->n_taken > 0) {
            vsw_switch_count_batch(&e->sw->receive, snich_unit(e), e->n_taken);
        }
        e->visiting = false;
        e->at = (e->at + 1) % (e->n_vnics + 1);
    }
    return true;
}
