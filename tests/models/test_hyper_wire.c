/* Hyper-Switch with its driver domain: guests, a wire, and both ways. */
#include "vsw_test.h"

#include <stdio.h>
#include <string.h>

#include <vswsim/machine.h>

#include "io/run/simulate.h"
#include "made_workload.h"

#define N_PKTS 300      /* A hundred each way. */

static struct vsw_machine *machine;
static struct made made;
static uint64_t params[MADE_MAX_PARAMS];

static int
load_machine(void **state)
{
    struct vsw_error err;

    (void) state;
    if (vsw_machine_load(&machine, "opteron-6274-2s-xen42",
                         VSW_SOURCE_DIR "/configs/experiments", &err)) {
        fprintf(stderr, "%s\n", err.text);
        return -1;
    }
    return 0;
}

static int
free_machine(void **state)
{
    (void) state;
    vsw_machine_free(machine);
    return 0;
}

/* Guest 0 sends to guest 1, that to the wire, and the client to guest 0; or
 * all as fast as they can. */
static struct vsw_outcome *
run(uint32_t frame_bytes, uint64_t gap_ns)
{
    const struct vsw_simulate_how how = {.check = true};
    struct vsw_outcome *outcome;
    struct vsw_config config;
    struct vsw_error err = {0};

    made_init(&made, 3, 3);
    made_fill(&made, N_PKTS, 2000, gap_ns, frame_bytes);
    config = made_config(machine, vsw_model_find("hyper_switch"), params, 2);
    config.guests.driver = "hyper";
    config.wires.n = 1;
    config.traffic.pacing = VSW_PACING_RECORDED;
    config.traffic.n_loops = 1;
    config.run.warmup_us = 0;
    config.run.duration_us = 20000;
    if (vsw_simulate(&outcome, &config, &made.workload, &how, &err)) {
        fail_msg("%s", err.text);
    }
    return outcome;
}

static void
packets_pass_through_the_driver_domain_both_ways(void **state)
{
    static const uint32_t sizes[] = {64, 1518, 9018};

    (void) state;
    for (size_t i = 0; i < VSW_N_ELEMS(sizes); i++) {
        struct vsw_outcome *outcome = run(sizes[i], 30000);

        for (uint32_t port = 0; port < 3; port++) {
            assert_int_equal(outcome->port_delivered[port].n_pkts,
                             N_PKTS / 3);
        }
        vsw_outcome_free(outcome);
    }
}

/* Bursts that overrun rings: what is lost is counted, and nothing stays. */
static void
bursts_leave_nothing_behind(void **state)
{
    struct vsw_outcome *outcome = run(1518, 300);

    (void) state;
    assert_int_equal(outcome->in_flight.n_pkts, 0);
    assert_true(outcome->delivered.n_pkts > N_PKTS / 2);
    vsw_outcome_free(outcome);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets_pass_through_the_driver_domain_both_ways),
        cmocka_unit_test(bursts_leave_nothing_behind),
    };

    return cmocka_run_group_tests(tests, load_machine, free_machine);
}
