#include <vswsim/flowkey.h>

#include <assert.h>

#define ETH_TYPE_RARP   0x8035
#define ETH_TYPE_VLAN   0x8100
#define ETH_TYPE_QINQ   0x88a8
#define ETH_TYPE_MIN    0x0600      /* Below, it is a length. */

#define PROTO_HOPOPTS   0
#define PROTO_ICMP      1
#define PROTO_IGMP      2
#define PROTO_TCP       6
#define PROTO_UDP       17
#define PROTO_ROUTING   43
#define PROTO_FRAGMENT  44
#define PROTO_AH        51
#define PROTO_ICMPV6    58
#define PROTO_DSTOPTS   60
#define PROTO_SCTP      132

static_assert(sizeof(struct vsw_flowkey) == VSW_FLOWKEY_BYTES,
              "a flow key has padding");
static_assert(offsetof(struct vsw_flowkey, tp_dst) == 34
              && offsetof(struct vsw_flowkey, vlan_kind) == 62,
              "a flow key has padding");

/* The bytes not yet read, and how far the frame's lines are declared. */
struct cursor {
    const uint8_t *p;
    size_t left_bytes;
    const uint8_t *declared;
    struct vsw_memobs *obs;
};

/* Declares the lines of the next 'n_bytes' that were not declared yet. */
static void
declare(struct cursor *c, size_t n_bytes)
{
    const uint8_t *end = c->p + n_bytes;
    const uint8_t *start = c->p > c->declared ? c->p : c->declared;

    if (c->obs && end > start) {
        size_t into_line = (uintptr_t) end % VSW_LINE_BYTES;

        vsw_touch(c->obs, start, (size_t) (end - start), VSW_MEM_READ);
        c->declared = end + (into_line ? VSW_LINE_BYTES - into_line : 0);
    }
}

/* Returns the next 'n_bytes', of which the caller will read the first
 * 'n_read_bytes' (> 0), or NULL if there are fewer. */
static const uint8_t *
peek(struct cursor *c, size_t n_bytes, size_t n_read_bytes)
{
    if (c->left_bytes < n_bytes) {
        return NULL;
    }
    declare(c, n_read_bytes);
    return c->p;
}

/* Goes on by 'n_bytes' or returns false if there are fewer. */
static bool
skip(struct cursor *c, size_t n_bytes)
{
    if (c->left_bytes < n_bytes) {
        return false;
    }
    c->p += n_bytes;
    c->left_bytes -= n_bytes;
    return true;
}

static const uint8_t *
pull(struct cursor *c, size_t n_bytes)
{
    const uint8_t *p = peek(c, n_bytes, n_bytes);

    return p && skip(c, n_bytes) ? p : NULL;
}

static uint16_t
get16(const uint8_t *p)
{
    return (uint16_t) (p[0] << 8 | p[1]);
}

/* Reads up to two tags, and leaves the cursor at the EtherType. */
static void
extract_vlans(struct cursor *c, struct vsw_flowkey *key)
{
    for (int i = 0; i < 2; i++) {
        const uint8_t *tag = peek(c, 6, 2);
        uint16_t tpid = tag ? get16(tag) : 0;

        if (tpid != ETH_TYPE_VLAN && tpid != ETH_TYPE_QINQ) {
            return;
        }
        key->vlan_kind[i] = tpid == ETH_TYPE_VLAN ? VSW_VLAN_CUSTOMER
                                                  : VSW_VLAN_SERVICE;
        memcpy(&key->vlan_tci[i], pull(c, 4) + 2, 2);
    }
}

/* The EtherType, from an LLC and SNAP header if that is where it is. */
static uint16_t
extract_eth_type(struct cursor *c)
{
    static const uint8_t snap[6] = {0xaa, 0xaa, 3, 0, 0, 0};
    const uint8_t *p = pull(c, 2);
    uint16_t type = p ? get16(p) : 0;

    if (!p || type >= ETH_TYPE_MIN) {
        return type;
    }
    p = peek(c, 8, 8);
    if (!p || memcmp(p, snap, sizeof snap) != 0
        || get16(p + 6) < ETH_TYPE_MIN) {
        return VSW_ETH_TYPE_NONE;
    }
    skip(c, 8);
    return get16(p + 6);
}

