/* Translation: the TLBs of a CPU, and page walks through its caches.
 *
 * Simulated addresses are linear: a page maps to itself, and the tables of
 * each level are one array.  So what a walk reads is the right number of
 * lines, as near to each other as those of a real table. */
#ifndef VSW_CORE_CACHE_TLB_H
#define VSW_CORE_CACHE_TLB_H

#include "core/cache_line.h"

#define PAGE_SHIFT       12
#define LEVEL_SHIFT      9      /* Each level has 512 entries of 8 bytes. */
#define TABLE_SHIFT      32     /* Addresses between two levels' tables. */

static inline bool
is_huge(const struct vsw_tlb_config *tlb, uint64_t addr)
{
    return addr >= tlb->huge_start && addr < tlb->huge_end;
}

/* Number of the page where both sizes live, and translations of guests and of
 * the host: above all numbers of pages of 4 KiB, and below the largest tag, if
 * it is huge or a guest's. */
static inline uint64_t
page_number(uint64_t addr, bool huge, bool guest)
{
    return addr >> (huge ? PAGE_SHIFT + LEVEL_SHIFT : PAGE_SHIFT)
           | (uint64_t) huge << (VSW_MEMSYS_MAX_ADDR_BITS - PAGE_SHIFT)
           | (uint64_t) guest << (VSW_MEMSYS_MAX_ADDR_BITS - PAGE_SHIFT + 1);
}

/* Uses 'number' in 't'; false if it was not there, and now it is. */
static inline bool
tlb_use(const struct vsw_cache *t, uint64_t number)
{
    uint32_t *set;
    int place = cache_find(t, number, &set);

    if (place < 0) {
        cache_insert(t, number, 0);
        return false;
    }
    cache_use(t, set, (uint32_t) place, set[place]);
    return true;
}

/* The address of the entry for 'addr' in the tables of 'level' (0: leaves of
 * 4 KiB) at 'tables'. */
static inline uint64_t
entry_addr(uint64_t tables, unsigned int level, uint64_t addr)
{
    return tables + ((uint64_t) level << TABLE_SHIFT)
           + (addr >> (PAGE_SHIFT + LEVEL_SHIFT * level)) * 8;
}

/* First level to read, from 'n_levels' - 1 down: the one below the lowest
 * whose entry is in the paging-structure cache.  Those read are there from
 * then on. */
static inline unsigned int
first_level(const struct vsw_memsys *ms, struct vsw_memsys_cpu *cpu,
            bool nested, unsigned int leaf, uint64_t addr)
{
    unsigned int level = leaf;

    while (level + 1 < ms->config.tlb.n_levels) {
        unsigned int up = level + 1;
        uint64_t entry = addr >> (PAGE_SHIFT + LEVEL_SHIFT * up);

        if (tlb_use(&cpu->tlb.walk, entry << 3 | up << 1 | nested)) {
            break;
        }
        level = up;
    }
    return level;
}

static inline uint64_t
read_entry(const struct vsw_memsys *ms, struct vsw_memsys_cpu *cpu,
           uint64_t addr, struct vsw_mem_result *r)
{
    r->n_walk_lines++;
    return use_line(ms, cpu, addr / VSW_LINE_BYTES, VSW_LINE_READ, r);
}

/* Reads the entries of one set of tables for 'addr'. */
static inline uint64_t
walk_nested(const struct vsw_memsys *ms, struct vsw_memsys_cpu *cpu,
            uint64_t addr, struct vsw_mem_result *r)
{
    const struct vsw_tlb_config *tlb = &ms->config.tlb;
    unsigned int leaf = is_huge(tlb, addr);
    uint64_t latency_ps = 0;
    unsigned int level;

    if (tlb_use(&cpu->tlb.nested, page_number(addr, leaf, false))) {
        return 0;
    }
    level = first_level(ms, cpu, true, leaf, addr);
    for (level++; level-- > leaf;) {
        latency_ps += read_entry(ms, cpu, entry_addr(tlb->nested_tables,
                                                     level, addr), r);
    }
    return latency_ps;
}

static inline uint64_t
walk(const struct vsw_memsys *ms, struct vsw_memsys_cpu *cpu, uint64_t addr,
     struct vsw_mem_result *r)
{
    const struct vsw_tlb_config *tlb = &ms->config.tlb;
    unsigned int leaf = is_huge(tlb, addr);
    unsigned int level = first_level(ms, cpu, false, leaf, addr);
    bool nested = cpu->tlb.is_guest;
    uint64_t latency_ps = 0;

    r->n_tlb_walks++;
    for (level++; level-- > leaf;) {
        uint64_t entry = entry_addr(tlb->tables, level, addr);

        latency_ps += nested ? walk_nested(ms, cpu, entry, r) : 0;
        latency_ps += read_entry(ms, cpu, entry, r);
    }
    return latency_ps + (nested ? walk_nested(ms, cpu, addr, r) : 0);
}

/* Whether the second level may have the page. */
static inline bool
uses_l2(const struct vsw_memsys *ms, const struct vsw_cpu_tlb *t, bool huge)
{
    return t->l2.words && !(huge && ms->config.tlb.l2_small_only);
}

/* Translates 'addr'; returns what that takes beyond a hit in the first
 * level. */
static inline uint64_t
translate(const struct vsw_memsys *ms, struct vsw_memsys_cpu *cpu,
          uint64_t addr, struct vsw_mem_result *r)
{
    bool huge = is_huge(&ms->config.tlb, addr);
    struct vsw_cpu_tlb *t = &cpu->tlb;
    uint64_t page = page_number(addr, huge, t->is_guest);

    if (page + 1 == t->last_page) {
        return 0;
    }
    t->last_page = page + 1;
    if (tlb_use(&t->l1[huge], page)) {
        return 0;
    }
    r->n_tlb_l1_misses++;
    if (uses_l2(ms, t, huge) && tlb_use(&t->l2, page)) {
        return ms->config.tlb.l2_ps;
    }
    return walk(ms, cpu, addr, r);
}

#endif
