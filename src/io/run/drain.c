#include "io/run/drain.h"

#include <vswsim/unit.h>

#include "io/config/config_keys.h"
#include "io/run/search.h"

#define PS_PER_S  UINT64_C(1000000000000)
#define PS_PER_US UINT64_C(1000000)
#define PS_PER_NS UINT64_C(1000)

struct times {
    uint64_t created_ps;        /* Of the last packet. */
    uint64_t left_ps;           /* When the last one did. */
};

static void
note_created(void *aux, const struct vsw_pkts *pkts,
             const struct vsw_unit *unit, uint32_t id)
{
    struct times *times = aux;

    (void) pkts, (void) id;
    if (unit->local_ps > times->created_ps) {
        times->created_ps = unit->local_ps;
    }
}

static void
note_left(struct times *times, const struct vsw_unit *unit)
{
    if (unit->local_ps > times->left_ps) {
        times->left_ps = unit->local_ps;
    }
}

static void
note_delivered(void *aux, const struct vsw_pkts *pkts,
               const struct vsw_unit *unit, uint32_t id, uint32_t port)
{
    (void) pkts, (void) id, (void) port;
    note_left(aux, unit);
}

static void
note_dropped(void *aux, const struct vsw_pkts *pkts,
             const struct vsw_unit *unit, uint32_t id, enum vsw_drop drop)
{
    (void) pkts, (void) id, (void) drop;
    note_left(aux, unit);
}

/* Never, if it is longer than a run can be. */
static uint64_t
scaled_ps(uint64_t span_ns, double time_scale)
{
    double ps = (double) span_ns * time_scale * (double) PS_PER_NS;

    return ps < (double) (UINT64_MAX / 4) ? (uint64_t) ps : UINT64_MAX / 4;
}

/* Without a packet for longer than this, all sources are at their end. */
static uint64_t
longest_gap_ps(const struct vsw_config *config,
               const struct vsw_workload *workload)
{
    const struct vsw_config_traffic *t = &config->traffic;
    uint64_t n_sources = (uint64_t) config->guests.n * config->guests.n_cpus
                         + config->wires.n;

    switch (t->pacing) {
    case VSW_PACING_RECORDED:
        return workload->span_ns * PS_PER_NS;
    case VSW_PACING_SCALED:
        return scaled_ps(workload->span_ns, t->time_scale);
    case VSW_PACING_FIXED:
        return n_sources * 2 * config->guests.burst_pkts * PS_PER_S
               / t->rate_pps;
    default:
        return 0;
    }
}

/* Whether the trace was over in a run of 'config'.  A source that sends as
 * fast as it can may also wait for room, so that there nothing may be left
 * inside. */
static bool
is_over(const struct vsw_config *config, const struct vsw_workload *workload,
        const struct vsw_outcome *outcome, const struct times *times)
{
    uint64_t end_ps = config->run.duration_us * PS_PER_US;

    return times->created_ps + longest_gap_ps(config, workload) < end_ps
           && (config->traffic.pacing != VSW_PACING_SATURATE
               || outcome->in_flight.n_pkts == 0);
}

static bool
may_end(const struct vsw_config *config, const struct vsw_simulate_how *how)
{
    return config->traffic.n_loops > 0 && !vsw_config_has_dialogs(config)
           && config->search.kind == VSW_SEARCH_NONE && !how->observer;
}

int
vsw_drain(struct vsw_outcome **outcome, const struct vsw_config *config,
          const struct vsw_workload *workload,
          const struct vsw_simulate_how *how, struct vsw_error *err)
{
    struct times times = {0, 0};
    const struct vsw_observer observer = {
        .aux = &times, .created = note_created,
        .delivered = note_delivered, .dropped = note_dropped,
    };
    struct vsw_simulate_how again = *how;
    int error;

    if (!may_end(config, how)) {
        return vsw_search(outcome, config, workload, how, err);
    }
    again.observer = &observer;
    error = vsw_simulate(outcome, config, workload, &again, err);
    if (error || !is_over(config, workload, *outcome, &times)
        || times.left_ps <= config->run.warmup_us * PS_PER_US
        || times.left_ps >= config->run.duration_us * PS_PER_US) {
        return error;
    }
    vsw_outcome_free(*outcome);
    again = *how;
    again.end_ps = times.left_ps + 1;
    return vsw_simulate(outcome, config, workload, &again, err);
}
