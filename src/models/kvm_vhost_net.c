/* KVM guests behind vhost-net threads and the kernel datapath of Open vSwitch
 * on the host.
 *
 * Source: Ram, PhD thesis (Rice University, 2013), section 4.5.1, where it is
 * a baseline; Linux 3.x, drivers/vhost/net.c, net/openvswitch.
 *
 * Modelled: a kernel thread per virtual NIC, which may share CPUs with vCPUs;
 * suppressed kicks; a copy into the host and one into the guest; the datapath
 * in the thread's context; the queue of the destination's tap device; wake-ups
 * and interrupts; a weight in bytes; physical ports by softirqs.
 * Left out: zero copy, merging of packets on reception, several handler
 * threads of Open vSwitch's daemon. */
#include <vswsim/khost.h>
#include <vswsim/model.h>

#include "models/khost_params.h"

static const char *const drivers[] = {"virtio", "virtio_poll", NULL};

static const struct vsw_param kvm_vhost_net_params[] = {
    KHOST_PARAMS_OF(struct khost_model, 4096, "a page, as virtio-net posts"),
    KHOST_OVS_PARAMS(struct khost_model),
    VSW_PARAM_END,
};

static int
kvm_vhost_net_init(struct vsw_switch *sw, struct vsw_error *err)
{
    struct khost_model *model = vsw_switch_state(sw);
    struct vsw_khost_setup setup = khost_setup(model);

    setup.kswitch.kind = VSW_KSWITCH_OVS;
    setup.skbs = VSW_SKB_SLAB;
    return vsw_khost_init(&model->host, sw, &setup, err);
}

const struct vsw_model_ops vsw_model_kvm_vhost_net = {
    .name = "kvm_vhost_net",
    .title = "KVM with vhost-net threads and Open vSwitch in the kernel",
    .citation = "Ram, PhD thesis, Rice University, 2013, section 4.5.1",
    .modelled = "a thread per virtual NIC, shared CPUs, suppressed kicks, two "
                "copies, the datapath in the thread's context, tap queues, "
                "wake-ups, interrupts, weight in bytes",
    .left_out = "zero copy, several handler threads of the daemon",
    .params = kvm_vhost_net_params,
    .port_kinds = VSW_PORTS_GUEST | VSW_PORTS_WIRE,
    .drivers = drivers,
    .n_cpus = vsw_khost_n_cpus,
    .threads_block = true,
    .state_size_bytes = sizeof(struct khost_model),
    .init = kvm_vhost_net_init,
    .fini = khost_model_fini,
};
