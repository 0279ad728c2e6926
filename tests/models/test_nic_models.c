/* What crosses the bus and the link with each kind of NIC, exactly. */
#include "vsw_test.h"

#include <stdlib.h>
#include <string.h>

#include <vswsim/model.h>
#include <vswsim/param.h>
#include <vswsim/pkt.h>

#include "models/nic_run.h"

#define N_FLOWS 8
#define N_PKTS  800

static const uint32_t sizes[] = {64, 1050, 9018};
static struct nic_run r;

static void
init(const char *model, uint32_t n_guests, uint32_t n_wires,
     uint32_t frame_bytes)
{
    /* Slow enough that nothing waits or is lost, but for first packets. */
    nic_run_init(&r, model, n_guests, n_wires, N_FLOWS, N_PKTS, frame_bytes,
                 20000);
    r.config.run.duration_us = 20000;
}

static void
expect_frame_bytes(const struct vsw_outcome *o, uint64_t to_device,
                   uint64_t to_host)
{
    assert_int_equal(o->delivered.n_pkts, N_PKTS);
    assert_int_equal(nic_run_counter(o, "bus_frame_bytes_to_device"),
                     to_device);
    assert_int_equal(nic_run_counter(o, "bus_frame_bytes_to_host"), to_host);
}

static void
sriov_moves_an_internal_packet_over_the_bus_twice(void **state)
{
    (void) state;
    for (size_t i = 0; i < VSW_N_ELEMS(sizes); i++) {
        uint64_t n_bytes = (uint64_t) N_PKTS * (sizes[i] - VSW_FCS_BYTES);
        struct vsw_outcome *o;

        init("sriov", 4, 0, sizes[i]);
        o = nic_run(&r);
        expect_frame_bytes(o, n_bytes, n_bytes);
        vsw_outcome_free(o);
    }
}

/* Of four ports in a ring, guests 0, 1, 2 and a wire: 0 to 1 and 1 to 2 cross
 * it twice, 2 to the wire and the wire to 0 once. */
static void
sriov_moves_an_external_packet_over_the_bus_once(void **state)
{
    const uint64_t n_bytes = (uint64_t) N_PKTS / 4 * (1050 - VSW_FCS_BYTES);
    struct vsw_outcome *o;

    (void) state;
    init("sriov", 3, 1, 1050);
    o = nic_run(&r);
    expect_frame_bytes(o, 3 * n_bytes, 3 * n_bytes);
    vsw_outcome_free(o);
}

static void
vepa_sends_each_packet_over_the_link_and_back(void **state)
{
    (void) state;
    for (size_t i = 0; i < 2 * VSW_N_ELEMS(sizes); i++) {
        uint32_t frame_bytes = sizes[i / 2];
        uint64_t n_bytes = (uint64_t) N_PKTS * (frame_bytes - VSW_FCS_BYTES);
        struct vsw_outcome *o;

        init(i % 2 ? "vepa_agent" : "vepa", 3, 0, frame_bytes);
        o = nic_run(&r);
        expect_frame_bytes(o, n_bytes, n_bytes);
        assert_int_equal(nic_run_counter(o, "link_frames_out"), N_PKTS);
        assert_int_equal(nic_run_counter(o, "link_frames_in"), N_PKTS);
        vsw_outcome_free(o);
    }
}

static void
vepa_reaches_clients_behind_the_external_switch(void **state)
{
    static const char *const models[] = {"vepa", "vepa_agent"};

    (void) state;
    for (size_t i = 0; i < VSW_N_ELEMS(models); i++) {
        struct vsw_outcome *o;

        init(models[i], 3, 1, 1050);
        o = nic_run(&r);
        assert_int_equal(o->delivered.n_pkts, N_PKTS);
        assert_int_equal(nic_run_counter(o, "link_frames_out"),
                         N_PKTS * 3 / 4);
        assert_int_equal(nic_run_counter(o, "link_frames_in"),
                         N_PKTS * 3 / 4);
        vsw_outcome_free(o);
    }
}

static void
vmdq_moves_an_internal_packet_over_the_bus_twice(void **state)
{
    (void) state;
    for (size_t i = 0; i < VSW_N_ELEMS(sizes); i++) {
        uint64_t n_bytes = (uint64_t) N_PKTS * (sizes[i] - VSW_FCS_BYTES);
        struct vsw_outcome *o;

        init("vmdq", 3, 0, sizes[i]);
        o = nic_run(&r);
        expect_frame_bytes(o, n_bytes, n_bytes);
        assert_int_equal(nic_run_counter(o, "shared_queue_pkts"), 0);
        vsw_outcome_free(o);
    }
}

static void
vmdq_moves_an_external_packet_over_the_bus_once(void **state)
{
    const uint64_t n_bytes = (uint64_t) N_PKTS / 4 * (1050 - VSW_FCS_BYTES);
    struct vsw_outcome *o;

    (void) state;
    init("vmdq", 3, 1, 1050);
    o = nic_run(&r);
    expect_frame_bytes(o, 3 * n_bytes, 3 * n_bytes);
    vsw_outcome_free(o);
}

