/* Offload target: which idle core shall copy for a vNIC.
 *
 * Candidates are the modules (cores that share a cache) whose cpus are all
 * idle and that lie on the receiver's node; without any, those on the other
 * nodes; without any, none.  Among candidates the hash of the vNIC chooses,
 * so that vNICs spread and each tends to stay where its data is cached.
 *
 * Source: Ram, PhD thesis, Rice University, §4.3-4.4.  Where the thesis
 * leaves a point open, the rule has a member for it.
 *
 * Thread-safety: none. */
#ifndef VSWSIM_OFFLOAD_H
#define VSWSIM_OFFLOAD_H

#include <stdbool.h>
#include <stdint.h>

#include <vswsim/arena.h>
#include <vswsim/compiler.h>
#include <vswsim/memobs.h>

VSW_EXTERN_C_BEGIN

#define VSW_OFFLOAD_NO_CPU UINT32_MAX

enum vsw_offload_mode {
    VSW_OFFLOAD_CRITERIA,   /* The criteria above (default). */
    VSW_OFFLOAD_FIXED,      /* A dedicated cpu that always polls. */
    VSW_OFFLOAD_NONE,       /* No offload. */
};

/* Open point: which cpu of the chosen module. */
enum vsw_offload_core {
    VSW_OFFLOAD_CORE_LOWEST,    /* The one with the least number (default). */
    VSW_OFFLOAD_CORE_HASHED,    /* By the hash of the vNIC. */
};

/* Open point: the message ring of the chosen cpu is full. */
enum vsw_offload_full {
    VSW_OFFLOAD_FULL_DROP,      /* The request is dropped (default). */
    VSW_OFFLOAD_FULL_NEXT,      /* The next candidate takes it. */
};

struct vsw_offload_rule {
    enum vsw_offload_mode mode;
    uint32_t fixed_cpu;             /* For VSW_OFFLOAD_FIXED. */
    enum vsw_offload_core core;
    enum vsw_offload_full full;
};

#define VSW_OFFLOAD_RULE_DEFAULT                                             \
    { .mode = VSW_OFFLOAD_CRITERIA, .fixed_cpu = 0,                          \
      .core = VSW_OFFLOAD_CORE_LOWEST, .full = VSW_OFFLOAD_FULL_DROP }

/* Where a cpu is.  Numbers are free to choose; cpus with equal 'module' share
 * a module, and then also have equal 'node'. */
struct vsw_offload_place {
    uint16_t module;
    uint16_t node;
};

struct vsw_offload;

/* Makes the view of a machine with 'n_cpus' (1 to 65535) cpus at 'places',
 * none idle and no ring full.  'rule' and 'places' are copied.  Returns NULL,
 * with 'arena' unchanged, if it does not fit, cpus of one module are on two
 * nodes, or the fixed cpu does not exist. */
VSW_API struct vsw_offload *
vsw_offload_new(struct vsw_arena *arena, const struct vsw_offload_rule *rule,
                const struct vsw_offload_place *places, uint32_t n_cpus);

/* Tells whether 'cpu' runs the idle vCPU. */
VSW_API void vsw_offload_set_idle(struct vsw_offload *o, uint32_t cpu,
                                  bool is_idle, struct vsw_memobs *obs);

/* Tells whether the message ring of 'cpu' is full. */
VSW_API void vsw_offload_set_full(struct vsw_offload *o, uint32_t cpu,
                                  bool is_full, struct vsw_memobs *obs);

/* The cpu that shall copy for 'vnic', whose guest runs on 'rx_node', or
 * VSW_OFFLOAD_NO_CPU: nobody, or the request is dropped. */
VSW_API uint32_t vsw_offload_choose(const struct vsw_offload *o,
                                    uint32_t vnic, uint16_t rx_node,
                                    struct vsw_memobs *obs);

VSW_EXTERN_C_END

#endif
