#include "core/cache_reference.h"

#include <string.h>

enum { L1I, L1D, L2, L3 };

#define EACH(ref, c) struct ref_cache *c = (ref)->caches;                    \
                     c < (ref)->caches + (ref)->n_caches; c++

/* Setting up. */

static void
add(struct ref *ref, int level, const struct vsw_cache_config *config)
{
    for (uint32_t cpu = 0; config->size_bytes && cpu < ref->config.n_cpus;
         cpu += config->n_cpus) {
        struct ref_cache *c = &ref->caches[ref->n_caches++];

        c->level = level;
        c->cpu = cpu;
        c->end_cpu = cpu + config->n_cpus;
        c->n_ways = config->n_ways;
        c->n_sets = (uint32_t) (config->size_bytes / 64 / config->n_ways);
        c->plru = config->policy == VSW_CACHE_PLRU;
    }
}

void
ref_init(struct ref *ref, const struct vsw_memsys_config *config)
{
    memset(ref, 0, sizeof *ref);
    ref->config = *config;
    add(ref, L1I, &config->l1i);
    add(ref, L1D, &config->l1d);
    add(ref, L2, &config->l2);
    add(ref, L3, &config->l3);
}

/* One cache. */

static struct ref_line *
find(struct ref_cache *c, uint64_t line)
{
    struct ref_line *set = &c->lines[line % c->n_sets * c->n_ways];

    for (uint32_t i = 0; i < c->n_ways; i++) {
        if (set[i].valid && set[i].line == line) {
            return &set[i];
        }
    }
    return NULL;
}

static void
use(struct ref *ref, struct ref_cache *c, struct ref_line *l)
{
    size_t i = (size_t) (l - c->lines) % c->n_ways;
    bool *right = &c->right[(size_t) (l - c->lines) - i];
    size_t node = 1;

    l->used = ++ref->clock;
    for (size_t half = c->n_ways / 2; half; half /= 2) {
        right[node] = !(i & half);
        node = 2 * node + !!(i & half);
    }
}

static struct ref_line *
victim(struct ref_cache *c, uint64_t line)
{
    struct ref_line *set = &c->lines[line % c->n_sets * c->n_ways];
    const bool *right = &c->right[set - c->lines];
    struct ref_line *oldest = set;
    size_t node = 1;

    for (uint32_t i = 0; i < c->n_ways; i++) {
        if (!set[i].valid) {
            return &set[i];
        }
        oldest = set[i].used < oldest->used ? &set[i] : oldest;
    }
    if (c->plru) {
        while (node < c->n_ways) {
            node = 2 * node + right[node];
        }
        return &set[node - c->n_ways];
    }
    return oldest;
}

/* Which caches are whose. */

static struct ref_cache *
cache_of(struct ref *ref, int level, uint32_t cpu)
{
    for (EACH(ref, c)) {
        if (c->level == level && c->cpu <= cpu && cpu < c->end_cpu) {
            return c;
        }
    }
    return NULL;
}

struct ref_line *
ref_find(struct ref *ref, int level, uint32_t cpu, uint64_t line)
{
    struct ref_cache *c = cache_of(ref, level, cpu);

    return c ? find(c, line) : NULL;
}

static int
distance(const struct ref *ref, uint32_t cpu, const struct ref_cache *c)
{
    if (cpu / ref->config.l3.n_cpus != c->cpu / ref->config.l3.n_cpus) {
        return VSW_MEM_DISTANCE_NODE;
    }
    return c->level == L3 || cpu / ref->config.l2.n_cpus
           != c->cpu / ref->config.l2.n_cpus ? VSW_MEM_DISTANCE_L3
           : VSW_MEM_DISTANCE_L2;
}

/* Lines that move. */

static uint32_t
home(const struct ref *ref, uint64_t line)
{
    return (uint32_t) ((line * 64 >> ref->config.node_shift)
                       % (ref->config.n_cpus / ref->config.l3.n_cpus));
}

static uint32_t
node_of(const struct ref *ref, const struct ref_cache *c)
{
    return c->cpu / ref->config.l3.n_cpus;
}

#define NO_MODULE UINT32_MAX

