/* Kernel of a guest on one vCPU, with one queue pair: what its files share.
 *
 * One worker does all of it, a step at a time, in the order of importance:
 * what an operation of the backend interrupted; the kick; segments to send;
 * the softirq, which polls up to a budget; timers; applications.  With nothing
 * left it asks for interrupts, looks once more, and blocks. */
#ifndef GUEST_KERNEL_IMPL_H
#define GUEST_KERNEL_IMPL_H

#include <vswsim/guest.h>
#include <vswsim/gro.h>
#include <vswsim/pages.h>
#include <vswsim/sock.h>
#include <vswsim/vnic.h>

/* What a driver differs in. */
struct vsw_kernel_kind {
    enum vsw_entry entry;       /* How it enters the hypervisor. */
    uint64_t irq_gap_ns;        /* Least time between two interrupts, as the
                                 * device moderates them; 0: none. */
    bool cuts_segs;             /* No segmentation offload. */
    uint32_t n_spare_slots;     /* Of the transmit ring: with no more than
                                 * these free it stops, ... */
    uint32_t tx_quarters;       /* ... and asks to be told when so many
                                 * quarters of the slots in use have been
                                 * given back; 0: of each. */
};

/* How interrupts of the receive ring stand. */
enum kernel_irq {
    KERNEL_IRQ_OFF,         /* Masked: the softirq polls. */
    KERNEL_IRQ_HELD,        /* Moderated. */
    KERNEL_IRQ_ARMING,      /* Asked for, and the ring is to be looked at once
                             * more, at sync. */
    KERNEL_IRQ_ON,
};

/* Operations of the backend that may have to be asked for again. */
enum kernel_op {
    KERNEL_OP_NONE,
    KERNEL_OP_TX_GRANT,
    KERNEL_OP_TX_DONE,
    KERNEL_OP_RX_DONE,
    KERNEL_OP_RX_GRANT,
};

/* Receive buffers that are to be given back and posted. */
struct kernel_refill {
    uint32_t n_taken;           /* Slots taken out, whose buffers have not
                                 * been given back. */
    uint32_t n_to_post;         /* In the refill under way. */
    uint32_t target;            /* Buffers to keep posted; 0: all. */
    uint32_t pass_end;          /* Count of slots that were filled when this
                                 * pass over the ring began. */
    bool in_pass;
};

/* Payload that waits for an application. */
struct kernel_chunk {
    uint64_t addr;
    uint64_t page;              /* To be freed once it is read; 0: none. */
    uint64_t head;              /* Of the packet; likewise. */
    uint32_t n_bytes;
};

/* Memory that is gone through from its start to its end, again and again. */
struct kernel_region {
    uint64_t addr;
    uint32_t n_bytes;
    uint32_t at;
};

/* Where the kernel's own data lie; zero if its costs include them. */
struct kernel_data {
    uint64_t socks;             /* One after the other. */
    uint64_t *free_heads;       /* Of packets: last in, first out. */
    uint32_t n_free_heads;
    uint64_t *tx_heads;         /* Of the packet in each slot; 0: none. */
    uint32_t *tx_pieces;        /* Slots of its payload. */
    uint64_t sent_pages;        /* Structures of pages: of what is sent, ... */
    uint64_t received_pages;    /* ... and received. */
};

struct vsw_kernel {
    const struct vsw_kernel_kind *kind;
    struct vsw_guest *guest;
    struct vsw_switch *sw;
    struct vsw_vnic *vnic;
    struct vsw_queue *queue;
    struct vsw_unit *unit;
    struct vsw_worker worker;
    struct vsw_timer timer;
    uint64_t armed_ps;          /* Of the timer; VSW_NEVER. */

    /* Either of these: */
    struct vsw_sockset socks;   /* Dialogs, or ... */
    struct vsw_traffic traffic; /* ... packets of a trace. */
    bool has_socks;

    enum kernel_op op;
    uint32_t op_slot;
    uint32_t op_n_slots;
    bool kick_due;

    /* Receiving. */
    struct vsw_flag irq_wanted;
    enum kernel_irq irq;
    uint64_t irq_at_ps;         /* Of the last interrupt. */
    bool polls;                 /* The softirq is under way. */
    uint32_t n_polled;          /* Of its budget. */
    struct kernel_refill refill;
    struct vsw_gro gro;

