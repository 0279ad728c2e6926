#include <vswsim/mactable.h>

#include <assert.h>
#include <errno.h>

/* Slots looked at for one that is out of date before a learn is refused. */
#define MAX_RECLAIM_SLOTS 64
#define MAX_ENTRIES       (UINT32_C(1) << 24)

/* Values of 'expires_ns'; zeroed memory is an empty table. */
#define EXPIRES_EMPTY  0
#define EXPIRES_NEVER  (UINT64_MAX - 1)
#define EXPIRES_STATIC UINT64_MAX

/* Invariant: no slot between an entry's home and its place is empty, and its
 * place is less than VSW_MACTABLE_MAX_PROBES slots from home. */
struct slot {
    uint64_t mac_and_port;      /* Address in the upper 48 bits. */
    uint64_t expires_ns;        /* Valid before this time. */
};

struct vsw_mactable {
    struct slot *slots;
    uint32_t mask;              /* Slots - 1. */
    int shift;                  /* Hash bits that are not used. */
    uint32_t n_entries;
    uint32_t max_entries;
    uint32_t hand;              /* Where the last reclaim stopped. */
    uint64_t max_age_ns;
    uint64_t grain_ns;          /* Longest a refresh may be put off. */
};

struct vsw_mactable *
vsw_mactable_new(struct vsw_arena *arena, uint32_t max_entries,
                 uint64_t max_age_ns)
{
    size_t used_bytes = arena->used_bytes;
    struct vsw_mactable *mt;
    int bits = 2;

    if (max_entries == 0 || max_entries > MAX_ENTRIES) {
        return NULL;
    }
    while ((UINT32_C(1) << bits) < 2 * max_entries) {
        bits++;
    }
    mt = vsw_arena_alloc(arena, sizeof *mt, VSW_LINE_BYTES);
    if (!mt) {
        return NULL;
    }
    mt->slots = vsw_arena_alloc(arena, sizeof(struct slot) << bits,
                                VSW_LINE_BYTES);
    if (!mt->slots) {
        arena->used_bytes = used_bytes;
        return NULL;
    }
    mt->mask = (UINT32_C(1) << bits) - 1;
    mt->shift = 64 - bits;
    mt->max_entries = max_entries;
    mt->max_age_ns = max_age_ns;
    mt->grain_ns = max_age_ns / 256;
    return mt;
}

/* Multiplication by 2^64 over the golden ratio spreads the runs of addresses
 * that hypervisors give to their guests. */
static uint32_t
home(const struct vsw_mactable *mt, uint64_t mac)
{
    uint64_t hash = mac * UINT64_C(0x9e3779b97f4a7c15);

    hash ^= hash >> 29;
    return (uint32_t) (hash * UINT64_C(0xbf58476d1ce4e5b9) >> mt->shift);
}

/* Declares the line of slot 'at' if a walk that began at slot 'start' has not
 * been on that line yet. */
static void
touch_step(const struct vsw_mactable *mt, uint32_t start, uint32_t at,
           struct vsw_memobs *obs)
{
    const uint32_t per_line = VSW_LINE_BYTES / sizeof(struct slot);

    if (at == start || at % per_line == 0) {
        vsw_touch(obs, &mt->slots[at], sizeof(struct slot), VSW_MEM_READ);
    }
}

/* Result of a search for an address. */
struct place {
    struct slot *match;         /* Its slot, or NULL. */
    struct slot *room;          /* Else a slot that it may take, or NULL. */
};

/* Searches for 'mac'.  Slots out of date at 'now_ns' count as room. */
static struct place
find(const struct vsw_mactable *mt, uint64_t mac, uint64_t now_ns,
     struct vsw_memobs *obs)
{
    struct place place = {NULL, NULL};
    uint32_t start = home(mt, mac);

    for (uint32_t i = 0; i < VSW_MACTABLE_MAX_PROBES; i++) {
        struct slot *slot = &mt->slots[(start + i) & mt->mask];

        touch_step(mt, start, (start + i) & mt->mask, obs);
        if (slot->expires_ns != EXPIRES_EMPTY
            && slot->mac_and_port >> 16 == mac) {
            place.match = slot;
            break;
        }
        if (slot->expires_ns <= now_ns && !place.room) {
            place.room = slot;
        }
        if (slot->expires_ns == EXPIRES_EMPTY) {
            break;
        }
    }
    return place;
}

