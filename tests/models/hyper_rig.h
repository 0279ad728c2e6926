/* A Hyper-Switch on a machine of two nodes, of two modules of two CPUs each,
 * and guests that do what a script says. */
#ifndef HYPER_RIG_H
#define HYPER_RIG_H

#include <vswsim/switch.h>
#include <vswsim/vnic.h>

#include "made_workload.h"
#include "models/hyper_switch/hyper.h"
#include "rig.h"

#define HR_N_CPUS     8
#define HR_MAX_GUESTS 4
#define HR_MAX_ACTS   256
#define HR_MAX_PKTS   4096
#define HR_N_SLOTS    256

/* At 'at_ps' a guest starts to send 'n_pkts' of 'frame_bytes', each with a
 * publication and a kick of its own, and then to compute. */
struct hr_act {
    uint64_t at_ps;
    uint32_t n_pkts;
    uint32_t flow_id;
    uint32_t frame_bytes;
    uint64_t compute_ps;
};

struct hr_guest {
    struct hyper_rig *rig;
    struct vsw_vnic *vnic;
    struct vsw_worker worker;
    struct hr_act acts[HR_MAX_ACTS];
    struct vsw_wakeup wakeups[HR_MAX_ACTS];     /* A worker remembers only
                                                 * a few. */
    uint32_t n_acts;
    uint32_t at;                /* Act at hand. */
    bool kick_due;
    bool polls;                 /* Its receive ring, after an interrupt. */
    uint64_t sent_ps;           /* When it last sent. */
    uint64_t arrived_ps[HR_MAX_PKTS];
    uint64_t waited_ps[HR_MAX_PKTS];    /* From publication to arrival. */
    uint32_t n_arrived;
    uint32_t n_upcalls;
};

struct hyper_rig {
    struct rig rig;
    struct made made;
    struct vsw_pkts pkts;
    struct vsw_switch sw;
    struct vsw_outcome *outcome;
    struct vsw_unit *units[HR_N_CPUS];
    struct vsw_unit *guest_units[HR_MAX_GUESTS];
    struct hr_guest guests[HR_MAX_GUESTS];
    struct hyper *hyper;
    _Alignas(64) unsigned char arena[1 << 20];
};

/* Guests 0, 1, ... on CPUs 'cpus[0]', ...: flow i goes from guest i to the
 * next one.  All costs are 100 ns, and 1 ns per byte copied, by a CPU or the
 * DMA engine; a flow is known from the start.  'set' changes parameters, or is
 * NULL. */
void hr_init(struct hyper_rig *hr, uint32_t n_guests, const uint32_t *cpus,
             uint64_t duration_ps, void (*set)(struct hyper_params *p));

/* Adds to the script of 'guest'; in order of time. */
void hr_act(struct hyper_rig *hr, uint32_t guest, struct hr_act act);

/* Runs to the end; all laws and rules must hold. */
void hr_run(struct hyper_rig *hr);
void hr_fini(struct hyper_rig *hr);

#endif
