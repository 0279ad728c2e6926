#include "vsw_test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vswsim/published.h>

static const char store[] = VSW_SOURCE_DIR "/configs/published";

static void
is(const char *text, enum vsw_tolerance_kind kind, double amount,
   double least_change)
{
    struct vsw_tolerance t = vsw_tolerance_parse(text);

    assert_int_equal(t.kind, kind);
    assert_true(fabs(t.amount - amount) < 1e-12);
    assert_true(fabs(t.least_change - least_change) < 1e-12);
}

static void
tolerances_are_read(void **state)
{
    (void) state;
    is("\u00b115%", VSW_TOLERANCE_RELATIVE, 0.15, 1);
    is("+-3%", VSW_TOLERANCE_RELATIVE, 0.03, 1);
    is("\u00b12% (line rate)", VSW_TOLERANCE_RELATIVE, 0.02, 1);
    is("\u00b14pt", VSW_TOLERANCE_POINTS, 4, 1);
    is("\u00b10.12", VSW_TOLERANCE_ABSOLUTE, 0.12, 1);
    is("exact", VSW_TOLERANCE_EXACT, 0, 1);
    is("strict", VSW_TOLERANCE_STRICT, 0, 1);
    is("max/min <= 1.08", VSW_TOLERANCE_SPREAD, 1.08, 1);
    is("max/min<=1.25", VSW_TOLERANCE_SPREAD, 1.25, 1);
    is("monotone", VSW_TOLERANCE_MONOTONE, 0, 1);
    is("monotone, >=5x from 64 to 9000", VSW_TOLERANCE_MONOTONE, 0, 5);
    is("qual", VSW_TOLERANCE_WORDS, 0, 1);
    is("all three <= 9.2 Gbps", VSW_TOLERANCE_WORDS, 0, 1);
    is("\u00b1", VSW_TOLERANCE_WORDS, 0, 1);
    is("", VSW_TOLERANCE_WORDS, 0, 1);
}

static const struct vsw_published_record *
find(const struct vsw_published *p, const char *id)
{
    for (uint32_t i = 0; i < p->n_records; i++) {
        if (!strcmp(p->records[i].id, id)) {
            return &p->records[i];
        }
    }
    return NULL;
}

static void
our_store_loads(void **state)
{
    struct vsw_error err = {0};
    struct vsw_published *p;
    const struct vsw_published_record *r;

    (void) state;
    if (vsw_published_load(&p, store, NULL, &err)) {
        fail_msg("%s", err.text);
    }
    assert_true(p->n_records >= 122);
    r = find(p, "zcopy.intro.dpdk.64");
    assert_non_null(r);
    assert_int_equal(r->n_values, 1);
    assert_true(r->values[0] > 10.07 && r->values[0] < 10.09);
    assert_int_equal(r->tolerance.kind, VSW_TOLERANCE_RELATIVE);
    r = find(p, "netmap.qemu.gg");
    assert_non_null(r);
    assert_int_equal(r->n_values, 2);
    assert_true(r->values[0] < r->values[1]);
    r = find(p, "kvs.order");
    assert_non_null(r);
    assert_int_equal(r->n_values, 0);
    assert_int_equal(r->n_systems, 3);
    vsw_published_free(p);
}

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
    char path[128];

    (void) state;
    snprintf(path, sizeof path, "%s/results.json", dir);
    unlink(path);
    snprintf(path, sizeof path, "%s/vocabulary.json", dir);
    unlink(path);
    return rmdir(dir);
}

static void
refused(const char *results, const char *why)
{
    struct vsw_error err = {0};
    struct vsw_published *p;

    write_file("results.json", results);
    assert_true(vsw_published_load(&p, dir, NULL, &err) < 0);
    assert_null(p);
    assert_int_equal(err.kind, VSW_ERROR_DATA);
    if (!strstr(err.text, why)) {
        fail_msg("\"%s\" lacks \"%s\"", err.text, why);
    }
}

#define RECORD(id, relation, rest)                                           \
    "{\"id\": \"" id "\", \"paper\": \"p\", \"where\": \"w\", "              \
    "\"use\": \"calibration\", \"systems\": [\"s\"], \"scenario\": {}, "     \
    "\"metric\": \"m\", \"value\": 1, \"unit\": \"x\", \"relation\": \""     \
    relation "\", \"tolerance\": \"exact\"" rest "}"
