#include "vsw_test.h"

#include <errno.h>
#include <string.h>

#include <vswsim/ext_switch.h>

#include "mech/net.h"

#define LATENCY_PS (2 * US)
#define DELAY_PS   (50 * NS)

static const struct vsw_wire_setup ten_gbps = {TEN_GBPS, DELAY_PS};

static struct net net;
static struct vsw_link links[3];
static struct vsw_client clients[3];
static struct vsw_ext_switch sw;
static struct vsw_arena arena;
static _Alignas(64) unsigned char memory[1 << 16];
static struct vsw_error err;
static uint32_t n_links;

/* 'n' clients, each at a link of the switch; port i leads to client
 * 'port_of'[i]'s link. */
static void
set_up(uint32_t n, const uint32_t *port_of, bool returns)
{
    const struct vsw_sim_options options = {
        .quantum_ps = 500 * NS,
        .duration_ps = 1000 * US,
        .check = true,
    };
    const struct vsw_ext_switch_setup setup = {LATENCY_PS, returns};
    struct vsw_link_end *ends[3];
    struct vsw_mactable *macs;

    n_links = n;
    net_init(&net, 3, &options);
    memset(memory, 0, sizeof memory);
    vsw_arena_init(&arena, memory, sizeof memory);
    macs = vsw_mactable_new(&arena, 16, 0);
    assert_non_null(macs);
    for (uint32_t i = 0; i < 3; i++) {
        struct vsw_mac mac;

        memcpy(&mac, net.ports[i].mac, sizeof mac);
        if (port_of[i] != VSW_NONE) {
            assert_int_equal(vsw_mactable_add_static(macs, &mac, port_of[i],
                                                     0, NULL), 0);
        }
    }
    for (uint32_t i = 0; i < n; i++) {
        memset(&clients[i], 0, sizeof clients[i]);
        clients[i].traffic.rec = VSW_NONE;
        assert_int_equal(vsw_link_init(&links[i], &net.frames, "link", 64,
                                       &ten_gbps, &err), 0);
        ends[i] = &links[i].ends[1];
    }
    assert_int_equal(vsw_ext_switch_init(&sw, &net.frames, "switch", ends, n,
                                         macs, &setup, &err), 0);
}

static void
run(void)
{
    for (uint32_t i = 0; i < n_links; i++) {
        net_client(&net, &clients[i], "client", &links[i].ends[0], i);
    }
    net_run(&net);
}

static void
tear_down(void)
{
    vsw_ext_switch_fini(&sw);
    for (uint32_t i = 0; i < n_links; i++) {
        vsw_client_fini(&clients[i]);
        vsw_link_fini(&links[i]);
    }
    net_fini(&net);
}

static const uint32_t each_its_own[] = {0, 1, 2};

static void
a_frame_is_stored_and_forwarded_after_the_latency(void **state)
{
    const uint64_t expected_ps = 2 * (1230400 + DELAY_PS) + LATENCY_PS;

    (void) state;
    set_up(3, each_its_own, false);
    net_traffic(&net, &clients[0], 0, 1518, 10 * US);
    run();
    assert_int_equal(net.outcome->port_delivered[1].n_pkts, 100);
    assert_int_equal(net.outcome->latency_ps->min, expected_ps);
    assert_int_equal(net.outcome->latency_ps->max, expected_ps);
    assert_int_equal(sw.n_forwarded, 100);
    tear_down();
}

static void
every_port_carries_line_rate_at_once(void **state)
{
    (void) state;
    set_up(3, each_its_own, false);
    for (uint32_t i = 0; i < 3; i++) {
        net_traffic(&net, &clients[i], i, 64, 0);
    }
    run();
    for (uint32_t i = 0; i < 3; i++) {
        /* The first one arrives 2.2 us after the start. */
        assert_in_range(net.outcome->port_delivered[i].n_pkts,
                        14880 - 34, 14880 - 32);
    }
    assert_int_equal(net.outcome->window_dropped.n_pkts, 0);
    tear_down();
}

/* Clients 0 and 2 both send to port 1: half of it is lost. */
static void
what_an_output_cannot_carry_is_lost_there(void **state)
{
    static const uint32_t to_one[] = {0, 1, 1};

    (void) state;
    set_up(3, to_one, false);
    net_traffic(&net, &clients[0], 0, 64, 0);       /* To 1. */
    net_traffic(&net, &clients[1], 1, 64, 0);       /* To 2: not returned. */
    net_traffic(&net, &clients[2], 2, 64, 0);       /* To 0. */
    run();
    assert_in_range(net.outcome->port_delivered[1].n_pkts, 14846, 14848);
    assert_true(net.outcome->dropped[VSW_DROP_NO_ROUTE].n_pkts > 14800);
    assert_int_equal(net.outcome->dropped[VSW_DROP_FIFO_FULL].n_pkts, 0);
    tear_down();
    set_up(3, to_one, true);
    net_traffic(&net, &clients[0], 0, 64, 0);       /* To 1. */
    net_traffic(&net, &clients[1], 1, 64, 0);       /* Back to 1. */
    run();
    assert_in_range(net.outcome->port_delivered[1].n_pkts, 14846, 14848);
    assert_in_range(net.outcome->dropped[VSW_DROP_FIFO_FULL].n_pkts, 14700,
                    14850);
    tear_down();
}

/* Guests 0 to 2 of one machine share a link: with a VEPA they reach each
 * other, without they do not. */
static void
only_a_reflective_relay_returns_frames(void **state)
{
    static const uint32_t all_here[] = {0, 0, 0};

    (void) state;
    for (int returns = 0; returns <= 1; returns++) {
        set_up(1, all_here, returns);
        net_traffic(&net, &clients[0], 0, 64, US);
        run();
        assert_int_equal(sw.n_returned, returns ? sw.n_forwarded : 0);
        assert_in_range(net.outcome->delivered.n_pkts, returns * 996,
                        returns * 998);
        assert_in_range(net.outcome->dropped[VSW_DROP_NO_ROUTE].n_pkts,
                        !returns * 999, !returns * 1000);
        tear_down();
    }
}

static void
a_frame_to_nowhere_is_lost(void **state)
{
    static const uint32_t no_port_1[] = {0, VSW_NONE, 2};

    (void) state;
    set_up(3, no_port_1, false);
    net_traffic(&net, &clients[0], 0, 64, 10 * US);
    run();
    assert_int_equal(net.outcome->dropped[VSW_DROP_NO_ROUTE].n_pkts, 100);
    tear_down();
}

static void
too_many_ports_are_refused(void **state)
{
    struct vsw_ext_switch other;
    const struct vsw_ext_switch_setup setup = {0, false};

    (void) state;
    set_up(1, each_its_own, false);
    assert_int_equal(vsw_ext_switch_init(&other, &net.frames, "x", NULL, 65,
                                         NULL, &setup, &err), -EINVAL);
    assert_non_null(strstr(err.text, "1 to 64 ports, not 65"));
    run();
    tear_down();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_frame_is_stored_and_forwarded_after_the_latency),
        cmocka_unit_test(every_port_carries_line_rate_at_once),
        cmocka_unit_test(what_an_output_cannot_carry_is_lost_there),
        cmocka_unit_test(only_a_reflective_relay_returns_frames),
        cmocka_unit_test(a_frame_to_nowhere_is_lost),
        cmocka_unit_test(too_many_ports_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
