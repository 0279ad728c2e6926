/* Idle states of a simulated CPU: the governor of idle_governor.h, and the
 * exit latencies that its choices cost.
 *
 * An exit takes between three quarters and five quarters of the state's
 * latency, evenly, from a stream of its own per CPU.
 *
 * The machine file gives names and exit latencies.  Target residencies are
 * twice the exit latency, as Linux's ACPI driver assumes (latency_factor),
 * unless the caller gives states of its own.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_CPUIDLE_H
#define VSWSIM_CPUIDLE_H

#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/hardware.h>
#include <vswsim/idle.h>
#include <vswsim/idle_governor.h>
#include <vswsim/machine.h>
#include <vswsim/random.h>

VSW_EXTERN_C_BEGIN

struct vsw_cpuidle_options {
    uint32_t domain;                /* Whose idle loop it is. */
    uint64_t poll_ns;               /* Busy poll before it sleeps; 0: none. */
    uint32_t fixed_state;           /* Or VSW_IDLE_GOVERNOR_PREDICT. */
    uint64_t max_exit_latency_ns;   /* UINT64_MAX: any. */
};

struct vsw_cpuidle {
    struct vsw_idle idle;
    struct vsw_idle_governor governor;
    struct vsw_random exits;
    uint32_t state;                 /* For the next gap. */
    uint64_t n_sleeps[VSW_HW_MAX_IDLE_STATES];  /* The whole run. */
    uint64_t slept_ps[VSW_HW_MAX_IDLE_STATES];
    uint64_t n_polled;              /* Gaps that ended while it polled. */
};

/* Copies the idle states of 'machine' to 'states', which has room for
 * VSW_HW_MAX_IDLE_STATES, and returns how many there are. */
VSW_API uint32_t vsw_cpuidle_states(const struct vsw_machine *machine,
                                    struct vsw_idle_state *states);

/* Gives 'unit' the 'n_states' idle states 'states' (borrowed), 1 to
 * VSW_HW_MAX_IDLE_STATES. */
VSW_API void vsw_cpuidle_init(struct vsw_cpuidle *cpuidle,
                              struct vsw_unit *unit,
                              const struct vsw_idle_state *states,
                              uint32_t n_states,
                              const struct vsw_cpuidle_options *options);

VSW_EXTERN_C_END

#endif
