/* Flow set: the flows of a trace, numbered in order of appearance.
 *
 * A flow is a direction of a connection: MAC addresses, VLAN, EtherType, IP
 * addresses, protocol and ports.  The fragments of a datagram are one flow
 * without ports, since only the first of them has some. */
#ifndef VSW_IO_TRACE_FLOWS_H
#define VSW_IO_TRACE_FLOWS_H

#include <stdint.h>

#include <vswsim/flowkey.h>
#include <vswsim/workload.h>

#include "io/trace/trace_link.h"

struct vsw_flow_set {
    struct vsw_workload_flow *flows;    /* Owned; their ports are VSW_NONE
                                         * and their hashes 0. */
    struct vsw_flowkey *keys;           /* Owned: of each flow. */
    uint64_t *n_bytes;                  /* Owned: frame bytes of each. */
    uint32_t *slots;                    /* Owned: flow + 1, or 0. */
    uint32_t n;
    uint32_t capacity;
    uint32_t mask;                      /* Slots less one. */
    uint32_t limit;                     /* Of 'n'. */
};

/* Makes a set of up to VSW_TRACE_MAX_FLOWS.  Returns 0 or -ENOMEM; after that,
 * and after a set of zeros, vsw_flow_set_fini() is allowed. */
int vsw_flow_set_init(struct vsw_flow_set *set);
void vsw_flow_set_fini(struct vsw_flow_set *set);

/* Counts 'frame' for its flow, which is made if it is new.  Returns the flow,
 * or VSW_NONE: too many flows (n is at the limit) or no memory. */
uint32_t vsw_flow_set_add(struct vsw_flow_set *set,
                          const struct vsw_frame *frame);

/* Finds the flow of 'key', or makes it with the headers of 'frame', and counts
 * nothing.  Returns it or VSW_NONE, as above. */
uint32_t vsw_flow_set_put(struct vsw_flow_set *set,
                          const struct vsw_flowkey *key,
                          const struct vsw_frame *frame);

/* Key of the flow that 'frame' belongs to. */
void vsw_flow_set_key(const struct vsw_frame *frame,
                      struct vsw_flowkey *key);

/* A hash of 'n' bytes, the same on every host; good in all its bits. */
uint64_t vsw_trace_hash(const void *data, size_t n);

#endif
