#include <vswsim/congestion.h>

#include <assert.h>

#define WORD_BITS 64

struct vsw_congestion {
    struct vsw_congestion_rule rule;
    uint32_t n_vnics;
    uint32_t *n_in_flight;      /* By vNIC. */
    uint64_t *stopped;          /* A bit for each vNIC. */
};

static uint32_t
n_words(uint32_t n_vnics)
{
    return n_vnics / WORD_BITS + (n_vnics % WORD_BITS > 0);
}

struct vsw_congestion *
vsw_congestion_new(struct vsw_arena *arena,
                   const struct vsw_congestion_rule *rule, uint32_t n_vnics)
{
    struct vsw_arena before = *arena;
    struct vsw_congestion *c;

    if (n_vnics == 0 || rule->max_in_flight == 0
        || rule->resume_at >= rule->max_in_flight) {
        return NULL;
    }
    c = vsw_arena_alloc(arena, sizeof *c, VSW_LINE_BYTES);
    if (!c) {
        return NULL;
    }
    c->rule = *rule;
    c->n_vnics = n_vnics;
    c->n_in_flight = vsw_arena_alloc(
        arena, n_vnics * sizeof *c->n_in_flight, VSW_LINE_BYTES);
    c->stopped = vsw_arena_alloc(arena, n_words(n_vnics) * sizeof *c->stopped,
                                 VSW_LINE_BYTES);
    if (!c->n_in_flight || !c->stopped) {
        *c = (struct vsw_congestion) { .n_vnics = 0 };
        *arena = before;
        return NULL;
    }
    return c;
}

static void
touch_head(const struct vsw_congestion *c, struct vsw_memobs *obs)
{
    vsw_touch(obs, c, sizeof *c, VSW_MEM_READ);
}

static uint64_t *
word_of(const struct vsw_congestion *c, uint32_t vnic)
{
    return &c->stopped[vnic / WORD_BITS];
}

static uint64_t
bit_of(uint32_t vnic)
{
    return (uint64_t) 1 << vnic % WORD_BITS;
}

static bool
is_stopped(const struct vsw_congestion *c, uint32_t vnic,
           struct vsw_memobs *obs)
{
    const uint64_t *word = word_of(c, vnic);

    vsw_touch(obs, word, sizeof *word, VSW_MEM_READ);
    return (*word & bit_of(vnic)) != 0;
}

/* Counts one more and stops the vNIC if that was the last it may have. */
static void
count(struct vsw_congestion *c, uint32_t vnic, struct vsw_memobs *obs)
{
    uint32_t *n = &c->n_in_flight[vnic];

    vsw_touch(obs, n, sizeof *n, VSW_MEM_WRITE);
    ++*n;
    if (*n == c->rule.max_in_flight
        && c->rule.at_cap == VSW_CONGESTION_STOP) {
        vsw_touch(obs, word_of(c, vnic), sizeof *c->stopped, VSW_MEM_WRITE);
        *word_of(c, vnic) |= bit_of(vnic);
    }
}

enum vsw_congestion_verdict
vsw_congestion_admit(struct vsw_congestion *c, uint32_t vnic,
                     struct vsw_memobs *obs)
{
    assert(vnic < c->n_vnics);
    touch_head(c, obs);
    if (c->rule.at_cap == VSW_CONGESTION_STOP) {
        if (is_stopped(c, vnic, obs)) {
            return VSW_CONGESTION_REFUSE;
        }
    } else {
        const uint32_t *n = &c->n_in_flight[vnic];

        vsw_touch(obs, n, sizeof *n, VSW_MEM_READ);
        if (*n == c->rule.max_in_flight) {
            return VSW_CONGESTION_REPLACE;
        }
    }
    count(c, vnic, obs);
    return VSW_CONGESTION_ADMIT;
}

void
vsw_congestion_release(struct vsw_congestion *c, uint32_t vnic,
                       struct vsw_memobs *obs)
{
    uint32_t *n = &c->n_in_flight[vnic];

    assert(vnic < c->n_vnics && *n > 0);
    touch_head(c, obs);
    vsw_touch(obs, n, sizeof *n, VSW_MEM_WRITE);
    --*n;
    if (*n == c->rule.resume_at && is_stopped(c, vnic, obs)) {
        vsw_touch(obs, word_of(c, vnic), sizeof *c->stopped, VSW_MEM_WRITE);
        *word_of(c, vnic) &= ~bit_of(vnic);
    }
}

uint32_t
vsw_congestion_in_flight(const struct vsw_congestion *c, uint32_t vnic,
                         struct vsw_memobs *obs)
{
    assert(vnic < c->n_vnics);
    touch_head(c, obs);
    vsw_touch(obs, &c->n_in_flight[vnic], sizeof c->n_in_flight[vnic],
              VSW_MEM_READ);
    return c->n_in_flight[vnic];
}

uint32_t
vsw_congestion_next(const struct vsw_congestion *c, uint32_t vnic,
                    struct vsw_memobs *obs)
{
    touch_head(c, obs);
    if (c->rule.masks) {
        while (vnic < c->n_vnics && is_stopped(c, vnic, obs)) {
            vnic++;
        }
    }
    return vnic < c->n_vnics ? vnic : VSW_CONGESTION_NO_VNIC;
}
