/* Hypercalls on grants: map, unmap and copy by a driver domain (the original
 * mechanism), issue and revoke by a guest (the new one).
 *
 * A call works through a batch of pages.  It takes a while and takes locks,
 * so it is run in steps: the caller's work function ends whenever the call
 * says so and goes on with it when it is called again.
 *
 *   map     per page: check, pin, write the page-table entry; with an IOMMU
 *           count the mappings, and add the first one to its table.
 *   unmap   per page: with an IOMMU count the mappings and remove the last,
 *           flushing the IOTLB at once or at the end of the call; clear the
 *           entry, unpin.  At the end, or per page, a flush of the own TLB.
 *   copy    per operation: check, pin, copy the bytes, unpin.
 *   issue   per page: check, pin, write the entry in the driver domain's page
 *           table at the reference; with an IOMMU add it to its table.
 *   revoke  the reverse.  At the end the IOTLB is flushed and so are the TLBs
 *           of the driver domain's CPUs, which the guest waits for; only then
 *           are the pages unpinned.
 *
 * One lock is around the IOMMU's table and one around the flush of the IOTLB;
 * CPUs that want them at the same time wait for each other.
 *
 * For a directly assigned device, issue and revoke have no targets to shoot
 * down: no driver domain maps the pages.
 *
 * Source: Ram, PhD thesis, Rice University, sections 3.2 to 3.5.  That the
 * TLBs are flushed once per call, and not per page, is assumed there.
 *
 * Copies declare the memory of their buffers (mem.h) if the accounts of
 * foreign pages know them.
 *
 * Left out: grants that fail their checks; transitive grants; what the driver
 * domain pays to refill its TLB.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_GRANT_CALL_H
#define VSWSIM_GRANT_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/foreign.h>
#include <vswsim/shootdown.h>
#include <vswsim/worker.h>

VSW_EXTERN_C_BEGIN

struct vsw_grant_item {
    uint32_t page;              /* Number of the buffer. */
    uint32_t ref;               /* To issue or revoke. */
    uint32_t n_bytes;           /* To copy, ... */
    uint32_t from;              /* ... between these buffers. */
    uint32_t to;
};

struct vsw_grant_call {
    struct vsw_foreign *foreign;
    struct vsw_shootdown *shootdown;    /* To revoke; else NULL. */
    const struct vsw_grant_item *items; /* Borrowed until the call is done. */
    uint32_t n_items;
    uint32_t at;
    uint32_t step;
    enum vsw_grant_op op;
    bool entered;
    bool at_edge;               /* First or last mapping of the page. */
    bool must_flush;            /* The IOTLB, before the call ends. */
};

/* Copies what 'item' says on 'unit', booked on 'account'. */
VSW_API void vsw_grant_copy_bytes(const struct vsw_foreign *foreign,
                                  struct vsw_unit *unit, uint32_t account,
                                  const struct vsw_grant_item *item);

/* Checks that the machine of 'sim' has the costs of map, unmap and copy or,
 * with 'by_guest', of issue and revoke, with or without an IOMMU.  Returns 0,
 * or -EINVAL with 'err' filled. */
VSW_API int vsw_grant_check_costs(const struct vsw_sim *sim, bool by_guest,
                                  bool has_iommu, struct vsw_error *err);

/* Prepares a call on 'n' > 0 'items'.  'shootdown' names the CPUs of the
 * driver domain if 'op' is to revoke. */
VSW_API void vsw_grant_call_begin(struct vsw_grant_call *call,
                                  struct vsw_foreign *foreign,
                                  struct vsw_shootdown *shootdown,
                                  enum vsw_grant_op op,
                                  const struct vsw_grant_item *items,
                                  uint32_t n);

/* Goes on with 'call' on behalf of 'worker'.  True: it is done.  False: the
 * caller must end its call at once and come back here. */
VSW_API bool vsw_grant_call_run(struct vsw_grant_call *call,
                                struct vsw_worker *worker);

VSW_EXTERN_C_END

#endif
