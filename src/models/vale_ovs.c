/* Open vSwitch on VALE: the kernel's datapath in place of VALE's lookup.
 *
 * Source: Rizzo, netmap and VALE slides (2014), "OVS kernel".
 *
 * Modelled: processes on VALE ports; each packet wrapped in an SKB and handed
 * to ovs_vport_receive() by itself, so that no batch forms; flow key, hash,
 * flow table and daemon as in the kernel; or, as the slides ask for, packets
 * in batches and without SKBs.
 * Left out: what VALE leaves out. */
#include <errno.h>

#include <vswsim/model.h>
#include <vswsim/vale.h>
#include <vswsim/vale_kswitch.h>

struct vale_ovs {
    struct vsw_vale vale;
    struct vsw_vale_kswitch ks;
    uint32_t buf_bytes;
    bool wrapping;
};

static const struct vsw_param vale_ovs_params[] = {
    VSW_PARAM_U32(struct vale_ovs, buf_bytes, 2048, 512, 65536,
                  "bytes of a netmap buffer", "netmap, NETMAP_BUF_SIZE"),
    VSW_PARAM_BOOL(struct vale_ovs, wrapping, true,
                   "wrap each packet in an SKB and forward it by itself; "
                   "without it, in batches",
                   "netmap and VALE slides, 2014"),
    VSW_PARAM_END,
};

static int
make_switch(struct vsw_switch *sw, struct vale_ovs *vo, struct vsw_error *err)
{
    int error;

    sw->has_plain_bufs = true;
    error = vsw_switch_make_ports(sw, vo->buf_bytes,
                                  VSW_VALE_KSWITCH_ALL_BUFS, err);

    vo->ks.wraps = vo->wrapping;
    return error ? error
                 : vsw_vale_kswitch_init(&vo->ks, &vo->vale, sw,
                                         VSW_KSWITCH_OVS,
                                         vo->wrapping ? 1 : VSW_VALE_MAX_BATCH,
                                         err);
}

static int
vale_ovs_init(struct vsw_switch *sw, struct vsw_error *err)
{
    struct vale_ovs *vo = vsw_switch_state(sw);
    int error = vsw_vale_check_processes(sw, err);

    if (!error) {
        error = make_switch(sw, vo, err);
    }
    for (uint32_t i = 0; !error && i < sw->n_ports; i++) {
        vsw_vale_attach_process(&vo->vale, &sw->ports[i].vnics[0]);
    }
    return error;
}

static void
vale_ovs_fini(struct vsw_switch *sw)
{
    struct vale_ovs *vo = vsw_switch_state(sw);

    vsw_vale_kswitch_fini(&vo->ks);
}

static const char *const vale_ovs_drivers[] = {"netmap", NULL};

const struct vsw_model_ops vsw_model_vale_ovs = {
    .name = "vale_ovs",
    .title = "Open vSwitch's kernel datapath in place of VALE's lookup",
    .citation = "Rizzo, netmap and VALE slides, 2014",
    .modelled = "processes on VALE ports, an SKB per packet and no batches, "
                "the kernel's flow table and daemon; or batches without SKBs",
    .left_out = "ports bound to NICs, guests",
    .params = vale_ovs_params,
    .state_size_bytes = sizeof(struct vale_ovs),
    .drivers = vale_ovs_drivers,
    .threads_block = true,
    .init = vale_ovs_init,
    .fini = vale_ovs_fini,
};