/* Empties 'slot' and moves later entries of its run back, so that no search
 * is cut short. */
static void
remove_slot(struct vsw_mactable *mt, struct slot *slot,
            struct vsw_memobs *obs)
{
    uint32_t start = (uint32_t) (slot - mt->slots);
    uint32_t hole = start;
    uint32_t at = (start + 1) & mt->mask;

    for (; at != start; at = (at + 1) & mt->mask) {
        struct slot *next = &mt->slots[at];
        uint32_t from_home;

        touch_step(mt, start, at, obs);
        if (next->expires_ns == EXPIRES_EMPTY) {
            break;
        }
        from_home = (at - home(mt, next->mac_and_port >> 16)) & mt->mask;
        if (from_home >= ((at - hole) & mt->mask)) {
            vsw_touch(obs, &mt->slots[hole], sizeof *next, VSW_MEM_WRITE);
            mt->slots[hole] = *next;
            hole = at;
        }
    }
    vsw_touch(obs, &mt->slots[hole], sizeof *slot, VSW_MEM_WRITE);
    mt->slots[hole].expires_ns = EXPIRES_EMPTY;
    mt->n_entries--;
}

static bool
is_expired(const struct slot *slot, uint64_t now_ns)
{
    return slot->expires_ns != EXPIRES_EMPTY && slot->expires_ns <= now_ns;
}

/* Looks at some slots for an entry that is out of date and removes it. */
static bool
reclaim(struct vsw_mactable *mt, uint64_t now_ns, struct vsw_memobs *obs)
{
    uint32_t start = mt->hand;

    for (int i = 0; i < MAX_RECLAIM_SLOTS; i++) {
        struct slot *slot = &mt->slots[mt->hand];

        touch_step(mt, start, mt->hand, obs);
        if (is_expired(slot, now_ns)) {
            remove_slot(mt, slot, obs);
            return true;
        }
        mt->hand = (mt->hand + 1) & mt->mask;
    }
    return false;
}

static void
write_slot(struct slot *slot, uint64_t mac, uint32_t port,
           uint64_t expires_ns, struct vsw_memobs *obs)
{
    vsw_touch(obs, slot, sizeof *slot, VSW_MEM_WRITE);
    slot->mac_and_port = mac << 16 | port;
    slot->expires_ns = expires_ns;
}

static int
insert(struct vsw_mactable *mt, struct place place, uint64_t mac,
       uint32_t port, uint64_t now_ns, uint64_t expires_ns,
       struct vsw_memobs *obs)
{
    if (place.room && place.room->expires_ns == EXPIRES_EMPTY
        && mt->n_entries == mt->max_entries) {
        if (!reclaim(mt, now_ns, obs)) {
            return -ENOSPC;
        }
        place = find(mt, mac, now_ns, obs);     /* Entries may have moved. */
    }
    if (!place.room) {
        return -ENOSPC;
    }
    mt->n_entries += place.room->expires_ns == EXPIRES_EMPTY;
    write_slot(place.room, mac, port, expires_ns, obs);
    return 0;
}

/* When an address last seen at 'now_ns' is out of date. */
static uint64_t
expiry(const struct vsw_mactable *mt, uint64_t now_ns)
{
    uint64_t age_ns = mt->max_age_ns + mt->grain_ns;

    if (mt->max_age_ns == 0 || age_ns < mt->max_age_ns
        || age_ns >= EXPIRES_NEVER - now_ns) {
        return EXPIRES_NEVER;
    }
    return now_ns + age_ns;
}

/* True if the entry holds what learning would write, or nearly. */
static bool
is_fresh(const struct vsw_mactable *mt, const struct slot *slot,
         uint32_t port, uint64_t expires_ns)
{
    return (slot->mac_and_port & VSW_MACTABLE_MAX_PORT) == port
           && slot->expires_ns <= expires_ns
           && expires_ns - slot->expires_ns <= mt->grain_ns;
}

