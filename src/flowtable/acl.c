#include <vswsim/acl.h>

#include <assert.h>
#include <errno.h>
#include <string.h>

_Static_assert(sizeof(struct vsw_acl_rule) <= VSW_ACL_RULE_BYTES,
               "a rule outgrew its default stride");

static uint32_t
stride_bytes(const struct vsw_acl_params *params)
{
    return params->stride_bytes ? params->stride_bytes : VSW_ACL_RULE_BYTES;
}

size_t
vsw_acl_size_bytes(const struct vsw_acl_params *params)
{
    /* The arena may have to skip up to a line for alignment. */
    return (size_t) params->max_rules * stride_bytes(params) + VSW_LINE_BYTES;
}

static bool
has_place_for_next(uint32_t at, uint32_t stride)
{
    return at == 0 || (at >= VSW_ACL_RULE_BYTES && at < stride && at % 4 == 0);
}

int
vsw_acl_init(struct vsw_acl *acl, struct vsw_arena *arena,
             const struct vsw_acl_params *params)
{
    uint32_t stride = stride_bytes(params);

    if (params->max_rules == 0 || params->max_rules == VSW_ACL_NO_RULE
        || stride % VSW_ACL_RULE_BYTES != 0
        || !has_place_for_next(params->next_at_bytes, stride)) {
        return -EINVAL;
    }
    acl->rules = vsw_arena_alloc(arena, (size_t) params->max_rules * stride,
                                 VSW_LINE_BYTES);
    if (!acl->rules) {
        return -ENOMEM;
    }
    acl->n_rules = 0;
    acl->max_rules = params->max_rules;
    acl->stride_bytes = stride;
    acl->next_at_bytes = params->next_at_bytes;
    acl->default_verdict = params->default_verdict;
    return 0;
}

void
vsw_acl_rule_any(struct vsw_acl_rule *rule, uint8_t verdict)
{
    *rule = (struct vsw_acl_rule) {
        .src_port_max = UINT16_MAX,
        .dst_port_max = UINT16_MAX,
        .verdict = verdict,
    };
}

static bool
is_prefix(uint32_t ip, uint32_t mask)
{
    uint32_t wild = ~mask;

    return (ip & wild) == 0 && (wild & (wild + 1)) == 0;
}

static bool
rule_is_sound(const struct vsw_acl_rule *rule)
{
    return is_prefix(rule->src_ip, rule->src_mask)
           && is_prefix(rule->dst_ip, rule->dst_mask)
           && rule->src_port_min <= rule->src_port_max
           && rule->dst_port_min <= rule->dst_port_max
           && (rule->proto & ~rule->proto_mask) == 0;
}

static struct vsw_acl_rule *
rule_at(const struct vsw_acl *acl, uint32_t i)
{
    return (void *) (acl->rules + (size_t) i * acl->stride_bytes);
}

/* Where 'rule' says how far the next one is. */
static uint32_t *
next_of(const struct vsw_acl *acl, const struct vsw_acl_rule *rule)
{
    return (void *) ((unsigned char *) rule + acl->next_at_bytes);
}

int
vsw_acl_add(struct vsw_acl *acl, const struct vsw_acl_rule *rule)
{
    if (!rule_is_sound(rule)) {
        return -EINVAL;
    }
    if (acl->n_rules == acl->max_rules) {
        return -ENOSPC;
    }
    *rule_at(acl, acl->n_rules) = *rule;
    if (acl->next_at_bytes > 0) {
        *next_of(acl, rule_at(acl, acl->n_rules)) = acl->stride_bytes;
    }
    acl->n_rules++;
    return 0;
}

void
vsw_acl_truncate(struct vsw_acl *acl, uint32_t n_rules)
{
    if (n_rules < acl->n_rules) {
        acl->n_rules = n_rules;
    }
}

const struct vsw_acl_rule *
vsw_acl_rule_at(const struct vsw_acl *acl, uint32_t i)
{
    assert(i < acl->n_rules);
    return rule_at(acl, i);
}

static bool
ports_match(const struct vsw_acl_rule *rule, const struct vsw_fivetuple *t)
{
    if (!t->has_ports) {
        return rule->src_port_min == 0 && rule->src_port_max == UINT16_MAX
               && rule->dst_port_min == 0 && rule->dst_port_max == UINT16_MAX;
    }
    return rule->src_port_min <= t->src_port
           && t->src_port <= rule->src_port_max
           && rule->dst_port_min <= t->dst_port
           && t->dst_port <= rule->dst_port_max;
}

bool
vsw_acl_rule_matches(const struct vsw_acl_rule *rule,
                     const struct vsw_fivetuple *t)
{
    return ((t->src_ip ^ rule->src_ip) & rule->src_mask) == 0
           && ((t->dst_ip ^ rule->dst_ip) & rule->dst_mask) == 0
           && ((t->proto ^ rule->proto) & rule->proto_mask) == 0
           && ports_match(rule, t);
}

/* Bytes from 'rule' to the next one. */
static uint32_t
step_bytes(const struct vsw_acl *acl, const struct vsw_acl_rule *rule,
           struct vsw_memobs *obs)
{
    const uint32_t *next = next_of(acl, rule);

    if (acl->next_at_bytes == 0) {
        return acl->stride_bytes;
    }
    vsw_touch(obs, next, sizeof *next, VSW_MEM_READ);
    return *next;
}

struct vsw_acl_result
vsw_acl_search(const struct vsw_acl *acl, const struct vsw_fivetuple *tuple,
               struct vsw_memobs *obs)
{
    const unsigned char *at = acl->rules;

    for (uint32_t i = 0; i < acl->n_rules; i++) {
        const struct vsw_acl_rule *rule = (const void *) at;

        vsw_touch(obs, rule, sizeof *rule, VSW_MEM_READ);
        if (vsw_acl_rule_matches(rule, tuple)) {
            return (struct vsw_acl_result) {
                .verdict = rule->verdict, .rule = i, .n_compared = i + 1,
            };
        }
        at += step_bytes(acl, rule, obs);
    }
    return (struct vsw_acl_result) {
        .verdict = acl->default_verdict,
        .rule = VSW_ACL_NO_RULE,
        .n_compared = acl->n_rules,
    };
}
