/* Trace generator: captures with a given size, flow mix and seed.
 *
 * Packets belong to flows of equal or Zipf popularity, have sizes drawn from
 * a weighted list, and come evenly or as a Poisson process.  Equal arguments
 * give equal bytes, on every machine.
 *
 * Flow f goes from port f mod 'n_ports' to another one drawn at random; a
 * port's host P has the addresses 02:00:00:00:PP:PP and 10.0.0.0 + P, where
 * hosts count from 1.  Frames are Ethernet, IPv4 and UDP or TCP with right
 * checksums and a payload of zeros; TCP sequence numbers go on from packet to
 * packet, and nobody acknowledges.
 *
 * Files are little-endian with times in nanoseconds since 1970, and can be
 * read by tcpdump and tshark.
 *
 * Thread-safety: yes, with different files. */
#ifndef VSWSIM_TRACE_GEN_H
#define VSWSIM_TRACE_GEN_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/error.h>

VSW_EXTERN_C_BEGIN

enum vsw_trace_format {
    VSW_TRACE_PCAPNG,
    VSW_TRACE_PCAP,
};

enum vsw_trace_proto {
    VSW_TRACE_UDP,
    VSW_TRACE_TCP,
};

struct vsw_trace_gen_size {
    uint32_t frame_bytes;       /* VSW_TRACE_GEN_MIN_ to _MAX_FRAME_BYTES. */
    uint32_t weight;            /* Out of the sum of all weights, which is
                                 * below 2^32. */
};

/* From the smallest Ethernet frame to the largest IPv4 packet. */
#define VSW_TRACE_GEN_MIN_FRAME_BYTES 64
#define VSW_TRACE_GEN_MAX_FRAME_BYTES (65535 + 14 + 4)

#define VSW_TRACE_GEN_MAX_PORTS 65534

struct vsw_trace_gen {
    uint64_t seed;
    uint32_t n_pkts;            /* > 0 */
    uint32_t n_flows;           /* 1 to VSW_TRACE_MAX_FLOWS. */
    uint32_t n_ports;           /* 2 to VSW_TRACE_GEN_MAX_PORTS. */
    uint32_t skew_milli;        /* Of the Zipf distribution of the flows'
                                 * popularity, in thousandths, up to
                                 * VSW_ZIPF_MAX_SKEW_MILLI; 0: uniform. */
    const struct vsw_trace_gen_size *sizes;     /* Borrowed. */
    uint32_t n_sizes;           /* 0: the simple IMIX. */
    enum vsw_trace_proto proto;
    uint64_t rate_pps;          /* Up to 10^12. */
    uint64_t gap_ns;            /* Mean gap, instead; used if 'rate_pps' is
                                 * 0.  Both 0: all at the same time. */
    bool poisson;               /* Exponential gaps, not equal ones. */
    uint32_t snaplen_bytes;     /* Kept of each packet; 0: all. */
    enum vsw_trace_format format;
};

/* The simple Internet mix: frames of 64, 594 and 1518 bytes, 7 : 4 : 1 (IP
 * packets of 40, 576 and 1500 bytes; the first are padded). */
VSW_API const struct vsw_trace_gen_size *vsw_trace_gen_imix(uint32_t *n);

/* Writes a capture to 'path', which appears, or is replaced, when it is
 * complete.  Returns 0, or a negative errno value with 'err' filled: an
 * argument out of range (VSW_ERROR_USAGE), a file that cannot be created
 * (VSW_ERROR_CANNOT_CREATE) or written (VSW_ERROR_IO). */
VSW_API int vsw_trace_generate(const struct vsw_trace_gen *gen,
                               const char *path, struct vsw_error *err);

VSW_EXTERN_C_END

#endif
