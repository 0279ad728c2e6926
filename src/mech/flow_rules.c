#include <vswsim/flow_rules.h>

#include <errno.h>
#include <string.h>

#include <vswsim/mactable.h>

/* All rules match disjoint packets. */
#define PRIORITY 1

const char *const vsw_flow_rules_kinds[] = {
    [VSW_FLOW_RULES_MAC] = "mac",
    [VSW_FLOW_RULES_FLOW] = "flow",
    NULL,
};

static uint32_t
n_rules(const struct vsw_switch *sw, enum vsw_flow_rules_kind kind)
{
    return kind == VSW_FLOW_RULES_MAC ? sw->n_ports
                                      : sw->pkts->workload->n_flows;
}

/* Rule 'i' leads to port 'i'. */
static int
add_mac(struct vsw_flow_rules *rules, uint32_t i)
{
    struct vsw_flowkey key, mask;

    memset(&key, 0, sizeof key);
    memset(&mask, 0, sizeof mask);
    memset(&mask.eth_dst, 0xff, sizeof mask.eth_dst);
    memcpy(&key.eth_dst, rules->workload->ports[i].mac, sizeof key.eth_dst);
    return vsw_classifier_insert(rules->classifier, &key, &mask, PRIORITY, i,
                                 NULL);
}

/* Rule 'i' leads where flow 'i' does.  Flows that differ only in what a rule
 * does not match share the first one's. */
static int
add_flow(struct vsw_flow_rules *rules, uint32_t i)
{
    const struct vsw_workload_flow *flow = &rules->workload->flows[i];
    struct vsw_flowkey key, mask;
    int error;

    if (flow->in_port == VSW_NONE || flow->out_port == VSW_NONE) {
        return 0;
    }
    vsw_flowkey_extract(&key, flow->header, VSW_HEADER_BYTES,
                        (uint16_t) flow->in_port, NULL);
    vsw_flowkey_mask_nine_tuple(&mask);
    vsw_flowkey_project(&key, &key, &mask);
    error = vsw_classifier_insert(rules->classifier, &key, &mask, PRIORITY,
                                  i, NULL);
    return error == -EEXIST ? 0 : error;
}

int
vsw_flow_rules_init(struct vsw_flow_rules *rules, struct vsw_switch *sw,
                    enum vsw_flow_rules_kind kind, struct vsw_error *err)
{
    uint32_t n = n_rules(sw, kind);
    int error = 0;

    rules->kind = kind;
    rules->workload = sw->pkts->workload;
    rules->classifier = vsw_classifier_new(&sw->arena, n, 1);
    if (!rules->classifier) {
        error = -ENOSPC;
    }
    for (uint32_t i = 0; !error && i < n; i++) {
        error = kind == VSW_FLOW_RULES_MAC ? add_mac(rules, i)
                                           : add_flow(rules, i);
    }
    if (error) {
        return vsw_error_set(err, VSW_ERROR_DATA, error,
                             "%s: %u flow rules do not fit into the memory "
                             "for its tables; use fewer flows",
                             sw->ops->name, n);
    }
    return 0;
}

uint32_t
vsw_flow_rules_decide(const struct vsw_flow_rules *rules,
                      const struct vsw_flowkey *key,
                      struct vsw_flowkey *mask, struct vsw_memobs *obs)
{
    uint32_t rule = vsw_classifier_lookup(rules->classifier, key, mask, obs);

    if (rule == VSW_FLOW_NONE) {
        return VSW_PORT_FLOOD;
    }
    return rules->kind == VSW_FLOW_RULES_MAC
               ? rule
               : rules->workload->flows[rule].out_port;
}
