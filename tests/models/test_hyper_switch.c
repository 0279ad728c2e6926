/* Hyper-Switch: the exceptions of both timers, offload, polling before a vCPU
 * blocks, locks, bounds. */
#include "vsw_test.h"

#include <string.h>

#include "hyper_rig.h"
#include "vsw_random.h"

static struct hyper_rig hr;

/* The sender and the receiver on one node, in two modules. */
static const uint32_t pair[] = {0, 2};

static void
without_offload(struct hyper_params *p)
{
    p->offload = VSW_OFFLOAD_NONE;
}

static void
set_up(uint64_t duration_ps, void (*set)(struct hyper_params *p))
{
    hr_init(&hr, 2, pair, duration_ps, set);
}

static void
at(uint32_t guest, uint64_t at_ps, uint32_t n_pkts, uint32_t frame_bytes,
   uint64_t compute_ps)
{
    hr_act(&hr, guest, (struct hr_act) {
        .at_ps = at_ps, .n_pkts = n_pkts, .flow_id = guest,
        .frame_bytes = frame_bytes, .compute_ps = compute_ps,
    });
}

/* The last arrival at the receiver, guest 1. */
static uint64_t
last_wait_ps(void)
{
    const struct hr_guest *g = &hr.guests[1];

    assert_true(g->n_arrived > 0);
    return g->waited_ps[g->n_arrived - 1];
}

/* --- Receive ------------------------------------------------------------- */

static void
a_blocked_receiver_is_notified_at_once(void **state)
{
    (void) state;
    set_up(1000 * US, without_offload);
    at(0, 500 * US, 1, 64, 0);
    hr_run(&hr);
    assert_int_equal(hr.guests[1].n_arrived, 2);
    assert_true(last_wait_ps() < 5 * US);
    assert_int_equal(hr.hyper->n.notes_blocked, 3);
    hr_fini(&hr);
}

static void
a_running_receiver_is_notified_at_once_after_a_quiet_time(void **state)
{
    (void) state;
    set_up(1000 * US, without_offload);
    at(1, 300 * US, 0, 64, 600 * US);
    at(0, 500 * US, 1, 64, 0);
    hr_run(&hr);
    assert_int_equal(hr.hyper->n.notes_quiet, 1);
    assert_true(last_wait_ps() < 5 * US);
    hr_fini(&hr);
}

static void
the_next_packet_waits_for_the_receive_timer(void **state)
{
    (void) state;
    set_up(1000 * US, without_offload);
    hr.hyper->tx_rule.hold_ns = 0;
    at(1, 300 * US, 0, 64, 600 * US);
    at(0, 500 * US, 1, 64, 0);
    at(0, 550 * US, 1, 64, 0);
    hr_run(&hr);
    assert_int_equal(hr.hyper->n.notes_quiet, 1);
    assert_int_equal(hr.hyper->n.notes_timer, 1);
    /* The timer was started with the first. */
    assert_in_range(last_wait_ps(), 75 * US, 80 * US);
    hr_fini(&hr);
}

static void
short_queue(struct hyper_params *p)
{
    p->offload = VSW_OFFLOAD_NONE;
    p->rx_threshold_pkts = 4;
    p->tx_hold_ns = 0;
}

static void
a_long_queue_is_notified_at_once(void **state)
{
    (void) state;
    set_up(1000 * US, short_queue);
    at(1, 300 * US, 0, 64, 600 * US);
    at(0, 500 * US, 1, 64, 0);
    at(0, 520 * US, 4, 64, 0);
    hr_run(&hr);
    assert_int_equal(hr.hyper->n.notes_quiet, 1);
    assert_int_equal(hr.hyper->n.notes_long_queue, 1);
    assert_int_equal(hr.hyper->n.notes_timer, 0);
    assert_true(last_wait_ps() < 5 * US);
    hr_fini(&hr);
}

static void
no_rx_batching(struct hyper_params *p)
{
    p->offload = VSW_OFFLOAD_NONE;
    p->tx_hold_ns = 0;
    p->rx_hold_ns = 0;
}

