/* The keys of experiment files, and what loading one keeps in hand. */
#ifndef IO_CONFIG_KEYS_H
#define IO_CONFIG_KEYS_H

#include <vswsim/config.h>

#include "io/json/json_keys.h"
#include "io/json/pool.h"

/* Points of one plan.  Each is simulated several times, so a plan with more
 * is a slip of the pen. */
#define VSW_CONFIG_MAX_POINTS 10000u
#define VSW_CONFIG_MAX_AXES 8u
#define VSW_CONFIG_MAX_DESIGNS 256u

/* Ends with VSW_KEY_END; offsets are into struct vsw_config. */
extern const struct vsw_key vsw_config_key_table[];

/* One design as the file has it. */
struct vsw_config_design {
    const struct vsw_json_node *node;
    const char *name;
    const struct vsw_model_ops *model;
    struct vsw_machine *machine;    /* Its own, or NULL. */
    uint32_t n_params;
    uint64_t *params;           /* Before any axis. */
};

/* One axis with its values read. */
struct vsw_config_axis {
    const struct vsw_json_node *node;   /* The array of values. */
    const struct vsw_key *key;  /* NULL for an axis over a parameter. */
    const char *param;          /* Its name, or NULL. */
    union vsw_key_value *values;    /* Of a key: one per value; of a parameter
                                     * one per design and value. */
};

/* Everything a plan owns. */
struct vsw_config_impl {
    struct vsw_pool pool;
    struct vsw_machine *machine;
    struct vsw_config base;     /* Before designs and axes. */
    struct vsw_json_doc acl_doc;    /* Texts of the lists; empty: none. */
    struct vsw_json_doc qos_doc;
    struct vsw_config_design *designs;
    uint32_t n_designs;
    struct vsw_config_axis *axes;
    struct vsw_json_node *root;     /* Of the load. */
    char *json;                 /* Resolved, canonical. */
};

/* A load under way. */
struct vsw_config_load {
    struct vsw_plan *plan;
    struct vsw_config_impl *impl;
    struct vsw_json_node *root;     /* Files and options, merged. */
    struct vsw_json_errors errors;
};

/* Longest that units may run ahead of each other on 'machine'.  Notifications
 * are what a run-ahead must not miss, so the least latency of one bounds it:
 * three quarters of the mean, at most 1 us. */
uint64_t vsw_config_max_quantum_ns(const struct vsw_machine *machine);

/* The steps of vsw_plan_load(), in this order.  Each reports what it finds;
 * those that return int give 0, or a negative errno value if there is no way
 * to go on. */
int vsw_config_read(struct vsw_config_load *load, const char *path,
                    const char *const *sets, size_t n_sets);
int vsw_config_load_base(struct vsw_config_load *load);
int vsw_config_load_designs(struct vsw_config_load *load);
int vsw_config_load_axes(struct vsw_config_load *load);
int vsw_config_load_plots(struct vsw_config_load *load);
int vsw_config_make_points(struct vsw_config_load *load);
void vsw_config_check_points(struct vsw_config_load *load);
int vsw_config_make_json(struct vsw_config_load *load);

/* Reads the lists that "acl.file" and "qos.file" name into the base, with what
 * is wrong in them reported.  Returns 0 or -ENOMEM. */
int vsw_config_load_lists(struct vsw_config_load *load);

/* The machine that member "machine" of 'node' names, or NULL: it names none,
 * or one that cannot be loaded, which is reported. */
struct vsw_machine *vsw_config_load_machine(struct vsw_config_load *load,
                                            const struct vsw_json_node *node);

/* A parameter as a key, to check a value with. */
struct vsw_key vsw_config_param_key(const struct vsw_param *param);

/* The key that 'node' (a member of "sweep" or "set") is about, if points may
 * differ in it; otherwise NULL after reporting why not. */
const struct vsw_key *
vsw_config_point_key(const struct vsw_json_node *node,
                     struct vsw_json_errors *errors);

/* Index of 'name' among the parameters of 'model', or -1. */
int vsw_config_param_index(const struct vsw_model_ops *model,
                           const char *name);

/* How many pairs talk in a workload that is no trace, and over how many
 * connections. */
struct vsw_workload_counts {
    uint64_t n_pairs;
    uint64_t n_dialogs;
};

struct vsw_workload_counts vsw_config_count_dialogs(
    const struct vsw_config *config);

/* Whether guests hold the talks of a trace. */
static inline bool
vsw_config_is_closed_loop(const struct vsw_config *config)
{
    return config->workload.kind == VSW_WORKLOAD_TRACE
           && config->traffic.pacing == VSW_PACING_CLOSED;
}

/* Whether guests run sockets. */
static inline bool
vsw_config_has_dialogs(const struct vsw_config *config)
{
    return config->workload.kind != VSW_WORKLOAD_TRACE
           || vsw_config_is_closed_loop(config);
}

/* Whether the workload of 'config' suits the rest of it; otherwise what is
 * wrong, and which key is to blame. */
bool vsw_config_check_workload(const struct vsw_config *config,
                               const char **key, char *text, size_t n_bytes);

/* Bytes of the largest frame of 'config', 0 if only its trace can tell. */
uint32_t vsw_config_largest_frame(const struct vsw_config *config);

/* Lets the model of each point look at its parameters again, now that the
 * largest frame of its trace is known: 'frame_bytes', by point.  Returns 0, or
 * a negative errno value with 'err' filled. */
int vsw_config_check_frames(const struct vsw_plan *plan,
                            const uint32_t *frame_bytes,
                            struct vsw_error *err);

/* Whether 'text' is a MAC address or an IP prefix. */
bool vsw_config_is_match(const char *text);

#endif
