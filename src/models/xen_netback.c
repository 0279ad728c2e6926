/* Xen's driver domain with netback, on both grant mechanisms.
 *
 * Source: Ram, PhD thesis, Rice University, chapter 3 (grants) and section
 * 4.5.1 (the path); Linux drivers/net/xen-netback.
 *
 * Modelled: a thread per vCPU of the driver domain, vNICs bound to threads,
 * batches of what waits, map or copy on transmission, grant copy on
 * reception, unmapping with flushes and mapcounts, grants issued by guests
 * with all schemes of reuse, the kernel's switch in the driver domain (a
 * bridge has netfilter behind it), its NIC, events.
 * Left out: several queues per vNIC, flooding, rate limits, the device's own
 * walks of the IOMMU's table. */
#include <errno.h>

#include <vswsim/kswitch.h>
#include <vswsim/model.h>
#include <vswsim/netback.h>

/* Behind interrupts and softirqs, before netback's threads, to which it is
 * fair. */
#define DAEMON_PRIORITY 15

struct xen_netback {
    struct vsw_netback nb;
    struct vsw_kswitch ks;
    uint32_t grants;
    uint32_t tx;
    bool iommu;
    bool iotlb_batched;
    uint32_t mapcount;
    bool tlb_flush_each;
    bool dummy_pages;
    uint32_t n_refs;
    uint32_t n_ways;
    uint32_t slab_keep_bufs;
    uint32_t slab_drain_bufs;
    uint32_t queue_pkts;
    uint32_t nic_queue_pkts;
    uint32_t memory_node;
    uint32_t kswitch;
    bool warm;
    uint32_t irq_gap_ns;
    uint32_t nic_slots;
    bool gro;
};

static const char *const schemes[] = {
    [VSW_GRANT_ORIGINAL] = "original",
    [VSW_GRANT_NO_REUSE] = "no_reuse",
    [VSW_GRANT_REUSED] = "reuse",
    [VSW_GRANT_SLAB] = "slab",
    [VSW_GRANT_COARSE] = "coarse",
    NULL,
};

static const char *const tx_modes[] = {
    [VSW_NETBACK_MAP] = "map",
    [VSW_NETBACK_COPY] = "copy",
    NULL,
};

static const char *const mapcounts[] = {
    [VSW_MAPCOUNT_SCAN] = "scan",
    [VSW_MAPCOUNT_COUNTER] = "counter",
    NULL,
};

static const char *const kswitches[] = {
    [VSW_KSWITCH_OVS] = "ovs",
    [VSW_KSWITCH_BRIDGE] = "bridge",
    NULL,
};

