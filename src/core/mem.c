#include <vswsim/mem.h>

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vswsim/worker.h>

#include "core/account.h"
#include "core/mem.h"

#define PAGE_BYTES 4096u

static int
out_of_memory(struct vsw_error *err)
{
    return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                         "out of memory for simulated caches");
}

/* Nodes take turns in ranges of this size. */
static uint64_t
chunk_bytes(const struct vsw_mem *mem)
{
    return UINT64_C(1) << vsw_memsys_config(mem->ms)->node_shift;
}

static int
make_servers(struct vsw_mem *mem, const struct vsw_sim *sim)
{
    const struct vsw_hw_memory *dram = &sim->machine->hw.memory;
    uint64_t link = sim->machine->hw.cross_link.bytes_per_s;
    uint64_t l3 = sim->machine->hw.caches.l3_bytes_per_s;
    uint64_t bytes_per_s = dram->peak_bytes_per_s / 100
                           * (dram->sustained_percent
                              ? dram->sustained_percent : 100);

    mem->dram = calloc(mem->n_nodes, sizeof *mem->dram);
    mem->links = calloc(mem->n_nodes, sizeof *mem->links);
    mem->l3s = calloc(mem->n_nodes, sizeof *mem->l3s);
    if (!mem->dram || !mem->links || !mem->l3s) {
        return -ENOMEM;
    }
    mem->has_dram = bytes_per_s > 0;
    mem->has_links = link > 0 && mem->n_nodes > 1;
    mem->has_l3s = l3 > 0;
    for (uint32_t i = 0; i < mem->n_nodes; i++) {
        if (mem->has_dram) {
            vsw_server_init(&mem->dram[i], sim->quantum_ps, bytes_per_s);
        }
        if (mem->has_links) {
            vsw_server_init(&mem->links[i], sim->quantum_ps, link);
        }
        if (mem->has_l3s) {
            vsw_server_init(&mem->l3s[i], sim->quantum_ps, l3);
        }
    }
    return 0;
}

/* The first page stays free, so that 0 is no address. */
static int
make_space(struct vsw_mem *mem)
{
    mem->next = calloc(mem->n_nodes, sizeof *mem->next);
    for (uint32_t i = 0; mem->next && i < mem->n_nodes; i++) {
        mem->next[i] = PAGE_BYTES;
    }
    return mem->next ? 0 : -ENOMEM;
}

/* What is left of costs whose memory is simulated. */
static void
use_compute_parts(struct vsw_sim *sim)
{
    for (uint32_t i = 0; i < sim->machine->n_costs; i++) {
        const struct vsw_cost *part = sim->machine->costs[i].compute;

        if (part) {
            sim->costs[i] = part->fixed;
        }
    }
}

int
vsw_mem_start(struct vsw_sim *sim, struct vsw_error *err)
{
    struct vsw_memsys_config config;
    int error = vsw_mem_config(sim->machine, &config, err);

    assert(!sim->mem && sim->n_units == 0);
    if (error) {
        return error;
    }
    sim->mem = calloc(1, sizeof *sim->mem);
    if (!sim->mem) {
        return out_of_memory(err);
    }
    sim->mem->ms = vsw_memsys_new(&config, err);
    if (!sim->mem->ms) {
        vsw_mem_stop(sim);
        return -EINVAL;
    }
    sim->mem->has_nested = config.tlb.nested;
    sim->mem->n_nodes = config.n_cpus / config.l3.n_cpus;
    if (make_servers(sim->mem, sim) || make_space(sim->mem)) {
        vsw_mem_stop(sim);
        return out_of_memory(err);
    }
    use_compute_parts(sim);
    return 0;
}

