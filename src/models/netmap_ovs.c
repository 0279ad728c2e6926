/* Open vSwitch in user space whose ports are libpcap over netmap.
 *
 * Source: Rizzo, netmap and VALE slides (2014), "OVS userspace": up to three
 * million packets a second from NIC to NIC.
 *
 * Modelled: packets handed over one by one and copied on both sides; flow keys
 * and a flow table (no exact-match cache: later versions have one); one system
 * call per burst and direction; a thread of its own for the ports, which also
 * forwards what the flow table knows, and a main thread with the rules, to
 * which first packets of flows go by a queue; or one thread for all.
 * Left out: guests and tap devices as ports; a main thread that sends itself
 * what it has decided (the thread of the ports does). */
#include <errno.h>

#include <vswsim/model.h>
#include <vswsim/netmap_port.h>
#include <vswsim/ovs_main.h>
#include <vswsim/ovs_pmd.h>

#include "core/cost.h"

struct netmap_ovs {
    struct vsw_pmd pmd;
    struct vsw_ovs_pmd ovs;
    struct vsw_ovs_main main;
    uint32_t burst_pkts;
    uint32_t n_bufs;
    uint32_t buf_bytes;
    uint32_t max_flows;
    uint32_t rules;
    uint32_t upcall_pkts;
    bool io_thread;
};

static const struct vsw_param netmap_ovs_params[] = {
    VSW_PARAM_U32(struct netmap_ovs, burst_pkts, 50, 1, VSW_MAX_BURST,
                  "most packets taken from a port at once",
                  "Open vSwitch 1.x, DP_NETDEV_MAX_BATCH; design choice"),
    VSW_PARAM_U32(struct netmap_ovs, n_bufs, 4096, VSW_MAX_BURST, 1 << 20,
                  "packet buffers of the switch", "design choice"),
    VSW_PARAM_U32(struct netmap_ovs, buf_bytes, 2048, 512, 65536,
                  "bytes of a buffer", "netmap, NETMAP_BUF_SIZE"),
    VSW_PARAM_U32(struct netmap_ovs, max_flows, 65536, 1, 1 << 20,
                  "flows that fit", "Open vSwitch, MAX_FLOWS"),
    VSW_PARAM_ENUM(struct netmap_ovs, rules, VSW_FLOW_RULES_MAC,
                   vsw_flow_rules_kinds, 2,
                   "OpenFlow rules: one per address, or one per flow of the "
                   "trace",
                   "design choice"),
    VSW_PARAM_BOOL(struct netmap_ovs, io_thread, true,
                   "the ports have a thread of their own, and the main "
                   "thread gets only packets without a flow; false: one "
                   "thread does all (with switch.n_cpus 1)",
                   "netmap and VALE slides, 2014: extra thread; they do not "
                   "say for what"),
    VSW_PARAM_U32(struct netmap_ovs, upcall_pkts, 128, 1, 256,
                  "packets that wait for the main thread",
                  "Open vSwitch 1.x, dpif-netdev.c, MAX_QUEUE_LEN"),
    VSW_PARAM_END,
};

static uint32_t
netmap_ovs_n_cpus(uint32_t n_guests, uint32_t n_wires)
{
    (void) n_guests, (void) n_wires;
    return 2;
}

static int
start_main(struct netmap_ovs *no, struct vsw_switch *sw,
           struct vsw_error *err)
{
    if (!no->io_thread) {
        return 0;
    }
    if (sw->n_units < 2) {
        return vsw_error_set(err, VSW_ERROR_DATA, -EINVAL,
                             "netmap_ovs: with io_thread it has two threads; "
                             "use a switch.n_cpus of 2");
    }
    return vsw_ovs_main_start(&no->main, sw, &no->pmd, &no->ovs,
                              sw->units[1], no->upcall_pkts, err);
}

static int
netmap_ovs_init(struct vsw_switch *sw, struct vsw_error *err)
{
    struct netmap_ovs *no = vsw_switch_state(sw);
    struct vsw_pmd *pmd = &no->pmd;
    const struct vsw_ovs_pmd_setup setup = {
        .max_flows = no->max_flows,
        .rules = (enum vsw_flow_rules_kind) no->rules,
    };
    int error;

    sw->has_plain_bufs = true;
    error = vsw_switch_make_ports(sw, no->buf_bytes, no->n_bufs, err);
    /* Those of the pool are not netmap's; the loop places them. */
    sw->bufs.is_plain = false;
    if (!error) {
        error = vsw_ovs_pmd_init(&no->ovs, sw, &setup, err);
    }
    if (error) {
        return error;
    }
    vsw_pmd_make_pool(pmd, VSW_PMD_MBUFS, &sw->bufs, no->n_bufs,
                      no->buf_bytes);
    pmd->burst_pkts = no->burst_pkts;
    pmd->empty_cost = VSW_COST_SYSCALL;
    pmd->ops = &vsw_netmap_pcap_ops;
    pmd->decider = &vsw_ovs_pmd_decider;
    pmd->decider_aux = &no->ovs;
    if (vsw_switch_add_port_memory(sw)
        || vsw_switch_add_memory(sw, "flow_tables", sw->arena.used_bytes)) {
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "out of memory for netmap ports");
    }
    error = start_main(no, sw, err);
    return error ? error : vsw_pmd_start(pmd, sw, sw->units[0], err);
}

static void
netmap_ovs_fini(struct vsw_switch *sw)
{
    struct netmap_ovs *no = vsw_switch_state(sw);

    vsw_pmd_fini(&no->pmd);
    vsw_ovs_main_fini(&no->main);
    vsw_ovs_pmd_fini(&no->ovs);
}

const struct vsw_model_ops vsw_model_netmap_ovs = {
    .name = "netmap_ovs",
    .title = "Open vSwitch in user space with libpcap over netmap",
    .citation = "Rizzo, netmap and VALE slides, 2014",
    .modelled = "packets handed over one by one and copied on both sides, "
                "flow keys, flow table, one system call per burst and "
                "direction, a thread for the ports beside the main thread "
                "with the rules",
    .left_out = "an exact-match cache, guests and tap devices as ports, a "
                "main thread that sends for itself",
    .params = netmap_ovs_params,
    .state_size_bytes = sizeof(struct netmap_ovs),
    .port_kinds = VSW_PORTS_WIRE,
    .n_cpus = netmap_ovs_n_cpus,
    .init = netmap_ovs_init,
    .fini = netmap_ovs_fini,
};
