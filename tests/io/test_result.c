#include "vsw_test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include <vswsim/result.h>

#include "io/result/result_impl.h"
#include "synthetic.h"

static struct synthetic_experiment *made;
static struct vsw_result *result;

static int
set_up(void **state)
{
    struct vsw_error err = {0};

    (void) state;
    made = synthetic_experiment_new();
    if (result_summarise(&result, &made->result, SYNTHETIC_CONFIG, &err)) {
        fprintf(stderr, "%s\n", err.text);
        return -1;
    }
    return 0;
}

static int
tear_down(void **state)
{
    (void) state;
    vsw_result_free(result);
    free(made);
    return 0;
}

/* Compares with a file in tests/golden, or writes it when the variable
 * VSW_UPDATE_GOLDEN is set. */
static void
matches_golden(const char *text, const char *name)
{
    char path[512], *golden;
    FILE *file;
    size_t len = strlen(text);

    snprintf(path, sizeof path, "%s/tests/golden/%s", VSW_SOURCE_DIR, name);
    if (getenv("VSW_UPDATE_GOLDEN")) {
        file = fopen(path, "w");
        assert_non_null(file);
        assert_int_equal(fwrite(text, 1, len, file), len);
        fclose(file);
    }
    file = fopen(path, "r");
    assert_non_null(file);
    golden = calloc(1, len + 2);
    assert_non_null(golden);
    assert_int_equal(fread(golden, 1, len + 1, file), len);
    fclose(file);
    assert_string_equal(text, golden);
    free(golden);
}

static void
json_has_the_same_bytes_everywhere(void **state)
{
    char *text = vsw_result_json(result);

    (void) state;
    matches_golden(text, "synthetic-result.json");
    free(text);
}

static void
csv_has_the_same_bytes_everywhere(void **state)
{
    char *text = vsw_result_csv(result);

    (void) state;
    matches_golden(text, "synthetic-summary.csv");
    free(text);
}

static void
a_result_survives_saving_and_loading(void **state)
{
    char *text = vsw_result_json(result), *again;
    struct vsw_result *loaded;

    (void) state;
    assert_int_equal(result_parse(&loaded, text, strlen(text), "x", NULL), 0);
    again = vsw_result_json(loaded);
    assert_string_equal(text, again);
    vsw_result_free(loaded);
    free(again);
    free(text);
}

static void
means_have_student_intervals(void **state)
{
    /* 6200, 6220, 6240 packets in a millisecond: s = 20, n = 3. */
    const struct vsw_result_value *rate =
        vsw_result_value(&result->points[1], "delivered_pps");

    (void) state;
    assert_true(fabs(rate->value - 6.22e6) < 1);
    assert_true(fabs(rate->half_width - 4.302653 * 20e3 / sqrt(3)) < 1);
    assert_string_equal(rate->interval, "student");
    assert_int_equal(rate->n, 3);
}

static void
equal_replications_are_called_deterministic(void **state)
{
    const struct vsw_result_value *rate =
        vsw_result_value(&result->points[0], "delivered_pps");

    (void) state;
    assert_string_equal(rate->interval, "deterministic");
    assert_true(rate->half_width == 0);
}

#define N_PARTS 40

static const struct vsw_result_value *
first_rate(struct vsw_result **other)
{
    assert_int_equal(result_summarise(other, &made->result,
                                      SYNTHETIC_CONFIG, NULL), 0);
    return vsw_result_value(&(*other)->points[0], "delivered_pps");
}

/* The second of three replications is the only one that was finished; its
 * rates are those of the window, its spread that of its parts. */
