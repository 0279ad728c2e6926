/* Replays a trace that valgrind's lackey recorded, and compares the misses
 * with those that cachegrind counted for the same program and the same caches
 * (I1 4096,2,64; D1 4096,4,64; LL 65536,8,64).
 *
 *   cachegrind_replay TRACE CACHEGRIND_OUT
 *
 * Three rules of cachegrind are not those of a machine, and are put here:
 *
 *   - It has no dirty bits: every access is replayed as a read.  A
 *     modification counts as one read.
 *   - An access that crosses lines is one access, and at most one miss per
 *     level.
 *   - If one of its two lines misses the first level, both go to LL. */
#include "core/cache_set_portable.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/cache_ops.h"

static const struct vsw_memsys_config config = {
    .n_cpus = 1,
    .l1d = { 4096, 4, 1, VSW_CACHE_LRU },
    .l1i = { 4096, 2, 1, VSW_CACHE_LRU },
    .l2 = { 65536, 8, 1, VSW_CACHE_LRU },
    .l3 = { 0, 0, 1, VSW_CACHE_LRU },
    .node_shift = 38,
    .n_overlap = 1,
};

/* In the order of cachegrind's summary, and after it what it lacks. */
enum { IR, I1MR, ILMR, DR, D1MR, DLMR, DW, D1MW, DLMW, N_COUNTS };
static const char *const names[N_COUNTS] = {
    "Ir", "I1mr", "ILmr", "Dr", "D1mr", "DLmr", "Dw", "D1mw", "DLmw",
};

static uint64_t n_crossing;
static uint64_t n_half_missed;

/* Uses 'line' in LL alone; returns whether it missed. */
static bool
use_ll(struct vsw_memsys *ms, uint64_t line)
{
    struct vsw_cache *ll = ms->modules[0].l2;
    uint32_t *set;
    int place = cache_find(ll, line, &set);

    if (place < 0) {
        cache_insert(ll, line, 0);
        return true;
    }
    cache_use(ll, set, (uint32_t) place, set[place]);
    return false;
}

static void
replay(struct vsw_memsys *ms, enum vsw_line_kind kind, uint64_t addr,
       uint64_t n_bytes, uint64_t *counts)
{
    uint64_t first = addr / 64, last = (addr + n_bytes - 1) / 64;
    bool l1_missed = false, ll_missed = false;
    uint64_t hit = UINT64_MAX;

    for (uint64_t line = first; line <= last; line++) {
        struct vsw_mem_result r = { .latency_ps = 0 };

        vsw_memsys_access(ms, 0, line * 64, 1, kind, &r);
        if (r.n_from[kind][VSW_FROM_L1]) {
            hit = line;
        } else {
            l1_missed = true;
            ll_missed |= r.n_from[kind][VSW_FROM_DRAM] > 0;
        }
    }
    n_crossing += last > first;
    if (l1_missed && hit != UINT64_MAX) {
        n_half_missed++;
        ll_missed |= use_ll(ms, hit);
    }
    counts[0]++;
    counts[1] += l1_missed;
    counts[2] += ll_missed;
}

static int
replay_file(FILE *trace, struct vsw_memsys *ms, uint64_t *counts)
{
    char text[256];

    while (fgets(text, sizeof text, trace)) {
        uint64_t addr, n_bytes;
        char kind;

        if (sscanf(text, " %c %" SCNx64 ",%" SCNu64, &kind, &addr, &n_bytes)
            != 3 || !strchr("ILSM", kind) || text[0] == '=') {
            continue;
        }
        if (addr >= ms->addr_end || n_bytes == 0 || n_bytes > 4096) {
            printf("cannot replay: %s", text);
            return -1;
        }
        replay(ms, kind == 'I' ? VSW_LINE_FETCH : VSW_LINE_READ, addr,
               n_bytes, &counts[kind == 'I' ? IR : kind == 'S' ? DW : DR]);
    }
    return 0;
}

/* Reads the line "summary: Ir I1mr ..." of cachegrind's output. */
static int
read_summary(FILE *out, uint64_t *counts)
{
    char text[4096];

    while (fgets(text, sizeof text, out)) {
        if (strncmp(text, "summary:", 8) == 0) {
            char *p = text + 8;

            for (int i = 0; i < N_COUNTS; i++) {
                counts[i] = strtoull(p, &p, 10);
            }
            return 0;
        }
    }
    printf("cachegrind's output has no summary\n");
    return -1;
}

static int
compare(const uint64_t *ours, const uint64_t *theirs)
{
    int status = 0;

    for (int i = 0; i < N_COUNTS; i++) {
        printf("%-4s  replayed %9" PRIu64 "  cachegrind %9" PRIu64 "%s\n",
               names[i], ours[i], theirs[i],
               ours[i] == theirs[i] ? "" : "  DIFFERENT");
        status |= ours[i] != theirs[i] || theirs[i] == 0;
    }
    printf("%" PRIu64 " accesses crossed lines; of %" PRIu64
           " one line missed and one hit\n", n_crossing, n_half_missed);
    if (n_crossing == 0 || n_half_missed == 0) {
        printf("the trace does not show how crossing accesses count\n");
        status = 1;
    }
    return status;
}

int
main(int argc, char *argv[])
{
    uint64_t ours[N_COUNTS] = { 0 }, theirs[N_COUNTS] = { 0 };
    FILE *trace = argc == 3 ? fopen(argv[1], "r") : NULL;
    FILE *out = argc == 3 ? fopen(argv[2], "r") : NULL;
    struct vsw_memsys *ms = vsw_memsys_new(&config, NULL);

    if (!trace || !out || !ms || replay_file(trace, ms, ours)
        || read_summary(out, theirs)) {
        fprintf(stderr, "usage: cachegrind_replay TRACE CACHEGRIND_OUT\n");
        return 2;
    }
    fclose(trace);
    fclose(out);
    vsw_memsys_free(ms);
    return compare(ours, theirs);
}
