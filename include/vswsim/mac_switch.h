/* MAC switch: forwards by destination address, as the sample switch of the
 * ZCopy paper (IEEE Access 2019, section VII) and DPDK's vhost example do.
 *
 * The addresses of the guests are known from their configuration; nothing is
 * learned, nothing is flooded.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_MAC_SWITCH_H
#define VSWSIM_MAC_SWITCH_H

#include <vswsim/compiler.h>
#include <vswsim/mactable.h>
#include <vswsim/pmd.h>
#include <vswsim/switch.h>

VSW_EXTERN_C_BEGIN

struct vsw_mac_switch {
    struct vsw_mactable *macs;      /* In the switch's arena. */
};

/* Enters the address behind each port of 'sw'.  Returns 0, or a negative
 * errno value with 'err' filled. */
VSW_API int vsw_mac_switch_init(struct vsw_mac_switch *ms,
                                struct vsw_switch *sw, struct vsw_error *err);

/* Its 'decider_aux' is a struct vsw_mac_switch. */
VSW_API extern const struct vsw_pmd_decider vsw_mac_switch_decider;

VSW_EXTERN_C_END

#endif
