/* The search for the highest rate that loses nothing. */
#include "vsw_test.h"

#include <stdio.h>
#include <string.h>

#include <vswsim/machine.h>
#include <vswsim/metric.h>

#include "io/run/search.h"
#include "made_machine.h"
#include "made_workload.h"

static struct vsw_machine *machine;
static struct made made;
static uint64_t params[MADE_MAX_PARAMS];

static int
load_machine(void **state)
{
    (void) state;
    return made_machine_load(&machine, "xeon-e5-2690v3-dpdk");
}

static int
free_machine(void **state)
{
    (void) state;
    made_machine_free(machine);
    return 0;
}

/* Two guests that send 64-byte frames to each other, 'rate_pps' together. */
static struct vsw_config
config_of(uint64_t rate_pps)
{
    struct vsw_config config;

    made_init(&made, 2, 16);
    made_fill(&made, 512, 0, 100, 64);
    config = made_config(machine, vsw_model_find("dpdk_vhost"), params, 2);
    config.traffic.pacing = VSW_PACING_FIXED;
    config.traffic.rate_pps = rate_pps;
    config.search = (struct vsw_config_search) {
        .kind = VSW_SEARCH_LOSSLESS, .n_steps = 8,
    };
    return config;
}

static struct vsw_outcome *
search(const struct vsw_config *config)
{
    const struct vsw_simulate_how how = {.check = true};
    struct vsw_outcome *outcome;
    struct vsw_error err = {0};

    if (vsw_search(&outcome, config, &made.workload, &how, &err)) {
        fail_msg("%s", err.text);
    }
    return outcome;
}

static double
rate_found(const struct vsw_outcome *outcome)
{
    return vsw_metric_value(outcome, "counter(search_rate_pps)");
}

static void
what_is_found_loses_nothing_and_more_does_not_go(void **state)
{
    struct vsw_config config = config_of(40000000);
    struct vsw_outcome *outcome = search(&config);
    double rate = rate_found(outcome);
    uint64_t n_offered = outcome->window_offered.n_pkts;

    (void) state;
    assert_true(rate > 0 && rate < 40e6);
    assert_int_equal(outcome->window_dropped.n_pkts, 0);
    vsw_outcome_free(outcome);

    config = config_of((uint64_t) (rate * 1.1));
    config.search.kind = VSW_SEARCH_NONE;
    outcome = search(&config);
    assert_true(outcome->window_dropped.n_pkts > 0
                || (double) outcome->window_offered.n_pkts
                       < 1.05 * (double) n_offered);
    vsw_outcome_free(outcome);
}

/* A rate that goes at once is not searched for. */
static void
a_low_rate_is_found_in_one_run(void **state)
{
    struct vsw_config config = config_of(1000000);
    struct vsw_outcome *outcome;

    (void) state;
    config.search.n_steps = 1;
    outcome = search(&config);
    assert_true(rate_found(outcome) == 1e6);
    vsw_outcome_free(outcome);
}

/* With one step at a rate that loses there is none. */
static void
no_rate_is_told_as_zero(void **state)
{
    struct vsw_config config = config_of(40000000);
    struct vsw_outcome *outcome;

    (void) state;
    config.search.n_steps = 1;
    outcome = search(&config);
    assert_true(rate_found(outcome) == 0);
    vsw_outcome_free(outcome);
}

static void
loss_may_be_allowed(void **state)
{
    struct vsw_config config = config_of(40000000);
    struct vsw_outcome *strict = search(&config);
    struct vsw_outcome *lax;

    (void) state;
    config.search.max_loss_ppm = 200000;
    lax = search(&config);
    assert_true(rate_found(lax) >= rate_found(strict));
    vsw_outcome_free(strict);
    vsw_outcome_free(lax);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_found_loses_nothing_and_more_does_not_go),
        cmocka_unit_test(a_low_rate_is_found_in_one_run),
        cmocka_unit_test(no_rate_is_told_as_zero),
        cmocka_unit_test(loss_may_be_allowed),
    };

    return cmocka_run_group_tests(tests, load_machine, free_machine);
}
