#include <vswsim/mac_switch.h>

#include <errno.h>
#include <string.h>

#include "core/account.h"
#include "core/cost.h"

int
vsw_mac_switch_init(struct vsw_mac_switch *ms, struct vsw_switch *sw,
                    struct vsw_error *err)
{
    const uint16_t cost = VSW_COST_MAC_SWITCH;
    int error = vsw_sim_require_costs(sw->sim, sw->ops->name, &cost, 1, err);

    if (error) {
        return error;
    }
    error = -ENOMEM;
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

uint32_t
vsw_mac_switch_lookup(struct vsw_pmd *pmd, uint32_t pkt)
{
    const struct vsw_mac_switch *ms = pmd->lookup_aux;
    struct vsw_unit *unit = vsw_pmd_unit(pmd);
    const void *dst = pmd->sw->bufs.headers[pmd->sw->pkts->pkts[pkt].buf];

    vsw_unit_charge(unit, VSW_ACCOUNT_SWITCH, VSW_COST_MAC_SWITCH, 1);
    return vsw_mactable_lookup(ms->macs, dst, 0, &unit->memobs);
}
