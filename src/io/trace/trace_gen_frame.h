/* Headers of generated packets. */
#ifndef VSW_IO_TRACE_GEN_FRAME_H
#define VSW_IO_TRACE_GEN_FRAME_H

#include <stdint.h>

#include <vswsim/trace_gen.h>

#define VSW_GEN_MAX_HEADER_BYTES 54

/* A packet to be made: from and to count hosts from 1. */
struct vsw_gen_packet {
    enum vsw_trace_proto proto;
    uint32_t from;
    uint32_t to;
    uint16_t from_port;
    uint16_t to_port;
    uint32_t tcp_seq;
    uint32_t n_bytes;           /* Without the check sequence. */
};

/* Bytes of payload in a packet of 'n_bytes'. */
uint32_t vsw_gen_payload_bytes(enum vsw_trace_proto proto, uint32_t n_bytes);

/* Writes the headers to 'header' (of VSW_GEN_MAX_HEADER_BYTES), with the
 * checksums of a packet whose payload is zero. */
void vsw_gen_make_header(uint8_t *header, const struct vsw_gen_packet *p);

#endif
