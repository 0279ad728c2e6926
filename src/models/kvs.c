/* KVS: Open vSwitch's kernel datapath with one SKB per CPU and flows found by
 * the hash that the NIC has computed.
 *
 * Source: Choi et al., "KVS: High-Efficiency Kernel-Level Virtual Switching",
 * SoCC 2017.
 *
 * Modelled: its three steps, each with what linux_ovs has beside it: SKBs and
 * buffers allocated in advance; one SKB per CPU, whose header fields are reset
 * and which skips the queueing discipline, because a frame must be finished
 * before the next; an exact-match cache keyed by the NIC's Toeplitz hash,
 * which the rule's insertion computes with the NIC's key.  Physical ports and,
 * for guests, vhost-net ports.
 * Left out: as in linux_ovs. */
#include <vswsim/khost.h>
#include <vswsim/model.h>

#include "models/khost_params.h"

enum step {
    STEP_PREALLOC,
    STEP_SINGLE_SKB,
    STEP_RSS_HASH,
};

static const char *const step_names[] = {"prealloc", "single_skb",
                                         "rss_hash", NULL};

static const struct vsw_param kvs_params[] = {
    VSW_PARAM_ENUM(struct khost_model, step, STEP_RSS_HASH, step_names, 3,
                   "how far it goes: SKBs allocated in advance, one SKB per "
                   "CPU, or also flows by the NIC's hash",
                   "KVS paper, section 3"),
    VSW_PARAM_U32(struct khost_model, emc_entries, VSW_EMC_OVS_ENTRIES, 2,
                  1 << 20,
                  "entries of the cache by the NIC's hash, a power of two",
                  "design choice; Open vSwitch has 8192"),
    KHOST_PARAMS(struct khost_model),
    KHOST_OVS_PARAMS(struct khost_model),
    VSW_PARAM_END,
};

static int
kvs_init(struct vsw_switch *sw, struct vsw_error *err)
{
    struct khost_model *model = vsw_switch_state(sw);
    struct vsw_khost_setup setup = khost_setup(model);

    setup.kswitch.kind = VSW_KSWITCH_OVS;
    setup.kswitch.nic_hash = model->step == STEP_RSS_HASH;
    setup.kswitch.emc_entries = model->emc_entries;
    setup.skbs = model->step == STEP_PREALLOC ? VSW_SKB_PREALLOC
                                              : VSW_SKB_SINGLE;
    return vsw_khost_init(&model->host, sw, &setup, err);
}

const struct vsw_model_ops vsw_model_kvs = {
    .name = "kvs",
    .title = "Open vSwitch in the kernel with one SKB per CPU and the NIC's "
             "hash",
    .citation = "Choi et al., KVS, SoCC 2017",
    .modelled = "SKBs in advance, one SKB per CPU, exact-match cache by the "
                "NIC's Toeplitz hash; the rest as linux_ovs",
    .left_out = "as in linux_ovs",
    .params = kvs_params,
    .port_kinds = VSW_PORTS_GUEST | VSW_PORTS_WIRE,
    .drivers = khost_drivers,
    .n_cpus = vsw_khost_n_cpus,
    .threads_block = true,
    .state_size_bytes = sizeof(struct khost_model),
    .init = kvs_init,
    .fini = khost_model_fini,
};
