/* Peer: an external client that runs the ends of dialogs at the far end of
 * a link, never the bottleneck: nothing costs it any time.
 *
 * What it sends is cut into frames of an MSS, as its NIC would; what it
 * receives it aggregates for up to 'hold_ns', as moderated interrupts and
 * receive aggregation do, but passes on at once what ends a burst (a pushed
 * or a short segment).
 *
 * Its applications react 'react_ns' after something has come for them, for as
 * long as interrupts, stack and wake-ups of a real machine take; since they
 * then do all that is due, it delays and does not limit.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_PEER_H
#define VSWSIM_PEER_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/error.h>
#include <vswsim/frames.h>
#include <vswsim/gro.h>
#include <vswsim/sock.h>
#include <vswsim/wire.h>
#include <vswsim/worker.h>

VSW_EXTERN_C_BEGIN

struct vsw_peer {
    struct vsw_unit unit;
    struct vsw_worker worker;
    struct vsw_source sources[2];   /* Received frames; room to send. */
    struct vsw_timer timer;
    uint64_t armed_ps;
    uint64_t hold_ns;
    uint64_t flush_ps;          /* What is held is passed on; VSW_NEVER. */
    uint64_t react_ns;
    uint64_t react_ps;          /* Applications run then; VSW_NEVER. */
    struct vsw_frames *frames;
    struct vsw_link_end *end;
    struct vsw_sockset socks;
    struct vsw_gro gro;
    uint32_t port;
    uint32_t cut_flow;          /* The segment that is being cut ... */
    struct vsw_l4 cut;          /* ... and what is left of it. */
    bool cuts;
};

struct vsw_peer_setup {
    uint32_t port;
    uint64_t hold_ns;
    uint64_t react_ns;
    uint64_t start_ps;
};

/* Makes 'peer' the owner of 'end' (borrowed), with the ends of 'dialogs'
 * (borrowed) at its port, and starts it.  Returns 0, or -ENOMEM
 * with 'err' filled. */
VSW_API int vsw_peer_init(struct vsw_peer *peer, struct vsw_frames *frames,
                          const char *name, struct vsw_link_end *end,
                          struct vsw_dialogs *dialogs,
                          const struct vsw_peer_setup *setup,
                          struct vsw_error *err);
VSW_API void vsw_peer_fini(struct vsw_peer *peer);

VSW_EXTERN_C_END

#endif
