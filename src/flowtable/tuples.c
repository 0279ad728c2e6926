#include "flowtable/tuples.h"

#include <assert.h>
#include <errno.h>

static_assert(sizeof(struct subtable) == 2 * VSW_LINE_BYTES,
              "a subtable does not fill its lines");
static_assert(TUPLES_NONE == VSW_FLOW_NONE,
              "a miss in the index is not the end of a chain");

static void
link_free_lists(struct tuples *ts)
{
    for (uint32_t i = 0; i < ts->max_entries; i++) {
        ts->entries[i].next = i + 1 < ts->max_entries ? i + 1 : TUPLES_NONE;
        ts->entries[i].subtable = TUPLES_NONE;
    }
    for (uint32_t i = 0; i < ts->max_subtables; i++) {
        ts->subtables[i].n_entries = 0;
        ts->subtables[i].next_free = i + 1 < ts->max_subtables
                                     ? i + 1 : TUPLES_NONE;
    }
    ts->free_entry = 0;
    ts->free_subtable = 0;
    ts->n_entries = 0;
    ts->n_subtables = 0;
}

int
tuples_init(struct tuples *ts, struct vsw_arena *arena, uint32_t max_entries,
            uint32_t max_subtables)
{
    size_t used_bytes = arena->used_bytes;

    if (max_entries == 0 || max_entries > VSW_EXACT_MAX_ENTRIES
        || max_subtables == 0 || max_subtables > TUPLES_MAX_SUBTABLES) {
        return -EINVAL;
    }
    ts->max_entries = max_entries;
    ts->max_subtables = max_subtables;
    ts->index = vsw_exact_new(arena, sizeof(uint32_t), max_entries);
    ts->entries = vsw_arena_alloc(arena, max_entries * sizeof(struct tuple),
                                  VSW_LINE_BYTES);
    ts->subtables = vsw_arena_alloc(
        arena, max_subtables * sizeof(struct subtable), VSW_LINE_BYTES);
    ts->order = vsw_arena_alloc(arena, max_subtables * sizeof(uint32_t),
                                VSW_LINE_BYTES);
    if (!ts->index || !ts->entries || !ts->subtables || !ts->order) {
        arena->used_bytes = used_bytes;
        return -ENOMEM;
    }
    link_free_lists(ts);
    return 0;
}

static uint32_t
find_subtable(const struct tuples *ts, const struct vsw_flowkey *mask,
              struct vsw_memobs *obs)
{
    for (uint32_t i = 0; i < ts->n_subtables; i++) {
        const struct subtable *st = &ts->subtables[ts->order[i]];

        vsw_touch(obs, &ts->order[i], sizeof ts->order[i], VSW_MEM_READ);
        vsw_touch(obs, &st->mask, sizeof st->mask, VSW_MEM_READ);
        if (vsw_flowkey_equal(&st->mask, mask)) {
            return ts->order[i];
        }
    }
    return TUPLES_NONE;
}

/* Takes a free subtable, to be visited last.  Returns TUPLES_NONE if there is
 * none. */
static uint32_t
take_subtable(struct tuples *ts, const struct vsw_flowkey *mask,
              struct vsw_memobs *obs)
{
    uint32_t id = ts->free_subtable;
    struct subtable *st;

    if (id == TUPLES_NONE) {
        return TUPLES_NONE;
    }
    st = &ts->subtables[id];
    vsw_touch(obs, st, sizeof *st, VSW_MEM_WRITE);
    ts->free_subtable = st->next_free;
    st->mask = *mask;
    st->n_entries = 0;
    st->max_priority = 0;
    st->n_hits = 0;
    st->n_words = 0;
    for (uint8_t i = 0; i < VSW_FLOWKEY_WORDS; i++) {
        if (vsw_flowkey_word(mask, i) != 0) {
            st->words[st->n_words++] = i;
        }
    }
    vsw_touch(obs, &ts->order[ts->n_subtables], sizeof id, VSW_MEM_WRITE);
    ts->order[ts->n_subtables++] = id;
    return id;
}

