/* Switch: what a model is given to work with.
 *
 * The simulation makes the CPUs, the packets and the guests; the model's init
 * hook makes the ports in the shape that suits it and adds its workers to the
 * CPUs it was given.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_SWITCH_H
#define VSWSIM_SWITCH_H

#include <stdint.h>

#include <vswsim/acl.h>
#include <vswsim/arena.h>
#include <vswsim/compiler.h>
#include <vswsim/error.h>
#include <vswsim/model.h>
#include <vswsim/pkt.h>
#include <vswsim/queue.h>
#include <vswsim/random.h>
#include <vswsim/sim.h>

VSW_EXTERN_C_BEGIN

/* Largest burst of any model or driver. */
#define VSW_MAX_BURST 512

/* How often a batch had each size, in the window. */
struct vsw_batch_sizes {
    const char *name;           /* Static. */
    uint64_t counts[VSW_MAX_BURST + 1];
};

/* Most counters that the mechanisms of a switch add to its outcome. */
#define VSW_SWITCH_MAX_COUNTERS 32

struct vsw_switch_counter {
    const char *name;           /* "bus_bytes_to_host"; static. */
    const char *unit;           /* "bytes"; static. */
    const uint64_t *value;      /* Borrowed; read at the end of the run. */
};

struct vsw_switch {
    struct vsw_sim *sim;
    const struct vsw_model_ops *ops;
    void *state;                /* Of the model. */
    struct vsw_unit **units;    /* CPUs of the switch; borrowed. */
    uint32_t n_units;
    uint32_t domain;            /* In which its code runs. */
    uint32_t n_ports;
    uint32_t n_queues;          /* Queue pairs of each port. */
    uint32_t n_slots;           /* Of each ring. */
    uint32_t guest_burst_pkts;  /* Of the drivers in the guests. */
    struct vsw_queue *queues;   /* [port * n_queues + queue]; made by
                                 * vsw_switch_make_ports(). */
    struct vsw_pkts *pkts;      /* Borrowed. */
    struct vsw_bufs bufs;
    struct vsw_arena arena;     /* Of the model's tables. */
    struct vsw_acl *acl;        /* To enforce, in the arena; NULL: none. */
    struct vsw_acl *qos;        /* Whose verdicts are classes; NULL: none. */
    struct vsw_random start;    /* Of start phases. */
    struct vsw_batch_sizes receive;
    struct vsw_batch_sizes send;
    struct vsw_switch_counter counters[VSW_SWITCH_MAX_COUNTERS];
    uint32_t n_counters;
    struct vsw_outcome *outcome;    /* Borrowed. */
};

/* The private state of the model. */
static inline void *
vsw_switch_state(struct vsw_switch *sw)
{
    return sw->state;
}

static inline struct vsw_queue *
vsw_switch_queue(struct vsw_switch *sw, uint32_t port, uint32_t queue)
{
    return &sw->queues[port * sw->n_queues + queue];
}

/* Makes the queue pairs of all ports, with descriptors that hold 'buf_bytes'
 * each, and 'n_pool' more buffers for pools of the model.  Returns 0, or
 * -ENOMEM with 'err' filled. */
VSW_API int vsw_switch_make_ports(struct vsw_switch *sw, uint32_t buf_bytes,
                                  uint32_t n_pool, struct vsw_error *err);

/* Counts a batch of 'n' packets that 'unit' just took or notified. */
VSW_API void vsw_switch_count_batch(struct vsw_batch_sizes *sizes,
                                    const struct vsw_unit *unit, uint32_t n);

/* Notes that the design allocates or reserves 'n_bytes' for 'name' (static).
 * Returns 0 or -ENOMEM. */
VSW_API int vsw_switch_add_memory(struct vsw_switch *sw, const char *name,
                                  uint64_t n_bytes);

/* Lets the outcome have a counter 'name' (static) in 'unit' (static), whose
 * '*value' at the end of the run is what was counted in the window.  Counters
 * of one name are added up.  Returns 0, or -ENOSPC if there are
 * VSW_SWITCH_MAX_COUNTERS. */
VSW_API int vsw_switch_add_counter(struct vsw_switch *sw, const char *name,
                                   const char *unit, const uint64_t *value);

VSW_EXTERN_C_END

#endif
