#include "report/figure.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <vswsim/metric.h>

/* Place of yellow among the colours: as a thin line on white it has a contrast
 * of 1.3, and of 4.5 if it is as dark as a line's is here. */
#define YELLOW 6

/* Most that one line beside the y axis may hold. */
#define LABEL_COLUMNS 60

/* Largest value of the plot's metric, for the choice of a unit. */
static double
largest(const struct figure *f)
{
    double max = 0;

    for (uint32_t i = 0; i < f->result->n_points; i++) {
        const struct vsw_result_value *v =
            vsw_result_value(&f->result->points[i], f->plot->y);

        if (v && isfinite(v->value) && fabs(v->value) > max) {
            max = fabs(v->value);
        }
    }
    return max;
}

static int
find_axis(const struct vsw_result *result, const char *key)
{
    for (uint32_t i = 0; i < result->n_axes; i++) {
        if (!strcmp(result->axes[i].key, key)) {
            return (int) i;
        }
    }
    return -1;
}

int
figure_init(struct figure *f, const struct vsw_result *result,
            const struct vsw_result_plot *plot, struct vsw_error *err)
{
    memset(f, 0, sizeof *f);
    f->result = result;
    f->plot = plot;
    f->axis = find_axis(result, plot->x);
    f->metric = vsw_metric_find(plot->y);
    if (f->axis < 0 && strcmp(plot->x, "design")) {
        return vsw_error_set(err, VSW_ERROR_USAGE, -EINVAL,
                             "plot \"%s\": x is \"%s\", which is neither an "
                             "axis of the sweep nor \"design\"", plot->file,
                             plot->x);
    }
    if (!f->metric || (result->n_points > 0
                       && !vsw_result_value(&result->points[0], plot->y))) {
        return vsw_error_set(err, VSW_ERROR_USAGE, -EINVAL,
                             "plot \"%s\": the result has no metric \"%s\"",
                             plot->file, plot->y);
    }
    f->n_clusters = f->axis < 0 ? result->n_designs
                    : result->axes[f->axis].n_values;
    f->n_series = f->n_clusters > 0 ? result->n_points / f->n_clusters : 0;
    f->scale = report_scale_for(f->metric->unit, largest(f));
    f->place = strcmp(plot->kind, "lines") ? figure_place_on_bars
                                           : figure_place_on_line;
    return 0;
}

/* Points are numbered with the design first and the last axis fastest: the
 * cluster's digit is put in at its place among those of the series. */
const struct vsw_result_point *
figure_point(const struct figure *f, uint32_t cluster, uint32_t series)
{
    uint32_t inner = 1;

    for (uint32_t i = (uint32_t) (f->axis + 1); i < f->result->n_axes; i++) {
        inner *= f->result->axes[i].n_values;
    }
    return &f->result->points[(series / inner * f->n_clusters + cluster)
                              * inner + series % inner];
}

const char *
figure_cluster(const struct figure *f, uint32_t cluster)
{
    return f->axis < 0 ? f->result->designs[cluster]
           : f->result->axes[f->axis].values[cluster];
}

void
figure_series(const struct figure *f, uint32_t series, char *text,
              size_t size)
{
    const struct vsw_result_point *point = figure_point(f, 0, series);
    const struct vsw_result *result = f->result;
    size_t used = 0;

    text[0] = '\0';
    if (f->axis >= 0) {
        snprintf(text, size, "%s", result->designs[point->design]);
    }
    for (uint32_t i = 0; i < result->n_axes; i++) {
        if ((int) i != f->axis && result->axes[i].n_values > 1) {
            used = strlen(text);
            snprintf(text + used, size - used, "%s%s %s", used ? ", " : "",
                     report_short_key(result->axes[i].key),
                     result->axes[i].values[point->axis_values[i]]);
        }
    }
}

static bool
read_number(const char *text, double *x)
{
    char *end;

    *x = strtod(text, &end);
    return end != text && *end == '\0' && isfinite(*x);
}

bool
figure_is_numeric(const struct figure *f)
{
    double x;

    for (uint32_t i = 0; i < f->n_clusters; i++) {
        if (f->axis < 0 || !read_number(figure_cluster(f, i), &x)) {
            return false;
        }
    }
    return true;
}

