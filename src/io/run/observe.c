#include "io/run/observe.h"

#include <vswsim/trace.h>

#include "io/run/open_workload.h"
#include "io/run/simulate.h"

const struct vsw_point *
vsw_observe_first(const struct vsw_plan *plan, uint32_t d)
{
    return &plan->points[plan->n_points / plan->n_designs * d];
}

int
vsw_observe_point(const struct vsw_point *point,
                  const struct vsw_observer *observer, uint64_t until_us,
                  struct vsw_error *err)
{
    struct vsw_config config = point->config;
    struct vsw_simulate_how how = {.observer = observer};
    struct vsw_outcome *outcome;
    struct vsw_trace *trace;
    int rc = vsw_open_workload(&trace, &config, err);

    if (rc) {
        return rc;
    }
    if (until_us > 0 && until_us < config.run.duration_us) {
        config.run.duration_us = until_us;
    }
    rc = vsw_simulate(&outcome, &config, vsw_trace_workload(trace), &how,
                      err);
    if (!rc) {
        vsw_outcome_free(outcome);
    }
    vsw_trace_close(trace);
    return rc;
}
