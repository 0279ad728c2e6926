/* Frames: packets while they are outside of memory, in devices and on links.
 *
 * A packet has a buffer while it lies in the memory of the machine and none
 * while a device or a link has it; its header then stands here, by the number
 * of the packet.  A NIC really copies it from one to the other.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_FRAMES_H
#define VSWSIM_FRAMES_H

#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/pkt.h>
#include <vswsim/sim.h>

VSW_EXTERN_C_BEGIN

struct vsw_frames {
    struct vsw_sim *sim;        /* Borrowed, as the next two. */
    struct vsw_pkts *pkts;
    struct vsw_bufs *bufs;
    uint8_t (*headers)[VSW_HEADER_BYTES];   /* By packet. */
};

/* Makes room for the headers of all packets of 'pkts'; buffers are those of
 * 'bufs'.  Returns 0 or -ENOMEM. */
VSW_API int vsw_frames_init(struct vsw_frames *frames, struct vsw_sim *sim,
                            struct vsw_pkts *pkts, struct vsw_bufs *bufs);
VSW_API void vsw_frames_fini(struct vsw_frames *frames);

/* Copies the header of 'pkt' out of its buffer, which it then has no more. */
VSW_API void vsw_frames_load(struct vsw_frames *frames, uint32_t pkt);

/* Copies the header of 'pkt' into 'buf', the first of a chain, which then is
 * its buffer. */
VSW_API void vsw_frames_store(struct vsw_frames *frames, uint32_t pkt,
                              uint32_t buf);

VSW_EXTERN_C_END

#endif
