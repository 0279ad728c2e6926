#include "vsw_test.h"

#include <vswsim/copy_path.h>

static enum vsw_path
choose(uint32_t len_bytes, uint32_t n_dma_free_slots)
{
    const struct vsw_copy_path_rule rule = VSW_COPY_PATH_RULE_DEFAULT;
    const struct vsw_copy_path_view view = { len_bytes, n_dma_free_slots };

    return vsw_copy_path_choose(&rule, &view);
}

static void
packets_of_more_than_128_bytes_go_by_dma(void **state)
{
    (void) state;
    assert_int_equal(choose(128, 1), VSW_PATH_CPU_COPY);
    assert_int_equal(choose(129, 1), VSW_PATH_DMA);
    assert_int_equal(choose(65536, 1), VSW_PATH_DMA);
}

static void
without_a_free_slot_the_cpu_copies(void **state)
{
    (void) state;
    assert_int_equal(choose(1500, 0), VSW_PATH_CPU_COPY);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets_of_more_than_128_bytes_go_by_dma),
        cmocka_unit_test(without_a_free_slot_the_cpu_copies),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
