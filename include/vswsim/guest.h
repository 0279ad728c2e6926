/* Guest: what runs inside a VM, as the simulation starts it.
 *
 * A guest has one virtual NIC with a queue pair per vCPU (port.h, vnic.h) and
 * one driver, which also stands for what runs above it.  A driver is one
 * const table, registered by one line in src/guest/drivers.def.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_GUEST_H
#define VSWSIM_GUEST_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/dialog.h>
#include <vswsim/error.h>
#include <vswsim/switch.h>
#include <vswsim/traffic.h>

VSW_EXTERN_C_BEGIN

struct vsw_guest;

struct vsw_guest_ops {
    const char *name;           /* "virtio_poll" */
    const char *title;          /* One line for people. */
    bool blocks;                /* Its vCPUs sleep when they have nothing to
                                 * do, so they may share CPUs. */
    bool has_dialogs;           /* It can run the ends of dialogs (dialog.h),
                                 * not only send a trace. */

    bool only_dialogs;          /* It cannot send a trace. */
    bool has_rx_target;         /* It posts fewer receive buffers than there
                                 * are slots: 'rx_min_bufs' of the switch. */

    /* Starts the guest: adds its workers to the CPUs of its vNICs.  Returns
     * 0, or a negative errno value with 'err' filled. */
    int (*start)(struct vsw_guest *guest, struct vsw_error *err);

    /* Adds what its sockets counted to the dialogs, at the end of a run that
     * has them; NULL without 'has_dialogs'. */
    void (*report)(struct vsw_guest *guest);

    /* Releases what start took, even if that failed half way; may be NULL. */
    void (*fini)(struct vsw_guest *guest);
};

struct vsw_guest {
    const struct vsw_guest_ops *ops;
    struct vsw_switch *sw;
    struct vsw_port *port;
    uint32_t index;             /* Number of the guest, and of its port. */
    uint32_t domain;
    uint64_t *start_ps;         /* When each vCPU starts, by queue. */
    struct vsw_traffic_setup traffic;   /* What it sends; 'queue' is for the
                                         * driver to set. */
    bool is_deaf;               /* It never takes a packet out of its receive
                                 * rings; for virtio_poll. */
    struct vsw_dialogs *dialogs;    /* Whose ends here it runs instead of
                                     * that; NULL: none.  Borrowed. */
    void *state;                /* Of the driver, which makes and frees it. */
};

/* The driver called 'name', or NULL. */
VSW_API const struct vsw_guest_ops *vsw_guest_find(const char *name);

/* The 'i'-th driver in alphabetical order, or NULL past the last. */
VSW_API const struct vsw_guest_ops *vsw_guest_at(uint32_t i);

/* Makes the traffic of queue 'queue' of 'guest', from its own place in the
 * trace. */
VSW_API void vsw_guest_make_traffic(const struct vsw_guest *guest,
                                    uint32_t queue,
                                    struct vsw_traffic *traffic);

VSW_EXTERN_C_END

#endif
