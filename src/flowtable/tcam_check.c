#include "flowtable/tcam_internal.h"

static bool
in_use(const struct vsw_tcam *tcam, uint32_t id)
{
    return tcam->used[id / 64] >> id % 64 & 1;
}

static bool
bit_is_right(const struct vsw_tcam *tcam, uint32_t id, uint32_t chunk,
             unsigned int v)
{
    unsigned int value = tcam_chunk_of(tcam, tcam_value(tcam, id), chunk);
    unsigned int mask = tcam_chunk_of(tcam, tcam_mask(tcam, id), chunk);
    const uint64_t *vector = tcam_vector(tcam, id / BLOCK_RULES, chunk, v);
    bool bit = vector[id % BLOCK_RULES / 64] >> id % 64 & 1;

    return bit == (in_use(tcam, id) && (v & mask) == value);
}

static bool
counts_are_right(const struct vsw_tcam *tcam, uint32_t chunk)
{
    const struct tcam_chunk *c = &tcam->chunks[chunk];
    uint32_t weight = 0;

    for (unsigned int v = 0; v < CHUNK_VALUES; v++) {
        uint32_t n = 0;

        for (uint32_t id = 0; id < tcam->max_rules; id++) {
            const uint64_t *vector = tcam_vector(tcam, id / BLOCK_RULES,
                                                 chunk, v);

            n += (uint32_t) (vector[id % BLOCK_RULES / 64] >> id % 64 & 1);
        }
        if (c->n_bits[v] != n) {
            return false;
        }
        weight = n > weight ? n : weight;
    }
    return c->weight == weight;
}

/* Weights never fall along the list. */
static bool
weights_are_right(const struct vsw_tcam *tcam)
{
    for (uint32_t i = 0; i < tcam->n_active; i++) {
        const struct tcam_chunk *c = &tcam->chunks[tcam->active[i]];

        if (!counts_are_right(tcam, tcam->active[i])
            || (i > 0
                && tcam->chunks[tcam->active[i - 1]].weight > c->weight)) {
            return false;
        }
    }
    return true;
}

static bool
vectors_are_right(const struct vsw_tcam *tcam)
{
    for (uint32_t i = 0; i < tcam->n_active; i++) {
        for (uint32_t id = 0; id < tcam->max_rules; id++) {
            for (unsigned int v = 0; v < CHUNK_VALUES; v++) {
                if (!bit_is_right(tcam, id, tcam->active[i], v)) {
                    return false;
                }
            }
        }
    }
    return true;
}

static uint32_t
count_caring(const struct vsw_tcam *tcam, uint32_t chunk)
{
    uint32_t n = 0;

    for (uint32_t id = 0; id < tcam->max_rules; id++) {
        n += in_use(tcam, id)
             && tcam_chunk_of(tcam, tcam_mask(tcam, id), chunk);
    }
    return n;
}

static bool
is_active(const struct vsw_tcam *tcam, uint32_t chunk)
{
    for (uint32_t i = 0; i < tcam->n_active; i++) {
        if (tcam->active[i] == chunk) {
            return true;
        }
    }
    return false;
}

static bool
active_chunks_are_right(const struct vsw_tcam *tcam)
{
    uint32_t n_active = 0;

    for (uint32_t chunk = 0; chunk < tcam_n_chunks(tcam); chunk++) {
        uint32_t n = count_caring(tcam, chunk);

        if (tcam->chunks[chunk].n_caring != n
            || is_active(tcam, chunk) != (n > 0)) {
            return false;
        }
        n_active += n > 0;
    }
    return n_active == tcam->n_active;
}

/* Both directions of the order of use meet every used rule once. */
static bool
order_is_right(const struct vsw_tcam *tcam)
{
    uint16_t prev = LINK_NONE;
    uint32_t n = 0;

    for (uint16_t id = tcam->newest; id != LINK_NONE;
         id = tcam->links[id].next) {
        if (n++ == tcam->n_rules || id >= tcam->max_rules
            || !in_use(tcam, id) || tcam->links[id].prev != prev) {
            return false;
        }
        prev = id;
    }
    return n == tcam->n_rules && tcam->oldest == prev;
}

static bool
free_rules_are_right(const struct vsw_tcam *tcam)
{
    uint32_t n = 0;

    for (uint16_t id = tcam->free; id != LINK_NONE;
         id = tcam->links[id].next) {
        if (n++ == tcam->max_rules || id >= tcam->max_rules
            || in_use(tcam, id)) {
            return false;
        }
    }
    return n == tcam->max_rules - tcam->n_rules;
}

const char *
vsw_tcam_check(const struct vsw_tcam *tcam)
{
    if (!order_is_right(tcam)) {
        return "the order of use does not hold exactly the used rules";
    }
    if (!free_rules_are_right(tcam)) {
        return "the free list does not hold exactly the unused rules";
    }
    if (!active_chunks_are_right(tcam)) {
        return "the active chunks are not those that rules look at";
    }
    if (!vectors_are_right(tcam)) {
        return "a vector's bit contradicts its rule";
    }
    if (!weights_are_right(tcam)) {
        return "the active chunks are not in the order of their weights";
    }
    return NULL;
}
