/* Scheduler of a CPU that several vCPUs or threads share.
 *
 * A task is what the scheduler runs: a vCPU with all its workers, or a kernel
 * thread.  Workers of a task run only while their task has the CPU; workers
 * without a task (the hypervisor's) run whatever task has it, and so do
 * interrupts.
 *
 * Tasks that want the CPU get it in the order in which they began to want it,
 * each for a time slice.  At the first call boundary after the slice, the
 * next one takes over; a task that blocks gives way at once.  A poller never
 * blocks, and spinning for a lock is not blocking either: both burn their
 * slice.  A task that wakes up may take the CPU earlier, after 'wake_ps' of
 * the running task's slice, as Xen's "boost" and its rate limit have it; with
 * 'wake_ps' equal to the slice there is no such preference.
 *
 * What a switch costs, charged to the task that comes in:
 *
 *   nothing         the first task that runs; a vCPU that blocked and is the
 *                   next to run (Xen switches to its idle vCPU lazily)
 *   domain_switch   a vCPU of another domain than that of the last vCPU: its
 *                   address space, and the TLB, are lost
 *   ctxsw_kthread   any other: a thread, which borrows the address space at
 *                   hand; a vCPU that comes back after threads.  A thread
 *                   that blocked pays it even if nothing ran in between: the
 *                   kernel's idle thread did.
 *
 * A unit without a scheduler runs all its workers by priority and pays
 * nothing, as a pinned vCPU with a CPU of its own does.
 *
 * Left out: credits and weights, migration, a virtual CPU that schedules
 * threads of its own on a CPU that is shared (threads of one domain may
 * share its CPU as tasks of that domain), and lock holders that cannot be
 * preempted.
 *
 * Source: mechanisms as in Xen's credit scheduler (sched_credit.c: 30 ms
 * slice, 1 ms rate limit) and Linux, without their accounting.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_SCHED_H
#define VSWSIM_SCHED_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/unit.h>
#include <vswsim/worker.h>

VSW_EXTERN_C_BEGIN

struct vsw_sched;

enum vsw_task_kind {
    VSW_TASK_VCPU,          /* Needs the address space of its domain. */
    VSW_TASK_KTHREAD,       /* Of the host; works in any. */
};

struct vsw_task {
    struct vsw_sched *sched;
    enum vsw_task_kind kind;
    uint32_t domain;
    bool queued;                /* Lost the CPU while it wanted it, ... */
    uint64_t queued_ps;         /* ... at this time. */
    uint64_t n_runs;            /* Times it was given the CPU. */
    struct vsw_task *next;      /* Of the CPU, in the order of adding. */
};

struct vsw_sched {
    struct vsw_unit *unit;
    uint64_t slice_ps;
    uint64_t wake_ps;
    struct vsw_task *tasks;
    struct vsw_task *current;   /* NULL: none yet, or the idle thread. */
    uint64_t since_ps;          /* When its slice began. */
    uint32_t loaded_domain;     /* Of the last vCPU. */
    bool started;               /* Some task has run. */
    uint64_t n_switches;        /* That were charged. */
};

/* Lets tasks share 'unit', which has no scheduler yet.  'slice_ps' > 0;
 * 'wake_ps' <= 'slice_ps'.  Charges domain_switch and ctxsw_kthread: the
 * caller has seen to it that the machine has them. */
VSW_API void vsw_sched_init(struct vsw_sched *sched, struct vsw_unit *unit,
                            uint64_t slice_ps, uint64_t wake_ps);

/* Adds 'task', which must outlive the simulation. */
VSW_API void vsw_sched_add(struct vsw_sched *sched, struct vsw_task *task,
                           enum vsw_task_kind kind, uint32_t domain);

/* Makes 'worker', already added to the unit, part of 'task'. */
VSW_API void vsw_task_adopt(struct vsw_task *task, struct vsw_worker *worker);

/* True if 'task' has the CPU or could have it at once, at this unit's sync:
 * it is current, whether it runs or blocks. */
static inline bool
vsw_task_is_current(const struct vsw_task *task)
{
    return task->sched->current == task;
}

/* --- For the unit ------------------------------------------------------ */

/* When the CPU will be given to another task, as known now; VSW_NEVER. */
VSW_API uint64_t vsw_sched_next_ps(const struct vsw_sched *sched);

/* Gives the CPU to another task if one is due at 'now_ps', which is a call of
 * its own.  Returns false if none is. */
VSW_API bool vsw_sched_switch(struct vsw_sched *sched, uint64_t now_ps);

/* Notes that a call has ended. */
VSW_API void vsw_sched_end_call(struct vsw_sched *sched);

VSW_EXTERN_C_END

#endif
