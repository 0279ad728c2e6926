#include "io/trace/portmap.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static const char *
by_name(enum vsw_portmap_by by)
{
    switch (by) {
    case VSW_PORTMAP_MAC:
        return "mac";
    case VSW_PORTMAP_IP:
        return "ip";
    case VSW_PORTMAP_FLOW_HASH:
        return "flow_hash";
    case VSW_PORTMAP_PAIRS:
        return "pairs";
    case VSW_PORTMAP_TABLE:
        return "table";
    default:
        return "?";
    }
}

static int
find_ports(const struct vsw_portmap *map, struct vsw_error *err)
{
    switch (map->traffic->map_by) {
    case VSW_PORTMAP_MAC:
    case VSW_PORTMAP_IP:
        return vsw_portmap_by_addr(map, err);
    case VSW_PORTMAP_FLOW_HASH:
    case VSW_PORTMAP_PAIRS:
        return vsw_portmap_by_hash(map, err);
    case VSW_PORTMAP_TABLE:
        return vsw_portmap_by_table(map, err);
    default:
        return vsw_error_set(err, VSW_ERROR_USAGE, -EINVAL,
                             "%s: no port map has the number %d", map->name,
                             (int) map->traffic->map_by);
    }
}

static bool
mac_is_taken(const struct vsw_portmap *map, const uint8_t *mac)
{
    for (uint32_t i = 0; i < map->n_ports; i++) {
        if (!memcmp(map->ports[i].mac, mac, 6)) {
            return true;
        }
    }
    return false;
}

/* Gives 'port' the address 02:00:00:00:PP:PP; its third octet differs where
 * the trace has given that to another port. */
static void
name_port(const struct vsw_portmap *map, uint32_t port)
{
    uint8_t mac[6] = {0x02, 0, 0, 0, (uint8_t) (port >> 8), (uint8_t) port};

    while (mac_is_taken(map, mac)) {
        mac[2]++;
    }
    memcpy(map->ports[port].mac, mac, 6);
}

static void
name_ports(const struct vsw_portmap *map)
{
    static const uint8_t none[6];

    for (uint32_t i = 0; i < map->n_ports; i++) {
        if (!memcmp(map->ports[i].mac, none, 6)) {
            name_port(map, i);
        }
    }
}

/* Packets to a group keep where they go. */
static void
rewrite_header(const struct vsw_portmap *map, struct vsw_workload_flow *flow)
{
    if (flow->in_port == VSW_NONE) {
        return;
    }
    memcpy(flow->header + 6, map->ports[flow->in_port].mac, 6);
    if (flow->out_port != VSW_NONE) {
        memcpy(flow->header, map->ports[flow->out_port].mac, 6);
    } else if (!(flow->header[0] & 1)) {
        memset(flow->header, 0xff, 6);
    }
    if (flow->header_bytes < VSW_ETH_HEADER_BYTES) {
        flow->header_bytes = VSW_ETH_HEADER_BYTES;
    }
}

/* A flow that does not cross the switch or leads nowhere is not simulated. */
static void
drop_half_mapped(struct vsw_workload_flow *flow, bool to_group)
{
    bool leads_nowhere = flow->out_port == VSW_NONE && !to_group;

    if (flow->in_port == VSW_NONE || leads_nowhere
        || flow->in_port == flow->out_port) {
        flow->in_port = VSW_NONE;
        flow->out_port = VSW_NONE;
    }
}

static bool
goes_to_group(const struct vsw_portmap *map, uint32_t flow_id)
{
    const struct vsw_flowkey *key = &map->set->keys[flow_id];

    return vsw_addr_mac(key, false).is_group
           || vsw_addr_ip(key, false).is_group;
}

static int
nothing_mapped(const struct vsw_portmap *map, struct vsw_error *err)
{
    uint32_t n_macs = 0;
    uint32_t n_ips = 0;

    if (vsw_addr_count(map->set, false, &n_macs)
        || vsw_addr_count(map->set, true, &n_ips)) {
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "out of memory");
    }
    return vsw_error_set(err, VSW_ERROR_DATA, -ENODATA,
                         "%s: mapping by %s leads none of its %" PRIu32
                         " flows from one port to another; the trace has %"
                         PRIu32 " MAC and %" PRIu32 " IP addresses: choose "
                         "another traffic.map.by",
                         map->name, by_name(map->traffic->map_by),
                         map->set->n, n_macs, n_ips);
}

int
vsw_portmap_apply(const struct vsw_portmap *map, struct vsw_error *err)
{
    uint32_t n_mapped = 0;
    int code = find_ports(map, err);

    if (code) {
        return code;
    }
    name_ports(map);
    for (uint32_t i = 0; i < map->set->n; i++) {
        struct vsw_workload_flow *flow = &map->set->flows[i];

        drop_half_mapped(flow, goes_to_group(map, i));
        n_mapped += flow->in_port != VSW_NONE;
        if (map->traffic->map_by != VSW_PORTMAP_MAC) {
            rewrite_header(map, flow);
        }
    }
    return n_mapped ? 0 : nothing_mapped(map, err);
}
