/* What applications do with their sockets, a system call at a time. */
#include "guest/sock_impl.h"

#include <assert.h>

/* A sender that waits for room is woken when this part of its buffer is free
 * (Linux, sk_stream_write_space()). */
#define WAKE_DIVISOR 3

/* --- When there is something to do --------------------------------------- */

static bool
has_room(const struct vsw_sock *sock)
{
    uint32_t room = vsw_tcp_room(&sock->tcp);

    return sock->tcp.state == VSW_TCP_ESTABLISHED
           && (sock->blocked
                   ? room >= sock->tcp.setup.send_buf_bytes / WAKE_DIVISOR
                   : room > 0);
}

/* In a talk: it has something to say, and heard what comes before. */
static bool
has_turn(const struct vsw_sock *sock)
{
    return !sock->silent && sock->n_pending >= sock->n_awaited;
}

static bool
udp_ready(const struct vsw_sockset *set, const struct vsw_sock *sock,
          uint64_t now_ns)
{
    uint32_t n_bytes = set->dialogs->setup.payload_bytes;

    return sock->side == 0 ? sock->due_ns <= now_ns
                                 && sock->n_unsent + n_bytes
                                        <= VSW_UDP_BUF_BYTES
                           : sock->n_pending >= n_bytes;
}

bool
vsw_sock_app_ready(const struct vsw_sockset *set, const struct vsw_sock *sock,
                   uint64_t now_ns)
{
    bool readable = vsw_tcp_n_readable(&sock->tcp) > 0;

    switch (set->dialogs->setup.kind) {
    case VSW_DIALOG_STREAM:
        return sock->side == 0 ? has_room(sock) : readable;
    case VSW_DIALOG_REQUEST:
        if (sock->side == 0) {
            return sock->waits_for_answer ? readable : has_room(sock);
        }
        return readable || (sock->n_unsent > 0 && has_room(sock));
    case VSW_DIALOG_TALK:
        return readable || (has_turn(sock) && has_room(sock));
    case VSW_DIALOG_UDP:
        break;
    }
    return udp_ready(set, sock, now_ns);
}

/* --- Plans --------------------------------------------------------------- */

static uint32_t
least(uint64_t a, uint64_t b)
{
    return (uint32_t) (a < b ? a : b);
}

static const struct vsw_workload_msg *
next_msg(const struct vsw_dialogs *dialogs, const struct vsw_sock *sock)
{
    return &dialogs->list[sock->dialog].msgs[sock->next_msg];
}

/* Bytes of the next message of 'sock', if it has begun none. */
static uint32_t
message_bytes(const struct vsw_sockset *set, const struct vsw_sock *sock)
{
    const struct vsw_dialog_setup *setup = &set->dialogs->setup;

    if (setup->kind == VSW_DIALOG_TALK) {
        return next_msg(set->dialogs, sock)->n_bytes;
    }
    if (sock->side == 1) {
        return 0;
    }
    return setup->kind == VSW_DIALOG_REQUEST ? setup->request_bytes
                                             : setup->payload_bytes;
}

/* Whether the next step of 'sock' reads. */
static bool
will_read(const struct vsw_sockset *set, const struct vsw_sock *sock)
{
    if (set->dialogs->setup.kind == VSW_DIALOG_TALK) {
        return vsw_tcp_n_readable(&sock->tcp) > 0;
    }
    if (sock->side == 0) {
        return set->dialogs->setup.kind == VSW_DIALOG_REQUEST
               && sock->waits_for_answer;
    }
    return sock->n_unsent == 0;
}

static void
plan_tcp(const struct vsw_sockset *set, const struct vsw_sock *sock,
         struct vsw_app_step *plan)
{
    if (will_read(set, sock)) {
        plan->n_read = least(vsw_tcp_n_readable(&sock->tcp),
                             set->dialogs->setup.read_bytes);
    } else {
        plan->n_written = least(sock->n_unsent ? sock->n_unsent
                                               : message_bytes(set, sock),
                                vsw_tcp_room(&sock->tcp));
    }
}

struct vsw_app_step
vsw_sockset_plan_app(const struct vsw_sockset *set,
                     const struct vsw_unit *unit)
{
    struct vsw_sock *sock = set->apps.first;
    struct vsw_app_step plan = {.sock = sock, .begun_ps = unit->local_ps};

    if (!sock) {
        return plan;
    }
    plan.woken = sock->blocked;
    if (set->dialogs->setup.kind != VSW_DIALOG_UDP) {
        plan_tcp(set, sock, &plan);
    } else if (sock->side == 0) {
        plan.n_written = set->dialogs->setup.payload_bytes;
    } else {
        plan.n_read = set->dialogs->setup.payload_bytes;
    }
    return plan;
}

/* --- Steps --------------------------------------------------------------- */

static void
count_read(struct vsw_dialogs *dialogs, const struct vsw_sock *sock,
           const struct vsw_unit *unit, uint32_t n_bytes)
{
    if (vsw_unit_in_window(unit)) {
        dialogs->list[sock->dialog].n_bytes[sock->side] += n_bytes;
    }
}

