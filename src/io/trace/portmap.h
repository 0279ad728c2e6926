/* Port map: which switch port the packets of each flow enter and leave. */
#ifndef VSW_IO_PORTMAP_H
#define VSW_IO_PORTMAP_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/config.h>
#include <vswsim/error.h>
#include <vswsim/workload.h>

#include "io/trace/trace_flows.h"

struct vsw_portmap {
    const char *name;           /* Of the trace, for messages. */
    const struct vsw_config_traffic *traffic;
    bool has_macs;              /* The trace has MAC addresses. */
    struct vsw_flow_set *set;   /* Ports of its flows are set. */
    struct vsw_workload_port *ports;    /* MAC addresses are set. */
    uint32_t n_ports;           /* > 0 */
};

/* Sets the ports of all flows, the MAC addresses of the ports, and, unless
 * the map is by MAC address, those in the headers.  Returns 0, or a negative
 * errno value with 'err' filled. */
int vsw_portmap_apply(const struct vsw_portmap *map, struct vsw_error *err);

/* What the kinds of map do; each returns like vsw_portmap_apply(). */
int vsw_portmap_by_addr(const struct vsw_portmap *map,
                        struct vsw_error *err);
int vsw_portmap_by_hash(const struct vsw_portmap *map,
                        struct vsw_error *err);
int vsw_portmap_by_table(const struct vsw_portmap *map,
                         struct vsw_error *err);

/* An address of either kind, as bytes that can be compared. */
struct vsw_addr {
    uint8_t bytes[16];
    uint8_t n_bytes;            /* 6, 4 or 16; 0: there is none. */
    bool is_group;              /* Multicast or broadcast. */
};

/* Address of the source (or the destination) of a flow. */
struct vsw_addr vsw_addr_mac(const struct vsw_flowkey *key, bool source);
struct vsw_addr vsw_addr_ip(const struct vsw_flowkey *key, bool source);

/* Distinct unicast addresses of all flows, without what has none. */
int vsw_addr_count(const struct vsw_flow_set *set, bool by_ip, uint32_t *n);

#endif
