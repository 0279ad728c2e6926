#include "synthetic.h"

#include <stdlib.h>
#include <string.h>

#define WINDOW_PS UINT64_C(1000000000)

static void
charge(struct synthetic_outcome *s, uint32_t i, uint32_t unit,
       const char *domain, const char *stage, const char *account,
       uint64_t busy_ps)
{
    s->charges[i] = (struct vsw_outcome_charge) {
        .unit = unit, .stage = stage, .account = account,
        .busy_ps = busy_ps, .n_charges = s->outcome.window_delivered.n_pkts,
    };
    strcpy(s->charges[i].domain, domain);
    s->units[unit].busy_ps += busy_ps;
    if (!strcmp(account, "poll")) {
        s->units[unit].poll_ps += busy_ps;
    }
}

static void
fill_ledger(struct synthetic_outcome *s, uint64_t n, uint32_t frame_bytes)
{
    uint64_t copy_ps = n * (20000 + frame_bytes * UINT64_C(1000) / 32);

    charge(s, 0, 0, "host", "receive", "vring_avail", n * 10000);
    charge(s, 1, 0, "host", "receive", "copy", copy_ps);
    charge(s, 2, 0, "host", "switch", "switch", n * 5000);
    charge(s, 3, 0, "host", "send", "copy", copy_ps);
    charge(s, 4, 0, "host", "send", "vring_used", n * 4000);
    charge(s, 5, 0, "host", "-", "poll", WINDOW_PS - s->units[0].busy_ps);
    charge(s, 6, 1, "guest0", "-", "driver", n / 2 * 25000);
    charge(s, 7, 1, "host", "-", "vm_exit", n * 1000);
    charge(s, 8, 2, "guest1", "-", "driver", n / 2 * 25000);
    for (uint32_t i = 0; i < 3; i++) {
        s->units[i].idle_ps = WINDOW_PS - s->units[i].busy_ps;
    }
}

static void
fill_tallies(struct synthetic_outcome *s, uint64_t n_pkts, uint64_t n_drops,
             uint32_t frame_bytes)
{
    struct vsw_outcome *o = &s->outcome;
    struct vsw_tally delivered = {n_pkts, n_pkts * frame_bytes};
    struct vsw_tally dropped = {n_drops, n_drops * frame_bytes};
    struct vsw_tally offered = {n_pkts + n_drops,
                                (n_pkts + n_drops) * frame_bytes};

    o->created = o->window_offered = offered;
    o->delivered = o->window_delivered = delivered;
    o->dropped[VSW_DROP_RX_RING_FULL] = o->window_dropped = dropped;
    for (uint32_t port = 0; port < 2; port++) {
        s->delivered[port].n_pkts = n_pkts / 2;
        s->delivered[port].n_bytes = n_pkts / 2 * frame_bytes;
        s->offered[port] = s->delivered[port];
    }
}

static void
fill_lists(struct synthetic_outcome *s)
{
    s->units[0] = (struct vsw_outcome_unit) {"cpu0", "switch", 0, 0, 0};
    s->units[1] = (struct vsw_outcome_unit) {"cpu1", "guest", 0, 0, 0};
    s->units[2] = (struct vsw_outcome_unit) {"cpu2", "guest", 0, 0, 0};
    s->receive_counts[2] = 30;
    s->receive_counts[4] = 10;
    s->send_counts[1] = 7;
    s->batches[0] = (struct vsw_outcome_batch)
                    {"receive", s->receive_counts, 5};
    s->batches[1] = (struct vsw_outcome_batch) {"send", s->send_counts, 5};
    s->counters[0] = (struct vsw_outcome_counter)
                     {"copies", "1", 2 * s->outcome.window_delivered.n_pkts,
                      false};
    s->memory[0] = (struct vsw_outcome_memory) {"mbuf_pool", 2 << 20};
    s->memory[1] = (struct vsw_outcome_memory) {"rings", 1 << 16};
}

void
synthetic_outcome_init(struct synthetic_outcome *s, uint64_t n_pkts,
                       uint64_t n_drops, uint32_t frame_bytes)
{
    memset(s, 0, sizeof *s);
    s->outcome = (struct vsw_outcome) {
        .window_ps = WINDOW_PS, .tsc_hz = UINT64_C(2500000000),
        .port_delivered = s->delivered, .port_offered = s->offered,
        .n_ports = 2, .latency_ps = &s->latency_ps,
        .units = s->units, .n_units = 3,
        .charges = s->charges, .n_charges = SYNTHETIC_N_CHARGES,
        .batches = s->batches, .n_batches = 2,
        .counters = s->counters, .n_counters = 1,
        .memory = s->memory, .n_memory = 2,
        .n_calls = 1000, .lateness_max_ps = 5,
    };
    fill_tallies(s, n_pkts, n_drops, frame_bytes);
    fill_lists(s);
    fill_ledger(s, n_pkts, frame_bytes);
    vsw_histogram_init(&s->latency_ps);
    for (uint64_t i = 1; i <= 100; i++) {
        vsw_histogram_add(&s->latency_ps, i * 1000);
    }
}