/* The cache of the lowest CPU that has 'line', in another module than 'but':
 * an L3 only if no other has. */
static const struct ref_cache *
holder(struct ref *ref, uint64_t line, uint32_t but)
{
    const struct ref_cache *best = NULL;

    for (EACH(ref, c)) {
        if (find(c, line) && c->cpu / ref->config.l2.n_cpus != but
            && (!best || (c->level == L3) < (best->level == L3)
                || ((c->level == L3) == (best->level == L3)
                    && c->cpu < best->cpu))) {
            best = c;
        }
    }
    return best;
}

static void evict(struct ref *ref, const struct ref_cache *c,
                  struct ref_line l);

/* Uses 'line' in 'c', where it is from now on. */
static struct ref_line *
put(struct ref *ref, struct ref_cache *c, uint64_t line, bool dirty)
{
    struct ref_line *l = find(c, line);

    if (!l) {
        struct ref_line old;

        l = victim(c, line);
        old = *l;
        *l = (struct ref_line) { .valid = true, .line = line };
        use(ref, c, l);
        l->dirty = dirty;
        if (old.valid) {
            evict(ref, c, old);
        }
        return find(c, line);
    }
    use(ref, c, l);
    l->dirty |= dirty;
    return l;
}

static void
evict(struct ref *ref, const struct ref_cache *c, struct ref_line l)
{
    struct ref_cache *l3 = cache_of(ref, L3, c->cpu);
    bool inclusive = ref->config.l3_policy == VSW_L3_INCLUSIVE;
    bool held = false;

    for (EACH(ref, other)) {
        struct ref_line *inner = find(other, l.line);

        if (inner && other->level < L3
            && distance(ref, c->cpu, other) < VSW_MEM_DISTANCE_NODE) {
            held = true;
            if (c->level == L3 && inclusive) {
                inner->valid = false;
                l.dirty |= inner->dirty;
            }
        }
    }
    if (c->level < L2) {
        if (l.dirty) {
            put(ref, cache_of(ref, L2, c->cpu), l.line, true);
        }
    } else if (c->level == L3 || !l3) {
        ref->r->n_dram_writes[home(ref, l.line)] += l.dirty;
        ref->r->n_cross_lines += l.dirty && home(ref, l.line)
                                 != c->cpu / ref->config.l3.n_cpus;
    } else if (inclusive) {
        ref->r->n_l3_lines[node_of(ref, c)] += l.dirty;
        find(l3, l.line)->dirty |= l.dirty;
    } else if (l.dirty || ref->config.l3_policy == VSW_L3_VICTIM || !held) {
        ref->r->n_l3_lines[node_of(ref, c)]++;
        put(ref, l3, l.line, l.dirty);
    }
}

/* What is in other caches than those a CPU goes through. */

struct elsewhere {
    bool has[VSW_N_MEM_DISTANCES];
    struct ref_cache *owner[VSW_N_MEM_DISTANCES];       /* Has it dirty. */
    uint32_t n_modules;         /* Of the node, besides the CPU's. */
};

static struct elsewhere
look_around(struct ref *ref, uint32_t cpu, uint64_t line)
{
    struct elsewhere e = { .n_modules = 0 };
    uint64_t modules = 0;

    for (EACH(ref, c)) {
        struct ref_line *l = find(c, line);
        int d = distance(ref, cpu, c);

        if (!l || (d == VSW_MEM_DISTANCE_L2 && c->level != L1D)
            || (c->level == L3 && d == VSW_MEM_DISTANCE_L3)) {
            continue;
        }
        e.has[d] = true;
        /* The data of a module that has it dirty is newer than any L3's. */
        if (l->dirty && !(e.owner[d] && c->level == L3)) {
            e.owner[d] = c;
        }
        if (d == VSW_MEM_DISTANCE_L3) {
            modules |= UINT64_C(1) << c->cpu / ref->config.l2.n_cpus;
        }
    }
    for (; modules; modules &= modules - 1) {
        e.n_modules++;
    }
    return e;
}

