/* Bad experiment files: each must give the error that its author needs. */
#include <vswsim/config.h>

#include <errno.h>

#include "stub_models.h"
#include "temp_tree.h"

static const char machine_json[] =
    "{\"title\": \"m\", \"cpu\": {"
    " \"kind\": \"vendor\", \"source\": \"s\","
    " \"clock_hz\": 2000000000, \"tsc_hz\": 1000000000}, \"topology\": {"
    " \"kind\": \"vendor\", \"source\": \"s\","
    " \"n_cpus\": 12, \"n_cpus_per_node\": 12}}";

#define HEAD   "{\"machine\": \"m\", \"traffic\": {\"trace\": \"t.pcap\"}, "
#define DESIGN "\"designs\": [{\"model\": \"stub_rich\"}]"
#define GOOD   HEAD DESIGN "}"

static void
expect_text(const struct vsw_error *err, const char *text)
{
    if (!strstr(err->text, text)) {
        fail_msg("expected \"%s\" in:\n%s", text, err->text);
    }
}

/* Removes the '@' that marks a place in 'text' and writes the place to
 * 'place'. */
static void
take_mark(char *text, char *place, size_t n_bytes)
{
    char *mark = strchr(text, '@');
    unsigned int line = 1, column = 1;

    assert_non_null(mark);
    for (char *p = text; p < mark; p++) {
        column = *p == '\n' ? 1 : column + 1;
        line += *p == '\n';
    }
    memmove(mark, mark + 1, strlen(mark));
    snprintf(place, n_bytes, "exp.json:%u:%u: ", line, column);
}

/* Loads 'text' with the option 'set' (or NULL) and expects an error that
 * begins with 'place' and goes on with 'expected'. */
static void
refuse_set(struct temp_tree *tree, const char *text, const char *set,
           const char *place, const char *expected)
{
    const char *path = temp_tree_write(tree, "exp.json", text);
    struct vsw_plan *plan;
    struct vsw_error err;

    temp_tree_write(tree, "m.json", machine_json);
    assert_int_not_equal(vsw_plan_load(&plan, path, &set, set != NULL, &err),
                         0);
    assert_null(plan);
    assert_int_equal(err.kind, VSW_ERROR_DATA);
    expect_text(&err, place);
    expect_text(&err, expected);
}

/* Expects an error at the '@' of 'marked', which is not part of the file. */
static void
refuse(void **state, const char *marked, const char *expected)
{
    char *text = strdup(marked);
    char place[64];

    take_mark(text, place, sizeof place);
    refuse_set(*state, text, NULL, place, expected);
    free(text);
}

static void
an_unknown_key_is_named_with_the_nearest(void **state)
{
    refuse(state,
           "{\"machine\": \"m\",\n @\"trafic\": {\"trace\": \"t\"},\n " DESIGN
           "}",
           "unknown key \"trafic\"; try \"traffic\"");
    refuse(state, HEAD DESIGN ", @\"zzzz\": 1}",
           "allowed here: $schema, title, question, extends, machine");
}

static void
a_key_in_the_wrong_place_is_told_its_own(void **state)
{
    refuse(state, HEAD DESIGN ", @\"frame_bytes\": 64}",
           "there is \"traffic.frame_bytes\"");
}

static void
the_line_is_shown_with_a_caret(void **state)
{
    refuse(state,
           "{\"machine\": \"m\", " DESIGN ",\n"
           "\t\"traffic\": {\"trace\": @7}}",
           "trace is an integer; expected a string\n"
           "     \"traffic\": {\"trace\": 7}}\n"
           "                          ^");
}

static void
a_long_line_is_cut_around_the_caret(void **state)
{
    char text[4096];

    snprintf(text, sizeof text, "{\"title\": \"%01000d\", @\"x\": 1, %s", 0,
             &GOOD[1]);
    refuse(state, text, "0000\", \"x\": 1");
}

