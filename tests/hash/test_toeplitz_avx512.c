/* The AVX-512 form on CPUs that lack it: its source is compiled here with
 * every instruction emulated in C by SIMDe. */
#define SIMDE_NO_NATIVE
#define SIMDE_ENABLE_NATIVE_ALIASES
#define VSW_EMULATED_SIMD
#include <simde/x86/avx512.h>
#include <simde/x86/clmul.h>
#include <simde/x86/gfni.h>

#define vsw_toeplitz_avx512 emulated_avx512
#include "hash/toeplitz_avx512.c"
#undef vsw_toeplitz_avx512

#include "vsw_test.h"

#include "hash/hash_forms.h"

static void
the_avx512_form_equals_the_reference_at_every_length(void **state)
{
    uint64_t seed = 4;

    (void) state;
    print_message("seed %llu\n", (unsigned long long) seed);
    assert_equals_reference(&emulated_avx512, seed);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_avx512_form_equals_the_reference_at_every_length),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
