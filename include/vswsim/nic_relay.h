/* Relay: a driver domain that carries packets between a NIC and its own
 * virtual NIC, without a network stack.
 *
 * Its vCPU runs when the NIC or the backend of the virtual NIC interrupts it,
 * polls both as NAPI does, a burst of each by turns, and blocks when both are
 * empty, unless the backend says that it must stay.  Buffers change hands
 * between the two rings: the relay copies nothing.  A ring that is full makes
 * the other wait; a NIC whose receive ring is full loses frames.
 *
 * The NIC masks its interrupt until the relay has emptied it; one that waits
 * for room to send is interrupted when there is some.
 *
 * With a lender, packets from the virtual NIC may lie in pages of others,
 * which have taken the place of the relay's own.  It tells the lender when the
 * NIC has sent them: for as many packets as a burst has, or when the NIC
 * interrupts it for that.
 *
 * Costs: NIC_RX_BATCH, NIC_RX_PKT, NIC_TX_BATCH, NIC_TX_PKT, DOORBELL; as any
 * guest's driver GUEST_RX_POLL, GUEST_RX_PKT, GUEST_TX_DESC; those of
 * notify.h.
 *
 * Source: Ram, PhD thesis, Rice University, section 4.3: the driver domain of
 * Hyper-Switch.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_NIC_RELAY_H
#define VSWSIM_NIC_RELAY_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/error.h>
#include <vswsim/port.h>
#include <vswsim/switch.h>
#include <vswsim/vnic.h>

VSW_EXTERN_C_BEGIN

/* Whoever lends pages. */
struct vsw_nic_relay_lender {
    bool (*is_lent)(void *aux, uint32_t buf);
    /* Returns a chain of pages of the relay's that were displaced, to lie
     * behind the 'n' slots of a packet that the NIC has sent. */
    uint32_t (*own)(void *aux, uint32_t n);
    /* Takes the chain 'bufs' that lay there. */
    void (*take_back)(void *aux, uint32_t bufs);
    /* Gives what was taken back to those who have lent it, in a hypercall of
     * 'worker'.  False: the call must end, and ask again. */
    bool (*give_back)(void *aux, struct vsw_worker *worker);
    void *aux;
};

struct vsw_nic_relay_setup {
    struct vsw_unit *unit;      /* CPU of the driver domain's vCPU ... */
    struct vsw_task *task;      /* ... and that, if it is shared. */
    uint32_t domain;            /* The driver domain. */
    struct vsw_port *port;      /* Of the NIC; borrowed. */
    uint32_t burst_pkts;        /* Most packets of one ring at a time. */
    const struct vsw_nic_relay_lender *lender;  /* Borrowed; NULL: none. */
    uint64_t sent_gap_ns;       /* Least time between two interrupts for what
                                 * was sent, with a lender. */
};

struct vsw_nic_relay {
    struct vsw_nic_relay_setup setup;
    struct vsw_switch *sw;
    struct vsw_vnic vnic;       /* Its own; 'ops' are set by the backend. */
    struct vsw_queue queue;     /* Behind it. */
    struct vsw_bufpool pool;    /* Between slots. */
    struct vsw_worker worker;
    struct vsw_virq nic_irq;
    struct vsw_worker room;     /* Notes that the NIC has room again. */
    struct vsw_source room_source;
    struct vsw_flag irq_wanted; /* By the virtual NIC's side. */
    uint32_t *sent;             /* With a lender: slots of the packet that
                                 * begins at each slot to the NIC. */
    uint32_t reclaimed;         /* Count of those slots. */
    bool sent_due;              /* The NIC has interrupted for them. */
    bool gives_back;
    struct vsw_worker on_sent;
    struct vsw_source sent_source;
    bool nic_masked;
    bool asks;                  /* The backend, with irq_wanted just set. */
    bool kick_due;
    bool sends_next;            /* The next burst goes to the NIC. */
    uint64_t n_to_nic;          /* Packets, the whole run. */
    uint64_t n_from_nic;
};

/* Buffers that a relay takes from those of 'sw'. */
VSW_API uint32_t vsw_nic_relay_n_bufs(const struct vsw_switch *sw);

/* Makes a relay and its virtual NIC, whose 'ops' and 'backend' the caller then
 * sets.  Returns 0, or a negative errno value with 'err' filled. */
VSW_API int vsw_nic_relay_init(struct vsw_nic_relay *relay,
                               struct vsw_switch *sw,
                               const struct vsw_nic_relay_setup *setup,
                               struct vsw_error *err);

/* Adds its workers to its unit.  Returns 0 or -ENOMEM. */
VSW_API int vsw_nic_relay_start(struct vsw_nic_relay *relay);
VSW_API void vsw_nic_relay_fini(struct vsw_nic_relay *relay);

VSW_EXTERN_C_END

#endif
