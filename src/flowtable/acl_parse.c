/* Reader of the ClassBench filter format; the header states the grammar. */
#include <vswsim/acl.h>

#include <errno.h>

struct scanner {
    const char *text;
    size_t n_bytes;
    size_t at;
    size_t line_start;
    uint32_t line;
    size_t error_at;
    const char *what;           /* Set once something is wrong. */
};

static bool
fail_at(struct scanner *s, size_t at, const char *what)
{
    s->error_at = at;
    s->what = what;
    return false;
}

/* The next byte, or '\n' at the end: the last line needs none of its own. */
static char
peek(const struct scanner *s)
{
    return s->at < s->n_bytes ? s->text[s->at] : '\n';
}

static bool
at_end_of_line(const struct scanner *s)
{
    return peek(s) == '\n';
}

/* A carriage return before the newline is blank too. */
static void
skip_blanks(struct scanner *s)
{
    while (peek(s) == ' ' || peek(s) == '\t' || peek(s) == '\r') {
        s->at++;
    }
}

static bool
expect(struct scanner *s, char c, const char *what)
{
    if (peek(s) != c) {
        return fail_at(s, s->at, what);
    }
    s->at++;
    return true;
}

static unsigned int
digit_value(char c)
{
    if (c >= '0' && c <= '9') {
        return (unsigned int) (c - '0');
    }
    if (c >= 'a' && c <= 'f') {
        return (unsigned int) (c - 'a') + 10;
    }
    if (c >= 'A' && c <= 'F') {
        return (unsigned int) (c - 'A') + 10;
    }
    return UINT32_MAX;
}

static bool
number(struct scanner *s, unsigned int base, uint32_t max, uint32_t *value,
       const char *what)
{
    size_t start = s->at;
    unsigned int digit;

    *value = 0;
    while ((digit = digit_value(peek(s))) < base) {
        *value = *value * base + digit;
        if (*value > max) {
            return fail_at(s, start, what);
        }
        s->at++;
    }
    return s->at > start || fail_at(s, start, what);
}

static bool
address(struct scanner *s, uint32_t *ip)
{
    uint32_t byte;

    *ip = 0;
    for (int i = 0; i < 4; i++) {
        if (i > 0
            && !expect(s, '.', "an IPv4 address needs four numbers with "
                               "dots between them")) {
            return false;
        }
        if (!number(s, 10, UINT8_MAX, &byte,
                    "expected a number from 0 to 255 of an IPv4 address")) {
            return false;
        }
        *ip = *ip << 8 | byte;
    }
    return true;
}

static bool
prefix(struct scanner *s, uint32_t *ip, uint32_t *mask)
{
    uint32_t len;

    if (!address(s, ip)
        || !expect(s, '/', "expected '/' and a prefix length after the "
                           "address")
        || !number(s, 10, 32, &len,
                   "expected a prefix length from 0 to 32")) {
        return false;
    }
    *mask = vsw_ipv4_mask(len);
    *ip &= *mask;
    return true;
}

static bool
port_range(struct scanner *s, uint16_t *min, uint16_t *max)
{
    static const char port[] = "expected a port number from 0 to 65535";
    size_t start = s->at;
    uint32_t low, high;

    if (!number(s, 10, UINT16_MAX, &low, port)) {
        return false;
    }
    skip_blanks(s);
    if (!expect(s, ':', "expected ':' between the ports of a range")) {
        return false;
    }
    skip_blanks(s);
    if (!number(s, 10, UINT16_MAX, &high, port)) {
        return false;
    }
    if (low > high) {
        return fail_at(s, start, "the port range is empty: write the lower "
                                 "port first");
    }
    *min = (uint16_t) low;
    *max = (uint16_t) high;
    return true;
}

static bool
hex(struct scanner *s, uint32_t max, uint32_t *value, const char *what)
{
    if (!expect(s, '0', what)) {
        return false;
    }
    if (peek(s) != 'x' && peek(s) != 'X') {
        return fail_at(s, s->at - 1, what);
    }
    s->at++;
    return number(s, 16, max, value, what);
}

static bool
value_and_mask(struct scanner *s, uint32_t max, uint32_t *value,
               uint32_t *mask, const char *what)
{
    return hex(s, max, value, what)
           && expect(s, '/', "expected '/' and a mask after the value")
           && hex(s, max, mask, what);
}

static bool
protocol(struct scanner *s, struct vsw_acl_rule *rule)
{
    uint32_t value, mask;

    if (!value_and_mask(s, UINT8_MAX, &value, &mask,
                        "expected a protocol as 0x06/0xFF (0x00/0x00 for "
                        "any)")) {
        return false;
    }
    rule->proto = (uint8_t) (value & mask);
    rule->proto_mask = (uint8_t) mask;
    return true;
}

