#include <vswsim/exact.h>

#include <assert.h>
#include <errno.h>
#include <string.h>

/* A bucket, in one line if its slots fit:
 *
 *     uint8_t n_passed;            Keys that went on to a later bucket; once
 *                                  at its maximum, it stays there.
 *     uint8_t steps[n_slots];      Buckets between a key's home and here.
 *     (padding to 4 bytes)
 *     uint32_t flows[n_slots];     VSW_FLOW_NONE in a free slot.
 *     uint8_t keys[n_slots][key_bytes];
 */
#define PASSED_MAX   UINT8_MAX
#define MAX_SLOTS    7

/* Buckets on their way at a time: about as many as a CPU has buffers for lines
 * that miss; it drops prefetches beyond them. */
#define PREFETCH_AHEAD 20
#define EVEN_SPREAD  UINT64_C(0x9e3779b97f4a7c15)    /* 2^64 / golden ratio. */

struct vsw_exact {
    unsigned char *buckets;
    uint32_t key_bytes;
    uint32_t n_slots;           /* Per bucket. */
    uint32_t stride_bytes;      /* From one bucket to the next. */
    uint32_t n_buckets;
    uint32_t n_entries;
    uint32_t max_entries;
};

/* Parts of a bucket; these fold to constants where the key size is one. */

static inline uint32_t
slots_for(uint32_t key_bytes)
{
    uint32_t n_slots = 1;

    while (n_slots < MAX_SLOTS
           && ((n_slots + 2 + 3) & ~3u) + (n_slots + 1) * (4 + key_bytes)
              <= VSW_LINE_BYTES) {
        n_slots++;
    }
    return n_slots;
}

static inline uint32_t
flows_at(uint32_t n_slots)
{
    return (1 + n_slots + 3) & ~3u;
}

static inline uint32_t
bucket_bytes(uint32_t n_slots, uint32_t key_bytes)
{
    return flows_at(n_slots) + n_slots * (4 + key_bytes);
}

static inline unsigned char *
key_at(unsigned char *bucket, uint32_t n_slots, uint32_t key_bytes,
       uint32_t slot)
{
    return bucket + flows_at(n_slots) + 4 * n_slots + slot * key_bytes;
}

static inline uint32_t
get_flow(const unsigned char *bucket, uint32_t n_slots, uint32_t slot)
{
    uint32_t flow;

    memcpy(&flow, bucket + flows_at(n_slots) + 4 * slot, sizeof flow);
    return flow;
}

static inline void
put_flow(unsigned char *bucket, uint32_t n_slots, uint32_t slot,
         uint32_t flow)
{
    memcpy(bucket + flows_at(n_slots) + 4 * slot, &flow, sizeof flow);
}

static inline uint32_t
home(const struct vsw_exact *t, uint32_t hash)
{
    return (uint32_t) vsw_mul_hi64(hash * EVEN_SPREAD, t->n_buckets);
}

static inline unsigned char *
bucket_of(const struct vsw_exact *t, uint32_t index)
{
    return t->buckets + (size_t) index * t->stride_bytes;
}

static inline uint32_t
next_index(const struct vsw_exact *t, uint32_t index)
{
    return index + 1 == t->n_buckets ? 0 : index + 1;
}

static VSW_ALWAYS_INLINE void
touch_bucket(const struct vsw_exact *t, const unsigned char *bucket,
             enum vsw_mem_kind kind, struct vsw_memobs *obs)
{
    vsw_touch(obs, bucket, bucket_bytes(t->n_slots, t->key_bytes), kind);
}

/* All of a bucket but what does not fit its first line: the end of a key. */
static void
touch_head(const struct vsw_exact *t, const unsigned char *bucket,
           enum vsw_mem_kind kind, struct vsw_memobs *obs)
{
    uint32_t n_bytes = bucket_bytes(t->n_slots, t->key_bytes);

    vsw_touch(obs, bucket, n_bytes < VSW_LINE_BYTES ? n_bytes
                                                    : VSW_LINE_BYTES, kind);
}

static void
touch_rest(const struct vsw_exact *t, const unsigned char *bucket,
           struct vsw_memobs *obs)
{
    if (t->stride_bytes > VSW_LINE_BYTES) {
        vsw_touch(obs, bucket + VSW_LINE_BYTES,
                  bucket_bytes(t->n_slots, t->key_bytes) - VSW_LINE_BYTES,
                  VSW_MEM_READ);
    }
}

