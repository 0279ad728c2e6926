/* docs/config-reference.md must be what the table of keys gives.  With
 * VSW_UPDATE in the environment the test writes it first. */
#include <vswsim/config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vsw_test.h"

static const char path[] = VSW_SOURCE_DIR "/docs/config-reference.md";

static void
update(const char *text)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static void
the_page_is_current(void **state)
{
    char *expected = vsw_config_reference();
    char *found = calloc(1, 1 << 20);
    FILE *file;

    (void) state;
    assert_non_null(expected);
    if (getenv("VSW_UPDATE")) {
        update(expected);
    }
    file = fopen(path, "rb");
    assert_non_null(file);
    assert_true(fread(found, 1, (1 << 20) - 1, file) > 0);
    fclose(file);
    if (strcmp(found, expected)) {
        fail_msg("%s is not current; VSW_UPDATE=1 ctest -R config_reference "
                 "writes it", path);
    }
    free(found);
    free(expected);
}

static void
the_page_names_every_unit_and_default(void **state)
{
    char *page = vsw_config_reference();

    (void) state;
    assert_non_null(strstr(page,
        "| `guests.n` | an integer from 0 to 256 | guests | 2 | Guests;"));
    assert_non_null(strstr(page,
        "| `traffic.pacing` | one of \"saturate\", \"recorded\", \"scaled\", "
        "\"fixed\", \"closed_loop\" |  | \"saturate\" |"));
    assert_non_null(strstr(page, "| `machine` | a string |  | required |"));
    assert_null(strstr(page, "`designs[]`"));
    free(page);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_page_is_current),
        cmocka_unit_test(the_page_names_every_unit_and_default),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
