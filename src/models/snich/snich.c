/* sNICh: a switch in a NIC that forwards between guests without moving their
 * packets over the bus, as its hardware would and as its prototype did.
 *
 * Source: Ram, PhD thesis, Rice University, 2012, chapter 5.
 *
 * Modelled: flow rules in a TCAM or, in the prototype, a hash table of the
 * same size; least recent use; a control plane in host software that searches
 * the access list, composes rules of FIB, list and class, and enters evicted
 * rules again.  Prototype: a CPU that polls all guests round robin, copies,
 * and interrupts; between guests only.  Hardware: see hardware.c.
 * Left out: changes of rules while the switch runs. */
#include "models/snich/snich.h"

#include <errno.h>
#include <stdio.h>

#include <vswsim/model.h>
#include <vswsim/tcam.h>

/* Smaller packets than by default may be all that a trace has. */
#define DEFAULT_DMA_MIN_BYTES 129

static const char *const forms[] = {"prototype", "hardware", NULL};
static const char *const at_caps[] = {"lose_newest", "lose_oldest", NULL};

static const struct vsw_param snich_params[] = {
    VSW_PARAM_ENUM(struct snich, form, SNICH_PROTOTYPE, forms, 2,
                   "a CPU in the place of the NIC, as published, or the NIC",
                   "Ram, section 5.3"),
    VSW_PARAM_U32(struct snich, flow_rules, VSW_TCAM_DEFAULT_RULES, 1,
                  VSW_TCAM_MAX_RULES, "rules that the flow table holds",
                  "Ram, section 5.3: 1024"),
    VSW_PARAM_BOOL(struct snich, negative_wildcards, true,
                   "rules that drop keep the wildcards of the list's entry; "
                   "without effect on a hash table",
                   "Ram, section 5.2"),
    VSW_PARAM_BOOL(struct snich, use_qos, true,
                   "higher classes of qos.file go first", "Ram, section 5.2"),
    VSW_PARAM_U32(struct snich, known_flows, 16384, 1,
                  VSW_RULE_CACHE_MAX_RULES,
                  "flows whose rule the control plane remembers",
                  "design choice"),
    VSW_PARAM_U32(struct snich, control_pkts, 256, 1, 1024,
                  "packets that the control plane holds at a time; "
                  "rounded up to a power of two", "design choice"),
    VSW_PARAM_U32(struct snich, burst_pkts, 32, 1, VSW_MAX_BURST,
                  "most packets taken from a vNIC at a visit",
                  "design choice; the thesis gives none"),
    VSW_PARAM_U32(struct snich, header_bytes, 64, 42, VSW_HEADER_BYTES,
                  "bytes of each packet that the switch reads",
                  "design choice: Ethernet, IPv4 and transport headers"),
    VSW_PARAM_U32(struct snich, buf_bytes, 4096, 512, 65536,
                  "packet bytes that a guest's descriptor holds",
                  "a page, as Xen's rings"),
    VSW_PARAM_U64(struct snich, irq_gap_ns, 100000, 0, 10000000,
                  "least time between two interrupts of a guest",
                  "Ram, section 5.2.3: 100 us or more"),
    VSW_PARAM_BOOL(struct snich, walks_host_table, false,
                   "hardware: on a miss the NIC first looks in the control "
                   "plane's table of known flows", "Ram, section 6: outlook"),
    VSW_PARAM_U32(struct snich, host_table_reads, 2, 1, 16,
                  "hardware: dependent reads of such a look",
                  "design choice: a bucket, then a rule"),
    VSW_PARAM_U32(struct snich, dma_channels, 4, 1, 16,
                  "hardware: channels of the host's copy engine",
                  "Intel I/OAT: 4"),
    VSW_PARAM_U32(struct snich, dma_descs, 512, 1, 4096,
                  "hardware: descriptors of a channel; rounded up to a power "
                  "of two", "design choice: what a period of moderation "
                  "needs"),
    VSW_PARAM_U32(struct snich, dma_min_bytes,
                  DEFAULT_DMA_MIN_BYTES, 0, 65549,
                  "hardware: shorter packets cross the bus instead",
                  "Ram, section 4.6: engines pay from 128 bytes on"),
    VSW_PARAM_U32(struct snich, nic_pkts, 1024, 16, 65536,
                  "hardware: packets that the NIC holds, divided among the "
                  "classes", "design choice"),
    VSW_PARAM_BOOL(struct snich, holds, false,
                   "hardware: packets wait in the NIC for a receiver without "
                   "descriptors; else they are lost", "design choice"),
    VSW_PARAM_U32(struct snich, max_in_flight, 0, 0, 65536,
                  "hardware: most packets in the NIC for one receiver; 0 for "
                  "no cap", "Ram, section 4.6"),
    VSW_PARAM_ENUM(struct snich, at_cap, 0, at_caps, 2,
                   "hardware: what goes at the cap", "Ram, section 4.6"),
    VSW_PARAM_END,
};

static const char *const drivers[] = {
    "vf", "netfront", "virtio", "virtio_poll", NULL,
};

/* One for the emulation and one for the control plane, which can share. */
static uint32_t
snich_n_cpus(uint32_t n_guests, uint32_t n_wires)
{
    (void) n_guests, (void) n_wires;
    return 2;
}

