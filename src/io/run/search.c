#include "io/run/search.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "io/config/config_keys.h"
#include "io/run/make_dialogs.h"

#define PPM       UINT64_C(1000000)
#define PS_PER_US UINT64_C(1000000)

static uint64_t *
rate_of(struct vsw_config *config)
{
    return vsw_config_has_dialogs(config) ? &config->workload.rate_pps
                                          : &config->traffic.rate_pps;
}

static uint64_t
counter(const struct vsw_outcome *outcome, const char *name)
{
    for (uint32_t i = 0; i < outcome->n_counters; i++) {
        if (!strcmp(outcome->counters[i].name, name)) {
            return outcome->counters[i].value;
        }
    }
    return 0;
}

static bool
loses_nothing(const struct vsw_config *config,
              const struct vsw_outcome *outcome)
{
    uint64_t n_lost = outcome->window_dropped.n_pkts
                      + counter(outcome, "udp_overflow_pkts");

    return n_lost * PPM
           <= outcome->window_offered.n_pkts * config->search.max_loss_ppm;
}

/* Packets that the sources should have offered in the window. */
static uint64_t
n_expected(const struct vsw_config *config, const struct vsw_outcome *outcome)
{
    uint64_t rate_pps = config->traffic.rate_pps;

    if (vsw_config_has_dialogs(config)) {
        rate_pps = config->workload.rate_pps
                   * vsw_config_count_dialogs(config).n_dialogs;
    }
    return outcome->window_ps / PS_PER_US * rate_pps / PPM;
}

/* A source that is too slow for the rate shows nothing about it.  A part of
 * 200 is allowed, and a burst of each source at either end. */
static bool
keeps_up(const struct vsw_config *config, const struct vsw_outcome *outcome)
{
    uint64_t n_sources = (uint64_t) config->guests.n * config->guests.n_cpus
                         + config->wires.n;
    uint64_t n_slack = n_sources * 2 * config->guests.burst_pkts;
    uint64_t n = n_expected(config, outcome);

    return outcome->window_offered.n_pkts + n_slack + n / 200 >= n;
}

static int
note_rate(struct vsw_outcome *outcome, uint64_t rate_pps,
          struct vsw_error *err)
{
    struct vsw_outcome_counter *counters
        = realloc(outcome->counters,
                  (outcome->n_counters + 1) * sizeof *counters);

    if (!counters) {
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "out of memory");
    }
    outcome->counters = counters;
    counters[outcome->n_counters++] = (struct vsw_outcome_counter) {
        .name = "search_rate_pps", .unit = "packets/s", .value = rate_pps,
        .is_level = true,
    };
    return 0;
}

/* The best run so far: of the highest rate without loss or, as long as there
 * is none, of the lowest rate. */
struct best {
    struct vsw_outcome *outcome;
    uint64_t rate_pps;          /* 0: it loses. */
};

static void
keep(struct best *best, struct vsw_outcome *outcome, uint64_t rate_pps)
{
    vsw_outcome_free(best->outcome);
    best->outcome = outcome;
    best->rate_pps = rate_pps;
}

static int
bisect(struct best *best, struct vsw_config *config,
       const struct vsw_workload *workload,
       const struct vsw_simulate_how *how, struct vsw_error *err)
{
    uint64_t most = *rate_of(config), low = 0, rate = most;

    for (uint32_t step = 0; step < config->search.n_steps && rate > low;
         step++) {
        struct vsw_outcome *outcome;
        int error;

        *rate_of(config) = rate;
        error = vsw_simulate(&outcome, config, workload, how, err);
        if (error) {
            return error;
        }
        if (keeps_up(config, outcome) && loses_nothing(config, outcome)) {
            keep(best, outcome, rate);
            low = rate;
        } else {
            most = rate;
            if (best->rate_pps == 0) {
                keep(best, outcome, 0);
            } else {
                vsw_outcome_free(outcome);
            }
        }
        rate = low + (most - low) / 2;
    }
    return note_rate(best->outcome, best->rate_pps, err);
}

int
vsw_search(struct vsw_outcome **outcome, const struct vsw_config *config,
           const struct vsw_workload *workload,
           const struct vsw_simulate_how *how, struct vsw_error *err)
{
    struct vsw_config copy = *config;
    struct best best = {.outcome = NULL};
    int error;

    if (config->search.kind == VSW_SEARCH_NONE) {
        return vsw_simulate(outcome, config, workload, how, err);
    }
    error = bisect(&best, &copy, workload, how, err);
    if (error) {
        vsw_outcome_free(best.outcome);
        best.outcome = NULL;
    }
    *outcome = best.outcome;
    return error;
}
