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
 * ratio to the first design.  Designs that 'width' columns have no room for
 * follow in further blocks.  'color' permits ANSI escapes for emphasis.
 *
 * Shown are rate, loss, latency and cycles, and what the plots ask for. */
VSW_API void vsw_report_table(FILE *out, const struct vsw_result *result,
                              uint32_t width, bool color);

/* A published value to draw beside simulated ones. */
struct vsw_report_mark {
    const char *x_key;          /* Axis it belongs to. */
    const char *metric;
    double x;                   /* Axis value. */
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

VSW_EXTERN_C_END

#endif
