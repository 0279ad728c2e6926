#include <vswsim/machine.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sha256.h>

#include "io/json/json_file.h"
#include "io/machine/machine_load.h"

/* What a machine is allocated as. */
struct loaded {
    struct vsw_machine machine;
    struct vsw_pool pool;
};

static char *
find_parent(const struct vsw_json_node *value, struct vsw_pool *pool,
            struct vsw_json_errors *errors)
{
    return vsw_machine_find(value->string, value->doc->dir, value->doc,
                            value->at, pool, errors);
}

/* "configs/stacks/name.json" gives "name". */
static char *
base_name(const char *path, struct vsw_pool *pool)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    const char *dot = strrchr(name, '.');

    return vsw_pool_strndup(pool, name,
                            dot ? (size_t) (dot - name) : strlen(name));
}

/* Digest of all that can move a result. */
static void
make_digest(struct vsw_machine *m)
{
    SHA256_CTX ctx;
    char line[160];

    SHA256Init(&ctx);
    for (uint32_t i = 0; i < m->n_facts; i++) {
        snprintf(line, sizeof line, " %" PRIu64 "\n", m->facts[i].value);
        SHA256Update(&ctx, (const uint8_t *) m->facts[i].path,
                     strlen(m->facts[i].path));
        SHA256Update(&ctx, (const uint8_t *) line, strlen(line));
    }
    for (uint32_t i = 0; i < m->n_costs; i++) {
        const struct vsw_cost *cost = &m->costs[i];

        if (cost->kind != VSW_COST_ABSENT) {
            snprintf(line, sizeof line, "%s %" PRIu64 " %s\n", cost->name,
                     cost->fixed, cost->includes);
            SHA256Update(&ctx, (const uint8_t *) line, strlen(line));
        }
        if (cost->compute) {
            snprintf(line, sizeof line, "%s %" PRIu64 "\n",
                     cost->compute->name, cost->compute->fixed);
            SHA256Update(&ctx, (const uint8_t *) line, strlen(line));
        }
    }
    SHA256End(&ctx, m->digest);
}

static void
load(struct loaded *loaded, const char *path, const struct vsw_json_doc *doc,
     size_t at, struct vsw_json_errors *errors)
{
    struct vsw_machine *machine = &loaded->machine;
    struct vsw_pool *pool = &loaded->pool;
    unsigned int n_errors = errors->n;
    struct vsw_json_node *root
        = vsw_json_file_read(path, doc, at, find_parent, pool, errors);

    if (!root) {
        return;
    }
    vsw_keys_check(vsw_machine_key_table, root, errors);
    vsw_keys_fill(vsw_machine_key_table, root, machine);
    machine->name = base_name(path, pool);
    if (machine->n_cpus_per_package == 0) {
        machine->n_cpus_per_package = machine->n_cpus_per_node;
    }
    if (!machine->name
        || vsw_machine_load_facts(machine, root, pool, errors)
        || vsw_machine_load_costs(machine, root, pool, errors)) {
        vsw_json_report_nomem(errors);
        return;
    }
    if (errors->n == n_errors) {
        vsw_machine_check(machine, root, errors);
        make_digest(machine);
    }
}

struct vsw_machine *
vsw_machine_load_at(const char *name, const char *dir,
                    const struct vsw_json_doc *doc, size_t at,
                    struct vsw_json_errors *errors)
{
    struct loaded *loaded = calloc(1, sizeof *loaded);
    unsigned int n_errors = errors->n;
    char *path;

    if (!loaded) {
        vsw_json_report_nomem(errors);
        return NULL;
    }
    loaded->machine.impl = loaded;
    path = vsw_machine_find(name, dir, doc, at, &loaded->pool, errors);
    if (path) {
        load(loaded, path, doc, at, errors);
    }
    if (errors->n != n_errors) {
        vsw_machine_free(&loaded->machine);
        return NULL;
    }
    return &loaded->machine;
}

int
vsw_machine_load(struct vsw_machine **machine, const char *name,
                 const char *dir, struct vsw_error *err)
{
    struct vsw_json_errors errors = {.err = err};
    struct vsw_pool pool;
    char *start;

    *machine = NULL;
    vsw_error_set(err, VSW_ERROR_NONE, 0, "%s", "");
    vsw_pool_init(&pool);
    start = vsw_pool_printf(&pool, "%s%s", dir && *dir ? dir : ".", "/");
    if (!start) {
        vsw_json_report_nomem(&errors);
    } else {
        *machine = vsw_machine_load_at(name, start, NULL, 0, &errors);
    }
    vsw_pool_fini(&pool);
    return vsw_json_errors_finish(&errors);
}

void
vsw_machine_free(struct vsw_machine *machine)
{
    if (machine) {
        struct loaded *loaded = machine->impl;

        vsw_pool_fini(&loaded->pool);
        free(loaded);
    }
}
