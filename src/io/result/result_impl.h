/* What the parts of result.h share. */
#ifndef IO_RESULT_IMPL_H
#define IO_RESULT_IMPL_H

#include <jansson.h>

#include <vswsim/result.h>

struct result_block {
    struct result_block *next;
};

/* Memory of a result: the tree that its strings point into, and blocks. */
struct result_impl {
    json_t *root;
    struct result_block *blocks;
};

/* Reads the text of a result file called 'path' in messages. */
int result_parse(struct vsw_result **result, const char *text, size_t len,
                 const char *path, struct vsw_error *err);

/* vsw_result_new() with the resolved config as JSON text. */
int result_summarise(struct vsw_result **result,
                     const struct vsw_experiment_result *experiment,
                     const char *config, struct vsw_error *err);

#endif
