/* Worker: what runs on a unit.
 *
 * A worker belongs to a domain, has a priority and one trigger:
 *
 *   poll    It scans its sources in turn, for ever.  The engine does not step
 *           through empty scans: the poller parks with its phase and resumes
 *           at the poll that would have found something.
 *   device  It is called when one of its sources has something, at that very
 *           time, and idles in between.
 *   wake    It runs after vsw_worker_wake() until it has nothing left.
 *
 * A call that could not finish within the quantum says so with
 * vsw_worker_go_on() and is called again where it stopped.
 *
 * An interrupt is a call of its own: it arrives at a unit a latency after it
 * was sent and runs before lower-priority workers at the next call boundary.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_WORKER_H
#define VSWSIM_WORKER_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/unit.h>

VSW_EXTERN_C_BEGIN

struct vsw_ring;
struct vsw_task;

typedef void (*vsw_work_fn)(void *owner, struct vsw_worker *worker);

/* What a poller looks at. */
enum vsw_source_kind {
    VSW_SOURCE_FILLED,      /* Published slots of a ring. */
    VSW_SOURCE_FREED,       /* Free slots of a ring. */
    VSW_SOURCE_NEVER,       /* Nothing, for now; still costs a look. */
};

struct vsw_source {
    struct vsw_ring *ring;
    enum vsw_source_kind kind;
    uint32_t n_needed;          /* Slots that make it worth a visit, >= 1. */
    uint64_t not_before_ps;     /* Earlier looks find nothing. */
};

enum vsw_trigger {
    VSW_TRIGGER_POLL,
    VSW_TRIGGER_DEVICE,
    VSW_TRIGGER_WAKE,
};

/* Wake-ups that a worker remembers. */
#define VSW_WORKER_N_WAKES 8

struct vsw_worker {
    struct vsw_unit *unit;
    vsw_work_fn work;
    void *owner;
    enum vsw_trigger trigger;
    uint32_t priority;          /* 1..254; lower runs first. */
    uint32_t domain;
    uint32_t index;             /* For the owner's use. */
    bool unfinished;            /* Call again at once. */
    struct vsw_task *task;      /* That shares the CPU with others, or NULL;
                                 * see sched.h. */
    bool descheduled;           /* Its task does not have the CPU. */
    uint64_t ready_ps;          /* When it has something to do, as known when
                                 * its unit was scheduled last. */
    uint32_t ready_source;      /* Where, for a poller. */

    /* Of a poller or a device. */
    struct vsw_source *sources;
    uint32_t n_sources;
    uint32_t source;            /* Index of the one that this call serves. */
    uint32_t empty_cost;        /* Number of the cost of an empty look. */
    uint64_t empty_ps;          /* The same in time. */
    uint64_t phase_ps;          /* When the source after 'source' is looked at
                                 * first. */
    uint64_t poll_until_ps;     /* The first look from then on is a call even
                                 * if it finds nothing; VSW_NEVER: none. */

    /* Of a worker that is woken. */
    uint64_t woken_ps[VSW_WORKER_N_WAKES];  /* Stamps, rising. */
    uint32_t n_woken;

    /* Of a worker that waits for a lock. */
    uint64_t lock_granted_ps;   /* VSW_NEVER while it waits. */
    bool waits_for_lock;
    uint32_t wait_account;      /* On which the wait is booked. */
    struct vsw_worker *next_waiter;
};

/* Adds 'worker', whose members up to 'index' the caller has set, to its unit.
 * It must outlive the simulation.  Returns 0 or -ENOMEM. */
VSW_API int vsw_worker_add(struct vsw_worker *worker);

/* Makes 'worker' a poller of 'sources' (borrowed), each look at an empty one
 * costing one 'empty_cost'.  It begins with source 0 at 'start_ps'. */
VSW_API void vsw_worker_poll(struct vsw_worker *worker,
                             struct vsw_source *sources, uint32_t n_sources,
                             uint32_t empty_cost, uint64_t start_ps);

/* Makes 'worker' a device that serves 'sources' (borrowed): the one that has
 * something first, and of several the next in turn.  No look costs any time.
 *
 * A device may work ahead of the time of its call, up to a quantum: what its
 * ring will hold by then is what is stamped by then, and nothing earlier can
 * come.  Only that something is missing must be found out at sync. */
VSW_API void vsw_worker_serve(struct vsw_worker *worker,
                              struct vsw_source *sources, uint32_t n_sources);

/* Stops polling: from now on 'worker' runs when it is woken.  Its sources stay
 * for vsw_worker_resume_polling(), and the rings go on to reschedule its
 * unit. */
VSW_API void vsw_worker_stop_polling(struct vsw_worker *worker);

/* Polls again, from local time on, and looks at the first source first. */
VSW_API void vsw_worker_resume_polling(struct vsw_worker *worker);

/* Wakes 'worker' at 'stamp_ps'.  A call answers every wake-up that is stamped
 * at or before it, and none stamped later: a waker that runs ahead may send
 * several at a time.  Of more than VSW_WORKER_N_WAKES, the last two merge
 * into the later. */
VSW_API void vsw_worker_wake(struct vsw_worker *worker, uint64_t stamp_ps);

/* Forgets the wake-ups that a call at 'now_ps' answers. */
VSW_API void vsw_worker_answer_wakes(struct vsw_worker *worker,
                                     uint64_t now_ps);

