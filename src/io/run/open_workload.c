#include "io/run/open_workload.h"

#include <errno.h>

#include "io/config/config_keys.h"
#include "io/run/make_dialogs.h"
#include "io/trace/trace_make.h"
#include "io/trace/trace_talks.h"

int
vsw_open_workload(struct vsw_trace **trace, const struct vsw_config *config,
                  struct vsw_error *err)
{
    uint32_t n_ports = config->guests.n + config->wires.n;
    bool closed = vsw_config_is_closed_loop(config);
    struct vsw_dialogs dialogs;
    int error;

    *trace = NULL;
    if (closed || !vsw_config_has_dialogs(config)) {
        error = vsw_trace_open(trace, &config->traffic, n_ports, err);
        if (!error && closed) {
            error = vsw_trace_find_talks(*trace, err);
        }
    } else {
        error = vsw_make_dialogs(&dialogs, config, NULL)
                    ? vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                                    "out of memory")
                    : vsw_trace_make(trace, &dialogs, n_ports, err);
        vsw_dialogs_fini(&dialogs);
    }
    if (error) {
        vsw_trace_close(*trace);
        *trace = NULL;
    }
    return error;
}
