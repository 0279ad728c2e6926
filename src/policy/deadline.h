/* Deadlines that do not wrap. */
#ifndef VSW_POLICY_DEADLINE_H
#define VSW_POLICY_DEADLINE_H

#include <stdint.h>

/* 'wait_ns' after 'now_ns', or the end of time. */
static inline uint64_t
vsw_deadline_ns(uint64_t now_ns, uint64_t wait_ns)
{
    return wait_ns > UINT64_MAX - now_ns ? UINT64_MAX : now_ns + wait_ns;
}

#endif
