#include "io/json/json_tree.h"

#include <string.h>

#include "io/json/json_scan.h"
#include "vsw_test.h"

struct fixture {
    struct vsw_pool pool;
    struct vsw_error err;
    struct vsw_json_errors errors;
    struct vsw_json_doc doc[2];
};

static int
setup(void **state)
{
    static struct fixture f;

    memset(&f, 0, sizeof f);
    f.errors.err = &f.err;
    *state = &f;
    return 0;
}

static int
teardown(void **state)
{
    struct fixture *f = *state;

    vsw_pool_fini(&f->pool);
    return 0;
}

static struct vsw_json_node *
parse(struct fixture *f, int doc, const char *text)
{
    f->doc[doc] = (struct vsw_json_doc) {
        .name = doc ? "b" : "a", .text = text, .n_bytes = strlen(text),
        .dir = "", .dir_from_root = "",
    };
    return vsw_json_parse(&f->doc[doc], 0, &f->pool, &f->errors);
}

static struct vsw_json_node *
parse_set(struct fixture *f, const char *text)
{
    f->doc[1] = (struct vsw_json_doc) {
        .name = "--set", .text = text, .n_bytes = strlen(text),
        .is_option = true, .dir = "", .dir_from_root = "",
    };
    return vsw_json_parse_set(&f->doc[1], &f->pool, &f->errors);
}

static void
expect_place(const struct vsw_json_node *node, uint32_t line,
             uint32_t column, const char *text)
{
    uint32_t l, c;

    assert_non_null(node);
    vsw_json_doc_place(node->doc, node->at, &l, &c);
    assert_int_equal(l, line);
    assert_int_equal(c, column);
    assert_int_equal(node->end - node->at, strlen(text));
    assert_memory_equal(node->doc->text + node->at, text, strlen(text));
}

static void
values_know_their_place(void **state)
{
    const struct vsw_json_node *root = parse(*state, 0,
        "{\"a\" : {\"b\":\r\n\t[1, -2.5e3 , \"x]\\\"}\",null]},\n"
        "  \"\xc3\xa4\": true, \"c\\n\": {} , \"d\":[ ]}");
    const struct vsw_json_node *list = vsw_json_find(root, "a.b");

    expect_place(list, 2, 2, "[1, -2.5e3 , \"x]\\\"}\",null]");
    expect_place(list->first, 2, 3, "1");
    expect_place(list->first->next, 2, 6, "-2.5e3");
    expect_place(list->first->next->next, 2, 15, "\"x]\\\"}\"");
    assert_string_equal(list->first->next->next->string, "x]\"}");
    expect_place(list->last, 2, 23, "null");
    assert_int_equal(list->n_children, 4);
    expect_place(vsw_json_member(root, "\xc3\xa4"), 3, 9, "true");
    expect_place(vsw_json_member(root, "c\n"), 3, 22, "{}");
    expect_place(vsw_json_member(root, "d"), 3, 31, "[ ]");
    assert_null(vsw_json_find(root, "a.c"));
    assert_null(vsw_json_find(root, "a.b.c"));
}

static void
numbers_keep_their_value(void **state)
{
    const struct vsw_json_node *root
        = parse(*state, 0, "[9223372036854775807, -1, 1e3, 0.1, 1e300]");
    const struct vsw_json_node *n = root->first;

    assert_true(n->integer == INT64_MAX);
    n = n->next;
    assert_int_equal(n->integer, -1);
    n = n->next;
    assert_int_equal(n->type, JSON_REAL);
    assert_int_equal(n->integer, 1000);
    n = n->next;
    assert_true(n->real == 0.1);
    assert_true(n->next->real == 1e300);
}

static void
objects_merge_and_lists_replace(void **state)
{
    struct vsw_json_node *a = parse(*state, 0,
        "{\"o\": {\"x\": 1, \"y\": 2, \"z\": 3}, \"l\": [1, 2], \"s\": 1}");
    struct vsw_json_node *b = parse(*state, 1,
        "{\"l\": [3], \"new\": 4, \"o\": {\"z\": 30, \"w\": 5, \"y\": 20},"
        " \"s\": {}}");
    struct vsw_json_node *m = vsw_json_merge(a, b);
    json_t *v = vsw_json_value(m);
    char *text = json_dumps(v, JSON_COMPACT);

    assert_string_equal(text,
        "{\"o\":{\"x\":1,\"y\":20,\"z\":30,\"w\":5},\"l\":[3],\"s\":{},"
        "\"new\":4}");
    assert_string_equal(vsw_json_find(m, "o.x")->doc->name, "a");
    assert_string_equal(vsw_json_find(m, "o.y")->doc->name, "b");
    assert_int_equal(vsw_json_find(m, "o")->n_children, 4);
    assert_ptr_equal(vsw_json_find(m, "o")->last,
                     vsw_json_find(m, "o.w"));
    free(text);
    json_decref(v);
}

static void
an_option_is_json_or_else_a_string(void **state)
{
    struct vsw_json_node *n;

    n = vsw_json_find(parse_set(*state, "a.b=[1, 2]"), "a.b");
    assert_int_equal(n->type, JSON_ARRAY);
    n = vsw_json_find(parse_set(*state, "a=true"), "a");
    assert_int_equal(n->type, JSON_TRUE);
    n = vsw_json_find(parse_set(*state, "a=b=c d"), "a");
    assert_string_equal(n->string, "b=c d");
    n = vsw_json_find(parse_set(*state, "a="), "a");
    assert_string_equal(n->string, "");
    n = vsw_json_find(parse_set(*state, "a=1.2.3.4"), "a");
    assert_string_equal(n->string, "1.2.3.4");
    n = vsw_json_member(parse_set(*state, "sweep.a.b=[1]"), "sweep");
    assert_string_equal(n->first->key, "a.b");
}

static void
a_scan_of_anything_ends(void **state)
{
    static const char *const texts[] = {
        "", "\"", "\"\\", "\"a\\\"", "tru", "?", "[", " ",
    };

    (void) state;
    for (size_t i = 0; i < VSW_N_ELEMS(texts); i++) {
        struct vsw_json_scan scan = {texts[i], strlen(texts[i]), 0};

        assert_true(!vsw_json_scan_scalar(&scan) || i == 4);
        assert_true(scan.at <= scan.n_bytes);
        assert_false(vsw_json_scan_take(&scan, 'x'));
    }
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(values_know_their_place),
        TEST(numbers_keep_their_value),
        TEST(objects_merge_and_lists_replace),
        TEST(an_option_is_json_or_else_a_string),
        TEST(a_scan_of_anything_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
