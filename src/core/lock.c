#include <vswsim/worker.h>

#include <assert.h>

#include <vswsim/sim.h>

#include "core/account.h"

bool
vsw_lock_try(struct vsw_lock *lock, struct vsw_worker *worker)
{
    const struct vsw_unit *unit = worker->unit;

    vsw_sim_expect(unit->sim, vsw_unit_at_sync(unit),
                   "a lock is taken at sync");
    if (lock->holder || lock->released_ps > unit->sync_ps) {
        return false;
    }
    lock->holder = worker;
    return true;
}

/* Queues 'worker'; if nobody holds the lock, only its release lies ahead. */
static void
wait_for(struct vsw_lock *lock, struct vsw_worker *worker)
{
    worker->waits_for_lock = true;
    worker->wait_account = lock->account ? lock->account : VSW_ACCOUNT_LOCK;
    worker->next_waiter = NULL;
    if (!lock->holder) {
        lock->holder = worker;
        worker->lock_granted_ps = lock->released_ps;
        return;
    }
    worker->lock_granted_ps = VSW_NEVER;
    if (lock->last_waiter) {
        lock->last_waiter->next_waiter = worker;
    } else {
        lock->first_waiter = worker;
    }
    lock->last_waiter = worker;
}

bool
vsw_lock_acquire(struct vsw_lock *lock, struct vsw_worker *worker)
{
    assert(lock->holder != worker || worker->waits_for_lock);
    if (lock->holder == worker) {
        worker->waits_for_lock = false;
        return true;
    }
    vsw_worker_go_on(worker);
    if (!vsw_unit_at_sync(worker->unit)) {
        return false;
    }
    if (vsw_lock_try(lock, worker)) {
        worker->unfinished = false;
        return true;
    }
    wait_for(lock, worker);
    return false;
}

void
vsw_lock_release(struct vsw_lock *lock, struct vsw_worker *worker)
{
    struct vsw_worker *next = lock->first_waiter;

    vsw_sim_expect(worker->unit->sim,
                   lock->holder == worker && !worker->waits_for_lock,
                   "a lock is released by its holder");
    lock->holder = next;
    lock->released_ps = worker->unit->local_ps;
    if (!next) {
        return;
    }
    lock->first_waiter = next->next_waiter;
    if (!lock->first_waiter) {
        lock->last_waiter = NULL;
    }
    next->lock_granted_ps = lock->released_ps;
    vsw_unit_reschedule(next->unit);
}
