#include "vsw_test.h"

#include <errno.h>
#include <string.h>

#include <vswsim/bus.h>

#include "rig.h"

#define BYTE_PS    250          /* 4 GB/s, eight lanes of 5 GT/s. */
#define LATENCY_PS 600000
#define RUN_PS     (1000 * US)
#define N_STREAMS  5

static const struct vsw_bus_setup setup = VSW_BUS_SETUP_DEFAULT;

static struct rig rig;
static struct vsw_bus bus;
static struct vsw_error err;

/* A device that writes, or reads, 'n_bytes' again and again. */
struct stream {
    struct vsw_worker worker;
    uint64_t n_bytes;
    bool reads;
    uint64_t n_done;
};

static struct stream streams[N_STREAMS];

static void
set_up(uint32_t n_units, uint64_t quantum_ps, bool reverse_ties)
{
    const struct vsw_sim_options options = {
        .quantum_ps = quantum_ps,
        .duration_ps = RUN_PS,
        .check = true,
        .reverse_ties = reverse_ties,
    };

    rig_init(&rig, n_units, &options);
    rig_set_cost(&rig, VSW_COST_PCIE_BYTE, BYTE_PS);
    rig_set_cost(&rig, VSW_COST_PCIE_READ_LATENCY, LATENCY_PS);
    rig_set_cost(&rig, VSW_COST_DOORBELL, 100 * NS);
    assert_int_equal(vsw_bus_init(&bus, &rig.sim, &setup, &err), 0);
    memset(streams, 0, sizeof streams);
}

/* --- What crosses the bus ------------------------------------------------ */

static void
a_write_takes_a_header_for_each_256_bytes(void **state)
{
    const struct vsw_unit *unit = &rig.units[0];

    (void) state;
    set_up(1, US, false);
    assert_int_equal(vsw_bus_write(&bus, unit, 0, 60), (60 + 24) * BYTE_PS);
    assert_int_equal(vsw_bus_write(&bus, unit, 500 * NS, 1514),
                     500 * NS + (1514 + 6 * 24) * BYTE_PS);
    assert_int_equal(bus.n_bytes[VSW_BUS_TO_HOST], 60 + 1514 + 7 * 24);
    assert_int_equal(bus.n_data_bytes[VSW_BUS_TO_HOST], 60 + 1514);
    assert_int_equal(bus.n_bytes[VSW_BUS_TO_DEVICE], 0);
    rig_fini(&rig);
}

static void
a_read_asks_on_one_side_and_is_answered_on_the_other(void **state)
{
    (void) state;
    set_up(1, US, false);
    assert_int_equal(vsw_bus_read(&bus, &rig.units[0], 0, 1514),
                     3 * 24 * BYTE_PS + LATENCY_PS
                         + (1514 + 6 * 24) * BYTE_PS);
    assert_int_equal(bus.n_bytes[VSW_BUS_TO_HOST], 3 * 24);
    assert_int_equal(bus.n_data_bytes[VSW_BUS_TO_HOST], 0);
    assert_int_equal(bus.n_bytes[VSW_BUS_TO_DEVICE], 1514 + 6 * 24);
    assert_int_equal(bus.n_data_bytes[VSW_BUS_TO_DEVICE], 1514);
    rig_fini(&rig);
}

static void
ring_bell(void *owner, struct vsw_worker *worker)
{
    (void) owner;
    vsw_bus_doorbell(&bus, worker->unit);
}

static void
a_doorbell_costs_the_cpu_that_rings_it(void **state)
{
    struct vsw_worker worker;

    (void) state;
    set_up(1, US, false);
    rig_add_worker(&rig, 0, 1, &worker, ring_bell, NULL);
    vsw_worker_wake(&worker, 0);
    rig_run(&rig);
    assert_int_equal(rig_busy_ps(&rig.units[0], VSW_ACCOUNT_DOORBELL),
                     100 * NS);
    assert_int_equal(bus.n_bytes[VSW_BUS_TO_DEVICE], 4 + 24);
    rig_fini(&rig);
}

static void
a_machine_without_a_bus_is_refused(void **state)
{
    (void) state;
    set_up(1, US, false);
    rig.costs[VSW_COST_PCIE_READ_LATENCY] = (struct vsw_cost) {
        .name = "pcie_read_latency",
        .per = "read",
        .meaning = "what it means",
        .kind = VSW_COST_ABSENT,
    };
    rig.machine.name = "old-box";
    assert_int_equal(vsw_bus_init(&bus, &rig.sim, &setup, &err), -EINVAL);
    assert_int_equal(err.kind, VSW_ERROR_DATA);
    assert_non_null(strstr(err.text, "a PCI Express bus cannot run on "
                                     "machine \"old-box\""));
    assert_non_null(strstr(err.text,
                           "\"pcie_read_latency\", per read: what it means"));
    rig_fini(&rig);
}

