#include <vswsim/offload.h>

#include <assert.h>
#include <string.h>

#include <vswsim/jhash.h>

struct cpu {
    uint16_t module;            /* Index in 'modules'. */
    bool is_idle;
    bool is_full;               /* Its message ring. */
};

struct module {
    uint16_t number;            /* As the caller numbers it. */
    uint16_t node;
    uint16_t n_cpus;
    uint16_t n_idle;
};

struct vsw_offload {
    struct vsw_offload_rule rule;
    uint32_t n_cpus;
    uint32_t n_modules;
    struct cpu *cpus;
    struct module *modules;
};

/* Returns the module numbered 'number', or the first unused one. */
static struct module *
find_module(struct vsw_offload *o, uint16_t number)
{
    uint32_t i = 0;

    while (i < o->n_modules && o->modules[i].number != number) {
        i++;
    }
    return &o->modules[i];
}

/* Enters 'cpu' at 'place'.  Returns false if its module is elsewhere. */
static bool
add_cpu(struct vsw_offload *o, uint32_t cpu,
        const struct vsw_offload_place *place)
{
    struct module *module = find_module(o, place->module);

    if (module == &o->modules[o->n_modules]) {
        module->number = place->module;
        module->node = place->node;
        o->n_modules++;
    }
    module->n_cpus++;
    o->cpus[cpu].module = (uint16_t) (module - o->modules);
    return module->node == place->node;
}

static bool
fill(struct vsw_offload *o, const struct vsw_offload_place *places)
{
    for (uint32_t cpu = 0; cpu < o->n_cpus; cpu++) {
        if (!add_cpu(o, cpu, &places[cpu])) {
            return false;
        }
    }
    return true;
}

static struct vsw_offload *
alloc(struct vsw_arena *arena, uint32_t n_cpus)
{
    struct vsw_offload *o = vsw_arena_alloc(arena, sizeof *o,
                                            VSW_LINE_BYTES);

    if (o) {
        o->n_cpus = n_cpus;
        o->cpus = vsw_arena_alloc(arena, n_cpus * sizeof *o->cpus,
                                  VSW_LINE_BYTES);
        o->modules = vsw_arena_alloc(arena, n_cpus * sizeof *o->modules,
                                     VSW_LINE_BYTES);
    }
    return o && o->cpus && o->modules ? o : NULL;
}

struct vsw_offload *
vsw_offload_new(struct vsw_arena *arena, const struct vsw_offload_rule *rule,
                const struct vsw_offload_place *places, uint32_t n_cpus)
{
    struct vsw_arena before = *arena;
    struct vsw_offload *o;

    if (n_cpus == 0 || n_cpus > UINT16_MAX
        || (rule->mode == VSW_OFFLOAD_FIXED && rule->fixed_cpu >= n_cpus)) {
        return NULL;
    }
    o = alloc(arena, n_cpus);
    if (o) {
        o->rule = *rule;
    }
    if (!o || !fill(o, places)) {
        /* The arena promises zeros to whoever comes next. */
        memset(before.base + before.used_bytes, 0,
               arena->used_bytes - before.used_bytes);
        *arena = before;
        return NULL;
    }
    return o;
}

static void
touch_head(const struct vsw_offload *o, struct vsw_memobs *obs)
{
    vsw_touch(obs, o, sizeof *o, VSW_MEM_READ);
}

void
vsw_offload_set_idle(struct vsw_offload *o, uint32_t cpu, bool is_idle,
                     struct vsw_memobs *obs)
{
    struct cpu *c = &o->cpus[cpu];
    struct module *module = &o->modules[c->module];

    assert(cpu < o->n_cpus);
    touch_head(o, obs);
    vsw_touch(obs, c, sizeof *c, VSW_MEM_READ);
    if (c->is_idle != is_idle) {
        vsw_touch(obs, c, sizeof *c, VSW_MEM_WRITE);
        vsw_touch(obs, module, sizeof *module, VSW_MEM_WRITE);
        c->is_idle = is_idle;
        module->n_idle = (uint16_t) (module->n_idle + (is_idle ? 1 : -1));
    }
}