static void
without_batching_every_packet_is_switched_and_notified(void **state)
{
    (void) state;
    set_up(1000 * US, no_rx_batching);
    at(1, 300 * US, 0, 64, 600 * US);
    for (uint64_t i = 0; i < 10; i++) {
        at(0, (500 + 20 * i) * US, 1, 64, 0);
    }
    hr_run(&hr);
    assert_int_equal(hr.hyper->n.notifications, 12);
    assert_int_equal(hr.hyper->n.tx_entries, 12);
    for (uint32_t i = 1; i < 11; i++) {
        assert_true(hr.guests[1].waited_ps[i] < 5 * US);
    }
    hr_fini(&hr);
}

static void
a_notification_copies_before_the_guest_takes_it(void **state)
{
    (void) state;
    set_up(1000 * US, without_offload);
    at(0, 500 * US, 1, 64, 0);
    hr_run(&hr);
    /* One upcall per packet was enough, and the guest found it. */
    assert_int_equal(hr.guests[1].n_upcalls, 2);
    assert_int_equal(hr.guests[1].n_arrived, 2);
    hr_fini(&hr);
}

static void
bounded(struct hyper_params *p)
{
    p->max_copies = 2;
    p->tx_hold_ns = 0;
    p->poll_before_block = false;
    p->offload = VSW_OFFLOAD_NONE;
}

/* Eight packets come before the receiver has woken up.  Its CPU copies two;
 * nobody else is there for the rest, so that the timer sees to it. */
static void
a_woken_receiver_copies_k_packets_at_first(void **state)
{
    (void) state;
    set_up(1000 * US, bounded);
    rig_set_cost(&hr.rig, VSW_COST_IPI_LATENCY, 20 * US);
    at(0, 500 * US, 8, 64, 0);
    hr_run(&hr);
    assert_int_equal(hr.guests[1].n_arrived, 9);
    assert_true(hr.guests[1].waited_ps[2] < 30 * US);
    assert_true(hr.guests[1].waited_ps[3] > 100 * US);
    hr_fini(&hr);
}

/* --- Transmit ------------------------------------------------------------ */

static void
a_second_packet_waits_for_the_transmit_timer_and_no_longer(void **state)
{
    (void) state;
    set_up(1000 * US, without_offload);
    hr.hyper->rx_rule.hold_ns = 0;
    at(1, 300 * US, 0, 64, 600 * US);
    at(0, 500 * US, 1, 64, 0);
    at(0, 510 * US, 1, 64, 300 * US);
    hr_run(&hr);
    assert_int_equal(hr.hyper->n.tx_timer_switches, 1);
    assert_in_range(last_wait_ps(), 115 * US, 120 * US);
    hr_fini(&hr);
}

static void
low_tx_threshold(struct hyper_params *p)
{
    p->offload = VSW_OFFLOAD_NONE;
    p->tx_threshold_pkts = 4;
    p->rx_hold_ns = 0;
}

static void
a_full_batch_enters_the_hypervisor(void **state)
{
    (void) state;
    set_up(1000 * US, low_tx_threshold);
    at(1, 300 * US, 0, 64, 600 * US);
    at(0, 500 * US, 1, 64, 0);
    at(0, 510 * US, 4, 64, 300 * US);
    hr_run(&hr);
    assert_int_equal(hr.hyper->n.tx_entries, 4);
    assert_int_equal(hr.hyper->n.tx_timer_switches, 0);
    assert_true(last_wait_ps() < 10 * US);
    hr_fini(&hr);
}

static void
a_sender_that_blocks_has_its_ring_switched_first(void **state)
{
    (void) state;
    set_up(1000 * US, without_offload);
    at(0, 500 * US, 1, 64, 0);
    at(0, 510 * US, 1, 64, 0);
    hr_run(&hr);
    assert_true(hr.hyper->n.stays > 0);
    assert_int_equal(hr.hyper->n.tx_timer_switches, 0);
    assert_true(last_wait_ps() < 5 * US);
    hr_fini(&hr);
}

static void
block_at_once(struct hyper_params *p)
{
    p->offload = VSW_OFFLOAD_NONE;
    p->poll_before_block = false;
}