static void
give_subtable(struct tuples *ts, uint32_t id, struct vsw_memobs *obs)
{
    uint32_t i = 0;

    while (ts->order[i] != id) {
        i++;
    }
    vsw_touch(obs, ts->order, (i + 1) * sizeof id, VSW_MEM_READ);
    ts->n_subtables--;
    for (; i < ts->n_subtables; i++) {
        vsw_touch(obs, &ts->order[i], 2 * sizeof id, VSW_MEM_READ);
        vsw_touch(obs, &ts->order[i], sizeof id, VSW_MEM_WRITE);
        ts->order[i] = ts->order[i + 1];
    }
    vsw_touch(obs, &ts->subtables[id].next_free, sizeof id, VSW_MEM_WRITE);
    ts->subtables[id].next_free = ts->free_subtable;
    ts->free_subtable = id;
}

/* The entry after which one of 'priority' belongs in the chain that begins at
 * 'at', or TUPLES_NONE for the front. */
static uint32_t
find_before(const struct tuples *ts, uint32_t at, uint32_t priority,
            struct vsw_memobs *obs)
{
    uint32_t before = TUPLES_NONE;

    while (at != TUPLES_NONE) {
        const struct tuple *entry = &ts->entries[at];

        vsw_touch(obs, &entry->subtable,
                  sizeof *entry - sizeof entry->key, VSW_MEM_READ);
        if (entry->priority < priority) {
            break;
        }
        before = at;
        at = entry->next;
    }
    return before;
}

/* Puts the entry 'at' into the chain of its hash.  Returns 0 or -ENOSPC. */
static int
chain(struct tuples *ts, uint32_t at, struct vsw_memobs *obs)
{
    struct tuple *entry = &ts->entries[at];
    uint32_t hash = entry->hash;
    uint32_t first = vsw_exact_lookup(ts->index, &hash, hash, obs);
    uint32_t before = find_before(ts, first, entry->priority, obs);

    if (before != TUPLES_NONE) {
        struct tuple *previous = &ts->entries[before];

        vsw_touch(obs, &previous->next, sizeof previous->next,
                  VSW_MEM_WRITE);
        entry->next = previous->next;
        previous->next = at;
        return 0;
    }
    if (vsw_exact_insert(ts->index, &hash, hash, at, obs)) {
        return -ENOSPC;
    }
    entry->next = first;
    return 0;
}

static void
unchain(struct tuples *ts, uint32_t at, struct vsw_memobs *obs)
{
    const struct tuple *entry = &ts->entries[at];
    uint32_t hash = entry->hash;
    uint32_t i = vsw_exact_lookup(ts->index, &hash, hash, obs);

    if (i == at && entry->next == TUPLES_NONE) {
        vsw_exact_remove(ts->index, &hash, hash, obs);
    } else if (i == at) {
        int error = vsw_exact_insert(ts->index, &hash, hash, entry->next,
                                     obs);

        assert(!error);
        (void) error;
    } else {
        while (ts->entries[i].next != at) {
            vsw_touch(obs, &ts->entries[i].next, sizeof at, VSW_MEM_READ);
            i = ts->entries[i].next;
        }
        vsw_touch(obs, &ts->entries[i].next, sizeof at, VSW_MEM_WRITE);
        ts->entries[i].next = entry->next;
    }
}

/* Takes a free entry, of which there must be one, and fills it. */
static int64_t
add(struct tuples *ts, uint32_t id, const struct vsw_flowkey *key,
    uint32_t priority, uint32_t flow, struct vsw_memobs *obs)
{
    struct subtable *st = &ts->subtables[id];
    uint32_t at = ts->free_entry;
    struct tuple *entry = &ts->entries[at];
    uint32_t next_free = entry->next;

    vsw_touch(obs, entry, sizeof *entry, VSW_MEM_WRITE);
    vsw_flowkey_project(&entry->key, key, &st->mask);
    entry->priority = priority;
    entry->flow = flow;
    entry->hash = tuples_hash_in(ts, id, key);
    if (chain(ts, at, obs)) {
        entry->next = next_free;
        return -ENOSPC;
    }
    entry->subtable = id;
    ts->free_entry = next_free;
    ts->n_entries++;
    vsw_touch(obs, &st->n_entries, sizeof *st - sizeof st->mask,
              VSW_MEM_WRITE);
    st->n_entries++;
    if (priority > st->max_priority) {
        st->max_priority = priority;
    }
    return at;
}

