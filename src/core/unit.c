#include <vswsim/unit.h>

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vswsim/idle.h>
#include <vswsim/mem.h>
#include <vswsim/sched.h>
#include <vswsim/sim.h>
#include <vswsim/worker.h>

#include "core/account.h"
#include "core/ledger.h"

#define IRQ_PRIORITY    0
#define SWITCH_PRIORITY 1
#define NO_PRIORITY     255

static void unit_fire(struct vsw_engine *engine, struct vsw_event *event);

int
vsw_unit_init(struct vsw_unit *unit, struct vsw_sim *sim, const char *role,
              const char *name)
{
    size_t n_rows = (size_t) sim->n_domains * VSW_N_STAGES * VSW_N_ACCOUNTS;

    assert(sim->n_units < VSW_MAX_UNITS && sim->n_domains > 0);
    memset(unit, 0, sizeof *unit);
    unit->ledger = calloc(n_rows, sizeof *unit->ledger);
    if (!unit->ledger
        || vsw_engine_add(&sim->engine, &unit->call, unit_fire,
                          sim->n_units)) {
        free(unit->ledger);
        return -ENOMEM;
    }
    unit->sim = sim;
    unit->id = sim->n_units;
    unit->cpu = unit->id;
    unit->costs = sim->costs;
    unit->window_start_ps = sim->window_start_ps;
    unit->window_end_ps = sim->window_end_ps;
    unit->role = role;
    snprintf(unit->name, sizeof unit->name, "%s", name);
    vsw_unit_enter(unit, 0, VSW_STAGE_NONE);
    sim->units[sim->n_units++] = unit;
    return 0;
}

void
vsw_unit_fini(struct vsw_unit *unit)
{
    free(unit->ledger);
    free(unit->workers);
}

void
vsw_unit_enter(struct vsw_unit *unit, uint32_t domain, enum vsw_stage stage)
{
    unit->domain = domain;
    unit->stage = stage;
    unit->rows = &unit->ledger[(domain * VSW_N_STAGES + (uint32_t) stage)
                               * VSW_N_ACCOUNTS];
}

/* Picoseconds of [from, to) that lie in the window. */
static uint64_t
in_window(const struct vsw_unit *unit, uint64_t from_ps, uint64_t to_ps)
{
    if (from_ps < unit->window_start_ps) {
        from_ps = unit->window_start_ps;
    }
    if (to_ps > unit->window_end_ps) {
        to_ps = unit->window_end_ps;
    }
    return to_ps > from_ps ? to_ps - from_ps : 0;
}

void
vsw_unit_book_cut(struct vsw_unit *unit, uint32_t account, uint64_t from_ps,
                  uint64_t to_ps)
{
    struct vsw_ledger_row *row = &unit->rows[account];

    row->busy_ps += in_window(unit, from_ps, to_ps);
    row->n_charges += from_ps >= unit->window_start_ps
                      && from_ps < unit->window_end_ps;
    if (to_ps >= unit->window_start_ps) {
        unit->uncut_ps = unit->window_end_ps;
    }
}

/* The worker whose scanning or spinning fills the gaps, or NULL. */
static struct vsw_worker *
gap_worker(const struct vsw_unit *unit, enum vsw_gap *gap)
{
    struct vsw_worker *found = NULL;

    *gap = VSW_GAP_IDLE;
    for (uint32_t i = 0; i < unit->n_workers; i++) {
        struct vsw_worker *worker = unit->workers[i];

        if (worker->descheduled) {
            continue;
        }
        if (worker->waits_for_lock) {
            *gap = VSW_GAP_SPIN;
            return worker;
        }
        if (worker->trigger == VSW_TRIGGER_POLL) {
            *gap = VSW_GAP_POLL;
            found = worker;
        }
    }
    return found;
}

void
vsw_unit_idle_until(struct vsw_unit *unit, uint64_t until_ps)
{
    if (unit->local_ps < until_ps) {
        unit->idle_ps += in_window(unit, unit->local_ps, until_ps);
        unit->local_ps = until_ps;
    }
}

