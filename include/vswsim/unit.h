/* Unit: a CPU or a device of the simulated machine.
 *
 * A unit runs work calls, one at a time.  A call starts with the unit's local
 * time equal to now ("at sync"); every charge advances local time; the next
 * call starts no earlier than that.  What a call learns of other units it
 * learns at sync, and what it publishes carries local time as its stamp.
 *
 * What a unit does while no call runs is one thing at a time: it idles, or
 * its poller scans rings and finds nothing, or it spins for a lock.  The gap
 * between two calls is booked accordingly.
 *
 * The ledger of a unit has one row per domain (whose code runs), stage (of
 * the packet's path) and account (what for).  Charges are cut at the ends of
 * the measured window.  Law: the rows and the idle time add up to the window.
 *
 * Thread-safety: none; a unit belongs to one simulation. */
#ifndef VSWSIM_UNIT_H
#define VSWSIM_UNIT_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/engine.h>
#include <vswsim/machine.h>
#include <vswsim/memobs.h>

VSW_EXTERN_C_BEGIN

/* Stages of a packet's way through a switch. */
enum vsw_stage {
    VSW_STAGE_NONE,
    VSW_STAGE_RECEIVE,      /* From the source into the switch. */
    VSW_STAGE_SWITCH,       /* Deciding where it goes. */
    VSW_STAGE_SEND,         /* From the switch to the destination. */
    VSW_N_STAGES,
};

VSW_API const char *vsw_stage_name(enum vsw_stage stage);

/* The accounts, listed in src/core/account.def. */
VSW_API const char *vsw_account_name(uint32_t account);

struct vsw_ledger_row {
    uint64_t busy_ps;
    uint64_t n_charges;
};

/* What happens between two calls. */
enum vsw_gap {
    VSW_GAP_IDLE,
    VSW_GAP_POLL,
    VSW_GAP_SPIN,
};

struct vsw_mem_cpu;
struct vsw_worker;
struct vsw_idle;
struct vsw_irq;
struct vsw_sched;
struct vsw_sim;

struct vsw_unit {
    struct vsw_event call;          /* Of the engine. */
    struct vsw_sim *sim;            /* The simulation it is part of. */
    uint64_t local_ps;
    uint64_t sync_ps;               /* When the current call started. */
    uint64_t pause_ps;              /* When it must end, at the latest. */
    const uint64_t *costs;          /* Of the machine, by number, 2^-10 ps, as
                                     * its module lets it work. */
    struct vsw_unit *module_next;   /* Ring of the CPUs of its module, or
                                     * NULL: they do not slow each other. */
    struct vsw_ledger_row *rows;    /* Of the current domain and stage. */
    uint64_t window_start_ps;
    uint64_t window_end_ps;
    uint64_t uncut_ps;              /* Charges that end by then lie wholly in
                                     * the window; 0: find out. */
    uint64_t idle_ps;               /* In the window. */
    struct vsw_memobs memobs;
    struct vsw_mem_cpu *mem;        /* Its caches; NULL: flat (mem.h). */
    uint32_t account;               /* Charged last. */

    struct vsw_ledger_row *ledger;  /* [domain][stage][account] */
    struct vsw_worker *worker;      /* Whose call runs or ran last. */
    struct vsw_worker **workers;    /* By rising priority number. */
    uint32_t n_workers;
    struct vsw_worker *holder;      /* That alone runs, or NULL. */
    struct vsw_irq *irqs;           /* Sent and not yet served, by arrival. */
    uint64_t n_calls;
    uint64_t lateness_max_ps;       /* Of an interrupt behind a call. */
    uint32_t id;
    uint32_t cpu;               /* Of the machine; its id until it is set.
                                 * No meaning for a device. */
    uint32_t domain;
    enum vsw_stage stage;
    enum vsw_gap gap;
    bool in_call;
    bool was_idle;              /* Right before the current call. */
    struct vsw_idle *idle;      /* How it sleeps, or NULL: for nothing. */
    struct vsw_sched *sched;    /* Of tasks that share it, or NULL. */
    char name[16];
    const char *role;               /* "switch", "guest"; static. */
};

