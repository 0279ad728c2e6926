/* Which CPU runs what: threads of the switch and vCPUs of the guests. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vswsim/placement.h>

#include "core/cost.h"
#include "io/run/scene.h"

static uint32_t
n_switch_threads(const struct vsw_config *config)
{
    const struct vsw_model_ops *model = config->model;

    if (config->switch_n_cpus > 0) {
        return config->switch_n_cpus;
    }
    return model->n_cpus ? model->n_cpus(config->guests.n, config->wires.n)
                         : 1;
}

static int
lay_out(struct scene *s, struct vsw_error *err)
{
    const struct vsw_config *config = s->config;
    uint32_t n_cpus = config->machine->n_cpus;

    s->n_switch_threads = n_switch_threads(config);
    s->n_threads = s->n_switch_threads
                   + config->guests.n * config->guests.n_cpus;
    s->cpus = calloc(n_cpus, sizeof *s->cpus);
    s->threads = calloc((size_t) s->n_threads + 1, sizeof *s->threads);
    s->units = calloc((size_t) s->n_threads + n_cpus, sizeof *s->units);
    s->tasks = calloc((size_t) s->n_threads + 1, sizeof *s->tasks);
    return s->cpus && s->threads && s->units && s->tasks ? 0
                                                         : scene_nomem(err);
}

/* Describes the threads, which have no CPU yet. */
static void
describe_threads(struct scene *s)
{
    const struct vsw_config *config = s->config;

    for (uint32_t i = 0; i < s->n_threads; i++) {
        struct scene_thread *t = &s->threads[i];
        uint32_t vcpu = i - s->n_switch_threads;

        t->cpu = VSW_NONE;
        t->is_vcpu = i >= s->n_switch_threads;
        t->blocks = t->is_vcpu ? s->driver->blocks
                               : config->model->threads_block;
        t->domain = t->is_vcpu ? s->sim.first_guest
                                     + vcpu / config->guests.n_cpus
                               : s->sw.domain;
    }
}

static void
put(struct scene *s, uint32_t thread, uint32_t cpu)
{
    s->threads[thread].cpu = cpu;
    s->cpus[cpu].n_threads++;
}

static void
put_pinned(struct scene *s, uint32_t first, uint32_t n,
           const struct vsw_config_pin *pin)
{
    for (uint32_t i = 0; i < n && i < pin->n; i++) {
        put(s, first + i, pin->cpus[i]);
    }
}

/* The CPU with the fewest threads, the first in the order of placement. */
static uint32_t
find_cpu(const struct scene *s)
{
    const struct vsw_machine *machine = s->config->machine;
    uint32_t best = VSW_NONE;

    for (uint32_t i = 0; i < machine->n_cpus; i++) {
        uint32_t cpu = s->config->guests.placement == VSW_PLACEMENT_SPREAD
                           ? vsw_placement_unpinned(machine, i)
                           : i;

        if (best == VSW_NONE
            || s->cpus[cpu].n_threads < s->cpus[best].n_threads) {
            best = cpu;
        }
    }
    return best;
}

static void
place_threads(struct scene *s)
{
    put_pinned(s, 0, s->n_switch_threads, &s->config->switch_pin);
    put_pinned(s, s->n_switch_threads, s->n_threads - s->n_switch_threads,
               &s->config->guests.pin);
    for (uint32_t i = 0; i < s->n_threads; i++) {
        if (s->threads[i].cpu == VSW_NONE) {
            put(s, i, find_cpu(s));
        }
    }
}

static const char *
describe(const struct scene *s, uint32_t thread, char text[48])
{
    uint32_t vcpu = thread - s->n_switch_threads;
    uint32_t n = s->config->guests.n_cpus;

    if (thread < s->n_switch_threads) {
        snprintf(text, 48, "thread %" PRIu32 " of the switch", thread);
    } else {
        snprintf(text, 48, "vCPU %" PRIu32 " of guest %" PRIu32, vcpu % n,
                 vcpu / n);
    }
    return text;
}

/* What polls needs a CPU of its own. */
static int
check_sharing(const struct scene *s, struct vsw_error *err)
{
    for (uint32_t i = 0; i < s->n_threads; i++) {
        const struct scene_thread *t = &s->threads[i];
        char text[48];

        if (s->cpus[t->cpu].n_threads > 1 && !t->blocks) {
            return vsw_error_set(
                err, VSW_ERROR_DATA, -EINVAL,
                "%s: %s polls and needs a CPU of its own, but %" PRIu32
                " vCPUs and %" PRIu32 " threads of the switch are on %" PRIu32
                " CPUs of %s in such a way that it shares CPU %" PRIu32
                "; use fewer guests or guests.n_cpus, or another pin",
                s->config->design, describe(s, i, text),
                s->n_threads - s->n_switch_threads, s->n_switch_threads,
                s->config->machine->n_cpus, s->config->machine->name, t->cpu);
        }
    }
    return 0;
}

static int
make_unit(struct scene *s, uint32_t cpu, const char *role,
          struct vsw_error *err)
{
    struct scene_cpu *c = &s->cpus[cpu];
    char name[16];