static void
a_wrong_type_is_refused(void **state)
{
    refuse(state, HEAD DESIGN ", \"guests\": {\"n\": @\"2\"}}",
           "n is a string; expected an integer from 0 to 256");
    refuse(state, HEAD DESIGN ", \"guests\": {\"n\": @2.5}}",
           "n is 2.5; expected an integer");
    refuse(state, HEAD DESIGN ", \"guests\": {\"n\": @1e6}}",
           "n is 1000000; expected an integer");
    refuse(state, HEAD DESIGN ", \"guests\": @[]}",
           "guests is a list; expected an object");
    refuse(state, HEAD DESIGN ", \"plots\": @{}}",
           "plots is an object; expected a list");
    refuse(state, HEAD DESIGN ", \"title\": @null}",
           "title is null; expected a string");
    refuse(state, "@[1]", "the file is a list; expected an object");
    refuse(state, "@7", "the file is 7; expected an object");
}

static void
a_value_out_of_range_is_refused(void **state)
{
    refuse(state, HEAD DESIGN ", \"guests\": {\"n\": @999}}",
           "n is 999; expected an integer from 0 to 256");
    refuse(state, HEAD DESIGN ", \"guests\": {\"n\": @-1}}", "n is -1");
    refuse(state, HEAD DESIGN ", \"guests\": {\"n\": @1e300}}",
           "expected an integer");
    refuse(state, HEAD DESIGN ", \"guests\": {\"ring_slots\": @100}}",
           "expected a power of two from 2 to 32768");
    refuse(state,
           "{\"machine\": \"m\", " DESIGN ", \"traffic\": "
           "{\"trace\": \"t\", \"frame_bytes\": @63}}",
           "expected 0 or an integer from 64 to");
}

static void
an_unknown_choice_is_told_the_nearest(void **state)
{
    refuse(state,
           "{\"machine\": \"m\", " DESIGN ", \"traffic\": "
           "{\"trace\": \"t\", \"pacing\": @\"saturated\"}}",
           "unknown pacing \"saturated\"; try \"saturate\"; expected one of "
           "\"saturate\", \"recorded\", \"scaled\", \"fixed\"");
}

static void
what_is_missing_is_named(void **state)
{
    refuse(state, "@{}", "\"machine\" is missing");
    refuse(state, "@{}", "\"traffic\" is missing");
    refuse(state, "@{}", "\"designs\" is missing");
    refuse(state, "{\"machine\": \"m\", \"traffic\": @{}, " DESIGN "}",
           "\"trace\" is missing");
    refuse(state, HEAD "\"designs\": [@{}]}", "\"model\" is missing");
    refuse(state, HEAD "\"designs\": @[]}", "0 designs; expected 1");
}

static void
all_errors_come_at_once(void **state)
{
    struct temp_tree *tree = *state;
    const char *path = temp_tree_write(
        tree, "exp.json",
        "{\"machine\": \"none\", \"a\": 1,\n\"guests\": {\"n\": 999, "
        "\"ring_slots\": 99999999999999999999},\n"
        "\"designs\": [{\"model\": \"stub_poor\"}],\n"
        "\"sweep\": {\"guests.m\": [1]}}");
    struct vsw_plan *plan;
    struct vsw_error err;

    assert_int_equal(vsw_plan_load(&plan, path, NULL, 0, &err), -EINVAL);
    expect_text(&err, "exp.json:1:21: unknown key \"a\"");
    expect_text(&err, "exp.json:2:17: n is 999;");
    expect_text(&err, "exp.json:2:36: ring_slots is 1e+20;");
    expect_text(&err, "exp.json:1:1: \"traffic\" is missing");
    expect_text(&err, "exp.json:1:13: no machine \"none\"");
    expect_text(&err, "exp.json:3:23: unknown model \"stub_poor\"; try "
                      "\"stub_plain\"; there are: stub_plain, stub_rich");
    expect_text(&err, "exp.json:4:11: unknown key \"guests.m\"; try "
                      "\"guests.n\"");
}

static void
a_flood_of_errors_is_counted(void **state)
{
    char text[2048] = "{@";

    for (int i = 0; i < 50; i++) {
        snprintf(text + strlen(text), 32, "\"q%d\": 1, ", i);
    }
    strcat(text, &GOOD[1]);
    refuse(state, text, "and 30 more errors");
}

