/* Loading of good experiment files; test_config_errors.c has the bad ones. */
#include <vswsim/config.h>

#include "stub_models.h"
#include "temp_tree.h"

static const char machine_json[]
    = "{\"title\": \"m\", \"cpu\": {"
      " \"kind\": \"vendor\", \"source\": \"s\","
      " \"clock_hz\": 2000000000, \"tsc_hz\": 1000000000}, \"topology\": {"
      " \"kind\": \"vendor\", \"source\": \"s\","
      " \"n_cpus\": 12, \"n_cpus_per_node\": 12}, \"costs\": {"
      "\"ipi_latency\": {\"value\": 700, \"unit\": \"ns\","
      " \"range\": [400, 1500], \"kind\": \"assumed\", \"source\": \"s\"}}}";

#define HEAD                                                                 \
    "{\"machine\": \"m\", \"traffic\": {\"trace\": \"t.pcap\"}, "
#define DESIGN "\"designs\": [{\"model\": \"stub_rich\"}]"

static struct vsw_plan *
load_sets(struct temp_tree *tree, const char *text, const char *const *sets,
          size_t n_sets)
{
    const char *path = temp_tree_write(tree, "exp.json", text);
    struct vsw_plan *plan;
    struct vsw_error err;

    temp_tree_write(tree, "m.json", machine_json);
    if (vsw_plan_load(&plan, path, sets, n_sets, &err)) {
        fail_msg("%s", err.text);
    }
    return plan;
}

static struct vsw_plan *
load(struct temp_tree *tree, const char *text)
{
    return load_sets(tree, text, NULL, 0);
}

static void
a_short_file_gets_defaults(void **state)
{
    struct vsw_plan *plan = load(*state, HEAD DESIGN "}");
    const struct vsw_config *c = &plan->points[0].config;

    assert_int_equal(plan->n_points, 1);
    assert_int_equal(plan->n_axes, 0);
    assert_int_equal(c->guests.n, 2);
    assert_int_equal(c->guests.ring_slots, 256);
    assert_string_equal(c->guests.driver, "virtio_poll");
    assert_int_equal(c->traffic.pacing, VSW_PACING_SATURATE);
    assert_int_equal(c->traffic.map_by, VSW_PORTMAP_MAC);
    assert_null(c->traffic.filter);
    assert_true(c->traffic.time_scale == 1.0);
    assert_int_equal(c->run.duration_us, 5000);
    assert_int_equal(c->run.seed, 1);
    assert_string_equal(c->design, "stub_rich");
    assert_string_equal(c->machine->name, "m");
    assert_int_equal(c->params[0], 32);
    assert_int_equal(c->params[1], 100);
    assert_int_equal(c->params[3], 1);
    vsw_plan_free(plan);
}

