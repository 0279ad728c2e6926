/* Classes of service in both forms of sNICh: what a high class keeps while
 * more of a low one comes than can be carried. */
#include "vsw_test.h"

#include <string.h>

#include <vswsim/acl.h>
#include <vswsim/metric.h>

#include "models/nic_run.h"

static struct nic_run r;
static _Alignas(64) unsigned char memory[4096];
static struct vsw_acl list;

struct qos_case {
    bool hardware;
    bool by_class;
    bool holds;             /* What finds no descriptor waits. */
    bool to_wire;           /* To a client behind a link, else to a guest. */
    uint32_t high_class;
    uint32_t n_low;         /* Packets of the low class for one of the high. */
    uint32_t gap_ns;        /* Between packets of both. */
    uint32_t ring_slots;
};

struct qos_result {
    double loss;            /* Of the high class. */
    double p99_ns;
    double low_loss;
};

/* The flow from 10.0.0.0 is of 'class_', others of class 0. */
static void
make_classes(uint8_t class_)
{
    const struct vsw_acl_params params = {.max_rules = 1};
    struct vsw_arena arena;
    struct vsw_acl_rule rule;

    memset(memory, 0, sizeof memory);
    vsw_arena_init(&arena, memory, sizeof memory);
    assert_int_equal(vsw_acl_init(&list, &arena, &params), 0);
    vsw_acl_rule_any(&rule, class_);
    rule.src_mask = vsw_ipv4_mask(32);
    rule.src_ip = 0x0a000000;
    assert_int_equal(vsw_acl_add(&list, &rule), 0);
}

/* Guest 0 sends the high class, guest 1 the low one, both to port 2. */
static void
make_flows(const struct qos_case *c)
{
    nic_run_init(&r, "snich", c->to_wire ? 2 : 3, c->to_wire, 1 + c->n_low,
                 0, 1050, 0);
    for (uint32_t i = 0; i <= c->n_low; i++) {
        struct vsw_workload_flow *flow = &r.made.flows[i];

        flow->in_port = i > 0;
        flow->out_port = 2;
        memcpy(flow->header, r.made.ports[2].mac, 6);
        memcpy(flow->header + 6, r.made.ports[i > 0].mac, 6);
    }
    made_fill(&r.made, 1000 * (1 + c->n_low), 2000, c->gap_ns, 1050);
}

static struct qos_result
run(const struct qos_case *c)
{
    struct qos_result result;
    struct vsw_outcome *o;

    make_classes((uint8_t) c->high_class);
    make_flows(c);
    nic_run_set(&r, "form", c->hardware);
    nic_run_set(&r, "use_qos", c->by_class);
    nic_run_set(&r, "holds", c->holds);
    r.config.qos.rules = &list;
    r.config.guests.driver = "virtio_poll";
    r.config.guests.ring_slots = c->ring_slots;
    r.config.switch_n_cpus = 1;
    r.config.traffic.n_loops = 0;
    r.config.run.warmup_us = 20000;
    r.config.run.duration_us = 40000;
    o = nic_run(&r);
    result.low_loss = vsw_metric_value(o, "class_loss_ratio(0)");
    if (c->high_class == 1) {
        result.loss = vsw_metric_value(o, "class_loss_ratio(1)");
        result.p99_ns = vsw_metric_value(o, "class_latency_p99_ns(1)");
    } else {
        result.loss = vsw_metric_value(o, "class_loss_ratio(4)");
        result.p99_ns = vsw_metric_value(o, "class_latency_p99_ns(4)");
    }
    vsw_outcome_free(o);
    return result;
}

/* --- The prototype ------------------------------------------------------- */

/* Its CPU carries 2.8 million packets per second; the high class is half. */
static struct qos_result
run_prototype(bool by_class, bool overload)
{
    const struct qos_case c = {
        .by_class = by_class,
        .high_class = 1,
        .n_low = 1,
        .gap_ns = overload ? 300 : 500,
        .ring_slots = 1024,
    };
    struct qos_result result = run(&c);

    assert_true((result.low_loss > 0.1) == overload);
    return result;
}

/* A packet waits for a round of the emulation at most, 32 packets from each
 * guest; in one queue it waits as the low class does, for the rings before
 * it. */
static void
a_high_class_keeps_its_99th_percentile(void **state)
{
    struct qos_result result;

    (void) state;
    result = run_prototype(true, false);
    assert_true(result.loss == 0 && result.p99_ns < 40000);
    result = run_prototype(true, true);
    assert_true(result.loss == 0 && result.p99_ns < 40000);
    assert_true(run_prototype(false, true).p99_ns > 400000);
}

