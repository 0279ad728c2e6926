#include "vsw_test.h"

#include <errno.h>
#include <string.h>

#include <vswsim/acl.h>
#include <vswsim/acl_generate.h>

static _Alignas(64) unsigned char memory[1 << 18];

static void
make(struct vsw_acl *acl, uint32_t max_rules)
{
    struct vsw_arena arena;
    struct vsw_acl_params params = { .max_rules = max_rules };

    vsw_arena_init(&arena, memory, sizeof memory);
    assert_int_equal(vsw_acl_init(acl, &arena, &params), 0);
}

static int
parse(struct vsw_acl *acl, const char *text, struct vsw_parse_error *err)
{
    return vsw_acl_parse(acl, text, strlen(text), VSW_ACL_DENY, err);
}

static void
assert_same_rule(const struct vsw_acl_rule *a, const struct vsw_acl_rule *b)
{
    assert_int_equal(a->src_ip, b->src_ip);
    assert_int_equal(a->src_mask, b->src_mask);
    assert_int_equal(a->dst_ip, b->dst_ip);
    assert_int_equal(a->dst_mask, b->dst_mask);
    assert_int_equal(a->src_port_min, b->src_port_min);
    assert_int_equal(a->src_port_max, b->src_port_max);
    assert_int_equal(a->dst_port_min, b->dst_port_min);
    assert_int_equal(a->dst_port_max, b->dst_port_max);
    assert_int_equal(a->proto, b->proto);
    assert_int_equal(a->proto_mask, b->proto_mask);
    assert_int_equal(a->verdict, b->verdict);
}

/* The line has the form that ClassBench's db_generator writes. */
static void
a_classbench_line_gives_its_five_fields(void **state)
{
    struct vsw_parse_error err;
    struct vsw_acl acl;
    struct vsw_acl_rule expected = {
        .src_ip = 0xc60c821f, .src_mask = 0xffffffff,
        .dst_ip = 0x0b000000, .dst_mask = 0xff000000,
        .src_port_min = 0, .src_port_max = 65535,
        .dst_port_min = 1521, .dst_port_max = 1526,
        .proto = 6, .proto_mask = 0xff, .verdict = VSW_ACL_DENY,
    };

    (void) state;
    make(&acl, 4);
    assert_int_equal(
        parse(&acl, "@198.12.130.31/32\t11.0.0.0/8\t0 : 65535\t1521 : 1526\t"
                    "0x06/0xFF\t0x1000/0x1000\t\n", &err), 0);
    assert_int_equal(acl.n_rules, 1);
    assert_same_rule(vsw_acl_rule_at(&acl, 0), &expected);
}

static void
comments_blank_lines_and_verdicts_are_read(void **state)
{
    struct vsw_parse_error err;
    struct vsw_acl acl;

    (void) state;
    make(&acl, 4);
    assert_int_equal(
        parse(&acl, "# a comment\n\n \t\r\n"
                    "@1.2.3.4/24 0.0.0.0/0 0:65535 0:65535 0x00/0x00\r\n"
                    "@1.2.3.4/0 0.0.0.0/0 0:65535 0:65535 0x00/0x00 permit\n"
                    " @1.2.3.4/8 0.0.0.0/0 0:65535 0:1 0x11/0xFf 0x0/0x0 deny",
              &err), 0);
    assert_int_equal(acl.n_rules, 3);
    assert_int_equal(vsw_acl_rule_at(&acl, 0)->src_ip, 0x01020300);
    assert_int_equal(vsw_acl_rule_at(&acl, 0)->verdict, VSW_ACL_DENY);
    assert_int_equal(vsw_acl_rule_at(&acl, 1)->src_mask, 0);
    assert_int_equal(vsw_acl_rule_at(&acl, 1)->verdict, VSW_ACL_PERMIT);
    assert_int_equal(vsw_acl_rule_at(&acl, 2)->verdict, VSW_ACL_DENY);
}

