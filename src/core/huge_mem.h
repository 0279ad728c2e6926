/* Zeroed memory for what is large and used at random, or large and used in
 * small part only. */
#ifndef VSW_CORE_HUGE_MEM_H
#define VSW_CORE_HUGE_MEM_H

#include <stddef.h>

/* Returns 'n_bytes' > 0 of zeros that begin at a cache line, or NULL.  From
 * VSW_HUGE_PAGE_BYTES on they come from the operating system, begin at such a
 * page and lie on such pages where the host has them; what is never touched
 * costs address space only. */
void *vsw_huge_mem_new(size_t n_bytes);

/* Releases it; 'n_bytes' as before.  'pages' may be NULL. */
void vsw_huge_mem_free(void *pages, size_t n_bytes);

#define VSW_HUGE_PAGE_BYTES ((size_t) 2 << 20)

#endif
