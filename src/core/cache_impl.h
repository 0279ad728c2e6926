/* What the files of the memory system share. */
#ifndef VSW_CORE_CACHE_IMPL_H
#define VSW_CORE_CACHE_IMPL_H

#include <vswsim/cache.h>

/* A cache, or a TLB: words in sets.  A word is (tag + 1) << 3 | flags, and 0
 * if empty; the tag of a line is its number without the lowest 'shift' bits,
 * the most that leaves the lines of one set apart.
 *
 * With LRU, a set is ordered: the last used first, empty words last.  With
 * PLRU, words stay in place, and node i of the set's tree is bit i of its
 * word in 'trees': 1 if the victim is in the right half.
 *
 * A set has 8, 16 or 32 words, so that vectors fit; those after 'n_ways' stay
 * empty. */
struct vsw_cache {
    uint32_t *words;
    uint32_t *trees;            /* NULL: LRU. */
    uint64_t n_sets;
    uint64_t reciprocal;        /* 2^64 / n_sets + 1; 0: a power of two. */
    uint32_t shift;
    uint32_t stride;            /* Words of a set: 1 << stride_bits. */
    uint32_t stride_bits;
    uint32_t n_ways;
};

/* Flags of a word, by cache. */
enum {
    VSW_LINE_DIRTY = 1,
    VSW_LINE_SOLE = 2,      /* L1d, L2: surely the only copy outside of the
                             * module (L1d: of this L1d). */
    VSW_LINE_IO = 2,        /* L3: DMA brought it here. */
    VSW_LINE_NO_L2 = 4,     /* L1: the L2 may not have it. */
    VSW_LINE_FLAGS = 7,
};

#define VSW_CACHE_MAX_TAG ((UINT32_C(1) << 29) - 2)

/* With more, the page numbers of a TLB of one set would not fit its tags. */
#define VSW_MEMSYS_MAX_ADDR_BITS 39

/* Which modules hold a line in their L1s or L2: exact, but for the lines that
 * are in no cache, which have no record. */
struct vsw_dir_record {
    uint64_t line_1;        /* Line + 1; 0: free. */
    uint64_t modules;
};

struct vsw_dir {
    struct vsw_dir_record *records;     /* NULL: there is one module only. */
    uint64_t mask;
    unsigned int shift;
};

/* What shares one L2. */
struct vsw_module {
    struct vsw_cache *l2;
    struct vsw_cache *l1s;  /* The L1ds, then the L1is. */
    uint32_t n_l1ds;
    uint32_t n_l1s;
    uint32_t n_l1s_used;    /* Without the L1is until one fetches. */
    uint32_t node;
    uint64_t n_code_drops;  /* Lines that its L1is lost to others' doing. */
    uint64_t bit;
};

#define VSW_N_STREAMS 8

struct vsw_stream {
    uint64_t next;          /* Line that would go on with it. */
    uint64_t ahead;         /* First line not yet prefetched. */
    uint64_t beyond_ps;     /* Latency of the last one that was, beyond that of
                             * a hit in the L2. */
};

struct vsw_cpu_tlb {
    struct vsw_cache l1[2]; /* Of 4 KiB and of 2 MiB pages. */
    struct vsw_cache l2;
    struct vsw_cache walk;  /* Paging-structure cache. */
    struct vsw_cache nested;
    uint64_t last_page;     /* Page + 1; 0: none. */
    bool is_guest;          /* Its tables are translated, too. */
};

struct vsw_memsys_cpu {
    struct vsw_cache *l1d;
    struct vsw_cache *l1i;
    struct vsw_module *module;
    struct vsw_stream streams[VSW_N_STREAMS];
    uint32_t next_stream;   /* That the next new stream takes. */
    struct vsw_cpu_tlb tlb;
};

struct vsw_memsys_ops {
    enum vsw_cache_form form;
    uint64_t (*access)(struct vsw_memsys *ms, uint32_t cpu, uint64_t addr,
                       uint64_t n_bytes, enum vsw_line_kind kind,
                       struct vsw_mem_result *r);
    void (*range)(struct vsw_memsys *ms, uint32_t cpu, uint64_t addr,
                  uint64_t n_bytes, enum vsw_line_kind kind,
                  struct vsw_mem_flight *flight, struct vsw_mem_result *r);
    void (*copy)(struct vsw_memsys *ms, uint32_t cpu, uint64_t dst,
                 uint64_t src, uint64_t n_bytes,
                 struct vsw_mem_flight *flight, struct vsw_mem_result *r);
    void (*fill_l3)(struct vsw_memsys *ms, uint32_t node, uint64_t addr,
                    uint64_t n_bytes, struct vsw_mem_result *r);
    void (*dma_write)(struct vsw_memsys *ms, uint32_t node, uint64_t addr,
                      uint64_t n_bytes, struct vsw_mem_result *r);
    void (*dma_read)(struct vsw_memsys *ms, uint64_t addr, uint64_t n_bytes,
                     struct vsw_mem_result *r);
    void (*tlb_drop)(struct vsw_memsys *ms, uint32_t cpu, uint64_t addr);
};

struct vsw_memsys {
    const struct vsw_memsys_ops *ops;
    struct vsw_memsys_config config;
    struct vsw_memsys_cpu *cpus;
    struct vsw_module *modules;
    struct vsw_cache *l3s;      /* By node; NULL: absent. */
    struct vsw_dir dir;
    uint64_t node_modules[VSW_MEMSYS_MAX_NODES];
    uint64_t addr_end;
    uint32_t n_modules;
    uint32_t n_nodes;
    void *memory;               /* Of all of the above. */
    size_t memory_bytes;
};

extern const struct vsw_memsys_ops vsw_memsys_portable;
extern const struct vsw_memsys_ops vsw_memsys_avx2;
extern const struct vsw_memsys_ops vsw_memsys_avx512;

/* The operations of 'form' if this build and this CPU have them, or NULL. */
const struct vsw_memsys_ops *vsw_memsys_ops_of(enum vsw_cache_form form);

/* 0, or a negative errno value with 'err' filled. */
int vsw_memsys_config_check(const struct vsw_memsys_config *config,
                            struct vsw_error *err);

/* Fills all of 'c' but the pointers. */
void vsw_cache_shape(struct vsw_cache *c, uint64_t n_lines, uint32_t n_ways,
                     enum vsw_cache_policy policy);

#endif
