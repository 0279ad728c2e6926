/* What CPUs and devices do to simulated memory, and how long CPUs wait. */
#include <vswsim/mem.h>

#include "core/account.h"
#include "core/mem.h"

/* Lines that memory, L3s and links had moved before an access. */
struct moved {
    uint64_t dram[VSW_MEMSYS_MAX_NODES];
    uint64_t l3[VSW_MEMSYS_MAX_NODES];
    uint64_t cross;
    uint64_t prefetched_ps;
};

static inline uint64_t
dram_lines(const struct vsw_mem_result *r, uint32_t node)
{
    return r->n_dram_reads[node] + r->n_dram_writes[node];
}

static inline void
note_moved(struct moved *before, const struct vsw_mem *mem,
           const struct vsw_mem_result *r)
{
    for (uint32_t i = 0; i < mem->n_nodes; i++) {
        before->dram[i] = dram_lines(r, i);
        before->l3[i] = r->n_l3_lines[i];
    }
    before->cross = r->n_cross_lines;
    before->prefetched_ps = r->prefetched_ps;
}

static inline uint64_t
later(uint64_t a_ps, uint64_t b_ps)
{
    return a_ps > b_ps ? a_ps : b_ps;
}

static inline uint64_t
take(struct vsw_server *server, uint64_t start_ps, uint64_t n_lines)
{
    return vsw_server_take_at(server, start_ps, n_lines * VSW_LINE_BYTES);
}

/* Takes the bandwidth of what moved since 'before' and returns when the last
 * of it is through; 'start_ps' if nothing moved. */
static uint64_t
take_bandwidth(struct vsw_mem *mem, uint32_t node, uint64_t start_ps,
               const struct moved *before, const struct vsw_mem_result *r)
{
    uint64_t end_ps = start_ps;

    for (uint32_t i = 0; mem->has_dram && i < mem->n_nodes; i++) {
        uint64_t n = dram_lines(r, i) - before->dram[i];

        if (n > 0) {
            end_ps = later(take(&mem->dram[i], start_ps, n), end_ps);
        }
    }
    for (uint32_t i = 0; mem->has_l3s && i < mem->n_nodes; i++) {
        uint64_t n = r->n_l3_lines[i] - before->l3[i];

        if (n > 0) {
            end_ps = later(take(&mem->l3s[i], start_ps, n), end_ps);
        }
    }
    if (mem->has_links && r->n_cross_lines != before->cross) {
        end_ps = later(take(&mem->links[node], start_ps,
                            r->n_cross_lines - before->cross), end_ps);
    }
    return end_ps;
}

/* Where what 'unit' does now is counted. */
static inline struct vsw_mem_result *
row_of(const struct vsw_unit *unit)
{
    struct vsw_mem_cpu *cpu = unit->mem;

    return vsw_unit_in_window(unit)
           ? &cpu->rows[unit->domain * VSW_N_STAGES + (uint32_t) unit->stage]
           : &cpu->mem->outside;
}

/* Says whether what 'unit' does next is a guest's. */
static inline void
set_context(const struct vsw_unit *unit)
{
    const struct vsw_mem *mem = unit->mem->mem;

    if (mem->has_nested) {
        vsw_memsys_set_nested(mem->ms, unit->mem->cpu,
                              unit->domain >= unit->sim->first_guest);
    }
}

static void
spend(struct vsw_unit *unit, uint32_t account, uint64_t ps)
{
    struct vsw_mem_cpu *cpu = unit->mem;
    struct vsw_ledger_row *row = &unit->rows[account];
    const struct vsw_ledger_row was = *row;

    ps += cpu->owed_ps;
    cpu->owed_ps = cpu->defers ? ps : 0;
    if (ps > 0 && !cpu->defers) {
        vsw_unit_spend(unit, account, ps);
        cpu->wait_ps[row - unit->ledger] += row->busy_ps - was.busy_ps;
        row->n_charges = was.n_charges;     /* It belongs to one. */
    }
}