#define STORE(records) "{\"records\": [" records "]}"

#define VOCABULARY                                                           \
    "{\"bases\": [], \"systems\": {}, \"keys\": {}, \"fixed\": {}, "         \
    "\"ignored\": [], \"defaults\": {}, \"ranges\": {}, \"steps\": {}, "     \
    "\"phases\": {}, \"units\": {\"x\": 1}, \"metrics\": []}"

static void
mistakes_in_records_are_placed(void **state)
{
    (void) state;
    write_file("vocabulary.json", VOCABULARY);
    refused("{", "results.json:1:");
    refused("{}", "records");
    refused(STORE("{}"), "results.json:1:");
    refused(STORE(RECORD("a", "equal", "")), "try \"equals\"");
    refused(STORE(RECORD("a", "equals", ", \"notte\": \"\"")),
            "try \"note\"");
    refused(STORE(RECORD("a", "equals", "") ", "
                  RECORD("a", "equals", "")), "a second record \"a\"");
}

static void
a_missing_vocabulary_is_named(void **state)
{
    struct vsw_error err = {0};
    struct vsw_published *p;

    (void) state;
    write_file("results.json", STORE(RECORD("a", "equals", "")));
    assert_true(vsw_published_load(&p, dir, NULL, &err) < 0);
    assert_non_null(strstr(err.text, "vocabulary.json"));
}

static int
never_run(struct vsw_experiment_result **result, const struct vsw_plan *plan,
          const struct vsw_run_options *options, struct vsw_error *err)
{
    (void) result, (void) plan, (void) options, (void) err;
    fail_msg("ran without need");
    return -1;
}

static int
compare_by(struct vsw_comparison_list **list, const struct vsw_published *p,
           const char *family, vsw_run_fn run)
{
    struct vsw_compare_options options = {.family = family, .run = run};

    return vsw_published_compare(list, p, &options, NULL);
}

static void
words_without_meaning_are_named(void **state)
{
    struct vsw_comparison_list *list;
    struct vsw_published *p;

    (void) state;
    write_file("results.json", STORE(RECORD("a", "equals", "") ", "
                                     RECORD("b", "shape", "")));
    write_file("vocabulary.json", VOCABULARY);
    assert_int_equal(vsw_published_load(&p, dir, NULL, NULL), 0);
    assert_int_equal(compare_by(&list, p, "", never_run), 0);
    assert_int_equal(list->n, 2);
    assert_int_equal(list->items[0].verdict, VSW_VERDICT_UNMAPPED);
    assert_string_equal(list->items[0].detail, "no model of s");
    vsw_comparison_list_free(list);
    assert_int_equal(compare_by(&list, p, "b", never_run), 0);
    assert_int_equal(list->n, 1);
    vsw_comparison_list_free(list);
    vsw_published_free(p);
}

/* Stands in for the simulator: dpdk_vhost delivers 640 million bytes per
 * second in frames of any size, zcopy_vhost 4 million frames times its
 * burst / 32. */
static int
pretend_run(struct vsw_experiment_result **out, const struct vsw_plan *plan,
            const struct vsw_run_options *options, struct vsw_error *err)
{
    const struct vsw_config *config = &plan->points[0].config;
    bool copies = !strcmp(config->model->name, "dpdk_vhost");
    struct vsw_experiment_result *result = calloc(1, sizeof *result);

    (void) options, (void) err;
    assert_non_null(result);
    result->plan = plan;
    result->n_replications = 1;
    result->outcomes = calloc(1, sizeof *result->outcomes);
    assert_non_null(result->outcomes);
    result->outcomes[0] = vsw_outcome_new(config->guests.n);
    assert_non_null(result->outcomes[0]);
    result->outcomes[0]->window_ps = UINT64_C(1000000000000);
    result->outcomes[0]->window_delivered.n_pkts =
        copies ? UINT64_C(640000000) / config->traffic.frame_bytes
        : UINT64_C(125000) * config->params[0];
    *out = result;
    return 0;
}

