/* What the two forms of sNICh share: parameters, rules and control plane. */
#ifndef MODELS_SNICH_H
#define MODELS_SNICH_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/control_plane.h>
#include <vswsim/error.h>
#include <vswsim/nic_rules.h>
#include <vswsim/switch.h>

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

    struct vsw_nic_rules rules;
    struct vsw_control_plane control;
    struct snich_emulation emulation;
};

#endif
