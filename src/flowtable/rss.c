#include <vswsim/rss.h>

#include <assert.h>

static_assert(offsetof(struct vsw_flowkey, tp_src) == VSW_RSS_IPV6_BYTES
              && offsetof(struct vsw_flowkey, tp_dst) + 2
                 == VSW_RSS_IPV6_PORTS_BYTES,
              "a flow key does not begin with the input of an IPv6 hash");

static bool
hashes_ports(const struct vsw_flowkey *key, unsigned int protos)
{
    if (key->ip_frag != VSW_FRAG_NONE) {
        return false;
    }
    switch (key->ip_proto) {
    case 6:
        return protos & VSW_RSS_TCP;
    case 17:
        return protos & VSW_RSS_UDP;
    case 132:
        return protos & VSW_RSS_SCTP;
    default:
        return false;
    }
}

uint32_t
vsw_rss_hash(const struct vsw_toeplitz *t, const struct vsw_flowkey *key,
             unsigned int protos, struct vsw_memobs *obs)
{
    bool with_ports = hashes_ports(key, protos);
    struct vsw_rss_ipv4 tuple;

    switch (vsw_be16_get(key->eth_type)) {
    case VSW_ETH_TYPE_IPV4:
        memcpy(tuple.src, key->ip_src.octets, sizeof tuple.src);
        memcpy(tuple.dst, key->ip_dst.octets, sizeof tuple.dst);
        memcpy(tuple.src_port, &key->tp_src, sizeof tuple.src_port);
        memcpy(tuple.dst_port, &key->tp_dst, sizeof tuple.dst_port);
        return vsw_toeplitz_hash(t, &tuple,
                                 with_ports ? VSW_RSS_IPV4_PORTS_BYTES
                                            : VSW_RSS_IPV4_BYTES, obs);
    case VSW_ETH_TYPE_IPV6:
        return vsw_toeplitz_hash(t, key,
                                 with_ports ? VSW_RSS_IPV6_PORTS_BYTES
                                            : VSW_RSS_IPV6_BYTES, obs);
    default:
        return 0;
    }
}
