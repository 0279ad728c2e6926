/* Netmap pipes: each two processes exchange packets by swapping slots.
 *
 * Source: Rizzo, netmap and VALE slides (2014); netmap_pipe.c.
 *
 * Modelled: ports 2i and 2i + 1 are the ends of a pipe; swaps in the sender's
 * system call; a sender that waits for room; one wake-up per batch.
 * Left out: flows to other ports, which no pipe connects: they are sent to
 * the other end; several pipes of a process. */
#include <errno.h>
#include <stdlib.h>

#include <vswsim/model.h>
#include <vswsim/netmap_pipe.h>
#include <vswsim/vnic.h>

struct pipes {
    struct vsw_netmap_pipe *pipes;      /* By port that sends; owned. */
    uint32_t buf_bytes;
};

static const struct vsw_param pipe_params[] = {
    VSW_PARAM_U32(struct pipes, buf_bytes, 2048, 512, 65536,
                  "bytes of a netmap buffer", "netmap, NETMAP_BUF_SIZE"),
    VSW_PARAM_END,
};

static bool
txsync(struct vsw_vnic *vnic, struct vsw_worker *worker)
{
    return vsw_netmap_pipe_txsync(vnic->backend, worker);
}

/* The sender may wait for the room that was made. */
static bool
wake_writer(struct vsw_vnic *vnic, struct vsw_worker *worker)
{
    const struct vsw_netmap_pipe *pipe = vnic->backend;

    return vsw_vnic_notify(pipe->to, worker);
}

static const struct vsw_vnic_ops end_ops = {
    .name = "netmap_pipe",
    .serves_processes = true,
    .kick = txsync,
    .rx_freed = wake_writer,
};

static uint32_t
pipe_n_cpus(uint32_t n_guests, uint32_t n_wires)
{
    (void) n_guests, (void) n_wires;
    return 0;
}

static int
pipe_init(struct vsw_switch *sw, struct vsw_error *err)
{
    struct pipes *pipes = vsw_switch_state(sw);
    int error;

    if (sw->n_ports % 2 || sw->n_queues != 1) {
        return vsw_error_set(err, VSW_ERROR_DATA, -EINVAL,
                             "netmap_pipe: pipes have two ends and one pair "
                             "of rings; use an even guests.n and "
                             "guests.n_cpus 1");
    }
    sw->has_plain_bufs = true;
    error = vsw_switch_make_ports(sw, pipes->buf_bytes, 0, err);
    if (error) {
        return error;
    }
    pipes->pipes = calloc(sw->n_ports, sizeof *pipes->pipes);
    if (!pipes->pipes || vsw_switch_add_port_memory(sw)) {
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "out of memory for netmap pipes");
    }
    for (uint32_t i = 0; !error && i < sw->n_ports; i++) {
        struct vsw_vnic *from = &sw->ports[i].vnics[0];
        struct vsw_vnic *to = &sw->ports[i ^ 1].vnics[0];

        error = vsw_netmap_pipe_init(&pipes->pipes[i], sw, from, to, err);
        from->ops = &end_ops;
        from->backend = &pipes->pipes[i];
        from->drain = &to->queue->rx;
    }
    return error;
}

static void
pipe_fini(struct vsw_switch *sw)
{
    struct pipes *pipes = vsw_switch_state(sw);

    free(pipes->pipes);
}

static const char *const pipe_drivers[] = {"netmap", NULL};

const struct vsw_model_ops vsw_model_netmap_pipe = {
    .name = "netmap_pipe",
    .title = "netmap pipes: pairs of processes that swap slots",
    .citation = "Rizzo, netmap and VALE slides, 2014",
    .modelled = "swaps in the sender's system call, a sender that waits for "
                "room, one wake-up per batch",
    .left_out = "flows to ports other than the pipe's other end, several "
                "pipes of a process",
    .params = pipe_params,
    .state_size_bytes = sizeof(struct pipes),
    .drivers = pipe_drivers,
    .n_cpus = pipe_n_cpus,
    .init = pipe_init,
    .fini = pipe_fini,
};
