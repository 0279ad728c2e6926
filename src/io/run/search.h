/* Search for the highest rate that loses nothing. */
#ifndef IO_RUN_SEARCH_H
#define IO_RUN_SEARCH_H

#include "io/run/simulate.h"

/* As vsw_simulate(), but if 'config' asks for a search, at the highest rate
 * found, up to the one it states, at which its sources keep up with it and no
 * more is lost than it allows.
 * The outcome is that of the run at this rate and has it as the counter
 * "search_rate_pps"; if every rate lost something, that counter is 0 and the
 * rest is of the lowest rate tried.
 *
 * Bisection: 'search.n_steps' runs at most, so the rate is right to
 * 2^-(n_steps - 1) of the stated one, as far as loss grows with the rate.
 * Source: RFC 2544, section 26.1 (throughput). */
int vsw_search(struct vsw_outcome **outcome, const struct vsw_config *config,
               const struct vsw_workload *workload,
               const struct vsw_simulate_how *how, struct vsw_error *err);

#endif