static void
clear_buckets(struct vsw_exact *t, struct vsw_memobs *obs)
{
    for (uint32_t i = 0; i < t->n_buckets; i++) {
        unsigned char *bucket = bucket_of(t, i);

        touch_bucket(t, bucket, VSW_MEM_WRITE, obs);
        memset(bucket, 0, bucket_bytes(t->n_slots, t->key_bytes));
        for (uint32_t slot = 0; slot < t->n_slots; slot++) {
            put_flow(bucket, t->n_slots, slot, VSW_FLOW_NONE);
        }
    }
    t->n_entries = 0;
}

struct vsw_exact *
vsw_exact_new(struct vsw_arena *arena, uint32_t key_bytes,
              uint32_t max_entries)
{
    size_t used_bytes = arena->used_bytes;
    struct vsw_exact *t;

    if (key_bytes == 0 || key_bytes % 4
        || key_bytes > VSW_EXACT_MAX_KEY_BYTES || max_entries == 0
        || max_entries > VSW_EXACT_MAX_ENTRIES) {
        return NULL;
    }
    t = vsw_arena_alloc(arena, sizeof *t, VSW_LINE_BYTES);
    if (!t) {
        return NULL;
    }
    t->key_bytes = key_bytes;
    t->n_slots = slots_for(key_bytes);
    t->stride_bytes = (bucket_bytes(t->n_slots, key_bytes)
                       + VSW_LINE_BYTES - 1) & ~(VSW_LINE_BYTES - 1u);
    t->max_entries = max_entries;
    t->n_buckets = (t->n_slots == 1 ? max_entries * 2
                                    : max_entries * 9 / 5 / t->n_slots) + 1;
    t->buckets = vsw_arena_alloc(arena,
                                 (size_t) t->n_buckets * t->stride_bytes,
                                 t->stride_bytes);
    if (!t->buckets) {
        arena->used_bytes = used_bytes;
        return NULL;
    }
    clear_buckets(t, NULL);
    return t;
}

/* Not zero if the keys differ. */
static VSW_ALWAYS_INLINE uint64_t
difference(const unsigned char *a, const unsigned char *b, uint32_t key_bytes)
{
    uint64_t diff = 0;
    uint32_t i = 0;

    for (; i + 8 <= key_bytes; i += 8) {
        uint64_t x, y;

        memcpy(&x, a + i, sizeof x);
        memcpy(&y, b + i, sizeof y);
        diff |= x ^ y;
    }
    if (i < key_bytes) {
        uint32_t x, y;

        memcpy(&x, a + i, sizeof x);
        memcpy(&y, b + i, sizeof y);
        diff |= x ^ y;
    }
    return diff;
}

/* Flow of 'key' in one bucket.  A free slot may equal 'key' and then gives
 * VSW_FLOW_NONE, which is neutral to "and"; no two other slots do. */
static VSW_ALWAYS_INLINE uint32_t
probe(const unsigned char *bucket, const unsigned char *key,
      uint32_t n_slots, uint32_t key_bytes)
{
    const unsigned char *keys = bucket + flows_at(n_slots) + 4 * n_slots;
    uint32_t flow = VSW_FLOW_NONE;

    for (uint32_t slot = 0; slot < n_slots; slot++) {
        uint64_t diff = difference(keys + slot * key_bytes, key, key_bytes);

        flow &= get_flow(bucket, n_slots, slot) | ((uint32_t) (diff == 0) - 1);
    }
    return flow;
}

/* Goes on where the home bucket had no match but was passed. */
static VSW_ALWAYS_INLINE uint32_t
lookup_further(const struct vsw_exact *t, const unsigned char *key,
               uint32_t index, uint32_t n_slots, uint32_t key_bytes,
               struct vsw_memobs *obs)
{
    uint32_t flow = VSW_FLOW_NONE;

    for (uint32_t step = 1; step < VSW_EXACT_MAX_STEPS; step++) {
        const unsigned char *bucket;

        index = next_index(t, index);
        bucket = bucket_of(t, index);
        touch_bucket(t, bucket, VSW_MEM_READ, obs);
        flow = probe(bucket, key, n_slots, key_bytes);
        if (flow != VSW_FLOW_NONE || bucket[0] == 0) {
            break;
        }
    }
    return flow;
}