static const char vocabulary[] =
    "{\"bases\": [{\"cpu\": \"Xeon\", \"config\": \"../../" VSW_SOURCE_DIR
    "/configs/papers/zcopy-base.json\", \"set\": {\"run.seed\": 3}}],"
    "\"systems\": {\"d\": {\"model\": \"dpdk_vhost\"}, "
    "\"z\": {\"model\": \"zcopy_vhost\"}, "
    "\"z16\": {\"model\": \"zcopy_vhost\", \"params\": {\"burst_pkts\": 16}},"
    "\"odd\": {\"model\": \"no_such_model\"}},"
    "\"keys\": {\"B\": \"traffic.frame_bytes\", \"n\": \"guests.n\", "
    "\"b\": \"params.burst_pkts\", \"c\": \"guests.n_cpus\", "
    "\"p\": [{\"keys\": [\"traffic.frame_bytes\"], \"less\": 46}]},"
    "\"values\": {\"way\": [{\"is\": \"both\", \"set\": "
    "{\"guests.n\": 2}}]},"
    "\"fixed\": {\"cores\": 1}, \"ignored\": [\"cpu\", \"ram\"],"
    "\"defaults\": {\"B\": 64}, \"ranges\": {\"B\": [64, 128, 640, 6400]},"
    "\"steps\": {}, \"phases\": {}, \"units\": {\"Mpps\": 1e6, \"%\": 0.01, "
    "\"\": 1}, \"metrics\": ["
    "{\"words\": [\"loss\"], \"metric\": \"delivered_pps\", "
    "\"compare\": \"loss\"},"
    "{\"words\": [\"gain\"], \"metric\": \"delivered_pps\", "
    "\"compare\": \"gain\"},"
    "{\"words\": [\"flat\"], \"metric\": \"delivered_pps\", "
    "\"compare\": \"spread\"},"
    "{\"words\": [\"falls\"], \"metric\": \"delivered_pps\", "
    "\"direction\": \"falling\"},"
    "{\"words\": [\"gap grows\"], \"metric\": \"delivered_pps\", "
    "\"compare\": \"quotient\", \"direction\": \"rising\"},"
    "{\"words\": [\"peaks at\"], \"metric\": \"delivered_pps\", "
    "\"aggregate\": \"argmax\"},"
    "{\"words\": [\"guests\"], \"metric\": \"config(guests.n)\"},"
    "{\"words\": [\"burst\"], \"metric\": \"param(burst_pkts)\"},"
    "{\"words\": [\"flips\"], \"metric\": \"counter(flips)\"},"
    "{\"words\": [\"rate\"], \"metric\": \"delivered_pps\"}]}";

/* One record in the words of that vocabulary. */
static void
verdict(const char *systems, const char *scenario, const char *metric,
        const char *value, const char *unit, const char *relation,
        const char *tolerance, enum vsw_verdict expected, const char *detail)
{
    struct vsw_comparison_list *list = NULL;
    struct vsw_error err = {0};
    struct vsw_published *p = NULL;
    char text[1024];

    snprintf(text, sizeof text, "{\"records\": [{\"id\": \"r\", \"paper\": "
             "\"p\", \"where\": \"w\", \"use\": \"calibration\", "
             "\"systems\": %s, \"scenario\": {%s}, \"metric\": \"%s\", "
             "\"value\": %s, \"unit\": \"%s\", \"relation\": \"%s\", "
             "\"tolerance\": \"%s\"}]}", systems, scenario, metric, value,
             unit, relation, tolerance);
    write_file("results.json", text);
    write_file("vocabulary.json", vocabulary);
    if (vsw_published_load(&p, dir, NULL, &err)
        || compare_by(&list, p, "", pretend_run)) {
        fail_msg("%s", err.text);
    }
    if (list->items[0].verdict != expected
        || !strstr(list->items[0].detail, detail)) {
        fail_msg("%s %s: %s, %s", metric, tolerance,
                 vsw_verdict_name(list->items[0].verdict),
                 list->items[0].detail);
    }
    vsw_comparison_list_free(list);
    vsw_published_free(p);
}

#define CPU "\"cpu\": \"Xeon E5 (remark)\""
#define HOLDS VSW_VERDICT_HOLDS
#define MISSES VSW_VERDICT_MISSES
#define UNMAPPED VSW_VERDICT_UNMAPPED

