/* Trace: packets from a pcap or pcapng capture, decoded once.
 *
 * Reads pcap and pcapng with microseconds or nanoseconds in both byte orders,
 * from a file or ("-") standard input, plain or, where libarchive is built
 * in, compressed; link types Ethernet, raw IP, Linux cooked and loopback.
 * Sizes come from the original length of each packet, headers from what was
 * captured of it.
 *
 * Records go to an unlinked temporary file that is mapped, so memory in use
 * does not grow with the trace and several threads share one decoding.
 *
 * Thread-safety: read-only after vsw_trace_open(). */
#ifndef VSWSIM_TRACE_H
#define VSWSIM_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/config.h>
#include <vswsim/error.h>
#include <vswsim/workload.h>

VSW_EXTERN_C_BEGIN

struct vsw_trace_summary {
    char digest[65];            /* SHA-256 of the file as read. */
    const char *link_type;      /* Static: "EN10MB". */
    uint64_t n_pkts;            /* Read and accepted by the filter. */
    uint64_t n_bytes;           /* Of their frames. */
    uint64_t span_ns;
    uint32_t n_flows;
    uint32_t min_frame_bytes;
    uint32_t max_frame_bytes;
    uint64_t n_filtered;        /* Refused by the filter. */
    uint64_t n_unmapped;        /* Of flows that map to no port. */
    uint64_t n_truncated;       /* Captured shorter than they were. */
    uint64_t n_equal_times;     /* Same time as the packet before. */
    uint64_t n_backward_times;  /* Earlier: taken as equal. */
    uint64_t n_absurd_jumps;    /* Gaps cut to 'max_jump_ns'. */
    bool cut;                   /* The file ends inside a packet. */
};

struct vsw_trace;

/* Opens what 'traffic' names, decodes it, and maps its flows to 'n_ports'
 * ports.  Returns 0, or a negative errno value with 'err' filled. */
VSW_API int vsw_trace_open(struct vsw_trace **trace,
                           const struct vsw_config_traffic *traffic,
                           uint32_t n_ports, struct vsw_error *err);

VSW_API void vsw_trace_close(struct vsw_trace *trace);

VSW_API const struct vsw_trace_summary *
vsw_trace_summary(const struct vsw_trace *trace);

/* Borrowed until the trace is closed. */
VSW_API const struct vsw_workload *
vsw_trace_workload(const struct vsw_trace *trace);

VSW_EXTERN_C_END

#endif