static void
finish_transaction(struct vsw_dialogs *dialogs, struct vsw_sock *sock,
                   const struct vsw_unit *unit)
{
    sock->n_pending = 0;
    sock->waits_for_answer = false;
    if (vsw_unit_in_window(unit)) {
        dialogs->list[sock->dialog].n_transactions++;
        vsw_histogram_add(dialogs->transaction_ps,
                          unit->local_ps - sock->asked_ps);
    }
}

/* What the message that was read, maybe in part, makes of a dialog of requests
 * and responses. */
static void
take_message(struct vsw_dialogs *dialogs, struct vsw_sock *sock,
             const struct vsw_unit *unit, struct vsw_app_step *step)
{
    const struct vsw_dialog_setup *setup = &dialogs->setup;

    sock->n_pending += step->n_read;
    if (sock->side == 0) {
        if (sock->n_pending >= setup->response_bytes) {
            finish_transaction(dialogs, sock, unit);
            step->n_done = 1;
        }
        return;
    }
    while (sock->n_pending >= setup->request_bytes) {
        sock->n_pending -= setup->request_bytes;
        sock->n_unsent += setup->response_bytes;
        step->n_served++;
    }
}

static void
read_step(struct vsw_sockset *set, struct vsw_sock *sock,
          const struct vsw_unit *unit, struct vsw_app_step *step)
{
    vsw_tcp_read(&sock->tcp, step->n_read);
    count_read(set->dialogs, sock, unit, step->n_read);
    if (set->dialogs->setup.kind == VSW_DIALOG_REQUEST) {
        take_message(set->dialogs, sock, unit, step);
    } else if (set->dialogs->setup.kind == VSW_DIALOG_TALK) {
        sock->n_pending += step->n_read;
    }
}

void
vsw_sock_seek_msg(const struct vsw_dialogs *dialogs, struct vsw_sock *sock)
{
    const struct vsw_dialog *dialog = &dialogs->list[sock->dialog];

    for (uint32_t i = 0; i <= dialog->n_msgs; i++) {
        if (sock->next_msg == dialog->n_msgs) {
            sock->next_msg = 0;
            sock->n_loops++;
            if (sock->n_loops == dialogs->setup.n_loops) {
                break;
            }
        }
        if (next_msg(dialogs, sock)->side == sock->side) {
            return;
        }
        sock->n_awaited += next_msg(dialogs, sock)->n_bytes;
        sock->next_msg++;
    }
    sock->silent = true;
}

static void
write_step(struct vsw_sockset *set, struct vsw_sock *sock,
           const struct vsw_app_step *step)
{
    if (sock->n_unsent == 0) {
        sock->n_unsent = message_bytes(set, sock);
        sock->asked_ps = step->begun_ps;
    }
    vsw_tcp_write(&sock->tcp, step->n_written);
    sock->n_unsent -= step->n_written;
    if (set->dialogs->setup.kind == VSW_DIALOG_REQUEST && sock->side == 0) {
        sock->waits_for_answer = sock->n_unsent == 0;
    } else if (set->dialogs->setup.kind == VSW_DIALOG_TALK
               && sock->n_unsent == 0) {
        sock->next_msg++;
        vsw_sock_seek_msg(set->dialogs, sock);
    }
}

static void
udp_step(struct vsw_sockset *set, struct vsw_sock *sock,
         const struct vsw_unit *unit, const struct vsw_app_step *step)
{
    const struct vsw_dialog_setup *setup = &set->dialogs->setup;

    if (sock->side == 1) {
        sock->n_pending -= step->n_read;
        count_read(set->dialogs, sock, unit, step->n_read);
        return;
    }
    sock->n_unsent += step->n_written;
    sock->due_ns += setup->gap_ns;
    if (setup->gap_ns > 0 && sock->due_ns < set->deadline_ns) {
        set->deadline_ns = sock->due_ns;
    }
}

struct vsw_app_step
vsw_sockset_run_app(struct vsw_sockset *set, const struct vsw_unit *unit,
                    const struct vsw_app_step *plan)
{
    struct vsw_app_step step = *plan;
    struct vsw_sock *sock = plan->sock;
    uint64_t now_ns = NS_OF(unit);

    assert(sock && sock == set->apps.first);
    set->apps.first = sock->next_app;
    sock->in_apps = false;
    sock->blocked = false;
    if (set->dialogs->setup.kind == VSW_DIALOG_UDP) {
        udp_step(set, sock, unit, &step);
    } else if (step.n_read > 0) {
        read_step(set, sock, unit, &step);
    } else {
        write_step(set, sock, &step);
    }
    vsw_sock_want_output(set, sock);
    sock->blocked = !vsw_sock_app_ready(set, sock, now_ns);
    vsw_sock_want_app(set, sock, now_ns);
    return step;
}
