/* What models of NICs that switch have in common: addresses, a bus, contexts
 * that guests drive directly. */
#ifndef MODELS_NIC_PORTS_H
#define MODELS_NIC_PORTS_H

#include <vswsim/eswitch.h>
#include <vswsim/mactable.h>
#include <vswsim/model.h>
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

/* A table of the addresses behind the ports of 'sw', in its arena; NULL if
 * that has no room. */
struct vsw_mactable *nic_macs_new(struct vsw_switch *sw);

/* The port of the destination address of 'job', or VSW_PORT_FLOOD. */
uint32_t nic_macs_find(const struct vsw_mactable *macs,
                       struct vsw_eswitch *es,
                       const struct vsw_eswitch_job *job);

/* The ends of the wires of 'sw' become the links of 'setup'. */
void nic_use_wires(const struct vsw_switch *sw,
                   struct vsw_eswitch_setup *setup);

/* Gives each queue pair of the guests that of the contexts which has its
 * number, so that the guest drives it. */
int nic_attach_guests(struct vsw_eswitch *es, struct vsw_switch *sw,
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
