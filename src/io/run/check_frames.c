#include "io/run/check_frames.h"

#include <errno.h>
#include <stdlib.h>

#include "io/config/config_keys.h"

/* Of what is simulated of it; 0 if that is nothing. */
static uint32_t
largest_frame(const struct vsw_workload *w)
{
    uint32_t most = 0;

    for (uint32_t i = 0; i < w->n_recs; i++) {
        const struct vsw_workload_rec *rec = &w->recs[i];

        if (w->flows[rec->flow_id].in_port != VSW_NONE
            && rec->frame_bytes > most) {
            most = rec->frame_bytes;
        }
    }
    return most;
}

/* The first point whose trace is that of point 'i'. */
static uint32_t
first_of(struct vsw_trace *const *traces, uint32_t i)
{
    uint32_t j = 0;

    while (traces[j] != traces[i]) {
        j++;
    }
    return j;
}

int
vsw_check_frames(const struct vsw_plan *plan,
                 struct vsw_trace *const *traces, struct vsw_error *err)
{
    uint32_t *of_trace = calloc(plan->n_points, sizeof *of_trace);
    uint32_t *of_point = calloc(plan->n_points, sizeof *of_point);
    int error;

    if (!of_trace || !of_point) {
        free(of_trace);
        free(of_point);
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "out of memory");
    }
    for (uint32_t i = 0; i < plan->n_points; i++) {
        const struct vsw_config *config = &plan->points[i].config;
        uint32_t first = first_of(traces, i);

        if (first == i && !vsw_config_has_dialogs(config)) {
            of_trace[i] = largest_frame(vsw_trace_workload(traces[i]));
        }
        of_point[i] = vsw_config_largest_frame(config);
        if (of_point[i] == 0) {
            of_point[i] = of_trace[first];
        }
    }
    error = vsw_config_check_frames(plan, of_point, err);
    free(of_trace);
    free(of_point);
    return error;
}
