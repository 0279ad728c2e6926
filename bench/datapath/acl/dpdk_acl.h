/* DPDK's access lists on the same rules and keys. */
#ifndef VSW_BENCH_DPDK_ACL_H
#define VSW_BENCH_DPDK_ACL_H

#include <stdbool.h>

#include "rules.h"

/* Starts DPDK and builds its tries.  Returns false if it will not. */
bool dpdk_acl_make(const struct vsw_acl *acl);

/* Classifies all keys in bursts of 32: results[i] is the rule's number plus
 * one, 0 for none.  'scalar' asks for the plain method, else DPDK's best. */
void dpdk_acl_classify(const struct key keys[N_KEYS],
                       uint32_t results[N_KEYS], bool scalar);

#endif