static const struct vsw_param xen_netback_params[] = {
    VSW_PARAM_ENUM(struct xen_netback, grants, VSW_GRANT_ORIGINAL, schemes, 5,
                   "grant mechanism: the original one, or pages issued by "
                   "guests, with or without reuse",
                   "Ram's thesis, sections 3.2 to 3.5"),
    VSW_PARAM_ENUM(struct xen_netback, tx, VSW_NETBACK_MAP, tx_modes, 2,
                   "packets from guests: pages mapped, or copied by the "
                   "hypervisor (original grants only)",
                   "Linux 2.6.18-xen maps; xen-netback copied until 2014"),
    VSW_PARAM_BOOL(struct xen_netback, iommu, false,
                   "keep the IOMMU's table in step with mappings",
                   "Ram's thesis, section 3.2"),
    VSW_PARAM_BOOL(struct xen_netback, iotlb_batched, false,
                   "flush the IOTLB once per hypercall, not per page",
                   "Ram's thesis, section 3.6.2"),
    VSW_PARAM_ENUM(struct xen_netback, mapcount, VSW_MAPCOUNT_SCAN, mapcounts,
                   2, "how the mappings of a page are counted",
                   "Ram's thesis, section 3.6.2"),
    VSW_PARAM_BOOL(struct xen_netback, tlb_flush_each, false,
                   "flush the local TLB at each unmap, not once per hypercall",
                   "left open by the thesis"),
    VSW_PARAM_BOOL(struct xen_netback, dummy_pages, false,
                   "revoking leads to a dummy page instead of to a hole",
                   "Ram's thesis, section 3.4"),
    VSW_PARAM_U32(struct xen_netback, n_refs, 1024, 64, 1 << 20,
                  "pages of a vNIC that guests can have issued at a time; at "
                  "least four times its ring",
                  "Ram's thesis, section 3.5; the size is a design choice"),
    VSW_PARAM_U32(struct xen_netback, n_ways, 8, 1, 64,
                  "slots of a set of the guest's table of grants",
                  "design choice: a line of memory"),
    VSW_PARAM_U32(struct xen_netback, slab_keep_bufs, 32, 0, 1 << 16,
                  "unused buffers that a drain of the slab leaves",
                  "design choice"),
    VSW_PARAM_U32(struct xen_netback, slab_drain_bufs, 4096, 1, 1 << 24,
                  "buffers released between two drains of the slab",
                  "design choice"),
    VSW_PARAM_U32(struct xen_netback, queue_pkts, 32, 1, 4096,
                  "packets that wait for a vNIC beyond what its ring takes",
                  "XENVIF_QUEUE_LENGTH of Linux xen-netback"),
    VSW_PARAM_U32(struct xen_netback, nic_queue_pkts, 1000, 1, 1 << 16,
                  "packets that wait for each queue of the NIC",
                  "tx_queue_len of ether_setup() in Linux net/ethernet/eth.c; "
                  "a batch of a thread has up to 256"),
    VSW_PARAM_U32(struct xen_netback, memory_node, 0, 0, 15,
                  "node that the memory of the driver domain lies at, with "
                  "caches simulated; at most the last",
                  "Xen 4.2, remembered: dom0 is built of chunks of up to 4 "
                  "GB, on whatever node has one, and knows of no nodes; "
                  "which one is a guess"),
    VSW_PARAM_ENUM(struct xen_netback, kswitch, VSW_KSWITCH_OVS, kswitches, 2,
                   "switch in the driver domain", "Ram's thesis"),
    VSW_PARAM_BOOL(struct xen_netback, warm, true,
                   "flows are in the switch's table before the run, as far as "
                   "they fit; false: first packets go to the daemon",
                   "design choice: published runs last minutes"),
    VSW_PARAM_U32(struct xen_netback, irq_gap_ns, 30000, 0, 1000000,
                  "least time between two interrupts of the NIC",
                  "ixgbe's moderation adapts; middle of its 10 to 125 us"),
    VSW_PARAM_U32(struct xen_netback, nic_slots, 1024, 64, 4096,
                  "descriptors of each ring of the NIC; a power of two",
                  "IXGBE_DEFAULT_RXD of the ixgbe driver"),
    VSW_PARAM_BOOL(struct xen_netback, gro, true,
                   "aggregate frames from the NIC before they are switched",
                   "Linux from 2.6.29 on; not the classic 2.6.18"),
    VSW_PARAM_END,
};

static const char *const domains[] = {"driver", "hypervisor", NULL};

static uint32_t
n_cpus(uint32_t n_guests, uint32_t n_wires)
{
    (void) n_guests, (void) n_wires;
    return 1;
}

static uint32_t
forward(void *aux, struct vsw_unit *unit, uint32_t pkt)
{
    struct xen_netback *xen = aux;
    uint32_t port = vsw_kswitch_forward(&xen->ks, unit, pkt);

    switch (port) {
    case VSW_KSWITCH_HELD:
        return VSW_NETBACK_TAKEN;
    case VSW_KSWITCH_DENIED:
    case VSW_KSWITCH_LOST:
        vsw_netback_drop(&xen->nb, unit, pkt, vsw_kswitch_drop(port));
        return VSW_NETBACK_TAKEN;
    default:
        return port;
    }
}

/* The daemon has decided. */
static void
resume(void *aux, struct vsw_worker *daemon, uint32_t pkt, uint32_t port)
{
    struct xen_netback *xen = aux;

    if (port == VSW_KSWITCH_DENIED) {
        vsw_netback_drop(&xen->nb, daemon->unit, pkt, VSW_DROP_DENIED);
    } else {
        vsw_netback_route(&xen->nb, daemon->unit, pkt, port);
    }
}

static int
start_kswitch(struct xen_netback *xen, struct vsw_switch *sw,
              struct vsw_error *err)
{
    struct vsw_kswitch_setup setup = VSW_KSWITCH_SETUP_DEFAULT;