void
vsw_mem_stop(struct vsw_sim *sim)
{
    struct vsw_mem *mem = sim->mem;

    sim->mem = NULL;
    if (!mem) {
        return;
    }
    for (uint32_t i = 0; i < mem->n_cpus; i++) {
        free(mem->cpus[i].rows);
        free(mem->cpus[i].wait_ps);
    }
    vsw_memsys_free(mem->ms);
    free(mem->code);
    free(mem->whole);
    free(mem->l1is);
    free(mem->cpus);
    free(mem->used);
    free(mem->next);
    free(mem->dram);
    free(mem->links);
    free(mem->l3s);
    free(mem);
}

uint32_t
vsw_mem_node(const struct vsw_unit *unit)
{
    const struct vsw_machine *machine = unit->sim->machine;
    uint32_t n = machine->n_cpus_per_node;

    return n && unit->cpu < machine->n_cpus ? unit->cpu / n : 0;
}

/* Page tables lie above. */
static uint64_t
memory_end(const struct vsw_mem *mem)
{
    uint64_t end = vsw_memsys_addr_end(mem->ms);

    return end < VSW_MEM_TABLES ? end : VSW_MEM_TABLES;
}

uint64_t
vsw_mem_alloc(struct vsw_sim *sim, uint64_t n_bytes, uint32_t node)
{
    struct vsw_mem *mem = sim->mem;
    uint64_t chunk, align, at, addr;

    if (!mem) {
        return 0;
    }
    assert(n_bytes > 0 && node < mem->n_nodes);
    chunk = chunk_bytes(mem);
    align = n_bytes < PAGE_BYTES ? VSW_LINE_BYTES : PAGE_BYTES;
    at = (mem->next[node] + align - 1) & ~(align - 1);
    if (at % chunk + n_bytes > chunk) {
        at = (at / chunk + 1) * chunk;
    }
    addr = (at / chunk * mem->n_nodes + node) * chunk + at % chunk;
    if (n_bytes > chunk || addr + n_bytes > memory_end(mem)) {
        mem->exhausted = true;
        return PAGE_BYTES;
    }
    mem->next[node] = at + n_bytes;
    return addr;
}

void
vsw_mem_map(struct vsw_sim *sim, const void *host, size_t n_bytes,
            uint32_t node)
{
    struct vsw_mem *mem = sim->mem;

    if (!mem) {
        return;
    }
    assert((uintptr_t) host % VSW_LINE_BYTES == 0 && n_bytes > 0);
    if (mem->n_ranges == VSW_MEM_MAX_RANGES) {
        mem->exhausted = true;
        return;
    }
    mem->ranges[mem->n_ranges++] = (struct vsw_mem_range) {
        .mem = host,
        .size_bytes = n_bytes,
        .addr = vsw_mem_alloc(sim, n_bytes, node),
    };
}

int
vsw_mem_note_used(struct vsw_sim *sim, uint64_t addr, uint64_t n_bytes,
                  uint32_t node)
{
    struct vsw_mem *mem = sim->mem;
    struct vsw_mem_region *used;

    if (!mem) {
        return 0;
    }
    used = realloc(mem->used, (mem->n_used + 1) * sizeof *used);
    if (!used) {
        return -ENOMEM;
    }
    used[mem->n_used++] = (struct vsw_mem_region) {addr, n_bytes, node};
    mem->used = used;
    return 0;
}

/* Of one region at most this part of the last level: a pool that is larger
 * uses those of its buffers that were returned last, the ones at its end. */
#define WARM_DIVISOR 4

/* A CPU of 'node' reads 'n_bytes' at 'addr'; the first 'n_passed' will have
 * left its L2 when all is done. */
static void
warm_up_part(struct vsw_mem *mem, uint32_t node, uint64_t addr,
             uint64_t n_bytes, uint64_t n_passed)
{
    const struct vsw_memsys_config *c = vsw_memsys_config(mem->ms);
    uint64_t n = n_passed < n_bytes ? n_passed : n_bytes;

    n -= n % VSW_LINE_BYTES;
    if (n > 0) {
        vsw_memsys_fill_l3(mem->ms, node, addr, n, &mem->outside);
    }
    if (n < n_bytes) {
        vsw_memsys_range(mem->ms, node * c->l3.n_cpus, addr + n, n_bytes - n,
                         VSW_LINE_READ, &mem->outside);
    }
}

