#include <vswsim/notify.h>

#include <assert.h>
#include <string.h>

#include <vswsim/mem.h>

#include "core/account.h"
#include "core/cost.h"
#include "mech/latency.h"

static const uint16_t costs[] = {
    VSW_COST_VM_EXIT, VSW_COST_HYPERCALL, VSW_COST_IPI_SEND,
    VSW_COST_IPI_LATENCY, VSW_COST_GUEST_IRQ,
};

int
vsw_notify_check_costs(const struct vsw_sim *sim, const char *who,
                       struct vsw_error *err)
{
    return vsw_sim_require_costs(sim, who, costs, VSW_N_ELEMS(costs), err);
}

void
vsw_enter_hypervisor(struct vsw_unit *unit, enum vsw_entry entry)
{
    vsw_mem_run(unit, VSW_CODE_HYPERVISOR);
    if (entry == VSW_ENTRY_HYPERCALL) {
        vsw_unit_charge(unit, VSW_ACCOUNT_HYPERCALL, VSW_COST_HYPERCALL, 1);
    } else {
        vsw_unit_charge(unit, VSW_ACCOUNT_VM_EXIT, VSW_COST_VM_EXIT, 1);
    }
}

/* --- Between CPUs -------------------------------------------------------- */

void
vsw_ipi_init(struct vsw_ipi *ipi, struct vsw_unit *target, uint32_t domain,
             vsw_irq_fn handle, void *aux)
{
    struct vsw_sim *sim = target->sim;

    memset(ipi, 0, sizeof *ipi);
    vsw_irq_init(&ipi->irq, target, domain, handle, aux);
    /* Streams below belong to shootdowns. */
    vsw_sim_random(sim, &ipi->latency, VSW_RANDOM_WAKE_LATENCY,
                   VSW_MAX_UNITS + sim->n_ipis++);
}

void
vsw_ipi_send(struct vsw_ipi *ipi, struct vsw_unit *sender)
{
    uint64_t latency_ps
        = vsw_latency_spread(&ipi->latency,
                             vsw_unit_cost_ps(sender, VSW_COST_IPI_LATENCY,
                                              1));

    vsw_unit_charge(sender, VSW_ACCOUNT_IPI, VSW_COST_IPI_SEND, 1);
    ipi->n_sent++;
    vsw_irq_send(&ipi->irq, sender->local_ps, sender->local_ps + latency_ps);
}

/* Whether a vCPU runs, not idles, on a shared CPU when a call begins. */
static bool
runs_vcpu(const struct vsw_unit *unit)
{
    const struct vsw_task *task = unit->sched ? unit->sched->current : NULL;

    return task && task->kind == VSW_TASK_VCPU && !unit->was_idle;
}

static void
wake_worker(struct vsw_unit *unit, struct vsw_irq *irq)
{
    struct vsw_wakeup *wakeup = irq->aux;

    if (runs_vcpu(unit)) {
        vsw_enter_hypervisor(unit, wakeup->entry);
    }
    vsw_worker_wake(wakeup->worker, unit->local_ps);
}

void
vsw_wakeup_init(struct vsw_wakeup *wakeup, struct vsw_worker *worker,
                uint32_t domain, enum vsw_entry entry)
{
    vsw_ipi_init(&wakeup->ipi, worker->unit, domain, wake_worker, wakeup);
    wakeup->worker = worker;
    wakeup->entry = entry;
    wakeup->n_sent = 0;
}

void
vsw_wakeup_send(struct vsw_wakeup *wakeup, struct vsw_unit *sender)
{
    wakeup->n_sent++;
    if (sender == wakeup->worker->unit) {
        vsw_worker_wake(wakeup->worker, sender->local_ps);
    } else {
        vsw_ipi_send(&wakeup->ipi, sender);
    }
}

/* --- Blocking ------------------------------------------------------------ */

void
vsw_doze_init(struct vsw_doze *doze, const struct vsw_source *sources,
              uint32_t n_sources)
{
    memset(doze, 0, sizeof *doze);
    vsw_flag_init(&doze->wanted, false);
    doze->sources = sources;
    doze->n_sources = n_sources;
}

void
vsw_doze_awake(struct vsw_doze *doze, const struct vsw_worker *worker)
{
    if (doze->armed) {
        vsw_flag_set(&doze->wanted, worker->unit, false);
        doze->armed = false;
    }
}

static bool
has_work(const struct vsw_doze *doze, uint64_t sync_ps)
{
    for (uint32_t i = 0; i < doze->n_sources; i++) {
        const struct vsw_source *s = &doze->sources[i];

        if (s->kind != VSW_SOURCE_NEVER && s->not_before_ps <= sync_ps
            && vsw_ring_ready_ps(s->ring, s->kind == VSW_SOURCE_FREED,
                                 s->n_needed) <= sync_ps) {
            return true;
        }
    }
    return false;
}

bool
vsw_doze_block(struct vsw_doze *doze, struct vsw_worker *worker)
{
    struct vsw_unit *unit = worker->unit;

    if (!doze->armed) {
        vsw_flag_set(&doze->wanted, unit, true);
        doze->armed = true;
    } else if (vsw_unit_at_sync(unit) && !has_work(doze, unit->sync_ps)) {
        doze->n_blocked++;
        return true;
    }
    vsw_worker_go_on(worker);
    return false;
}