static void
a_class_is_read_as_a_verdict(void **state)
{
    struct vsw_parse_error err;
    struct vsw_acl acl;

    (void) state;
    make(&acl, 1);
    assert_int_equal(
        parse(&acl, "@1.2.3.4/8 0.0.0.0/0 0:1 0:1 0x11/0xff class 7 ", &err),
        0);
    assert_int_equal(vsw_acl_rule_at(&acl, 0)->verdict, 7);
}

#define GOOD "@1.2.3.4/32 0.0.0.0/0 0:1 0:1 0x06/0xff\n"

static const struct bad_line {
    const char *line;
    uint32_t column;
    const char *says;           /* Part of the message. */
} bad_lines[] = {
    { "1.2.3.4/32 0.0.0.0/0 0:1 0:1 0x06/0xff", 1, "'@'" },
    { "@1.2.3/32 0.0.0.0/0 0:1 0:1 0x06/0xff", 7, "four numbers" },
    { "@1.2.3.256/32 0.0.0.0/0 0:1 0:1 0x06/0xff", 8, "0 to 255" },
    { "@1.2.3.99999999999/32", 8, "0 to 255" },
    { "@1.2.3.4/33 0.0.0.0/0 0:1 0:1 0x06/0xff", 10, "0 to 32" },
    { "@1.2.3.4 0.0.0.0/0 0:1 0:1 0x06/0xff", 9, "'/'" },
    { "@1.2.3.4/32", 12, "destination prefix" },
    { "@1.2.3.4/32x 0.0.0.0/0", 12, "blank" },
    { "@1.2.3.4/32 0.0.0.0/0 0-1 0:1 0x06/0xff", 24, "':'" },
    { "@1.2.3.4/32 0.0.0.0/0 2:1 0:1 0x06/0xff", 23, "empty" },
    { "@1.2.3.4/32 0.0.0.0/0 0:65536 0:1 0x06/0xff", 25, "65535" },
    { "@1.2.3.4/32 0.0.0.0/0 0:1 0:1 6/0xff", 31, "0x06/0xFF" },
    { "@1.2.3.4/32 0.0.0.0/0 0:1 0:1 0x106/0xff", 33, "protocol" },
    { "@1.2.3.4/32 0.0.0.0/0 0:1 0:1 0x06", 35, "mask" },
    { "@1.2.3.4/32 0.0.0.0/0 0:1 0:1", 30, "protocol is missing" },
    { "@1.2.3.4/32 0.0.0.0/0 0:1 0:1 0x06/0xff allow", 41, "permit" },
    { "@1.2.3.4/32 0.0.0.0/0 0:1 0:1 0x06/0xffpermit", 40, "blank" },
    { "@1.2.3.4/32 0.0.0.0/0 0:1 0:1 0x06/0xff deny x", 46, "end of" },
    { "@1.2.3.4/32 0.0.0.0/0 0:1 0:1 0x06/0xff class 8", 47, "0 to 7" },
    { "@1.2.3.4/32 0.0.0.0/0 0:1 0:1 0x06/0xff class7", 46, "0 to 7" },
};

static void
a_bad_line_is_refused_with_its_place_and_leaves_the_list(void **state)
{
    (void) state;
    for (size_t i = 0; i < VSW_N_ELEMS(bad_lines); i++) {
        struct vsw_parse_error err;
        struct vsw_acl acl;
        char text[256] = GOOD "\n" GOOD;

        make(&acl, 9);
        assert_int_equal(parse(&acl, GOOD, &err), 0);
        strcat(text, bad_lines[i].line);
        strcat(text, "\n" GOOD);

        assert_int_equal(parse(&acl, text, &err), -EINVAL);
        assert_int_equal(err.line, 4);
        assert_int_equal(err.column, bad_lines[i].column);
        assert_non_null(strstr(err.what, bad_lines[i].says));
        assert_int_equal(acl.n_rules, 1);
    }
}

