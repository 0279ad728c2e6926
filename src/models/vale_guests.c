/* Guests over VALE: each has a thread of its hypervisor on a VALE port.
 *
 * Sources: Rizzo and Lettieri, VALE, CoNEXT 2012; Rizzo, Lettieri and
 * Maffione, "Speeding Up Packet I/O in Virtual Machines", ANCS 2013; Rizzo,
 * netmap and VALE slides (2014).
 *
 * Modelled: front ends like an e1000 or virtio; backends like those of QEMU,
 * bhyve and Xen; a copy between the guest's buffers and netmap's on each side
 * and one in VALE; exits and interrupts as they are, combined and moderated,
 * or removed by shared flags and a thread that polls before it sleeps; ports
 * of processes on the host beside those of guests; guests that use netmap, or
 * Linux's stack on the e1000.
 * Left out: offloads, several queues, a thread per direction, ports bound to
 * NICs. */
#include <errno.h>
#include <stdlib.h>

#include <vswsim/model.h>
#include <vswsim/netmap_vm.h>

struct vale_guests {
    struct vsw_vale vale;
    struct vsw_netmap_vm *vms;  /* By guest; owned. */
    uint32_t n_vms;
    uint32_t hypervisor;
    uint32_t front_end;
    uint32_t exits;
    uint32_t n_host_ports;
    uint32_t batch_pkts;
    uint32_t backend_burst_pkts;
    uint32_t netmap_slots;
    uint32_t buf_bytes;
    uint64_t poll_ns;
    uint64_t irq_gap_ns;
};

static const struct vsw_param vale_guests_params[] = {
    VSW_PARAM_ENUM(struct vale_guests, hypervisor, VSW_NETMAP_VM_QEMU,
                   vsw_netmap_vm_hypervisors, 3,
                   "whose backend: how a kick leaves the guest, and how "
                   "packets are reached",
                   "netmap and VALE slides, 2014"),
    VSW_PARAM_ENUM(struct vale_guests, front_end, VSW_NETMAP_VM_E1000,
                   vsw_netmap_vm_fronts, 2, "virtual NIC of the guests",
                   "netmap and VALE slides, 2014"),
    VSW_PARAM_ENUM(struct vale_guests, exits, VSW_NETMAP_VM_REMOVED,
                   vsw_netmap_vm_exits, 3,
                   "exits and interrupts: as they are, combined and "
                   "moderated, or removed by flags and polling",
                   "Rizzo et al., ANCS 2013"),
    VSW_PARAM_U32(struct vale_guests, n_host_ports, 0, 0, 64,
                  "of the ports, the last so many are processes on the host",
                  "design choice"),
    VSW_PARAM_U32(struct vale_guests, batch_pkts, 1024, 1,
                  VSW_VALE_MAX_BATCH, "most packets of a forwarding pass",
                  "netmap_vale.c, NM_BDG_BATCH"),
    VSW_PARAM_U32(struct vale_guests, backend_burst_pkts, 256, 1, 1024,
                  "most packets that a thread moves at once",
                  "design choice"),
    VSW_PARAM_U32(struct vale_guests, netmap_slots, 1024, 1024, 4096,
                  "slots of a netmap ring of a thread, a power of two",
                  "netmap_vale.c, NM_BRIDGE_RINGSIZE"),
    VSW_PARAM_U32(struct vale_guests, buf_bytes, 2048, 512, 65536,
                  "bytes of a netmap buffer and of a guest's",
                  "netmap, NETMAP_BUF_SIZE"),
    VSW_PARAM_U64(struct vale_guests, poll_ns, 20000, 0, 10000000,
                  "how long a thread polls before it sleeps, if exits are "
                  "removed",
                  "design choice"),
    VSW_PARAM_U64(struct vale_guests, irq_gap_ns, 20000, 0, 1000000,
                  "least time between two interrupts, if combined",
                  "e1000 drivers: 8000 to 70000 a second; design choice"),
    VSW_PARAM_END,
};

/* --- Guests -------------------------------------------------------------- */

static uint32_t
vale_guests_n_cpus(uint32_t n_guests, uint32_t n_wires)
{
    (void) n_wires;
    return n_guests;
}