static void
every_key_reaches_its_member(void **state)
{
    struct vsw_plan *plan = load(*state,
        "{\"title\": \"T\", \"question\": \"Q?\", \"machine\": \"m\","
        "\"guests\": {\"n\": 3, \"n_cpus\": 2, \"burst_pkts\": 8,"
        " \"ring_slots\": 512, \"driver\": \"virtio_poll\","
        " \"pin\": [7, 0, 4]}, \"switch\": {\"pin\": [11]},"
        "\"traffic\": {\"trace\": \"/t.pcap\", \"filter\": \"udp\","
        " \"map\": {\"by\": \"table\", \"table\": ["
        "  {\"match\": \"02:00:00:00:00:0a\", \"port\": 2},"
        "  {\"match\": \"fe80::/10\", \"port\": 0}]},"
        " \"pacing\": \"scaled\", \"time_scale\": 0.5, \"rate_pps\": 1e6,"
        " \"n_loops\": 7, \"frame_bytes\": 1518, \"max_jump_ns\": 99,"
        " \"max_flows\": 12},"
        "\"run\": {\"duration_us\": 20, \"warmup_us\": 10,"
        " \"replications\": 3, \"seed\": 9223372036854775807,"
        " \"quantum_ns\": 50},"
        DESIGN "}");
    const struct vsw_config *c = &plan->points[0].config;

    assert_string_equal(plan->title, "T");
    assert_string_equal(plan->question, "Q?");
    assert_int_equal(c->guests.n, 3);
    assert_int_equal(c->guests.n_cpus, 2);
    assert_int_equal(c->guests.burst_pkts, 8);
    assert_int_equal(c->guests.ring_slots, 512);
    assert_int_equal(c->guests.pin.n, 3);
    assert_int_equal(c->guests.pin.cpus[0], 7);
    assert_int_equal(c->guests.pin.cpus[2], 4);
    assert_int_equal(c->switch_pin.n, 1);
    assert_int_equal(c->switch_pin.cpus[0], 11);
    assert_string_equal(c->traffic.trace, "/t.pcap");
    assert_string_equal(c->traffic.filter, "udp");
    assert_int_equal(c->traffic.map_by, VSW_PORTMAP_TABLE);
    assert_int_equal(c->traffic.n_map, 2);
    assert_string_equal(c->traffic.map[0].match, "02:00:00:00:00:0a");
    assert_int_equal(c->traffic.map[0].port, 2);
    assert_string_equal(c->traffic.map[1].match, "fe80::/10");
    assert_int_equal(c->traffic.pacing, VSW_PACING_SCALED);
    assert_true(c->traffic.time_scale == 0.5);
    assert_int_equal(c->traffic.rate_pps, 1000000);
    assert_int_equal(c->traffic.n_loops, 7);
    assert_int_equal(c->traffic.frame_bytes, 1518);
    assert_int_equal(c->traffic.max_jump_ns, 99);
    assert_int_equal(c->traffic.max_flows, 12);
    assert_int_equal(c->run.duration_us, 20);
    assert_int_equal(c->run.warmup_us, 10);
    assert_int_equal(c->run.replications, 3);
    assert_true(c->run.seed == INT64_MAX);
    assert_int_equal(c->run.quantum_ns, 50);
    vsw_plan_free(plan);
}

static void
axes_multiply_with_the_last_fastest(void **state)
{
    struct vsw_plan *plan = load(*state,
        HEAD "\"designs\": [{\"model\": \"stub_plain\"},"
        " {\"model\": \"stub_rich\", \"name\": \"r\"}],"
        "\"sweep\": {\"traffic.frame_bytes\": [64, 1518],"
        " \"params.hold_ns\": [1, 2, 3]}}");
    const struct vsw_point *p = plan->points;

    assert_int_equal(plan->n_points, 12);
    assert_string_equal(plan->axes[0].key, "traffic.frame_bytes");
    assert_string_equal(plan->axes[0].values[1], "1518");
    assert_int_equal(plan->axes[1].n_values, 3);
    assert_int_equal(p[5].design, 0);
    assert_int_equal(p[6].design, 1);
    assert_int_equal(p[4].axis_values[0], 1);
    assert_int_equal(p[4].axis_values[1], 1);
    for (int i = 0; i < 12; i++) {
        assert_int_equal(p[i].config.traffic.frame_bytes,
                         i / 3 % 2 ? 1518 : 64);
        assert_int_equal(p[i].config.params[0], 32);
    }
    assert_int_equal(p[6].config.params[1], 1);
    assert_int_equal(p[11].config.params[1], 3);
    vsw_plan_free(plan);
}

static void
an_axis_takes_names_and_truth(void **state)
{
    struct vsw_plan *plan = load(*state,
        HEAD DESIGN ", \"sweep\": {\"params.mode\": [\"copy\", \"remap\"],"
        " \"params.locks\": [false, true],"
        " \"traffic.pacing\": [\"recorded\", \"saturate\"]}}");

    assert_int_equal(plan->n_points, 8);
    assert_int_equal(plan->points[0].config.params[3], 0);
    assert_int_equal(plan->points[7].config.params[3], 1);
    assert_int_equal(plan->points[7].config.params[2], 1);
    assert_int_equal(plan->points[0].config.traffic.pacing,
                     VSW_PACING_RECORDED);
    assert_string_equal(plan->axes[0].values[0], "\"copy\"");
    vsw_plan_free(plan);
}

