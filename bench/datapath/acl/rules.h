/* The rules that every subject of the comparison gets: five fields, ports as
 * aligned blocks, since a TCAM holds no ranges. */
#ifndef VSW_BENCH_ACL_RULES_H
#define VSW_BENCH_ACL_RULES_H

#include <stdint.h>

#include <vswsim/acl.h>

#define MAX_RULES 1024
#define N_KEYS    1024

/* A packet as TCAM and rte_acl take it: numbers in network order, and the
 * field of one byte first, as rte_acl demands. */
struct key {
    uint8_t proto;
    uint8_t zero[3];
    uint8_t src_ip[4];
    uint8_t dst_ip[4];
    uint8_t src_port[2];
    uint8_t dst_port[2];
};

/* Fills 'acl', which has room for 'n_rules', with that many rules. */
void make_rules(struct vsw_acl *acl, uint32_t n_rules);

/* Fills N_KEYS packets; half of them match some rule of 'acl'. */
void make_keys(const struct vsw_acl *acl, struct vsw_fivetuple tuples[N_KEYS],
               struct key keys[N_KEYS]);

void put_be32(uint8_t bytes[4], uint32_t value);
void put_be16(uint8_t bytes[2], uint16_t value);

#endif
