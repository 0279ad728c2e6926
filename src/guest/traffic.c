#include <vswsim/traffic.h>

#define PS_PER_NS 1000u

/* Most records that a random offset skips: walking there takes time. */
#define MAX_OFFSET 4096u

static bool
by_trace_time(const struct vsw_traffic *traffic)
{
    return traffic->setup.pacing == VSW_PACING_RECORDED
           || traffic->setup.pacing == VSW_PACING_SCALED;
}

/* A recorded source shares its port's records with the port's other queues;
 * all packets of a flow go the same way. */
static bool
is_mine(const struct vsw_traffic *traffic, uint32_t rec)
{
    const struct vsw_traffic_setup *setup = &traffic->setup;
    uint32_t flow = setup->workload->recs[rec].flow_id;

    return !by_trace_time(traffic)
           || flow % setup->n_queues == setup->queue;
}

static uint32_t
first_on_port(const struct vsw_traffic *traffic)
{
    const struct vsw_traffic_setup *setup = &traffic->setup;

    return setup->workload->ports[setup->port].first_rec;
}

static uint64_t
scaled_ps(uint64_t ps, uint64_t scale)
{
    uint64_t high = ps >> VSW_TIME_SCALE_BITS;
    uint64_t low = ps & ((1u << VSW_TIME_SCALE_BITS) - 1);

    return high * scale + (low * scale >> VSW_TIME_SCALE_BITS);
}

/* When record 'rec' leaves in the current round. */
static uint64_t
recorded_ps(const struct vsw_traffic *traffic, uint32_t rec)
{
    const struct vsw_workload *workload = traffic->setup.workload;
    uint64_t ns = workload->recs[rec].time_ns
                  + traffic->n_rounds * workload->span_ns;

    return traffic->start_ps
           + scaled_ps(ns * PS_PER_NS, traffic->setup.time_scale);
}

static void
describe(struct vsw_traffic *traffic)
{
    const struct vsw_traffic_setup *setup = &traffic->setup;

    if (traffic->rec == VSW_NONE) {
        return;
    }
    vsw_traffic_take(traffic, traffic->rec);
    if (by_trace_time(traffic)) {
        traffic->due_ps = recorded_ps(traffic, traffic->rec);
    } else if (setup->pacing == VSW_PACING_FIXED) {
        uint64_t n_before = traffic->n_sent
                            - traffic->n_sent % setup->burst_pkts;

        traffic->due_ps = traffic->start_ps + n_before * setup->gap_ps;
    } else {
        traffic->due_ps = 0;
    }
}

/* The next record of the port after 'rec', or the first of another round. */
static uint32_t
step(struct vsw_traffic *traffic, uint32_t rec)
{
    uint32_t next = traffic->setup.workload->recs[rec].next_on_port;
    uint32_t end = by_trace_time(traffic) ? VSW_NONE : traffic->first_rec;

    if (next == VSW_NONE && end != VSW_NONE) {
        next = first_on_port(traffic);
    }
    if (next == end) {
        traffic->n_rounds++;
        if (traffic->n_rounds == traffic->setup.n_loops) {
            return VSW_NONE;
        }
        next = traffic->first_rec;
    }
    return next;
}

void
vsw_traffic_next_any(struct vsw_traffic *traffic)
{
    traffic->n_sent++;
    do {
        traffic->rec = step(traffic, traffic->rec);
    } while (traffic->rec != VSW_NONE && !is_mine(traffic, traffic->rec));
    if (traffic->rec == VSW_NONE && traffic->setup.n_open) {
        --*traffic->setup.n_open;
    }
    describe(traffic);
}

/* Whether the queue has any record of its own. */
static bool
has_records(const struct vsw_traffic *traffic)
{
    uint32_t rec = first_on_port(traffic);

    while (rec != VSW_NONE && !is_mine(traffic, rec)) {
        rec = traffic->setup.workload->recs[rec].next_on_port;
    }
    return rec != VSW_NONE;
}

void
vsw_traffic_init(struct vsw_traffic *traffic,
                 const struct vsw_traffic_setup *setup, uint64_t start_ps,
                 struct vsw_random *offset)
{
    uint32_t n_recs = setup->workload->ports[setup->port].n_recs;
    uint32_t rec;

    *traffic = (struct vsw_traffic) {
        .setup = *setup,
        .rec = VSW_NONE,
        .start_ps = start_ps,
    };
    rec = first_on_port(traffic);
    if (!has_records(traffic)) {
        return;
    }
    if (!by_trace_time(traffic)) {
        uint32_t limit = n_recs < MAX_OFFSET ? n_recs : MAX_OFFSET;

        for (uint64_t n = vsw_random_below(offset, limit); n > 0; n--) {
            rec = setup->workload->recs[rec].next_on_port;
        }
    }
    while (!is_mine(traffic, rec)) {
        rec = setup->workload->recs[rec].next_on_port;
    }
    traffic->first_rec = rec;
    traffic->rec = rec;
    if (setup->n_open) {
        ++*setup->n_open;
    }
    describe(traffic);
}
