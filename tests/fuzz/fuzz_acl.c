/* Whatever a rule file holds: it is read, or refused with a place in it and
 * the list as before; and what was read can be written and read again. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <vswsim/acl.h>

#define MAX_RULES 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes);

static void
require(bool claim)
{
    if (!claim) {
        abort();
    }
}

static bool
same(const struct vsw_acl_rule *a, const struct vsw_acl_rule *b)
{
    return a->src_ip == b->src_ip && a->src_mask == b->src_mask
           && a->dst_ip == b->dst_ip && a->dst_mask == b->dst_mask
           && a->src_port_min == b->src_port_min
           && a->src_port_max == b->src_port_max
           && a->dst_port_min == b->dst_port_min
           && a->dst_port_max == b->dst_port_max && a->proto == b->proto
           && a->proto_mask == b->proto_mask && a->verdict == b->verdict;
}

static void
read_back(struct vsw_acl *acl, uint32_t i)
{
    char text[VSW_ACL_RULE_TEXT_BYTES];
    size_t n_bytes = vsw_acl_rule_format(vsw_acl_rule_at(acl, i), text);
    struct vsw_parse_error err;
    uint32_t last = acl->n_rules;

    require(!vsw_acl_parse(acl, text, n_bytes, VSW_ACL_DENY, &err));
    require(acl->n_rules == last + 1);
    require(same(vsw_acl_rule_at(acl, i), vsw_acl_rule_at(acl, last)));
    vsw_acl_truncate(acl, last);
}

/* Lines and columns count from 1, and the place is in the text or just
 * behind a line of it. */
static void
check_place(const char *text, size_t n_bytes,
            const struct vsw_parse_error *err)
{
    size_t at = 0;

    for (uint32_t line = 1; line < err->line; line++) {
        const char *end = memchr(text + at, '\n', n_bytes - at);

        require(end != NULL);
        at = (size_t) (end - text) + 1;
    }
    require(err->column >= 1 && at + err->column - 1 <= n_bytes);
    require(!memchr(text + at, '\n', err->column - 1));
    require(err->what != NULL && *err->what);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes)
{
    static _Alignas(64) unsigned char memory[4096];
    struct vsw_acl_params params = { .max_rules = MAX_RULES + 1 };
    struct vsw_parse_error err = { .what = NULL };
    struct vsw_arena arena;
    struct vsw_acl acl;
    int error;

    vsw_arena_init(&arena, memory, sizeof memory);
    require(!vsw_acl_init(&acl, &arena, &params));
    error = vsw_acl_parse(&acl, (const char *) data, n_bytes,
                          VSW_ACL_PERMIT, &err);
    if (error) {
        require(acl.n_rules == 0);
        check_place((const char *) data, n_bytes, &err);
    }
    for (uint32_t i = 0; i < acl.n_rules && i < MAX_RULES; i++) {
        if (acl.n_rules < params.max_rules) {
            read_back(&acl, i);
        }
    }
    return 0;
}
