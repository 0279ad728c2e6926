#include "vsw_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vswsim/report.h>

#include "io/result/result_impl.h"
#include "synthetic.h"

static struct synthetic_experiment *made;
static struct vsw_result *result;
static char *page;

static int
set_up(void **state)
{
    const struct vsw_result *list[2];
    struct vsw_error err = {0};

    (void) state;
    made = synthetic_experiment_new();
    made->plan.title = "Two <designs> & \"more\"";
    if (result_summarise(&result, &made->result, SYNTHETIC_CONFIG, NULL)) {
        return -1;
    }
    list[0] = list[1] = result;
    return vsw_report_html(&page, list, 2, &err);
}

static int
tear_down(void **state)
{
    (void) state;
    free(page);
    vsw_result_free(result);
    free(made);
    return 0;
}

static uint32_t
count(const char *what)
{
    uint32_t n = 0;

    for (const char *at = page; (at = strstr(at, what)) != NULL; at++) {
        n++;
    }
    return n;
}

/* Only the names of XML's own vocabularies look like addresses. */
static void
a_page_needs_no_network_and_no_scripts(void **state)
{
    (void) state;
    assert_int_equal(count("<script"), 0);
    assert_int_equal(count("src="), 0);
    assert_int_equal(count("http://"), count("http://www.w3.org/"));
    assert_int_equal(count("https://"), 0);
    assert_int_equal(count("@import"), 0);
}

static void
text_from_files_is_escaped(void **state)
{
    (void) state;
    assert_int_equal(count("<designs>"), 0);
    assert_int_equal(count("Two &lt;designs&gt; &amp; &quot;more&quot;"), 2);
}

static void
elements_are_closed(void **state)
{
    static const char *const elements[] = {
        "table", "svg", "figure", "details", "ul", "tr", "p", "h2", "h3",
    };

    (void) state;
    for (size_t i = 0; i < VSW_N_ELEMS(elements); i++) {
        char open[16], more[16], close[16];

        snprintf(open, sizeof open, "<%s>", elements[i]);
        snprintf(more, sizeof more, "<%s ", elements[i]);
        snprintf(close, sizeof close, "</%s>", elements[i]);
        assert_int_equal(count(open) + count(more), count(close));
        assert_true(count(close) > 0);
    }
}

/* 64 bytes: 8000 against 3000 packets in a millisecond. */
static void
the_summary_says_who_wins_and_what_limits(void **state)
{
    (void) state;
    assert_int_equal(count("<strong>copying</strong> wins at frame_bytes 64"),
                     2);
    assert_int_equal(count("8.000 Mpps against 3.000 Mpps of remapping, "
                           "+166.7 %"), 2);
    assert_true(count("cpu0 (switch)") >= 16);
    assert_true(count("made up, not simulated") == 2);
}

/* Three plots and two ledgers of each result; names differ by figure. */
static void
figures_are_inline_and_do_not_share_names(void **state)
{
    (void) state;
    assert_int_equal(count("<svg"), 2 * (3 + 2));
    assert_int_equal(count("id=\"gp"), 0);
    assert_int_equal(count("id='gp"), 0);
    assert_int_equal(count("#gp"), 0);
    assert_int_equal(count("<summary>Numbers</summary>"), 2 * (3 + 2));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_needs_no_network_and_no_scripts),
        cmocka_unit_test(text_from_files_is_escaped),
        cmocka_unit_test(elements_are_closed),
        cmocka_unit_test(the_summary_says_who_wins_and_what_limits),
        cmocka_unit_test(figures_are_inline_and_do_not_share_names),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