static void
broken_json_is_refused_where_it_breaks(void **state)
{
    refuse(state, "@", "the file is empty");
    refuse(state, "@ \n", "the file is empty");
    refuse(state, "{\"machine\": \"m\",\n \"traffic\" @5}",
           "not valid JSON: ':' expected near '5'");
    refuse(state, "{\"machine\": \"m\"@", "not valid JSON");
    refuse(state, "{\"machine\": @\"m\xff\"}", "not valid JSON");
    refuse(state, GOOD "@}", "not valid JSON");
}

/* A name may hold anything; a terminal must not obey it. */
static void
control_characters_are_not_printed(void **state)
{
    refuse(state, HEAD DESIGN ", @\"\\u001b[2J\": 1}", "unknown key \"?[2J\"");
}

static void
a_duplicate_key_is_refused(void **state)
{
    refuse(state, HEAD DESIGN ",\n@\"designs\": []}",
           "duplicate key \"designs\"");
    refuse(state, HEAD DESIGN ",\n@\"d\\u0065signs\": []}",
           "duplicate key \"designs\"");
}

static void
deep_nesting_is_refused(void **state)
{
    char text[512] = "{\"title\": ";

    memset(text + strlen(text), '[', 31);
    strcat(text, "@");
    memset(text + strlen(text), '[', 9);
    memset(text + strlen(text), ']', 40);
    strcat(text, "}");
    refuse(state, text, "nested deeper than 32 levels");
}

static void
unreadable_files_are_told_apart(void **state)
{
    struct temp_tree *tree = *state;
    struct vsw_plan *plan;
    struct vsw_error err;

    assert_int_equal(vsw_plan_load(&plan, "/none/x.json", NULL, 0, &err),
                     -ENOENT);
    assert_int_equal(err.kind, VSW_ERROR_NO_INPUT);
    expect_text(&err, "cannot read \"/none/x.json\": No such file");
    assert_int_equal(vsw_plan_load(&plan, tree->dir, NULL, 0, &err), -EISDIR);
    assert_int_equal(err.kind, VSW_ERROR_NO_INPUT);
    expect_text(&err, "Is a directory");
}

static void
a_huge_file_is_refused(void **state)
{
    char *text = malloc((1 << 20) + 2);

    memset(text, ' ', (1 << 20) + 1);
    text[(1 << 20) + 1] = '\0';
    {
        struct temp_tree *tree = *state;
        const char *path = temp_tree_write(tree, "exp.json", text);
        struct vsw_plan *plan;
        struct vsw_error err;

        assert_int_equal(vsw_plan_load(&plan, path, NULL, 0, &err), -EINVAL);
        expect_text(&err, "longer than 1048576 bytes");
    }
    free(text);
}

static void
a_missing_parent_is_shown_where_it_is_named(void **state)
{
    struct temp_tree *tree = *state;
    const char *path =
        temp_tree_write(tree, "exp.json", "{\n\"extends\": \"no.json\"}");
    struct vsw_plan *plan;
    struct vsw_error err;

    assert_int_equal(vsw_plan_load(&plan, path, NULL, 0, &err), -ENOENT);
    assert_int_equal(err.kind, VSW_ERROR_NO_INPUT);
    expect_text(&err, "exp.json:2:12: cannot read \"");
}

static void
a_cycle_of_parents_is_refused(void **state)
{
    temp_tree_write(*state, "b.json", "{\"extends\": \"./exp.json\"}");
    refuse(state, "{\"extends\": @\"exp.json\"}", "extends itself");
    refuse_set(*state, "{\"extends\": \"b.json\"}", NULL,
               "b.json:1:13: ", "\"./exp.json\" extends itself");
}

static void
a_long_chain_of_parents_is_refused(void **state)
{
    for (int i = 0; i < 12; i++) {
        char name[16], text[64];

        snprintf(name, sizeof name, "p%d.json", i);
        snprintf(text, sizeof text, "{\"extends\": \"p%d.json\"}", i + 1);
        temp_tree_write(*state, name, text);
    }
    {
        struct temp_tree *tree = *state;
        const char *path =
            temp_tree_write(tree, "exp.json", "{\"extends\": \"p0.json\"}");
        struct vsw_plan *plan;
        struct vsw_error err;

        assert_int_equal(vsw_plan_load(&plan, path, NULL, 0, &err), -EINVAL);
        expect_text(&err, "more than 8 parents");
    }
}

