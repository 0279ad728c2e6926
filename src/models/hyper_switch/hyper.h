/* Hyper-Switch: what its parts share.
 *
 * All that several CPUs see (internal queues, timers, who was notified) is
 * read and written at sync only, so there is one order of events; a step that
 * needs time ends its call and goes on at sync. */
#ifndef MODELS_HYPER_H
#define MODELS_HYPER_H

#include <vswsim/congestion.h>
#include <vswsim/copy_path.h>
#include <vswsim/direct_copy.h>
#include <vswsim/dma.h>
#include <vswsim/grant_call.h>
#include <vswsim/backlog.h>
#include <vswsim/idle_worker.h>
#include <vswsim/kswitch.h>
#include <vswsim/model.h>
#include <vswsim/nic_relay.h>
#include <vswsim/offload.h>
#include <vswsim/pkt_fifo.h>
#include <vswsim/rx_batch.h>
#include <vswsim/switch.h>
#include <vswsim/tx_batch.h>
#include <vswsim/vnic.h>

struct hyper;
struct hyper_cpu;
struct hyper_lend;

/* Where a packet was copied, as seen from its receiver. */
enum hyper_place {
    HYPER_RECEIVER,             /* By the receiver's CPU itself. */
    HYPER_MODULE,
    HYPER_NODE,
    HYPER_REMOTE,
    HYPER_DMA,
    HYPER_N_PLACES,
};

/* Copies by DMA found by one look. */
#define HYPER_N_DONE 32

/* A virtual NIC as the hypervisor sees it: a guest's or the driver
 * domain's. */
struct hyper_vnic {
    struct hyper *hyper;
    struct vsw_vnic *vnic;
    uint32_t index;
    struct hyper_cpu *cpu;              /* Of its vCPU. */
    struct hyper_vnic *next_on_cpu;

    /* Transmit. */
    struct vsw_lock tx_lock;            /* Of the transmit ring. */
    struct vsw_tx_batch tx_batch;
    struct vsw_worker late;             /* Runs when the vCPU does: what a
                                         * timer left to it.  If the CPU is
                                         * shared. */
    uint32_t tx_seen;                   /* Slots of the ring looked at, and */
    uint32_t n_published;               /* packets found in them; of these */
    uint32_t n_taken;                   /* the switch has taken so many. */
    struct vsw_bufpool spare;           /* The sender's buffers that are
                                         * behind no slot. */
    bool in_hypercall;                  /* The vCPU waits in one. */
    bool is_starved;                    /* It has no spare buffers. */
    bool switch_due;                    /* For the CPU: all that is pending. */

    /* Receive. */
    struct vsw_lock rx_lock;            /* Of the receive ring. */
    struct vsw_rx_batch rx_batch;
    struct vsw_pkt_fifo queued;         /* Switched to it, not yet copied. */
    uint32_t n_reserved;                /* Buffers taken from the free ring,
                                         * not yet on the filled one. */
    struct vsw_bufpool landing;         /* Those of the DMA engine. */
    struct vsw_pkt_fifo landed;         /* Copied by it, not yet delivered. */
    uint32_t n_dma;                     /* Packets it has, or had, that are
                                         * not delivered; */
    uint32_t *n_dma_from;               /* the same by sender. */
    bool reap_due;                      /* For the CPU: to ask the engine, */
    bool reaping;                       /* which has answered. */
    struct vsw_dma_copy done[HYPER_N_DONE];
    uint32_t n_done;
    uint32_t n_unseen;                  /* Copied since the guest was told. */
    struct vsw_flag masked;             /* For a driver that polls. */
    uint32_t note_copies;               /* Bound that goes with it. */
    bool note_sent;                     /* A notification is on its way. */
    uint32_t copies_due;                /* For the CPU; UINT32_MAX: all. */
    bool offload_rest;                  /* Of a bounded copy. */
    bool end_due;                       /* For the CPU: copies have ended. */
    bool block_poll;                    /* Asked to, before the vCPU blocks;
                                         * ... */
    bool did_work;                      /* ... and has found something. */
    bool polled_in_vain;                /* Before it blocks. */

    uint64_t caused_ps;                 /* Time of the hypervisor, on any
                                         * CPU, for packets that it sent. */
};

/* What a worker has in hand from one call to the next. */
struct hyper_hands {
    uint32_t pkt;                       /* Looked up, not yet put. */
    uint32_t out_port;
    struct vsw_direct_copy copy;
};

/* A CPU of the machine. */
struct hyper_cpu {
    struct hyper *hyper;
    struct vsw_unit *unit;
    uint32_t cpu;
    struct hyper_vnic *vnics;           /* Whose vCPUs are here. */
    struct vsw_worker hypervisor;       /* Before any guest's workers. */
    struct hyper_hands hands;
    struct hyper_vnic *at;              /* Whose work it is at; or NULL. */

