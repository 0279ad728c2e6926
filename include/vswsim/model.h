/* Model: one virtual-switch architecture.
 *
 * A model states in which order mechanisms act and on which worker; it holds
 * no cost and no time arithmetic.  It is one const table, registered by one
 * line in src/models/models.def or, for a private model, by
 * vsw_model_register(). */
#ifndef VSWSIM_MODEL_H
#define VSWSIM_MODEL_H

#include <stddef.h>
#include <stdint.h>

#include <vswsim/compiler.h>
#include <vswsim/error.h>
#include <vswsim/param.h>

VSW_EXTERN_C_BEGIN

struct vsw_switch;
struct vsw_worker;

struct vsw_model_ops {
    const char *name;           /* "dpdk_vhost" */
    const char *title;          /* One line for people. */
    const char *citation;       /* Paper and section. */
    const char *modelled;       /* What is modelled, and ... */
    const char *left_out;       /* ... what is not. */
    const struct vsw_param *params;
    size_t state_size_bytes;    /* Of the private state, zeroed, with the
                                 * parameters set before init. */

    /* Declares workers and builds tables.  Returns 0, or a negative errno
     * value with 'err' filled if the config does not suit the model. */
    int (*init)(struct vsw_switch *sw, struct vsw_error *err);

    /* Called when the trigger of worker 'w' holds. */
    void (*work)(struct vsw_switch *sw, struct vsw_worker *w);

    /* Releases what init took; may be NULL. */
    void (*fini)(struct vsw_switch *sw);
};

/* The model called 'name', or NULL. */
VSW_API const struct vsw_model_ops *vsw_model_find(const char *name);

/* The 'i'-th model in alphabetical order, or NULL past the last. */
VSW_API const struct vsw_model_ops *vsw_model_at(uint32_t i);

VSW_EXTERN_C_END

#endif
