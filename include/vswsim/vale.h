/* VALE: a learning switch whose code runs in its senders.
 *
 * A sender synchronizes the transmit ring of its port (TXSYNC), which forwards
 * everything in it before the system call returns: a batch of packets is
 * collected and each is looked up by the real MAC table, which learns its
 * source; then, for each destination in turn, room in its receive ring is
 * reserved under the ring's lock, the packets are copied there, once and
 * without the lock, and made visible under the lock again; its reader is told
 * once.  Senders that copy into one ring at a time finish in the order in
 * which they reserved.  What finds no room is lost: a sender never waits.
 *
 * Ports are queue pairs: 'tx' goes into the switch, 'rx' comes out of it.
 * Whoever owns one (a process, the backend of a guest) is told through its
 * 'notify'.
 *
 * With a lookup of its own, the switch forwards by that instead (in Open
 * vSwitch on VALE, a kernel datapath).
 *
 * Sources: Rizzo and Lettieri, "VALE, a Switched Ethernet for Virtual
 * Machines", CoNEXT 2012; nm_bdg_flush() in netmap_vale.c: batches of 1024
 * (NM_BDG_BATCH), leases.
 * Left out: indirect buffers, ports bound to NICs, the host port.
 *
 * Costs: SYSCALL, NETMAP_SYNC, VALE_PKT, LOCK, COPY_CALL, COPY_BYTE.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_VALE_H
#define VSWSIM_VALE_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/error.h>
#include <vswsim/mactable.h>
#include <vswsim/queue.h>
#include <vswsim/switch.h>
#include <vswsim/vnic.h>
#include <vswsim/worker.h>

VSW_EXTERN_C_BEGIN

/* Most packets of a batch. */
#define VSW_VALE_MAX_BATCH 1024

/* Senders that can copy into one ring at a time. */
#define VSW_VALE_MAX_LEASES 64

/* Tells the reader of a port that packets came, on behalf of 'worker'.
 * False: not at sync; the call must end, and ask again. */
typedef bool (*vsw_vale_notify_fn)(void *aux, struct vsw_worker *worker);

/* Port to which 'pkt', from 'in_port', goes; VSW_PORT_FLOOD: all others.
 * Charges what it takes to find out.  VSW_VALE_TAKEN: whoever looked has
 * disposed of it. */
typedef uint32_t (*vsw_vale_lookup_fn)(void *aux, struct vsw_unit *unit,
                                       uint32_t pkt, uint32_t in_port);

#define VSW_VALE_TAKEN (VSW_PORT_FLOOD - 1)

struct vsw_vale_setup {
    uint32_t batch_pkts;        /* 1 to VSW_VALE_MAX_BATCH. */
    uint32_t n_senders;         /* Ports behind those of the switch that only
                                 * send. */
    vsw_vale_lookup_fn lookup;  /* NULL: learning switch. */
    void *lookup_aux;
};

/* Slots of a ring that a sender has reserved. */
struct vsw_vale_lease {
    uint32_t upto;
    bool done;
};

/* Packet of a batch, on its way to one port. */
struct vsw_vale_pkt {
    uint32_t pkt;
    uint32_t slot;              /* Reserved. */
    uint32_t next;              /* To the same port, or VSW_NONE. */
};

enum vsw_vale_state {
    VSW_VALE_IDLE,
    VSW_VALE_LOOKUP,
    VSW_VALE_RESERVE,
    VSW_VALE_COPY,
    VSW_VALE_COMMIT,
    VSW_VALE_NOTIFY,
};

struct vsw_vale_port {
    struct vsw_queue *queue;    /* Borrowed. */
    vsw_vale_notify_fn notify;
    void *aux;                  /* Of 'notify'. */

    /* Of the receive ring. */
    struct vsw_lock lock;
    struct vsw_vale_lease leases[VSW_VALE_MAX_LEASES];
    uint32_t first_lease;       /* Free-running. */
    uint32_t next_lease;

    /* Of a TXSYNC of this port. */
    enum vsw_vale_state state;
    uint32_t n_left;            /* Packets of the batch not collected yet. */
    struct vsw_vale_pkt *pkts;  /* Owned, as the next three. */
    uint32_t n_pkts;
    uint32_t *first;            /* By destination, or VSW_NONE. */
    uint32_t *last;
    uint32_t *dests;            /* In order of appearance. */
    uint32_t n_dests;
    uint32_t at_dest;
    uint32_t at;                /* Packet at hand. */
    uint32_t n_done_bytes;      /* Of it ... */
    uint32_t from;              /* ... from this buffer. */
    uint32_t lease;
};

struct vsw_vale {
    struct vsw_switch *sw;
    struct vsw_vale_setup setup;
    struct vsw_mactable *macs;  /* In the switch's arena. */
    struct vsw_vale_port *ports;
    uint32_t n_ports;
    uint64_t n_syncs;           /* The whole run, as these. */
    uint64_t n_flooded;
    uint64_t n_lookups;         /* Of its own table. */
    uint64_t n_hits;
};

/* Makes a switch with a port for each of 'sw', whose queue pairs the caller
 * then sets, and whose addresses it knows, as if each had answered to ARP.
 * Adds counters, and what it takes of memory.  Returns 0, or a negative errno
 * value with 'err' filled. */
VSW_API int vsw_vale_init(struct vsw_vale *vale, struct vsw_switch *sw,
                          const struct vsw_vale_setup *setup,
                          struct vsw_error *err);
VSW_API void vsw_vale_fini(struct vsw_vale *vale);

/* Forwards what 'port' has published in its 'tx', in the system call of
 * 'worker', and frees its slots.  False: the call must end (it has asked to go
 * on); call again with the same arguments. */
VSW_API bool vsw_vale_txsync(struct vsw_vale *vale, uint32_t port,
                             struct vsw_worker *worker);

/* Refuses what no process at a port can have: several queues, a stack without
 * VALE_SLOT.  Returns 0, or a negative errno value with 'err' filled. */
VSW_API int vsw_vale_check_processes(const struct vsw_switch *sw,
                                     struct vsw_error *err);

/* Puts the process of 'vnic' behind the port of its number: its system calls
 * forward, it pays VALE_SLOT for each slot that it takes, and is woken. */
VSW_API void vsw_vale_attach_process(struct vsw_vale *vale,
                                     struct vsw_vnic *vnic);

VSW_EXTERN_C_END

#endif