/* The entry in subtable 'id', or TUPLES_NONE. */
static uint32_t
find_in(const struct tuples *ts, uint32_t id, const struct vsw_flowkey *key,
        uint32_t priority, struct vsw_memobs *obs)
{
    uint32_t hash = tuples_hash_in(ts, id, key);
    uint32_t at = vsw_exact_lookup(ts->index, &hash, hash, obs);

    tuples_touch_subtable(&ts->subtables[id], obs);
    at = tuples_match(ts, id, key, at, obs);
    while (at != TUPLES_NONE && ts->entries[at].priority != priority) {
        at = tuples_match(ts, id, key, ts->entries[at].next, obs);
    }
    return at;
}

int64_t
tuples_insert(struct tuples *ts, const struct vsw_flowkey *key,
              const struct vsw_flowkey *mask, uint32_t priority,
              uint32_t flow, struct vsw_memobs *obs)
{
    uint32_t id = find_subtable(ts, mask, obs);
    int64_t at;

    assert(flow != VSW_FLOW_NONE);
    if (id != TUPLES_NONE
        && find_in(ts, id, key, priority, obs) != TUPLES_NONE) {
        return -EEXIST;
    }
    if (ts->free_entry == TUPLES_NONE) {
        return -ENOSPC;
    }
    if (id == TUPLES_NONE) {
        id = take_subtable(ts, mask, obs);
        if (id == TUPLES_NONE) {
            return -ENOSPC;
        }
    }
    at = add(ts, id, key, priority, flow, obs);
    if (ts->subtables[id].n_entries == 0) {
        give_subtable(ts, id, obs);
    }
    return at;
}

uint32_t
tuples_find(const struct tuples *ts, const struct vsw_flowkey *key,
            const struct vsw_flowkey *mask, uint32_t priority,
            struct vsw_memobs *obs)
{
    uint32_t id = find_subtable(ts, mask, obs);

    return id == TUPLES_NONE ? TUPLES_NONE
                             : find_in(ts, id, key, priority, obs);
}

void
tuples_remove(struct tuples *ts, uint32_t at, struct vsw_memobs *obs)
{
    struct tuple *entry = &ts->entries[at];
    struct subtable *st = &ts->subtables[entry->subtable];

    unchain(ts, at, obs);
    vsw_touch(obs, &st->n_entries, sizeof st->n_entries, VSW_MEM_WRITE);
    if (--st->n_entries == 0) {
        give_subtable(ts, entry->subtable, obs);
    }
    vsw_touch(obs, &entry->subtable, sizeof *entry - sizeof entry->key,
              VSW_MEM_WRITE);
    entry->subtable = TUPLES_NONE;
    entry->next = ts->free_entry;
    ts->free_entry = at;
    ts->n_entries--;
}

void
tuples_clear(struct tuples *ts, struct vsw_memobs *obs)
{
    vsw_exact_clear(ts->index, obs);
    vsw_touch(obs, ts->entries, ts->max_entries * sizeof(struct tuple),
              VSW_MEM_WRITE);
    vsw_touch(obs, ts->subtables,
              ts->max_subtables * sizeof(struct subtable), VSW_MEM_WRITE);
    link_free_lists(ts);
}

/* Entries of 'subtable' that a search for their own key finds. */
static uint32_t
count_reachable(const struct tuples *ts, uint32_t subtable)
{
    uint32_t n = 0;

    for (uint32_t at = 0; at < ts->max_entries; at++) {
        const struct tuple *entry = &ts->entries[at];

        n += entry->subtable == subtable
             && entry->priority <= ts->subtables[subtable].max_priority
             && find_in(ts, subtable, &entry->key, entry->priority, NULL)
                == at;
    }
    return n;
}

bool
tuples_is_sound(const struct tuples *ts)
{
    uint32_t n_entries = 0;

    for (uint32_t i = 0; i < ts->n_subtables; i++) {
        const struct subtable *st = &ts->subtables[ts->order[i]];

        if (st->n_entries == 0
            || count_reachable(ts, ts->order[i]) != st->n_entries) {
            return false;
        }
        n_entries += st->n_entries;
    }
    return n_entries == ts->n_entries && vsw_exact_is_sound(ts->index);
}