    setup.kind = xen->kswitch;
    setup.warm = xen->warm;
    setup.netfilter = true;
    setup.acl = sw->acl;
    setup.resume = resume;
    setup.aux = xen;
    setup.daemon.unit = sw->units[0];
    setup.daemon.task = sw->tasks ? sw->tasks[0] : NULL;
    setup.daemon.domain = sw->domain;
    setup.daemon.priority = DAEMON_PRIORITY;
    setup.daemon.fair = true;
    setup.knows_flows = true;
    setup.daemon.entry = VSW_ENTRY_HYPERCALL;
    return vsw_kswitch_init(&xen->ks, sw, &setup, err);
}

/* Pages for each thread: twice what its vNICs may have waiting, in their rings
 * and in the queues behind them, of the largest packets; and what a NIC
 * and the queue before it hold. */
static uint32_t
n_pool(const struct xen_netback *xen, const struct vsw_switch *sw)
{
    uint32_t n_per_vif = sw->n_slots + (xen->queue_pkts + 2) * 17;
    uint32_t n_vifs = (vsw_switch_n_guests(sw) + sw->n_units - 1)
                      / sw->n_units;
    uint32_t n_per_wire = 2 * xen->nic_slots + 17 * xen->nic_queue_pkts;

    return 2 * n_vifs * n_per_vif + sw->n_wires * n_per_wire + 1024;
}

static int
start_netback(struct xen_netback *xen, struct vsw_switch *sw,
              struct vsw_error *err)
{
    const struct vsw_netback_setup setup = {
        .tx = xen->tx,
        .scheme = xen->grants,
        .n_queue_pkts = xen->queue_pkts,
        .n_nic_queue_pkts = xen->nic_queue_pkts,
        .n_pool = n_pool(xen, sw),
        .node = xen->memory_node,
        .gro = xen->gro,
        .irq_gap_ns = xen->irq_gap_ns,
        .n_nic_slots = xen->nic_slots,
        .domain = sw->domain,
        .hypervisor = sw->domain + 1,
        .foreign = {
            .has_iommu = xen->iommu,
            .flush_iotlb_each = !xen->iotlb_batched,
            .flush_tlb_each = xen->tlb_flush_each,
            .dummy_pages = xen->dummy_pages,
            .mapcount = xen->mapcount,
        },
        .grantor = {
            .n_refs = xen->n_refs,
            .n_ways = xen->n_ways,
            .n_keep = xen->slab_keep_bufs,
            .drain_after = xen->slab_drain_bufs,
        },
        .forward = forward,
        .aux = xen,
    };

    return vsw_netback_start(&xen->nb, sw, &setup, err);
}

static bool
is_power_of_two(uint32_t n)
{
    return n > 0 && (n & (n - 1)) == 0;
}

static int
check_params(const struct xen_netback *xen, const struct vsw_switch *sw,
             struct vsw_error *err)
{
    if (sw->n_queues > 1) {
        return vsw_error_set(err, VSW_ERROR_DATA, -EINVAL,
                             "xen_netback: a vNIC has one queue, but guests "
                             "have %u CPUs; set guests.n_cpus to 1",
                             sw->n_queues);
    }
    if (xen->tx == VSW_NETBACK_COPY && xen->grants != VSW_GRANT_ORIGINAL) {
        return vsw_error_set(err, VSW_ERROR_DATA, -EINVAL,
                             "xen_netback: packets are copied by the original "
                             "grant mechanism only; set tx to \"map\" or "
                             "grants to \"original\"");
    }
    if (!is_power_of_two(xen->n_refs) || !is_power_of_two(xen->n_ways)
        || !is_power_of_two(xen->nic_slots)) {
        return vsw_error_set(err, VSW_ERROR_DATA, -EINVAL,
                             "xen_netback: n_refs, n_ways and nic_slots must "
                             "be powers of two");
    }
    return 0;
}