static void
a_file_that_does_not_fit_is_refused_whole(void **state)
{
    struct vsw_parse_error err;
    struct vsw_acl acl;

    (void) state;
    make(&acl, 3);
    assert_int_equal(parse(&acl, GOOD GOOD, &err), 0);

    assert_int_equal(parse(&acl, GOOD "# x\n" GOOD, &err), -ENOSPC);
    assert_int_equal(err.line, 3);
    assert_int_equal(err.column, 1);
    assert_non_null(strstr(err.what, "full"));
    assert_int_equal(acl.n_rules, 2);
}

/* Text without a NUL, cut anywhere: no byte past its end is read (the
 * address sanitizer sees to that) and only whole lines count as rules. */
static void
a_text_cut_anywhere_is_read_or_refused(void **state)
{
    static const char text[] = GOOD GOOD;

    (void) state;
    for (size_t n = 0; n < sizeof text; n++) {
        struct vsw_parse_error err;
        struct vsw_acl acl;
        char *copy = test_malloc(n ? n : 1);
        int error;

        memcpy(copy, text, n);
        make(&acl, 9);
        error = vsw_acl_parse(&acl, copy, n, VSW_ACL_DENY, &err);
        assert_true(error ? acl.n_rules == 0
                          : acl.n_rules <= n / (sizeof GOOD - 4));
        test_free(copy);
    }
}

static void
what_is_written_is_read_back(void **state)
{
    struct vsw_acl_gen_params params = {
        .seed = 5, .n_rules = 971, .traffic_src_ip = 0x0a000000,
        .traffic_src_len = 8, .traffic_permille = 500,
        .verdict = VSW_ACL_PERMIT,
    };
    struct vsw_acl acl;

    (void) state;
    make(&acl, 2000);
    assert_int_equal(vsw_acl_generate(&acl, &params), 0);
    for (uint32_t i = 0; i < 971; i++) {
        struct vsw_parse_error err;
        char text[VSW_ACL_RULE_TEXT_BYTES];
        size_t n = vsw_acl_rule_format(vsw_acl_rule_at(&acl, i), text);

        assert_int_equal(n, strlen(text));
        assert_int_equal(vsw_acl_parse(&acl, text, n, VSW_ACL_DENY, &err), 0);
        assert_same_rule(vsw_acl_rule_at(&acl, i),
                         vsw_acl_rule_at(&acl, 971 + i));
    }
}

static void
the_longest_line_fits_its_buffer(void **state)
{
    struct vsw_acl_rule rule = {
        .src_ip = UINT32_MAX, .src_mask = UINT32_MAX,
        .dst_ip = UINT32_MAX, .dst_mask = UINT32_MAX,
        .src_port_min = UINT16_MAX, .src_port_max = UINT16_MAX,
        .dst_port_min = UINT16_MAX, .dst_port_max = UINT16_MAX,
        .proto = UINT8_MAX, .proto_mask = UINT8_MAX,
        .verdict = VSW_ACL_PERMIT,
    };
    char text[VSW_ACL_RULE_TEXT_BYTES];

    (void) state;
    assert_true(vsw_acl_rule_format(&rule, text) < sizeof text);
    assert_string_equal(text, "@255.255.255.255/32\t255.255.255.255/32\t"
                              "65535 : 65535\t65535 : 65535\t0xFF/0xFF\t"
                              "0x0000/0x0000\tpermit");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_classbench_line_gives_its_five_fields),
        cmocka_unit_test(a_class_is_read_as_a_verdict),
        cmocka_unit_test(comments_blank_lines_and_verdicts_are_read),
        cmocka_unit_test(
            a_bad_line_is_refused_with_its_place_and_leaves_the_list),
        cmocka_unit_test(a_file_that_does_not_fit_is_refused_whole),
        cmocka_unit_test(a_text_cut_anywhere_is_read_or_refused),
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(the_longest_line_fits_its_buffer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
