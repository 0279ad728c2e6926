/* What the files behind mem.h share. */
#ifndef VSW_CORE_MEM_H
#define VSW_CORE_MEM_H

#include <vswsim/mem.h>
#include <vswsim/server.h>

#define VSW_MEM_MAX_RANGES 16

/* Where page tables lie: the last 32 of 512 GiB. */
#define VSW_MEM_TABLES (UINT64_C(480) << 30)

/* Memory that software has used before the run. */
struct vsw_mem_region {
    uint64_t addr;
    uint64_t n_bytes;
    uint32_t node;
};

/* Host memory that real objects live in. */
struct vsw_mem_range {
    const void *mem;
    size_t size_bytes;
    uint64_t addr;
};

/* One CPU's side of it. */
struct vsw_mem_cpu {
    struct vsw_mem *mem;
    uint32_t cpu;
    uint32_t node;
    struct vsw_mem_result *rows;    /* [domain][stage] */
    uint64_t *wait_ps;              /* As the rows of the ledger. */
    uint64_t fills_ps;              /* When what is in flight has come. */
    uint64_t owed_ps;               /* Of touches at sync, not yet spent. */
    bool defers;                    /* Such a touch is under way. */
    uint64_t n_unknown;             /* Touches outside of all ranges. */
};

/* Parts of the code of a domain. */
struct vsw_mem_code {
    struct vsw_footprint parts[VSW_N_CODES];
};

/* An L1i and what is in it. */
struct vsw_mem_l1i {
    uint64_t n_changes;         /* Fetches that missed, and one. */
    uint64_t *whole;            /* [domain][part] 'n_changes', and lines lost
                                 * to others until then, when that code was
                                 * there, all of it. */
};

struct vsw_mem {
    struct vsw_memsys *ms;
    struct vsw_mem_code *code;  /* By domain. */
    struct vsw_mem_l1i *l1is;   /* NULL: no code has a size. */
    uint64_t *whole;            /* Of all L1is. */
    uint64_t *next;             /* Free from there on, by node. */
    struct vsw_server *dram;    /* By node. */
    struct vsw_server *links;   /* By the node that receives. */
    struct vsw_server *l3s;     /* By node. */
    bool has_dram;              /* Their bandwidth is known. */
    bool has_links;
    bool has_l3s;
    bool has_nested;            /* Guests' memory is translated twice. */
    bool exhausted;             /* Too little simulated memory. */
    uint32_t n_nodes;
    uint32_t n_ranges;
    struct vsw_mem_range ranges[VSW_MEM_MAX_RANGES];
    struct vsw_mem_region *used;    /* In order of use. */
    uint32_t n_used;
    struct vsw_mem_cpu *cpus;   /* By unit. */
    uint32_t n_cpus;
    struct vsw_mem_result dma;
    struct vsw_mem_result outside;  /* The window; of no interest. */
};

/* Undoes vsw_mem_start(). */
void vsw_mem_stop(struct vsw_sim *sim);

/* What the observers of units call. */
void vsw_mem_observe(struct vsw_memobs *obs, const void *p, size_t n_bytes,
                     enum vsw_mem_kind kind);

#endif
