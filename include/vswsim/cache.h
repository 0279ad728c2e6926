/* Memory system: the caches, their coherence and the TLBs of a simulated
 * machine, line by line.
 *
 * A CPU's access looks in its L1, its L2, the L3 of its node, the caches of
 * other CPUs, and last in DRAM, and moves lines between them as the machine
 * would.  What it did is added to counters, and what it costs is looked up in
 * a table of latencies: integers only, the same on every host.
 *
 * Topology, from the inside: an L1d and an L1i per CPU or shared by some; an
 * L2 shared by one or more CPUs (a "module"); an optional L3 per node.
 * Addresses are simulated: any number below vsw_memsys_addr_end(); the node
 * whose DRAM holds an address follows from its bits.  Addresses of code and
 * of data must be disjoint: no self-modifying code.
 *
 * Rules (docs/memory.md has all of them, and what is left out):
 *
 *   - The L2 is neither inclusive nor exclusive of the L1s.  A miss fills
 *     both; a dirty line that leaves the L1 goes to the L2.
 *   - An access that crosses lines is one access per line, in rising order.
 *   - A write needs the only copy.  Copies elsewhere are dropped; if the
 *     farthest of them lies farther than where the data came from, that
 *     costs an upgrade.
 *   - A line that is dirty elsewhere comes from there.  With an inclusive
 *     L3 a reader leaves the dirty data to the L3 of its former owner;
 *     otherwise the owner stays the owner.
 *
 * Nothing is allocated after vsw_memsys_new().
 *
 * Thread-safety: none; one memory system per simulation. */
#ifndef VSWSIM_CACHE_H
#define VSWSIM_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/error.h>
#include <vswsim/memobs.h>

VSW_EXTERN_C_BEGIN

#define VSW_MEMSYS_MAX_NODES    16
#define VSW_MEMSYS_MAX_L2S      64
#define VSW_MEMSYS_MAX_CPUS     256
#define VSW_CACHE_MAX_WAYS      32

/* Which line a full set gives up. */
enum vsw_cache_policy {
    VSW_CACHE_LRU,
    VSW_CACHE_PLRU,         /* Tree of bits; ways a power of two. */
};

/* What the L3 holds in relation to the L1s and L2s of its node. */
enum vsw_l3_policy {
    VSW_L3_INCLUSIVE,       /* All they hold; evicting drops it there too. */
    VSW_L3_EXCLUSIVE,       /* What an L2 evicted; a hit moves it out. */
    VSW_L3_VICTIM,          /* The same, but a read leaves its copy. */
};

enum vsw_line_kind {
    VSW_LINE_READ = VSW_MEM_READ,
    VSW_LINE_WRITE = VSW_MEM_WRITE,
    VSW_LINE_FETCH,         /* Of instructions. */
    VSW_N_LINE_KINDS,
};

/* Where the data of a line access came from, nearest first. */
enum vsw_mem_source {
    VSW_FROM_L1,
    VSW_FROM_L2,
    VSW_FROM_L2_PEER_CLEAN, /* Another L1d below the same L2. */
    VSW_FROM_L2_PEER_DIRTY,
    VSW_FROM_L3,
    VSW_FROM_L3_PEER_CLEAN, /* Another L2 of the node, or its L1s. */
    VSW_FROM_L3_PEER_DIRTY,
    VSW_FROM_NODE_CLEAN,    /* Any cache of another node. */
    VSW_FROM_NODE_DIRTY,
    VSW_FROM_DRAM,          /* Of this node. */
    VSW_FROM_DRAM_FAR,      /* Of another node. */
    VSW_N_MEM_SOURCES,
};

/* How far away the farthest copy is that a write drops. */
enum vsw_mem_distance {
    VSW_MEM_DISTANCE_L2,        /* Below the same L2. */
    VSW_MEM_DISTANCE_L3,        /* In the same node. */
    VSW_MEM_DISTANCE_NODE,
    VSW_N_MEM_DISTANCES,
};

/* Which code searches the sets.  All give the same results. */
enum vsw_cache_form {
    VSW_CACHE_FASTEST,      /* That this CPU can run. */
    VSW_CACHE_PORTABLE,
    VSW_CACHE_AVX2,
    VSW_CACHE_AVX512,
};

struct vsw_cache_config {
    uint64_t size_bytes;    /* 0: absent (the L3 may be). */
    uint32_t n_ways;        /* 1 to VSW_CACHE_MAX_WAYS. */
    uint32_t n_cpus;        /* That share one. */
    enum vsw_cache_policy policy;
};

