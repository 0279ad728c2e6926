/* Chains the records of each port, from the first to the last. */
#ifndef VSW_IO_TRACE_CHAIN_H
#define VSW_IO_TRACE_CHAIN_H

#include <stdint.h>

#include <vswsim/workload.h>

#include "io/trace/trace_spool.h"

/* Sets 'next_on_port' of the 'n_recs' records in 'spool', which is flushed,
 * and 'first_rec' and 'n_recs' of the 'n_ports' at 'ports'.  Works in small
 * pieces, backward, so that memory in use does not grow with the trace. */
int vsw_trace_chain(struct vsw_spool *spool, uint64_t n_recs,
                    const struct vsw_workload_flow *flows,
                    struct vsw_workload_port *ports, uint32_t n_ports,
                    struct vsw_error *err);

#endif
