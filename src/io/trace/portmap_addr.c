/* Ports by address: one for each, in the order in which they first send, then
 * in that in which those that never send first receive. */
#include "io/trace/portmap.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Numbers of addresses in order of appearance; open addressing. */
struct addr_set {
    struct vsw_addr *addrs;     /* Owned: by slot. */
    uint32_t *numbers;          /* Owned: by slot. */
    uint32_t mask;
    uint32_t n;
};

struct vsw_addr
vsw_addr_mac(const struct vsw_flowkey *key, bool source)
{
    const struct vsw_mac *mac = source ? &key->eth_src : &key->eth_dst;
    struct vsw_addr addr = {{0}, 0, false};

    if (vsw_mac_to_u64(mac) != 0) {
        memcpy(addr.bytes, mac->octets, 6);
        addr.n_bytes = 6;
        addr.is_group = vsw_mac_is_group(mac);
    }
    return addr;
}

struct vsw_addr
vsw_addr_ip(const struct vsw_flowkey *key, bool source)
{
    const struct vsw_ip_addr *ip = source ? &key->ip_src : &key->ip_dst;
    static const uint8_t any[16];
    struct vsw_addr addr = {{0}, 0, false};

    if (!memcmp(ip->octets, any, sizeof any)) {
        return addr;
    }
    if (vsw_be16_get(key->eth_type) == VSW_ETH_TYPE_IPV4) {
        addr.n_bytes = 4;
        addr.is_group = ip->octets[0] >= 224 && ip->octets[0] < 240;
        addr.is_group |= vsw_ip_addr_to_v4(ip) == UINT32_MAX;
    } else if (vsw_be16_get(key->eth_type) == VSW_ETH_TYPE_IPV6) {
        addr.n_bytes = 16;
        addr.is_group = ip->octets[0] == 0xff;
    }
    memcpy(addr.bytes, ip->octets, addr.n_bytes);
    return addr;
}

/* Holds two addresses of each flow, at most half full. */
static int
init(struct addr_set *s, uint32_t n_flows)
{
    uint32_t n_slots = 16;

    while (n_slots < 4 * n_flows) {
        n_slots *= 2;
    }
    s->addrs = calloc(n_slots, sizeof *s->addrs);
    s->numbers = calloc(n_slots, sizeof *s->numbers);
    s->mask = n_slots - 1;
    s->n = 0;
    return s->addrs && s->numbers ? 0 : -ENOMEM;
}

static void
fini(struct addr_set *s)
{
    free(s->addrs);
    free(s->numbers);
}

static bool
same(const struct vsw_addr *a, const struct vsw_addr *b)
{
    return a->n_bytes == b->n_bytes
           && !memcmp(a->bytes, b->bytes, sizeof a->bytes);
}

static uint32_t
slot_of(const struct addr_set *s, const struct vsw_addr *addr)
{
    uint32_t i = (uint32_t) vsw_trace_hash(addr->bytes, sizeof addr->bytes)
                 & s->mask;

    while (s->addrs[i].n_bytes && !same(&s->addrs[i], addr)) {
        i = (i + 1) & s->mask;
    }
    return i;
}

static void
add(struct addr_set *s, const struct vsw_addr *addr)
{
    uint32_t i;

    if (addr->n_bytes == 0 || addr->is_group) {
        return;
    }
    i = slot_of(s, addr);
    if (s->addrs[i].n_bytes == 0) {
        s->addrs[i] = *addr;
        s->numbers[i] = s->n++;
    }
}

static uint32_t
number_of(const struct addr_set *s, const struct vsw_addr *addr)
{
    uint32_t i = slot_of(s, addr);

    if (addr->n_bytes == 0 || addr->is_group || s->addrs[i].n_bytes == 0) {
        return VSW_NONE;
    }
    return s->numbers[i];
}

static struct vsw_addr
addr_of(const struct vsw_flowkey *key, bool by_ip, bool source)
{
    return by_ip ? vsw_addr_ip(key, source) : vsw_addr_mac(key, source);
}

static void
add_all(struct addr_set *s, const struct vsw_flow_set *set, bool by_ip,
        bool sources)
{
    for (uint32_t i = 0; i < set->n; i++) {
        struct vsw_addr addr = addr_of(&set->keys[i], by_ip, sources);

        add(s, &addr);
    }
}

int
vsw_addr_count(const struct vsw_flow_set *set, bool by_ip, uint32_t *n)
{
    struct addr_set s;
    int code = init(&s, set->n);

    if (!code) {
        add_all(&s, set, by_ip, true);
        add_all(&s, set, by_ip, false);
        *n = s.n;
    }
    fini(&s);
    return code;
}

/* guests.n goes no further. */
#define MAX_PORTS 256

static int
too_many(const struct vsw_portmap *map, uint32_t n_senders, uint32_t n,
         bool by_ip, struct vsw_error *err)
{
    char set_n[40] = "";

    if (n <= MAX_PORTS) {
        snprintf(set_n, sizeof set_n, "set guests.n to %" PRIu32 ", ", n);
    }
    return vsw_error_set(err, VSW_ERROR_DATA, -E2BIG,
                         "%s: %" PRIu32 " %s addresses send and %" PRIu32
                         " only receive, but the switch has %" PRIu32
                         " ports; %schoose addresses with traffic.filter, or "
                         "set traffic.map.by to \"flow_hash\" or \"table\"",
                         map->name, n_senders, by_ip ? "IP" : "MAC",
                         n - n_senders, map->n_ports, set_n);
}

static void
assign(const struct vsw_portmap *map, const struct addr_set *s, bool by_ip)
{
    for (uint32_t i = 0; i < map->set->n; i++) {
        const struct vsw_flowkey *key = &map->set->keys[i];
        struct vsw_addr from = addr_of(key, by_ip, true);
        struct vsw_addr to = addr_of(key, by_ip, false);

        map->set->flows[i].in_port = number_of(s, &from);
        map->set->flows[i].out_port = number_of(s, &to);
    }
    for (uint32_t i = 0; !by_ip && i <= s->mask; i++) {
        if (s->addrs[i].n_bytes) {
            memcpy(map->ports[s->numbers[i]].mac, s->addrs[i].bytes, 6);
        }
    }
}

int
vsw_portmap_by_addr(const struct vsw_portmap *map, struct vsw_error *err)
{
    bool by_ip = map->traffic->map_by == VSW_PORTMAP_IP;
    uint32_t n_senders;
    struct addr_set s;
    int code = 0;

    if (!by_ip && !map->has_macs) {
        return vsw_error_set(err, VSW_ERROR_DATA, -EINVAL,
                             "%s: its link type has no MAC addresses to map "
                             "by; set traffic.map.by to \"ip\", "
                             "\"flow_hash\" or \"pairs\"",
                             map->name);
    }
    if (init(&s, map->set->n)) {
        fini(&s);
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "out of memory");
    }
    add_all(&s, map->set, by_ip, true);
    n_senders = s.n;
    add_all(&s, map->set, by_ip, false);
    if (s.n > map->n_ports) {
        code = too_many(map, n_senders, s.n, by_ip, err);
    } else {
        assign(map, &s, by_ip);
    }
    fini(&s);
    return code;
}
