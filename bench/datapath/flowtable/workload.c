#include "workload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <vswsim/jhash.h>
#include <vswsim/random.h>
#include <vswsim/zipf.h>

static void *
checked(void *p)
{
    if (!p || p == MAP_FAILED) {
        fprintf(stderr, "bench_flowtable: out of memory\n");
        exit(1);
    }
    return p;
}

/* A key of random bytes in which 'n' makes it distinct. */
static void
make_key(unsigned char *key, uint32_t key_bytes, uint32_t n)
{
    struct vsw_random r;

    vsw_random_init(&r, 1, VSW_RANDOM_FLOW, n, 0);
    for (uint32_t at = 0; at < key_bytes; at += 4) {
        uint32_t word = vsw_random_u32(&r);

        memcpy(key + at, &word, sizeof word);
    }
    memcpy(key, &n, sizeof n);
}

void
workload_init(struct workload *w, uint32_t key_bytes, uint32_t n_keys)
{
    w->key_bytes = key_bytes;
    w->n_keys = n_keys;
    w->keys = checked(malloc((size_t) n_keys * key_bytes));
    w->hashes = checked(malloc(n_keys * sizeof *w->hashes));
    w->queries = checked(malloc((size_t) N_QUERIES * key_bytes));
    w->query_hashes = checked(malloc(N_QUERIES * sizeof *w->query_hashes));
    w->query_keys = checked(malloc(N_QUERIES * sizeof *w->query_keys));
    w->query_flows = checked(malloc(N_QUERIES * sizeof *w->query_flows));
    for (uint32_t i = 0; i < n_keys; i++) {
        unsigned char *key = w->keys + (size_t) i * key_bytes;

        make_key(key, key_bytes, i);
        w->hashes[i] = vsw_jhash(key, key_bytes, 0);
    }
}

void
workload_draw(struct workload *w, uint32_t skew_milli)
{
    struct vsw_random r;
    struct vsw_zipf zipf;

    if (vsw_zipf_init(&zipf, w->n_keys, skew_milli)) {
        checked(NULL);
    }
    vsw_random_init(&r, 2, VSW_RANDOM_FLOW, 0, 0);
    for (uint32_t i = 0; i < N_QUERIES; i++) {
        uint32_t flow = vsw_zipf_draw(&zipf, &r);
        unsigned char *query = w->queries + (size_t) i * w->key_bytes;

        memcpy(query, w->keys + (size_t) flow * w->key_bytes, w->key_bytes);
        w->query_keys[i] = query;
        w->query_hashes[i] = w->hashes[flow];
        w->query_flows[i] = flow;
    }
    vsw_zipf_fini(&zipf);
}

void
workload_fini(struct workload *w)
{
    free(w->keys);
    free(w->hashes);
    free(w->queries);
    free(w->query_hashes);
    free(w->query_keys);
    free(w->query_flows);
}

void *
workload_memory(size_t n_bytes)
{
    void *mem = checked(mmap(NULL, n_bytes, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));

#ifdef MADV_HUGEPAGE
    madvise(mem, n_bytes, MADV_HUGEPAGE);
#endif
    return mem;
}

void
workload_give_back(void *mem, size_t n_bytes)
{
    munmap(mem, n_bytes);
}
