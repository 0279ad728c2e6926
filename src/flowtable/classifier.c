#include <vswsim/classifier.h>

#include <assert.h>
#include <errno.h>

#include "flowtable/tuples.h"

#define N_STAGES  2             /* Before the last, which takes all bits. */
#define MAX_RULES (VSW_EXACT_MAX_ENTRIES / N_STAGES)

struct vsw_classifier {
    struct tuples ts;
    struct vsw_flowkey stages[N_STAGES];        /* Bits up to each stage. */

    /* How many rules have a hash of their bits up to a stage.  Rules that
     * share a hash by accident share the count: a stage may then fail to end
     * a search, which costs time and width, but not truth. */
    struct vsw_exact *n_by_stage;
};

/* Sets the bits of all fields up to the link layer, or network layer. */
static void
init_stages(struct vsw_flowkey stages[N_STAGES])
{
    memset(&stages[1], 0xff, sizeof stages[1]);
    memset(&stages[1].tp_src, 0, sizeof stages[1].tp_src);
    memset(&stages[1].tp_dst, 0, sizeof stages[1].tp_dst);
    memset(&stages[1].tcp_flags, 0, sizeof stages[1].tcp_flags);
    stages[0] = stages[1];
    memset(&stages[0].ip_src, 0, sizeof stages[0].ip_src);
    memset(&stages[0].ip_dst, 0, sizeof stages[0].ip_dst);
    stages[0].ip_proto = 0;
    stages[0].ip_tos = 0;
    stages[0].ip_ttl = 0;
    stages[0].ip_frag = 0;
}

struct vsw_classifier *
vsw_classifier_new(struct vsw_arena *arena, uint32_t max_rules,
                   uint32_t max_subtables)
{
    size_t used_bytes = arena->used_bytes;
    struct vsw_classifier *cls;

    if (max_rules > MAX_RULES) {
        return NULL;
    }
    cls = vsw_arena_alloc(arena, sizeof *cls, VSW_LINE_BYTES);
    if (!cls || tuples_init(&cls->ts, arena, max_rules, max_subtables)) {
        arena->used_bytes = used_bytes;
        return NULL;
    }
    cls->n_by_stage = vsw_exact_new(arena, sizeof(uint32_t),
                                    max_rules * N_STAGES);
    if (!cls->n_by_stage) {
        arena->used_bytes = used_bytes;
        return NULL;
    }
    init_stages(cls->stages);
    return cls;
}

/* Sets 'bits' to those of 'mask' up to 'stage'.  Returns false if that says
 * no more than the stage before it, or as much as the whole mask. */
static bool
stage_bits(const struct vsw_classifier *cls, const struct vsw_flowkey *mask,
           int stage, struct vsw_flowkey *bits)
{
    struct vsw_flowkey before = {0};

    if (stage > 0) {
        vsw_flowkey_project(&before, mask, &cls->stages[stage - 1]);
    }
    vsw_flowkey_project(bits, mask, &cls->stages[stage]);
    return !vsw_flowkey_equal(bits, &before)
           && !vsw_flowkey_equal(bits, mask);
}

static uint32_t
stage_hash(const struct vsw_flowkey *key, const struct vsw_flowkey *bits,
           uint32_t subtable, int stage)
{
    static const uint8_t all_words[] = {0, 1, 2, 3, 4, 5, 6, 7};

    return tuples_hash(key, bits, all_words, VSW_FLOWKEY_WORDS,
                       subtable + TUPLES_MAX_SUBTABLES
                                  * (uint32_t) (stage + 1));
}

/* Adds 'change' (1 or -1) to the number of rules with 'hash'. */
static int
count_stage(struct vsw_classifier *cls, uint32_t hash, int change,
            struct vsw_memobs *obs)
{
    uint32_t n = vsw_exact_lookup(cls->n_by_stage, &hash, hash, obs);

    n = n == VSW_FLOW_NONE ? 0 : n;
    n = change > 0 ? n + 1 : n - 1;
    if (n == 0) {
        vsw_exact_remove(cls->n_by_stage, &hash, hash, obs);
        return 0;
    }
    return vsw_exact_insert(cls->n_by_stage, &hash, hash, n, obs);
}

/* Counts a rule in the stages of its subtable that are before 'n_stages'.
 * If one cannot be counted returns -ENOSPC with the others uncounted. */
static int
count_stages(struct vsw_classifier *cls, const struct vsw_flowkey *key,
             uint32_t subtable, int n_stages, int change,
             struct vsw_memobs *obs)
{
    for (int stage = 0; stage < n_stages; stage++) {
        struct vsw_flowkey bits;

        if (stage_bits(cls, &cls->ts.subtables[subtable].mask, stage, &bits)
            && count_stage(cls, stage_hash(key, &bits, subtable, stage),
                           change, obs)) {
            count_stages(cls, key, subtable, stage, -1, obs);
            return -ENOSPC;
        }
    }
    return 0;
}

/* Moves 'subtable' in front of those that have a lesser highest priority. */
static void
move_up(struct tuples *ts, uint32_t subtable, struct vsw_memobs *obs)
{
    uint32_t max_priority = ts->subtables[subtable].max_priority;
    uint32_t at = 0;

    while (ts->order[at] != subtable) {
        at++;
    }
    for (; at > 0; at--) {
        const struct subtable *st = &ts->subtables[ts->order[at - 1]];

        vsw_touch(obs, &st->max_priority, sizeof max_priority, VSW_MEM_READ);
        if (st->max_priority >= max_priority) {
            break;
        }
        vsw_touch(obs, &ts->order[at - 1], 2 * sizeof subtable,
                  VSW_MEM_WRITE);
        ts->order[at] = ts->order[at - 1];
        ts->order[at - 1] = subtable;
    }
}

