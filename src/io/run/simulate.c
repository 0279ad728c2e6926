#include "io/run/simulate.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vswsim/mem.h>

#include "core/huge_mem.h"
#include "io/config/config_keys.h"
#include "io/run/make_acl.h"
#include "io/run/make_classes.h"
#include "io/run/outcome_fill.h"
#include "io/run/scene.h"

/* Memory for a model's tables; what they do not use costs address space
 * only. */
#define ARENA_BYTES ((size_t) 256 << 20)

/* Packets that a switch may hold between the rings of each port. */
#define HELD_PKTS 2048

/* Parts of a run that are counted one by one. */
#define N_PARTS 500

/* Events between two looks at 'cancel'. */
#define SLICE_EVENTS 20000

int
scene_nomem(struct vsw_error *err)
{
    return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                         "out of memory for a simulation");
}

static uint32_t
n_ports(const struct scene *s)
{
    return s->config->guests.n + s->config->wires.n;
}

/* All domains come before the first unit: those of the switch, the guests'. */
static void
add_domains(struct scene *s)
{
    static const char *const host[] = {"host", NULL};
    const char *const *names = s->config->model->domains
                                   ? s->config->model->domains
                                   : host;

    s->sw.domain = s->sim.n_domains;
    for (; *names; names++) {
        vsw_sim_add_domain(&s->sim, *names);
    }
    s->sim.first_guest = s->sim.n_domains;
    for (uint32_t i = 0; i < s->config->guests.n; i++) {
        char name[16];

        snprintf(name, sizeof name, "guest%" PRIu32, i);
        vsw_sim_add_domain(&s->sim, name);
    }
}

static int
init_sim(struct scene *s, struct vsw_error *err)
{
    const struct vsw_config_run *run = &s->config->run;
    uint64_t quantum_ps = run->quantum_ns * PS_PER_NS;
    struct vsw_sim_options options = {
        .quantum_ps = s->how->quarter_quantum ? (quantum_ps + 3) / 4
                                              : quantum_ps,
        .warmup_ps = run->warmup_us * PS_PER_US,
        .duration_ps = run->duration_us * PS_PER_US,
        .seed = run->seed,
        .replication = s->how->replication,
        .check = s->how->check,
        .reverse_ties = s->how->reverse_ties,
    };

    vsw_sim_init(&s->sim, s->config->machine, &options);
    s->sim.observer = s->how->observer;
    add_domains(s);
    return run->memory == VSW_MEMORY_HIERARCHY ? vsw_mem_start(&s->sim, err)
                                               : 0;
}

static int
make_packets(struct scene *s, struct vsw_error *err)
{
    /* What all rings hold, and what is in each pair of hands. */
    uint32_t n_queues = s->config->guests.n * s->config->guests.n_cpus
                        + s->config->wires.n * VSW_MAX_BURST / 64;
    uint32_t n_pkts = n_queues * 2 * s->config->guests.ring_slots
                      + (n_queues + 1) * VSW_MAX_BURST
                      + n_ports(s) * HELD_PKTS;

    s->outcome = vsw_outcome_new(n_ports(s));
    if (!s->outcome
        || vsw_pkts_init(&s->pkts, n_pkts, s->workload, s->outcome)
        || vsw_frames_init(&s->sw.frames, &s->sim, &s->pkts, &s->sw.bufs)) {
        return scene_nomem(err);
    }
    s->pkts.observer = s->how->observer;
    return 0;
}

static int
make_classes(struct scene *s, struct vsw_error *err)
{
    const struct vsw_acl *rules = s->config->qos.rules;

    if (!rules) {
        return 0;
    }
    s->class_of = vsw_make_classes(s->outcome, rules, s->workload);
    s->pkts.class_of = s->class_of;
    return s->class_of ? 0 : scene_nomem(err);
}

static int
make_arena(struct scene *s, struct vsw_error *err)
{
    void *start = vsw_huge_mem_new(ARENA_BYTES);

    if (!start) {
        return scene_nomem(err);
    }
    s->arena_memory = start;
    vsw_arena_init(&s->sw.arena, start, ARENA_BYTES);
    vsw_mem_map(&s->sim, start, ARENA_BYTES,
                s->sw.n_units ? vsw_mem_node(s->sw.units[0]) : 0);
    return 0;
}

