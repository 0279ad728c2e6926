/* Grant reuse: a guest's table of the pages it has granted to a device.
 *
 * Instead of revoking a grant when an I/O ends, the guest keeps it and finds
 * it again when the page is used next.  Each vNIC has a table of two halves,
 * one for pages granted read-only and one for read-write.  A hash of the page
 * frame number gives a set of contiguous slots; a slot's place is the grant
 * reference, an offset in the range of addresses that the device uses, so
 * that the table's size bounds the pages that are shared.
 *
 * Source: Ram, PhD thesis, Rice University, §3.4-3.5.  Open point: whether
 * sets overlap; here they are aligned, so that a set of 8 slots is a line.
 *
 * Issuing and revoking are hypercalls, which are the caller's part.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_GRANTS_H
#define VSWSIM_GRANTS_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/arena.h>
#include <vswsim/compiler.h>
#include <vswsim/memobs.h>

VSW_EXTERN_C_BEGIN

enum vsw_grant_half {
    VSW_GRANT_READ_ONLY,
    VSW_GRANT_READ_WRITE,
};

enum vsw_grant_outcome {
    VSW_GRANT_REUSE,        /* The page is granted already. */
    VSW_GRANT_ISSUE,        /* Issue a grant of the page at 'ref'. */
    VSW_GRANT_REPLACE,      /* First revoke 'revoked_pfn' at 'ref'. */
    VSW_GRANT_ABORT,        /* All slots of the set are in use: do without
                             * (copy, or wait); nothing has changed. */
};

struct vsw_grant {
    uint32_t ref;           /* Unless VSW_GRANT_ABORT. */
    uint32_t revoked_pfn;   /* If VSW_GRANT_REPLACE. */
};

struct vsw_grants;

/* Makes an empty table whose halves have 'n_slots' each (a power of two) in
 * sets of 'n_ways' (a power of two, at most 'n_slots').  References 0 to
 * 'n_slots' - 1 are read-only, the following 'n_slots' read-write; 'n_slots'
 * is at most 2^30.  Takes 16 bytes per slot of a half from 'arena'.  Returns
 * NULL, with 'arena' unchanged, if that does not fit or an argument is out of
 * range. */
VSW_API struct vsw_grants *vsw_grants_new(struct vsw_arena *arena,
                                          uint32_t n_slots, uint32_t n_ways);

/* Finds or makes a grant of page 'pfn' and takes a reference to it. */
VSW_API enum vsw_grant_outcome
vsw_grants_get(struct vsw_grants *g, uint32_t pfn, enum vsw_grant_half half,
               struct vsw_grant *grant, struct vsw_memobs *obs);

/* Gives back one reference that vsw_grants_get() took.  The grant stays. */
VSW_API void vsw_grants_put(struct vsw_grants *g, uint32_t ref,
                            struct vsw_memobs *obs);

/* Forgets the grant at 'ref' if there is one that nobody uses, and then
 * returns true: the caller must revoke it (a page that leaves the guest, a
 * device that goes away). */
VSW_API bool vsw_grants_forget(struct vsw_grants *g, uint32_t ref,
                               struct vsw_memobs *obs);

/* Pages granted now, by half. */
VSW_API uint32_t vsw_grants_n_granted(const struct vsw_grants *g,
                                      enum vsw_grant_half half);

VSW_EXTERN_C_END

#endif
