/* A program that has the simulator read an experiment; C and C++. */
#include <stdio.h>
#include <string.h>

#include <vswsim/config.h>

int
main(void)
{
    static struct vsw_error err;
    struct vsw_plan *plan = NULL;

    if (!vsw_plan_load(&plan, "missing.json", NULL, 0, &err)) {
        fputs("a missing file was read\n", stderr);
        vsw_plan_free(plan);
        return 1;
    }
    return err.kind != VSW_ERROR_NO_INPUT || !strstr(err.text, "missing.json");
}
