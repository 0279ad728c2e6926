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
    if (vsw_published_load(&p, store, &err)) {
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
    assert_true(vsw_published_load(&p, dir, &err) < 0);
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
    assert_true(vsw_published_load(&p, dir, &err) < 0);
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

static void
words_without_meaning_are_named(void **state)
{
    struct vsw_comparison_list *list;
    struct vsw_published *p;

    (void) state;
    write_file("results.json", STORE(RECORD("a", "equals", "") ", "
                                     RECORD("b", "shape", "")));
    write_file("vocabulary.json", VOCABULARY);
    assert_int_equal(vsw_published_load(&p, dir, NULL), 0);
    assert_int_equal(vsw_published_compare(&list, p, "", never_run, NULL,
                                           NULL), 0);
    assert_int_equal(list->n, 2);
    assert_int_equal(list->items[0].verdict, VSW_VERDICT_UNMAPPED);
    assert_string_equal(list->items[0].detail, "no metric for \"m\"");
    vsw_comparison_list_free(list);
    assert_int_equal(vsw_published_compare(&list, p, "b", never_run, NULL,
                                           NULL), 0);
    assert_int_equal(list->n, 1);
    vsw_comparison_list_free(list);
    vsw_published_free(p);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tolerances_are_read),
        cmocka_unit_test(our_store_loads),
        cmocka_unit_test_setup_teardown(mistakes_in_records_are_placed,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_missing_vocabulary_is_named,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(words_without_meaning_are_named,
                                        set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
