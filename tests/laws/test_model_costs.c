/* What costs may and may not do to any model. */
#include "laws/laws.h"

#include <string.h>

#include <vswsim/metric.h>

/* --- Monotony ------------------------------------------------------------ */

/* Where a receiver that is interrupted later is interrupted less often, and
 * copies larger batches, the law below does not hold. */
static const char *const batchers[] = {"hyper_switch", NULL};

/* Packets on their way to an external switch and back are so many that it
 * takes longer than a short run until rings and places are full of them. */
static const char *const long_ways[] = {"vepa", "vepa_agent", NULL};

static bool
is_among(const struct vsw_model_ops *model, const char *const *names)
{
    for (; *names; names++) {
        if (strcmp(*names, model->name) == 0) {
            return true;
        }
    }
    return false;
}

/* One replication tells whether it is worth looking at all of them. */
static void
assert_no_faster(const struct vsw_config *config,
                 const struct replications *base, const char *cost)
{
    static const char metric[] = "delivered_pps";
    const struct vsw_simulate_how how = {0};
    struct vsw_outcome *first = simulate(config, &how);
    struct vsw_interval before = interval_of(base, metric);
    struct vsw_interval after;
    struct replications raised;

    if (vsw_metric_value(first, metric) > before.mean * 1.01) {
        replicate(&raised, config, how);
        after = interval_of(&raised, metric);
        if (after.mean > before.mean * 1.01
            && after.mean - before.mean
                   > after.half_width + before.half_width) {
            fail_msg("%s delivers %g instead of %g packets/s when %s costs "
                     "half as much again", config->design, after.mean,
                     before.mean, cost);
        }
        free_replications(&raised);
    }
    vsw_outcome_free(first);
}

/* A cost half as high again never raises the throughput of a switch that is
 * the bottleneck, up to the noise that another rhythm of bursts brings: the
 * rate of snich goes up and down by 0.6 % as a cost that it pays once grows.
 * With the guests as bottleneck this is no law: a slower switch finds larger
 * batches, and a guest flushes its TLB once per batch. */
static void
a_higher_cost_never_raises_saturated_throughput(void **state)
{
    struct vsw_machine m = machine_with_own_costs();
    const struct vsw_model_ops *model;

    (void) state;
    for (uint32_t i = 0; (model = vsw_model_at(i)); i++) {
        struct vsw_config config = saturated_by(8, model, 1024);
        struct replications base;

        if (is_among(model, batchers)) {
            continue;
        }
        config.machine = &m;
        config.run.duration_us = 600;
        if (is_among(model, long_ways)) {
            config.run.warmup_us = 3000;
            config.run.duration_us = 8000;
        }
        replicate(&base, &config, (struct vsw_simulate_how) {0});
        for (uint32_t c = 0; c < VSW_N_COSTS; c++) {
            own_costs[c].fixed += own_costs[c].fixed / 2;
            assert_no_faster(&config, &base, own_costs[c].name);
            own_costs[c] = machine->costs[c];
        }
        free_replications(&base);
    }
}

/* --- Monotony of single operations --------------------------------------- */

/* Packets one by one, so that each meets the same state whatever costs are: no
 * batch grows, nobody waits for anybody. */
static struct vsw_config
one_by_one(const struct vsw_machine *m, const struct vsw_model_ops *model)
{
    struct vsw_config config;

    made_init(&made, 4, 16);
    made_fill(&made, 24, 100000, 1000000, 1024);
    config = made_config(m, model, params, 4);
    config.traffic.pacing = VSW_PACING_RECORDED;
    config.traffic.n_loops = 1;
    config.wires.rate_bps = UINT64_C(10000000000);
    config.run.warmup_us = 0;
    config.run.duration_us = 25000;
    return config;
}

/* Time on one account of one unit, over domains and stages. */
static uint64_t
account_ps(const struct vsw_outcome *outcome, uint32_t unit,
           const char *account)
{
    uint64_t ps = 0;

    for (uint32_t i = 0; i < outcome->n_charges; i++) {
        if (outcome->charges[i].unit == unit
            && !strcmp(outcome->charges[i].account, account)) {
            ps += outcome->charges[i].busy_ps;
        }
    }
    return ps;
}

/* Looking at empty rings fills what time is left; and how many pages a guest
 * walks for after a flush is a matter of where in its loop that comes. */
static bool
depends_on_when(const char *account)
{
    return strcmp(account, "poll") == 0 || strcmp(account, "tlb_walk") == 0;
}

/* Returns whether any account grew. */
static bool
assert_none_shrank(const struct vsw_outcome *before,
                   const struct vsw_outcome *after, const char *design,
                   const char *cost)
{
    bool grew = false;

    for (uint32_t i = 0; i < before->n_charges; i++) {
        const struct vsw_outcome_charge *c = &before->charges[i];
        uint64_t was_ps = account_ps(before, c->unit, c->account);
        uint64_t is_ps = account_ps(after, c->unit, c->account);

        if (is_ps < was_ps && !depends_on_when(c->account)) {
            fail_msg("%s: %s of %s goes from %llu to %llu ps when %s costs "
                     "half as much again", design, c->account,
                     before->units[c->unit].name,
                     (unsigned long long) was_ps,
                     (unsigned long long) is_ps, cost);
        }
        grew |= is_ps > was_ps;
    }
    return grew;
}

