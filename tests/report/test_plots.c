#include "vsw_test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <vswsim/metric.h>
#include <vswsim/report.h>

#include "io/result/result_impl.h"
#include "report/figure.h"
#include "report/gnuplot.h"
#include "synthetic.h"

static struct synthetic_experiment *made;
static struct vsw_result *result;
static char dir[64];

static const char *const files[] = {
    "rate.svg", "rate.png", "cost.svg", "cost.png", "latency.svg",
    "latency.png",
};

static char *
in_dir(const char *name)
{
    static char path[512];

    snprintf(path, sizeof path, "%s/%s", dir, name);
    return path;
}

static int
set_up(void **state)
{
    (void) state;
    strcpy(dir, "/tmp/vswsim-test-XXXXXX");
    made = synthetic_experiment_new();
    return mkdtemp(dir)
           ? result_summarise(&result, &made->result, SYNTHETIC_CONFIG, NULL)
           : -1;
}

static int
tear_down(void **state)
{
    (void) state;
    for (size_t i = 0; i < VSW_N_ELEMS(files); i++) {
        unlink(in_dir(files[i]));
    }
    vsw_result_free(result);
    free(made);
    return rmdir(dir);
}

/* The bytes of 'name', with a NUL behind them, to free. */
static char *
slurp(const char *name, size_t *len)
{
    FILE *file = fopen(in_dir(name), "r");
    char *bytes = calloc(1, 1 << 20);

    assert_non_null(file);
    assert_non_null(bytes);
    *len = fread(bytes, 1, (1 << 20) - 1, file);
    fclose(file);
    return bytes;
}

static void
draw(const struct vsw_report_mark *marks, uint32_t n_marks)
{
    struct vsw_error err = {0};

    if (vsw_report_plots(result, marks, n_marks, dir, &err)) {
        fail_msg("%s", err.text);
    }
}

static void
every_plot_becomes_svg_and_png(void **state)
{
    (void) state;
    draw(NULL, 0);
    for (size_t i = 0; i < VSW_N_ELEMS(files); i++) {
        size_t len;
        char *bytes = slurp(files[i], &len);

        if (strstr(files[i], ".png")) {
            assert_memory_equal(bytes, "\x89PNG", 4);
        } else {
            assert_non_null(strstr(bytes, "<svg"));
            assert_non_null(strstr(bytes, "</svg>"));
        }
        free(bytes);
    }
}

static void
figures_name_what_they_show(void **state)
{
    size_t len;
    char *svg;

    (void) state;
    draw(NULL, 0);
    svg = slurp("rate.svg", &len);
    assert_non_null(strstr(svg, "Rate by frame size"));
    assert_non_null(strstr(svg, "packets delivered (Mpps)"));
    assert_non_null(strstr(svg, "frame_bytes"));
    assert_non_null(strstr(svg, "remapping"));
    assert_non_null(strstr(svg, ">1514<"));
    free(svg);
    svg = slurp("cost.svg", &len);
    assert_non_null(strstr(svg, "vring_avail"));
    assert_non_null(strstr(svg, "TSC cycles/packet"));
    free(svg);
}

static void
equal_results_give_equal_bytes(void **state)
{
    size_t len, len_again;
    char *first, *again;

    (void) state;
    draw(NULL, 0);
    first = slurp("rate.svg", &len);
    setenv("GNUTERM", "dumb", 1);
    setenv("TZ", "Asia/Tokyo", 1);
    draw(NULL, 0);
    again = slurp("rate.svg", &len_again);
    assert_int_equal(len, len_again);
    assert_memory_equal(first, again, len);
    free(first);
    free(again);
}

static void
published_values_are_marked(void **state)
{
    static const struct vsw_report_mark marks[] = {
        {"traffic.frame_bytes", "delivered_pps", 64, 8.1e6, "a paper"},
        {"traffic.frame_bytes", "delivered_pps", 1514, 4.1e6, "a paper"},
        {"traffic.frame_bytes", "loss_ratio", 64, 0.5, "another metric"},
    };
    size_t len;
    char *svg;

    (void) state;
    draw(marks, 3);
    svg = slurp("rate.svg", &len);
    assert_non_null(strstr(svg, "a paper"));
    assert_null(strstr(svg, "another metric"));
    free(svg);
}

static void
bars_are_marked_at_their_design(void **state)
{
    static const struct vsw_report_mark marks[] = {
        {"design", "delivered_pps", 1, 8.1e6, "a paper"},
        {"design", "delivered_pps", 7, 8.1e6, "no design"},
    };
    struct vsw_result_plot before = result->plots[0];
    size_t len;
    char *svg;

    (void) state;
    result->plots[0].kind = "bars";
    result->plots[0].x = "design";
    draw(marks, 2);
    svg = slurp("rate.svg", &len);
    assert_non_null(strstr(svg, "a paper"));
    assert_null(strstr(svg, "no design"));
    free(svg);
    result->plots[0] = before;
}

