/* Runs all that the store of published results can be compared with. */
#include "vsw_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vswsim/experiment.h>
#include <vswsim/published.h>

static struct vsw_published *published;
static struct vsw_comparison_list *list;

static int
set_up(void **state)
{
    struct vsw_compare_options options = {
        .quick = true,
        .run = vsw_experiment_run,
        .run_options.n_jobs = 2,
    };
    struct vsw_error err = {0};

    (void) state;
    if (vsw_published_load(&published, VSW_SOURCE_DIR "/configs/published",
                           NULL, &err)
        || vsw_published_compare(&list, published, &options, &err)) {
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
    return 0;
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

        if (item->verdict == VSW_VERDICT_MISSES && !item->expected
            && !item->uncertain) {
            print_error("%s misses: mend it, or list it in configs/published/"
                        "expected-misses.json with the reason\n",
                        item->record->id);
            n_bad++;
        }
    }
    assert_int_equal(n_bad, 0);
}

/* One that holds should be taken off the list; it may be that only this quick
 * run holds, so that is said and no failure. */
static void
what_is_listed_exists_and_says_why(void **state)
{
    (void) state;
    for (uint32_t i = 0; i < published->n_misses; i++) {
        const struct vsw_published_miss *miss = &published->misses[i];
        const struct vsw_comparison *item = find(miss->id);

        assert_non_null(item);
        assert_true(miss->size[0] && miss->reason[0]);
        if (item->verdict == VSW_VERDICT_HOLDS) {
            print_message("%s holds: take it off configs/published/"
                          "expected-misses.json if a full run agrees\n",
                          miss->id);
        }
    }
}

static void
no_fewer_records_are_compared(void **state)
{
    uint32_t n = 0;

    (void) state;
    for (uint32_t i = 0; i < list->n; i++) {
        n += list->items[i].verdict != VSW_VERDICT_UNMAPPED;
    }
    assert_true(published->n_compared > 0);
    if (n < published->n_compared) {
        fail_msg("%u records are compared, not %u: see what is unmapped",
                 (unsigned int) n, (unsigned int) published->n_compared);
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
        cmocka_unit_test(what_is_listed_exists_and_says_why),
        cmocka_unit_test(no_fewer_records_are_compared),
        cmocka_unit_test(nine_in_ten_calibration_records_hold),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
