/* Queue of packets without a bound, in the memory of the hypervisor.
 *
 * Units put packets in and take them out at sync only, so that all see them in
 * one order and need no stamps.  The links are in the packets: a packet is on
 * one queue at a time, and a queue takes no memory.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_PKT_FIFO_H
#define VSWSIM_PKT_FIFO_H

#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/pkt.h>

VSW_EXTERN_C_BEGIN

struct vsw_pkt_fifo {
    struct vsw_pkts *pkts;      /* Borrowed. */
    uint32_t first;
    uint32_t last;
    uint32_t n_pkts;
    uint32_t max_held_pkts;     /* The whole run. */
};

VSW_API void vsw_pkt_fifo_init(struct vsw_pkt_fifo *fifo,
                               struct vsw_pkts *pkts);

/* Puts 'pkt' at the end, on 'unit', which is at sync. */
VSW_API void vsw_pkt_fifo_put(struct vsw_pkt_fifo *fifo,
                              const struct vsw_unit *unit, uint32_t pkt);

/* Puts 'pkt', just taken, back to the front. */
VSW_API void vsw_pkt_fifo_put_back(struct vsw_pkt_fifo *fifo,
                                   const struct vsw_unit *unit, uint32_t pkt);

/* Takes the first packet, on 'unit', which is at sync; VSW_NONE if there is
 * none. */
VSW_API uint32_t vsw_pkt_fifo_take(struct vsw_pkt_fifo *fifo,
                                   const struct vsw_unit *unit);

/* Takes out the first packet that came in at 'in_port', on 'unit', which is at
 * sync; VSW_NONE if there is none.  Looks at one after another. */
VSW_API uint32_t vsw_pkt_fifo_take_of(struct vsw_pkt_fifo *fifo,
                                      const struct vsw_unit *unit,
                                      uint32_t in_port);

/* When the first packet of 'in_port' was born; VSW_NEVER if there is none. */
VSW_API uint64_t vsw_pkt_fifo_born_ps(const struct vsw_pkt_fifo *fifo,
                                      uint32_t in_port);

VSW_EXTERN_C_END

#endif
