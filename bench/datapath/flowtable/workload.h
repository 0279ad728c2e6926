/* What the flow tables are asked for: distinct keys, and a sequence of them
 * that is uniform or Zipf.
 *
 * Queries are copies of keys that lie one after the other, so that the next
 * query is in a cache, as the header of a packet that was just parsed. */
#ifndef BENCH_WORKLOAD_H
#define BENCH_WORKLOAD_H

#include <stddef.h>
#include <stdint.h>

#define MAX_KEY_BYTES 64
#define N_QUERIES     (UINT32_C(1) << 20)

struct workload {
    uint32_t key_bytes;
    uint32_t n_keys;
    unsigned char *keys;        /* Owned, as all of these. */
    uint32_t *hashes;           /* Of the keys. */
    unsigned char *queries;     /* N_QUERIES keys. */
    uint32_t *query_hashes;
    const void **query_keys;    /* Where each query lies. */
    uint32_t *query_flows;      /* Index of the key: the right answer. */
};

/* Makes keys and hashes, but no queries.  Ends the program if memory is short,
 * as do all functions here. */
void workload_init(struct workload *w, uint32_t key_bytes, uint32_t n_keys);

/* Draws the queries; 'skew_milli' 0 is uniform. */
void workload_draw(struct workload *w, uint32_t skew_milli);

void workload_fini(struct workload *w);

/* Zeroed memory from the system, in huge pages if it gives them. */
void *workload_memory(size_t n_bytes);
void workload_give_back(void *mem, size_t n_bytes);

#endif
