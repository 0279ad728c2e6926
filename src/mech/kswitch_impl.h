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

/* What the rules of 'acl' say of the packet of 'key'; what is not IPv4 is
 * permitted and compared with none. */
struct vsw_acl_result
vsw_kswitch_search_rules(const struct vsw_acl *acl,
                         const struct vsw_flowkey *key,
                         struct vsw_memobs *obs);

/* Makes the tables of Open vSwitch, all but those of addresses. */
int vsw_kswitch_ovs_init(struct vsw_kswitch *ks, struct vsw_error *err);

uint32_t vsw_kswitch_ovs_forward(struct vsw_kswitch *ks,
                                 struct vsw_unit *unit, uint32_t pkt);

/* The daemon's work: a vsw_upcall_handle_fn. */
void vsw_kswitch_ovs_decide(void *aux, struct vsw_worker *daemon,
                            uint32_t pkt);

/* Installs the flows of the whole trace, as far as they fit. */
void vsw_kswitch_ovs_install_all(struct vsw_kswitch *ks);

#endif
