/* The emulation core of sNICh's prototype: one CPU that does in software what
 * the NIC would, and polls all virtual NICs round robin.
 *
 * A visit to a vNIC takes what has gathered there, up to a burst: copies the
 * headers, looks the flow up in the hash table, and sorts the packet by what
 * its rule says.  Then the core copies packets from guest to guest and
 * interrupts the receivers, each no more often than moderation lets it.
 *
 * With several classes it visits all vNICs before it copies, those of the
 * highest class first, and no more than one burst holds, so that under
 * overload the lower classes wait, up to their share of places, and are lost
 * beyond that.
 *
 * Costs: VRING_AVAIL, VRING_DESC, VRING_USED, VRING_EMPTY; COPY_CALL,
 * COPY_BYTE; FLOW_EXTRACT, HASH_SOFT, EMC_LOOKUP; those of notifications. */
#ifndef MODELS_SNICH_EMULATION_H
#define MODELS_SNICH_EMULATION_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/control_plane.h>
#include <vswsim/error.h>
#include <vswsim/irqmod.h>
#include <vswsim/nic_rules.h>
#include <vswsim/switch.h>
#include <vswsim/tx_window.h>
#include <vswsim/worker.h>

/* Classes of service that are told apart. */
#define SNICH_MAX_CLASSES (VSW_ACL_MAX_CLASS + 1)

struct snich_emulation_setup {
    uint32_t burst_pkts;
    uint32_t header_bytes;
    uint64_t irq_gap_ns;
    uint32_t n_classes;
};

/* A packet that was taken and not copied yet. */
struct snich_taken {
    uint32_t pkt;
    uint32_t queue;         /* Where it came from; VSW_NONE: back from the
                             * control plane. */
    uint32_t slot;
    uint32_t n_slots;
    uint32_t port;          /* Where it goes. */
};

/* Packets of one class, in order of arrival. */
struct snich_class {
    struct snich_taken *taken;
    uint32_t head;          /* Free-running. */
    uint32_t tail;
};

/* A queue pair of a guest. */
struct snich_vnic {
    struct vsw_vnic *vnic;
    struct vsw_queue *queue;
    struct vsw_tx_window window;
    struct vsw_irqmod irqmod;
    struct vsw_timer timer;
    struct snich_emulation *emulation;
    bool freed;             /* Since the last notification: TX slots, ... */
    bool received;          /* ... or packets that are not published yet. */
    bool owed;              /* An interrupt may be due. */
};

enum snich_state {
    SNICH_TAKE,
    SNICH_MOVE,
    SNICH_PUBLISH,
    SNICH_NOTIFY,
};

struct snich_emulation {
    struct vsw_worker worker;
    struct vsw_switch *sw;
    struct vsw_nic_rules *rules;
    struct vsw_control_plane *control;
    struct snich_emulation_setup setup;
    struct vsw_source *sources;     /* Queues, then the control plane. */
    struct snich_vnic *vnics;
    uint32_t n_vnics;
    struct snich_class classes[SNICH_MAX_CLASSES];
    uint32_t class_mask;            /* Places of each class - 1. */

    enum snich_state state;
    bool in_round;
    uint32_t at;                    /* Source or vNIC at hand ... */
    uint32_t n_left;                /* ... and how many follow. */
    bool visiting;                  /* It was looked at. */
    uint32_t n_more;                /* Slots that were seen and not taken. */
    uint32_t n_taken;               /* Packets of this visit. */
    uint32_t n_moved;
    uint32_t n_done_bytes;          /* Of the packet that is copied. */
    uint32_t to_slot;
    bool copying;
    bool asking;                    /* It goes to the control plane. */
    struct snich_taken asked;
};

/* Starts the loop on the first CPU of 'sw', whose ports exist.  Returns 0, or
 * a negative errno value with 'err' filled. */
int snich_emulation_start(struct snich_emulation *e, struct vsw_switch *sw,
                          struct vsw_nic_rules *rules,
                          struct vsw_control_plane *control,
                          const struct snich_emulation_setup *setup,
                          struct vsw_error *err);
void snich_emulation_fini(struct snich_emulation *e);

#endif
