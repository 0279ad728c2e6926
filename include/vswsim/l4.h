/* Transport headers: writes the header bytes of a packet from the header of
 * its flow and what differs from packet to packet (struct vsw_l4), as a
 * capture at that place would have them.
 *
 * Lengths, sequence numbers, flags, windows, options and checksums are right;
 * payload is zero.  The simulation itself never needs these bytes, so they are
 * made only for who asks.
 *
 * Source: RFC 791, 768, 9293, 7323.  IPv4 only.
 *
 * Thread-safety: pure. */
#ifndef VSWSIM_L4_H
#define VSWSIM_L4_H

#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/pkt.h>
#include <vswsim/workload.h>

VSW_EXTERN_C_BEGIN

/* Most bytes that vsw_l4_write() writes. */
#define VSW_L4_MAX_HEADER_BYTES 74

/* Writes the headers of 'pkt', of flow 'flow', to 'bytes' (of
 * VSW_L4_MAX_HEADER_BYTES), and returns how many there are; those that follow
 * up to vsw_pkt_data_bytes() are zero.  0: 'pkt' carries no 'l4', or the flow
 * is not IPv4; then the flow's header is all there is. */
VSW_API uint32_t vsw_l4_write(uint8_t *bytes, const struct vsw_pkt *pkt,
                              const struct vsw_workload_flow *flow);

VSW_EXTERN_C_END

#endif