static void
one_replication_has_the_interval_of_its_batches(void **state)
{
    struct vsw_outcome *first = made->outcomes[0], *last = made->outcomes[2];
    enum vsw_pacing *pacing = &made->points[0].config.traffic.pacing;
    struct vsw_outcome_part parts[N_PARTS] = {0};
    const struct vsw_result_value *rate;
    struct vsw_result *other;
    double counts[N_PARTS];
    struct vsw_interval i;

    (void) state;
    for (uint32_t n = 0; n < N_PARTS; n++) {
        parts[n].delivered.n_pkts = 100 + n * 37 % 11;
        counts[n] = 100 + n * 37 % 11;
    }
    parts[0].delivered.n_pkts = 1000000;
    made->outcomes[0] = made->outcomes[2] = NULL;
    made->outcomes[1]->parts = parts;
    made->outcomes[1]->n_parts = N_PARTS;
    made->outcomes[1]->part_ps = 1000000000;
    made->outcomes[1]->first_part = 1;
    i = vsw_stats_batches(counts + 1, NULL, N_PARTS - 1, VSW_CONFIDENCE_95);
    rate = first_rate(&other);
    assert_string_equal(rate->interval, "batches");
    assert_true(fabs(rate->half_width / rate->value - i.half_width / i.mean)
                < 1e-9);
    assert_int_equal(rate->n, 1);
    rate = vsw_result_value(&other->points[0], "latency_max_ns");
    assert_string_equal(rate->interval, "single");
    vsw_result_free(other);

    *pacing = VSW_PACING_RECORDED;
    rate = first_rate(&other);
    assert_string_equal(rate->interval, "single");
    vsw_result_free(other);
    *pacing = VSW_PACING_SATURATE;
    made->outcomes[0] = first;
    made->outcomes[2] = last;
    made->outcomes[1]->parts = NULL;
    made->outcomes[1]->n_parts = 0;
}

static void
quantiles_are_those_of_all_replications(void **state)
{
    const struct vsw_result_value *max;
    struct vsw_result *other;

    (void) state;
    vsw_histogram_add(made->outcomes[1]->latency_ps, 5000000);
    assert_int_equal(result_summarise(&other, &made->result,
                                      SYNTHETIC_CONFIG, NULL), 0);
    max = vsw_result_value(&other->points[0], "latency_max_ns");
    assert_true(max->value == 5000);
    assert_string_equal(max->interval, "student");
    vsw_result_free(other);
}

/* What the text of the result says of the counter "copies". */
static uint64_t
copies_of(bool is_level)
{
    struct vsw_result *other;
    const char *at;
    uint64_t value;
    char *text;

    made->outcomes[1]->counters[0].is_level = is_level;
    made->outcomes[0]->counters[0].is_level = is_level;
    assert_int_equal(result_summarise(&other, &made->result,
                                      SYNTHETIC_CONFIG, NULL), 0);
    text = vsw_result_json(other);
    at = strstr(text, "\"copies\"");
    assert_non_null(at);
    at = strstr(at, "\"value\": ");
    assert_non_null(at);
    value = strtoull(at + strlen("\"value\": "), NULL, 10);
    free(text);
    vsw_result_free(other);
    return value;
}

static void
counts_add_up_and_levels_do_not(void **state)
{
    uint64_t sum = 0, n = 0;

    (void) state;
    for (uint32_t i = 0; i < 3; i++) {
        if (made->outcomes[i]) {
            sum += made->outcomes[i]->counters[0].value;
            n++;
        }
    }
    assert_true(n > 1);
    assert_int_equal(copies_of(false), sum);
    assert_int_equal(copies_of(true), (sum + n / 2) / n);
    copies_of(false);
}

static void
the_ledger_adds_up_over_replications(void **state)
{
    const struct vsw_result_point *point = &result->points[0];
    uint64_t busy_ps = 0;

    (void) state;
    assert_int_equal(point->n_ledger, SYNTHETIC_N_CHARGES);
    for (uint32_t i = 0; i < point->n_ledger; i++) {
        if (!strcmp(point->ledger[i].unit, "cpu0")) {
            busy_ps += point->ledger[i].busy_ps;
        }
    }
    assert_int_equal(busy_ps, UINT64_C(3000000000));
    assert_string_equal(point->ledger[1].account, "copy");
    assert_true(fabs(point->ledger[1].cycles_per_pkt - 22 * 2.5) < 1e-9);
}