struct copies {
    uint64_t n;                 /* Charges. */
    uint64_t busy_ps;
    uint64_t memory_ps;
};

static struct copies
copies_of(const struct vsw_outcome *o)
{
    struct copies c = {0, 0, 0};

    for (uint32_t i = 0; i < o->n_charges; i++) {
        if (!strcmp(o->charges[i].account, "copy")) {
            c.n += o->charges[i].n_charges;
            c.busy_ps += o->charges[i].busy_ps;
            c.memory_ps += o->charges[i].memory_ps;
        }
    }
    return c;
}

/* Of three guests in a ring, 0 has a queue; 1 and 2 share the other and get
 * six of the eight flows. */
static void
vmdq_copies_what_arrives_at_a_shared_queue(void **state)
{
    const uint64_t n_bytes = (uint64_t) N_PKTS * (1050 - VSW_FCS_BYTES);

    (void) state;
    for (uint32_t n_queues = 1; n_queues <= 3; n_queues++) {
        static const uint32_t n_copied[] = {N_PKTS, N_PKTS * 3 / 4, 0};
        struct vsw_outcome *o;

        init("vmdq", 3, 0, 1050);
        nic_run_set(&r, "n_queues", n_queues);
        o = nic_run(&r);
        expect_frame_bytes(o, n_bytes, n_bytes);
        assert_int_equal(nic_run_counter(o, "shared_queue_pkts"),
                         n_copied[n_queues - 1]);
        assert_true((copies_of(o).n > 0) == (n_queues < 3));
        vsw_outcome_free(o);
    }
}

/* Of three guests in a ring, and eight flows by turns: three come to each of
 * guests 1 and 2, two to guest 0.  Of 'n' functions all but the last are
 * driven by guests; the rest of these share that. */
static void
sriov_shared_copies_for_guests_without_a_function(void **state)
{
    static const uint32_t n_copied[] = {N_PKTS, N_PKTS * 3 / 4, 0, 0};
    static const char *const guests[] = {"vf", "virtio_poll"};
    const uint64_t n_bytes = (uint64_t) N_PKTS * (1050 - VSW_FCS_BYTES);

    (void) state;
    for (uint32_t i = 0; i < 8; i++) {
        uint32_t n = 1 + i / 2;
        struct vsw_outcome *o;

        init("sriov_shared", 3, 0, 1050);
        nic_run_set(&r, "n_functions", n);
        r.config.guests.driver = guests[i % 2];
        o = nic_run(&r);
        expect_frame_bytes(o, n_bytes, n_bytes);
        assert_int_equal(nic_run_counter(o, "shared_queue_pkts"),
                         n_copied[n - 1]);
        assert_true((copies_of(o).n > 0) == (n < 3));
        vsw_outcome_free(o);
    }
}

/* Guests with a function of their own and clients do as with sriov. */
static void
sriov_shared_reaches_clients(void **state)
{
    const uint64_t n_bytes = (uint64_t) N_PKTS / 4 * (1050 - VSW_FCS_BYTES);
    struct vsw_outcome *o;

    (void) state;
    init("sriov_shared", 3, 1, 1050);
    nic_run_set(&r, "n_functions", 2);
    o = nic_run(&r);
    expect_frame_bytes(o, 3 * n_bytes, 3 * n_bytes);
    assert_int_equal(nic_run_counter(o, "shared_queue_pkts"), N_PKTS / 2);
    vsw_outcome_free(o);
}

/* A step is a page, so that the thread does not run far ahead of others. */
static void
a_long_copy_goes_page_by_page(void **state)
{
    static const uint32_t lens[] = {4096, 4097, 9014, 65000};
    static const uint32_t n_steps[] = {1, 2, 3, 16};

    (void) state;
    for (size_t i = 0; i < VSW_N_ELEMS(lens); i++) {
        struct vsw_outcome *o;

        nic_run_init(&r, "vmdq", 2, 0, N_FLOWS, 40, lens[i] + VSW_FCS_BYTES,
                     100000);
        nic_run_set(&r, "n_queues", 1);
        r.config.run.duration_us = 8000;
        o = nic_run(&r);
        assert_int_equal(o->delivered.n_pkts, 40);
        assert_int_equal(copies_of(o).n, 40 * n_steps[i]);
        vsw_outcome_free(o);
    }
}

/* --- Simulated caches ---------------------------------------------------- */

static struct vsw_outcome *
run_with_caches(const char *model, uint32_t n_queues)
{
    struct vsw_outcome *o;

    init(model, 3, 0, 1050);
    if (n_queues > 0) {
        nic_run_set(&r, "n_queues", n_queues);
    }
    r.config.run.memory = VSW_MEMORY_HIERARCHY;
    o = nic_run(&r);
    assert_int_equal(o->delivered.n_pkts, N_PKTS);
    return o;
}