/* --- How it is shared ---------------------------------------------------- */

static void
stream_work(void *owner, struct vsw_worker *worker)
{
    struct stream *s = owner;
    struct vsw_unit *unit = worker->unit;
    uint64_t done_ps = s->reads
                       ? vsw_bus_read(&bus, unit, unit->local_ps, s->n_bytes)
                       : vsw_bus_write(&bus, unit, unit->local_ps,
                                       s->n_bytes);

    vsw_unit_spend(unit, VSW_ACCOUNT_DMA, done_ps - unit->local_ps);
    s->n_done++;
    vsw_worker_go_on(worker);
}

static void
run_streams(uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        rig_add_worker(&rig, i, 1, &streams[i].worker, stream_work,
                       &streams[i]);
        vsw_worker_wake(&streams[i].worker, 0);
    }
    rig_run(&rig);
    rig_fini(&rig);
}

static void
assert_near(uint64_t value, uint64_t expected)
{
    print_message("    %llu, expected %llu\n", (unsigned long long) value,
                  (unsigned long long) expected);
    assert_in_range(value, expected - expected / 100 - 1,
                    expected + expected / 100 + 1);
}

/* One stream writes at 4 GB/s, less the headers. */
static void
one_stream_of_writes_fills_the_bus(void **state)
{
    (void) state;
    set_up(1, US, false);
    streams[0].n_bytes = 256;
    run_streams(1);
    assert_near(streams[0].n_done, RUN_PS / (280 * BYTE_PS));
}

/* One read at a time: its latency limits it. */
static void
one_stream_of_reads_is_limited_by_latency(void **state)
{
    (void) state;
    set_up(1, US, false);
    streams[0].n_bytes = 64;
    streams[0].reads = true;
    run_streams(1);
    assert_near(streams[0].n_done,
                RUN_PS / (LATENCY_PS + (24 + 64 + 24) * BYTE_PS));
}

/* Streams with one write each under way take turns: each gets as many writes
 * as any other, and the bus is full.  That holds whatever the order of their
 * calls and however far they run ahead. */
static void
streams_share_as_the_closed_form_says_in_any_order(void **state)
{
    static const struct {
        uint64_t quantum_ps;
        bool reverse;
    } ways[] = {{US, false}, {US, true}, {US / 4, false}, {US / 4, true}};

    (void) state;
    for (size_t w = 0; w < VSW_N_ELEMS(ways); w++) {
        uint64_t n_round_bytes = 0;

        set_up(N_STREAMS, ways[w].quantum_ps, ways[w].reverse);
        for (uint32_t i = 0; i < N_STREAMS; i++) {
            streams[i].n_bytes = 256 * (i + 1);
            n_round_bytes += 280 * (i + 1);
        }
        run_streams(N_STREAMS);
        for (uint32_t i = 0; i < N_STREAMS; i++) {
            assert_near(streams[i].n_done,
                        RUN_PS / (n_round_bytes * BYTE_PS));
        }
    }
}

/* Reading and writing use different directions, but for the requests, which
 * wait for at most one small write. */
static void
reads_and_writes_do_not_share_a_direction(void **state)
{
    (void) state;
    set_up(2, US, false);
    streams[0].n_bytes = 64;
    streams[1].n_bytes = 4096;
    streams[1].reads = true;
    run_streams(2);
    assert_near(streams[1].n_done,
                RUN_PS / (LATENCY_PS + (8 * 24 + 4096 + 16 * 24) * BYTE_PS));
    assert_near(streams[0].n_done,
                (RUN_PS - streams[1].n_done * 8 * 24 * BYTE_PS)
                    / ((64 + 24) * BYTE_PS));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_write_takes_a_header_for_each_256_bytes),
        cmocka_unit_test(a_read_asks_on_one_side_and_is_answered_on_the_other),
        cmocka_unit_test(a_doorbell_costs_the_cpu_that_rings_it),
        cmocka_unit_test(a_machine_without_a_bus_is_refused),
        cmocka_unit_test(one_stream_of_writes_fills_the_bus),
        cmocka_unit_test(one_stream_of_reads_is_limited_by_latency),
        cmocka_unit_test(streams_share_as_the_closed_form_says_in_any_order),
        cmocka_unit_test(reads_and_writes_do_not_share_a_direction),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