static void
stacks_bring_their_pieces(void **state)
{
    const struct vsw_result_value *piece = vsw_result_value(
        &result->points[0], "cost_cycles(role=switch,account=copy)");

    (void) state;
    assert_non_null(piece);
    assert_true(fabs(piece->value - 44 * 2.5) < 1e-9);
    assert_null(vsw_result_value(&result->points[0],
                                 "cost_cycles(role=switch,account=poll)"));
}

static void
parameters_are_listed_as_people_write_them(void **state)
{
    const struct vsw_result_point *point = &result->points[0];

    (void) state;
    assert_int_equal(point->n_params, 3);
    assert_string_equal(point->params[0].text, "32");
    assert_string_equal(point->params[1].text, "true");
    assert_string_equal(point->params[2].text, "copy");
}

/* Lists of batches end at the largest size that was seen. */
static void
batches_of_any_size_are_added_up(void **state)
{
    struct vsw_result *other;
    char *text;

    (void) state;
    made->made[0].batches[0].n_counts = 3;
    made->made[0].receive_counts[4] = 0;
    assert_int_equal(result_summarise(&other, &made->result,
                                      SYNTHETIC_CONFIG, NULL), 0);
    text = vsw_result_json(other);
    assert_non_null(strstr(text, "\"2\": 90,\n     \"4\": 20\n"));
    free(text);
    vsw_result_free(other);
}

/* Ctrl-C: some points have fewer replications and some none. */
static void
a_cancelled_run_gives_a_valid_result(void **state)
{
    struct vsw_result *part;
    char *text;

    (void) state;
    made->result.complete = false;
    for (uint32_t i = 4; i < SYNTHETIC_N_POINTS * 3; i++) {
        made->outcomes[i] = NULL;
    }
    assert_int_equal(result_summarise(&part, &made->result, SYNTHETIC_CONFIG,
                                      NULL), 0);
    assert_false(part->complete);
    assert_int_equal(part->points[0].n_replications, 3);
    assert_int_equal(part->points[1].n_replications, 1);
    assert_string_equal(part->points[1].values[0].interval, "single");
    assert_int_equal(part->points[2].n_replications, 0);
    assert_true(!isfinite(part->points[2].values[0].value));
    text = vsw_result_csv(part);
    assert_non_null(strstr(text, "copying,1514,0,,,none"));
    free(text);
    vsw_result_free(part);
}

static void
a_result_is_written_to_a_directory(void **state)
{
    char dir[] = "/tmp/vswsim-test-XXXXXX", path[128];
    struct vsw_result *loaded;

    (void) state;
    assert_non_null(mkdtemp(dir));
    assert_int_equal(vsw_result_write(result, dir, NULL), 0);
    snprintf(path, sizeof path, "%s/result.json", dir);
    assert_int_equal(vsw_result_load(&loaded, path, NULL), 0);
    assert_string_equal(loaded->title, "Two designs");
    vsw_result_free(loaded);
    assert_int_equal(unlink(path), 0);
    snprintf(path, sizeof path, "%s/summary.csv", dir);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(dir), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(json_has_the_same_bytes_everywhere),
        TEST(csv_has_the_same_bytes_everywhere),
        TEST(a_result_survives_saving_and_loading),
        TEST(means_have_student_intervals),
        TEST(equal_replications_are_called_deterministic),
        TEST(one_replication_has_the_interval_of_its_batches),
        TEST(quantiles_are_those_of_all_replications),
        TEST(counts_add_up_and_levels_do_not),
        TEST(the_ledger_adds_up_over_replications),
        TEST(stacks_bring_their_pieces),
        TEST(parameters_are_listed_as_people_write_them),
        TEST(batches_of_any_size_are_added_up),
        TEST(a_cancelled_run_gives_a_valid_result),
        TEST(a_result_is_written_to_a_directory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