static enum vsw_layer
extract_arp(struct cursor *c, struct vsw_flowkey *key)
{
    /* Ethernet and IPv4, with addresses of 6 and 4 bytes. */
    static const uint8_t kind[6] = {0, 1, 8, 0, 6, 4};
    const uint8_t *arp = pull(c, 28);

    if (!arp || memcmp(arp, kind, sizeof kind) != 0) {
        return VSW_LAYER_LINK;
    }
    if (arp[6] == 0) {
        key->ip_proto = arp[7];
    }
    memcpy(&key->ip_src.octets[0], arp + 14, 4);
    memcpy(&key->ip_src.octets[4], arp + 8, 6);
    memcpy(&key->ip_dst.octets[0], arp + 24, 4);
    memcpy(&key->ip_dst.octets[4], arp + 18, 6);
    return VSW_LAYER_NETWORK;
}

/* Bytes of the transport header, as far as the key needs it; 0 if the
 * protocol is not known here. */
static size_t
transport_bytes(uint8_t proto, bool is_ipv6)
{
    switch (proto) {
    case PROTO_TCP:
        return 20;
    case PROTO_SCTP:
        return 12;
    case PROTO_UDP:
        return 8;
    case PROTO_ICMP:
    case PROTO_IGMP:
        return is_ipv6 ? 0 : 8;
    case PROTO_ICMPV6:
        return is_ipv6 ? 8 : 0;
    default:
        return 0;
    }
}

static enum vsw_layer
extract_transport(struct cursor *c, struct vsw_flowkey *key, bool is_ipv6)
{
    uint8_t proto = key->ip_proto;
    size_t n_bytes = transport_bytes(proto, is_ipv6);
    const uint8_t *p;

    if (n_bytes == 0 || key->ip_frag == VSW_FRAG_LATER) {
        return VSW_LAYER_NETWORK;
    }
    p = peek(c, n_bytes, proto == PROTO_TCP ? 14 : 4);
    if (!p) {
        return VSW_LAYER_NETWORK;
    }
    if (proto == PROTO_TCP || proto == PROTO_UDP || proto == PROTO_SCTP) {
        memcpy(&key->tp_src, p, 2);
        memcpy(&key->tp_dst, p + 2, 2);
    } else {
        key->tp_src = vsw_be16_make(p[0]);
        key->tp_dst = vsw_be16_make(p[1]);
    }
    if (proto == PROTO_TCP) {
        key->tcp_flags = vsw_be16_make(get16(p + 12) & 0x0fff);
    }
    return VSW_LAYER_TRANSPORT;
}

/* A packet may be shorter than its frame (padding), and longer than what was
 * captured of it. */
static void
drop_padding(struct cursor *c, size_t packet_bytes)
{
    if (packet_bytes < c->left_bytes) {
        c->left_bytes = packet_bytes;
    }
}

static enum vsw_layer
extract_ipv4(struct cursor *c, struct vsw_flowkey *key)
{
    const uint8_t *ip = peek(c, 20, 20);
    size_t header_bytes = ip ? (size_t) (ip[0] & 0x0f) * 4 : 0;
    size_t total_bytes = ip ? get16(ip + 2) : 0;
    uint16_t frag;

    if (!ip || ip[0] >> 4 != 4 || header_bytes < 20
        || total_bytes < header_bytes || header_bytes > c->left_bytes) {
        return VSW_LAYER_LINK;
    }
    drop_padding(c, total_bytes);
    skip(c, header_bytes);
    memcpy(key->ip_src.octets, ip + 12, 4);
    memcpy(key->ip_dst.octets, ip + 16, 4);
    key->ip_tos = ip[1];
    key->ip_ttl = ip[8];
    key->ip_proto = ip[9];
    frag = get16(ip + 6);
    if (frag & 0x3fff) {                /* Offset, or more fragments. */
        key->ip_frag = frag & 0x1fff ? VSW_FRAG_LATER : VSW_FRAG_FIRST;
    }
    return extract_transport(c, key, false);
}

/* Length that an extension header gives itself, or 0 if 'proto' is none. */
static size_t
extension_bytes(uint8_t proto, const uint8_t *ext)
{
    switch (proto) {
    case PROTO_HOPOPTS:
    case PROTO_ROUTING:
    case PROTO_DSTOPTS:
        return (size_t) (ext[1] + 1) * 8;
    case PROTO_AH:
        return (size_t) (ext[1] + 2) * 4;
    default:
        return 8;
    }
}

