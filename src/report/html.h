/* Pages: what the parts of html.c share. */
#ifndef REPORT_HTML_H
#define REPORT_HTML_H

#include <stdio.h>

#include <vswsim/report.h>

/* Writes 'text' with what HTML gives a meaning replaced. */
void html_text(FILE *out, const char *text);

/* "8.22 ±0.01 Mpps", or "-". */
void html_value(FILE *out, const struct vsw_result_value *v,
                const char *metric);

/* Numbers with 'digits' significant digits. */
void html_number(FILE *out, double x, int digits);

/* "frame_bytes 64, n 2" of the axes at 'point'; "" without axes. */
void html_place(FILE *out, const struct vsw_result *result,
                const struct vsw_result_point *point);

/* Rows of a result: combinations of axis values. */
uint32_t html_n_rows(const struct vsw_result *result);
const struct vsw_result_point *html_point(const struct vsw_result *result,
                                          uint32_t design, uint32_t row);

/* Who wins, by how much, and what limits each. */
void html_summary(FILE *out, const struct vsw_result *result);

/* The ledger as stacked bars, with the numbers behind them. */
void html_ledger(FILE *out, const struct vsw_result *result);

#endif