double
figure_x(const struct figure *f, uint32_t cluster)
{
    double x = 0;

    read_number(figure_cluster(f, cluster), &x);
    return x;
}

/* Okabe and Ito, "Color Universal Design" (2008), black last. */
const char *
figure_color(uint32_t i)
{
    static const char *const colors[FIGURE_N_COLORS] = {
        "#0072b2", "#e69f00", "#009e73", "#d55e00", "#56b4e9", "#cc79a7",
        "#f0e442", "#000000",
    };

    return colors[i % FIGURE_N_COLORS];
}

const char *
figure_line_color(uint32_t i)
{
    return i % FIGURE_N_COLORS == YELLOW ? "#857800" : figure_color(i);
}

void
figure_quote(FILE *out, const char *text)
{
    fputc('\'', out);
    for (; *text; text++) {
        if (*text == '\'') {
            fputs("\u2019", out);
        } else {
            fputc((unsigned char) *text < ' ' ? ' ' : *text, out);
        }
    }
    fputc('\'', out);
}

/* In words, with the argument of a family. */
static void
put_y_title(const struct figure *f, char *text, size_t size)
{
    const char *argument = strchr(f->plot->y, '(');

    if (argument) {
        argument++;
        snprintf(text, size, "%s, %.*s", f->metric->meaning,
                 (int) strcspn(argument, ")"), argument);
    } else {
        snprintf(text, size, "%s", f->metric->meaning);
    }
}

/* In two lines if the height of a figure has no room for one. */
static void
put_wrapped(FILE *out, char *text)
{
    size_t n = strlen(text);
    char *cut = n > LABEL_COLUMNS ? strchr(text + n / 2, ' ') : NULL;

    if (cut) {
        *cut = '\0';
        figure_quote(out, text);
        fputs(".\"\\n\".", out);
        text = cut + 1;
    }
    figure_quote(out, text);
}

static void
put_label(const struct figure *f, FILE *out)
{
    char text[512], title[400];

    put_y_title(f, title, sizeof title);
    snprintf(text, sizeof text, "%s%s%s%s", title,
             f->scale.unit[0] ? " (" : "", f->scale.unit,
             f->scale.unit[0] ? ")" : "");
    fputs("set ylabel ", out);
    put_wrapped(out, text);
    fputs("\n", out);
}

/* As arrows with flat heads: gnuplot's own error bars paint a spot of
 * background at their middle.  One that reaches to nothing has no lower end on
 * a logarithmic axis, where it ends far below instead. */
void
figure_error_bars(const struct figure *f, FILE *out, uint32_t series)
{
    const char *low = f->plot->log_y ? "($2 > $3 ? $2-$3 : $2/1000)"
                                     : "($2-$3)";

    fprintf(out, ", $s%u using 1:($3 > 0 ? %s : NaN):(0):($2+$3-%s) with "
            "vectors heads size graph 0.008,90 lw 1.2 lc rgb '%s' notitle",
            (unsigned int) series, low, low,
            strcmp(f->plot->kind, "lines") ? "black"
                                           : figure_line_color(series));
}

void
figure_script(const struct figure *f, const char *terminal, FILE *out)
{
    fprintf(out, "set encoding utf8\n%s\n", terminal);
    fputs("set title ", out);
    figure_quote(out, f->plot->title[0] ? f->plot->title : f->plot->y);
    fputs(" noenhanced\n"
          "set border 3 lc rgb '#555555'\n"
          "set tics nomirror textcolor rgb '#222222'\n"
          "set grid ytics lc rgb '#dddddd' lt 1 lw 1\n"
          "set key outside right top Left reverse noenhanced\n", out);
    put_label(f, out);
    if (f->plot->log_y) {
        fputs("set logscale y\n", out);
    } else {
        fputs("set yrange [0:*]\n", out);
    }
    if (!strcmp(f->plot->kind, "lines")) {
        figure_lines(f, out);
    } else if (!strcmp(f->plot->kind, "stack")) {
        figure_stack(f, out);
    } else {
        figure_bars(f, out);
    }
}
