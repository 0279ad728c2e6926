/* Flow rules: the OpenFlow table of a simulated switch, and what its slow path
 * decides with it.
 *
 * The rules stand for what a controller has installed before the run.  They
 * come from the workload, and are looked up in a real classifier, whose masks
 * make the megaflows:
 *
 *   mac    one rule per port: its guest's address leads there.  Megaflows
 *          are as few as there are addresses.
 *   flow   one rule per flow of the trace: its nine-tuple and its port.
 *          Every flow becomes a megaflow of its own, as under a policy that
 *          looks at ports.
 *
 * Left out: several tables, learning (OpenFlow's NORMAL), changes of rules
 * while the switch runs.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_FLOW_RULES_H
#define VSWSIM_FLOW_RULES_H

#include <stdint.h>

#include <vswsim/classifier.h>
#include <vswsim/compiler.h>
#include <vswsim/error.h>
#include <vswsim/flowkey.h>
#include <vswsim/switch.h>

VSW_EXTERN_C_BEGIN

enum vsw_flow_rules_kind {
    VSW_FLOW_RULES_MAC,
    VSW_FLOW_RULES_FLOW,
};

struct vsw_flow_rules {
    struct vsw_classifier *classifier;  /* In the switch's arena. */
    const struct vsw_workload *workload;    /* Borrowed. */
    enum vsw_flow_rules_kind kind;
};

/* Names of the kinds, for parameter tables; ends with NULL. */
VSW_API extern const char *const vsw_flow_rules_kinds[];

/* Makes the rules of 'kind' for the workload of 'sw', in its arena.  Returns
 * 0, or a negative errno value with 'err' filled: -ENOSPC if they do not fit
 * there. */
VSW_API int vsw_flow_rules_init(struct vsw_flow_rules *rules,
                                struct vsw_switch *sw,
                                enum vsw_flow_rules_kind kind,
                                struct vsw_error *err);

/* Port to which packets of 'key' go, or VSW_PORT_FLOOD if no rule matches
 * them and they are dropped; sets in 'mask' the bits of 'key' that decided,
 * which make the megaflow. */
VSW_API uint32_t vsw_flow_rules_decide(const struct vsw_flow_rules *rules,
                                       const struct vsw_flowkey *key,
                                       struct vsw_flowkey *mask,
                                       struct vsw_memobs *obs);

VSW_EXTERN_C_END

#endif
