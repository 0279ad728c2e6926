#include <vswsim/vnic.h>

bool
vsw_vnic_notify(struct vsw_vnic *vnic, struct vsw_worker *worker)
{
    if (!vnic->process) {
        return vsw_virq_raise(&vnic->virq, worker);
    }
    if (!vsw_unit_at_sync(worker->unit)) {
        vsw_worker_go_on(worker);
        return false;
    }
    if (vsw_flag_read(vnic->process_wanted, worker->unit)) {
        vsw_wakeup_send(vnic->process, worker->unit);
    }
    return true;
}

bool
vsw_vnic_tx_wanted(const struct vsw_vnic *vnic, const struct vsw_unit *unit)
{
    uint32_t n_freed = vnic->queue->tx.frees.done;

    return vsw_flag_read(&vnic->tx_wanted, unit)
           && (!vnic->has_tx_event
               || (int32_t) (n_freed - vnic->tx_event) >= 0);
}
