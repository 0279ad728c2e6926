#include "vsw_test.h"
#include "vsw_random.h"

#include <errno.h>
#include <string.h>

#include <vswsim/fib.h>
#include <vswsim/fivetuple.h>

static _Alignas(64) unsigned char memory[1 << 16];

static void
make(struct vsw_fib *fib, uint32_t max_macs, uint32_t max_prefixes)
{
    struct vsw_fib_params params = { max_macs, max_prefixes };
    struct vsw_arena arena;

    vsw_arena_init(&arena, memory, sizeof memory);
    assert_int_equal(vsw_fib_init(fib, &arena, &params), 0);
}

static struct vsw_mac
mac_of(uint32_t n)
{
    return (struct vsw_mac) {{ 2, 0, 0, 0, (uint8_t) (n >> 8),
                               (uint8_t) n }};
}

static struct vsw_flowkey
packet(uint32_t mac, uint32_t vlan, uint32_t ip)
{
    struct vsw_flowkey key;

    memset(&key, 0, sizeof key);
    key.eth_dst = mac_of(mac);
    key.vlan_tci[0] = vsw_be16_make((uint16_t) (0xe000 | vlan));
    key.eth_type = vsw_be16_make(VSW_ETH_TYPE_IPV4);
    key.ip_dst = vsw_ip_addr_from_v4(ip);
    return key;
}

static uint32_t
port_of(const struct vsw_fib *fib, uint32_t mac, uint32_t vlan, uint32_t ip)
{
    struct vsw_flowkey key = packet(mac, vlan, ip);

    return vsw_fib_lookup(fib, &key, NULL);
}

static void
the_mac_address_counts_before_the_prefix_and_per_vlan(void **state)
{
    struct vsw_mac mac = mac_of(1);
    struct vsw_fib fib;

    (void) state;
    make(&fib, 4, 4);
    assert_int_equal(vsw_fib_add_mac(&fib, &mac, 7, 3), 0);
    assert_int_equal(vsw_fib_add_prefix(&fib, 0x0a000000, 8, 4), 0);

    assert_int_equal(port_of(&fib, 1, 7, 0x0a000001), 3);
    assert_int_equal(port_of(&fib, 1, 8, 0x0a000001), 4);
    assert_int_equal(port_of(&fib, 1, 8, 0x0b000001), VSW_PORT_FLOOD);
}

static void
prefixes_are_for_ipv4_only(void **state)
{
    struct vsw_flowkey key = packet(1, 0, 0x0a000001);
    struct vsw_fib fib;

    (void) state;
    make(&fib, 0, 1);
    assert_int_equal(vsw_fib_add_prefix(&fib, 0, 0, 4), 0);
    assert_int_equal(vsw_fib_lookup(&fib, &key, NULL), 4);
    key.eth_type = vsw_be16_make(VSW_ETH_TYPE_ARP);
    assert_int_equal(vsw_fib_lookup(&fib, &key, NULL), VSW_PORT_FLOOD);
}

static void
a_full_table_says_so_and_still_changes_ports(void **state)
{
    struct vsw_mac macs[] = { mac_of(1), mac_of(2) };
    struct vsw_fib fib;

    (void) state;
    make(&fib, 1, 1);
    assert_int_equal(vsw_fib_add_mac(&fib, &macs[0], 0, 1), 0);
    assert_int_equal(vsw_fib_add_mac(&fib, &macs[1], 0, 1), -ENOSPC);
    assert_int_equal(vsw_fib_add_mac(&fib, &macs[0], 0, 2), 0);
    assert_int_equal(vsw_fib_add_prefix(&fib, 0, 0, 1), 0);
    assert_int_equal(vsw_fib_add_prefix(&fib, 0, 1, 1), -ENOSPC);

    assert_int_equal(port_of(&fib, 1, 0, 0), 2);
    assert_int_equal(port_of(&fib, 2, 0, 0), 1);
}

static void
values_out_of_range_are_refused(void **state)
{
    struct vsw_fib_params too_many = { 1 << 20, 1 };
    struct vsw_mac mac = mac_of(1);
    struct vsw_arena arena;
    struct vsw_fib fib;

    (void) state;
    make(&fib, 1, 1);
    assert_int_equal(vsw_fib_add_mac(&fib, &mac, 4096, 1), -EINVAL);
    assert_int_equal(vsw_fib_add_mac(&fib, &mac, 0, VSW_PORT_FLOOD), -EINVAL);
    assert_int_equal(vsw_fib_add_prefix(&fib, 0, 33, 1), -EINVAL);
    assert_int_equal(fib.macs.n_entries + fib.prefixes.n_entries, 0);

    vsw_arena_init(&arena, memory, sizeof memory);
    assert_int_equal(vsw_fib_init(&fib, &arena, &too_many), -ENOMEM);
    assert_int_equal(arena.used_bytes, 0);
}

/* The plain reference: all prefixes in a row, the longest match kept. */
struct model_prefix {
    uint32_t ip;
    uint32_t len;
    uint32_t port;
};

static uint32_t
model_lookup(const struct model_prefix *prefixes, uint32_t n, uint32_t ip)
{
    const struct model_prefix *best = NULL;

    for (uint32_t i = 0; i < n; i++) {
        const struct model_prefix *p = &prefixes[i];

        if (((ip ^ p->ip) & vsw_ipv4_mask(p->len)) == 0
            && (!best || p->len >= best->len)) {
            best = p;
        }
    }
    return best ? best->port : VSW_PORT_FLOOD;
}

/* Few address bits vary, so that prefixes nest and repeat; of equal ones the
 * last counts. */
static void
the_longest_prefix_wins(void **state)
{
    struct rnd r = rnd_from_environment(__func__, 3);
    struct model_prefix model[200];
    struct vsw_fib fib;

    (void) state;
    make(&fib, 0, 200);
    for (uint32_t n = 0; n < 200; n++) {
        model[n] = (struct model_prefix) {
            .ip = rnd_below(&r, 4) << 30 | rnd_below(&r, 64),
            .len = rnd_below(&r, 33),
            .port = n,
        };
        assert_int_equal(vsw_fib_add_prefix(&fib, model[n].ip, model[n].len,
                                            n), 0);
        for (uint32_t i = 1; i < fib.prefixes.n_entries; i++) {
            assert_true(fib.prefixes.entries[i - 1].key
                        < fib.prefixes.entries[i].key);
        }
        for (int i = 0; i < 50; i++) {
            uint32_t ip = rnd_below(&r, 4) << 30 | rnd_below(&r, 64);

            assert_int_equal(port_of(&fib, 1, 0, ip),
                             model_lookup(model, n + 1, ip));
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            the_mac_address_counts_before_the_prefix_and_per_vlan),
        cmocka_unit_test(prefixes_are_for_ipv4_only),
        cmocka_unit_test(a_full_table_says_so_and_still_changes_ports),
        cmocka_unit_test(values_out_of_range_are_refused),
        cmocka_unit_test(the_longest_prefix_wins),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
