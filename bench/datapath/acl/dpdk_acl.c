#include "dpdk_acl.h"

#include <stddef.h>
#include <string.h>

#include <rte_acl.h>
#include <rte_eal.h>

#define N_FIELDS 5
#define BURST    32

RTE_ACL_RULE_DEF(acl_rule, N_FIELDS);

static struct rte_acl_ctx *ctx;

static const struct rte_acl_field_def fields[N_FIELDS] = {
    { RTE_ACL_FIELD_TYPE_BITMASK, 1, 0, 0, offsetof(struct key, proto) },
    { RTE_ACL_FIELD_TYPE_MASK, 4, 1, 1, offsetof(struct key, src_ip) },
    { RTE_ACL_FIELD_TYPE_MASK, 4, 2, 2, offsetof(struct key, dst_ip) },
    { RTE_ACL_FIELD_TYPE_RANGE, 2, 3, 3, offsetof(struct key, src_port) },
    { RTE_ACL_FIELD_TYPE_RANGE, 2, 4, 3, offsetof(struct key, dst_port) },
};

static uint32_t
length_of(uint32_t mask)
{
    return mask ? (uint32_t) __builtin_popcount(mask) : 0;
}

static bool
add_rule(const struct vsw_acl_rule *rule, uint32_t i, uint32_t n_rules)
{
    struct acl_rule r;

    memset(&r, 0, sizeof r);
    r.data.category_mask = 1;
    r.data.priority = (int32_t) (n_rules - i);
    r.data.userdata = i + 1;
    r.field[0].value.u8 = rule->proto;
    r.field[0].mask_range.u8 = rule->proto_mask;
    r.field[1].value.u32 = rule->src_ip;
    r.field[1].mask_range.u32 = length_of(rule->src_mask);
    r.field[2].value.u32 = rule->dst_ip;
    r.field[2].mask_range.u32 = length_of(rule->dst_mask);
    r.field[3].value.u16 = rule->src_port_min;
    r.field[3].mask_range.u16 = rule->src_port_max;
    r.field[4].value.u16 = rule->dst_port_min;
    r.field[4].mask_range.u16 = rule->dst_port_max;
    return rte_acl_add_rules(ctx, (struct rte_acl_rule *) &r, 1) == 0;
}

static bool
start(void)
{
    static char *args[] = {
        "bench_acl", "--no-huge", "--no-shconf", "--no-pci",
        "--no-telemetry", "-m", "256", "--force-max-simd-bitwidth=512",
        "--log-level=1",
    };
    struct rte_acl_param param = {
        .name = "bench", .socket_id = 0, .max_rule_num = MAX_RULES,
        .rule_size = RTE_ACL_RULE_SZ(N_FIELDS),
    };

    if (!ctx) {
        if (rte_eal_init(sizeof args / sizeof *args, args) < 0) {
            return false;
        }
        ctx = rte_acl_create(&param);
    }
    return ctx != NULL;
}

bool
dpdk_acl_make(const struct vsw_acl *acl)
{
    struct rte_acl_config config = { .num_categories = 1,
                                     .num_fields = N_FIELDS };

    if (!start()) {
        return false;
    }
    rte_acl_reset(ctx);
    for (uint32_t i = 0; i < acl->n_rules; i++) {
        if (!add_rule(vsw_acl_rule_at(acl, i), i, acl->n_rules)) {
            return false;
        }
    }
    memcpy(config.defs, fields, sizeof fields);
    return rte_acl_build(ctx, &config) == 0;
}

void
dpdk_acl_classify(const struct key keys[N_KEYS], uint32_t results[N_KEYS],
                  bool scalar)
{
    for (int i = 0; i < N_KEYS; i += BURST) {
        const uint8_t *data[BURST];

        for (int k = 0; k < BURST; k++) {
            data[k] = (const uint8_t *) &keys[i + k];
        }
        if (scalar) {
            rte_acl_classify_alg(ctx, data, results + i, BURST, 1,
                                 RTE_ACL_CLASSIFY_SCALAR);
        } else {
            rte_acl_classify(ctx, data, results + i, BURST, 1);
        }
    }
}
