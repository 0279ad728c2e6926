/* Coherence: how lines move between modules, L3s and DRAM. */
#ifndef VSW_CORE_CACHE_PROTOCOL_H
#define VSW_CORE_CACHE_PROTOCOL_H

#include "core/cache_dir.h"
#include "core/cache_ops.h"

/* Nothing farther away than the data was dropped. */
#define NO_DISTANCE (-1)

/* No node has the line. */
#define NOWHERE UINT32_MAX

#define ALL_MODULES UINT64_MAX

static inline int
farther(int a, int b)
{
    return a > b ? a : b;
}

static inline uint32_t
home_node(const struct vsw_memsys *ms, uint64_t line)
{
    uint64_t node = line / ((UINT64_C(1) << ms->config.node_shift)
                            / VSW_LINE_BYTES);

    return ms->n_nodes == 1 ? 0 : (uint32_t) (node % ms->n_nodes);
}

/* Something at 'node' writes 'line' to DRAM. */
static inline void
dram_write(const struct vsw_memsys *ms, uint32_t node, uint64_t line,
           struct vsw_mem_result *r)
{
    uint32_t home = home_node(ms, line);

    r->n_dram_writes[home]++;
    r->n_cross_lines += home != node;
}

static inline bool
is_far(enum vsw_mem_source source)
{
    return source == VSW_FROM_NODE_CLEAN || source == VSW_FROM_NODE_DIRTY
           || source == VSW_FROM_DRAM_FAR;
}

static inline unsigned int
lowest_bit(uint64_t x)
{
    return vsw_msb64(x & -x);
}

/* Asks the host for the sets that 'line' will need beyond the L1. */
static inline void
prefetch_sets(const struct vsw_memsys *ms, const struct vsw_module *m,
              uint64_t line)
{
    VSW_PREFETCH_W(cache_set(m->l2, line));
    if (ms->dir.records) {
        VSW_PREFETCH_W(&ms->dir.records[dir_home(&ms->dir, line)]);
    }
    if (ms->l3s) {
        const struct vsw_cache *l3 = &ms->l3s[m->node];
        uint32_t *set = cache_set(l3, line);

        VSW_PREFETCH_W(set);
        if (l3->stride == 32) {
            VSW_PREFETCH_W(set + 16);
        }
    }
}

/* Asks for what the line needs that the L2 is about to give up for 'line'. */
static inline void
prefetch_victim(const struct vsw_memsys *ms, const struct vsw_module *m,
                uint64_t line)
{
    uint32_t word = cache_set(m->l2, line)[m->l2->n_ways - 1];

    if (word && !m->l2->trees) {
        prefetch_sets(ms, m, cache_line_of(m->l2, word, line));
    }
}

/* Drops 'line' from all caches of a module; returns the flags it had. */
static inline uint32_t
module_drop(struct vsw_module *m, uint64_t line)
{
    uint32_t flags = 0;

    cache_drop(m->l2, line, &flags);
    for (uint32_t i = 0; i < m->n_l1s_used; i++) {
        if (cache_drop(&m->l1s[i], line, &flags) && i >= m->n_l1ds) {
            m->n_code_drops++;
        }
    }
    return flags;
}

/* Clears flags of 'line' in all caches of a module; returns those it had. */
static inline uint32_t
module_clear(const struct vsw_module *m, uint64_t line, uint32_t clear)
{
    uint32_t flags = 0;

    cache_mark(m->l2, line, clear, 0, &flags);
    for (uint32_t i = 0; i < m->n_l1ds; i++) {
        cache_mark(&m->l1s[i], line, clear, 0, &flags);
    }
    return flags;
}

/* Sets flags of 'line' in the L1s of a module; true if one has it. */
static inline bool
module_mark_l1s(const struct vsw_module *m, uint64_t line, uint32_t clear,
                uint32_t set)
{
    uint32_t flags = 0;
    bool held = false;

    for (uint32_t i = 0; i < m->n_l1s_used; i++) {
        held |= cache_mark(&m->l1s[i], line, clear, set, &flags);
    }
    return held;
}

/* Drops 'line' from some modules, whose record is left to the caller; returns
 * the flags it had in any. */
static inline uint32_t
modules_drop(const struct vsw_memsys *ms, uint64_t modules, uint64_t line)
{
    uint32_t flags = 0;

    for (; modules; modules &= modules - 1) {
        flags |= module_drop(&ms->modules[lowest_bit(modules)], line);
    }
    return flags;
}

