/* Scene: everything that one simulation is made of, built from a config.
 *
 * Built in this order: domains, CPUs, packets, wires, the switch (whose model
 * makes the ports), guests, clients at the far ends of the wires. */
#ifndef IO_SCENE_H
#define IO_SCENE_H

#include <vswsim/audit.h>
#include <vswsim/bus.h>
#include <vswsim/client.h>
#include <vswsim/config.h>
#include <vswsim/cpuidle.h>
#include <vswsim/dialog.h>
#include <vswsim/guest.h>
#include <vswsim/peer.h>
#include <vswsim/sched.h>
#include <vswsim/sim.h>
#include <vswsim/switch.h>
#include <vswsim/wire.h>

#include "io/run/simulate.h"

#define PS_PER_NS UINT64_C(1000)
#define PS_PER_US UINT64_C(1000000)
#define PS_PER_S  UINT64_C(1000000000000)

/* What can run on a CPU: a thread of the switch or a vCPU. */
struct scene_thread {
    uint32_t cpu;
    uint32_t domain;
    bool is_vcpu;
    bool blocks;
    struct vsw_task task;       /* If it shares the CPU. */
};

/* A CPU of the machine. */
struct scene_cpu {
    struct vsw_unit unit;
    struct vsw_sched sched;     /* If it is shared. */
    struct vsw_cpuidle idle;    /* If all that runs there blocks. */
    uint32_t n_threads;
    bool has_unit;
    bool may_idle;
};

struct scene_wire {
    struct vsw_link link;
    struct vsw_client client;   /* One of these two. */
    struct vsw_peer peer;
    bool has_link;
    bool has_client;
    bool has_peer;
};

struct scene {
    const struct vsw_config *config;
    const struct vsw_workload *workload;
    const struct vsw_simulate_how *how;
    struct vsw_sim sim;
    struct vsw_pkts pkts;
    struct vsw_switch sw;
    struct vsw_outcome *outcome;
    uint8_t *class_of;              /* By flow; NULL: no classes. */
    struct vsw_audit audit;
    void *arena_memory;
    uint32_t n_open;                /* Sources that are not at their end. */
    bool may_drain;                 /* The run ends when all are, and nothing
                                     * is inside. */
    struct vsw_outcome_part before; /* Of the run up to the current part. */

    struct scene_cpu *cpus;         /* By CPU of the machine. */
    struct scene_thread *threads;   /* Of the switch; then the vCPUs. */
    uint32_t n_switch_threads;
    uint32_t n_threads;
    struct vsw_unit **units;        /* By thread; then by CPU. */
    struct vsw_task **tasks;        /* By thread. */
    struct vsw_idle_state idle_states[VSW_HW_MAX_IDLE_STATES];

    struct vsw_bus *buses;
    uint32_t n_buses;
    struct scene_wire *wires;
    struct vsw_switch_wire *switch_wires;

    const struct vsw_guest_ops *driver;
    struct vsw_guest *guests;
    struct vsw_dialogs dialogs;
    bool has_dialogs;               /* It was made. */
};

/* Each builds its part and returns 0, or a negative errno value with 'err'
 * filled.  scene_fini() frees what there is, whatever failed. */
int scene_make_cpus(struct scene *s, struct vsw_error *err);
int scene_make_wires(struct scene *s, struct vsw_error *err);
int scene_make_dialogs(struct scene *s, struct vsw_error *err);
int scene_start_guests(struct scene *s, struct vsw_error *err);
int scene_start_clients(struct scene *s, struct vsw_error *err);

/* Adds what sockets counted to the outcome, which is full otherwise. */
int scene_report_dialogs(struct scene *s, struct vsw_error *err);

void scene_free_cpus(struct scene *s);
void scene_free_wires(struct scene *s);
void scene_free_guests(struct scene *s);

/* What a source at 'port' sends, whose 'n_queues' queues share it. */
struct vsw_traffic_setup scene_traffic(struct scene *s, uint32_t port,
                                       uint32_t n_queues);

/* When source number 'i' starts. */
uint64_t scene_start_ps(const struct scene *s, uint32_t i);

int scene_nomem(struct vsw_error *err);

#endif
