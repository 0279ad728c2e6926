/* What models of NICs that switch have in common: addresses, a bus, contexts
 * that guests drive directly. */
#ifndef MODELS_NIC_PORTS_H
#define MODELS_NIC_PORTS_H

#include <vswsim/eswitch.h>
#include <vswsim/mactable.h>
#include <vswsim/model.h>
#include <vswsim/param.h>
#include <vswsim/switch.h>

/* A bus of the model's own, for a machine without physical ports. */
struct nic_bus {
    struct vsw_bus own;
    struct vsw_bus *bus;        /* That of the first wire, or 'own'. */
};

/* Chooses the bus of 'sw', and lets its bytes be counted.  Returns 0, or
 * a negative errno value with 'err' filled. */
int nic_bus_init(struct nic_bus *nb, struct vsw_switch *sw,
                 struct vsw_error *err);

struct nic_counter {
    const char *name;
    const char *unit;
    const uint64_t *value;
};

/* Lets 'n' counters be in the outcome.  Returns 0, or -ENOMEM with 'err'
 * filled. */
int nic_add_counters(struct vsw_switch *sw, const struct nic_counter *counters,
                     uint32_t n, struct vsw_error *err);

/* What the states of models begin with whose NIC switches by address. */
struct nic_model {
    /* Parameters. */
    uint32_t buf_bytes;
    uint32_t nic_pkts;
    uint64_t irq_gap_ns;

    struct nic_bus bus;
    struct vsw_mactable *macs;  /* Ports by address. */
    struct vsw_eswitch nic;     /* The model makes it. */
};

/* Its parameters, of a state that begins with it. */
#define NIC_MODEL_PARAMS                                                     \
    VSW_PARAM_U32(struct nic_model, buf_bytes, 4096, 512, 65536,             \
                  "packet bytes that a guest's descriptor holds",            \
                  "design choice: a page"),                                  \
    VSW_PARAM_U32(struct nic_model, nic_pkts, 512, 2, 65536,                 \
                  "packets that the NIC holds",                              \
                  "Intel 82599: 512 KB of packet memory"),                   \
    VSW_PARAM_U64(struct nic_model, irq_gap_ns, 100000, 0, 10000000,         \
                  "least time between two interrupts of a guest",            \
                  "Ram, section 5.2.3: 100 us or more")

/* That of a state of 'type' whose guests need a virtual function each. */
#define NIC_FUNCTIONS_PARAM(type)                                            \
    VSW_PARAM_U32(type, n_functions, 64, 1, 1024,                            \
                  "virtual functions of the NIC; each guest needs one",      \
                  "Intel 82599: 64; devices of 2010 had from 7 to 128")

/* Makes ports with 'n_bufs' buffers more than their rings have, and finds bus
 * and addresses.  Returns 0, or a negative errno value with 'err' filled. */
int nic_model_init(struct nic_model *nm, struct vsw_switch *sw,
                   uint32_t n_bufs, struct vsw_error *err);

/* The port of the destination address of 'job', or VSW_PORT_FLOOD. */
uint32_t nic_macs_find(const struct vsw_mactable *macs,
                       struct vsw_eswitch *es,
                       const struct vsw_eswitch_job *job);

/* Decides by that: the 'decide' of a NIC's setup, whose 'aux' is the table. */
bool nic_decide_by_mac(void *aux, struct vsw_eswitch *es,
                       struct vsw_eswitch_job *job, struct vsw_rule *rule);

/* The ends of the wires of 'sw' become the links of 'setup'. */
void nic_use_wires(const struct vsw_switch *sw,
                   struct vsw_eswitch_setup *setup);

/* Gives each queue pair of the first 'n_guests' that of the contexts which has
 * its number, so that the guest drives it.  Returns 0, or -ENOMEM with 'err'
 * filled. */
int nic_attach_guests(struct vsw_eswitch *es, struct vsw_switch *sw,
                      uint32_t n_guests, struct vsw_error *err);

/* Makes the NIC of a model whose first 'n_direct' guests drive functions of
 * it, with 'n_more' contexts behind theirs, and attaches these guests; it is
 * not started yet.  Returns 0, or a negative errno value with 'err' filled. */
int nic_make_functions(struct nic_model *nm, struct vsw_switch *sw,
                       uint32_t n_direct, uint32_t n_more,
                       struct vsw_error *err);

/* The check of a model whose guests need a virtual function each, as
 * vsw_model_ops has it. */
const char *nic_check_functions(uint32_t n_functions,
                                const struct vsw_model_facts *facts,
                                char reason[VSW_MODEL_REASON_BYTES]);

/* Such a model has no CPU of its own. */
uint32_t nic_no_cpus(uint32_t n_guests, uint32_t n_wires);

/* What such NICs are set up with, if nothing else is said. */
#define NIC_SETUP_DEFAULT                                                    \
    .name = "nic", .n_places = 512, .n_classes = 1, .desc_bytes = 16,        \
    .fetch_descs = 32

#endif
