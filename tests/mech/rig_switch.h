/* A switch with its guests, made by hand so that a test can look inside. */
#ifndef RIG_SWITCH_H
#define RIG_SWITCH_H

#include <vswsim/model.h>
#include <vswsim/switch.h>
#include <vswsim/virtio_poll.h>

#include "made_workload.h"
#include "rig.h"

#define RIG_ARENA_BYTES (8 << 20)

struct rig_switch {
    struct rig rig;
    struct made made;
    struct vsw_pkts pkts;
    struct vsw_switch sw;
    struct vsw_unit *unit;
    struct vsw_outcome *outcome;
    struct vsw_virtio_poll drivers[MADE_MAX_PORTS];
    _Alignas(64) unsigned char arena[RIG_ARENA_BYTES];
};

/* Makes the switch 'name' on a machine where a copied byte takes 100 ps and
 * everything else 50 ns, whose parameters are defaults unless 'set' (may be
 * NULL) changes its state, with 'n_ports' ports of 'n_slots' slots.  The
 * caller has made rs->made. */
void rig_switch_init(struct rig_switch *rs, const char *name,
                     uint32_t n_ports, uint32_t n_slots,
                     void (*set)(void *state));

/* Starts a driver at every port. */
void rig_switch_start(struct rig_switch *rs,
                      const struct vsw_traffic_setup *setup);

void rig_switch_fini(struct rig_switch *rs);

#endif
