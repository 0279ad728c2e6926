#include <vswsim/uncertainty.h>

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <vswsim/metric.h>
#include <vswsim/stats.h>

#include "report/scale.h"
#include "report/uncertainty_impl.h"

/* Points of the plan that runs several samples at once: their outcomes are in
 * memory together. */
#define CHUNK_POINTS 256

struct study {
    struct vsw_uncertainty *out;
    const struct vsw_experiment_result *nominal;
    struct hypercube cube;
    vsw_uncertainty_run_fn run;
    const struct vsw_run_options *options;
    double *values;             /* [point * n_samples + sample] */
};

static const char *
headline(const struct vsw_plan *plan)
{
    for (uint32_t i = 0; i < plan->n_plots; i++) {
        const struct vsw_metric *m = vsw_metric_find(plan->plots[i].y);

        if (m && m->better != VSW_BETTER_NEITHER
            && strcmp(plan->plots[i].kind, "stack")) {
            return plan->plots[i].y;
        }
    }
    return "delivered_pps";
}

static uint32_t
machine_index(const struct study *s, const struct vsw_machine *machine)
{
    uint32_t i = 0;

    while (s->cube.machines[i] != machine) {
        i++;
    }
    return i;
}

/* Points 'points' of a plan that has the nominal ones once for each of the
 * samples 'from' to 'to', with the machines of these. */
static void
fill_points(const struct study *s, struct vsw_point *points, uint32_t from,
            uint32_t to, struct vsw_machine *const *machines)
{
    const struct vsw_plan *plan = s->nominal->plan;

    for (uint32_t sample = from; sample < to; sample++) {
        for (uint32_t i = 0; i < plan->n_points; i++) {
            struct vsw_point *point = points++;

            *point = plan->points[i];
            point->config.run.replications = 1;
            point->config.machine =
                machines[(sample - from) * s->cube.n_machines
                         + machine_index(s, plan->points[i].config.machine)];
        }
    }
}

static int
run_points(struct study *s, struct vsw_point *points, uint32_t from,
           uint32_t to, struct vsw_error *err)
{
    struct vsw_plan plan = *s->nominal->plan;
    uint32_t n = plan.n_points;
    struct vsw_experiment_result *result;
    int rc;

    plan.points = points;
    plan.n_points = n * (to - from);
    rc = s->run(&result, &plan, s->options, err);
    for (uint32_t i = 0; i < plan.n_points && !rc; i++) {
        s->values[(size_t) (i % n) * s->out->n_samples + from + i / n] =
            vsw_metric_value(result->outcomes[i], s->out->metric);
    }
    vsw_experiment_result_free(result);
    return rc;
}

static int
run_chunk(struct study *s, uint32_t from, uint32_t to, struct vsw_error *err)
{
    uint32_t n_machines = (to - from) * s->cube.n_machines;
    struct vsw_machine **machines = calloc(n_machines, sizeof *machines);
    struct vsw_point *points =
        calloc((size_t) (to - from) * s->nominal->plan->n_points,
               sizeof *points);
    bool ok = machines && points;
    int rc;

    for (uint32_t i = 0; i < n_machines && ok; i++) {
        machines[i] = hypercube_machine(
            &s->cube, s->cube.machines[i % s->cube.n_machines],
            from + i / s->cube.n_machines);
        ok = machines[i] != NULL;
    }
    if (ok) {
        fill_points(s, points, from, to, machines);
    }
    rc = ok ? run_points(s, points, from, to, err)
         : vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM, "out of memory");
    for (uint32_t i = 0; machines && i < n_machines; i++) {
        hypercube_free_machine(machines[i]);
    }
    free(machines);
    free(points);
    return rc;
}

static int
run_all(struct study *s, struct vsw_error *err)
{
    uint32_t step = CHUNK_POINTS / s->nominal->plan->n_points;
    int rc = 0;

    step = step > 0 ? step : 1;
    for (uint32_t from = 0; from < s->out->n_samples && !rc; from += step) {
        uint32_t to = from + step;

        rc = run_chunk(s, from, to < s->out->n_samples ? to
                                : s->out->n_samples, err);
    }
    return rc;
}

static int
ascending(const void *a, const void *b)
{
    double x = *(const double *) a, y = *(const double *) b;

    return (x > y) - (x < y);
}

