/* What both forms of VEPA have in common: a link of their own to an external
 * switch, which sends back what is for a neighbour, and clients behind it. */
#ifndef MODELS_VEPA_UPLINK_H
#define MODELS_VEPA_UPLINK_H

#include <vswsim/eswitch.h>
#include <vswsim/ext_switch.h>
#include <vswsim/mactable.h>
#include <vswsim/switch.h>
#include <vswsim/wire.h>

struct vepa_uplink_setup {
    uint64_t link_rate_bps;
    uint64_t link_delay_ns;
    uint64_t ext_switch_ns;
};

struct vepa_uplink {
    struct vsw_mactable *macs;      /* Ports of the external switch. */
    struct vsw_link link;           /* End 0 is ours. */
    struct vsw_ext_switch ext;
};

/* Parameters of these names, of a model whose state is 'type'. */
#define VEPA_UPLINK_PARAMS(type) \
    VSW_PARAM_U64(type, link_rate_bps, UINT64_C(10000000000), 0, \
                  UINT64_C(1000000000000), \
                  "line rate of the link to the external switch; 0: " \
                  "infinite", \
                  "one port of the NICs of the published machines"), \
    VSW_PARAM_U64(type, link_delay_ns, 50, 0, 1000000, \
                  "from one end of the link to the other", \
                  "10 m of cable"), \
    VSW_PARAM_U64(type, ext_switch_ns, 2000, 0, 1000000, \
                  "latency of the external switch, last bit in to first " \
                  "out", \
                  "design choice; cut-through switches take less than 1 " \
                  "us, others up to 10")

/* Returns 0, or a negative errno value with 'err' filled. */
int vepa_uplink_init(struct vepa_uplink *uplink, struct vsw_switch *sw,
                     const struct vepa_uplink_setup *setup,
                     struct vsw_error *err);
void vepa_uplink_fini(struct vepa_uplink *uplink);

/* Where an agent sends a packet: to its only link whatever a guest sent, in by
 * address, of which 'aux' is the table. */
bool vepa_decide(void *aux, struct vsw_eswitch *es,
                 struct vsw_eswitch_job *job, struct vsw_rule *rule);

#endif
