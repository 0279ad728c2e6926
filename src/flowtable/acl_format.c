/* Writer of the ClassBench filter format, without the C library. */
#include <vswsim/acl.h>

struct writer {
    char *text;
    size_t n_bytes;
};

static void
put(struct writer *w, const char *s)
{
    while (*s) {
        w->text[w->n_bytes++] = *s++;
    }
}

static void
put_number(struct writer *w, uint32_t value)
{
    char digits[10];
    int n = 0;

    do {
        digits[n++] = (char) ('0' + value % 10);
        value /= 10;
    } while (value);
    while (n > 0) {
        w->text[w->n_bytes++] = digits[--n];
    }
}

static void
put_hex_byte(struct writer *w, uint8_t value)
{
    static const char digits[] = "0123456789ABCDEF";

    put(w, "0x");
    w->text[w->n_bytes++] = digits[value >> 4];
    w->text[w->n_bytes++] = digits[value & 15];
}

static void
put_prefix(struct writer *w, uint32_t ip, uint32_t mask)
{
    uint32_t len = 0;

    for (unsigned int shift = 24; ; shift -= 8) {
        put_number(w, ip >> shift & 255);
        if (shift == 0) {
            break;
        }
        put(w, ".");
    }
    while (len < 32 && mask << len) {
        len++;
    }
    put(w, "/");
    put_number(w, len);
    put(w, "\t");
}

static void
put_ports(struct writer *w, uint16_t min, uint16_t max)
{
    put_number(w, min);
    put(w, " : ");
    put_number(w, max);
    put(w, "\t");
}

size_t
vsw_acl_rule_format(const struct vsw_acl_rule *rule,
                    char text[VSW_ACL_RULE_TEXT_BYTES])
{
    struct writer w = { .text = text };

    put(&w, "@");
    put_prefix(&w, rule->src_ip, rule->src_mask);
    put_prefix(&w, rule->dst_ip, rule->dst_mask);
    put_ports(&w, rule->src_port_min, rule->src_port_max);
    put_ports(&w, rule->dst_port_min, rule->dst_port_max);
    put_hex_byte(&w, rule->proto);
    put(&w, "/");
    put_hex_byte(&w, rule->proto_mask);
    put(&w, "\t0x0000/0x0000\t");
    put(&w, rule->verdict == VSW_ACL_DENY ? "deny" : "permit");
    text[w.n_bytes] = '\0';
    return w.n_bytes;
}
