/* Processes on the host at ports of VALE. */
#include <vswsim/vale.h>

#include <errno.h>

#include <vswsim/model.h>
#include <vswsim/vnic.h>

#include "core/account.h"
#include "core/cost.h"

static bool
txsync(struct vsw_vnic *vnic, struct vsw_worker *worker)
{
    return vsw_vale_txsync(vnic->backend, vnic->guest, worker);
}

static bool
take_slot(struct vsw_vnic *vnic, struct vsw_worker *worker, uint32_t slot,
          uint32_t n_slots)
{
    (void) vnic, (void) slot;
    vsw_unit_charge(worker->unit, VSW_ACCOUNT_NETMAP, VSW_COST_VALE_SLOT,
                    n_slots);
    return true;
}

static const struct vsw_vnic_ops process_ops = {
    .name = "vale",
    .serves_processes = true,
    .kick = txsync,
    .rx_done = take_slot,
};

static bool
wake_reader(void *aux, struct vsw_worker *worker)
{
    return vsw_vnic_notify(aux, worker);
}

int
vsw_vale_check_processes(const struct vsw_switch *sw, struct vsw_error *err)
{
    const uint16_t cost = VSW_COST_VALE_SLOT;

    if (sw->n_queues != 1) {
        return vsw_error_set(err, VSW_ERROR_DATA, -EINVAL,
                             "%s: a port has one pair of rings; use "
                             "guests.n_cpus 1", sw->ops->name);
    }
    return vsw_sim_require_costs(sw->sim, sw->ops->name, &cost, 1, err);
}

void
vsw_vale_attach_process(struct vsw_vale *vale, struct vsw_vnic *vnic)
{
    struct vsw_vale_port *port = &vale->ports[vnic->guest];

    vnic->ops = &process_ops;
    vnic->backend = vale;
    port->queue = vnic->queue;
    port->notify = wake_reader;
    port->aux = vnic;
}
