/* A kernel switch without ports' queues: packets are made by hand, and what it
 * decides is looked at. */
#ifndef RIG_KSWITCH_H
#define RIG_KSWITCH_H

#include <vswsim/kswitch.h>

#include "made_workload.h"
#include "rig.h"

enum {
    RIG_SWITCH_CPU,
    RIG_DAEMON_CPU,
    RIG_N_CPUS,
};

#define RIG_N_PKTS 64

struct rig_kswitch {
    struct rig rig;
    struct made made;
    struct vsw_pkts pkts;
    struct vsw_switch sw;
    struct vsw_unit *units[RIG_N_CPUS];
    struct vsw_outcome *outcome;
    struct vsw_kswitch ks;

    /* What the daemon has sent on. */
    uint32_t resumed_pkts[RIG_N_PKTS];
    uint32_t resumed_ports[RIG_N_PKTS];
    uint64_t resumed_ps[RIG_N_PKTS];
    uint32_t n_resumed;
};

/* Makes 'n_ports' ports, 'n_flows' flows between them, each with an address of
 * its own, and the switch 'setup', whose daemon gets a CPU.  Costs are set by
 * the caller, before the run, with rig_set_cost(). */
void rig_kswitch_init(struct rig_kswitch *rk, uint32_t n_ports,
                      uint32_t n_flows,
                      const struct vsw_kswitch_setup *setup);
void rig_kswitch_fini(struct rig_kswitch *rk);

/* A packet of 'flow' in a buffer of its own. */
uint32_t rig_kswitch_packet(struct rig_kswitch *rk, uint32_t flow);

/* What the switch does with it now, on the switch's CPU. */
uint32_t rig_kswitch_forward(struct rig_kswitch *rk, uint32_t pkt);

#endif