static void
without_polling_before_it_the_timer_has_to_do_it(void **state)
{
    (void) state;
    set_up(1000 * US, block_at_once);
    at(0, 500 * US, 1, 64, 0);
    at(0, 510 * US, 1, 64, 0);
    hr_run(&hr);
    assert_int_equal(hr.hyper->n.stays, 0);
    assert_in_range(last_wait_ps(), 115 * US, 120 * US);
    hr_fini(&hr);
}

/* --- Offload ------------------------------------------------------------- */

static void
no_tx_batching(struct hyper_params *p)
{
    p->tx_hold_ns = 0;
}

static void
an_idle_cpu_copies_for_a_busy_receiver(void **state)
{
    (void) state;
    set_up(1000 * US, no_tx_batching);
    at(1, 300 * US, 0, 64, 600 * US);
    at(0, 500 * US, 1, 64, 0);
    at(0, 550 * US, 4, 9018, 300 * US);
    hr_run(&hr);
    assert_int_equal(hr.hyper->n.notes_quiet, 1);
    /* No module of this node is idle: those of the other are. */
    assert_int_equal(hr.hyper->n.copies[HYPER_NODE], 0);
    assert_true(hr.hyper->n.copies[HYPER_REMOTE] >= 3);
    assert_true(hr.hyper->n.idle_wakeups >= 1);
    hr_fini(&hr);
}

static void
dedicated(struct hyper_params *p)
{
    p->offload = VSW_OFFLOAD_FIXED;
    p->dedicated_cpu = 3;
}

static void
a_dedicated_cpu_polls_switches_and_copies(void **state)
{
    (void) state;
    set_up(1000 * US, dedicated);
    at(1, 300 * US, 0, 64, 600 * US);
    at(0, 500 * US, 1, 64, 0);
    at(0, 550 * US, 4, 9018, 300 * US);
    hr_run(&hr);
    assert_true(hr.hyper->n.copies[HYPER_MODULE] >= 4);
    assert_true(hr.hyper->n.switched_idly >= 4);
    assert_int_equal(hr.hyper->n.idle_wakeups, 0);
    assert_int_equal(hr.rig.units[3].idle_ps, 0);
    hr_fini(&hr);
}

/* --- Future work --------------------------------------------------------- */

static void
stop_at_two(struct hyper_params *p)
{
    p->offload = VSW_OFFLOAD_NONE;
    p->tx_hold_ns = 0;
    p->max_in_flight_pkts = 2;
}

static void
drop_at_two(struct hyper_params *p)
{
    stop_at_two(p);
    p->at_cap = VSW_CONGESTION_DROP_OLDEST;
}

/* The receiver was just notified, so that the packets wait for its timer. */
static void
send_six_to_a_busy_receiver(void (*set)(struct hyper_params *p))
{
    set_up(1000 * US, set);
    at(1, 300 * US, 0, 64, 600 * US);
    at(0, 500 * US, 1, 64, 0);
    at(0, 520 * US, 6, 64, 400 * US);
    hr_run(&hr);
}

static void
at_the_cap_a_sender_is_not_served(void **state)
{
    (void) state;
    send_six_to_a_busy_receiver(stop_at_two);
    assert_int_equal(hr.guests[1].n_arrived, 8);
    assert_true(hr.hyper->n.congested > 0);
    /* Two waited in the queue, the rest in the sender's ring for a turn of
     * the receiver's. */
    assert_in_range(hr.guests[1].waited_ps[3], 100 * US, 110 * US);
    assert_true(hr.guests[1].waited_ps[7] > hr.guests[1].waited_ps[3]);
    hr_fini(&hr);
}

static void
at_the_cap_the_oldest_packet_can_be_dropped(void **state)
{
    (void) state;
    send_six_to_a_busy_receiver(drop_at_two);
    assert_int_equal(hr.guests[1].n_arrived, 4);
    assert_int_equal(hr.outcome->dropped[VSW_DROP_QUEUE_FULL].n_pkts, 4);
    hr_fini(&hr);
}

static void
abort_copies(struct hyper_params *p)
{
    p->tx_hold_ns = 0;
    p->abort = true;
}