static void
a_design_can_set_keys_of_its_own(void **state)
{
    struct vsw_plan *plan = load(*state,
        HEAD "\"designs\": [{\"model\": \"stub_plain\"},"
        "{\"name\": \"b\", \"model\": \"stub_plain\","
        " \"set\": {\"guests.n_cpus\": 4}}]}");

    assert_int_equal(plan->points[0].config.guests.n_cpus, 1);
    assert_int_equal(plan->points[1].config.guests.n_cpus, 4);
    vsw_plan_free(plan);
}

static void
a_child_merges_over_its_parent(void **state)
{
    struct temp_tree *tree = *state;
    struct vsw_plan *plan;

    temp_tree_mkdir(tree, "base");
    temp_tree_write(tree, "base/root.json",
                    HEAD "\"guests\": {\"n\": 4, \"n_cpus\": 2},"
                    "\"sweep\": {\"traffic.frame_bytes\": [64, 128]},"
                    DESIGN "}");
    temp_tree_write(tree, "base/m.json", machine_json);
    temp_tree_write(tree, "base/mid.json",
                    "{\"extends\": \"root.json\", \"title\": \"mid\"}");
    plan = load(tree,
                "{\"extends\": \"base/mid.json\", \"guests\": {\"n\": 2},"
                "\"sweep\": {\"traffic.frame_bytes\": [9000]}}");

    assert_string_equal(plan->title, "mid");
    assert_int_equal(plan->points[0].config.guests.n, 2);
    assert_int_equal(plan->points[0].config.guests.n_cpus, 2);
    assert_int_equal(plan->n_points, 1);
    assert_non_null(strstr(plan->points[0].config.traffic.trace,
                           "/base/t.pcap"));
    vsw_plan_free(plan);
}

static void
options_replace_what_the_file_says(void **state)
{
    static const char *const sets[] = {
        "guests.n=6", "traffic.trace=other.pcap", "traffic.filter=10.0.0.1",
        "params.burst_pkts=5", "sweep.traffic.frame_bytes=[70, 80]",
    };
    struct vsw_plan *plan = load_sets(*state,
        HEAD "\"designs\": [{\"model\": \"stub_rich\","
        " \"params\": {\"burst_pkts\": 9}}]}", sets, 5);
    const struct vsw_config *c = &plan->points[0].config;

    assert_int_equal(c->guests.n, 6);
    assert_string_equal(c->traffic.trace, "other.pcap");
    assert_string_equal(c->traffic.filter, "10.0.0.1");
    assert_int_equal(c->params[0], 5);
    assert_int_equal(plan->n_points, 2);
    vsw_plan_free(plan);
}

static void
an_option_goes_before_a_design(void **state)
{
    static const char *const sets[] = {"guests.n_cpus=3"};
    struct vsw_plan *plan = load_sets(*state,
        HEAD "\"designs\": [{\"model\": \"stub_plain\","
        " \"set\": {\"guests.n_cpus\": 4}}]}", sets, 1);

    assert_int_equal(plan->points[0].config.guests.n_cpus, 3);
    vsw_plan_free(plan);
}

static void
common_parameters_yield_to_a_design(void **state)
{
    struct vsw_plan *plan = load(*state,
        HEAD "\"params\": {\"burst_pkts\": 3, \"hold_ns\": 4},"
        "\"designs\": [{\"model\": \"stub_plain\"},"
        "{\"model\": \"stub_rich\", \"params\": {\"burst_pkts\": 9}}]}");

    assert_int_equal(plan->points[0].config.params[0], 3);
    assert_int_equal(plan->points[1].config.params[0], 9);
    assert_int_equal(plan->points[1].config.params[1], 4);
    vsw_plan_free(plan);
}

