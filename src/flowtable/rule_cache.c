#include <vswsim/rule_cache.h>

#include <string.h>

#include <vswsim/exact.h>
#include <vswsim/jhash.h>

/* The nine-tuple without gaps; two more bytes make it a multiple of four. */
struct tuple {
    struct vsw_ip_addr ip_src;
    struct vsw_ip_addr ip_dst;
    struct vsw_be16 tp_src;
    struct vsw_be16 tp_dst;
    struct vsw_mac eth_dst;
    struct vsw_mac eth_src;
    struct vsw_be16 eth_type;
    struct vsw_be16 vlan;
    uint8_t ip_proto;
    uint8_t zeros[3];
};

#define TUPLE_BYTES 56

struct entry {
    struct tuple tuple;
    struct vsw_rule rule;
    uint32_t older;             /* By last use; 'max_rules' is the end of the
                                 * list, in both directions. */
    uint32_t newer;
};

struct vsw_rule_cache {
    struct vsw_exact *exact;
    struct entry *entries;      /* One more than rules: ends of the list. */
    uint32_t max_rules;
    uint32_t n_rules;           /* Entries used so far. */
    uint32_t free;              /* Of these, one that is not now; chained by
                                 * 'older'. */
    struct vsw_rule_cache_stats stats;
};

static void
make_tuple(struct tuple *t, const struct vsw_flowkey *key)
{
    struct vsw_flowkey mask, k;

    vsw_flowkey_mask_nine_tuple(&mask);
    vsw_flowkey_project(&k, key, &mask);
    memset(t, 0, sizeof *t);
    t->ip_src = k.ip_src;
    t->ip_dst = k.ip_dst;
    t->tp_src = k.tp_src;
    t->tp_dst = k.tp_dst;
    t->eth_dst = k.eth_dst;
    t->eth_src = k.eth_src;
    t->eth_type = k.eth_type;
    t->vlan = k.vlan_tci[0];
    t->ip_proto = k.ip_proto;
}

static uint32_t
hash_of(const struct tuple *t)
{
    return vsw_jhash(t, sizeof *t, 0);
}

struct vsw_rule_cache *
vsw_rule_cache_new(struct vsw_arena *arena, uint32_t max_rules)
{
    struct vsw_rule_cache *c;

    _Static_assert(sizeof(struct tuple) == TUPLE_BYTES, "no gaps");
    if (max_rules < 1 || max_rules > VSW_RULE_CACHE_MAX_RULES) {
        return NULL;
    }
    c = vsw_arena_alloc(arena, sizeof *c, _Alignof(struct vsw_rule_cache));
    if (!c) {
        return NULL;
    }
    c->max_rules = max_rules;
    c->free = VSW_FLOW_NONE;
    c->exact = vsw_exact_new(arena, TUPLE_BYTES, max_rules);
    c->entries = vsw_arena_alloc(arena,
                                 ((size_t) max_rules + 1)
                                     * sizeof *c->entries,
                                 VSW_LINE_BYTES);
    if (!c->exact || !c->entries) {
        return NULL;
    }
    c->entries[max_rules].older = max_rules;
    c->entries[max_rules].newer = max_rules;
    return c;
}

static void
unlink_entry(struct vsw_rule_cache *c, uint32_t id)
{
    struct entry *e = &c->entries[id];

    c->entries[e->older].newer = e->newer;
    c->entries[e->newer].older = e->older;
}

/* Makes 'id' the newest: the end's 'older' is the newest rule. */
static void
link_newest(struct vsw_rule_cache *c, uint32_t id)
{
    struct entry *end = &c->entries[c->max_rules];

    c->entries[id].newer = c->max_rules;
    c->entries[id].older = end->older;
    c->entries[end->older].newer = id;
    end->older = id;
}

bool
vsw_rule_cache_lookup(struct vsw_rule_cache *c, const struct vsw_flowkey *key,
                      struct vsw_rule *rule, struct vsw_memobs *obs)
{
    struct tuple t;
    uint32_t id;

    make_tuple(&t, key);
    id = vsw_exact_lookup(c->exact, &t, hash_of(&t), obs);
    if (id == VSW_FLOW_NONE) {
        c->stats.n_misses++;
        return false;
    }
    vsw_touch(obs, &c->entries[id], sizeof c->entries[id], VSW_MEM_WRITE);
    *rule = c->entries[id].rule;
    c->stats.n_hits++;
    c->stats.n_negative_hits += rule->negative;
    unlink_entry(c, id);
    link_newest(c, id);
    return true;
}

/* Forgets the rule whose last use is longest ago; returns its place. */
static uint32_t
evict(struct vsw_rule_cache *c, struct vsw_memobs *obs)
{
    uint32_t id = c->entries[c->max_rules].newer;
    struct entry *e = &c->entries[id];

    vsw_touch(obs, e, sizeof *e, VSW_MEM_WRITE);
    vsw_exact_remove(c->exact, &e->tuple, hash_of(&e->tuple), obs);
    unlink_entry(c, id);
    c->stats.n_evictions++;
    return id;
}

/* Puts 't' under 'id' and returns it, or returns VSW_FLOW_NONE: all buckets in
 * reach can be full of flows with the same hash. */
static uint32_t
add(struct vsw_rule_cache *c, const struct tuple *t, uint32_t hash,
    struct vsw_memobs *obs)
{
    uint32_t id = c->free;

    if (id != VSW_FLOW_NONE) {
        c->free = c->entries[id].older;
    } else {
        id = c->n_rules < c->max_rules ? c->n_rules : evict(c, obs);
    }
    if (vsw_exact_insert(c->exact, t, hash, id, obs)) {
        c->entries[id].older = c->free;
        c->free = id;
        c->n_rules += id == c->n_rules;
        return VSW_FLOW_NONE;
    }
    c->n_rules += id == c->n_rules;
    return id;
}

void
vsw_rule_cache_insert(struct vsw_rule_cache *c, const struct vsw_flowkey *key,
                      const struct vsw_rule *rule, struct vsw_memobs *obs)
{
    struct tuple t;
    uint32_t hash, id;

    make_tuple(&t, key);
    hash = hash_of(&t);
    id = vsw_exact_lookup(c->exact, &t, hash, obs);
    if (id != VSW_FLOW_NONE) {
        unlink_entry(c, id);
    } else {
        id = add(c, &t, hash, obs);
        if (id == VSW_FLOW_NONE) {
            return;
        }
    }
    vsw_touch(obs, &c->entries[id], sizeof c->entries[id], VSW_MEM_WRITE);
    c->entries[id].tuple = t;
    c->entries[id].rule = *rule;
    link_newest(c, id);
}

uint32_t
vsw_rule_cache_n_rules(const struct vsw_rule_cache *c)
{
    return vsw_exact_n_entries(c->exact);
}

const struct vsw_rule_cache_stats *
vsw_rule_cache_stats(const struct vsw_rule_cache *c)
{
    return &c->stats;
}
