/* Wire: one direction of an Ethernet link, and the link of two of them.
 *
 * A wire is a unit that takes frames from the ring at its near end (the
 * sender's packet memory), one at a time, and puts each into the ring at its
 * far end when its last bit has arrived: whoever is there stores a frame
 * before it forwards it.  A frame keeps its place in the near ring until its
 * last bit has left.
 *
 * A frame occupies the line for a preamble of 8 bytes, its own bytes (check
 * sequence included, padded to 64) and a gap of 12: 84 bytes for the smallest,
 * 67.2 ns at 10 Gbit/s.  Source: IEEE 802.3, clauses 3 and 4.
 *
 * Left out: pause frames, errors, negotiation, energy-efficient Ethernet.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_WIRE_H
#define VSWSIM_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/error.h>
#include <vswsim/frames.h>
#include <vswsim/ring.h>
#include <vswsim/worker.h>

VSW_EXTERN_C_BEGIN

#define VSW_WIRE_PREAMBLE_BYTES  8
#define VSW_WIRE_GAP_BYTES       12
#define VSW_WIRE_MIN_FRAME_BYTES 64

struct vsw_wire_setup {
    uint64_t rate_bps;          /* Of the line; 0: infinitely fast. */
    uint64_t delay_ps;          /* From one end to the other: 5 ns/m. */
};

struct vsw_wire {
    struct vsw_unit unit;
    struct vsw_worker worker;
    struct vsw_source source;
    struct vsw_frames *frames;
    struct vsw_wire_setup setup;
    struct vsw_ring *in;
    struct vsw_ring *out;
    bool has_frame;             /* One has left and waits for its place. */
    uint64_t n_frames;          /* Carried in the window ... */
    uint64_t n_bytes;           /* ... and their bytes, without preamble and
                                 * gap. */
};

/* Line time of a frame. */
VSW_API uint64_t vsw_wire_frame_ps(const struct vsw_wire_setup *setup,
                                   uint32_t frame_bytes);

/* Makes 'wire' a device of the simulation of 'frames' (borrowed), from ring
 * 'in' to ring 'out' (both borrowed).  A frame that finds 'out' full on its
 * arrival is lost (VSW_DROP_FIFO_FULL).  Returns 0, or -ENOMEM with 'err'
 * filled. */
VSW_API int vsw_wire_init(struct vsw_wire *wire, struct vsw_frames *frames,
                          const char *name, struct vsw_ring *in,
                          struct vsw_ring *out,
                          const struct vsw_wire_setup *setup,
                          struct vsw_error *err);
VSW_API void vsw_wire_fini(struct vsw_wire *wire);

/* An end of a full-duplex link: what is stored there. */
struct vsw_link_end {
    struct vsw_ring tx;         /* Waits for the wire. */
    struct vsw_ring rx;         /* Has arrived. */
};

struct vsw_link {
    struct vsw_link_end ends[2];
    struct vsw_wire wires[2];   /* By the end that sends. */
};

/* Makes a link whose ends hold 'n_frames' (a power of two) in each direction.
 * Returns 0, or -ENOMEM with 'err' filled. */
VSW_API int vsw_link_init(struct vsw_link *link, struct vsw_frames *frames,
                          const char *name, uint32_t n_frames,
                          const struct vsw_wire_setup *setup,
                          struct vsw_error *err);
VSW_API void vsw_link_fini(struct vsw_link *link);

VSW_EXTERN_C_END

#endif
