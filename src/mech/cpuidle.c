#include <vswsim/cpuidle.h>

#include <assert.h>
#include <string.h>

#include <vswsim/sim.h>

#include "mech/latency.h"

#define PS_PER_NS UINT64_C(1000)

/* Of Linux's ACPI driver. */
#define RESIDENCY_PER_LATENCY 2

uint32_t
vsw_cpuidle_states(const struct vsw_machine *machine,
                   struct vsw_idle_state *states)
{
    const struct vsw_hardware *hw = &machine->hw;

    for (uint32_t i = 0; i < hw->n_idle_states; i++) {
        states[i].name = hw->idle_states[i].name;
        states[i].exit_latency_ns = hw->idle_states[i].exit_latency_ns;
        states[i].target_residency_ns
            = RESIDENCY_PER_LATENCY * states[i].exit_latency_ns;
    }
    return hw->n_idle_states;
}

/* Chooses for the next gap.  That is now, not when the gap begins, so that
 * neither choice nor draw depends on who asks when. */
static void
choose(struct vsw_cpuidle *c)
{
    const struct vsw_idle_state *state;

    c->state = vsw_idle_governor_select(&c->governor);
    state = &c->governor.states[c->state];
    c->idle.exit_ps = vsw_latency_spread(&c->exits,
                                         state->exit_latency_ns * PS_PER_NS);
}

static void
ended(struct vsw_idle *idle, uint64_t gap_ps, bool slept)
{
    struct vsw_cpuidle *c = VSW_CONTAINER_OF(idle, struct vsw_cpuidle, idle);

    vsw_idle_governor_ended(&c->governor, gap_ps / PS_PER_NS);
    if (slept) {
        c->n_sleeps[c->state]++;
        c->slept_ps[c->state] += gap_ps - idle->poll_ps;
    } else {
        c->n_polled++;
    }
    choose(c);
}

void
vsw_cpuidle_init(struct vsw_cpuidle *cpuidle, struct vsw_unit *unit,
                 const struct vsw_idle_state *states, uint32_t n_states,
                 const struct vsw_cpuidle_options *options)
{
    assert(n_states > 0 && n_states <= VSW_HW_MAX_IDLE_STATES);
    memset(cpuidle, 0, sizeof *cpuidle);
    vsw_idle_governor_init(&cpuidle->governor, states, n_states,
                           options->fixed_state,
                           options->max_exit_latency_ns);
    vsw_sim_random(unit->sim, &cpuidle->exits, VSW_RANDOM_EXIT_LATENCY,
                   unit->id);
    cpuidle->idle.unit = unit;
    cpuidle->idle.domain = options->domain;
    cpuidle->idle.poll_ps = options->poll_ns * PS_PER_NS;
    cpuidle->idle.ended = ended;
    choose(cpuidle);
    vsw_idle_set(&cpuidle->idle);
}