static const char *
snich_check(const void *state, const struct vsw_model_facts *facts,
            char reason[VSW_MODEL_REASON_BYTES])
{
    const struct snich *snich = state;

    if (snich->form == SNICH_PROTOTYPE && facts->n_wires > 0) {
        snprintf(reason, VSW_MODEL_REASON_BYTES,
                 "the prototype forwards between guests only, but wires.n is "
                 "%u; use form \"hardware\"", facts->n_wires);
        return "form";
    }
    if (snich->form == SNICH_HARDWARE && facts->frame_bytes > 0
        && snich->dma_min_bytes > DEFAULT_DMA_MIN_BYTES
        && snich->dma_min_bytes > facts->frame_bytes - VSW_FCS_BYTES) {
        snprintf(reason, VSW_MODEL_REASON_BYTES,
                 "dma_min_bytes is %u, but no packet has more than %u bytes: "
                 "nothing would go by the copy engine",
                 snich->dma_min_bytes, facts->frame_bytes - VSW_FCS_BYTES);
        return "dma_min_bytes";
    }
    return NULL;
}

static uint32_t
power_of_2(uint32_t n)
{
    uint32_t power = 1;

    while (power < n) {
        power *= 2;
    }
    return power;
}

static int
make_rules(struct snich *snich, struct vsw_switch *sw, struct vsw_error *err)
{
    const struct vsw_nic_rules_setup setup = {
        .max_rules = snich->flow_rules,
        .is_tcam = snich->form == SNICH_HARDWARE,
        .wildcards = snich->negative_wildcards,
    };

    if (vsw_nic_rules_init(&snich->rules, &sw->arena, &setup)) {
        return vsw_error_set(err, VSW_ERROR_DATA, -ENOMEM,
                             "snich: no room for %u flow_rules",
                             snich->flow_rules);
    }
    return 0;
}

static int
add_counters(struct snich *snich, struct vsw_switch *sw,
             struct vsw_error *err)
{
    const struct vsw_rule_cache_stats *s = &snich->rules.stats;
    const struct nic_counter counters[] = {
        {"flow_hits", "1", &s->n_hits},
        {"flow_negative_hits", "1", &s->n_negative_hits},
        {"flow_misses", "1", &s->n_misses},
        {"flow_evictions", "1", &s->n_evictions},
    };

    return nic_add_counters(sw, counters, VSW_N_ELEMS(counters), err);
}

static uint32_t
n_classes(const struct snich *snich, const struct vsw_switch *sw)
{
    uint32_t n = 1;

    for (uint32_t i = 0; snich->use_qos && sw->qos && i < sw->qos->n_rules;
         i++) {
        uint32_t class_ = vsw_acl_rule_at(sw->qos, i)->verdict;

        n = class_ + 1 > n ? class_ + 1 : n;
    }
    return n;
}

static int
start_prototype(struct snich *snich, struct vsw_switch *sw,
                struct vsw_error *err)
{
    const struct snich_emulation_setup setup = {
        .burst_pkts = snich->burst_pkts,
        .header_bytes = snich->header_bytes,
        .irq_gap_ns = snich->irq_gap_ns,
        .n_classes = n_classes(snich, sw),
    };

    return snich_emulation_start(&snich->emulation, sw, &snich->rules,
                                 &snich->control, &setup, err);
}

/* The largest packet of a trace, in buffers of the control plane. */
#define MAX_PKT_BYTES 65536

static int
snich_init(struct vsw_switch *sw, struct vsw_error *err)
{
    struct snich *snich = vsw_switch_state(sw);
    uint32_t n_pkts = power_of_2(snich->control_pkts);
    struct vsw_control_setup control = {
        .n_slots = n_pkts,
        .buf_bytes = snich->buf_bytes,
        .n_bufs = n_pkts + MAX_PKT_BYTES / snich->buf_bytes,
        .n_known = snich->known_flows,
    };
    /* The emulation has the first CPU for itself if there are more. */
    uint32_t cpu = sw->n_units - 1;
    int error = vsw_switch_make_bare_ports(sw, snich->buf_bytes,
                                           control.n_bufs, err);

    error = error ? error : make_rules(snich, sw, err);
    error = error ? error
                  : vsw_control_plane_init(&snich->control, sw, cpu,
                                           &snich->rules, &control, err);
    error = error ? error : add_counters(snich, sw, err);
    if (error) {
        return error;
    }
    return snich->form == SNICH_PROTOTYPE
               ? start_prototype(snich, sw, err)
               : snich_hardware_start(snich, sw, n_classes(snich, sw), err);
}

static void
snich_fini(struct vsw_switch *sw)
{
    struct snich *snich = vsw_switch_state(sw);

    if (snich->form == SNICH_PROTOTYPE) {
        snich_emulation_fini(&snich->emulation);
    } else {
        vsw_eswitch_fini(&snich->nic);
    }
    vsw_control_plane_fini(&snich->control);
}

const struct vsw_model_ops vsw_model_snich = {
    .name = "snich",
    .title = "sNICh: a switch in the NIC with its control plane in the host",
    .citation = "Ram, PhD thesis, Rice University, 2012, chapter 5",
    .modelled = "flow table with least recent use, access lists of both "
                "types, rule synthesis, negative rules, entering evicted "
                "rules again, classes of service; the prototype's polling "
                "CPU with its copies and moderated interrupts; the hardware's "
                "reading of headers, copies by the host's engine, links, and "
                "its look into a table of flows in host memory",
    .left_out = "changes of rules while the switch runs",
    .params = snich_params,
    .state_size_bytes = sizeof(struct snich),
    .port_kinds = VSW_PORTS_GUEST | VSW_PORTS_WIRE,
    .drivers = drivers,
    .n_cpus = snich_n_cpus,
    .check = snich_check,
    .init = snich_init,
    .fini = snich_fini,
};