/* Drops 'line' from those of 'among' that have it, and says so in the
 * directory; returns the flags it had in any. */
static inline uint32_t
modules_give_up(const struct vsw_memsys *ms, uint64_t among, uint64_t line)
{
    struct vsw_dir_record *record = dir_find(&ms->dir, line);
    uint64_t modules = dir_modules(record) & among;
    uint32_t flags = 0;

    if (modules) {
        flags = modules_drop(ms, modules, line);
        dir_take(&ms->dir, record, modules);
    }
    return flags;
}

/* 'word' left the L3 of 'node', from the set of 'other'. */
static inline void
l3_evicted(const struct vsw_memsys *ms, uint32_t node, uint32_t word,
           uint64_t other, struct vsw_mem_result *r)
{
    uint64_t line = cache_line_of(&ms->l3s[node], word, other);
    uint32_t dirty = word & VSW_LINE_DIRTY;

    if (ms->config.l3_policy == VSW_L3_INCLUSIVE) {
        dirty |= modules_give_up(ms, ms->node_modules[node], line)
                 & VSW_LINE_DIRTY;
    }
    if (dirty) {
        dram_write(ms, node, line, r);
    }
}

static inline void
l3_insert(const struct vsw_memsys *ms, uint32_t node, uint64_t line,
          uint32_t flags, struct vsw_mem_result *r)
{
    uint32_t victim = cache_insert(&ms->l3s[node], line, flags);

    if (victim) {
        l3_evicted(ms, node, victim, line, r);
    }
}

/* Gives 'line' to an L3 that is not inclusive, or updates it there. */
static inline void
l3_put(const struct vsw_memsys *ms, uint32_t node, uint64_t line,
       uint32_t flags, struct vsw_mem_result *r)
{
    const struct vsw_cache *l3 = &ms->l3s[node];
    uint32_t *set;
    int place = cache_find(l3, line, &set);

    if (place >= 0) {
        cache_use(l3, set, (uint32_t) place, set[place] | flags);
    } else {
        l3_insert(ms, node, line, flags, r);
    }
}

/* Where a line goes that leaves the L2 of 'm'.  'kept': an L1 of 'm' has it
 * still. */
static inline void
leave_module(const struct vsw_memsys *ms, const struct vsw_module *m,
             uint64_t line, uint32_t dirty, bool kept,
             struct vsw_mem_result *r)
{
    uint32_t flags = 0;

    if (!ms->l3s) {
        if (dirty) {
            dram_write(ms, m->node, line, r);
        }
    } else if (ms->config.l3_policy == VSW_L3_INCLUSIVE) {
        if (dirty) {
            r->n_l3_lines[m->node]++;
            cache_mark(&ms->l3s[m->node], line, 0, VSW_LINE_DIRTY, &flags);
        }
    } else if (dirty || ms->config.l3_policy == VSW_L3_VICTIM
               || !(kept || (dir_get(&ms->dir, line) & ~m->bit
                             & ms->node_modules[m->node]))) {
        r->n_l3_lines[m->node]++;
        l3_put(ms, m->node, line, dirty, r);
    }
}

/* 'word' left the L2 of 'm', from the set of 'other'. */
static inline void
l2_evicted(const struct vsw_memsys *ms, const struct vsw_module *m,
           uint32_t word, uint64_t other, struct vsw_mem_result *r)
{
    uint64_t line = cache_line_of(m->l2, word, other);
    /* A copy may be left in the L3. */
    bool kept = module_mark_l1s(m, line, VSW_LINE_SOLE, VSW_LINE_NO_L2);

    if (!kept) {
        dir_remove(&ms->dir, line, m->bit);
    }
    leave_module(ms, m, line, word & VSW_LINE_DIRTY, kept, r);
}

static inline void
l2_insert(const struct vsw_memsys *ms, const struct vsw_module *m,
          uint64_t line, uint32_t flags, struct vsw_mem_result *r)
{
    uint32_t victim = cache_insert(m->l2, line, flags);

    if (victim) {
        l2_evicted(ms, m, victim, line, r);
    }
}

/* Writes a line of an L1 of 'm' to its L2. */
static inline void
l2_write(const struct vsw_memsys *ms, const struct vsw_module *m,
         uint64_t line, uint32_t flags, struct vsw_mem_result *r)
{
    uint32_t *set;
    int place = cache_find(m->l2, line, &set);

    flags |= VSW_LINE_DIRTY;
    if (place >= 0) {
        cache_use(m->l2, set, (uint32_t) place, set[place] | flags);
    } else {
        l2_insert(ms, m, line, flags, r);
    }
}

