/* Lines over an axis. */
#include "report/figure.h"

#include <math.h>
#include <string.h>

/* Axis values that get a tick each; more would run together. */
#define MAX_TICKS 12

/* Dash and mark tell series apart without their colours, too. */
static const int marks[] = {7, 5, 9, 11, 13, 3, 1, 2};

static double
x_of(const struct figure *f, bool numeric, uint32_t cluster)
{
    return numeric ? figure_x(f, cluster) : cluster;
}

static void
put_series(const struct figure *f, FILE *out, bool numeric, uint32_t series)
{
    fprintf(out, "$s%u << EOD\n", (unsigned int) series);
    for (uint32_t c = 0; c < f->n_clusters; c++) {
        const struct vsw_result_value *v =
            vsw_result_value(figure_point(f, c, series), f->plot->y);

        if (v && isfinite(v->value)) {
            fprintf(out, "%.9g %.9g %.9g\n", x_of(f, numeric, c),
                    v->value * f->scale.factor,
                    v->half_width * f->scale.factor);
        }
    }
    fputs("EOD\n", out);
}

static void
put_ticks(const struct figure *f, FILE *out, bool numeric)
{
    fputs("set xtics (", out);
    for (uint32_t c = 0; c < f->n_clusters; c++) {
        fputs(c ? ", " : "", out);
        figure_quote(out, figure_cluster(f, c));
        fprintf(out, " %.9g", x_of(f, numeric, c));
    }
    fputs(") noenhanced\n", out);
}

static bool
is_shown(const struct figure *f, uint32_t mark)
{
    const struct vsw_report_mark *m = &f->marks[mark];

    return f->axis >= 0 && !strcmp(m->x_key, f->plot->x)
           && !strcmp(m->metric, f->plot->y);
}

/* The first mark with the label of 'mark', which stands for all of them. */
static uint32_t
first_alike(const struct figure *f, uint32_t mark)
{
    uint32_t first = 0;

    while (!is_shown(f, first)
           || strcmp(f->marks[first].label, f->marks[mark].label)) {
        first++;
    }
    return first;
}

static void
put_marks(const struct figure *f, FILE *out)
{
    for (uint32_t i = 0; i < f->n_marks; i++) {
        if (!is_shown(f, i) || first_alike(f, i) != i) {
            continue;
        }
        fprintf(out, "$m%u << EOD\n", (unsigned int) i);
        for (uint32_t j = i; j < f->n_marks; j++) {
            if (is_shown(f, j) && first_alike(f, j) == i) {
                fprintf(out, "%.9g %.9g\n", f->marks[j].x,
                        f->marks[j].y * f->scale.factor);
            }
        }
        fputs("EOD\n", out);
    }
}

static void
plot_series(const struct figure *f, FILE *out)
{
    for (uint32_t s = 0; s < f->n_series; s++) {
        char name[256];
        int mark = marks[s % VSW_N_ELEMS(marks)];

        figure_series(f, s, name, sizeof name);
        fprintf(out, "%s$s%u using 1:2:3 with yerrorlines lw 2 pt %d "
                "ps 0.8 dt %u lc rgb '%s' title ", s ? ", " : "plot ",
                (unsigned int) s, mark,
                (unsigned int) (s / FIGURE_N_COLORS % 5 + 1),
                figure_color(s));
        figure_quote(out, name);
    }
}

static void
plot_marks(const struct figure *f, FILE *out)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < f->n_marks; i++) {
        if (is_shown(f, i) && first_alike(f, i) == i) {
            fprintf(out, ", $m%u using 1:2 with points pt %u ps 1.6 lw 2 "
                    "lc rgb 'black' title ", (unsigned int) i,
                    (unsigned int) (n++ % 2 ? 4 : 6));
            figure_quote(out, f->marks[i].label);
        }
    }
}

/* Left to itself a logarithmic axis reaches to the next power of ten. */
static void
put_log_range(const struct figure *f, FILE *out)
{
    double min = figure_x(f, 0), max = min;

    for (uint32_t c = 1; c < f->n_clusters; c++) {
        min = fmin(min, figure_x(f, c));
        max = fmax(max, figure_x(f, c));
    }
    if (min > 0) {
        fprintf(out, "set logscale x\nset xrange [%.9g:%.9g]\n", min / 1.2,
                max * 1.2);
    }
}

void
figure_lines(const struct figure *f, FILE *out)
{
    bool numeric = figure_is_numeric(f);

    fputs("set xlabel ", out);
    figure_quote(out, report_short_key(f->plot->x));
    fputs(" noenhanced\nset offsets graph 0.02, graph 0.02, 0, 0\n", out);
    if (numeric && f->plot->log_x) {
        put_log_range(f, out);
    }
    if (!numeric || f->n_clusters <= MAX_TICKS) {
        put_ticks(f, out, numeric);
    }
    for (uint32_t s = 0; s < f->n_series; s++) {
        put_series(f, out, numeric, s);
    }
    put_marks(f, out);
    plot_series(f, out);
    plot_marks(f, out);
    fputs("\n", out);
}
