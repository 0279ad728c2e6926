/* The packets, or at least the flows, of one simulation. */
#ifndef IO_RUN_OPEN_WORKLOAD_H
#define IO_RUN_OPEN_WORKLOAD_H

#include <vswsim/config.h>
#include <vswsim/trace.h>

/* Opens the trace that 'config' names or, of a workload of sockets, makes one
 * of its flows.  Returns 0, or a negative errno value with 'err' filled and
 * '*trace' NULL. */
int vsw_open_workload(struct vsw_trace **trace,
                      const struct vsw_config *config,
                      struct vsw_error *err);

#endif
