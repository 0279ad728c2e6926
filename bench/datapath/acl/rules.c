#include "rules.h"

#include <stdlib.h>
#include <string.h>

#include <vswsim/acl_generate.h>

void
put_be32(uint8_t bytes[4], uint32_t value)
{
    for (int i = 0; i < 4; i++) {
        bytes[i] = (uint8_t) (value >> (24 - 8 * i));
    }
}

void
put_be16(uint8_t bytes[2], uint16_t value)
{
    bytes[0] = (uint8_t) (value >> 8);
    bytes[1] = (uint8_t) value;
}

/* The largest aligned block that starts at 'min' and ends by 'max'. */
static uint16_t
block_end(uint16_t min, uint16_t max)
{
    uint32_t size = 1;

    while ((min & (2 * size - 1)) == 0 && min + 2 * size - 1 <= max) {
        size *= 2;
    }
    return (uint16_t) (min + size - 1);
}

/* Splits 'rule' into rules whose ports are blocks, as far as there is room. */
static void
add_blocks(struct vsw_acl *acl, const struct vsw_acl_rule *rule,
           uint32_t n_rules)
{
    struct vsw_acl_rule part = *rule;

    for (uint32_t src = rule->src_port_min; src <= rule->src_port_max;
         src = part.src_port_max + 1u) {
        part.src_port_min = (uint16_t) src;
        part.src_port_max = block_end(part.src_port_min, rule->src_port_max);
        for (uint32_t dst = rule->dst_port_min; dst <= rule->dst_port_max;
             dst = part.dst_port_max + 1u) {
            part.dst_port_min = (uint16_t) dst;
            part.dst_port_max = block_end(part.dst_port_min,
                                          rule->dst_port_max);
            if (acl->n_rules < n_rules) {
                vsw_acl_add(acl, &part);
            }
        }
    }
}

void
make_rules(struct vsw_acl *acl, uint32_t n_rules)
{
    static _Alignas(64) unsigned char memory[MAX_RULES * 32 + 64];
    struct vsw_acl_params params = { .max_rules = MAX_RULES };
    struct vsw_acl_gen_params gen = {
        .seed = 1, .n_rules = MAX_RULES, .traffic_src_ip = 0x0a000000,
        .traffic_src_len = 8,
    };
    struct vsw_arena arena;
    struct vsw_acl whole;

    vsw_arena_init(&arena, memory, sizeof memory);
    if (vsw_acl_init(&whole, &arena, &params)
        || vsw_acl_generate(&whole, &gen)) {
        abort();
    }
    for (uint32_t i = 0; i < whole.n_rules && acl->n_rules < n_rules; i++) {
        add_blocks(acl, vsw_acl_rule_at(&whole, i), n_rules);
    }
}

static uint32_t
scramble(uint32_t *state)
{
    *state = *state * UINT32_C(1664525) + UINT32_C(1013904223);
    return *state ^ *state >> 15;
}

static void
put_tuple(struct key *key, const struct vsw_fivetuple *t)
{
    memset(key, 0, sizeof *key);
    key->proto = t->proto;
    put_be32(key->src_ip, t->src_ip);
    put_be32(key->dst_ip, t->dst_ip);
    put_be16(key->src_port, t->src_port);
    put_be16(key->dst_port, t->dst_port);
}

void
make_keys(const struct vsw_acl *acl, struct vsw_fivetuple tuples[N_KEYS],
          struct key keys[N_KEYS])
{
    uint32_t state = 1;

    for (int i = 0; i < N_KEYS; i++) {
        const struct vsw_acl_rule *rule
            = vsw_acl_rule_at(acl, scramble(&state) % acl->n_rules);
        bool match = i % 2;

        tuples[i] = (struct vsw_fivetuple) {
            .src_ip = scramble(&state), .dst_ip = scramble(&state),
            .src_port = (uint16_t) scramble(&state),
            .dst_port = (uint16_t) scramble(&state),
            .proto = VSW_IP_PROTO_TCP, .has_ports = true,
        };
        if (match) {
            tuples[i].src_ip = rule->src_ip
                               | (tuples[i].src_ip & ~rule->src_mask);
            tuples[i].dst_ip = rule->dst_ip
                               | (tuples[i].dst_ip & ~rule->dst_mask);
            tuples[i].src_port = rule->src_port_max;
            tuples[i].dst_port = rule->dst_port_max;
            tuples[i].proto = rule->proto_mask ? rule->proto : 6;
        }
        put_tuple(&keys[i], &tuples[i]);
    }
}
