#include <vswsim/machine.h>

#include <errno.h>
#include <inttypes.h>

#include "core/cost.h"
#include "io/machine/machine_load.h"
#include "temp_tree.h"

static const struct vsw_machine clocks = {
    .clock_hz = 2048000000, .tsc_hz = 2600000000,
};

static uint64_t
compile(const char *text, const char *unit)
{
    uint64_t fixed = 0;

    assert_int_equal(vsw_cost_compile(text, strlen(text), unit, &clocks,
                                      &fixed), 0);
    return fixed;
}

static int
refused(const char *text, const char *unit)
{
    uint64_t fixed;

    return vsw_cost_compile(text, strlen(text), unit, &clocks, &fixed);
}

static void
times_compile_exactly(void **state)
{
    (void) state;
    assert_int_equal(compile("1", "ps"), 1024);
    assert_int_equal(compile("0.049", "ns"), 49 * 1024);
    assert_int_equal(compile("14", "ns"), 14 * 1000 * 1024);
    assert_int_equal(compile("14.0", "ns"), 14 * 1000 * 1024);
    assert_int_equal(compile("1.4e1", "ns"), 14 * 1000 * 1024);
    assert_int_equal(compile("1400E-2", "ns"), 14 * 1000 * 1024);
    assert_int_equal(compile("2.5", "us"), UINT64_C(2500000) * 1024);
    assert_int_equal(compile("0", "us"), 0);
    assert_int_equal(compile("0.000000000000000", "us"), 0);
}

/* 185 cycles at 2.6 GHz are 71.153846... ns, 72861538.46 of our units. */
static void
cycles_round_to_the_nearest(void **state)
{
    (void) state;
    assert_int_equal(compile("185", "tsc_cycles"), 72861538);
    assert_int_equal(compile("5.6", "tsc_cycles"), 2205538);
    assert_int_equal(compile("26", "tsc_cycles"), 10 * 1000 * 1024);
    assert_int_equal(compile("1", "cycles"), 500000);
}

/* At 2.048 GHz a millionth of a cycle is half of our unit. */
static void
ties_round_upward(void **state)
{
    (void) state;
    assert_int_equal(compile("0.000001", "cycles"), 1);
    assert_int_equal(compile("0.000003", "cycles"), 2);
    assert_int_equal(compile("0.0000009", "cycles"), 0);
}

static void
odd_numbers_are_refused(void **state)
{
    (void) state;
    assert_int_equal(refused("", "ns"), -EINVAL);
    assert_int_equal(refused(".", "ns"), -EINVAL);
    assert_int_equal(refused("-1", "ns"), -EINVAL);
    assert_int_equal(refused("1e", "ns"), -EINVAL);
    assert_int_equal(refused("1e+", "ns"), -EINVAL);
    assert_int_equal(refused("1e9999999999", "ns"), -EINVAL);
    assert_int_equal(refused("1.2.3", "ns"), -EINVAL);
    assert_int_equal(refused("1234567891", "ns"), -EINVAL);
    assert_int_equal(refused("0.00000001", "ns"), -EINVAL);
    assert_int_equal(refused("1e10", "us"), -ERANGE);
    assert_int_equal(refused("1e90", "us"), -ERANGE);
}

static void
no_cost_of_the_xeon_lacks_its_source(void **state)
{
    struct vsw_machine *m;
    struct vsw_error err;

    (void) state;
    if (vsw_machine_load(&m, "xeon-e5-2690v3-dpdk",
                         VSW_SOURCE_DIR "/configs/experiments", &err)) {
        fail_msg("%s", err.text);
    }
    assert_string_equal(m->name, "xeon-e5-2690v3-dpdk");
    assert_int_equal(m->clock_hz, 3100000000);
    assert_int_equal(m->tsc_hz, 2600000000);
    assert_int_equal(m->n_cpus, 12);
    assert_int_equal(m->n_costs, VSW_N_COSTS);
    for (uint32_t i = 0; i < m->n_costs; i++) {
        const struct vsw_cost *cost = &m->costs[i];

        if (cost->kind == VSW_COST_ABSENT) {    /* Of another stack. */
            continue;
        }
        assert_true(strlen(cost->source) > 20);
        assert_true(cost->fixed > 0);
        assert_true(cost->min <= cost->value && cost->value <= cost->max);
    }
    assert_string_equal(m->costs[VSW_COST_COPY_BYTE].name, "copy_byte");
    assert_string_equal(m->costs[VSW_COST_COPY_BYTE].per, "byte");
    assert_int_equal(m->costs[VSW_COST_VRING_AVAIL].fixed, 72861538);
    assert_string_equal(m->costs[VSW_COST_VRING_USED].calibrated_from,
                        "zcopy.table2.batch1.phase5, "
                        "zcopy.table2.batch2.phase5, "
                        "zcopy.table2.batch32.phase5");
    vsw_machine_free(m);
}