static void
describe_switch(struct scene *s)
{
    const struct vsw_config *config = s->config;
    struct vsw_switch *sw = &s->sw;

    sw->sim = &s->sim;
    sw->ops = config->model;
    sw->n_ports = n_ports(s);
    sw->n_wires = config->wires.n;
    sw->n_queues = config->guests.n_cpus;
    sw->n_wire_queues = 1;
    sw->n_slots = config->guests.ring_slots;
    sw->guest_burst_pkts = config->guests.burst_pkts;
    if (vsw_guest_find(config->guests.driver)->has_rx_target) {
        sw->rx_min_bufs = config->guests.rx_min_bufs;
        sw->rx_max_bufs = config->guests.rx_max_bufs;
    }
    sw->guest_pages.n_shared = config->guests.pages_shared;
    sw->guest_pages.n_direction = config->guests.pages_direction;
    sw->pkts = &s->pkts;
    sw->outcome = s->outcome;
    sw->receive.name = "receive";
    sw->send.name = "send";
    vsw_sim_random(&s->sim, &sw->start, VSW_RANDOM_START_PHASE, 0);
}

static int
start_model(struct scene *s, struct vsw_error *err)
{
    const struct vsw_model_ops *model = s->config->model;
    struct vsw_switch *sw = &s->sw;
    int error;

    sw->state = calloc(1, model->state_size_bytes);
    if (!sw->state) {
        return scene_nomem(err);
    }
    for (uint32_t i = 0; model->params[i].name; i++) {
        vsw_param_set(&model->params[i], s->config->params[i], sw->state);
    }
    error = vsw_make_acl(sw, s->config, s->workload, err);
    if (error) {
        return error;
    }
    return model->init(sw, err);
}

static int
build(struct scene *s, struct vsw_error *err)
{
    int error;

    s->driver = vsw_guest_find(s->config->guests.driver);
    error = init_sim(s, err);
    error = error ? error : scene_make_cpus(s, err);
    error = error ? error : make_packets(s, err);
    error = error ? error : make_classes(s, err);
    error = error ? error : make_arena(s, err);
    if (error) {
        return error;
    }
    describe_switch(s);
    error = scene_make_wires(s, err);
    error = error ? error : start_model(s, err);
    error = error ? error : scene_make_dialogs(s, err);
    error = error ? error : scene_start_guests(s, err);
    error = error ? error : scene_start_clients(s, err);
    error = error ? error : vsw_mem_ready(&s->sim, err);
    if (!error) {
        vsw_sim_join_modules(&s->sim);
    }
    if (!error && s->how->check && vsw_audit_start(&s->audit, &s->sw)) {
        error = scene_nomem(err);
    }
    return error;
}

/* Nothing is left to send, and nothing of what was sent is left inside. */
static bool
is_drained(const struct scene *s)
{
    return s->n_open == 0 && s->pkts.n_in_flight == 0;
}

static bool
is_finite(const struct vsw_config *config)
{
    return config->traffic.n_loops > 0 && !vsw_config_has_dialogs(config)
           && config->search.kind == VSW_SEARCH_NONE;
}

/* Runs up to 'end_ps', or until the trace has ended. */
static int
run_until(struct scene *s, uint64_t end_ps, struct vsw_error *err)
{
    uint64_t n = s->may_drain ? 1 : SLICE_EVENTS;

    do {
        if (s->how->cancel && *s->how->cancel) {
            return vsw_error_set(err, VSW_ERROR_CANCELLED, -ECANCELED,
                                 "stopped before the end");
        }
    } while (!(s->may_drain && is_drained(s))
             && vsw_engine_run(&s->sim.engine, end_ps, n) == n);
    return 0;
}

static struct vsw_outcome_part
part_so_far(const struct vsw_outcome *o)
{
    struct vsw_outcome_part part = {
        .offered = o->created,
        .delivered = o->delivered,
        .n_latencies = o->latency_ps->n,
        .latency_ps = o->latency_ps->sum_low,
    };

    for (int i = 0; i < VSW_N_DROPS; i++) {
        part.n_dropped += o->dropped[i].n_pkts;
    }
    return part;
}

