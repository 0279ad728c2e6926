/* A port of the live switch: a network interface through an AF_PACKET socket,
 * and the frames that wait to leave through it.
 *
 * Frames carry the header that the kernel gives and takes with them
 * (PACKET_VNET_HDR), so that checksums which hardware was to fill in, and TCP
 * segments of up to 64 KiB, pass as they are.
 *
 * Left out: VLAN tags.  The kernel takes them out of frames; such frames are
 * counted and dropped. */
#ifndef LIVE_SWITCH_PORT_H
#define LIVE_SWITCH_PORT_H

#include <stddef.h>
#include <stdint.h>

/* The kernel's header and the frame after it. */
struct frame {
    size_t n_bytes;             /* Both. */
    unsigned char *bytes;
};

struct port_stats {
    uint64_t n_rx_pkts;
    uint64_t n_tagged;          /* Dropped: they had a VLAN tag. */
    uint64_t n_tx_pkts;
    uint64_t n_tx_drops;        /* Not taken by the kernel. */
    uint64_t n_batches;
    uint64_t max_batch_pkts;
};

struct port {
    const char *name;           /* Borrowed. */
    int fd;
    struct frame *queue;        /* Owned; 'max_queued' of them. */
    uint32_t n_queued;
    uint32_t max_queued;
    struct port_stats stats;
};

/* Opens the interface 'name' with a queue of 'max_queued' frames.  Returns 0
 * or a negative errno value; port_close() undoes it either way. */
int port_open(struct port *port, const char *name, uint32_t max_queued);
void port_close(struct port *port);

/* Takes up to 'n' frames that arrived into 'frames', each with room for
 * PORT_FRAME_BYTES.  Returns how many. */
#define PORT_FRAME_BYTES (65536 + 64)
uint32_t port_receive(struct port *port, struct frame frames[], uint32_t n);

/* The Ethernet frame in 'frame', and its length in '*n_bytes'. */
const void *port_ethernet(const struct frame *frame, size_t *n_bytes);

/* Queues a copy of 'frame'.  Counts a drop if the queue is full. */
void port_queue(struct port *port, const struct frame *frame);

/* Sends the first 'n' queued frames, as one batch. */
void port_send(struct port *port, uint32_t n);

#endif
