/* What the two forms of sNICh share: parameters, rules and control plane. */
#ifndef MODELS_SNICH_H
#define MODELS_SNICH_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/control_plane.h>
#include <vswsim/error.h>
#include <vswsim/nic_rules.h>
#include <vswsim/switch.h>

#include "models/nic_ports.h"
#include "models/snich/emulation.h"

enum snich_form {
    SNICH_PROTOTYPE,
    SNICH_HARDWARE,
};

struct snich {
    /* Parameters. */
    uint32_t form;
    uint32_t flow_rules;
    bool negative_wildcards;
    bool use_qos;
    uint32_t known_flows;
    uint32_t control_pkts;
    uint32_t burst_pkts;
    uint32_t header_bytes;
    uint32_t buf_bytes;
    uint64_t irq_gap_ns;
    bool walks_host_table;
    uint32_t host_table_reads;
    uint32_t dma_channels;
    uint32_t dma_descs;
    uint32_t dma_min_bytes;
    uint32_t nic_pkts;
    bool holds;
    uint32_t max_in_flight;
    uint32_t at_cap;

    struct vsw_nic_rules rules;
    struct vsw_control_plane control;
    struct snich_emulation emulation;   /* Of the prototype, ... */
    struct nic_bus bus;                 /* ... and of the hardware. */
    struct vsw_eswitch nic;
    uint64_t n_walks;                   /* Of the table in host memory, ... */
    uint64_t n_walk_hits;               /* ... in the window. */
};

/* Starts the NIC of 'sw', whose control plane exists.  Returns 0, or
 * a negative errno value with 'err' filled. */
int snich_hardware_start(struct snich *snich, struct vsw_switch *sw,
                         uint32_t n_classes, struct vsw_error *err);

#endif