/* A CPU of 'node' uses what lies there, as much as fits, beginning with what
 * was noted last.  What is more than twice its L2 goes straight to the L3.
 * Returns the number of bytes; uses nothing if 'dry'. */
static uint64_t
warm_up_node(struct vsw_mem *mem, uint32_t node, uint64_t n_passed, bool dry)
{
    const struct vsw_memsys_config *c = vsw_memsys_config(mem->ms);
    uint64_t room = c->l3.size_bytes ? c->l3.size_bytes : c->l2.size_bytes;
    uint64_t most = room / WARM_DIVISOR;
    uint64_t sum = 0;

    for (uint32_t i = mem->n_used; i-- > 0;) {
        const struct vsw_mem_region *used = &mem->used[i];
        uint64_t n = used->n_bytes < most ? used->n_bytes : most;

        if (used->node == node && n <= room - sum) {
            if (!dry) {
                warm_up_part(mem, node, used->addr + used->n_bytes - n, n,
                             n_passed > sum ? n_passed - sum : 0);
            }
            sum += n;
        }
    }
    return sum;
}

static void
warm_up(struct vsw_mem *mem)
{
    const struct vsw_memsys_config *c = vsw_memsys_config(mem->ms);

    for (uint32_t node = 0; node < mem->n_nodes; node++) {
        uint64_t sum = warm_up_node(mem, node, 0, true);
        uint64_t n_read = 2 * c->l2.size_bytes;

        warm_up_node(mem, node, c->l3.size_bytes > 0 && sum > n_read
                                    ? sum - n_read : 0, false);
    }
}

static bool
is_cpu(const struct vsw_unit *unit)
{
    return strcmp(unit->role, "device") != 0;
}

static int
attach(struct vsw_mem *mem, struct vsw_unit *unit)
{
    struct vsw_mem_cpu *cpu = &mem->cpus[unit->id];
    size_t n_rows = (size_t) unit->sim->n_domains * VSW_N_STAGES;

    cpu->mem = mem;
    cpu->cpu = unit->cpu;
    cpu->node = vsw_mem_node(unit);
    cpu->rows = calloc(n_rows, sizeof *cpu->rows);
    cpu->wait_ps = calloc(n_rows * VSW_N_ACCOUNTS, sizeof *cpu->wait_ps);
    unit->mem = cpu;
    unit->memobs.access = vsw_mem_observe;
    return cpu->rows && cpu->wait_ps ? 0 : -ENOMEM;
}

static bool
serves_domain(const struct vsw_unit *unit, uint32_t domain)
{
    for (uint32_t i = 0; i < unit->n_workers; i++) {
        if (unit->workers[i]->domain == domain) {
            return true;
        }
    }
    return false;
}

/* Node of the first CPU that was built for work of 'domain'; the first one if
 * none was. */
static uint32_t
node_of_domain(const struct vsw_sim *sim, uint32_t domain)
{
    for (uint32_t i = 0; i < sim->n_units; i++) {
        if (is_cpu(sim->units[i]) && serves_domain(sim->units[i], domain)) {
            return vsw_mem_node(sim->units[i]);
        }
    }
    return 0;
}

/* Those of a guest, or of another domain; of the hypervisor's code there is
 * one, which the first domain has. */
static bool
has_part(const struct vsw_sim *sim, uint32_t domain, enum vsw_code part)
{
    if (part >= VSW_CODE_GUEST_POLL) {
        return domain >= sim->first_guest;
    }
    return part == VSW_CODE_HYPERVISOR ? domain == 0
                                       : domain < sim->first_guest;
}

/* One part after the other, so that no two lines of a domain compete while
 * others have room. */
