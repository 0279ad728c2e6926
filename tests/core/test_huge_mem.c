#include "vsw_test.h"

#include <stdint.h>
#include <string.h>

#include <vswsim/compiler.h>

#include "core/huge_mem.h"

static void
assert_zeros(const unsigned char *p, size_t n_bytes)
{
    for (size_t i = 0; i < n_bytes; i++) {
        assert_int_equal(p[i], 0);
    }
}

static void
pages_are_zeros_at_lines_and_can_be_written(void **state)
{
    const size_t sizes_bytes[] = {
        1, 64, 100, VSW_HUGE_PAGE_BYTES - 1, VSW_HUGE_PAGE_BYTES,
        VSW_HUGE_PAGE_BYTES + 1, 3 * VSW_HUGE_PAGE_BYTES,
    };

    (void) state;
    for (size_t i = 0; i < VSW_N_ELEMS(sizes_bytes); i++) {
        unsigned char *p = vsw_huge_mem_new(sizes_bytes[i]);

        assert_non_null(p);
        assert_int_equal((uintptr_t) p % 64, 0);
        assert_zeros(p, sizes_bytes[i]);
        memset(p, 0xff, sizes_bytes[i]);
        vsw_huge_mem_free(p, sizes_bytes[i]);
    }
}

static void
large_ones_begin_at_huge_pages(void **state)
{
    void *p = vsw_huge_mem_new(2 * VSW_HUGE_PAGE_BYTES);

    (void) state;
    assert_int_equal((uintptr_t) p % VSW_HUGE_PAGE_BYTES, 0);
    vsw_huge_mem_free(p, 2 * VSW_HUGE_PAGE_BYTES);
    vsw_huge_mem_free(NULL, 2 * VSW_HUGE_PAGE_BYTES);
    vsw_huge_mem_free(NULL, 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_are_zeros_at_lines_and_can_be_written),
        cmocka_unit_test(large_ones_begin_at_huge_pages),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