static const uint64_t params[] = {32, 1, 1};
static const char *const modes[] = {"remap", "copy", NULL};
static const struct vsw_param param_table[] = {
    {"burst_pkts", VSW_PARAM_TYPE_U32, 0, 32, 1, 1024, NULL, "burst", "x"},
    {"locks", VSW_PARAM_TYPE_BOOL, 0, 0, 0, 1, NULL, "locks", "x"},
    {"mode", VSW_PARAM_TYPE_ENUM, 0, 0, 0, 1, modes, "mode", "x"},
    VSW_PARAM_END,
};
static const struct vsw_model_ops model = {
    .name = "made_up", .title = "Made up", .params = param_table,
};
static const char *designs[] = {"copying", "remapping"};
static const uint32_t sizes[] = {64, 512, 1514, 4096};
static const char *size_texts[] = {"64", "512", "1514", "4096"};

static uint64_t
n_pkts_of(uint32_t design, uint32_t size, uint32_t replication)
{
    uint64_t n = design == 0 ? 8000 - size * UINT64_C(1800)
                 : 3000 - size * UINT64_C(100);

    return n + (size == 0 ? 0 : 20 * replication);
}

static void
fill_point(struct synthetic_experiment *e, uint32_t i)
{
    uint32_t design = i / SYNTHETIC_N_SIZES, size = i % SYNTHETIC_N_SIZES;
    struct vsw_point *point = &e->points[i];

    e->axis_values[i][0] = size;
    point->axis_values = e->axis_values[i];
    point->design = design;
    point->config.design = designs[design];
    point->config.machine = &e->machine;
    point->config.model = &model;
    point->config.params = params;
    point->config.run.seed = 7;
    point->config.run.replications = SYNTHETIC_N_REPLICATIONS;
    for (uint32_t r = 0; r < SYNTHETIC_N_REPLICATIONS; r++) {
        uint32_t at = i * SYNTHETIC_N_REPLICATIONS + r;

        synthetic_outcome_init(&e->made[at], n_pkts_of(design, size, r),
                               10 * size, sizes[size]);
        e->outcomes[at] = &e->made[at].outcome;
    }
}

static void
fill_plan(struct synthetic_experiment *e)
{
    e->machine.name = "made-up-machine";
    e->axes[0] = (struct vsw_axis) {"traffic.frame_bytes", size_texts,
                                    SYNTHETIC_N_SIZES};
    e->plots[0] = (struct vsw_config_plot)
                  {"rate", "Rate by frame size", "lines",
                   "traffic.frame_bytes", "delivered_pps", true, false};
    e->plots[1] = (struct vsw_config_plot)
                  {"cost", "Where the cycles go", "stack",
                   "traffic.frame_bytes", "cost_cycles(role=switch)",
                   false, false};
    e->plots[2] = (struct vsw_config_plot)
                  {"latency", "Tail latency", "bars", "design",
                   "latency_p99_ns", false, false};
    e->plan = (struct vsw_plan) {
        .path = "made-up.json", .title = "Two designs",
        .question = "Which design is faster?",
        .designs = designs, .n_designs = SYNTHETIC_N_DESIGNS,
        .axes = e->axes, .n_axes = 1,
        .points = e->points, .n_points = SYNTHETIC_N_POINTS,
        .plots = e->plots, .n_plots = 3,
    };
    memset(e->plan.digest, 'a', 64);
}

struct synthetic_experiment *
synthetic_experiment_new(void)
{
    static char warning[] = "made up, not simulated";
    struct synthetic_experiment *e = calloc(1, sizeof *e);

    if (!e) {
        abort();
    }
    fill_plan(e);
    for (uint32_t i = 0; i < SYNTHETIC_N_POINTS; i++) {
        fill_point(e, i);
    }
    e->warnings[0] = warning;
    e->result = (struct vsw_experiment_result) {
        .plan = &e->plan, .n_replications = SYNTHETIC_N_REPLICATIONS,
        .outcomes = e->outcomes, .complete = true,
        .warnings = e->warnings, .n_warnings = 1,
    };
    memset(e->result.trace.digest, 'b', 64);
    e->result.trace.link_type = "EN10MB";
    e->result.trace.n_pkts = 1000;
    return e;
}