static void
finish_copies(struct hyper_params *p)
{
    p->tx_hold_ns = 0;
}

/* Guest 2, on the CPU that copies for guest 1, wakes up in the middle of a
 * packet of nine steps of a microsecond or more. */
static uint64_t
wake_amid_a_copy(void (*set)(struct hyper_params *p))
{
    static const uint32_t cpus[] = {0, 2, 6};
    uint64_t started_ps;

    hr_init(&hr, 3, cpus, 1000 * US, set);
    hr_act(&hr, 1, (struct hr_act) {.at_ps = 300 * US,
                                    .compute_ps = 600 * US});
    at(0, 500 * US, 1, 64, 0);
    at(0, 550 * US, 1, 9018, 300 * US);
    hr_act(&hr, 2, (struct hr_act) {.at_ps = 556 * US, .n_pkts = 1,
                                    .flow_id = 2, .frame_bytes = 64});
    hr_run(&hr);
    started_ps = hr.guests[2].sent_ps;
    return started_ps - 556 * US;
}

static void
others_wait_for_one_packet_or_abort_it(void **state)
{
    (void) state;
    assert_in_range(wake_amid_a_copy(finish_copies), 2 * US, 9018 * NS);
    assert_int_equal(hr.hyper->n.aborted, 0);
    hr_fini(&hr);
    assert_true(wake_amid_a_copy(abort_copies) < 5 * US);
    assert_int_equal(hr.hyper->n.aborted, 1);
    hr_fini(&hr);
}

/* --- Copies by DMA ------------------------------------------------------- */

static void
by_dma(struct hyper_params *p)
{
    p->offload = VSW_OFFLOAD_NONE;
    p->tx_hold_ns = 0;
    p->dma = true;
    p->dma_channels = 2;
    p->dma_descs = 4;
}

/* The receiver is busy and was notified at 500 us, so that what follows waits
 * for its timer, or for the engine and then its timer. */
static void
send_to_a_busy_receiver(void (*set)(struct hyper_params *p), uint32_t n_pkts,
                        uint32_t frame_bytes)
{
    set_up(1000 * US, set);
    at(1, 300 * US, 0, 64, 600 * US);
    at(0, 500 * US, 1, 64, 0);
    at(0, 550 * US, n_pkts, frame_bytes, 300 * US);
    hr_run(&hr);
}

static void
the_engine_copies_what_an_idle_cpu_would_be_asked_to(void **state)
{
    (void) state;
    send_to_a_busy_receiver(by_dma, 3, 9018);
    assert_int_equal(hr.hyper->n.copies[HYPER_DMA], 3);
    assert_int_equal(hr.hyper->n.copied_bytes[HYPER_DMA], 3 * 9014);
    /* The first packets, which notified at once, went by the CPU. */
    assert_int_equal(hr.hyper->n.copies[HYPER_RECEIVER], 3);
    assert_int_equal(hr.hyper->n.dma_polls, 1);
    assert_int_equal(hr.hyper->n.notes_timer, 1);
    assert_int_equal(hr.guests[1].n_arrived, 5);
    assert_in_range(hr.guests[1].waited_ps[2], 65 * US, 85 * US);
    hr_fini(&hr);
}

static void
small_packets_go_as_before(void **state)
{
    (void) state;
    /* Frames have four bytes that lie in no memory. */
    send_to_a_busy_receiver(by_dma, 3, 132);
    assert_int_equal(hr.hyper->n.copies[HYPER_DMA], 0);
    assert_int_equal(hr.hyper->n.dma_polls, 0);
    assert_int_equal(hr.guests[1].n_arrived, 5);
    hr_fini(&hr);
    send_to_a_busy_receiver(by_dma, 3, 133);
    assert_int_equal(hr.hyper->n.copies[HYPER_DMA], 3);
    hr_fini(&hr);
}

static void
slow_engine(struct hyper_params *p)
{
    by_dma(p);
    rig_set_cost(&hr.rig, VSW_COST_DMA_BYTE, 20 * NS);
}

/* A copy that takes 180 us is not done when the timer fires at 625 us, and
 * the small packet behind it does not overtake it. */
