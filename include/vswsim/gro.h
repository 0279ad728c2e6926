/* GRO: joins consecutive segments of a flow that arrive in one poll, so that
 * the stack sees few large ones.
 *
 * What was added comes out, in order within each flow, of vsw_gro_pop(): at
 * once if it cannot grow any more, or after vsw_gro_flush().
 *
 * Source: Linux net/core/dev.c (MAX_GRO_SKBS) and net/ipv4/tcp_offload.c,
 * tcp_gro_receive(): segments join if they follow each other with the same
 * acknowledgement; a short one, one that is pushed, or a full 64 KB ends it.
 * Left out: GRO of UDP.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_GRO_H
#define VSWSIM_GRO_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/pkt.h>

VSW_EXTERN_C_BEGIN

#define VSW_GRO_MAX_FLOWS 8
#define VSW_GRO_MAX_BYTES 65536u

struct vsw_gro_seg {
    uint32_t flow;
    uint32_t n_pkts;            /* That it was made of. */
    struct vsw_l4 l4;
};

struct vsw_gro {
    struct vsw_gro_seg held[VSW_GRO_MAX_FLOWS];     /* Oldest first. */
    uint32_t n_held;
    struct vsw_gro_seg ready[VSW_GRO_MAX_FLOWS + 2];
    uint32_t n_ready;
};

/* Adds what a packet of 'flow' carries; nothing may be ready. */
VSW_API void vsw_gro_add(struct vsw_gro *gro, uint32_t flow,
                         const struct vsw_l4 *l4);

/* Lets go of all that is held; nothing may be ready. */
VSW_API void vsw_gro_flush(struct vsw_gro *gro);

/* Takes the next segment that is ready; false: none. */
VSW_API bool vsw_gro_pop(struct vsw_gro *gro, struct vsw_gro_seg *seg);

VSW_EXTERN_C_END

#endif