/* A write by 'cpu' drops the copies elsewhere; returns the farthest. */
static int
drop_copies(struct ref *ref, uint32_t cpu, uint64_t line)
{
    int farthest = -1;

    for (EACH(ref, c)) {
        struct ref_line *l = find(c, line);
        int d = distance(ref, cpu, c);
        bool own_l3 = c->level == L3 && d == VSW_MEM_DISTANCE_L3;

        if (!l || (d == VSW_MEM_DISTANCE_L2 && (c->level != L1D
                   || c == cache_of(ref, L1D, cpu)))
            || (own_l3 && ref->config.l3_policy == VSW_L3_INCLUSIVE)) {
            continue;
        }
        l->valid = false;
        farthest = !own_l3 && d > farthest ? d : farthest;
    }
    return farthest;
}

/* Brings to the L2 of 'cpu' a line that its module does not have. */
static enum vsw_mem_source
bring(struct ref *ref, uint32_t cpu, uint64_t line, bool write, int *dropped)
{
    struct elsewhere e = look_around(ref, cpu, line);
    struct ref_cache *l3 = cache_of(ref, L3, cpu);
    struct ref_line *l = l3 ? find(l3, line) : NULL;
    bool inclusive = ref->config.l3_policy == VSW_L3_INCLUSIVE;
    struct ref_cache *near = e.owner[VSW_MEM_DISTANCE_L3];
    struct ref_cache *far = e.owner[VSW_MEM_DISTANCE_NODE];
    struct ref_cache *owner = near ? near
                              : far && far->level < L3 ? far : NULL;
    enum vsw_mem_source source;
    bool dirty = false;

    if (near) {
        source = VSW_FROM_L3_PEER_DIRTY;
    } else if (owner) {
        source = VSW_FROM_NODE_DIRTY;
    } else if (l && e.n_modules != 1) {
        source = VSW_FROM_L3;
    } else if (l || e.n_modules) {
        source = VSW_FROM_L3_PEER_CLEAN;
    } else if (e.has[VSW_MEM_DISTANCE_NODE]) {
        source = far ? VSW_FROM_NODE_DIRTY : VSW_FROM_NODE_CLEAN;
    } else {
        source = home(ref, line) == cpu / ref->config.l3.n_cpus
                 ? VSW_FROM_DRAM : VSW_FROM_DRAM_FAR;
        ref->r->n_dram_reads[home(ref, line)]++;
    }
    ref->r->n_cross_lines += source >= VSW_FROM_NODE_CLEAN
                             && source != VSW_FROM_DRAM;
    if (source < VSW_FROM_DRAM) {
        const struct ref_cache *giver
            = source < VSW_FROM_NODE_CLEAN ? cache_of(ref, L2, cpu)
              : owner ? owner : far ? far
              : holder(ref, line, cpu / ref->config.l2.n_cpus);

        ref->r->n_l3_lines[node_of(ref, giver)]++;
    }
    if (l3 && inclusive) {
        ref->r->n_l3_lines[node_of(ref, l3)] += !l;
    }
    if (owner && !write && inclusive && l3) {
        for (EACH(ref, c)) {
            struct ref_line *copy = find(c, line);

            if (copy && c->level < L3
                && c->cpu / ref->config.l2.n_cpus
                   == owner->cpu / ref->config.l2.n_cpus) {
                copy->dirty = false;
            }
        }
        ref_find(ref, L3, owner->cpu, line)->dirty = true;
    }
    if (l3 && (inclusive || (l && !write
               && ref->config.l3_policy == VSW_L3_VICTIM))) {
        put(ref, l3, line, false);
    } else if (l) {
        dirty = l->dirty && !write;
        l->valid = false;
    }
    *dropped = write ? drop_copies(ref, cpu, line) : -1;
    put(ref, cache_of(ref, L2, cpu), line, dirty);
    return source;
}

