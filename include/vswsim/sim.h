/* Simulation: what the units, rings and packets of one run share.
 *
 * The order of building is: vsw_sim_init(), domains, units, workers; then
 * vsw_engine_run() up to the end; then vsw_sim_finish(), which books the open
 * gaps and asserts the laws of the ledger.
 *
 * Thread-safety: none; one simulation per thread, any number per process. */
#ifndef VSWSIM_SIM_H
#define VSWSIM_SIM_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/engine.h>
#include <vswsim/error.h>
#include <vswsim/machine.h>
#include <vswsim/observer.h>
#include <vswsim/random.h>
#include <vswsim/unit.h>

VSW_EXTERN_C_BEGIN

#define VSW_MAX_DOMAINS 256
#define VSW_MAX_UNITS   512
#define VSW_MAX_COSTS   256

/* Looks over the state that units share; returns the rule that is broken
 * (static) or NULL. */
typedef const char *(*vsw_audit_fn)(const void *aux);

struct vsw_mem;

struct vsw_sim {
    struct vsw_engine engine;
    const struct vsw_machine *machine;  /* Borrowed. */
    uint64_t costs[VSW_MAX_COSTS];  /* Its costs by number, 2^-10 ps. */
    uint64_t module_costs[VSW_MAX_COSTS];   /* On a module that is shared. */
    uint64_t quantum_ps;        /* Longest that a call may run ahead. */
    uint64_t window_start_ps;   /* End of the warm-up. */
    uint64_t window_end_ps;     /* End of the run. */
    uint64_t seed;              /* Of all random streams ... */
    uint32_t replication;       /* ... of this replication. */
    bool check;                 /* Test the rules after each call. */
    const char *violation;      /* First rule that was broken; static. */
    vsw_audit_fn audit;         /* Called now and then with 'check'; may be
                                 * NULL. */
    const void *audit_aux;
    const struct vsw_observer *observer;    /* Borrowed; may be NULL. */
    struct vsw_unit *units[VSW_MAX_UNITS];      /* Borrowed. */
    uint32_t n_units;
    char domains[VSW_MAX_DOMAINS][16];
    uint32_t n_domains;
    uint32_t first_guest;       /* Domains from there on are guests'; at first
                                 * none is. */
    struct vsw_mem *mem;        /* Of mem.h; NULL: flat. */
    uint64_t flat_costs[VSW_MAX_COSTS]; /* Memory included, always. */
    uint32_t n_ipis;            /* Names the stream of the next one. */
};

/* How a simulation is run; no model can see any of it. */
struct vsw_sim_options {
    uint64_t quantum_ps;
    uint64_t warmup_ps;
    uint64_t duration_ps;
    uint64_t seed;
    uint32_t replication;
    bool check;
    bool reverse_ties;
};

VSW_API void vsw_sim_init(struct vsw_sim *sim,
                          const struct vsw_machine *machine,
                          const struct vsw_sim_options *options);
VSW_API void vsw_sim_fini(struct vsw_sim *sim);

/* Adds a domain, whose code and data are its own: a guest, the host, the
 * hypervisor.  All domains come before the first unit.  'name' is copied and
 * cut to 15 bytes.  Returns its number. */
VSW_API uint32_t vsw_sim_add_domain(struct vsw_sim *sim, const char *name);

/* Starts the random stream of 'purpose' (enum vsw_random_purpose) that object
 * number 'index' uses. */
VSW_API void vsw_sim_random(const struct vsw_sim *sim, struct vsw_random *r,
                            uint16_t purpose, uint32_t index);

/* Lets CPUs of one module slow each other, as the machine says: while another
 * one works, what costs cycles costs more.  Looked at when a call begins, and
 * relaxed: right to about a quantum.  Comes after the units and after costs
 * have their final values. */
VSW_API void vsw_sim_join_modules(struct vsw_sim *sim);

/* Checks that the machine gives each of the 'n' costs numbered 'ids' (of
 * core/cost.h), which 'who' charges.  Returns 0, or -EINVAL with 'err' naming
 * those that are absent.  Whoever charges costs calls this when it starts: an
 * absent cost would be charged as nothing. */
VSW_API int vsw_sim_require_costs(const struct vsw_sim *sim, const char *who,
                                  const uint16_t *ids, uint32_t n,
                                  struct vsw_error *err);

/* With 'check' on, remembers that 'rule' (static) is broken unless 'holds'. */
static inline void
vsw_sim_expect(struct vsw_sim *sim, bool holds, const char *rule)
{
    if (VSW_UNLIKELY(sim->check) && !holds && !sim->violation) {
        sim->violation = rule;
    }
}

/* With 'check' on: 'unit' reads what others publish, so it is at sync. */
static inline void
vsw_sim_expect_sync(const struct vsw_unit *unit)
{
    vsw_sim_expect(unit->sim, vsw_unit_at_sync(unit),
                   "what other units publish is read at sync");
}

/* Ends the run, and with it the window, at the latest local time that a unit
 * has, before which all that units do is booked.  Between two events, in the
 * window. */
VSW_API void vsw_sim_end_now(struct vsw_sim *sim);

/* Books what is open at the end of the run.  Returns 0, or -EPROTO with 'err'
 * filled if a law of the ledger or, with 'check', a rule of execution does not
 * hold: a defect of ours. */
VSW_API int vsw_sim_finish(struct vsw_sim *sim, struct vsw_error *err);

VSW_EXTERN_C_END

#endif
