/* A page for one or more results: one file, no scripts, nothing from the
 * network. */
#include "report/html.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <vswsim/metric.h>

#include "report/figure.h"
#include "report/gnuplot.h"
#include "report/scale.h"

/* An interval this wide, relatively, is worth a warning. */
#define WIDE 0.05

static const char style[] =
    ":root{color-scheme:light dark;--bg:#fff;--fg:#1b1b1b;--soft:#5a5a5a;"
    "--line:#d8d8d8;--card:#f7f7f7;--warn:#8a4b00}\n"
    "@media(prefers-color-scheme:dark){:root{--bg:#15171a;--fg:#e6e6e6;"
    "--soft:#a5a5a5;--line:#3a3d42;--card:#1e2125;--warn:#ffb454}\n"
    "figure .plot{filter:brightness(.9)}}\n"
    "body{background:var(--bg);color:var(--fg);font:16px/1.5 system-ui,"
    "sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}\n"
    "h1{font-size:1.6rem}h2{font-size:1.3rem;margin-top:2.5rem;"
    "border-bottom:1px solid var(--line)}h3{font-size:1.05rem}\n"
    "table{border-collapse:collapse;font-size:.85rem}th,td{padding:.2rem "
    ".6rem;border-bottom:1px solid var(--line);text-align:left;"
    "white-space:nowrap}td.w{white-space:normal;min-width:14rem}\n"
    "td.n{text-align:right;"
    "font-variant-numeric:tabular-nums}\n"
    ".wide{overflow-x:auto}figure{margin:1rem 0}.plot{background:#fff;"
    "border-radius:6px}svg{width:100%;"
    "height:auto}svg.own text{fill:var(--fg);font-size:12px}\n"
    ".legend span{margin-right:1rem;white-space:nowrap}.legend i{display:"
    "inline-block;width:.8rem;height:.8rem;margin-right:.35rem;"
    "vertical-align:-1px}\n"
    "p.q{color:var(--soft);font-size:1.1rem}.warn{color:var(--warn)}\n"
    "pre{background:var(--card);padding:1rem;overflow-x:auto;"
    "font-size:.8rem}code{overflow-wrap:anywhere}summary{cursor:pointer;"
    "color:var(--soft)}\n";

void
html_text(FILE *out, const char *text)
{
    for (; *text; text++) {
        switch (*text) {
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        case '&':
            fputs("&amp;", out);
            break;
        case '"':
            fputs("&quot;", out);
            break;
        default:
            fputc(*text, out);
        }
    }
}

/* Decimals rather than exponents, as people write. */
void
html_number(FILE *out, double x, int digits)
{
    int magnitude = fabs(x) > 0 ? (int) floor(log10(fabs(x))) : 0;
    int decimals = digits - 1 - magnitude;

    fprintf(out, "%.*f", decimals < 0 ? 0 : decimals > 9 ? 9 : decimals, x);
}

void
html_value(FILE *out, const struct vsw_result_value *v, const char *metric)
{
    const struct vsw_metric *m = vsw_metric_find(metric);
    struct report_scale scale;

    if (!v || !m || !isfinite(v->value)) {
        fputs("-", out);
        return;
    }
    scale = report_scale_for(m->unit, fabs(v->value));
    html_number(out, v->value * scale.factor, 4);
    if (v->half_width > 0) {
        fputs(" \u00b1", out);
        html_number(out, v->half_width * scale.factor, 2);
    }
    fputs(scale.unit[0] ? " " : "", out);
    html_text(out, scale.unit);
}

void
html_place(FILE *out, const struct vsw_result *result,
           const struct vsw_result_point *point)
{
    for (uint32_t i = 0; i < result->n_axes; i++) {
        const struct vsw_result_axis *axis = &result->axes[i];

        fputs(i ? ", " : "", out);
        html_text(out, report_short_key(axis->key));
        fputs(" ", out);
        html_text(out, axis->values[point->axis_values[i]]);
    }
}

uint32_t
html_n_rows(const struct vsw_result *result)
{
    return result->n_designs ? result->n_points / result->n_designs : 0;
}

const struct vsw_result_point *
html_point(const struct vsw_result *result, uint32_t design, uint32_t row)
{
    return &result->points[design * html_n_rows(result) + row];
}

