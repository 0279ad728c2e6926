/* A result in words. */
#include "report/html.h"

#include <math.h>
#include <string.h>

#include <vswsim/metric.h>

#include "report/paired.h"
#include "report/scale.h"

/* The metric that decides who wins: that of the first plot that ranks. */
static const struct vsw_metric *
headline(const struct vsw_result *result, const char **name)
{
    for (uint32_t i = 0; i < result->n_plots; i++) {
        const struct vsw_metric *m = vsw_metric_find(result->plots[i].y);

        if (m && m->better != VSW_BETTER_NEITHER
            && strcmp(result->plots[i].kind, "stack")) {
            *name = result->plots[i].y;
            return m;
        }
    }
    *name = "delivered_pps";
    return vsw_metric_find(*name);
}

struct ranking {
    uint32_t first;             /* Design. */
    uint32_t second;            /* The same if there is no other. */
    const struct vsw_result_value *a;
    const struct vsw_result_value *b;
    struct report_paired paired;
    bool found;
};

static bool
is_better(const struct vsw_metric *metric, double a, double b)
{
    return metric->better == VSW_BETTER_LOWER ? a < b : a > b;
}

/* The two best designs of 'row'. */
static struct ranking
rank(const struct vsw_result *result, const struct vsw_metric *metric,
     const char *name, uint32_t row)
{
    struct ranking r = {.found = false};

    for (uint32_t d = 0; d < result->n_designs; d++) {
        const struct vsw_result_value *v =
            vsw_result_value(html_point(result, d, row), name);

        if (!v || !isfinite(v->value)) {
            continue;
        }
        if (!r.a || is_better(metric, v->value, r.a->value)) {
            r.b = r.a;
            r.second = r.first;
            r.a = v;
            r.first = d;
        } else if (!r.b || is_better(metric, v->value, r.b->value)) {
            r.b = v;
            r.second = d;
        }
    }
    r.found = r.a != NULL;
    if (r.b) {
        r.paired = report_paired(r.a, r.b);
    }
    return r;
}

static void
put_margin(FILE *out, const struct vsw_result *result,
           const struct vsw_metric *metric, const char *name,
           const struct ranking *r)
{
    double scale_to = fmax(fabs(r->a->value), fabs(r->b->value));
    struct report_scale scale = report_scale_for(metric->unit, scale_to);

    html_value(out, r->a, name);
    fputs(" against ", out);
    html_value(out, r->b, name);
    fputs(" of ", out);
    html_text(out, result->designs[r->second]);
    if (isfinite(r->paired.ratio)) {
        fprintf(out, ", %+.1f %%", 100 * (r->paired.ratio - 1));
    }
    if (r->paired.difference.kind == VSW_INTERVAL_STUDENT) {
        fputs(" (paired difference ", out);
        html_number(out, r->paired.difference.mean * scale.factor, 4);
        fputs(" \u00b1", out);
        html_number(out, r->paired.difference.half_width * scale.factor, 2);
        fputs(" ", out);
        html_text(out, scale.unit);
        fputs(")", out);
    }
}

/* Rows 'from' to 'to' that the same design wins. */
static void
put_winner(FILE *out, const struct vsw_result *result,
           const struct vsw_metric *metric, const char *name, uint32_t from,
           uint32_t to)
{
    for (uint32_t i = 0; i < (from < to ? 2u : 1u); i++) {
        uint32_t row = i == 0 ? from : to;
        struct ranking r = rank(result, metric, name, row);

        if (i == 0) {
            fputs("<li><strong>", out);
            html_text(out, result->designs[r.first]);
            fputs(r.paired.tie ? "</strong> is ahead, but it may be chance"
                        : "</strong> wins", out);
            fputs(result->n_axes ? " at " : "", out);
            html_place(out, result, html_point(result, 0, from));
            if (from < to) {
                fputs(" up to ", out);
                html_place(out, result, html_point(result, 0, to));
            }
            fputs(": ", out);
        } else {
            fputs("; at the end ", out);
        }
        put_margin(out, result, metric, name, &r);
    }
    fputs(".</li>\n", out);
}

static void
put_winners(FILE *out, const struct vsw_result *result)
{
    const char *name;
    const struct vsw_metric *metric = headline(result, &name);
    uint32_t n_rows = html_n_rows(result), from = 0;

    fputs("<p>By ", out);
    html_text(out, metric->argument ? name : metric->meaning);
    fputs(metric->better == VSW_BETTER_LOWER ? ", lower is better:</p><ul>\n"
                                             : ", higher is better:</p>"
                                               "<ul>\n", out);
    for (uint32_t row = 0; row < n_rows; row++) {
        struct ranking now = rank(result, metric, name, row);
        struct ranking next = row + 1 < n_rows
                              ? rank(result, metric, name, row + 1) : now;
        bool ends = row + 1 == n_rows || !next.found || !now.found
                    || next.first != now.first
                    || next.paired.tie != now.paired.tie;

        if (ends && now.found && now.b) {
            put_winner(out, result, metric, name, from, row);
        }
        from = ends ? row + 1 : from;
    }
    fputs("</ul>\n", out);
}

static void
put_limit(FILE *out, const struct vsw_result *result,
          const struct vsw_result_point *point)
{
    struct vsw_limit limit;

    fputs("<tr><td>", out);
    html_text(out, result->designs[point->design]);
    fputs("</td><td>", out);
    html_place(out, result, point);
    if (!vsw_report_limit(&limit, point)) {
        fputs("</td><td colspan=\"4\">not measured</td></tr>\n", out);
        return;
    }
    fprintf(out, "</td><td>%s (%s)</td><td class=\"n\">%.1f %%</td><td>",
            limit.unit, limit.role, 100 * limit.utilisation);
    for (uint32_t i = 0; i < limit.n_accounts && i < 3; i++) {
        fprintf(out, "%s%s %.0f\u00a0%%", i ? ", " : "",
                limit.accounts[i].account, 100 * limit.accounts[i].share);
    }
    fputs("</td><td class=\"w\">", out);
    if (!limit.saturated) {
        fputs("not saturated: the load or the waiting limits", out);
    } else if (limit.n_accounts > 0) {
        fprintf(out, "without %s at most %+.0f\u00a0%%",
                limit.accounts[0].account, 100 * limit.relief);
        if (limit.next_unit) {
            fprintf(out, ", then %s (%s) limits", limit.next_unit,
                    limit.next_role);
        }
    }
    fputs("</td></tr>\n", out);
}

void
html_summary(FILE *out, const struct vsw_result *result)
{
    if (result->n_designs > 1) {
        put_winners(out, result);
    }
    fputs("<h3>What limits each design</h3>\n<div class=\"wide\"><table>"
          "<tr><th>design</th><th>at</th><th>busiest unit</th><th>busy</th>"
          "<th>largest accounts</th><th>relief, by the ledger</th></tr>\n",
          out);
    for (uint32_t i = 0; i < result->n_points; i++) {
        put_limit(out, result, &result->points[i]);
    }
    fputs("</table></div>\n", out);
}
