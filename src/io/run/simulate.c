#include "io/run/simulate.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vswsim/audit.h>
#include <vswsim/placement.h>
#include <vswsim/sim.h>
#include <vswsim/switch.h>
#include <vswsim/virtio_poll.h>

#include "io/run/make_acl.h"
#include "io/run/outcome_fill.h"

#define PS_PER_NS UINT64_C(1000)
#define PS_PER_US UINT64_C(1000000)
#define PS_PER_S  UINT64_C(1000000000000)

/* Memory for a model's tables. */
#define ARENA_BYTES ((size_t) 4 << 20)

/* Drivers start at random within this time. */
#define MAX_START_PS (2 * PS_PER_US)

/* Events between two looks at 'cancel'. */
#define SLICE_EVENTS 20000

struct simulation {
    const struct vsw_config *config;
    const struct vsw_workload *workload;
    const struct vsw_simulate_how *how;
    struct vsw_sim sim;
    struct vsw_pkts pkts;
    struct vsw_switch sw;
    struct vsw_outcome *outcome;
    struct vsw_unit *units;         /* The switch's CPU, then the guests'. */
    struct vsw_unit *switch_unit;
    struct vsw_virtio_poll *drivers;
    uint32_t n_drivers;
    struct vsw_audit audit;
    void *arena_memory;
    bool model_ready;               /* Its init hook has succeeded. */
};

static int
out_of_memory(struct vsw_error *err)
{
    return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                         "out of memory for a simulation");
}

static void
init_sim(struct simulation *s)
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
    vsw_sim_add_domain(&s->sim, "host");
    for (uint32_t i = 0; i < s->config->guests.n; i++) {
        char name[16];

        snprintf(name, sizeof name, "guest%" PRIu32, i);
        vsw_sim_add_domain(&s->sim, name);
    }
}

/* Chooses the CPUs of the switch, first, and of the vCPUs.  There are enough
 * for all. */
static void
choose_cpus(const struct simulation *s, uint32_t *cpus)
{
    const struct vsw_machine *machine = s->config->machine;
    const struct vsw_config_pin *guests = &s->config->guests.pin;
    const struct vsw_config_pin *sw = &s->config->switch_pin;
    uint32_t n_pinned = guests->n < s->n_drivers ? guests->n : s->n_drivers;

    vsw_placement_fill(machine, sw->cpus, sw->n, guests->cpus, n_pinned,
                       cpus, 1);
    vsw_placement_fill(machine, guests->cpus, n_pinned, cpus, 1, cpus + 1,
                       s->n_drivers);
}

/* Each vCPU and the switch have a CPU of their own. */
static int
make_units(struct simulation *s, struct vsw_error *err)
{
    uint32_t n_units = 1 + s->n_drivers;
    uint32_t cpus[VSW_MAX_UNITS];

    if (n_units > s->config->machine->n_cpus) {
        return vsw_error_set(
            err, VSW_ERROR_DATA, -EINVAL,
            "%s: %" PRIu32 " guests of %" PRIu32 " CPUs and the switch need "
            "%" PRIu32 " CPUs, but %s has %" PRIu32
            "; use fewer guests or guests.n_cpus",
            s->config->design, s->config->guests.n, s->config->guests.n_cpus,
            n_units, s->config->machine->name, s->config->machine->n_cpus);
    }
    if (n_units > VSW_MAX_UNITS) {
        return vsw_error_set(err, VSW_ERROR_DATA, -EINVAL,
                             "%s: %" PRIu32 " CPUs are needed, at most %d can "
                             "be simulated; use fewer guests or "
                             "guests.n_cpus", s->config->design, n_units,
                             VSW_MAX_UNITS);
    }
    choose_cpus(s, cpus);
    s->units = calloc(n_units, sizeof *s->units);
    for (uint32_t i = 0; s->units && i < n_units; i++) {
        char name[16];

        snprintf(name, sizeof name, "cpu%" PRIu32, cpus[i]);
        if (vsw_unit_init(&s->units[i], &s->sim, i == 0 ? "switch" : "guest",
                          name)) {
            return out_of_memory(err);
        }
        s->units[i].cpu = cpus[i];
    }
    return s->units ? 0 : out_of_memory(err);
}