/* A stack of ten accounts, the first of them largest. */
static void
small_pieces_of_a_stack_are_one(void **state)
{
    enum { N = 10 };
    static char *metrics[N];
    struct vsw_result_value values[N + 1];
    struct vsw_result_point points[64];
    struct vsw_result_point *before = result->points;
    const char *y = NULL;
    size_t len;
    char *svg;

    (void) state;
    for (uint32_t i = 0; i < result->n_plots; i++) {
        y = !strcmp(result->plots[i].kind, "stack") ? result->plots[i].y : y;
    }
    assert_non_null(y);
    memset(values, 0, sizeof values);
    for (uint32_t i = 0; i < N; i++) {
        metrics[i] = vsw_metric_narrow(y, vsw_metric_account_at(i));
        values[i] = (struct vsw_result_value) {
            .metric = metrics[i], .value = 100 - i, .interval = "single"};
    }
    values[N] = (struct vsw_result_value) {
        .metric = y, .value = 955, .interval = "single"};
    memcpy(points, before, result->n_points * sizeof *points);
    for (uint32_t i = 0; i < result->n_points; i++) {
        points[i].values = values;
        points[i].n_values = N + 1;
    }
    result->points = points;
    for (uint32_t i = 0; i < result->n_plots; i++) {
        struct figure f;
        struct vsw_error err = {0};

        if (strcmp(result->plots[i].kind, "stack")) {
            continue;
        }
        assert_int_equal(figure_init(&f, result, &result->plots[i], &err),
                         0);
        svg = figure_svg_script(&f, &len);
        assert_non_null(strstr(svg, "'other'"));
        assert_non_null(strstr(svg, vsw_metric_account_at(0)));
        assert_null(strstr(svg, vsw_metric_account_at(N - 1)));
        free(svg);
    }
    result->points = before;
    for (uint32_t i = 0; i < N; i++) {
        free(metrics[i]);
    }
}

static void
a_long_title_of_an_axis_takes_two_lines(void **state)
{
    static const char y[] = "busiest(role=switch)";
    struct vsw_error err = {0};
    struct figure f;
    size_t len;
    char *script;

    (void) state;
    for (uint32_t i = 0; i < result->n_points; i++) {
        struct vsw_result_value *v = (struct vsw_result_value *)
            vsw_result_value(&result->points[i], "delivered_pps");

        v->metric = y;
    }
    result->plots[0].y = y;
    assert_int_equal(figure_init(&f, result, &result->plots[0], &err), 0);
    script = figure_svg_script(&f, &len);
    assert_non_null(strstr(script,
        "set ylabel 'part of its time that the unit spends on the'.\"\\n\"."
        "'lines which spends most on them, role=switch'\n"));
    free(script);
}

/* Titles come from configs: nothing in them may run as a command. */
static void
texts_are_only_texts(void **state)
{
    struct vsw_error err = {0};
    size_t len;
    char *svg, text[128];

    (void) state;
    snprintf(text, sizeof text, "it's `touch %s/bad` $HOME @x %%d \n_{s}",
             dir);
    result->plots[0].title = text;
    result->designs[0] = "'; system 'false";
    assert_int_equal(vsw_report_plots(result, NULL, 0, dir, &err), 0);
    assert_int_equal(access(in_dir("bad"), F_OK), -1);
    svg = slurp("rate.svg", &len);
    assert_non_null(strstr(svg, "it\u2019s `touch"));
    assert_non_null(strstr(svg, "_{s}"));
    free(svg);
}

static void
refused(const char *x, const char *y, const char *why)
{
    struct vsw_error err = {0};

    result->plots[0].x = x;
    result->plots[0].y = y;
    assert_int_equal(vsw_report_plots(result, NULL, 0, dir, &err), -EINVAL);
    assert_int_equal(err.kind, VSW_ERROR_USAGE);
    assert_non_null(strstr(err.text, why));
}

static void
a_plot_of_what_is_not_there_is_refused(void **state)
{
    (void) state;
    refused("guests.n", "delivered_pps", "neither an axis");
    refused("design", "delivered", "no metric \"delivered\"");
    refused("design", "counter(copies)", "no metric \"counter(copies)\"");
}

static void
a_missing_gnuplot_is_named(void **state)
{
    struct vsw_error err = {0};
    char *output;
    size_t len;

    (void) state;
    assert_true(gnuplot_run_program("no-such-gnuplot", "", 0, &output, &len,
                                    &err) < 0);
    assert_int_equal(err.kind, VSW_ERROR_UNAVAILABLE);
    assert_non_null(strstr(err.text, "gnuplot-nox"));
    assert_null(output);
}

static void
a_failing_gnuplot_is_quoted(void **state)
{
    struct vsw_error err = {0};
    const char script[] = "nonsense\n";
    char *output;
    size_t len;

    (void) state;
    assert_true(gnuplot_run(script, sizeof script - 1, &output, &len, &err)
                < 0);
    assert_int_equal(err.kind, VSW_ERROR_INTERNAL);
    assert_non_null(strstr(err.text, "invalid command"));
}

/* Each point is found again from its cluster and series. */
static void
points_have_one_place_in_a_figure(void **state)
{
    struct figure f;
    bool seen[SYNTHETIC_N_POINTS] = {false};

    (void) state;
    for (uint32_t plot = 0; plot < result->n_plots; plot += 2) {
        memset(seen, 0, sizeof seen);
        assert_int_equal(figure_init(&f, result, &result->plots[plot], NULL),
                         0);
        for (uint32_t c = 0; c < f.n_clusters; c++) {
            for (uint32_t s = 0; s < f.n_series; s++) {
                const struct vsw_result_point *p = figure_point(&f, c, s);

                assert_false(seen[p - result->points]);
                seen[p - result->points] = true;
                assert_int_equal(plot == 0 ? p->axis_values[0] : p->design,
                                 c);
            }
        }
        assert_int_equal(f.n_clusters * f.n_series, SYNTHETIC_N_POINTS);
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_plot_becomes_svg_and_png),
        TEST(figures_name_what_they_show),
        TEST(equal_results_give_equal_bytes),
        TEST(published_values_are_marked),
        TEST(bars_are_marked_at_their_design),
        TEST(small_pieces_of_a_stack_are_one),
        TEST(a_long_title_of_an_axis_takes_two_lines),
        TEST(texts_are_only_texts),
        TEST(a_plot_of_what_is_not_there_is_refused),
        TEST(a_missing_gnuplot_is_named),
        TEST(a_failing_gnuplot_is_quoted),
        TEST(points_have_one_place_in_a_figure),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
