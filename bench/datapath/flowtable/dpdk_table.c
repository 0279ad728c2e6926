#include "dpdk_table.h"

#include "workload.h"

#include <sys/mman.h>

#include <rte_eal.h>
#include <rte_hash.h>
#include <rte_jhash.h>
#include <rte_memory.h>

static int
want_huge_pages(const struct rte_memseg_list *msl,
                const struct rte_memseg *ms, size_t len, void *aux)
{
    (void) msl, (void) aux;
    madvise(ms->addr, len, MADV_HUGEPAGE);
    return 0;
}

int
dpdk_start(void)
{
    char *args[] = {"bench", "--no-huge", "--no-pci", "--no-telemetry",
                    "--no-shconf", "-m", "1024", "--log-level=critical",
                    "-l", "0", NULL};

    if (rte_eal_init(10, args) < 0) {
        return -1;
    }
    rte_memseg_contig_walk(want_huge_pages, NULL);
    return 0;
}

struct rte_hash *
dpdk_table_new(const struct workload *w)
{
    struct rte_hash_parameters params = {
        .name = "bench", .entries = w->n_keys / 3 * 4 + 8,
        .key_len = w->key_bytes, .hash_func = rte_jhash,
    };
    struct rte_hash *table = rte_hash_create(&params);

    for (uint32_t i = 0; table && i < w->n_keys; i++) {
        if (rte_hash_add_key_with_hash_data(
                table, w->keys + (size_t) i * w->key_bytes, w->hashes[i],
                (void *) (uintptr_t) i)) {
            dpdk_table_free(table);
            return NULL;
        }
    }
    return table;
}

void
dpdk_table_free(struct rte_hash *table)
{
    rte_hash_free(table);
}

uint64_t
dpdk_table_single(const struct rte_hash *table, const struct workload *w,
                  uint32_t first, uint32_t n)
{
    uint64_t sum = 0;

    for (uint32_t i = first; i < first + n; i++) {
        void *data = NULL;

        rte_hash_lookup_with_hash_data(table, w->query_keys[i],
                                       w->query_hashes[i], &data);
        sum += (uintptr_t) data;
    }
    return sum;
}

uint64_t
dpdk_table_bulk(const struct rte_hash *table, const struct workload *w,
                uint32_t first, uint32_t n)
{
    uint64_t sum = 0;

    for (uint32_t i = first; i < first + n; i += 64) {
        uint32_t hashes[64];
        void *data[64];
        uint64_t found = 0;

        memcpy(hashes, w->query_hashes + i, sizeof hashes);
        rte_hash_lookup_with_hash_bulk_data(table, w->query_keys + i, hashes,
                                            64, &found, data);
        for (int j = 0; j < 64; j++) {
            sum += (uintptr_t) data[j];
        }
    }
    return sum;
}
