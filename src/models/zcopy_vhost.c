/* ZCopy-vhost with a simple MAC switch: packets move by remapping pages.
 *
 * Source: Wang and Hua, "ZCopy-vhost", IEEE Access 2019, sections III to VII.
 *
 * Modelled: one core that polls all vhost ports in turn; bursts; the five
 * phases of receiving and of sending; one page per packet or as many as it
 * needs, chained; guest frames that really change pages; a TLB flush of the
 * guest after each burst, which it pays for; the ablations of the paper
 * (locks, no reverse map, burst limit, copying instead).
 * Left out: notifications, several switch cores, start-up (the guest's
 * request for its shared area), waiting for flush acknowledgements. */
#include <vswsim/mac_switch.h>
#include <vswsim/model.h>
#include <vswsim/vhost.h>

#include "core/cost.h"

#define PAGE_BYTES 4096

struct zcopy_vhost {
    struct vsw_pmd pmd;
    struct vsw_mac_switch macs;
    struct vsw_vhost_remap remap;
    uint32_t burst_pkts;
    uint32_t n_pages;
    bool copy;
    bool locks;
    bool reverse_map;
    uint32_t flush_scope;
};

static const char *const flush_scopes[] = {
    [VSW_FLUSH_QUEUE_OWNER] = "queue_owner",
    [VSW_FLUSH_ALL_VCPUS] = "all_vcpus",
    NULL,
};

static const struct vsw_param zcopy_vhost_params[] = {
    VSW_PARAM_U32(struct zcopy_vhost, burst_pkts, 32, 1, VSW_MAX_BURST,
                  "most packets taken from a port at once",
                  "ZCopy paper, section VII-B"),
    VSW_PARAM_U32(struct zcopy_vhost, n_pages, 8192, 64, 1 << 20,
                  "free pages in the shared area of the host",
                  "design choice"),
    VSW_PARAM_BOOL(struct zcopy_vhost, copy, false,
                   "copy packets instead of remapping pages",
                   "ablation; ZCopy paper, section II"),
    VSW_PARAM_BOOL(struct zcopy_vhost, locks, false,
                   "take a lock for each EPT entry, as unmodified KVM does",
                   "ablation; ZCopy paper, section V"),
    VSW_PARAM_BOOL(struct zcopy_vhost, reverse_map, true,
                   "find EPT entries by array and not by a walk",
                   "ZCopy paper, section V"),
    VSW_PARAM_ENUM(struct zcopy_vhost, flush_scope, VSW_FLUSH_QUEUE_OWNER,
                   flush_scopes, 2,
                   "vCPUs that flush their TLBs after a remap: the one that "
                   "uses the queue's pages, or all that move packets",
                   "left open by the paper; default is a design choice"),
    VSW_PARAM_END,
};

/* What the options cost; the rest is asked for by the port type. */
static int
require_costs(const struct vsw_switch *sw, const struct zcopy_vhost *zv,
              struct vsw_error *err)
{
    uint16_t costs[2];
    uint32_t n = 0;

    if (zv->locks) {
        costs[n++] = VSW_COST_LOCK;
    }
    if (!zv->reverse_map) {
        costs[n++] = VSW_COST_EPT_WALK;
    }
    return vsw_sim_require_costs(sw->sim, sw->ops->name, costs, n, err);
}

static int
zcopy_vhost_init(struct vsw_switch *sw, struct vsw_error *err)
{
    struct zcopy_vhost *zv = vsw_switch_state(sw);
    struct vsw_pmd *pmd = &zv->pmd;
    int error = require_costs(sw, zv, err);

    if (!error) {
        error = vsw_switch_make_ports(sw, PAGE_BYTES, zv->n_pages, err);
    }
    if (!error) {
        error = vsw_mac_switch_init(&zv->macs, sw, err);
    }
    if (!error) {
        error = vsw_vhost_remap_describe(&zv->remap, sw, sw->n_ports,
                                         zv->n_pages);
    }
    if (error) {
        return error;
    }
    zv->remap = (struct vsw_vhost_remap) {
        .locks = zv->locks,
        .reverse_map = zv->reverse_map,
        .flush_scope = zv->flush_scope,
    };
    pmd->ops = zv->copy ? &vsw_vhost_copy_ops : &vsw_vhost_remap_ops;
    vsw_pmd_make_pool(pmd, pmd->ops->pool, &sw->bufs, zv->n_pages,
                      PAGE_BYTES);
    pmd->burst_pkts = zv->burst_pkts;
    pmd->ops_aux = &zv->remap;
    pmd->decider = &vsw_mac_switch_decider;
    pmd->decider_aux = &zv->macs;
    return vsw_pmd_start(pmd, sw, sw->units[0], err);
}

static void
zcopy_vhost_fini(struct vsw_switch *sw)
{
    struct zcopy_vhost *zv = vsw_switch_state(sw);

    vsw_pmd_fini(&zv->pmd);
}

const struct vsw_model_ops vsw_model_zcopy_vhost = {
    .name = "zcopy_vhost",
    .title = "ZCopy-vhost and a MAC switch, pages remapped between guests",
    .citation = "Wang and Hua, ZCopy-vhost, IEEE Access 2019",
    .modelled = "one polling core, bursts, five phases of remapping, chained "
                "pages, TLB flushes and refills charged to the guests",
    .left_out = "notifications, several switch cores, start-up of the shared "
                "area, waiting for flush acknowledgements",
    .params = zcopy_vhost_params,
    .state_size_bytes = sizeof(struct zcopy_vhost),
    .init = zcopy_vhost_init,
    .fini = zcopy_vhost_fini,
};