static bool
is_extension(uint8_t proto)
{
    return proto == PROTO_HOPOPTS || proto == PROTO_ROUTING
           || proto == PROTO_DSTOPTS || proto == PROTO_AH
           || proto == PROTO_FRAGMENT;
}

/* Skips extension headers up to the transport header or a later fragment,
 * 8 bytes or more at a time.  Returns false if one does not fit. */
static bool
skip_extensions(struct cursor *c, uint8_t *proto, uint8_t *frag)
{
    while (is_extension(*proto)) {
        const uint8_t *ext = peek(c, 8, *proto == PROTO_FRAGMENT ? 4 : 2);

        if (!ext || !skip(c, extension_bytes(*proto, ext))) {
            return false;
        }
        if (*proto == PROTO_FRAGMENT && get16(ext + 2) != 0) {
            *frag = VSW_FRAG_FIRST;
            if (get16(ext + 2) & 0xfff8) {
                *frag = VSW_FRAG_LATER;
                return true;            /* 'proto' stays PROTO_FRAGMENT. */
            }
        }
        *proto = ext[0];
    }
    return true;
}

static enum vsw_layer
extract_ipv6(struct cursor *c, struct vsw_flowkey *key)
{
    const uint8_t *ip = pull(c, 40);
    size_t payload_bytes = ip ? get16(ip + 4) : 0;
    uint8_t proto, frag = VSW_FRAG_NONE;

    if (!ip || ip[0] >> 4 != 6) {
        return VSW_LAYER_LINK;
    }
    drop_padding(c, payload_bytes);
    memcpy(key->ip_src.octets, ip + 8, 16);
    memcpy(key->ip_dst.octets, ip + 24, 16);
    proto = ip[6];
    if (!skip_extensions(c, &proto, &frag)) {
        return VSW_LAYER_NETWORK;
    }
    key->ip_tos = (uint8_t) (get16(ip) >> 4);
    key->ip_ttl = ip[7];
    key->ip_proto = proto;
    key->ip_frag = frag;
    return extract_transport(c, key, true);
}

enum vsw_layer
vsw_flowkey_extract(struct vsw_flowkey *key, const void *frame,
                    size_t n_bytes, uint16_t in_port, struct vsw_memobs *obs)
{
    struct cursor c = {frame, n_bytes, frame, obs};
    const uint8_t *macs;
    uint16_t type;

    memset(key, 0, sizeof *key);
    key->in_port = vsw_be16_make(in_port);
    macs = n_bytes >= 14 ? pull(&c, 12) : NULL;
    if (!macs) {
        return VSW_LAYER_NONE;
    }
    memcpy(&key->eth_dst, macs, 6);
    memcpy(&key->eth_src, macs + 6, 6);
    extract_vlans(&c, key);
    type = extract_eth_type(&c);
    key->eth_type = vsw_be16_make(type);
    switch (type) {
    case VSW_ETH_TYPE_IPV4:
        return extract_ipv4(&c, key);
    case VSW_ETH_TYPE_IPV6:
        return extract_ipv6(&c, key);
    case VSW_ETH_TYPE_ARP:
    case ETH_TYPE_RARP:
        return extract_arp(&c, key);
    default:
        return VSW_LAYER_LINK;
    }
}

void
vsw_flowkey_mask_nine_tuple(struct vsw_flowkey *mask)
{
    memset(mask, 0, sizeof *mask);
    memset(&mask->ip_src, 0xff, sizeof mask->ip_src);
    memset(&mask->ip_dst, 0xff, sizeof mask->ip_dst);
    memset(&mask->tp_src, 0xff, sizeof mask->tp_src);
    memset(&mask->tp_dst, 0xff, sizeof mask->tp_dst);
    memset(&mask->eth_dst, 0xff, sizeof mask->eth_dst);
    memset(&mask->eth_src, 0xff, sizeof mask->eth_src);
    memset(&mask->eth_type, 0xff, sizeof mask->eth_type);
    mask->vlan_tci[0] = vsw_be16_make(0x0fff);
    mask->ip_proto = 0xff;
}
