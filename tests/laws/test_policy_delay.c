/* With all costs zero and policies on, a packet's latency is the sum of the
 * policy delays and wire times on its path, to the picosecond. */
#include "laws/laws.h"

#include <string.h>

#include <vswsim/irqmod.h>
#include <vswsim/tx_timer.h>

#define PS_PER_NS UINT64_C(1000)
#define N_PORTS   4
#define N_PKTS    600
#define FIRST_NS  3000
#define GAP_NS    20000     /* Of interrupts. */
#define HOLD_NS   30000     /* Of the transmit timer. */
#define DELAY_NS  70        /* Of a link ... */
#define SWITCH_NS 900       /* ... and of the switch behind it. */
#define RATE_BPS  UINT64_C(10000000000)
#define FRAME     1000
#define WIRE_NS   ((FRAME + 20) * 8 / 10)

/* Latencies that policies alone bring. */
struct expected {
    struct vsw_histogram latency_ps;
    uint64_t held_ns[N_PKTS];       /* Arrivals of packets that wait. */
    uint32_t n_held;
};

static void
arrive(struct expected *e, uint64_t sent_ns, uint64_t at_ns,
       uint64_t path_ns)
{
    vsw_histogram_add(&e->latency_ps,
                      (at_ns - sent_ns + path_ns) * PS_PER_NS);
}

static void
release(struct expected *e, uint64_t at_ns, uint64_t path_ns)
{
    for (uint32_t i = 0; i < e->n_held; i++) {
        arrive(e, e->held_ns[i], at_ns, path_ns);
    }
    e->n_held = 0;
}

/* The packets to 'port' reach its ring 'path_ns' after they were sent, and
 * wait there for an interrupt. */
static void
expect_moderated(struct expected *e, uint32_t port, uint64_t path_ns)
{
    struct vsw_irqmod m;

    vsw_irqmod_init(&m, GAP_NS);
    for (uint32_t i = 0; i < N_PKTS; i++) {
        const struct vsw_workload_rec *rec = &made.recs[i];
        uint64_t at_ns = rec->time_ns + path_ns;

        if (made.flows[rec->flow_id].out_port != port) {
            continue;
        }
        if (m.is_pending && m.next_ns <= at_ns) {
            uint64_t due_ns = m.next_ns;

            assert_true(vsw_irqmod_expire(&m, due_ns));
            release(e, due_ns, 0);
        }
        if (vsw_irqmod_event(&m, at_ns) == VSW_IRQMOD_RAISE) {
            arrive(e, rec->time_ns, at_ns, 0);
        } else {
            e->held_ns[e->n_held++] = rec->time_ns;
        }
    }
    release(e, m.next_ns, 0);
}

/* The packets of 'port' wait in its ring for the timer; receivers hear of each
 * that was switched at once. */
static void
expect_batched(struct expected *e, uint32_t port)
{
    const struct vsw_tx_timer_rule rule = {
        .hold_ns = HOLD_NS, .max_pending_pkts = 64,
    };
    struct vsw_tx_timer t;

    vsw_tx_timer_init(&t, &rule);
    for (uint32_t i = 0; i < N_PKTS; i++) {
        const struct vsw_workload_rec *rec = &made.recs[i];

        if (made.flows[rec->flow_id].in_port != port) {
            continue;
        }
        if (t.is_on && t.deadline_ns <= rec->time_ns) {
            uint64_t due_ns = t.deadline_ns;

            vsw_tx_timer_expire(&t, e->n_held, false, due_ns);
            release(e, due_ns, 0);
        }
        e->held_ns[e->n_held++] = rec->time_ns;
        if (vsw_tx_timer_enqueue(&t, e->n_held) == VSW_TX_ENTER) {
            vsw_tx_timer_start(&t, rec->time_ns);
            release(e, rec->time_ns, 0);
        }
    }
    release(e, t.deadline_ns, 0);
}

/* Odd gaps: some shorter than the policies' times, some longer, and no two
 * things at once. */
static void
make_trace(void)
{
    uint64_t at_ns = FIRST_NS;

    made_init(&made, N_PORTS, 16);
    for (uint32_t i = 0; i < N_PKTS; i++) {
        made_add(&made, i % 16, at_ns, FRAME);
        at_ns += 1777 + i * 2654435761u % 5003;
    }
}