static void
a_copy_that_is_not_done_is_asked_for_again(void **state)
{
    (void) state;
    set_up(2000 * US, slow_engine);
    at(1, 300 * US, 0, 64, 1600 * US);
    at(0, 500 * US, 1, 64, 0);
    at(0, 550 * US, 1, 9018, 0);
    at(0, 560 * US, 1, 64, 900 * US);
    hr_run(&hr);
    assert_int_equal(hr.hyper->n.copies[HYPER_DMA], 1);
    assert_true(hr.hyper->n.dma_polls_in_vain >= 1);
    assert_int_equal(hr.guests[1].n_arrived, 4);
    assert_in_range(hr.guests[1].waited_ps[2], 190 * US, 220 * US);
    assert_in_range(hr.guests[1].waited_ps[3], 180 * US, 215 * US);
    hr_fini(&hr);
}

static void
without_descriptors_cpus_copy(void **state)
{
    (void) state;
    send_to_a_busy_receiver(by_dma, 6, 9018);
    assert_int_equal(hr.hyper->n.copies[HYPER_DMA], 4);
    assert_true(hr.hyper->n.dma_refused >= 2);
    assert_int_equal(hr.guests[1].n_arrived, 8);
    hr_fini(&hr);
}

static void
assert_refused(uint32_t min_bytes, uint64_t rx_hold_ns, uint32_t n_descs,
               uint32_t frame_bytes, const char *param)
{
    const struct vsw_model_ops *ops = vsw_model_find("hyper_switch");
    const struct vsw_model_facts facts = {.frame_bytes = frame_bytes};
    static struct hyper h;
    char reason[VSW_MODEL_REASON_BYTES];
    const char *wrong;

    vsw_param_set_defaults(ops->params, &h);
    h.p.dma = true;
    h.p.dma_min_bytes = min_bytes;
    h.p.rx_hold_ns = rx_hold_ns;
    h.p.dma_descs = n_descs;
    wrong = ops->check(&h, &facts, reason);
    if (param) {
        assert_non_null(wrong);
        assert_string_equal(wrong, param);
        assert_non_null(strstr(reason, param));
    } else {
        assert_null(wrong);
    }
}

static void
an_engine_that_would_copy_nothing_is_refused(void **state)
{
    (void) state;
    assert_refused(128, 125000, 256, 0, NULL);
    assert_refused(128, 125000, 256, 64, NULL);
    assert_refused(1513, 125000, 256, 1518, NULL);
    assert_refused(1514, 125000, 256, 1518, "dma_min_bytes");
    assert_refused(65549, 125000, 256, 0, "dma_min_bytes");
    assert_refused(128, 0, 256, 0, "dma");
    assert_refused(128, 125000, 100, 0, "dma_descs");
}

/* --- All of it ----------------------------------------------------------- */

static struct rnd r;

static void
any(struct hyper_params *p)
{
    p->offload = rnd_below(&r, 3);
    p->dedicated_cpu = (uint32_t) rnd_below(&r, HR_N_CPUS);
    p->tx_hold_ns = rnd_below(&r, 3) * 20000;
    p->rx_hold_ns = rnd_below(&r, 3) * 20000;
    p->tx_threshold_pkts = 1 + (uint32_t) rnd_below(&r, 16);
    p->rx_threshold_pkts = 1 + (uint32_t) rnd_below(&r, 16);
    p->max_copies = 1 + (uint32_t) rnd_below(&r, 4);
    p->copy_bound = (uint32_t) rnd_below(&r, 2);
    p->quiet_leaves_on = rnd_below(&r, 2);
    p->tx_empty = (uint32_t) rnd_below(&r, 2);
    p->preemptive_copy = rnd_below(&r, 2);
    p->poll_before_block = rnd_below(&r, 2);
    p->idle_switching = rnd_below(&r, 2);
    p->request_slots = 1u << rnd_below(&r, 4);
    p->offload_core = (uint32_t) rnd_below(&r, 2);
    p->offload_full = (uint32_t) rnd_below(&r, 2);
    p->hysteresis_ns = rnd_below(&r, 3) * 5000;
    p->spare_pages = 64;
    p->abort = rnd_below(&r, 2);
    p->max_in_flight_pkts = (uint32_t) rnd_below(&r, 2)
                            * (1 + (uint32_t) rnd_below(&r, 8));
    p->resume_percent = (uint32_t) rnd_below(&r, 100);
    p->mask_congested = rnd_below(&r, 2);
    p->dma = p->rx_hold_ns > 0 && rnd_below(&r, 2);
    p->dma_min_bytes = (uint32_t) rnd_below(&r, 3) * 1000;
    p->dma_channels = 1 + (uint32_t) rnd_below(&r, 3);
    p->dma_descs = 1u << rnd_below(&r, 5);
}

