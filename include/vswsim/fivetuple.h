/* Five-tuple: what access lists and classifier rules look at in IPv4.
 *
 * Addresses and ports are numbers in host order: 10.0.0.1 is 0x0a000001. */
#ifndef VSWSIM_FIVETUPLE_H
#define VSWSIM_FIVETUPLE_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/flowkey.h>

/* Protocol numbers that carry ports. */
#define VSW_IP_PROTO_TCP  6
#define VSW_IP_PROTO_UDP  17
#define VSW_IP_PROTO_SCTP 132

struct vsw_fivetuple {
    uint32_t src_ip;
    uint32_t dst_ip;
    uint16_t src_port;      /* 0 unless 'has_ports'. */
    uint16_t dst_port;
    uint8_t proto;
    bool has_ports;         /* False: another protocol, or a later fragment. */
};

/* The address bits that a prefix of 'len' bits (0 to 32) fixes. */
static inline uint32_t
vsw_ipv4_mask(unsigned int len)
{
    return len == 0 ? 0 : UINT32_MAX << (32 - len);
}

/* Fills 'tuple' from the headers of a packet.  Returns false, with 'tuple'
 * unchanged, if it is not IPv4.  A transport header that was cut off counts as
 * one with ports of 0. */
static inline bool
vsw_fivetuple_from_key(struct vsw_fivetuple *tuple,
                       const struct vsw_flowkey *key)
{
    uint8_t proto = key->ip_proto;
    bool has_ports = (proto == VSW_IP_PROTO_TCP || proto == VSW_IP_PROTO_UDP
                      || proto == VSW_IP_PROTO_SCTP)
                     && key->ip_frag != VSW_FRAG_LATER;

    if (vsw_be16_get(key->eth_type) != VSW_ETH_TYPE_IPV4) {
        return false;
    }
    tuple->src_ip = vsw_ip_addr_to_v4(&key->ip_src);
    tuple->dst_ip = vsw_ip_addr_to_v4(&key->ip_dst);
    tuple->src_port = has_ports ? vsw_be16_get(key->tp_src) : 0;
    tuple->dst_port = has_ports ? vsw_be16_get(key->tp_dst) : 0;
    tuple->proto = proto;
    tuple->has_ports = has_ports;
    return true;
}

#endif
