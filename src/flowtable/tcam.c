#include "flowtable/tcam_internal.h"

#include <assert.h>
#include <errno.h>

#include "hash/cpu.h"

_Static_assert(VSW_TCAM_MAX_RULES < LINK_NONE, "links have 16 bits");

static uint32_t
max_rules(const struct vsw_tcam_params *params)
{
    return params->max_rules ? params->max_rules : VSW_TCAM_DEFAULT_RULES;
}

static bool
params_are_sound(const struct vsw_tcam_params *params)
{
    return max_rules(params) <= VSW_TCAM_MAX_RULES && params->key_bytes > 0
           && params->key_bytes <= VSW_TCAM_MAX_KEY_BYTES
           && params->key_bytes % 8 == 0;
}

/* Hands out the next 'n_bytes' of '*at', rounded up to lines; only moves
 * '*at' if nothing is there yet. */
static void *
carve(unsigned char *base, size_t *at, size_t n_bytes)
{
    void *p = base ? base + *at : NULL;

    *at += (n_bytes + VSW_LINE_BYTES - 1) / VSW_LINE_BYTES * VSW_LINE_BYTES;
    return p;
}

/* Lays a table out from 'base' on and returns its size; with no 'base', only
 * the latter. */
static size_t
lay_out(unsigned char *base, const struct vsw_tcam_params *params,
        struct vsw_tcam *t)
{
    uint32_t n_rules = max_rules(params);
    size_t n_blocks = (n_rules + BLOCK_RULES - 1) / BLOCK_RULES;
    size_t n_chunks = 2 * (size_t) params->key_bytes;
    size_t at = 0;

    carve(base, &at, sizeof *t);
    t->vectors = carve(base, &at,
                       n_blocks * n_chunks * CHUNK_VALUES * VSW_LINE_BYTES);
    t->used = carve(base, &at, n_blocks * VSW_LINE_BYTES);
    t->active = carve(base, &at, n_chunks);
    t->chunks = carve(base, &at, n_chunks * sizeof *t->chunks);
    t->ranks = carve(base, &at, n_rules * sizeof *t->ranks);
    t->links = carve(base, &at, n_rules * sizeof *t->links);
    t->patterns = carve(base, &at, (size_t) n_rules * 2 * params->key_bytes);
    t->key_bytes = params->key_bytes;
    t->max_rules = n_rules;
    t->n_blocks = (uint32_t) n_blocks;
    return at;
}

size_t
vsw_tcam_size_bytes(const struct vsw_tcam_params *params)
{
    struct vsw_tcam scratch;

    /* The arena may have to skip up to a line for alignment. */
    return params_are_sound(params)
               ? lay_out(NULL, params, &scratch) + VSW_LINE_BYTES : 0;
}

void
vsw_tcam_clear(struct vsw_tcam *tcam)
{
    memset(tcam->used, 0, (size_t) tcam->n_blocks * VSW_LINE_BYTES);
    memset(tcam->chunks, 0, tcam_n_chunks(tcam) * sizeof *tcam->chunks);
    for (uint32_t id = 0; id < tcam->max_rules; id++) {
        tcam->links[id].next = (uint16_t) (id + 1);
    }
    tcam->links[tcam->max_rules - 1].next = LINK_NONE;
    tcam->free = 0;
    tcam->newest = tcam->oldest = LINK_NONE;
    tcam->n_rules = 0;
    tcam->n_active = 0;
}

static tcam_narrow_fn
fastest(void)
{
#ifdef VSW_FLOWTABLE_AVX2
    if (vsw_cpu_features() & VSW_CPU_AVX2) {
        return tcam_narrow_avx2;
    }
#endif
    return tcam_narrow_plain;
}

struct vsw_tcam *
vsw_tcam_new(struct vsw_arena *arena, const struct vsw_tcam_params *params)
{
    struct vsw_tcam layout = { .n_rules = 0 };
    unsigned char *base;

    if (!params_are_sound(params)) {
        return NULL;
    }
    base = vsw_arena_alloc(arena, lay_out(NULL, params, &layout),
                           VSW_LINE_BYTES);
    if (!base) {
        return NULL;
    }
    lay_out(base, params, &layout);
    layout.narrow = fastest();
    memcpy(base, &layout, sizeof layout);
    vsw_tcam_clear((void *) base);
    return (void *) base;
}

static void
touch_link(struct vsw_tcam *tcam, uint16_t id, struct vsw_memobs *obs)
{
    vsw_touch(obs, &tcam->links[id], sizeof tcam->links[id], VSW_MEM_WRITE);
}

