/* Port: where a switch meets a guest or a wire.
 *
 * The ports of guests come first, each a virtual NIC with one or more queue
 * pairs (queue.h) and what its two ends share beside them (vnic.h).  After
 * them come the ports of physical NICs (nic.h), each with a bus and a link to
 * an external client.
 *
 * Of a queue pair, 'tx' is what goes into the switch and 'rx' what comes out
 * of it, for both kinds.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_PORT_H
#define VSWSIM_PORT_H

#include <stdint.h>

#include <vswsim/compiler.h>

struct vsw_bus;
struct vsw_link;
struct vsw_nic;
struct vsw_queue;
struct vsw_vnic;

enum vsw_port_kind {
    VSW_PORT_GUEST,
    VSW_PORT_WIRE,
    VSW_PORT_TAP,               /* In the place of a guest: a process of
                                 * the host behind a tap device. */
    VSW_N_PORT_KINDS,
};

/* Sets of kinds, as models name those that they serve. */
#define VSW_PORTS_GUEST (1u << VSW_PORT_GUEST)
#define VSW_PORTS_WIRE  (1u << VSW_PORT_WIRE)

struct vsw_port {
    enum vsw_port_kind kind;
    uint32_t index;             /* Number of the port. */
    uint32_t first_queue;       /* Place of its first queue pair among those
                                 * of the switch. */
    uint32_t n_queues;
    struct vsw_queue *queues;
    struct vsw_vnic *vnics;     /* One per queue pair; NULL for a wire. */
    const char *driver;         /* Of who uses a port in place of a guest,
                                 * static; NULL: that of the guests. */
    struct vsw_nic *nic;        /* Of a wire; otherwise NULL, as these: */
    struct vsw_bus *bus;
    struct vsw_link *link;      /* End 0 is the NIC's. */
};

#endif
