#include "vsw_test.h"

#include <errno.h>
#include <string.h>

#include <vswsim/dma.h>

#include "rig.h"

#define N_DESCS 8
#define RUN_PS  (1000 * US)
#define BYTE_PS 400             /* 2.5 GB/s */

static struct rig rig;
static struct vsw_bufs bufs;
static struct vsw_dma dma;
static struct vsw_error err;

static void
set_up(uint32_t n_channels)
{
    const struct vsw_sim_options options = {
        .quantum_ps = US,
        .duration_ps = RUN_PS,
        .check = true,
    };

    rig_init(&rig, 1, &options);
    rig_set_cost(&rig, VSW_COST_DMA_BYTE, BYTE_PS);
    rig_set_cost(&rig, VSW_COST_DMA_DESC, 50 * NS);
    rig_set_cost(&rig, VSW_COST_DOORBELL, 100 * NS);
    rig_set_cost(&rig, VSW_COST_DMA_POLL, 10 * NS);
    assert_int_equal(vsw_bufs_init(&bufs, 64), 0);
    for (uint32_t i = 0; i < 64; i++) {
        memset(bufs.headers[i], (int) i, VSW_HEADER_BYTES);
    }
    assert_int_equal(vsw_dma_init(&dma, &rig.sim, &bufs, n_channels, N_DESCS,
                                  &err), 0);
}

static void
tear_down(void)
{
    /* The rig has no units of its own but the first. */
    vsw_dma_fini(&dma);
    rig.sim.n_units = 1;
    rig_fini(&rig);
    vsw_bufs_fini(&bufs);
}

/* A CPU that keeps every channel full and counts what comes back. */
struct driver {
    struct vsw_worker worker;
    uint32_t n_bytes;
    uint64_t n_submitted;
    uint64_t n_done;
    bool in_order;
};

static void
fill_channel(struct driver *d, struct vsw_dma_channel *channel)
{
    uint32_t n = vsw_dma_n_free(channel);

    if (n == 0) {
        return;
    }
    for (; n > 0; n--) {
        struct vsw_dma_copy copy = {
            .n_bytes = d->n_bytes,
            .from = 1,
            .to = 2,
            .cookie = (uint32_t) d->n_submitted++,
        };

        vsw_dma_submit(channel, d->worker.unit, &copy);
    }
    vsw_dma_doorbell(channel, d->worker.unit);
}

static void
drive(void *owner, struct vsw_worker *worker)
{
    struct driver *d = owner;
    struct vsw_dma_copy done[N_DESCS];

    for (uint32_t i = 0; i < dma.n_channels; i++) {
        uint32_t n = vsw_dma_poll(&dma.channels[i], worker->unit, done,
                                  N_DESCS);

        for (uint32_t k = 0; k < n; k++) {
            d->in_order &= dma.n_channels > 1
                           || done[k].cookie == d->n_done + k;
        }
        d->n_done += n;
        fill_channel(d, &dma.channels[i]);
    }
    vsw_worker_wake(worker, worker->unit->local_ps);
}

static void
each_channel_copies_at_its_rate(void **state)
{
    (void) state;
    for (uint32_t n_channels = 1; n_channels <= 4; n_channels *= 4) {
        struct driver d = {.n_bytes = 4096, .in_order = true};
        uint64_t n_expected = n_channels * RUN_PS / (4096 * BYTE_PS);

        set_up(n_channels);
        rig_add_worker(&rig, 0, 1, &d.worker, drive, &d);
        d.n_bytes = 4096;
        d.in_order = true;
        vsw_worker_wake(&d.worker, 0);
        rig_run(&rig);
        assert_true(d.in_order);
        assert_in_range(d.n_done, n_expected - 8 * n_channels, n_expected);
        assert_true(dma.channels[0].unit.idle_ps < RUN_PS / 100);
        tear_down();
    }
}

/* --- One batch, step by step --------------------------------------------- */

static uint32_t step;