/* Ends the current call early; the worker is called again at local time, at
 * sync, for the same source. */
static inline void
vsw_worker_go_on(struct vsw_worker *worker)
{
    worker->unfinished = true;
}

/* True when the current call must end soon: it has run for a quantum, or an
 * interrupt that is known by now has arrived. */
static inline bool
vsw_worker_quantum_over(const struct vsw_worker *worker)
{
    return worker->unit->local_ps >= worker->unit->pause_ps;
}

/* From now on no other worker of the unit runs, nor does the scheduler give
 * the CPU away; interrupts are served.  For work of the hypervisor that goes
 * on over several calls and is not preempted. */
VSW_API void vsw_worker_hold_cpu(struct vsw_worker *worker);
VSW_API void vsw_worker_let_go(struct vsw_worker *worker);

/* Since when, or from when on, 'worker' wants to run; VSW_NEVER if nothing is
 * in sight.  A poller always does, from its next look on. */
VSW_API uint64_t vsw_worker_wants_ps(const struct vsw_worker *worker);

/* True if, at 'now_ps', a worker of 'domain' runs on 'unit' or wants to: the
 * vCPU is not blocked. */
VSW_API bool vsw_unit_runs_domain(const struct vsw_unit *unit,
                                  uint32_t domain, uint64_t now_ps);

/* True if, at 'now_ps', no worker of 'unit' but 'idle' (may be NULL) runs or
 * wants to: the CPU is in its idle loop. */
VSW_API bool vsw_unit_is_free(const struct vsw_unit *unit,
                              const struct vsw_worker *idle,
                              uint64_t now_ps);

/* Earliest time, not before the unit's local time, at which 'worker' has
 * something to do, as known now; VSW_NEVER if nothing is in sight.  A
 * poller's 'source' that finds it goes to '*source'. */
VSW_API uint64_t vsw_worker_ready_ps(const struct vsw_worker *worker,
                                     uint32_t *source);

/* --- Interrupts and timers ------------------------------------------- */

typedef void (*vsw_irq_fn)(struct vsw_unit *unit, struct vsw_irq *irq);

/* An interrupt that is sent again and again.  What is sent while an earlier
 * one is on its way is lost in that one. */
struct vsw_irq {
    struct vsw_unit *unit;      /* Where it arrives. */
    vsw_irq_fn handle;          /* Runs in 'domain', at sync. */
    void *aux;
    uint32_t domain;
    bool pending;
    uint64_t arrival_ps;        /* While it is pending. */
    uint64_t again_ps;          /* Arrival of one sent after that but before
                                 * it was served, or VSW_NEVER. */
    struct vsw_irq *next;
};

VSW_API void vsw_irq_init(struct vsw_irq *irq, struct vsw_unit *unit,
                          uint32_t domain, vsw_irq_fn handle, void *aux);

/* Sends 'irq' at 'sent_ps' so that it arrives at 'arrival_ps'.  Returns false
 * if it merged with one that was on its way. */
VSW_API bool vsw_irq_send(struct vsw_irq *irq, uint64_t sent_ps,
                          uint64_t arrival_ps);

/* Takes the first interrupt of 'unit' off its queue, to serve it. */
VSW_API struct vsw_irq *vsw_irq_take(struct vsw_unit *unit);

struct vsw_timer;

typedef void (*vsw_timer_fn)(struct vsw_unit *unit, struct vsw_timer *timer);

/* A timer is an interrupt to the unit that armed it, without latency. */
struct vsw_timer {
    struct vsw_irq irq;
    vsw_timer_fn handle;        /* Runs in the domain of 'irq', at sync. */
    void *aux;
    uint64_t next_ps;           /* Armed again while the last expiry was due
                                 * and not yet served; or VSW_NEVER. */
};

VSW_API void vsw_timer_init(struct vsw_timer *timer, struct vsw_unit *unit,
                            uint32_t domain, vsw_timer_fn handle,
                            void *aux);

/* Lets 'timer' expire at 'deadline_ps' and not at any earlier deadline.  An
 * expiry whose deadline local time has already passed is not taken back: it
 * is served first. */
VSW_API void vsw_timer_restart(struct vsw_timer *timer, uint64_t deadline_ps);

/* Stops 'timer', under the same condition. */
VSW_API void vsw_timer_stop(struct vsw_timer *timer);

/* --- Locks --------------------------------------------------------------- */

/* A lock between units; the release is stamped, so nobody gets it before the
 * holder's local time of release. */
struct vsw_lock {
    struct vsw_worker *holder;
    uint64_t released_ps;
    struct vsw_worker *first_waiter;    /* In order of arrival. */
    struct vsw_worker *last_waiter;
    uint32_t account;           /* On which waits are booked; 0: lock. */
};

/* Takes 'lock' for 'worker' or queues for it.  False: the caller must end its
 * call at once; it is called again when it has the lock (then this returns
 * true) or, if it was not at sync, when it is.  The wait is spent spinning. */
VSW_API bool vsw_lock_acquire(struct vsw_lock *lock,
                              struct vsw_worker *worker);

/* Takes 'lock' if that is possible now; at sync only. */
VSW_API bool vsw_lock_try(struct vsw_lock *lock, struct vsw_worker *worker);

VSW_API void vsw_lock_release(struct vsw_lock *lock,
                              struct vsw_worker *worker);

VSW_EXTERN_C_END

#endif