static void
find_band(const struct study *s, uint32_t i, double *scratch)
{
    struct vsw_uncertainty_point *point = &s->out->points[i];
    uint32_t n = s->out->n_samples, r = s->nominal->n_replications;
    uint32_t cut = n / 20;
    struct vsw_interval interval;

    for (uint32_t k = 0; k < r; k++) {
        scratch[k] = vsw_metric_value(s->nominal->outcomes[i * r + k],
                                      s->out->metric);
    }
    interval = vsw_stats_interval(scratch, r, VSW_CONFIDENCE_95);
    point->value = interval.mean;
    point->half_width = interval.half_width;
    memcpy(scratch, s->values + (size_t) i * n, n * sizeof *scratch);
    qsort(scratch, n, sizeof *scratch, ascending);
    point->low = scratch[cut];
    point->median = scratch[n / 2];
    point->high = scratch[n - 1 - cut];
}

static void
keep_strongest(struct vsw_uncertainty_cost *top, const char *cost,
               double correlation)
{
    uint32_t i = VSW_UNCERTAINTY_TOP;

    while (i > 0 && (!top[i - 1].cost
                     || fabs(top[i - 1].correlation) < fabs(correlation))) {
        i--;
    }
    if (i < VSW_UNCERTAINTY_TOP) {
        memmove(&top[i + 1], &top[i],
                (VSW_UNCERTAINTY_TOP - 1 - i) * sizeof *top);
        top[i].cost = cost;
        top[i].correlation = correlation;
    }
}

/* Correlations of unused costs are about 1 / sqrt(n - 1); three times that is
 * more than chance shows among some hundred costs. */
static bool
is_telling(double correlation, uint32_t n_samples)
{
    return correlation * correlation * (n_samples - 1) >= 9;
}

/* Mean over the points of 'design' of the correlation with 'cost'. */
static double
correlation_of(const struct study *s, uint32_t design, uint32_t cost,
               double *scratch)
{
    const struct vsw_plan *plan = s->nominal->plan;
    uint32_t n = s->out->n_samples, n_points = 0;
    double sum = 0;

    for (uint32_t i = 0; i < plan->n_points; i++) {
        if (plan->points[i].design == design) {
            sum += rank_correlation(s->cube.quantiles + (size_t) cost * n,
                                    s->values + (size_t) i * n, n, scratch);
            n_points++;
        }
    }
    return n_points > 0 ? sum / n_points : 0;
}

/* Which design is best by 'value(design)' at 'row'. */
static uint32_t
winner(const struct study *s, uint32_t row, uint32_t n_rows, uint32_t sample,
       bool nominal)
{
    const struct vsw_metric *metric = vsw_metric_find(s->out->metric);
    bool low = metric->better == VSW_BETTER_LOWER;
    uint32_t best = 0;
    double best_value = 0;

    for (uint32_t d = 0; d < s->nominal->plan->n_designs; d++) {
        uint32_t i = d * n_rows + row;
        double value = nominal ? s->out->points[i].value
                       : s->values[(size_t) i * s->out->n_samples + sample];

        if (d == 0 || (low ? value < best_value : value > best_value)) {
            best = d;
            best_value = value;
        }
    }
    return best;
}

static void
find_flips(const struct study *s)
{
    const struct vsw_plan *plan = s->nominal->plan;
    uint32_t n_rows = plan->n_points / plan->n_designs;

    for (uint32_t row = 0; row < n_rows; row++) {
        uint32_t first = winner(s, row, n_rows, 0, true), n = 0;

        for (uint32_t k = 0; k < s->out->n_samples; k++) {
            n += winner(s, row, n_rows, k, false) != first;
        }
        s->out->winners[row] = first;
        s->out->flips[row] = (double) n / s->out->n_samples;
    }
}

static void
summarise(const struct study *s, double *scratch)
{
    const struct vsw_plan *plan = s->nominal->plan;

    for (uint32_t i = 0; i < plan->n_points; i++) {
        find_band(s, i, scratch);
    }
    for (uint32_t d = 0; d < plan->n_designs; d++) {
        for (uint32_t k = 0; k < s->cube.n_costs; k++) {
            double correlation = correlation_of(s, d, k, scratch);

            if (is_telling(correlation, s->out->n_samples)) {
                keep_strongest(s->out->top[d], s->cube.names[k],
                               correlation);
            }
        }
    }
    find_flips(s);
}

