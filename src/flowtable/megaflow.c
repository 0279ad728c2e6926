#include <vswsim/megaflow.h>

#include <assert.h>
#include <errno.h>

#include "flowtable/tuples.h"

struct vsw_megaflow {
    struct tuples ts;           /* All priorities are 0. */
};

struct vsw_megaflow *
vsw_megaflow_new(struct vsw_arena *arena, uint32_t max_flows,
                 uint32_t max_subtables)
{
    size_t used_bytes = arena->used_bytes;
    struct vsw_megaflow *mf = vsw_arena_alloc(arena, sizeof *mf,
                                              VSW_LINE_BYTES);

    if (!mf || tuples_init(&mf->ts, arena, max_flows, max_subtables)) {
        arena->used_bytes = used_bytes;
        return NULL;
    }
    return mf;
}

int
vsw_megaflow_insert(struct vsw_megaflow *mf, const struct vsw_flowkey *key,
                    const struct vsw_flowkey *mask, uint32_t flow,
                    struct vsw_memobs *obs)
{
    int64_t result = tuples_insert(&mf->ts, key, mask, 0, flow, obs);

    if (result == -EEXIST) {
        uint32_t at = tuples_find(&mf->ts, key, mask, 0, obs);

        vsw_touch(obs, &mf->ts.entries[at].flow, sizeof flow, VSW_MEM_WRITE);
        mf->ts.entries[at].flow = flow;
        return 0;
    }
    return result < 0 ? (int) result : 0;
}

bool
vsw_megaflow_remove(struct vsw_megaflow *mf, const struct vsw_flowkey *key,
                    const struct vsw_flowkey *mask, struct vsw_memobs *obs)
{
    uint32_t at = tuples_find(&mf->ts, key, mask, 0, obs);

    if (at != TUPLES_NONE) {
        tuples_remove(&mf->ts, at, obs);
    }
    return at != TUPLES_NONE;
}

void
vsw_megaflow_clear(struct vsw_megaflow *mf, struct vsw_memobs *obs)
{
    tuples_clear(&mf->ts, obs);
}

/* The subtable to visit at place 'i'. */
static struct subtable *
visit(struct tuples *ts, uint32_t i, struct vsw_memobs *obs)
{
    struct subtable *st = &ts->subtables[ts->order[i]];

    vsw_touch(obs, &ts->order[i], sizeof ts->order[i], VSW_MEM_READ);
    tuples_touch_subtable(st, obs);
    return st;
}

static void
count_hits(struct subtable *st, uint32_t n_hits, struct vsw_memobs *obs)
{
    vsw_touch(obs, &st->n_hits, sizeof st->n_hits, VSW_MEM_WRITE);
    st->n_hits += n_hits;
}

uint32_t
vsw_megaflow_search(struct vsw_megaflow *mf, const struct vsw_flowkey *key,
                    uint32_t *n_visited, struct vsw_memobs *obs)
{
    struct tuples *ts = &mf->ts;

    for (uint32_t i = 0; i < ts->n_subtables; i++) {
        struct subtable *st = visit(ts, i, obs);
        uint32_t hash = tuples_hash_in(ts, ts->order[i], key);
        uint32_t at = vsw_exact_lookup(ts->index, &hash, hash, obs);

        at = tuples_match(ts, ts->order[i], key, at, obs);
        if (at != TUPLES_NONE) {
            count_hits(st, 1, obs);
            *n_visited = i + 1;
            return ts->entries[at].flow;
        }
    }
    *n_visited = ts->n_subtables;
    return VSW_FLOW_NONE;
}

uint32_t
vsw_megaflow_lookup(struct vsw_megaflow *mf, const struct vsw_flowkey *key,
                    struct vsw_memobs *obs)
{
    uint32_t n_visited;

    return vsw_megaflow_search(mf, key, &n_visited, obs);
}

/* The keys of a burst that no subtable has matched yet. */
struct burst {
    const struct vsw_flowkey *const *keys;
    uint32_t *flows;
    uint32_t n_left;
    uint8_t left[VSW_MEGAFLOW_MAX_BULK];        /* Which. */
    uint32_t hashes[VSW_MEGAFLOW_MAX_BULK];     /* Of these, as... */
    const void *pointers[VSW_MEGAFLOW_MAX_BULK];/* ...keys of the index. */
    uint32_t chains[VSW_MEGAFLOW_MAX_BULK];
};

/* Hashes what is left of 'b', for a mask of 'n_words' words. */
static VSW_ALWAYS_INLINE void
hash_words(const struct tuples *ts, uint32_t subtable, struct burst *b,
           uint32_t n_words)
{
    const struct subtable *st = &ts->subtables[subtable];

    for (uint32_t i = 0; i < b->n_left; i++) {
        b->hashes[i] = tuples_hash(b->keys[b->left[i]], &st->mask, st->words,
                                   n_words, subtable);
        b->pointers[i] = &b->hashes[i];
    }
}