/* --- From a guest to its backend ----------------------------------------- */

enum answer {
    ASK_AGAIN,
    ASK_UNWANTED,
    ASK_WANTED,
};

/* Whether to notify about what 'worker' has published, which the flag tells
 * at a sync that is not before the publication. */
static enum answer
ask(const struct vsw_flag *wanted, struct vsw_worker *worker)
{
    if (!wanted) {
        return ASK_WANTED;
    }
    if (!vsw_unit_at_sync(worker->unit)) {
        vsw_worker_go_on(worker);
        return ASK_AGAIN;
    }
    return vsw_flag_read(wanted, worker->unit) ? ASK_WANTED : ASK_UNWANTED;
}

bool
vsw_kick(struct vsw_kick *kick, struct vsw_worker *worker)
{
    switch (ask(kick->wanted, worker)) {
    case ASK_AGAIN:
        return false;
    case ASK_UNWANTED:
        kick->n_suppressed++;
        return true;
    case ASK_WANTED:
        break;
    }
    kick->n_sent++;
    vsw_enter_hypervisor(worker->unit, kick->entry);
    vsw_wakeup_send(kick->wakeup, worker->unit);
    return true;
}

/* --- From the hypervisor to a guest -------------------------------------- */

/* Whether the vCPU was running when a call of its CPU began. */
static bool
is_running(const struct vsw_virq *virq, const struct vsw_unit *unit)
{
    bool is_loaded = !virq->task || vsw_task_is_current(virq->task);

    return is_loaded && !unit->was_idle
           && (!virq->arrive
               || vsw_unit_runs_domain(unit, virq->worker.domain,
                                       unit->sync_ps));
}

static void
arrive(struct vsw_virq *virq, struct vsw_unit *unit)
{
    bool is_wanted = !virq->arrive || !virq->wanted
                     || vsw_flag_read(virq->wanted, unit);

    if (is_running(virq, unit)) {
        for (uint32_t i = 0; i < virq->n_entries; i++) {
            vsw_enter_hypervisor(unit, virq->entry);
        }
        virq->n_running++;
    } else {
        if (runs_vcpu(unit)) {
            vsw_enter_hypervisor(unit, virq->entry);
        }
        virq->n_blocked++;
    }
    if (virq->arrive) {
        virq->arrive(virq->arrive_aux, unit);
    }
    if (is_wanted) {
        vsw_worker_wake(&virq->worker, unit->local_ps);
    } else {
        virq->n_suppressed++;
    }
}

/* One that the guest has not taken yet is pending, and a further one changes
 * nothing; without that, a sender faster than its exits would never let the
 * guest come to it. */
static void
deliver(struct vsw_unit *unit, struct vsw_irq *irq)
{
    struct vsw_virq *virq = irq->aux;

    if (!virq->arrive && virq->worker.n_woken > 0) {
        virq->n_merged++;
    } else {
        arrive(virq, unit);
    }
}

void
vsw_virq_arrive(struct vsw_virq *virq, struct vsw_unit *unit)
{
    if (virq->wanted && !vsw_flag_read(virq->wanted, unit)) {
        virq->n_suppressed++;
        return;
    }
    arrive(virq, unit);
}

static void
take_in_guest(void *owner, struct vsw_worker *worker)
{
    struct vsw_virq *virq = owner;

    vsw_unit_charge(worker->unit, VSW_ACCOUNT_GUEST_IRQ, VSW_COST_GUEST_IRQ,
                    1);
    virq->upcall(virq->aux, worker);
}

int
vsw_virq_init(struct vsw_virq *virq, struct vsw_unit *unit,
              struct vsw_task *task, uint32_t guest, uint32_t hypervisor,
              uint32_t priority, vsw_upcall_fn upcall, void *aux)
{
    int error;

    memset(virq, 0, sizeof *virq);
    vsw_ipi_init(&virq->ipi, unit, hypervisor, deliver, virq);
    virq->worker.unit = unit;
    virq->worker.work = take_in_guest;
    virq->worker.owner = virq;
    virq->worker.priority = priority;
    virq->worker.domain = guest;
    virq->task = task;
    virq->n_entries = 2;
    virq->upcall = upcall;
    virq->aux = aux;
    error = vsw_worker_add(&virq->worker);
    if (!error && task) {
        vsw_task_adopt(task, &virq->worker);
    }
    return error;
}

bool
vsw_virq_raise(struct vsw_virq *virq, struct vsw_worker *worker)
{
    switch (ask(virq->wanted, worker)) {
    case ASK_AGAIN:
        return false;
    case ASK_UNWANTED:
        virq->n_suppressed++;
        return true;
    case ASK_WANTED:
        break;
    }
    vsw_ipi_send(&virq->ipi, worker->unit);
    return true;
}

void
vsw_virq_send(struct vsw_virq *virq, struct vsw_unit *unit)
{
    if (unit == virq->worker.unit) {
        arrive(virq, unit);
    } else {
        vsw_ipi_send(&virq->ipi, unit);
    }
}

void
vsw_virq_pend(struct vsw_virq *virq, struct vsw_unit *unit)
{
    if (!virq->wanted || vsw_flag_read(virq->wanted, unit)) {
        vsw_worker_wake(&virq->worker, unit->local_ps);
    } else {
        virq->n_suppressed++;
    }
}
