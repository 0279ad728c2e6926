/* What must hold for every registered model, whatever it is. */
#include "laws/laws.h"

#include <string.h>

/* Parameters that make packets wait on purpose; 0 does not. */
static const struct {
    const char *model;
    const char *param;
} waits[] = {
    {"hyper_switch", "tx_hold_ns"},
    {"hyper_switch", "rx_hold_ns"},
    {"snich", "irq_gap_ns"},
    {"sriov", "irq_gap_ns"},
    {"sriov_shared", "irq_gap_ns"},
    {"vepa", "irq_gap_ns"},
    {"vepa_agent", "irq_gap_ns"},
    {"vmdq", "irq_gap_ns"},
};

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
        free_outside(model);
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
        /* The trace takes 260 us and little more passes. */
        assert_in_range(outcome->window_ps, 2000 * UINT64_C(130000) - 1000000,
                        2000 * UINT64_C(130000) + 100000000);
        /* Links take their time. */
        assert_true(config.wires.n > 0 || outcome->latency_ps->max == 0);
        vsw_outcome_free(outcome);
    }
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
        cmocka_unit_test(pinning_names_cpus_and_moves_nothing_else),
    };

    return cmocka_run_group_tests(tests, load_machine, free_machine);
}