#define HARDWARE                                                             \
    "{\"title\": \"h\", \"cpu\": {\"kind\": \"vendor\","                     \
    " \"source\": \"s\","                                                    \
    " \"clock_hz\": 2000000000, \"tsc_hz\": 1000000000},"                    \
    " \"topology\": {\"kind\": \"vendor\", \"source\": \"s\","               \
    " \"n_cpus\": 4, \"n_cpus_per_node\": 4}"
#define COST(name, value, more)                                              \
    "\"" name "\": {\"value\": " value ", \"unit\": \"ns\","                 \
    " \"range\": [10, 20], \"kind\": \"assumed\", \"source\": \"a guess\""   \
    more "}"

static struct vsw_machine *
load(struct temp_tree *tree, const char *text)
{
    const char *path = temp_tree_write(tree, "m.json", text);
    struct vsw_machine *m;
    struct vsw_error err;

    if (vsw_machine_load(&m, path, NULL, &err)) {
        fail_msg("%s", err.text);
    }
    return m;
}

static void
refuse(void **state, const char *text, const char *expected)
{
    const char *path = temp_tree_write(*state, "m.json", text);
    struct vsw_machine *m;
    struct vsw_error err;

    assert_int_not_equal(vsw_machine_load(&m, path, NULL, &err), 0);
    assert_null(m);
    if (!strstr(err.text, expected)) {
        fail_msg("expected \"%s\" in:\n%s", expected, err.text);
    }
}

static void
a_cost_not_given_is_absent(void **state)
{
    struct vsw_machine *m = load(*state, HARDWARE "}");

    assert_int_equal(m->costs[VSW_COST_COPY_CALL].kind, VSW_COST_ABSENT);
    assert_string_equal(m->costs[VSW_COST_COPY_CALL].name, "copy_call");
    vsw_machine_free(m);
}

static void
a_stack_overrides_one_value_of_its_parent(void **state)
{
    struct temp_tree *tree = *state;
    struct vsw_machine *m;

    temp_tree_write(tree, "hw.json",
                    HARDWARE ", \"costs\": {" COST("lock", "15", "") "}}");
    m = load(tree, "{\"extends\": \"hw.json\", \"title\": \"s\","
             " \"costs\": {\"lock\": {\"value\": 12}}}");
    assert_string_equal(m->title, "s");
    assert_int_equal(m->costs[VSW_COST_LOCK].fixed, 12 * 1000 * 1024);
    assert_string_equal(m->costs[VSW_COST_LOCK].source, "a guess");
    vsw_machine_free(m);
}

static void
a_value_outside_its_range_names_the_source(void **state)
{
    refuse(state, HARDWARE ", \"costs\": {\n" COST("lock", "21", "") "}}",
           "m.json:2:19: \"lock\" is 21 ns, outside its range of 10 to 20 "
           "(source: a guess)");
}

static void
an_unknown_cost_is_told_the_nearest(void **state)
{
    refuse(state, HARDWARE ", \"costs\": {\n" COST("lok", "12", "") "}}",
           "m.json:2:1: unknown cost \"lok\"; try \"lock\"");
}

static void
calibration_names_results(void **state)
{
    refuse(state, HARDWARE ", \"costs\": {" COST("lock", "12",
           ", \"calibrated_from\": [\"a.b\"]") "}}",
           "its kind must be \"calibrated\"");
    refuse(state, HARDWARE ", \"costs\": {\"lock\": {\"value\": 1, "
           "\"unit\": \"ns\", \"range\": [1, 1], \"kind\": \"calibrated\", "
           "\"source\": \"s\"}}}", "must name in \"calibrated_from\"");
}

