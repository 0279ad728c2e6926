/* Decoding: from an open capture to records in a spool and a set of flows. */
#ifndef VSW_IO_TRACE_DECODE_H
#define VSW_IO_TRACE_DECODE_H

#include <stdint.h>
#include <stdio.h>

#include <vswsim/error.h>
#include <vswsim/trace.h>

#include "io/trace/trace_flows.h"
#include "io/trace/trace_spool.h"

/* How to decode. */
struct vsw_decode_options {
    const char *name;           /* Of the trace, for messages. */
    const char *filter;         /* BPF expression, or NULL. */
    uint32_t max_flows;         /* 0: all. */
    uint64_t max_jump_ns;       /* 0: no limit. */
};

/* What comes out, besides the records. */
struct vsw_decoded {
    const struct vsw_link *link;
    struct vsw_flow_set flows;
    struct vsw_trace_summary summary;
    struct vsw_trace_size sizes[VSW_TRACE_N_SIZES];
    uint64_t last_ns;           /* Time of the last record. */
};

/* Reads 'file' to its end and closes it, also on failure.  Writes to 'spool'
 * records without links to the next on their port.  Fills 'out', which must
 * be zero but for an initialized set of flows; of its summary, not the digest.
 * Returns 0, or a negative errno value with 'err' filled. */
int vsw_trace_decode(struct vsw_decoded *out, FILE *file,
                     const struct vsw_decode_options *options,
                     struct vsw_spool *spool, struct vsw_error *err);

#endif
