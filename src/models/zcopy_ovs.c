/* ZCopy-OVS: Open vSwitch with DPDK whose vhost ports remap pages.
 *
 * Source: Wang and Hua, "ZCopy-vhost", IEEE Access 2019, section VI, where it
 * is ZCopy-vhost's ports under Open vSwitch; lib/dpif-netdev.c.
 *
 * Modelled: what dpdk_ovs is made of, with the five phases of remapping at
 * vhost ports; pages and mbufs in pools of their own; a packet between a vhost
 * port and a physical one or a tap device, either way, is copied.
 * Left out: what dpdk_ovs and zcopy_vhost leave out. */
#include <vswsim/model.h>
#include <vswsim/nic_port.h>
#include <vswsim/tap_port.h>
#include <vswsim/vhost.h>

#include "models/ovs_pmd_params.h"

#define PAGE_BYTES 4096

struct zcopy_ovs {
    struct ovs_pmd_model model;
    struct vsw_vhost_remap remap;
    uint32_t n_pages;
};

static const struct vsw_param zcopy_ovs_params[] = {
    OVS_PMD_BURST_PARAM,
    VSW_PARAM_U32(struct zcopy_ovs, n_pages, 8192, 64, 1 << 20,
                  "free pages in the shared area of the host",
                  "design choice"),
    OVS_PMD_PARAMS("mbufs for physical ports",
                   "packet bytes that an mbuf holds"),
    VSW_PARAM_END,
};

static void
set_port_types(struct zcopy_ovs *zo)
{
    struct vsw_pmd *pmd = &zo->model.pmd;

    pmd->ops_by_kind[VSW_PORT_GUEST] = &vsw_vhost_remap_ops;
    pmd->mixed_ops[VSW_PORT_GUEST] = &vsw_vhost_copy_ops;
    pmd->mixed_ops[VSW_PORT_WIRE] = &vsw_nic_copy_ops;
    pmd->mixed_ops[VSW_PORT_TAP] = &vsw_tap_port_ops;
    pmd->ops_aux = &zo->remap;
}

/* Those whose pages are remapped. */
static uint32_t
n_guests(const struct zcopy_ovs *zo, const struct vsw_switch *sw)
{
    uint32_t n = vsw_switch_n_guests(sw);

    return n > zo->model.n_tap_ports ? n - zo->model.n_tap_ports : 0;
}

static int
zcopy_ovs_init(struct vsw_switch *sw, struct vsw_error *err)
{
    struct zcopy_ovs *zo = vsw_switch_state(sw);
    struct vsw_pmd *pmd = &zo->model.pmd;
    int error;

    sw->wire_buf_bytes = zo->model.mbuf_bytes;
    error = vsw_switch_make_ports(sw, PAGE_BYTES,
                                  zo->n_pages + zo->model.n_mbufs, err);
    if (error) {
        return error;
    }
    zo->remap = (struct vsw_vhost_remap) {.reverse_map = true};
    vsw_pmd_make_pool(pmd, VSW_PMD_PAGES, &sw->bufs, zo->n_pages,
                      PAGE_BYTES);
    error = ovs_pmd_model_init(&zo->model, sw, err);
    set_port_types(zo);
    error = error ? error
                  : vsw_vhost_remap_describe(&zo->remap, sw, n_guests(zo, sw),
                                             zo->n_pages);
    return error ? error : vsw_pmd_start(pmd, sw, sw->units[0], err);
}

const struct vsw_model_ops vsw_model_zcopy_ovs = {
    .name = "zcopy_ovs",
    .title = "ZCopy-OVS: Open vSwitch with DPDK, pages remapped between "
             "guests",
    .citation = "Wang and Hua, ZCopy-vhost, IEEE Access 2019, section VI",
    .modelled = "one polling core, Open vSwitch's tables, five phases of "
                "remapping between vhost ports, a copy between a vhost port "
                "and a physical one or a tap device",
    .left_out = "several polling threads, notifications, offloads, expiry of "
                "flows",
    .params = zcopy_ovs_params,
    .port_kinds = VSW_PORTS_GUEST | VSW_PORTS_WIRE,
    .state_size_bytes = sizeof(struct zcopy_ovs),
    .init = zcopy_ovs_init,
    .fini = ovs_pmd_model_fini,
};