static VSW_ALWAYS_INLINE uint32_t
lookup(const struct vsw_exact *t, const unsigned char *key, uint32_t index,
       uint32_t n_slots, uint32_t key_bytes, struct vsw_memobs *obs)
{
    const unsigned char *bucket = bucket_of(t, index);
    uint32_t flow;

    touch_bucket(t, bucket, VSW_MEM_READ, obs);
    flow = probe(bucket, key, n_slots, key_bytes);
    if (VSW_UNLIKELY(flow == VSW_FLOW_NONE && bucket[0] != 0)) {
        return lookup_further(t, key, index, n_slots, key_bytes, obs);
    }
    return flow;
}

uint32_t
vsw_exact_lookup(const struct vsw_exact *t, const void *key, uint32_t hash,
                 struct vsw_memobs *obs)
{
    uint32_t index = home(t, hash);

    switch (t->key_bytes) {
    case 4:
        return lookup(t, key, index, slots_for(4), 4, obs);
    case 16:
        return lookup(t, key, index, slots_for(16), 16, obs);
    case 44:
        return lookup(t, key, index, slots_for(44), 44, obs);
    case 64:
        return lookup(t, key, index, slots_for(64), 64, obs);
    default:
        return lookup(t, key, index, t->n_slots, t->key_bytes, obs);
    }
}

static VSW_ALWAYS_INLINE void
prefetch_bucket(const struct vsw_exact *t, uint32_t index, uint32_t n_slots,
                uint32_t key_bytes)
{
    const unsigned char *bucket = bucket_of(t, index);

    VSW_PREFETCH(bucket);
    if (bucket_bytes(n_slots, key_bytes) > VSW_LINE_BYTES) {
        VSW_PREFETCH(bucket + VSW_LINE_BYTES);
    }
}

/* Goes on for the keys whose bit in 'pending' is set; returns those found. */
static VSW_ALWAYS_INLINE uint64_t
bulk_further(const struct vsw_exact *t, const void *const keys[],
             const uint32_t indices[], uint64_t pending, uint32_t flows[],
             uint32_t n_slots, uint32_t key_bytes, struct vsw_memobs *obs)
{
    uint64_t found = 0;

    for (uint64_t left = pending; left;) {
        uint32_t i = vsw_msb64(left);

        left &= ~(UINT64_C(1) << i);
        prefetch_bucket(t, next_index(t, indices[i]), n_slots, key_bytes);
    }
    while (pending) {
        uint32_t i = vsw_msb64(pending);

        pending &= ~(UINT64_C(1) << i);
        flows[i] = lookup_further(t, keys[i], indices[i], n_slots, key_bytes,
                                  obs);
        found |= (uint64_t) (flows[i] != VSW_FLOW_NONE) << i;
    }
    return found;
}

/* In stages, so that no key waits for the memory, or the mispredicted branch,
 * of another. */
static VSW_ALWAYS_INLINE uint64_t
lookup_bulk(const struct vsw_exact *t, const void *const keys[],
            const uint32_t hashes[], uint32_t n, uint32_t flows[],
            uint32_t n_slots, uint32_t key_bytes, struct vsw_memobs *obs)
{
    uint32_t indices[VSW_EXACT_MAX_BULK];
    uint64_t found = 0, passed = 0;

    for (uint32_t i = 0; i < n && i < PREFETCH_AHEAD; i++) {
        indices[i] = home(t, hashes[i]);
        prefetch_bucket(t, indices[i], n_slots, key_bytes);
    }
    for (uint32_t i = 0; i < n; i++) {
        const unsigned char *bucket = bucket_of(t, indices[i]);
        uint32_t ahead = i + PREFETCH_AHEAD;

        if (ahead < n) {
            indices[ahead] = home(t, hashes[ahead]);
            prefetch_bucket(t, indices[ahead], n_slots, key_bytes);
        }
        touch_bucket(t, bucket, VSW_MEM_READ, obs);
        flows[i] = probe(bucket, keys[i], n_slots, key_bytes);
        found |= (uint64_t) (flows[i] != VSW_FLOW_NONE) << i;
        passed |= (uint64_t) (bucket[0] != 0) << i;
    }
    return found | bulk_further(t, keys, indices, passed & ~found, flows,
                                n_slots, key_bytes, obs);
}