static void
an_error_in_a_parent_names_the_parent(void **state)
{
    struct temp_tree *tree = *state;
    const char *path =
        temp_tree_write(tree, "exp.json", "{\"extends\": \"base.json\"}");
    struct vsw_plan *plan;
    struct vsw_error err;

    temp_tree_write(tree, "m.json", machine_json);
    temp_tree_write(tree, "base.json",
                    HEAD DESIGN ",\n\"guests\": {\"n\": 999}}");
    assert_int_equal(vsw_plan_load(&plan, path, NULL, 0, &err), -EINVAL);
    expect_text(&err, "base.json:2:17: n is 999");
}

/* They would break tables, and could command the terminal. */
static void
control_characters_are_refused(void **state)
{
    refuse(state, HEAD DESIGN ", \"title\": @\"a\\nb\"}",
           "title has a control character");
    refuse(state, HEAD DESIGN ", \"title\": @\"\\u001b[31mred\"}",
           "title has a control character");
    refuse(state, HEAD "\"designs\": [{\"model\": \"stub_rich\","
           " \"name\": @\"\\u007f\"}]}", "name has a control character");
}

static void
a_byte_order_mark_is_named(void **state)
{
    refuse(state, "@\xEF\xBB\xBF" GOOD, "begins with a byte order mark");
}

/* A default is nowhere to point at. */
static void
the_key_that_was_set_is_blamed(void **state)
{
    struct temp_tree *tree = *state;

    refuse_set(tree, GOOD, "guests.ring_slots=2", "--set",
               "burst_pkts is 32, more than the 2 slots");
    refuse_set(tree, GOOD, "guests.rx_min_bufs=300", "--set",
               "rx_min_bufs is 300, more than the 256 of rx_max_bufs");
    refuse_set(tree, GOOD, "run.quantum_ns=1000000", "--set",
               "latency of an interrupt on");
    refuse_set(tree, GOOD, "run.duration_us=1", "--set",
               "warmup_us is 1000, but");
    refuse_set(tree, GOOD, "workload.start_us=99999999999999999999", "--set",
               "start_us is 1e+20; expected 0 or an integer");
    refuse_set(tree, GOOD, "workload.start_us=10000000", "--set",
               "some connections would hardly begin");
    refuse_set(tree, GOOD, "traffic.map.by=table", "--set",
               "map by \"table\" needs");
}

static void
a_bad_option_is_named(void **state)
{
    struct temp_tree *tree = *state;

    refuse_set(tree, GOOD, "guests.n", "--set", "expected key.path=value");
    refuse_set(tree, GOOD, "=5", "--set", "expected key.path=value");
    refuse_set(tree, GOOD, "guests..n=5", "--set", "expected key.path");
    refuse_set(tree, GOOD, "guests.m=5", "--set",
               "unknown key \"m\"; try \"n\"");
    refuse_set(tree, GOOD, "guests.n=many", "--set",
               "n is a string; expected an integer from 0 to 256\n"
               "    guests.n=many\n"
               "             ^");
    refuse_set(tree, GOOD, "extends=x.json", "--set", "belongs in a file");
    refuse_set(tree, GOOD, "params.burst=5", "--set",
               "no design has a parameter \"burst\"");
    refuse_set(tree, HEAD DESIGN ", \"sweep\": {\"guests.n\": [2]}}",
               "guests.n=3", "--set", "\"guests.n\" is swept");
}

static void
a_bad_parameter_is_refused(void **state)
{
#define PARAMS(text)                                                          \
    HEAD "\"designs\": [{\"model\": \"stub_rich\",\n\"params\": {" text "}}]" \
                                                                        "}"
    refuse(state, PARAMS("@\"burst\": 1"),
           "stub_rich has no parameter \"burst\"");
    refuse(state, PARAMS("@\"lock\": true"),
           "try \"locks\"; it has burst_pkts, hold_ns, locks, mode");
    refuse(state, PARAMS("\"burst_pkts\": @65"),
           "burst_pkts is 65; expected an integer from 1 to 64");
    refuse(state, PARAMS("\"locks\": @1"),
           "locks is 1; expected true or false");
    refuse(state, PARAMS("\"mode\": @\"copi\""),
           "unknown mode \"copi\"; try \"copy\"");
}