/* --- Figures ------------------------------------------------------------ */

/* Writes 'svg' from its root on, with 'number' put into the names that
 * gnuplot gives, so that figures on one page do not share them. */
static void
put_svg(FILE *out, const char *svg, size_t len, uint32_t number)
{
    const char *end = svg + len, *at = strstr(svg, "<svg");

    while (at && at < end) {
        if (!strncmp(at, "\"gp", 3) || !strncmp(at, "'gp", 3)
            || !strncmp(at, "#gp", 3)) {
            fprintf(out, "%cf%u_", *at, (unsigned int) number);
        } else if (!strncmp(at, "\"gnuplot_", 9)) {
            fprintf(out, "\"f%u_", (unsigned int) number);
        } else {
            fputc(*at, out);
        }
        at++;
    }
}

static void
put_numbers(FILE *out, const struct figure *f)
{
    char name[256];

    fputs("<details><summary>Numbers</summary><div class=\"wide\"><table>"
          "<tr><th>", out);
    html_text(out, report_short_key(f->plot->x));
    fputs("</th>", out);
    for (uint32_t s = 0; s < f->n_series; s++) {
        figure_series(f, s, name, sizeof name);
        fputs("<th>", out);
        html_text(out, name[0] ? name : f->plot->y);
        fputs("</th>", out);
    }
    fputs("</tr>\n", out);
    for (uint32_t c = 0; c < f->n_clusters; c++) {
        fputs("<tr><td>", out);
        html_text(out, figure_cluster(f, c));
        fputs("</td>", out);
        for (uint32_t s = 0; s < f->n_series; s++) {
            fputs("<td class=\"n\">", out);
            html_value(out, vsw_result_value(figure_point(f, c, s),
                                             f->plot->y), f->plot->y);
            fputs("</td>", out);
        }
        fputs("</tr>\n", out);
    }
    fputs("</table></div></details>\n", out);
}

static int
put_figure(FILE *out, const struct vsw_result *result, uint32_t i,
           uint32_t number, struct vsw_error *err)
{
    struct figure f;
    char *script = NULL, *svg = NULL;
    size_t len = 0, n_bytes = 0;
    int rc = figure_init(&f, result, &result->plots[i], err);

    if (rc) {
        return rc;
    }
    if (!figure_has_value(&f)) {
        return 0;
    }
    script = figure_svg_script(&f, &len);
    rc = script ? gnuplot_run(script, len, &svg, &n_bytes, err)
         : vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM, "out of memory");
    if (!rc) {
        fputs("<figure><div class=\"plot\">", out);
        put_svg(out, svg, n_bytes, number);
        fputs("</div></figure>\n", out);
        put_numbers(out, &f);
    }
    free(script);
    free(svg);
    return rc;
}

/* --- Warnings ------------------------------------------------------------ */

static void
put_wide(FILE *out, const struct vsw_result *result)
{
    for (uint32_t i = 0; i < result->n_points; i++) {
        const struct vsw_result_point *point = &result->points[i];
        const struct vsw_result_value *v = vsw_result_value(point,
                                                            "delivered_pps");

        if (v && v->value > 0 && v->half_width > WIDE * v->value) {
            fputs("<li>wide interval: ", out);
            html_text(out, result->designs[point->design]);
            fputs(" ", out);
            html_place(out, result, point);
            fprintf(out, ": \u00b1%.1f %% of the rate; use more "
                    "run.replications</li>\n",
                    100 * v->half_width / v->value);
        }
    }
}

static void
put_losses(FILE *out, const struct vsw_result *result)
{
    for (uint32_t i = 0; i < result->n_points; i++) {
        const struct vsw_result_point *point = &result->points[i];
        const struct vsw_result_value *v = vsw_result_value(point,
                                                            "loss_ratio");

        if (v && v->value > 0.001) {
            fputs("<li>drops: ", out);
            html_text(out, result->designs[point->design]);
            fputs(" ", out);
            html_place(out, result, point);
            fprintf(out, " loses %.2f %% of what is offered</li>\n",
                    100 * v->value);
        }
    }
}

