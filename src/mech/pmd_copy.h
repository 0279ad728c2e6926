/* Copying packets in a poll-mode loop, for port types that do. */
#ifndef MECH_PMD_COPY_H
#define MECH_PMD_COPY_H

#include <stdbool.h>
#include <string.h>

#include <vswsim/buf_mem.h>
#include <vswsim/pmd.h>

#include "core/account.h"
#include "core/cost.h"

/* A copy advances by at most this much per step, so that a large one does not
 * run far ahead of the other units. */
#define COPY_STEP_BYTES 4096u

/* Copies the next step of 'pkt' into buffer 'to'; true when all is copied. */
static inline bool
vsw_pmd_copy_step(struct vsw_pmd *pmd, const struct vsw_pkt *pkt, uint32_t to)
{
    struct vsw_unit *unit = vsw_pmd_unit(pmd);
    uint32_t left = vsw_pkt_data_bytes(pkt) - pmd->n_done_bytes;
    uint32_t step = left < COPY_STEP_BYTES ? left : COPY_STEP_BYTES;
    uint64_t ps = vsw_unit_cost_ps(unit, VSW_COST_COPY_BYTE, step);

    if (pmd->n_done_bytes == 0) {
        struct vsw_bufs *bufs = &pmd->sw->bufs;

        memcpy(bufs->headers[to], bufs->headers[pkt->buf], VSW_HEADER_BYTES);
        ps += vsw_unit_cost_ps(unit, VSW_COST_COPY_CALL, 1);
    }
    vsw_unit_spend(unit, VSW_ACCOUNT_COPY, ps);
    vsw_buf_copy(unit, VSW_ACCOUNT_COPY, &pmd->sw->bufs, to, pkt->buf,
                 pmd->n_done_bytes, step);
    pmd->n_done_bytes = step < left ? pmd->n_done_bytes + step : 0;
    return step == left;
}

#endif
