/* Lines over an axis. */
#include "report/figure.h"

#include <math.h>
#include <string.h>

/* Axis values that get a tick each; more would run together. */
#define MAX_TICKS 12

/* Marks tell series apart without their colours, too: filled ones, then open
 * ones when the colours come round again. */
static const int marks[] = {7, 5, 9, 11, 13, 15, 3, 2, 6, 4, 8, 10, 12, 14, 1};

/* Room above and below the values of a logarithmic axis. */
#define LOG_ROOM 1.3

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

static void
plot_series(const struct figure *f, FILE *out)
{
    for (uint32_t s = 0; s < f->n_series; s++) {
        char name[256];
        int mark = marks[s % VSW_N_ELEMS(marks)];

        figure_series(f, s, name, sizeof name);
        fprintf(out, "%s$s%u using 1:2 with linespoints lw 2 pt %d ps 0.9 "
                "dt %u lc rgb '%s' title ", s ? ", " : "plot ",
                (unsigned int) s, mark,
                (unsigned int) (s / FIGURE_N_COLORS % 5 + 1),
                figure_line_color(s));
        figure_quote(out, name);
        figure_error_bars(f, out, s);
    }
}

double
figure_place_on_line(const struct figure *f,
                     const struct vsw_report_mark *mark)
{
    return f->axis >= 0 ? mark->x : (double) NAN;
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

/* Least and greatest positive value of all series and marks. */
static void
find_range(const struct figure *f, double *min, double *max)
{
    *min = *max = 0;
    for (uint32_t i = 0; i < f->result->n_points; i++) {
        const struct vsw_result_value *v =
            vsw_result_value(&f->result->points[i], f->plot->y);

        if (v && isfinite(v->value) && v->value > 0) {
            *min = *min > 0 ? fmin(*min, v->value) : v->value;
            *max = fmax(*max, v->value + v->half_width);
        }
    }
    for (uint32_t i = 0; i < f->n_marks; i++) {
        if (figure_mark_is_shown(f, i) && f->marks[i].y > 0) {
            *min = *min > 0 ? fmin(*min, f->marks[i].y) : f->marks[i].y;
            *max = fmax(*max, f->marks[i].y);
        }
    }
}

/* Ticks at 1, 2 and 5 of each power of ten: left to itself an axis that spans
 * less than one has a single tick. */
static void
put_log_ticks(double min, double max, FILE *out)
{
    static const double steps[] = {1, 2, 5};
    uint32_t n = 0;

    fputs("set ytics (", out);
    for (double power = pow(10, floor(log10(min))); power <= max;
         power *= 10) {
        for (size_t i = 0; i < VSW_N_ELEMS(steps); i++) {
            double tick = power * steps[i];

            if (tick >= min && tick <= max) {
                fprintf(out, "%s'%.9g' %.9g", n++ ? ", " : "", tick, tick);
            }
        }
    }
    fputs(")\n", out);
}

/* More powers of ten than this have ticks enough. */
#define MAX_POWERS 1e3

/* An error bar that reaches to nothing would stretch the axis without end, so
 * that the range is that of the values. */
static void
put_log_y(const struct figure *f, FILE *out)
{
    double min, max;

    find_range(f, &min, &max);
    if (min > 0) {
        min *= f->scale.factor / LOG_ROOM;
        max *= f->scale.factor * LOG_ROOM;
        fprintf(out, "set yrange [%.9g:%.9g]\n", min, max);
        if (max / min < MAX_POWERS) {
            put_log_ticks(min, max, out);
        }
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
    if (f->plot->log_y) {
        put_log_y(f, out);
    }
    if (!numeric || f->n_clusters <= MAX_TICKS) {
        put_ticks(f, out, numeric);
    }
    for (uint32_t s = 0; s < f->n_series; s++) {
        put_series(f, out, numeric, s);
    }
    figure_put_marks(f, out);
    plot_series(f, out);
    figure_plot_marks(f, out);
    fputs("\n", out);
}