static void
two_designs_need_two_names(void **state)
{
    refuse(state,
           HEAD "\"designs\": [{\"model\": \"stub_rich\"},\n"
                "@{\"model\": \"stub_rich\"}]}",
           "two designs are called \"stub_rich\"");
    refuse(state,
           HEAD "\"designs\": [{\"model\": \"stub_rich\"},\n"
                "{\"model\": \"stub_plain\", \"name\": @\"stub_rich\"}]}",
           "two designs are called \"stub_rich\"");
}

static void
a_bad_axis_is_refused(void **state)
{
#define SWEEP(text) HEAD DESIGN ",\n\"sweep\": {" text "}}"
    refuse(state, SWEEP("@\"traffic.frame\": [64]"),
           "try \"traffic.frame_bytes\"");
    refuse(state, SWEEP("@\"run.seed\": [1, 2]"),
           "\"run.seed\" is one for the whole experiment");
    refuse(state, SWEEP("@\"guests\": [1]"), "unknown key \"guests\"");
    refuse(state, SWEEP("\"guests.n\": @4"),
           "guests.n is 4; expected a list");
    refuse(state, SWEEP("\"guests.n\": @[]"),
           "axis \"guests.n\" has 0 values");
    refuse(state, SWEEP("\"guests.n\": [2, @999]"), "n is 999");
    refuse(state, SWEEP("\"guests.n\": [2, @2]"), "2 is in the list twice");
    refuse(state, SWEEP("@\"params.no\": [2]"),
           "no design has a parameter \"no\"");
    refuse(state, SWEEP("\"params.burst_pkts\": [2, @65]"),
           "burst_pkts is 65");
}

static void
an_axis_and_a_design_cannot_disagree(void **state)
{
    refuse(state,
           HEAD "\"sweep\": {\"params.burst_pkts\": [1]},\n"
                "\"designs\": [{\"model\": \"stub_rich\","
                " \"params\": {@\"burst_pkts\": 2}}]}",
           "\"params.burst_pkts\" is swept");
    refuse(state,
           HEAD "\"sweep\": {\"guests.n\": [2]},\n"
                "\"designs\": [{\"model\": \"stub_rich\","
                " \"set\": {@\"guests.n\": 2}}]}",
           "\"guests.n\" is swept");
}

static void
a_design_sets_only_what_can_differ(void **state)
{
#define SET(text) \
    HEAD "\"designs\": [{\"model\": \"stub_rich\",\n\"set\": {" text "}}]}"
    refuse(state, SET("@\"traffic.trace\": \"x\""),
           "one for the whole experiment");
    refuse(state, SET("@\"params.locks\": true"), "belongs in \"params\"");
    refuse(state, SET("\"guests.n\": @999"), "n is 999");
}

static void
too_many_points_are_refused(void **state)
{
    char text[16384] = HEAD DESIGN ",\n\"sweep\": {\"traffic.rate_pps\": [";

    for (int i = 0; i < 200; i++) {
        snprintf(text + strlen(text), 32, "%s%d", i ? "," : "", i + 1);
    }
    strcat(text, "], @\"run.quantum_ns\": [");
    for (int i = 0; i < 51; i++) {
        snprintf(text + strlen(text), 32, "%s%d", i ? "," : "", i + 1);
    }
    strcat(text, "]}}");
    refuse(state, text, "more than 10000 points");
}

