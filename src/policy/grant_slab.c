#include <vswsim/grant_slab.h>

#include <assert.h>

enum buffer_state {
    VACANT,                     /* Has no page. */
    CACHED,                     /* Granted and unused. */
    IN_USE,
};

struct vsw_grant_slab {
    uint32_t *vacant;           /* Stack of references without a page. */
    uint32_t *cached;           /* Circle of unused ones, oldest first. */
    uint8_t *states;            /* enum buffer_state, by reference. */
    uint32_t n_refs;
    uint32_t n_vacant;
    uint32_t n_cached;
    uint32_t oldest;            /* Index in 'cached'. */
};

static struct vsw_grant_slab *
alloc(struct vsw_arena *arena, uint32_t n_refs)
{
    struct vsw_grant_slab *s = vsw_arena_alloc(arena, sizeof *s,
                                               VSW_LINE_BYTES);

    if (s) {
        s->vacant = vsw_arena_alloc(arena, n_refs * sizeof *s->vacant,
                                    VSW_LINE_BYTES);
        s->cached = vsw_arena_alloc(arena, n_refs * sizeof *s->cached,
                                    VSW_LINE_BYTES);
        s->states = vsw_arena_alloc(arena, n_refs, VSW_LINE_BYTES);
        if (!s->vacant || !s->cached || !s->states) {
            *s = (struct vsw_grant_slab) { .n_refs = 0 };
            return NULL;
        }
    }
    return s;
}

struct vsw_grant_slab *
vsw_grant_slab_new(struct vsw_arena *arena, uint32_t n_refs)
{
    struct vsw_arena before = *arena;
    struct vsw_grant_slab *s = n_refs > 0 ? alloc(arena, n_refs) : NULL;

    if (!s) {
        *arena = before;
        return NULL;
    }
    s->n_refs = n_refs;
    s->n_vacant = n_refs;
    for (uint32_t i = 0; i < n_refs; i++) {
        s->vacant[i] = n_refs - 1 - i;
    }
    return s;
}

/* Place in 'cached' of the buffer with 'rank' older ones. */
static uint32_t *
cached_at(const struct vsw_grant_slab *s, uint32_t rank)
{
    uint64_t i = (uint64_t) s->oldest + rank;

    return &s->cached[i < s->n_refs ? i : i - s->n_refs];
}

static void
set_state(struct vsw_grant_slab *s, uint32_t ref, enum buffer_state state,
          struct vsw_memobs *obs)
{
    vsw_touch(obs, &s->states[ref], sizeof s->states[ref], VSW_MEM_WRITE);
    s->states[ref] = (uint8_t) state;
}

static uint32_t
read_ref(const uint32_t *place, struct vsw_memobs *obs)
{
    vsw_touch(obs, place, sizeof *place, VSW_MEM_READ);
    return *place;
}

static void
write_ref(uint32_t *place, uint32_t ref, struct vsw_memobs *obs)
{
    vsw_touch(obs, place, sizeof *place, VSW_MEM_WRITE);
    *place = ref;
}

enum vsw_grant_outcome
vsw_grant_slab_get(struct vsw_grant_slab *s, uint32_t *ref,
                   struct vsw_memobs *obs)
{
    enum vsw_grant_outcome outcome = VSW_GRANT_ABORT;

    vsw_touch(obs, s, sizeof *s, VSW_MEM_WRITE);
    if (s->n_cached > 0) {
        *ref = read_ref(cached_at(s, --s->n_cached), obs);
        outcome = VSW_GRANT_REUSE;
    } else if (s->n_vacant > 0) {
        *ref = read_ref(&s->vacant[--s->n_vacant], obs);
        outcome = VSW_GRANT_ISSUE;
    }
    if (outcome != VSW_GRANT_ABORT) {
        set_state(s, *ref, IN_USE, obs);
    }
    return outcome;
}

void
vsw_grant_slab_put(struct vsw_grant_slab *s, uint32_t ref,
                   struct vsw_memobs *obs)
{
    assert(ref < s->n_refs && s->states[ref] == IN_USE);
    vsw_touch(obs, s, sizeof *s, VSW_MEM_WRITE);
    write_ref(cached_at(s, s->n_cached++), ref, obs);
    set_state(s, ref, CACHED, obs);
}

/* Takes the buffer that was unused for longest out of the cache. */
static uint32_t
drain_one(struct vsw_grant_slab *s, struct vsw_memobs *obs)
{
    uint32_t ref = read_ref(cached_at(s, 0), obs);

    s->oldest = s->oldest + 1 < s->n_refs ? s->oldest + 1 : 0;
    s->n_cached--;
    write_ref(&s->vacant[s->n_vacant++], ref, obs);
    set_state(s, ref, VACANT, obs);
    return ref;
}

uint32_t
vsw_grant_slab_drain(struct vsw_grant_slab *s, uint32_t n_keep,
                     uint32_t *refs, uint32_t max, struct vsw_memobs *obs)
{
    uint32_t n = 0;

    vsw_touch(obs, s, sizeof *s, VSW_MEM_WRITE);
    while (n < max && s->n_cached > n_keep) {
        refs[n++] = drain_one(s, obs);
    }
    return n;
}