static int
start_threads(struct vsw_switch *sw, struct vale_guests *vg,
              struct vsw_error *err)
{
    const struct vsw_netmap_vm_setup setup = {
        .hypervisor = (enum vsw_netmap_vm_hypervisor) vg->hypervisor,
        .front = (enum vsw_netmap_vm_front) vg->front_end,
        .exits = (enum vsw_netmap_vm_exits) vg->exits,
        .burst_pkts = vg->backend_burst_pkts,
        .poll_ns = vg->poll_ns,
        .irq_gap_ns = vg->irq_gap_ns,
    };
    int error = 0;

    for (uint32_t i = 0; !error && i < sw->n_ports; i++) {
        struct vsw_vnic *vnic = &sw->ports[i].vnics[0];
        uint32_t thread = i % sw->n_units;

        if (i >= sw->n_ports - vg->n_host_ports) {
            vsw_vale_attach_process(&vg->vale, vnic);
            continue;
        }
        error = vsw_netmap_vm_start(&vg->vms[i], sw, vnic, &vg->vale,
                                    sw->units[thread],
                                    sw->tasks ? sw->tasks[thread] : NULL,
                                    vg->netmap_slots, &setup, err);
        vg->n_vms += error == 0;
    }
    return error;
}

static int
check(const struct vsw_switch *sw, const struct vale_guests *vg,
      struct vsw_error *err)
{
    if (vg->netmap_slots & (vg->netmap_slots - 1)) {
        return vsw_error_set(err, VSW_ERROR_DATA, -EINVAL,
                             "vale_guests: netmap_slots is %u; use a power of "
                             "two, such as 1024", vg->netmap_slots);
    }
    if (sw->n_units == 0) {
        return vsw_error_set(err, VSW_ERROR_DATA, -EINVAL,
                             "vale_guests: the threads of the hypervisor need "
                             "a CPU; use a switch.n_cpus of 1 or more");
    }
    return vsw_vale_check_processes(sw, err);
}

static int
vale_guests_init(struct vsw_switch *sw, struct vsw_error *err)
{
    struct vale_guests *vg = vsw_switch_state(sw);
    const struct vsw_vale_setup setup = {.batch_pkts = vg->batch_pkts};
    int error = check(sw, vg, err);

    if (!error && vg->n_host_ports > sw->n_ports) {
        vg->n_host_ports = sw->n_ports;
    }
    sw->has_plain_bufs = true;
    if (!error) {
        error = vsw_switch_make_ports(sw, vg->buf_bytes,
                                      2 * sw->n_ports * vg->netmap_slots,
                                      err);
    }
    if (!error) {
        error = vsw_vale_init(&vg->vale, sw, &setup, err);
    }
    if (error) {
        return error;
    }
    vg->vms = calloc(sw->n_ports, sizeof *vg->vms);
    return vg->vms ? start_threads(sw, vg, err)
                   : vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                                   "out of memory for backends of guests");
}

static void
vale_guests_fini(struct vsw_switch *sw)
{
    struct vale_guests *vg = vsw_switch_state(sw);

    for (uint32_t i = 0; vg->vms && i < vg->n_vms; i++) {
        vsw_netmap_vm_fini(&vg->vms[i]);
    }
    free(vg->vms);
    vsw_vale_fini(&vg->vale);
}

static const char *const vale_guests_drivers[] = {"netmap", "e1000", NULL};

const struct vsw_model_ops vsw_model_vale_guests = {
    .name = "vale_guests",
    .title = "guests over VALE, with backends like QEMU's, bhyve's and Xen's",
    .citation = "Rizzo, Lettieri and Maffione, ANCS 2013; netmap and VALE "
                "slides, 2014",
    .modelled = "e1000-like and virtio front ends, a thread per guest that "
                "copies to and from netmap rings, VALE in its system call, "
                "exits and interrupts as they are, combined or removed, "
                "processes on the host beside guests",
    .left_out = "offloads, several queues, a thread per direction, ports "
                "bound to NICs",
    .params = vale_guests_params,
    .state_size_bytes = sizeof(struct vale_guests),
    .drivers = vale_guests_drivers,
    .n_cpus = vale_guests_n_cpus,
    .threads_block = true,
    .init = vale_guests_init,
    .fini = vale_guests_fini,
};
