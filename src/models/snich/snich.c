/* sNICh: a switch in a NIC that forwards between guests without moving their
 * packets over the bus, as its hardware would and as its prototype did.
 *
 * Source: Ram, PhD thesis, Rice University, 2012, chapter 5.
 *
 * Modelled: flow rules in a TCAM or, in the prototype, a hash table of the
 * same size; least recent use; a control plane in host software that searches
 * the access list, composes rules of FIB, list and class, and enters evicted
 * rules again.  Prototype: a CPU that polls all guests round robin, copies,
 * and interrupts; between guests only.
 * Left out: changes of rules while the switch runs. */
#include "models/snich/snich.h"

#include <errno.h>

#include <vswsim/model.h>
#include <vswsim/tcam.h>

static const char *const forms[] = {"prototype", NULL};

static const struct vsw_param snich_params[] = {
    VSW_PARAM_ENUM(struct snich, form, SNICH_PROTOTYPE, forms, 1,
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
    VSW_PARAM_END,
};

static const char *const drivers[] = {"virtio_poll", NULL};

/* One for the emulation and one for the control plane, which can share. */
static uint32_t
snich_n_cpus(uint32_t n_guests, uint32_t n_wires)
{
    (void) n_guests, (void) n_wires;
    return 2;
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
add_counters(struct snich *snich, struct vsw_switch *sw)
{
    const struct vsw_rule_cache_stats *s = &snich->rules.stats;
    int error = vsw_switch_add_counter(sw, "flow_hits", "1", &s->n_hits);

    error = error ? error
                  : vsw_switch_add_counter(sw, "flow_negative_hits", "1",
                                           &s->n_negative_hits);
    error = error ? error
                  : vsw_switch_add_counter(sw, "flow_misses", "1",
                                           &s->n_misses);
    return error ? error
                 : vsw_switch_add_counter(sw, "flow_evictions", "1",
                                          &s->n_evictions);
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

    if (sw->n_wires > 0) {
        return vsw_error_set(err, VSW_ERROR_DATA, -EINVAL,
                             "snich: the prototype forwards between guests "
                             "only, but wires.n is %u; use form "
                             "\"hardware\"", sw->n_wires);
    }
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
    if (!error && add_counters(snich, sw)) {
        error = -ENOMEM;
    }
    return error ? error : start_prototype(snich, sw, err);
}

static void
snich_fini(struct vsw_switch *sw)
{
    struct snich *snich = vsw_switch_state(sw);

    snich_emulation_fini(&snich->emulation);
    vsw_control_plane_fini(&snich->control);
}

const struct vsw_model_ops vsw_model_snich = {
    .name = "snich",
    .title = "sNICh: a switch in the NIC with its control plane in the host",
    .citation = "Ram, PhD thesis, Rice University, 2012, chapter 5",
    .modelled = "flow table with least recent use, access lists of both "
                "types, rule synthesis, negative rules, entering evicted "
                "rules again, classes of service; the prototype's polling "
                "CPU with its copies and moderated interrupts",
    .left_out = "changes of rules while the switch runs",
    .params = snich_params,
    .state_size_bytes = sizeof(struct snich),
    .drivers = drivers,
    .n_cpus = snich_n_cpus,
    .init = snich_init,
    .fini = snich_fini,
};
