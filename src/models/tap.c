/* Tap devices on a bridge: processes that hand over one packet per system
 * call.
 *
 * Sources: Linux drivers/net/tun.c, net/bridge; Rizzo, netmap and VALE slides
 * (2014), "Device I/O".
 *
 * Modelled: write() allocates an SKB, copies the packet into it, and leads it
 * through the bridge (or Open vSwitch's datapath) into the queue of another
 * tap device; read() copies it out and frees the SKB; a reader is woken when
 * its queue was filled while it slept; loss at a full queue.
 * Left out: vhost, offloads, several queues, flow control. */
#include <errno.h>

#include <vswsim/model.h>
#include <vswsim/tap_port.h>
#include <vswsim/vale.h>
#include <vswsim/vale_kswitch.h>
#include <vswsim/vnic.h>

#include "core/account.h"
#include "core/cost.h"

struct tap {
    struct vsw_vale queues;     /* A queue per device is a ring of these, and
                                 * a write() a TXSYNC of one packet. */
    struct vsw_vale_kswitch ks;
    uint32_t kswitch;
    uint32_t buf_bytes;
};

static const char *const kswitches[] = {
    [VSW_KSWITCH_OVS] = "ovs",
    [VSW_KSWITCH_BRIDGE] = "bridge",
    NULL,
};

static const struct vsw_param tap_params[] = {
    VSW_PARAM_ENUM(struct tap, kswitch, VSW_KSWITCH_BRIDGE, kswitches, 2,
                   "what connects the devices", "design choice"),
    VSW_PARAM_U32(struct tap, buf_bytes, 2048, 512, 65536,
                  "bytes of a slot", "design choice"),
    VSW_PARAM_END,
};

static bool
write_packet(struct vsw_vnic *vnic, struct vsw_worker *worker)
{
    return vsw_vale_txsync(vnic->backend, vnic->guest, worker);
}

/* One read() per packet. */
static bool
read_packet(struct vsw_vnic *vnic, struct vsw_worker *worker, uint32_t slot,
            uint32_t n_slots)
{
    const struct vsw_vale *vale = vnic->backend;
    const struct vsw_ring *ring = &vnic->queue->rx;

    (void) n_slots;
    vsw_tap_read(vale->sw, worker->unit,
                 ring->slots[slot & ring->mask]);
    return true;
}

static const struct vsw_vnic_ops tap_ops = {
    .name = "tap",
    .serves_processes = true,
    .one_by_one = true,
    .kick = write_packet,
    .rx_done = read_packet,
};

static bool
wake_reader(void *aux, struct vsw_worker *worker)
{
    return vsw_vnic_notify(aux, worker);
}

static int
make_switch(struct vsw_switch *sw, struct tap *tap, struct vsw_error *err)
{
    int error = vsw_switch_make_ports(sw, tap->buf_bytes,
                                      VSW_VALE_KSWITCH_ALL_BUFS, err);

    tap->ks.wraps = true;
    return error ? error
                 : vsw_vale_kswitch_init(&tap->ks, &tap->queues, sw,
                                         (enum vsw_kswitch_kind) tap->kswitch,
                                         1, err);
}

static int
tap_init(struct vsw_switch *sw, struct vsw_error *err)
{
    struct tap *tap = vsw_switch_state(sw);
    int error;

    if (sw->n_queues != 1) {
        return vsw_error_set(err, VSW_ERROR_DATA, -EINVAL,
                             "tap: a device has one queue; use guests.n_cpus "
                             "1");
    }
    error = make_switch(sw, tap, err);
    for (uint32_t i = 0; !error && i < sw->n_ports; i++) {
        struct vsw_vnic *vnic = &sw->ports[i].vnics[0];

        vnic->ops = &tap_ops;
        vnic->backend = &tap->queues;
        tap->queues.ports[i].queue = vnic->queue;
        tap->queues.ports[i].notify = wake_reader;
        tap->queues.ports[i].aux = vnic;
    }
    return error;
}

static void
tap_fini(struct vsw_switch *sw)
{
    struct tap *tap = vsw_switch_state(sw);

    vsw_vale_kswitch_fini(&tap->ks);
}

static const char *const tap_drivers[] = {"netmap", NULL};

const struct vsw_model_ops vsw_model_tap = {
    .name = "tap",
    .title = "tap devices on a bridge: one packet per system call",
    .citation = "Linux drivers/net/tun.c; Rizzo, netmap and VALE slides, 2014",
    .modelled = "an SKB and a copy per write(), the bridge or Open vSwitch's "
                "datapath, a queue per device, a copy per read(), wake-ups of "
                "readers that sleep, loss at full queues",
    .left_out = "vhost, offloads, several queues, flow control",
    .params = tap_params,
    .state_size_bytes = sizeof(struct tap),
    .drivers = tap_drivers,
    .threads_block = true,
    .init = tap_init,
    .fini = tap_fini,
};