    if (c->has_unit) {
        return 0;
    }
    if (s->sim.n_units == VSW_MAX_UNITS) {
        return vsw_error_set(err, VSW_ERROR_DATA, -EINVAL,
                             "%s: more than %d CPUs and devices are needed; "
                             "use fewer guests or guests.n_cpus",
                             s->config->design, VSW_MAX_UNITS);
    }
    snprintf(name, sizeof name, "cpu%" PRIu32, cpu);
    if (vsw_unit_init(&c->unit, &s->sim, role, name)) {
        return scene_nomem(err);
    }
    c->unit.cpu = cpu;
    c->has_unit = true;
    return 0;
}

static int
make_units(struct scene *s, struct vsw_error *err)
{
    uint32_t n_cpus = s->config->machine->n_cpus;
    int error = 0;

    for (uint32_t i = 0; !error && i < s->n_threads; i++) {
        const struct scene_thread *t = &s->threads[i];

        error = make_unit(s, t->cpu, t->is_vcpu ? "guest" : "switch", err);
        s->units[i] = &s->cpus[t->cpu].unit;
    }
    for (uint32_t cpu = 0; !error && cpu < n_cpus; cpu++) {
        if (s->config->model->wants_all_cpus) {
            error = make_unit(s, cpu, "idle", err);
        }
        if (s->cpus[cpu].has_unit) {
            s->units[s->n_threads + cpu] = &s->cpus[cpu].unit;
        }
    }
    return error;
}

/* Threads of a CPU that is shared become tasks of a scheduler. */
static int
make_tasks(struct scene *s, struct vsw_error *err)
{
    static const uint16_t costs[] = {VSW_COST_DOMAIN_SWITCH,
                                     VSW_COST_CTXSW_KTHREAD};

    for (uint32_t i = 0; i < s->n_threads; i++) {
        struct scene_thread *t = &s->threads[i];
        struct scene_cpu *c = &s->cpus[t->cpu];
        int error;

        if (c->n_threads == 1) {
            continue;
        }
        error = vsw_sim_require_costs(&s->sim, "a shared CPU", costs,
                                      VSW_N_ELEMS(costs), err);
        if (error) {
            return error;
        }
        if (!c->sched.unit) {
            vsw_sched_init(&c->sched, &c->unit,
                           s->config->cpus.slice_us * PS_PER_US,
                           s->config->cpus.wake_us * PS_PER_US);
        }
        vsw_sched_add(&c->sched, &t->task,
                      t->is_vcpu ? VSW_TASK_VCPU : VSW_TASK_KTHREAD,
                      t->domain);
        s->tasks[i] = &t->task;
    }
    return 0;
}

/* A CPU sleeps when nothing polls there. */
static void
make_idle(struct scene *s)
{
    const struct vsw_machine *machine = s->config->machine;
    const struct vsw_cpuidle_options options = {
        .domain = s->sw.domain,
        .poll_ns = s->config->cpus.idle_poll_ns,
        .fixed_state = VSW_IDLE_GOVERNOR_PREDICT,
        .max_exit_latency_ns = s->config->cpus.max_exit_latency_ns
                                   ? s->config->cpus.max_exit_latency_ns
                                   : UINT64_MAX,
    };
    uint32_t n_states = vsw_cpuidle_states(machine, s->idle_states);

    for (uint32_t cpu = 0; cpu < machine->n_cpus; cpu++) {
        s->cpus[cpu].may_idle = s->cpus[cpu].has_unit && n_states > 0;
    }
    for (uint32_t i = 0; i < s->n_threads; i++) {
        s->cpus[s->threads[i].cpu].may_idle &= s->threads[i].blocks;
    }
    for (uint32_t cpu = 0; cpu < machine->n_cpus; cpu++) {
        if (s->cpus[cpu].may_idle) {
            vsw_cpuidle_init(&s->cpus[cpu].idle, &s->cpus[cpu].unit,
                             s->idle_states, n_states, &options);
        }
    }
}

int
scene_make_cpus(struct scene *s, struct vsw_error *err)
{
    struct vsw_switch *sw = &s->sw;
    int error = lay_out(s, err);

    if (error) {
        return error;
    }
    describe_threads(s);
    place_threads(s);
    error = check_sharing(s, err);
    error = error ? error : make_units(s, err);
    error = error ? error : make_tasks(s, err);
    if (error) {
        return error;
    }
    make_idle(s);
    sw->units = s->units;
    sw->tasks = s->tasks;
    sw->n_units = s->n_switch_threads;
    sw->guest_units = s->units + s->n_switch_threads;
    sw->guest_tasks = s->tasks + s->n_switch_threads;
    sw->cpu_units = s->units + s->n_threads;
    return 0;
}

void
scene_free_cpus(struct scene *s)
{
    for (uint32_t i = 0; s->cpus && i < s->config->machine->n_cpus; i++) {
        if (s->cpus[i].has_unit) {
            vsw_unit_fini(&s->cpus[i].unit);
        }
    }
    free(s->cpus);
    free(s->threads);
    free(s->units);
    free(s->tasks);
}