    struct kernel_chunk *chunks;    /* In hierarchy mode, or NULL. */
    uint32_t chunks_in;         /* Free-running, as the next. */
    uint32_t chunks_out;
    struct vsw_pages pages;     /* Of received packets. */
    struct kernel_region user_in;   /* Where the application reads to, ... */
    struct kernel_region user_out;  /* ... and sends from with a copy. */
    struct kernel_region written;   /* Where the copy goes ... */
    struct kernel_region sent;      /* ... and what is sent lies. */
    struct kernel_data data;

    /* Sending. */
    uint32_t reclaimed;         /* Slots, free-running. */
    bool waits_for_slots;

    /* The application at hand. */
    struct vsw_app_step plan;
    uint32_t n_to_copy;
    uint32_t n_to_write;        /* Of these. */

    uint64_t n_blocks;
    uint64_t n_polls;
};

/* Each does one step and returns true, or returns false if there is nothing to
 * do.  One that cannot go on pauses the worker. */
bool vsw_kernel_send_step(struct vsw_kernel *k);
bool vsw_kernel_reclaim_step(struct vsw_kernel *k);
bool vsw_kernel_receive_step(struct vsw_kernel *k);
bool vsw_kernel_app_step(struct vsw_kernel *k);

/* Of kernel_refill.c.  Begins with what was posted at first; ... */
void vsw_kernel_init_refill(struct vsw_kernel *k);
/* ... notes that a packet is about to be taken out, ... */
void vsw_kernel_note_pass(struct vsw_kernel *k);
/* ... says if buffers are to be posted before the next packet, ... */
bool vsw_kernel_must_refill(const struct vsw_kernel *k);
/* ... and posts what is due, also at the end of a poll. */
void vsw_kernel_refill(struct vsw_kernel *k);
/* Goes on with it once the buffers taken out have been given back; at its end
 * they are posted. */
void vsw_kernel_refill_next(struct vsw_kernel *k);
void vsw_kernel_refill_done(struct vsw_kernel *k);

/* Of kernel_mem.c.  The first returns 0 or -ENOMEM. */
int vsw_kernel_init_mem(struct vsw_kernel *k);
void vsw_kernel_fini_mem(struct vsw_kernel *k);
void vsw_kernel_note_payload(struct vsw_kernel *k, uint32_t slot,
                             uint32_t payload_bytes, uint64_t head);
void vsw_kernel_read_payload(struct vsw_kernel *k, uint32_t n_bytes);
void vsw_kernel_write_payload(struct vsw_kernel *k, uint32_t n_bytes);
void vsw_kernel_place_payload(struct vsw_kernel *k, uint32_t slot,
                              uint32_t payload_bytes);

/* Of kernel_data.c: what it uses of its own data when it sends a segment of
 * 'sock' whose payload lies in the 'n_pieces' slots from 'slot' on; reclaims
 * what was sent from 'slot'; takes a packet, whose head is returned; is done
 * with a head; posts a page or is done with it; gives a segment to 'sock'. */
int vsw_kernel_init_data(struct vsw_kernel *k);
void vsw_kernel_fini_data(struct vsw_kernel *k);
void vsw_kernel_use_sent(struct vsw_kernel *k, const struct vsw_sock *sock,
                         uint32_t slot, uint32_t n_pieces);
void vsw_kernel_use_reclaimed(struct vsw_kernel *k, uint32_t slot);
uint64_t vsw_kernel_use_received(struct vsw_kernel *k);
void vsw_kernel_use_head(struct vsw_kernel *k, uint64_t head);
void vsw_kernel_use_page(struct vsw_kernel *k, uint64_t page);
void vsw_kernel_use_input(struct vsw_kernel *k, const struct vsw_sock *sock);

/* Asks the backend for 'op' on slots; false: not done, the call must end. */
bool vsw_kernel_ask(struct vsw_kernel *k, enum kernel_op op, uint32_t slot,
                    uint32_t n_slots);

/* Begins the softirq, with interrupts masked. */
void vsw_kernel_begin_poll(struct vsw_kernel *k);

/* Ends the call, to be called again. */
static inline void
vsw_kernel_pause(struct vsw_kernel *k)
{
    vsw_worker_go_on(&k->worker);
}

#endif