/* Data TLB of one CPU.  With 'n_l1_entries' of 0 translation is free.
 *
 * A miss in both levels walks page tables of 'n_levels' levels, from the
 * lowest one whose prefix a paging-structure cache holds; each entry it reads
 * is a line access of the CPU.  With 'nested', each guest table's address and
 * the final one are translated by a second set of tables first, and that
 * translation is remembered by a nested TLB; vsw_memsys_set_nested() says
 * whether a CPU's accesses are those of a guest. */
struct vsw_tlb_config {
    uint32_t n_l1_entries;  /* Of 4 KiB pages. */
    uint32_t n_l1_ways;
    uint32_t n_l1_huge;     /* Of 2 MiB pages. */
    uint32_t n_l1_huge_ways;
    uint32_t n_l2_entries;  /* 0: absent. */
    uint32_t n_l2_ways;
    bool l2_small_only;     /* It has no pages of 2 MiB. */
    uint32_t n_walk_entries;    /* Paging-structure cache: 1 to 32. */
    uint32_t n_nested_entries;  /* Nested TLB: 1 to 32. */
    uint32_t n_levels;      /* 1 to 4. */
    bool nested;
    uint64_t huge_start;    /* Addresses in [start, end) lie on 2 MiB */
    uint64_t huge_end;      /* pages, the others on 4 KiB pages. */
    uint64_t tables;        /* Where the guest's tables are ... */
    uint64_t nested_tables; /* ... and the host's: 16 GiB each. */
    uint64_t l2_ps;         /* Latency of a hit in the second level. */
};

struct vsw_memsys_config {
    uint32_t n_cpus;
    struct vsw_cache_config l1d;
    struct vsw_cache_config l1i;
    struct vsw_cache_config l2;
    struct vsw_cache_config l3;     /* Its 'n_cpus' make up a node. */
    bool l1d_write_through; /* And then a write miss does not fill it. */
    enum vsw_l3_policy l3_policy;
    uint32_t n_ddio_ways;   /* Of an L3 set that DMA may fill; 0: no DDIO. */
    uint32_t node_shift;    /* Node = (addr >> node_shift) % n_nodes. */
    uint32_t n_prefetch;    /* Lines that a stream runs ahead; 0: none. */
    uint32_t n_overlap;     /* Lines of a range in flight at once, >= 1. */
    uint64_t latency_ps[VSW_N_MEM_SOURCES];
    uint64_t upgrade_ps[VSW_N_MEM_DISTANCES];
    struct vsw_tlb_config tlb;
    enum vsw_cache_form form;
};

/* What accesses did.  Calls only ever add to it; zero it to start. */
struct vsw_mem_result {
    uint64_t latency_ps;
    uint64_t n_from[VSW_N_LINE_KINDS][VSW_N_MEM_SOURCES];
    uint64_t n_upgrades[VSW_N_MEM_DISTANCES];
    uint64_t n_prefetches[VSW_N_MEM_SOURCES];   /* Not in 'n_from'. */
    uint64_t prefetched_ps;     /* Latencies, beyond that of the L2, of lines
                                 * used that a stream had brought. */
    uint64_t n_dma_reads[2];            /* From DRAM, from a cache. */
    uint64_t n_dma_writes[2];           /* To DRAM, to the L3. */
    uint64_t n_dram_reads[VSW_MEMSYS_MAX_NODES];    /* Lines, DMA included. */
    uint64_t n_dram_writes[VSW_MEMSYS_MAX_NODES];
    uint64_t n_cross_lines;             /* That went from node to node. */
    uint64_t n_l3_lines[VSW_MEMSYS_MAX_NODES];  /* That took the L3 of a node
                                         * or went between its modules. */
    uint64_t n_tlb_l1_misses;
    uint64_t n_tlb_walks;               /* Misses of both levels. */
    uint64_t n_walk_lines;              /* Also in 'n_from', as reads. */
};

struct vsw_memsys;

/* Name of a source, as results spell it: "l3_peer_dirty". */
VSW_API const char *vsw_mem_source_name(enum vsw_mem_source source);

/* Returns a memory system with all caches empty, or NULL with 'err' filled:
 * the configuration is senseless, this CPU cannot run the form asked for, or
 * memory is short.  'config' is copied. */
VSW_API struct vsw_memsys *vsw_memsys_new(
    const struct vsw_memsys_config *config, struct vsw_error *err);
VSW_API void vsw_memsys_free(struct vsw_memsys *ms);

/* First address that is too high. */
VSW_API uint64_t vsw_memsys_addr_end(const struct vsw_memsys *ms);

VSW_API const struct vsw_memsys_config *vsw_memsys_config(
    const struct vsw_memsys *ms);

