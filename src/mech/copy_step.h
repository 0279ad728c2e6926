/* Copying a packet from buffer to buffer, a step at a time. */
#ifndef MECH_COPY_STEP_H
#define MECH_COPY_STEP_H

#include <stdbool.h>
#include <string.h>

#include <vswsim/buf_mem.h>
#include <vswsim/sim.h>

#include "core/account.h"
#include "core/cost.h"

/* A copy advances by at most this much per step, so that a large one does not
 * run far ahead of the other units. */
#define COPY_STEP_BYTES 4096u

/* Lets 'unit' copy the next step of 'pkt' into buffer 'to'; true when all is
 * copied.  '*n_done_bytes' is 0 before the first step, and again after the
 * last. */
static inline bool
vsw_copy_step(struct vsw_unit *unit, struct vsw_bufs *bufs,
              const struct vsw_pkt *pkt, uint32_t to, uint32_t *n_done_bytes)
{
    uint32_t left = vsw_pkt_data_bytes(pkt) - *n_done_bytes;
    uint32_t step = left < COPY_STEP_BYTES ? left : COPY_STEP_BYTES;
    uint64_t ps = vsw_unit_cost_ps(unit, VSW_COST_COPY_BYTE, step);

    if (*n_done_bytes == 0) {
        memcpy(bufs->headers[to], bufs->headers[pkt->buf], VSW_HEADER_BYTES);
        ps += vsw_unit_cost_ps(unit, VSW_COST_COPY_CALL, 1);
    }
    vsw_unit_spend(unit, VSW_ACCOUNT_COPY, ps);
    vsw_buf_copy(unit, VSW_ACCOUNT_COPY, bufs, to, pkt->buf, *n_done_bytes,
                 step);
    *n_done_bytes = step < left ? *n_done_bytes + step : 0;
    return step == left;
}

#endif
