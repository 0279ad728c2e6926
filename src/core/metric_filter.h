/* Selection of ledger lines by a metric's argument; see metric.h. */
#ifndef CORE_METRIC_FILTER_H
#define CORE_METRIC_FILTER_H

#include <stdbool.h>
#include <stddef.h>

#include <vswsim/error.h>
#include <vswsim/outcome.h>

enum vsw_metric_key {
    VSW_METRIC_KEY_UNIT,
    VSW_METRIC_KEY_ROLE,
    VSW_METRIC_KEY_DOMAIN,
    VSW_METRIC_KEY_STAGE,
    VSW_METRIC_KEY_ACCOUNT,
    VSW_N_METRIC_KEYS,
};

/* A piece of the metric's name; 'text' is NULL where nothing was asked. */
struct vsw_metric_span {
    const char *text;
    size_t len;
};

struct vsw_metric_filter {
    struct vsw_metric_span want[VSW_N_METRIC_KEYS];
};

/* Reads 'text' of 'len' bytes into 'filter', which borrows it.  Returns 0, or
 * -EINVAL with 'err' filled. */
int vsw_metric_filter_parse(struct vsw_metric_filter *filter,
                            const char *text, size_t len,
                            struct vsw_error *err);

/* Whether 'charge' of 'outcome' is selected. */
bool vsw_metric_filter_charge(const struct vsw_metric_filter *filter,
                              const struct vsw_outcome *outcome,
                              const struct vsw_outcome_charge *charge);

/* The same for 'lines', which have no account. */
bool vsw_metric_filter_lines(const struct vsw_metric_filter *filter,
                             const struct vsw_outcome *outcome,
                             const struct vsw_outcome_lines *lines);

/* Whether 'unit' is selected as far as 'filter' names units and roles. */
bool vsw_metric_filter_unit(const struct vsw_metric_filter *filter,
                            const struct vsw_outcome_unit *unit);

/* Whether the filter asks for polling by name. */
bool vsw_metric_filter_polls(const struct vsw_metric_filter *filter);

#endif