/* --- The hardware: to a guest -------------------------------------------- */

#define PERIOD_NS 100000        /* Of moderation, as by default. */

/* A channel of the copy engine moves 2.4 million packets per second.  Of
 * 4 million, one in four is of the high class. */
static struct qos_result
run_hardware(bool by_class, bool overload, uint32_t high_class,
             uint32_t ring_slots)
{
    const struct qos_case c = {
        .hardware = true,
        .by_class = by_class,
        .high_class = high_class,
        .n_low = 3,
        .gap_ns = overload ? 250 : 600,
        .ring_slots = ring_slots,
    };

    return run(&c);
}

/* It is told of in the period after the one that it came in, and waits for
 * copies into as much of the ring as the low class may have, half.  In one
 * queue it waits for all that the NIC holds. */
static void
so_it_does_when_the_copy_engine_is_overloaded(void **state)
{
    struct qos_result result;

    (void) state;
    result = run_hardware(true, false, 1, 1024);
    assert_true(result.loss == 0 && result.low_loss == 0);
    assert_true(result.p99_ns < 1.1 * PERIOD_NS);
    result = run_hardware(true, true, 1, 1024);
    assert_true(result.loss == 0 && result.low_loss > 0.1);
    assert_true(result.p99_ns < 2 * PERIOD_NS);
    result = run_hardware(false, true, 1, 1024);
    assert_true(result.low_loss > 0.1);
    assert_true(result.p99_ns > 4 * PERIOD_NS);
}

/* With five classes and four channels it is the lowest two that share one. */
static void
so_it_does_when_there_are_more_classes_than_channels(void **state)
{
    struct qos_result result = run_hardware(true, true, 4, 1024);

    (void) state;
    assert_true(result.loss == 0 && result.low_loss > 0.1);
    assert_true(result.p99_ns < 1.1 * PERIOD_NS);
}

/* A ring that holds less than comes in a period: who comes first takes its
 * descriptors, unless the low class leaves some. */
static void
a_high_class_finds_descriptors(void **state)
{
    struct qos_result result;

    (void) state;
    result = run_hardware(true, true, 1, 256);
    assert_true(result.loss == 0 && result.p99_ns < 1.1 * PERIOD_NS);
    result = run_hardware(true, true, 4, 256);
    assert_true(result.loss == 0 && result.p99_ns < 1.1 * PERIOD_NS);
    assert_true(run_hardware(false, true, 1, 256).loss > 0.2);
}

/* Packets that wait for the copy engine, not for descriptors, must not keep
 * the NIC busy with looking for these. */
static void
what_waits_for_the_copy_engine_does_not_spin(void **state)
{
    const struct qos_case c = {
        .hardware = true,
        .holds = true,
        .high_class = 1,
        .n_low = 3,
        .gap_ns = 250,
        .ring_slots = 1024,
    };

    (void) state;
    assert_true(run(&c).low_loss > 0.1);
}

/* --- The hardware: to a link --------------------------------------------- */

static struct qos_result
run_to_wire(bool by_class, bool overload)
{
    const struct qos_case c = {
        .hardware = true,
        .by_class = by_class,
        .to_wire = true,
        .high_class = 1,
        .n_low = 3,
        .gap_ns = overload ? 500 : 1200,
        .ring_slots = 256,
    };
    struct qos_result result = run(&c);

    assert_true((result.low_loss > 0.1) == overload);
    return result;
}

/* 10 Gbit/s carry 1.17 million of these frames per second.  A frame waits for
 * the 16 in the link's FIFO, 14 us, and not for those in front of it. */
static void
so_it_does_when_a_link_is_overloaded(void **state)
{
    struct qos_result result;

    (void) state;
    result = run_to_wire(true, false);
    assert_true(result.loss == 0 && result.p99_ns < 20000);
    result = run_to_wire(true, true);
    assert_true(result.loss == 0 && result.p99_ns < 20000);
    assert_true(run_to_wire(false, true).p99_ns > 300000);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_high_class_keeps_its_99th_percentile),
        cmocka_unit_test(so_it_does_when_the_copy_engine_is_overloaded),
        cmocka_unit_test(
            so_it_does_when_there_are_more_classes_than_channels),
        cmocka_unit_test(a_high_class_finds_descriptors),
        cmocka_unit_test(what_waits_for_the_copy_engine_does_not_spin),
        cmocka_unit_test(so_it_does_when_a_link_is_overloaded),
    };

    return cmocka_run_group_tests(tests, nic_run_setup, nic_run_teardown);
}
