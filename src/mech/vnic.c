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
