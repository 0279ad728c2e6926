/* What must hold for every registered model, whatever it is. */
#include "vsw_test.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <vswsim/machine.h>
#include <vswsim/metric.h>
#include <vswsim/stats.h>

#include "core/cost.h"
#include "io/run/simulate.h"
#include "made_workload.h"

static struct vsw_machine *machine;
static const struct vsw_cost *own_costs;
static struct made made;
static uint64_t params[MADE_MAX_PARAMS];

/* Parameters that make packets wait on purpose; 0 does not. */
static const struct {
    const char *model;
    const char *param;
} waits[] = {
    {"hyper_switch", "tx_hold_ns"},
    {"hyper_switch", "rx_hold_ns"},
};

/* The laws hold for any costs, so a model whose software is not that of the
 * machine's stack gets some for what the stack lacks. */
static struct vsw_cost all_costs[VSW_N_COSTS];

static void
fill_costs(void)
{
    const uint64_t ns = UINT64_C(1000) << VSW_COST_FRACTION_BITS;

    memcpy(all_costs, machine->costs, sizeof all_costs);
    for (uint32_t i = 0; i < VSW_N_COSTS; i++) {
        struct vsw_cost *cost = &all_costs[i];

        if (cost->kind == VSW_COST_ABSENT) {
            cost->kind = VSW_COST_ASSUMED;
            cost->fixed = strstr(cost->name, "_byte") ? ns / 5 : 60 * ns;
        }
    }
    machine->costs = all_costs;
}

static int
load_machine(void **state)
{
    struct vsw_error err;

    (void) state;
    if (vsw_machine_load(&machine, "xeon-e5-2690v3-dpdk",
                         VSW_SOURCE_DIR "/configs/experiments", &err)) {
        fprintf(stderr, "%s\n", err.text);
        return -1;
    }
    own_costs = machine->costs;
    fill_costs();
    machine->hw.n_nics = 1;
    machine->hw.nics[0].n_ports = 2;
    machine->hw.nics[0].rate_bps = UINT64_C(2500000000);
    return 0;
}