static void
link_newest(struct vsw_tcam *tcam, uint16_t id, struct vsw_memobs *obs)
{
    touch_link(tcam, id, obs);
    tcam->links[id].prev = LINK_NONE;
    tcam->links[id].next = tcam->newest;
    if (tcam->newest == LINK_NONE) {
        tcam->oldest = id;
    } else {
        touch_link(tcam, tcam->newest, obs);
        tcam->links[tcam->newest].prev = id;
    }
    tcam->newest = id;
}

static void
unlink_used(struct vsw_tcam *tcam, uint16_t id, struct vsw_memobs *obs)
{
    struct tcam_link link;

    touch_link(tcam, id, obs);
    link = tcam->links[id];
    if (link.prev == LINK_NONE) {
        tcam->newest = link.next;
    } else {
        touch_link(tcam, link.prev, obs);
        tcam->links[link.prev].next = link.next;
    }
    if (link.next == LINK_NONE) {
        tcam->oldest = link.prev;
    } else {
        touch_link(tcam, link.next, obs);
        tcam->links[link.next].prev = link.prev;
    }
}

void
vsw_tcam_mark_used(struct vsw_tcam *tcam, uint16_t id, struct vsw_memobs *obs)
{
    if (tcam->newest != id) {
        unlink_used(tcam, id, obs);
        link_newest(tcam, id, obs);
    }
}

/* Sets or clears the bit of rule 'id' in the vectors of 'chunk' that match
 * it, and weighs the chunk again. */
static void
write_chunk(struct vsw_tcam *tcam, uint32_t id, uint32_t chunk, bool set,
            struct vsw_memobs *obs)
{
    unsigned int value = tcam_chunk_of(tcam, tcam_value(tcam, id), chunk);
    unsigned int mask = tcam_chunk_of(tcam, tcam_mask(tcam, id), chunk);
    struct tcam_chunk *c = &tcam->chunks[chunk];
    uint64_t bit = UINT64_C(1) << id % 64;

    vsw_touch(obs, c, sizeof *c, VSW_MEM_WRITE);
    c->weight = 0;
    for (unsigned int v = 0; v < CHUNK_VALUES; v++) {
        if ((v & mask) == value) {
            uint64_t *p = tcam_vector(tcam, id / BLOCK_RULES, chunk, v)
                          + id % BLOCK_RULES / 64;

            vsw_touch(obs, p, sizeof *p, VSW_MEM_WRITE);
            *p = set ? *p | bit : *p & ~bit;
            c->n_bits[v] = (uint16_t) (c->n_bits[v] + (set ? 1 : -1));
        }
        if (c->n_bits[v] > c->weight) {
            c->weight = c->n_bits[v];
        }
    }
}

/* Puts the chunks first whose vectors leave the fewest rules, at worst: a
 * field that is the same in all rules (an EtherType, say) comes last.  By
 * insertion, as the order hardly changes. */
static void
sort_active(struct vsw_tcam *tcam, struct vsw_memobs *obs)
{
    if (tcam->n_active > 0) {
        vsw_touch(obs, tcam->active, tcam->n_active, VSW_MEM_WRITE);
    }
    for (uint32_t i = 0; i < tcam->n_active; i++) {
        uint8_t chunk = tcam->active[i];
        uint16_t weight = tcam->chunks[chunk].weight;
        uint32_t k = i;

        for (; k > 0 && tcam->chunks[tcam->active[k - 1]].weight > weight;
             k--) {
            tcam->active[k] = tcam->active[k - 1];
        }
        tcam->active[k] = chunk;
    }
}

/* Sets or clears the bit of rule 'id' in every vector that matches it. */
static void
write_bits(struct vsw_tcam *tcam, uint32_t id, bool set,
           struct vsw_memobs *obs)
{
    for (uint32_t i = 0; i < tcam->n_active; i++) {
        write_chunk(tcam, id, tcam->active[i], set, obs);
    }
    sort_active(tcam, obs);
}