int
vsw_classifier_insert(struct vsw_classifier *cls,
                      const struct vsw_flowkey *key,
                      const struct vsw_flowkey *mask, uint32_t priority,
                      uint32_t rule, struct vsw_memobs *obs)
{
    int64_t at = tuples_insert(&cls->ts, key, mask, priority, rule, obs);
    uint32_t subtable;
    int error;

    if (at < 0) {
        return (int) at;
    }
    subtable = cls->ts.entries[at].subtable;
    error = count_stages(cls, key, subtable, N_STAGES, 1, obs);
    if (error) {
        tuples_remove(&cls->ts, (uint32_t) at, obs);
        return error;
    }
    move_up(&cls->ts, subtable, obs);
    return 0;
}

bool
vsw_classifier_remove(struct vsw_classifier *cls,
                      const struct vsw_flowkey *key,
                      const struct vsw_flowkey *mask, uint32_t priority,
                      struct vsw_memobs *obs)
{
    uint32_t at = tuples_find(&cls->ts, key, mask, priority, obs);

    if (at == TUPLES_NONE) {
        return false;
    }
    count_stages(cls, key, cls->ts.entries[at].subtable, N_STAGES, -1, obs);
    tuples_remove(&cls->ts, at, obs);
    return true;
}

static void
add_bits(struct vsw_flowkey *to, const struct vsw_flowkey *bits)
{
    for (size_t i = 0; i < VSW_FLOWKEY_WORDS; i++) {
        uint64_t word = vsw_flowkey_word(to, i) | vsw_flowkey_word(bits, i);

        memcpy((unsigned char *) to + 8 * i, &word, sizeof word);
    }
}

/* Returns false if the stages show that no rule of 'subtable' matches 'key'.
 * Sets 'bits' to those that have decided, or to the whole mask. */
static bool
passes_stages(const struct vsw_classifier *cls, uint32_t subtable,
              const struct vsw_flowkey *key, struct vsw_flowkey *bits,
              struct vsw_memobs *obs)
{
    const struct vsw_flowkey *mask = &cls->ts.subtables[subtable].mask;

    vsw_touch(obs, mask, sizeof *mask, VSW_MEM_READ);
    for (int stage = 0; stage < N_STAGES; stage++) {
        uint32_t hash;

        if (stage_bits(cls, mask, stage, bits)) {
            hash = stage_hash(key, bits, subtable, stage);
            if (vsw_exact_lookup(cls->n_by_stage, &hash, hash, obs)
                == VSW_FLOW_NONE) {
                return false;
            }
        }
    }
    *bits = *mask;
    return true;
}

/* The best entry of 'subtable' for 'key', or NULL.  Adds the bits that have
 * decided to 'decided_by' unless it is NULL. */
static const struct tuple *
look_in(const struct vsw_classifier *cls, uint32_t subtable,
        const struct vsw_flowkey *key, struct vsw_flowkey *decided_by,
        struct vsw_memobs *obs)
{
    const struct tuples *ts = &cls->ts;
    uint32_t hash, at;

    if (decided_by) {
        struct vsw_flowkey bits;
        bool passed = passes_stages(cls, subtable, key, &bits, obs);

        add_bits(decided_by, &bits);
        if (!passed) {
            return NULL;
        }
    }
    tuples_touch_subtable(&ts->subtables[subtable], obs);
    hash = tuples_hash_in(ts, subtable, key);
    at = vsw_exact_lookup(ts->index, &hash, hash, obs);
    at = tuples_match(ts, subtable, key, at, obs);
    return at == TUPLES_NONE ? NULL : &ts->entries[at];
}

static bool
is_better(const struct tuple *entry, const struct tuple *best)
{
    return !best || entry->priority > best->priority
           || (entry->priority == best->priority
               && entry->flow < best->flow);
}

uint32_t
vsw_classifier_lookup(const struct vsw_classifier *cls,
                      const struct vsw_flowkey *key,
                      struct vsw_flowkey *decided_by, struct vsw_memobs *obs)
{
    const struct tuples *ts = &cls->ts;
    const struct tuple *best = NULL;

    if (decided_by) {
        memset(decided_by, 0, sizeof *decided_by);
    }
    for (uint32_t i = 0; i < ts->n_subtables; i++) {
        const struct subtable *st = &ts->subtables[ts->order[i]];
        const struct tuple *entry;

        vsw_touch(obs, &ts->order[i], sizeof ts->order[i], VSW_MEM_READ);
        if (best) {
            vsw_touch(obs, &st->max_priority, sizeof st->max_priority,
                      VSW_MEM_READ);
            if (st->max_priority < best->priority) {
                break;
            }
        }
        entry = look_in(cls, ts->order[i], key, decided_by, obs);
        if (entry && is_better(entry, best)) {
            best = entry;
        }
    }
    return best ? best->flow : VSW_FLOW_NONE;
}

uint32_t
vsw_classifier_n_rules(const struct vsw_classifier *cls)
{
    return cls->ts.n_entries;
}

uint32_t
vsw_classifier_n_subtables(const struct vsw_classifier *cls)
{
    return cls->ts.n_subtables;
}

bool
vsw_classifier_is_sound(const struct vsw_classifier *cls)
{
    const struct tuples *ts = &cls->ts;

    for (uint32_t i = 1; i < ts->n_subtables; i++) {
        if (ts->subtables[ts->order[i - 1]].max_priority
            < ts->subtables[ts->order[i]].max_priority) {
            return false;
        }
    }
    return tuples_is_sound(ts) && vsw_exact_is_sound(cls->n_by_stage);
}
