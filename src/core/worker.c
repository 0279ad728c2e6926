#include <vswsim/worker.h>

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vswsim/ring.h>
#include <vswsim/sim.h>

int
vsw_worker_add(struct vsw_worker *worker)
{
    struct vsw_unit *unit = worker->unit;
    size_t n = unit->n_workers + 1;
    struct vsw_worker **workers = realloc(unit->workers,
                                          n * sizeof *workers);
    uint32_t at = unit->n_workers;

    if (!workers) {
        return -ENOMEM;
    }
    unit->workers = workers;
    for (; at > 0 && workers[at - 1]->priority > worker->priority; at--) {
        workers[at] = workers[at - 1];
    }
    workers[at] = worker;
    unit->n_workers++;
    worker->trigger = VSW_TRIGGER_WAKE;
    worker->n_woken = 0;
    worker->unfinished = false;
    worker->waits_for_lock = false;
    worker->task = NULL;
    worker->descheduled = false;
    worker->ready_ps = VSW_NEVER;
    return 0;
}

static void
watch(struct vsw_worker *worker, struct vsw_source *sources,
      uint32_t n_sources)
{
    assert(n_sources > 0);
    worker->sources = sources;
    worker->n_sources = n_sources;
    worker->source = n_sources - 1;
    for (uint32_t i = 0; i < n_sources; i++) {
        if (sources[i].kind == VSW_SOURCE_FILLED) {
            sources[i].ring->fills.watcher = worker->unit;
        } else if (sources[i].kind == VSW_SOURCE_FREED) {
            sources[i].ring->frees.watcher = worker->unit;
        }
    }
    vsw_unit_reschedule(worker->unit);
}

void
vsw_worker_poll(struct vsw_worker *worker, struct vsw_source *sources,
                uint32_t n_sources, uint32_t empty_cost, uint64_t start_ps)
{
    worker->trigger = VSW_TRIGGER_POLL;
    worker->empty_cost = empty_cost;
    worker->empty_ps = vsw_unit_cost_ps(worker->unit, empty_cost, 1);
    worker->phase_ps = start_ps;
    worker->poll_until_ps = VSW_NEVER;
    watch(worker, sources, n_sources);
}

void
vsw_worker_serve(struct vsw_worker *worker, struct vsw_source *sources,
                 uint32_t n_sources)
{
    worker->trigger = VSW_TRIGGER_DEVICE;
    worker->empty_ps = 0;
    worker->phase_ps = 0;
    worker->poll_until_ps = VSW_NEVER;
    watch(worker, sources, n_sources);
}

void
vsw_worker_stop_polling(struct vsw_worker *worker)
{
    assert(worker->trigger == VSW_TRIGGER_POLL);
    worker->trigger = VSW_TRIGGER_WAKE;
    vsw_unit_reschedule(worker->unit);
}

void
vsw_worker_resume_polling(struct vsw_worker *worker)
{
    assert(worker->n_sources > 0);
    worker->trigger = VSW_TRIGGER_POLL;
    worker->source = worker->n_sources - 1;
    worker->phase_ps = worker->unit->local_ps;
    vsw_unit_reschedule(worker->unit);
}

void
vsw_worker_wake(struct vsw_worker *worker, uint64_t stamp_ps)
{
    uint64_t *woken_ps = worker->woken_ps;
    uint32_t n = worker->n_woken;
    uint32_t at;

    if (n == VSW_WORKER_N_WAKES) {
        n--;
        woken_ps[n - 1] = woken_ps[n];
    }
    at = n;
    while (at > 0 && woken_ps[at - 1] >= stamp_ps) {
        at--;
    }
    memmove(&woken_ps[at + 1], &woken_ps[at], (n - at) * sizeof *woken_ps);
    woken_ps[at] = stamp_ps;
    worker->n_woken = n + 1;
    if (at == 0) {
        vsw_unit_reschedule(worker->unit);
    }
}

void
vsw_worker_answer_wakes(struct vsw_worker *worker, uint64_t now_ps)
{
    uint32_t n = 0;

    while (n < worker->n_woken && worker->woken_ps[n] <= now_ps) {
        n++;
    }
    worker->n_woken -= n;
    memmove(worker->woken_ps, &worker->woken_ps[n],
            worker->n_woken * sizeof *worker->woken_ps);
}

void
vsw_worker_hold_cpu(struct vsw_worker *worker)
{
    assert(!worker->unit->holder || worker->unit->holder == worker);
    worker->unit->holder = worker;
}

void
vsw_worker_let_go(struct vsw_worker *worker)
{
    assert(worker->unit->holder == worker);
    worker->unit->holder = NULL;
    vsw_unit_reschedule(worker->unit);
}

uint64_t
vsw_worker_wants_ps(const struct vsw_worker *worker)
{
    if (worker->waits_for_lock || worker->unfinished) {
        return 0;
    }
    if (worker->trigger == VSW_TRIGGER_POLL) {
        return worker->phase_ps;
    }
    return worker->n_woken > 0 ? worker->woken_ps[0] : VSW_NEVER;
}

