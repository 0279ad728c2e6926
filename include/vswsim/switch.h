/* Switch: what a model is given to work with.
 *
 * The simulation makes the CPUs, the links, the packets and the guests; the
 * model's init hook makes the ports in the shape that suits it and adds its
 * workers to the CPUs it was given.  Guests start after that.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_SWITCH_H
#define VSWSIM_SWITCH_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/acl.h>
#include <vswsim/arena.h>
#include <vswsim/compiler.h>
#include <vswsim/error.h>
#include <vswsim/frames.h>
#include <vswsim/model.h>
#include <vswsim/pkt.h>
#include <vswsim/port.h>
#include <vswsim/queue.h>
#include <vswsim/random.h>
#include <vswsim/sim.h>

VSW_EXTERN_C_BEGIN

struct vsw_nic_setup;

/* Largest burst of any model or driver. */
#define VSW_MAX_BURST 512

/* How often a batch had each size, in the window. */
struct vsw_batch_sizes {
    const char *name;           /* Static. */
    uint64_t counts[VSW_MAX_BURST + 1];
};

struct vsw_switch_counter {
    const char *name;           /* "bus_bytes_to_host"; static. */
    const char *unit;           /* "bytes"; static. */
    const uint64_t *value;      /* Borrowed. */
    uint64_t before;            /* What it was when the window began. */
    bool is_level;              /* What counts is what it is at the end. */
};

/* A link, and the bus between memory and the NIC at its end 0. */
struct vsw_switch_wire {
    struct vsw_link *link;
    struct vsw_bus *bus;
};

/* Pages of 4 KiB that a polling driver in a guest touches for a burst, beside
 * those of its packets; see virtio_poll.h. */
struct vsw_guest_pages {
    uint32_t n_shared;          /* By either direction. */
    uint32_t n_direction;       /* By each. */
};

/* Main loop 1, classification, statistics and timers 4, pool 2, ethdev 1, libc
 * 1, PLT and GOT 2, clock page 1; stack 2, thread-local 1; pktgen's state 3,
 * of a port 6, of a core 1; ethdev 2, virtio device 1. */
#define VSW_GUEST_PAGES_SHARED 28

/* Code of pktgen 2, of the driver 2; queue, descriptor shadow, mbuf array;
 * descriptors, available ring, used ring; pool 1, this core's cache 1, its
 * ring 2, mbuf headers 1. */
#define VSW_GUEST_PAGES_DIRECTION 15

struct vsw_switch {
    struct vsw_sim *sim;
    const struct vsw_model_ops *ops;
    void *state;                /* Of the model. */

    /* CPUs.  Where several vCPUs or threads share one, each is a task
     * (sched.h), and its workers must join it with vsw_task_adopt(). */
    struct vsw_unit **units;    /* Of the switch; borrowed, as all these. */
    struct vsw_task **tasks;    /* On them: its threads.  NULL where a thread
                                 * has the CPU for itself; the whole list may
                                 * be NULL. */
    uint32_t n_units;
    struct vsw_unit **guest_units;  /* Of vCPUs, by guest and queue. */
    struct vsw_task **guest_tasks;  /* The vCPUs, as 'tasks'. */
    struct vsw_unit **cpu_units;    /* By CPU of the machine; NULL where no
                                     * unit is. */

