/* Pages of a kernel, as its page allocator hands them out: what makes the
 * memory that a path of packets cycles through as large as it is.
 *
 * In hierarchy mode only (mem.h); in flat mode nothing here has an address.
 *
 * Each CPU has a list of free pages for each node, from which the page that it
 * freed last comes first.  An empty list takes VSW_PAGES_BATCH pages from the
 * node, a list of more than VSW_PAGES_HIGH gives as many back, those that lay
 * there longest.  The node's own list is last in, first out as well.  So what
 * one CPU allocates and another one frees wanders from list to list, and is
 * in the caches of neither when it is used again, unless little is under way.
 *
 * Source: Linux 3.x, mm/page_alloc.c, per_cpu_pages; batch and high mark are
 * those of zones of a gigabyte and more.
 * Left out: merging of pages to larger blocks, which the order of a node's
 * list depends on; pages of other sizes.
 *
 * Thread-safety: none; part of one simulation. */
#ifndef VSWSIM_PAGES_H
#define VSWSIM_PAGES_H

#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/sim.h>

VSW_EXTERN_C_BEGIN

#define VSW_PAGES_BATCH 31
#define VSW_PAGES_HIGH 186

#define VSW_PAGE_BYTES 4096u

/* Free pages, a ring: the one freed last is at its top. */
struct vsw_page_list {
    uint64_t *addrs;
    uint32_t n;
    uint32_t bottom;
    uint32_t size;              /* Of the ring. */
};

struct vsw_pages {
    struct vsw_page_list *cpus;     /* By CPU and node. */
    struct vsw_page_list *nodes;
    uint64_t *starts;               /* First page of each node. */
    uint32_t n_cpus;
    uint32_t n_nodes;
    uint32_t n_per_node;
};

/* Makes an allocator for 'n_cpus' CPUs, of 'n_pages' at each of 'n_nodes'
 * nodes from 'first_node' on.  Returns 0 or -ENOMEM.  Comes before
 * vsw_mem_ready().  In flat mode 'pages' is left zero. */
VSW_API int vsw_pages_init(struct vsw_pages *pages, struct vsw_sim *sim,
                           uint32_t n_cpus, uint32_t first_node,
                           uint32_t n_nodes, uint32_t n_pages);
VSW_API void vsw_pages_fini(struct vsw_pages *pages);

/* Whether there are any. */
static inline bool
vsw_pages_exist(const struct vsw_pages *pages)
{
    return pages->cpus != NULL;
}

/* CPU number 'cpu' takes a page of node number 'node' (of those it has), and
 * returns its address; 0 if that node has none left. */
VSW_API uint64_t vsw_pages_get(struct vsw_pages *pages, uint32_t cpu,
                               uint32_t node);

/* CPU number 'cpu' gives back the page at 'addr'. */
VSW_API void vsw_pages_put(struct vsw_pages *pages, uint32_t cpu,
                           uint64_t addr);

VSW_EXTERN_C_END

#endif