/* The worker whose call reaches beyond 'now_ps', or NULL. */
static const struct vsw_worker *
running(const struct vsw_unit *unit, uint64_t now_ps)
{
    return unit->in_call || unit->local_ps > now_ps ? unit->worker : NULL;
}

bool
vsw_unit_runs_domain(const struct vsw_unit *unit, uint32_t domain,
                     uint64_t now_ps)
{
    const struct vsw_worker *runs = running(unit, now_ps);

    if (runs && runs->domain == domain) {
        return true;
    }
    for (uint32_t i = 0; i < unit->n_workers; i++) {
        const struct vsw_worker *worker = unit->workers[i];

        if (worker->domain == domain
            && vsw_worker_wants_ps(worker) <= now_ps) {
            return true;
        }
    }
    return false;
}

bool
vsw_unit_is_free(const struct vsw_unit *unit, const struct vsw_worker *idle,
                 uint64_t now_ps)
{
    const struct vsw_worker *runs = running(unit, now_ps);

    if (runs && runs != idle) {
        return false;
    }
    for (uint32_t i = 0; i < unit->n_workers; i++) {
        const struct vsw_worker *worker = unit->workers[i];

        if (worker != idle && vsw_worker_wants_ps(worker) <= now_ps) {
            return false;
        }
    }
    return true;
}

static uint64_t
source_ready_ps(const struct vsw_source *source)
{
    uint64_t ready_ps;

    if (source->kind == VSW_SOURCE_NEVER) {
        return VSW_NEVER;
    }
    ready_ps = vsw_ring_ready_ps(source->ring,
                                 source->kind == VSW_SOURCE_FREED,
                                 source->n_needed);
    return ready_ps > source->not_before_ps ? ready_ps
                                            : source->not_before_ps;
}

/* First of the looks at 'first_ps', 'first_ps' + 'period_ps', ... that is not
 * before 'ready_ps'. */
static uint64_t
first_look_ps(uint64_t first_ps, uint64_t period_ps, uint64_t ready_ps)
{
    uint64_t n;

    if (first_ps >= ready_ps) {
        return first_ps;
    }
    if (period_ps == 0) {
        return ready_ps;
    }
    n = (ready_ps - first_ps + period_ps - 1) / period_ps;
    return first_ps + n * period_ps;
}

/* The look that ends a parked scan: the one at 'found_ps' or, if it comes
 * earlier, the first from the deadline on. */
static uint64_t
deadline_look_ps(const struct vsw_worker *worker, uint64_t found_ps,
                 uint32_t *source)
{
    uint64_t from_ps = worker->poll_until_ps > worker->unit->local_ps
                       ? worker->poll_until_ps
                       : worker->unit->local_ps;
    uint64_t look_ps = first_look_ps(worker->phase_ps, worker->empty_ps,
                                     from_ps);

    if (look_ps >= found_ps) {
        return found_ps;
    }
    *source = worker->source + 1;
    if (worker->empty_ps > 0) {
        *source += (uint32_t) ((look_ps - worker->phase_ps)
                               / worker->empty_ps % worker->n_sources);
    }
    *source %= worker->n_sources;
    return look_ps;
}

static uint64_t
poller_ready_ps(const struct vsw_worker *worker, uint32_t *source)
{
    uint64_t local_ps = worker->unit->local_ps;
    uint64_t period_ps = worker->n_sources * worker->empty_ps;
    uint64_t best_ps = VSW_NEVER;
    uint64_t first_ps = worker->phase_ps;
    uint32_t at = worker->source;

    for (uint32_t k = 0; k < worker->n_sources; k++) {
        uint64_t look_ps;

        if (best_ps <= first_ps || best_ps <= local_ps) {
            break;      /* This look comes no earlier, nor do the others. */
        }
        at = at + 1 < worker->n_sources ? at + 1 : 0;
        look_ps = source_ready_ps(&worker->sources[at]);
        if (look_ps != VSW_NEVER) {
            if (look_ps < local_ps) {
                look_ps = local_ps;
            }
            look_ps = first_look_ps(first_ps, period_ps, look_ps);
            if (look_ps < best_ps) {
                best_ps = look_ps;
                *source = at;
            }
        }
        first_ps += worker->empty_ps;
    }
    if (worker->poll_until_ps != VSW_NEVER) {
        return deadline_look_ps(worker, best_ps, source);
    }
    return best_ps;
}

uint64_t
vsw_worker_ready_ps(const struct vsw_worker *worker, uint32_t *source)
{
    uint64_t local_ps = worker->unit->local_ps;
    uint64_t ready_ps;

    *source = worker->source;
    if (worker->waits_for_lock) {
        ready_ps = worker->lock_granted_ps;
    } else if (worker->unfinished) {
        ready_ps = local_ps;
    } else if (worker->trigger != VSW_TRIGGER_WAKE) {
        return poller_ready_ps(worker, source);
    } else {
        ready_ps = worker->n_woken > 0 ? worker->woken_ps[0] : VSW_NEVER;
    }
    return ready_ps > local_ps ? ready_ps : local_ps;
}
