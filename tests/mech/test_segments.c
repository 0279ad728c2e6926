/* Long packets: cut into frames and joined again. */
#include "vsw_test.h"

#include <string.h>

#include "mech/net.h"

#define HEADER_BYTES 66
#define MSS          1448
#define MAX_BYTES    (45 * MSS)

static struct net net;
static struct vsw_unit cpu;

static void
set_up(void)
{
    const struct vsw_sim_options options = {
        .quantum_ps = US,
        .duration_ps = 1000 * US,
        .check = true,
    };

    net_init(&net, 2, &options);
    assert_int_equal(vsw_unit_init(&cpu, &net.rig.sim, "switch", "cpu"), 0);
}

static void
tear_down(void)
{
    vsw_unit_fini(&cpu);
    net_fini(&net);
}

/* A segment of flow 0 with 'payload_bytes' from byte 'seq' on, in a buffer. */
static uint32_t
segment(uint32_t seq, uint32_t payload_bytes)
{
    uint32_t id = net_packet(&net, &cpu,
                             HEADER_BYTES + payload_bytes + VSW_FCS_BYTES);

    net.pkts.pkts[id].l4 = (struct vsw_l4) {
        .proto = VSW_L4_TCP,
        .flags = VSW_TCP_ACK,
        .seq = seq,
        .payload_bytes = payload_bytes,
        .seg_bytes = MSS,
    };
    net.pkts.pkts[id].buf = vsw_bufs_take(&net.bufs);
    net.bufs.next[net.pkts.pkts[id].buf] = VSW_NONE;
    return id;
}

static bool
may_join(uint32_t a, uint32_t b)
{
    return vsw_pkt_may_join(&net.pkts.pkts[a], &net.pkts.pkts[b], MAX_BYTES);
}

static void
what_was_cut_joins_to_what_it_was(void **state)
{
    uint32_t rest, first, last, n = 1;
    struct vsw_pkt before;
    struct vsw_error err;

    (void) state;
    set_up();
    rest = segment(1000, 10 * MSS + 100);
    net.pkts.pkts[rest].l4.flags |= VSW_TCP_PSH;
    before = net.pkts.pkts[rest];
    first = vsw_pkt_cut(&net.pkts, rest);
    net.pkts.pkts[first].buf = vsw_bufs_take(&net.bufs);
    net.bufs.next[net.pkts.pkts[first].buf] = VSW_NONE;
    last = net.pkts.pkts[first].buf;
    for (bool more = true; more; n++) {
        uint32_t next = rest;

        more = vsw_pkt_is_long(&net.pkts.pkts[rest]);
        if (more) {
            next = vsw_pkt_cut(&net.pkts, rest);
            net.pkts.pkts[next].buf = vsw_bufs_take(&net.bufs);
            net.bufs.next[net.pkts.pkts[next].buf] = VSW_NONE;
        }
        assert_true(may_join(first, next));
        rest = next == rest ? VSW_NONE : rest;
        vsw_pkt_join(&net.pkts, net.bufs.next, last, first, next);
        last = net.bufs.next[last];
    }
    assert_int_equal(n, 11);
    assert_int_equal(net.pkts.pkts[first].frame_bytes, before.frame_bytes);
    assert_int_equal(net.pkts.pkts[first].l4.seq, before.l4.seq);
    assert_int_equal(net.pkts.pkts[first].l4.payload_bytes,
                     before.l4.payload_bytes);
    assert_int_equal(net.pkts.pkts[first].l4.flags, before.l4.flags);
    assert_int_equal(net.outcome->cloned.n_pkts, 10);
    assert_int_equal(net.outcome->absorbed.n_pkts, 10);
    assert_int_equal(net.outcome->cloned.n_bytes,
                     net.outcome->absorbed.n_bytes);
    assert_int_equal(vsw_pkts_check(&net.pkts, &err), 0);
    tear_down();
}

static void
only_what_continues_a_segment_joins_it(void **state)
{
    uint32_t a, b;

    (void) state;
    set_up();
    a = segment(1000, 2 * MSS);
    b = segment(1000 + 2 * MSS, MSS);
    assert_true(may_join(a, b));
    net.pkts.pkts[b].l4.seq++;                  /* A hole. */
    assert_false(may_join(a, b));
    net.pkts.pkts[b].l4.seq--;
    net.pkts.pkts[b].flow_id = 1;
    assert_false(may_join(a, b));
    net.pkts.pkts[b].flow_id = 0;
    net.pkts.pkts[b].l4.payload_bytes = 0;      /* An acknowledgement. */
    assert_false(may_join(a, b));
    net.pkts.pkts[b].l4.payload_bytes = 10;     /* The last one. */
    assert_true(may_join(a, b));
    net.pkts.pkts[a].l4.payload_bytes--;        /* A short one inside. */
    net.pkts.pkts[b].l4.seq--;
    assert_false(may_join(a, b));
    a = segment(1000, MAX_BYTES);
    b = segment(1000 + MAX_BYTES, MSS);
    assert_false(may_join(a, b));               /* Too long. */
    tear_down();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_cut_joins_to_what_it_was),
        cmocka_unit_test(only_what_continues_a_segment_joins_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