static int
make_packets(struct simulation *s, struct vsw_error *err)
{
    /* What all rings hold, and a burst in each pair of hands. */
    uint32_t n_pkts = s->n_drivers * 2 * s->config->guests.ring_slots
                      + (s->n_drivers + 1) * VSW_MAX_BURST;

    s->outcome = vsw_outcome_new(s->config->guests.n);
    if (!s->outcome
        || vsw_pkts_init(&s->pkts, n_pkts, s->workload, s->outcome)) {
        return out_of_memory(err);
    }
    return 0;
}

static int
make_arena(struct simulation *s, struct vsw_error *err)
{
    s->arena_memory = aligned_alloc(VSW_LINE_BYTES, ARENA_BYTES);
    if (!s->arena_memory) {
        return out_of_memory(err);
    }
    memset(s->arena_memory, 0, ARENA_BYTES);
    vsw_arena_init(&s->sw.arena, s->arena_memory, ARENA_BYTES);
    return 0;
}

static int
make_switch(struct simulation *s, struct vsw_error *err)
{
    const struct vsw_config *config = s->config;
    struct vsw_switch *sw = &s->sw;
    int error = make_arena(s, err);

    if (error) {
        return error;
    }
    s->switch_unit = &s->units[0];
    sw->sim = &s->sim;
    sw->ops = config->model;
    sw->units = &s->switch_unit;
    sw->n_units = 1;
    sw->n_ports = config->guests.n;
    sw->n_queues = config->guests.n_cpus;
    sw->n_slots = config->guests.ring_slots;
    sw->guest_burst_pkts = config->guests.burst_pkts;
    sw->pkts = &s->pkts;
    sw->outcome = s->outcome;
    sw->receive.name = "receive";
    sw->send.name = "send";
    vsw_sim_random(&s->sim, &sw->start, VSW_RANDOM_START_PHASE, 0);
    sw->state = calloc(1, config->model->state_size_bytes);
    if (!sw->state) {
        return out_of_memory(err);
    }
    for (uint32_t i = 0; config->model->params[i].name; i++) {
        vsw_param_set(&config->model->params[i], config->params[i],
                      sw->state);
    }
    error = vsw_make_acl(sw, config, s->workload, err);
    if (error) {
        return error;
    }
    error = config->model->init(sw, err);
    s->model_ready = error == 0;
    return error;
}

static void
make_traffic(struct simulation *s, uint32_t port, uint32_t queue,
             uint64_t start_ps, struct vsw_traffic *traffic)
{
    const struct vsw_config_traffic *t = &s->config->traffic;
    struct vsw_random offset;
    struct vsw_traffic_setup setup = {
        .workload = s->workload,
        .pacing = t->pacing,
        .time_scale = UINT64_C(1) << VSW_TIME_SCALE_BITS,
        .burst_pkts = s->config->guests.burst_pkts,
        .n_loops = t->n_loops,
        .frame_bytes = t->frame_bytes,
        .port = port,
        .queue = queue,
        .n_queues = s->config->guests.n_cpus,
    };

    if (t->pacing == VSW_PACING_SCALED) {
        setup.time_scale = (uint64_t) (t->time_scale
                                       * (1 << VSW_TIME_SCALE_BITS));
    }
    if (t->pacing == VSW_PACING_FIXED) {
        setup.gap_ps = PS_PER_S * s->n_drivers / t->rate_pps;
    }
    vsw_sim_random(&s->sim, &offset, VSW_RANDOM_TRACE_OFFSET,
                   port * setup.n_queues + queue);
    vsw_traffic_init(traffic, &setup, start_ps, &offset);
}

/* Recorded times count from the same instant for all; other drivers start
 * when they happen to. */
static uint64_t
start_of(struct simulation *s, uint32_t i)
{
    struct vsw_random start;

    vsw_sim_random(&s->sim, &start, VSW_RANDOM_START_PHASE, i + 1);
    return vsw_random_below(&start, MAX_START_PS);
}