/* Brings to the L2 of 'cpu' a line that its L1 does not have. */
static enum vsw_mem_source
reach(struct ref *ref, uint32_t cpu, uint64_t line, enum vsw_line_kind kind,
      int *dropped)
{
    struct elsewhere e = look_around(ref, cpu, line);
    struct ref_cache *owner = e.owner[VSW_MEM_DISTANCE_L2];
    struct ref_cache *l2 = cache_of(ref, L2, cpu);
    bool write = kind == VSW_LINE_WRITE;
    enum vsw_mem_source source = VSW_FROM_L2;

    if (kind == VSW_LINE_FETCH) {
        owner = NULL;
        e.has[VSW_MEM_DISTANCE_L2] = false;
    }
    if (owner) {
        find(owner, line)->dirty = false;
        put(ref, l2, line, true);
        source = VSW_FROM_L2_PEER_DIRTY;
    }
    if (find(l2, line) || e.has[VSW_MEM_DISTANCE_L2]) {
        source = find(l2, line) ? source : VSW_FROM_L2_PEER_CLEAN;
        put(ref, l2, line, false);
        *dropped = write ? drop_copies(ref, cpu, line) : -1;
        return source;
    }
    return bring(ref, cpu, line, write, dropped);
}

static const int distance_of[VSW_N_MEM_SOURCES] = {
    -1, -1, 0, 0, 0, 1, 1, 2, 2, 2, 2,
};

void
ref_access(struct ref *ref, uint32_t cpu, uint64_t line,
           enum vsw_line_kind kind)
{
    struct ref_cache *l1 = cache_of(ref, kind == VSW_LINE_FETCH ? L1I : L1D,
                                    cpu);
    bool write = kind == VSW_LINE_WRITE;
    bool through = write && ref->config.l1d_write_through;
    bool hit = find(l1, line) != NULL;
    enum vsw_mem_source source = VSW_FROM_L1;
    int dropped = -1;

    if (!hit) {
        source = reach(ref, cpu, line, kind, &dropped);
    } else if (write) {
        dropped = drop_copies(ref, cpu, line);
    }
    if (hit || !through) {
        put(ref, l1, line, write && !through);
    }
    if (through) {
        put(ref, cache_of(ref, L2, cpu), line, true);
    }
    ref->r->n_from[kind][source]++;
    ref->r->latency_ps += ref->config.latency_ps[source];
    if (dropped > distance_of[source]) {
        ref->r->n_upgrades[dropped]++;
        ref->r->latency_ps += ref->config.upgrade_ps[dropped];
    }
}

/* Devices. */

static void
make_room_for_io(struct ref *ref, struct ref_cache *l3, uint64_t line)
{
    struct ref_line *set = &l3->lines[line % l3->n_sets * l3->n_ways];
    struct ref_line *worst = NULL;
    uint32_t n = 0;

    for (uint32_t i = 0; i < l3->n_ways; i++) {
        if (set[i].valid && set[i].io) {
            n++;
            if (!worst || l3->plru || set[i].used < worst->used) {
                worst = &set[i];
            }
        }
    }
    if (worst && n >= ref->config.n_ddio_ways) {
        worst->valid = false;
        evict(ref, l3, *worst);
    }
}

void
ref_dma_write(struct ref *ref, uint32_t node, uint64_t line)
{
    struct ref_cache *l3 = cache_of(ref, L3, node * ref->config.l3.n_cpus);
    bool ddio = l3 && ref->config.n_ddio_ways;

    for (EACH(ref, c)) {
        struct ref_line *l = find(c, line);

        if (l && !(ddio && c == l3)) {
            l->valid = false;
        }
    }
    ref->r->n_dma_writes[ddio]++;
    ref->r->n_l3_lines[node] += ddio;
    if (!ddio) {
        ref->r->n_dram_writes[home(ref, line)]++;
        ref->r->n_cross_lines += home(ref, line) != node;
    } else if (find(l3, line)) {
        put(ref, l3, line, true);
    } else {
        make_room_for_io(ref, l3, line);
        put(ref, l3, line, true)->io = true;
    }
}

void
ref_dma_read(struct ref *ref, uint64_t line)
{
    const struct ref_cache *c = holder(ref, line, NO_MODULE);

    ref->r->n_dma_reads[c != NULL]++;
    if (c) {
        ref->r->n_l3_lines[node_of(ref, c)]++;
    } else {
        ref->r->n_dram_reads[home(ref, line)]++;
    }
}