/* Books the time since the last call and makes 'now_ps' the local time. */
static void
close_gap(struct vsw_unit *unit, uint64_t now_ps)
{
    const struct vsw_worker *worker;
    enum vsw_gap gap;

    if (unit->local_ps >= now_ps) {
        return;
    }
    worker = gap_worker(unit, &gap);
    if (gap == VSW_GAP_IDLE) {
        if (unit->idle) {
            vsw_idle_book(unit->idle, now_ps);
        }
        vsw_unit_idle_until(unit, now_ps);
        unit->was_idle = true;
        return;
    }
    if (gap == VSW_GAP_POLL) {
        /* Before its first scan there is none. */
        vsw_unit_idle_until(unit, worker->phase_ps < now_ps
                                      ? worker->phase_ps
                                      : now_ps);
    }
    if (unit->local_ps < now_ps) {
        vsw_unit_enter(unit, worker->domain, VSW_STAGE_NONE);
        vsw_unit_spend(unit,
                       gap == VSW_GAP_POLL ? VSW_ACCOUNT_POLL
                                           : worker->wait_account,
                       now_ps - unit->local_ps);
    }
}

static void
serve_irq(struct vsw_unit *unit, uint64_t now_ps)
{
    uint64_t late_ps = now_ps - unit->irqs->arrival_ps;
    struct vsw_irq *irq = vsw_irq_take(unit);

    /* Waking up is not being late. */
    if (late_ps > unit->lateness_max_ps && !unit->was_idle) {
        unit->lateness_max_ps = late_ps;
    }
    vsw_unit_enter(unit, irq->domain, VSW_STAGE_NONE);
    irq->handle(unit, irq);
}

/* Whether 'worker' may run: its task has the CPU, and nobody holds that. */
static bool
may_run(const struct vsw_unit *unit, const struct vsw_worker *worker)
{
    return unit->holder ? unit->holder == worker : !worker->descheduled;
}

/* Runs the first worker, by priority, that has something to do now. */
static void
run_worker(struct vsw_unit *unit, uint64_t now_ps)
{
    for (uint32_t i = 0; i < unit->n_workers; i++) {
        struct vsw_worker *worker = unit->workers[i];

        if (!may_run(unit, worker)) {
            continue;
        }
        if (worker->ready_ps > now_ps) {
            assert(!worker->waits_for_lock);
            continue;
        }
        unit->worker = worker;
        worker->source = worker->ready_source;
        worker->unfinished = false;
        vsw_worker_answer_wakes(worker, now_ps);
        vsw_unit_enter(unit, worker->domain, VSW_STAGE_NONE);
        worker->work(worker->owner, worker);
        worker->phase_ps = unit->local_ps;
        return;
    }
    assert(false && "a unit was called with nothing to do");
}

/* What interrupts a scan delays the rest of it; a scan that was yet to begin
 * begins when the CPU is free. */
static void
delay_scan(const struct vsw_unit *unit, struct vsw_worker *worker)
{
    if (worker->phase_ps <= unit->sync_ps) {
        worker->phase_ps += unit->local_ps - unit->sync_ps;
    } else if (worker->phase_ps < unit->local_ps) {
        worker->phase_ps = unit->local_ps;
    }
}

static void
delay_pollers(struct vsw_unit *unit)
{
    for (uint32_t i = 0; i < unit->n_workers; i++) {
        if (unit->workers[i] != unit->worker) {
            delay_scan(unit, unit->workers[i]);
        }
    }
}

/* Ends the call at the arrival of an interrupt that is known already. */
static void
pause_at_irq(struct vsw_unit *unit)
{
    if (unit->irqs && unit->irqs->arrival_ps < unit->pause_ps) {
        unit->pause_ps = unit->irqs->arrival_ps;
    }
}

/* An audit walks all rings, so it is not made after each call. */
#define CALLS_PER_AUDIT 64

static void
check_after_call(struct vsw_unit *unit)
{
    struct vsw_sim *sim = unit->sim;

    vsw_sim_expect(sim, vsw_ledger_holds(unit),
                   "busy and idle time of a unit add up to its local time "
                   "after each call");
    if (sim->audit && !sim->violation
        && unit->n_calls % CALLS_PER_AUDIT == 0) {
        sim->violation = sim->audit(sim->audit_aux);
    }
}

/* Whether another CPU of the module has work beyond now. */
static bool
module_works(const struct vsw_unit *unit, uint64_t now_ps)
{
    const struct vsw_unit *u = unit->module_next;

    while (u != unit && u->local_ps <= now_ps) {
        u = u->module_next;
    }
    return u != unit;
}