static struct vsw_tally
tally_between(struct vsw_tally from, struct vsw_tally to)
{
    return (struct vsw_tally) {to.n_pkts - from.n_pkts,
                               to.n_bytes - from.n_bytes};
}

/* Ends a part of the run. */
static void
note_part(struct scene *s)
{
    struct vsw_outcome *o = s->outcome;
    struct vsw_outcome_part now = part_so_far(o), *before = &s->before;

    o->parts[o->n_parts++] = (struct vsw_outcome_part) {
        .offered = tally_between(before->offered, now.offered),
        .delivered = tally_between(before->delivered, now.delivered),
        .n_dropped = now.n_dropped - before->n_dropped,
        .n_latencies = now.n_latencies - before->n_latencies,
        .latency_ps = now.latency_ps - before->latency_ps,
    };
    *before = now;
}

/* The same, noting on the way what each part of the run has. */
static int
run_in_parts(struct scene *s, uint64_t end_ps, struct vsw_error *err)
{
    struct vsw_outcome *o = s->outcome;
    uint64_t part_ps = o->part_ps;
    int error = 0;

    while (!error && o->n_parts < N_PARTS
           && part_ps * (o->n_parts + 1) <= end_ps) {
        error = run_until(s, part_ps * (o->n_parts + 1), err);
        if (s->may_drain && is_drained(s)) {
            return error;
        }
        note_part(s);
    }
    return error ? error : run_until(s, end_ps, err);
}

/* The first part that begins in the window, which does now. */
static uint32_t
first_part(const struct scene *s)
{
    const struct vsw_outcome *o = s->outcome;

    return o->n_parts + (o->part_ps * o->n_parts < s->sim.window_start_ps);
}

static int
run(struct scene *s, struct vsw_error *err)
{
    int error;

    s->outcome->parts = calloc(N_PARTS, sizeof *s->outcome->parts);
    if (!s->outcome->parts) {
        return scene_nomem(err);
    }
    s->outcome->part_ps = s->sim.window_end_ps / N_PARTS;
    error = run_in_parts(s, s->sim.window_start_ps, err);
    if (error) {
        return error;
    }
    s->outcome->first_part = first_part(s);
    vsw_switch_begin_window(&s->sw);
    s->may_drain = is_finite(s->config) && !is_drained(s);
    error = run_in_parts(s, s->sim.window_end_ps, err);
    if (!error && s->may_drain && is_drained(s)) {
        vsw_sim_end_now(&s->sim);
    }
    if (!error) {
        error = vsw_sim_finish(&s->sim, err);
    }
    if (!error) {
        error = vsw_pkts_check(&s->pkts, err);
    }
    if (!error && vsw_outcome_fill(s->outcome, &s->sw)) {
        error = scene_nomem(err);
    }
    error = error ? error : scene_report_dialogs(s, err);
    return error;
}

static void
fini(struct scene *s)
{
    scene_free_guests(s);
    if (s->sw.state && s->config->model->fini) {
        s->config->model->fini(&s->sw);
    }
    vsw_switch_free_ports(&s->sw);
    scene_free_wires(s);
    scene_free_cpus(s);
    vsw_audit_fini(&s->audit);
    vsw_frames_fini(&s->sw.frames);
    vsw_pkts_fini(&s->pkts);
    vsw_sim_fini(&s->sim);
    free(s->sw.state);
    free(s->class_of);
    vsw_huge_mem_free(s->arena_memory, ARENA_BYTES);
}

int
vsw_simulate(struct vsw_outcome **outcome, const struct vsw_config *config,
             const struct vsw_workload *workload,
             const struct vsw_simulate_how *how, struct vsw_error *err)
{
    struct scene *s = calloc(1, sizeof *s);
    int error;

    *outcome = NULL;
    if (!s) {
        return scene_nomem(err);
    }
    s->config = config;
    s->workload = workload;
    s->how = how;
    error = build(s, err);
    error = error ? error : run(s, err);
    if (!error) {
        *outcome = s->outcome;
    } else {
        vsw_outcome_free(s->outcome);
    }
    fini(s);
    free(s);
    return error;
}