uint64_t
vsw_exact_lookup_bulk(const struct vsw_exact *t, const void *const keys[],
                      const uint32_t hashes[], uint32_t n, uint32_t flows[],
                      struct vsw_memobs *obs)
{
    assert(n <= VSW_EXACT_MAX_BULK);
    switch (t->key_bytes) {
    case 4:
        return lookup_bulk(t, keys, hashes, n, flows, slots_for(4), 4, obs);
    case 16:
        return lookup_bulk(t, keys, hashes, n, flows, slots_for(16), 16,
                           obs);
    case 44:
        return lookup_bulk(t, keys, hashes, n, flows, slots_for(44), 44,
                           obs);
    case 64:
        return lookup_bulk(t, keys, hashes, n, flows, slots_for(64), 64,
                           obs);
    default:
        return lookup_bulk(t, keys, hashes, n, flows, t->n_slots,
                           t->key_bytes, obs);
    }
}

/* Where a key is or may go. */
struct place {
    unsigned char *bucket;      /* NULL: nowhere. */
    uint32_t slot;
    uint32_t steps;             /* From its home. */
};

/* The slot of 'bucket' that holds 'key', or 'n_slots'. */
static uint32_t
find_in(const struct vsw_exact *t, unsigned char *bucket, const void *key,
        struct vsw_memobs *obs)
{
    uint32_t slot = 0;

    touch_head(t, bucket, VSW_MEM_READ, obs);
    for (; slot < t->n_slots; slot++) {
        if (get_flow(bucket, t->n_slots, slot) != VSW_FLOW_NONE) {
            touch_rest(t, bucket, obs);
            if (difference(key_at(bucket, t->n_slots, t->key_bytes, slot),
                           key, t->key_bytes) == 0) {
                break;
            }
        }
    }
    return slot;
}

static struct place
find(const struct vsw_exact *t, const void *key, uint32_t hash,
     struct vsw_memobs *obs)
{
    struct place place = {NULL, 0, 0};
    uint32_t index = home(t, hash);

    for (; place.steps < VSW_EXACT_MAX_STEPS; place.steps++) {
        unsigned char *bucket = bucket_of(t, index);

        place.slot = find_in(t, bucket, key, obs);
        if (place.slot < t->n_slots) {
            place.bucket = bucket;
            break;
        }
        if (bucket[0] == 0) {
            break;
        }
        index = next_index(t, index);
    }
    return place;
}

/* First free slot from the home of 'hash' on. */
static struct place
find_room(const struct vsw_exact *t, uint32_t hash, struct vsw_memobs *obs)
{
    struct place place = {NULL, 0, 0};
    uint32_t index = home(t, hash);

    for (; place.steps < VSW_EXACT_MAX_STEPS; place.steps++) {
        unsigned char *bucket = bucket_of(t, index);

        touch_head(t, bucket, VSW_MEM_READ, obs);
        for (place.slot = 0; place.slot < t->n_slots; place.slot++) {
            if (get_flow(bucket, t->n_slots, place.slot) == VSW_FLOW_NONE) {
                place.bucket = bucket;
                return place;
            }
        }
        index = next_index(t, index);
    }
    return place;
}

/* Adds 'change' (1 or -1) to the count of keys that passed, in the 'n_steps'
 * buckets before the one at 'index'. */
static void
count_passed(struct vsw_exact *t, uint32_t index, uint32_t n_steps,
             int change, struct vsw_memobs *obs)
{
    for (uint32_t i = 0; i < n_steps; i++) {
        unsigned char *bucket;

        index = index ? index - 1 : t->n_buckets - 1;
        bucket = bucket_of(t, index);
        vsw_touch(obs, bucket, 1, VSW_MEM_WRITE);
        if (bucket[0] != PASSED_MAX) {
            bucket[0] = (unsigned char) (bucket[0] + change);
        }
    }
}

static uint32_t
index_of(const struct vsw_exact *t, const unsigned char *bucket)
{
    return (uint32_t) ((size_t) (bucket - t->buckets) / t->stride_bytes);
}

static void
fill(struct vsw_exact *t, struct place place, const void *key, uint32_t flow,
     struct vsw_memobs *obs)
{
    touch_bucket(t, place.bucket, VSW_MEM_WRITE, obs);
    memcpy(key_at(place.bucket, t->n_slots, t->key_bytes, place.slot), key,
           t->key_bytes);
    put_flow(place.bucket, t->n_slots, place.slot, flow);
    place.bucket[1 + place.slot] = (unsigned char) place.steps;
    count_passed(t, index_of(t, place.bucket), place.steps, 1, obs);
    t->n_entries++;
}

