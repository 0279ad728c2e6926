/* Config: what an experiment file says, checked and resolved.
 *
 * A file describes one or more designs, axes to sweep, and everything they
 * share.  Loading it yields a plan: one point per design and combination of
 * axis values, each with a complete 'struct vsw_config'.
 *
 * One table of keys (type, unit, range, default, meaning) is behind the
 * checker, the JSON Schema and the reference page: docs/config-reference.md.
 *
 * Errors name file:line:column, show the line with a caret, list what is
 * allowed and suggest the nearest key; all errors of a file are reported at
 * once.
 *
 * Thread-safety: a plan is read-only after loading. */
#ifndef VSWSIM_CONFIG_H
#define VSWSIM_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vswsim/acl.h>
#include <vswsim/compiler.h>
#include <vswsim/error.h>
#include <vswsim/machine.h>
#include <vswsim/model.h>
#include <vswsim/workload.h>

VSW_EXTERN_C_BEGIN

/* How the flows of a trace map to switch ports. */
enum vsw_portmap_by {
    VSW_PORTMAP_MAC,        /* One port per source address, as they appear. */
    VSW_PORTMAP_IP,         /* The same by IP address. */
    VSW_PORTMAP_FLOW_HASH,  /* Ports by the hash of the flow. */
    VSW_PORTMAP_PAIRS,      /* Source port by hash, destination its partner:
                             * ports 2i and 2i+1 talk to each other. */
    VSW_PORTMAP_TABLE,      /* As listed. */
};

/* CPUs of the machine, by number. */
struct vsw_config_pin {
    uint32_t *cpus;
    uint32_t n;
};

/* Where threads and vCPUs go that are not pinned: always to a CPU with the
 * fewest, and of these to the first ... */
enum vsw_config_placement {
    VSW_PLACEMENT_IN_ORDER,     /* ... by number. */
    VSW_PLACEMENT_SPREAD,       /* ... one of each module, then the others, as
                                 * Xen's credit scheduler spreads them. */
};

struct vsw_config_guests {
    uint32_t n;                 /* Guests, one switch port each. */
    uint32_t n_cpus;            /* vCPUs that move packets, each with a queue
                                 * pair of its own. */
    uint32_t burst_pkts;        /* The driver's burst. */
    uint32_t ring_slots;        /* Of each TX and RX ring. */
    uint32_t rx_min_bufs;       /* Receive buffers that netfront keeps ... */
    uint32_t rx_max_bufs;       /* ... posted, at least and at most. */
    uint32_t pages_shared;      /* That a polling driver touches for ... */
    uint32_t pages_direction;   /* ... a burst; see switch.h. */
    uint32_t n_deaf;            /* The last ones, which never receive. */
    const char *driver;         /* "virtio_poll"; in a plan never "default". */
    enum vsw_config_placement placement;
    struct vsw_config_pin pin;  /* Of the first vCPUs, guest by guest. */
};

/* Physical ports, each a link to an external client. */
struct vsw_config_wires {
    uint32_t n;
    uint64_t rate_bps;          /* Of the line; 0: the NIC's. */
    uint64_t delay_ns;          /* From one end to the other. */
};

/* How CPUs are shared and how they sleep. */
struct vsw_config_cpus {
    uint64_t slice_us;          /* Time slice of tasks that share one. */
    uint64_t wake_us;           /* Slice that a task has had before one that
                                 * wakes up may take the CPU. */
    uint64_t idle_poll_ns;      /* Busy poll before an idle state. */
    uint64_t max_exit_latency_ns;   /* Of the idle states in use; 0: any. */
};

struct vsw_config_map_entry {
    const char *match;          /* MAC address or IP prefix, as written. */
    uint32_t port;
};

