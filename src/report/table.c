#include <vswsim/report.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <vswsim/metric.h>

#include "report/paired.h"
#include "report/scale.h"

#define BOLD "\033[1m"
#define DIM "\033[2m"
#define PLAIN "\033[0m"

/* Digits of a value that is shown. */
#define DIGITS 4

/* Enough for "-1.234e+100 +-1.234e+100 x1.234e+100". */
#define CELL_BYTES 64

struct table {
    FILE *out;
    const struct vsw_result *result;
    uint32_t width;
    bool color;
    uint32_t n_rows;            /* Combinations of axis values. */
    bool deterministic;         /* A note on that is due. */
    bool single;
    bool batches;
    bool paired;
    bool chance;
};

/* A block: one metric, as many designs as fit. */
struct block {
    const char *metric;
    struct report_scale scale;
    uint32_t from;              /* First design shown. */
    uint32_t to;                /* One past the last. */
    uint32_t column;            /* Width of a design's. */
};

static const char *const usual[] = {
    "payload_bps", "transactions_per_s",
    "delivered_pps", "delivered_bps", "loss_ratio", "latency_p50_ns",
    "latency_p99_ns", "switch_cycles_per_pkt", "guest_cycles_per_pkt",
    "llc_misses_per_pkt", "dram_bytes_per_pkt", "dma_bytes_per_pkt",
    "cross_node_bytes_per_pkt",
};

static const char *
ansi(const struct table *t, const char *code)
{
    return t->color ? code : "";
}

/* Columns that 'text' takes: UTF-8 continuation bytes take none. */
static uint32_t
columns(const char *text)
{
    uint32_t n = 0;

    for (; *text; text++) {
        n += ((unsigned char) *text & 0xc0) != 0x80;
    }
    return n;
}

static void
put_padded(const struct table *t, const char *text, uint32_t width,
           bool right)
{
    uint32_t n = columns(text);
    int pad = width > n ? (int) (width - n) : 0;

    fprintf(t->out, "%*s%s%*s", right ? pad : 0, "", text, right ? 0 : pad,
            "");
}

static const struct vsw_result_point *
point_at(const struct table *t, uint32_t design, uint32_t row)
{
    return &t->result->points[design * t->n_rows + row];
}

static const struct vsw_result_value *
value_at(const struct table *t, const char *metric, uint32_t design,
         uint32_t row)
{
    return vsw_result_value(point_at(t, design, row), metric);
}

/* Decimals that leave DIGITS significant ones of 'x'. */
static int
decimals_for(double x)
{
    int magnitude = x > 0 ? (int) floor(log10(x)) : 0;
    int decimals = DIGITS - 1 - magnitude;

    return decimals < 0 ? 0 : decimals > 9 ? 9 : decimals;
}

static double
largest(const struct table *t, const char *metric)
{
    double max = 0;

    for (uint32_t i = 0; i < t->result->n_points; i++) {
        const struct vsw_result_value *v =
            vsw_result_value(&t->result->points[i], metric);

        if (v && isfinite(v->value) && fabs(v->value) > max) {
            max = fabs(v->value);
        }
    }
    return max;
}

/* "±0.012", "=" for equal replications, or nothing for a single one. */
static void
interval_text(struct table *t, const struct block *b,
              const struct vsw_result_value *v, int decimals,
              char text[CELL_BYTES])
{
    text[0] = '\0';
    if (!strcmp(v->interval, "student") || !strcmp(v->interval, "batches")) {
        double width = v->half_width * b->scale.factor;
        double least = pow(10, -decimals);

        /* "±0.00" would claim what "=" stands for. */
        snprintf(text, CELL_BYTES, width < least ? " \u00b1<%.*f"
                                                 : " \u00b1%.*f",
                 decimals, width < least ? least : width);
        t->batches |= !strcmp(v->interval, "batches");
    } else if (!strcmp(v->interval, "deterministic")) {
        snprintf(text, CELL_BYTES, " =");
        t->deterministic = true;
    } else {
        t->single = true;
    }
}

/* "x0.97", "x0.97\u00b10.02", or "x1.00~" for what may be chance. */
static void
ratio_text(struct table *t, const struct block *b, uint32_t design,
           uint32_t row, char text[CELL_BYTES])
{
    struct report_paired p = report_paired(
        value_at(t, b->metric, design, row), value_at(t, b->metric, 0, row));
    bool chance = p.tie && p.difference.kind == VSW_INTERVAL_STUDENT;
    char width[CELL_BYTES] = "";

    text[0] = '\0';
    if (design == 0 || !isfinite(p.ratio)) {
        return;
    }
    if (p.ratio_half_width >= 0.005) {
        snprintf(width, sizeof width, "\u00b1%.2f", p.ratio_half_width);
        t->paired = true;
    }
    snprintf(text, CELL_BYTES, " x%.2f%.20s%s", p.ratio, width,
             chance ? "~" : "");
    t->chance |= chance;
}