static int
make(struct study *s, struct vsw_error *err)
{
    const struct vsw_plan *plan = s->nominal->plan;
    struct vsw_uncertainty *u = s->out;
    uint32_t n_scratch = 2 * u->n_samples + s->nominal->n_replications;
    double *scratch = calloc(n_scratch, sizeof *scratch);
    int rc = -ENOMEM;

    u->points = calloc(plan->n_points + 1, sizeof *u->points);
    u->top = calloc(plan->n_designs + 1, sizeof *u->top);
    u->flips = calloc(plan->n_points + 1, sizeof *u->flips);
    s->values = calloc((size_t) plan->n_points * u->n_samples + 1,
                       sizeof *s->values);
    u->winners = calloc(plan->n_points + 1, sizeof *u->winners);
    if (scratch && u->points && u->top && u->flips && u->winners
        && s->values) {
        rc = hypercube_init(&s->cube, plan, u->n_samples);
    }
    if (rc) {
        vsw_error_set(err, VSW_ERROR_INTERNAL, rc, "out of memory");
    } else {
        u->n_costs = s->cube.n_costs;
        rc = run_all(s, err);
    }
    if (!rc) {
        summarise(s, scratch);
    }
    hypercube_fini(&s->cube);
    free(s->values);
    free(scratch);
    return rc;
}

int
vsw_uncertainty_new(struct vsw_uncertainty **uncertainty,
                    const struct vsw_experiment_result *nominal,
                    uint32_t n_samples, vsw_uncertainty_run_fn run,
                    const struct vsw_run_options *options,
                    struct vsw_error *err)
{
    struct study s = {.nominal = nominal, .run = run, .options = options};
    int rc;

    *uncertainty = NULL;
    s.out = calloc(1, sizeof *s.out);
    if (!s.out) {
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "out of memory");
    }
    s.out->plan = nominal->plan;
    s.out->metric = headline(nominal->plan);
    s.out->n_samples = n_samples;
    rc = make(&s, err);
    if (rc) {
        vsw_uncertainty_free(s.out);
        return rc;
    }
    *uncertainty = s.out;
    return 0;
}

void
vsw_uncertainty_free(struct vsw_uncertainty *uncertainty)
{
    if (uncertainty) {
        free(uncertainty->points);
        free(uncertainty->top);
        free(uncertainty->flips);
        free(uncertainty->winners);
        free(uncertainty);
    }
}

/* --- Printing ----------------------------------------------------------- */

static void
put_place(const struct vsw_plan *plan, const struct vsw_point *point,
          const char *design, FILE *out)
{
    char text[128] = "";
    size_t used = 0;

    for (uint32_t i = 0; i < plan->n_axes; i++) {
        used = strlen(text);
        snprintf(text + used, sizeof text - used, "%s%s %s", i ? ", " : "",
                 report_short_key(plan->axes[i].key),
                 plan->axes[i].values[point->axis_values[i]]);
    }
    fprintf(out, "  %-22s %-24s", design, text);
}

static void
print_bands(const struct vsw_uncertainty *u, FILE *out)
{
    const struct vsw_metric *metric = vsw_metric_find(u->metric);
    double most = 0;
    struct report_scale scale;

    for (uint32_t i = 0; i < u->plan->n_points; i++) {
        most = fmax(most, fabs(u->points[i].value));
    }
    scale = report_scale_for(metric->unit, most);
    fprintf(out, "\n%s%s%s: interval of replications, band of %u samples of "
            "%u costs\n", u->metric, scale.unit[0] ? ", " : "", scale.unit,
            (unsigned int) u->n_samples, (unsigned int) u->n_costs);
    for (uint32_t i = 0; i < u->plan->n_points; i++) {
        const struct vsw_uncertainty_point *p = &u->points[i];

        put_place(u->plan, &u->plan->points[i],
                  u->plan->designs[u->plan->points[i].design], out);
        fprintf(out, " %9.4g \u00b1%-8.2g [%.4g, %.4g]\n",
                p->value * scale.factor, p->half_width * scale.factor,
                p->low * scale.factor, p->high * scale.factor);
    }
}

void
vsw_uncertainty_print(const struct vsw_uncertainty *u, FILE *out)
{
    uint32_t n_rows = u->plan->n_points / u->plan->n_designs;

    print_bands(u, out);
    fputs("costs that matter most (rank correlation)\n", out);
    for (uint32_t d = 0; d < u->plan->n_designs; d++) {
        fprintf(out, "  %-22s", u->plan->designs[d]);
        for (uint32_t i = 0; i < VSW_UNCERTAINTY_TOP && u->top[d][i].cost;
             i++) {
            fprintf(out, "%s%s %+.2f", i ? ", " : " ", u->top[d][i].cost,
                    u->top[d][i].correlation);
        }
        fputc('\n', out);
    }
    for (uint32_t row = 0; row < n_rows && u->plan->n_designs > 1; row++) {
        put_place(u->plan, &u->plan->points[row],
                  u->plan->designs[u->winners[row]], out);
        fprintf(out, " wins; another design does in %.0f %% of the samples\n",
                100 * u->flips[row]);
    }
}
