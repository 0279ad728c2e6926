/* What must hold for every model when caches are simulated. */
#include "vsw_test.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <vswsim/machine.h>
#include <vswsim/metric.h>
#include <vswsim/stats.h>

#include "core/cost.h"
#include "io/run/simulate.h"
#include "made_machine.h"
#include "made_workload.h"

#define N_REPLICATIONS 6

static struct vsw_machine *machine;
static struct made made;
static uint64_t params[MADE_MAX_PARAMS];

static int
load_machine(void **state)
{
    (void) state;
    if (made_machine_load_whole(&machine, "xeon-e5-2690v3-dpdk")) {
        return -1;
    }
    made_machine_add_nic(machine, UINT64_C(2500000000));
    return 0;
}

static int
free_machine(void **state)
{
    (void) state;
    made_machine_free(machine);
    return 0;
}

static struct vsw_outcome *
simulate(const struct vsw_config *config, const struct vsw_simulate_how *how)
{
    struct vsw_outcome *outcome;
    struct vsw_error err = {0};

    if (vsw_simulate(&outcome, config, &made.workload, how, &err)) {
        fail_msg("%s: %s", config->design, err.text);
    }
    return outcome;
}

static struct vsw_config
saturated(const struct vsw_model_ops *model, uint32_t frame_bytes)
{
    struct vsw_config config;

    made_init(&made, 4, 16);
    made_fill(&made, 512, 0, 100, frame_bytes);
    config = made_config(machine, model, params, 4);
    config.run.memory = VSW_MEMORY_HIERARCHY;
    return config;
}

/* Waits are part of what is charged, and units do wait. */
static void
waits_are_part_of_charges(void **state)
{
    static const uint32_t sizes[] = {64, 1518, 9018};
    const struct vsw_simulate_how how = {.check = true};
    const struct vsw_model_ops *model;
    uint32_t n_waiting = 0;

    (void) state;
    for (uint32_t m = 0; (model = vsw_model_at(m)); m++) {
        for (size_t i = 0; i < VSW_N_ELEMS(sizes); i++) {
            struct vsw_config config = saturated(model, sizes[i]);
            struct vsw_outcome *outcome = simulate(&config, &how);
            uint64_t memory_ps = 0;

            for (uint32_t c = 0; c < outcome->n_charges; c++) {
                assert_true(outcome->charges[c].memory_ps
                            <= outcome->charges[c].busy_ps);
                memory_ps += outcome->charges[c].memory_ps;
            }
            assert_true(outcome->created.n_pkts > 100);
            n_waiting += memory_ps > 0;
            vsw_outcome_free(outcome);
        }
    }
    /* Models of which all declared memory fits the L1 do not wait. */
    assert_true(n_waiting >= 10);
}

/* All bytes are read, and written unless they go to a process. */
static void
copies_touch_what_they_copy(void **state)
{
    const struct vsw_simulate_how how = {0};
    const struct vsw_model_ops *model;

    (void) state;
    for (uint32_t m = 0; (model = vsw_model_at(m)); m++) {
        struct vsw_config config = saturated(model, 1518);
        struct vsw_outcome *outcome = simulate(&config, &how);
        double n_copies = vsw_metric_value(outcome, "charges(account=copy)");
        double n_lines = vsw_metric_value(outcome, "mem_lines()");

        if (n_lines < n_copies * (1514 / 64)) {
            fail_msg("%s: %g copies a packet touch %g lines", config.design,
                     n_copies, n_lines);
        }
        vsw_outcome_free(outcome);
    }
}

