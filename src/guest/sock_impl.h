/* What the files of the sockets share. */
#ifndef GUEST_SOCK_IMPL_H
#define GUEST_SOCK_IMPL_H

#include <vswsim/sock.h>

#define NS_OF(unit) ((unit)->local_ps / 1000)

/* Queues 'sock' for output. */
void vsw_sock_want_output(struct vsw_sockset *set, struct vsw_sock *sock);

/* Lets its application run if it has something to do at 'now_ns'. */
void vsw_sock_want_app(struct vsw_sockset *set, struct vsw_sock *sock,
                       uint64_t now_ns);

/* Whether the application has. */
bool vsw_sock_app_ready(const struct vsw_sockset *set,
                        const struct vsw_sock *sock, uint64_t now_ns);

/* Looks, from 'next_msg' on, for a message of a talk that is its own. */
void vsw_sock_seek_msg(const struct vsw_dialogs *dialogs,
                       struct vsw_sock *sock);

/* Bytes of datagrams that wait in a socket, to be sent or read. */
#define VSW_UDP_BUF_BYTES 212992u

#endif
