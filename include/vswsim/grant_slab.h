/* Grant reuse by slab: receive buffers that stay granted while they are in a
 * cache of their own.
 *
 * Buffers come from a dedicated cache of granted pages, so that no look-up is
 * needed: a buffer is its grant reference.  The grant is revoked when the
 * page leaves the cache, which drains unused buffers from time to time.
 * Allocation and release are cheaper than vsw_grants, revocations are more.
 *
 * The buffer released last is taken first, for it is likely still cached by a
 * cpu; the one unused for longest is drained first.
 *
 * Source: Ram, PhD thesis, Rice University, §3.5.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_GRANT_SLAB_H
#define VSWSIM_GRANT_SLAB_H

#include <stdint.h>

#include <vswsim/arena.h>
#include <vswsim/compiler.h>
#include <vswsim/grants.h>
#include <vswsim/memobs.h>

VSW_EXTERN_C_BEGIN

struct vsw_grant_slab;

/* Makes an empty cache with references 0 to 'n_refs' - 1 ('n_refs' >= 1).
 * Takes 9 bytes of 'arena' each.  Returns NULL, with 'arena' unchanged, if
 * that does not fit. */
VSW_API struct vsw_grant_slab *vsw_grant_slab_new(struct vsw_arena *arena,
                                                  uint32_t n_refs);

/* Takes a buffer and writes its reference to 'ref'.  VSW_GRANT_REUSE: it is
 * granted.  VSW_GRANT_ISSUE: the caller must get a page and grant it at
 * 'ref'.  VSW_GRANT_ABORT: all buffers are in use. */
VSW_API enum vsw_grant_outcome
vsw_grant_slab_get(struct vsw_grant_slab *s, uint32_t *ref,
                   struct vsw_memobs *obs);

/* Puts the buffer 'ref', which is in use, back into the cache. */
VSW_API void vsw_grant_slab_put(struct vsw_grant_slab *s, uint32_t ref,
                                struct vsw_memobs *obs);

/* Takes up to 'max' unused buffers out of the cache, as long as more than
 * 'n_keep' are unused, and writes their references to 'refs'.  Returns how
 * many: the caller must revoke these grants and free the pages. */
VSW_API uint32_t vsw_grant_slab_drain(struct vsw_grant_slab *s,
                                      uint32_t n_keep, uint32_t *refs,
                                      uint32_t max, struct vsw_memobs *obs);

VSW_EXTERN_C_END

#endif
