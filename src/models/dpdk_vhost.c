/* DPDK-vhost with a simple MAC switch: copy in, look up, copy out.
 *
 * Source: Wang and Hua, "ZCopy-vhost", IEEE Access 2019, sections I and II,
 * where it is the baseline; DPDK's vhost library.
 *
 * Modelled: one core that polls all vhost ports in turn; bursts; mbufs from
 * a pool; one copy from the guest into mbufs and one from mbufs into the
 * guest; used rings updated once per burst; loss when the receiver has no
 * descriptor posted.
 * Left out: notifications (guests poll), several switch cores, offloads. */
#include <vswsim/mac_switch.h>
#include <vswsim/model.h>
#include <vswsim/vhost.h>

struct dpdk_vhost {
    struct vsw_pmd pmd;
    struct vsw_mac_switch macs;
    uint32_t burst_pkts;
    uint32_t n_mbufs;
    uint32_t mbuf_bytes;
};

static const struct vsw_param dpdk_vhost_params[] = {
    VSW_PARAM_U32(struct dpdk_vhost, burst_pkts, 32, 1, VSW_MAX_BURST,
                  "most packets taken from a port at once",
                  "ZCopy paper, section VII-B"),
    VSW_PARAM_U32(struct dpdk_vhost, n_mbufs, 8192, 64, 1 << 20,
                  "mbufs in the pool of the switch",
                  "DPDK's vhost example: 8192 a port; design choice"),
    VSW_PARAM_U32(struct dpdk_vhost, mbuf_bytes, 2048, 512, 65536,
                  "packet bytes that an mbuf and a guest descriptor hold",
                  "RTE_MBUF_DEFAULT_DATAROOM"),
    VSW_PARAM_END,
};

/* What an mbuf takes beside its data: struct rte_mbuf and the headroom. */
#define MBUF_OVERHEAD_BYTES (128 + 128)

static int
dpdk_vhost_init(struct vsw_switch *sw, struct vsw_error *err)
{
    struct dpdk_vhost *dv = vsw_switch_state(sw);
    struct vsw_pmd *pmd = &dv->pmd;
    int error = vsw_switch_make_ports(sw, dv->mbuf_bytes, dv->n_mbufs, err);

    if (!error) {
        error = vsw_mac_switch_init(&dv->macs, sw, err);
    }
    if (error) {
        return error;
    }
    vsw_pmd_make_pool(pmd, VSW_PMD_MBUFS, &sw->bufs, dv->n_mbufs,
                      dv->mbuf_bytes);
    pmd->burst_pkts = dv->burst_pkts;
    pmd->ops = &vsw_vhost_copy_ops;
    pmd->decider = &vsw_mac_switch_decider;
    pmd->decider_aux = &dv->macs;
    error = vsw_switch_add_memory(sw, "packet_buffers",
                                  (uint64_t) dv->n_mbufs * dv->mbuf_bytes);
    error = error ? error
                  : vsw_switch_add_memory(sw, "mbuf_headers",
                                          (uint64_t) dv->n_mbufs
                                              * MBUF_OVERHEAD_BYTES);
    return error ? error : vsw_pmd_start(pmd, sw, sw->units[0], err);
}

static void
dpdk_vhost_fini(struct vsw_switch *sw)
{
    struct dpdk_vhost *dv = vsw_switch_state(sw);

    vsw_pmd_fini(&dv->pmd);
}

const struct vsw_model_ops vsw_model_dpdk_vhost = {
    .name = "dpdk_vhost",
    .title = "DPDK vhost ports and a MAC switch, two copies per packet",
    .citation = "Wang and Hua, ZCopy-vhost, IEEE Access 2019, sections I-II",
    .modelled = "one polling core, bursts, mbuf pool, copy in and copy out, "
                "used ring once per burst, loss at full receive rings",
    .left_out = "notifications, several switch cores, offloads",
    .params = dpdk_vhost_params,
    .state_size_bytes = sizeof(struct dpdk_vhost),
    .init = dpdk_vhost_init,
    .fini = dpdk_vhost_fini,
};
