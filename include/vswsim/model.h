/* Model: one virtual-switch architecture.
 *
 * A model states in which order mechanisms act and on which worker; it holds
 * no cost and no time arithmetic.  It is one const table, registered by one
 * line in src/models/models.def or, for a private model, by
 * vsw_model_register(). */
#ifndef VSWSIM_MODEL_H
#define VSWSIM_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/error.h>
#include <vswsim/param.h>
#include <vswsim/port.h>

VSW_EXTERN_C_BEGIN

struct vsw_switch;
struct vsw_worker;

/* What a config says besides parameters, for a model's check. */
struct vsw_model_facts {
    uint32_t n_guests;
    uint32_t n_queues;          /* Queue pairs of each guest. */
    uint32_t n_wires;
    uint32_t frame_bytes;       /* Of the largest frame; 0: not known yet. */
};

/* Room for a reason that a model's check gives. */
#define VSW_MODEL_REASON_BYTES 256

struct vsw_model_ops {
    const char *name;           /* "dpdk_vhost" */
    const char *title;          /* One line for people. */
    const char *citation;       /* Paper and section. */
    const char *modelled;       /* What is modelled, and ... */
    const char *left_out;       /* ... what is not. */
    const struct vsw_param *params;
    size_t state_size_bytes;    /* Of the private state, zeroed, with the
                                 * parameters set before init. */

    /* What it needs.  Members that are 0 or NULL stand for: guests' ports
     * only, polling guests, one CPU for itself, the domain "host". */
    uint32_t port_kinds;        /* VSW_PORTS_GUEST, VSW_PORTS_WIRE or both. */
    const char *const *drivers; /* Of guests that it serves, as
                                 * guest/drivers.def names them, the default
                                 * first; ends with NULL. */
    const char *const *domains; /* In which its code runs; ends with NULL. */
    uint32_t (*n_cpus)(uint32_t n_guests, uint32_t n_wires);
                                /* CPUs of its own, unless a config says
                                 * how many. */
    bool threads_block;         /* Its threads sleep when they have nothing to
                                 * do, so they may share CPUs. */
    bool wants_all_cpus;        /* There is a unit for each CPU of the
                                 * machine, used or not. */

    /* Checks what its parameters, set in 'state', must be to one another and
     * to 'facts'.  Returns the name of the parameter that is wrong, with
     * 'reason' filled, or NULL.  Called when a config is loaded, and again
     * when its trace is open.  May be NULL. */
    const char *(*check)(const void *state,
                         const struct vsw_model_facts *facts,
                         char reason[VSW_MODEL_REASON_BYTES]);

    /* Declares workers and builds tables.  Returns 0, or a negative errno
     * value with 'err' filled if the config does not suit the model; what
     * it took until then is left to fini. */
    int (*init)(struct vsw_switch *sw, struct vsw_error *err);

    /* Called when the trigger of worker 'w' holds. */
    void (*work)(struct vsw_switch *sw, struct vsw_worker *w);

    /* Releases what init took, of which there may be only a part or nothing:
     * it is called once for each state, also after an init that failed, and
     * what init did not reach is still zero.  May be NULL. */
    void (*fini)(struct vsw_switch *sw);
};

/* The model called 'name', or NULL. */
VSW_API const struct vsw_model_ops *vsw_model_find(const char *name);

/* The 'i'-th model in alphabetical order, or NULL past the last. */
VSW_API const struct vsw_model_ops *vsw_model_at(uint32_t i);

VSW_EXTERN_C_END

#endif
