/* The AVX-512 form on CPUs that lack it: its source is compiled here with
 * every instruction emulated in C by SIMDe. */
#define SIMDE_NO_NATIVE
#define SIMDE_ENABLE_NATIVE_ALIASES
#define VSW_EMULATED_SIMD
#include <simde/x86/avx512.h>

#define vsw_memsys_avx512 emulated_avx512
#include "core/cache_avx512.c"
#undef vsw_memsys_avx512

#include "vsw_test.h"

#include "core/cache_trace.h"

static void
the_avx512_form_does_what_the_reference_does(void **state)
{
    (void) state;
    cache_trace_compare(&emulated_avx512, 21, 150, 2000);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_avx512_form_does_what_the_reference_does),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