struct vsw_config_traffic {
    const char *trace;          /* Path, relative paths from the file that
                                 * names it; "-" is standard input. */
    const char *filter;         /* BPF expression, or NULL. */
    enum vsw_portmap_by map_by;
    struct vsw_config_map_entry *map;   /* For VSW_PORTMAP_TABLE. */
    uint32_t n_map;
    enum vsw_pacing pacing;
    double time_scale;          /* > 1 is slower; for SCALED. */
    uint64_t rate_pps;          /* Sum of all guests; for FIXED. */
    uint32_t n_loops;           /* Times the trace is played; 0: until the run
                                 * ends. */
    uint32_t frame_bytes;       /* Resize every frame; 0: as in the trace. */
    uint32_t max_flows;         /* Flows of the trace that are played, the
                                 * first ones; 0: all. */
    uint64_t max_jump_ns;       /* Longer gaps in the trace are cut to it; 0:
                                 * none is. */
};

/* Where the rules of the access list come from. */
enum vsw_acl_source {
    VSW_ACL_SOURCE_NONE,        /* There is no list. */
    VSW_ACL_SOURCE_GENERATED,   /* By vsw_acl_generate(), for the sources and
                                 * destinations of the trace. */
    VSW_ACL_SOURCE_FILE,
};

/* What becomes of a packet that no rule matches. */
enum vsw_acl_type {
    VSW_ACL_DEFAULT_ALLOW,
    VSW_ACL_DEFAULT_DENY,
};

struct vsw_config_acl {
    enum vsw_acl_source source;
    enum vsw_acl_type type;
    uint32_t n_rules;           /* Generated. */
    uint32_t match_permille;    /* Of these, that the trace may match. */
    uint64_t seed;
    const char *file;           /* Path, or NULL. */
    const struct vsw_acl *rules;    /* Those of the file; or NULL. */
};

/* Classes of service: a list whose verdicts are class numbers. */
struct vsw_config_qos {
    const char *file;           /* Path, or NULL. */
    const struct vsw_acl *rules;    /* Of the file, or NULL: no classes. */
};

/* What applications in guests and clients do. */
enum vsw_workload_kind {
    VSW_WORKLOAD_TRACE,     /* Nothing: packets of a trace are sent. */
    VSW_WORKLOAD_STREAM,
    VSW_WORKLOAD_UDP,
    VSW_WORKLOAD_REQUEST,
    VSW_WORKLOAD_KEY_VALUE,
};

/* Who talks to whom; the first named opens the connection. */
enum vsw_workload_pattern {
    VSW_PATTERN_PAIRS,      /* Guest 2i to guest 2i + 1. */
    VSW_PATTERN_ALL,        /* Each guest to each other. */
    VSW_PATTERN_TO_WIRE,    /* Each guest to a client, in turn. */
    VSW_PATTERN_FROM_WIRE,  /* A client to each guest. */
    VSW_PATTERN_TO_LAST,    /* Each other guest to the last. */
};

enum vsw_workload_congestion {
    VSW_CONGESTION_NEWRENO,
    VSW_CONGESTION_CUBIC,
};

struct vsw_config_workload {
    enum vsw_workload_kind kind;
    enum vsw_workload_pattern pattern;
    uint32_t n_connections;     /* Of each pair that talks. */
    uint32_t payload_bytes;     /* Of a send or a datagram. */
    bool sendfile;
    uint32_t file_bytes;        /* That sendfile sends again and again. */
    uint32_t request_bytes;
    uint32_t response_bytes;
    uint64_t rate_pps;          /* Datagrams of each sender; 0: as many as
                                 * its driver takes. */
    enum vsw_workload_congestion congestion;
    uint32_t window_bytes;      /* Receive buffer. */
    uint32_t send_buf_bytes;
    uint32_t max_seg_bytes;     /* With segmentation offload; 0: none. */
    bool nagle;
    uint64_t rto_min_us;
    uint64_t start_us;          /* In which connections begin. */
    uint64_t delack_us;
    uint64_t hold_ns;           /* Moderation of a client's interrupts. */
    uint64_t react_ns;          /* Of a client's applications. */
};

