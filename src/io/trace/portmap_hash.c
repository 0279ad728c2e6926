/* Ports by a hash of the flow.  Both directions of a connection have one
 * hash, so that what enters at a port is answered at the port it left by. */
#include "io/trace/portmap.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* One end of a connection, and what is common to both. */
struct ends {
    struct {
        struct vsw_ip_addr ip;
        struct vsw_be16 port;
        struct vsw_mac mac;
    } end[2];
    struct vsw_be16 eth_type;
    struct vsw_be16 vlan_tci;
    uint8_t ip_proto;
};

_Static_assert(sizeof(struct ends) == 53, "ends have padding");

/* Fills 'ends' with the lower one first; returns whether that is the
 * destination.  The ports of ICMP and ARP are no ports. */
static bool
find_ends(const struct vsw_flowkey *key, struct ends *ends)
{
    bool has_ports = key->ip_proto == 6 || key->ip_proto == 17
                     || key->ip_proto == 132;
    bool backward;

    memset(ends, 0, sizeof *ends);
    ends->end[0].ip = key->ip_src;
    ends->end[1].ip = key->ip_dst;
    ends->end[0].mac = key->eth_src;
    ends->end[1].mac = key->eth_dst;
    if (has_ports) {
        ends->end[0].port = key->tp_src;
        ends->end[1].port = key->tp_dst;
    }
    backward = memcmp(&ends->end[0], &ends->end[1], sizeof ends->end[0]) > 0;
    if (backward) {
        struct ends swapped = *ends;

        ends->end[0] = swapped.end[1];
        ends->end[1] = swapped.end[0];
    }
    ends->eth_type = key->eth_type;
    ends->vlan_tci = key->vlan_tci[0];
    ends->ip_proto = key->ip_proto;
    return backward;
}

static uint32_t
scale(uint64_t hash32, uint32_t n)
{
    return (uint32_t) ((hash32 & UINT32_MAX) * n >> 32);
}

/* Any two different ports. */
static void
spread(uint64_t hash, uint32_t n_ports, uint32_t ports[2])
{
    ports[0] = scale(hash, n_ports);
    ports[1] = (ports[0] + 1 + scale(hash >> 32, n_ports - 1)) % n_ports;
}

static void
pair(uint64_t hash, uint32_t n_ports, uint32_t ports[2])
{
    ports[0] = scale(hash, n_ports);
    ports[1] = ports[0] ^ 1;
}

static int
check_n_ports(const struct vsw_portmap *map, bool pairs,
              struct vsw_error *err)
{
    if (map->n_ports >= 2 && !(pairs && map->n_ports % 2)) {
        return 0;
    }
    return vsw_error_set(err, VSW_ERROR_DATA, -EINVAL,
                         "traffic.map.by \"%s\" needs %s, and guests.n is %"
                         PRIu32,
                         pairs ? "pairs" : "flow_hash",
                         pairs ? "an even number of guests"
                               : "at least 2 guests",
                         map->n_ports);
}

int
vsw_portmap_by_hash(const struct vsw_portmap *map, struct vsw_error *err)
{
    bool pairs = map->traffic->map_by == VSW_PORTMAP_PAIRS;
    int code = check_n_ports(map, pairs, err);

    for (uint32_t i = 0; !code && i < map->set->n; i++) {
        struct vsw_workload_flow *flow = &map->set->flows[i];
        struct ends ends;
        uint32_t ports[2];
        bool backward = find_ends(&map->set->keys[i], &ends);
        uint64_t hash = vsw_trace_hash(&ends, sizeof ends);

        (pairs ? pair : spread)(hash, map->n_ports, ports);
        flow->in_port = ports[backward];
        flow->out_port = ports[!backward];
    }
    return code;
}
