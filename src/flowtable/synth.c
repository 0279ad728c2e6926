#include <vswsim/synth.h>

#include <string.h>

/* The bit of 'ip_frag' that only later fragments have. */
#define FRAG_LATER_BIT (VSW_FRAG_LATER & ~VSW_FRAG_FIRST)

/* The packets that a negative rule covers, as masks of numbers. */
struct cover {
    uint32_t src_mask;
    uint32_t dst_mask;
    uint16_t src_port_mask;
    uint16_t dst_port_mask;
    uint8_t proto_mask;
    bool has_ports_matters;
};

static bool
ignores_ports(uint16_t min, uint16_t max)
{
    return min == 0 && max == UINT16_MAX;
}

static bool
rule_ignores_ports(const struct vsw_acl_rule *rule)
{
    return ignores_ports(rule->src_port_min, rule->src_port_max)
           && ignores_ports(rule->dst_port_min, rule->dst_port_max);
}

/* The shortest prefix mask whose block around 'port' lies within
 * min..max. */
static uint16_t
block_within(uint16_t port, uint16_t min, uint16_t max)
{
    uint32_t wild = UINT16_MAX;

    while ((port & ~wild) < min || (port | wild) > max) {
        wild >>= 1;
    }
    return (uint16_t) ~wild;
}

static void
cover_of(const struct vsw_acl_rule *rule, const struct vsw_fivetuple *t,
         struct cover *cover)
{
    *cover = (struct cover) {
        .src_mask = rule->src_mask,
        .dst_mask = rule->dst_mask,
        .proto_mask = rule->proto_mask,
        .has_ports_matters = !rule_ignores_ports(rule),
    };
    if (cover->has_ports_matters) {
        cover->src_port_mask = block_within(t->src_port, rule->src_port_min,
                                            rule->src_port_max);
        cover->dst_port_mask = block_within(t->dst_port, rule->dst_port_min,
                                            rule->dst_port_max);
    }
}

/* The block around 'port', not in min..max, that stays on its side of it. */
static uint16_t
block_outside(uint16_t port, uint16_t min, uint16_t max)
{
    return port < min ? block_within(port, 0, (uint16_t) (min - 1))
                      : block_within(port, (uint16_t) (max + 1), UINT16_MAX);
}

static bool
in_range(uint16_t port, uint16_t min, uint16_t max)
{
    return min <= port && port <= max;
}

/* Narrows the cover by ports, of which the packet has one outside of
 * 'rule'. */
static void
exclude_ports(const struct vsw_acl_rule *rule, const struct vsw_fivetuple *t,
              struct cover *cover)
{
    cover->has_ports_matters = true;
    if (!t->has_ports) {
        return;
    }
    if (!in_range(t->src_port, rule->src_port_min, rule->src_port_max)) {
        cover->src_port_mask |= block_outside(t->src_port, rule->src_port_min,
                                              rule->src_port_max);
    } else {
        cover->dst_port_mask |= block_outside(t->dst_port, rule->dst_port_min,
                                              rule->dst_port_max);
    }
}

static uint32_t
highest_bit(uint32_t x)
{
    return UINT32_C(1) << vsw_msb64(x);
}

/* Narrows the cover, which holds the packet 't', until it holds no packet of
 * 'rule', which does not match 't': by one bit in which both differ, the
 * highest, which most likely keeps out other rules as well. */
static void
exclude(const struct vsw_acl_rule *rule, const struct vsw_fivetuple *t,
        struct cover *cover)
{
    uint32_t src_diff = (rule->src_ip ^ t->src_ip) & rule->src_mask;
    uint32_t dst_diff = (rule->dst_ip ^ t->dst_ip) & rule->dst_mask;
    uint32_t proto_diff = (uint32_t) (rule->proto ^ t->proto)
                          & rule->proto_mask;

    if ((src_diff & cover->src_mask) || (dst_diff & cover->dst_mask)
        || (proto_diff & cover->proto_mask)) {
        return;
    }
    if (src_diff) {
        cover->src_mask |= highest_bit(src_diff);
    } else if (dst_diff) {
        cover->dst_mask |= highest_bit(dst_diff);
    } else if (proto_diff) {
        cover->proto_mask |= (uint8_t) highest_bit(proto_diff);
    } else {
        exclude_ports(rule, t, cover);
    }
}