static void
plots_are_read(void **state)
{
    struct vsw_plan *plan = load(*state,
        HEAD DESIGN ", \"title\": \"T\","
        "\"sweep\": {\"guests.n\": [2, 4]}, \"plots\": ["
        "{\"file\": \"a\", \"x\": \"guests.n\", \"y\": \"delivered_pps\","
        " \"log_x\": true},"
        "{\"file\": \"b\", \"title\": \"B\", \"kind\": \"bars\","
        " \"x\": \"design\", \"y\": \"delivered_pps\"}]}");

    assert_int_equal(plan->n_plots, 2);
    assert_string_equal(plan->plots[0].kind, "lines");
    assert_string_equal(plan->plots[0].title, "T");
    assert_true(plan->plots[0].log_x);
    assert_false(plan->plots[0].log_y);
    assert_string_equal(plan->plots[1].title, "B");
    assert_string_equal(plan->plots[1].x, "design");
    vsw_plan_free(plan);
}

static void
the_quantum_comes_from_the_machine(void **state)
{
    struct vsw_plan *plan = load(*state, HEAD DESIGN "}");

    assert_int_equal(plan->points[0].config.run.quantum_ns, 525);
    vsw_plan_free(plan);
}

static void
standard_input_serves_a_sweep_of_sizes(void **state)
{
    static const char *const sets[] = {"traffic.trace=-"};
    struct vsw_plan *plan = load_sets(*state,
        HEAD DESIGN ", \"sweep\": {\"traffic.frame_bytes\": [64, 128]}}",
        sets, 1);

    assert_string_equal(plan->points[1].config.traffic.trace, "-");
    vsw_plan_free(plan);
}

/* What a file says counts; spaces, order of keys and defaults do not. */
static void
the_digest_follows_the_meaning(void **state)
{
    struct vsw_plan *a = load(*state, HEAD DESIGN "}");
    struct vsw_plan *b = load(*state,
        "{\"guests\": {\"n\": 2},\n\n " DESIGN
        ", \"traffic\": {\"trace\": \"t.pcap\"}, \"machine\": \"m\"}");
    struct vsw_plan *c = load(*state, HEAD "\"guests\": {\"n\": 3},"
                              DESIGN "}");

    assert_int_equal(strlen(a->digest), 64);
    assert_string_equal(a->digest, b->digest);
    assert_string_not_equal(a->digest, c->digest);
    vsw_plan_free(a);
    vsw_plan_free(b);
    vsw_plan_free(c);
}

static void
the_resolved_text_loads_to_the_same(void **state)
{
    struct vsw_plan *a = load(*state,
        HEAD "\"designs\": [{\"model\": \"stub_rich\", \"set\":"
        " {\"guests.n_cpus\": 2}}], \"sweep\": {\"guests.n\": [2, 4]},"
        "\"plots\": [{\"file\": \"a\", \"x\": \"guests.n\","
        " \"y\": \"delivered_pps\"}]}");
    char *text = vsw_plan_json(a);
    struct vsw_plan *b = load(*state, text);

    assert_string_equal(a->digest, b->digest);
    free(text);
    vsw_plan_free(a);
    vsw_plan_free(b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        tree_test(a_short_file_gets_defaults),
        tree_test(every_key_reaches_its_member),
        tree_test(axes_multiply_with_the_last_fastest),
        tree_test(an_axis_takes_names_and_truth),
        tree_test(a_design_can_set_keys_of_its_own),
        tree_test(a_child_merges_over_its_parent),
        tree_test(options_replace_what_the_file_says),
        tree_test(an_option_goes_before_a_design),
        tree_test(common_parameters_yield_to_a_design),
        tree_test(plots_are_read),
        tree_test(the_quantum_comes_from_the_machine),
        tree_test(standard_input_serves_a_sweep_of_sizes),
        tree_test(the_digest_follows_the_meaning),
        tree_test(the_resolved_text_loads_to_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
