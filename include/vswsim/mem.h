/* Simulated memory of a run: addresses for what code and devices use, and the
 * time that CPUs wait for it.
 *
 * A run is in one of two modes.  In "flat" mode a cost of the machine includes
 * the memory that it usually takes; every call here returns at once and
 * charges nothing.  In "hierarchy" mode costs shrink to their compute part,
 * which holds when all data is in the L1, and what lies farther away costs
 * what the caches of the machine make of it (cache.h).  Code is the same in
 * both: it charges its costs and declares its memory.
 *
 *     desc = vsw_mem_alloc(sim, 16 * n_slots, node);           once
 *     ...
 *     vsw_unit_charge(unit, VSW_ACCOUNT_DRIVER, VSW_COST_GUEST_PKT, 1);
 *     vsw_mem_access(unit, VSW_ACCOUNT_DRIVER, desc + 16 * slot, 16,
 *                    VSW_MEM_WRITE);
 *
 * Memory of real objects (flow tables in an arena) is declared by their own
 * code with vsw_touch(&unit->memobs, ...); once the arena was mapped here,
 * each touch is charged to the account that the unit was charged to last.  At
 * sync, what it waits is put off until the unit uses memory again, so that a
 * look into a table does not end the call's chance to act at sync.
 *
 * How long a CPU waits, beyond hits in its L1, which are part of compute:
 *
 *   - a CPU asks for lines one after the other, at intervals of
 *     1 / n_line_fills of their latencies;
 *   - a read waits until the last of its lines has come, and so does a copy
 *     for the lines that it reads, unless they all were in the L1.  Touches of
 *     real code come one after the other, as pointers are followed;
 *   - writes and prefetches go on meanwhile, and nobody waits for them until
 *     all line fills of the CPU are taken;
 *   - lines from DRAM and from other nodes take bandwidth of the node's memory
 *     and of its links (server.h), what goes to or from an L3 or between
 *     modules that of the node's L3; they come later if there is none left.
 *
 * Devices take bandwidth and move lines, and are not charged: their time is
 * that of the bus.
 *
 * Thread-safety: none; part of one simulation. */
#ifndef VSWSIM_MEM_H
#define VSWSIM_MEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vswsim/cache.h>
#include <vswsim/compiler.h>
#include <vswsim/error.h>
#include <vswsim/machine.h>
#include <vswsim/sim.h>
#include <vswsim/unit.h>

VSW_EXTERN_C_BEGIN

/* --- For whoever builds a simulation ------------------------------------- */

/* Puts 'sim' into hierarchy mode: makes the memory system of its machine and
 * lets costs shrink to their compute part.  Comes before the units.  Returns
 * 0, or a negative errno value with 'err' filled: the machine file lacks facts
 * about its memory, or memory is short.  vsw_sim_fini() undoes it. */
VSW_API int vsw_mem_start(struct vsw_sim *sim, struct vsw_error *err);

/* Gives each unit that is no device (of role "device") the caches of its
 * 'cpu'.  Comes when all is built, right before the run.  Returns 0, or a
 * negative errno value with 'err' filled.  Does nothing in flat mode. */
VSW_API int vsw_mem_ready(struct vsw_sim *sim, struct vsw_error *err);

/* Describes the caches and memory of 'machine', all fields but 'form'.
 * Latencies are what lies beyond a hit in the L1.  Returns 0, or -EINVAL with
 * 'err' naming the facts that are missing. */
VSW_API int vsw_mem_config(const struct vsw_machine *machine,
                           struct vsw_memsys_config *config,
                           struct vsw_error *err);

/* --- Addresses: when things are built ------------------------------------ */

/* Node whose memory is nearest to the CPU of 'unit'. */
VSW_API uint32_t vsw_mem_node(const struct vsw_unit *unit);

/* How many nodes the machine has. */
static inline uint32_t
vsw_mem_n_nodes(const struct vsw_sim *sim)
{
    uint32_t n = sim->machine->n_cpus_per_node;

    return n ? sim->machine->n_cpus / n : 1;
}

/* Returns 'n_bytes' (> 0) of simulated memory at 'node', at the start of a
 * line, and of a page if it is a page or more.  0 in flat mode.  It cannot
 * fail: if there is too little, vsw_mem_ready() says so. */
VSW_API uint64_t vsw_mem_alloc(struct vsw_sim *sim, uint64_t n_bytes,
                               uint32_t node);

/* Gives the 'n_bytes' at 'mem' (aligned to a line; of an arena of real
 * objects) simulated memory at 'node', for all units.  Does nothing in flat
 * mode.  'mem' must outlive the run. */
VSW_API void vsw_mem_map(struct vsw_sim *sim, const void *mem,
                         size_t n_bytes, uint32_t node);

/* Notes that the 'n_bytes' at 'addr', at 'node', were used before the run:
 * vsw_mem_ready() brings what was noted last, as much as fits, to the caches
 * of the node.  Returns 0 or -ENOMEM. */
VSW_API int vsw_mem_note_used(struct vsw_sim *sim, uint64_t addr,
                              uint64_t n_bytes, uint32_t node);

/* --- Use, by CPUs: in mechanisms ----------------------------------------- */

/* What the inline functions below call in hierarchy mode. */
VSW_API void vsw_mem_do_access(struct vsw_unit *unit, uint32_t account,
                               uint64_t addr, uint64_t n_bytes,
                               enum vsw_mem_kind kind);
