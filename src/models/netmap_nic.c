/* Netmap on physical ports: a process that forwards between two NICs.
 *
 * Sources: Rizzo, "netmap: a novel framework for fast packet I/O", USENIX ATC
 * 2012; Rizzo, netmap and VALE slides (2014); apps/bridge of netmap.
 *
 * Modelled: wires 2i and 2i + 1 are connected; one system call per burst and
 * direction; buffers that change places; or, emulated, a driver without
 * support for netmap, to which packets are handed one by one.
 * Left out: waiting in poll() for interrupts (the process polls), more than
 * one thread, a look at the packets: everything from one port goes to the
 * other. */
#include <errno.h>

#include <vswsim/model.h>
#include <vswsim/netmap_port.h>

#include "core/cost.h"

struct netmap_nic {
    struct vsw_pmd pmd;
    uint32_t burst_pkts;
    uint32_t n_bufs;
    uint32_t buf_bytes;
    bool emulated;
};

static const struct vsw_param netmap_nic_params[] = {
    VSW_PARAM_U32(struct netmap_nic, burst_pkts, VSW_MAX_BURST, 1,
                  VSW_MAX_BURST, "most packets taken from a ring at once",
                  "apps/bridge: 1024; bounded by the simulator"),
    VSW_PARAM_U32(struct netmap_nic, n_bufs, 4096, VSW_MAX_BURST, 1 << 20,
                  "spare netmap buffers", "design choice"),
    VSW_PARAM_U32(struct netmap_nic, buf_bytes, 2048, 512, 65536,
                  "bytes of a netmap buffer", "netmap, NETMAP_BUF_SIZE"),
    VSW_PARAM_BOOL(struct netmap_nic, emulated, false,
                   "the NIC's driver has no support for netmap",
                   "netmap_generic.c"),
    VSW_PARAM_END,
};

static inline bool
to_the_other(struct vsw_pmd *pmd, const struct vsw_pmd_pkt *p)
{
    (void) p;
    vsw_pmd_route(pmd, pmd->at, pmd->queue->port ^ 1);
    return true;
}

static bool
all_to_the_other(struct vsw_pmd *pmd)
{
    return vsw_pmd_each(pmd, NULL, to_the_other);
}

static const struct vsw_pmd_phase bridge_phases[] = {
    {NULL, all_to_the_other, NULL},
};

static const struct vsw_pmd_decider bridge = {
    .phases = bridge_phases,
    .n_phases = VSW_N_ELEMS(bridge_phases),
};

static int
netmap_nic_init(struct vsw_switch *sw, struct vsw_error *err)
{
    struct netmap_nic *nn = vsw_switch_state(sw);
    struct vsw_pmd *pmd = &nn->pmd;
    int error;

    if (sw->n_ports % 2) {
        return vsw_error_set(err, VSW_ERROR_DATA, -EINVAL,
                             "netmap_nic: wires are connected by twos; use an "
                             "even wires.n");
    }
    sw->has_plain_bufs = true;
    error = vsw_switch_make_ports(sw, nn->buf_bytes, nn->n_bufs, err);
    if (error) {
        return error;
    }
    vsw_pmd_make_pool(pmd, VSW_PMD_MBUFS, &sw->bufs, nn->n_bufs,
                      nn->buf_bytes);
    pmd->burst_pkts = nn->burst_pkts;
    pmd->empty_cost = VSW_COST_SYSCALL;
    pmd->ops = nn->emulated ? &vsw_netmap_emulated_ops
                            : &vsw_netmap_port_ops;
    pmd->decider = &bridge;
    if (vsw_switch_add_port_memory(sw)) {
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "out of memory for netmap ports");
    }
    return vsw_pmd_start(pmd, sw, sw->units[0], err);
}

static void
netmap_nic_fini(struct vsw_switch *sw)
{
    struct netmap_nic *nn = vsw_switch_state(sw);

    vsw_pmd_fini(&nn->pmd);
}

const struct vsw_model_ops vsw_model_netmap_nic = {
    .name = "netmap_nic",
    .title = "netmap on physical ports: a process that forwards between NICs",
    .citation = "Rizzo, netmap, USENIX ATC 2012; netmap and VALE slides, 2014",
    .modelled = "one system call per burst and direction, buffers that change "
                "places, drivers with and without support for netmap",
    .left_out = "waiting for interrupts in poll(), several threads, a look at "
                "the packets",
    .params = netmap_nic_params,
    .state_size_bytes = sizeof(struct netmap_nic),
    .port_kinds = VSW_PORTS_WIRE,
    .init = netmap_nic_init,
    .fini = netmap_nic_fini,
};
