#include "io/run/open_workload.h"

#include <errno.h>

#include "io/run/make_dialogs.h"
#include "io/trace/trace_make.h"

static int
borrow_sizes(struct vsw_trace *trace, const struct vsw_config *config,
             struct vsw_error *err)
{
    struct vsw_trace *lender;
    int error = vsw_trace_open(&lender, &config->traffic, 0, err);

    if (!error) {
        vsw_trace_borrow_records(trace, lender);
    }
    return error;
}

int
vsw_open_workload(struct vsw_trace **trace, const struct vsw_config *config,
                  struct vsw_error *err)
{
    uint32_t n_ports = config->guests.n + config->wires.n;
    struct vsw_dialogs dialogs;
    int error;

    *trace = NULL;
    if (!vsw_config_has_dialogs(config)) {
        return vsw_trace_open(trace, &config->traffic, n_ports, err);
    }
    error = vsw_make_dialogs(&dialogs, config)
                ? vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                                "out of memory")
                : vsw_trace_make(trace, &dialogs, n_ports, err);
    vsw_dialogs_fini(&dialogs);
    if (!error && config->workload.sizes_of_trace) {
        error = borrow_sizes(*trace, config, err);
        if (error) {
            vsw_trace_close(*trace);
            *trace = NULL;
        }
    }
    return error;
}