static void
numbers_are_compared(void **state)
{
    (void) state;
    verdict("[\"d\"]", CPU, "rate", "10.4", "Mpps", "equals",
            "\u00b15%", HOLDS, "");
    verdict("[\"d\"]", CPU, "rate", "10.6", "Mpps", "equals",
            "\u00b15%", MISSES, "");
    verdict("[\"d\"]", CPU ", \"B\": 128", "rate", "5", "Mpps", "equals",
            "exact", HOLDS, "");
    verdict("[\"d\"]", CPU, "rate", "10.2", "Mpps", "equals",
            "\u00b10.19", MISSES, "");
    verdict("[\"d\"]", CPU, "rate", "[11, 12]", "Mpps", "range",
            "\u00b110%", HOLDS, "");
    verdict("[\"d\"]", CPU, "rate", "[11, 12]", "Mpps", "range",
            "\u00b15%", MISSES, "");
    verdict("[\"d\"]", CPU, "rate", "12", "Mpps", "up-to", "\u00b15%",
            HOLDS, "");
    verdict("[\"d\"]", CPU, "rate", "9", "Mpps", "up-to", "\u00b15%",
            MISSES, "");
    verdict("[\"d\", \"z\"]", CPU, "burst", "32", "", "equals", "exact",
            HOLDS, "d: 32, z: 32");
}

static void
systems_are_compared(void **state)
{
    (void) state;
    verdict("[\"z\", \"d\"]", CPU, "loss", "61", "%", "ratio",
            "\u00b12pt", HOLDS, "");
    verdict("[\"z\", \"d\"]", CPU, "loss", "61", "%", "ratio",
            "\u00b10.5pt", MISSES, "");
    verdict("[\"d\", \"z\"]", CPU, "gain", "150", "%", "ratio",
            "\u00b11pt", HOLDS, "");
    verdict("[\"z\", \"d\"]", CPU, "rate", "\"d > z\"", "", "order",
            "strict", HOLDS, "");
    verdict("[\"z\", \"d\"]", CPU, "rate", "\"z first\"", "", "order",
            "strict", MISSES, "");
    verdict("[\"z16\"]", CPU, "rate", "2", "Mpps", "equals", "exact",
            HOLDS, "");
}

static void
shapes_are_compared(void **state)
{
    (void) state;
    verdict("[\"z\"]", CPU ", \"B\": \"64..640\"", "flat", "1", "", "shape",
            "max/min <= 1.08", HOLDS, "640");
    verdict("[\"d\"]", CPU ", \"B\": \"64..640\"", "flat", "1", "", "shape",
            "max/min <= 9.9", MISSES, "");
    verdict("[\"d\"]", CPU ", \"B\": \"64..640\"", "falls", "\"f\"", "",
            "shape", "monotone, >=10x", HOLDS, "");
    verdict("[\"d\"]", CPU ", \"B\": \"64..640\"", "falls", "\"f\"", "",
            "shape", "monotone, >=10.1x", MISSES, "");
    verdict("[\"z\"]", CPU ", \"B\": \"64..640\"", "falls", "\"f\"", "",
            "shape", "monotone", MISSES, "");
    verdict("[\"z\", \"d\"]", CPU ", \"B\": [64, 128]", "gap grows", "\"g\"",
            "", "shape", "monotone", HOLDS, "64: 0.4, 128: 0.8");
    verdict("[\"d\", \"z\"]", CPU ", \"B\": [64, 128]", "gap grows", "\"g\"",
            "", "shape", "monotone", MISSES, "");
}

static void
the_place_of_a_maximum_is_compared(void **state)
{
    (void) state;
    verdict("[\"d\"]", CPU ", \"B\": \"64..640\"", "peaks at", "64", "",
            "equals", "exact", HOLDS, "");
    verdict("[\"d\"]", CPU ", \"B\": [640, 128]", "peaks at", "[100, 128]",
            "", "range", "exact", HOLDS, "");
    verdict("[\"d\"]", CPU ", \"B\": [640, 128]", "peaks at", "640", "",
            "equals", "exact", MISSES, "");
}

static void
a_word_may_count_from_another_zero(void **state)
{
    (void) state;
    verdict("[\"d\"]", CPU ", \"p\": 174", "rate", "5", "Mpps", "equals",
            "exact", HOLDS, "");
}

static void
a_number_prevails_over_what_a_word_implies(void **state)
{
    (void) state;
    verdict("[\"d\"]", CPU ", \"c\": 1, \"way\": \"both\"",
            "guests", "2", "", "equals", "exact", HOLDS, "");
    verdict("[\"d\"]", CPU ", \"c\": 1, \"way\": \"both\", \"n\": 4",
            "guests", "4", "", "equals", "exact", HOLDS, "");
    verdict("[\"d\"]", CPU ", \"c\": 1, \"n\": 4, \"way\": \"both\"",
            "guests", "4", "", "equals", "exact", HOLDS, "");
}