    bool works_idly;                    /* Has what follows. */
    struct vsw_idle_worker idle;
    struct hyper_hands idle_hands;
    struct vsw_ring requests;           /* vNICs to copy for. */
    struct vsw_source *sources;
    struct vsw_wakeup wakeup;
};

struct hyper_counters {
    uint64_t copies[HYPER_N_PLACES];
    uint64_t copied_bytes[HYPER_N_PLACES];
    uint64_t requests[HYPER_N_PLACES];  /* Sent to idle CPUs. */
    uint64_t requests_refused;          /* No module was idle, or the message
                                         * ring was full. */
    uint64_t idle_wakeups;
    uint64_t notifications;
    uint64_t notifications_merged;
    uint64_t notes_blocked;             /* By reason. */
    uint64_t notes_long_queue;
    uint64_t notes_quiet;
    uint64_t notes_timer;
    uint64_t stays;                     /* A vCPU did not block after all. */
    uint64_t tx_entries;                /* Hypercalls to switch. */
    uint64_t tx_left;                   /* Kicks that the timer saved. */
    uint64_t tx_timer_switches;
    uint64_t switched;
    uint64_t switched_idly;
    uint64_t tx_lock_failures;
    uint64_t rx_lock_failures;
    uint64_t rx_ring_full;
    uint64_t aborted;
    uint64_t congested;
    uint64_t dma_polls;
    uint64_t dma_polls_in_vain;         /* For this receiver. */
    uint64_t dma_refused;               /* No descriptor or buffer was free. */
    uint64_t lent;                      /* Packets that were not copied. */
    uint64_t pages_lent;
    uint64_t pages_returned;
    uint64_t return_calls;
};

/* Parameters; hyper_switch.c says what they mean. */
struct hyper_params {
    uint64_t tx_hold_ns;
    uint32_t tx_threshold_pkts;
    uint32_t tx_late;
    uint32_t tx_empty;
    uint64_t rx_hold_ns;
    uint32_t rx_threshold_pkts;
    uint32_t max_copies;
    uint32_t copy_bound;
    bool quiet_leaves_on;
    bool preemptive_copy;
    bool poll_before_block;
    uint32_t offload;
    uint32_t dedicated_cpu;
    uint32_t offload_core;
    uint32_t offload_full;
    bool idle_switching;
    uint64_t hysteresis_ns;
    uint32_t request_slots;
    uint32_t page_bytes;
    uint32_t spare_pages;
    uint32_t flow_table;
    uint32_t max_flows;
    bool warm;
    uint32_t control_cpu;
    uint64_t nic_irq_gap_ns;
    bool dma;
    uint32_t dma_min_bytes;
    uint32_t dma_channels;
    uint32_t dma_descs;
    bool zero_copy_tx;
    uint32_t max_in_flight_pkts;
    uint32_t resume_percent;
    uint32_t at_cap;
    bool mask_congested;
    bool abort;
};

struct hyper {
    struct hyper_params p;
    struct vsw_switch *sw;
    struct vsw_tx_timer_rule tx_rule;
    struct vsw_rx_timer_rule rx_rule;
    struct vsw_kswitch flows;           /* Data and control plane. */
    struct vsw_backlog resumed;         /* From the control plane, and */
    struct vsw_worker resume;           /* who puts them to their receivers. */
    struct hyper_vnic *vnics;           /* By port. */
    uint32_t n_vnics;
    struct hyper_cpu *cpus;             /* By CPU of the machine; those
                                         * without a unit are empty. */
    uint32_t n_cpus;
    struct vsw_nic_relay *relays;       /* Driver domain, one per wire. */
    struct vsw_offload *offload;
    struct vsw_congestion *congestion;  /* NULL: no cap. */
    struct vsw_dma dma;                 /* Without it, no channels. */
    struct hyper_lend *lends;           /* By wire; NULL: packets are copied
                                         * into the driver domain. */
    uint32_t *n_dma_from;               /* Of all receivers. */
    uint32_t *dma_to;                   /* Receiver, by packet. */
    struct hyper_counters n;
    bool is_ready;
};

/* --- params.c ------------------------------------------------------------ */

/* Of control_cpu: the lowest that no guest has. */
#define HYPER_ANY_CPU 65535

extern const struct vsw_param hyper_params[];

/* What of the parameters does not go together: the name of one, with 'reason'
 * filled, or NULL. */
const char *hyper_check_params(const void *state,
                               const struct vsw_model_facts *facts,
                               char reason[VSW_MODEL_REASON_BYTES]);

/* --- control.c ----------------------------------------------------------- */

int hyper_start_control_plane(struct hyper *h, struct vsw_error *err);

/* --- transmit.c ---------------------------------------------------------- */

void hyper_init_tx(struct hyper_vnic *v);