static void
put_sensitivity(FILE *out, const struct vsw_result *result)
{
    for (uint32_t i = 0; i < result->n_sensitivity; i++) {
        const struct vsw_result_sensitivity *s = &result->sensitivity[i];
        const struct vsw_result_point *point = &result->points[s->point];

        if (s->moved > 0.005 && s->moved > s->half_width) {
            fputs("<li>order sensitivity: ", out);
            html_text(out, result->designs[point->design]);
            fputs(" ", out);
            html_place(out, result, point);
            fputs(": ", out);
            html_text(out, s->metric);
            fprintf(out, " moves by %.2f %%</li>\n", 100 * s->moved);
        }
    }
}

static void
put_list(FILE *out, const struct vsw_result *result)
{
    for (uint32_t i = 0; i < result->n_warnings; i++) {
        fputs("<li>", out);
        html_text(out, result->warnings[i]);
        fputs("</li>\n", out);
    }
    if (!result->complete) {
        fputs("<li>incomplete: the run was stopped</li>\n", out);
    }
    if (result->n_replications < 2) {
        fputs("<li>one replication: its error is unknown</li>\n", out);
    }
    put_wide(out, result);
    put_losses(out, result);
    put_sensitivity(out, result);
}

static void
put_warnings(FILE *out, const struct vsw_result *result)
{
    char *text = NULL;
    size_t len = 0;
    FILE *list = open_memstream(&text, &len);

    fputs("<h3>Warnings</h3>\n", out);
    if (list) {
        put_list(list, result);
        fclose(list);
    }
    if (text && len > 0) {
        fprintf(out, "<ul class=\"warn\">\n%s</ul>\n", text);
    } else {
        fputs("<p>None.</p>\n", out);
    }
    free(text);
    if (result->n_sensitivity == 0) {
        fputs("<p>Order sensitivity was not looked at; "
              "<code>vswsim run --check</code> does.</p>\n", out);
    }
    fputs("<p>An interval covers the randomness of the simulation only: "
          "it says nothing about how good a cost or the model is.</p>\n",
          out);
}

/* --- The page ------------------------------------------------------------ */

static void
put_origin(FILE *out, const struct vsw_result *result)
{
    fputs("<h3>Where it comes from</h3>\n<p>Config <code>", out);
    html_text(out, result->config_digest);
    fputs("</code><br>Trace <code>", out);
    html_text(out, result->trace_digest);
    fprintf(out, "</code><br>%u replications",
            (unsigned int) result->n_replications);
    if (result->n_points > 0) {
        fputs(" on ", out);
        html_text(out, result->points[0].machine);
    }
    fputs("</p>\n<details><summary>Resolved config</summary><pre>", out);
    html_text(out, result->config);
    fputs("</pre></details>\n", out);
}

static int
put_result(FILE *out, const struct vsw_result *result, uint32_t *n_figures,
           struct vsw_error *err)
{
    int rc = 0;

    fputs("<h2>", out);
    html_text(out, result->title);
    fputs("</h2>\n", out);
    if (result->question[0]) {
        fputs("<p class=\"q\">", out);
        html_text(out, result->question);
        fputs("</p>\n", out);
    }
    html_summary(out, result);
    for (uint32_t i = 0; i < result->n_plots && !rc; i++) {
        rc = put_figure(out, result, i, (*n_figures)++, err);
    }
    html_ledger(out, result);
    put_warnings(out, result);
    put_origin(out, result);
    return rc;
}

int
vsw_report_html(char **text, const struct vsw_result *const *results,
                uint32_t n, struct vsw_error *err)
{
    size_t len;
    FILE *out = open_memstream(text, &len);
    uint32_t n_figures = 0;
    int rc = 0;
    bool failed;

    if (!out) {
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "out of memory");
    }
    fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
          "<meta name=\"viewport\" content=\"width=device-width,"
          "initial-scale=1\"><title>", out);
    html_text(out, n == 1 ? results[0]->title : "vswsim report");
    fprintf(out, "</title><style>\n%s</style></head><body>\n<h1>%s</h1>\n",
            style, "vswsim report");
    for (uint32_t i = 0; i < n && !rc; i++) {
        rc = put_result(out, results[i], &n_figures, err);
    }
    fputs("</body></html>\n", out);
    failed = ferror(out) != 0;
    if ((fclose(out) || failed) && !rc) {
        rc = vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                           "out of memory");
    }
    if (rc) {
        free(*text);
        *text = NULL;
    }
    return rc;
}
