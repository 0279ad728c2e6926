#include <vswsim/cache.h>

#include "vsw_test.h"

#include "core/cache_trace.h"

static void
every_access_does_what_the_reference_does(void **state)
{
    (void) state;
    cache_trace_compare(NULL, 20, 400, 3000);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_access_does_what_the_reference_does),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
