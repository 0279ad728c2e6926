#include "core/huge_mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define LINE_BYTES 64u

static size_t
round_up(size_t n, size_t unit)
{
    return (n + unit - 1) / unit * unit;
}

/* Small blocks come from the allocator, so that sanitizers watch them. */
static void *
new_small(size_t n_bytes)
{
    size_t size_bytes = round_up(n_bytes, LINE_BYTES);
    void *block = aligned_alloc(LINE_BYTES, size_bytes);

    return block ? memset(block, 0, size_bytes) : NULL;
}

/* Maps a huge page more than needed, and gives back what lies before the
 * first beginning of one and after the end. */
static void *
map_aligned(size_t size_bytes)
{
    void *map = mmap(NULL, size_bytes + VSW_HUGE_PAGE_BYTES,
                     PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
                     -1, 0);
    size_t before;

    if (map == MAP_FAILED) {
        return NULL;
    }
    before = -(uintptr_t) map & (VSW_HUGE_PAGE_BYTES - 1);
    if (before > 0) {
        munmap(map, before);
    }
    map = (char *) map + before;
    munmap((char *) map + size_bytes, VSW_HUGE_PAGE_BYTES - before);
    return map;
}

void *
vsw_huge_mem_new(size_t n_bytes)
{
    size_t size_bytes = round_up(n_bytes, VSW_HUGE_PAGE_BYTES);
    void *pages;

    if (n_bytes < VSW_HUGE_PAGE_BYTES) {
        return new_small(n_bytes);
    }
    pages = map_aligned(size_bytes);
#ifdef MADV_HUGEPAGE
    if (pages) {
        madvise(pages, size_bytes, MADV_HUGEPAGE);  /* A wish only. */
    }
#endif
    return pages;
}

void
vsw_huge_mem_free(void *pages, size_t n_bytes)
{
    if (n_bytes < VSW_HUGE_PAGE_BYTES) {
        free(pages);
    } else if (pages) {
        munmap(pages, round_up(n_bytes, VSW_HUGE_PAGE_BYTES));
    }
}