static void
assert_same(const struct vsw_outcome *a, const struct vsw_outcome *b)
{
    assert_memory_equal(&a->delivered, &b->delivered, sizeof a->delivered);
    assert_memory_equal(a->latency_ps, b->latency_ps, sizeof *a->latency_ps);
    assert_memory_equal(&a->traffic, &b->traffic, sizeof a->traffic);
    assert_int_equal(a->n_calls, b->n_calls);
    assert_int_equal(a->n_lines, b->n_lines);
    for (uint32_t i = 0; i < a->n_lines; i++) {
        assert_memory_equal(a->lines[i].n_data, b->lines[i].n_data,
                            sizeof a->lines[i].n_data);
        assert_memory_equal(a->lines[i].n_code, b->lines[i].n_code,
                            sizeof a->lines[i].n_code);
    }
    for (uint32_t i = 0; i < a->n_charges; i++) {
        assert_int_equal(a->charges[i].busy_ps, b->charges[i].busy_ps);
        assert_int_equal(a->charges[i].memory_ps, b->charges[i].memory_ps);
    }
}

static void
a_run_repeats_itself(void **state)
{
    const struct vsw_simulate_how how = {0};
    const struct vsw_model_ops *model;

    (void) state;
    for (uint32_t m = 0; (model = vsw_model_at(m)); m++) {
        struct vsw_config config = saturated(model, 1518);
        struct vsw_outcome *a = simulate(&config, &how);
        struct vsw_outcome *b = simulate(&config, &how);

        assert_same(a, b);
        vsw_outcome_free(a);
        vsw_outcome_free(b);
    }
}

static struct vsw_interval
rate_of(const struct vsw_config *config, struct vsw_simulate_how how)
{
    double values[N_REPLICATIONS];

    for (uint32_t r = 0; r < N_REPLICATIONS; r++) {
        struct vsw_outcome *outcome;

        how.replication = r;
        outcome = simulate(config, &how);
        values[r] = vsw_metric_value(outcome, "delivered_pps");
        vsw_outcome_free(outcome);
    }
    return vsw_stats_interval(values, N_REPLICATIONS, VSW_CONFIDENCE_95);
}

/* Caches are relaxed state: calls of one quantum find them in the order in
 * which they ran. */
static void
neither_the_quantum_nor_the_order_of_ties_moves_a_rate(void **state)
{
    const struct vsw_simulate_how plain = {0};
    const struct vsw_simulate_how other[] = {
        {.quarter_quantum = true}, {.reverse_ties = true},
    };
    const struct vsw_model_ops *model;

    (void) state;
    for (uint32_t m = 0; (model = vsw_model_at(m)); m++) {
        struct vsw_config config = saturated(model, 256);
        struct vsw_interval a = rate_of(&config, plain);

        for (size_t i = 0; i < VSW_N_ELEMS(other); i++) {
            struct vsw_interval b = rate_of(&config, other[i]);
            double by = fabs(b.mean - a.mean);

            if (by > a.half_width && by > 0.005 * a.mean) {
                fail_msg("rate of %s moves from %g +- %g to %g",
                         config.design, a.mean, a.half_width, b.mean);
            }
        }
    }
}

/* Slower memory never makes a switch faster that copies on one CPU. */
static void
slower_memory_never_raises_throughput(void **state)
{
    const struct vsw_simulate_how how = {0};
    struct vsw_machine slow = *machine;
    struct vsw_config config = saturated(vsw_model_find("dpdk_vhost"), 1518);
    struct vsw_interval base = rate_of(&config, how);
    uint32_t *const facts[] = {
        &slow.hw.caches.l2.latency_cycles, &slow.hw.caches.l3.latency_cycles,
        &slow.hw.memory.latency_ns,
    };

    (void) state;
    config.machine = &slow;
    for (size_t i = 0; i < VSW_N_ELEMS(facts); i++) {
        struct vsw_interval slower;

        *facts[i] *= 2;
        slower = rate_of(&config, how);
        assert_true(slower.mean <= base.mean * 1.005);
        base = slower;
    }
    slow.hw.cpu.n_line_fills = 1;
    assert_true(rate_of(&config, how).mean < base.mean * 0.8);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_are_part_of_charges),
        cmocka_unit_test(copies_touch_what_they_copy),
        cmocka_unit_test(a_run_repeats_itself),
        cmocka_unit_test(
            neither_the_quantum_nor_the_order_of_ties_moves_a_rate),
        cmocka_unit_test(slower_memory_never_raises_throughput),
    };

    return cmocka_run_group_tests(tests, load_machine, free_machine);
}
