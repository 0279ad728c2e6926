#include "port.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <sys/socket.h>

#define HEADER_BYTES sizeof(struct virtio_net_hdr)
#define MAX_BURST    64
#define SOCKET_BYTES (8 << 20)

static int
set_option(int fd, int option, int value)
{
    return setsockopt(fd, SOL_PACKET, option, &value, sizeof value)
               ? -errno : 0;
}

static int
listen_to_all(int fd, int ifindex)
{
    struct packet_mreq mreq = { .mr_ifindex = ifindex,
                                .mr_type = PACKET_MR_PROMISC };

    return setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &mreq,
                      sizeof mreq) ? -errno : 0;
}

static int
bind_to(int fd, int ifindex)
{
    struct sockaddr_ll addr = { .sll_family = AF_PACKET,
                                .sll_protocol = htons(ETH_P_ALL),
                                .sll_ifindex = ifindex };

    return bind(fd, (const struct sockaddr *) &addr, sizeof addr)
               ? -errno : 0;
}

/* Options come before the bind, with which frames begin to arrive. */
static int
open_socket(struct port *port)
{
    int ifindex = (int) if_nametoindex(port->name);
    int size = SOCKET_BYTES;
    int error;

    if (ifindex == 0) {
        return -errno;
    }
    port->fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (port->fd < 0) {
        return -errno;
    }
    /* More room than the default is welcome but not needed. */
    setsockopt(port->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    error = set_option(port->fd, PACKET_VNET_HDR, 1);
    error = error ? error : set_option(port->fd, PACKET_AUXDATA, 1);
    error = error ? error : set_option(port->fd, PACKET_IGNORE_OUTGOING, 1);
    error = error ? error : listen_to_all(port->fd, ifindex);
    return error ? error : bind_to(port->fd, ifindex);
}

int
port_open(struct port *port, const char *name, uint32_t max_queued)
{
    *port = (struct port) { .name = name, .fd = -1 };
    port->queue = calloc(max_queued, sizeof *port->queue);
    if (!port->queue) {
        return -ENOMEM;
    }
    port->max_queued = max_queued;
    for (uint32_t i = 0; i < max_queued; i++) {
        port->queue[i].bytes = malloc(PORT_FRAME_BYTES);
        if (!port->queue[i].bytes) {
            return -ENOMEM;
        }
    }
    return open_socket(port);
}

void
port_close(struct port *port)
{
    for (uint32_t i = 0; i < port->max_queued; i++) {
        free(port->queue[i].bytes);
    }
    free(port->queue);
    if (port->fd >= 0) {
        close(port->fd);
    }
}

static int
had_tag(struct msghdr *msg)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
        if (c->cmsg_level == SOL_PACKET && c->cmsg_type == PACKET_AUXDATA) {
            struct tpacket_auxdata aux;

            memcpy(&aux, CMSG_DATA(c), sizeof aux);
            return (aux.tp_status & TP_STATUS_VLAN_VALID) != 0;
        }
    }
    return 0;
}

/* Receives one frame.  Returns 1, or 0 if there is none. */
static int
receive_one(struct port *port, struct frame *frame)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
    } control;

    for (;;) {
        struct iovec iov = { frame->bytes, PORT_FRAME_BYTES };
        struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1,
                              .msg_control = &control,
                              .msg_controllen = sizeof control };
        ssize_t n = recvmsg(port->fd, &msg, 0);

        if (n < (ssize_t) HEADER_BYTES) {
            return 0;
        }
        port->stats.n_rx_pkts++;
        if (!had_tag(&msg) && !(msg.msg_flags & MSG_TRUNC)) {
            frame->n_bytes = (size_t) n;
            return 1;
        }
        port->stats.n_tagged++;
    }
}

uint32_t
port_receive(struct port *port, struct frame frames[], uint32_t n)
{
    uint32_t i = 0;

    while (i < n && receive_one(port, &frames[i])) {
        i++;
    }
    return i;
}

const void *
port_ethernet(const struct frame *frame, size_t *n_bytes)
{
    *n_bytes = frame->n_bytes - HEADER_BYTES;
    return frame->bytes + HEADER_BYTES;
}

void
port_queue(struct port *port, const struct frame *frame)
{
    struct frame *copy;

    if (port->n_queued == port->max_queued) {
        port->stats.n_tx_drops++;
        return;
    }
    copy = &port->queue[port->n_queued++];
    memcpy(copy->bytes, frame->bytes, frame->n_bytes);
    copy->n_bytes = frame->n_bytes;
}

/* Hands 'n' frames to the kernel in one call; those that it does not take are
 * lost, as on a full ring. */
static void
send_some(struct port *port, struct frame frames[], uint32_t n)
{
    struct mmsghdr msgs[MAX_BURST];
    struct iovec iovs[MAX_BURST];
    int n_sent;

    memset(msgs, 0, sizeof msgs);
    for (uint32_t i = 0; i < n; i++) {
        iovs[i] = (struct iovec) { frames[i].bytes, frames[i].n_bytes };
        msgs[i].msg_hdr.msg_iov = &iovs[i];
        msgs[i].msg_hdr.msg_iovlen = 1;
    }
    n_sent = sendmmsg(port->fd, msgs, n, 0);
    n_sent = n_sent < 0 ? 0 : n_sent;
    port->stats.n_tx_pkts += (uint32_t) n_sent;
    port->stats.n_tx_drops += n - (uint32_t) n_sent;
}

/* Removes the first 'n' frames from the queue, buffers included: those of the
 * rest move to the front, and theirs to the end. */
static void
shift_queue(struct port *port, uint32_t n)
{
    for (uint32_t i = n; i < port->n_queued; i++) {
        struct frame sent = port->queue[i - n];

        port->queue[i - n] = port->queue[i];
        port->queue[i] = sent;
    }
    port->n_queued -= n;
}

void
port_send(struct port *port, uint32_t n)
{
    n = n < port->n_queued ? n : port->n_queued;
    for (uint32_t i = 0; i < n; i += MAX_BURST) {
        uint32_t left = n - i;

        send_some(port, port->queue + i, left < MAX_BURST ? left : MAX_BURST);
    }
    port->stats.n_batches++;
    if (n > port->stats.max_batch_pkts) {
        port->stats.max_batch_pkts = n;
    }
    shift_queue(port, n);
}
