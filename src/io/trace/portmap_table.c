/* Ports as listed: the first entry that an address matches has its port. */
#include "io/trace/portmap.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct rule {
    struct vsw_addr addr;
    uint32_t n_bits;            /* That must be equal. */
    uint32_t port;
};

static int
hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c ? strchr(digits, c | ('A' ^ 'a')) : NULL;

    /* Setting the bit of lower case leaves digits as they are. */
    return at ? (int) (at - digits) : -1;
}

/* Six pairs of digits between colons, as in "02:00:00:00:00:01". */
static bool
parse_mac(const char *text, struct rule *rule)
{
    if (strlen(text) != 17) {
        return false;
    }
    for (int i = 0; i < 6; i++) {
        int high = hex_digit(text[3 * i]);
        int low = hex_digit(text[3 * i + 1]);

        if (high < 0 || low < 0 || (i < 5 && text[3 * i + 2] != ':')) {
            return false;
        }
        rule->addr.bytes[i] = (uint8_t) (high << 4 | low);
    }
    rule->addr.n_bytes = 6;
    rule->n_bits = 48;
    return true;
}

/* A number of at most three digits, up to 'max'. */
static bool
parse_length(const char *text, uint32_t max, uint32_t *n_bits)
{
    size_t n = strlen(text);

    if (n == 0 || n > 3 || strspn(text, "0123456789") != n) {
        return false;
    }
    *n_bits = (uint32_t) strtoul(text, NULL, 10);
    return *n_bits <= max;
}

static bool
parse_ip(const char *text, struct rule *rule)
{
    char copy[64];
    char *slash;

    if (strlen(text) >= sizeof copy) {
        return false;
    }
    strcpy(copy, text);
    slash = strchr(copy, '/');
    if (slash) {
        *slash = '\0';
    }
    if (inet_pton(AF_INET, copy, rule->addr.bytes) == 1) {
        rule->addr.n_bytes = 4;
    } else if (inet_pton(AF_INET6, copy, rule->addr.bytes) == 1) {
        rule->addr.n_bytes = 16;
    } else {
        return false;
    }
    rule->n_bits = 8u * rule->addr.n_bytes;
    return !slash || parse_length(slash + 1, rule->n_bits, &rule->n_bits);
}

static int
parse(const struct vsw_portmap *map, uint32_t i, struct rule *rule,
      struct vsw_error *err)
{
    const struct vsw_config_map_entry *entry = &map->traffic->map[i];

    memset(rule, 0, sizeof *rule);
    rule->port = entry->port;
    if (!parse_mac(entry->match, rule) && !parse_ip(entry->match, rule)) {
        return vsw_error_set(err, VSW_ERROR_DATA, -EINVAL,
                             "traffic.map.table[%" PRIu32 "]: \"%s\" is no "
                             "address; write a MAC address like "
                             "\"02:00:00:00:00:01\" or an IP prefix like "
                             "\"10.0.0.0/24\" or \"fd00::/64\"",
                             i, entry->match);
    }
    if (entry->port >= map->n_ports) {
        return vsw_error_set(err, VSW_ERROR_DATA, -EINVAL,
                             "traffic.map.table[%" PRIu32 "]: there is no "
                             "port %" PRIu32 "; the ports of %" PRIu32
                             " guests are 0 to %" PRIu32,
                             i, entry->port, map->n_ports, map->n_ports - 1);
    }
    return 0;
}

static bool
matches(const struct rule *rule, const struct vsw_addr *addr)
{
    uint32_t n_whole = rule->n_bits / 8;
    uint32_t n_rest = rule->n_bits % 8;
    uint8_t diff;

    if (addr->n_bytes != rule->addr.n_bytes
        || memcmp(addr->bytes, rule->addr.bytes, n_whole)) {
        return false;
    }
    if (n_rest == 0) {
        return true;
    }
    diff = addr->bytes[n_whole] ^ rule->addr.bytes[n_whole];
    return diff >> (8 - n_rest) == 0;
}

static uint32_t
find_port(const struct rule *rules, uint32_t n, const struct vsw_flowkey *key,
          bool source)
{
    struct vsw_addr mac = vsw_addr_mac(key, source);
    struct vsw_addr ip = vsw_addr_ip(key, source);

    for (uint32_t i = 0; i < n; i++) {
        if (matches(&rules[i], &mac) || matches(&rules[i], &ip)) {
            return rules[i].port;
        }
    }
    return VSW_NONE;
}

int
vsw_portmap_by_table(const struct vsw_portmap *map, struct vsw_error *err)
{
    uint32_t n = map->traffic->n_map;
    struct rule *rules = calloc(n ? n : 1, sizeof *rules);
    int code = 0;

    if (!rules) {
        return vsw_error_set(err, VSW_ERROR_INTERNAL, -ENOMEM,
                             "out of memory");
    }
    for (uint32_t i = 0; !code && i < n; i++) {
        code = parse(map, i, &rules[i], err);
    }
    for (uint32_t i = 0; !code && i < map->set->n; i++) {
        const struct vsw_flowkey *key = &map->set->keys[i];

        map->set->flows[i].in_port = find_port(rules, n, key, true);
        map->set->flows[i].out_port = find_port(rules, n, key, false);
    }
    free(rules);
    return code;
}
