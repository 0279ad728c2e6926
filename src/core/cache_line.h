/* What a CPU's use of one line does. */
#ifndef VSW_CORE_CACHE_LINE_H
#define VSW_CORE_CACHE_LINE_H

#include "core/cache_protocol.h"

/* How far away the data was: what a write drops there costs nothing more. */
static inline int
source_distance(enum vsw_mem_source source)
{
    if (source <= VSW_FROM_L2) {
        return NO_DISTANCE;
    }
    if (source <= VSW_FROM_L3) {
        return VSW_MEM_DISTANCE_L2;
    }
    return source <= VSW_FROM_L3_PEER_DIRTY ? VSW_MEM_DISTANCE_L3
           : VSW_MEM_DISTANCE_NODE;
}

/* Counts what a write dropped at 'distance'; returns the latency of that. */
static inline uint64_t
count_upgrade(const struct vsw_memsys *ms, enum vsw_mem_source source,
              int distance, struct vsw_mem_result *r)
{
    if (distance <= source_distance(source)) {
        return 0;
    }
    r->n_upgrades[distance]++;
    return ms->config.upgrade_ps[distance];
}

/* Drops the copies of 'line' in the other L1ds of the module (a write), or
 * makes them clean and shared (a read).  Returns whether there were any. */
static inline bool
settle_peers(const struct vsw_memsys_cpu *cpu, uint64_t line, bool write,
             uint32_t *flags)
{
    const struct vsw_module *m = cpu->module;
    bool found = false;

    for (uint32_t i = 0; m->n_l1ds > 1 && i < m->n_l1ds; i++) {
        const struct vsw_cache *l1 = &m->l1s[i];

        if (l1 == cpu->l1d) {
            continue;
        }
        found |= write ? cache_drop(l1, line, flags)
                 : cache_mark(l1, line, VSW_LINE_DIRTY | VSW_LINE_SOLE, 0,
                              flags);
    }
    return found;
}

/* A write that found 'line' in the L1 at 'set' and 'place'. */
static inline uint64_t
write_hit(const struct vsw_memsys *ms, const struct vsw_memsys_cpu *cpu,
          uint64_t line, uint32_t *set, uint32_t place,
          struct vsw_mem_result *r)
{
    bool through = ms->config.l1d_write_through;
    uint64_t latency_ps = 0;
    uint32_t flags = 0;

    if (!(set[place] & VSW_LINE_SOLE)) {
        int distance = settle_peers(cpu, line, true, &flags)
                       ? VSW_MEM_DISTANCE_L2 : NO_DISTANCE;

        distance = farther(distance, claim(ms, cpu->module, line));
        latency_ps = count_upgrade(ms, VSW_FROM_L1, distance, r);
    }
    cache_use(cpu->l1d, set, place, set[place] | VSW_LINE_SOLE
              | (through ? 0 : VSW_LINE_DIRTY));
    if (through) {
        l2_write(ms, cpu->module, line, VSW_LINE_SOLE, r);
    }
    return latency_ps;
}

/* Puts 'line' into the L2, if it is not there.  Sets '*flags' to those of the
 * L2's word and '*distance' to how far away a write dropped copies. */
static inline enum vsw_mem_source
reach_l2(const struct vsw_memsys *ms, const struct vsw_memsys_cpu *cpu,
         uint64_t line, enum vsw_line_kind kind, uint32_t *flags,
         int *distance, struct vsw_mem_result *r)
{
    const struct vsw_module *m = cpu->module;
    bool write = kind == VSW_LINE_WRITE;
    enum vsw_mem_source source = VSW_FROM_L2;
    uint32_t peer_flags = 0;
    bool peer = kind != VSW_LINE_FETCH
                && settle_peers(cpu, line, write, &peer_flags);
    uint32_t *set;
    int place;

    if (peer_flags & VSW_LINE_DIRTY) {
        l2_write(ms, m, line, 0, r);
        source = VSW_FROM_L2_PEER_DIRTY;
    }
    *distance = peer ? VSW_MEM_DISTANCE_L2 : NO_DISTANCE;
    *flags = 0;
    place = cache_find(m->l2, line, &set);
    if (place >= 0) {
        *flags = set[place] & VSW_LINE_FLAGS;
        cache_use(m->l2, set, (uint32_t) place, set[place]);
    } else if (peer) {
        source = VSW_FROM_L2_PEER_CLEAN;
        l2_insert(ms, m, line, 0, r);
    } else {
        source = bring(ms, m, line, write, flags, distance, r);
    }
    if (write && !(*flags & VSW_LINE_SOLE)) {
        *distance = farther(*distance, claim(ms, m, line));
        *flags |= VSW_LINE_SOLE;
    }
    if (peer && !write) {
        *flags &= ~(uint32_t) VSW_LINE_SOLE;
    }
    return source;
}

