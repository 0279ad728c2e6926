/* What the hypervisor does on the CPUs of guests, before their own work. */
#include "models/hyper_switch/hyper.h"

/* Guests start later, and of equal priorities the first comes first. */
#define HYPERVISOR_PRIORITY 1
#define LATE_PRIORITY       1

void
hyper_wake(struct hyper_vnic *v)
{
    struct vsw_worker *worker = &v->cpu->hypervisor;
    const struct vsw_unit *unit = worker->unit;

    vsw_worker_wake(worker, unit->in_call ? unit->local_ps
                                          : unit->sim->engine.now_ps);
}

void
hyper_enter_by_timer(const struct hyper_vnic *v, struct vsw_unit *unit)
{
    (void) v;
    if (!vsw_unit_is_free(unit, &v->cpu->idle.worker, unit->sync_ps)) {
        vsw_enter_hypervisor(unit, VSW_ENTRY_HYPERCALL);
    }
}

static bool
has_work(const struct hyper_vnic *v)
{
    return v->switch_due || v->reap_due || v->copies_due > 0 || v->end_due;
}

/* The next vNIC with work; the one at hand until that is done. */
static struct hyper_vnic *
choose(struct hyper_cpu *c)
{
    if (c->at && has_work(c->at)) {
        return c->at;
    }
    c->at = c->vnics;
    while (c->at && !has_work(c->at)) {
        c->at = c->at->next_on_cpu;
    }
    return c->at;
}

static void
switch_one(struct hyper_cpu *c, struct hyper_vnic *v)
{
    enum vsw_idle_result result = hyper_switch_packet(&c->hands, v,
                                                      &c->hypervisor);

    v->did_work |= result == VSW_IDLE_DONE;
    v->switch_due = result == VSW_IDLE_DONE || result == VSW_IDLE_MORE;
}

static void
copy_one(struct hyper_cpu *c, struct hyper_vnic *v)
{
    enum vsw_idle_result result
        = hyper_copy_packet(&c->hands, v, &c->hypervisor, HYPER_RECEIVER);

    if (result == VSW_IDLE_MORE) {
        return;
    }
    if (result == VSW_IDLE_DONE) {
        v->did_work = true;
        v->copies_due -= v->copies_due != UINT32_MAX;
    } else {
        v->copies_due = 0;
    }
    v->end_due = v->copies_due == 0;
}

/* One step.  It holds the CPU until nothing is due: a hypervisor is not
 * preempted. */
static void
work(void *owner, struct vsw_worker *worker)
{
    struct hyper_cpu *c = owner;
    struct hyper_vnic *v = choose(c);

    if (!v) {
        if (worker->unit->holder == worker) {
            vsw_worker_let_go(worker);
        }
        return;
    }
    vsw_worker_hold_cpu(worker);
    vsw_worker_go_on(worker);
    if (v->end_due) {
        v->end_due = false;
        hyper_end_copies(v, worker->unit);
    } else if (v->reap_due) {
        hyper_reap(v, worker);
    } else if (v->switch_due) {
        switch_one(c, v);
    } else {
        copy_one(c, v);
    }
}

static int
start_late(struct hyper_vnic *v)
{
    int error = 0;

    v->late.priority = LATE_PRIORITY;
    if (v->vnic->task) {
        error = vsw_worker_add(&v->late);
        if (!error) {
            vsw_task_adopt(v->vnic->task, &v->late);
        }
    }
    return error;
}

int
hyper_start_hypervisor(struct hyper_cpu *c)
{
    int error;

    c->hands.pkt = VSW_NONE;
    c->hands.copy.pkt = VSW_NONE;
    c->hypervisor.unit = c->unit;
    c->hypervisor.work = work;
    c->hypervisor.owner = c;
    c->hypervisor.priority = HYPERVISOR_PRIORITY;
    c->hypervisor.domain = c->hyper->sw->domain;
    error = vsw_worker_add(&c->hypervisor);
    for (struct hyper_vnic *v = c->vnics; !error && v; v = v->next_on_cpu) {
        error = start_late(v);
    }
    return error;
}