static void
write_masks(const struct cover *cover, struct vsw_flowkey *mask)
{
    memset(mask, 0, sizeof *mask);
    mask->ip_src = vsw_ip_addr_from_v4(cover->src_mask);
    mask->ip_dst = vsw_ip_addr_from_v4(cover->dst_mask);
    mask->tp_src = vsw_be16_make(cover->src_port_mask);
    mask->tp_dst = vsw_be16_make(cover->dst_port_mask);
    mask->eth_type = vsw_be16_make(UINT16_MAX);
    mask->ip_proto = cover->proto_mask;
    if (cover->has_ports_matters) {
        mask->ip_proto = UINT8_MAX;
        mask->ip_frag = FRAG_LATER_BIT;
    }
}

/* Masks of the packets around 't' that entry 'match' denies as well. */
static void
negative_mask(const struct vsw_acl *acl, uint32_t match,
              const struct vsw_fivetuple *t, struct vsw_flowkey *mask,
              struct vsw_memobs *obs)
{
    const struct vsw_acl_rule *denying = vsw_acl_rule_at(acl, match);
    struct cover cover;

    vsw_touch(obs, denying, sizeof *denying, VSW_MEM_READ);
    cover_of(denying, t, &cover);
    for (uint32_t i = 0; i < match; i++) {
        const struct vsw_acl_rule *rule = vsw_acl_rule_at(acl, i);

        vsw_touch(obs, rule, sizeof *rule, VSW_MEM_READ);
        if (rule->verdict != VSW_ACL_DENY) {
            exclude(rule, t, &cover);
        }
    }
    write_masks(&cover, mask);
}

/* The 9-tuple, and whether a fragment has ports, which the ACL looks at. */
static void
exact_mask(struct vsw_flowkey *mask)
{
    vsw_flowkey_mask_nine_tuple(mask);
    mask->ip_frag = FRAG_LATER_BIT;
}

/* Applies the ACL to a packet of IP; fills the mask. */
static bool
is_denied(const struct vsw_acl *acl, const struct vsw_fivetuple *t,
          struct vsw_flow_rule *rule, struct vsw_memobs *obs)
{
    struct vsw_acl_result result = vsw_acl_search(acl, t, obs);

    rule->n_compared += result.n_compared;
    if (result.verdict != VSW_ACL_DENY) {
        return false;
    }
    if (result.rule != VSW_ACL_NO_RULE) {
        negative_mask(acl, result.rule, t, &rule->mask, obs);
    }
    return true;
}

static uint8_t
class_of(const struct vsw_acl *qos, const struct vsw_fivetuple *t,
         struct vsw_flow_rule *rule, struct vsw_memobs *obs)
{
    struct vsw_acl_result result = vsw_acl_search(qos, t, obs);

    rule->n_compared += result.n_compared;
    return result.verdict;
}

void
vsw_synth_rule(const struct vsw_synth *synth, const struct vsw_flowkey *key,
               struct vsw_flow_rule *rule, struct vsw_memobs *obs)
{
    struct vsw_fivetuple tuple;
    bool is_ipv4 = vsw_fivetuple_from_key(&tuple, key);

    memset(rule, 0, sizeof *rule);
    exact_mask(&rule->mask);
    if (synth->acl && is_ipv4) {
        rule->negative = is_denied(synth->acl, &tuple, rule, obs);
    } else if (synth->acl
               && vsw_be16_get(key->eth_type) == VSW_ETH_TYPE_IPV6) {
        rule->negative = synth->acl->default_verdict == VSW_ACL_DENY;
    }
    vsw_flowkey_project(&rule->value, key, &rule->mask);
    if (rule->negative) {
        return;
    }
    rule->port = vsw_fib_lookup(synth->fib, key, obs);
    if (synth->qos) {
        rule->qos_class = is_ipv4 ? class_of(synth->qos, &tuple, rule, obs)
                                  : synth->qos->default_verdict;
    }
}
