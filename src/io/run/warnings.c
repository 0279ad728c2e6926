#include "io/run/warnings.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/result/result_build.h"

#define MAX_WARNING_BYTES 512

static int VSW_PRINTF(2, 3)
warn(struct vsw_experiment_result *result, const char *format, ...)
{
    size_t n = result->n_warnings + 1;
    char **warnings = realloc(result->warnings, n * sizeof *warnings);
    char text[MAX_WARNING_BYTES];
    va_list args;

    if (!warnings) {
        return -ENOMEM;
    }
    result->warnings = warnings;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    warnings[result->n_warnings] = strdup(text);
    if (!warnings[result->n_warnings]) {
        return -ENOMEM;
    }
    result->n_warnings++;
    return 0;
}

/* Whether any point looks at the times of the trace. */
static bool
uses_times(const struct vsw_plan *plan)
{
    for (uint32_t i = 0; i < plan->n_points; i++) {
        enum vsw_pacing pacing = plan->points[i].config.traffic.pacing;

        if (pacing == VSW_PACING_RECORDED || pacing == VSW_PACING_SCALED) {
            return true;
        }
    }
    return false;
}

static int
warn_of_times(struct vsw_experiment_result *result)
{
    const struct vsw_trace_summary *trace = &result->trace;
    int error = 0;

    if (trace->n_backward_times > 0) {
        error = warn(result,
                     "%" PRIu64 " packets of the trace are earlier than "
                     "the one before and were taken as simultaneous",
                     trace->n_backward_times);
    }
    if (!error && trace->n_absurd_jumps > 0) {
        error = warn(result,
                     "%" PRIu64 " gaps of the trace were cut to "
                     "traffic.max_jump_ns",
                     trace->n_absurd_jumps);
    }
    return error;
}

static int
warn_of_trace(struct vsw_experiment_result *result)
{
    const struct vsw_trace_summary *trace = &result->trace;
    int error = 0;

    if (trace->cut) {
        error = warn(result,
                     "the trace ends inside a packet; the %" PRIu64
                     " packets before it were read",
                     trace->n_pkts);
    }
    if (!error && trace->n_unmapped > 0) {
        error = warn(result,
                     "%" PRIu64 " of %" PRIu64
                     " packets map to no port and were left out",
                     trace->n_unmapped, trace->n_pkts);
    }
    if (!error && trace->n_no_talk > 0) {
        error = warn(result,
                     "%" PRIu64 " of %" PRIu64 " packets are of no TCP "
                     "connection over IPv4 that carries payload, and have no "
                     "part in a closed loop",
                     trace->n_no_talk, trace->n_pkts);
    }
    if (!error && uses_times(result->plan)) {
        error = warn_of_times(result);
    }
    return error;
}

/* Fewer packets than this in a replication make a shaky mean. */
#define FEW_PKTS 1000

static int
warn_of_point(struct vsw_experiment_result *result, uint32_t point)
{
    const struct vsw_config *config = &result->plan->points[point].config;
    const struct vsw_outcome *outcome
        = result->outcomes[(size_t) point * result->n_replications];

    if (outcome->window_delivered.n_pkts == 0) {
        return warn(result,
                    "a replication of %s delivered no packets in its window, "
                    "from run.warmup_us to run.duration_us; see whether the "
                    "traffic covers it, and what was dropped",
                    config->design);
    }
    if (outcome->window_delivered.n_pkts >= FEW_PKTS) {
        return 0;
    }
    return warn(result,
                "only %" PRIu64 " packets were delivered in the window of a "
                "replication of %s; use a longer run.duration_us",
                outcome->window_delivered.n_pkts, config->design);
}

/* Times of a trace may rise and fall as they please; anything else should
 * reach a steady state. */
static int
warn_of_warmup(struct vsw_experiment_result *result, uint32_t point)
{
    const struct vsw_config *config = &result->plan->points[point].config;
    uint32_t n = result->n_replications;
    const struct vsw_outcome *const *outcomes =
        (const struct vsw_outcome *const *) &result->outcomes[(size_t) point
                                                              * n];
    struct result_warmup warmup;

    if (config->traffic.pacing == VSW_PACING_RECORDED
        || config->traffic.pacing == VSW_PACING_SCALED
        || !result_warmup_find(&warmup, outcomes, n, &config->run)
        || !strcmp(warmup.verdict, "over")) {
        return 0;
    }
    return warn(result,
                "%s: the warm-up is %s: MSER-5 puts the steady state at "
                "%.0f us, and the window's rate is off by %+.1f %%; use a "
                "longer run.warmup_us and run.duration_us",
                config->design, warmup.verdict, warmup.settled_us,
                100 * warmup.bias);
}

static int
warn_of_start(struct vsw_experiment_result *result)
{
    for (uint32_t i = 0; i < result->plan->n_points; i++) {
        const struct vsw_config *config = &result->plan->points[i].config;

        if (config->workload.start_us > config->run.warmup_us) {
            return warn(result,
                        "connections of %s begin until workload.start_us, "
                        "after the warm-up: what is measured is their begin",
                        config->design);
        }
    }
    return 0;
}

int
vsw_warnings_fill(struct vsw_experiment_result *result)
{
    int error = warn_of_trace(result);

    error = error ? error : warn_of_start(result);

    for (uint32_t i = 0; !error && i < result->plan->n_points; i++) {
        error = warn_of_point(result, i);
        error = error ? error : warn_of_warmup(result, i);
    }
    return error;
}
