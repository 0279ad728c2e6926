#include <vswsim/emc.h>

#include <assert.h>

#define MAX_ENTRIES (UINT32_C(1) << 24)

struct entry {
    uint32_t hash;
    uint32_t flow_plus_1;       /* 0: not in use, though key and hash stay. */
    uint32_t unused[2];
    struct vsw_flowkey key;
};

/* What each position costs; the key follows it. */
#define HEAD_BYTES offsetof(struct entry, key)

static_assert(sizeof(struct entry) == VSW_EMC_MIN_ENTRY_BYTES,
              "an entry has another size than documented");

struct vsw_emc {
    unsigned char *entries;
    uint32_t mask;              /* Entries - 1. */
    uint32_t shift;             /* Hash bits per position. */
    uint32_t n_positions;
    uint32_t entry_bytes;
};

static bool
is_sensible(const struct vsw_emc_shape *shape)
{
    return shape->n_entries >= 2 && shape->n_entries <= MAX_ENTRIES
           && (shape->n_entries & (shape->n_entries - 1)) == 0
           && shape->n_positions >= 1
           && shape->n_positions <= VSW_EMC_MAX_POSITIONS
           && shape->entry_bytes >= VSW_EMC_MIN_ENTRY_BYTES
           && shape->entry_bytes <= 65536 && shape->entry_bytes % 16 == 0;
}

struct vsw_emc *
vsw_emc_new(struct vsw_arena *arena, const struct vsw_emc_shape *shape)
{
    size_t used_bytes = arena->used_bytes;
    struct vsw_emc *emc;

    if (!is_sensible(shape)) {
        return NULL;
    }
    emc = vsw_arena_alloc(arena, sizeof *emc, VSW_LINE_BYTES);
    if (!emc) {
        return NULL;
    }
    emc->entries = vsw_arena_alloc(arena, (size_t) shape->n_entries
                                          * shape->entry_bytes,
                                   VSW_LINE_BYTES);
    if (!emc->entries) {
        arena->used_bytes = used_bytes;
        return NULL;
    }
    emc->mask = shape->n_entries - 1;
    emc->shift = vsw_msb64(shape->n_entries);
    emc->n_positions = shape->n_positions;
    emc->entry_bytes = shape->entry_bytes;
    return emc;
}

static struct entry *
entry_at(const struct vsw_emc *emc, uint32_t index)
{
    return (struct entry *) (void *) (emc->entries
                                      + (size_t) index * emc->entry_bytes);
}

/* True if 'entry', live or not, holds 'key'. */
static bool
holds(const struct entry *entry, const struct vsw_flowkey *key,
      uint32_t hash, struct vsw_memobs *obs)
{
    if (entry->hash != hash) {
        return false;
    }
    vsw_touch(obs, &entry->key, sizeof entry->key, VSW_MEM_READ);
    return vsw_flowkey_equal(&entry->key, key);
}

/* The live entry of 'key', or NULL. */
static struct entry *
find(const struct vsw_emc *emc, const struct vsw_flowkey *key, uint32_t hash,
     struct vsw_memobs *obs)
{
    uint32_t search = hash;

    for (uint32_t i = 0; i < emc->n_positions; i++) {
        struct entry *entry = entry_at(emc, search & emc->mask);

        vsw_touch(obs, entry, HEAD_BYTES, VSW_MEM_READ);
        if (entry->flow_plus_1 != 0 && holds(entry, key, hash, obs)) {
            return entry;
        }
        search >>= emc->shift;
    }
    return NULL;
}

uint32_t
vsw_emc_lookup(const struct vsw_emc *emc, const struct vsw_flowkey *key,
               uint32_t hash, struct vsw_memobs *obs)
{
    const struct entry *entry = find(emc, key, hash, obs);

    return entry ? entry->flow_plus_1 - 1 : VSW_FLOW_NONE;
}

/* The condition of emc_insert(), word for word. */
static bool
is_better_victim(const struct entry *entry, const struct entry *victim)
{
    return !victim || (victim->flow_plus_1 != 0 && entry->flow_plus_1 == 0)
           || entry->hash < victim->hash;
}

void
vsw_emc_insert(struct vsw_emc *emc, const struct vsw_flowkey *key,
               uint32_t hash, uint32_t flow, struct vsw_memobs *obs)
{
    struct entry *victim = NULL;
    uint32_t search = hash;

    assert(flow != VSW_FLOW_NONE);
    for (uint32_t i = 0; i < emc->n_positions; i++) {
        struct entry *entry = entry_at(emc, search & emc->mask);

        vsw_touch(obs, entry, HEAD_BYTES, VSW_MEM_READ);
        if (holds(entry, key, hash, obs)) {
            vsw_touch(obs, entry, HEAD_BYTES, VSW_MEM_WRITE);
            entry->flow_plus_1 = flow + 1;
            return;
        }
        if (is_better_victim(entry, victim)) {
            victim = entry;
        }
        search >>= emc->shift;
    }
    vsw_touch(obs, victim, sizeof *victim, VSW_MEM_WRITE);
    victim->hash = hash;
    victim->flow_plus_1 = flow + 1;
    victim->key = *key;
}

bool
vsw_emc_remove(struct vsw_emc *emc, const struct vsw_flowkey *key,
               uint32_t hash, struct vsw_memobs *obs)
{
    struct entry *entry = find(emc, key, hash, obs);

    if (entry) {
        vsw_touch(obs, entry, HEAD_BYTES, VSW_MEM_WRITE);
        entry->flow_plus_1 = 0;
    }
    return entry != NULL;
}

void
vsw_emc_clear(struct vsw_emc *emc, struct vsw_memobs *obs)
{
    for (uint32_t i = 0; i <= emc->mask; i++) {
        struct entry *entry = entry_at(emc, i);

        vsw_touch(obs, entry, HEAD_BYTES, VSW_MEM_WRITE);
        entry->flow_plus_1 = 0;
    }
}

uint32_t
vsw_emc_count(const struct vsw_emc *emc)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i <= emc->mask; i++) {
        n += entry_at(emc, i)->flow_plus_1 != 0;
    }
    return n;
}