#define COMPUTE(value, range)                                                \
    ", \"includes\": \"compute+memory\", \"compute\": {\"value\": " value \
    ", \"range\": " range ", \"kind\": \"assumed\", \"source\": \"half\"}"

static void
a_compute_part_lies_within_its_cost(void **state)
{
    refuse(state, HARDWARE ", \"costs\": {" COST("lock", "12",
           COMPUTE("5", "[6, 8]")) "}}",
           "\"lock.compute\" is 5 ns, outside its range of 6 to 8 "
           "(source: half)");
    refuse(state, HARDWARE ", \"costs\": {" COST("lock", "12",
           COMPUTE("13", "[6, 18]")) "}}",
           "\"lock.compute\" is 13 ns, more than all of \"lock\", 12");
    refuse(state, HARDWARE ", \"costs\": {" COST("lock", "12",
           ", \"compute\": {\"value\": 1, \"range\": [1, 1], "
           "\"kind\": \"assumed\", \"source\": \"s\"}") "}}",
           "\"lock\" includes no memory, so it has no compute part");
}

static void
a_broken_cost_is_refused(void **state)
{
    refuse(state, HARDWARE ", \"costs\": {\"lock\": {}}}",
           "\"source\" is missing");
    refuse(state, HARDWARE ", \"costs\": {\"lock\": 5}}",
           "expected an object");
    refuse(state, HARDWARE ", \"costs\": {" COST("lock", "\"1\"", "") "}}",
           "value is a string");
    refuse(state, HARDWARE ", \"costs\": {" COST("lock", "12.34567891", "")
           "}}", "too many digits");
    refuse(state, HARDWARE ", \"costs\": {\"lock\": {\"value\": 1, "
           "\"unit\": \"ns\", \"range\": [2, 1], \"kind\": \"assumed\", "
           "\"source\": \"s\"}}}", "ends before it begins");
    refuse(state, HARDWARE ", \"costs\": {\"lock\": {\"value\": 1, "
           "\"unit\": \"ns\", \"range\": [1], \"kind\": \"assumed\", "
           "\"source\": \"s\"}}}", "must be [least, most]");
}

static void
a_missing_machine_lists_those_there_are(void **state)
{
    struct vsw_machine *m;
    struct vsw_error err;

    (void) state;
    assert_int_equal(vsw_machine_load(&m, "xeon-e5-2690v3-dpkd",
                                      VSW_SOURCE_DIR "/configs/papers/",
                                      &err), -EINVAL);
    assert_non_null(strstr(err.text, "try \"xeon-e5-2690v3-dpdk\"; found "));
}

static void
the_digest_follows_what_moves_results(void **state)
{
    struct vsw_machine *a = load(*state, HARDWARE ", \"costs\": {"
                                 COST("lock", "12", "") "}}");
    struct vsw_machine *b = load(*state, HARDWARE ", \"costs\": {"
                                 COST("lock", "12.0",
                                      ", \"note\": \"n\"") "}}");
    struct vsw_machine *c = load(*state, HARDWARE ", \"costs\": {"
                                 COST("lock", "13", "") "}}");

    assert_string_equal(a->digest, b->digest);
    assert_string_not_equal(a->digest, c->digest);
    vsw_machine_free(a);
    vsw_machine_free(b);
    vsw_machine_free(c);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_compile_exactly),
        cmocka_unit_test(cycles_round_to_the_nearest),
        cmocka_unit_test(ties_round_upward),
        cmocka_unit_test(odd_numbers_are_refused),
        cmocka_unit_test(no_cost_of_the_xeon_lacks_its_source),
        tree_test(a_cost_not_given_is_absent),
        tree_test(a_stack_overrides_one_value_of_its_parent),
        tree_test(a_value_outside_its_range_names_the_source),
        tree_test(an_unknown_cost_is_told_the_nearest),
        tree_test(calibration_names_results),
        tree_test(a_compute_part_lies_within_its_cost),
        tree_test(a_broken_cost_is_refused),
        cmocka_unit_test(a_missing_machine_lists_those_there_are),
        tree_test(the_digest_follows_what_moves_results),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