static void
a_bad_plot_is_refused(void **state)
{
#define PLOT_AT(mark, text)                                            \
    HEAD DESIGN ", \"sweep\": {\"guests.n\": [2]},\n\"plots\": [" mark \
                "{" text "}]}"
#define PLOT(text) PLOT_AT("", text)
#define OK_XY      "\"x\": \"guests.n\", \"y\": \"delivered_pps\""
    refuse(state, PLOT_AT("@", OK_XY), "\"file\" is missing");
    refuse(state, PLOT("\"file\": @\"a/b\", " OK_XY), "file is a base name");
    refuse(state,
           PLOT("\"file\": \"a\", " OK_XY "}, {\"file\": @\"a\", " OK_XY),
           "two plots are called \"a\"");
    refuse(state,
           PLOT("\"file\": \"a\", \"x\": @\"guests.q\","
                " \"y\": \"delivered_pps\""),
           "\"guests.q\" is no axis");
    refuse(state,
           PLOT("\"file\": \"a\", \"x\": @\"design\","
                " \"y\": \"delivered_pps\""),
           "lines need an axis");
    refuse(state,
           PLOT("\"file\": \"a\", \"x\": \"guests.n\","
                " \"y\": @\"delivered_pp\""),
           "try \"delivered_pps\"");
    refuse(state,
           PLOT("\"file\": \"a\", \"kind\": \"stack\","
                " \"x\": \"guests.n\", \"y\": @\"delivered_pps\""),
           "a stack needs");
}

static void
values_must_suit_one_another(void **state)
{
    refuse(state,
           HEAD DESIGN ",\n\"run\": {\"duration_us\": 5, "
                       "\"warmup_us\": @5}}",
           "nothing would be measured");
    refuse(state,
           "{\"machine\": \"m\", " DESIGN ",\n\"traffic\": "
           "{\"trace\": \"t\", \"pacing\": @\"fixed\"}}",
           "needs \"rate_pps\"");
    refuse(state, HEAD DESIGN ",\n\"guests\": {\"n\": 6, \"n_cpus\": @2}}",
           "6 guests of 2 CPUs and a switch need 13 CPUs; machine "
           "\"m\" has 12");
    refuse(state, HEAD DESIGN ",\n\"sweep\": {\"guests.n\": @[2, 12]}}",
           "need 13 CPUs; machine \"m\" has 12 (in design "
           "\"stub_rich\", guests.n = 12)");
    refuse(state, HEAD DESIGN ",\n\"guests\": {\"pin\": @[1, 12]}}",
           "CPU 12 is none of the 12 CPUs, 0 to 11, of machine \"m\"");
    refuse(state, HEAD DESIGN ",\n\"guests\": {\"pin\": @[1, 2, 1]}}",
           "CPU 1 is in the list twice");
    refuse(state, HEAD DESIGN ",\n\"guests\": {\"pin\": [1, 2]}, "
                              "\"switch\": {\"pin\": @[2]}}",
           "CPU 2 is in \"guests.pin\" too");
    refuse(state, HEAD DESIGN ",\n\"switch\": {\"pin\": @[2, 3]}}",
           "2 CPUs for the switch");
    refuse(state, HEAD DESIGN ",\n\"guests\": {\"pin\": [@\"a\"]}}",
           "expected an integer from 0 to 4095");
    refuse(state, HEAD DESIGN ",\n\"guests\": {\"ring_slots\": @16}}",
           "more than the 16 slots");
    refuse(state,
           "{\"machine\": \"m\", " DESIGN ",\n\"traffic\": "
           "{\"trace\": \"t\", \"map\": {\"by\": \"pairs\"}}, "
           "\"guests\": {\"n\": @3}}",
           "even number of guests");
}

static void
a_port_table_is_checked(void **state)
{
#define TABLE(text)                                                     \
    "{\"machine\": \"m\", " DESIGN ",\n\"traffic\": {\"trace\": \"t\"," \
    " \"map\": {\"by\": \"table\", \"table\": " text "}}}"
    refuse(state, TABLE("@[]"), "needs a \"table\" with entries");
    refuse(state, TABLE("@[{\"match\": \"10.0.0.1\", \"port\": 2}]"),
           "names port 2, but 2 guests have ports 0 to 1");
    refuse(state, TABLE("[{\"match\": @\"10.0.0\", \"port\": 0}]"),
           "is no address");
    refuse(state, TABLE("[{\"match\": @\"10.0.0.0/33\", \"port\": 0}]"),
           "is no address");
    refuse(state, TABLE("[{\"match\": @\"02:00:00:00:00:0g\", \"port\": 0}]"),
           "is no address");
    refuse(state, TABLE("[@{\"match\": \"10.0.0.1\"}]"),
           "\"port\" is missing");
}

