/* Notifications between units, and what they cost on both sides.
 *
 *   IPI        ipi_send on the sender; arrives after ipi_latency, give or
 *              take a quarter.
 *   wake-up    of a worker on any unit, as an eventfd or a wait queue does
 *              it: at once on the own unit, by IPI on another.  What the CPU
 *              needs to leave its idle state and to switch tasks comes on
 *              top, from idle.h and sched.h.
 *   kick       from a guest to its backend: a VM exit or a hypercall on the
 *              sender, then a wake-up; nothing at all while the backend is
 *              awake and has suppressed kicks.
 *   virq       a virtual interrupt: two entries into the hypervisor for a
 *              guest that runs, a wake-up for one that is blocked; in the
 *              guest, guest_irq and its handler.
 *   doze       how a worker blocks without losing a wake-up.
 *
 * A suppression flag is stamped (flag.h), so a kick is decided at sync, after
 * what it announces was published.
 *
 * Left out: what reading and writing the flag costs (part of the ring's
 * costs), posted interrupts, sparing the IPI to a CPU that polls in its idle
 * loop.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_NOTIFY_H
#define VSWSIM_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/flag.h>
#include <vswsim/random.h>
#include <vswsim/ring.h>
#include <vswsim/sched.h>
#include <vswsim/sim.h>
#include <vswsim/worker.h>

VSW_EXTERN_C_BEGIN

/* How code of a guest enters the hypervisor and returns. */
enum vsw_entry {
    VSW_ENTRY_VM_EXIT,          /* Hardware virtualization. */
    VSW_ENTRY_HYPERCALL,        /* Paravirtualization. */
};

/* Charges one entry and return to 'unit', in its current domain. */
VSW_API void vsw_enter_hypervisor(struct vsw_unit *unit,
                                  enum vsw_entry entry);

/* Checks that the machine has all costs of this file.  'who' needs them.
 * Returns 0, or -EINVAL with 'err' filled. */
VSW_API int vsw_notify_check_costs(const struct vsw_sim *sim, const char *who,
                                   struct vsw_error *err);

/* --- Between CPUs -------------------------------------------------------- */

struct vsw_ipi {
    struct vsw_irq irq;         /* At the target. */
    struct vsw_random latency;
    uint64_t n_sent;            /* The whole run, merged ones included. */
};

VSW_API void vsw_ipi_init(struct vsw_ipi *ipi, struct vsw_unit *target,
                          uint32_t domain, vsw_irq_fn handle, void *aux);

VSW_API void vsw_ipi_send(struct vsw_ipi *ipi, struct vsw_unit *sender);

struct vsw_wakeup {
    struct vsw_ipi ipi;
    struct vsw_worker *worker;
    enum vsw_entry entry;       /* Of guests that it may interrupt. */
    uint64_t n_sent;            /* The whole run. */
};

/* Prepares wake-ups of 'worker', which is on its unit.  The interrupt is
 * handled in 'domain', the host or hypervisor. */
VSW_API void vsw_wakeup_init(struct vsw_wakeup *wakeup,
                             struct vsw_worker *worker, uint32_t domain,
                             enum vsw_entry entry);

VSW_API void vsw_wakeup_send(struct vsw_wakeup *wakeup,
                             struct vsw_unit *sender);

/* --- Blocking ------------------------------------------------------------ */

/* Of a worker that drains rings and blocks when they are empty. */
struct vsw_doze {
    struct vsw_flag wanted;     /* Kicks are. */
    const struct vsw_source *sources;   /* Borrowed. */
    uint32_t n_sources;
    bool armed;
    uint64_t n_blocked;         /* The whole run. */
};

/* Begins awake: kicks are not wanted. */
VSW_API void vsw_doze_init(struct vsw_doze *doze,
                           const struct vsw_source *sources,
                           uint32_t n_sources);

/* A work function that found something in its sources calls this: while it is
 * awake it needs no kicks. */
