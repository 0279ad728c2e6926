/* The control plane, in the management layer, and what comes back from it. */
#include <errno.h>

#include "models/hyper_switch/hyper.h"

/* Before any guest's. */
#define RESUME_PRIORITY 1

static void
resume(void *aux, struct vsw_worker *daemon, uint32_t pkt, uint32_t port)
{
    struct hyper *h = aux;

    /* It holds what the spare buffers of all senders can. */
    vsw_backlog_put(&h->resumed, daemon->unit, pkt, port);
    vsw_worker_wake(&h->resume, daemon->unit->local_ps);
}

static void
put_resumed(void *owner, struct vsw_worker *worker)
{
    struct hyper *h = owner;
    struct vsw_backlog_item item;

    if (vsw_backlog_take(&h->resumed, worker->unit->sync_ps, &item)) {
        hyper_route(h, item.pkt, item.tag, worker->unit);
        vsw_worker_go_on(worker);
    }
}

static bool
has_vcpu(const struct vsw_switch *sw, uint32_t cpu)
{
    for (uint32_t i = 0; i < vsw_switch_n_guests(sw); i++) {
        if (sw->guest_units[i] == sw->cpu_units[cpu]) {
            return true;
        }
    }
    return false;
}

static struct vsw_unit *
control_unit(const struct hyper *h)
{
    uint32_t cpu = h->p.control_cpu;

    if (cpu == HYPER_ANY_CPU) {
        for (cpu = 0; cpu < h->n_cpus && has_vcpu(h->sw, cpu); cpu++) {
        }
    }
    return h->sw->cpu_units[cpu < h->n_cpus ? cpu : 0];
}

static int
out_of_memory(struct vsw_error *err)
{
    return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                         "hyper_switch: out of memory for what comes back "
                         "from the control plane");
}

int
hyper_start_control_plane(struct hyper *h, struct vsw_error *err)
{
    struct vsw_switch *sw = h->sw;
    struct vsw_unit *unit = control_unit(h);
    struct vsw_kswitch_setup setup = VSW_KSWITCH_SETUP_DEFAULT;

    if (vsw_backlog_init(&h->resumed, sw->pkts->n_pkts)) {
        return out_of_memory(err);
    }
    h->resume.unit = unit;
    h->resume.work = put_resumed;
    h->resume.owner = h;
    h->resume.priority = RESUME_PRIORITY;
    h->resume.domain = sw->domain;
    if (vsw_worker_add(&h->resume)) {
        return out_of_memory(err);
    }
    setup.kind = VSW_KSWITCH_OVS;
    setup.table = h->p.flow_table;
    setup.max_flows = h->p.max_flows;
    setup.warm = h->p.warm;
    setup.acl = sw->acl;
    setup.daemon.unit = unit;
    setup.daemon.domain = sw->domain + 1;
    setup.daemon.priority = RESUME_PRIORITY;
    setup.knows_flows = true;
    setup.daemon.entry = VSW_ENTRY_HYPERCALL;
    setup.resume = resume;
    setup.aux = h;
    return vsw_kswitch_init(&h->flows, sw, &setup, err);
}
