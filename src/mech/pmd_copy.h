/* Copying packets in a poll-mode loop, for port types that do. */
#ifndef MECH_PMD_COPY_H
#define MECH_PMD_COPY_H

#include <vswsim/pmd.h>

#include "mech/copy_step.h"

/* Copies the next step of 'pkt' into buffer 'to'; true when all is copied. */
static inline bool
vsw_pmd_copy_step(struct vsw_pmd *pmd, const struct vsw_pkt *pkt, uint32_t to)
{
    return vsw_copy_step(vsw_pmd_unit(pmd), &pmd->sw->bufs, pkt, to,
                         &pmd->n_done_bytes);
}

#endif
