/* What the files of the kernel switch share. */
#ifndef MECH_KSWITCH_IMPL_H
#define MECH_KSWITCH_IMPL_H

#include <vswsim/kswitch.h>

/* Time as the MAC table wants it. */
static inline uint64_t
vsw_kswitch_now_ns(const struct vsw_unit *unit)
{
    return unit->local_ps / 1000;
}

/* Parses the headers of 'pkt' into 'key'. */
void vsw_kswitch_extract(const struct vsw_kswitch *ks, struct vsw_unit *unit,
                         uint32_t pkt, struct vsw_flowkey *key);

/* True if an access rule denies the packet of 'key'; '*n_compared' rules were
 * looked at. */
bool vsw_kswitch_denies(struct vsw_kswitch *ks, struct vsw_unit *unit,
                        const struct vsw_flowkey *key, uint32_t *n_compared);

/* Makes the tables of Open vSwitch, all but those of addresses. */
int vsw_kswitch_ovs_init(struct vsw_kswitch *ks, struct vsw_error *err);

uint32_t vsw_kswitch_ovs_forward(struct vsw_kswitch *ks,
                                 struct vsw_unit *unit, uint32_t pkt);

/* The daemon's work: a vsw_upcall_handle_fn. */
void vsw_kswitch_ovs_decide(void *aux, struct vsw_worker *daemon,
                            uint32_t pkt);

#endif
