#include "models/ovs_pmd_params.h"

#include <vswsim/nic_port.h>
#include <vswsim/tap_port.h>

#define MIB_BYTES (UINT64_C(1) << 20)

int
ovs_pmd_model_init(struct ovs_pmd_model *model, struct vsw_switch *sw,
                   struct vsw_error *err)
{
    struct vsw_pmd *pmd = &model->pmd;
    const struct vsw_ovs_pmd_setup setup = {
        .emc_entries = model->emc_inv_prob ? model->emc_entries : 0,
        .emc_inv_prob = model->emc_inv_prob,
        .max_flows = model->max_flows,
        .rules = (enum vsw_flow_rules_kind) model->rules,
    };
    int error = vsw_ovs_pmd_init(&model->ovs, sw, &setup, err);

    if (error) {
        return error;
    }
    vsw_pmd_make_pool(pmd, VSW_PMD_MBUFS, &sw->bufs, model->n_mbufs,
                      model->mbuf_bytes);
    pmd->burst_pkts = model->burst_pkts;
    pmd->decider = &vsw_ovs_pmd_decider;
    pmd->decider_aux = &model->ovs;
    pmd->ops_by_kind[VSW_PORT_WIRE] = &vsw_nic_port_ops;
    pmd->ops_by_kind[VSW_PORT_TAP] = &vsw_tap_port_ops;
    error = vsw_tap_make_ports(sw, model->n_tap_ports, err);
    return error ? error
                 : vsw_switch_add_memory(sw, "huge_pages",
                                         model->huge_pages_mib * MIB_BYTES);
}

void
ovs_pmd_model_fini(struct vsw_switch *sw)
{
    struct ovs_pmd_model *model = vsw_switch_state(sw);

    vsw_pmd_fini(&model->pmd);
    vsw_ovs_pmd_fini(&model->ovs);
}