/* How memory is simulated; see mem.h. */
enum vsw_memory_mode {
    VSW_MEMORY_FLAT,
    VSW_MEMORY_HIERARCHY,
};

enum vsw_search_kind {
    VSW_SEARCH_NONE,
    VSW_SEARCH_LOSSLESS,    /* The highest rate, up to the one given, that
                             * loses no more than is allowed. */
};

struct vsw_config_search {
    enum vsw_search_kind kind;
    uint32_t max_loss_ppm;
    uint32_t n_steps;
};

struct vsw_config_run {
    uint64_t duration_us;       /* Simulated, warm-up included. */
    uint64_t warmup_us;
    uint32_t replications;
    uint64_t seed;
    uint64_t quantum_ns;        /* Of the simulator, not of any model.  In a
                                 * plan never 0: by default the machine's
                                 * IPI latency, at most 1000. */
    enum vsw_memory_mode memory;
};

/* A fully resolved design with its axis values. */
struct vsw_config {
    const struct vsw_machine *machine;
    struct vsw_config_guests guests;
    struct vsw_config_wires wires;
    struct vsw_config_cpus cpus;
    uint32_t switch_n_cpus;     /* Threads of the switch; 0: as many as the
                                 * model wants. */
    struct vsw_config_pin switch_pin;   /* Of the first of them. */
    struct vsw_config_traffic traffic;
    struct vsw_config_workload workload;
    struct vsw_config_search search;
    struct vsw_config_acl acl;
    struct vsw_config_qos qos;
    struct vsw_config_run run;
    const char *design;         /* Label, unique in the plan. */
    const struct vsw_model_ops *model;
    const uint64_t *params;     /* One value per entry of model->params. */
};

struct vsw_axis {
    const char *key;            /* "traffic.frame_bytes" */
    const char **values;        /* As written in the file, JSON text. */
    uint32_t n_values;
};

struct vsw_point {
    struct vsw_config config;
    uint32_t design;            /* Index among the designs. */
    const uint32_t *axis_values;    /* One index per axis. */
};

/* A figure the config asks for. */
struct vsw_config_plot {
    const char *file;           /* Base name: "rate" gives rate.svg, .png. */
    const char *title;
    const char *kind;           /* "lines", "bars" or "stack" */
    const char *x;              /* An axis key; "design" for bars. */
    const char *y;              /* A metric; see result.h. */
    bool log_x;
    bool log_y;
};

struct vsw_plan {
    const char *path;           /* Of the experiment file. */
    const char *title;
    const char *question;       /* What the experiment asks; may be "". */
    char digest[65];            /* SHA-256 of the resolved config and of the
                                 * machine's digest. */
    const char **designs;
    uint32_t n_designs;
    struct vsw_axis *axes;
    uint32_t n_axes;
    struct vsw_point *points;   /* Design-major, last axis fastest. */
    uint32_t n_points;
    struct vsw_config_plot *plots;
    uint32_t n_plots;
    void *impl;                 /* Memory of all of the above. */
};

/* Loads 'path'.  Each of 'sets' is "key.path=value" from the command line and
 * replaces what files and designs say; "params.NAME=value" is for every model
 * that has the parameter, "sweep.KEY=[...]" for an axis.  Returns 0 and a
 * plan to free, or a negative errno value with 'err' filled and '*plan'
 * NULL. */
VSW_API int vsw_plan_load(struct vsw_plan **plan, const char *path,
                          const char *const *sets, size_t n_sets,
                          struct vsw_error *err);

VSW_API void vsw_plan_free(struct vsw_plan *plan);

/* The resolved config (defaults filled in, parents merged) as JSON text, to
 * free with free(); the result file holds it. */
VSW_API char *vsw_plan_json(const struct vsw_plan *plan);

/* The JSON Schema (2020-12) of experiment files, to free with free(). */
VSW_API char *vsw_config_schema(void);

/* The reference page of all keys in Markdown, to free with free(). */
VSW_API char *vsw_config_reference(void);

VSW_EXTERN_C_END

#endif
