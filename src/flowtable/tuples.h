/* Tuple space: what the classifier and the megaflow cache have in common.
 *
 * Entries with the same mask form a subtable.  All subtables share one hash
 * index, from a 32-bit hash of subtable and masked key to a chain of entries,
 * so that memory is bounded by the number of entries alone.
 *
 * Source: Srinivasan, Suri and Varghese, "Packet Classification Using Tuple
 * Space Search", SIGCOMM 1999. */
#ifndef FLOWTABLE_TUPLES_H
#define FLOWTABLE_TUPLES_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/arena.h>
#include <vswsim/exact.h>
#include <vswsim/flowkey.h>
#include <vswsim/memobs.h>

#define TUPLES_MAX_SUBTABLES 4096
#define TUPLES_NONE          UINT32_MAX

/* Two lines: the mask, and the rest, which says whether there is one. */
struct subtable {
    struct vsw_flowkey mask;
    uint32_t n_entries;         /* 0: free, and 'next_free' counts. */
    uint32_t n_words;           /* Words of 'mask' that are not zero... */
    uint8_t words[VSW_FLOWKEY_WORDS];   /* ...and which. */
    uint32_t max_priority;      /* No entry has a higher one. */
    uint32_t next_free;
    uint64_t n_hits;            /* Since the last ordering by use. */
    uint64_t unused[4];
};

/* Of 96 bytes, so that what follows the key is in one line. */
struct tuple {
    struct vsw_flowkey key;     /* Masked. */
    uint32_t subtable;
    uint32_t hash;
    uint32_t next;              /* In the chain of 'hash', by falling
                                 * priority; or next free entry. */
    uint32_t priority;
    uint32_t flow;
    uint32_t unused[3];
};

struct tuples {
    struct vsw_exact *index;    /* From hash to the first of a chain. */
    struct tuple *entries;
    struct subtable *subtables;
    uint32_t *order;            /* Subtables in use, first to visit first. */
    uint32_t n_entries;
    uint32_t n_subtables;
    uint32_t max_entries;
    uint32_t max_subtables;
    uint32_t free_entry;        /* Heads of the free lists, or... */
    uint32_t free_subtable;     /* ...TUPLES_NONE. */
};

/* Makes 'ts' empty.  Returns -ENOMEM, with 'arena' unchanged, or -EINVAL. */
int tuples_init(struct tuples *ts, struct vsw_arena *arena,
                uint32_t max_entries, uint32_t max_subtables);

/* Adds an entry.  Returns its index; -EEXIST if there is one with this mask,
 * masked key and priority; or -ENOSPC, with 'ts' unchanged. */
int64_t tuples_insert(struct tuples *ts, const struct vsw_flowkey *key,
                      const struct vsw_flowkey *mask, uint32_t priority,
                      uint32_t flow, struct vsw_memobs *obs);

/* The entry with this mask, masked key and priority, or TUPLES_NONE. */
uint32_t tuples_find(const struct tuples *ts, const struct vsw_flowkey *key,
                     const struct vsw_flowkey *mask, uint32_t priority,
                     struct vsw_memobs *obs);

/* Removes the entry 'at', and its subtable if it was the last one there. */
void tuples_remove(struct tuples *ts, uint32_t at, struct vsw_memobs *obs);

/* Removes all entries and subtables. */
void tuples_clear(struct tuples *ts, struct vsw_memobs *obs);

/* True if the parts of 'ts' agree; for tests. */
bool tuples_is_sound(const struct tuples *ts);

/* One odd multiplier per word of a key (digits of pi and of the golden ratio),
 * so that the products are independent of each other and computed at once. */
static const uint64_t tuples_factors[VSW_FLOWKEY_WORDS] = {
    UINT64_C(0x9e3779b97f4a7c15), UINT64_C(0x243f6a8885a308d3),
    UINT64_C(0x13198a2e03707345), UINT64_C(0xa4093822299f31d1),
    UINT64_C(0x082efa98ec4e6c89), UINT64_C(0x452821e638d01377),
    UINT64_C(0xbe5466cf34e90c6d), UINT64_C(0xc0ac29b7c97c50dd),
};

/* Hash of 'key' under 'mask', whose words that are not zero are 'words'. */
static VSW_ALWAYS_INLINE uint32_t
tuples_hash(const struct vsw_flowkey *key, const struct vsw_flowkey *mask,
            const uint8_t words[], uint32_t n_words, uint32_t seed)
{
    uint64_t hash = seed * UINT64_C(0xd1310ba698dfb5ad);

    for (uint32_t i = 0; i < n_words; i++) {
        hash += (vsw_flowkey_word(key, words[i])
                 & vsw_flowkey_word(mask, words[i])) * tuples_factors[i];
    }
    hash = (hash ^ hash >> 32) * UINT64_C(0xbf58476d1ce4e5b9);
    return (uint32_t) (hash >> 32);
}

/* Declares what hashing a key in 'st' reads. */
static inline void
tuples_touch_subtable(const struct subtable *st, struct vsw_memobs *obs)
{
    vsw_touch(obs, &st->n_entries, sizeof *st - sizeof st->mask,
              VSW_MEM_READ);
    if (st->n_words > 0) {
        vsw_touch(obs, &st->mask, sizeof st->mask, VSW_MEM_READ);
    }
}

static inline uint32_t
tuples_hash_in(const struct tuples *ts, uint32_t subtable,
               const struct vsw_flowkey *key)
{
    const struct subtable *st = &ts->subtables[subtable];

    return tuples_hash(key, &st->mask, st->words, st->n_words, subtable);
}

/* The entry of highest priority in 'subtable' that matches 'key', in the chain
 * that begins at 'at', or TUPLES_NONE. */
static inline uint32_t
tuples_match(const struct tuples *ts, uint32_t subtable,
             const struct vsw_flowkey *key, uint32_t at,
             struct vsw_memobs *obs)
{
    const struct vsw_flowkey *mask = &ts->subtables[subtable].mask;

    for (; at != TUPLES_NONE; at = ts->entries[at].next) {
        const struct tuple *entry = &ts->entries[at];

        if (VSW_UNLIKELY(entry->subtable != subtable)) {
            vsw_touch(obs, &entry->subtable,
                      sizeof *entry - sizeof entry->key, VSW_MEM_READ);
            continue;
        }
        vsw_touch(obs, entry, sizeof *entry, VSW_MEM_READ);
        vsw_touch(obs, mask, sizeof *mask, VSW_MEM_READ);
        if (vsw_flowkey_equal_masked(&entry->key, key, mask)) {
            break;
        }
    }
    return at;
}

#endif
