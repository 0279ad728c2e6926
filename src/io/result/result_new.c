#include <vswsim/result.h>

#include <errno.h>
#include <stdlib.h>

#include "io/result/result_impl.h"

int
vsw_result_new(struct vsw_result **result,
               const struct vsw_experiment_result *experiment,
               struct vsw_error *err)
{
    char *config = vsw_plan_json(experiment->plan);
    int rc;

    *result = NULL;
    if (!config) {
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "out of memory");
    }
    rc = result_summarise(result, experiment, config, err);
    free(config);
    return rc;
}

int
vsw_result_save(const struct vsw_experiment_result *experiment,
                const char *dir, struct vsw_error *err)
{
    struct vsw_result *result;
    int rc = vsw_result_new(&result, experiment, err);

    rc = rc ? rc : vsw_result_write(result, dir, err);
    vsw_result_free(result);
    return rc;
}