    uint32_t domain;            /* In which its code runs: the first of the
                                 * model's domains, whose numbers go on. */
    uint32_t n_ports;           /* Those of guests, then those of wires. */
    uint32_t n_wires;           /* How many of them are wires. */
    uint32_t n_queues;          /* Queue pairs of each guest's port. */
    uint32_t n_wire_queues;     /* Of each wire's; a model may change it
                                 * before it makes the ports. */
    uint32_t wire_buf_bytes;    /* Of each buffer of a wire's queues; 0: as of
                                 * guests'. Likewise. */
    bool has_plain_bufs;        /* Buffers lie one right behind the other, as
                                 * netmap's do, and not as DPDK lays them;
                                 * likewise. */
    uint32_t n_slots;           /* Of each ring. */
    uint32_t n_wire_slots;      /* Of the rings of NICs; 0: the same.  A model
                                 * may change it before it makes the ports. */
    uint32_t guest_burst_pkts;  /* Of the drivers in the guests. */
    uint32_t rx_min_bufs;       /* Receive buffers that their drivers post at
                                 * first, and keep at least; 0: as many as the
                                 * ring has slots. */
    uint32_t rx_max_bufs;       /* And at most. */
    struct vsw_guest_pages guest_pages;     /* Of polling ones. */
    struct vsw_port *ports;     /* These three are made by
                                 * vsw_switch_make_ports(). */
    struct vsw_queue *queues;   /* Of all ports, in their order. */
    uint32_t n_all_queues;
    struct vsw_switch_wire *wires;  /* Borrowed. */
    struct vsw_frames frames;   /* Of what is outside of memory. */
    struct vsw_pkts *pkts;      /* Borrowed. */
    struct vsw_bufs bufs;
    struct vsw_arena arena;     /* Of the model's tables. */
    struct vsw_acl *acl;        /* To enforce, in the arena; NULL: none. */
    struct vsw_acl *qos;        /* Whose verdicts are classes; NULL: none. */
    struct vsw_random start;    /* Of start phases. */
    struct vsw_batch_sizes receive;
    struct vsw_batch_sizes send;
    struct vsw_switch_counter *counters;
    uint32_t n_counters;
    struct vsw_outcome *outcome;    /* Borrowed. */
};

/* The private state of the model. */
static inline void *
vsw_switch_state(struct vsw_switch *sw)
{
    return sw->state;
}

/* Number of guests, whose ports are the first. */
static inline uint32_t
vsw_switch_n_guests(const struct vsw_switch *sw)
{
    return sw->n_ports - sw->n_wires;
}

static inline struct vsw_queue *
vsw_switch_queue(const struct vsw_switch *sw, uint32_t port, uint32_t queue)
{
    return &sw->ports[port].queues[queue];
}

/* Makes the queue pairs of all ports, with descriptors that hold 'buf_bytes'
 * each, and 'n_pool' more buffers for pools of the model.  Guests' ports get
 * their virtual NICs, with no operations yet; wires get NICs of 'setup' (NULL:
 * the default).  Returns 0, or a negative errno value with 'err' filled:
 * -ENOMEM, or -EINVAL if the machine lacks what a NIC needs. */
VSW_API int vsw_switch_make_nic_ports(struct vsw_switch *sw,
                                      uint32_t buf_bytes, uint32_t n_pool,
                                      const struct vsw_nic_setup *setup,
                                      struct vsw_error *err);

/* The same without NICs: the ports of wires have their links and buses, and
 * the model brings what stands between. */
VSW_API int vsw_switch_make_bare_ports(struct vsw_switch *sw,
                                       uint32_t buf_bytes, uint32_t n_pool,
                                       struct vsw_error *err);

/* The same with default NICs. */
VSW_API int vsw_switch_make_ports(struct vsw_switch *sw, uint32_t buf_bytes,
                                  uint32_t n_pool, struct vsw_error *err);

/* Frees what vsw_switch_make_ports() made, and the counters. */
VSW_API void vsw_switch_free_ports(struct vsw_switch *sw);

/* Counts a batch of 'n' packets that 'unit' just took or notified. */
VSW_API void vsw_switch_count_batch(struct vsw_batch_sizes *sizes,
                                    const struct vsw_unit *unit, uint32_t n);

/* Notes that the design allocates or reserves 'n_bytes' for 'name' (static).
 * Returns 0 or -ENOMEM. */
VSW_API int vsw_switch_add_memory(struct vsw_switch *sw, const char *name,
                                  uint64_t n_bytes);

/* Notes what the ports made by vsw_switch_make_ports() take: "packet_buffers",
 * those of rings and of pools, and "rings", their slots.  Returns 0 or
 * -ENOMEM. */
VSW_API int vsw_switch_add_port_memory(struct vsw_switch *sw);

/* Lets the outcome have a counter 'name' (static) in 'unit' (static): by how
 * much '*value' grows in the window.  Counters of one name are added up.
 * Returns 0 or -ENOMEM. */
VSW_API int vsw_switch_add_counter(struct vsw_switch *sw, const char *name,
                                   const char *unit, const uint64_t *value);

/* The same for what is a level, such as the entries of a table: the outcome
 * has what '*value' is at the end. */
VSW_API int vsw_switch_add_level(struct vsw_switch *sw, const char *name,
                                 const char *unit, const uint64_t *value);

/* Notes what the counters have at the beginning of the window. */
VSW_API void vsw_switch_begin_window(struct vsw_switch *sw);

VSW_EXTERN_C_END

#endif
