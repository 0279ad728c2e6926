#include <vswsim/pkt.h>

#include <assert.h>
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
tally(struct vsw_tally *t, uint32_t frame_bytes)
{
    t->n_pkts++;
    t->n_bytes += frame_bytes;
}

/* True if what 'unit' does at its local time is measured. */
static bool
in_window(const struct vsw_unit *unit)
{
    return unit->local_ps >= unit->window_start_ps
           && unit->local_ps < unit->window_end_ps;
}

static void
count_created(struct vsw_pkts *pkts, const struct vsw_unit *unit,
              uint32_t in_port, uint32_t frame_bytes)
{
    tally(&pkts->outcome->created, frame_bytes);
    if (in_window(unit)) {
        tally(&pkts->outcome->window_offered, frame_bytes);
        tally(&pkts->outcome->port_offered[in_port], frame_bytes);
    }
}

static void
count_dropped(struct vsw_pkts *pkts, const struct vsw_unit *unit,
              uint32_t frame_bytes, enum vsw_drop drop)
{
    tally(&pkts->outcome->dropped[drop], frame_bytes);
    if (in_window(unit)) {
        tally(&pkts->outcome->window_dropped, frame_bytes);
    }
}

uint32_t
vsw_pkt_create(struct vsw_pkts *pkts, const struct vsw_unit *unit,
               uint32_t flow_id, uint32_t in_port, uint32_t frame_bytes,
               uint64_t born_ps)
{
    uint32_t id = pkts->free;
    struct vsw_pkt *pkt = &pkts->pkts[id];

    assert(id != VSW_NONE);
    pkts->free = pkt->next_free;
    pkt->born_ps = born_ps;
    pkt->frame_bytes = frame_bytes;
    pkt->flow_id = flow_id;
    pkt->buf = VSW_NONE;
    pkt->in_port = in_port;
    pkts->n_in_flight++;
    pkts->n_bytes_in_flight += frame_bytes;
    count_created(pkts, unit, in_port, frame_bytes);
    return id;
}

static void
release(struct vsw_pkts *pkts, uint32_t id)
{
    struct vsw_pkt *pkt = &pkts->pkts[id];

    pkts->n_in_flight--;
    pkts->n_bytes_in_flight -= pkt->frame_bytes;
    pkt->next_free = pkts->free;
    pkts->free = id;
}

void
vsw_pkt_deliver(struct vsw_pkts *pkts, const struct vsw_unit *unit,
                uint32_t id, uint32_t port)
{
    struct vsw_outcome *outcome = pkts->outcome;
    const struct vsw_pkt *pkt = &pkts->pkts[id];

    tally(&outcome->delivered, pkt->frame_bytes);
    if (in_window(unit)) {
        tally(&outcome->window_delivered, pkt->frame_bytes);
        tally(&outcome->port_delivered[port], pkt->frame_bytes);
        vsw_histogram_add(outcome->latency_ps,
                          unit->local_ps - pkt->born_ps);
    }
    release(pkts, id);
}

void
vsw_pkt_drop(struct vsw_pkts *pkts, const struct vsw_unit *unit, uint32_t id,
             enum vsw_drop drop)
{
    count_dropped(pkts, unit, pkts->pkts[id].frame_bytes, drop);
    release(pkts, id);
}

void
vsw_pkt_refuse(struct vsw_pkts *pkts, const struct vsw_unit *unit,
               uint32_t in_port, uint32_t frame_bytes, enum vsw_drop drop)
{
    count_created(pkts, unit, in_port, frame_bytes);
    count_dropped(pkts, unit, frame_bytes, drop);
}

static void
add(struct vsw_tally *sum, const struct vsw_tally *t)
{
    sum->n_pkts += t->n_pkts;
    sum->n_bytes += t->n_bytes;
}

int
vsw_pkts_check(const struct vsw_pkts *pkts, struct vsw_error *err)
{
    struct vsw_outcome *outcome = pkts->outcome;
    struct vsw_tally in = outcome->created;
    struct vsw_tally out = outcome->delivered;

    outcome->in_flight.n_pkts = pkts->n_in_flight;
    outcome->in_flight.n_bytes = pkts->n_bytes_in_flight;
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
