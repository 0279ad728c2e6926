/* Inside netback: a thread works in phases, each a function that returns true
 * when it is over, and false when the thread must end its call and come back
 * to the same phase. */
#ifndef MECH_NETBACK_IMPL_H
#define MECH_NETBACK_IMPL_H

#include <vswsim/netback.h>

enum {
    NETBACK_RECEIVE,            /* What a thread does for a vNIC, in turn. */
    NETBACK_FINISH,
    NETBACK_TRANSMIT,
    NETBACK_N_JOBS,
};

typedef bool (*netback_phase_fn)(struct vsw_netback_thread *t);

/* Takes a batch of what waits; false if there is nothing.  At sync. */
bool netback_take_receive(struct vsw_netback_thread *t,
                          struct vsw_netback_vif *vif);
bool netback_take_finish(struct vsw_netback_thread *t,
                         struct vsw_netback_vif *vif);
bool netback_take_transmit(struct vsw_netback_thread *t,
                           struct vsw_netback_vif *vif);

bool netback_receive_copy(struct vsw_netback_thread *t);
bool netback_receive_give(struct vsw_netback_thread *t);
bool netback_receive_notify(struct vsw_netback_thread *t);
bool netback_finish_unmap(struct vsw_netback_thread *t);
bool netback_finish_respond(struct vsw_netback_thread *t);
bool netback_finish_notify(struct vsw_netback_thread *t);
bool netback_transmit_get(struct vsw_netback_thread *t);
bool netback_transmit_send(struct vsw_netback_thread *t);
bool netback_transmit_notify(struct vsw_netback_thread *t);

/* Runs the hypercall at hand. */
bool netback_run_call(struct vsw_netback_thread *t);

/* Begins a hypercall on the items of the batch. */
void netback_begin_call(struct vsw_netback_thread *t, enum vsw_grant_op op);

/* Sends an event to the guest of the batch. */
bool netback_notify(struct vsw_netback_thread *t);

/* Wakes a thread for what 'unit' has put before it. */
void netback_wake(struct vsw_netback_thread *t, struct vsw_unit *unit);

/* Nobody uses the pages 'held', or the buffers 'buf', any more. */
void netback_let_go(struct vsw_netback *nb, struct vsw_unit *unit,
                    const struct vsw_netback_held *held, uint32_t buf);

/* Gives back 'n_slots' from 'slot' on, which were answered. */
void netback_answer(struct vsw_netback_vif *vif, uint32_t slot,
                    uint32_t n_slots);

static inline bool
netback_by_guest(const struct vsw_netback *nb)
{
    return nb->setup.scheme != VSW_GRANT_ORIGINAL;
}

/* Packets to send copied into the driver domain, not mapped? */
static inline bool
netback_copies_tx(const struct vsw_netback *nb)
{
    return nb->setup.tx == VSW_NETBACK_COPY;
}

/* Bytes of page number 'i' of a packet. */
static inline uint32_t
netback_page_bytes(const struct vsw_pkt *pkt, uint32_t buf_bytes, uint32_t i)
{
    uint32_t left = vsw_pkt_data_bytes(pkt) - i * buf_bytes;

    return left < buf_bytes ? left : buf_bytes;
}

/* Of netback_thread.c: what a thread does, and an event from a guest, and one
 * of a guest that starved and has posted buffers. */
void netback_thread_work(void *owner, struct vsw_worker *worker);
void netback_take_event(void *aux, struct vsw_worker *worker);
void netback_take_refill(void *owner, struct vsw_worker *worker);

/* Of netback_vnic.c. */
extern const struct vsw_vnic_ops netback_vnic_ops;

/* It is the turn of softirqs on the vCPU of 't' that have more to do. */
void netback_resume_nics(struct vsw_netback_thread *t);

int netback_start_nics(struct vsw_netback *nb, struct vsw_error *err);
void netback_fini_nics(struct vsw_netback *nb);
void netback_queue_to_nic(struct vsw_netback *nb, struct vsw_unit *unit,
                          uint32_t pkt, uint32_t port);

#endif
