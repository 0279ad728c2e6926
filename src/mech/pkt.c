#include <vswsim/pkt.h>

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

int
vsw_pkts_init(struct vsw_pkts *pkts, uint32_t n_pkts,
              const struct vsw_workload *workload,
              struct vsw_outcome *outcome)
{
    memset(pkts, 0, sizeof *pkts);
    pkts->pkts = calloc(n_pkts, sizeof *pkts->pkts);
    if (!pkts->pkts) {
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < n_pkts; i++) {
        pkts->pkts[i].next_free = i + 1 < n_pkts ? i + 1 : VSW_NONE;
    }
    pkts->n_pkts = n_pkts;
    pkts->workload = workload;
    pkts->outcome = outcome;
    return 0;
}

void
vsw_pkts_fini(struct vsw_pkts *pkts)
{
    free(pkts->pkts);
    memset(pkts, 0, sizeof *pkts);
}

static void
count_dropped(struct vsw_pkts *pkts, const struct vsw_unit *unit,
              uint32_t flow_id, uint32_t frame_bytes, enum vsw_drop drop)
{
    struct vsw_outcome_class *class_ = vsw_pkt_class(pkts, unit, flow_id);

    if (class_) {
        vsw_tally_add(&class_->dropped, frame_bytes);
    }
    vsw_tally_add(&pkts->outcome->dropped[drop], frame_bytes);
    if (vsw_unit_in_window(unit)) {
        vsw_tally_add(&pkts->outcome->window_dropped, frame_bytes);
    }
}

uint32_t
vsw_pkt_cut(struct vsw_pkts *pkts, uint32_t id)
{
    struct vsw_pkt *rest = &pkts->pkts[id];
    uint32_t seg_bytes = rest->l4.seg_bytes;
    uint32_t header_bytes = rest->frame_bytes - rest->l4.payload_bytes;
    uint32_t first = pkts->free;
    struct vsw_pkt *pkt = &pkts->pkts[first];

    assert(vsw_pkt_is_long(rest) && first != VSW_NONE);
    pkts->free = pkt->next_free;
    pkts->n_in_flight++;
    *pkt = *rest;
    pkt->buf = VSW_NONE;
    pkt->frame_bytes = header_bytes + seg_bytes;
    pkt->l4.payload_bytes = seg_bytes;
    pkt->l4.flags &= (uint8_t) ~(VSW_TCP_PSH | VSW_TCP_FIN);
    rest->frame_bytes -= seg_bytes;
    rest->l4.payload_bytes -= seg_bytes;
    rest->l4.seq += seg_bytes;
    vsw_tally_add(&pkts->outcome->cloned, header_bytes);
    return first;
}

uint32_t
vsw_pkt_clone(struct vsw_pkts *pkts, uint32_t id)
{
    uint32_t clone = pkts->free;
    uint32_t next_free;

    assert(clone != VSW_NONE);
    next_free = pkts->pkts[clone].next_free;
    pkts->pkts[clone] = pkts->pkts[id];
    pkts->pkts[clone].buf = VSW_NONE;
    pkts->free = next_free;
    pkts->n_in_flight++;
    vsw_tally_add(&pkts->outcome->cloned, pkts->pkts[id].frame_bytes);
    return clone;
}

bool
vsw_pkt_may_join(const struct vsw_pkt *pkt, const struct vsw_pkt *next,
                 uint32_t max_bytes)
{
    const struct vsw_l4 *a = &pkt->l4;
    const struct vsw_l4 *b = &next->l4;

    return pkt->flow_id == next->flow_id && a->proto == VSW_L4_TCP
           && b->proto == VSW_L4_TCP && a->flags == VSW_TCP_ACK
           && a->seg_bytes > 0 && a->payload_bytes > 0
           && a->payload_bytes % a->seg_bytes == 0 && b->payload_bytes > 0
           && b->payload_bytes <= a->seg_bytes && !(b->flags & VSW_TCP_SYN)
           && b->seq == a->seq + a->payload_bytes && b->ack == a->ack
           && a->payload_bytes + b->payload_bytes <= max_bytes;
}

