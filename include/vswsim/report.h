/* Report: tables and figures of a result.
 *
 * Thread-safety: pure functions of a result, apart from what they write. */
#ifndef VSWSIM_REPORT_H
#define VSWSIM_REPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <vswsim/compiler.h>
#include <vswsim/error.h>
#include <vswsim/result.h>

VSW_EXTERN_C_BEGIN

/* Prints the designs side by side: a block per metric, a row per combination
 * of axis values, a column per design with half of its 95 % interval and its
 * ratio to the first design.  The ratio has the interval of the difference
 * between the two, paired by replication (see vsw_result_difference()), if it
 * is 0.005 or more, and a "~" if this interval contains 0.  Designs that
 * 'width' columns have no room for follow in further blocks.  'color' permits
 * ANSI escapes for emphasis.
 *
 * Shown are rate, loss, latency and cycles, and what the plots ask for. */
VSW_API void vsw_report_table(FILE *out, const struct vsw_result *result,
                              uint32_t width, bool color);

/* Accounts of a limit that are told. */
#define VSW_LIMIT_ACCOUNTS 5

/* What limits a design at a point: its busiest unit. */
struct vsw_limit {
    const char *unit;           /* "cpu0"; borrowed from the result. */
    const char *role;           /* "switch", "guest" or "device" */
    double utilisation;         /* Busy with anything but polling in vain. */
    bool saturated;             /* Busy for 95 % of its time or more. */
    struct {
        const char *account;
        double share;           /* Of what keeps it busy. */
    } accounts[VSW_LIMIT_ACCOUNTS];     /* Largest first. */
    uint32_t n_accounts;
    double relief;              /* Most that the rate could gain, relatively,
                                 * if the largest account cost nothing. */
    const char *next_unit;      /* What would limit then; NULL: the same. */
    const char *next_role;
    double next_utilisation;    /* Of that one today. */
};

/* Finds what limits 'point'.  Returns false if nothing was measured there.
 *
 * The relief is a bound of first order from the ledger: every unit's work per
 * packet shrinks by what the account takes there, and the rate grows until one
 * of them is as busy as the limiting unit is today.  Batches, caches and
 * waiting change with the rate, so a run with the cost changed may give less
 * or more. */
VSW_API bool vsw_report_limit(struct vsw_limit *limit,
                              const struct vsw_result_point *point);

/* Prints what limits each design at each point, and what would relieve it. */
VSW_API void vsw_report_explain(FILE *out, const struct vsw_result *result);

/* A published value to draw beside simulated ones. */
struct vsw_report_mark {
    const char *x_key;          /* Axis it belongs to, or "design". */
    const char *metric;
    double x;                   /* Axis value, or the design's index. */
    double y;                   /* In the metric's unit. */
    const char *label;          /* For the legend; equal ones share a mark. */
};

/* Draws every plot of 'result' to 'dir' (created if need be) as an SVG and as
 * a PNG, each whole or not there:
 *
 *   lines   one line per design over an axis, with 95 % error bars
 *   bars    bars grouped by axis value or by design, with error bars
 *   stack   a cost cut into the accounts of the ledger
 *
 * A plot none of whose points has a value is left out.
 *
 * Colours are those of Okabe and Ito, which colour-blind people tell apart,
 * and lines differ in their marks as well.  'marks' (may be NULL) are added to
 * line plots of their axis and metric.
 *
 * Needs the program gnuplot and runs it without a shell.  Returns 0, or
 * a negative errno value with 'err' filled: VSW_ERROR_UNAVAILABLE if gnuplot
 * is missing, VSW_ERROR_USAGE if a plot asks for what the result lacks. */
VSW_API int vsw_report_plots(const struct vsw_result *result,
                             const struct vsw_report_mark *marks,
                             uint32_t n_marks, const char *dir,
                             struct vsw_error *err);

/* Makes a page of 'n' results: a summary in words, figures with the numbers
 * behind them, the ledger as stacked bars, warnings, and what was run.  One
 * HTML file without scripts that asks nothing of the network, for light and
 * dark screens.  '*text' is to free.
 *
 * Needs gnuplot.  Returns 0, or a negative errno value with 'err' filled. */
VSW_API int vsw_report_html(char **text,
                            const struct vsw_result *const *results,
                            uint32_t n, struct vsw_error *err);

VSW_EXTERN_C_END

#endif