/* One loop for each usual number of words. */
static void
hash_left(const struct tuples *ts, uint32_t subtable, struct burst *b)
{
    switch (ts->subtables[subtable].n_words) {
    case 1:
        hash_words(ts, subtable, b, 1);
        break;
    case 2:
        hash_words(ts, subtable, b, 2);
        break;
    case 3:
        hash_words(ts, subtable, b, 3);
        break;
    case 4:
        hash_words(ts, subtable, b, 4);
        break;
    case 5:
        hash_words(ts, subtable, b, 5);
        break;
    default:
        hash_words(ts, subtable, b, ts->subtables[subtable].n_words);
        break;
    }
}

/* Returns which of the keys left have a chain in 'subtable'. */
static uint64_t
look_up_chains(const struct tuples *ts, uint32_t subtable, struct burst *b,
               struct vsw_memobs *obs)
{
    uint64_t found;

    hash_left(ts, subtable, b);
    found = vsw_exact_lookup_bulk(ts->index, b->pointers, b->hashes,
                                  b->n_left, b->chains, obs);
    for (uint64_t left = found; left;) {
        uint32_t i = vsw_msb64(left);

        left &= ~(UINT64_C(1) << i);
        VSW_PREFETCH(&ts->entries[b->chains[i]].key);
        VSW_PREFETCH(&ts->entries[b->chains[i]].flow);
    }
    return found;
}

/* Takes the keys that 'subtable' matches, among those 'found' to have a chain,
 * out of 'b'.  Returns how many. */
static uint32_t
match_chains(const struct tuples *ts, uint32_t subtable, struct burst *b,
             uint64_t found, struct vsw_memobs *obs)
{
    uint32_t n_before = b->n_left, n_after = 0;

    for (uint32_t i = 0; i < n_before; i++) {
        uint8_t which = b->left[i];
        uint32_t at = TUPLES_NONE;

        if (found >> i & 1) {
            at = tuples_match(ts, subtable, b->keys[which], b->chains[i],
                              obs);
        }
        if (at != TUPLES_NONE) {
            b->flows[which] = ts->entries[at].flow;
        } else {
            b->left[n_after++] = which;
        }
    }
    b->n_left = n_after;
    return n_before - n_after;
}

uint32_t
vsw_megaflow_lookup_bulk(struct vsw_megaflow *mf,
                         const struct vsw_flowkey *const keys[], uint32_t n,
                         uint32_t flows[], struct vsw_memobs *obs)
{
    struct tuples *ts = &mf->ts;
    uint32_t found = n ? UINT32_MAX >> (32 - n) : 0;
    struct burst b;

    assert(n <= VSW_MEGAFLOW_MAX_BULK);
    b.keys = keys;
    b.flows = flows;
    b.n_left = n;
    for (uint32_t i = 0; i < n; i++) {
        b.left[i] = (uint8_t) i;
        flows[i] = VSW_FLOW_NONE;
    }
    for (uint32_t i = 0; i < ts->n_subtables && b.n_left > 0; i++) {
        struct subtable *st = visit(ts, i, obs);
        uint64_t chains = look_up_chains(ts, ts->order[i], &b, obs);

        if (chains) {
            count_hits(st, match_chains(ts, ts->order[i], &b, chains, obs),
                       obs);
        }
    }
    for (uint32_t i = 0; i < b.n_left; i++) {
        found &= ~(UINT32_C(1) << b.left[i]);
    }
    return found;
}

/* By insertion: the order is nearly the same as the last time. */
void
vsw_megaflow_sort(struct vsw_megaflow *mf, struct vsw_memobs *obs)
{
    struct tuples *ts = &mf->ts;
    uint32_t *order = ts->order;

    for (uint32_t i = 0; i < ts->n_subtables; i++) {
        uint32_t id = order[i];
        uint64_t n_hits = ts->subtables[id].n_hits;
        uint32_t at = i;

        vsw_touch(obs, &order[i], sizeof id, VSW_MEM_READ);
        for (; at > 0 && ts->subtables[order[at - 1]].n_hits < n_hits;
             at--) {
            order[at] = order[at - 1];
        }
        vsw_touch(obs, &order[at], (i - at + 1) * sizeof id, VSW_MEM_WRITE);
        order[at] = id;
    }
    for (uint32_t i = 0; i < ts->n_subtables; i++) {
        struct subtable *st = &ts->subtables[order[i]];

        vsw_touch(obs, &st->n_hits, sizeof st->n_hits, VSW_MEM_WRITE);
        st->n_hits = 0;
    }
}

uint32_t
vsw_megaflow_n_flows(const struct vsw_megaflow *mf)
{
    return mf->ts.n_entries;
}

uint32_t
vsw_megaflow_n_subtables(const struct vsw_megaflow *mf)
{
    return mf->ts.n_subtables;
}

bool
vsw_megaflow_is_sound(const struct vsw_megaflow *mf)
{
    return tuples_is_sound(&mf->ts);
}
