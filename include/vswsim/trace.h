/* Trace: packets from a pcap or pcapng capture, decoded once.
 *
 * Reads pcap and pcapng with microseconds or nanoseconds in both byte orders,
 * from a file or ("-") standard input, plain or, where libarchive is built
 * in, compressed; link types Ethernet, raw IP, Linux cooked and loopback.
 * Sizes come from the original length of each packet, headers from what was
 * captured of it.
 *
 * A packet of another link type gets an Ethernet header in front, with the
 * EtherType of its network header; its size is as if it had had one.
 *
 * Records go to an unlinked temporary file (in TMPDIR, or /tmp) that is
 * mapped, so memory in use does not grow with the trace, but only with the
 * number of flows (about 300 bytes each), and several threads share one
 * decoding.  A pipe or a compressed file is spooled to another one while it
 * is opened.  Standard input is read once and may be opened once; the trace
 * can then be walked as often as a run needs.
 *
 * Times: a packet earlier than the latest one before it gets that one's time
 * ("backward"); a gap above 'max_jump_ns' is cut to it ("absurd"); behind
 * a step back of more than that, time goes on from the new clock.  What
 * happened is counted.
 *
 * Ports: a flow (a direction of a connection) enters at the port of its
 * source and leaves at that of its destination.
 *
 *   mac        One port for each unicast source address, as they first send;
 *              then one for each that only receives.  Addresses stay.
 *   ip         The same by IP address; flows without one are not mapped.
 *   flow_hash  Two different ports by a hash of the connection, which is the
 *              same for both directions.
 *   pairs      One of ports 2i and 2i + 1 by that hash; the other is the
 *              destination.
 *   table      Of the first entry that the source's (the destination's) MAC
 *              or IP address matches.
 *
 * Unless the map is by mac, the MAC addresses in the headers become those of
 * the ports, 02:00:00:00:PP:PP for port P.  A flow that leads nowhere, or
 * back to its own port, is not mapped and not simulated.  One to a group of
 * receivers (multicast, broadcast) has a port to enter, and none to leave.
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

/* Flows in a trace; one with more is refused. */
#define VSW_TRACE_MAX_FLOWS (UINT32_C(1) << 20)

struct vsw_trace_summary {
    char digest[65];            /* SHA-256 of the file as read, before it is
                                 * expanded: what sha256sum prints. */
    const char *link_type;      /* Static: "EN10MB". */
    uint64_t n_pkts;            /* Read and accepted by the filter. */
    uint64_t n_bytes;           /* Of their frames. */
    uint64_t span_ns;           /* From the first packet to the last. */
    uint32_t n_flows;
    uint32_t n_unmapped_flows;
    uint32_t n_mac_addrs;       /* Unicast addresses that send or receive. */
    uint32_t n_ip_addrs;
    uint32_t min_frame_bytes;
    uint32_t max_frame_bytes;
    uint64_t n_filtered;        /* Refused by the filter, or of flows beyond
                                 * 'max_flows'. */
    uint64_t n_unmapped;        /* Of flows that map to no port. */
    uint64_t n_no_talk;         /* In a closed loop: mapped, and of no TCP
                                 * connection that has its talk. */
    uint64_t n_truncated;       /* Captured shorter than they were. */
    uint64_t n_equal_times;     /* Same time as the packet before. */
    uint64_t n_backward_times;  /* Earlier: taken as equal. */
    uint64_t n_absurd_jumps;    /* Gaps cut to 'max_jump_ns'. */
    bool cut;                   /* The file ends inside a packet; of one
                                 * that is compressed, up to 64 KiB before
                                 * the cut cannot be expanded. */
};

/* How many frames have a size between two bounds, both included. */
struct vsw_trace_size {
    uint32_t min_frame_bytes;
    uint32_t max_frame_bytes;
    uint64_t n_pkts;
};

#define VSW_TRACE_N_SIZES 12

/* What enters the switch at a port ("in") and is addressed to it ("out"). */
struct vsw_trace_port {
    uint32_t n_flows_in;
    uint32_t n_flows_out;
    uint64_t n_pkts_in;
    uint64_t n_pkts_out;
    uint64_t n_bytes_in;        /* Of their frames. */
    uint64_t n_bytes_out;
};

struct vsw_trace;

/* Opens what 'traffic' names, decodes it, and maps its flows to 'n_ports'
 * ports; an 'n_ports' of 0 looks at the trace and maps nothing.  Of 'traffic',
 * uses the trace, the filter, the map, 'max_flows' and 'max_jump_ns' (0: no
 * limit, of both).
 * Returns 0, or a negative errno value with 'err' filled and '*trace' NULL:
 *
 *   VSW_ERROR_NO_INPUT       The trace cannot be opened or is a directory.
 *   VSW_ERROR_DATA           It is empty, foreign, damaged or of an unknown
 *                            link type; the filter is wrong or accepts
 *                            nothing; the map does not suit the trace.
 *   VSW_ERROR_UNAVAILABLE    It is compressed, and there is no libarchive.
 *   VSW_ERROR_IO, VSW_ERROR_CANNOT_CREATE
 *                            Reading failed, or the temporary file did.
 *
 * A trace that ends inside a packet is no error: see 'cut'. */
VSW_API int vsw_trace_open(struct vsw_trace **trace,
                           const struct vsw_config_traffic *traffic,
                           uint32_t n_ports, struct vsw_error *err);

VSW_API void vsw_trace_close(struct vsw_trace *trace);

VSW_API const struct vsw_trace_summary *
vsw_trace_summary(const struct vsw_trace *trace);

/* Borrowed until the trace is closed. */
VSW_API const struct vsw_workload *
vsw_trace_workload(const struct vsw_trace *trace);

/* The distribution of frame sizes: VSW_TRACE_N_SIZES classes in ascending
 * order, without gaps.  Borrowed until the trace is closed. */
VSW_API const struct vsw_trace_size *
vsw_trace_sizes(const struct vsw_trace *trace);

/* One element per port.  Borrowed until the trace is closed. */
VSW_API const struct vsw_trace_port *
vsw_trace_ports(const struct vsw_trace *trace);

VSW_EXTERN_C_END

#endif
