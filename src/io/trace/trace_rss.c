#include "io/trace/trace_rss.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vswsim/toeplitz.h>

#define ARENA_BYTES ((size_t) 1 << 16)

#define PROTO_TCP   6
#define PROTO_UDP   17
#define PROTO_SCTP  132

static bool
has_ports(const struct vsw_flowkey *key)
{
    return (key->ip_proto == PROTO_TCP || key->ip_proto == PROTO_UDP
            || key->ip_proto == PROTO_SCTP)
           && (vsw_be16_get(key->tp_src) || vsw_be16_get(key->tp_dst));
}

static uint32_t
hash_v4(const struct vsw_toeplitz *t, const struct vsw_flowkey *key)
{
    struct vsw_rss_ipv4 in;

    memcpy(in.src, key->ip_src.octets, sizeof in.src);
    memcpy(in.dst, key->ip_dst.octets, sizeof in.dst);
    memcpy(in.src_port, key->tp_src.bytes, sizeof in.src_port);
    memcpy(in.dst_port, key->tp_dst.bytes, sizeof in.dst_port);
    return vsw_toeplitz_hash(
        t, &in, has_ports(key) ? VSW_RSS_IPV4_PORTS_BYTES : VSW_RSS_IPV4_BYTES,
        NULL);
}

static uint32_t
hash_v6(const struct vsw_toeplitz *t, const struct vsw_flowkey *key)
{
    struct vsw_rss_ipv6 in;

    memcpy(in.src, key->ip_src.octets, sizeof in.src);
    memcpy(in.dst, key->ip_dst.octets, sizeof in.dst);
    memcpy(in.src_port, key->tp_src.bytes, sizeof in.src_port);
    memcpy(in.dst_port, key->tp_dst.bytes, sizeof in.dst_port);
    return vsw_toeplitz_hash(
        t, &in, has_ports(key) ? VSW_RSS_IPV6_PORTS_BYTES : VSW_RSS_IPV6_BYTES,
        NULL);
}

static bool
has_addresses(const struct vsw_flowkey *key)
{
    static const struct vsw_ip_addr any;

    return memcmp(&key->ip_src, &any, sizeof any)
           || memcmp(&key->ip_dst, &any, sizeof any);
}

static uint32_t
hash_of(const struct vsw_toeplitz *t, const struct vsw_flowkey *key)
{
    switch (has_addresses(key) ? vsw_be16_get(key->eth_type) : 0) {
    case VSW_ETH_TYPE_IPV4:
        return hash_v4(t, key);
    case VSW_ETH_TYPE_IPV6:
        return hash_v6(t, key);
    default:
        return 0;
    }
}

int
vsw_trace_rss(struct vsw_flow_set *set)
{
    void *memory = aligned_alloc(64, ARENA_BYTES);
    struct vsw_toeplitz *t;
    struct vsw_arena arena;

    if (!memory) {
        return -ENOMEM;
    }
    memset(memory, 0, ARENA_BYTES);
    vsw_arena_init(&arena, memory, ARENA_BYTES);
    t = vsw_toeplitz_new(&arena, vsw_toeplitz_default_key,
                         sizeof vsw_toeplitz_default_key, VSW_TOEPLITZ_AUTO);
    for (uint32_t i = 0; t && i < set->n; i++) {
        set->flows[i].rss_hash = hash_of(t, &set->keys[i]);
    }
    free(memory);
    return t ? 0 : -ENOMEM;
}
