#include <vswsim/result.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "io/result/atomic_file.h"
#include "io/result/result_build.h"
#include "io/result/result_impl.h"

static int
out_of_memory(struct vsw_error *err)
{
    return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM, "out of memory");
}

/* One trailing newline, as text files have. */
static char *
tree_text(json_t *root)
{
    char *text = json_dumps(root, JSON_INDENT(1)
                                  | JSON_REAL_PRECISION(RESULT_DIGITS));
    size_t len = text ? strlen(text) : 0;
    char *longer = text ? realloc(text, len + 2) : NULL;

    if (!longer) {
        free(text);
        return NULL;
    }
    memcpy(longer + len, "\n", 2);
    return longer;
}

int
result_summarise(struct vsw_result **result,
                 const struct vsw_experiment_result *experiment,
                 const char *config, struct vsw_error *err)
{
    json_t *root = result_build(experiment, config);
    char *text = root ? tree_text(root) : NULL;
    int rc;

    *result = NULL;
    rc = text ? result_parse(result, text, strlen(text), "result", err)
         : out_of_memory(err);
    free(text);
    json_decref(root);
    return rc;
}

char *
vsw_result_json(const struct vsw_result *result)
{
    const struct result_impl *impl = result->impl;

    return tree_text(impl->root);
}

static int
write_text(char *text, const char *dir, const char *name,
           struct vsw_error *err)
{
    int rc = text ? vsw_atomic_write(dir, name, text, strlen(text), err)
             : out_of_memory(err);

    free(text);
    return rc;
}

int
vsw_result_write(const struct vsw_result *result, const char *dir,
                 struct vsw_error *err)
{
    int rc = vsw_atomic_mkdir(dir, err);

    rc = rc ? rc : write_text(vsw_result_json(result), dir, "result.json",
                              err);
    return rc ? rc : write_text(vsw_result_csv(result), dir, "summary.csv",
                                err);
}