void
vsw_pkt_join(struct vsw_pkts *pkts, uint32_t *buf_next, uint32_t last,
             uint32_t id, uint32_t next)
{
    struct vsw_pkt *pkt = &pkts->pkts[id];
    const struct vsw_pkt *end = &pkts->pkts[next];
    uint32_t payload_bytes = end->l4.payload_bytes;

    buf_next[last] = end->buf;
    pkt->frame_bytes += payload_bytes;
    pkt->l4.payload_bytes += payload_bytes;
    pkt->l4.flags |= end->l4.flags;
    pkt->l4.window_bytes = end->l4.window_bytes;
    vsw_tally_add(&pkts->outcome->absorbed, end->frame_bytes - payload_bytes);
    vsw_pkt_free(pkts, next);
}

void
vsw_pkt_drop(struct vsw_pkts *pkts, const struct vsw_unit *unit, uint32_t id,
             enum vsw_drop drop)
{
    if (pkts->observer && pkts->observer->dropped) {
        pkts->observer->dropped(pkts->observer->aux, pkts, unit, id, drop);
    }
    count_dropped(pkts, unit, pkts->pkts[id].flow_id,
                  pkts->pkts[id].frame_bytes, drop);
    vsw_pkt_free(pkts, id);
}

void
vsw_pkt_refuse(struct vsw_pkts *pkts, const struct vsw_unit *unit,
               uint32_t flow_id, uint32_t in_port, uint32_t frame_bytes,
               enum vsw_drop drop)
{
    if (pkts->observer && pkts->observer->refused) {
        const struct vsw_pkt pkt = {
            .born_ps = unit->local_ps, .frame_bytes = frame_bytes,
            .flow_id = flow_id, .in_port = in_port, .buf = VSW_NONE,
        };

        pkts->observer->refused(pkts->observer->aux, pkts, unit, &pkt, drop);
    }
    vsw_pkt_count_created(pkts, unit, flow_id, in_port, frame_bytes);
    count_dropped(pkts, unit, flow_id, frame_bytes, drop);
}

static void
add(struct vsw_tally *sum, const struct vsw_tally *t)
{
    sum->n_pkts += t->n_pkts;
    sum->n_bytes += t->n_bytes;
}

static void
add_ports(struct vsw_pkts *pkts)
{
    struct vsw_outcome *outcome = pkts->outcome;

    outcome->window_offered = (struct vsw_tally) {0};
    outcome->window_delivered = (struct vsw_tally) {0};
    for (uint32_t i = 0; i < outcome->n_ports; i++) {
        add(&outcome->window_offered, &outcome->port_offered[i]);
        add(&outcome->window_delivered, &outcome->port_delivered[i]);
    }
}

/* Counts the packets that are not on the free list, which has no end if one
 * was freed twice. */
static void
count_in_flight(struct vsw_pkts *pkts)
{
    uint32_t id = pkts->free;

    for (uint32_t n = 0; n < pkts->n_pkts && id != VSW_NONE; n++) {
        pkts->pkts[id].frame_bytes = 0;
        id = pkts->pkts[id].next_free;
    }
    pkts->outcome->in_flight = (struct vsw_tally) {0};
    for (uint32_t i = 0; i < pkts->n_pkts; i++) {
        if (pkts->pkts[i].frame_bytes > 0) {
            vsw_tally_add(&pkts->outcome->in_flight,
                          pkts->pkts[i].frame_bytes);
        }
    }
}

int
vsw_pkts_check(struct vsw_pkts *pkts, struct vsw_error *err)
{
    struct vsw_outcome *outcome = pkts->outcome;
    struct vsw_tally in = outcome->created;
    struct vsw_tally out = outcome->delivered;

    add_ports(pkts);
    count_in_flight(pkts);
    add(&in, &outcome->cloned);
    add(&out, &outcome->absorbed);
    add(&out, &outcome->in_flight);
    for (int i = 0; i < VSW_N_DROPS; i++) {
        add(&out, &outcome->dropped[i]);
    }
    if (in.n_pkts == out.n_pkts && in.n_bytes == out.n_bytes) {
        return 0;
    }
    return vsw_error_set(err, VSW_ERROR_INTERNAL, -EPROTO,
                         "packets are not conserved: %" PRIu64
                         " created or cloned, but %" PRIu64
                         " delivered, absorbed, dropped or in flight",
                         in.n_pkts, out.n_pkts);
}
