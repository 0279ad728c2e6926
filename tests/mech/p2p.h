/* Physical to physical: a client, a link and a NIC on each of two ports, and
 * one poll-mode CPU that forwards between them by MAC address. */
#ifndef P2P_H
#define P2P_H

#include <vswsim/audit.h>
#include <vswsim/mac_switch.h>
#include <vswsim/nic.h>
#include <vswsim/nic_port.h>
#include <vswsim/pmd.h>

#include "mech/net.h"

#define P2P_ARENA_BYTES (1 << 20)
#define P2P_N_MBUFS     4096

struct p2p {
    struct net net;
    struct vsw_switch sw;
    struct vsw_unit cpu;
    struct vsw_pmd pmd;
    struct vsw_mac_switch macs;
    struct vsw_audit audit;
    struct vsw_bus bus;         /* Both NICs are on it. */
    struct vsw_link links[2];
    struct vsw_nic nics[2];
    struct vsw_client clients[2];
    _Alignas(64) unsigned char arena[P2P_ARENA_BYTES];
};

/* Makes all of it but the clients' traffic; costs come first, and bare rigs
 * have none. */
void p2p_init(struct p2p *p, const struct vsw_sim_options *options,
              const struct vsw_wire_setup *wire,
              void (*set_costs)(struct rig *rig));

/* Lets client 'i' send; see net_traffic(). */
void p2p_send(struct p2p *p, uint32_t i, uint32_t frame_bytes,
              uint64_t gap_ps);

/* Starts the clients and runs to the end. */
void p2p_run(struct p2p *p);
void p2p_fini(struct p2p *p);

#endif
