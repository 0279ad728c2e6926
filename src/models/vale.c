/* VALE: a learning switch between netmap applications on the host.
 *
 * Source: Rizzo and Lettieri, "VALE, a Switched Ethernet for Virtual
 * Machines", CoNEXT 2012; Rizzo, netmap and VALE slides (2014).  Defaults:
 * constants in netmap_vale.c.
 *
 * Modelled: forwarding in the sender's system call, in batches; real MAC
 * table, flooding of what it does not know; one copy per receiver; locks of
 * the receive rings and their leases; receivers woken once per batch; loss
 * when a receive ring is full; any number of senders and receivers, each a
 * process on a CPU.
 * Left out: ports bound to NICs, the host port, indirect buffers; guests,
 * which have a model of their own. */
#include <errno.h>

#include <vswsim/model.h>
#include <vswsim/vale.h>

struct vale {
    struct vsw_vale vale;
    uint32_t batch_pkts;
    uint32_t buf_bytes;
};

static const struct vsw_param vale_params[] = {
    VSW_PARAM_U32(struct vale, batch_pkts, 1024, 1, VSW_VALE_MAX_BATCH,
                  "most packets of a forwarding pass",
                  "netmap_vale.c, NM_BDG_BATCH"),
    VSW_PARAM_U32(struct vale, buf_bytes, 2048, 512, 65536,
                  "bytes of a netmap buffer", "netmap, NETMAP_BUF_SIZE"),
    VSW_PARAM_END,
};

static uint32_t
vale_n_cpus(uint32_t n_guests, uint32_t n_wires)
{
    (void) n_guests, (void) n_wires;
    return 0;
}

static int
vale_init(struct vsw_switch *sw, struct vsw_error *err)
{
    struct vale *vale = vsw_switch_state(sw);
    const struct vsw_vale_setup setup = {.batch_pkts = vale->batch_pkts};
    int error = vsw_vale_check_processes(sw, err);

    sw->has_plain_bufs = true;
    if (!error) {
        error = vsw_switch_make_ports(sw, vale->buf_bytes, 0, err);
    }
    if (!error) {
        error = vsw_vale_init(&vale->vale, sw, &setup, err);
    }
    for (uint32_t i = 0; !error && i < sw->n_ports; i++) {
        vsw_vale_attach_process(&vale->vale, &sw->ports[i].vnics[0]);
    }
    return error;
}

static void
vale_fini(struct vsw_switch *sw)
{
    struct vale *vale = vsw_switch_state(sw);

    vsw_vale_fini(&vale->vale);
}

static const char *const vale_drivers[] = {"netmap", NULL};

const struct vsw_model_ops vsw_model_vale = {
    .name = "vale",
    .title = "VALE: a learning switch that forwards in its senders' system "
             "calls",
    .citation = "Rizzo and Lettieri, VALE, CoNEXT 2012",
    .modelled = "batches, real MAC table, flooding, one copy per receiver, "
                "locks and leases of receive rings, one wake-up per batch, "
                "loss when a receive ring is full, any number of processes",
    .left_out = "ports bound to NICs, the host port, indirect buffers, guests",
    .params = vale_params,
    .state_size_bytes = sizeof(struct vale),
    .drivers = vale_drivers,
    .n_cpus = vale_n_cpus,
    .init = vale_init,
    .fini = vale_fini,
};
