/* Parameter tables: what a model can be told, and how to check it.
 *
 * A model lists its parameters in a const table that ends with VSW_PARAM_END;
 * each names a member of the model's state, which holds the value before the
 * model's init hook runs.  From the table come the checker of configs, the
 * JSON Schema, "vswsim models NAME" and the reference page. */
#ifndef VSWSIM_PARAM_H
#define VSWSIM_PARAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vswsim/compiler.h>

VSW_EXTERN_C_BEGIN

enum vsw_param_type {
    VSW_PARAM_TYPE_END,
    VSW_PARAM_TYPE_U32,     /* uint32_t */
    VSW_PARAM_TYPE_U64,     /* uint64_t */
    VSW_PARAM_TYPE_BOOL,    /* bool; 'min' 0, 'max' 1 */
    VSW_PARAM_TYPE_ENUM,    /* uint32_t: index into 'choices' */
};

struct vsw_param {
    const char *name;           /* Ends in its unit: "burst_pkts". */
    enum vsw_param_type type;
    size_t offset;              /* In the model's state. */
    uint64_t value;             /* Default. */
    uint64_t min;
    uint64_t max;
    const char *const *choices; /* NULL-terminated; for ENUM only. */
    const char *meaning;
    const char *source;         /* Paper and section, or "design choice". */
};

#define VSW_PARAM_U32(type, member, value, min, max, meaning, source)        \
    {#member, VSW_PARAM_TYPE_U32, offsetof(type, member), (value), (min),    \
     (max), NULL, (meaning), (source)}
#define VSW_PARAM_U64(type, member, value, min, max, meaning, source)        \
    {#member, VSW_PARAM_TYPE_U64, offsetof(type, member), (value), (min),    \
     (max), NULL, (meaning), (source)}
#define VSW_PARAM_BOOL(type, member, value, meaning, source)                 \
    {#member, VSW_PARAM_TYPE_BOOL, offsetof(type, member), (value), 0, 1,    \
     NULL, (meaning), (source)}
#define VSW_PARAM_ENUM(type, member, value, choices, n, meaning, source)     \
    {#member, VSW_PARAM_TYPE_ENUM, offsetof(type, member), (value), 0,       \
     (n) - 1, (choices), (meaning), (source)}
#define VSW_PARAM_END {NULL, VSW_PARAM_TYPE_END, 0, 0, 0, 0, NULL, NULL, NULL}

/* Finds 'name' in 'params', or returns NULL. */
VSW_API const struct vsw_param *
vsw_param_find(const struct vsw_param *params, const char *name);

/* Writes the defaults of 'params' into 'state'. */
VSW_API void vsw_param_set_defaults(const struct vsw_param *params,
                                    void *state);

/* Stores 'value' (for ENUM an index) in 'state'.  Returns 0, or -ERANGE, with
 * 'state' unchanged, if it is outside the range of 'param'. */
VSW_API int vsw_param_set(const struct vsw_param *param, uint64_t value,
                          void *state);

/* The value that 'state' holds for 'param'. */
VSW_API uint64_t vsw_param_get(const struct vsw_param *param,
                               const void *state);

VSW_EXTERN_C_END

#endif