static void
standard_input_cannot_be_read_twice(void **state)
{
    refuse(state,
           "{\"machine\": \"m\", " DESIGN ",\n\"traffic\": "
           "{\"trace\": @\"-\"}, \"sweep\": {\"guests.n\": [2, 4]}}",
           "standard input can be read only once");
}

static void
a_bad_machine_is_shown_in_its_own_file(void **state)
{
    struct temp_tree *tree = *state;
    const char *path = temp_tree_write(tree, "exp.json", GOOD);
    struct vsw_plan *plan;
    struct vsw_error err;

    temp_tree_write(tree, "m.json", "{\"title\": \"m\",\n\"clock\": 1}");
    assert_int_equal(vsw_plan_load(&plan, path, NULL, 0, &err), -EINVAL);
    expect_text(&err, "m.json:2:1: unknown key \"clock\"");
    expect_text(&err, "m.json:1:1: \"cpu\" is missing");
}

static void
a_bad_rule_is_shown_in_its_own_file(void **state)
{
    struct temp_tree *tree = *state;
    const char *path = temp_tree_write(
        tree, "exp.json",
        HEAD DESIGN ", \"acl\": {\"source\": \"file\", \"file\": \"r.acl\"}"
        ", \"qos\": {\"file\": \"q.acl\"}}");
    struct vsw_plan *plan;
    struct vsw_error err;

    temp_tree_write(tree, "m.json", machine_json);
    temp_tree_write(tree, "r.acl",
                    "# reject\n"
                    "@10.0.0.0/8 0.0.0.0/0 9:2 0:65535 0x06/0xff\n");
    temp_tree_write(tree, "q.acl",
                    "@0.0.0.0/0 0.0.0.0/0 0:1 0:1 0x06/0xff class 8\n");
    assert_int_equal(vsw_plan_load(&plan, path, NULL, 0, &err), -EINVAL);
    expect_text(&err, "r.acl:2:23: the port range is empty");
    expect_text(&err, "q.acl:1:46: expected a class from 0 to 7");
}

static void
a_list_that_is_not_named_is_missed(void **state)
{
    refuse(state, HEAD DESIGN ", \"acl\": {\"source\": @\"file\"}}",
           "source \"file\" needs \"acl.file\"");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        tree_test(a_bad_rule_is_shown_in_its_own_file),
        tree_test(a_list_that_is_not_named_is_missed),
        tree_test(an_unknown_key_is_named_with_the_nearest),
        tree_test(a_key_in_the_wrong_place_is_told_its_own),
        tree_test(the_line_is_shown_with_a_caret),
        tree_test(a_long_line_is_cut_around_the_caret),
        tree_test(a_wrong_type_is_refused),
        tree_test(a_value_out_of_range_is_refused),
        tree_test(an_unknown_choice_is_told_the_nearest),
        tree_test(what_is_missing_is_named),
        tree_test(all_errors_come_at_once),
        tree_test(a_flood_of_errors_is_counted),
        tree_test(broken_json_is_refused_where_it_breaks),
        tree_test(control_characters_are_not_printed),
        tree_test(a_duplicate_key_is_refused),
        tree_test(deep_nesting_is_refused),
        tree_test(unreadable_files_are_told_apart),
        tree_test(a_huge_file_is_refused),
        tree_test(a_missing_parent_is_shown_where_it_is_named),
        tree_test(a_cycle_of_parents_is_refused),
        tree_test(a_long_chain_of_parents_is_refused),
        tree_test(an_error_in_a_parent_names_the_parent),
        tree_test(control_characters_are_refused),
        tree_test(a_byte_order_mark_is_named),
        tree_test(the_key_that_was_set_is_blamed),
        tree_test(a_bad_option_is_named),
        tree_test(a_bad_parameter_is_refused),
        tree_test(two_designs_need_two_names),
        tree_test(a_bad_axis_is_refused),
        tree_test(an_axis_and_a_design_cannot_disagree),
        tree_test(a_design_sets_only_what_can_differ),
        tree_test(too_many_points_are_refused),
        tree_test(a_bad_plot_is_refused),
        tree_test(values_must_suit_one_another),
        tree_test(a_port_table_is_checked),
        tree_test(standard_input_cannot_be_read_twice),
        tree_test(a_bad_machine_is_shown_in_its_own_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
