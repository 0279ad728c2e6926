/* What guests ask of netback, on their own CPUs. */
#include "mech/netback_impl.h"

static struct vsw_netback_vif *
vif_of(struct vsw_vnic *vnic)
{
    return vnic->backend;
}

static bool
netback_kick(struct vsw_vnic *vnic, struct vsw_worker *worker)
{
    struct vsw_netback_vif *vif = vif_of(vnic);

    if (!vsw_unit_at_sync(worker->unit)) {
        vsw_worker_go_on(worker);
        return false;
    }
    if (!vsw_flag_read(&vif->doze.wanted, worker->unit)) {
        vif->n_kicks_spared++;
        return true;
    }
    vif->n_kicks++;
    vsw_enter_hypervisor(worker->unit, VSW_ENTRY_HYPERCALL);
    vsw_virq_send(&vif->thread->virq, worker->unit);
    return true;
}

static bool
tx_grant(struct vsw_vnic *vnic, struct vsw_worker *worker, uint32_t slot,
         uint32_t n_slots)
{
    return vsw_grantor_get(&vif_of(vnic)->grantor, VSW_GRANT_TX, worker, slot,
                           n_slots);
}

static bool
tx_done(struct vsw_vnic *vnic, struct vsw_worker *worker, uint32_t slot,
        uint32_t n_slots)
{
    return vsw_grantor_put(&vif_of(vnic)->grantor, VSW_GRANT_TX, worker, slot,
                           n_slots);
}

static bool
rx_grant(struct vsw_vnic *vnic, struct vsw_worker *worker, uint32_t slot,
         uint32_t n_slots)
{
    return vsw_grantor_get(&vif_of(vnic)->grantor, VSW_GRANT_RX, worker, slot,
                           n_slots);
}

static bool
rx_done(struct vsw_vnic *vnic, struct vsw_worker *worker, uint32_t slot,
        uint32_t n_slots)
{
    return vsw_grantor_put(&vif_of(vnic)->grantor, VSW_GRANT_RX, worker, slot,
                           n_slots);
}

const struct vsw_vnic_ops netback_vnic_ops = {
    .name = "netback",
    .kick = netback_kick,
    .tx_grant = tx_grant,
    .tx_done = tx_done,
    .rx_grant = rx_grant,
    .rx_done = rx_done,
};
