#include <vswsim/sched.h>

#include <assert.h>
#include <string.h>

#include "core/account.h"
#include "core/cost.h"

#define NO_DOMAIN UINT32_MAX

void
vsw_sched_init(struct vsw_sched *sched, struct vsw_unit *unit,
               uint64_t slice_ps, uint64_t wake_ps)
{
    assert(slice_ps > 0 && wake_ps <= slice_ps && !unit->sched);
    *sched = (struct vsw_sched) {
        .unit = unit,
        .slice_ps = slice_ps,
        .wake_ps = wake_ps,
        .loaded_domain = NO_DOMAIN,
    };
    unit->sched = sched;
}

void
vsw_sched_add(struct vsw_sched *sched, struct vsw_task *task,
              enum vsw_task_kind kind, uint32_t domain)
{
    struct vsw_task **link = &sched->tasks;

    while (*link) {
        link = &(*link)->next;
    }
    *task = (struct vsw_task) {
        .sched = sched,
        .kind = kind,
        .domain = domain,
    };
    *link = task;
}

void
vsw_task_adopt(struct vsw_task *task, struct vsw_worker *worker)
{
    assert(worker->unit == task->sched->unit);
    worker->task = task;
    worker->descheduled = !vsw_task_is_current(task);
    vsw_unit_reschedule(worker->unit);
}

static uint64_t
task_wants_ps(const struct vsw_task *task)
{
    const struct vsw_unit *unit = task->sched->unit;
    uint64_t first_ps = VSW_NEVER;

    if (task->queued) {
        return task->queued_ps;
    }
    for (uint32_t i = 0; i < unit->n_workers; i++) {
        if (unit->workers[i]->task == task) {
            uint64_t wants_ps = vsw_worker_wants_ps(unit->workers[i]);

            first_ps = wants_ps < first_ps ? wants_ps : first_ps;
        }
    }
    return first_ps;
}

/* Whether 'task' goes before those that were preempted. */
static bool
is_boosted(const struct vsw_sched *sched, const struct vsw_task *task)
{
    return !task->queued && sched->wake_ps < sched->slice_ps;
}

/* When 'task', which wants the CPU from 'wants_ps' on, can have it, given
 * that the current task wants it from 'current_ps' on. */
static uint64_t
start_ps(const struct vsw_sched *sched, const struct vsw_task *task,
         uint64_t wants_ps, uint64_t current_ps)
{
    uint64_t at_ps = wants_ps;
    uint64_t free_ps;

    if (at_ps < sched->unit->local_ps) {
        at_ps = sched->unit->local_ps;
    }
    if (current_ps > at_ps) {
        return at_ps;
    }
    free_ps = sched->since_ps
              + (task->queued ? sched->slice_ps : sched->wake_ps);
    return free_ps > at_ps ? free_ps : at_ps;
}

static uint64_t
current_wants_ps(const struct vsw_sched *sched)
{
    return sched->current ? task_wants_ps(sched->current) : VSW_NEVER;
}

uint64_t
vsw_sched_next_ps(const struct vsw_sched *sched)
{
    uint64_t current_ps = current_wants_ps(sched);
    uint64_t next_ps = VSW_NEVER;

    for (const struct vsw_task *t = sched->tasks; t; t = t->next) {
        uint64_t wants_ps = t == sched->current ? VSW_NEVER
                                                : task_wants_ps(t);

        if (wants_ps != VSW_NEVER) {
            uint64_t at_ps = start_ps(sched, t, wants_ps, current_ps);

            next_ps = at_ps < next_ps ? at_ps : next_ps;
        }
    }
    return next_ps;
}

/* The task to run from 'now_ps' on: boosted ones first, then by how long they
 * have waited. */
static struct vsw_task *
pick(struct vsw_sched *sched, uint64_t now_ps)
{
    uint64_t current_ps = current_wants_ps(sched);
    struct vsw_task *best = NULL;
    uint64_t best_ps = 0;

    for (struct vsw_task *t = sched->tasks; t; t = t->next) {
        uint64_t wants_ps = t == sched->current ? VSW_NEVER
                                                : task_wants_ps(t);

        if (wants_ps == VSW_NEVER
            || start_ps(sched, t, wants_ps, current_ps) > now_ps) {
            continue;
        }
        if (!best || is_boosted(sched, t) > is_boosted(sched, best)
            || (is_boosted(sched, t) == is_boosted(sched, best)
                && wants_ps < best_ps)) {
            best = t;
            best_ps = wants_ps;
        }
    }
    return best;
}

static void
set_descheduled(struct vsw_task *task, bool descheduled)
{
    const struct vsw_unit *unit = task->sched->unit;

    for (uint32_t i = 0; i < unit->n_workers; i++) {
        if (unit->workers[i]->task == task) {
            unit->workers[i]->descheduled = descheduled;
        }
    }
}

static void
take_out(struct vsw_sched *sched, uint64_t now_ps)
{
    struct vsw_task *task = sched->current;

    if (task) {
        task->queued = task_wants_ps(task) <= now_ps;
        task->queued_ps = now_ps;
        set_descheduled(task, true);
        sched->current = NULL;
    }
}

static void
charge_switch(struct vsw_sched *sched, const struct vsw_task *to)
{
    bool other_domain = to->kind == VSW_TASK_VCPU
                        && to->domain != sched->loaded_domain;

    if (sched->started) {
        vsw_unit_enter(sched->unit, to->domain, VSW_STAGE_NONE);
        vsw_unit_charge(sched->unit, VSW_ACCOUNT_CTXSW,
                        other_domain ? VSW_COST_DOMAIN_SWITCH
                                     : VSW_COST_CTXSW_KTHREAD, 1);
        sched->n_switches++;
    }
    if (to->kind == VSW_TASK_VCPU) {
        sched->loaded_domain = to->domain;
    }
    sched->started = true;
}

/* A scan goes on with the next source. */
static void
resume_scans(const struct vsw_task *task)
{
    const struct vsw_unit *unit = task->sched->unit;

    for (uint32_t i = 0; i < unit->n_workers; i++) {
        struct vsw_worker *worker = unit->workers[i];

        if (worker->task == task && worker->phase_ps < unit->local_ps) {
            worker->phase_ps = unit->local_ps;
        }
    }
}

bool
vsw_sched_switch(struct vsw_sched *sched, uint64_t now_ps)
{
    struct vsw_task *to;

    if (sched->unit->was_idle) {
        sched->since_ps = now_ps;
    }
    to = pick(sched, now_ps);
    if (!to) {
        return false;
    }
    take_out(sched, now_ps);
    to->queued = false;
    to->n_runs++;
    set_descheduled(to, false);
    charge_switch(sched, to);
    resume_scans(to);
    sched->current = to;
    sched->since_ps = sched->unit->local_ps;
    return true;
}

void
vsw_sched_end_call(struct vsw_sched *sched)
{
    struct vsw_task *task = sched->current;

    /* The idle thread takes over from a thread that blocks; a vCPU that
     * blocks stays loaded. */
    if (task && task->kind == VSW_TASK_KTHREAD
        && task_wants_ps(task) > sched->unit->local_ps) {
        take_out(sched, sched->unit->local_ps);
    }
}