/* 'word' left 'l1' of 'm', from the set of 'other'. */
static inline void
l1_evicted(const struct vsw_memsys *ms, const struct vsw_module *m,
           const struct vsw_cache *l1, uint32_t word, uint64_t other,
           struct vsw_mem_result *r)
{
    uint64_t line;

    if (!(word & (VSW_LINE_DIRTY | VSW_LINE_NO_L2))) {
        return;
    }
    line = cache_line_of(l1, word, other);
    if (word & VSW_LINE_DIRTY) {
        l2_write(ms, m, line, word & VSW_LINE_SOLE, r);
    } else {
        uint32_t *set;

        if (cache_find(m->l2, line, &set) < 0
            && !module_mark_l1s(m, line, 0, 0)) {
            dir_remove(&ms->dir, line, m->bit);
        }
    }
}

/* Drops 'line' from the L3s that a writer below 'm' takes it from: those of
 * other nodes, and its own unless that has to hold it. */
static inline int
l3s_drop(const struct vsw_memsys *ms, const struct vsw_module *m,
         uint64_t line)
{
    uint32_t flags = 0;
    int distance = NO_DISTANCE;

    for (uint32_t i = 0; ms->l3s && i < ms->n_nodes; i++) {
        if (i != m->node) {
            if (cache_drop(&ms->l3s[i], line, &flags)) {
                distance = VSW_MEM_DISTANCE_NODE;
            }
        } else if (ms->config.l3_policy != VSW_L3_INCLUSIVE) {
            cache_drop(&ms->l3s[i], line, &flags);
        }
    }
    return distance;
}

/* Drops 'line' from the modules 'others', which the directory knows no more,
 * and from L3s, for a writer below 'm'.  Returns the distance of the farthest
 * copy that was dropped. */
static inline int
drop_others(const struct vsw_memsys *ms, const struct vsw_module *m,
            uint64_t others, uint64_t line)
{
    int distance = l3s_drop(ms, m, line);

    if (others) {
        modules_drop(ms, others, line);
        distance = farther(distance, others & ~ms->node_modules[m->node]
                           ? VSW_MEM_DISTANCE_NODE : VSW_MEM_DISTANCE_L3);
    }
    return distance;
}

/* Makes 'm', which has 'line', the only module with it and returns the
 * distance of the farthest copy that was dropped. */
static inline int
claim(const struct vsw_memsys *ms, const struct vsw_module *m, uint64_t line)
{
    struct vsw_dir_record *record = dir_find(&ms->dir, line);
    uint64_t others = dir_modules(record) & ~m->bit;

    if (others) {
        record->modules = m->bit;
    }
    return drop_others(ms, m, others, line);
}

/* The module among 'others' that has 'line' dirty, or NULL.  None of them
 * has the only copy any more. */
static inline const struct vsw_module *
find_owner(const struct vsw_memsys *ms, uint64_t others, uint64_t line)
{
    const struct vsw_module *owner = NULL;

    for (; others; others &= others - 1) {
        const struct vsw_module *m = &ms->modules[lowest_bit(others)];

        if (module_clear(m, line, VSW_LINE_SOLE) & VSW_LINE_DIRTY) {
            owner = m;
        }
    }
    return owner;
}

/* Source of a line that nothing in the node of 'm' has. */
static inline enum vsw_mem_source
far_source(const struct vsw_memsys *ms, const struct vsw_module *m,
           uint64_t others, uint64_t line, struct vsw_mem_result *r)
{
    uint32_t flags = 0;
    uint32_t giver = others ? ms->modules[lowest_bit(others)].node : NOWHERE;
    uint32_t home;

    for (uint32_t i = 0; ms->l3s && i < ms->n_nodes; i++) {
        uint32_t had = flags;

        if (i != m->node && cache_mark(&ms->l3s[i], line, 0, 0, &flags)
            && (giver == NOWHERE || (flags & ~had & VSW_LINE_DIRTY))) {
            giver = i;
        }
    }
    if (giver != NOWHERE) {
        r->n_l3_lines[giver]++;
        return flags & VSW_LINE_DIRTY ? VSW_FROM_NODE_DIRTY
               : VSW_FROM_NODE_CLEAN;
    }
    home = home_node(ms, line);
    r->n_dram_reads[home]++;
    return home == m->node ? VSW_FROM_DRAM : VSW_FROM_DRAM_FAR;
}

