/* The parts of a trace, for the files that build it. */
#ifndef VSW_IO_TRACE_IMPL_H
#define VSW_IO_TRACE_IMPL_H

#include <stdio.h>

#include <vswsim/trace.h>

#include "io/trace/trace_decode.h"

struct vsw_trace {
    struct vsw_decoded decoded;
    struct vsw_workload workload;
    struct vsw_workload_port *ports;        /* Owned. */
    struct vsw_trace_port *port_stats;      /* Owned; as many. */
    void *map;                              /* The records, or NULL. */
    size_t map_bytes;
    struct vsw_workload_talk *talks;        /* Owned, as these: */
    struct vsw_workload_msg *msgs;
};

/* As vsw_trace_open(), of a capture that is open already and is closed here;
 * 'name' is for messages.  Fuzzing enters here. */
int vsw_trace_open_file(struct vsw_trace **trace, FILE *file,
                        const char *name,
                        const struct vsw_config_traffic *traffic,
                        uint32_t n_ports, struct vsw_error *err);

#endif