static void
empty(struct vsw_exact *t, unsigned char *bucket, uint32_t slot,
      struct vsw_memobs *obs)
{
    touch_head(t, bucket, VSW_MEM_WRITE, obs);
    put_flow(bucket, t->n_slots, slot, VSW_FLOW_NONE);
    count_passed(t, index_of(t, bucket), bucket[1 + slot], -1, obs);
    t->n_entries--;
}

/* Changes the flow of a key that is there.  Returns whether it is. */
static bool
update(struct vsw_exact *t, const void *key, uint32_t hash, uint32_t flow,
       struct vsw_memobs *obs)
{
    struct place place = find(t, key, hash, obs);

    assert(flow != VSW_FLOW_NONE);
    if (place.bucket) {
        touch_head(t, place.bucket, VSW_MEM_WRITE, obs);
        put_flow(place.bucket, t->n_slots, place.slot, flow);
    }
    return place.bucket != NULL;
}

static int
add(struct vsw_exact *t, const void *key, uint32_t hash, uint32_t flow,
    struct vsw_memobs *obs)
{
    struct place place;

    if (t->n_entries == t->max_entries) {
        return -ENOSPC;
    }
    place = find_room(t, hash, obs);
    if (!place.bucket) {
        return -ENOSPC;
    }
    fill(t, place, key, flow, obs);
    return 0;
}

int
vsw_exact_insert(struct vsw_exact *t, const void *key, uint32_t hash,
                 uint32_t flow, struct vsw_memobs *obs)
{
    return update(t, key, hash, flow, obs) ? 0 : add(t, key, hash, flow, obs);
}

int
vsw_exact_replace(struct vsw_exact *t, const void *key, uint32_t hash,
                  uint32_t flow, struct vsw_memobs *obs)
{
    unsigned char *bucket = bucket_of(t, home(t, hash));

    if (update(t, key, hash, flow, obs)
        || add(t, key, hash, flow, obs) == 0) {
        return 0;
    }
    /* The low bits of the hash, which do not choose the bucket, choose the
     * first slot to try. */
    for (uint32_t i = 0; i < t->n_slots; i++) {
        uint32_t slot = (hash + i) % t->n_slots;

        if (get_flow(bucket, t->n_slots, slot) != VSW_FLOW_NONE) {
            struct place place = {bucket, slot, 0};

            empty(t, bucket, slot, obs);
            fill(t, place, key, flow, obs);
            return 0;
        }
    }
    return -ENOSPC;
}

uint32_t
vsw_exact_remove(struct vsw_exact *t, const void *key, uint32_t hash,
                 struct vsw_memobs *obs)
{
    struct place place = find(t, key, hash, obs);
    uint32_t flow;

    if (!place.bucket) {
        return VSW_FLOW_NONE;
    }
    flow = get_flow(place.bucket, t->n_slots, place.slot);
    empty(t, place.bucket, place.slot, obs);
    return flow;
}

void
vsw_exact_clear(struct vsw_exact *t, struct vsw_memobs *obs)
{
    clear_buckets(t, obs);
}

uint32_t
vsw_exact_n_entries(const struct vsw_exact *t)
{
    return t->n_entries;
}

uint64_t
vsw_exact_size_bytes(const struct vsw_exact *t)
{
    return (uint64_t) t->n_buckets * t->stride_bytes;
}

/* Keys in later buckets that passed the bucket at 'index'. */
static uint32_t
passed_at(const struct vsw_exact *t, uint32_t index)
{
    uint32_t n_passed = 0;

    for (uint32_t step = 1; step < VSW_EXACT_MAX_STEPS; step++) {
        const unsigned char *bucket;

        index = next_index(t, index);
        bucket = bucket_of(t, index);
        for (uint32_t slot = 0; slot < t->n_slots; slot++) {
            n_passed += get_flow(bucket, t->n_slots, slot) != VSW_FLOW_NONE
                        && bucket[1 + slot] >= step;
        }
    }
    return n_passed;
}

bool
vsw_exact_is_sound(const struct vsw_exact *t)
{
    uint32_t n_entries = 0;

    for (uint32_t i = 0; i < t->n_buckets; i++) {
        const unsigned char *bucket = bucket_of(t, i);

        for (uint32_t slot = 0; slot < t->n_slots; slot++) {
            n_entries += get_flow(bucket, t->n_slots, slot) != VSW_FLOW_NONE;
        }
        if (bucket[0] != PASSED_MAX && bucket[0] != passed_at(t, i)) {
            return false;
        }
    }
    return n_entries == t->n_entries && n_entries <= t->max_entries;
}