/* Switches one packet of 'from': one step, as an idle worker's function. */
enum vsw_idle_result hyper_switch_packet(struct hyper_hands *hands,
                                         struct hyper_vnic *from,
                                         struct vsw_worker *worker);

/* Packets that wait in the transmit ring. */
uint32_t hyper_n_pending(struct hyper_vnic *v);

/* Sends 'pkt' to where the flow table says; on 'unit', at sync. */
void hyper_route(struct hyper *h, uint32_t pkt, uint32_t out_port,
                 struct vsw_unit *unit);

/* Gives the sender's buffers back to it: the transmit completion. */
void hyper_complete(struct hyper *h, uint32_t in_port, uint32_t bufs);
bool hyper_kick(struct vsw_vnic *vnic, struct vsw_worker *worker);

/* --- receive.c ----------------------------------------------------------- */

void hyper_init_rx(struct hyper_vnic *v);

/* Packets on their way to the guest's ring, whoever copies them. */
uint32_t hyper_n_waiting(const struct hyper_vnic *v);

/* Whether the guest has posted enough for 'pkt', beside what is taken. */
bool hyper_has_room(const struct hyper_vnic *to, uint32_t pkt,
                    struct vsw_unit *unit);

/* 'pkt' is for 'to'; on 'unit', at sync. */
void hyper_put(struct hyper_vnic *to, uint32_t pkt, struct vsw_unit *unit);

/* Notifies the guest, whose CPU then copies up to 'max_copies'. */
void hyper_notify(struct hyper_vnic *v, struct vsw_unit *unit,
                  uint32_t max_copies);

/* Copies one packet of 'to': one step, as an idle worker's function. */
enum vsw_idle_result hyper_copy_packet(struct hyper_hands *hands,
                                       struct hyper_vnic *to,
                                       struct vsw_worker *worker,
                                       enum hyper_place place);

/* The copies that the CPU of 'v' owed have ended; at sync. */
void hyper_end_copies(struct hyper_vnic *v, struct vsw_unit *unit);
bool hyper_before_block(struct vsw_vnic *vnic, struct vsw_worker *worker);

/* --- dma_copy.c ---------------------------------------------------------- */

int hyper_start_dma(struct hyper *h, struct vsw_error *err);
void hyper_stop_dma(struct hyper *h);

/* Hands packets of 'to' to the DMA engine, and asks an idle CPU to copy what
 * is left; on 'unit', at sync. */
void hyper_hand_over(struct hyper_vnic *to, struct vsw_unit *unit);

/* Whether 'pkt' would overtake one of its sender that the engine has. */
bool hyper_must_wait_for_dma(const struct hyper_vnic *to, uint32_t pkt);

/* One step of asking the engine what it has copied for 'v', and of giving
 * that to the guest. */
void hyper_reap(struct hyper_vnic *v, struct vsw_worker *worker);

/* --- lend.c -------------------------------------------------------------- */

int hyper_start_lending(struct hyper *h, struct vsw_error *err);
void hyper_stop_lending(struct hyper *h);

/* What the relay of 'wire' needs for it, or NULL. */
const struct vsw_nic_relay_lender *hyper_lender(const struct hyper *h,
                                                uint32_t wire);

/* Whether the pages of 'pkt' are lent to 'to' rather than copied. */
bool hyper_lends(const struct hyper_vnic *to, uint32_t pkt);

/* Mapping so many pages, ... */
void hyper_charge_lend(struct vsw_unit *unit, uint32_t n_pages);
/* ... and, at sync, that those of 'pkt' are mapped, ... */
void hyper_lend(struct hyper_vnic *to, uint32_t pkt);
/* ... in whose place the chain 'bufs' of the receiver's is laid aside. */
void hyper_set_aside(struct hyper_vnic *to, uint32_t bufs);

/* --- hypervisor.c -------------------------------------------------------- */

int hyper_start_hypervisor(struct hyper_cpu *c);

/* Lets the hypervisor on the CPU of 'v' see to what is due there. */
void hyper_wake(struct hyper_vnic *v);

/* A timer interrupts 'unit', at sync: charges the entry if it stops a vCPU. */
void hyper_enter_by_timer(const struct hyper_vnic *v, struct vsw_unit *unit);

/* --- idle_cpus.c --------------------------------------------------------- */

int hyper_start_idle(struct hyper_cpu *c);
void hyper_stop_idle(struct hyper_cpu *c);

/* Asks an idle CPU to copy for 'to'; on 'unit', at sync. */
void hyper_offload(struct hyper_vnic *to, struct vsw_unit *unit);

/* Something was published to a transmit ring. */
void hyper_tell_pollers(const struct hyper *h);

/* --- counters.c ---------------------------------------------------------- */

int hyper_add_counters(struct hyper *h);

#endif
