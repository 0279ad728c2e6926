#include <vswsim/grants.h>

#include <assert.h>

#define MAX_SLOTS (1u << 30)

/* 2^32 divided by the golden ratio: Knuth, The Art of Computer Programming,
 * vol. 3, §6.4, multiplicative hashing. */
#define GOLDEN 2654435769u

struct slot {
    uint32_t pfn;
    uint32_t state;             /* 0 if free, else references + 1. */
};

#define FREE     0
#define INACTIVE 1

struct vsw_grants {
    struct slot *slots;         /* The halves, one after the other. */
    uint32_t n_slots;           /* Of a half. */
    uint32_t n_ways;
    uint32_t n_granted[2];      /* By half. */
};

static bool
is_power_of_two(uint32_t n)
{
    return n > 0 && (n & (n - 1)) == 0;
}

struct vsw_grants *
vsw_grants_new(struct vsw_arena *arena, uint32_t n_slots, uint32_t n_ways)
{
    struct vsw_arena before = *arena;
    struct vsw_grants *g;

    if (!is_power_of_two(n_slots) || !is_power_of_two(n_ways)
        || n_ways > n_slots || n_slots > MAX_SLOTS) {
        return NULL;
    }
    g = vsw_arena_alloc(arena, sizeof *g, VSW_LINE_BYTES);
    if (!g) {
        return NULL;
    }
    g->slots = vsw_arena_alloc(arena, 2 * (size_t) n_slots * sizeof *g->slots,
                               VSW_LINE_BYTES);
    if (!g->slots) {
        *arena = before;
        return NULL;
    }
    g->n_slots = n_slots;
    g->n_ways = n_ways;
    return g;
}

/* Reference of the first slot of the set for 'pfn'. */
static uint32_t
set_of(const struct vsw_grants *g, uint32_t pfn, enum vsw_grant_half half)
{
    uint64_t hash = pfn * GOLDEN;
    uint32_t slot = (uint32_t) (hash * g->n_slots >> 32);

    return (half == VSW_GRANT_READ_WRITE ? g->n_slots : 0)
           + (slot & ~(g->n_ways - 1));
}

/* What a scan of a set finds: for each, the first way, or 'n_ways'. */
struct finding {
    uint32_t hit;
    uint32_t free;
    uint32_t inactive;
};

static struct finding
scan(const struct slot *set, uint32_t n_ways, uint32_t pfn)
{
    struct finding f = { n_ways, n_ways, n_ways };

    for (uint32_t way = n_ways; way-- > 0;) {
        if (set[way].state == FREE) {
            f.free = way;
        } else if (set[way].pfn == pfn) {
            f.hit = way;
        } else if (set[way].state == INACTIVE) {
            f.inactive = way;
        }
    }
    return f;
}

static void
touch_head(struct vsw_grants *g, struct vsw_memobs *obs,
           enum vsw_mem_kind kind)
{
    vsw_touch(obs, g, sizeof *g, kind);
}

/* Makes 'slot' a grant of 'pfn' with one reference. */
static void
take(struct slot *slot, uint32_t pfn, struct vsw_memobs *obs)
{
    vsw_touch(obs, slot, sizeof *slot, VSW_MEM_WRITE);
    slot->pfn = pfn;
    slot->state = INACTIVE + 1;
}

enum vsw_grant_outcome
vsw_grants_get(struct vsw_grants *g, uint32_t pfn, enum vsw_grant_half half,
               struct vsw_grant *grant, struct vsw_memobs *obs)
{
    uint32_t first = set_of(g, pfn, half);
    struct slot *set = &g->slots[first];
    struct finding f;

    touch_head(g, obs, VSW_MEM_READ);
    vsw_touch(obs, set, g->n_ways * sizeof *set, VSW_MEM_READ);
    f = scan(set, g->n_ways, pfn);
    if (f.hit < g->n_ways) {
        assert(set[f.hit].state < UINT32_MAX);
        vsw_touch(obs, &set[f.hit], sizeof *set, VSW_MEM_WRITE);
        set[f.hit].state++;
        grant->ref = first + f.hit;
        return VSW_GRANT_REUSE;
    }
    if (f.free < g->n_ways) {
        touch_head(g, obs, VSW_MEM_WRITE);
        g->n_granted[half]++;
        take(&set[f.free], pfn, obs);
        grant->ref = first + f.free;
        return VSW_GRANT_ISSUE;
    }
    if (f.inactive < g->n_ways) {
        grant->revoked_pfn = set[f.inactive].pfn;
        take(&set[f.inactive], pfn, obs);
        grant->ref = first + f.inactive;
        return VSW_GRANT_REPLACE;
    }
    return VSW_GRANT_ABORT;
}

void
vsw_grants_put(struct vsw_grants *g, uint32_t ref, struct vsw_memobs *obs)
{
    struct slot *slot = &g->slots[ref];

    assert(ref < 2 * g->n_slots && slot->state > INACTIVE);
    touch_head(g, obs, VSW_MEM_READ);
    vsw_touch(obs, slot, sizeof *slot, VSW_MEM_WRITE);
    slot->state--;
}

bool
vsw_grants_forget(struct vsw_grants *g, uint32_t ref, struct vsw_memobs *obs)
{
    struct slot *slot = &g->slots[ref];

    assert(ref < 2 * g->n_slots);
    touch_head(g, obs, VSW_MEM_READ);
    vsw_touch(obs, slot, sizeof *slot, VSW_MEM_READ);
    if (slot->state != INACTIVE) {
        return false;
    }
    touch_head(g, obs, VSW_MEM_WRITE);
    vsw_touch(obs, slot, sizeof *slot, VSW_MEM_WRITE);
    slot->state = FREE;
    g->n_granted[ref >= g->n_slots]--;
    return true;
}

uint32_t
vsw_grants_n_granted(const struct vsw_grants *g, enum vsw_grant_half half)
{
    return g->n_granted[half];
}
