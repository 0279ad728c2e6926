/* The general reader: phrases, contrasts, ranges, orders of alternatives. */
#include "vsw_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vswsim/published.h>

#define HOLDS VSW_VERDICT_HOLDS
#define MISSES VSW_VERDICT_MISSES
#define UNMAPPED VSW_VERDICT_UNMAPPED

static char dir[64];

static void
write_file(const char *name, const char *text)
{
    char path[128];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", dir, name);
    file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static int
set_up(void **state)
{
    (void) state;
    strcpy(dir, "/tmp/vswsim-test-XXXXXX");
    return mkdtemp(dir) ? 0 : -1;
}

static int
tear_down(void **state)
{
    static const char *const names[] = {
        "results.json", "vocabulary.json", "expected-misses.json",
        "other.json",
    };

    (void) state;
    for (size_t i = 0; i < VSW_N_ELEMS(names); i++) {
        char path[128];

        snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        unlink(path);
    }
    return rmdir(dir);
}

/* Stands in for the simulator: packets per second are 1000 times guests times
 * the burst of zcopy_vhost or, with dpdk_vhost, 16; each replication has one
 * per cent more than the one before. */
static int
pretend_run(struct vsw_experiment_result **out, const struct vsw_plan *plan,
            const struct vsw_run_options *options, struct vsw_error *err)
{
    const struct vsw_config *config = &plan->points[0].config;
    bool copies = !strcmp(config->model->name, "dpdk_vhost");
    uint32_t n = config->run.replications;
    struct vsw_experiment_result *result = calloc(1, sizeof *result);

    (void) options, (void) err;
    assert_non_null(result);
    result->plan = plan;
    result->n_replications = n;
    result->outcomes = calloc(n, sizeof *result->outcomes);
    assert_non_null(result->outcomes);
    for (uint32_t i = 0; i < n; i++) {
        struct vsw_outcome *o = vsw_outcome_new(config->guests.n);

        assert_non_null(o);
        o->window_ps = UINT64_C(1000000000000);
        o->window_delivered.n_pkts = 10 * (100 + i) * config->guests.n
            * (copies ? 16 : config->params[0]);
        result->outcomes[i] = o;
    }
    *out = result;
    return 0;
}

static const char vocabulary[] =
    "{\"bases\": [{\"config\": \"../../" VSW_SOURCE_DIR
    "/configs/papers/zcopy-base.json\", \"set\": {\"guests.n\": 2, "
    "\"guests.n_cpus\": 1, \"traffic.map.by\": \"mac\", "
    "\"run.replications\": 1}, \"quick\": {\"guests.n\": 2}}],"
    "\"systems\": {"
    "\"a\": {\"model\": \"dpdk_vhost\", \"family\": \"f\"}, "
    "\"b\": [{\"when\": {\"family\": \"g\"}, \"model\": \"no_such\"},"
    " {\"model\": \"zcopy_vhost\", \"family\": \"f\", \"baseline\": \"a\"}],"
    "\"never\": {\"why\": \"nobody built it\"}},"
    "\"modifiers\": {\"small\": {\"params\": {\"burst_pkts\": 8}},"
    "\"very-small\": {\"params\": {\"burst_pkts\": 4}}},"
    "\"aliases\": {\"vms\": \"n\"},"
    "\"keys\": {\"n\": \"guests.n\", \"pairs\": \"guests.n\", "
    "\"burst\": \"params.burst_pkts\"},"
    "\"scales\": {\"pairs\": 2},"
    "\"values\": {\"acl\": [{\"is\": false, \"set\": {}}, "
    "{\"is\": true, \"set\": {\"burst\": 16}}], "
    "\"load\": [{\"is\": \"low|light\", \"set\": {\"n\": 3}}]},"
    "\"fixed\": {}, \"ignored\": [\"cpu\"], \"defaults\": {}, "
    "\"ranges\": {\"pairs\": [1, 2, 4]}, \"steps\": {}, \"phases\": {}, "
    "\"units\": {\"pps\": 1, \"kpps\": 1000, \"%\": 0.01, \"x\": 1, "
    "\"\": 1},"
    "\"comparisons\": [{\"words\": \"gain|change\", \"compare\": \"gain\"},"
    "{\"words\": \"drop\", \"compare\": \"loss\"}],"
    "\"references\": [{\"words\": \"over the small one\", "
    "\"system\": \"b+small\"}],"
    "\"contrasts\": [{\"words\": \"with acl\", \"first\": {\"acl\": true}, "
    "\"second\": {\"acl\": false}}],"
    "\"aggregates\": [{\"words\": \"peak\", \"aggregate\": \"max\"}, "
    "{\"words\": \"geo\", \"aggregate\": \"geomean\"}],"
    "\"sweeps\": [{\"words\": \"for all loads\", \"word\": \"load\", "
    "\"values\": [\"low\"]}],"
    "\"shapes\": [{\"words\": \"grows\", \"shape\": \"rising\"}],"
    "\"metrics\": ["
    "{\"words\": \"best place\", \"metric\": \"delivered_pps\", "
    "\"alternatives\": [{\"label\": \"one\", \"set\": {\"n\": 2}}, "
    "{\"label\": \"two\", \"set\": {\"n\": 3}}, "
    "{\"label\": \"three\", \"set\": {\"n\": 4}}]},"
    "{\"words\": \"largest\", \"metric\": \"delivered_pps\", \"parts\": ["
    "{\"is\": \"rule lookup\", \"metric\": \"delivered_pps\"}, "
    "{\"is\": \"copy\", \"metric\": \"delivered_pps / 2\"}]},"
    "{\"words\": \"per guest\", "
    "\"metric\": \"delivered_pps / (config(guests.n) + 1 * 0) - 0\"},"
    "{\"words\": \"broken\", \"metric\": \"delivered_pps / (2\"},"
    "{\"words\": \"misspelt\", \"metric\": \"deliverd_pps\"},"
    "{\"words\": [\"rate|throughput\"], \"not\": \"odd\", "
    "\"metric\": \"delivered_pps\"}]}";

static void
judge_as(const char *systems, const char *scenario, const char *metric,
         const char *value, const char *unit, const char *relation,
         const char *tolerance, enum vsw_verdict expected,
         const char *detail)
{
    struct vsw_compare_options options = {.run = pretend_run};
    struct vsw_comparison_list *list = NULL;
    struct vsw_published *p = NULL;
    struct vsw_error err = {0};
    char text[1024];

    snprintf(text, sizeof text, "{\"records\": [{\"id\": \"f.r\", \"paper\": "
             "\"p\", \"where\": \"w\", \"use\": \"calibration\", "
             "\"systems\": %s, \"scenario\": {%s}, \"metric\": \"%s\", "
             "\"value\": %s, \"unit\": \"%s\", \"relation\": \"%s\", "
             "\"tolerance\": \"%s\"}]}", systems, scenario, metric, value,
             unit, relation, tolerance);
    write_file("results.json", text);
    write_file("vocabulary.json", vocabulary);
    if (vsw_published_load(&p, dir, NULL, &err)
        || vsw_published_compare(&list, p, &options, &err)) {
        fail_msg("%s", err.text);
    }
    if (list->items[0].verdict != expected
        || !strstr(list->items[0].detail, detail)) {
        fail_msg("%s of %s: %s, %g, %s", metric, systems,
                 vsw_verdict_name(list->items[0].verdict),
                 list->items[0].simulated, list->items[0].detail);
    }
    vsw_comparison_list_free(list);
    vsw_published_free(p);
}

static void
systems_have_modifiers_alternatives_and_patterns(void **state)
{
    (void) state;
    judge_as("[\"b\"]", "", "Rate", "64", "kpps", "equals", "exact", HOLDS,
             "");
    judge_as("[\"b+small\"]", "", "rate", "16", "kpps", "equals", "exact",
             HOLDS, "");
    judge_as("[\"b-very-small\"]", "", "rate", "8", "kpps", "equals",
             "exact", HOLDS, "");
    judge_as("[\"b+huge\"]", "", "rate", "8", "kpps", "equals", "exact",
             UNMAPPED, "no model of b+huge");
    judge_as("[\"*\"]", "", "rate", "[32, 64]", "kpps", "range", "exact",
             HOLDS, "a: 32, b: 64");
    judge_as("[\"never\"]", "", "rate", "8", "kpps", "equals", "exact",
             UNMAPPED, "nobody built it");
}

static void
words_have_aliases_scales_and_values(void **state)
{
    (void) state;
    judge_as("[\"a\"]", "\"vms\": 4", "rate", "64", "kpps", "equals",
             "exact", HOLDS, "");
    judge_as("[\"a\"]", "\"pairs\": 4", "rate", "128", "kpps", "equals",
             "exact", HOLDS, "");
    judge_as("[\"a\"]", "\"load\": \"a light one\"", "rate", "48", "kpps",
             "equals", "exact", HOLDS, "");
    judge_as("[\"a\"]", "\"load\": \"heavy\"", "rate", "16", "kpps",
             "equals", "exact", UNMAPPED, "\"load\" has no meaning");
    judge_as("[\"b\"]", "\"acl\": true", "rate", "32", "kpps", "equals",
             "exact", HOLDS, "");
}

static void
one_system_is_compared_with_what_the_phrase_names(void **state)
{
    (void) state;
    judge_as("[\"b\"]", "", "rate gain", "100", "%", "ratio", "\u00b11pt",
             HOLDS, "");
    judge_as("[\"b\"]", "", "rate gain over the small one", "300", "%",
             "ratio", "\u00b11pt", HOLDS, "");
    judge_as("[\"b\"]", "", "rate drop with ACL", "50", "%", "ratio",
             "\u00b11pt", HOLDS, "");
    judge_as("[\"b\"]", "", "rate drop with ACL", "-50", "%", "ratio",
             "\u00b11pt", HOLDS, "");
    judge_as("[\"b\", \"a\"]", "", "rate", "2", "x", "ratio", "exact", HOLDS,
             "");
    judge_as("[\"a\"]", "", "rate gain", "1", "%", "ratio", "\u00b11pt",
             UNMAPPED, "nothing to compare with");
    judge_as("[\"b\"]", "", "rate with ACL is lower", "\"lower\"", "",
             "order", "strict", MISSES, "first: 3.2e+04, second: 6.4e+04");
}

static void
ranges_are_reduced(void **state)
{
    (void) state;
    judge_as("[\"a\"]", "\"pairs\": \"1..3\"", "peak rate", "64", "kpps",
             "equals", "exact", HOLDS, "1: 32, 2: 64");
    judge_as("[\"b\", \"a\"]", "\"pairs\": \"1..4\"", "geo mean gain of "
             "rate", "100", "%", "ratio", "\u00b10.1pt", HOLDS, "");
    judge_as("[\"b\"]", "\"burst\": [8, 32]", "geo mean rate", "32", "kpps",
             "equals", "exact", HOLDS, "");
    judge_as("[\"a\"]", "\"pairs\": \"1..3\"", "rate", "48", "kpps",
             "equals", "\u00b134%", HOLDS, "");
    judge_as("[\"a\"]", "\"pairs\": \"1..3\"", "rate", "48", "kpps",
             "equals", "\u00b132%", MISSES, "");
    judge_as("[\"a\"]", "\"vms\": \"1K..2K\"", "rate", "1", "kpps",
             "equals", "exact", UNMAPPED, "is 1024");
    judge_as("[\"a\"]", "", "rate for all loads", "48", "kpps", "equals",
             "exact", HOLDS, "low: 48");
}

static void
shapes_may_be_bounds_parts_or_places(void **state)
{
    (void) state;
    judge_as("[\"a\", \"b\"]", "", "rate is low", "\"<64.1\"", "kpps",
             "shape", "qual", HOLDS, "a: 32, b: 64");
    judge_as("[\"a\", \"b\"]", "", "rate is low", "\"low\"", "", "shape",
             "both <= 63 kpps", MISSES, "");
    judge_as("[\"a\"]", "\"pairs\": \"1..4\"", "rate grows", "\"yes\"", "",
             "shape", "monotone", HOLDS, "");
    judge_as("[\"a\"]", "", "largest consumer", "\"flow rule lookup\"", "",
             "shape", "argmax", HOLDS, "");
    judge_as("[\"a\"]", "", "largest consumer", "\"the copy\"", "", "shape",
             "argmax", MISSES, "");
    judge_as("[\"a\"]", "", "best place", "\"{three, two} > one\"", "",
             "order", "strict", HOLDS, "");
    judge_as("[\"a\"]", "", "best place", "\"three > {two, one} \"", "",
             "order", "strict", HOLDS, "");
    judge_as("[\"a\"]", "", "best place", "\"{three, one} > two\"", "",
             "order", "strict", MISSES, "");
    judge_as("[\"b\", \"a\"]", "\"pairs\": \"1..4\"", "rate",
             "\"b>a\"", "", "order", "n>=2", HOLDS, "2, b: 1.28e+05");
}

static void
expressions_are_computed_or_explained(void **state)
{
    (void) state;
    judge_as("[\"a\"]", "\"n\": 3", "rate per guest", "16", "kpps", "equals",
             "exact", HOLDS, "");
    judge_as("[\"a\"]", "", "broken", "1", "kpps", "equals", "exact",
             UNMAPPED, "is missing");
    judge_as("[\"a\"]", "", "misspelt", "1", "kpps", "equals", "exact",
             UNMAPPED, "delivered_pps");
    judge_as("[\"a\"]", "", "odd rate", "1", "kpps", "equals", "exact",
             UNMAPPED, "no metric for");
}

/* Records of other people: unknown members, uses and relations. */
static void
other_records_are_read_leniently(void **state)
{
    struct vsw_compare_options options = {.run = pretend_run};
    struct vsw_comparison_list *list;
    struct vsw_published *p;
    struct vsw_error err = {0};
    char path[128];

    (void) state;
    write_file("vocabulary.json", vocabulary);
    write_file("expected-misses.json", "{\"misses\": [{\"id\": \"f.b\", "
               "\"size\": \"much\", \"reason\": \"because\"}]}");
    write_file("other.json", "{\"about\": {}, \"more\": 1, \"records\": ["
               "{\"id\": \"f.a\", \"systems\": [\"a\"], \"metric\": \"rate\","
               " \"value\": 32, \"unit\": \"kpps\", \"relation\": \"equals\","
               " \"use\": \"validation\", \"tolerance\": \"exact\"},"
               "{\"id\": \"f.b\", \"systems\": [\"a\"], \"metric\": \"rate\","
               " \"value\": 33, \"unit\": \"kpps\", \"relation\": \"equals\","
               " \"use\": \"x\", \"tolerance\": \"exact\", \"extra\": []},"
               "{\"id\": \"f.c\", \"systems\": [\"a\"], \"metric\": \"rate\","
               " \"unit\": \"kpps\", \"relation\": \"rhymes\"},"
               "{\"id\": \"f.d\"}]}");
    snprintf(path, sizeof path, "%s/other.json", dir);
    if (vsw_published_load(&p, dir, path, &err)) {
        fail_msg("%s", err.text);
    }
    options.run_options.n_jobs = 2;
    assert_int_equal(vsw_published_compare(&list, p, &options, &err), 0);
    assert_int_equal(list->n, 4);
    assert_int_equal(list->items[0].verdict, HOLDS);
    assert_string_equal(vsw_comparison_use(&list->items[0]), "prediction");
    assert_int_equal(list->items[1].verdict, MISSES);
    assert_string_equal(list->items[1].expected->reason, "because");
    assert_int_equal(list->items[2].verdict, UNMAPPED);
    assert_non_null(strstr(list->items[2].detail, "rhymes"));
    assert_int_equal(list->items[3].verdict, UNMAPPED);
    assert_int_equal(vsw_comparison_n_unexpected(list), 0);
    vsw_comparison_list_free(list);
    vsw_published_free(p);
}

/* Replications differ by one per cent: the interval is that of Student's t,
 * and a ratio of equal factors has none. */
static void
intervals_come_from_replications(void **state)
{
    struct vsw_compare_options options = {.run = pretend_run};
    struct vsw_comparison_list *list;
    struct vsw_published *p;

    (void) state;
    write_file("vocabulary.json", vocabulary);
    write_file("results.json", "{\"records\": []}");
    write_file("other.json", "{\"records\": ["
               "{\"id\": \"f.a\", \"systems\": [\"a\"], \"metric\": \"rate\","
               " \"value\": 33, \"unit\": \"kpps\", \"relation\": \"equals\","
               " \"scenario\": {\"run.replications\": 2},"
               " \"tolerance\": \"+-1%\"},"
               "{\"id\": \"f.b\", \"systems\": [\"b\"], \"metric\": "
               "\"rate gain\", \"value\": 100, \"unit\": \"%\", "
               "\"relation\": \"ratio\", \"tolerance\": \"exact\","
               " \"scenario\": {\"run.replications\": 2}}]}");
    {
        char path[128];

        snprintf(path, sizeof path, "%s/other.json", dir);
        assert_int_equal(vsw_published_load(&p, dir, path, NULL), 0);
    }
    assert_int_equal(vsw_published_compare(&list, p, &options, NULL), 0);
    /* Values 32.00 and 32.32: t(1) = 12.706 times 0.16. */
    assert_true(list->items[0].half_width > 2.03
                && list->items[0].half_width < 2.04);
    assert_int_equal(list->items[0].verdict, MISSES);
    assert_true(list->items[0].uncertain);
    assert_int_equal(list->items[1].verdict, HOLDS);
    assert_true(list->items[1].half_width < 1e-9);
    assert_int_equal(vsw_comparison_n_unexpected(list), 0);
    vsw_comparison_list_free(list);
    vsw_published_free(p);
}

#define IN_DIR(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIR(systems_have_modifiers_alternatives_and_patterns),
        IN_DIR(words_have_aliases_scales_and_values),
        IN_DIR(one_system_is_compared_with_what_the_phrase_names),
        IN_DIR(ranges_are_reduced),
        IN_DIR(shapes_may_be_bounds_parts_or_places),
        IN_DIR(expressions_are_computed_or_explained),
        IN_DIR(other_records_are_read_leniently),
        IN_DIR(intervals_come_from_replications),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
