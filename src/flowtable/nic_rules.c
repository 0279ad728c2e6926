#include <vswsim/nic_rules.h>

#include <errno.h>
#include <string.h>

#include <vswsim/mactable.h>

/* An action holds the class above the port. */
#define CLASS_SHIFT 24
#define PORT_MASK   ((UINT32_C(1) << CLASS_SHIFT) - 1)

static uint32_t
action_of(const struct vsw_rule *rule)
{
    uint32_t port = rule->port == VSW_PORT_FLOOD ? PORT_MASK : rule->port;

    return port | (uint32_t) rule->qos_class << CLASS_SHIFT;
}

static struct vsw_rule
rule_of(const struct vsw_tcam_hit *hit)
{
    uint32_t port = hit->action & PORT_MASK;

    return (struct vsw_rule) {
        .port = port == PORT_MASK ? VSW_PORT_FLOOD : port,
        .qos_class = (uint8_t) (hit->action >> CLASS_SHIFT),
        .negative = hit->negative,
    };
}

int
vsw_nic_rules_init(struct vsw_nic_rules *rules, struct vsw_arena *arena,
                   const struct vsw_nic_rules_setup *setup)
{
    const struct vsw_tcam_params params = {
        .max_rules = setup->max_rules,
        .key_bytes = VSW_FLOWKEY_BYTES,
    };

    memset(rules, 0, sizeof *rules);
    rules->setup = *setup;
    vsw_flowkey_mask_nine_tuple(&rules->nine_tuple);
    if (setup->max_rules == 0) {
        return -ENOMEM;         /* 0 would mean the default of a TCAM. */
    }
    if (setup->is_tcam) {
        rules->tcam = vsw_tcam_new(arena, &params);
    } else {
        rules->hash = vsw_rule_cache_new(arena, setup->max_rules);
    }
    return rules->tcam || rules->hash ? 0 : -ENOMEM;
}

static bool
look_up(struct vsw_nic_rules *rules, const struct vsw_flowkey *key,
        struct vsw_rule *rule, struct vsw_memobs *obs)
{
    struct vsw_tcam_hit hit;

    if (rules->hash) {
        return vsw_rule_cache_lookup(rules->hash, key, rule, obs);
    }
    if (!vsw_tcam_lookup(rules->tcam, key, &hit, obs)) {
        return false;
    }
    *rule = rule_of(&hit);
    return true;
}

bool
vsw_nic_rules_lookup(struct vsw_nic_rules *rules,
                     const struct vsw_flowkey *key, struct vsw_rule *rule,
                     struct vsw_memobs *obs)
{
    if (!look_up(rules, key, rule, obs)) {
        rules->stats.n_misses++;
        return false;
    }
    rules->stats.n_hits++;
    rules->stats.n_negative_hits += rule->negative;
    return true;
}

/* A rule that is there already, because several packets missed before it
 * came, is left alone. */
static void
add_masked(struct vsw_nic_rules *rules, const struct vsw_flowkey *value,
           const struct vsw_flowkey *mask, const struct vsw_rule *rule,
           struct vsw_memobs *obs)
{
    const struct vsw_tcam_rule r = {
        .value = value,
        .mask = mask,
        .action = action_of(rule),
        .negative = rule->negative,
    };

    vsw_tcam_replace(rules->tcam, &r, NULL, obs);
    rules->stats.n_evictions = vsw_tcam_stats(rules->tcam).n_evictions;
}

void
vsw_nic_rules_add_exact(struct vsw_nic_rules *rules,
                        const struct vsw_flowkey *key,
                        const struct vsw_rule *rule, struct vsw_memobs *obs)
{
    struct vsw_flowkey value;

    if (rules->hash) {
        vsw_rule_cache_insert(rules->hash, key, rule, obs);
        rules->stats.n_evictions
            = vsw_rule_cache_stats(rules->hash)->n_evictions;
        return;
    }
    vsw_flowkey_project(&value, key, &rules->nine_tuple);
    add_masked(rules, &value, &rules->nine_tuple, rule, obs);
}

void
vsw_nic_rules_add(struct vsw_nic_rules *rules, const struct vsw_flowkey *key,
                  const struct vsw_flow_rule *rule, struct vsw_memobs *obs)
{
    const struct vsw_rule r = {
        .port = rule->port,
        .qos_class = rule->qos_class,
        .negative = rule->negative,
    };

    if (rules->hash || (rule->negative && !rules->setup.wildcards)) {
        vsw_nic_rules_add_exact(rules, key, &r, obs);
    } else {
        add_masked(rules, &rule->value, &rule->mask, &r, obs);
    }
}

uint32_t
vsw_nic_rules_n_rules(const struct vsw_nic_rules *rules)
{
    return rules->hash ? vsw_rule_cache_n_rules(rules->hash)
                       : vsw_tcam_n_rules(rules->tcam);
}
