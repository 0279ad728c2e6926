/* A guest that sends and receives by interrupts and calls all operations of
 * its backend, as a kernel's driver does, without a network stack. */
#ifndef FAKE_GUEST_H
#define FAKE_GUEST_H

#include <vswsim/switch.h>
#include <vswsim/vnic.h>

struct fake_guest {
    struct vsw_switch *sw;
    struct vsw_vnic *vnic;
    struct vsw_worker worker;
    uint32_t flow;              /* Of the packets that it sends. */
    uint32_t frame_bytes;
    uint32_t n_to_send;
    uint32_t n_sent;
    uint32_t n_received;
    uint32_t step;
    uint32_t pkt;               /* At hand. */
    uint32_t slot;
    uint32_t n_slots;
    uint32_t n_taken_back;      /* Slots of the transmit ring. */
};

/* Starts 'guest' at port 'port' of 'sw', to send 'n_to_send' packets. */
void fake_guest_start(struct fake_guest *guest, struct vsw_switch *sw,
                      uint32_t port, uint32_t flow, uint32_t frame_bytes,
                      uint32_t n_to_send);

#endif
