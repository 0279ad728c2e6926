/* Arena: the only source of memory for datapath objects.
 *
 * Memory is taken in order from one range that the caller provides, so that
 * an object's place is its offset, the same in every run, and a cache model
 * never sees what an allocator of the host happened to return.  Nothing is
 * given back before the whole arena is: tables that free elements keep free
 * lists of their own.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_ARENA_H
#define VSWSIM_ARENA_H

#include <stddef.h>
#include <stdint.h>

#include <vswsim/compiler.h>

VSW_EXTERN_C_BEGIN

struct vsw_arena {
    unsigned char *base;        /* Borrowed from the caller of init. */
    size_t size_bytes;
    size_t used_bytes;
};

/* Makes 'arena' hand out the 'size_bytes' at 'mem', which must be aligned to
 * 64 bytes, be all zero, and outlive every object made from it. */
VSW_API void vsw_arena_init(struct vsw_arena *arena, void *mem,
                            size_t size_bytes);

/* Returns 'size_bytes' (> 0) of zeroed memory aligned to 'align_bytes' (a
 * power of two), or NULL, with 'arena' unchanged, if that does not fit. */
VSW_API void *vsw_arena_alloc(struct vsw_arena *arena, size_t size_bytes,
                              size_t align_bytes);

/* Place of 'p', which must come from 'arena', in bytes from its start. */
VSW_API uint64_t vsw_arena_offset(const struct vsw_arena *arena,
                                  const void *p);

VSW_EXTERN_C_END

#endif