/* Lines that the L1is of the module of CPU 'cpu' have lost without fetching
 * others in their place: those that left an inclusive L3, and those that
 * somebody else wrote. */
VSW_API uint64_t vsw_memsys_code_drops(const struct vsw_memsys *ms,
                                       uint32_t cpu);

/* CPU 'cpu' uses the 'n_bytes' (> 0) at 'addr', one line after the other, for
 * which the latencies add up.  Returns the latency, also added to 'r'. */
VSW_API uint64_t vsw_memsys_access(struct vsw_memsys *ms, uint32_t cpu,
                                   uint64_t addr, uint64_t n_bytes,
                                   enum vsw_line_kind kind,
                                   struct vsw_mem_result *r);

/* Latencies of lines that are in flight together. */
struct vsw_mem_flight {
    uint64_t sum_ps;
    uint64_t max_ps;
    uint64_t max_read_ps;   /* Of those that are not stores. */
};

/* The same for lines that do not wait for each other: the longest latency
 * counts in full, of the others only the part 1 / 'n_overlap'. */
VSW_API uint64_t vsw_memsys_range(struct vsw_memsys *ms, uint32_t cpu,
                                  uint64_t addr, uint64_t n_bytes,
                                  enum vsw_line_kind kind,
                                  struct vsw_mem_result *r);

/* A copy: reads 'src' and writes 'dst' by turns, overlapped as a range; but a
 * store waits in the CPU's buffer, so it is the longest read that counts in
 * full. */
VSW_API uint64_t vsw_memsys_copy(struct vsw_memsys *ms, uint32_t cpu,
                                 uint64_t dst, uint64_t src,
                                 uint64_t n_bytes, struct vsw_mem_result *r);

/* The last two, for callers that add up by themselves what lines in flight
 * cost; 'latency_ps' of 'r' is left alone. */
VSW_API void vsw_memsys_fly(struct vsw_memsys *ms, uint32_t cpu,
                            uint64_t addr, uint64_t n_bytes,
                            enum vsw_line_kind kind,
                            struct vsw_mem_flight *flight,
                            struct vsw_mem_result *r);
VSW_API void vsw_memsys_fly_copy(struct vsw_memsys *ms, uint32_t cpu,
                                 uint64_t dst, uint64_t src,
                                 uint64_t n_bytes,
                                 struct vsw_mem_flight *flight,
                                 struct vsw_mem_result *r);

/* Code that runs: 'n_lines' of instructions from 'addr' on.  Domains that run
 * on CPUs with a common L1i displace each other there. */
struct vsw_footprint {
    uint64_t addr;
    uint32_t n_lines;
};

VSW_API uint64_t vsw_memsys_fetch(struct vsw_memsys *ms, uint32_t cpu,
                                  const struct vsw_footprint *code,
                                  struct vsw_mem_result *r);

/* Brings lines to the L3 of 'node', which there must be, and nowhere else: as
 * if the first CPU of the node had read them, whose L2 then went on to others
 * (but whose TLB did not).  No cache but that
 * L3 may have them. */
VSW_API void vsw_memsys_fill_l3(struct vsw_memsys *ms, uint32_t node,
                                uint64_t addr, uint64_t n_bytes,
                                struct vsw_mem_result *r);

/* A device at 'node' writes whole lines: all copies in caches are dropped,
 * dirty or not.  The lines go to DRAM or, with DDIO, to the L3 of 'node',
 * where a set keeps at most 'n_ddio_ways' lines that DMA brought there. */
VSW_API void vsw_memsys_dma_write(struct vsw_memsys *ms, uint32_t node,
                                  uint64_t addr, uint64_t n_bytes,
                                  struct vsw_mem_result *r);

/* A device reads lines, from a cache that has them or else from DRAM, and
 * changes nothing. */
VSW_API void vsw_memsys_dma_read(struct vsw_memsys *ms, uint64_t addr,
                                 uint64_t n_bytes, struct vsw_mem_result *r);

/* From now on CPU 'cpu' accesses memory as a guest, or as the host.  Both have
 * translations of their own.  At first it is a guest if the configuration is
 * 'nested', without which this has no effect. */
VSW_API void vsw_memsys_set_nested(struct vsw_memsys *ms, uint32_t cpu,
                                   bool nested);

/* Empties the TLBs, walk caches and nested TLB of a CPU. */
VSW_API void vsw_memsys_tlb_flush(struct vsw_memsys *ms, uint32_t cpu);

/* Drops one page's translation, for the guest or the host that the CPU is
 * now, from its TLBs. */
VSW_API void vsw_memsys_tlb_drop(struct vsw_memsys *ms, uint32_t cpu,
                                 uint64_t addr);

VSW_EXTERN_C_END

#endif