static void
unit_fire(struct vsw_engine *engine, struct vsw_event *event)
{
    struct vsw_unit *unit = VSW_CONTAINER_OF(event, struct vsw_unit, call);
    uint64_t now_ps = engine->now_ps;

    if (unit->module_next) {
        unit->costs = module_works(unit, now_ps) ? unit->sim->module_costs
                                                 : unit->sim->costs;
    }
    unit->was_idle = false;
    close_gap(unit, now_ps);
    vsw_sim_expect(unit->sim, unit->local_ps == now_ps,
                   "a call starts at the unit's local time");
    unit->sync_ps = now_ps;
    unit->pause_ps = now_ps + unit->sim->quantum_ps;
    unit->in_call = true;
    unit->worker = NULL;
    unit->n_calls++;
    if (unit->irqs && unit->irqs->arrival_ps <= now_ps) {
        serve_irq(unit, now_ps);
    } else if (!unit->sched || unit->holder
               || !vsw_sched_switch(unit->sched, now_ps)) {
        pause_at_irq(unit);
        run_worker(unit, now_ps);
    }
    delay_pollers(unit);
    if (unit->sched) {
        vsw_sched_end_call(unit->sched);
    }
    unit->in_call = false;
    if (unit->sim->check) {
        check_after_call(unit);
    }
    if (VSW_UNLIKELY(unit->sim->observer) && unit->sim->observer->call) {
        unit->sim->observer->call(unit->sim->observer->aux, unit);
    }
    vsw_unit_reschedule(unit);
}

uint64_t
vsw_unit_next_ps(const struct vsw_unit *unit)
{
    return vsw_engine_event_at(&unit->sim->engine, &unit->call);
}

/* When a worker that may run has something to do; each keeps what it found for
 * the call. */
static uint64_t
next_work_ps(const struct vsw_unit *unit, uint32_t *priority)
{
    uint64_t at_ps = VSW_NEVER;

    for (uint32_t i = 0; i < unit->n_workers; i++) {
        struct vsw_worker *worker = unit->workers[i];

        if (!may_run(unit, worker)) {
            continue;
        }
        worker->ready_ps = vsw_worker_ready_ps(worker, &worker->ready_source);
        if (worker->ready_ps < at_ps) {
            at_ps = worker->ready_ps;
            *priority = worker->priority;
        }
        if (worker->waits_for_lock) {
            break;      /* It spins, and yields to no lower priority. */
        }
    }
    return at_ps;
}

/* When the first of an interrupt, a switch of tasks and a worker comes; of
 * those that come together, in this order. */
static uint64_t
next_call_ps(const struct vsw_unit *unit, uint32_t *priority)
{
    uint64_t at_ps = next_work_ps(unit, priority);

    if (unit->sched && !unit->holder) {
        uint64_t switch_ps = vsw_sched_next_ps(unit->sched);

        if (switch_ps != VSW_NEVER && switch_ps <= at_ps) {
            at_ps = switch_ps;
            *priority = SWITCH_PRIORITY;
        }
    }
    if (unit->irqs) {
        uint64_t arrival_ps = unit->irqs->arrival_ps;

        if (arrival_ps < unit->local_ps) {
            arrival_ps = unit->local_ps;
        }
        if (arrival_ps <= at_ps) {
            at_ps = arrival_ps;
            *priority = IRQ_PRIORITY;
        }
    }
    if (unit->idle) {
        enum vsw_gap gap;

        gap_worker(unit, &gap);
        if (gap == VSW_GAP_IDLE) {
            at_ps = vsw_idle_serve_ps(unit->idle, at_ps);
        }
    }
    return at_ps;
}

void
vsw_unit_reschedule(struct vsw_unit *unit)
{
    struct vsw_engine *engine = &unit->sim->engine;
    uint64_t at_ps;
    uint32_t priority = NO_PRIORITY;

    if (unit->in_call) {
        pause_at_irq(unit);
        return;
    }
    at_ps = next_call_ps(unit, &priority);
    if (at_ps == VSW_NEVER) {
        vsw_engine_cancel(engine, &unit->call);
        return;
    }
    if (at_ps < engine->now_ps) {
        at_ps = engine->now_ps;
    }
    if (!vsw_engine_is_scheduled(engine, &unit->call, at_ps, priority)) {
        vsw_engine_schedule(engine, &unit->call, at_ps, priority);
    }
}

void
vsw_unit_finish(struct vsw_unit *unit, uint64_t end_ps)
{
    close_gap(unit, end_ps);
}