/* Makes lookups read 'chunk', which no rule so far cares about. */
static void
activate(struct vsw_tcam *tcam, uint32_t chunk, struct vsw_memobs *obs)
{
    uint8_t *active = &tcam->active[tcam->n_active++];
    struct tcam_chunk *c = &tcam->chunks[chunk];
    size_t row_bytes = (size_t) tcam->n_blocks * VSW_LINE_BYTES;
    uint64_t *vectors = tcam_vector(tcam, 0, chunk, 0);

    vsw_touch(obs, active, sizeof *active, VSW_MEM_WRITE);
    *active = (uint8_t) chunk;
    vsw_touch(obs, c, sizeof *c, VSW_MEM_WRITE);
    for (int v = 0; v < CHUNK_VALUES; v++) {
        c->n_bits[v] = (uint16_t) tcam->n_rules;
    }
    vsw_touch(obs, tcam->used, row_bytes, VSW_MEM_READ);
    vsw_touch(obs, vectors, CHUNK_VALUES * row_bytes, VSW_MEM_WRITE);
    for (size_t v = 0; v < CHUNK_VALUES; v++) {
        memcpy(vectors + v * row_bytes / sizeof *vectors, tcam->used,
               row_bytes);
    }
}

static void
deactivate(struct vsw_tcam *tcam, uint32_t chunk, struct vsw_memobs *obs)
{
    uint32_t i = 0;

    vsw_touch(obs, tcam->active, tcam->n_active, VSW_MEM_WRITE);
    while (tcam->active[i] != chunk) {
        i++;
    }
    tcam->n_active--;
    memmove(&tcam->active[i], &tcam->active[i + 1], tcam->n_active - i);
}

/* Counts the chunks that rule 'id' cares about, up by one or down by one. */
static void
count_chunks(struct vsw_tcam *tcam, uint32_t id, bool up,
             struct vsw_memobs *obs)
{
    const unsigned char *mask = tcam_mask(tcam, id);

    for (uint32_t chunk = 0; chunk < tcam_n_chunks(tcam); chunk++) {
        uint16_t *n = &tcam->chunks[chunk].n_caring;

        if (tcam_chunk_of(tcam, mask, chunk) == 0) {
            continue;
        }
        vsw_touch(obs, n, sizeof *n, VSW_MEM_WRITE);
        if (up && (*n)++ == 0) {
            activate(tcam, chunk, obs);
        } else if (!up && --*n == 0) {
            deactivate(tcam, chunk, obs);
        }
    }
}

static void
write_used(struct vsw_tcam *tcam, uint32_t id, bool set,
           struct vsw_memobs *obs)
{
    uint64_t *word = &tcam->used[id / 64];
    uint64_t bit = UINT64_C(1) << id % 64;

    vsw_touch(obs, word, sizeof *word, VSW_MEM_WRITE);
    *word = set ? *word | bit : *word & ~bit;
}

static void
fill_rule(struct vsw_tcam *tcam, uint32_t id,
          const struct vsw_tcam_rule *rule, struct vsw_memobs *obs)
{
    struct tcam_rank *rank = &tcam->ranks[id];

    vsw_touch(obs, tcam_value(tcam, id), 2 * (size_t) tcam->key_bytes,
              VSW_MEM_WRITE);
    memcpy(tcam_value(tcam, id), rule->value, tcam->key_bytes);
    memcpy(tcam_mask(tcam, id), rule->mask, tcam->key_bytes);
    vsw_touch(obs, rank, sizeof *rank, VSW_MEM_WRITE);
    *rank = (struct tcam_rank) {
        .priority = rule->priority,
        .action = rule->action,
        .order = tcam->n_inserted++ << 1 | rule->negative,
    };
}

/* Takes an unused id for 'rule', which is known to be sound and new. */
static uint16_t
put_rule(struct vsw_tcam *tcam, const struct vsw_tcam_rule *rule,
         struct vsw_memobs *obs)
{
    uint16_t id = tcam->free;

    assert(id != LINK_NONE);
    touch_link(tcam, id, obs);
    tcam->free = tcam->links[id].next;
    fill_rule(tcam, id, rule, obs);
    count_chunks(tcam, id, true, obs);
    write_bits(tcam, id, true, obs);
    write_used(tcam, id, true, obs);
    link_newest(tcam, id, obs);
    tcam->n_rules++;
    return id;
}

static bool
is_masked(const struct vsw_tcam *tcam, const struct vsw_tcam_rule *rule)
{
    const unsigned char *value = rule->value;
    const unsigned char *mask = rule->mask;
    unsigned int outside = 0;

    for (uint32_t i = 0; i < tcam->key_bytes; i++) {
        outside |= value[i] & ~(unsigned int) mask[i];
    }
    return outside == 0;
}