static void
set_param(const struct vsw_model_ops *model, const char *name,
          uint64_t value)
{
    const struct vsw_param *param = vsw_param_find(model->params, name);

    if (!param) {
        fail_msg("%s has no parameter %s", model->name, name);
    }
    params[param - model->params] = value;
}

static struct vsw_config
config_of(const struct vsw_machine *m, const struct vsw_model_ops *model)
{
    struct vsw_config config;

    make_trace();
    config = made_config(m, model, params, N_PORTS);
    free_outside(model);
    config.traffic.pacing = VSW_PACING_RECORDED;
    config.traffic.n_loops = 1;
    config.run.warmup_us = 0;
    config.run.duration_us = 4000;
    return config;
}

static void
assert_latencies(const struct vsw_config *config, const struct expected *e)
{
    const struct vsw_simulate_how how = {.check = true};
    struct vsw_outcome *outcome = simulate(config, &how);
    const struct vsw_histogram *h = outcome->latency_ps;

    assert_int_equal(outcome->delivered.n_pkts, N_PKTS);
    assert_true(e->latency_ps.max > e->latency_ps.min);
    if (h->min != e->latency_ps.min || h->max != e->latency_ps.max
        || h->sum_low != e->latency_ps.sum_low) {
        fail_msg("%s: latencies of %llu to %llu ps, in all %llu, and not of "
                 "%llu to %llu, in all %llu", config->design,
                 (unsigned long long) h->min, (unsigned long long) h->max,
                 (unsigned long long) h->sum_low,
                 (unsigned long long) e->latency_ps.min,
                 (unsigned long long) e->latency_ps.max,
                 (unsigned long long) e->latency_ps.sum_low);
    }
    assert_memory_equal(h->counts, e->latency_ps.counts, sizeof h->counts);
    vsw_outcome_free(outcome);
}

static void
moderated_interrupts_are_all_that_delays(void **state)
{
    static const char *const names[] = {"sriov", "snich", "vepa"};
    const struct vsw_machine m = free_of_charge();

    (void) state;
    for (size_t i = 0; i < VSW_N_ELEMS(names); i++) {
        const struct vsw_model_ops *model = vsw_model_find(names[i]);
        struct vsw_config config = config_of(&m, model);
        struct expected e = {.n_held = 0};

        set_param(model, "irq_gap_ns", GAP_NS);
        vsw_histogram_init(&e.latency_ps);
        for (uint32_t port = 0; port < N_PORTS; port++) {
            expect_moderated(&e, port, 0);
        }
        assert_latencies(&config, &e);
    }
}

/* To the external switch and back: the frame on the link twice, each way's
 * delay, the switch. */
static void
wires_and_moderation_add_up(void **state)
{
    const struct vsw_machine m = free_of_charge();
    const struct vsw_model_ops *model = vsw_model_find("vepa");
    struct vsw_config config = config_of(&m, model);
    struct expected e = {.n_held = 0};

    (void) state;
    set_param(model, "irq_gap_ns", GAP_NS);
    set_param(model, "link_rate_bps", RATE_BPS);
    set_param(model, "link_delay_ns", DELAY_NS);
    set_param(model, "ext_switch_ns", SWITCH_NS);
    vsw_histogram_init(&e.latency_ps);
    for (uint32_t port = 0; port < N_PORTS; port++) {
        expect_moderated(&e, port, 2 * (WIRE_NS + DELAY_NS) + SWITCH_NS);
    }
    assert_latencies(&config, &e);
}

/* Where nobody else looks into a ring before its timer does. */
static void
the_transmit_timer_is_all_that_delays(void **state)
{
    const struct vsw_machine m = free_of_charge();
    const struct vsw_model_ops *model = vsw_model_find("hyper_switch");
    struct vsw_config config = config_of(&m, model);
    struct expected e = {.n_held = 0};

    (void) state;
    set_param(model, "tx_hold_ns", HOLD_NS);
    set_param(model, "poll_before_block", false);
    set_param(model, "idle_switching", false);
    set_param(model, "rx_hold_ns", 0);
    vsw_histogram_init(&e.latency_ps);
    for (uint32_t port = 0; port < N_PORTS; port++) {
        expect_batched(&e, port);
    }
    assert_latencies(&config, &e);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moderated_interrupts_are_all_that_delays),
        cmocka_unit_test(wires_and_moderation_add_up),
        cmocka_unit_test(the_transmit_timer_is_all_that_delays),
    };

    return cmocka_run_group_tests(tests, load_machine, free_machine);
}