/* Whether blanks separate what was read from what follows. */
static bool
separator(struct scanner *s, const char *next)
{
    size_t start = s->at;

    skip_blanks(s);
    if (at_end_of_line(s)) {
        return fail_at(s, s->at, next);
    }
    return s->at > start
           || fail_at(s, s->at, "expected a blank after this field");
}

static bool
five_fields(struct scanner *s, struct vsw_acl_rule *rule)
{
    return expect(s, '@', "a rule starts with '@', a comment with '#'")
           && prefix(s, &rule->src_ip, &rule->src_mask)
           && separator(s, "the destination prefix is missing")
           && prefix(s, &rule->dst_ip, &rule->dst_mask)
           && separator(s, "the source port range is missing")
           && port_range(s, &rule->src_port_min, &rule->src_port_max)
           && separator(s, "the destination port range is missing")
           && port_range(s, &rule->dst_port_min, &rule->dst_port_max)
           && separator(s, "the protocol is missing")
           && protocol(s, rule);
}

static bool
accept_word(struct scanner *s, const char *word)
{
    size_t at = s->at;

    for (; *word; word++, at++) {
        if (at >= s->n_bytes || s->text[at] != *word) {
            return false;
        }
    }
    s->at = at;
    return true;
}

/* "class 3": a class is a verdict by number. */
static bool
service_class(struct scanner *s, uint8_t *verdict)
{
    static const char what[] = "expected a class from 0 to 7";
    uint32_t value;

    if (peek(s) != ' ' && peek(s) != '\t') {
        return fail_at(s, s->at, what);
    }
    skip_blanks(s);
    if (!number(s, 10, VSW_ACL_MAX_CLASS, &value, what)) {
        return false;
    }
    *verdict = (uint8_t) value;
    return true;
}

/* The flags and the verdict, both optional, in this order. */
static bool
rest_of_line(struct scanner *s, struct vsw_acl_rule *rule)
{
    static const char what[] = "expected flags as 0x0000/0x0000, \"permit\", "
                               "\"deny\", \"class N\" or the end of the "
                               "line";
    size_t start = s->at;
    uint32_t value, mask;

    skip_blanks(s);
    if (!at_end_of_line(s) && s->at == start) {
        return fail_at(s, s->at, "expected a blank after this field");
    }
    if (peek(s) == '0') {
        if (!value_and_mask(s, UINT16_MAX, &value, &mask, what)) {
            return false;
        }
        start = s->at;
        skip_blanks(s);
        if (!at_end_of_line(s) && s->at == start) {
            return fail_at(s, s->at, "expected a blank after this field");
        }
    }
    if (accept_word(s, "permit")) {
        rule->verdict = VSW_ACL_PERMIT;
    } else if (accept_word(s, "deny")) {
        rule->verdict = VSW_ACL_DENY;
    } else if (accept_word(s, "class")
               && !service_class(s, &rule->verdict)) {
        return false;
    }
    skip_blanks(s);
    return at_end_of_line(s) || fail_at(s, s->at, what);
}

/* Reads the line at the scanner, blank or comment included, up to its end. */
static int
parse_line(struct scanner *s, struct vsw_acl *acl, uint8_t verdict)
{
    struct vsw_acl_rule rule;

    skip_blanks(s);
    if (at_end_of_line(s)) {
        return 0;
    }
    if (peek(s) == '#') {
        while (!at_end_of_line(s)) {
            s->at++;
        }
        return 0;
    }
    vsw_acl_rule_any(&rule, verdict);
    if (!five_fields(s, &rule) || !rest_of_line(s, &rule)) {
        return -EINVAL;
    }
    if (vsw_acl_add(acl, &rule)) {
        fail_at(s, s->line_start, "the list is full: make it with room for "
                                  "more rules");
        return -ENOSPC;
    }
    return 0;
}

int
vsw_acl_parse(struct vsw_acl *acl, const char *text, size_t n_bytes,
              uint8_t verdict, struct vsw_parse_error *err)
{
    struct scanner s = { .text = text, .n_bytes = n_bytes, .line = 1 };
    uint32_t n_rules = acl->n_rules;

    for (; s.at < n_bytes; s.at++, s.line++) {
        int error;

        s.line_start = s.at;
        error = parse_line(&s, acl, verdict);
        if (error) {
            vsw_acl_truncate(acl, n_rules);
            err->line = s.line;
            err->column = (uint32_t) (s.error_at - s.line_start) + 1;
            err->what = s.what;
            return error;
        }
    }
    return 0;
}
