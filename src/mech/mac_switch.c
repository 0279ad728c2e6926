#include <vswsim/mac_switch.h>

#include <errno.h>
#include <string.h>

#include <vswsim/buf_mem.h>

#include "core/account.h"
#include "core/cost.h"

int
vsw_mac_switch_init(struct vsw_mac_switch *ms, struct vsw_switch *sw,
                    struct vsw_error *err)
{
    int error = -ENOMEM;

    ms->macs = vsw_mactable_new(&sw->arena, sw->n_ports, 0);
    for (uint32_t i = 0; ms->macs && i < sw->n_ports; i++) {
        struct vsw_mac mac;

        memcpy(&mac, sw->pkts->workload->ports[i].mac, sizeof mac);
        error = vsw_mactable_add_static(ms->macs, &mac, i, 0, NULL);
        if (error) {
            break;
        }
    }
    if (error) {
        vsw_error_set(err, VSW_ERROR_INTERNAL, error,
                      "no room for the addresses of %u ports", sw->n_ports);
    }
    return error;
}

static void
begin(struct vsw_pmd *pmd)
{
    vsw_unit_charge(vsw_pmd_unit(pmd), VSW_ACCOUNT_SWITCH,
                    VSW_COST_MAC_SWITCH_BATCH, 1);
}

static inline bool
look_up(struct vsw_pmd *pmd, const struct vsw_pmd_pkt *p)
{
    const struct vsw_mac_switch *ms = pmd->decider_aux;
    struct vsw_unit *unit = vsw_pmd_unit(pmd);
    const void *dst = pmd->sw->bufs.headers[pmd->sw->pkts->pkts[p->pkt].buf];
    uint32_t port;

    vsw_unit_charge(unit, VSW_ACCOUNT_SWITCH, VSW_COST_MAC_SWITCH, 1);
    vsw_buf_header(unit, VSW_ACCOUNT_SWITCH, &pmd->sw->bufs,
                   pmd->sw->pkts->pkts[p->pkt].buf);
    port = vsw_mactable_lookup(ms->macs, dst, 0, &unit->memobs);
    if (port == VSW_PORT_FLOOD) {
        vsw_pmd_drop(pmd, pmd->at, VSW_DROP_NO_ROUTE);
    } else {
        vsw_pmd_route(pmd, pmd->at, port);
    }
    return true;
}

static bool
look_up_all(struct vsw_pmd *pmd)
{
    return vsw_pmd_each(pmd, NULL, look_up);
}

static const struct vsw_pmd_phase phases[] = {
    {begin, look_up_all, NULL},
};

static const uint16_t costs[] = {VSW_COST_MAC_SWITCH,
                                 VSW_COST_MAC_SWITCH_BATCH};

const struct vsw_pmd_decider vsw_mac_switch_decider = {
    .phases = phases,
    .n_phases = VSW_N_ELEMS(phases),
    .costs = costs,
    .n_costs = VSW_N_ELEMS(costs),
};
