/* Any bytes as an experiment file, as the value of --set, and as a machine
 * file: the loader must return, and leave nothing behind.
 *
 * What follows the first NUL is the option. */
#include <vswsim/config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../io/stub_models.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char dir[] = "/tmp/vswsim-fuzz-XXXXXX";
static char path[64];
static char machine_path[64];

static void
clean_up(void)
{
    remove(path);
    remove(machine_path);
    rmdir(dir);
}

static void
write_file(const char *name, const void *data, size_t size)
{
    FILE *file = fopen(name, "wb");

    if (!file || fwrite(data, 1, size, file) != size || fclose(file)) {
        abort();
    }
}

static void
set_up(void)
{
    static const char machine[]
        = "{\"title\": \"m\", \"cpu\": {\"kind\": \"vendor\","
          " \"source\": \"s\", \"clock_hz\": 1e9, \"tsc_hz\": 1e9},"
          " \"topology\": {\"kind\": \"vendor\", \"source\": \"s\","
          " \"n_cpus\": 12, \"n_cpus_per_node\": 12}}";

    if (!mkdtemp(dir)) {
        abort();
    }
    snprintf(path, sizeof path, "%s/exp.json", dir);
    snprintf(machine_path, sizeof machine_path, "%s/m.json", dir);
    write_file(machine_path, machine, sizeof machine - 1);
    atexit(clean_up);
}

/* An error must be told; a success must be usable. */
static void
check(int error, const struct vsw_plan *plan, const struct vsw_error *err)
{
    char *text;

    if (error) {
        if (plan || err->kind == VSW_ERROR_NONE || !*err->text) {
            abort();
        }
        return;
    }
    text = vsw_plan_json(plan);
    if (plan->n_points == 0 || strlen(plan->digest) != 64 || !text) {
        abort();
    }
    free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *nul = memchr(data, 0, size);
    size_t n = nul ? (size_t) (nul - data) : size;
    char *set = nul ? strndup((const char *) nul + 1, size - n - 1) : NULL;
    const char *const sets[] = {set};
    struct vsw_machine *machine;
    struct vsw_plan *plan;
    struct vsw_error err;

    if (!*path) {
        set_up();
    }
    write_file(path, data, n);
    check(vsw_plan_load(&plan, path, sets, set != NULL, &err), plan, &err);
    vsw_plan_free(plan);
    vsw_machine_load(&machine, path, NULL, &err);
    vsw_machine_free(machine);
    free(set);
    return 0;
}