/* Lets 'unit' wait for lines in flight.
 *
 * Line fills begin one after the other, at intervals of 1 / n_overlap of the
 * latency, behind those that were asked for before; bandwidth may hold them
 * up.  Lines that a stream brought ahead were fetched at such intervals, too.
 * Code that needs lines ('needed_ps': the longest latency of these) waits
 * until the last has come.  Other code goes on until all line fills of the CPU
 * are taken. */
static void
land(struct vsw_unit *unit, uint32_t account,
     const struct vsw_mem_flight *flight, uint64_t needed_ps,
     const struct moved *before, const struct vsw_mem_result *r)
{
    struct vsw_mem_cpu *cpu = unit->mem;
    uint32_t n_fills = vsw_memsys_config(cpu->mem->ms)->n_overlap;
    uint64_t start_ps = unit->local_ps;
    uint64_t sum_ps = flight->sum_ps + r->prefetched_ps
                      - before->prefetched_ps;
    uint64_t begun_ps = later(cpu->fills_ps, start_ps) + sum_ps / n_fills;
    uint64_t through_ps = take_bandwidth(cpu->mem, cpu->node, start_ps,
                                         before, r);
    uint64_t end_ps = start_ps;

    cpu->fills_ps = later(begun_ps, through_ps);
    if (needed_ps > 0) {
        end_ps = later(begun_ps + needed_ps - needed_ps / n_fills,
                       through_ps);
    } else if (cpu->fills_ps > start_ps + flight->max_ps) {
        end_ps = cpu->fills_ps - flight->max_ps;
    }
    spend(unit, account, end_ps - start_ps);
}

/* Uses lines; 'waits' if code needs them at once. */
static void
use(struct vsw_unit *unit, uint32_t account, uint64_t addr, uint64_t n_bytes,
    enum vsw_line_kind kind, bool waits)
{
    struct vsw_mem *mem = unit->mem->mem;
    struct vsw_mem_result *r = row_of(unit);
    struct vsw_mem_flight flight = {0, 0, 0};
    struct moved before;

    set_context(unit);
    note_moved(&before, mem, r);
    vsw_memsys_fly(mem->ms, unit->mem->cpu, addr, n_bytes, kind, &flight, r);
    if (flight.sum_ps > 0) {
        land(unit, account, &flight, waits ? flight.max_ps : 0, &before, r);
    }
}

void
vsw_mem_do_access(struct vsw_unit *unit, uint32_t account, uint64_t addr,
                  uint64_t n_bytes, enum vsw_mem_kind kind)
{
    use(unit, account, addr, n_bytes, (enum vsw_line_kind) kind,
        kind == VSW_MEM_READ);
}

void
vsw_mem_do_prefetch(struct vsw_unit *unit, uint32_t account, uint64_t addr,
                    uint64_t n_bytes)
{
    use(unit, account, addr, n_bytes, VSW_LINE_READ, false);
}

static void
fetch(struct vsw_unit *unit, const struct vsw_footprint *code)
{
    use(unit, VSW_ACCOUNT_CODE, code->addr,
        (uint64_t) code->n_lines * VSW_LINE_BYTES, VSW_LINE_FETCH, true);
}

void
vsw_mem_do_copy(struct vsw_unit *unit, uint32_t account, uint64_t dst,
                uint64_t src, uint64_t n_bytes)
{
    struct vsw_mem *mem = unit->mem->mem;
    struct vsw_mem_result *r = row_of(unit);
    struct vsw_mem_flight flight = {0, 0, 0};
    struct moved before;

    set_context(unit);
    note_moved(&before, mem, r);
    vsw_memsys_fly_copy(mem->ms, unit->mem->cpu, dst, src, n_bytes, &flight,
                        r);
    if (flight.sum_ps > 0) {
        land(unit, account, &flight, flight.max_read_ps, &before, r);
    }
}

