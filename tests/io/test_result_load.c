#include "vsw_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include <vswsim/result.h>

#include "io/result/result_impl.h"
#include "synthetic.h"

static char *good;

static int
set_up(void **state)
{
    struct synthetic_experiment *made = synthetic_experiment_new();
    struct vsw_result *result;
    int rc = result_summarise(&result, &made->result, SYNTHETIC_CONFIG,
                              NULL);

    (void) state;
    good = rc ? NULL : vsw_result_json(result);
    vsw_result_free(result);
    free(made);
    return good ? 0 : -1;
}

static int
tear_down(void **state)
{
    (void) state;
    free(good);
    return 0;
}

static void
refused(const char *text, size_t len, const char *why)
{
    struct vsw_error err = {0};
    struct vsw_result *result = NULL;

    assert_true(result_parse(&result, text, len, "r.json", &err) < 0);
    assert_null(result);
    assert_int_equal(err.kind, VSW_ERROR_DATA);
    if (!strstr(err.text, why)) {
        fail_msg("\"%s\" lacks \"%s\"", err.text, why);
    }
}

/* Refuses the good result once the first 'from' is a 'to'. */
static void
refused_with(const char *from, const char *to, const char *why)
{
    char *at = strstr(good, from);
    size_t head, size = strlen(good) + strlen(to) + 1;
    char *text = malloc(size);

    assert_non_null(at);
    assert_non_null(text);
    head = (size_t) (at - good);
    snprintf(text, size, "%.*s%s%s", (int) head, good, to,
             at + strlen(from));
    refused(text, strlen(text), why);
    free(text);
}

static void
foreign_files_are_refused(void **state)
{
    (void) state;
    refused("", 0, "r.json:");
    refused("{", 1, "r.json:1:1");
    refused("[]", 2, "not a result of vswsim");
    refused("{}", 2, "not a result of vswsim");
    refused("\0\1\2", 3, "r.json:1:");
    refused("{\"a\": 1, \"a\": 2}", 16, "duplicate");
}

static void
mistakes_are_told_by_place(void **state)
{
    (void) state;
    refused_with("\"vswsim-result\"", "\"other\"", "not a result");
    refused_with("\"schema_version\": 2", "\"schema_version\": 3",
                 "has schema version 3");
    refused_with("\"title\": \"Two designs\"", "\"title\": 5",
                 "\"title\" is not a string");
    refused_with("\"title\": \"Two designs\"", "\"title\": \"\\u001b[31m\"",
                 "\"title\" has a control character");
    refused_with("\"question\"", "\"query\"", "\"question\" is missing");
    refused_with("\"complete\": true", "\"complete\": 1",
                 "\"complete\" is not true or false");
    refused_with("\"replications\": 3", "\"replications\": -3",
                 "\"replications\" is out of range");
    refused_with("\"key\": \"traffic", "\"kee\": \"traffic",
                 "axes[0]: \"key\" is missing");
    refused_with("\"warmup\": null", "\"warmup\": {}", "settled_us");
    refused_with("\"log_x\": true", "\"log_x\": null", "plots[0]: \"log_x\"");
    refused_with("\"file\": \"rate\"", "\"file\": \"../rate\"",
                 "plots[0]: \"file\" is not a plain base name");
    refused_with("\"design\": 1", "\"design\": 0", "out of order");
    refused_with("\"values\": [\n    64,", "\"values\": [\n",
                 "points[3]: \"axis_values\" has an index out of range");
    refused_with("\"values\": [\n    64,", "\"values\": [\n 64, 65,",
                 "not one per design");
    refused_with("\"design\": 1", "\"design\": 2",
                 "points[4]: \"design\" is out of range");
    refused_with("\"axis_values\": [\n    3", "\"axis_values\": [\n    4",
                 "points[3]: \"axis_values\" has an index out of range");
    refused_with("\"axis_values\": [\n    0", "\"axis_values\": [\n    0, 0",
                 "points[0]: \"axis_values\" has not one index per axis");
    refused_with("\"value\": ", "\"valu\": ",
                 "points[0].metrics.delivered_pps: \"value\" is not");
    refused_with("\"charges\": 24000", "\"charges\": \"many\"",
                 "points[0].ledger[0]: \"charges\" is not an integer");
    refused_with("\"sensitivity\": []",
                 "\"sensitivity\": [{\"point\": 4000000000, \"metric\": "
                 "\"delivered_pps\", \"moved\": 0.5, \"half_width\": 0}]",
                 "sensitivity[0]: \"point\" is out of range");
    refused_with("\"designs\": [\n  \"copying\",\n  \"remapping\"\n ]",
                 "\"designs\": []", "no design");
}

/* Whatever is cut off, the reader says so and does not crash. */
static void
a_cut_file_is_refused_at_any_length(void **state)
{
    size_t len = strlen(good) - 3, step = len / 97;

    (void) state;
    for (size_t cut = 0; cut < len; cut += step) {
        refused(good, cut, "r.json:");
    }
}

/* A wrong byte anywhere may pass as data but never crashes the reader. */
static void
a_wrong_byte_does_not_crash(void **state)
{
    size_t len = strlen(good), step = len / 499;

    (void) state;
    for (size_t at = 0; at < len; at += step) {
        struct vsw_result *result;
        char was = good[at];

        good[at] = '7';
        if (!result_parse(&result, good, len, "r.json", NULL)) {
            vsw_result_free(result);
        }
        good[at] = was;
    }
}

static void
cannot_open(const char *path)
{
    struct vsw_error err = {0};
    struct vsw_result *result;

    assert_true(vsw_result_load(&result, path, &err) < 0);
    assert_null(result);
    assert_int_equal(err.kind, VSW_ERROR_NO_INPUT);
    assert_non_null(strstr(err.text, path));
}

static void
what_is_no_file_cannot_be_opened(void **state)
{
    (void) state;
    cannot_open("/nonexistent/result.json");
    cannot_open("/tmp");
    cannot_open("/dev/zero");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(foreign_files_are_refused),
        cmocka_unit_test(mistakes_are_told_by_place),
        cmocka_unit_test(a_cut_file_is_refused_at_any_length),
        cmocka_unit_test(a_wrong_byte_does_not_crash),
        cmocka_unit_test(what_is_no_file_cannot_be_opened),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