static int
make_guests(struct simulation *s, struct vsw_error *err)
{
    uint32_t n_queues = s->config->guests.n_cpus;
    int error = vsw_virtio_poll_check_costs(&s->sim, err);

    if (error) {
        return error;
    }
    s->drivers = calloc(s->n_drivers, sizeof *s->drivers);
    if (!s->drivers) {
        return out_of_memory(err);
    }
    for (uint32_t i = 0; i < s->n_drivers; i++) {
        uint32_t port = i / n_queues;
        uint64_t start_ps = start_of(s, i);
        bool by_trace = s->config->traffic.pacing == VSW_PACING_RECORDED
                        || s->config->traffic.pacing == VSW_PACING_SCALED;

        make_traffic(s, port, i % n_queues, by_trace ? 0 : start_ps,
                     &s->drivers[i].traffic);
        if (vsw_virtio_poll_start(&s->drivers[i], &s->sw, &s->sw.queues[i],
                                  &s->units[1 + i], 1 + port, start_ps)) {
            return out_of_memory(err);
        }
    }
    return 0;
}

/* Runs up to 'end_ps'. */
static int
run_until(struct simulation *s, uint64_t end_ps, struct vsw_error *err)
{
    do {
        if (s->how->cancel && *s->how->cancel) {
            return vsw_error_set(err, VSW_ERROR_CANCELLED, -ECANCELED,
                                 "stopped before the end");
        }
    } while (vsw_engine_run(&s->sim.engine, end_ps, SLICE_EVENTS)
             == SLICE_EVENTS);
    return 0;
}

static int
run(struct simulation *s, struct vsw_error *err)
{
    struct vsw_tlb_totals before;
    int error = run_until(s, s->sim.window_start_ps, err);

    if (error) {
        return error;
    }
    vsw_tlb_totals_add(&before, s->drivers, s->n_drivers);
    error = run_until(s, s->sim.window_end_ps, err);
    if (!error) {
        error = vsw_sim_finish(&s->sim, err);
    }
    if (!error) {
        error = vsw_pkts_check(&s->pkts, err);
    }
    if (!error && vsw_outcome_fill(s->outcome, &s->sw, s->drivers,
                                   s->n_drivers, &before)) {
        error = out_of_memory(err);
    }
    return error;
}

static void
fini(struct simulation *s)
{
    for (uint32_t i = 0; s->drivers && i < s->n_drivers; i++) {
        vsw_virtio_poll_fini(&s->drivers[i]);
    }
    if (s->model_ready && s->config->model->fini) {
        s->config->model->fini(&s->sw);
    }
    for (uint32_t i = 0; s->sw.queues && i < s->n_drivers; i++) {
        vsw_queue_fini(&s->sw.queues[i]);
    }
    for (uint32_t i = 0; i < s->sim.n_units; i++) {
        vsw_unit_fini(&s->units[i]);
    }
    vsw_audit_fini(&s->audit);
    vsw_bufs_fini(&s->sw.bufs);
    vsw_pkts_fini(&s->pkts);
    vsw_sim_fini(&s->sim);
    free(s->sw.queues);
    free(s->sw.state);
    free(s->drivers);
    free(s->units);
    free(s->arena_memory);
}

int
vsw_simulate(struct vsw_outcome **outcome, const struct vsw_config *config,
             const struct vsw_workload *workload,
             const struct vsw_simulate_how *how, struct vsw_error *err)
{
    struct simulation *s = calloc(1, sizeof *s);
    int error;

    *outcome = NULL;
    if (!s) {
        return out_of_memory(err);
    }
    s->config = config;
    s->workload = workload;
    s->how = how;
    s->n_drivers = config->guests.n * config->guests.n_cpus;
    init_sim(s);
    error = make_units(s, err);
    error = error ? error : make_packets(s, err);
    error = error ? error : make_switch(s, err);
    error = error ? error : make_guests(s, err);
    if (!error && how->check && vsw_audit_start(&s->audit, &s->sw)) {
        error = out_of_memory(err);
    }
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