static void
what_cannot_be_mapped_says_why(void **state)
{
    (void) state;
    verdict("[\"kvs\"]", CPU, "rate", "1", "Mpps", "equals", "exact",
            UNMAPPED, "no model of kvs");
    verdict("[\"d\"]", "\"cpu\": \"Opteron\"", "rate", "1", "Mpps", "equals",
            "exact", UNMAPPED, "no config for its machine");
    verdict("[\"d\"]", CPU ", \"nic\": \"x\"", "rate", "1", "Mpps", "equals",
            "exact", UNMAPPED, "\"nic\" has no meaning");
    verdict("[\"d\"]", CPU ", \"cores\": 2", "rate", "1", "Mpps", "equals",
            "exact", UNMAPPED, "no model has this \"cores\"");
    verdict("[\"d\"]", CPU, "rate", "1", "parsec", "equals", "exact",
            UNMAPPED, "no metric has the unit");
    verdict("[\"d\"]", CPU, "flips", "1", "", "equals", "exact", UNMAPPED,
            "the run gives no counter(flips)");
    verdict("[\"odd\"]", CPU, "rate", "1", "Mpps", "equals", "exact",
            UNMAPPED, "no_such_model");
    verdict("[\"d\"]", CPU ", \"n\": 0", "rate", "1", "Mpps", "equals",
            "exact", UNMAPPED, "n");
    verdict("[\"d\"]", CPU, "rate", "\"high\"", "Mpps", "equals", "exact",
            UNMAPPED, "no number");
}

static uint32_t n_pretended;

static int
count_run(struct vsw_experiment_result **out, const struct vsw_plan *plan,
          const struct vsw_run_options *options, struct vsw_error *err)
{
    n_pretended++;
    return pretend_run(out, plan, options, err);
}

static void
equal_runs_are_made_once(void **state)
{
    struct vsw_comparison_list *list;
    struct vsw_published *p;
    const char *record = "{\"id\": \"%c\", \"paper\": \"p\", \"where\": \"w\""
        ", \"use\": \"calibration\", \"systems\": [\"d\"], \"scenario\": {"
        CPU ", %s}, \"metric\": \"rate\", \"value\": 10, \"unit\": \"Mpps\", "
        "\"relation\": \"equals\", \"tolerance\": \"exact\"}";
    char text[2048] = "{\"records\": [";
    size_t used = strlen(text);

    (void) state;
    used += (size_t) snprintf(text + used, sizeof text - used, record, 'a',
                              "\"B\": 64, \"b\": 32");
    used += (size_t) snprintf(text + used, sizeof text - used, ", ");
    used += (size_t) snprintf(text + used, sizeof text - used, record, 'b',
                              "\"b\": 32, \"B\": 64, \"ram\": 1");
    snprintf(text + used, sizeof text - used, "]}");
    write_file("results.json", text);
    write_file("vocabulary.json", vocabulary);
    assert_int_equal(vsw_published_load(&p, dir, NULL, NULL), 0);
    n_pretended = 0;
    assert_int_equal(compare_by(&list, p, "", count_run), 0);
    assert_int_equal(list->items[1].verdict, HOLDS);
    assert_int_equal(n_pretended, 1);
    assert_int_equal(list->n_runs, 1);
    vsw_comparison_list_free(list);
    vsw_published_free(p);
}

#define IN_DIR(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tolerances_are_read),
        cmocka_unit_test(our_store_loads),
        IN_DIR(mistakes_in_records_are_placed),
        IN_DIR(a_missing_vocabulary_is_named),
        IN_DIR(words_without_meaning_are_named),
        IN_DIR(numbers_are_compared),
        IN_DIR(systems_are_compared),
        IN_DIR(shapes_are_compared),
        IN_DIR(the_place_of_a_maximum_is_compared),
        IN_DIR(a_word_may_count_from_another_zero),
        IN_DIR(a_number_prevails_over_what_a_word_implies),
        IN_DIR(what_cannot_be_mapped_says_why),
        IN_DIR(equal_runs_are_made_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
