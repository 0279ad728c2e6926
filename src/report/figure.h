/* Figure: what a plot shows, as clusters along the x axis and series.
 *
 * A cluster is a value of the plot's axis (or a design, if x is "design"); a
 * series is a combination of all that the axis leaves open. */
#ifndef REPORT_FIGURE_H
#define REPORT_FIGURE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <vswsim/report.h>

#include "report/scale.h"

struct figure;

/* Where a mark is on the x axis, or NAN if it has no place there. */
typedef double (*figure_place_fn)(const struct figure *f,
                                  const struct vsw_report_mark *mark);

struct figure {
    const struct vsw_result *result;
    const struct vsw_result_plot *plot;
    int axis;                       /* Index of x; -1 if x is "design". */
    uint32_t n_clusters;
    uint32_t n_series;
    const struct vsw_metric *metric;
    struct report_scale scale;      /* Of y. */
    const struct vsw_report_mark *marks;
    uint32_t n_marks;
    figure_place_fn place;          /* Of the plot's kind. */
};

/* Returns 0, or -EINVAL with 'err' filled if 'plot' asks for an axis or metric
 * that 'result' lacks. */
int figure_init(struct figure *f, const struct vsw_result *result,
                const struct vsw_result_plot *plot, struct vsw_error *err);

/* The point of 'series' in 'cluster'. */
const struct vsw_result_point *figure_point(const struct figure *f,
                                            uint32_t cluster,
                                            uint32_t series);

/* Name of 'cluster' and of 'series'; the latter goes to 'text'. */
const char *figure_cluster(const struct figure *f, uint32_t cluster);
void figure_series(const struct figure *f, uint32_t series, char *text,
                   size_t size);

/* Whether all values of the axis are numbers; '*x' is that of 'cluster'. */
bool figure_is_numeric(const struct figure *f);
double figure_x(const struct figure *f, uint32_t cluster);

/* Writes the gnuplot commands of each kind, after 'terminal' commands. */
void figure_script(const struct figure *f, const char *terminal, FILE *out);

/* Whether any point has a value: gnuplot draws no axes without. */
bool figure_has_value(const struct figure *f);

/* The commands that draw it as an SVG, to free; NULL if memory ran out. */
char *figure_svg_script(const struct figure *f, size_t *len);

/* Writes a text in gnuplot's single quotes, which expand nothing.  Quotes in
 * it become typographic ones: gnuplot's own escape fails at a text's ends. */
void figure_quote(FILE *out, const char *text);

void figure_lines(const struct figure *f, FILE *out);
void figure_bars(const struct figure *f, FILE *out);
void figure_stack(const struct figure *f, FILE *out);

double figure_place_on_line(const struct figure *f,
                            const struct vsw_report_mark *mark);
double figure_place_on_bars(const struct figure *f,
                            const struct vsw_report_mark *mark);

/* Writes what is to follow a plot command to draw error bars on the data of
 * 'series', which are x, value and half width. */
void figure_error_bars(const struct figure *f, FILE *out, uint32_t series);

/* Whether mark 'mark' belongs into the figure. */
bool figure_mark_is_shown(const struct figure *f, uint32_t mark);

/* Writes the marks' data, and what is to follow a plot command to draw
 * them. */
void figure_put_marks(const struct figure *f, FILE *out);
void figure_plot_marks(const struct figure *f, FILE *out);

/* The 'i'-th colour of Okabe and Ito's palette, "#rrggbb"; repeats. */
const char *figure_color(uint32_t i);

/* The same for what is thin. */
const char *figure_line_color(uint32_t i);

/* Colours before they repeat. */
#define FIGURE_N_COLORS 8

#endif
