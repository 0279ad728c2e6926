#include <vswsim/config.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "io/config/config_keys.h"

static struct vsw_plan *
new_plan(const char *path)
{
    struct vsw_plan *plan = calloc(1, sizeof *plan);
    struct vsw_config_impl *impl = calloc(1, sizeof *impl);

    if (plan && impl) {
        plan->impl = impl;
        plan->path = vsw_pool_strdup(&impl->pool, path);
        if (plan->path) {
            return plan;
        }
        vsw_pool_fini(&impl->pool);
    }
    free(plan);
    free(impl);
    return NULL;
}

/* The first part goes on after an error, to report all of them at once; the
 * points can only be made of a file without any. */
static void
load(struct vsw_config_load *load_, const char *path, const char *const *sets,
     size_t n_sets)
{
    if (vsw_config_read(load_, path, sets, n_sets)
        || vsw_config_load_base(load_) || vsw_config_load_designs(load_)
        || vsw_config_load_axes(load_) || vsw_config_load_plots(load_)
        || vsw_config_make_points(load_)) {
        return;
    }
    load_->impl->root = load_->root;
    vsw_config_check_points(load_);
    if (load_->errors.n == 0) {
        vsw_config_make_json(load_);
    }
}

int
vsw_plan_load(struct vsw_plan **plan, const char *path,
              const char *const *sets, size_t n_sets, struct vsw_error *err)
{
    struct vsw_config_load l = {.errors = {.err = err}};
    int error;

    *plan = NULL;
    vsw_error_set(err, VSW_ERROR_NONE, 0, "%s", "");
    l.plan = new_plan(path);
    if (!l.plan) {
        return vsw_json_report_nomem(&l.errors);
    }
    l.impl = l.plan->impl;
    load(&l, path, sets, n_sets);
    error = vsw_json_errors_finish(&l.errors);
    if (error) {
        vsw_plan_free(l.plan);
        return error;
    }
    *plan = l.plan;
    return 0;
}

void
vsw_plan_free(struct vsw_plan *plan)
{
    if (plan) {
        struct vsw_config_impl *impl = plan->impl;

        for (uint32_t i = 0; i < impl->n_designs; i++) {
            vsw_machine_free(impl->designs[i].machine);
        }
        vsw_machine_free(impl->machine);
        vsw_pool_fini(&impl->pool);
        free(impl);
        free(plan);
    }
}
