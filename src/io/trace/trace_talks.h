/* Talks: what the ends of the TCP connections of a trace told each other.
 *
 * A talk has the payload of the packets of both flows of a connection, in the
 * order of the capture, retransmitted payload too.  Of a flow back that the
 * capture lacks, or whose addresses do not mirror those of the flow forth,
 * the headers are made from the latter.
 *
 * Left out: connections that are not of plain IPv4 (tagged, tunnelled, IPv6),
 * fragments, and connections without payload. */
#ifndef VSW_IO_TRACE_TALKS_H
#define VSW_IO_TRACE_TALKS_H

#include <vswsim/error.h>
#include <vswsim/trace.h>

#include "io/trace/trace_link.h"

/* Talks of one simulation. */
#define VSW_TRACE_MAX_TALKS 16384u

/* Payload of a TCP segment over IPv4, by its headers, of which the capture
 * must have all but TCP's options; 0 of anything else. */
uint32_t vsw_talk_payload_bytes(const struct vsw_frame *frame);

/* Gives 'trace', whose flows are mapped to ports, its talks between different
 * ports.  Returns 0, or a negative errno value with 'err' filled: there are
 * none (VSW_ERROR_DATA), or too many. */
int vsw_trace_find_talks(struct vsw_trace *trace, struct vsw_error *err);

#endif