VSW_API void vsw_mem_do_prefetch(struct vsw_unit *unit, uint32_t account,
                                 uint64_t addr, uint64_t n_bytes);
VSW_API void vsw_mem_do_copy(struct vsw_unit *unit, uint32_t account,
                             uint64_t dst, uint64_t src, uint64_t n_bytes);
VSW_API void vsw_mem_do_run(struct vsw_unit *unit, enum vsw_code part);
VSW_API void vsw_mem_do_dma_write(struct vsw_unit *device, uint32_t node,
                                  uint64_t addr, uint64_t n_bytes);
VSW_API void vsw_mem_do_dma_read(struct vsw_unit *device, uint64_t addr,
                                 uint64_t n_bytes);

/* True if what 'unit' does to memory is of no consequence. */
static inline bool
vsw_mem_is_flat(const struct vsw_unit *unit)
{
    return !unit->mem;
}

/* 'unit' reads or writes the 'n_bytes' (> 0) at 'addr'; what it waits is
 * charged to 'account'. */
static inline void
vsw_mem_access(struct vsw_unit *unit, uint32_t account, uint64_t addr,
               uint64_t n_bytes, enum vsw_mem_kind kind)
{
    if (VSW_UNLIKELY(unit->mem != NULL)) {
        vsw_mem_do_access(unit, account, addr, n_bytes, kind);
    }
}

/* 'unit' reads what it asked for ahead of time: descriptors or headers of the
 * rest of a burst. */
static inline void
vsw_mem_prefetch(struct vsw_unit *unit, uint32_t account, uint64_t addr,
                 uint64_t n_bytes)
{
    if (VSW_UNLIKELY(unit->mem != NULL)) {
        vsw_mem_do_prefetch(unit, account, addr, n_bytes);
    }
}

/* 'unit' copies 'n_bytes' (> 0) from 'src' to 'dst'. */
static inline void
vsw_mem_copy(struct vsw_unit *unit, uint32_t account, uint64_t dst,
             uint64_t src, uint64_t n_bytes)
{
    if (VSW_UNLIKELY(unit->mem != NULL)) {
        vsw_mem_do_copy(unit, account, dst, src, n_bytes);
    }
}

/* What 'n' of cost number 'cost' take with the memory that it includes: for a
 * mechanism that does not declare what it uses, where others that charge the
 * same cost do. */
static inline uint64_t
vsw_mem_flat_cost_ps(const struct vsw_unit *unit, uint32_t cost, uint64_t n)
{
    const uint64_t half = UINT64_C(1) << (VSW_COST_FRACTION_BITS - 1);
    const uint64_t *costs = unit->sim->mem ? unit->sim->flat_costs
                                           : unit->costs;

    return (costs[cost] * n + half) >> VSW_COST_FRACTION_BITS;
}

/* Charges that. */
static inline void
vsw_mem_charge_flat(struct vsw_unit *unit, uint32_t account, uint32_t cost,
                    uint64_t n)
{
    vsw_unit_spend(unit, account, vsw_mem_flat_cost_ps(unit, cost, n));
}

/* 'unit' runs 'part' of the code of its domain (of the hypervisor, if it is
 * that), if the stack file says how long it is.  Comes right before a charge
 * for what that code does; what it waits is charged to account "code".
 *
 * Parts of one domain fit its L1i together, so a domain that is alone there
 * waits once.  A cost includes what its code waits for when it runs alone;
 * what is charged here is what others displaced meanwhile. */
static inline void
vsw_mem_run(struct vsw_unit *unit, enum vsw_code part)
{
    if (VSW_UNLIKELY(unit->mem != NULL)) {
        vsw_mem_do_run(unit, part);
    }
}

/* --- Use, by devices ----------------------------------------------------- */

/* 'device', at 'node', writes 'n_bytes' (> 0) at 'addr': all lines of them. */
static inline void
vsw_mem_dma_write(struct vsw_unit *device, uint32_t node, uint64_t addr,
                  uint64_t n_bytes)
{
    if (VSW_UNLIKELY(device->sim->mem != NULL)) {
        vsw_mem_do_dma_write(device, node, addr, n_bytes);
    }
}

/* 'device' reads 'n_bytes' (> 0) at 'addr'. */
static inline void
vsw_mem_dma_read(struct vsw_unit *device, uint64_t addr, uint64_t n_bytes)
{
    if (VSW_UNLIKELY(device->sim->mem != NULL)) {
        vsw_mem_do_dma_read(device, addr, n_bytes);
    }
}

/* --- What came of it ----------------------------------------------------- */

/* What 'unit' did to memory in the window while in 'domain' and 'stage'; NULL
 * in flat mode or if it is a device. */
VSW_API const struct vsw_mem_result *vsw_mem_result(
    const struct vsw_unit *unit, uint32_t domain, enum vsw_stage stage);

/* The part of a row of the ledger that the unit waited for memory, in ps.
 * Waits belong to charges and do not count as charges. */
VSW_API uint64_t vsw_mem_wait_ps(const struct vsw_unit *unit,
                                 uint32_t domain, enum vsw_stage stage,
                                 uint32_t account);

/* What devices did to memory in the window; NULL in flat mode. */
VSW_API const struct vsw_mem_result *vsw_mem_dma_result(
    const struct vsw_sim *sim);

VSW_EXTERN_C_END

#endif
