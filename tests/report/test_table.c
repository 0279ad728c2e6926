#include "vsw_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vswsim/report.h>

#include "io/result/result_impl.h"
#include "synthetic.h"

static struct synthetic_experiment *made;
static struct vsw_result *result;

static int
set_up(void **state)
{
    (void) state;
    made = synthetic_experiment_new();
    return result_summarise(&result, &made->result, SYNTHETIC_CONFIG, NULL);
}

static int
tear_down(void **state)
{
    (void) state;
    vsw_result_free(result);
    free(made);
    return 0;
}

static char *
table_text(const struct vsw_result *of, uint32_t width, bool color)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    assert_non_null(out);
    vsw_report_table(out, of, width, color);
    assert_int_equal(fclose(out), 0);
    return text;
}

static void
designs_stand_side_by_side(void **state)
{
    char *text = table_text(result, 80, false);

    (void) state;
    assert_non_null(strstr(text,
        "delivered_pps, Mpps (packets delivered; higher is better)\n"
        "  frame_bytes  copying             remapping\n"
        "           64  8.000 =             3.000 = x0.38\n"
        "          512  6.220 \u00b10.050        2.920 \u00b10.050 x0.47\n"));
    assert_non_null(strstr(text,
        "x: ratio to copying, with the interval of the paired difference\n"));
    assert_non_null(strstr(text, "=: deterministic"));
    assert_non_null(strstr(text, "warning: made up, not simulated\n"));
    assert_null(strstr(text, "\033"));
    free(text);
}

/* Differences of 0.1, -0.12 and 0.02 Mpps: 4.302653 * 0.11136 / sqrt(3) of
 * 6.22; then of 0.1, 0.12 and 0.11, whose mean is far from 0. */
static void
ratios_have_the_interval_of_the_paired_difference(void **state)
{
    static const double each[2][3] = {{6.3e6, 6.1e6, 6.26e6},
                                      {6.3e6, 6.34e6, 6.35e6}};
    static const char *const expected[] = {"x1.00\u00b10.04~\n",
                                           "x1.02\n"};
    const struct vsw_result_point *point =
        &result->points[SYNTHETIC_N_SIZES + 1];

    (void) state;
    for (int i = 0; i < 2; i++) {
        struct vsw_result_value *v = (struct vsw_result_value *)
            vsw_result_value(point, "delivered_pps");
        char *text, *line;

        memcpy(v->each, each[i], sizeof each[i]);
        v->value = vsw_stats_mean(each[i], 3);
        text = table_text(result, 80, false);
        line = strstr(text, "\n          512  6.220");
        assert_non_null(line);
        line = strstr(line, " x");
        assert_non_null(line);
        assert_memory_equal(line + 1, expected[i], strlen(expected[i]));
        assert_int_equal(strstr(text, "~: the paired") != NULL, i == 0);
        free(text);
    }
}

static size_t
longest_line(char *text)
{
    size_t longest = 0;

    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        size_t n = 0;

        for (const char *p = line; *p; p++) {
            n += ((unsigned char) *p & 0xc0) != 0x80;
        }
        longest = n > longest ? n : longest;
    }
    return longest;
}

static void
lines_fit_the_width(void **state)
{
    char *wide = table_text(result, 80, false);
    char *narrow = table_text(result, 40, false);

    (void) state;
    assert_true(longest_line(wide) <= 80);
    /* Too narrow for both designs: the second follows below. */
    assert_non_null(strstr(narrow,
        "         4096  2.620 \u00b10.050\n  frame_bytes  remapping\n"));
    free(wide);
    free(narrow);
}

static void
color_is_for_terminals(void **state)
{
    char *text = table_text(result, 80, true);

    (void) state;
    assert_non_null(strstr(text, "\033[1mTwo designs\033[0m"));
    free(text);
}

static void
a_stopped_run_says_so(void **state)
{
    struct vsw_result *part;
    char *text;

    (void) state;
    made->result.complete = false;
    for (uint32_t i = 1; i < SYNTHETIC_N_POINTS * 3; i++) {
        made->outcomes[i] = NULL;
    }
    assert_int_equal(result_summarise(&part, &made->result, SYNTHETIC_CONFIG,
                                      NULL), 0);
    text = table_text(part, 80, false);
    assert_non_null(strstr(text, "           64  8.000      -\n"));
    assert_non_null(strstr(text, "          512  -          -\n"));
    assert_non_null(strstr(text, "incomplete: the run was stopped"));
    assert_non_null(strstr(text, "no interval: one replication"));
    vsw_result_free(part);
    free(text);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(designs_stand_side_by_side),
        TEST(ratios_have_the_interval_of_the_paired_difference),
        TEST(lines_fit_the_width),
        TEST(color_is_for_terminals),
        TEST(a_stopped_run_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
