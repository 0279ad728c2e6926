#include "models/khost_params.h"

#define MIB_BYTES (UINT64_C(1) << 20)

const char *const khost_full_names[] = {"drop", "wait", NULL};
const char *const khost_table_names[] = {"exact", "megaflow", NULL};
const char *const khost_drivers[] = {"virtio_poll", "virtio", NULL};

struct vsw_khost_setup
khost_setup(const struct khost_model *model)
{
    const struct vsw_kswitch_setup kswitch = VSW_KSWITCH_SETUP_DEFAULT;
    const struct vsw_napi_rule napi = VSW_NAPI_RULE_DEFAULT;
    struct vsw_khost_setup setup = {
        .kswitch = kswitch,
        .n_skbs = model->n_skbs,
        .buf_bytes = model->buf_bytes,
        .tx_full = (enum vsw_khost_full) model->tx_full,
        .tap_pkts = model->tap_pkts,
        .vhost_weight_bytes = model->vhost_weight_bytes,
        .vhost_weight_pkts = model->vhost_weight_pkts,
        .nic_irq_gap_ns = model->irq_gap_ns,
        .napi = napi,
        .base_bytes = model->base_mib * MIB_BYTES,
    };

    setup.napi.weight_pkts = model->napi_weight_pkts;
    setup.kswitch.table = (enum vsw_kswitch_table) model->table;
    setup.kswitch.warm = model->warm;
    setup.kswitch.max_flows = model->max_flows;
    setup.kswitch.max_masks = model->max_masks;
    setup.kswitch.daemon.limit_pkts = model->upcall_pkts;
    return setup;
}

void
khost_model_fini(struct vsw_switch *sw)
{
    struct khost_model *model = vsw_switch_state(sw);

    vsw_khost_fini(&model->host);
}