/* Where a module that has no copy gets the line from. */
static inline enum vsw_mem_source
source_of(const struct vsw_memsys *ms, const struct vsw_module *m,
          const struct vsw_module *owner, uint64_t others, bool in_l3,
          uint64_t line, struct vsw_mem_result *r)
{
    uint64_t near = others & ms->node_modules[m->node];

    if (owner) {
        r->n_l3_lines[owner->node]++;
        return owner->node == m->node ? VSW_FROM_L3_PEER_DIRTY
               : VSW_FROM_NODE_DIRTY;
    }
    r->n_l3_lines[m->node] += in_l3 || near;
    if (in_l3) {
        /* A single other copy might be modified: the L3 has to ask. */
        return near && !(near & (near - 1)) ? VSW_FROM_L3_PEER_CLEAN
               : VSW_FROM_L3;
    }
    return near ? VSW_FROM_L3_PEER_CLEAN : far_source(ms, m, others, line, r);
}

/* The part of the node's L3 in bringing 'line' to 'm'.  Returns VSW_LINE_DIRTY
 * if dirty data moves on to the L2. */
static inline uint32_t
pass_l3(const struct vsw_memsys *ms, const struct vsw_module *m,
        uint64_t line, uint32_t *set, int place, bool write,
        struct vsw_mem_result *r)
{
    const struct vsw_cache *l3 = &ms->l3s[m->node];
    uint32_t dirty = 0;

    if (place < 0) {
        if (ms->config.l3_policy == VSW_L3_INCLUSIVE) {
            r->n_l3_lines[m->node]++;
            l3_insert(ms, m->node, line, 0, r);
        }
    } else if (ms->config.l3_policy == VSW_L3_EXCLUSIVE) {
        dirty = set[place] & VSW_LINE_DIRTY;
        cache_remove(l3, set, (uint32_t) place);
    } else if (!write || ms->config.l3_policy == VSW_L3_INCLUSIVE) {
        cache_use(l3, set, (uint32_t) place, set[place]);
    } else {
        cache_remove(l3, set, (uint32_t) place);
    }
    return write ? 0 : dirty;
}

/* Whether nothing outside of the module has a copy after a read, as far as
 * that is known without looking further. */
static inline bool
is_sole(const struct vsw_memsys *ms, enum vsw_mem_source source,
        uint64_t others)
{
    if (source >= VSW_FROM_DRAM) {
        return true;
    }
    return source == VSW_FROM_L3 && ms->n_nodes == 1 && !others
           && ms->config.l3_policy != VSW_L3_VICTIM;
}

/* Brings 'line', which no data cache of 'm' has, into the L2 of 'm'.  Sets
 * '*flags' to those it has there, and '*distance' to that of the farthest copy
 * that a write dropped. */
static inline enum vsw_mem_source
bring(const struct vsw_memsys *ms, const struct vsw_module *m, uint64_t line,
      bool write, uint32_t *flags, int *distance, struct vsw_mem_result *r)
{
    struct vsw_dir_record *record;
    uint64_t others;
    const struct vsw_module *owner;
    uint32_t *set = NULL;
    int place;
    enum vsw_mem_source source;

    prefetch_victim(ms, m, line);
    record = dir_find(&ms->dir, line);
    others = dir_modules(record) & ~m->bit;
    dir_give(record, line, m->bit, write);
    owner = find_owner(ms, others, line);
    place = ms->l3s ? cache_find(&ms->l3s[m->node], line, &set) : -1;
    source = source_of(ms, m, owner, others, place >= 0, line, r);
    *flags = write || is_sole(ms, source, others) ? VSW_LINE_SOLE : 0;
    if (owner && !write && ms->l3s
        && ms->config.l3_policy == VSW_L3_INCLUSIVE) {
        uint32_t before = module_clear(owner, line, VSW_LINE_DIRTY);

        cache_mark(&ms->l3s[owner->node], line, 0, VSW_LINE_DIRTY, &before);
    }
    *flags |= ms->l3s ? pass_l3(ms, m, line, set, place, write, r) : 0;
    if (write && (others || ms->n_nodes > 1)) {
        *distance = drop_others(ms, m, others, line);
    }
    r->n_cross_lines += is_far(source);
    l2_insert(ms, m, line, *flags, r);
    return source;
}

#endif
