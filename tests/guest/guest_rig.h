/* Guests with dialogs, joined by a pipe: a device that carries packets from
 * transmit rings to receive rings, at a rate, after a delay, losing some. */
#ifndef GUEST_RIG_H
#define GUEST_RIG_H

#include <vswsim/dialog.h>
#include <vswsim/guest.h>
#include <vswsim/switch.h>

#include "rig.h"

#define GUEST_RIG_MAX_GUESTS 8
#define GUEST_RIG_MAX_FLOWS  64

struct guest_rig {
    struct rig rig;
    struct vsw_workload workload;
    struct vsw_workload_flow flows[GUEST_RIG_MAX_FLOWS];
    struct vsw_workload_port ports[GUEST_RIG_MAX_GUESTS];
    struct vsw_outcome *outcome;
    struct vsw_pkts pkts;
    struct vsw_switch sw;
    struct vsw_unit *units[GUEST_RIG_MAX_GUESTS];
    struct vsw_dialogs dialogs;
    struct vsw_guest guests[GUEST_RIG_MAX_GUESTS];
    uint32_t n_guests;

    /* The pipe. */
    struct vsw_worker pipe;
    struct vsw_source sources[GUEST_RIG_MAX_GUESTS];
    uint64_t raise_due;         /* A bit for each guest. */
    bool carried;               /* The last call did. */
    uint64_t ps_per_byte;
    uint64_t ps_per_pkt;
    uint32_t drop_per_mille;
    struct vsw_random drops;
    uint64_t n_dropped;
    uint32_t max_payload_bytes; /* That it saw. */
};

/* Makes 'n_guests' with rings of 'n_slots' for 4 KiB each; every cost of the
 * machine is 0. */
void guest_rig_init(struct guest_rig *gr, uint32_t n_guests,
                    uint32_t n_slots, uint64_t duration_ps);

/* Makes 'n' dialogs, number i from guest 'from' + 2 i to the next one if
 * 'pairwise', else all from the first to the second. */
void guest_rig_dialogs(struct guest_rig *gr,
                       const struct vsw_dialog_setup *setup, uint32_t n,
                       bool pairwise);

/* Lets drivers with a target post between 'least' and 'most' buffers. */
void guest_rig_post(struct guest_rig *gr, uint32_t least, uint32_t most);

/* Starts all guests with 'driver', runs to the end, and reports. */
void guest_rig_run(struct guest_rig *gr, const char *driver);
void guest_rig_fini(struct guest_rig *gr);

#endif