/* Makes 'unit' part of 'sim', with the next free number.  Its ledger has rows
 * for every domain of the simulation.  Returns 0 or -ENOMEM. */
VSW_API int vsw_unit_init(struct vsw_unit *unit, struct vsw_sim *sim,
                          const char *role, const char *name);
VSW_API void vsw_unit_fini(struct vsw_unit *unit);

/* Books what lies in the window of a charge that crosses one of its ends, or
 * lies outside, or of which that is not known. */
VSW_API void vsw_unit_book_cut(struct vsw_unit *unit, uint32_t account,
                               uint64_t from_ps, uint64_t to_ps);

/* Spends 'ps' on 'account' in the current domain and stage. */
static inline void
vsw_unit_spend(struct vsw_unit *unit, uint32_t account, uint64_t ps)
{
    struct vsw_ledger_row *row = &unit->rows[account];
    uint64_t from_ps = unit->local_ps;
    uint64_t to_ps = from_ps + ps;

    unit->local_ps = to_ps;
    unit->account = account;
    if (VSW_LIKELY(to_ps <= unit->uncut_ps)) {
        row->busy_ps += ps;
        row->n_charges++;
    } else {
        vsw_unit_book_cut(unit, account, from_ps, to_ps);
    }
}

/* Posts 'n' charges that together took 'ps', of which the caller has advanced
 * local time already, all of it before 'uncut_ps'.  For loops that would spend
 * on the same few accounts again and again. */
static inline void
vsw_unit_post(struct vsw_unit *unit, uint32_t account, uint64_t ps,
              uint64_t n)
{
    struct vsw_ledger_row *row = &unit->rows[account];

    row->busy_ps += ps;
    row->n_charges += n;
}

/* What 'n' of cost number 'cost' take, rounded once. */
static inline uint64_t
vsw_unit_cost_ps(const struct vsw_unit *unit, uint32_t cost, uint64_t n)
{
    const uint64_t half = UINT64_C(1) << (VSW_COST_FRACTION_BITS - 1);

    return (unit->costs[cost] * n + half) >> VSW_COST_FRACTION_BITS;
}

/* True if a device may work ahead to 'ps' in this call: it lies within the
 * quantum and in the run. */
static inline bool
vsw_unit_may_reach(const struct vsw_unit *unit, uint64_t ps)
{
    return ps <= unit->pause_ps && ps < unit->window_end_ps;
}

/* Lets 'unit' wait until 'until_ps', idle; for a device that knows when its
 * next job comes.  Does nothing if that is past. */
VSW_API void vsw_unit_idle_until(struct vsw_unit *unit, uint64_t until_ps);

/* Charges 'n' of cost number 'cost' to 'account'. */
static inline void
vsw_unit_charge(struct vsw_unit *unit, uint32_t account, uint32_t cost,
                uint64_t n)
{
    vsw_unit_spend(unit, account, vsw_unit_cost_ps(unit, cost, n));
}

/* Chooses the ledger rows for the charges that follow. */
VSW_API void vsw_unit_enter(struct vsw_unit *unit, uint32_t domain,
                            enum vsw_stage stage);

/* True at the start of a call, before anything was charged: only then may
 * the state of other units be read. */
static inline bool
vsw_unit_at_sync(const struct vsw_unit *unit)
{
    return unit->local_ps == unit->sync_ps;
}

/* True if local time lies in the measured window. */
static inline bool
vsw_unit_in_window(const struct vsw_unit *unit)
{
    return unit->local_ps >= unit->window_start_ps
           && unit->local_ps < unit->window_end_ps;
}

/* Recomputes when 'unit' runs next.  Whatever can make a worker ready calls
 * this; during a call of the unit itself it does nothing. */
VSW_API void vsw_unit_reschedule(struct vsw_unit *unit);

/* When 'unit' runs next, as known now; VSW_NEVER if nothing is in sight. */
VSW_API uint64_t vsw_unit_next_ps(const struct vsw_unit *unit);

/* Books the time up to 'end_ps', at the end of a run. */
VSW_API void vsw_unit_finish(struct vsw_unit *unit, uint64_t end_ps);

VSW_EXTERN_C_END

#endif