static struct vsw_mem_l1i *
l1i_of(const struct vsw_mem_cpu *cpu)
{
    const struct vsw_memsys_config *c = vsw_memsys_config(cpu->mem->ms);

    return &cpu->mem->l1is[cpu->cpu / c->l1i.n_cpus];
}

/* Code that is all there, and after which nothing was fetched and no line was
 * lost, need not be looked for line by line. */
void
vsw_mem_do_run(struct vsw_unit *unit, enum vsw_code part)
{
    struct vsw_mem_cpu *cpu = unit->mem;
    struct vsw_mem *mem = cpu->mem;
    uint32_t domain = part == VSW_CODE_HYPERVISOR ? 0 : unit->domain;
    const struct vsw_footprint *code;
    struct vsw_mem_l1i *l1i;
    uint64_t *n_hits, *whole, state, n_before;

    if (!mem->l1is || mem->code[domain].parts[part].n_lines == 0) {
        return;
    }
    code = &mem->code[domain].parts[part];
    n_hits = &row_of(unit)->n_from[VSW_LINE_FETCH][VSW_FROM_L1];
    l1i = l1i_of(cpu);
    whole = &l1i->whole[domain * VSW_N_CODES + part];
    state = l1i->n_changes + vsw_memsys_code_drops(mem->ms, cpu->cpu);
    if (*whole == state) {
        *n_hits += code->n_lines;
        return;
    }
    n_before = *n_hits;
    fetch(unit, code);
    if (*n_hits - n_before == code->n_lines) {
        *whole = state;
    } else {
        l1i->n_changes++;
    }
}

/* A decision of real code may come before something that has to happen at
 * sync, and must not put it off: then what it waits is spent later. */
static void
touch(struct vsw_unit *unit, uint64_t addr, uint64_t n_bytes,
      enum vsw_mem_kind kind)
{
    struct vsw_mem_cpu *cpu = unit->mem;

    cpu->defers = vsw_unit_at_sync(unit);
    vsw_mem_do_access(unit, unit->account, addr, n_bytes, kind);
    cpu->defers = false;
}

void
vsw_mem_observe(struct vsw_memobs *obs, const void *p, size_t n_bytes,
                enum vsw_mem_kind kind)
{
    struct vsw_unit *unit = VSW_CONTAINER_OF(obs, struct vsw_unit, memobs);
    const struct vsw_mem *mem = unit->mem->mem;

    for (uint32_t i = 0; i < mem->n_ranges; i++) {
        const struct vsw_mem_range *range = &mem->ranges[i];
        uint64_t offset = (uintptr_t) p - (uintptr_t) range->mem;

        if (offset < range->size_bytes
            && n_bytes <= range->size_bytes - offset) {
            touch(unit, range->addr + offset, n_bytes, kind);
            return;
        }
    }
    unit->mem->n_unknown++;
}

static struct vsw_mem_result *
dma_row(const struct vsw_unit *device)
{
    struct vsw_mem *mem = device->sim->mem;

    return vsw_unit_in_window(device) ? &mem->dma : &mem->outside;
}

void
vsw_mem_do_dma_write(struct vsw_unit *device, uint32_t node, uint64_t addr,
                     uint64_t n_bytes)
{
    struct vsw_mem *mem = device->sim->mem;
    struct vsw_mem_result *r = dma_row(device);
    struct moved before;

    note_moved(&before, mem, r);
    vsw_memsys_dma_write(mem->ms, node, addr, n_bytes, r);
    take_bandwidth(mem, node, device->local_ps, &before, r);
}

void
vsw_mem_do_dma_read(struct vsw_unit *device, uint64_t addr, uint64_t n_bytes)
{
    struct vsw_mem *mem = device->sim->mem;
    struct vsw_mem_result *r = dma_row(device);
    struct moved before;

    note_moved(&before, mem, r);
    vsw_memsys_dma_read(mem->ms, addr, n_bytes, r);
    take_bandwidth(mem, 0, device->local_ps, &before, r);
}