/* What Ram's thesis reports: operations per hypercall, and reuse. */
static int
add_counters(struct xen_netback *xen, struct vsw_switch *sw)
{
    static const char *const calls[VSW_GRANT_N_OPS] = {
        [VSW_GRANT_OP_MAP] = "grant_map_calls",
        [VSW_GRANT_OP_UNMAP] = "grant_unmap_calls",
        [VSW_GRANT_OP_COPY] = "grant_copy_calls",
        [VSW_GRANT_OP_ISSUE] = "grant_issue_calls",
        [VSW_GRANT_OP_REVOKE] = "grant_revoke_calls",
    };
    static const char *const ops[VSW_GRANT_N_OPS] = {
        [VSW_GRANT_OP_MAP] = "grant_maps",
        [VSW_GRANT_OP_UNMAP] = "grant_unmaps",
        [VSW_GRANT_OP_COPY] = "grant_copies",
        [VSW_GRANT_OP_ISSUE] = "grant_issues",
        [VSW_GRANT_OP_REVOKE] = "grant_revokes",
    };
    struct vsw_netback *nb = &xen->nb;
    int error = 0;

    for (int op = 0; op < VSW_GRANT_N_OPS; op++) {
        error |= vsw_switch_add_counter(sw, calls[op], "1",
                                        &nb->foreign.n_calls[op]);
        error |= vsw_switch_add_counter(sw, ops[op], "1",
                                        &nb->foreign.n_ops[op]);
    }
    for (uint32_t i = 0; i < nb->n_vifs; i++) {
        struct vsw_netback_vif *vif = &nb->vifs[i];

        error |= vsw_switch_add_counter(sw, "grant_gets", "1",
                                        &vif->grantor.n_gets);
        error |= vsw_switch_add_counter(sw, "grant_reuses", "1",
                                        &vif->grantor.n_reused);
        error |= vsw_switch_add_counter(sw, "grant_bounces", "1",
                                        &vif->grantor.n_bounced);
        error |= vsw_switch_add_counter(sw, "kicks", "1", &vif->n_kicks);
        error |= vsw_switch_add_counter(sw, "kicks_spared", "1",
                                        &vif->n_kicks_spared);
        error |= vsw_switch_add_counter(sw, "guest_events", "1",
                                        &vif->n_events);
    }
    for (uint32_t i = 0; i < nb->n_threads; i++) {
        error |= vsw_switch_add_counter(sw, "thread_wakes", "1",
                                        &nb->threads[i].n_wakes);
    }
    error |= vsw_switch_add_counter(sw, "maptrack_entries_at_map", "1",
                                    &nb->live_sum);
    error |= vsw_switch_add_counter(sw, "maptrack_entries_scanned", "1",
                                    &nb->foreign.n_scanned);
    error |= vsw_switch_add_counter(sw, "iotlb_flushes", "1",
                                    &nb->foreign.iommu.n_flushes);
    return error ? -ENOMEM : 0;
}

static int
xen_netback_init(struct vsw_switch *sw, struct vsw_error *err)
{
    struct xen_netback *xen = vsw_switch_state(sw);
    int error = check_params(xen, sw, err);

    error = error ? error : start_netback(xen, sw, err);
    error = error ? error : start_kswitch(xen, sw, err);
    if (!error && add_counters(xen, sw)) {
        error = vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                              "out of memory for counters");
    }
    return error;
}

static void
xen_netback_fini(struct vsw_switch *sw)
{
    struct xen_netback *xen = vsw_switch_state(sw);

    vsw_kswitch_fini(&xen->ks);
    vsw_netback_fini(&xen->nb);
}

static const char *const drivers[] = {"netfront", NULL};

const struct vsw_model_ops vsw_model_xen_netback = {
    .name = "xen_netback",
    .title = "Xen driver domain: netback on either grant mechanism",
    .citation = "Ram, PhD thesis, Rice University, chapter 3 and section "
                "4.5.1",
    .modelled = "netback threads with vNICs bound to them, batches of what "
                "waits, map, unmap and copy hypercalls, IOMMU with flushes "
                "and mapcounts, grants issued, revoked and reused by guests, "
                "the kernel's switch, the driver domain's NIC, events",
    .left_out = "several queues per vNIC, flooding, rate limits, walks of the "
                "IOMMU's table by devices",
    .params = xen_netback_params,
    .state_size_bytes = sizeof(struct xen_netback),
    .port_kinds = VSW_PORTS_GUEST | VSW_PORTS_WIRE,
    .drivers = drivers,
    .domains = domains,
    .n_cpus = n_cpus,
    .threads_block = true,
    .init = xen_netback_init,
    .fini = xen_netback_fini,
};
