/* A workload made in memory, and a config that runs it, without files. */
#ifndef MADE_WORKLOAD_H
#define MADE_WORKLOAD_H

#include <vswsim/config.h>
#include <vswsim/workload.h>

#define MADE_MAX_PORTS  8
#define MADE_MAX_FLOWS  64
#define MADE_MAX_RECS   4096
#define MADE_MAX_PARAMS 64

struct made {
    struct vsw_workload workload;
    struct vsw_workload_rec recs[MADE_MAX_RECS];
    struct vsw_workload_flow flows[MADE_MAX_FLOWS];
    struct vsw_workload_port ports[MADE_MAX_PORTS];
    uint32_t last_rec[MADE_MAX_PORTS];
};

/* 'n_ports' ports, and 'n_flows' flows: flow f goes from port f % n_ports to
 * the next one.  No records yet. */
void made_init(struct made *made, uint32_t n_ports, uint32_t n_flows);

/* Adds a record behind the last one. */
void made_add(struct made *made, uint32_t flow_id, uint64_t time_ns,
              uint32_t frame_bytes);

/* 'n_recs' records of 'frame_bytes', by turns of all flows, 'gap_ns' apart
 * from 'first_ns' on. */
void made_fill(struct made *made, uint32_t n_recs, uint64_t first_ns,
               uint64_t gap_ns, uint32_t frame_bytes);

/* A config of 'model' with its default parameters, 'n_guests' guests with one
 * vCPU each (or as many wires, if it serves no guests), saturating; 'params'
 * has MADE_MAX_PARAMS elements. */
struct vsw_config made_config(const struct vsw_machine *machine,
                              const struct vsw_model_ops *model,
                              uint64_t *params, uint32_t n_guests);

#endif
