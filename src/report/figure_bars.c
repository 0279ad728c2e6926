/* Bars: grouped, or each a stack of accounts.
 *
 * Every bar is a box at a place that is worked out here; gnuplot's own
 * histograms cannot group stacks. */
#include "report/figure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <vswsim/metric.h>

/* Half of a bar's width, where bars are 1 apart. */
#define HALF_BAR 0.42

/* Room between clusters, in bars. */
#define GAP 0.8

static double
x_of(const struct figure *f, uint32_t cluster, uint32_t series)
{
    return cluster * (f->n_series + GAP) + series;
}

static double
middle_of(const struct figure *f, uint32_t cluster)
{
    return x_of(f, cluster, 0) + (f->n_series - 1) / 2.0;
}

static void
put_range(const struct figure *f, FILE *out)
{
    fprintf(out, "set xrange [%.9g:%.9g]\nset boxwidth %.9g\n",
            -HALF_BAR - GAP / 2,
            x_of(f, f->n_clusters - 1, f->n_series - 1) + HALF_BAR + GAP / 2,
            2 * HALF_BAR);
}

static void
put_xlabel(const struct figure *f, FILE *out)
{
    fputs("set xlabel ", out);
    figure_quote(out, report_short_key(f->plot->x));
    fputs(" noenhanced\n", out);
}

/* Characters of tick labels that fit beside each other. */
#define MAX_LABEL_CHARS 80

static bool
labels_fit(const struct figure *f)
{
    size_t n = 0;

    for (uint32_t c = 0; c < f->n_clusters; c++) {
        n += strlen(figure_cluster(f, c)) + 2;
    }
    return n <= MAX_LABEL_CHARS;
}

/* A tick per cluster; aslant if their labels would overlap. */
static void
put_cluster_ticks(const struct figure *f, FILE *out)
{
    fprintf(out, "set xtics %s(", labels_fit(f) ? "" : "rotate by -35 ");
    for (uint32_t c = 0; c < f->n_clusters; c++) {
        fputs(c ? ", " : "", out);
        figure_quote(out, figure_cluster(f, c));
        fprintf(out, " %.9g", middle_of(f, c));
    }
    fputs(") scale 0 noenhanced\n", out);
}

static void
put_bars(const struct figure *f, FILE *out, uint32_t series)
{
    fprintf(out, "$s%u << EOD\n", (unsigned int) series);
    for (uint32_t c = 0; c < f->n_clusters; c++) {
        const struct vsw_result_value *v =
            vsw_result_value(figure_point(f, c, series), f->plot->y);

        if (v && isfinite(v->value)) {
            fprintf(out, "%.9g %.9g %.9g\n", x_of(f, c, series),
                    v->value * f->scale.factor,
                    v->half_width * f->scale.factor);
        }
    }
    fputs("EOD\n", out);
}

/* Over the middle of the cluster it belongs to. */
double
figure_place_on_bars(const struct figure *f,
                     const struct vsw_report_mark *mark)
{
    for (uint32_t c = 0; c < f->n_clusters; c++) {
        double x = f->axis < 0 ? c : figure_is_numeric(f) ? figure_x(f, c)
                                                          : (double) NAN;

        if (fabs(x - mark->x) < 1e-9) {
            return middle_of(f, c);
        }
    }
    return (double) NAN;
}

void
figure_bars(const struct figure *f, FILE *out)
{
    put_range(f, out);
    put_xlabel(f, out);
    put_cluster_ticks(f, out);
    fputs("set style fill solid 0.9 noborder\n", out);
    for (uint32_t s = 0; s < f->n_series; s++) {
        put_bars(f, out, s);
    }
    figure_put_marks(f, out);
    for (uint32_t s = 0; s < f->n_series; s++) {
        char name[256];

        figure_series(f, s, name, sizeof name);
        fprintf(out, "%s$s%u using 1:2 with boxes lc rgb '%s' %s",
                s ? ", " : "plot ", (unsigned int) s, figure_color(s),
                name[0] ? "title " : "notitle");
        if (name[0]) {
            figure_quote(out, name);
        }
        figure_error_bars(f, out, s);
    }
    figure_plot_marks(f, out);
    fputs("\n", out);
}

/* Pieces of a stack with a colour of their own, if there are more of them
 * than colours. */
#define MAX_PIECES (FIGURE_N_COLORS - 1)

/* The pieces of the plot's metric that the result holds, by account, largest
 * first. */
struct pieces {
    const char *accounts[64];
    char *metrics[64];
    double totals[64];          /* Over all points. */
    uint32_t n;
};

static double
value_at(const struct vsw_result_point *point, const char *metric)
{
    const struct vsw_result_value *v = vsw_result_value(point, metric);

    return v && isfinite(v->value) ? v->value : 0;
}

static double
total_of(const struct figure *f, const char *metric)
{
    double total = 0;

    for (uint32_t i = 0; i < f->result->n_points; i++) {
        total += value_at(&f->result->points[i], metric);
    }
    return total;
}