/* Random traffic of four guests, with pauses; the last second of it is silent
 * for longer than both timers. */
static uint64_t
play(void)
{
    uint32_t cpus[4] = {0, 1, 2, 4};
    uint32_t n_sent = 0, n_arrived = 0;
    uint64_t n_dma;

    hr_init(&hr, 4, cpus, 3000 * US, any);
    for (uint32_t i = 0; i < 4; i++) {
        uint64_t at_ps = 100 * US;

        for (uint32_t k = 0; k < 30; k++) {
            uint32_t n_pkts = (uint32_t) rnd_below(&r, 8);

            at_ps += rnd_below(&r, 60) * US;
            at(i, at_ps, n_pkts, 64 + (uint32_t) rnd_below(&r, 9000),
               rnd_below(&r, 2) * rnd_below(&r, 40) * US);
            n_sent += n_pkts;
        }
        n_sent++;
    }
    hr_run(&hr);
    for (uint32_t i = 0; i < 4; i++) {
        n_arrived += hr.guests[i].n_arrived;
    }
    assert_int_equal(n_arrived, n_sent);
    n_dma = hr.hyper->n.copies[HYPER_DMA];
    hr_fini(&hr);
    return n_dma;
}

static void
no_packet_is_lost_or_forgotten_whatever_is_switched_off(void **state)
{
    uint64_t n_dma = 0;

    (void) state;
    r = rnd_from_environment("hyper_switch", 21);
    for (int round = 0; round < 60; round++) {
        n_dma += play();
    }
    assert_true(n_dma > 1000);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_blocked_receiver_is_notified_at_once),
        cmocka_unit_test(
            a_running_receiver_is_notified_at_once_after_a_quiet_time),
        cmocka_unit_test(the_next_packet_waits_for_the_receive_timer),
        cmocka_unit_test(a_long_queue_is_notified_at_once),
        cmocka_unit_test(
            without_batching_every_packet_is_switched_and_notified),
        cmocka_unit_test(a_notification_copies_before_the_guest_takes_it),
        cmocka_unit_test(
            a_woken_receiver_copies_k_packets_at_first),
        cmocka_unit_test(
            a_second_packet_waits_for_the_transmit_timer_and_no_longer),
        cmocka_unit_test(a_full_batch_enters_the_hypervisor),
        cmocka_unit_test(a_sender_that_blocks_has_its_ring_switched_first),
        cmocka_unit_test(without_polling_before_it_the_timer_has_to_do_it),
        cmocka_unit_test(an_idle_cpu_copies_for_a_busy_receiver),
        cmocka_unit_test(a_dedicated_cpu_polls_switches_and_copies),
        cmocka_unit_test(at_the_cap_a_sender_is_not_served),
        cmocka_unit_test(at_the_cap_the_oldest_packet_can_be_dropped),
        cmocka_unit_test(others_wait_for_one_packet_or_abort_it),
        cmocka_unit_test(
            the_engine_copies_what_an_idle_cpu_would_be_asked_to),
        cmocka_unit_test(small_packets_go_as_before),
        cmocka_unit_test(a_copy_that_is_not_done_is_asked_for_again),
        cmocka_unit_test(without_descriptors_cpus_copy),
        cmocka_unit_test(an_engine_that_would_copy_nothing_is_refused),
        cmocka_unit_test(
            no_packet_is_lost_or_forgotten_whatever_is_switched_off),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
