/* Made-up outcomes and plans, for tests of what comes after the simulation.
 * All numbers are chosen so that results can be worked out by hand. */
#ifndef TESTS_SYNTHETIC_H
#define TESTS_SYNTHETIC_H

#include <vswsim/experiment.h>
#include <vswsim/histogram.h>
#include <vswsim/outcome.h>

#define SYNTHETIC_N_CHARGES 9

/* One outcome with all that it points to. */
struct synthetic_outcome {
    struct vsw_outcome outcome;
    struct vsw_histogram latency_ps;
    struct vsw_tally offered[2];
    struct vsw_tally delivered[2];
    struct vsw_outcome_unit units[3];
    struct vsw_outcome_charge charges[SYNTHETIC_N_CHARGES];
    struct vsw_outcome_batch batches[2];
    uint64_t receive_counts[5];
    uint64_t send_counts[5];
    struct vsw_outcome_counter counters[1];
    struct vsw_outcome_memory memory[2];
};

/* A window of 1 ms in which 'n_pkts' (even, > 0) frames of 'frame_bytes' were
 * delivered, and 'n_drops' dropped, with a TSC of 2.5 GHz.  One switch CPU,
 * "cpu0", spends per packet, and in the domain host: receive vring_avail 10
 * ns, copy 20 ns + 'frame_bytes' / 32 ns; switch 5 ns; send copy as receive,
 * vring_used 4 ns; it polls for the rest of the millisecond.  Two guest CPUs
 * drive 25 ns per packet between them; the first also spends 1 ns in the
 * host's vm_exit. */
void synthetic_outcome_init(struct synthetic_outcome *s, uint64_t n_pkts,
                            uint64_t n_drops, uint32_t frame_bytes);

#define SYNTHETIC_N_DESIGNS 2
#define SYNTHETIC_N_SIZES 4
#define SYNTHETIC_N_POINTS (SYNTHETIC_N_DESIGNS * SYNTHETIC_N_SIZES)
#define SYNTHETIC_N_REPLICATIONS 3

/* Two designs by four frame sizes with three replications each; rates fall
 * with size for the first design and hardly for the second. */
struct synthetic_experiment {
    struct vsw_experiment_result result;
    struct vsw_plan plan;
    struct vsw_machine machine;
    struct vsw_axis axes[1];
    struct vsw_point points[SYNTHETIC_N_POINTS];
    uint32_t axis_values[SYNTHETIC_N_POINTS][1];
    struct vsw_config_plot plots[3];
    struct vsw_outcome *outcomes[SYNTHETIC_N_POINTS
                                 * SYNTHETIC_N_REPLICATIONS];
    struct synthetic_outcome made[SYNTHETIC_N_POINTS
                                  * SYNTHETIC_N_REPLICATIONS];
    char *warnings[1];
};

/* A new experiment, to free with free(); never NULL. */
struct synthetic_experiment *synthetic_experiment_new(void);

/* What vsw_plan_json() would say of it. */
#define SYNTHETIC_CONFIG "{\"title\": \"Two designs\"}"

#endif
