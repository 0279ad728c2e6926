/* A rig with packets: a workload of a few UDP flows, which go from every port
 * to every other, and frames to send them in. */
#ifndef NET_H
#define NET_H

#include <vswsim/client.h>
#include <vswsim/frames.h>
#include <vswsim/wire.h>
#include <vswsim/workload.h>

#include "rig.h"

#define NET_N_FLOWS 64
#define NET_N_PKTS  8192
#define NET_N_BUFS  16384
#define TEN_GBPS    UINT64_C(10000000000)

struct net {
    struct rig rig;
    struct vsw_workload workload;
    struct vsw_workload_rec recs[NET_N_FLOWS];
    struct vsw_workload_flow flows[NET_N_FLOWS];
    struct vsw_workload_port ports[4];
    struct vsw_outcome *outcome;
    struct vsw_pkts pkts;
    struct vsw_bufs bufs;
    struct vsw_frames frames;
};

/* Makes a net of 'n_ports' (at most 4) and no units. */
void net_init(struct net *net, uint32_t n_ports,
              const struct vsw_sim_options *options);
void net_fini(struct net *net);

/* Runs to the end; all laws must hold. */
void net_run(struct net *net);

/* Lets 'client' send frames of 'frame_bytes' from 'port', from the start on:
 * one each 'gap_ps', or with 0 as many as the link takes. */
void net_traffic(struct net *net, struct vsw_client *client, uint32_t port,
                 uint32_t frame_bytes, uint64_t gap_ps);
void net_client(struct net *net, struct vsw_client *client, const char *name,
                struct vsw_link_end *end, uint32_t port);

/* A new packet of flow 0 in the hands of unit 'unit'. */
uint32_t net_packet(struct net *net, const struct vsw_unit *unit,
                    uint32_t frame_bytes);

#endif
