/* Memory observer: lets a simulator see which memory real code uses.
 *
 * Datapath code calls vsw_touch() before it uses memory of its own objects.
 * With no observer that is one predicted branch; a real switch may also build
 * with VSW_NO_MEMOBS, and then it is nothing at all.
 *
 * An observer without 'access' only counts the lines ("flat" memory mode);
 * with one, each declared range is handed to it ("hierarchy" mode).
 *
 * Thread-safety: none; an observer belongs to one simulated unit. */
#ifndef VSWSIM_MEMOBS_H
#define VSWSIM_MEMOBS_H

#include <stddef.h>
#include <stdint.h>

#include <vswsim/compiler.h>

enum vsw_mem_kind {
    VSW_MEM_READ,
    VSW_MEM_WRITE,
};

struct vsw_memobs;

typedef void (*vsw_memobs_access_fn)(struct vsw_memobs *obs, const void *p,
                                     size_t n_bytes, enum vsw_mem_kind kind);

struct vsw_memobs {
    uint64_t n_lines[2];            /* Lines touched, by vsw_mem_kind. */
    vsw_memobs_access_fn access;    /* NULL: count only. */
};

/* Lines that the 'n_bytes' at 'p' lie on. */
static inline uint64_t
vsw_mem_n_lines(const void *p, size_t n_bytes)
{
    uintptr_t first = (uintptr_t) p / VSW_LINE_BYTES;
    uintptr_t end = ((uintptr_t) p + n_bytes + VSW_LINE_BYTES - 1)
                    / VSW_LINE_BYTES;

    return end - first;
}

/* Declares that the caller is about to use 'n_bytes' (> 0) at 'p'. */
static inline void
vsw_touch(struct vsw_memobs *obs, const void *p, size_t n_bytes,
          enum vsw_mem_kind kind)
{
#ifdef VSW_NO_MEMOBS
    (void) obs, (void) p, (void) n_bytes, (void) kind;
#else
    if (VSW_UNLIKELY(obs != NULL)) {
        obs->n_lines[kind] += vsw_mem_n_lines(p, n_bytes);
        if (obs->access) {
            obs->access(obs, p, n_bytes, kind);
        }
    }
#endif
}

#endif
