/* Runs all that the store of published results can be compared with. */
#include "vsw_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include <vswsim/experiment.h>
#include <vswsim/published.h>

static struct vsw_published *published;
static struct vsw_comparison_list *list;
static json_t *expected;

static int
set_up(void **state)
{
    struct vsw_run_options options = {.n_jobs = 2};
    struct vsw_error err = {0};

    (void) state;
    expected = json_load_file(VSW_SOURCE_DIR "/tests/expected-misses.json",
                              JSON_REJECT_DUPLICATES, NULL);
    if (!expected
        || vsw_published_load(&published,
                              VSW_SOURCE_DIR "/configs/published", &err)
        || vsw_published_compare(&list, published, "", vsw_experiment_run,
                                 &options, &err)) {
        fprintf(stderr, "%s\n", err.text);
        return -1;
    }
    vsw_comparison_print(list, stdout);
    return 0;
}

static int
tear_down(void **state)
{
    (void) state;
    vsw_comparison_list_free(list);
    vsw_published_free(published);
    json_decref(expected);
    return 0;
}

/* The entry for 'id' among the expected misses, or NULL. */
static const json_t *
expected_miss(const char *id)
{
    json_t *misses = json_object_get(expected, "misses"), *miss;
    size_t i;

    json_array_foreach(misses, i, miss) {
        if (!strcmp(json_string_value(json_object_get(miss, "id")), id)) {
            return miss;
        }
    }
    return NULL;
}

static const struct vsw_comparison *
find(const char *id)
{
    for (uint32_t i = 0; i < list->n; i++) {
        if (!strcmp(list->items[i].record->id, id)) {
            return &list->items[i];
        }
    }
    return NULL;
}

static void
what_is_compared_holds_unless_it_is_listed(void **state)
{
    uint32_t n_bad = 0;

    (void) state;
    for (uint32_t i = 0; i < list->n; i++) {
        const struct vsw_comparison *item = &list->items[i];

        if (item->verdict == VSW_VERDICT_MISSES
            && !expected_miss(item->record->id)) {
            print_error("%s misses: mend it, or list it in "
                        "tests/expected-misses.json with the reason\n",
                        item->record->id);
            n_bad++;
        }
    }
    assert_int_equal(n_bad, 0);
}

static void
what_is_listed_misses_and_says_why(void **state)
{
    json_t *misses = json_object_get(expected, "misses"), *miss;
    size_t i;

    (void) state;
    assert_true(json_is_array(misses));
    json_array_foreach(misses, i, miss) {
        const char *id = json_string_value(json_object_get(miss, "id"));
        const struct vsw_comparison *item;

        assert_non_null(id);
        item = find(id);
        assert_non_null(item);
        assert_true(json_is_string(json_object_get(miss, "size")));
        assert_true(json_is_string(json_object_get(miss, "reason")));
        if (item->verdict != VSW_VERDICT_MISSES) {
            fail_msg("%s %s: take it off tests/expected-misses.json", id,
                     vsw_verdict_name(item->verdict));
        }
    }
}

static void
no_fewer_records_are_compared(void **state)
{
    json_int_t n = 0, want = json_integer_value(json_object_get(
        expected, "n_compared"));

    (void) state;
    for (uint32_t i = 0; i < list->n; i++) {
        n += list->items[i].verdict != VSW_VERDICT_UNMAPPED;
    }
    assert_true(want > 0);
    if (n < want) {
        fail_msg("%d records are compared, not %d: see what is unmapped",
                 (int) n, (int) want);
    }
}

/* Of the groups of records that the two architectures were built for. */
static void
nine_in_ten_calibration_records_hold(void **state)
{
    static const char *const groups[] = {
        "zcopy.intro.", "zcopy.fig6.", "zcopy.table1.", "zcopy.table2.",
    };
    uint32_t n = 0, n_hold = 0;

    (void) state;
    for (uint32_t i = 0; i < list->n; i++) {
        const struct vsw_comparison *item = &list->items[i];

        for (size_t g = 0; g < VSW_N_ELEMS(groups); g++) {
            if (!strncmp(item->record->id, groups[g], strlen(groups[g]))) {
                n++;
                n_hold += item->verdict == VSW_VERDICT_HOLDS;
            }
        }
    }
    assert_true(n > 0);
    assert_true(n_hold * 10 >= n * 9);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_compared_holds_unless_it_is_listed),
        cmocka_unit_test(what_is_listed_misses_and_says_why),
        cmocka_unit_test(no_fewer_records_are_compared),
        cmocka_unit_test(nine_in_ten_calibration_records_hold),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