int
vsw_mactable_learn(struct vsw_mactable *mt, const struct vsw_mac *mac,
                   uint32_t port, uint64_t now_ns, struct vsw_memobs *obs)
{
    uint64_t number = vsw_mac_to_u64(mac);
    uint64_t expires_ns = expiry(mt, now_ns);
    struct place place;

    assert(port <= VSW_MACTABLE_MAX_PORT);
    if (vsw_mac_is_group(mac)) {
        return -EINVAL;
    }
    place = find(mt, number, now_ns, obs);
    if (!place.match) {
        return insert(mt, place, number, port, now_ns, expires_ns, obs);
    }
    if (place.match->expires_ns != EXPIRES_STATIC
        && !is_fresh(mt, place.match, port, expires_ns)) {
        write_slot(place.match, number, port, expires_ns, obs);
    }
    return 0;
}

uint32_t
vsw_mactable_lookup(const struct vsw_mactable *mt, const struct vsw_mac *mac,
                    uint64_t now_ns, struct vsw_memobs *obs)
{
    uint64_t number = vsw_mac_to_u64(mac);
    uint32_t start = home(mt, number);

    /* find() without looking for room. */
    for (uint32_t i = 0; i < VSW_MACTABLE_MAX_PROBES; i++) {
        const struct slot *slot = &mt->slots[(start + i) & mt->mask];

        touch_step(mt, start, (start + i) & mt->mask, obs);
        if (slot->expires_ns == EXPIRES_EMPTY) {
            break;
        }
        if (slot->mac_and_port >> 16 == number) {
            return slot->expires_ns > now_ns
                       ? (uint32_t) (slot->mac_and_port
                                     & VSW_MACTABLE_MAX_PORT)
                       : VSW_PORT_FLOOD;
        }
    }
    return VSW_PORT_FLOOD;
}

int
vsw_mactable_add_static(struct vsw_mactable *mt, const struct vsw_mac *mac,
                        uint32_t port, uint64_t now_ns,
                        struct vsw_memobs *obs)
{
    uint64_t number = vsw_mac_to_u64(mac);
    struct place place = find(mt, number, now_ns, obs);

    assert(port <= VSW_MACTABLE_MAX_PORT);
    if (place.match) {
        write_slot(place.match, number, port, EXPIRES_STATIC, obs);
        return 0;
    }
    return insert(mt, place, number, port, now_ns, EXPIRES_STATIC, obs);
}

bool
vsw_mactable_remove(struct vsw_mactable *mt, const struct vsw_mac *mac,
                    struct vsw_memobs *obs)
{
    struct place place = find(mt, vsw_mac_to_u64(mac), 0, obs);

    if (place.match) {
        remove_slot(mt, place.match, obs);
    }
    return place.match != NULL;
}

uint32_t
vsw_mactable_expire(struct vsw_mactable *mt, uint64_t now_ns,
                    struct vsw_memobs *obs)
{
    uint32_t n_before = mt->n_entries;

    for (uint32_t at = 0; at <= mt->mask; at++) {
        touch_step(mt, 0, at, obs);
        while (is_expired(&mt->slots[at], now_ns)) {
            remove_slot(mt, &mt->slots[at], obs);
        }
    }
    return n_before - mt->n_entries;
}

static bool
is_learned_on(const struct slot *slot, uint32_t port)
{
    return slot->expires_ns != EXPIRES_EMPTY
           && slot->expires_ns != EXPIRES_STATIC
           && (slot->mac_and_port & VSW_MACTABLE_MAX_PORT) == port;
}

uint32_t
vsw_mactable_flush_port(struct vsw_mactable *mt, uint32_t port,
                        struct vsw_memobs *obs)
{
    uint32_t n_before = mt->n_entries;

    for (uint32_t at = 0; at <= mt->mask; at++) {
        touch_step(mt, 0, at, obs);
        while (is_learned_on(&mt->slots[at], port)) {
            remove_slot(mt, &mt->slots[at], obs);
        }
    }
    return n_before - mt->n_entries;
}

uint32_t
vsw_mactable_n_entries(const struct vsw_mactable *mt)
{
    return mt->n_entries;
}
