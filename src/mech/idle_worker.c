#include <vswsim/idle_worker.h>

#include <assert.h>
#include <string.h>

#define PS_PER_NS UINT64_C(1000)

static bool
has_packet(const struct vsw_idle_worker *iw, uint32_t i)
{
    uint64_t now_ps = iw->worker.unit->sync_ps;

    return !iw->is_locked[i] && iw->sources[i].kind != VSW_SOURCE_NEVER
           && iw->sources[i].not_before_ps <= now_ps
           && vsw_ring_visible(iw->sources[i].ring, now_ps) > 0;
}

/* The next transmit ring with packets, or 0. */
static uint32_t
find_tx_ring(const struct vsw_idle_worker *iw)
{
    uint32_t n = iw->n_sources - 1;

    for (uint32_t k = 0; k < n; k++) {
        uint32_t i = 1 + (iw->next + k) % n;

        if (has_packet(iw, i)) {
            return i;
        }
    }
    return 0;
}

/* Goes on with, or begins, one packet of source 'i'.  From its first call to
 * its last the CPU is held: a real idle loop looks up after each packet. */
static void
do_packet(struct vsw_idle_worker *iw, uint32_t i, vsw_idle_packet_fn packet)
{
    struct vsw_worker *worker = &iw->worker;

    iw->in_hand = NULL;
    switch (packet(iw->owner, worker, iw->sources[i].ring)) {
    case VSW_IDLE_LOCKED:
        iw->is_locked[i] = true;
        break;
    case VSW_IDLE_MORE:
        iw->in_hand = packet;
        iw->in_hand_source = i;
        vsw_worker_hold_cpu(worker);
        break;
    case VSW_IDLE_DONE:
        iw->worked = true;
        iw->n_packets++;
        break;
    case VSW_IDLE_NOTHING:
        break;
    }
    if (!iw->in_hand && worker->unit->holder == worker) {
        vsw_worker_let_go(worker);
    }
    vsw_worker_go_on(worker);
}

/* What was locked is looked at again later, so that time goes on. */
static void
begin_pass(struct vsw_idle_worker *iw)
{
    uint64_t now_ps = iw->worker.unit->sync_ps;

    for (uint32_t i = 0; i < iw->n_sources; i++) {
        if (iw->is_locked[i]) {
            iw->sources[i].not_before_ps = now_ps + PS_PER_NS;
            iw->is_locked[i] = false;
        }
    }
}

static void
poll_on(struct vsw_idle_worker *iw)
{
    if (iw->worker.trigger != VSW_TRIGGER_POLL) {
        vsw_worker_resume_polling(&iw->worker);
    }
    iw->worker.poll_until_ps = iw->loop.deadline_ns < VSW_NEVER / PS_PER_NS
                               ? iw->loop.deadline_ns * PS_PER_NS
                               : VSW_NEVER;
    begin_pass(iw);
}

/* Blocks, unless something came meanwhile.  A ring that is locked is in the
 * hands of another, who sees to it. */
static void
sleep_if_empty(struct vsw_idle_worker *iw)
{
    begin_pass(iw);
    if (!vsw_doze_block(&iw->doze, &iw->worker)) {
        return;
    }
    iw->asleep = true;
    if (iw->worker.trigger == VSW_TRIGGER_POLL) {
        vsw_worker_stop_polling(&iw->worker);
    }
}

static void
idle_work(void *owner, struct vsw_worker *worker)
{
    struct vsw_idle_worker *iw = owner;
    uint64_t now_ns = worker->unit->sync_ps / PS_PER_NS;
    uint32_t tx = find_tx_ring(iw);
    /* Whatever must run first does: it has a higher priority. */
    struct vsw_idle_view view = {
        .must_leave = false,
        .n_requests = has_packet(iw, 0),
        .n_tx_rings = tx > 0,
    };
    bool has_work = view.n_requests || view.n_tx_rings;

    if (iw->in_hand) {
        do_packet(iw, iw->in_hand_source, iw->in_hand);
        return;
    }
    if (has_work || iw->asleep) {
        vsw_doze_awake(&iw->doze, worker);
    }
    if (iw->asleep || (iw->worked && !has_work)) {
        vsw_idle_loop_extend(&iw->loop, now_ns);
        iw->asleep = iw->worked = false;
    }
    switch (vsw_idle_loop_step(&iw->loop, &view, now_ns)) {
    case VSW_IDLE_COPY:
        do_packet(iw, 0, iw->copy);
        break;
    case VSW_IDLE_SWITCH:
        iw->next = tx;
        do_packet(iw, tx, iw->switch_packet);
        break;
    case VSW_IDLE_POLL:
        poll_on(iw);
        break;
    case VSW_IDLE_SLEEP:
    case VSW_IDLE_LEAVE:
        sleep_if_empty(iw);
        break;
    }
}

void
vsw_idle_worker_look(const struct vsw_idle_worker *iw)
{
    if (iw->worker.trigger == VSW_TRIGGER_POLL) {
        vsw_unit_reschedule(iw->worker.unit);
    }
}

int
vsw_idle_worker_start(struct vsw_idle_worker *iw, struct vsw_unit *unit,
                      uint32_t domain, uint32_t priority,
                      struct vsw_source *sources, uint32_t n_sources,
                      uint32_t empty_cost, uint64_t hysteresis_ns,
                      vsw_idle_packet_fn copy,
                      vsw_idle_packet_fn switch_packet, void *owner)
{
    int error;

    assert(n_sources > 1 && n_sources <= VSW_IDLE_WORKER_MAX_SOURCES);
    memset(iw, 0, sizeof *iw);
    vsw_idle_loop_init(&iw->loop, hysteresis_ns);
    vsw_doze_init(&iw->doze, sources, n_sources);
    iw->sources = sources;
    iw->n_sources = n_sources;
    iw->copy = copy;
    iw->switch_packet = switch_packet;
    iw->owner = owner;
    iw->worker.unit = unit;
    iw->worker.work = idle_work;
    iw->worker.owner = iw;
    iw->worker.domain = domain;
    iw->worker.priority = priority;
    error = vsw_worker_add(&iw->worker);
    if (!error) {
        vsw_worker_poll(&iw->worker, sources, n_sources, empty_cost, 0);
        iw->worker.poll_until_ps = 0;
        vsw_unit_reschedule(unit);
    }
    return error;
}