static void
cell_text(struct table *t, const struct block *b, uint32_t design,
          uint32_t row, char text[3 * CELL_BYTES])
{
    const struct vsw_result_value *v = value_at(t, b->metric, design, row);
    char interval[CELL_BYTES], ratio[CELL_BYTES];
    int decimals;

    if (!v || !isfinite(v->value)) {
        snprintf(text, 3 * CELL_BYTES, "-");
        return;
    }
    decimals = decimals_for(fabs(v->value * b->scale.factor));
    interval_text(t, b, v, decimals, interval);
    ratio_text(t, b, design, row, ratio);
    snprintf(text, 3 * CELL_BYTES, "%.*f%s%s", decimals,
             v->value * b->scale.factor, interval, ratio);
}

/* Width of the column for axis 'i': its name or its longest value. */
static uint32_t
axis_width(const struct table *t, uint32_t i)
{
    const struct vsw_result_axis *axis = &t->result->axes[i];
    uint32_t width = columns(report_short_key(axis->key));

    for (uint32_t v = 0; v < axis->n_values; v++) {
        uint32_t n = columns(axis->values[v]);

        width = n > width ? n : width;
    }
    return width;
}

static uint32_t
axes_width(const struct table *t)
{
    uint32_t width = 0;

    for (uint32_t i = 0; i < t->result->n_axes; i++) {
        width += 2 + axis_width(t, i);
    }
    return width;
}

static uint32_t
design_width(struct table *t, const struct block *b, uint32_t design)
{
    uint32_t width = columns(t->result->designs[design]);

    for (uint32_t row = 0; row < t->n_rows; row++) {
        char text[3 * CELL_BYTES];
        uint32_t n;

        cell_text(t, b, design, row, text);
        n = columns(text);
        width = n > width ? n : width;
    }
    return width;
}

static void
put_head(const struct table *t, const struct block *b)
{
    for (uint32_t i = 0; i < t->result->n_axes; i++) {
        fputs("  ", t->out);
        put_padded(t, report_short_key(t->result->axes[i].key),
                   axis_width(t, i), true);
    }
    for (uint32_t d = b->from; d < b->to; d++) {
        fputs("  ", t->out);
        put_padded(t, t->result->designs[d], d + 1 < b->to ? b->column : 0,
                   false);
    }
    fputs("\n", t->out);
}

static void
put_row(struct table *t, const struct block *b, uint32_t row)
{
    const struct vsw_result_point *point = point_at(t, 0, row);

    for (uint32_t i = 0; i < t->result->n_axes; i++) {
        fputs("  ", t->out);
        put_padded(t, t->result->axes[i].values[point->axis_values[i]],
                   axis_width(t, i), true);
    }
    for (uint32_t d = b->from; d < b->to; d++) {
        char text[3 * CELL_BYTES];

        cell_text(t, b, d, row, text);
        fputs("  ", t->out);
        put_padded(t, text, d + 1 < b->to ? b->column : 0, false);
    }
    fputs("\n", t->out);
}

static void
put_title(const struct table *t, const struct block *b,
          const struct vsw_metric *metric)
{
    const char *better = metric->better == VSW_BETTER_HIGHER
                         ? "; higher is better"
                         : metric->better == VSW_BETTER_LOWER
                         ? "; lower is better" : "";
    uint32_t width = columns(b->metric) + columns(b->scale.unit) + 5
                     + columns(metric->meaning) + columns(better);

    fprintf(t->out, "\n%s%s%s%s%s", ansi(t, BOLD), b->metric,
            ansi(t, PLAIN), b->scale.unit[0] ? ", " : "", b->scale.unit);
    fprintf(t->out, "%s(%s%s)\n", width > t->width ? "\n" : " ",
            metric->meaning, better);
}

/* As many designs from 'b->from' on as fit, but at least one. */
static void
choose_designs(struct table *t, struct block *b)
{
    uint32_t used = axes_width(t);

    b->column = 0;
    for (b->to = b->from; b->to < t->result->n_designs; b->to++) {
        uint32_t width = design_width(t, b, b->to);
        uint32_t column = width > b->column ? width : b->column;

        if (b->to > b->from
            && used + (b->to - b->from + 1) * (column + 2) > t->width) {
            break;
        }
        b->column = column;
    }
}