static int
free_machine(void **state)
{
    (void) state;
    machine->costs = own_costs;
    vsw_machine_free(machine);
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

/* Guests that send to each other in a ring; as many as asked for, if the
 * machine has a CPU for each beside those of the switch. */
static struct vsw_config
saturated_by(uint32_t n_guests, const struct vsw_model_ops *model,
             uint32_t frame_bytes)
{
    while (model->n_cpus
           && n_guests + model->n_cpus(n_guests, 0) > machine->n_cpus) {
        n_guests--;
    }
    made_init(&made, n_guests, 16);
    made_fill(&made, 512, 0, 100, frame_bytes);
    return made_config(machine, model, params, n_guests);
}

static struct vsw_config
saturated(const struct vsw_model_ops *model, uint32_t frame_bytes)
{
    return saturated_by(4, model, frame_bytes);
}

/* --- The laws of the ledger and of packets ------------------------------- */

static uint64_t
n_fates(const struct vsw_outcome *outcome)
{
    uint64_t n = outcome->delivered.n_pkts + outcome->absorbed.n_pkts
                 + outcome->in_flight.n_pkts;

    for (int i = 0; i < VSW_N_DROPS; i++) {
        n += outcome->dropped[i].n_pkts;
    }
    return n;
}

static void
assert_laws(const struct vsw_outcome *outcome)
{
    assert_int_equal(outcome->created.n_pkts + outcome->cloned.n_pkts,
                     n_fates(outcome));
    for (uint32_t u = 0; u < outcome->n_units; u++) {
        const struct vsw_outcome_unit *unit = &outcome->units[u];
        uint64_t busy_ps = 0;

        for (uint32_t i = 0; i < outcome->n_charges; i++) {
            if (outcome->charges[i].unit == u) {
                busy_ps += outcome->charges[i].busy_ps;
            }
        }
        assert_int_equal(busy_ps, unit->busy_ps);
        assert_int_equal(busy_ps + unit->idle_ps, outcome->window_ps);
    }
}

static void
laws_hold_with_defaults_at_every_size(void **state)
{
    static const uint32_t sizes[] = {64, 1518, 9018};
    const struct vsw_simulate_how how = {.check = true};
    const struct vsw_model_ops *model;

    (void) state;
    for (uint32_t m = 0; (model = vsw_model_at(m)); m++) {
        for (size_t i = 0; i < VSW_N_ELEMS(sizes); i++) {
            struct vsw_config config = saturated(model, sizes[i]);
            struct vsw_outcome *outcome = simulate(&config, &how);

            assert_laws(outcome);
            if (outcome->window_delivered.n_pkts <= 100) {
                print_error("%s, %u bytes: %u packets\n", model->name,
                            sizes[i],
                            (unsigned) outcome->window_delivered.n_pkts);
                fail();
            }
            vsw_outcome_free(outcome);
        }
    }
}

/* Which CPUs there are depends on the machine. */
static bool
names_a_cpu(const struct vsw_param *param)
{
    size_t n = strlen(param->name);

    return n > 4 && strcmp(param->name + n - 4, "_cpu") == 0;
}

/* Each parameter at both ends of its range, the others as they are. */
static void
laws_hold_at_the_ends_of_every_parameter(void **state)
{
    const struct vsw_simulate_how how = {.check = true};
    const struct vsw_model_ops *model;

    (void) state;
    for (uint32_t m = 0; (model = vsw_model_at(m)); m++) {
        for (uint32_t p = 0; model->params[p].name; p++) {
            for (int end = 0; end < 2 && !names_a_cpu(&model->params[p]);
                 end++) {
                struct vsw_config config = saturated(model, 3000);
                struct vsw_outcome *outcome;

                params[p] = end ? model->params[p].max
                                : model->params[p].min;
                config.run.duration_us = 300;
                outcome = simulate(&config, &how);
                assert_laws(outcome);
                vsw_outcome_free(outcome);
            }
        }
    }
}

/* --- Zero cost ----------------------------------------------------------- */

static struct vsw_cost free_costs[VSW_N_COSTS];

static struct vsw_machine
free_of_charge(void)
{
    struct vsw_machine m = *machine;

    memcpy(free_costs, machine->costs, sizeof free_costs);
    for (uint32_t i = 0; i < VSW_N_COSTS; i++) {
        free_costs[i].fixed = 0;
    }
    m.costs = free_costs;
    m.hw.n_idle_states = 0;
    return m;
}

/* Polling takes time even where a look is free, and a line has its rate; no
 * other account may. */
static void
assert_no_charges(const struct vsw_outcome *outcome)
{
    for (uint32_t i = 0; i < outcome->n_charges; i++) {
        const char *account = outcome->charges[i].account;

        if (strcmp(account, "poll") != 0 && strcmp(account, "wire") != 0) {
            assert_int_equal(outcome->charges[i].busy_ps, 0);
        }
    }
}

static void
do_not_wait(const struct vsw_model_ops *model)
{
    for (size_t i = 0; i < VSW_N_ELEMS(waits); i++) {
        if (strcmp(waits[i].model, model->name) == 0) {
            params[vsw_param_find(model->params, waits[i].param)
                   - model->params] = 0;
        }
    }
}

/* The trace starts after the drivers have, and ends before the run does. */
static void
without_costs_each_packet_arrives_when_it_departs(void **state)
{
    const struct vsw_simulate_how how = {.check = true};
    const struct vsw_machine m = free_of_charge();
    const struct vsw_model_ops *model;

    (void) state;
    for (uint32_t i = 0; (model = vsw_model_at(i)); i++) {
        struct vsw_config config;
        struct vsw_outcome *outcome;

        made_init(&made, 4, 16);
        made_fill(&made, 2000, 3000, 130, 1518);
        config = made_config(&m, model, params, 4);
        do_not_wait(model);
        config.traffic.pacing = VSW_PACING_RECORDED;
        config.traffic.n_loops = 1;
        config.wires.rate_bps = UINT64_C(100000000000);
        config.run.warmup_us = 0;
        outcome = simulate(&config, &how);
        assert_laws(outcome);
        assert_no_charges(outcome);
        assert_int_equal(outcome->created.n_pkts, 2000);
        assert_int_equal(outcome->delivered.n_pkts, 2000);
        assert_int_equal(outcome->latency_ps->n, 2000);
        /* Links take their time. */
        assert_true(config.wires.n > 0 || outcome->latency_ps->max == 0);
        vsw_outcome_free(outcome);
    }
}

/* --- Determinism --------------------------------------------------------- */

static void
assert_same(const struct vsw_outcome *a, const struct vsw_outcome *b)
{
    assert_memory_equal(&a->created, &b->created, sizeof a->created);
    assert_memory_equal(&a->delivered, &b->delivered, sizeof a->delivered);
    assert_memory_equal(a->dropped, b->dropped, sizeof a->dropped);
    assert_memory_equal(a->latency_ps, b->latency_ps, sizeof *a->latency_ps);
    assert_int_equal(a->n_calls, b->n_calls);
    assert_int_equal(a->n_charges, b->n_charges);
    for (uint32_t i = 0; i < a->n_charges; i++) {
        assert_int_equal(a->charges[i].busy_ps, b->charges[i].busy_ps);
        assert_int_equal(a->charges[i].n_charges, b->charges[i].n_charges);
    }
    assert_int_equal(a->n_counters, b->n_counters);
    for (uint32_t i = 0; i < a->n_counters; i++) {
        assert_int_equal(a->counters[i].value, b->counters[i].value);
    }
}

static void
a_run_repeats_itself_and_a_replication_does_not(void **state)
{
    const struct vsw_simulate_how first = {.replication = 0};
    const struct vsw_simulate_how second = {.replication = 1};
    const struct vsw_model_ops *model;

    (void) state;
    for (uint32_t m = 0; (model = vsw_model_at(m)); m++) {
        struct vsw_config config = saturated(model, 256);
        struct vsw_outcome *a = simulate(&config, &first);
        struct vsw_outcome *b = simulate(&config, &first);
        struct vsw_outcome *c = simulate(&config, &second);

        assert_same(a, b);
        assert_int_not_equal(a->latency_ps->sum_low, c->latency_ps->sum_low);
        vsw_outcome_free(a);
        vsw_outcome_free(b);
        vsw_outcome_free(c);
    }
}

/* --- Order and quantum --------------------------------------------------- */

#define N_REPLICATIONS 6

static struct vsw_interval
interval_of(const struct vsw_config *config, struct vsw_simulate_how how,
            const char *metric)
{
    double values[N_REPLICATIONS];

    for (uint32_t r = 0; r < N_REPLICATIONS; r++) {
        struct vsw_outcome *outcome;

        how.replication = r;
        outcome = simulate(config, &how);
        values[r] = vsw_metric_value(outcome, metric);
        vsw_outcome_free(outcome);
    }
    return vsw_stats_interval(values, N_REPLICATIONS, VSW_CONFIDENCE_95);
}

/* The move must be within the interval of the metric or 0.5 %; a quantile is
 * the end of a bucket, which is 1/128 of it wide. */
static double
tolerance_of(const char *metric)
{
    return 0.005 + (strstr(metric, "_p99_") ? 1.0 / 127 : 0);
}

static void
assert_stays(const struct vsw_config *config,
             const struct vsw_simulate_how *how, const char *what)
{
    static const char *const metrics[] = {
        "delivered_pps", "loss_ratio", "latency_mean_ns", "latency_p99_ns",
    };
    const struct vsw_simulate_how plain = {.check = true};

    for (size_t i = 0; i < VSW_N_ELEMS(metrics); i++) {
        struct vsw_interval a = interval_of(config, plain, metrics[i]);
        struct vsw_interval b = interval_of(config, *how, metrics[i]);
        double by = fabs(b.mean - a.mean);

        if (by > a.half_width && by > tolerance_of(metrics[i]) * a.mean) {
            fail_msg("%s of %s moves from %g +- %g to %g with %s",
                     metrics[i], config->design, a.mean, a.half_width,
                     b.mean, what);
        }
    }
}

static void
neither_the_quantum_nor_the_order_of_ties_moves_a_metric(void **state)
{
    const struct vsw_simulate_how quarter = {
        .check = true,
        .quarter_quantum = true,
    };
    const struct vsw_simulate_how reverse = {
        .check = true,
        .reverse_ties = true,
    };
    const struct vsw_model_ops *model;

    (void) state;
    for (uint32_t m = 0; (model = vsw_model_at(m)); m++) {
        struct vsw_config config = saturated(model, 256);

        assert_stays(&config, &quarter, "a quarter of the quantum");
        assert_stays(&config, &reverse, "ties reversed");
    }
}

/* --- Monotony ------------------------------------------------------------ */

/* Where a receiver that is interrupted later is interrupted less often, and
 * copies larger batches, the law below does not hold. */
static const char *const batchers[] = {"hyper_switch"};

static bool
is_batcher(const struct vsw_model_ops *model)
{
    for (size_t i = 0; i < VSW_N_ELEMS(batchers); i++) {
        if (strcmp(batchers[i], model->name) == 0) {
            return true;
        }
    }
    return false;
}

/* A cost half as high again never raises the throughput of a switch that is
 * the bottleneck, up to the noise that another rhythm of bursts brings: the
 * rate of snich goes up and down by 0.6 % as a cost that it pays once grows.
 * With the guests as bottleneck this is no law: a slower switch finds larger
 * batches, and a guest flushes its TLB once per batch. */
static void
a_higher_cost_never_raises_saturated_throughput(void **state)
{
    const struct vsw_simulate_how how = {0};
    struct vsw_machine m = *machine;
    const struct vsw_model_ops *model;

    (void) state;
    m.costs = free_costs;
    for (uint32_t i = 0; (model = vsw_model_at(i)); i++) {
        struct vsw_config config = saturated_by(8, model, 1024);
        struct vsw_interval base;

        if (is_batcher(model)) {
            continue;
        }

        config.machine = &m;
        config.run.duration_us = 600;
        memcpy(free_costs, machine->costs, sizeof free_costs);
        base = interval_of(&config, how, "delivered_pps");
        for (uint32_t c = 0; c < VSW_N_COSTS; c++) {
            struct vsw_interval raised;

            free_costs[c].fixed += free_costs[c].fixed / 2;
            raised = interval_of(&config, how, "delivered_pps");
            if (raised.mean > base.mean * 1.01
                && raised.mean - base.mean
                       > raised.half_width + base.half_width) {
                fail_msg("%s delivers %g instead of %g packets/s when %s "
                         "costs half as much again", model->name,
                         raised.mean, base.mean, free_costs[c].name);
            }
            free_costs[c] = machine->costs[c];
        }
    }
}

/* --- Costs that a machine lacks ------------------------------------------ */

static uint64_t
sum_of_charges(const struct vsw_outcome *outcome)
{
    uint64_t sum_ps = 0;

    for (uint32_t i = 0; i < outcome->n_charges; i++) {
        sum_ps += outcome->charges[i].busy_ps * (i + 1);
    }
    return sum_ps;
}

/* Whether anything that 'config' does depends on 'cost'. */
static bool
depends_on(const struct vsw_config *config, struct vsw_cost *cost)
{
    const struct vsw_simulate_how how = {0};
    struct vsw_outcome *before = simulate(config, &how);
    struct vsw_outcome *after;
    bool differs;

    cost->fixed *= 3;
    after = simulate(config, &how);
    cost->fixed /= 3;
    differs = before->created.n_pkts != after->created.n_pkts
              || before->delivered.n_pkts != after->delivered.n_pkts
              || sum_of_charges(before) != sum_of_charges(after);
    vsw_outcome_free(before);
    vsw_outcome_free(after);
    return differs;
}

/* What is charged is given: a machine without a cost is refused by its name,
 * or nothing depends on the cost. */
static void
no_cost_is_charged_that_the_machine_lacks(void **state)
{
    const struct vsw_simulate_how how = {0};
    struct vsw_machine m = *machine;
    const struct vsw_model_ops *model;
    uint32_t n_refused = 0;

    (void) state;
    m.costs = free_costs;
    memcpy(free_costs, machine->costs, sizeof free_costs);
    for (uint32_t i = 0; (model = vsw_model_at(i)); i++) {
        struct vsw_config config = saturated(model, 256);

        config.machine = &m;
        config.run.duration_us = 300;
        for (uint32_t c = 0; c < VSW_N_COSTS; c++) {
            struct vsw_error err = {0};
            struct vsw_outcome *outcome;

            free_costs[c].kind = VSW_COST_ABSENT;
            if (vsw_simulate(&outcome, &config, &made.workload, &how, &err)) {
                n_refused++;
                assert_int_equal(err.kind, VSW_ERROR_DATA);
                assert_non_null(strstr(err.text, free_costs[c].name));
            } else if (depends_on(&config, &free_costs[c])) {
                fail_msg("%s charges %s without asking for it", model->name,
                         free_costs[c].name);
            }
            vsw_outcome_free(outcome);
            free_costs[c].kind = machine->costs[c].kind;
        }
    }
    assert_true(n_refused > 20);
}

/* --- Placement ----------------------------------------------------------- */

/* With flat costs all CPUs are alike; what is not pinned gets the lowest CPUs
 * that are free. */
static void
pinning_names_cpus_and_moves_nothing_else(void **state)
{
    static const char *const names[] = {"cpu0", "cpu7", "cpu2", "cpu1",
                                        "cpu3"};
    uint32_t cpus[] = {7, 2};
    const struct vsw_simulate_how how = {.check = true};
    struct vsw_config config = saturated(vsw_model_at(0), 64);
    struct vsw_outcome *plain = simulate(&config, &how);
    struct vsw_outcome *pinned;

    (void) state;
    config.guests.pin.cpus = cpus;
    config.guests.pin.n = 2;
    pinned = simulate(&config, &how);
    assert_int_equal(pinned->n_units, VSW_N_ELEMS(names));
    for (uint32_t i = 0; i < pinned->n_units; i++) {
        assert_string_equal(pinned->units[i].name, names[i]);
        assert_int_equal(pinned->units[i].busy_ps, plain->units[i].busy_ps);
    }
    assert_int_equal(pinned->delivered.n_pkts, plain->delivered.n_pkts);
    vsw_outcome_free(plain);
    vsw_outcome_free(pinned);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(laws_hold_with_defaults_at_every_size),
        cmocka_unit_test(laws_hold_at_the_ends_of_every_parameter),
        cmocka_unit_test(without_costs_each_packet_arrives_when_it_departs),
        cmocka_unit_test(a_run_repeats_itself_and_a_replication_does_not),
        cmocka_unit_test(
            neither_the_quantum_nor_the_order_of_ties_moves_a_metric),
        cmocka_unit_test(pinning_names_cpus_and_moves_nothing_else),
        cmocka_unit_test(a_higher_cost_never_raises_saturated_throughput),
        cmocka_unit_test(no_cost_is_charged_that_the_machine_lacks),
    };

    return cmocka_run_group_tests(tests, load_machine, free_machine);
}
