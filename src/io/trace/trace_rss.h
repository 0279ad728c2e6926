/* The hash that a NIC supplies with the packets of each flow. */
#ifndef VSW_IO_TRACE_RSS_H
#define VSW_IO_TRACE_RSS_H

#include "io/trace/trace_flows.h"

/* Sets 'rss_hash' of all flows: Toeplitz with the default key over addresses
 * and, for TCP, UDP and SCTP, ports; 0 without an IP header.  Returns 0 or
 * -ENOMEM. */
int vsw_trace_rss(struct vsw_flow_set *set);

#endif
