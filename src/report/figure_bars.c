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
    for (uint32_t s = 0; s < f->n_series; s++) {
        char name[256];

        figure_series(f, s, name, sizeof name);
        fprintf(out, "%s$s%u using 1:2 with boxes lc rgb '%s' %s",
                s ? ", " : "plot ", (unsigned int) s, figure_color(s),
                name[0] ? "title " : "notitle");
        if (name[0]) {
            figure_quote(out, name);
        }
        /* Error bars as arrows with flat heads: gnuplot's own paint a spot
         * of background at their middle. */
        fprintf(out, ", $s%u using 1:($3 > 0 ? $2-$3 : NaN):(0):(2*$3) with "
                "vectors heads size graph 0.008,90 lw 1.5 lc rgb 'black' "
                "notitle", (unsigned int) s);
    }
    fputs("\n", out);
}

/* The pieces of the plot's metric that the result holds, by account. */
struct pieces {
    const char *accounts[64];
    char *metrics[64];
    uint32_t n;
};

static void
find_pieces(const struct figure *f, struct pieces *pieces)
{
    const char *account;

    pieces->n = 0;
    for (uint32_t i = 0; (account = vsw_metric_account_at(i)) != NULL
         && pieces->n < VSW_N_ELEMS(pieces->metrics); i++) {
        char *metric = vsw_metric_narrow(f->plot->y, account);

        if (metric && vsw_result_value(&f->result->points[0], metric)) {
            pieces->accounts[pieces->n] = account;
            pieces->metrics[pieces->n++] = metric;
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

/* From where to where piece 'p' of a bar reaches. */
static bool
piece_range(const struct figure *f, const struct pieces *pieces, uint32_t p,
            const struct vsw_result_point *point, double *low, double *high)
{
    *low = *high = 0;
    for (uint32_t i = 0; i <= p; i++) {
        const struct vsw_result_value *v =
            vsw_result_value(point, pieces->metrics[i]);

        if (!v || !isfinite(v->value)) {
            return false;
        }
        *low = *high;
        *high += v->value * f->scale.factor;
    }
    return true;
}

static void
put_piece(const struct figure *f, FILE *out, const struct pieces *pieces,
          uint32_t p)
{
    fprintf(out, "$p%u << EOD\n", (unsigned int) p);
    for (uint32_t c = 0; c < f->n_clusters; c++) {
        for (uint32_t s = 0; s < f->n_series; s++) {
            double x = x_of(f, c, s), low, high;

            if (piece_range(f, pieces, p, figure_point(f, c, s), &low,
                            &high)) {
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
    for (uint32_t p = 0; p < pieces.n; p++) {
        put_piece(f, out, &pieces, p);
    }
    for (uint32_t p = 0; p < pieces.n; p++) {
        /* The colours come round again as a pattern. */
        fprintf(out, "%s$p%u using 1:2:3:4:5:6 with boxxyerror "
                "fs %s border lc rgb 'white' lc rgb '%s' title ",
                p ? ", " : "plot ", (unsigned int) p,
                p < FIGURE_N_COLORS ? "solid 0.9" : "pattern 2",
                figure_color(p));
        figure_quote(out, pieces.accounts[p]);
    }
    fputs(pieces.n ? "\n" : "plot 0 notitle\n", out);
    free_pieces(&pieces);
}