/* Puts a piece in its place; those of equal size keep the ledger's order. */
static void
add_piece(struct pieces *pieces, const char *account, char *metric,
          double total)
{
    uint32_t i = pieces->n++;

    for (; i > 0 && pieces->totals[i - 1] < total; i--) {
        pieces->accounts[i] = pieces->accounts[i - 1];
        pieces->metrics[i] = pieces->metrics[i - 1];
        pieces->totals[i] = pieces->totals[i - 1];
    }
    pieces->accounts[i] = account;
    pieces->metrics[i] = metric;
    pieces->totals[i] = total;
}

static void
find_pieces(const struct figure *f, struct pieces *pieces)
{
    const char *account;

    pieces->n = 0;
    for (uint32_t i = 0; (account = vsw_metric_account_at(i)) != NULL
         && pieces->n < VSW_N_ELEMS(pieces->metrics); i++) {
        char *metric = vsw_metric_narrow(f->plot->y, account);
        double total = metric ? total_of(f, metric) : 0;

        if (total > 0) {
            add_piece(pieces, account, metric, total);
        } else {
            free(metric);
        }
    }
}

static void
free_pieces(struct pieces *pieces)
{
    for (uint32_t i = 0; i < pieces->n; i++) {
        free(pieces->metrics[i]);
    }
}

static uint32_t
n_drawn(const struct pieces *pieces)
{
    return pieces->n > MAX_PIECES ? MAX_PIECES + 1 : pieces->n;
}

/* Whether piece 'p' stands for all from it on. */
static bool
is_rest(const struct pieces *pieces, uint32_t p)
{
    return p == MAX_PIECES && pieces->n > MAX_PIECES + 1;
}

/* From where to where piece 'p' of a bar reaches. */
static void
piece_range(const struct figure *f, const struct pieces *pieces, uint32_t p,
            const struct vsw_result_point *point, double *low, double *high)
{
    uint32_t end = is_rest(pieces, p) ? pieces->n : p + 1;

    *low = 0;
    for (uint32_t i = 0; i < p; i++) {
        *low += value_at(point, pieces->metrics[i]) * f->scale.factor;
    }
    *high = *low;
    for (uint32_t i = p; i < end; i++) {
        *high += value_at(point, pieces->metrics[i]) * f->scale.factor;
    }
}

static void
put_piece(const struct figure *f, FILE *out, const struct pieces *pieces,
          uint32_t p)
{
    fprintf(out, "$p%u << EOD\n", (unsigned int) p);
    for (uint32_t c = 0; c < f->n_clusters; c++) {
        for (uint32_t s = 0; s < f->n_series; s++) {
            double x = x_of(f, c, s), low, high;

            piece_range(f, pieces, p, figure_point(f, c, s), &low, &high);
            if (high > low) {
                fprintf(out, "%.9g %.9g %.9g %.9g %.9g %.9g\n", x, low,
                        x - HALF_BAR, x + HALF_BAR, low, high);
            }
        }
    }
    fputs("EOD\n", out);
}

/* Series below their bars; clusters above them. */
static void
put_stack_labels(const struct figure *f, FILE *out)
{
    fputs("set xtics rotate by -35 (", out);
    for (uint32_t c = 0; c < f->n_clusters; c++) {
        for (uint32_t s = 0; s < f->n_series; s++) {
            char name[256];

            figure_series(f, s, name, sizeof name);
            fputs(c || s ? ", " : "", out);
            figure_quote(out, f->axis < 0 ? figure_cluster(f, c) : name);
            fprintf(out, " %.9g", x_of(f, c, s));
        }
    }
    fputs(") scale 0 noenhanced\n", out);
    for (uint32_t c = 0; c < f->n_clusters && f->axis >= 0; c++) {
        fputs("set label ", out);
        figure_quote(out, figure_cluster(f, c));
        fprintf(out, " at first %.9g, graph 1.0 center offset 0, 0.6 "
                "noenhanced\n", middle_of(f, c));
    }
}

static void
put_stack_title(const struct figure *f, FILE *out)
{
    if (f->axis >= 0) {
        char text[512];

        snprintf(text, sizeof text, "%s (by %s, on top)", f->plot->title,
                 report_short_key(f->plot->x));
        fputs("set title ", out);
        figure_quote(out, text);
        fputs(" noenhanced offset 0, 0.8\n", out);
    }
}

void
figure_stack(const struct figure *f, FILE *out)
{
    struct pieces pieces;

    find_pieces(f, &pieces);
    put_range(f, out);
    put_stack_labels(f, out);
    put_stack_title(f, out);
    fputs("set key invert\n", out);
    for (uint32_t p = 0; p < n_drawn(&pieces); p++) {
        put_piece(f, out, &pieces, p);
    }
    for (uint32_t p = 0; p < n_drawn(&pieces); p++) {
        fprintf(out, "%s$p%u using 1:2:3:4:5:6 with boxxyerror "
                "fs solid 0.9 border lc rgb 'white' lc rgb '%s' title ",
                p ? ", " : "plot ", (unsigned int) p,
                is_rest(&pieces, p) ? "#999999" : figure_color(p));
        figure_quote(out, is_rest(&pieces, p) ? "other" : pieces.accounts[p]);
    }
    fputs(pieces.n ? "\n" : "plot 0 notitle\n", out);
    free_pieces(&pieces);
}
