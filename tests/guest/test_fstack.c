#include <vswsim/guest.h>

#include "vsw_test.h"

#include "guest_rig.h"

#define MS (1000 * US)

static struct guest_rig gr;

static struct vsw_dialog_setup
setup_of(uint32_t request_bytes)
{
    struct vsw_dialog_setup setup = {
        .kind = VSW_DIALOG_REQUEST,
        .tcp = VSW_TCP_SETUP_DEFAULT,
        .read_bytes = 65536,
        .request_bytes = request_bytes,
        .response_bytes = 5,
        .key_value = true,
    };

    setup.tcp.rto_min_ns = 2000000;
    return setup;
}

/* With every cost at 0 but those set here, a transaction is two passages of
 * the pipe and what the loops do for two packets. */
static void
a_transaction_is_the_sum_of_its_parts(void **state)
{
    const struct vsw_dialog_setup setup = setup_of(100);
    const struct vsw_histogram *h;

    (void) state;
    guest_rig_init(&gr, 2, 256, 20 * MS);
    gr.ps_per_byte = 0;
    gr.ps_per_pkt = 3 * US;
    rig_set_cost(&gr.rig, VSW_COST_FSTACK_RX_PKT, 300 * NS);
    rig_set_cost(&gr.rig, VSW_COST_FSTACK_TX_SEG, 500 * NS);
    rig_set_cost(&gr.rig, VSW_COST_FSTACK_LOOP, 100 * NS);
    rig_set_cost(&gr.rig, VSW_COST_APP_REQUEST, 900 * NS);
    rig_set_cost(&gr.rig, VSW_COST_APP_REPLY, 200 * NS);
    guest_rig_dialogs(&gr, &setup, 1, false);
    guest_rig_run(&gr, "fstack");
    h = gr.dialogs.transaction_ps;
    assert_true(h->n > 1000);
    /* From the write of a request to the read of its answer; what the client
     * does with that comes after. */
    assert_int_equal(h->min, (2 * (300 + 100 + 500 + 3000) + 900) * NS);
    assert_true(20 * MS / h->n <= h->min + 250 * NS);
    guest_rig_fini(&gr);
}

/* One thread serves all: with many clients its time per request limits. */
static void
the_server_is_single_threaded(void **state)
{
    const struct vsw_dialog_setup setup = setup_of(100);

    (void) state;
    guest_rig_init(&gr, 2, 256, 20 * MS);
    gr.ps_per_byte = 0;
    rig_set_cost(&gr.rig, VSW_COST_APP_REQUEST, 2 * US);
    guest_rig_dialogs(&gr, &setup, 20, false);
    guest_rig_run(&gr, "fstack");
    assert_in_range(vsw_dialogs_n_transactions(&gr.dialogs), 9900, 10000);
    assert_true(vsw_dialogs_jain_ppm(&gr.dialogs) > 990000);
    guest_rig_fini(&gr);
}

static void
large_values_arrive_in_frames(void **state)
{
    const struct vsw_dialog_setup setup = setup_of(65600);

    (void) state;
    guest_rig_init(&gr, 2, 256, 20 * MS);
    guest_rig_dialogs(&gr, &setup, 3, false);
    guest_rig_run(&gr, "fstack");
    assert_int_equal(gr.max_payload_bytes, VSW_TCP_MSS_BYTES);
    assert_true(vsw_dialogs_n_transactions(&gr.dialogs) > 1000);
    guest_rig_fini(&gr);
}

static void
losses_are_made_good(void **state)
{
    const struct vsw_dialog_setup setup = setup_of(20000);

    (void) state;
    guest_rig_init(&gr, 2, 256, 100 * MS);
    gr.drop_per_mille = 10;
    guest_rig_dialogs(&gr, &setup, 4, false);
    guest_rig_run(&gr, "fstack");
    assert_true(gr.n_dropped > 0);
    assert_true(gr.dialogs.tcp.n_segs_again > 0);
    assert_true(vsw_dialogs_n_transactions(&gr.dialogs) > 200);
    guest_rig_fini(&gr);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_transaction_is_the_sum_of_its_parts),
        cmocka_unit_test(the_server_is_single_threaded),
        cmocka_unit_test(large_values_arrive_in_frames),
        cmocka_unit_test(losses_are_made_good),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