void
vsw_offload_set_full(struct vsw_offload *o, uint32_t cpu, bool is_full,
                     struct vsw_memobs *obs)
{
    assert(cpu < o->n_cpus);
    touch_head(o, obs);
    vsw_touch(obs, &o->cpus[cpu], sizeof o->cpus[cpu], VSW_MEM_WRITE);
    o->cpus[cpu].is_full = is_full;
}

/* Which modules are candidates. */
struct filter {
    uint16_t node;
    bool on_node;               /* Those on 'node', or those elsewhere. */
};

static bool
is_candidate(const struct module *module, const struct filter *filter)
{
    return module->n_idle == module->n_cpus
           && (module->node == filter->node) == filter->on_node;
}

static uint32_t
count(const struct vsw_offload *o, const struct filter *filter)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < o->n_modules; i++) {
        n += is_candidate(&o->modules[i], filter);
    }
    return n;
}

/* The candidate with 'rank' others before it, which must exist. */
static uint16_t
candidate(const struct vsw_offload *o, const struct filter *filter,
          uint32_t rank)
{
    uint16_t i = 0;

    while (!is_candidate(&o->modules[i], filter) || rank-- > 0) {
        i++;
    }
    return i;
}

/* The cpu of module 'module' that the rule wants. */
static uint32_t
cpu_of(const struct vsw_offload *o, uint16_t module, uint32_t hash,
       struct vsw_memobs *obs)
{
    uint32_t rank = 0;
    uint32_t cpu = 0;

    if (o->rule.core == VSW_OFFLOAD_CORE_HASHED) {
        /* Other bits than those that chose the module. */
        rank = (hash >> 16) % o->modules[module].n_cpus;
    }
    while (o->cpus[cpu].module != module || rank-- > 0) {
        cpu++;
    }
    vsw_touch(obs, o->cpus, (cpu + 1) * sizeof *o->cpus, VSW_MEM_READ);
    return cpu;
}

static uint32_t
unless_full(const struct vsw_offload *o, uint32_t cpu)
{
    return o->cpus[cpu].is_full ? VSW_OFFLOAD_NO_CPU : cpu;
}

static uint32_t
choose_by_criteria(const struct vsw_offload *o, uint32_t vnic,
                   uint16_t rx_node, struct vsw_memobs *obs)
{
    struct filter filter = { .node = rx_node, .on_node = true };
    uint32_t hash = vsw_jhash2(&vnic, 1, 0);
    uint32_t chosen = VSW_OFFLOAD_NO_CPU;
    uint32_t n, n_tries;

    vsw_touch(obs, o->modules, o->n_modules * sizeof *o->modules,
              VSW_MEM_READ);
    n = count(o, &filter);
    if (n == 0) {
        filter.on_node = false;
        n = count(o, &filter);
    }
    if (n == 0) {
        return VSW_OFFLOAD_NO_CPU;
    }
    n_tries = o->rule.full == VSW_OFFLOAD_FULL_NEXT ? n : 1;
    for (uint32_t i = 0; i < n_tries && chosen == VSW_OFFLOAD_NO_CPU; i++) {
        uint16_t module = candidate(o, &filter, (hash % n + i) % n);

        chosen = unless_full(o, cpu_of(o, module, hash, obs));
    }
    return chosen;
}

uint32_t
vsw_offload_choose(const struct vsw_offload *o, uint32_t vnic,
                   uint16_t rx_node, struct vsw_memobs *obs)
{
    touch_head(o, obs);
    switch (o->rule.mode) {
    case VSW_OFFLOAD_CRITERIA:
        return choose_by_criteria(o, vnic, rx_node, obs);
    case VSW_OFFLOAD_FIXED:
        vsw_touch(obs, &o->cpus[o->rule.fixed_cpu], sizeof *o->cpus,
                  VSW_MEM_READ);
        return unless_full(o, o->rule.fixed_cpu);
    case VSW_OFFLOAD_NONE:
        break;
    }
    return VSW_OFFLOAD_NO_CPU;
}
