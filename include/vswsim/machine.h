/* Machine: the simulated computer, hardware and software stack together.
 *
 * A machine is loaded from JSON: a stack file (drivers, kernel, hypervisor)
 * extends a hardware file (CPUs, clock, caches).  Each cost and each fact of
 * the hardware has a value, a unit, the range that its source allows, a kind
 * and a source; a value outside its range is refused.
 *
 * Costs are compiled once to fixed point, 2^-10 ps, and rounded once per
 * charge.  In hierarchy mode (mem.h) a cost is its compute part, if it has
 * one.
 *
 * Thread-safety: read-only after loading. */
#ifndef VSWSIM_MACHINE_H
#define VSWSIM_MACHINE_H

#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/error.h>
#include <vswsim/hardware.h>

VSW_EXTERN_C_BEGIN

/* Fraction bits of a compiled cost in picoseconds. */
#define VSW_COST_FRACTION_BITS 10

enum vsw_cost_kind {
    VSW_COST_MEASURED,      /* By us, on the machine named. */
    VSW_COST_PUBLISHED,     /* In the source named. */
    VSW_COST_VENDOR,        /* A data sheet or a specification. */
    VSW_COST_CALIBRATED,    /* Fitted to the published results named. */
    VSW_COST_ASSUMED,       /* Plausible; swept over its range. */
    VSW_COST_ABSENT,        /* Not in the file: models that need it refuse. */
};

/* What one cost of a machine is and where it comes from. */
struct vsw_cost {
    const char *name;           /* As in JSON: "copy_byte". */
    const char *per;            /* What one of it covers: "byte". */
    const char *meaning;
    uint64_t fixed;             /* 2^-10 ps. */
    double value;               /* As written, in 'unit'. */
    double min;
    double max;
    const char *unit;           /* "ns", "us", "cycles", "tsc_cycles" */
    enum vsw_cost_kind kind;
    const char *source;
    const char *includes;       /* "compute" or "compute+memory" */
    const char *calibrated_from;    /* Ids of results, or "". */
    const struct vsw_cost *compute; /* Of "compute+memory", the part that is
                                 * left when all data is in the L1; NULL if
                                 * the file does not give it.  Has no
                                 * 'includes' and no 'compute'. */
};

/* What one fact of the hardware is and where it comes from. */
struct vsw_fact {
    const char *path;           /* As in JSON: "caches.l2.size_bytes". */
    const char *unit;           /* "bytes" */
    const char *meaning;
    const char *text;           /* "victim"; NULL if it is a number. */
    uint64_t value;             /* A number, or what 'text' stands for. */
    uint64_t min;               /* Both equal to 'value' if it is exact. */
    uint64_t max;
    enum vsw_cost_kind kind;    /* Never calibrated or absent. */
    const char *source;
};

struct vsw_machine {
    const char *name;           /* Of the stack file: "xeon-e5-2690v3-dpdk" */
    const char *title;
    const char *source;
    uint64_t clock_hz;          /* Of a busy CPU. */
    uint64_t tsc_hz;            /* Of its time-stamp counter. */
    uint32_t n_cpus;
    uint32_t n_cpus_per_module; /* Share L1i and L2. */
    uint32_t n_cpus_per_node;   /* Share memory. */
    uint32_t n_cpus_per_package;
    struct vsw_hardware hw;
    const struct vsw_fact *facts;   /* What the file says of all these. */
    uint32_t n_facts;
    const struct vsw_cost *costs;   /* In the order of cost.def. */
    uint32_t n_costs;
    char digest[65];            /* SHA-256 of all that can move a result. */
    void *impl;                 /* Memory of all of the above. */
};

/* Loads a machine by name ("xeon-e5-2690v3-dpdk", looked up beside the
 * directory 'dir' and in the installed data directory) or by path (when
 * 'name' holds a slash or ends in ".json").  Returns 0, or a negative errno
 * value with 'err' filled. */
VSW_API int vsw_machine_load(struct vsw_machine **machine, const char *name,
                             const char *dir, struct vsw_error *err);

VSW_API void vsw_machine_free(struct vsw_machine *machine);

/* Machines that can be loaded by name. */
struct vsw_machine_names {
    const char *const *names;   /* Stacks and hardware, sorted. */
    uint32_t n;
};

/* Lists what vsw_machine_load() finds from the directory 'dir'.  Returns 0,
 * or -ENOMEM with 'err' filled. */
VSW_API int vsw_machine_names_find(struct vsw_machine_names **names,
                                   const char *dir, struct vsw_error *err);

VSW_API void vsw_machine_names_free(struct vsw_machine_names *names);

/* The fact with that path, or NULL; valid as long as the machine. */
VSW_API const struct vsw_fact *vsw_machine_fact(
    const struct vsw_machine *machine, const char *path);

/* "measured", "vendor", ...; "absent" for VSW_COST_ABSENT. */
VSW_API const char *vsw_cost_kind_name(enum vsw_cost_kind kind);

VSW_EXTERN_C_END

#endif