/* Each operation charges no less when a cost is higher, and what it is made of
 * more: no account of any unit shrinks, of packets that come one by one. */
static void
a_higher_cost_never_shortens_an_operation(void **state)
{
    const struct vsw_simulate_how how = {0};
    struct vsw_machine m = machine_with_own_costs();
    const struct vsw_model_ops *model;
    bool used[VSW_N_COSTS] = {false};
    uint32_t n_used = 0;

    (void) state;
    m.hw.n_idle_states = 0;     /* How deep a CPU sleeps is a decision. */
    for (uint32_t i = 0; (model = vsw_model_at(i)); i++) {
        struct vsw_config config = one_by_one(&m, model);
        struct vsw_outcome *before = simulate(&config, &how);

        for (uint32_t c = 0; c < VSW_N_COSTS; c++) {
            struct vsw_outcome *after;

            own_costs[c].fixed += own_costs[c].fixed / 2;
            after = simulate(&config, &how);
            used[c] |= assert_none_shrank(before, after, model->name,
                                          own_costs[c].name);
            own_costs[c] = machine->costs[c];
            vsw_outcome_free(after);
        }
        vsw_outcome_free(before);
    }
    for (uint32_t c = 0; c < VSW_N_COSTS; c++) {
        n_used += used[c];
    }
    assert_true(n_used > VSW_N_COSTS / 2);
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

static bool
differs(const struct vsw_outcome *a, const struct vsw_outcome *b)
{
    return a->created.n_pkts != b->created.n_pkts
           || a->delivered.n_pkts != b->delivered.n_pkts
           || sum_of_charges(a) != sum_of_charges(b);
}

/* Whether 'config' is refused, by the name of the cost, on a machine that
 * lacks cost number 'c'. */
static bool
is_asked_for(const struct vsw_config *config, uint32_t c)
{
    const struct vsw_simulate_how how = {0};
    struct vsw_config short_run = *config;
    struct vsw_error err = {0};
    struct vsw_outcome *outcome;
    int error;

    short_run.run.duration_us = 2;
    short_run.run.warmup_us = 0;
    own_costs[c].kind = VSW_COST_ABSENT;
    error = vsw_simulate(&outcome, &short_run, &made.workload, &how, &err);
    own_costs[c].kind = machine->costs[c].kind;
    if (error) {
        assert_int_equal(err.kind, VSW_ERROR_DATA);
        assert_non_null(strstr(err.text, own_costs[c].name));
    }
    vsw_outcome_free(outcome);
    return error != 0;
}

/* Names a cost of which the outcome depends though it was not asked for. */
static void
find_culprit(const struct vsw_config *config,
             const struct vsw_outcome *before)
{
    const struct vsw_simulate_how how = {0};

    memcpy(own_costs, machine->costs, sizeof own_costs);
    for (uint32_t c = 0; c < VSW_N_COSTS; c++) {
        struct vsw_outcome *after;

        if (is_asked_for(config, c)) {
            continue;
        }
        own_costs[c].fixed *= 3;
        after = simulate(config, &how);
        own_costs[c] = machine->costs[c];
        if (differs(before, after)) {
            fail_msg("%s charges %s without asking for it", config->design,
                     own_costs[c].name);
        }
        vsw_outcome_free(after);
    }
    fail_msg("%s charges costs without asking for them", config->design);
}

/* What is charged is given: a machine without a cost is refused by its name,
 * or nothing depends on the cost. */
static void
no_cost_is_charged_that_the_machine_lacks(void **state)
{
    const struct vsw_simulate_how how = {0};
    struct vsw_machine m = machine_with_own_costs();
    const struct vsw_model_ops *model;
    uint32_t n_refused = 0;

    (void) state;
    for (uint32_t i = 0; (model = vsw_model_at(i)); i++) {
        struct vsw_config config = saturated(model, 256);
        struct vsw_outcome *before;
        struct vsw_outcome *after;

        memcpy(own_costs, machine->costs, sizeof own_costs);
        config.machine = &m;
        config.run.duration_us = 300;
        before = simulate(&config, &how);
        for (uint32_t c = 0; c < VSW_N_COSTS; c++) {
            if (is_asked_for(&config, c)) {
                n_refused++;
            } else {
                own_costs[c].fixed *= 3;
            }
        }
        after = simulate(&config, &how);
        if (differs(before, after)) {
            find_culprit(&config, before);
        }
        vsw_outcome_free(before);
        vsw_outcome_free(after);
    }
    assert_true(n_refused > 20);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_higher_cost_never_raises_saturated_throughput),
        cmocka_unit_test(a_higher_cost_never_shortens_an_operation),
        cmocka_unit_test(no_cost_is_charged_that_the_machine_lacks),
    };

    return cmocka_run_group_tests(tests, load_machine, free_machine);
}
