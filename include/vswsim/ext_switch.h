/* External switch: what stands at the other ends of the machine's links.
 *
 * It stores a frame, looks up its destination address and forwards it, at line
 * rate from any port to any other; a frame waits only where its output link is
 * busy, and is lost if that has no room (VSW_DROP_FIFO_FULL).  A frame for an
 * unknown address is lost too (VSW_DROP_NO_ROUTE).
 *
 * A switch does not send a frame back to where it came from, unless it is
 * told to: a VEPA (IEEE 802.1Qbg, "reflective relay") has the adjacent switch
 * return what one guest of a machine sends to another.
 *
 * Left out: learning and flooding, group addresses, VLANs, cut-through.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_EXT_SWITCH_H
#define VSWSIM_EXT_SWITCH_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/error.h>
#include <vswsim/frames.h>
#include <vswsim/mactable.h>
#include <vswsim/wire.h>
#include <vswsim/worker.h>

VSW_EXTERN_C_BEGIN

#define VSW_EXT_SWITCH_MAX_PORTS 64

struct vsw_ext_switch_setup {
    uint64_t latency_ps;        /* From the last bit in to the first out. */
    bool returns;               /* Frames may leave where they came in. */
};

struct vsw_ext_switch {
    struct vsw_unit unit;
    struct vsw_worker worker;
    struct vsw_source sources[VSW_EXT_SWITCH_MAX_PORTS];
    struct vsw_link_end *ends[VSW_EXT_SWITCH_MAX_PORTS];
    uint32_t n_ports;
    struct vsw_frames *frames;
    struct vsw_mactable *macs;
    struct vsw_ext_switch_setup setup;
    uint64_t n_forwarded;       /* The whole run; returned ones included. */
    uint64_t n_returned;
};

/* Makes a switch of the 'n_ports' link ends at 'ends'; 'macs' says which port
 * leads to an address.  All are borrowed.  Returns 0, or a negative errno
 * value with 'err' filled: -ENOMEM, or -EINVAL for too many ports or none. */
VSW_API int vsw_ext_switch_init(struct vsw_ext_switch *sw,
                                struct vsw_frames *frames, const char *name,
                                struct vsw_link_end *const *ends,
                                uint32_t n_ports, struct vsw_mactable *macs,
                                const struct vsw_ext_switch_setup *setup,
                                struct vsw_error *err);
VSW_API void vsw_ext_switch_fini(struct vsw_ext_switch *sw);

VSW_EXTERN_C_END

#endif
