/* What both forms of VEPA have in common: a link of their own to an external
 * switch, which sends back what is for a neighbour, and clients behind it. */
#ifndef MODELS_VEPA_UPLINK_H
#define MODELS_VEPA_UPLINK_H

#include <vswsim/eswitch.h>
#include <vswsim/ext_switch.h>
#include <vswsim/mactable.h>
#include <vswsim/param.h>
#include <vswsim/switch.h>
#include <vswsim/wire.h>

#include "models/nic_ports.h"

/* What the states of both begin with. */
struct vepa_uplink {
    struct nic_model common;        /* First. */

    /* Parameters. */
    uint64_t link_rate_bps;
    uint64_t link_delay_ns;
    uint64_t ext_switch_ns;

    struct vsw_mactable *macs;      /* Ports of the external switch. */
    struct vsw_link link;           /* End 0 is ours. */
    struct vsw_ext_switch ext;
};

/* The parameters above. */
#define VEPA_UPLINK_PARAMS                                                   \
    VSW_PARAM_U64(struct vepa_uplink, link_rate_bps,                         \
                  UINT64_C(10000000000), 0, UINT64_C(1000000000000),         \
                  "line rate of the link to the external switch; 0: "        \
                  "infinite",                                                \
                  "one port of the NICs of the published machines"),         \
    VSW_PARAM_U64(struct vepa_uplink, link_delay_ns, 50, 0, 1000000,         \
                  "from one end of the link to the other",                   \
                  "10 m of cable"),                                          \
    VSW_PARAM_U64(struct vepa_uplink, ext_switch_ns, 2000, 0, 1000000,       \
                  "latency of the external switch, last bit in to first "    \
                  "out",                                                     \
                  "design choice; cut-through switches take less than 1 "    \
                  "us, others up to 10")

/* Makes all but the NIC, with 'n_bufs' buffers more than the rings have.
 * Returns 0, or a negative errno value with 'err' filled. */
int vepa_uplink_init(struct vepa_uplink *uplink, struct vsw_switch *sw,
                     uint32_t n_bufs, struct vsw_error *err);

/* Frees the NIC as well. */
void vepa_uplink_fini(struct vepa_uplink *uplink);

/* What the NIC is set up with, but for its contexts: what a guest sends goes
 * to the link whatever it is, what comes from there goes by address. */
struct vsw_eswitch_setup vepa_nic_setup(struct vepa_uplink *uplink,
                                        const struct vsw_switch *sw);

#endif
