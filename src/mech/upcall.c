#include <vswsim/upcall.h>

#include <errno.h>
#include <string.h>

#include <vswsim/sim.h>
#include <vswsim/workload.h>

#include "core/account.h"
#include "core/cost.h"

static const uint16_t costs[] = {
    VSW_COST_UPCALL_SEND,
    VSW_COST_IPI_SEND,
    VSW_COST_IPI_LATENCY,
};

static uint16_t
handle_cost_of(const struct vsw_upcall *up)
{
    return up->setup.handle_cost ? (uint16_t) up->setup.handle_cost
                                 : (uint16_t) VSW_COST_UPCALL_HANDLE;
}

/* Whether something of lower priority, in the same task if the CPU is shared,
 * has waited for the daemon. */
static bool
others_wait(const struct vsw_upcall *up, uint64_t now_ps)
{
    const struct vsw_unit *unit = up->worker.unit;

    for (uint32_t i = 0; i < unit->n_workers; i++) {
        const struct vsw_worker *w = unit->workers[i];

        if (w != &up->spare && w->priority > up->worker.priority
            && w->task == up->worker.task
            && vsw_worker_wants_ps(w) <= now_ps) {
            return true;
        }
    }
    return false;
}

/* Goes on with the next packet; or lets others have their half, and only goes
 * on with what time they leave of it. */
static void
go_on(struct vsw_upcall *up, struct vsw_worker *worker)
{
    uint64_t now_ps = worker->unit->local_ps;

    if (up->setup.fair && worker == &up->worker && others_wait(up, now_ps)) {
        vsw_worker_wake(&up->worker, 2 * now_ps - up->begun_ps);
        vsw_worker_wake(&up->spare, now_ps);
    } else {
        vsw_worker_go_on(worker);
    }
}

static uint16_t
cost_of(struct vsw_upcall *up)
{
    const struct vsw_upcall_setup *setup = &up->setup;

    up->known = setup->is_known && setup->is_known(setup->aux, up->pkt);
    return up->known ? (uint16_t) VSW_COST_UPCALL_SEND : handle_cost_of(up);
}

/* A packet is one call for the cost and one for what follows from it: the
 * decision is taken, and seen, when the work on it is done. */
static void
daemon_work(void *owner, struct vsw_worker *worker)
{
    struct vsw_upcall *up = owner;
    struct vsw_unit *unit = worker->unit;
    struct vsw_backlog_item item;

    vsw_sleep_awake(&up->sleep);
    if (up->pkt != VSW_NONE) {
        up->n_handled += vsw_unit_in_window(unit);
        up->n_known += up->known && vsw_unit_in_window(unit);
        up->setup.handle(up->setup.aux, worker, up->pkt);
        up->pkt = VSW_NONE;
        go_on(up, worker);
        return;
    }
    if (!vsw_backlog_take(&up->queue, unit->sync_ps, &item)) {
        if (worker == &up->spare) {
            return;
        }
        vsw_sleep_block(&up->sleep, vsw_backlog_ready_ps(&up->queue));
        return;
    }
    up->pkt = item.pkt;
    up->begun_ps = unit->sync_ps;
    vsw_unit_charge(unit, VSW_ACCOUNT_UPCALL, cost_of(up), 1);
    vsw_worker_go_on(worker);
}

/* Behind all others. */
#define SPARE_PRIORITY 253

static int
add_spare(struct vsw_upcall *up)
{
    up->spare = (struct vsw_worker) {
        .unit = up->setup.unit,
        .work = daemon_work,
        .owner = up,
        .domain = up->setup.domain,
        .priority = SPARE_PRIORITY,
    };
    if (vsw_worker_add(&up->spare)) {
        return -ENOMEM;
    }
    if (up->setup.task) {
        vsw_task_adopt(up->setup.task, &up->spare);
    }
    return 0;
}

static int
start(struct vsw_upcall *up)
{
    const struct vsw_upcall_setup *setup = &up->setup;

    up->worker = (struct vsw_worker) {
        .unit = setup->unit,
        .work = daemon_work,
        .owner = up,
        .domain = setup->domain,
        .priority = setup->priority,
    };
    if (vsw_backlog_init(&up->queue, setup->limit_pkts)
        || vsw_worker_add(&up->worker)) {
        return -ENOMEM;
    }
    if (setup->fair && add_spare(up)) {
        return -ENOMEM;
    }
    if (setup->task) {
        vsw_task_adopt(setup->task, &up->worker);
    }
    vsw_sleep_init(&up->sleep, &up->worker, setup->domain, setup->entry);
    return 0;
}

int
vsw_upcall_start(struct vsw_upcall *upcall,
                 const struct vsw_upcall_setup *setup, const char *who,
                 struct vsw_error *err)
{
    struct vsw_sim *sim = setup->unit->sim;
    uint16_t handle_cost;
    int error = vsw_sim_require_costs(sim, who, costs, VSW_N_ELEMS(costs),
                                      err);

    memset(upcall, 0, sizeof *upcall);
    upcall->setup = *setup;
    upcall->pkt = VSW_NONE;
    handle_cost = handle_cost_of(upcall);
    if (!error) {
        error = vsw_sim_require_costs(sim, who, &handle_cost, 1, err);
    }
    if (!error && start(upcall)) {
        error = vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                              "out of memory for a daemon's queue of %u",
                              setup->limit_pkts);
    }
    return error;
}

void
vsw_upcall_fini(struct vsw_upcall *upcall)
{
    vsw_backlog_fini(&upcall->queue);
}

bool
vsw_upcall_post(struct vsw_upcall *upcall, struct vsw_unit *device,
                uint32_t pkt)
{
    bool in_window = vsw_unit_in_window(device);

    if (!vsw_backlog_put(&upcall->queue, device, pkt, 0)) {
        upcall->n_refused += in_window;
        return false;
    }
    upcall->n_sent += in_window;
    vsw_sleep_notify(&upcall->sleep, device);
    return true;
}

bool
vsw_upcall_send(struct vsw_upcall *upcall, struct vsw_unit *unit,
                uint32_t pkt)
{
    vsw_unit_charge(unit, VSW_ACCOUNT_UPCALL, VSW_COST_UPCALL_SEND, 1);
    return vsw_upcall_post(upcall, unit, pkt);
}
