/* Flow key: what a switch looks at in a packet, in one cache line.
 *
 * Every byte of a key belongs to a field, fields that a packet does not have
 * are zero, and numbers stand in network order, so that keys are compared,
 * masked and hashed as 64 plain bytes, with one result on every host.  The
 * first 36 bytes are the input of an RSS hash over IPv6.
 *
 * Extraction follows Open vSwitch (miniflow_extract() in lib/flow.c), to which
 * a test compares it, in all but two points: a version number that contradicts
 * the EtherType makes the rest opaque, and an IP length beyond the end is
 * taken for a capture that was cut short.
 * Left out: MPLS, the IPv6 flow label, targets of neighbour discovery, IGMP
 * groups, and what is inside of tunnels. */
#ifndef VSWSIM_FLOWKEY_H
#define VSWSIM_FLOWKEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <vswsim/byteorder.h>
#include <vswsim/compiler.h>
#include <vswsim/mac.h>
#include <vswsim/memobs.h>

VSW_EXTERN_C_BEGIN

/* An IPv6 address, or an IPv4 one in the first four octets with zeros behind.
 * In ARP, the hardware address stands behind the IPv4 one. */
struct vsw_ip_addr {
    uint8_t octets[16];
};

/* Values of 'ip_frag'. */
#define VSW_FRAG_NONE   0
#define VSW_FRAG_FIRST  1       /* Holds the transport header. */
#define VSW_FRAG_LATER  3       /* Does not: its ports are zero. */

/* Values of 'vlan_kind'; bit 0 says that there is a tag. */
#define VSW_VLAN_NONE      0
#define VSW_VLAN_CUSTOMER  1    /* EtherType 0x8100. */
#define VSW_VLAN_SERVICE   3    /* EtherType 0x88a8, 802.1ad (QinQ). */

/* EtherType of a frame that has a length in its place and no SNAP header. */
#define VSW_ETH_TYPE_NONE  0x05ff
#define VSW_ETH_TYPE_IPV4  0x0800
#define VSW_ETH_TYPE_ARP   0x0806
#define VSW_ETH_TYPE_IPV6  0x86dd

struct vsw_flowkey {
    struct vsw_ip_addr ip_src;      /* ARP: sender. */
    struct vsw_ip_addr ip_dst;      /* ARP: target. */
    struct vsw_be16 tp_src;         /* TCP, UDP, SCTP; ICMP and IGMP: type. */
    struct vsw_be16 tp_dst;         /* TCP, UDP, SCTP; ICMP and IGMP: code. */
    struct vsw_mac eth_dst;
    struct vsw_mac eth_src;
    struct vsw_be16 eth_type;       /* Behind the VLAN tags. */
    struct vsw_be16 vlan_tci[2];    /* Priority, DEI, VLAN; [0] is outer. */
    struct vsw_be16 tcp_flags;      /* 12 bits. */
    struct vsw_be16 in_port;        /* Given by the caller. */
    uint8_t ip_proto;               /* IPv6: behind the extension headers, or
                                     * 44 in a later fragment.  ARP: opcode. */
    uint8_t ip_tos;                 /* DSCP and ECN. */
    uint8_t ip_ttl;                 /* IPv6: hop limit. */
    uint8_t ip_frag;                /* VSW_FRAG_*. */
    uint8_t vlan_kind[2];           /* VSW_VLAN_*, of each tag. */
} VSW_ALIGNED(8);

#define VSW_FLOWKEY_BYTES 64
#define VSW_FLOWKEY_WORDS (VSW_FLOWKEY_BYTES / 8)

/* How far the headers of a packet could be read. */
enum vsw_layer {
    VSW_LAYER_NONE,         /* Shorter than an Ethernet header. */
    VSW_LAYER_LINK,         /* MAC addresses, VLAN tags, EtherType. */
    VSW_LAYER_NETWORK,      /* Also IP addresses, or ARP. */
    VSW_LAYER_TRANSPORT,    /* Also ports, or ICMP type and code. */
};

/* Fills 'key' from the 'n_bytes' at 'frame', which start with an Ethernet
 * header and end before the frame check sequence; a capture that was cut short
 * is fine.  Reads no byte behind them, whatever they say.  A header that is
 * cut or contradicts itself ends the extraction, and the fields of that layer
 * are zero; IPv6 addresses in front of a broken extension header stay.
 *
 * Touches the lines of 'frame' up to the last header read. */
VSW_API enum vsw_layer vsw_flowkey_extract(struct vsw_flowkey *key,
                                           const void *frame, size_t n_bytes,
                                           uint16_t in_port,
                                           struct vsw_memobs *obs);

/* Sets in 'mask' the bits of the 9-tuple that defines a flow for sNICh and
 * Hyper-Switch: MAC addresses, outer VLAN identifier, EtherType, IP addresses,
 * protocol and ports.  Clears all other bits.  The publications give the count
 * and not the list; this is the header part of the OpenFlow 10-tuple. */
VSW_API void vsw_flowkey_mask_nine_tuple(struct vsw_flowkey *mask);

/* Word 'i' (below VSW_FLOWKEY_WORDS) of 'key', in the host's order. */
static inline uint64_t
vsw_flowkey_word(const struct vsw_flowkey *key, size_t i)
{
    uint64_t word;

    memcpy(&word, (const unsigned char *) key + 8 * i, sizeof word);
    return word;
}

/* Without a branch per word: keys that are compared are mostly equal. */
static inline bool
vsw_flowkey_equal(const struct vsw_flowkey *a, const struct vsw_flowkey *b)
{
    uint64_t diff = 0;

    for (size_t i = 0; i < VSW_FLOWKEY_WORDS; i++) {
        diff |= vsw_flowkey_word(a, i) ^ vsw_flowkey_word(b, i);
    }
    return diff == 0;
}

/* True if 'a' and 'b' are equal in the bits that are set in 'mask'. */
static inline bool
vsw_flowkey_equal_masked(const struct vsw_flowkey *a,
                         const struct vsw_flowkey *b,
                         const struct vsw_flowkey *mask)
{
    uint64_t diff = 0;

    for (size_t i = 0; i < VSW_FLOWKEY_WORDS; i++) {
        diff |= (vsw_flowkey_word(a, i) ^ vsw_flowkey_word(b, i))
                & vsw_flowkey_word(mask, i);
    }
    return diff == 0;
}

/* Sets 'dst', which may be 'key', to 'key' with the bits outside of 'mask'
 * cleared. */
static inline void
vsw_flowkey_project(struct vsw_flowkey *dst, const struct vsw_flowkey *key,
                    const struct vsw_flowkey *mask)
{
    for (size_t i = 0; i < VSW_FLOWKEY_WORDS; i++) {
        uint64_t word = vsw_flowkey_word(key, i) & vsw_flowkey_word(mask, i);

        memcpy((unsigned char *) dst + 8 * i, &word, sizeof word);
    }
}

/* An IPv4 address, from a number in host order: 10.0.0.1 is 0x0a000001. */
static inline struct vsw_ip_addr
vsw_ip_addr_from_v4(uint32_t value)
{
    struct vsw_be32 be = vsw_be32_make(value);
    struct vsw_ip_addr addr = {{0}};

    memcpy(addr.octets, be.bytes, sizeof be.bytes);
    return addr;
}

/* The IPv4 address in 'addr' as a number in host order. */
static inline uint32_t
vsw_ip_addr_to_v4(const struct vsw_ip_addr *addr)
{
    struct vsw_be32 be;

    memcpy(be.bytes, addr->octets, sizeof be.bytes);
    return vsw_be32_get(be);
}

VSW_EXTERN_C_END

#endif