/* Brings 'line' to the L2 if it is in neither cache of the CPU. */
static inline void
prefetch_line(const struct vsw_memsys *ms, struct vsw_memsys_cpu *cpu,
              struct vsw_stream *s, uint64_t line, struct vsw_mem_result *r)
{
    const uint64_t *latency_ps = ms->config.latency_ps;
    enum vsw_mem_source source;
    uint32_t *set;
    uint32_t flags;
    int distance;

    s->beyond_ps = 0;
    if (cache_find(cpu->module->l2, line, &set) < 0
        && cache_find(cpu->l1d, line, &set) < 0) {
        source = bring(ms, cpu->module, line, false, &flags, &distance, r);
        r->n_prefetches[source]++;
        if (latency_ps[source] > latency_ps[VSW_FROM_L2]) {
            s->beyond_ps = latency_ps[source] - latency_ps[VSW_FROM_L2];
        }
    }
}

/* Learns from the misses of a CPU: after two lines in a row, those that
 * follow on the page come to the L2 before they are asked for.  A line that is
 * then asked for has held a line fill as long as any other of the stream. */
static inline void
follow_stream(const struct vsw_memsys *ms, struct vsw_memsys_cpu *cpu,
              uint64_t line, struct vsw_mem_result *r)
{
    struct vsw_stream *s = cpu->streams;
    uint64_t page_end = (line | 63) + 1;
    uint64_t end = line + 1 + ms->config.n_prefetch;

    while (s < cpu->streams + VSW_N_STREAMS && s->next != line) {
        s++;
    }
    if (s == cpu->streams + VSW_N_STREAMS) {
        s = &cpu->streams[cpu->next_stream++ % VSW_N_STREAMS];
        s->next = s->ahead = line + 1;
        return;
    }
    s->next = line + 1;
    if (s->ahead > line) {
        r->prefetched_ps += s->beyond_ps;
    } else {
        s->ahead = line + 1;
    }
    for (; s->ahead < end && s->ahead < page_end; s->ahead++) {
        prefetch_line(ms, cpu, s, s->ahead, r);
    }
}

static inline uint64_t
miss(const struct vsw_memsys *ms, struct vsw_memsys_cpu *cpu,
     const struct vsw_cache *l1, uint64_t line, enum vsw_line_kind kind,
     struct vsw_mem_result *r)
{
    bool write = kind == VSW_LINE_WRITE;
    uint32_t flags, victim;
    int distance;
    enum vsw_mem_source source;
    uint64_t latency_ps;

    prefetch_sets(ms, cpu->module, line);
    if (kind == VSW_LINE_FETCH) {
        cpu->module->n_l1s_used = cpu->module->n_l1s;
    }
    source = reach_l2(ms, cpu, line, kind, &flags, &distance, r);
    latency_ps = ms->config.latency_ps[source];
    r->n_from[kind][source]++;
    if (write) {
        latency_ps += count_upgrade(ms, source, distance, r);
    }
    if (write && ms->config.l1d_write_through) {
        l2_write(ms, cpu->module, line, VSW_LINE_SOLE, r);
    } else {
        flags = kind == VSW_LINE_FETCH ? 0 : flags & VSW_LINE_SOLE;
        victim = cache_insert(l1, line, flags | (write ? VSW_LINE_DIRTY : 0));
        if (victim) {
            l1_evicted(ms, cpu->module, l1, victim, line, r);
        }
    }
    if (ms->config.n_prefetch && kind != VSW_LINE_FETCH) {
        follow_stream(ms, cpu, line, r);
    }
    return latency_ps;
}

/* One line access; returns its latency, which is not yet added to 'r'. */
static inline uint64_t
use_line(const struct vsw_memsys *ms, struct vsw_memsys_cpu *cpu,
         uint64_t line, enum vsw_line_kind kind, struct vsw_mem_result *r)
{
    const struct vsw_cache *l1 = kind == VSW_LINE_FETCH ? cpu->l1i
                                 : cpu->l1d;
    uint32_t *set;
    int place = cache_find(l1, line, &set);
    uint64_t latency_ps;

    if (place < 0) {
        return miss(ms, cpu, l1, line, kind, r);
    }
    latency_ps = ms->config.latency_ps[VSW_FROM_L1];
    r->n_from[kind][VSW_FROM_L1]++;
    if (kind == VSW_LINE_WRITE) {
        latency_ps += write_hit(ms, cpu, line, set, (uint32_t) place, r);
    } else {
        cache_use(l1, set, (uint32_t) place, set[place]);
    }
    return latency_ps;
}

#endif