/* Data are 17 lines, descriptors a few more. */
static void
frames_pass_memory_as_often_as_they_cross_the_bus(void **state)
{
    static const char *const models[] = {"sriov", "vmdq", "vepa"};

    (void) state;
    for (size_t i = 0; i < VSW_N_ELEMS(models); i++) {
        struct vsw_outcome *o = run_with_caches(models[i], 0);

        assert_in_range(o->traffic.n_dma_bytes, N_PKTS * 2 * 17 * 64,
                        N_PKTS * (2 * 17 + 9) * 64);
        vsw_outcome_free(o);
    }
}

/* The NIC writes to DRAM on this machine, so a copy waits for that: longer
 * than its instructions take. */
static void
a_copy_waits_for_what_the_nic_wrote(void **state)
{
    struct vsw_outcome *o = run_with_caches("vmdq", 1);
    struct copies c = copies_of(o);

    (void) state;
    assert_true(c.memory_ps > c.busy_ps / 2);
    assert_true(c.memory_ps < c.busy_ps);
    vsw_outcome_free(o);
}

/* --- A busy thread ------------------------------------------------------- */

/* Guests of a ring who send as fast as they can get as much as they send, so
 * the thread must take as often as it sends. */
static void
vmdq_keeps_up_with_a_shared_queue(void **state)
{
    struct vsw_outcome *o;

    (void) state;
    init("vmdq", 3, 0, 256);
    nic_run_set(&r, "n_queues", 1);
    r.config.traffic.pacing = VSW_PACING_SATURATE;
    r.config.traffic.n_loops = 0;
    o = nic_run(&r);
    assert_true(o->delivered.n_pkts > 1000);
    assert_int_equal(o->dropped[VSW_DROP_RX_RING_FULL].n_pkts, 0);
    vsw_outcome_free(o);
}

/* A NIC that holds two packets, behind a bus that is slower than the guests
 * send: what does not fit its rings waits with the guests, whose own rings
 * fill up. */
static void
vmdq_loses_nothing_on_the_way_to_a_busy_nic(void **state)
{
    struct vsw_outcome *o;

    (void) state;
    nic_run_init(&r, "vmdq", 2, 0, N_FLOWS, N_PKTS, 9018, 100);
    nic_run_set(&r, "nic_pkts", 2);
    r.config.run.duration_us = 20000;
    o = nic_run(&r);
    assert_true(o->dropped[VSW_DROP_TX_RING_FULL].n_pkts > 0);
    assert_int_equal(o->delivered.n_pkts
                         + o->dropped[VSW_DROP_TX_RING_FULL].n_pkts,
                     N_PKTS);
    vsw_outcome_free(o);
}

static void
guests_beyond_the_functions_are_refused(void **state)
{
    static const char *const models[] = {"sriov", "vepa"};

    (void) state;
    for (size_t i = 0; i < VSW_N_ELEMS(models); i++) {
        const struct vsw_model_ops *ops = vsw_model_find(models[i]);
        struct vsw_model_facts facts = {7, 1, 0, 0};
        char reason[VSW_MODEL_REASON_BYTES];
        void *params = calloc(1, ops->state_size_bytes);

        vsw_param_set_defaults(ops->params, params);
        vsw_param_set(vsw_param_find(ops->params, "n_functions"), 7, params);
        assert_null(ops->check(params, &facts, reason));
        facts.n_guests = 8;
        assert_string_equal(ops->check(params, &facts, reason),
                            "n_functions");
        assert_non_null(strstr(reason, "more guests than contexts"));
        free(params);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sriov_moves_an_internal_packet_over_the_bus_twice),
        cmocka_unit_test(sriov_moves_an_external_packet_over_the_bus_once),
        cmocka_unit_test(vepa_sends_each_packet_over_the_link_and_back),
        cmocka_unit_test(vepa_reaches_clients_behind_the_external_switch),
        cmocka_unit_test(vmdq_moves_an_internal_packet_over_the_bus_twice),
        cmocka_unit_test(vmdq_moves_an_external_packet_over_the_bus_once),
        cmocka_unit_test(vmdq_copies_what_arrives_at_a_shared_queue),
        cmocka_unit_test(sriov_shared_copies_for_guests_without_a_function),
        cmocka_unit_test(sriov_shared_reaches_clients),
        cmocka_unit_test(a_long_copy_goes_page_by_page),
        cmocka_unit_test(frames_pass_memory_as_often_as_they_cross_the_bus),
        cmocka_unit_test(a_copy_waits_for_what_the_nic_wrote),
        cmocka_unit_test(vmdq_keeps_up_with_a_shared_queue),
        cmocka_unit_test(vmdq_loses_nothing_on_the_way_to_a_busy_nic),
        cmocka_unit_test(guests_beyond_the_functions_are_refused),
    };

    return cmocka_run_group_tests(tests, nic_run_setup, nic_run_teardown);
}