static void
put_metric(struct table *t, const char *name)
{
    const struct vsw_metric *metric = vsw_metric_find(name);
    struct block b = {.metric = name};

    if (!metric) {
        return;
    }
    b.scale = report_scale_for(metric->unit, largest(t, name));
    put_title(t, &b, metric);
    while (b.from < t->result->n_designs) {
        choose_designs(t, &b);
        fputs(ansi(t, DIM), t->out);
        put_head(t, &b);
        fputs(ansi(t, PLAIN), t->out);
        for (uint32_t row = 0; row < t->n_rows; row++) {
            put_row(t, &b, row);
        }
        b.from = b.to;
    }
}

static bool
is_usual(const char *metric)
{
    for (size_t i = 0; i < VSW_N_ELEMS(usual); i++) {
        if (!strcmp(usual[i], metric)) {
            return true;
        }
    }
    return false;
}

/* Whether an earlier plot asked for the metric of plot 'i'. */
static bool
is_repeated(const struct vsw_result *result, uint32_t i)
{
    for (uint32_t earlier = 0; earlier < i; earlier++) {
        if (!strcmp(result->plots[earlier].y, result->plots[i].y)) {
            return true;
        }
    }
    return false;
}

/* Whether any point has a value: a metric of sockets has none where none
 * are. */
static bool
has_value(const struct table *t, const char *metric)
{
    for (uint32_t i = 0; i < t->result->n_points; i++) {
        const struct vsw_result_value *v =
            vsw_result_value(&t->result->points[i], metric);

        if (v && isfinite(v->value)) {
            return true;
        }
    }
    return false;
}

/* Whether a usual metric says anything of this result. */
static bool
is_telling(const struct table *t, const char *name)
{
    const struct vsw_metric *metric = vsw_metric_find(name);

    if (metric->memory || !strcmp(name, "loss_ratio")) {
        return largest(t, name) > 0;
    }
    return has_value(t, name) || !strncmp(name, "delivered", 9)
           || !strncmp(name, "latency", 7);
}

static void
put_metrics(struct table *t)
{
    const struct vsw_result *result = t->result;

    for (size_t i = 0; i < VSW_N_ELEMS(usual); i++) {
        if (is_telling(t, usual[i])) {
            put_metric(t, usual[i]);
        }
    }
    for (uint32_t i = 0; i < result->n_plots; i++) {
        if (!is_usual(result->plots[i].y) && !is_repeated(result, i)) {
            put_metric(t, result->plots[i].y);
        }
    }
}

/* One line for all points; those whose warm-up is too short are warned of. */
static void
put_warmup(const struct table *t)
{
    const struct vsw_result *result = t->result;
    uint32_t n = 0, n_over = 0;
    double latest_us = 0;

    for (uint32_t i = 0; i < result->n_points; i++) {
        const struct vsw_result_point *point = &result->points[i];

        if (!point->warmup || !point->warmup[0]) {
            continue;
        }
        n++;
        n_over += !strcmp(point->warmup, "over");
        latest_us = fmax(latest_us, point->settled_us);
    }
    if (n > 0) {
        fprintf(t->out, "warm-up (MSER-5): over at %u of %u points; the last "
                "settles after %.4g us\n", (unsigned int) n_over,
                (unsigned int) n, latest_us);
    }
}

static void
put_notes(const struct table *t)
{
    const struct vsw_result *result = t->result;

    fputs("\n", t->out);
    if (result->n_designs > 1) {
        fprintf(t->out, "x: ratio to %s%s\n", result->designs[0],
                t->paired ? ", with the interval of the paired difference"
                          : "");
    }
    if (t->chance) {
        fputs("~: the paired difference may be chance\n", t->out);
    }
    if (t->deterministic) {
        fputs("=: deterministic, all replications agree; that is not "
              "certainty\n", t->out);
    }
    if (t->batches) {
        fputs("\u00b1: one replication, from batches of its window\n",
              t->out);
    }
    if (t->single) {
        fputs("no interval: one replication, its error is unknown\n",
              t->out);
    }
    put_warmup(t);
    if (!result->complete) {
        fputs("incomplete: the run was stopped\n", t->out);
    }
    for (uint32_t i = 0; i < result->n_warnings; i++) {
        fprintf(t->out, "%swarning:%s %s\n", ansi(t, BOLD), ansi(t, PLAIN),
                result->warnings[i]);
    }
}

void
vsw_report_table(FILE *out, const struct vsw_result *result, uint32_t width,
                 bool color)
{
    struct table t = {.out = out, .result = result, .width = width,
                      .color = color, .n_rows = 1};

    for (uint32_t i = 0; i < result->n_axes; i++) {
        t.n_rows *= result->axes[i].n_values;
    }
    fprintf(out, "%s%s%s\n", ansi(&t, BOLD), result->title, ansi(&t, PLAIN));
    if (result->question[0]) {
        fprintf(out, "%s\n", result->question);
    }
    put_metrics(&t);
    put_notes(&t);
}