VSW_API void vsw_doze_awake(struct vsw_doze *doze,
                            const struct vsw_worker *worker);

/* A work function whose sources are empty calls this and then returns in
 * either case.  False: it is called again, at sync, and then looks at its
 * sources again. True: it blocks until it is woken.
 *
 * The first time it asks for kicks; what was published before that and not
 * seen is found in the second call, what is published later is kicked. */
VSW_API bool vsw_doze_block(struct vsw_doze *doze, struct vsw_worker *worker);

/* --- From a guest to its backend ----------------------------------------- */

struct vsw_kick {
    enum vsw_entry entry;
    const struct vsw_flag *wanted;  /* Borrowed; NULL: always. */
    struct vsw_wakeup *wakeup;      /* Borrowed. */
    uint64_t n_sent;                /* The whole run. */
    uint64_t n_suppressed;
};

/* Kicks the backend about what 'worker' has published.  False: it was not at
 * sync; the caller must end its call at once, and ask again when it is called
 * again, which costs no simulated time. */
VSW_API bool vsw_kick(struct vsw_kick *kick, struct vsw_worker *worker);

/* --- From the hypervisor to a guest -------------------------------------- */

typedef void (*vsw_upcall_fn)(void *aux, struct vsw_worker *worker);

struct vsw_virq {
    struct vsw_ipi ipi;
    struct vsw_worker worker;   /* The guest's interrupt context. */
    struct vsw_task *task;      /* The vCPU, or NULL if it has its own CPU. */
    enum vsw_entry entry;
    uint32_t n_entries;         /* For a guest that runs. */
    vsw_upcall_fn upcall;       /* In the guest, not at sync: it wakes those
                                 * of its workers that look for themselves. */
    void *aux;
    void (*arrive)(void *aux, struct vsw_unit *unit);   /* What the hypervisor
                                 * does on the guest's CPU before the guest
                                 * takes the interrupt, at sync; NULL. */
    void *arrive_aux;
    const struct vsw_flag *wanted;  /* Set by the guest; NULL: always. */
    uint64_t n_suppressed;
    uint64_t n_merged;          /* With one that was pending already. */
    uint64_t n_running;         /* Interrupts that found the guest running, */
    uint64_t n_blocked;         /* or not; the whole run. */
};

/* Prepares virtual interrupts for a vCPU of 'guest' on 'unit', part of 'task'
 * if the CPU is shared.  The guest's other workers there have priorities
 * above 'priority'.  Returns 0 or -ENOMEM. */
VSW_API int vsw_virq_init(struct vsw_virq *virq, struct vsw_unit *unit,
                          struct vsw_task *task, uint32_t guest,
                          uint32_t hypervisor, uint32_t priority,
                          vsw_upcall_fn upcall, void *aux);

/* Sends the interrupt on behalf of 'worker', unless the guest does not want
 * it; one that comes while an earlier one is on its way merges with it.
 * False: as for vsw_kick(). */
VSW_API bool vsw_virq_raise(struct vsw_virq *virq, struct vsw_worker *worker);

/* A device's interrupt for the guest has arrived at the guest's CPU 'unit', at
 * sync: the hypervisor injects it, unless the guest does not want it. */
VSW_API void vsw_virq_arrive(struct vsw_virq *virq, struct vsw_unit *unit);

/* Sends the interrupt from code of the hypervisor on 'unit', for the sake of
 * what 'arrive' does, whether the guest wants it or not: the guest takes it
 * only if, upon arrival, it does.  On the vCPU's own CPU no IPI is needed. */
VSW_API void vsw_virq_send(struct vsw_virq *virq, struct vsw_unit *unit);

/* Gives the guest the interrupt upon its return from the hypervisor, on its
 * own CPU and at sync; neither IPI nor entries, nor 'arrive'. */
VSW_API void vsw_virq_pend(struct vsw_virq *virq, struct vsw_unit *unit);

VSW_EXTERN_C_END

#endif
