/* DPDK's rte_hash, for comparison. */
#ifndef BENCH_DPDK_TABLE_H
#define BENCH_DPDK_TABLE_H

#include <stdint.h>

struct workload;
struct rte_hash;

/* Starts DPDK without huge pages of its own; its memory gets them as that of
 * the other tables does.  Returns 0, or -1 if it does not start. */
int dpdk_start(void);

/* A table at three quarters of its size or less, as in DPDK's own benchmark,
 * that holds the keys of 'w'.  NULL if they do not all fit. */
struct rte_hash *dpdk_table_new(const struct workload *w);
void dpdk_table_free(struct rte_hash *table);

uint64_t dpdk_table_single(const struct rte_hash *table,
                           const struct workload *w, uint32_t first,
                           uint32_t n);

/* In bursts of 64; 'n' is a multiple of it. */
uint64_t dpdk_table_bulk(const struct rte_hash *table,
                         const struct workload *w, uint32_t first,
                         uint32_t n);

#endif
