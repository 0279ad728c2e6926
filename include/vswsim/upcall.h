/* Upcall: packets that the datapath cannot decide go to a daemon.
 *
 * The datapath hands a packet over, which costs it UPCALL_SEND, and the packet
 * waits in a bounded queue (a netlink socket's buffer).  The daemon, a thread
 * with its own worker, is woken if it has blocked, takes one packet at a time,
 * spends UPCALL_HANDLE (or what its owner says) on each, and calls 'handle',
 * which decides, installs a flow and sends the packet on.  A packet that needs
 * no decision any more, because one for its flow was taken while it waited,
 * costs UPCALL_SEND, for the message back, if the owner can tell.
 *
 * A 'fair' daemon shares its CPU with the threads behind it as Linux's fair
 * scheduler would have it: one that slept goes first when it wakes, and while
 * both have work each gets half.  It rests after a packet for as long as that
 * took, but for what waits then and the time that they leave.  Any other
 * daemon is strictly before or behind them, by its priority.
 *
 * Costs: UPCALL_SEND, UPCALL_HANDLE; those of a wake-up.
 *
 * Source: Pfaff et al., "The Design and Implementation of Open vSwitch", NSDI
 * 2015, sections 3 and 6; ovs_dp_upcall() of net/openvswitch/datapath.c;
 * wake-up preemption of kernel/sched/fair.c.
 * Left out: several handler threads, batches of upcalls, fair queueing of
 * ports.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_UPCALL_H
#define VSWSIM_UPCALL_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/backlog.h>
#include <vswsim/compiler.h>
#include <vswsim/error.h>
#include <vswsim/sched.h>
#include <vswsim/sleep.h>
#include <vswsim/worker.h>

VSW_EXTERN_C_BEGIN

/* Decides on 'pkt' and disposes of it, on the daemon's unit. */
typedef void (*vsw_upcall_handle_fn)(void *aux, struct vsw_worker *daemon,
                                     uint32_t pkt);

/* Whether 'pkt' needs no decision any more. */
typedef bool (*vsw_upcall_known_fn)(void *aux, uint32_t pkt);

struct vsw_upcall_setup {
    struct vsw_unit *unit;      /* Where the daemon runs. */
    struct vsw_task *task;      /* Of a shared CPU, or NULL. */
    uint32_t domain;            /* Whose code it is. */
    uint32_t priority;          /* Of its worker. */
    bool fair;                  /* To workers of lower priority. */
    enum vsw_entry entry;       /* Of guests that its wake-up interrupts. */
    uint32_t limit_pkts;        /* That wait, 1 to 2^20. */
    uint32_t handle_cost;       /* Number of the cost of a packet; 0:
                                 * UPCALL_HANDLE. */
    vsw_upcall_handle_fn handle;
    vsw_upcall_known_fn is_known;   /* NULL: each is decided. */
    void *aux;                  /* Of both. */
};

struct vsw_upcall {
    struct vsw_upcall_setup setup;
    struct vsw_worker worker;
    struct vsw_worker spare;    /* Of a fair daemon, for what time others leave
                                 * while it rests. */
    struct vsw_sleep sleep;
    struct vsw_backlog queue;
    uint32_t pkt;               /* At hand, or VSW_NONE. */
    bool known;                 /* It needs no decision. */
    uint64_t begun_ps;          /* Work on it. */
    uint64_t n_sent;            /* In the window; so are the others. */
    uint64_t n_refused;
    uint64_t n_handled;
    uint64_t n_known;           /* Of these: needed no decision. */
};

/* Adds the daemon to its unit.  'who' names the model in errors.  Returns 0,
 * or a negative errno value with 'err' filled. */
VSW_API int vsw_upcall_start(struct vsw_upcall *upcall,
                             const struct vsw_upcall_setup *setup,
                             const char *who, struct vsw_error *err);
VSW_API void vsw_upcall_fini(struct vsw_upcall *upcall);

/* Hands 'pkt' to the daemon, on behalf of 'unit'.  False: its queue is full,
 * and the packet is still the caller's. */
VSW_API bool vsw_upcall_send(struct vsw_upcall *upcall,
                             struct vsw_unit *unit, uint32_t pkt);

/* The same at no cost but that of the wake-up: on behalf of a device, which
 * writes the packet and interrupts, or of a caller who charges it. */
VSW_API bool vsw_upcall_post(struct vsw_upcall *upcall,
                             struct vsw_unit *device, uint32_t pkt);

VSW_EXTERN_C_END

#endif
