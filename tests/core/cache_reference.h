/* The memory system as simply as it can be said: no directory, no flags but
 * dirty, every question answered by looking at every cache.  Without TLBs and
 * prefetch.  What it does must equal what the real one does, call by call. */
#ifndef TESTS_CORE_CACHE_REFERENCE_H
#define TESTS_CORE_CACHE_REFERENCE_H

#include <vswsim/cache.h>

#define REF_MAX_CACHES 128
#define REF_MAX_LINES  512

struct ref_line {
    bool valid, dirty, io;
    uint64_t line, used;
};

struct ref_cache {
    int level;                  /* 0: L1i. */
    uint32_t cpu, end_cpu;      /* It serves [cpu, end_cpu). */
    uint32_t n_sets, n_ways;
    bool plru;
    struct ref_line lines[REF_MAX_LINES];       /* Set by set. */
    bool right[REF_MAX_LINES];  /* Tree of a set, where its lines are. */
};

struct ref {
    struct vsw_memsys_config config;
    struct ref_cache caches[REF_MAX_CACHES];
    uint32_t n_caches;
    uint64_t clock;
    struct vsw_mem_result *r;
};

void ref_init(struct ref *ref, const struct vsw_memsys_config *config);

void ref_access(struct ref *ref, uint32_t cpu, uint64_t line,
                enum vsw_line_kind kind);
void ref_dma_write(struct ref *ref, uint32_t node, uint64_t line);
void ref_dma_read(struct ref *ref, uint64_t line);

/* The line in the cache of 'level' that serves 'cpu', or NULL. */
struct ref_line *ref_find(struct ref *ref, int level, uint32_t cpu,
                          uint64_t line);

#endif
