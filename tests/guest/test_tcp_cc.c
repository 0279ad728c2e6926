#include <vswsim/tcp_cc.h>

#include "vsw_test.h"

#define MSS 1448u
#define MS  UINT64_C(1000000)
#define S   UINT64_C(1000000000)

static void
cube_roots_are_exact(void **state)
{
    (void) state;
    for (uint64_t x = 0; x < 2000; x++) {
        assert_int_equal(vsw_tcp_cbrt(x * x * x), x);
        if (x > 0) {
            assert_int_equal(vsw_tcp_cbrt(x * x * x - 1), x - 1);
        }
    }
    assert_int_equal(vsw_tcp_cbrt(UINT64_C(1) << 60), 1 << 20);
}

static void
newreno_grows_by_a_segment_per_window(void **state)
{
    struct vsw_tcp_cc cc;
    uint64_t before;

    (void) state;
    vsw_tcp_cc_init(&cc, VSW_TCP_NEWRENO, MSS, 20);
    vsw_tcp_cc_lost(&cc, 20 * MSS);
    assert_int_equal(cc.ssthresh_bytes, 10 * MSS);
    cc.cwnd_bytes = cc.ssthresh_bytes;
    before = cc.cwnd_bytes;
    for (uint32_t i = 0; i < 10; i++) {
        vsw_tcp_cc_acked(&cc, 0, MSS, MS);
    }
    assert_in_range(cc.cwnd_bytes, before + MSS * 9 / 10, before + MSS);
}

/* One ACK may end slow start and go on with avoidance. */
static void
slow_start_ends_at_the_threshold(void **state)
{
    struct vsw_tcp_cc cc;

    (void) state;
    vsw_tcp_cc_init(&cc, VSW_TCP_NEWRENO, MSS, 10);
    cc.ssthresh_bytes = 12 * MSS;
    vsw_tcp_cc_acked(&cc, 0, 10 * MSS, MS);
    assert_in_range(cc.cwnd_bytes, 12 * MSS, 13 * MSS);
}

/* RFC 8312: from 0.7 of the old window back to it in K = cbrt(0.3 W / C)
 * seconds, flat around there, and steeper afterwards. */
static void
cubic_is_back_after_k(void **state)
{
    struct vsw_tcp_cc cc;
    const uint64_t full = 1000 * MSS;
    uint64_t at_ns = 0, at_half = 0, at_k = 0;
    /* cbrt(300 / 0.4) = 9.086 s */
    const uint64_t k_ns = 9086 * MS;
    const uint64_t rtt_ns = 100 * MS;

    (void) state;
    vsw_tcp_cc_init(&cc, VSW_TCP_CUBIC, MSS, 1000);
    vsw_tcp_cc_lost(&cc, full);
    assert_int_equal(cc.ssthresh_bytes, full * 7 / 10);
    cc.cwnd_bytes = cc.ssthresh_bytes;
    while (at_ns < 2 * k_ns) {
        at_ns += rtt_ns;
        for (uint32_t i = 0; i < 20; i++) {
            vsw_tcp_cc_acked(&cc, at_ns, cc.cwnd_bytes / 20, rtt_ns);
        }
        at_half = at_ns <= k_ns / 2 ? cc.cwnd_bytes : at_half;
        at_k = at_ns <= k_ns ? cc.cwnd_bytes : at_k;
    }
    /* Halfway in time all but an eighth of the way is done. */
    assert_in_range(at_half, full - 300 * MSS / 8 - 15 * MSS,
                    full - 300 * MSS / 8 + 15 * MSS);
    assert_in_range(at_k, full - 5 * MSS, full + 5 * MSS);
    assert_true(cc.cwnd_bytes > full * 12 / 10);
}

/* Where round trips are short, CUBIC is as fast as NewReno. */
static void
cubic_is_friendly_at_short_round_trips(void **state)
{
    struct vsw_tcp_cc cubic, reno;
    const uint64_t rtt_ns = MS / 10;

    (void) state;
    vsw_tcp_cc_init(&cubic, VSW_TCP_CUBIC, MSS, 100);
    vsw_tcp_cc_init(&reno, VSW_TCP_NEWRENO, MSS, 100);
    vsw_tcp_cc_lost(&cubic, 100 * MSS);
    vsw_tcp_cc_lost(&reno, 100 * MSS);
    cubic.cwnd_bytes = cubic.ssthresh_bytes;
    reno.cwnd_bytes = reno.ssthresh_bytes;
    for (uint64_t t = rtt_ns; t < S / 10; t += rtt_ns) {
        vsw_tcp_cc_acked(&cubic, t, cubic.cwnd_bytes, rtt_ns);
        vsw_tcp_cc_acked(&reno, t, reno.cwnd_bytes, rtt_ns);
    }
    /* 9/17 of a segment per round trip against one, from 70 and from 50. */
    assert_true(cubic.cwnd_bytes - 70 * MSS
                >= (reno.cwnd_bytes - 50 * MSS) / 2);
}

static void
a_timeout_leaves_one_segment(void **state)
{
    struct vsw_tcp_cc cc;

    (void) state;
    vsw_tcp_cc_init(&cc, VSW_TCP_NEWRENO, MSS, 10);
    vsw_tcp_cc_timed_out(&cc, 8 * MSS, true);
    assert_int_equal(cc.cwnd_bytes, MSS);
    assert_int_equal(cc.ssthresh_bytes, 4 * MSS);
    vsw_tcp_cc_timed_out(&cc, MSS, false);
    assert_int_equal(cc.ssthresh_bytes, 4 * MSS);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cube_roots_are_exact),
        cmocka_unit_test(newreno_grows_by_a_segment_per_window),
        cmocka_unit_test(slow_start_ends_at_the_threshold),
        cmocka_unit_test(cubic_is_back_after_k),
        cmocka_unit_test(cubic_is_friendly_at_short_round_trips),
        cmocka_unit_test(a_timeout_leaves_one_segment),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