static void
one_batch(void *owner, struct vsw_worker *worker)
{
    struct vsw_dma_channel *channel = &dma.channels[0];
    struct vsw_unit *cpu = worker->unit;
    struct vsw_dma_copy done[N_DESCS];

    (void) owner;
    if (step++ == 0) {
        for (uint32_t i = 0; i < 3; i++) {
            struct vsw_dma_copy copy = {i, 10 + i, 1000, 100 + i};

            vsw_dma_submit(channel, cpu, &copy);
        }
        vsw_dma_doorbell(channel, cpu);
        /* 250 ns so far; the copies end at 650, 1050 and 1450 ns. */
        vsw_worker_wake(worker, 649 * NS);
        vsw_worker_wake(worker, 1100 * NS);
        vsw_worker_wake(worker, 1450 * NS);
        assert_int_equal(cpu->local_ps, 250 * NS);
        assert_int_equal(vsw_dma_n_free(channel), N_DESCS - 3);
        return;
    }
    switch (step) {
    case 2:
        assert_int_equal(vsw_dma_poll(channel, cpu, done, N_DESCS), 0);
        break;
    case 3:
        assert_int_equal(vsw_dma_poll(channel, cpu, done, 1), 1);
        assert_int_equal(done[0].cookie, 100);
        assert_int_equal(vsw_dma_n_free(channel), N_DESCS - 2);
        break;
    default:
        assert_int_equal(vsw_dma_poll(channel, cpu, done, N_DESCS), 2);
        assert_int_equal(done[1].cookie, 102);
        assert_int_equal(vsw_dma_n_free(channel), N_DESCS);
        break;
    }
}

static void
a_batch_costs_descriptors_one_doorbell_and_polls(void **state)
{
    struct vsw_worker worker;
    const struct vsw_unit *cpu = &rig.units[0];

    (void) state;
    set_up(1);
    step = 0;
    rig_add_worker(&rig, 0, 1, &worker, one_batch, NULL);
    vsw_worker_wake(&worker, 0);
    rig_run(&rig);
    assert_int_equal(step, 4);
    assert_int_equal(rig_busy_ps(cpu, VSW_ACCOUNT_DMA),
                     (3 * 50 + 3 * 10) * NS);
    assert_int_equal(rig_busy_ps(cpu, VSW_ACCOUNT_DOORBELL), 100 * NS);
    assert_int_equal(rig_busy_ps(&dma.channels[0].unit, VSW_ACCOUNT_DMA),
                     3 * 1000 * BYTE_PS);
    for (uint32_t i = 0; i < 3; i++) {
        assert_memory_equal(bufs.headers[10 + i], bufs.headers[i],
                            VSW_HEADER_BYTES);
    }
    tear_down();
}

static void
a_setup_out_of_range_is_refused(void **state)
{
    struct vsw_dma other;

    (void) state;
    set_up(1);
    assert_int_equal(vsw_dma_init(&other, &rig.sim, &bufs, 0, 8, &err),
                     -EINVAL);
    assert_int_equal(vsw_dma_init(&other, &rig.sim, &bufs, 65, 8, &err),
                     -EINVAL);
    assert_int_equal(vsw_dma_init(&other, &rig.sim, &bufs, 1, 12, &err),
                     -EINVAL);
    assert_non_null(strstr(err.text, "not 1 and 12"));
    tear_down();
}

/* Time of the CPU for 'n' copies of 'n_bytes': by the engine, in batches of
 * a ring's worth, one doorbell and one poll each; or by itself. */
static uint64_t
engine_ps(uint32_t n)
{
    const struct vsw_unit *cpu = &rig.units[0];

    return vsw_unit_cost_ps(cpu, VSW_COST_DMA_DESC, n)
           + vsw_unit_cost_ps(cpu, VSW_COST_DOORBELL, 1)
           + vsw_unit_cost_ps(cpu, VSW_COST_DMA_POLL, 1);
}

static uint64_t
copy_ps(uint32_t n, uint32_t n_bytes)
{
    const struct vsw_unit *cpu = &rig.units[0];

    return vsw_unit_cost_ps(cpu, VSW_COST_COPY_CALL, n)
           + vsw_unit_cost_ps(cpu, VSW_COST_COPY_BYTE, (uint64_t) n * n_bytes);
}

/* An engine pays from some length on, and from a shorter one in batches; the
 * costs are those of the W3520. */
static void
an_engine_pays_for_large_copies_only(void **state)
{
    (void) state;
    set_up(1);
    rig_set_cost(&rig, VSW_COST_COPY_CALL, 37 * NS);
    rig_set_cost(&rig, VSW_COST_COPY_BYTE, 187);
    rig_set_cost(&rig, VSW_COST_DMA_DESC, 150 * NS);
    rig_set_cost(&rig, VSW_COST_DMA_POLL, 100 * NS);
    assert_true(engine_ps(1) > copy_ps(1, 64));
    assert_true(engine_ps(1) > copy_ps(1, 1514));
    assert_true(engine_ps(1) < copy_ps(1, 4096));
    assert_true(engine_ps(N_DESCS) > N_DESCS * copy_ps(1, 64));
    assert_true(engine_ps(N_DESCS) < N_DESCS * copy_ps(1, 1514));
    tear_down();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_channel_copies_at_its_rate),
        cmocka_unit_test(a_batch_costs_descriptors_one_doorbell_and_polls),
        cmocka_unit_test(an_engine_pays_for_large_copies_only),
        cmocka_unit_test(a_setup_out_of_range_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
