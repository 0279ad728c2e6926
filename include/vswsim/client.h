/* Client: the source and sink of a workload at the far end of a link.
 *
 * It sends what its traffic says, when that says so, and takes whatever
 * arrives.  Neither costs it any time: it is the wire, and never the client,
 * that limits.  A saturating one keeps the wire busy; one with times of its
 * own gives a frame up that finds its end of the link full.
 *
 * Left out: the protocols that run on real clients; a packet that arrives is
 * not answered.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_CLIENT_H
#define VSWSIM_CLIENT_H

#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/error.h>
#include <vswsim/frames.h>
#include <vswsim/traffic.h>
#include <vswsim/wire.h>
#include <vswsim/worker.h>

VSW_EXTERN_C_BEGIN

struct vsw_client {
    struct vsw_unit tx_unit;
    struct vsw_unit rx_unit;
    struct vsw_worker tx_worker;
    struct vsw_worker rx_worker;
    struct vsw_source tx_source;
    struct vsw_source rx_source;
    struct vsw_frames *frames;
    struct vsw_link_end *end;
    struct vsw_traffic traffic;
    uint32_t port;
};

/* Makes 'client' the owner of 'end' (borrowed): packets leave as of 'port' and
 * arrive as delivered to it.  The caller has made 'traffic', or set its 'rec'
 * to VSW_NONE to send nothing.  Returns 0, or -ENOMEM with 'err' filled. */
VSW_API int vsw_client_init(struct vsw_client *client,
                            struct vsw_frames *frames, const char *name,
                            struct vsw_link_end *end, uint32_t port,
                            struct vsw_error *err);
VSW_API void vsw_client_fini(struct vsw_client *client);

VSW_EXTERN_C_END

#endif