static int
check_new(struct vsw_tcam *tcam, const struct vsw_tcam_rule *rule,
          struct vsw_memobs *obs)
{
    if (!is_masked(tcam, rule)) {
        return -EINVAL;
    }
    return vsw_tcam_find(tcam, rule, obs) == VSW_TCAM_NONE ? 0 : -EEXIST;
}

int
vsw_tcam_insert(struct vsw_tcam *tcam, const struct vsw_tcam_rule *rule,
                uint32_t *id, struct vsw_memobs *obs)
{
    int error = check_new(tcam, rule, obs);
    uint32_t new_id;

    if (error) {
        return error;
    }
    if (tcam->n_rules == tcam->max_rules) {
        return -ENOSPC;
    }
    new_id = put_rule(tcam, rule, obs);
    if (id) {
        *id = new_id;
    }
    return 0;
}

int
vsw_tcam_replace(struct vsw_tcam *tcam, const struct vsw_tcam_rule *rule,
                 uint32_t *id, struct vsw_memobs *obs)
{
    int error = vsw_tcam_insert(tcam, rule, id, obs);

    if (error != -ENOSPC) {
        return error;
    }
    vsw_tcam_remove(tcam, tcam->oldest, obs);
    tcam->stats.n_evictions++;
    return vsw_tcam_insert(tcam, rule, id, obs);
}

void
vsw_tcam_remove(struct vsw_tcam *tcam, uint32_t id, struct vsw_memobs *obs)
{
    assert(id < tcam->max_rules && (tcam->used[id / 64] >> id % 64 & 1));
    vsw_touch(obs, tcam_value(tcam, id), 2 * (size_t) tcam->key_bytes,
              VSW_MEM_READ);
    write_bits(tcam, id, false, obs);
    count_chunks(tcam, id, false, obs);
    write_used(tcam, id, false, obs);
    unlink_used(tcam, (uint16_t) id, obs);
    tcam->links[id].next = tcam->free;
    tcam->free = (uint16_t) id;
    tcam->n_rules--;
}

static bool
equals(const unsigned char *own, const void *other, size_t n_bytes,
       struct vsw_memobs *obs)
{
    vsw_touch(obs, own, n_bytes, VSW_MEM_READ);
    return memcmp(own, other, n_bytes) == 0;
}

static bool
is_rule(const struct vsw_tcam *tcam, uint32_t id,
        const struct vsw_tcam_rule *rule, struct vsw_memobs *obs)
{
    const struct tcam_rank *rank = &tcam->ranks[id];

    vsw_touch(obs, rank, sizeof *rank, VSW_MEM_READ);
    return rank->priority == rule->priority
           && equals(tcam_value(tcam, id), rule->value, tcam->key_bytes, obs)
           && equals(tcam_mask(tcam, id), rule->mask, tcam->key_bytes, obs);
}

static uint32_t
find_in(const struct vsw_tcam *tcam, const struct vsw_tcam_rule *rule,
        const struct tcam_burst *burst, struct vsw_memobs *obs)
{
    for (uint32_t i = 0; i < burst->n_final; i++) {
        struct tcam_part part = burst->final[i];

        while (part.bits) {
            uint32_t id = tcam_next_rule(&part);

            if (is_rule(tcam, id, rule, obs)) {
                return id;
            }
        }
    }
    return VSW_TCAM_NONE;
}

/* A rule matches its own value, so only those that do need comparing. */
uint32_t
vsw_tcam_find(struct vsw_tcam *tcam, const struct vsw_tcam_rule *rule,
              struct vsw_memobs *obs)
{
    uint32_t id = VSW_TCAM_NONE;
    struct tcam_burst burst;

    burst.n_keys = 1;
    tcam_take_key(tcam, rule->value, 0, &burst);
    for (uint32_t block = 0; block < tcam->n_blocks && id == VSW_TCAM_NONE;
         block += SPAN_BLOCKS) {
        tcam->narrow(tcam, block, &burst, obs);
        id = find_in(tcam, rule, &burst, obs);
    }
    return id;
}

uint32_t
vsw_tcam_oldest(const struct vsw_tcam *tcam)
{
    return tcam->oldest == LINK_NONE ? VSW_TCAM_NONE : tcam->oldest;
}

uint32_t
vsw_tcam_n_rules(const struct vsw_tcam *tcam)
{
    return tcam->n_rules;
}

uint32_t
vsw_tcam_max_rules(const struct vsw_tcam *tcam)
{
    return tcam->max_rules;
}

struct vsw_tcam_stats
vsw_tcam_stats(const struct vsw_tcam *tcam)
{
    return tcam->stats;
}