static void
place_code(struct vsw_sim *sim, uint32_t domain)
{
    struct vsw_mem_code *code = &sim->mem->code[domain];
    uint64_t n_lines = 0, addr;

    for (uint32_t i = 0; i < VSW_N_CODES; i++) {
        uint64_t n_bytes = sim->machine->hw.code.n_bytes[i];

        if (has_part(sim, domain, (enum vsw_code) i)) {
            code->parts[i].n_lines
                = (uint32_t) ((n_bytes + VSW_LINE_BYTES - 1)
                              / VSW_LINE_BYTES);
            n_lines += code->parts[i].n_lines;
        }
    }
    if (n_lines == 0) {
        return;
    }
    addr = vsw_mem_alloc(sim, n_lines * VSW_LINE_BYTES,
                         node_of_domain(sim, domain));
    for (uint32_t i = 0; i < VSW_N_CODES; i++) {
        code->parts[i].addr = addr;
        addr += (uint64_t) code->parts[i].n_lines * VSW_LINE_BYTES;
    }
}

static bool
has_code(const struct vsw_sim *sim)
{
    uint64_t n_bytes = 0;

    for (uint32_t i = 0; i < VSW_N_CODES; i++) {
        n_bytes += sim->machine->hw.code.n_bytes[i];
    }
    return n_bytes > 0;
}

/* Code of all domains, if the stack knows its size; each has its own. */
static int
make_code(struct vsw_sim *sim)
{
    struct vsw_mem *mem = sim->mem;
    const struct vsw_memsys_config *c = vsw_memsys_config(mem->ms);
    uint32_t n_l1is = c->n_cpus / c->l1i.n_cpus;
    size_t n_codes = (size_t) sim->n_domains * VSW_N_CODES;

    if (!has_code(sim)) {
        return 0;
    }
    mem->code = calloc(sim->n_domains, sizeof *mem->code);
    mem->whole = calloc(n_l1is * n_codes, sizeof *mem->whole);
    mem->l1is = calloc(n_l1is, sizeof *mem->l1is);
    if (!mem->code || !mem->whole || !mem->l1is) {
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < n_l1is; i++) {
        mem->l1is[i].n_changes = 1;
        mem->l1is[i].whole = mem->whole + i * n_codes;
    }
    for (uint32_t d = 0; d < sim->n_domains; d++) {
        place_code(sim, d);
    }
    return 0;
}

int
vsw_mem_ready(struct vsw_sim *sim, struct vsw_error *err)
{
    struct vsw_mem *mem = sim->mem;
    int error = 0;

    if (!mem) {
        return 0;
    }
    error = make_code(sim);
    if (mem->exhausted) {
        return vsw_error_set(err, VSW_ERROR_DATA, -ENOMEM,
                             "this needs more than the %llu GiB of memory "
                             "that can be simulated; use fewer guests or "
                             "smaller rings",
                             (unsigned long long)
                             (memory_end(mem) >> 30));
    }
    warm_up(mem);
    mem->cpus = calloc(sim->n_units, sizeof *mem->cpus);
    mem->n_cpus = mem->cpus ? sim->n_units : 0;
    for (uint32_t i = 0; i < mem->n_cpus && !error; i++) {
        error = is_cpu(sim->units[i]) ? attach(mem, sim->units[i]) : 0;
    }
    return mem->cpus && !error ? 0 : out_of_memory(err);
}

const struct vsw_mem_result *
vsw_mem_result(const struct vsw_unit *unit, uint32_t domain,
               enum vsw_stage stage)
{
    return unit->mem ? &unit->mem->rows[domain * VSW_N_STAGES + stage]
                     : NULL;
}

uint64_t
vsw_mem_wait_ps(const struct vsw_unit *unit, uint32_t domain,
                enum vsw_stage stage, uint32_t account)
{
    return unit->mem ? unit->mem->wait_ps[(domain * VSW_N_STAGES + stage)
                                          * VSW_N_ACCOUNTS + account]
                     : 0;
}

const struct vsw_mem_result *
vsw_mem_dma_result(const struct vsw_sim *sim)
{
    return sim->mem ? &sim->mem->dma : NULL;
}
