/* Writes capture files, little-endian with nanoseconds, of Ethernet. */
#ifndef VSW_IO_TRACE_WRITE_H
#define VSW_IO_TRACE_WRITE_H

#include <stdint.h>

#include <vswsim/trace_gen.h>

#include "io/trace/trace_out.h"

/* Writes the headers of a file that keeps 'snaplen_bytes' of each packet. */
void vsw_trace_write_header(struct vsw_trace_out *out,
                            enum vsw_trace_format format,
                            uint32_t snaplen_bytes);

/* Writes a packet at 'time_ns' that had 'n_original' bytes, of which the
 * first 'n_captured' are at 'data'. */
void vsw_trace_write_packet(struct vsw_trace_out *out,
                            enum vsw_trace_format format, uint64_t time_ns,
                            const void *data, uint32_t n_captured,
                            uint32_t n_original);

/* The same with a comment, as pcapng has. */
void vsw_trace_write_commented(struct vsw_trace_out *out, uint64_t time_ns,
                               const void *data, uint32_t n_captured,
                               uint32_t n_original, const char *comment);

#endif
