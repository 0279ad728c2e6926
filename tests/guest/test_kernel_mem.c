/* Where a guest's kernel puts the payload that it sends, and what it keeps of
 * its packets. */
#include "vsw_test.h"

#include <string.h>

#include "guest/kernel_impl.h"

enum {
    N_SLOTS = 32,
    FILE_ADDR = 1 << 20,
    FILE_BYTES = 100000,
    SEG_BYTES = 65160,
    UNTOUCHED = 7,
};

static struct vsw_buf_place places[N_SLOTS];
static uint32_t bufs[N_SLOTS];
static struct vsw_queue queue;
static struct vsw_switch sw;
static struct vsw_kernel kernel;
static struct vsw_unit unit;    /* Without caches. */
static struct vsw_sock sock;
static uint64_t free_heads[2];
static uint64_t tx_heads[N_SLOTS];
static uint32_t tx_pieces[N_SLOTS];

/* A ring of slots that hold 'buf_bytes' each, and a file to send. */
static void
set_up(uint32_t buf_bytes)
{
    memset(&queue, 0, sizeof queue);
    memset(&sw, 0, sizeof sw);
    memset(&kernel, 0, sizeof kernel);
    for (uint32_t i = 0; i < N_SLOTS; i++) {
        places[i].addr = UNTOUCHED;
        bufs[i] = i;
    }
    queue.buf_bytes = buf_bytes;
    queue.tx_bufs = bufs;
    queue.tx.mask = N_SLOTS - 1;
    sw.bufs.places = places;
    kernel.queue = &queue;
    kernel.sw = &sw;
    kernel.sent.addr = FILE_ADDR;
    kernel.sent.n_bytes = FILE_BYTES;
    kernel.unit = &unit;
    kernel.socks.socks = &sock;
    free_heads[0] = 100;
    free_heads[1] = 200;
    kernel.data.free_heads = free_heads;
    kernel.data.n_free_heads = 2;
    kernel.data.tx_heads = tx_heads;
    kernel.data.tx_pieces = tx_pieces;
}

static uint32_t
n_placed(void)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < N_SLOTS; i++) {
        n += places[i].addr != UNTOUCHED;
    }
    return n;
}

static void
a_segment_takes_a_slot_for_each_page(void **state)
{
    (void) state;
    set_up(4096);
    vsw_kernel_place_payload(&kernel, 30, SEG_BYTES);
    assert_int_equal(n_placed(), 16);
    for (uint32_t i = 0; i < 16; i++) {
        assert_int_equal(places[(30 + i) % N_SLOTS].addr,
                         FILE_ADDR + 4096 * i);
    }
}

/* The slots after it may be those of packets that are still to be sent. */
static void
a_large_slot_holds_a_whole_segment(void **state)
{
    (void) state;
    set_up(65536);
    vsw_kernel_place_payload(&kernel, 4, SEG_BYTES);
    assert_int_equal(places[4].addr, FILE_ADDR);
    assert_int_equal(n_placed(), 1);
    vsw_kernel_place_payload(&kernel, 5, 20000);
    assert_int_equal(places[5].addr, FILE_ADDR + SEG_BYTES);
    assert_int_equal(n_placed(), 2);
}

/* What would end beyond the file begins at its start. */
static void
no_segment_ends_beyond_the_file(void **state)
{
    (void) state;
    set_up(65536);
    vsw_kernel_place_payload(&kernel, 0, SEG_BYTES);
    vsw_kernel_place_payload(&kernel, 1, SEG_BYTES);
    assert_int_equal(places[1].addr, FILE_ADDR);
}

static void
slots_between_take_what_they_hold(void **state)
{
    (void) state;
    set_up(16384);
    vsw_kernel_place_payload(&kernel, 0, SEG_BYTES);
    assert_int_equal(n_placed(), 4);
    assert_int_equal(places[3].addr, FILE_ADDR + 3 * 16384);
}

/* One that was sent keeps its head until it is reclaimed, one that came until
 * it is read; who finds none does without. */
static void
heads_go_out_and_come_back(void **state)
{
    uint64_t head;

    (void) state;
    set_up(4096);
    vsw_kernel_place_payload(&kernel, 3, 5000);
    vsw_kernel_use_sent(&kernel, &sock, 3, 2);
    assert_int_equal(tx_heads[3], 200);
    head = vsw_kernel_use_received(&kernel);
    assert_int_equal(head, 100);
    assert_int_equal(vsw_kernel_use_received(&kernel), 0);
    vsw_kernel_use_head(&kernel, 0);
    assert_int_equal(kernel.data.n_free_heads, 0);
    vsw_kernel_use_head(&kernel, head);
    vsw_kernel_use_reclaimed(&kernel, 3);
    assert_int_equal(kernel.data.n_free_heads, 2);
    /* The last one comes first. */
    assert_int_equal(vsw_kernel_use_received(&kernel), 200);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_segment_takes_a_slot_for_each_page),
        cmocka_unit_test(a_large_slot_holds_a_whole_segment),
        cmocka_unit_test(no_segment_ends_beyond_the_file),
        cmocka_unit_test(slots_between_take_what_they_hold),
        cmocka_unit_test(heads_go_out_and_come_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
