/* Every experiment file of the project loads. */
#include <vswsim/config.h>

#include <glob.h>
#include <stdio.h>

#include "vsw_test.h"

static void
load_all(const char *pattern)
{
    glob_t files;

    assert_int_equal(glob(pattern, 0, NULL, &files), 0);
    for (size_t i = 0; i < files.gl_pathc; i++) {
        struct vsw_plan *plan;
        struct vsw_error err;

        if (vsw_plan_load(&plan, files.gl_pathv[i], NULL, 0, &err)) {
            fail_msg("%s", err.text);
        }
        vsw_plan_free(plan);
    }
    globfree(&files);
}

static void
every_experiment_loads(void **state)
{
    (void) state;
    if (!vsw_model_at(0)) {
        skip();
    }
    load_all(VSW_SOURCE_DIR "/configs/experiments/*.json");
    load_all(VSW_SOURCE_DIR "/configs/papers/*.json");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_experiment_loads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
